"""The scripts of ``deploy``: sound, clear about misuse, and part of every release."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCRIPTS = sorted(
    file
    for folder in (DEPLOY, Path(__file__).parent)
    for file in folder.iterdir()
    if file.is_file() and file.suffix in ("", ".sh") and file.read_text().startswith("#!/bin/")
)
needs_shellcheck = pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="shellcheck is not installed"
)


def ran(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
    )  # fmt: skip


def test_all_scripts_are_looked_at() -> None:
    names = {script.name for script in SCRIPTS}
    assert {"install.sh", "read-only.sh", "guard", "console-sheet", "shinline-command"} <= names


@needs_shellcheck
def test_shellcheck_has_nothing_to_say() -> None:
    program = shutil.which("shellcheck")
    assert program is not None
    assert ran(program, "--external-sources", *SCRIPTS).stdout == ""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_ends_at_its_first_failure_and_at_a_name_it_does_not_know(script: Path) -> None:
    assert "set -eu\n" in script.read_text()
    assert script.stat().st_mode & 0o111


@pytest.mark.parametrize("words", [["--remove"], ["--purge"], ["install"]])
def test_the_installer_says_what_it_expected_and_touches_nothing(words: list[str]) -> None:
    said = ran("sh", DEPLOY / "install.sh", *words)
    assert said.returncode == 2
    assert "usage: sudo deploy/install.sh" in said.stderr
    assert said.stdout == ""


def test_the_read_only_script_takes_no_word_for_a_partition() -> None:
    assert ran("sh", DEPLOY / "read-only.sh", "maybe").returncode == 2
    said = ran("sh", DEPLOY / "read-only.sh", "on", "/etc/fstab")
    assert said.returncode == 1
    assert "expected" in said.stderr


def test_every_release_brings_its_services_and_the_versions_it_was_tested_with() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    brought = build["targets"]["wheel"]["force-include"]
    assert brought == {
        "deploy": "shinline_pi/deploy",
        "requirements.lock": "shinline_pi/deploy/requirements.lock",
    }


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Make a stand-in for ``shinline pair`` that lists whom the file ``paired`` names."""
    made = tmp_path / "shinline"
    made.write_text(
        f"""#!/bin/sh
case "$*" in
*--list*) cat {tmp_path}/paired ;;
*) echo 'AAAA-BBBB-CCCC \\d'; echo 'nobody is paired yet' ;;
esac
"""
    )
    made.chmod(0o755)
    return made


def test_the_console_shows_the_code_as_long_as_nobody_is_paired(
    program: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "run" / "shinline.issue"
    sheet.parent.mkdir()

    def shown(paired: str) -> None:
        (tmp_path / "paired").write_text(paired)
        script = DEPLOY / "console-sheet"
        said = ran("sh", script, RUNTIME_DIRECTORY=str(sheet.parent), SHINLINE=str(program))
        assert (said.returncode, said.stderr) == (0, "")

    shown("[]\n")
    text = sheet.read_text()
    assert "AAAA-BBBB-CCCC d\n" in text  # a backslash is a command to the console's login
    assert sheet.stat().st_mode & 0o777 == 0o600
    shown('[{"name": "phone"}]\n')
    assert list(sheet.parent.iterdir()) == []


def test_who_is_paired_while_the_console_is_written_is_seen(program: Path, tmp_path: Path) -> None:
    """Systemd loses a change of the file that comes while the service runs."""
    book, sheet = tmp_path / "book", tmp_path / "shinline.issue"
    (tmp_path / "paired").write_text("[]\n")
    book.write_text("")
    late = f"*) echo '[\"phone\"]' >{tmp_path}/paired; touch -d @1 {book};"
    program.write_text(program.read_text().replace("*) ", late, 1))
    said = ran("sh", DEPLOY / "console-sheet", RUNTIME_DIRECTORY=str(tmp_path),
               SHINLINE=str(program), SHINLINE_ACCESS=str(book))  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")
    assert not sheet.exists()


def test_a_marked_block_is_taken_out_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "file"
    script = f"""me=test; . {DEPLOY}/common.sh
    printf "%s\\n" one "$disk_begin" two "$disk_end" three >{file}
    without_block {file} "$disk_begin" "$disk_end"
    """
    assert ran("sh", "-euc", script).stdout == "one\nthree\n"


def test_a_file_is_written_whole_and_only_if_it_says_something_else(tmp_path: Path) -> None:
    file = tmp_path / "file"
    script = f"me=test; . {DEPLOY}/common.sh; echo new | put {file} 640 $(id -un)"
    assert ran("sh", "-euc", script).stdout == f"test: wrote {file}\n"
    assert ran("sh", "-euc", script).stdout == ""
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new\n", 0o640)
    assert list(tmp_path.iterdir()) == [file]
