"""Faults that take more than one number: which of them together are a fault."""

import numpy as np
import pytest
from fault_cases import (
    BODY,
    HIP,
    SHOULDER,
    TRUE,
    hips_low_start,
    rounding,
    short_lockout,
    tips,
    with_ratio,
)
from judged import (
    DOWN_S,
    HOLD_S,
    REST_S,
    ROM_M,
    Pull,
    at,
    finished,
    plateau,
    with_bar,
)
from lifts import Floats, Script, min_jerk

from shinline.coach.past import Past
from shinline.types import Role, Severity

GOOD, WARN, FAULT, INFO = Severity.GOOD, Severity.WARN, Severity.FAULT, Severity.INFO


# --- hips too high at the start: two of three -------------------------------------------------


def _start(trunk_deg: float, hip_share: float, knee_deg: float) -> Pull:
    """A set position with these three: trunk 0.5 m, shank 0.4 m, knee 0.35 m ahead of the hip."""
    trunk = np.radians(trunk_deg)
    hip_x, hip_y = 0.03 - 0.5 * np.cos(trunk), 0.55 - 0.5 * np.sin(trunk)
    knee_y = (hip_y - hip_share * 0.55) / (1.0 - hip_share)
    thigh = np.arctan2(hip_y - knee_y, -0.35) + np.radians(knee_deg)
    knee_x = hip_x + 0.35
    body = {
        Role.HIP: with_bar(hip_x, hip_y),
        Role.SHOULDER: SHOULDER,
        Role.KNEE: at(knee_x, knee_y),
        Role.ANKLE: at(knee_x + 0.4 * np.cos(thigh), knee_y + 0.4 * np.sin(thigh)),
    }
    return Pull(body=body)


@pytest.mark.parametrize(
    ("trunk_deg", "hip_share", "knee_deg", "severity"),
    [
        (25.0, 0.50, 110.0, GOOD),
        (10.2, 0.79, 129.0, GOOD),
        (9.8, 0.79, 129.0, WARN),
        (10.2, 0.81, 129.0, WARN),
        (10.2, 0.79, 131.0, WARN),
        (9.8, 0.81, 129.0, FAULT),
        (9.8, 0.79, 131.0, FAULT),
        (10.2, 0.81, 131.0, FAULT),
        (9.8, 0.81, 131.0, FAULT),
    ],
)
def test_two_of_trunk_hip_and_knee_are_a_fault_and_one_a_mention(
    trunk_deg: float, hip_share: float, knee_deg: float, severity: Severity
) -> None:
    verdict = _start(trunk_deg, hip_share, knee_deg).verdict("hips_high_start")
    assert verdict.severity is severity
    assert verdict.value == pytest.approx(trunk_deg, abs=0.05)
    assert verdict.details["hip_share"] == pytest.approx(hip_share, abs=2e-3)
    assert verdict.details["knee_deg"] == pytest.approx(knee_deg, abs=0.2)


def test_without_the_knee_a_flat_trunk_is_a_mention_at_most() -> None:
    body = dict(_start(2.0, 0.9, 150.0).body)
    del body[Role.KNEE], body[Role.ANKLE]
    verdict = Pull(body=body).verdict("hips_high_start")
    assert verdict.severity is WARN
    assert verdict.details == {}


@pytest.mark.parametrize(
    ("lift", "trunk_deg", "knee_deg", "severity"),
    [
        ("sumo", 19.0, 110.0, FAULT),  # more upright: 20 degrees, and the knee does not count
        ("sumo", 21.0, 150.0, GOOD),
        ("trap_bar", 5.0, 129.0, GOOD),  # the trunk says nothing, the knee does
        ("trap_bar", 25.0, 131.0, FAULT),
        ("blocks", 9.0, 150.0, WARN),  # high hips and straight knees are how it begins
        ("blocks", 11.0, 150.0, GOOD),
    ],
)
def test_each_lift_has_its_own_start(
    lift: str, trunk_deg: float, knee_deg: float, severity: Severity
) -> None:
    pull = _start(trunk_deg, 0.5, knee_deg).but(lift=lift)
    assert pull.verdict("hips_high_start").severity is severity


def test_a_trap_bar_without_a_knee_is_not_assessed() -> None:
    verdict = Pull(body=BODY, lift="trap_bar").verdict("hips_high_start")
    assert (verdict.assessed, verdict.reason) == (False, "the knee was not seen")


