"""The zero-lag smoother: its numbers are those of the exact motion."""

from collections.abc import Callable

import numpy as np
import pytest
from lifts import Floats, Script, min_jerk, speeds, truth

from shinline.coach.bounds import find_bounds
from shinline.coach.numbers import measure
from shinline.motion.smooth import lies, noise_scale, smooth, strays
from shinline.types import NS_PER_S, Rows

NOISE_M = 4e-4
HUMPED = speeds(0.0, 0.7, 1.0, 0.9, 0.45, 0.8, 1.0, 0.6, 0.0)
GRIND = speeds(0.0, 1.3, 1.4, 0.9, 0.6, 0.8, 1.2, 1.2, 0.0)


def _smoothed(script: Script, rate_hz: float, seed: int, lost: float = 0.0) -> Rows:
    """Film with jittered times and noise, smooth; ``lost`` is the share of missed sightings."""
    random = np.random.default_rng(seed)
    steps = random.uniform(0.8, 1.2, int(script.duration_s * rate_hz)) / rate_hz
    t_s = np.cumsum(steps)
    t_s = t_s[t_s < script.duration_s]
    x, y = (v + NOISE_M * random.normal(size=t_s.size) for v in script.at(t_s))
    t_ns = np.rint(t_s * NS_PER_S).astype(np.int64)
    seen = random.random(t_s.size) >= lost
    return smooth(t_ns, x, y, np.full(t_s.size, NOISE_M**2), seen)


def _numbers(path: Rows) -> tuple[float, float]:
    low = int(np.searchsorted(path["t_ns"], NS_PER_S))
    bounds = find_bounds(path, low, None)
    assert bounds is not None
    numbers = measure(path, bounds, 0.2, 0.0)
    return numbers.mean_velocity_mps, numbers.peak_velocity_mps


@pytest.mark.parametrize(
    ("up_s", "ease", "rate_hz", "lost", "mean_mps", "peak_mps"),
    [
        (0.8, min_jerk, 60.0, 0.0, 0.010, 0.030),
        (1.4, min_jerk, 60.0, 0.1, 0.008, 0.015),
        (1.4, min_jerk, 30.0, 0.0, 0.008, 0.015),
        (2.2, HUMPED, 60.0, 0.0, 0.006, 0.015),
        (10.0, GRIND, 60.0, 0.0, 0.003, 0.015),
        (10.0, GRIND, 30.0, 0.1, 0.003, 0.015),
    ],
)
def test_speeds_of_a_pull_are_unbiased(
    up_s: float,
    ease: Callable[[Floats], Floats],
    rate_hz: float,
    lost: float,
    mean_mps: float,
    peak_mps: float,
) -> None:
    """Over eight noisy recordings the average error stays small, down to a 0.05 m/s grinder."""
    script = Script().rest(1.5).move(up_s, 0.5, ease=ease).rest(1.0)
    true = truth(script, 1.0, script.duration_s)
    found = np.array([_numbers(_smoothed(script, rate_hz, seed, lost)) for seed in range(8)])
    mean_bias, peak_bias = found.mean(axis=0) - (true.mean_mps, true.peak_mps)
    assert abs(mean_bias) < mean_mps
    assert abs(peak_bias) < peak_mps


def test_the_smoother_has_no_lag() -> None:
    """The speed's peak of a symmetric pull lies in its middle."""
    script = Script().rest(1.0).move(1.2, 0.5).rest(1.0)
    path = _smoothed(script, 60.0, 3)
    t_s = path["t_ns"] / NS_PER_S
    fast = path["vy_mps"] > 0.5
    assert t_s[fast].mean() == pytest.approx(1.6, abs=0.01)


