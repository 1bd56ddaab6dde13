"""Faults of known size: what is asked for is what the definitions give, and a good lift is good."""

import itertools

import numpy as np
import pytest

from shinline.sim import (
    FAULTS,
    RepPlan,
    Scenario,
    body_of,
    build,
    lay_out,
    markers_at,
    rep_evidence,
    rep_measures,
    truth,
    with_faults,
)
from shinline.sim.scenario import Style
from shinline.types import Phase, Role

PULL = RepPlan(mean_velocity_mps=0.30)
STYLES: tuple[Style, ...] = (
    "conventional",
    "sumo",
    "trap_bar",
    "blocks",
    "romanian",
    "stiff_leg",
)

SIZES = {
    "setup_gap": (0.005, 0.109),
    "elbows_to_knees": (-0.05, 0.075),
    "hips_high_start": (1.5, 15.6),
    "hips_low_start": (0.013, 0.03),
    "bar_rolled": (0.01, 0.0225),
    "hips_shoot_up": (3.35, 7.5),
    "bar_forward": (0.02, 0.045),
    "bar_leaves_legs": (0.02, 0.045),
    "knee_loop": (0.023, 0.0525),
    "reversal": (0.0054, 0.012),
    "hitch": (1.0, 3.0),
    "rounding": (8.0, 18.0),
    "lean_back": (8.0, 18.0),
    "short_lockout": (0.018, 0.041),
    "yank": (2.68, 6.0),
    "bounce": (0.125, 0.5),
    "lowering": (1.2, 2.7),
    "velocity_loss": (0.134, 0.3),
}
"""Sizes of which a judge is to say no, and yes: 0.67 and 1.5 times from good to fault."""

GOOD_AND_FAULT = {
    "setup_gap": (0.0375, 0.085),
    "elbows_to_knees": (0.0, 0.050),
    "hips_high_start": (27.0, 10.0),
    "hips_low_start": (0.0, 0.020),
    "bar_rolled": (0.0, 0.015),
    "hips_shoot_up": (0.0, 5.0),
    "bar_forward": (0.0, 0.030),
    "bar_leaves_legs": (0.0, 0.030),
    "knee_loop": (0.0, 0.035),
    "reversal": (0.0, 0.008),
    "hitch": (0.0, 2.0),
    "rounding": (0.0, 12.0),
    "lean_back": (0.0, 12.0),
    "short_lockout": (0.0, 0.012),
    "yank": (0.0, 4.0),
    "bounce": (1.0, 0.25),
    "lowering": (0.0, 1.8),
    "velocity_loss": (0.0, 0.20),
}
BOTH_SIDES = ("setup_gap", "elbows_to_knees")


def of_last(scenario: Scenario) -> dict[str, float | None]:
    """Return what the last rep shows, without a recording."""
    return rep_measures(lay_out(scenario, body_of(scenario)), len(scenario.reps))


def test_every_fault_has_a_size_to_be_tested_with() -> None:
    assert set(SIZES) == set(GOOD_AND_FAULT) == set(FAULTS)


@pytest.mark.parametrize("stature_m", [1.55, 2.00])
@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_measures_as_it_was_asked_for(code: str, stature_m: float) -> None:
    for size in SIZES[code]:
        plain = Scenario(stature_m=stature_m, reps=(PULL, PULL))
        assert of_last(with_faults(plain, {code: size}))[code] == pytest.approx(size, rel=0.03)


@pytest.mark.parametrize("style", STYLES[1:])
def test_other_lifts_show_what_they_can_in_the_size_asked_for(style: Style) -> None:
    """In their last rep, but for what a Romanian deadlift can only show from the floor."""
    for code, (_, size) in SIZES.items():
        plain = Scenario(style=style, reps=(PULL, PULL))
        try:
            scenario = with_faults(plain, {code: size})
        except ValueError as refused:
            assert style in FAULTS[code].not_in or code == "bounce", refused
            continue
        last = max(n for n, rep in enumerate(scenario.reps, start=1) if code in rep.faults)
        shown = rep_measures(lay_out(scenario, body_of(scenario)), last)
        assert shown[code] == pytest.approx(size, rel=0.03), code


@pytest.mark.parametrize("style", STYLES)
def test_a_good_lift_is_good_whoever_lifts(style: Style) -> None:
    """Far from every fault: no value comes two thirds of the way from good to a fault."""
    lengths = [(1.0, 1.0, 1.0), *itertools.product((0.94, 1.06), repeat=3)]
    for stature_m, (arm, trunk, leg) in itertools.product((1.55, 1.78, 2.00), lengths):
        scenario = Scenario(
            stature_m=stature_m,
            style=style,
            arm_ratio=arm,
            trunk_ratio=trunk,
            leg_ratio=leg,
            smooth_start=True,
            reps=(PULL, PULL),
        )
        for code, value in of_last(scenario).items():
            if value is None:
                continue
            good, fault = GOOD_AND_FAULT[code]
            share = (value - good) / (fault - good)
            share = abs(share) if code in BOTH_SIDES else share
            assert share < 0.67, (code, value, stature_m, arm, trunk, leg)


