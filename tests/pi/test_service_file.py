"""The service files are ones that systemd takes, and they start commands that exist."""

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

import shinline_pi.dark
from shinline.app.access import default_path
from shinline.cli import main
from shinline_pi.making import CONFIG

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "shinline.service"
CONSOLE = DEPLOY / "shinline-console.service"
INSTALLED = "/opt/shinline/"
EXPOSURE_MAX = 25
"""Tenths of systemd's own score; 20 and less is what it calls protected."""

analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not installed")


def command() -> list[str]:
    text = UNIT.read_text().replace("\\\n", " ")
    (line,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    return shlex.split(line.removeprefix("ExecStart="))


@pytest.fixture(params=[UNIT, CONSOLE], ids=lambda unit: unit.stem)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Make a copy of a service whose programs exist on this machine too."""
    program = shutil.which("true")
    assert program is not None
    path = tmp_path / request.param.name
    text = re.sub(rf"(?<=[=+-]){INSTALLED}(guard|console-sheet|current/venv/bin/\w+)", program,
                  request.param.read_text())  # fmt: skip
    path.write_text(text.replace("/sbin/agetty", program))
    return path


def analyzed(*arguments: str | Path) -> str:
    assert analyze is not None
    done = subprocess.run([analyze, *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


@needs_systemd
def test_systemd_has_nothing_to_say_about_it(unit: Path) -> None:
    assert analyzed("verify", "--man=no", unit) == ""


@needs_systemd
def test_a_mistake_in_it_would_be_noticed(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHouse=yes"))
    assert "ProtectHouse" in analyzed("verify", "--man=no", unit)


@needs_systemd
def test_it_can_do_little_besides_its_work(unit: Path) -> None:
    analyzed("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", unit)


@needs_systemd
def test_the_console_follows_who_is_paired(tmp_path: Path) -> None:
    for name in ("shinline-console.path", "shinline-console.service"):
        text = (DEPLOY / name).read_text().replace(f"{INSTALLED}console-sheet", "/bin/true")
        (tmp_path / name).write_text(text.replace("/sbin/agetty", "/bin/true"))
    assert analyzed("verify", "--man=no", *sorted(tmp_path.iterdir())) == ""
    watched = f"/var/lib/shinline/{default_path().name}"
    assert f"PathChanged={watched}\n" in (DEPLOY / "shinline-console.path").read_text()


def test_the_command_line_is_one_that_we_understand() -> None:
    program, name, *options = command()
    assert program == f"{INSTALLED}current/venv/bin/shinline"
    assert options.pop() == "$OPTIONS"
    parsed = main.commands[name].make_context(name, options).params
    assert parsed["source"] == "${SOURCE}"
    assert parsed["config_path"] == CONFIG


def settings(unit: Path = UNIT) -> RawConfigParser:
    found = RawConfigParser(strict=False)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read(unit)
    return found


def test_it_always_starts_again_unless_the_configuration_is_wrong() -> None:
    unit = settings()
    assert unit["Service"]["Restart"] == "always"
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_what_shone_or_sounded_is_switched_off_after_whatever_end() -> None:
    python, flag, module, config = settings()["Service"]["ExecStopPost"].removeprefix("-").split()
    assert python == f"{INSTALLED}current/venv/bin/python"
    assert (flag, module, Path(config)) == ("-m", shinline_pi.dark.__name__, CONFIG)


def test_frames_that_stop_get_it_started_again() -> None:
    unit = settings()
    assert unit["Service"]["Type"] == "notify"
    assert unit["Service"]["WatchdogSec"] == "20"
    assert unit["Service"]["NotifyAccess"] == "main"


def test_it_may_ask_for_real_time_and_has_no_capability() -> None:
    unit = settings()
    assert unit["Service"]["LimitRTPRIO"] == "20"
    assert unit["Service"]["CapabilityBoundingSet"] == ""
    assert "RestrictRealtime" not in unit["Service"]
    assert "AmbientCapabilities" not in unit["Service"]


def test_every_package_is_named_once_and_with_its_reason() -> None:
    text = (DEPLOY / "apt-packages.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    names = [line.partition("#")[0].strip() for line in lines]
    wanted = {"picamera2", "venv", "gpiozero", "lgpio"}
    assert {"mosquitto", "avahi-daemon", *(f"python3-{name}" for name in wanted)} == set(names)
    assert len(names) == len(set(names))
    assert all(line.partition("#")[2].strip() for line in lines)
