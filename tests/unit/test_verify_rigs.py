"""Pendulum, ruler and still bar: what is built in is found again, within what is stated."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from falling import G, View, drop, rest, swing, to_and_fro

from shinline_cal.verify import drop as falls
from shinline_cal.verify import pendulum, ruler, still
from shinline_cal.verify.fit import Known, interval
from shinline_cal.verify.gravity import gravity
from shinline_cal.verify.pendulum_page import pendulum_report
from shinline_cal.verify.ruler_page import ruler_report
from shinline_cal.verify.still_page import still_report
from shinline_cal.verify.tables import TableError

HERE = Known(G, 0.0)
METRE = Known(1.0, 0.0)


# --- pendulum ---------------------------------------------------------------------------------


@pytest.mark.parametrize("amplitude_deg", [6.0, 15.0, 28.0])
def test_scale_clock_and_plumb_line_lie_in_their_intervals(amplitude_deg: float) -> None:
    inside = []
    for seed in range(14):
        view = View(scale=1.01, lean_deg=0.7, clock=1.0, noise_m=0.0008, seed=seed)
        s = pendulum.measure(swing(view, amplitude_deg=amplitude_deg), METRE, HERE)
        pairs = ((s.scale, 1.01), (s.lean_deg, 0.7), (s.time_ratio, 1.0))
        inside.append([abs(known.value - true) < 2.6 * known.sd for known, true in pairs])
    assert (np.mean(inside, axis=0) > 0.85).all(), np.mean(inside, axis=0)


def test_the_three_checks_do_not_mix() -> None:
    """A wrong scale leaves the clock alone, and a wrong clock the scale."""
    long = pendulum.measure(swing(View(scale=1.03)), METRE, HERE)
    assert long.time_ratio.value == pytest.approx(1.0, abs=2e-4)
    assert long.scale.value == pytest.approx(1.03, abs=0.005)
    fast = pendulum.measure(swing(View(clock=1.03)), METRE, HERE)
    assert fast.time_ratio.value == pytest.approx(1.03, abs=2e-4)
    assert fast.scale.value == pytest.approx(1.0, abs=0.005)


@pytest.mark.parametrize("amplitude_deg", [5.0, 20.0, 33.0])
def test_the_model_is_the_pendulum_of_finite_amplitude(amplitude_deg: float) -> None:
    """Against a numerical integration: 0.02 % of the amplitude, where a sine is 100 times worse."""
    path = swing(View(noise_m=0.0), amplitude_deg=amplitude_deg, damping=0.0)
    s = pendulum.measure(path, METRE, HERE)
    assert s.sd_m < 2e-4 * np.radians(amplitude_deg)
    assert s.period.value == pytest.approx(2 * np.pi / np.sqrt(G), rel=3e-5)


def test_the_string_and_gravity_are_in_the_uncertainty() -> None:
    path = swing(View(noise_m=0.0001))
    exact = pendulum.measure(path, METRE, HERE)
    loose = pendulum.measure(path, Known(1.0, 0.005), gravity(None))
    assert loose.time_ratio.sd == pytest.approx(0.5 * np.hypot(0.005, 0.00156), rel=0.05)
    assert loose.scale.sd > 0.0049 > exact.scale.sd


def test_a_plate_that_turns_with_its_string_swings_more_slowly() -> None:
    """Pivot to centre 0.8 m, disc of 0.45 m: a simple pendulum of 0.8 + 0.45^2 / 6.4 m."""
    path = swing(View(), length_m=0.8 + 0.45**2 / (8 * 0.8))
    s = pendulum.measure(path, Known(0.8, 0.0), HERE, bob_diameter_m=0.45)
    assert s.time_ratio.value == pytest.approx(1.0, abs=2e-4)


def test_only_the_free_swing_is_used() -> None:
    """Held aside for two seconds before, and caught after."""
    path = swing(View(noise_m=0.0003), duration_s=15.0)
    held, caught = np.arange(0, 2, 1 / 60), np.arange(0, 3, 1 / 60)
    whole = replace(
        path,
        t_s=np.concatenate([held, path.t_s + 2.0, caught + 17.0]),
        x_m=np.concatenate([np.full(held.size, path.x_m[0]), path.x_m, np.full(caught.size, 0.1)]),
        y_m=np.concatenate([np.full(held.size, path.y_m[0]), path.y_m, np.full(caught.size, -0.9)]),
    )
    s = pendulum.measure(whole, METRE, HERE)
    assert whole.t_s[s.first] > 2.0
    assert whole.t_s[s.last] < 17.0
    assert s.time_ratio.value == pytest.approx(1.0, abs=3e-4)


def test_a_few_sightings_that_stray_do_not_bend_it() -> None:
    path = swing(View(noise_m=0.0003, seed=2))
    y = path.y_m.copy()
    y[::97] += 0.08
    clean, strayed = (pendulum.measure(p, METRE, HERE) for p in (path, replace(path, y_m=y)))
    assert strayed.scale.value == pytest.approx(clean.scale.value, abs=2e-4)
    assert strayed.sd_m < 0.0004


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (rest(View()), "even swings in a row|swings found|degrees to a side"),
        (drop(View(), (1.0,) * 3), "swings"),
        (swing(View(), duration_s=3.0), "at least 3 are needed"),
        (swing(View(), amplitude_deg=60.0), "3 to 35 are expected"),
    ],
)
def test_what_is_no_pendulum_is_refused_with_advice(path: falls.MarkerPath, said: str) -> None:
    with pytest.raises(TableError, match=said) as told:
        pendulum.measure(path, METRE, HERE)
    assert "let go without a push" in str(told.value)


# --- ruler ------------------------------------------------------------------------------------


@pytest.mark.parametrize("moves", [1, 2, 6])
def test_the_scale_by_a_ruler_lies_in_its_interval(moves: int) -> None:
    inside = []
    for seed in range(25):
        view = View(scale=0.99, lean_deg=0.5, noise_m=0.0005, seed=seed)
        ruled = ruler.measure(to_and_fro(view, moves=moves), Known(0.5, 0.0005))
        assert sum(move.used for move in ruled.moves) == moves
        low, high = interval(ruled.scale, ruled.dof)
        inside.append(low < 0.99 < high)
        assert ruled.lean_deg.value == pytest.approx(0.5, abs=0.12)
    assert np.mean(inside) > 0.9


def test_two_moves_that_happen_to_agree_are_not_believed_exact() -> None:
    """The rests' own wander stays in it: half of their spread, over the root of the moves."""
    for seed in range(20):
        ruled = ruler.measure(
            to_and_fro(View(noise_m=0.001, seed=seed), moves=2), Known(0.5, 0.001)
        )
        spread = np.mean([np.hypot(a.sd_m, b.sd_m) for a, b in pairwise(ruled.rests)])
        assert ruled.measured.sd >= 0.999 * spread / 2.0 / np.sqrt(2.0)