def test_the_usual_lifter_stands_an_inch_or_two_from_the_bar() -> None:
    for stature_m in (1.55, 1.78, 2.00):
        gap_m = of_last(Scenario(stature_m=stature_m, reps=(PULL,)))["setup_gap"]
        assert gap_m is not None
        assert 0.025 < gap_m < 0.050


@pytest.mark.parametrize("code", FAULTS)
def test_no_joint_jumps_while_a_fault_is_shown(code: str) -> None:
    size = SIZES[code][1]
    scenario = with_faults(Scenario(reps=(PULL, PULL)), {code: size})
    body = body_of(scenario)
    timeline = lay_out(scenario, body)
    t_s = np.arange(0.0, timeline.duration_s, 0.004)
    for role, places in markers_at(body, timeline, t_s).items():
        speed_mps = np.linalg.norm(np.diff(places, axis=0), axis=1) / 0.004
        assert np.max(speed_mps) < 5.0, role


def test_what_a_rep_shows_is_in_the_truth_and_needs_no_recording() -> None:
    scenario = with_faults(Scenario(reps=(PULL, PULL)), {"rounding": 14.0})
    told = truth(build(scenario))["reps"]
    for number, rep in enumerate(told, start=1):
        exact = rep_measures(lay_out(scenario, body_of(scenario)), number)
        assert rep["measured"].keys() == FAULTS.keys()
        for code, value in exact.items():
            expected = None if value is None else pytest.approx(value, abs=1e-6)
            assert rep["measured"][code] == expected, code
    assert told[0]["measured"]["bounce"] is None  # nothing was lowered before
    assert told[1]["measured"]["rounding"] == pytest.approx(14.0, rel=0.03)


def test_the_set_position_shows_the_angle_asked_for() -> None:
    """Measured here from the markers themselves, in the last still moment before the pull."""
    scenario = with_faults(Scenario(reps=(PULL,)), {"hips_high_start": 6.0})
    body = body_of(scenario)
    timeline = lay_out(scenario, body)
    still = [s for s in timeline.segments if s.phase is Phase.SLACK][-1]
    at = markers_at(body, timeline, np.array([still.end_s - 0.01]))
    along = at[Role.SHOULDER][0] - at[Role.HIP][0]
    assert np.rad2deg(np.arctan2(along[1], along[0])) == pytest.approx(6.0, abs=0.05)
    shown = rep_evidence(timeline, 1)
    straight = rep_evidence(lay_out(Scenario(reps=(PULL,)), body), 1)
    assert shown["knee_deg"] > straight["knee_deg"] + 30.0  # type: ignore[operator]
    assert shown["hip_height_ratio"] > 0.80  # type: ignore[operator]


def test_a_rounded_back_bends_the_line_of_the_stickers_and_a_straight_one_does_not() -> None:
    def bend_deg(scenario: Scenario) -> np.ndarray:
        body = body_of(scenario)
        timeline = lay_out(scenario, body)
        pull = next(s for s in timeline.segments if s.phase is Phase.PULL)
        at = markers_at(body, timeline, np.linspace(pull.start_s, pull.end_s, 200))
        hip, middle, shoulder = (at[r][:, :2] for r in (Role.HIP, Role.MID_BACK, Role.SHOULDER))
        low, high = middle - hip, shoulder - middle
        cosine = np.sum(low * high, axis=1)
        cosine /= np.linalg.norm(low, axis=1) * np.linalg.norm(high, axis=1)
        return np.asarray(np.rad2deg(np.arccos(cosine)))

    straight = bend_deg(Scenario(reps=(PULL,)))
    assert np.ptp(straight) < 1e-6
    rounded = bend_deg(with_faults(Scenario(reps=(PULL,)), {"rounding": 18.0}))
    assert np.max(rounded) - rounded[0] == pytest.approx(18.0, abs=0.4)


def test_a_romanian_deadlift_does_not_touch_the_floor_between_reps() -> None:
    scenario = Scenario(style="romanian", reps=(PULL, PULL, PULL))
    timeline = lay_out(scenario, body_of(scenario))
    first, _, last = (timeline.of_rep(number) for number in (1, 2, 3))
    t_s = np.arange(first[1].start_s, last[1].start_s, 0.01)
    lowest_m = float(np.min(timeline.sample(t_s).y_m))
    assert 0.05 < lowest_m < 0.25
    hangs = rep_measures(timeline, 2)
    assert hangs["setup_gap"] is hangs["hips_shoot_up"] is hangs["lowering"] is None
    assert hangs["rounding"] is not None