@pytest.mark.parametrize(("usual_deg", "level_deg"), [(35.0, 29.0), (24.0, 18.0), (12.0, 10.0)])
def test_a_lifters_own_start_moves_the_trunks_level_to_six_degrees_below(
    usual_deg: float, level_deg: float
) -> None:
    """And never below the general one."""
    for deg, severity in ((level_deg + 1.0, GOOD), (level_deg - 1.0, WARN)):
        pull = _start(deg, 0.5, 110.0).with_own("hips_high_start", usual_deg, 1.0)
        verdict = pull.verdict("hips_high_start")
        assert verdict.assessed
        assert verdict.threshold == pytest.approx(level_deg)
        assert verdict.severity is severity


# --- hips too low -----------------------------------------------------------------------------


def _rising(by_m: float) -> Pull:
    """The hips rise between the set position and lift-off, the shoulder over the bar."""

    def hip(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        early = min_jerk(np.clip((t - (REST_S - 0.25)) / 0.25, 0.0, 1.0))
        return np.full_like(t, -0.38), 0.26 + by_m * early + y

    return Pull(body={Role.HIP: hip, Role.SHOULDER: with_bar(0.0, 0.55)})


@pytest.mark.parametrize(("by_m", "severity"), [(0.038, GOOD), (0.042, FAULT)])
def test_hips_that_rise_before_the_bar_does_were_too_low(by_m: float, severity: Severity) -> None:
    verdict = _rising(by_m).verdict("hips_low_start")
    assert verdict.details["hip_rise_m"] == pytest.approx(by_m, abs=1e-3)
    assert verdict.severity is severity


def test_a_shoulder_ahead_of_the_bar_is_right() -> None:
    assert hips_low_start(-0.06).verdict("hips_low_start").severity is GOOD


# --- hips shoot up ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drop_deg", "ratio", "severity"),
    [
        (2.9, 1.19, GOOD),
        (3.3, 1.05, WARN),
        (1.0, 1.21, WARN),
        (5.1, 1.29, WARN),
        (4.9, 1.60, WARN),
        (5.1, 1.31, FAULT),
        (12.0, 1.29, WARN),
        (10.1, 1.50, FAULT),
    ],
)
def test_angle_and_rise_have_to_agree_before_hips_are_a_fault(
    drop_deg: float, ratio: float, severity: Severity
) -> None:
    verdict = with_ratio(drop_deg, ratio).verdict("hips_shoot_up")
    assert verdict.value == pytest.approx(drop_deg, abs=0.05)
    assert verdict.details["rise_ratio"] == pytest.approx(ratio, abs=4e-3)
    assert verdict.severity is severity


