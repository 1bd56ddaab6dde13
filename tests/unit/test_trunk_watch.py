"""A trunk watch on painted pictures: what it finds, and above all what it does not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from plate_scene import compiled_only
from trunk_scene import (
    BAR_X,
    BAR_Y,
    BEGAN_NS,
    COLUMNS,
    HIP_M,
    M_PER_PX,
    PERIOD_NS,
    SET_S,
    SHOULDER_M,
    TURNED_M,
    Picture,
    Pull,
    enlarged,
    film,
    later,
    turn_rad,
    turns_deg,
    watched,
)

from shinline.types import DETECTION, NS_PER_S, Role, Rows
from shinline.vision.trunk_watch import DONE_M, RATE_NS, TrunkWatch

pytestmark = compiled_only

TURN = Pull(10.0)
LIFT_OFF_NS = BEGAN_NS + round(SET_S * NS_PER_S)


def _of(said: list[Rows], role: Role) -> Rows:
    rows = np.concatenate(said)
    return rows[rows["role"] == role]


def _worst_deg(
    said: list[Rows], pictures: list[Picture] | tuple[Picture, ...], pull: Pull
) -> float:
    """Return the largest error of the turn; both the set position and the pull must be there."""
    found = turns_deg(said, pictures[0].t_ns)
    rises = {one.t_ns: one.rise_m for one in pictures}
    assert sum(rises[t_ns] == 0.0 for t_ns in found) >= 6
    assert sum(rises[t_ns] > TURNED_M for t_ns in found) >= 5
    true = {t_ns: pull.forward * np.degrees(turn_rad(pull, rises[t_ns])) for t_ns in found}
    return max(abs(found[t_ns] - true[t_ns]) for t_ns in found)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("forward", [1.0, -1.0])
@pytest.mark.parametrize("turn_deg", [0.0, 5.0, 10.0])
def test_the_turn_is_found_from_the_set_position_on(
    turn_deg: float, forward: float, known: bool
) -> None:
    """Also when it has to find out for itself which way the lifter faces."""
    pull = Pull(turn_deg, forward)
    pictures = film(pull, known)
    said = watched(pictures)
    assert _worst_deg(said, pictures, pull) < 1.0


@pytest.mark.parametrize("forward", [1.0, -1.0])
def test_hip_and_shoulder_go_where_the_trunk_takes_them(forward: float) -> None:
    """Where the joints are it does not know to a hand's breadth; how far they rise it does."""
    pull = Pull(10.0, forward)
    said = watched(film(pull))
    for role, place_m in ((Role.HIP_OUTLINE, HIP_M), (Role.SHOULDER_OUTLINE, SHOULDER_M)):
        rows = np.sort(_of(said, role), order="t_ns")
        before, after = rows[rows["t_ns"] <= LIFT_OFF_NS][-1], rows[-1]
        x_px = BAR_X if forward > 0.0 else COLUMNS - 1 - BAR_X
        x_m = forward * (before["x_px"] - x_px) * M_PER_PX
        y_m = (BAR_Y - before["y_px"]) * M_PER_PX
        assert np.hypot(x_m - place_m[0], y_m - place_m[1]) < 0.10
        rise_m = next(p.rise_m for p in film(pull) if p.t_ns == after["t_ns"])
        away_m = np.array([x_m, y_m]) - SHOULDER_M
        angle = turn_rad(pull, rise_m)
        expected_m = rise_m - away_m[0] * np.sin(angle) + away_m[1] * (np.cos(angle) - 1.0)
        risen_m = (before["y_px"] - after["y_px"]) * M_PER_PX
        assert risen_m == pytest.approx(expected_m, abs=0.008)


def test_rows_of_a_picture_come_in_threes_with_their_doubt() -> None:
    """One of them is the anchor, against which the others are told: it has no doubt."""
    rows = np.concatenate(watched(film(TURN)))
    roles = rows["role"].reshape(-1, 3)
    assert (roles == [Role.HIP_OUTLINE, Role.SHOULDER_OUTLINE, Role.BACK_LINE]).all()
    assert (rows["t_ns"].reshape(-1, 3) == rows["t_ns"][::3, None]).all()
    assert len(np.unique(rows["t_ns"])) == len(rows) // 3
    doubt = rows["axis_ratio"][rows["role"] == Role.BACK_LINE]
    assert int((doubt == 0.0).sum()) == 1
    assert 0.0 < float(np.median(doubt)) < np.radians(1.0)
    assert (rows["quality"] > 0.3).all()
    variance = rows["var_x_px2"] * rows["var_y_px2"] - rows["cov_xy_px2"] ** 2
    assert (variance >= -1e-9).all()


