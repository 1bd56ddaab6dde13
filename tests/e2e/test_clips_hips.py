"""How far the hips rose in real recordings, against readings made by eye.

The readings: rise of the hip over rise of the bar from lift-off until the bar has come a third of
its way, pixels of the picture, by looking at the two frames enlarged under a grid of 10 px.

``blue-bumper-4-reps`` (frames 27 to 44, 227 to 240, 457 to 473, 676 to 691), the rear of the waist:
73, 66, 67 and 76 px of 104, 91, 99 and 103. ``blue-plate-single-short`` (3 to 28): 62 of 69.

``black-plate-single-vfr`` (346 to 365): the plate's centre, half way between its upper and lower
edge, went from 640 to 587.5, the fold at the waist from 448.5 to 419.5, the rearmost point of the
seat from 478 to 447, the tip of the hem of the shorts from 524 to 495: 29, 31 and 29 of 52.5. The
logo on the thigh rose by 17: it turns with the thigh and is no hip.
"""

import pytest
from clip_material import BENCH, FIXED, IN_HAND, analyzed, needs_clips

from shinline.types import HipNumbers, Rep

WITHIN = 0.12
READ = {
    "blue-bumper-4-reps": (0.70, 0.72, 0.68, 0.74),
    "blue-plate-single-short": (0.90,),
    "black-plate-single-vfr": (0.56,),
}
pytestmark = needs_clips


def _hips(rep: Rep) -> HipNumbers:
    assert rep.hip is not None
    return rep.hip


@pytest.mark.parametrize("name", FIXED)
def test_the_hips_rose_as_far_as_was_read(name: str) -> None:
    reps = analyzed(name).reps
    ratios = [_hips(rep).to_bar_ratio for rep in reps]
    assert ratios == pytest.approx(READ[name], abs=WITHIN)
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
        assert verdict is None or not verdict.assessed or verdict.severity == "good"
