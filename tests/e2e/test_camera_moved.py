"""An alarm raised in the engine, followed to where a recording's reader and a program look."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from run_material import DEMO

from shinline.app import analyze
from shinline.cli import main
from shinline.engine import Engine
from shinline.types import (
    CameraEvent,
    CueEvent,
    Event,
    Frame,
    Moment,
    RepEvent,
    RepKind,
    Severity,
)

ALARM = "The bar rests 3 cm higher than before. Put the camera back, or start a new session."


class Nudged(Engine):
    """The engine, before a camera that somebody moved after the first rep."""

    moved = False

    def feed(self, frame: Frame) -> list[Event]:
        return self.nudged(super().feed(frame))

    def finish(self) -> list[Event]:
        return self.nudged(super().finish())

    def nudged(self, events: list[Event]) -> list[Event]:
        said: list[Event] = []
        for event in events:
            if isinstance(event, RepEvent) and event.rep is not None and self.moved:
                said.append(replace(event, rep=replace(event.rep, marks=("camera_moved",))))
                continue
            said.append(event)
            if isinstance(event, RepEvent) and event.kind is RepKind.END:
                self.moved = True
                cue = ("camera-1", "camera_moved", Severity.WARN, Moment.BETWEEN, "Check it.", "")
                said += [
                    CameraEvent(event.t_ns, ("height",), ALARM, {"height_m": 0.031}),
                    CueEvent(event.t_ns, *cue, 9000),
                ]
        return said


def test_the_analysis_of_a_recording_tells_of_a_camera_that_was_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyze, "Engine", Nudged)
    out = tmp_path / "out.json"
    run = CliRunner().invoke(main, ["analyze", str(DEMO), "--marker", "ring", "--json", str(out)])
    assert run.exit_code == 0, run.output
    said = " ".join(run.output.split())
    assert f"camera moved before 3 of 4 reps (numbers kept): {ALARM}" in said
    told = json.loads(out.read_text())
    assert [rep["marks"] for rep in told["reps"]] == [[], *[["camera_moved"]] * 3]
    assert [rep["valid"] for rep in told["reps"]] == [True] * 4
    (event,) = told["camera_events"]
    assert (event["changed"], event["evidence"]) == (["height"], {"height_m": 0.031})
    assert told["reps"][0]["floor_s"] <= event["t_s"] <= told["reps"][1]["liftoff_s"]
