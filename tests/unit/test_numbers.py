"""The numbers of a rep from a path without noise are those of the motion."""

import numpy as np
import pytest
from lifts import Script, exact_path, speeds, truth

from shinline.coach.bounds import Bounds, bottom, find_bounds
from shinline.coach.numbers import Numbers, measure
from shinline.coach.windows import sustained_max
from shinline.types import NS_PER_S, PATH, Rows

REST_S = 1.0
PULL = Script().rest(REST_S).move(1.4, 0.52)


def _measured(script: Script, floor_s: float | None = None) -> tuple[Rows, Bounds, Numbers]:
    path = exact_path(script, 0.0, script.duration_s)
    low = int(np.searchsorted(path["t_ns"], 0.9 * REST_S * NS_PER_S))
    floor_ns = None if floor_s is None else round(floor_s * NS_PER_S)
    bounds = find_bounds(path, low, floor_ns)
    assert bounds is not None
    return path, bounds, measure(path, bounds, 0.2, 0.0)


@pytest.mark.parametrize(
    "script",
    [
        PULL.rest(1.0),
        Script().rest(REST_S).move(0.7, 0.6).rest(1.0),
        Script().rest(REST_S).move(8.0, 0.5, ease=speeds(0, 1, 0.6, 0.8, 1, 0)).rest(1.0),
        Script().rest(REST_S).move(0.8, 0.25).rest(1.0).move(0.9, 0.27).rest(1.0),
        Script().rest(REST_S).move(0.3, 0.015).rest(0.5).move(1.2, 0.5).rest(1.0),
    ],
)
def test_bounds_and_speeds_follow_the_published_definitions(script: Script) -> None:
    _, bounds, numbers = _measured(script)
    true = truth(script, 0.9 * REST_S, script.duration_s)
    assert bounds.start_ns / NS_PER_S == pytest.approx(true.start_s, abs=0.003)
    assert bounds.lockout_ns / NS_PER_S == pytest.approx(true.lockout_s, abs=0.003)
    assert numbers.rom_m == pytest.approx(true.rom_m, abs=2e-4)
    assert numbers.mean_velocity_mps == pytest.approx(true.mean_mps, rel=0.005)
    assert numbers.peak_velocity_mps == pytest.approx(true.peak_mps, rel=0.002)


def test_a_creep_after_lockout_does_not_delay_it() -> None:
    """The bar often rises some millimetres more while the lifter stands."""
    crept = PULL.rest(0.3).move(1.5, 0.02)
    assert _measured(crept)[1].lockout_ns == pytest.approx(
        _measured(PULL.rest(1.8))[1].lockout_ns, abs=NS_PER_S // 50
    )


def test_slack_taken_out_long_before_does_not_advance_the_start() -> None:
    early = Script().rest(0.2).move(0.3, 0.004).rest(0.5).move(1.4, 0.516).rest(1.0)
    _, bounds, _ = _measured(early)
    assert bounds.start_ns / NS_PER_S > 0.9


def test_a_bar_that_stays_down_has_no_bounds() -> None:
    path = exact_path(Script().rest(1.0), 0.0, 1.0)
    bounds = find_bounds(path, 10, None)
    assert bounds is None or bounds.lockout_ns <= bounds.start_ns


def test_too_few_rows_have_no_bounds() -> None:
    path = exact_path(PULL, 0.0, 2.0)
    assert find_bounds(path, len(path) - 3, None) is None


def test_bounds_between_pictures_follow_the_curve_and_not_the_chord() -> None:
    """At 15 pictures a second the speed bends much between two of them."""
    coarse = exact_path(PULL.rest(1.0), 0.0, 3.4, rate_hz=15.0)
    bounds = find_bounds(coarse, 14, None)
    true = truth(PULL.rest(1.0), 0.9, 3.4)
    assert bounds is not None
    assert bounds.start_ns / NS_PER_S == pytest.approx(true.start_s, abs=0.002)
    assert bounds.lockout_ns / NS_PER_S == pytest.approx(true.lockout_s, abs=0.002)
    assert measure(coarse, bounds, 0.2, 0.0).rom_m == pytest.approx(true.rom_m, abs=2e-4)