def test_uniform_motion_is_reproduced() -> None:
    t_ns = np.arange(0, NS_PER_S, NS_PER_S // 50)
    t_s = t_ns / NS_PER_S
    path = smooth(t_ns, 0.2 - 0.1 * t_s, 0.4 * t_s, np.full(50, 1e-8), np.ones(50, bool))
    np.testing.assert_allclose(path["y_m"], 0.4 * t_s, atol=1e-5)
    np.testing.assert_allclose(path["vx_mps"], -0.1, atol=1e-3)
    np.testing.assert_allclose(path["vy_mps"], 0.4, atol=1e-3)


def test_a_gap_is_interpolated_marked_and_less_sure() -> None:
    t_ns = np.arange(60, dtype=np.int64) * (NS_PER_S // 60)
    y = 0.5 * (t_ns / NS_PER_S)
    seen = np.ones(60, bool)
    seen[25:35] = False
    given = np.where(seen, y, 9.0)  # what stands at an unseen time must not matter
    path = smooth(t_ns, given, given, np.full(60, 1e-6), seen)
    np.testing.assert_array_equal(path["coasting"], ~seen)
    np.testing.assert_allclose(path["y_m"], y, atol=1e-3)
    assert path["sd_m"][30] > 2.0 * path["sd_m"][20]


def test_one_sample_is_its_own_path() -> None:
    path = smooth(np.array([7]), np.array([0.1]), np.array([0.2]), np.ones(1), np.ones(1, bool))
    assert (path["t_ns"][0], path["x_m"][0], path["y_m"][0]) == (7, 0.1, 0.2)


@pytest.mark.parametrize("factor", [2.0, 5.0])
def test_a_tracker_that_claims_too_little_noise_is_found_out(factor: float) -> None:
    random = np.random.default_rng(1)
    values = 0.3 * np.sin(np.arange(800) / 60.0) + factor * 1e-3 * random.normal(size=800)
    assert np.sqrt(noise_scale(values, np.full(800, 1e-6))) == pytest.approx(factor, rel=0.15)


def test_a_lucky_stretch_does_not_make_a_sensor_better() -> None:
    assert noise_scale(np.zeros(100), np.full(100, 1e-6)) == 1.0


def test_too_few_samples_tell_nothing_about_the_noise() -> None:
    values = np.random.default_rng(0).normal(size=11)
    assert noise_scale(values, np.full(11, 1e-12)) == 1.0


def _noisy(script: Script, noise_m: float, rate_hz: float = 60.0) -> tuple[Floats, Floats, Floats]:
    t_s = np.arange(0.0, script.duration_s, 1.0 / rate_hz)
    x, y = script.at(t_s)
    random = np.random.default_rng(4)
    return t_s, x + noise_m * random.normal(size=t_s.size), y + noise_m * random.normal(size=x.size)


LIFTED = Script().rest(1.5).move(1.2, 0.5).rest(1.0)


def test_a_bar_that_lies_on_the_floor_has_no_speed() -> None:
    """And the more so the less the sensor knows: here a millimetre of noise."""
    t_s, x, y = _noisy(LIFTED, 1e-3)
    t_ns, seen = np.rint(t_s * NS_PER_S).astype(np.int64), np.ones(t_s.size, bool)
    variance = np.full(t_s.size, 1e-6)
    free = smooth(t_ns, x, y, variance, seen)
    held = smooth(t_ns, x, y, variance, seen, floor_m=0.0)
    rest = (t_s > 0.3) & (t_s < 1.2)
    assert np.abs(held["vy_mps"][rest]).max() < 0.3 * np.abs(free["vy_mps"][rest]).max()
    pull = (t_s > 1.7) & (t_s < 2.6)
    np.testing.assert_allclose(held["vy_mps"][pull], free["vy_mps"][pull], atol=0.01)
    top = t_s > 2.9  # there it is held, and may move
    np.testing.assert_allclose(held["vy_mps"][top], free["vy_mps"][top], atol=1e-3)


def test_it_lies_only_at_the_height_of_the_floor_and_not_near_the_ends_of_its_rest() -> None:
    t_s, _, y = _noisy(LIFTED, 0.0)
    speed = np.gradient(y, t_s)
    estimate = np.stack([y, speed, np.zeros_like(y)], axis=1)
    still = np.zeros_like(estimate)
    found = lies(t_s, still, estimate, 0.0)
    assert found.any()
    assert t_s[found].min() == pytest.approx(0.12, abs=0.02)
    assert 1.2 < t_s[found].max() < 1.6
    assert not lies(t_s, still, estimate, 0.1).any()


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0])
def test_one_stray_is_found_and_a_blow_is_none(rate_hz: float) -> None:
    script = Script().rest(0.5).move(1.0, 0.5).rest(0.3).drop(0.5, bounce=0.3).rest(0.5)
    t_s, _, y = _noisy(script, 3e-4, rate_hz)
    assert not strays(t_s, y).any()
    for at in range(5, t_s.size - 5, 7):
        astray = y.copy()
        astray[at] += 0.05 * (-1.0) ** at
        found = np.flatnonzero(strays(t_s, astray))
        assert found.size <= 1
        calm = np.abs(np.diff(y, n=2)[at - 4 : at + 3]).max() < 0.012
        assert found.size == 1 or not calm
        assert not found.size or found[0] == at


def test_a_stray_does_not_move_the_path() -> None:
    t_s, x, y = _noisy(LIFTED, 3e-4)
    t_ns, seen = np.rint(t_s * NS_PER_S).astype(np.int64), np.ones(t_s.size, bool)
    variance = np.full(t_s.size, 9e-8)
    plain = smooth(t_ns, x, y, variance, seen)
    y[120] += 0.06
    path = smooth(t_ns, x, y, variance, seen)
    assert path["coasting"][120]
    np.testing.assert_allclose(path["y_m"], plain["y_m"], atol=1e-3)
