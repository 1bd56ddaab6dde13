"""What a machine tells of its heat and power, by a file or by the firmware's own program."""

import threading
from pathlib import Path

import pytest

from shinline.app import machine
from shinline.app.machine import Health
from shinline_pi.health import Nurse


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that a machine says of itself; also its only PATH."""
    monkeypatch.setattr(machine, "TEMPERATURE", tmp_path / "temp")
    monkeypatch.setattr(machine, "THROTTLED", tmp_path / "throttled")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def vcgencmd(board: Path, says: str) -> None:
    program = board / "vcgencmd"
    program.write_text(f'#!/bin/sh\necho "{says}"\n')
    program.chmod(0o700)


def test_a_machine_that_tells_nothing_is_not_said_to_be_well(board: Path) -> None:
    health = machine.look()
    assert health == Health(None, None)
    assert health.throttled is None
    assert health.cause == ""


def test_the_firmware_is_read_from_its_file_and_else_asked_by_its_program(board: Path) -> None:
    (board / "temp").write_text("61250\n")
    vcgencmd(board, "throttled=0x80008")
    assert machine.look() == Health(61.25, 0x80008)
    (board / "throttled").write_text("50005\n")
    assert machine.look() == Health(61.25, 0x50005)


@pytest.mark.parametrize(
    ("bits", "throttled", "cause"),
    [
        (0x0, False, ""),
        (0x1, True, "power"),
        (0x4, True, "heat"),
        (0x8, True, "heat"),
        (0x5, True, "power"),
        (0xF0000, False, ""),
    ],
)
def test_only_what_is_so_now_slows_the_processor(bits: int, throttled: bool, cause: str) -> None:
    health = Health(50.0, bits)
    assert (health.throttled, health.cause) == (throttled, cause)


def test_memory_in_use_is_that_of_this_process() -> None:
    before = machine.resident_mb()
    touched = b"x" * 64_000_000
    assert machine.resident_mb() - before == pytest.approx(len(touched) / 1e6, abs=8.0)


def test_a_look_that_takes_its_time_holds_nobody_up() -> None:
    asked, answer = threading.Event(), threading.Event()

    def look() -> Health:
        asked.set()
        assert answer.wait(10.0)
        return Health(70.0, 0)

    nurse = Nurse(look, every_s=0.01)
    assert asked.wait(10.0)
    assert nurse.health == Health()
    answer.set()
    pause = threading.Event()
    for _ in range(1000):
        if nurse.health == Health(70.0, 0):
            break
        pause.wait(0.01)
    nurse.close()
    assert nurse.health == Health(70.0, 0)
