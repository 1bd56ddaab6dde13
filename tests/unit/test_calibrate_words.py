"""The calibration in a language of choice: steps, refusals and answers, by key and in words."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shinline.app.words import with_words
from shinline.config import Coach, Config, Marker
from shinline.types import CameraIdentity
from shinline.wire.mount import Step
from shinline_cal.live import RigCalibrator

CAMERA = CameraIdentity("sim", "s1", 960, 720)


def calibrator(folder: Path, language: Any) -> RigCalibrator:
    config = with_words(Config(coach=Coach(language=language), marker=Marker(kind="ring")))
    return RigCalibrator(config, CAMERA, folder)


def test_steps_are_told_in_the_devices_language_and_by_their_keys(tmp_path: Path) -> None:
    german, english = (calibrator(tmp_path, language).steps() for language in ("de", "en"))
    for ours, theirs in zip(german, english, strict=True):
        mine, yours = msgspec.convert(ours, Step), msgspec.convert(theirs, Step)
        assert (mine.id, mine.said) == (yours.id, yours.said) and mine.said
        assert mine.title != yours.title and mine.text != yours.text
    step = msgspec.convert(german[1], Step)
    assert step.title == "Senkrecht" and step.text.startswith("Häng eine Markierung")
    assert [one.key for one in step.said] == ["calibrate.task_plumb", "calibrate.task_swing"]


def test_what_cannot_be_done_is_said_in_the_devices_language(tmp_path: Path) -> None:
    german = calibrator(tmp_path, "de")
    with pytest.raises(ValueError, match="Stange auf dem Boden kann nicht ausgelassen werden"):
        german.command("skip", "rest", {})
    with pytest.raises(ValueError, match=r"Nicht gespeichert: noch zu tun: Stange auf dem Boden, "):
        german.command("save", "", {})
    assert german.command("skip", "roll", {}) == {"text": "Ausgelassen."}
