"""The service file is one that systemd takes, and it starts a command that exists."""

import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from shinline.cli import main

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "shinline.service"
EXPOSURE_MAX = 25
"""Tenths of systemd's own score; 20 and less is what it calls protected."""

analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not installed")


def command() -> list[str]:
    (line,) = [line for line in UNIT.read_text().splitlines() if line.startswith("ExecStart=")]
    return shlex.split(line.removeprefix("ExecStart="))


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Make a copy of the service whose program exists on this machine too."""
    program = shutil.which("true")
    assert program is not None
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace(command()[0], program))
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


def test_the_command_line_is_one_that_we_understand() -> None:
    program, name, *options = command()
    assert program == "/opt/shinline/venv/bin/shinline"
    parsed = main.commands[name].make_context(name, options).params
    assert parsed["source"] == "picamera"


def test_it_always_starts_again_unless_the_configuration_is_wrong() -> None:
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNIT)
    assert unit["Service"]["Type"] == "simple"
    assert unit["Service"]["Restart"] == "always"
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_every_package_is_named_once_and_with_its_reason() -> None:
    text = (DEPLOY / "apt-packages.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    names = [line.partition("#")[0].strip() for line in lines]
    assert {"python3-picamera2", "python3-venv", "mosquitto"} == set(names)
    assert len(names) == len(set(names))
    assert all(line.partition("#")[2].strip() for line in lines)
