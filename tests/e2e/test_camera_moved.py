"""A camera that is turned after the first rep, followed to where a reader and a program look."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from run_material import DEMO

from shinline.app import analyze
from shinline.cli import main
from shinline.engine import Engine
from shinline.types import Event, Frame, RepEvent, RepKind, Rows

TURN_DEG = 0.8
ALARM = "The picture has turned by 0.8 degrees. Put the camera back as it stood, or set it up anew."


class Turned(Engine):
    """The engine, before a camera that turns clockwise about its own axis after the first rep."""

    turned = False

    def look(self, frame: Frame) -> tuple[np.void, Rows]:
        luma = frame.luma
        if self.turned:
            middle = 0.5 * (luma.shape[1] - 1), 0.5 * (luma.shape[0] - 1)
            matrix = cv2.getRotationMatrix2D(middle, -TURN_DEG, 1.0)
            border = cv2.BORDER_REPLICATE
            luma = np.asarray(cv2.warpAffine(luma, matrix, luma.shape[::-1], borderMode=border))
        return super().look(replace(frame, luma=luma))

    def advance(self, head: np.void, detections: Rows) -> list[Event]:
        events = super().advance(head, detections)
        for event in events:
            self.turned |= isinstance(event, RepEvent) and event.kind is RepKind.END
        return events


def test_the_analysis_of_a_recording_tells_of_a_camera_that_was_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyze, "Engine", Turned)
    out = tmp_path / "out.json"
    run = CliRunner().invoke(main, ["analyze", str(DEMO), "--marker", "ring", "--json", str(out)])
    assert run.exit_code == 0, run.output
    said = " ".join(run.output.split())
    assert f"camera moved before 3 of 4 reps (numbers kept): {ALARM}" in said
    told = json.loads(out.read_text())
    assert [rep["marks"] for rep in told["reps"]] == [["not_level"], *[["camera_moved"]] * 3]
    assert [rep["valid"] for rep in told["reps"]] == [True] * 4
    (event,) = [event for event in told["camera_events"] if event["changed"]]
    assert event["changed"] == ["roll"]
    assert abs(event["evidence"]["turned_deg"]) == pytest.approx(TURN_DEG, abs=0.05)
    assert told["reps"][0]["floor_s"] <= event["t_s"] <= told["reps"][1]["liftoff_s"]
