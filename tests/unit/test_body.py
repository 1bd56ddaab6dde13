"""Stickers over a lift: the quiet set position, mean places, gaps, and the angles between them."""

import numpy as np
import pytest
from fault_cases import BODY
from judged import PULL, REST_S, Pull

from shinline.coach.body import (
    Body,
    Point,
    behind_deg,
    knee_deg,
    line_sd_deg,
    longest_gap_s,
    name_of,
    quiet,
    trunk_deg,
    trunk_of,
)
from shinline.types import NS_PER_S, PATH, Role, Rows

RATE_HZ = 100


def _rows(seconds: float, speed_mps: float = 0.0) -> Rows:
    rows = np.zeros(round(seconds * RATE_HZ) + 1, PATH)
    rows["t_ns"] = np.arange(len(rows)) * (NS_PER_S // RATE_HZ)
    rows["vx_mps"], rows["sd_m"] = speed_mps, 0.001
    return rows


def _body(hip: Rows, shoulder: Rows) -> Body:
    return Body({Role.HIP: hip, Role.SHOULDER: shoulder})


def test_the_set_position_is_the_last_stretch_of_stillness_before_the_pull() -> None:
    hip, shoulder = _rows(3.0), _rows(3.0)
    hip["vy_mps"][150:200] = 0.3  # until 2.0 s, then still
    shoulder["vx_mps"][230:] = 0.3  # from 2.3 s on
    found = quiet(_body(hip, shoulder), 260)
    assert found == slice(209, 230)  # 0.2 s up to 2.29 s


def test_two_tenths_of_a_second_of_stillness_are_needed() -> None:
    for still_rows, found in ((20, False), (21, True)):
        hip = _rows(3.0, 0.3)
        hip["vx_mps"][200 : 200 + still_rows] = 0.0
        assert (quiet(_body(hip, _rows(3.0)), 280) is not None) is found


@pytest.mark.parametrize(("speed_mps", "found"), [(0.049, True), (0.051, False)])
def test_still_is_below_fifty_millimetres_a_second(speed_mps: float, found: bool) -> None:
    assert (quiet(_body(_rows(2.0), _rows(2.0, speed_mps)), 150) is not None) is found
    assert (quiet(_body(_rows(2.0, speed_mps), _rows(2.0)), 150) is not None) is found


@pytest.mark.parametrize(("ago_s", "found"), [(1.4, True), (1.6, False)])
def test_a_set_position_is_not_looked_for_longer_ago(ago_s: float, found: bool) -> None:
    hip = _rows(4.0)
    last = 350 - round(ago_s * RATE_HZ)
    hip["vx_mps"][last + 1 :] = 0.3
    assert (quiet(_body(hip, _rows(4.0)), 350) is not None) is found


def test_without_hip_or_shoulder_there_is_no_set_position() -> None:
    assert quiet(Body({Role.HIP: _rows(2.0)}), 150) is None
    assert quiet(Body({Role.SHOULDER: _rows(2.0)}), 150) is None


def test_a_recording_that_begins_with_the_pull_has_no_set_position() -> None:
    assert quiet(_body(_rows(2.0), _rows(2.0)), 10) is None


def test_the_exact_pull_is_set_up_to_lift_off() -> None:
    given = Pull(PULL, BODY).given()
    start = int(np.searchsorted(given.bar["t_ns"], round((REST_S + 0.08) * NS_PER_S)))
    found = quiet(given.body, start)
    assert found is not None
    ends_s = float(given.bar["t_ns"][found.stop - 1]) / NS_PER_S
    assert REST_S < ends_s < REST_S + 0.12


def test_a_gap_is_the_longest_time_without_a_sighting_ends_included() -> None:
    rows = _rows(1.0)
    assert longest_gap_s(rows) == pytest.approx(0.01)
    rows["coasting"][40:60] = True
    assert longest_gap_s(rows) == pytest.approx(0.21)
    rows["coasting"][:35] = True
    assert longest_gap_s(rows) == pytest.approx(0.35)
    rows["coasting"][70:] = True
    assert longest_gap_s(rows) == pytest.approx(0.35)
    rows["coasting"][:] = True
    assert longest_gap_s(rows) == pytest.approx(1.0)
    assert longest_gap_s(rows[:0]) == float("inf")


def test_the_first_of_the_roles_that_was_missing_is_named() -> None:
    hidden = _rows(1.0)
    hidden["coasting"][40:60] = True
    body = Body({Role.HIP: _rows(1.0), Role.MID_BACK: hidden})
    roles = (Role.HIP, Role.MID_BACK, Role.KNEE)
    assert body.missing(roles, slice(None)) == "the mid-back marker was out of sight"
    assert body.missing((Role.HIP, Role.KNEE), slice(None)) == "the knee marker was out of sight"
    assert body.missing((Role.HIP,), slice(None)) == ""
    assert body.missing((Role.MID_BACK,), slice(0, 40)) == ""
    assert name_of(Role.CREST) == "crest"


def test_a_place_is_the_mean_of_what_was_seen_and_unsure_by_its_depth() -> None:
    rows = _rows(1.0)
    rows["x_m"], rows["y_m"] = 0.2, 0.5
    rows["x_m"][50:], rows["coasting"][50:] = 9.0, True
    body = Body({Role.HIP: rows}, rel_sd={Role.HIP: 0.02}, axis_m=(0.1, 0.0))
    point = body.point(Role.HIP, slice(None))
    assert point is not None
    assert (point.x_m, point.y_m) == pytest.approx((0.2, 0.5))
    assert point.sd_m == pytest.approx(np.hypot(0.001, 0.02 * 0.1))
    assert body.point(Role.HIP, slice(50, None)) is None
    assert body.point(Role.KNEE, slice(None)) is None
    assert set(body.points(slice(None))) == {Role.HIP}
    assert body.points(slice(60, None)) == {}


def _point(x: float, y: float, sd: float = 0.0) -> Point:
    return Point(x, y, sd)


def test_angles_are_those_of_geometry() -> None:
    root3 = 3.0**0.5
    assert trunk_of(_point(0, 0), _point(root3, 1)) == pytest.approx(30.0)
    assert trunk_of(_point(0, 0), _point(-root3, 1)) == pytest.approx(30.0)  # either facing
    assert trunk_of(_point(0, 0), _point(1, -1)) == pytest.approx(-45.0)
    assert behind_deg(_point(0, 0), _point(-1, root3)) == pytest.approx(30.0)
    assert behind_deg(_point(0, 0), _point(1, root3)) == pytest.approx(-30.0)
    assert knee_deg(_point(0, 2), _point(0, 1), _point(0, 0)) == pytest.approx(180.0)
    assert knee_deg(_point(-1, 1), _point(0, 1), _point(0, 0)) == pytest.approx(90.0)
    assert knee_deg(_point(1, 1), _point(0, 1), _point(0, 0)) == pytest.approx(90.0)
    assert line_sd_deg(_point(0, 0, 0.003), _point(0, 0.5, 0.004)) == pytest.approx(
        np.degrees(np.arctan2(0.005, 0.5))
    )
    near = line_sd_deg(_point(0, 0, 0.003), _point(0, 0.001, 0.004))
    assert near == pytest.approx(np.degrees(np.arctan2(0.005, 0.05)))  # never below 50 mm


def test_the_angle_of_rows_is_that_of_points() -> None:
    hip, shoulder = _rows(0.1), _rows(0.1)
    hip["x_m"], shoulder["x_m"], shoulder["y_m"] = 0.1, -0.3, 0.4
    np.testing.assert_allclose(trunk_deg(hip, shoulder), 45.0)
