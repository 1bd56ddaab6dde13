"""The live filter of one marker: follows, gates, re-locks and gives up."""

import numpy as np
import pytest
from lifts import G_MPS2, Script

from shinline.motion.track import MAX_COAST_S, AxisPair
from shinline.types import NS_PER_S

VAR_M2 = 3e-4**2


def _follow(script: Script, rate_hz: float = 60.0) -> tuple[AxisPair, list[bool], list[float]]:
    """Feed exact positions; return the track, what was accepted, and the errors in height."""
    track, accepted, errors = AxisPair(), [], []
    for t_s in np.arange(0.0, script.duration_s, 1.0 / rate_hz):
        x, y = (float(v[0]) for v in script.at(np.array([t_s])))
        t_ns = round(t_s * NS_PER_S)
        if not track.alive:
            track.start(t_ns, x, y, VAR_M2)
        track.predict(t_ns)
        accepted.append(track.update(x, y, VAR_M2, VAR_M2))
        errors.append(abs(float(track.mean[1, 0]) - y))
    return track, accepted, errors


def test_starts_at_rest_where_it_was_measured() -> None:
    track = AxisPair()
    track.start(5, 0.1, 0.2, VAR_M2)
    assert track.alive
    np.testing.assert_array_equal(track.mean, [[0.1, 0.0, 0.0], [0.2, 0.0, 0.0]])


def test_follows_a_pull_within_a_millimetre() -> None:
    track, accepted, errors = _follow(Script().rest(0.5).move(1.2, 0.5).rest(0.5))
    assert all(accepted)
    assert max(errors) < 1e-3
    assert track.mean[1, 1] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0])
def test_a_bar_that_strikes_the_floor_stays_locked(rate_hz: float) -> None:
    """From 3 m/s down to 1 m/s up within a frame: no picture is refused, none predicted below."""
    script = Script().rest(0.5).drop(0.5).rest(1.0)
    track, accepted, errors = _follow(script, rate_hz)
    assert all(accepted)
    assert max(errors) < 5e-3
    assert track.mean[1, 0] == pytest.approx(-0.5, abs=1e-3)


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0])
def test_after_a_strike_the_speed_is_soon_right_again(rate_hz: float) -> None:
    """Three pictures after a dead landing from 3 m/s nothing is left of the blow."""
    fall = Script().rest(0.5).move(0.32, -0.5, ease=np.square)
    track, _, _ = _follow(fall.rest(3.5 / rate_hz), rate_hz)
    assert track.mean[1, 1] == pytest.approx(0.0, abs=0.4)


def test_a_jump_upward_is_no_strike_for_a_bar_that_rests() -> None:
    track, _, _ = _follow(Script().rest(1.0))
    track.predict(track.t_ns + NS_PER_S // 60)
    assert not track.update(0.0, 0.04, VAR_M2, VAR_M2)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("jump_m", [0.08, -0.08, 1.0])
def test_an_outlier_does_not_move_the_estimate(axis: int, jump_m: float) -> None:
    track, _, _ = _follow(Script().rest(0.5).move(1.2, 0.5).rest(1.0))
    track.predict(track.t_ns + NS_PER_S // 60)
    mean, cov, seen_ns = track.mean.copy(), track.cov.copy(), track.seen_ns
    position = track.mean[:, 0].copy()
    position[axis] += jump_m
    assert not track.update(float(position[0]), float(position[1]), VAR_M2, VAR_M2)
    np.testing.assert_array_equal(track.mean, mean)
    np.testing.assert_array_equal(track.cov, cov)
    assert track.seen_ns == seen_ns


@pytest.mark.parametrize("back_ns", [0, 1, NS_PER_S])
def test_time_that_stands_still_or_goes_back_changes_nothing(back_ns: int) -> None:
    track, _, _ = _follow(Script().rest(0.2).move(0.6, 0.3))
    before = track.mean.copy(), track.cov.copy(), track.t_ns
    track.predict(track.t_ns - back_ns)
    np.testing.assert_array_equal(track.mean, before[0])
    np.testing.assert_array_equal(track.cov, before[1])
    assert track.t_ns == before[2]


def test_a_short_gap_is_coasted_and_a_long_one_loses_the_track() -> None:
    track, _, _ = _follow(Script().rest(0.5))
    seen_ns = track.seen_ns
    track.predict(seen_ns + round(0.9 * MAX_COAST_S * NS_PER_S))
    assert track.alive
    track.predict(seen_ns + round(1.1 * MAX_COAST_S * NS_PER_S))
    assert not track.alive


def test_a_fall_is_predicted_as_a_parabola() -> None:
    track, _, _ = _follow(Script().rest(0.5).move(0.25, -0.5 * G_MPS2 * 0.25**2, ease=np.square))
    y, v = (float(n) for n in track.mean[1, :2])
    a = float(track.mean[1, 2])
    track.predict(track.t_ns + NS_PER_S // 20)
    assert track.mean[1, 0] == pytest.approx(y + 0.05 * v + 0.5 * 0.05**2 * a)
    assert a == pytest.approx(-G_MPS2, rel=0.2)
