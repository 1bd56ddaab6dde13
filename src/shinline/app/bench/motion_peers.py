"""The same filters by other people's libraries: filterpy's Kalman filters, SciPy's Butterworths.

Both come with the development packages only; where one is missing these functions raise
ImportError. Positions are metres on the lifting plane, as the engine's own filters get them. What
filterpy makes of them is the same to nine digits, and a test says so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from shinline.motion.kalman_kernels import JERK_DENSITY
from shinline.types import NS_PER_S, BoolArray, FloatArray, IntArray

CUTOFF_HZ: Final = 6.0
ORDER: Final = 4
"""Of the low-pass filters: what biomechanics papers smooth lifts with."""


@dataclass(frozen=True, slots=True)
class Positions:
    """What was seen of some axes in (n,) frames: each marker has two, x first.

    ``values_m`` and ``variances_m2`` are (n, axes); in frames that are not ``seen`` they say
    nothing.
    """

    t_ns: IntArray
    values_m: FloatArray
    variances_m2: FloatArray
    seen: BoolArray

    @property
    def steps_s(self) -> FloatArray:
        """Return the (n - 1,) intervals."""
        return np.asarray(np.diff(self.t_ns) / NS_PER_S)


def transition(dt_s: float) -> FloatArray:
    """Return the (3, 3) transition of constant acceleration."""
    return np.array([[1.0, dt_s, 0.5 * dt_s * dt_s], [0.0, 1.0, dt_s], [0.0, 0.0, 1.0]])


def _filterpy(value_m: float, cov: FloatArray) -> Any:
    from filterpy.kalman import KalmanFilter

    one = KalmanFilter(dim_x=3, dim_z=1)
    one.x, one.P = np.array([[value_m], [0.0], [0.0]]), cov
    one.H = np.array([[1.0, 0.0, 0.0]])
    return one


# --- live: frame by frame ---------------------------------------------------------------------


def filterpy_tracks(given: Positions) -> tuple[Callable[[int], None], list[Any]]:
    """Return a function that takes frame ``i`` in, from 1 on, and one filter for each axis.

    Start and noise are those of the engine's tracks.
    """
    from filterpy.common import Q_continuous_white_noise

    worst = given.variances_m2[0].reshape(-1, 2).max(axis=1).repeat(2)
    filters = [
        _filterpy(value, np.diag([variance, 1.0, 25.0]))
        for value, variance in zip(given.values_m[0], worst, strict=True)
    ]
    steps_s = given.steps_s.tolist()
    rows = list(zip(given.values_m.tolist(), given.variances_m2.tolist(), strict=True))

    def take(i: int) -> None:
        moved = transition(steps_s[i - 1])
        noise = Q_continuous_white_noise(3, steps_s[i - 1], JERK_DENSITY)
        for one, value, variance in zip(filters, *rows[i], strict=True):
            one.predict(F=moved, Q=noise)
            one.update(value, R=variance)

    return take, filters


def scipy_low_pass(given: Positions, rate_hz: float) -> Callable[[int], tuple[FloatArray, ...]]:
    """Return a function that takes frame ``i`` in: position, velocity, acceleration of each axis.

    All axes go through one call, which carries the filter's state on. The frames are taken to be
    evenly spaced.
    """
    from scipy.signal import butter, sosfilt, sosfilt_zi

    low_pass = butter(ORDER, CUTOFF_HZ, fs=rate_hz, output="sos")
    first = given.values_m[0]
    state = sosfilt_zi(low_pass)[:, None, :] * first[:, None]
    columns = [row[:, None] for row in given.values_m]
    last, last_speed = first.copy(), np.zeros_like(first)

    def take(i: int) -> tuple[FloatArray, ...]:
        nonlocal state, last, last_speed
        filtered, state = sosfilt(low_pass, columns[i], zi=state)
        place = filtered[:, 0]
        speed = (place - last) * rate_hz
        acceleration = (speed - last_speed) * rate_hz
        last, last_speed = place, speed
        return place, speed, acceleration

    return take


# --- a whole repetition -----------------------------------------------------------------------


def filterpy_smooth(given: Positions, density: float) -> FloatArray:
    """Smooth each axis; return position, velocity and acceleration (axes, n, 3).

    The start is the product's: diffuse around the first value seen.
    """
    from filterpy.common import Q_continuous_white_noise

    moves, noises = [np.eye(3)], [np.zeros((3, 3))]
    for dt_s in given.steps_s.tolist():
        moves.append(transition(dt_s))
        noises.append(Q_continuous_white_noise(3, dt_s, density))
    first = int(np.argmax(given.seen))
    out = []
    for values, variances in zip(given.values_m.T, given.variances_m2.T, strict=True):
        one = _filterpy(values[first], np.diag([0.01, 9.0, 900.0]))
        zs = _or_none(values, given.seen)
        means, covs, _, _ = one.batch_filter(zs, Fs=moves, Qs=noises, Rs=variances)
        out.append(one.rts_smoother(means, covs, Fs=moves, Qs=noises)[0][:, :, 0])
    return np.array(out)


def _or_none(values: Iterable[float], seen: BoolArray) -> list[float | None]:
    return [value if there else None for value, there in zip(values, seen, strict=True)]


def scipy_smooth(given: Positions, rate_hz: float) -> tuple[FloatArray, FloatArray]:
    """Return position and velocity (axes, m) on an even grid of ``rate_hz``.

    Interpolated in a straight line, then filtered forward and back, so nothing lags.
    """
    from scipy.signal import butter, filtfilt

    t_s = (given.t_ns - given.t_ns[0]) / NS_PER_S
    grid_s = np.arange(0.0, t_s[-1], 1.0 / rate_hz)
    seen = given.seen
    even = [np.interp(grid_s, t_s[seen], values[seen]) for values in given.values_m.T]
    place = np.asarray(filtfilt(*butter(ORDER, CUTOFF_HZ, fs=rate_hz), np.array(even)))
    return place, np.gradient(place, 1.0 / rate_hz, axis=1)