def test_only_the_first_part_of_the_pull_is_followed() -> None:
    pictures = film(TURN)
    rises = {one.t_ns: one.rise_m for one in pictures}
    assert max(rises[t_ns] for t_ns in turns_deg(watched(pictures))) <= DONE_M


def test_more_pixels_give_the_same() -> None:
    pictures = [enlarged(one) for one in film(TURN)]
    said = watched(pictures)
    assert _worst_deg(said, pictures, TURN) < 1.0
    hip, small = (_of(rows, Role.HIP_OUTLINE) for rows in (said, watched(film(TURN))))
    np.testing.assert_array_equal(hip["t_ns"], small["t_ns"])
    for name in ("x_px", "y_px"):
        np.testing.assert_allclose(hip[name], 2.0 * (small[name] + 0.5) - 0.5, atol=1.0)


def test_a_hand_held_camera_is_followed_where_it_looks() -> None:
    """The pictures shift by whole pixels; the rows shift with them."""
    pictures = []
    for n, one in enumerate(film(TURN)):
        dx, dy = (n % 5) - 2, (n % 3) - 1
        x_px, y_px = one.bar.x_px + dx, one.bar.y_px + dy
        bar = replace(one.bar, x_px=x_px, y_px=y_px, scene_px=(float(dx), float(dy)))
        pictures.append(replace(one, luma=np.roll(one.luma, (dy, dx), axis=(0, 1)), bar=bar))
    assert _worst_deg(watched(pictures), pictures, TURN) < 1.0


# --- nothing there --------------------------------------------------------------------------------


def _risen_at_first(pictures: tuple[Picture, ...]) -> list[Picture]:
    return [one for one in pictures if one.rise_m > 0.03]


def _bar_only(pictures: tuple[Picture, ...]) -> list[Picture]:
    """The bar rises by what the detector says, and in the picture nothing moves."""
    return [replace(one, luma=pictures[0].luma) for one in pictures]


def _cut_at_left(pictures: tuple[Picture, ...]) -> list[Picture]:
    """The camera sees only what is from 8 cm behind the bar on."""
    first = round(BAR_X - 0.08 / M_PER_PX)
    return [
        replace(
            one,
            luma=np.ascontiguousarray(one.luma[:, first:]),
            bar=replace(one.bar, x_px=one.bar.x_px - first),
        )
        for one in pictures
    ]


def _as_they_are(pictures: tuple[Picture, ...]) -> list[Picture]:
    return list(pictures)


NOTHING: dict[str, tuple[Pull, Callable[[tuple[Picture, ...]], list[Picture]]]] = {
    "nobody is there": (Pull(lifter=False), _as_they_are),
    "nothing moves": (TURN, _bar_only),
    "the camera is hit": (Pull(shakes=True), _as_they_are),
    "grey before grey": (Pull(10.0, contrast=0.0), _as_they_are),
    "the picture ends before the trunk": (TURN, _cut_at_left),
    "the bar was in the air": (TURN, _risen_at_first),
}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("case", NOTHING)
def test_nothing_is_said_where_there_is_nothing(case: str, known: bool) -> None:
    pull, seen = NOTHING[case]
    pictures = seen(film(pull, known))
    assert max(one.rise_m for one in pictures) > DONE_M
    assert turns_deg(watched(pictures)) == {}


@pytest.mark.parametrize("walks_mps", [-3.0, -2.0, -1.5, -1.0, 1.0, 2.0])
def test_nothing_is_said_of_who_walks_away_as_the_bar_rises(walks_mps: float) -> None:
    """Out of the picture, or out of where a trunk in a pull can be."""
    assert turns_deg(watched(film(Pull(walks_mps=walks_mps)))) == {}


# --- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize("since_s", [SET_S - 0.15, SET_S + 0.25])
def test_a_light_that_is_switched_on_is_survived(since_s: float) -> None:
    def lit(one: Picture) -> Picture:
        if one.t_ns < BEGAN_NS + round(since_s * NS_PER_S):
            return one
        lighter = np.clip(1.25 * one.luma + 15.0, 0.0, 255.0).astype(np.uint8)
        return replace(one, luma=lighter)

    pictures = [lit(one) for one in film(TURN)]
    assert _worst_deg(watched(pictures), pictures, TURN) < 1.0


