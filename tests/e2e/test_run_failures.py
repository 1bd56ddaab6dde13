"""What goes wrong in mid-set: what was recorded stays, and the program says what happened."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from run_material import DEMO, any_ports

from shinline.app.run import run
from shinline.sources.pacing import PacedFrames
from shinline.sources.video import VideoFile
from shinline.types import BarPrior, Frame, FrameSource


class PulledOut(OSError):
    """The camera is gone."""


def _until(frames: Iterator[Frame], stop_s: float) -> Iterator[Frame]:
    """Hand frames on as fast as they are read, and fail like a device at ``stop_s``."""
    for frame in frames:
        if frame.t_ns > stop_s * 1e9:
            raise PulledOut("the camera was pulled out")
        yield frame


def test_a_camera_pulled_out_ends_the_session_and_keeps_its_reps(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite3"
    video = VideoFile(DEMO)

    def open_source() -> tuple[FrameSource, BarPrior | None]:
        info = video.info
        frames = _until(video.frames(), 9.0)
        size = info.width_px, info.height_px
        return PacedFrames(frames, "camera", *size, info.rate_hz, realtime=False), None

    console = Console(file=(tmp_path / "said.txt").open("w"), width=100)
    outcome = run(any_ports(tmp_path), open_source, journal, console, loop=False)
    console.file.close()
    assert "pulled out" in outcome.problem
    assert [rep.rep for rep in outcome.reps] == [1]
    with sqlite3.connect(journal) as connection:
        reps, reason = connection.execute(
            "SELECT (SELECT count(*) FROM reps), end_reason FROM sessions"
        ).fetchone()
    connection.close()
    assert reps == 1
    assert "pulled out" in reason
