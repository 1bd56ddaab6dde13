"""What is missing is asked for in one sentence; views that say nothing new are not kept."""

import numpy as np
import pytest
from lens_material import NARROW, pose_of, view, views

from shinline_cal.lens import coverage as cover
from shinline_cal.lens.find import Refusal, Trouble, View

SIZE = NARROW.size_px


def held(x: float, y: float, tilt: tuple[float, float] = (0.0, 0.0), far_m: float = 0.5) -> View:
    return view(NARROW, pose_of(far_m, (*tilt, 0.0), (x, y)), f"{x} {y} {tilt} {far_m}")


def everywhere() -> list[View]:
    return [held(x, y, far_m=0.45) for x in (-0.45, 0.0, 0.45) for y in (-0.22, 0.0, 0.22)]


@pytest.mark.parametrize(
    ("tilt", "right", "bottom"),
    [((0.0, -0.5), 1, 0), ((0.0, 0.5), -1, 0), ((0.5, 0.0), 0, 1), ((-0.5, 0.0), 0, -1)],
)
def test_which_edge_is_farther_away_is_seen(
    tilt: tuple[float, float], right: int, bottom: int
) -> None:
    stand = cover.attitude(held(0.0, 0.0, tilt), SIZE)
    assert np.sign(np.round(stand.right_deg, -1)) == right
    assert np.sign(np.round(stand.bottom_deg, -1)) == bottom
    assert max(abs(stand.right_deg), abs(stand.bottom_deg)) == pytest.approx(28.6, abs=6.0)


def test_the_first_wish_is_where_nothing_was_seen() -> None:
    seen = [each for each in everywhere() if not each.name.startswith("-0.45 -0.22")]
    seen = [each for each in seen if each.px.min(axis=0)[0] > 200 or each.px[:, 1].max() > 300]
    assert cover.sentence(seen, SIZE, None) == "move the chart to the top left of the picture"


def test_then_tilt_and_distance_are_asked_for() -> None:
    asked = cover.wants(everywhere(), SIZE)
    assert sum("tilt it: the" in wish for wish in asked) == 4
    assert any("nearer" in wish for wish in asked)


def test_a_varied_set_leaves_no_wish_but_more() -> None:
    assert cover.wants(views(NARROW, 60, 1), SIZE) == []
    assert "each different" in cover.sentence(views(NARROW, 60, 1), SIZE, None)


@pytest.mark.parametrize("trouble", [t for t in Trouble if t not in (Trouble.ALIKE, Trouble.SIZE)])
def test_each_trouble_has_its_own_sentence(trouble: Trouble) -> None:
    told = cover.sentence(everywhere(), SIZE, Refusal(trouble, ""))
    assert told == cover.TOLD[trouble]
    assert len(set(cover.TOLD.values())) == len(cover.TOLD)


def test_a_repeated_view_asks_for_what_is_missing() -> None:
    told = cover.sentence(everywhere(), SIZE, Refusal(Trouble.ALIKE, ""))
    assert told == cover.sentence(everywhere(), SIZE, None)


def test_a_view_a_little_aside_repeats_and_one_farther_does_not() -> None:
    seen = everywhere()
    middle = seen[4]
    assert cover.repeated(held(0.01, 0.0, far_m=0.45), seen, SIZE) is middle
    assert cover.repeated(held(0.0, 0.0, far_m=0.6), seen, SIZE) is None


@pytest.mark.parametrize("tilt", [(0.4, 0.0), (-0.4, 0.0), (0.0, 0.4), (0.0, -0.4)])
def test_a_tilted_view_at_the_same_place_is_new(tilt: tuple[float, float]) -> None:
    assert cover.repeated(held(0.0, 0.0, tilt, 0.45), everywhere(), SIZE) is None


def test_the_picked_views_cover_more_than_the_first_ones() -> None:
    many = views(NARROW, 40, 2)
    picked = cover.pick(many, SIZE, 8)
    assert len(picked) == 8
    assert [many.index(each) for each in picked] == sorted(many.index(each) for each in picked)
    assert cover.coverage(picked, SIZE) > cover.coverage(many[:8], SIZE)
    assert cover.pick(many, SIZE, 50) == many


def test_coverage_counts_the_cells_with_corners() -> None:
    counts = cover.counts([held(0.0, 0.0)], SIZE)
    assert counts.sum() == 35
    assert counts.shape == (cover.CELLS[1], cover.CELLS[0])
    assert cover.coverage([held(0.0, 0.0)], SIZE) == (counts > 0).mean()
