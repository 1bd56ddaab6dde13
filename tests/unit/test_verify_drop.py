"""A falling thing: g is found again, within the uncertainty that is stated."""

from dataclasses import replace

import numpy as np
import pytest
from falling import G, View, drop, rest, swing

from shinline_cal.verify.drop import Body, Drops, find_falls, measure
from shinline_cal.verify.drop_page import drop_report
from shinline_cal.verify.fit import Known, chain_factor, curve, interval, linear
from shinline_cal.verify.gravity import gravity
from shinline_cal.verify.tables import TableError

HERE = Known(G, 0.0)


def scale_and_lean(drops: Drops) -> tuple[bool, bool]:
    """Tell whether the stated intervals hold 1.01 and 0.8 degrees."""
    scale, lean = interval(drops.scale, drops.dof), interval(drops.lean_deg, drops.dof)
    return scale[0] <= 1.01 <= scale[1], lean[0] <= 0.8 <= lean[1]


@pytest.mark.parametrize("noise_m", [0.0003, 0.001])
def test_scale_and_plumb_line_lie_in_their_intervals(noise_m: float) -> None:
    """Of 80 drops from 1 m seen with a scale 1 % long and a lean of 0.8 degrees."""
    inside = np.array(
        [
            scale_and_lean(measure(drop(View(1.01, 0.8, 1.0, noise_m, seed)), HERE))
            for seed in range(80)
        ]
    )
    assert (inside.mean(axis=0) >= 0.88).all(), inside.mean(axis=0)


def test_the_intervals_are_no_wider_than_they_need_be() -> None:
    drops = [measure(drop(View(noise_m=0.0005, seed=seed)), HERE) for seed in range(40)]
    stated = np.mean([d.scale.sd for d in drops])
    assert stated == pytest.approx(np.std([d.scale.value for d in drops]), rel=0.4)


def test_only_free_flight_is_used() -> None:
    path = drop(View(noise_m=0.0002), heights_m=(1.0,))
    falls = find_falls(path, G)
    fall_s = np.sqrt(2.0 / G)
    first = path.t_s[falls[0]]
    assert 1.0 < first[0] < 1.05
    assert 1.0 + fall_s - 0.06 < first[-1] < 1.0 + fall_s


def test_no_picture_before_the_release_is_used() -> None:
    """A millimetre of noise hides the first 30 ms; what hides there would bend the quadratic."""
    early = 0
    for seed in range(30):
        path = drop(View(noise_m=0.001, seed=seed))
        early += path.t_s[find_falls(path, G)[0]][0] < 1.0
    assert early <= 2


def test_several_falls_are_put_together() -> None:
    one = measure(drop(View(noise_m=0.0005, seed=3), (1.0,)), HERE)
    five = measure(drop(View(noise_m=0.0005, seed=3), (1.0,) * 5), HERE)
    assert len(five.falls) >= 5
    assert five.scale.sd < 0.7 * one.scale.sd


def test_falls_that_disagree_widen_the_interval() -> None:
    """Two halves seen with scales 3 % apart, as when the marker was nearer the second time."""
    near, far = drop(View(noise_m=0.0002)), drop(View(1.03, noise_m=0.0002, seed=1))
    both = replace(
        near,
        t_s=np.concatenate([near.t_s, far.t_s + 5.0]),
        x_m=np.concatenate([near.x_m, far.x_m]),
        y_m=np.concatenate([near.y_m, far.y_m]),
    )
    alone, together = measure(near, HERE), measure(both, HERE)
    assert together.scale.sd > 3 * alone.scale.sd
    low, high = interval(together.scale, together.dof)
    assert low < 1.0 < high


def test_a_clock_that_runs_fast_looks_like_a_scale_twice_as_short() -> None:
    fast = measure(drop(View(clock=1.01, noise_m=0.0002)), HERE)
    assert fast.scale.value == pytest.approx(1.01**-2, abs=0.003)