@pytest.mark.parametrize("late_s", [0.0, 0.004, 0.012])
def test_a_bounced_rep_begins_where_the_bar_turns(late_s: float) -> None:
    """In at 1 m/s, out at 0.4 m/s, at an instant between two pictures."""
    t_s = np.arange(-30, 31) / 60.0 + late_s
    path = np.zeros(61, PATH)
    path["t_ns"], path["vy_mps"] = np.rint((t_s + 1.0) * NS_PER_S), np.where(t_s < 0.0, -1.0, 0.4)
    path["y_m"] = path["vy_mps"] * t_s
    path["vy_mps"][-1] = 0.0
    bounds = find_bounds(path, int(np.argmin(path["y_m"])), None)
    assert bounds is not None
    assert bounds.start_ns / NS_PER_S == pytest.approx(1.0, abs=1e-6)
    assert bounds.start_m == pytest.approx(0.0, abs=1e-9)


def test_plates_that_strike_deeper_than_they_lie_do_not_begin_the_rep() -> None:
    """A blow 20 mm deep, 0.4 s of rest, then the pull: it begins with the pull."""
    fall = Script().move(0.1, -0.12, ease=np.square).move(0.03, 0.02, ease=lambda u: u * (2.0 - u))
    blow = fall.rest(0.6).move(1.4, 0.52).rest(1.0)
    path = exact_path(blow, 0.0, blow.duration_s)
    bounds = find_bounds(path, int(np.argmin(path["y_m"])), None)
    assert bounds is not None
    assert bounds.start_ns / NS_PER_S == pytest.approx(truth(blow, 0.6, 3.0).start_s, abs=0.003)


def test_the_sd_of_a_fast_rep_is_that_of_its_bounds() -> None:
    """The speed's sd over its slope at both bounds, times how much a shift of them matters."""
    path, bounds, numbers = _measured(PULL.rest(1.0))
    surer = path.copy()
    surer["sd_vy_mps"] *= 0.5
    least = measure(surer, bounds, 0.2, 0.0).mean_velocity_sd_mps
    assert least < numbers.mean_velocity_sd_mps < 2.0 * least


def test_drift_is_measured_from_lift_off_toward_the_toes() -> None:
    script = Script().rest(REST_S).move(1.4, 0.52, dx=-0.03, bulge=0.04).rest(1.0)
    path, bounds, numbers = _measured(script)
    pull = path["x_m"][bounds.first : bounds.last + 1] - path["x_m"][bounds.first]
    assert numbers.drift_forward_m == pytest.approx(pull.max(), abs=5e-4)
    assert numbers.drift_backward_m == pytest.approx(-pull.min(), abs=5e-4)


def test_a_straight_pull_has_no_drift_and_no_loop() -> None:
    _, _, numbers = _measured(PULL.rest(1.0))
    assert numbers.drift_forward_m == 0.0
    assert numbers.drift_backward_m == 0.0
    assert numbers.loop_m == pytest.approx(0.0, abs=1e-9)


def test_a_constant_lean_of_the_camera_makes_no_loop() -> None:
    path, bounds, straight = _measured(PULL.rest(1.0))
    path["x_m"] += np.tan(np.radians(2.0)) * path["y_m"]
    leaning = measure(path, bounds, 0.2, 0.0)
    assert leaning.loop_m == pytest.approx(straight.loop_m, abs=1e-9)
    assert leaning.drift_forward_m > 0.015


def test_time_to_knee_is_that_of_48_percent_of_the_range() -> None:
    path, bounds, numbers = _measured(PULL.rest(1.0))
    assert numbers.time_to_knee_s is not None
    y = np.interp(bounds.start_ns + numbers.time_to_knee_s * NS_PER_S, path["t_ns"], path["y_m"])
    assert y / 0.52 == pytest.approx(0.48, abs=0.01)


def test_the_sticking_height_is_where_the_bar_was_slowest_between_two_peaks() -> None:
    script = Script().rest(REST_S).move(2.5, 0.5, ease=speeds(0, 1, 0.9, 0.3, 0.9, 1, 0)).rest(1)
    path, bounds, numbers = _measured(script)
    inner = slice(bounds.first + 40, bounds.last - 40)
    slowest = path["y_m"][inner][np.argmin(path["vy_mps"][inner])]
    assert numbers.sticking_height_m == pytest.approx(slowest, abs=0.01)


def test_a_single_hump_has_no_sticking_height() -> None:
    assert _measured(PULL.rest(1.0))[2].sticking_height_m is None


