"""Which circle of a recording is the bar's plate."""

from collections.abc import Callable

import numpy as np
import pytest
from plate_scene import Box, Luma, Plate, compiled_only, draw, static

from shinline.types import Facing
from shinline.vision.survey import Finding, Survey

pytestmark = compiled_only

FRAMES = 10
SHAPE = (360, 300)


def _survey(picture: Callable[[int], Luma]) -> Finding:
    survey = Survey(*SHAPE)
    for i in range(FRAMES):
        survey.add(picture(i))
    return survey.conclude()


def _height(i: int) -> float:
    """Up by 120 pixels and down again."""
    return 290.0 - 120.0 * float(np.sin(np.pi * i / (FRAMES - 1)))


def test_the_plate_that_moves_is_chosen_over_a_larger_one_on_the_wall() -> None:
    decoy = Plate(220.0, 110.0, 62.0)
    finding = _survey(lambda i: draw([decoy, Plate(90.0, _height(i), 48.0)], seed=i))
    assert finding.prior is not None
    assert finding.prior.x_px == pytest.approx(90.0, abs=1.0)
    assert finding.prior.r_px == pytest.approx(48.0, abs=1.0)
    assert finding.prior.y_px == pytest.approx(290.0, abs=1.5)
    assert finding.presence > 0.8
    assert finding.travel_radii > 1.5


def test_a_plate_that_lies_still_is_found_too() -> None:
    finding = _survey(lambda i: draw([Plate(150.0, 290.0, 48.0)], seed=i))
    assert finding.prior is not None
    assert finding.travel_radii < 0.1


@pytest.mark.parametrize("luma", [np.full(SHAPE, 128, np.uint8), static(SHAPE)])
def test_where_nothing_is_round_the_reason_is_told(luma: Luma) -> None:
    finding = _survey(lambda i: luma)
    assert finding.prior is None
    assert finding.reason == "no round plate rim was found in any picture"


def test_a_plate_that_passes_by_is_not_the_bars() -> None:
    """Seen in two of ten pictures: somebody carries it through."""
    passing = [Plate(150.0, 200.0, 48.0)]
    finding = _survey(lambda i: draw(passing if i in (3, 4) else [], seed=i))
    assert finding.prior is None
    assert "20% of the pictures" in finding.reason


def test_a_survey_of_no_picture_says_so() -> None:
    finding = Survey(*SHAPE).conclude()
    assert finding.prior is None
    assert finding.reason


def _lifter(y: float, behind: int) -> list[Box]:
    """Hips low behind the bar, the head of a bent trunk high in front of it; both rise with it."""
    hips, head = 150 + 70 * behind, 150 - 60 * behind
    return [
        Box(hips - 20, max(0, int(y) - 110), hips + 20, max(0, int(y) - 30), 60.0),
        Box(head - 12, max(0, int(y) - 190), head + 12, max(0, int(y) - 150), 230.0),
    ]


@pytest.mark.parametrize(("behind", "facing"), [(1, Facing.LEFT), (-1, Facing.RIGHT)])
def test_hips_behind_and_a_head_in_front_tell_the_facing(behind: int, facing: Facing) -> None:
    finding = _survey(
        lambda i: draw([Plate(150.0, _height(i), 40.0)], _lifter(_height(i), behind), seed=i)
    )
    assert finding.prior is not None
    assert finding.prior.facing is facing


def test_signs_that_do_not_agree_leave_the_facing_unknown() -> None:
    """Somebody who stands upright on one side is no lifter who bends over the bar."""

    def picture(i: int) -> Luma:
        y = int(_height(i))
        return draw([Plate(150.0, y, 40.0)], [Box(210, y - 130, 240, y - 30, 60.0)], seed=i)

    finding = _survey(picture)
    assert finding.prior is not None
    assert finding.prior.facing is Facing.UNKNOWN


def test_a_bar_that_nobody_lifts_tells_no_facing() -> None:
    finding = _survey(lambda i: draw([Plate(150.0, _height(i), 40.0)], seed=i))
    assert finding.prior is not None
    assert finding.prior.facing is Facing.UNKNOWN