def test_the_drag_of_a_light_ball_is_taken_out() -> None:
    ball = Body(mass_kg=0.058, diameter_m=0.067)
    path = drop(View(noise_m=0.0002), drag_per_m=ball.drag_per_m, heights_m=(1.2,) * 4)
    without, corrected = measure(path, HERE), measure(path, HERE, ball)
    assert without.scale.value < 0.995
    assert corrected.scale.value == pytest.approx(1.0, abs=0.004)


def test_what_does_not_fall_is_refused_with_what_was_seen() -> None:
    for path in (rest(View()), rest(View(noise_m=0.003)), swing(View(), amplitude_deg=30)):
        with pytest.raises(TableError, match=r"no free fall of at least 0\.15 s found"):
            measure(path, HERE)


def test_holes_and_an_uneven_clock_do_not_bend_it() -> None:
    path = drop(View(noise_m=0.0003, seed=8), (1.0, 1.0))
    keep = np.random.default_rng(4).uniform(size=path.t_s.size) > 0.15
    holed = replace(path, t_s=path.t_s[keep], x_m=path.x_m[keep], y_m=path.y_m[keep])
    drops = measure(holed, HERE)
    low, high = interval(drops.scale, drops.dof)
    assert low < 1.0 < high


def test_published_speeds_are_held_against_the_line_of_g() -> None:
    path = drop(View(noise_m=0.0002))
    true = np.gradient(path.y_m, path.t_s)
    slow = replace(path, vy_mps=0.98 * true, raw=False)
    drops = measure(slow, HERE)
    assert drops.speed_slope is not None
    assert drops.speed_slope.value == pytest.approx(0.98, abs=0.01)
    assert drops.speed_rmse_mps == pytest.approx(0.02 * 1.9, rel=0.8)
    assert any("smoothed" in text for text in drop_report(slow, drops).thin)


def test_gravity_by_latitude() -> None:
    """WGS 84: 9.7803 at the equator, 9.8322 at the poles, 9.8062 at 45 degrees."""
    values = [gravity(latitude).value for latitude in (0.0, 45.0, 90.0, -90.0)]
    assert values == pytest.approx([9.78033, 9.80620, 9.83218, 9.83218], abs=2e-5)
    assert gravity(45.0, 1000.0).value == pytest.approx(9.80311, abs=2e-5)
    assert gravity(None).relative == pytest.approx(0.0016, abs=2e-4)


def test_the_uncertainty_of_g_is_in_the_scale() -> None:
    drops = measure(drop(View(noise_m=0.0001)), gravity(None))
    assert drops.scale.relative > gravity(None).relative


def test_a_line_is_fitted_as_numpy_does_and_chains_widen_it() -> None:
    rng = np.random.default_rng(2)
    x = np.linspace(3.0, 9.0, 200)
    y = 2.0 + 0.5 * x + rng.normal(0, 0.1, 200)
    fit = linear(np.column_stack([np.ones(200), x]), y)
    values, covariance = np.polyfit(x, y, 1, cov=True)
    assert fit.values[::-1] == pytest.approx(values, rel=1e-9)
    assert fit.covariance[1, 1] == pytest.approx(covariance[0, 0], rel=1e-6)
    chained = np.convolve(rng.normal(0, 1, 2020), np.ones(20) / 20, "valid")
    assert chain_factor(rng.normal(0, 1, 2000)) == 1.0
    assert chain_factor(chained) > 10.0
    with pytest.raises(ValueError, match="too few"):
        linear(np.ones((2, 2)), np.ones(2))


def test_a_curve_is_fitted_with_the_spread_its_noise_makes() -> None:
    t = np.linspace(0.0, 3.0, 300)
    found, sds = [], []
    for seed in range(60):
        y = 2.0 * np.exp(-0.7 * t) + np.random.default_rng(seed).normal(0, 0.05, t.size)
        fit = curve(lambda p: p[0] * np.exp(-p[1] * t), np.array([1.0, 0.3]), y)
        found.append(fit.values)
        sds.append([fit.known(0).sd, fit.known(1).sd])
    assert np.mean(found, axis=0) == pytest.approx([2.0, 0.7], rel=0.01)
    assert np.mean(sds, axis=0) == pytest.approx(np.std(found, axis=0), rel=0.35)