def test_lowering_is_timed_from_the_last_hold_to_the_floor() -> None:
    script = PULL.rest(0.8).move(1.0, -0.52).rest(1.0)
    _, _, numbers = _measured(script, floor_s=REST_S + 3.2)
    assert numbers.eccentric_s == pytest.approx(1.0, abs=0.08)
    assert not numbers.dropped


def test_free_fall_is_a_drop() -> None:
    script = PULL.rest(0.8).drop(0.52)
    fall_s = float(np.sqrt(2 * 0.52 / 9.81))
    assert _measured(script, floor_s=REST_S + 2.2 + fall_s)[2].dropped


def test_without_a_floor_there_is_no_lowering_time() -> None:
    assert _measured(PULL.rest(1.0))[2].eccentric_s is None


def test_a_gap_lowers_the_tracked_ratio_and_is_timed() -> None:
    _, _, numbers = _measured(PULL.rest(1.0).hide(1.5, 1.8))
    assert numbers.longest_gap_s == pytest.approx(0.3, abs=0.02)
    assert numbers.tracked_ratio == pytest.approx(1.0 - 0.3 / 1.25, abs=0.02)


def test_an_uncertain_roll_makes_the_drift_uncertain() -> None:
    """One degree of roll is 9 mm of false drift on half a metre, where the bar is farthest off."""
    path, bounds, _ = _measured(Script().rest(REST_S).move(1.4, 0.52, dx=-0.03).rest(1.0))
    sd_m = measure(path, bounds, 1.0, 0.0).drift_sd_m
    assert sd_m == pytest.approx(np.tan(np.radians(1.0)) * 0.519, rel=0.02)
    low, bounds, _ = _measured(Script().rest(REST_S).move(1.4, 0.52, bulge=0.04).rest(1.0))
    assert measure(low, bounds, 1.0, 0.0).drift_sd_m == pytest.approx(0.3 * sd_m, rel=0.1)


def test_an_uncertain_scale_makes_the_speed_uncertain() -> None:
    path, bounds, exact = _measured(PULL.rest(1.0))
    assert measure(path, bounds, 0.0, 0.05).mean_velocity_sd_mps == pytest.approx(
        0.05 * exact.mean_velocity_mps, rel=0.1
    )


def test_a_peak_that_is_not_kept_is_not_sustained() -> None:
    t_s = np.arange(30) / 60.0
    values = np.zeros(30)
    values[10] = 0.05
    assert sustained_max(t_s, values, 0.10) == 0.0
    values[10:20] = 0.04
    assert sustained_max(t_s, values, 0.10) == 0.04


def _laid(lies_s: float) -> tuple[Rows, int]:
    """A bar is laid 60 mm higher, lies there for a while, and is pulled from there."""
    script = Script().rest(1.0).move(0.5, 0.06).rest(lies_s).move(1.2, 0.5).rest(0.5)
    script = script.move(1.2, -0.5).rest(0.5)
    path = exact_path(script, 0.0, script.duration_s)
    return path, round((script.duration_s - 0.4) * NS_PER_S)


def test_a_bar_that_was_laid_higher_is_pulled_from_there() -> None:
    path, floor_ns = _laid(2.0)
    low = bottom(path, round(0.9 * NS_PER_S), floor_ns)
    assert path["t_ns"][low] / NS_PER_S == pytest.approx(3.5, abs=0.15)
    bounds = find_bounds(path, low, floor_ns)
    assert bounds is not None
    assert bounds.start_m == pytest.approx(0.06, abs=2e-3)


def test_a_stop_on_the_way_up_is_a_part_of_the_pull() -> None:
    """It comes down to where it lay at first."""
    script = Script().rest(1.0).move(0.5, 0.06).rest(2.0).move(1.2, 0.5).rest(0.5)
    script = script.move(1.2, -0.56).rest(0.5)
    path = exact_path(script, 0.0, script.duration_s)
    low = bottom(path, round(0.9 * NS_PER_S), round((script.duration_s - 0.4) * NS_PER_S))
    assert path["t_ns"][low] / NS_PER_S == pytest.approx(1.0, abs=0.15)


def test_a_bar_that_never_came_down_was_pulled_from_where_it_lay() -> None:
    path, _ = _laid(2.0)
    assert path["t_ns"][bottom(path, round(0.9 * NS_PER_S), None)] < 1.2 * NS_PER_S