def test_a_level_ruler_tells_its_angle_from_level() -> None:
    ruled = ruler.measure(to_and_fro(View(lean_deg=-1.0), level=True), Known(0.5, 0.0005))
    assert ruled.level
    assert ruled.lean_deg.value == pytest.approx(1.0, abs=0.1)


def test_moves_of_another_length_are_left_out_and_listed() -> None:
    path = to_and_fro(View(), distance_m=0.5, moves=2)
    detour = to_and_fro(View(seed=1), distance_m=0.15, moves=2)
    both = replace(
        path,
        t_s=np.concatenate([path.t_s, detour.t_s + path.t_s[-1] + 1 / 60]),
        x_m=np.concatenate([path.x_m, detour.x_m]),
        y_m=np.concatenate([path.y_m, detour.y_m]),
    )
    ruled = ruler.measure(both, Known(0.5, 0.0005))
    assert [move.used for move in ruled.moves] == [True, True, False, False]
    numbers = ruler_report(both, ruled).numbers
    assert len(numbers["moves_left_out_m"]) == 2


def test_a_ruler_without_its_distance_says_which_moves_there_were() -> None:
    with pytest.raises(TableError, match=r"about 300 mm .* moves found: 500 mm, 500 mm"):
        ruler.measure(to_and_fro(View(noise_m=1e-5), moves=2), Known(0.3, 0.001))
    with pytest.raises(TableError, match="moves found: none"):
        ruler.measure(rest(View(), 5.0), Known(0.3, 0.001))


