"""Real recordings against truth made by hand.

The recordings are not part of the project. They are looked for in ``../shared/clips`` beside it, or
in the folder that ``SHINLINE_CLIPS`` names.

How far the hips rose was read by eye: rise of the hip over rise of the bar from lift-off until the
bar has come a third of its way, pixels of the picture, by looking at the two frames enlarged under
a grid of 10 px.

``blue-bumper-4-reps`` (frames 27 to 44, 227 to 240, 457 to 473, 676 to 691), the rear of the waist:
73, 66, 67 and 76 px of 104, 91, 99 and 103. ``blue-plate-single-short`` (3 to 28): 62 of 69.

``black-plate-single-vfr`` (346 to 365): the plate's centre, half way between its upper and lower
edge, went from 640 to 587.5, the fold at the waist from 448.5 to 419.5, the rearmost point of the
seat from 478 to 447, the tip of the hem of the shorts from 524 to 495: 29, 31 and 29 of 52.5. The
logo on the thigh rose by 17: it turns with the thigh and is no hip.
"""

import json
from typing import Any

import numpy as np
import pytest
from clip_material import BENCH, CLIPS, FIXED, IN_HAND, analyzed, needs_clips

from shinline.types import NS_PER_S, HipNumbers, Rep, Severity

WITHIN_S = 0.25
WITHIN = 0.12
HIP_TO_BAR = {
    "blue-bumper-4-reps": (0.70, 0.72, 0.68, 0.74),
    "blue-plate-single-short": (0.90,),
    "black-plate-single-vfr": (0.56,),
}
CENTRE_PX = 3.0

DEADLIFTS = (*FIXED, IN_HAND)

pytestmark = needs_clips


def _truth(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((CLIPS / f"{name}.json").read_text(encoding="utf-8"))
    return truth


def _bounds(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (found, true) lift-off and lockout times in seconds, each (n, 2)."""
    reps = analyzed(name).reps
    found = [(rep.start_ns / NS_PER_S, rep.lockout_ns / NS_PER_S) for rep in reps]
    true = [(rep["liftoff_s"], rep["lockout_s"]) for rep in _truth(name)["reps"]]
    return np.array(found).reshape(-1, 2), np.array(true).reshape(-1, 2)


@pytest.mark.parametrize("name", DEADLIFTS)
def test_all_reps_are_found_and_none_is_invented(name: str) -> None:
    found, true = _bounds(name)
    assert len(found) == len(true)
    np.testing.assert_array_less(np.abs(found - true), WITHIN_S)


def test_a_bench_press_is_no_deadlift() -> None:
    result = analyzed(BENCH)
    assert result.reps == []
    assert result.cues == []


@pytest.mark.parametrize("name", FIXED)
def test_the_plates_centre_is_where_it_was_marked(name: str) -> None:
    path = analyzed(name).path
    t_s = np.array([row["t_s"] for row in path])
    off_px = []
    for marked in _truth(name)["plate"]:
        row = path[int(np.argmin(np.abs(t_s - marked["t_s"])))]
        off_px.append(np.hypot(row["x_px"] - marked["x_px"], row["y_px"] - marked["y_px"]))
    assert len(off_px) >= 12
    assert float(np.median(off_px)) < CENTRE_PX


@pytest.mark.parametrize("name", DEADLIFTS)
def test_the_lifter_faces_where_the_truth_says(name: str) -> None:
    assert _truth(name)["facing"].startswith(analyzed(name).facing)


@pytest.mark.parametrize("name", DEADLIFTS)
def test_nearly_every_picture_shows_the_plate(name: str) -> None:
    result = analyzed(name)
    assert result.frames == _truth(name)["frames"]
    assert result.frames_tracked > 0.95 * result.frames


@pytest.mark.parametrize("name", FIXED)
def test_the_rise_of_a_rep_is_that_of_the_marks(name: str) -> None:
    reps, marked = analyzed(name).reps, _truth(name)["reps"]
    for rep, truth in zip(reps, marked, strict=True):
        assert rep.rom_m == pytest.approx(truth["rom_m"], abs=0.04)


@pytest.mark.parametrize("name", FIXED)
def test_every_rep_before_a_fixed_camera_has_numbers_to_believe(name: str) -> None:
    """One recording has a hole of a tenth of a second just where the bar leaves the floor."""
    for rep in analyzed(name).reps:
        assert rep.valid, rep.notes
        assert rep.mean_velocity_sd_mps is not None
        assert rep.mean_velocity_sd_mps < 0.025


def test_a_rep_begun_before_the_recording_has_no_speed() -> None:
    first, *others = analyzed(IN_HAND).reps
    assert not first.valid
    assert first.mean_velocity_mps is None
    assert all(rep.valid for rep in others)


def _hips(rep: Rep) -> HipNumbers:
    assert rep.hip is not None
    return rep.hip


@pytest.mark.parametrize("name", FIXED)
def test_the_hips_rose_as_far_as_was_read(name: str) -> None:
    reps = analyzed(name).reps
    ratios = [_hips(rep).to_bar_ratio for rep in reps]
    assert ratios == pytest.approx(HIP_TO_BAR[name], abs=WITHIN)
    assert {_hips(rep).source for rep in reps} == {"outline"}


def test_a_bench_press_has_no_hips() -> None:
    result = analyzed(BENCH)
    assert result.reps == []
    assert not any(cue.code == "hips_shoot_up" for cue in result.cues)


def test_a_camera_held_in_the_hand_tells_of_no_hips_that_are_not_there() -> None:
    """The first pull began before the recording: nothing is said of it. Nobody's hips shoot up."""
    result = analyzed(IN_HAND)
    first, *others = result.reps
    assert first.hip is None
    for rep in others:
        assert rep.hip is None or rep.hip.to_bar_ratio is None or 0.2 < rep.hip.to_bar_ratio < 1.3
    for rep in result.reps:
        verdict = next((v for v in rep.faults if v.code == "hips_shoot_up"), None)
        assert verdict is None or not verdict.assessed or verdict.severity is Severity.GOOD