@pytest.mark.parametrize(
    ("hip_rise_m", "severity"), [(0.039, WARN), (0.041, FAULT)], ids=["39 mm", "41 mm"]
)
def test_hips_that_rise_while_the_shoulders_hardly_do_are_a_fault(
    hip_rise_m: float, severity: Severity
) -> None:
    """The shoulder stays; a trunk of 0.4 m at 40 degrees loses the angle that its rise takes."""
    share = np.sin(np.radians(40.0)) - hip_rise_m / 0.4

    def hip(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lost = np.radians(40.0) - np.arcsin(share)
        angle = np.radians(40.0) - lost * min_jerk(np.clip(y / 0.10, 0.0, 1.0))
        return 0.03 - 0.4 * np.cos(angle), 0.55 - 0.4 * np.sin(angle)

    verdict = Pull(body={Role.HIP: hip, Role.SHOULDER: at(0.03, 0.55)}).verdict("hips_shoot_up")
    assert "rise_ratio" not in verdict.details
    assert verdict.details["hip_rise_m"] == pytest.approx(hip_rise_m, abs=5e-4)
    assert verdict.severity is severity


def test_a_trunk_that_tips_back_the_other_way_is_told_as_nothing() -> None:
    assert tips(0.5, -6.0).verdict("hips_shoot_up").value == 0.0


def test_a_trunk_that_tips_after_the_window_is_not_counted() -> None:
    def hip(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        angle = np.radians(35.0 - 20.0 * min_jerk(np.clip((y - 0.14) / 0.1, 0.0, 1.0)))
        return 0.03 - 0.5 * np.cos(angle), y + 0.55 - 0.5 * np.sin(angle)

    verdict = Pull(body={Role.HIP: hip, Role.SHOULDER: SHOULDER}).verdict("hips_shoot_up")
    assert verdict.value == pytest.approx(0.0, abs=0.02)


# --- what has to be kept for some time ---------------------------------------------------------


@pytest.mark.parametrize(("for_s", "counts"), [(0.05, False), (0.16, True)])
def test_a_bar_that_is_forward_for_less_than_a_tenth_of_a_second_is_not(
    for_s: float, counts: bool
) -> None:
    pull = Pull(aside=plateau(0.04, 1.35, 1.35 + for_s, ramp_s=0.02))
    assert (pull.verdict("bar_forward").value == pytest.approx(0.04, abs=1e-3)) is counts


@pytest.mark.parametrize(("pause_s", "counts"), [(0.001, False), (0.07, True)])
def test_a_bar_that_is_down_for_an_instant_has_not_turned_back(
    pause_s: float, counts: bool
) -> None:
    script = Script().rest(REST_S).move(0.8, 0.25).move(0.15, -0.01).rest(pause_s)
    pull = Pull(script.move(1.0, ROM_M - 0.24).rest(HOLD_S).move(DOWN_S, -ROM_M))
    value = pull.verdict("reversal").value
    assert (value == pytest.approx(0.01, abs=1e-5)) is counts
    assert value is not None and 0.0 < value < 0.0101


def test_a_slight_settling_at_the_top_is_no_reversal() -> None:
    script = Script().rest(REST_S).move(1.4, ROM_M).move(0.4, -0.012).rest(HOLD_S)
    assert Pull(script.move(DOWN_S, 0.012 - ROM_M)).verdict("reversal").severity is GOOD


def test_a_back_that_is_bent_from_the_start_and_stays_so_is_well() -> None:
    for usual_deg in (0.0, 25.0, 45.0):
        verdict = rounding(1.0, usual_deg).verdict("rounding")
        assert verdict.value == pytest.approx(1.0, abs=0.05)
        assert verdict.severity is GOOD


def test_a_back_that_straightens_is_well() -> None:
    assert rounding(-15.0).verdict("rounding").severity is GOOD


def test_either_facing_bends_the_same_way() -> None:
    right = rounding(14.0)

    def mirrored(role: Role) -> object:
        return lambda t, x, y: (-right.body[role](t, x, y)[0], right.body[role](t, x, y)[1])

    left = right.but(body={role: mirrored(role) for role in right.body})
    assert left.verdict("rounding").value == pytest.approx(right.verdict("rounding").value)


# --- the lockout --------------------------------------------------------------------------------


def test_a_top_that_is_not_held_is_worth_mentioning() -> None:
    """Down again at once: within 3 % of the top for less than 0.15 s."""
    up = Script().rest(REST_S).move(0.5, ROM_M, ease=lambda u: u * (2.0 - u))
    usual = Past(reps=(finished(1, rom_m=0.52), finished(2, rom_m=0.52)))
    hurried = Pull(up.move(0.7, -ROM_M, ease=lambda u: u), past=usual)
    held = Pull(up.rest(0.4).move(1.0, -ROM_M), past=usual)
    assert held.verdict("short_lockout").severity is GOOD
    shown = hurried.verdict("short_lockout")
    assert (shown.severity, shown.details["hold_s"] < 0.15) == (WARN, True)


def test_a_top_above_the_usual_one_is_well() -> None:
    assert short_lockout(-0.05).verdict("short_lockout").severity is GOOD


def test_the_usual_top_is_the_middle_one_of_the_newest() -> None:
    """Two short ones among nine, and a much earlier one of another height, move nothing."""
    earlier = [0.70] * 4 + [0.52] * 7 + [0.40] * 2
    reps = tuple(finished(n, rom_m=rom) for n, rom in enumerate(earlier))
    verdict = Pull(past=Past(reps=reps)).verdict("short_lockout")
    assert verdict.value == pytest.approx(0.52 - TRUE.rom_m, abs=1e-4)


def test_hip_and_shoulder_that_stay_are_no_fault_of_the_hips() -> None:
    body = {Role.HIP: HIP, Role.SHOULDER: SHOULDER}
    verdict = Pull(body=body).verdict("hips_shoot_up")
    assert verdict.severity is GOOD
    assert verdict.details["rise_ratio"] == pytest.approx(1.0, abs=5e-3)
