"""The legs behind the plate: what is learnt of them, and where a hidden knee must be."""

from dataclasses import replace

import numpy as np
import pytest
from judged import PULL, REST_S, ROM_M, UP_S, Pull, at, between_heights
from lifts import Floats

from shinline.coach.body import Body, Point
from shinline.coach.legs import (
    Legs,
    Lengths,
    Segments,
    gap_at,
    gap_sd_m,
    hip_over,
    learn,
    segments,
    solver,
    ways_off,
)
from shinline.coach.past import Past
from shinline.types import PATH, Role, Rows

SHANK_M, THIGH_M = 0.42, 0.44
HERE = Point(0.0, 0.0, 0.0)
ANKLE_X_M, ANKLE_Y_M = -0.11, -0.13
TOP_S = REST_S + UP_S + 0.5


def _hip(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """From behind and low to above the ankle, in step with the bar."""
    share = np.clip(y / ROM_M, 0.0, 1.0)
    return -0.45 + 0.36 * share, 0.26 + 0.46 * share


def _knee(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The law of cosines: the angle at the ankle between shank and the way to the hip."""
    hip_x, hip_y = _hip(t, x, y)
    apart = np.hypot(hip_x - ANKLE_X_M, hip_y - ANKLE_Y_M)
    inner = np.arccos((SHANK_M**2 + apart**2 - THIGH_M**2) / (2.0 * SHANK_M * apart))
    angle = np.arctan2(hip_y - ANKLE_Y_M, hip_x - ANKLE_X_M) - inner
    return ANKLE_X_M + SHANK_M * np.cos(angle), ANKLE_Y_M + SHANK_M * np.sin(angle)


def _shoulder(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Half a metre from the hip, right above it at the top."""
    hip_x, hip_y = _hip(t, x, y)
    angle = np.radians(30.0 + 60.0 * np.clip(y / ROM_M, 0.0, 1.0))
    return hip_x + 0.5 * np.cos(angle), hip_y + 0.5 * np.sin(angle)


def _line_x(y: Floats) -> Floats:
    """Where the leg is at the bar's height: on the shank below the knee, on the thigh above."""
    still = np.zeros_like(y)
    (knee_x, knee_y), (hip_x, hip_y) = _knee(still, still, y), _hip(still, still, y)
    shank = ANKLE_X_M + (knee_x - ANKLE_X_M) * (y - ANKLE_Y_M) / (knee_y - ANKLE_Y_M)
    thigh = knee_x + (hip_x - knee_x) * (y - knee_y) / (hip_y - knee_y)
    return np.where(y < knee_y, shank, thigh)


BODY = {
    Role.ANKLE: at(ANKLE_X_M, ANKLE_Y_M),
    Role.KNEE: _knee,
    Role.HIP: _hip,
    Role.SHOULDER: _shoulder,
}
START_M = float(_line_x(np.zeros(1))[0])


def _along(away_m: float, low_m: float = 0.06, high_m: float = 0.16) -> Pull:
    """The bar goes up the leg, and away from it by so much between two heights."""
    leaves = between_heights(away_m, low_m, high_m)
    return Pull(PULL, BODY, aside=lambda t, y: _line_x(y) - START_M + leaves(t, y))


HIDDEN = ((Role.KNEE, 0.0, TOP_S), (Role.ANKLE, 0.0, TOP_S))
"""The plate hides both but with the bar at the top."""


@pytest.mark.parametrize("hidden", [(), HIDDEN], ids=["seen", "hidden"])
@pytest.mark.parametrize(("low_m", "high_m"), [(0.06, 0.16), (0.34, 0.42)], ids=["shank", "thigh"])
@pytest.mark.parametrize("away_m", [0.0, 0.018, 0.035])
def test_the_gap_grows_by_what_the_bar_leaves_the_leg(
    away_m: float, low_m: float, high_m: float, hidden: tuple[tuple[Role, float, float], ...]
) -> None:
    """A hidden knee is found from the lengths of an earlier repetition and this lockout's ankle."""
    past = Past(legs=Legs(SHANK_M, THIGH_M))
    verdict = _along(away_m, low_m, high_m).but(hidden=hidden, past=past).verdict("bar_leaves_legs")
    assert verdict.assessed, verdict.reason
    assert verdict.value == pytest.approx(away_m, abs=1.5e-3)


def _body(pull: Pull) -> Body:
    return pull.given().body


def _rows_at(pull: Pull, since_s: float, until_s: float) -> slice:
    t_s = pull.given().bar["t_ns"] / 1e9
    return slice(*np.searchsorted(t_s, [since_s, until_s]))


def test_lengths_and_the_place_of_the_foot_are_learnt_from_a_lift() -> None:
    pull = _along(0.0)
    standing = _rows_at(pull, TOP_S - 0.4, TOP_S + 0.4)
    legs = learn(_body(pull), standing, Legs())
    assert legs.shank_m == pytest.approx(SHANK_M, abs=1e-6)
    assert legs.thigh_m == pytest.approx(THIGH_M, abs=1e-6)
    assert legs.ankle is not None and legs.standing is not None
    assert (legs.ankle.x_m, legs.ankle.y_m) == pytest.approx((ANKLE_X_M, ANKLE_Y_M))
    knee = [float(v[0]) for v in _knee(np.zeros(1), np.zeros(1), np.full(1, ROM_M))]
    assert (legs.standing[1].x_m, legs.standing[1].y_m) == pytest.approx(knee, abs=1e-6)


def test_what_was_not_seen_stays_known_but_for_the_place_of_the_foot() -> None:
    before = Legs(0.40, 0.41, 0.80, Point(1.0, 2.0, 0.1), (Point(0, 0, 0), Point(0, 1, 0)))
    after = learn(Body(), slice(None), before)
    assert after == Legs(0.40, 0.41, 0.80, None, None)


def test_a_straight_leg_has_its_knee_on_the_line_to_the_hip() -> None:
    """The knee is hidden at the top: the line goes to the hip, and is less sure."""
    pull = _along(0.0)
    standing = _rows_at(pull, TOP_S - 0.4, TOP_S + 0.4)
    body = _body(pull)
    hidden = replace(body, paths={r: p for r, p in body.paths.items() if r is not Role.KNEE})
    seen, line = learn(body, standing, Legs()).standing, learn(hidden, standing, Legs()).standing
    assert seen is not None
    assert line is not None
    hip = body.paths[Role.HIP][standing]
    assert (line[1].x_m, line[1].y_m) == pytest.approx((hip["x_m"].mean(), hip["y_m"].mean()))
    assert gap_sd_m(line, 0.0) > gap_sd_m(seen, 0.0)


@pytest.mark.parametrize(("bent_m", "kept"), [(0.005, False), (0.02, True)])
def test_a_leg_that_is_bent_at_the_top_shows_no_straight_shank(bent_m: float, kept: bool) -> None:
    """Then the shank of an earlier lockout stays: it leans with a bent knee."""
    pull = _along(0.0)
    standing = _rows_at(pull, TOP_S - 0.4, TOP_S + 0.4)
    straight = learn(_body(pull), standing, Legs())
    assert straight.reach_m is not None
    line = (Point(0.0, 0.0, 0.0), Point(0.0, 1.0, 0.0))
    before = Legs(reach_m=straight.reach_m + bent_m, standing=line)
    after = learn(_body(pull), standing, before)
    assert (after.standing == line) is kept
    assert after.reach_m == before.reach_m


def test_a_glance_is_too_short_to_learn_a_length_from() -> None:
    pull = _along(0.0)
    body = _body(pull)
    for seen, learnt in ((7, 0.40), (8, SHANK_M)):
        knee = body.paths[Role.KNEE].copy()
        knee["coasting"] = True
        knee["coasting"][100 : 100 + seen] = False
        paths = {**body.paths, Role.KNEE: knee}
        legs = learn(Body(paths, placed=True), slice(-10, None), Legs(0.40, 0.41))
        assert legs.shank_m == pytest.approx(learnt, abs=1e-6)


def test_a_leg_that_would_be_longer_than_it_is_is_straight() -> None:
    hip = np.zeros(3, PATH)
    hip["x_m"], hip["y_m"] = 0.0, 1.0
    leg = solver(Body({Role.HIP: hip}), slice(None))(HERE, Segments(0.42, 0.44, ()))
    np.testing.assert_allclose(leg.knee_x_m, 0.0, atol=1e-9)
    np.testing.assert_allclose(leg.knee_y_m, 0.42)


def test_a_bent_knee_is_on_the_side_of_the_toes() -> None:
    """An equal-sided leg with a hip right above: half of it is up, the rest is forward."""
    hip = np.zeros(2, PATH)
    hip["y_m"] = 0.6
    leg = solver(Body({Role.HIP: hip}), slice(None))(HERE, Segments(0.5, 0.5, ()))
    np.testing.assert_allclose(leg.knee_x_m, 0.4)
    np.testing.assert_allclose(leg.knee_y_m, 0.3)


def test_a_knee_that_is_seen_is_where_it_is_seen() -> None:
    hip, knee = np.zeros(2, PATH), np.zeros(2, PATH)
    hip["y_m"], knee["x_m"], knee["y_m"] = 0.6, 0.1, 0.33
    knee["coasting"] = [False, True]
    body = Body({Role.HIP: hip, Role.KNEE: knee})
    leg = solver(body, slice(None))(HERE, Segments(0.5, 0.5, ()))
    np.testing.assert_allclose(leg.knee_x_m, [0.1, 0.4])
    unknown = solver(body, slice(None))(HERE, None)
    np.testing.assert_allclose(unknown.knee_x_m, [0.1, np.nan])


def _bar(*places: tuple[float, float]) -> Rows:
    rows = np.zeros(len(places), PATH)
    rows["x_m"], rows["y_m"] = zip(*places, strict=True)
    return rows


def test_below_the_knee_the_shank_counts_and_above_it_the_thigh() -> None:
    hip, knee = np.zeros(3, PATH), np.zeros(3, PATH)
    hip["x_m"], hip["y_m"], knee["x_m"], knee["y_m"] = -0.2, 0.8, 0.1, 0.4
    body = Body({Role.HIP: hip, Role.KNEE: knee})
    leg = solver(body, slice(None))(Point(-0.1, 0.0, 0.0), None)
    shank, thigh = leg.gap_m(_bar((0.2, 0.2), (0.2, 0.4), (0.2, 0.6)))
    np.testing.assert_allclose(shank, [0.2, np.nan, np.nan])  # half-way: at 0.0
    np.testing.assert_allclose(thigh, [np.nan, 0.1, 0.25])  # at the knee, then at -0.05


def test_the_gap_at_the_floor_is_between_shaft_and_shin() -> None:
    """14 mm of shaft and 45 mm of shin in front of the line between the stickers."""
    line = (Point(-0.10, -0.1, 0.002), Point(-0.08, 0.3, 0.003))
    assert gap_at(line, 0.0, 0.0) == pytest.approx(0.095 - 0.059)
    assert gap_at(line, 0.02, 0.0) == pytest.approx(0.115 - 0.059)
    assert gap_sd_m(line, 0.0) == pytest.approx(np.hypot(0.75 * 0.002, 0.25 * 0.003))


def test_legs_may_be_off_in_each_way_that_is_used() -> None:
    ankle, lengths = Point(-0.125, -0.125, 0.015625), segments(Legs(0.42, 0.44))
    assert lengths is not None
    ways = ways_off(ankle, lengths)
    assert [way[0] for way in ways] == [
        Point(-0.109375, -0.125, 0.015625),
        Point(-0.125, -0.121, 0.015625),  # along the ray of the lens its height hardly changes
        ankle,
        ankle,
    ]
    assert [(w[1].shank_m, w[1].thigh_m) for w in ways if w[1]] == [
        (0.42, 0.44),
        (0.42, 0.44),
        pytest.approx((0.424, 0.44)),
        pytest.approx((0.42, 0.444)),
    ]
    assert len(ways_off(ankle, None)) == 2


def test_lengths_that_were_not_seen_follow_from_the_straight_leg() -> None:
    assert segments(Legs()) is None
    assert segments(Legs(shank_m=0.42)) is None
    seen = segments(Legs(0.42, 0.44, reach_m=0.87))
    assert seen is not None and (seen.shank_m, seen.thigh_m) == (0.42, 0.44)
    odd = segments(Legs(0.42, 0.60, reach_m=0.86))  # no hip is so far from its knee
    assert odd is not None and odd.thigh_m == pytest.approx(0.44)
    rest = segments(Legs(shank_m=0.42, reach_m=0.86))
    assert rest is not None and rest.thigh_m == pytest.approx(0.44)
    both = segments(Legs(reach_m=0.86))
    assert both is not None
    assert both.shank_m + both.thigh_m == pytest.approx(0.86)
    assert both.shank_m / both.thigh_m == pytest.approx(0.246 / 0.245, abs=2e-3)
    split_m, half_m = 0.015 * 0.86, 0.5 * 0.007 * 0.86  # how it is split, and all of it
    assert both.ways == (
        pytest.approx((split_m, -split_m)),
        pytest.approx((half_m, half_m)),
    )
    assert rest.ways == (pytest.approx((0.004, -0.004)), pytest.approx((0.0, 2.0 * half_m)))


def test_a_straight_leg_is_measured_below_the_shoulder_where_the_plate_hides_the_hip() -> None:
    """A trunk of 0.5 m seen while bent; standing, ankle and shoulder alone."""
    hip, shoulder, ankle = (np.zeros(60, PATH) for _ in range(3))
    shoulder["x_m"][:30], shoulder["y_m"][:30] = 0.3, 0.4  # 0.5 m from the hip
    shoulder["x_m"][30:], shoulder["y_m"][30:] = -0.02, 1.22
    hip["coasting"][30:] = ankle["coasting"][:30] = True
    ankle["x_m"], ankle["y_m"] = -0.05, -0.12
    body = Body({Role.HIP: hip, Role.SHOULDER: shoulder, Role.ANKLE: ankle})
    legs = learn(body, slice(30, 60), Legs())
    assert legs.reach_m == pytest.approx(np.hypot(0.03, 1.22 - 0.5 + 0.12))
    assert legs.standing is None


def test_an_unsure_ankle_makes_an_unsure_gap() -> None:
    """Its depth by its size: 30 mm of it along the ray that sees it."""
    pull = _along(0.035).but(hidden=HIDDEN, past=Past(legs=Legs(SHANK_M, THIGH_M)))
    rel_sd = {Role.ANKLE: 0.03 / abs(ANKLE_X_M)}
    unsure = pull.but(changes={"body": replace(pull.given().body, rel_sd=rel_sd)})
    sds = [each.verdict("bar_leaves_legs").sd for each in (pull, unsure)]
    assert sds[0] is not None and sds[1] is not None
    assert sds[1] > sds[0] + 1e-3


def _trunk(bend: float = 0.0) -> dict[Role, Rows]:
    """Hip, mid-back and shoulder that turn and go up as one; the hip is hidden in the end."""
    angle = np.radians(np.linspace(30.0, 80.0, 40))
    lift = np.linspace(0.0, 0.5, 40)
    bends = bend * np.arange(40)
    paths = {}
    for role, (along, across) in {
        Role.HIP: (0.0, 0.0),
        Role.MID_BACK: (0.22, 0.10),
        Role.SHOULDER: (0.50, 0.0),
    }.items():
        rows = np.zeros(40, PATH)
        out = across + (bends if role is Role.MID_BACK else 0.0)
        rows["x_m"] = 0.1 + along * np.cos(angle) - out * np.sin(angle)
        rows["y_m"] = 0.3 + lift + along * np.sin(angle) + out * np.cos(angle)
        paths[role] = rows
    paths[Role.HIP]["coasting"][25:] = True
    return paths


def test_a_hidden_hip_is_where_the_rest_of_the_trunk_has_it() -> None:
    paths = _trunk()
    x, y, sd = hip_over(Body(paths), slice(None), 40)
    np.testing.assert_allclose(x, paths[Role.HIP]["x_m"], atol=1e-9)
    np.testing.assert_allclose(y, paths[Role.HIP]["y_m"], atol=1e-9)
    x, _, _ = hip_over(Body(paths), slice(30, 35), 5)
    np.testing.assert_allclose(x, paths[Role.HIP]["x_m"][30:35], atol=1e-9)
    assert sd == pytest.approx(0.003)


def test_a_trunk_that_changes_its_shape_tells_its_hip_less_surely() -> None:
    _, _, sd = hip_over(Body(_trunk(bend=0.001)), slice(None), 40)
    assert sd > 0.008


def test_a_hip_stays_hidden_where_the_trunk_is_too() -> None:
    paths = _trunk()
    paths[Role.MID_BACK]["coasting"][30:] = True
    x, _, _ = hip_over(Body(paths), slice(None), 40)
    assert np.isfinite(x[:30]).all() and np.isnan(x[30:]).all()
    alone = {Role.HIP: paths[Role.HIP], Role.MID_BACK: paths[Role.MID_BACK]}
    for body in (Body(alone), Body({Role.HIP: paths[Role.HIP]})):
        x, _, sd = hip_over(body, slice(None), 40)
        assert np.isnan(x[25:]).all()
        assert sd == pytest.approx(0.003)


def test_a_trunk_seen_together_for_a_glance_tells_nothing() -> None:
    paths = _trunk()
    paths[Role.HIP]["coasting"][:] = True
    paths[Role.HIP]["coasting"][:7] = False
    x, _, _ = hip_over(Body(paths), slice(None), 40)
    assert np.isnan(x[7:]).all()


def test_lengths_are_learnt_from_moments_wherever_the_lifter_is() -> None:
    lengths = Lengths()
    for n in range(3):
        assert lengths.complete(Legs()) == Legs()
        x = 0.3 * n
        lengths.look(
            {
                Role.KNEE: Point(x, 0.3, 0.0),
                Role.ANKLE: Point(x - 0.3, -0.1, 0.0),
                Role.HIP: Point(x - 0.4, 0.6, 0.0),
            }
        )
    assert lengths.complete(Legs()) == Legs(pytest.approx(0.5), pytest.approx(0.5))
    assert lengths.complete(Legs(0.4, 0.41)) == Legs(0.4, 0.41)
    lengths.forget()
    assert lengths.complete(Legs()) == Legs()
