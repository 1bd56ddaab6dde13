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


@pytest.mark.parametrize(
    ("side", "facing"), [(1, Facing.LEFT), (-1, Facing.RIGHT), (0, Facing.UNKNOWN)]
)
def test_the_body_moves_behind_the_bar(side: int, facing: Facing) -> None:
    """Hips to the right of the plate mean toes to the left."""

    def picture(i: int) -> Luma:
        y = _height(i)
        left = int(150 + side * 75 - 15)
        body = [Box(left, int(y) - 130, left + 30, int(y) - 30, 60.0)] if side else []
        return draw([Plate(150.0, y, 40.0)], body, seed=i)

    finding = _survey(picture)
    assert finding.prior is not None
    assert finding.prior.facing is facing
