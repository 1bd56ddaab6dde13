"""The live filter of one marker: follows, gates, re-locks and gives up."""

import numpy as np
import pytest
from lifts import G_MPS2, Script

from shinline.geometry.plane import Plane
from shinline.motion import kalman_kernels as k
from shinline.motion.bank import Bank
from shinline.motion.history import History
from shinline.motion.kalman_kernels import BLEND_S, MAX_COAST_S
from shinline.types import DETECTION, NS_PER_S, Role

VAR_M2 = 3e-4**2


class Track:
    """One track's arrays, and the kernels that move it."""

    def __init__(self) -> None:
        self.mean, self.cov = np.zeros((2, 3)), np.zeros((2, 3, 3))
        self.clock, self.extra = np.zeros(4, np.int64), np.zeros(4)

    @property
    def alive(self) -> bool:
        return bool(self.clock[k.ALIVE])

    @property
    def t_ns(self) -> int:
        return int(self.clock[k.NOW])

    @property
    def seen_ns(self) -> int:
        return int(self.clock[k.SEEN])

    def start(self, t_ns: int, x_m: float, y_m: float, variance_m2: float) -> None:
        k.begin(self.mean, self.cov, x_m, y_m, variance_m2)
        self.clock[:] = t_ns, t_ns, 1, 0

    def predict(self, t_ns: int) -> None:
        k.coast(self.mean, self.cov, self.clock, self.extra, t_ns)

    def update(self, x_m: float, y_m: float, var_x_m2: float, var_y_m2: float) -> bool:
        gap_s = (self.t_ns - self.seen_ns) / NS_PER_S
        seen, variance = np.array([x_m, y_m]), np.array([var_x_m2, var_y_m2])
        if k.fit_in(self.mean, self.cov, seen, variance, 0.0, gap_s) < 0.0:
            return False
        self.clock[k.SEEN] = self.t_ns
        return True


def _follow(script: Script, rate_hz: float = 60.0) -> tuple[Track, list[bool], list[float]]:
    """Feed exact positions; return the track, what was accepted, and the errors in height."""
    track, accepted, errors = Track(), [], []
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
    track = Track()
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


def _published(script: Script, hidden: tuple[float, float], rate_hz: float = 60.0) -> np.ndarray:
    """Return times, true heights, published heights and sds of a bar that is hidden for a while."""
    bank, history, told = Bank(), History(), []
    bank.look_through(Plane(0.002, 640.0, 900.0))
    for t_s in np.arange(0.0, script.duration_s, 1.0 / rate_hz):
        x, y = (float(v[0]) for v in script.at(np.array([t_s])))
        t_ns = round(t_s * NS_PER_S)
        rows = np.zeros(0 if hidden[0] <= t_s < hidden[1] else 1, DETECTION)
        rows["t_ns"], rows["role"], rows["quality"] = t_ns, Role.BAR, 1.0
        rows["x_px"], rows["y_px"] = 640.0 + x / 0.002, 900.0 - y / 0.002
        rows["var_x_px2"] = rows["var_y_px2"] = VAR_M2 / 0.002**2
        history.begin_frame(t_ns)
        bank.step(t_ns, rows, history)
        state = bank.states[Role.BAR]
        told.append((t_s, y, float(state["y_m"]), float(np.sqrt(state["var_y_m2"]))))
    return np.array(told)


SLOWS = Script().rest(0.5).move(0.8, 0.25, ease=lambda u: u).rest(1.5)
"""The bar stops while it is hidden: the prediction overshoots by centimetres."""


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0])
def test_a_bar_seen_again_is_not_published_with_a_jump(rate_hz: float) -> None:
    told = _published(SLOWS, (1.2, 1.6), rate_hz)
    t, true, shown, _ = told.T
    again = int(np.searchsorted(t, 1.6))
    missed_m = abs(shown[again - 1] - true[again - 1])
    assert missed_m > 0.03
    steps = np.abs(np.diff(shown))
    usual_m = 0.4 / rate_hz  # a little more than the bar ever moved in a picture
    assert steps[again - 1 :].max() < usual_m + missed_m / (BLEND_S * rate_hz)
    assert (
        abs(shown[again - 1 :] - true[again - 1 :])[t[again - 1 :] > 1.6 + 5 * BLEND_S].max() < 2e-3
    )


def test_while_it_goes_over_it_says_how_far_off_it_may_be() -> None:
    t, true, shown, sd = _published(SLOWS, (1.2, 1.6)).T
    after = t > 1.3
    assert np.all(np.abs(shown - true)[after] <= 3.0 * sd[after] + 1e-3)


def test_without_a_gap_the_published_path_is_the_estimate() -> None:
    t, true, shown, _ = _published(SLOWS, (9.0, 9.0)).T
    assert t.size > 100
    assert np.abs(shown - true).max() < 4e-3
