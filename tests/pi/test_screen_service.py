"""The second screen's service file is one that systemd takes, and it starts what exists."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import shinline.app.kiosk

UNIT = Path(__file__).parents[2] / "deploy" / "shinline-screen.service"
PYTHON = "/opt/shinline/current/venv/bin/python"

analyze = shutil.which("systemd-analyze")


def value(key: str) -> str:
    text = UNIT.read_text().replace("\\\n", " ")
    (line,) = [line for line in text.splitlines() if line.startswith(f"{key}=")]
    return line.removeprefix(f"{key}=")


@pytest.mark.skipif(analyze is None, reason="systemd-analyze is not installed")
def test_systemd_has_nothing_to_say_about_it(tmp_path: Path) -> None:
    assert analyze is not None
    text = UNIT.read_text().replace(PYTHON, sys.executable)
    (tmp_path / "shinline.service").write_text("[Service]\nExecStart=/bin/sh\n")
    (tmp_path / UNIT.name).write_text(text)

    def said() -> tuple[int, str]:
        command = [analyze, "verify", "--man=no", tmp_path / UNIT.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout + done.stderr

    assert said() == (0, "")
    (tmp_path / UNIT.name).write_text(text.replace("TTYReset", "TTYResett"))
    assert "TTYResett" in said()[1]


def test_it_waits_for_the_page_that_its_browser_opens() -> None:
    program, flag, module, page = value("ExecStartPre").split()
    assert (program, flag, module) == (PYTHON, "-m", shinline.app.kiosk.__name__)
    assert f"file://{page}" in value("ExecStart")
    assert value("StateDirectory") == Path(page).parent.name


def test_its_browser_is_found_under_either_name_and_given_our_options(tmp_path: Path) -> None:
    """The command line is run for real, with programs that print what they are given."""
    told = tmp_path / "cage"
    told.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    told.chmod(0o755)
    shell, _, script = value("ExecStart").partition(" -c ")
    for name in ("chromium", "chromium-browser"):
        browser = tmp_path / name
        browser.write_text("#!/bin/sh\n")
        browser.chmod(0o755)
        done = subprocess.run(
            [shell, "-c", script.strip("'")],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        given = done.stdout.splitlines()
        assert given[:3] == ["-d", "--", str(browser)]
        assert {"--kiosk", "--autoplay-policy=no-user-gesture-required"} <= set(given)
        assert given[-1].startswith("file:///")
        browser.unlink()
