"""Faults of speed and time: the jerk off the floor, the bounce, the way down, and lost speed."""

import msgspec
import numpy as np
import pytest
from fault_cases import TRUE, bounce, hitch, lowering, starting, yank
from judged import DOWN_S, HOLD_S, REST_S, ROM_M, UP_S, Pull, finished, told
from lifts import LEVELLED, Script, min_jerk

from shinline.coach.faults.card import When
from shinline.coach.faults.hitch import stops
from shinline.coach.faults.yank import LEAST_USUAL
from shinline.coach.past import Past
from shinline.config import Coach, Config
from shinline.types import Plan, Severity

GOOD, WARN, FAULT, INFO = Severity.GOOD, Severity.WARN, Severity.FAULT, Severity.INFO


def _coach(**changes: object) -> Config:
    return msgspec.structs.replace(LEVELLED, coach=Coach(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("own", "severity"), [([], WARN), ([1.0, 1.0], WARN), ([2.6] * 3, WARN), ([2.4] * 3, FAULT)]
)
def test_a_jerk_is_a_fault_against_the_lifters_own_starts_only(
    own: list[float], severity: Severity
) -> None:
    """5 m/s2 is twice 2.5; with fewer than three starts nobody knows what is usual."""
    reps = tuple(finished(n, faults=(told("yank", a),)) for n, a in enumerate(own))
    verdict = Pull(starting(5.0), past=Past(reps=reps)).verdict("yank")
    assert verdict.severity is severity
    assert LEAST_USUAL == 3


def test_only_starts_with_about_this_load_are_the_usual_ones() -> None:
    def pulled(kg: float) -> Pull:
        plan = Plan("Anna", "conventional", kg)
        reps = [finished(n, faults=(told("yank", 1.0),), plan=plan) for n in (1, 2, 3)]
        return Pull(starting(5.0), past=Past(reps=tuple(reps), load_kg=100.0))

    severities = [pulled(kg).verdict("yank").severity for kg in (94.9, 95.1, 104.9, 105.1)]
    assert severities == [WARN, FAULT, FAULT, WARN]


def test_a_jerk_after_the_first_moment_is_the_drive_and_no_jerk() -> None:
    """1 m/s2 for 0.3 s, then 8."""
    script = Script().rest(REST_S).move(0.3, 0.045, ease=lambda u: u**2)
    script = script.move(0.05, 0.025, ease=lambda u: 0.6 * u + 0.4 * u**2)
    script = script.move(2.0 * 0.45 / 0.7, 0.45, ease=lambda u: u * (2.0 - u))
    verdict = Pull(script.rest(HOLD_S).move(DOWN_S, -ROM_M)).verdict("yank")
    assert verdict.value == pytest.approx(1.0, abs=0.02)


def test_a_jerk_that_begins_after_a_tenth_and_a_half_is_none() -> None:
    """1 m/s2 for 0.2 s, of which 0.17 s after lift-off; then 8."""
    script = Script().rest(REST_S).move(0.2, 0.02, ease=lambda u: u**2)
    script = script.move(0.05, 0.02, ease=lambda u: 0.5 * u + 0.5 * u**2)
    script = script.move(2.0 * 0.48 / 0.6, 0.48, ease=lambda u: u * (2.0 - u))
    verdict = Pull(script.rest(HOLD_S).move(DOWN_S, -ROM_M)).verdict("yank")
    assert verdict.value == pytest.approx(1.0, abs=0.02)


def test_a_start_of_which_too_little_was_seen_is_not_judged_yet() -> None:
    early = Pull(starting(6.0)).so_far(When.OFF, REST_S + 0.12)["yank"]
    assert (early.assessed, early.reason) == (False, "too few pictures of the start")
    assert Pull(starting(6.0)).so_far(When.OFF, REST_S + 0.18)["yank"].assessed


@pytest.mark.parametrize(
    ("mode", "floor_s", "severity"),
    [
        ("dead_stop", 0.24, FAULT),
        ("dead_stop", 0.26, GOOD),
        ("touch_and_go", 0.24, INFO),
        ("touch_and_go", 0.26, GOOD),
    ],
)
def test_a_bounce_is_a_fault_where_each_pull_is_to_begin_at_rest(
    mode: str, floor_s: float, severity: Severity
) -> None:
    verdict = bounce(floor_s).but(config=_coach(floor_mode=mode)).verdict("bounce")
    assert (verdict.assessed, verdict.severity) == (True, severity)


@pytest.mark.parametrize(("mps2", "severity"), [(1.6, GOOD), (1.8, FAULT)])
def test_a_bar_that_comes_off_the_floor_slowly_did_not_bounce(
    mps2: float, severity: Severity
) -> None:
    """At 0.1 s after lift-off at 0.03 m/s it goes at 0.19 or 0.21 m/s."""
    pull = Pull(starting(mps2), previous_floor_s=REST_S + 0.03 / mps2 - 0.1)
    verdict = pull.verdict("bounce")
    assert verdict.details["rebound_mps"] == pytest.approx(0.03 + 0.1 * mps2, abs=2e-3)
    assert verdict.severity is severity


def _down_in(seconds: float, ease: object = min_jerk) -> Pull:
    script = Script().rest(REST_S).move(UP_S, ROM_M).rest(HOLD_S)
    return Pull(script.move(seconds, -ROM_M, ease=ease))  # type: ignore[arg-type]


def test_a_bar_that_is_down_in_less_than_half_a_second_was_hurried() -> None:
    """However gently it meets the floor."""
    hurried, calm = _down_in(0.50), _down_in(0.75)
    shown = hurried.verdict("lowering")
    assert shown.details["eccentric_s"] < 0.5 < calm.verdict("lowering").details["eccentric_s"]
    assert shown.value is not None and shown.value < 1.8
    assert (shown.severity, calm.verdict("lowering").severity) == (FAULT, GOOD)


def test_a_bar_that_is_let_go_is_a_fault_unless_that_is_allowed() -> None:
    """From 0.52 m it meets the floor at sqrt(2 g h) = 3.2 m/s."""
    dropped = Pull(Script().rest(REST_S).move(UP_S, ROM_M).rest(HOLD_S).drop(ROM_M))
    verdict = dropped.verdict("lowering")
    assert (verdict.severity, verdict.details["dropped"]) == (FAULT, 1.0)
    assert verdict.value == pytest.approx(np.sqrt(2 * 9.81 * ROM_M), abs=0.09)
    allowed = dropped.but(config=_coach(lowering_mode="drop_ok")).verdict("lowering")
    assert (allowed.assessed, allowed.severity) == (True, INFO)
    assert lowering(2.4).but(config=_coach(lowering_mode="drop_ok")).verdict(
        "lowering"
    ).severity is INFO  # fmt: skip


def test_the_fastest_of_the_set_counts_and_not_the_first() -> None:
    def losing(*speeds: float | None) -> Pull:
        reps = [finished(n, mean_velocity_mps=v) for n, v in enumerate(speeds)]
        return Pull(past=Past(of_set=tuple(reps)))

    mean = TRUE.mean_mps
    verdict = losing(1.1 * mean, 1.25 * mean, None, mean).verdict("velocity_loss")
    assert verdict.value == pytest.approx(0.2, abs=1e-3)
    assert losing(0.9 * mean).verdict("velocity_loss").value == 0.0
    assert losing(0.9 * mean).verdict("velocity_loss").severity is GOOD


def test_a_set_is_the_current_one_and_not_the_session() -> None:
    past = Past(reps=(finished(1, mean_velocity_mps=2.0 * TRUE.mean_mps),))
    assert not Pull(past=past).verdict("velocity_loss").assessed


def test_yank_of_a_steady_start_is_its_acceleration() -> None:
    for mps2 in (1.0, 2.0, 6.0):
        assert yank(mps2).verdict("yank").value == pytest.approx(mps2, abs=0.02)


@pytest.mark.parametrize(
    ("speeds", "sd", "count", "unsure"),
    [
        ([0.5, 0.029, 0.5], 1e-4, 1, 0),
        ([0.5, 0.031, 0.5], 1e-4, 0, 0),
        ([0.5, 0.01, 0.101, 0.01, 0.5], 1e-4, 2, 0),
        ([0.5, 0.01, 0.099, 0.01, 0.5], 1e-4, 1, 0),
        ([0.5, 0.01, 0.5, 0.01], 1e-4, 1, 0),  # a stop that nothing follows is the top
        ([0.01, 0.5, 0.4, 0.5], 1e-4, 1, 0),
        ([0.5, 0.025, 0.5], 0.01, 1, 1),  # might be none
        ([0.5, 0.035, 0.5], 0.01, 0, 1),  # might be one
        ([0.5, 0.045, 0.5], 0.01, 0, 0),
        ([0.5, 0.015, 0.5], 0.01, 1, 0),
        ([0.5, 0.01, 0.095, 0.01, 0.5], 0.01, 1, 1),
        ([0.5, 0.01, 0.105, 0.01, 0.5], 0.01, 2, 1),
        ([0.5, 0.038, 0.105, 0.03, 0.5], 0.01, 0, 2),
        ([0.5, 0.2, 0.105, 0.2, 0.5], 0.01, 0, 0),
    ],
)
def test_a_stop_is_slow_and_goes_on_and_may_be_unsure(
    speeds: list[float], sd: float, count: int, unsure: int
) -> None:
    assert stops(np.array(speeds), np.full(len(speeds), sd)) == (count, unsure)


def test_each_unsure_stop_counts_a_half_in_how_sure_the_count_is() -> None:
    """Two stops at 28 mm/s, with speeds known to 3 mm/s: each might be none."""
    pull = hitch(2)
    bar = pull.given().bar
    stops_m = (bar["y_m"] > 0.27) & (bar["y_m"] < 0.34) & (bar["t_ns"] < 3.2e9)
    bar["vy_mps"][stops_m] = np.maximum(bar["vy_mps"][stops_m], 0.028)
    verdict = pull.but(changes={"bar": bar}).verdict("hitch")
    assert verdict.value == 2.0
    assert verdict.sd == pytest.approx(0.5 * np.sqrt(2.0))
    assert not verdict.assessed