@pytest.mark.parametrize("first", [10, 32, 43], ids=["set", "lift-off", "pull"])
@pytest.mark.parametrize("known", [True, False])
def test_when_the_pictures_size_changes_it_starts_anew(first: int, known: bool) -> None:
    """Nothing is said across the change; the next pull is followed as any other."""
    watch = TrunkWatch()
    pictures = film(TURN, known)
    small = watched(pictures[:first], watch)
    large = watched([enlarged(one) for one in pictures[first:]], watch)
    again = later([enlarged(one) for one in pictures], 20.0)
    next_pull = watched(again, watch)
    if first > 20:
        assert turns_deg(large) == {}
    else:
        assert min(turns_deg(large)) >= pictures[first].t_ns
    assert len(small) == first
    assert _worst_deg(next_pull, again, TURN) < 1.0


def test_a_camera_that_is_cut_down_does_not_upset_it() -> None:
    """The bar is where it was, and there are fewer rows and columns around it."""
    watch = TrunkWatch()
    pictures = film(TURN)
    watched(pictures[:43], watch)
    cut = [replace(one, luma=np.ascontiguousarray(one.luma[:140, :180])) for one in pictures[43:]]
    assert turns_deg(watched(cut, watch)) == {}


@pytest.mark.parametrize("first", [20, 43], ids=["set", "pull"])
def test_a_clock_that_goes_back_begins_anew(first: int) -> None:
    """What was kept before is of another time: no row is later than the picture it comes with."""
    watch = TrunkWatch()
    pictures = film(TURN)
    watched(later(pictures[:first], 100.0), watch)
    said = watched(pictures, watch)
    for one, rows in zip(pictures, said, strict=True):
        assert (rows["t_ns"] <= one.t_ns).all()
    assert _worst_deg(said, pictures, TURN) < 1.0


@pytest.mark.parametrize("first", [36, 41], ids=["before it is known", "after"])
def test_a_bar_that_is_lost_in_mid_pull_is_found_again_with_the_trunk(first: int) -> None:
    """A tenth of a second, and 4 cm, without it."""
    pictures = [one for n, one in enumerate(film(TURN)) if not first <= n < first + 3]
    assert _worst_deg(watched(pictures), pictures, TURN) < 1.0


@pytest.mark.parametrize("first", [36, 43], ids=["before it is known", "after"])
def test_pictures_in_which_the_trunk_is_hidden_are_left_out(first: int) -> None:
    """Somebody walks by; behind them it is found again, as far on as it is by then."""
    whole = film(TURN)
    hidden = whole[first : first + 3]
    pictures = [
        replace(one, luma=np.full_like(one.luma, 90)) if one in hidden else one for one in whole
    ]
    said = watched(pictures)
    assert {one.t_ns for one in hidden}.isdisjoint(turns_deg(said))
    assert _worst_deg(said, pictures, TURN) < 1.0


def test_each_pull_of_a_set_is_followed() -> None:
    """And the way down between them is not."""
    watch, pictures = TrunkWatch(), film(TURN)
    top_ns = pictures[-1].t_ns
    lowered = [replace(one, t_ns=top_ns + n * PERIOD_NS) for n, one in enumerate(pictures[::-1], 1)]
    again = later(film(Pull(5.0)), 6.0)
    assert _worst_deg(watched(pictures, watch), pictures, TURN) < 1.0
    assert turns_deg(watched(lowered, watch)) == {}
    assert _worst_deg(watched(again, watch), again, Pull(5.0)) < 1.0


def test_it_looks_no_more_often_than_it_must() -> None:
    watch = TrunkWatch()
    one = film(TURN)[0]
    watched([one], watch)
    assert not watch.due(one.t_ns + RATE_NS - 1)
    assert watch.due(one.t_ns + RATE_NS)
    assert watch.due(one.t_ns - 1)


def test_no_row_is_written_where_there_is_no_room() -> None:
    watch = TrunkWatch()
    for one in film(TURN):
        out = np.zeros(2, DETECTION)
        assert watch.look(one.luma, one.t_ns, one.bar, out) == 0
        assert out.tobytes() == bytes(out.nbytes)