# --- still ------------------------------------------------------------------------------------


def test_independent_noise_is_told_and_falls_with_the_root_of_time() -> None:
    result = still.measure(rest(View(noise_m=0.0004), 120.0))
    assert result.y.sd_m == pytest.approx(0.0004, rel=0.05)
    assert result.mean_velocity_sd_mps == pytest.approx(0.0004 * np.sqrt(2), rel=0.1)
    short = result.y.tau_s < 3.0
    expected = 0.0004 * np.sqrt(result.y.tau_s[0] / result.y.tau_s[short])
    assert result.y.allan_m[short] == pytest.approx(expected, rel=0.25)


def test_the_allan_deviation_is_that_of_its_definition() -> None:
    """Loops over all overlapping pairs of neighbouring averages."""
    rng = np.random.default_rng(6)
    values, t = np.cumsum(rng.normal(0, 1, 80)), np.arange(80) / 60.0
    tau, deviation = still.allan(t, values)
    for time, told in zip(tau, deviation, strict=True):
        m = round(time * 60)
        pairs = [
            0.5 * (values[i + m : i + 2 * m].mean() - values[i : i + m].mean()) ** 2
            for i in range(80 - 2 * m + 1)
        ]
        assert told == pytest.approx(np.sqrt(np.mean(pairs)), rel=1e-9)


def test_drift_is_found_with_its_interval() -> None:
    result = still.measure(rest(View(noise_m=0.0003), 60.0, drift_mps=2e-5))
    drift = result.y.drift_mps
    assert abs(drift.value - 2e-5) < 3 * drift.sd
    assert drift.value > 5 * drift.sd
    assert result.y.allan_m[-1] > 2 * 0.0003 / np.sqrt(result.y.tau_s[-1] * 60)


def test_the_slope_of_a_raw_trace_is_that_of_least_squares() -> None:
    """sd / (dt sqrt(n (n^2 - 1) / 12)) for n evenly spaced samples."""
    result = still.measure(rest(View(noise_m=0.0005), 120.0))
    expected = 0.0005 / (np.sqrt(7 * 48 / 12) / 60.0)
    assert result.speed_sd_mps == pytest.approx(expected, rel=0.05)


def test_late_pictures_are_counted() -> None:
    path = rest(View(), 10.0)
    keep = np.ones(path.t_s.size, bool)
    keep[[100, 200, 201]] = False
    holed = replace(path, t_s=path.t_s[keep], x_m=path.x_m[keep], y_m=path.y_m[keep])
    assert still.measure(holed).late == 2


def test_what_moves_or_is_short_is_refused() -> None:
    with pytest.raises(TableError, match=r"moves .* mm up or down"):
        still.measure(to_and_fro(View()))
    with pytest.raises(TableError, match="at least 4 s is"):
        still.measure(rest(View(), 2.0))


def test_a_path_without_any_noise_makes_pages_too() -> None:
    flat = rest(View(noise_m=0.0), 20.0)
    assert "0.00\u00a0mm" in still_report(flat, still.measure(flat)).answer[0]
    path = swing(View(noise_m=0.0))
    assert pendulum_report(path, pendulum.measure(path, METRE, HERE), HERE).numbers["swings"] > 9
