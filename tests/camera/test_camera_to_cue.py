"""From camera to cue: the program itself on the virtual camera, a rendered lift, and its truth."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import virtual_camera
from camera_scene import LIFT_RATE_HZ, LIFT_SIZE, film, lift, number_of, show

from shinline.app.detectors import make_detector, warm_up
from shinline.config import Config
from shinline.journal.reader import Catalogue
from shinline.sim.truth import truth
from shinline.types import DETECTION, WINDOW, CueEvent, Role

pytestmark = pytest.mark.filterwarnings("ignore:setDaemon:DeprecationWarning")  # picamera2's own

PATIENCE_S = 180.0
CONFIG = """
[rig]
roll_sd_deg = 0.05

[mqtt]
port = 0
ws_port = 0

[web]
bind = "127.0.0.1"
port = 0

[tls]
mode = "off"
"""


@dataclass(frozen=True)
class Shown:
    """What the camera sees, and what is true of it."""

    pictures: int
    truth: dict[str, Any]


@pytest.fixture(scope="module")
def shown() -> Shown:
    warm_up(Config())  # a compiler that runs with a picture in its hands may hold it for a while
    recording = lift()
    known = truth(recording)
    (rep,) = known["reps"]
    pictures = film(recording, rep["liftoff_s"], rep["touchdown_s"])
    show("virtual-lift", LIFT_SIZE, pictures)
    return Shown(len(pictures), known)


def test_the_marker_is_found_where_it_is_in_each_picture(
    camera: Callable[..., Any], shown: Shown
) -> None:
    """Whatever number a picture carries, that picture's truth is what is compared."""
    source = camera(LIFT_RATE_HZ)
    detector = make_detector(Config(), None)
    out, nowhere = np.zeros(16, DETECTION), np.zeros(0, WINDOW)
    frames = shown.truth["frames"]
    found, off_px = 0, []
    visible = 0
    for _ in range(shown.pictures):
        frame = source.read()
        index = number_of(frame.luma)
        count = detector.detect(frame.luma, frame.t_ns, nowhere, out)
        del frame
        visible += frames["ring_visible"][index]
        for row in out[:count]:
            if row["role"] == Role.BAR:
                found += 1
                true_px = frames["ring_x_px"][index], frames["ring_y_px"][index]
                off_px.append(np.hypot(row["x_px"] - true_px[0], row["y_px"] - true_px[1]))
    assert found > 0.95 * visible > 0
    assert float(np.median(off_px)) < 0.1
    assert float(np.percentile(off_px, 95)) < 0.3


@dataclass
class Program:
    process: subprocess.Popen[str]
    journal: Path
    said: Path

    @property
    def text(self) -> str:
        return self.said.read_text()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.process.poll() is None, self.text
            assert time.monotonic() < end_s, self.text
            time.sleep(0.2)

    def reps(self) -> list[Any]:
        if "rep 1" not in self.text:
            return []
        catalogue = Catalogue(self.journal)
        sessions = [catalogue.session(session["id"]) for session in catalogue.sessions()]
        return [rep for session in sessions for set_ in session["sets"] for rep in set_["reps"]]

    def judged(self) -> list[Any]:
        """Return the reps that have a speed: the first may have begun in the air."""
        return [rep for rep in self.reps() if rep["mean_velocity_mps"] is not None]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def program(shown: Shown, plug: None, tmp_path: Path) -> Iterator[Program]:
    config = tmp_path / "shinline.toml"
    access = f'\n[access]\npath = "{tmp_path}/access.json"\n'
    config.write_text(CONFIG + access)
    journal, said = tmp_path / "journal.sqlite3", tmp_path / "said.txt"
    command = ["run", "--source", "picamera", "--config", config, "--journal", journal]
    with said.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "virtual_shinline", str(LIFT_RATE_HZ), *map(str, command)],
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "COLUMNS": "120", "XDG_DATA_HOME": str(tmp_path)},
        )
        try:
            yield Program(process, journal, said)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def test_reps_and_cues_are_those_of_the_lift_that_was_shown(program: Program, shown: Shown) -> None:
    program.wait_for(lambda: len(program.judged()) >= 2)
    assert program.stop() == 0, program.text
    (true,) = shown.truth["reps"]
    catalogue = Catalogue(program.journal)
    (session,) = catalogue.sessions()
    for rep in program.judged():
        assert rep["rom_m"] == pytest.approx(true["rom_m"], abs=0.01)
        assert rep["mean_velocity_mps"] == pytest.approx(true["mean_velocity_mps"], rel=0.05)
        assert rep["drift_forward_m"] == pytest.approx(true["drift_forward_m"], abs=0.015)
    cues = [e.code for e in catalogue.events(session["id"]) if isinstance(e, CueEvent)]
    assert "bar_forward" in cues


def test_a_camera_lost_in_mid_set_comes_back_and_the_set_goes_on(program: Program) -> None:
    program.wait_for(lambda: len(program.reps()) >= 1)
    virtual_camera.UNPLUGGED.touch()
    program.wait_for(lambda: "opening the camera again" in program.text)
    virtual_camera.UNPLUGGED.unlink()
    before = len(program.reps())
    program.wait_for(lambda: len(program.reps()) > before)
    assert program.stop() == 0, program.text
    assert len(Catalogue(program.journal).sessions()) == 1


def test_a_camera_lost_for_good_ends_the_program_and_keeps_what_was_recorded(
    program: Program,
) -> None:
    """With an exit code that makes the service manager start it again."""
    program.wait_for(lambda: len(program.reps()) >= 1)
    virtual_camera.UNPLUGGED.touch()
    assert program.process.wait(PATIENCE_S) == 1
    assert "the source failed: no camera is connected" in " ".join(program.text.split())
    assert len(program.reps()) >= 1
    (session,) = Catalogue(program.journal).sessions()
    assert "no camera is connected" in str(session)
