"""A bar that lies still: everything that moves in its path is noise.

How the noise falls with averaging says what kind it is. Independent noise of single pictures falls
with the root of the averaging time; drift (a warming camera, a floor that gives, light that
changes) does not fall, and sets the floor. The Allan deviation tells the two apart (Allan 1966,
Proc IEEE 54:221; overlapping form).
"""

from dataclasses import dataclass
from math import hypot, sqrt
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.verify.fit import Known, linear, spread
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.tables import TableError

SHORTEST_S: Final = 4.0
REP_S: Final = 1.0
"""A rep for which the noise of its mean velocity is told."""

SPEED_WINDOW_S: Final = 0.1
MOVED_SDS: Final = 8.0
PER_OCTAVE: Final = 2


@dataclass(frozen=True, slots=True)
class Axis:
    """Noise of one coordinate, metres.

    ``sd_m`` is that of single pictures about the slow drift, ``range_m`` the middle 95 % of all
    positions, ``drift_mps`` the trend over the whole recording, ``tau_s`` and ``allan_m`` the Allan
    deviation.
    """

    sd_m: float
    range_m: float
    drift_mps: Known
    tau_s: FloatArray
    allan_m: FloatArray


@dataclass(frozen=True, slots=True)
class Stillness:
    """Noise of both axes, and what it means for speeds.

    ``mean_velocity_sd_mps`` is that of a mean velocity over :data:`REP_S`, from the positions' own
    differences over that time; ``speed_sd_mps`` that of a slope over :data:`SPEED_WINDOW_S`.
    """

    x: Axis
    y: Axis
    duration_s: float
    rate_hz: float
    interval_sd_s: float
    late: int
    """Intervals longer than one and a half times the usual one."""
    mean_velocity_sd_mps: float
    speed_sd_mps: float


def measure(path: MarkerPath) -> Stillness:
    """Measure the noise of a marker at rest.

    Raises
    ------
    TableError
        It is too short, or the marker moves.

    """
    duration = float(path.t_s[-1] - path.t_s[0])
    if duration < SHORTEST_S:
        raise TableError(
            f"{path.source}: {duration:.1f} s long; a still bar of at least {SHORTEST_S:g} s is"
            " needed, and a minute says more"
        )
    for name, values in (("sideways", path.x_m), ("up or down", path.y_m)):
        _must_rest(path, name, values)
    steps = np.diff(path.t_s)
    usual = float(np.median(steps))
    return Stillness(
        x=_axis(path.t_s, path.x_m),
        y=_axis(path.t_s, path.y_m),
        duration_s=duration,
        rate_hz=1.0 / usual,
        interval_sd_s=float(steps[steps < 1.5 * usual].std()),
        late=int((steps > 1.5 * usual).sum()),
        mean_velocity_sd_mps=_over_a_rep(path.t_s, path.y_m),
        speed_sd_mps=_slopes(path.t_s, path.y_m),
    )


def allan(t_s: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return averaging times (k,) in s and overlapping Allan deviations (k,).

    Half of the mean square of differences between neighbouring averages. Pictures are taken as
    evenly spaced; averages over more than a quarter of the recording are not told.
    """
    step = float(np.median(np.diff(t_s)))
    sums = np.concatenate([[0.0], np.cumsum(values - values.mean())])
    most = values.size // 4
    counts = np.unique(
        np.round(2.0 ** (np.arange(0, PER_OCTAVE * 30) / PER_OCTAVE)).astype(np.int64)
    )
    counts = counts[counts <= most]
    deviations = []
    for m in counts:
        means = (sums[m:] - sums[:-m]) / m
        steps = means[m:] - means[:-m]
        deviations.append(sqrt(0.5 * float((steps * steps).mean())))
    return np.asarray(counts * step, np.float64), np.array(deviations, np.float64)


def _axis(t_s: FloatArray, values: FloatArray) -> Axis:
    t = t_s - t_s.mean()
    fit = linear(np.column_stack([np.ones_like(t), t]), values)
    low, high = np.percentile(values, [2.5, 97.5])
    tau, deviation = allan(t_s, values)
    return Axis(float(fit.residuals.std()), float(high - low), fit.known(1), tau, deviation)


def _must_rest(path: MarkerPath, name: str, values: FloatArray) -> None:
    """Refuse a path in which something moves: its noise would be none."""
    fine = max(spread(np.diff(values, n=3)) / sqrt(20.0), 2e-5)
    count = max(4, round(0.5 * path.rate_hz))
    blocks = values[: values.size // count * count].reshape(-1, count).mean(axis=1)
    reach = float(np.ptp(blocks))
    if reach > max(MOVED_SDS * fine, 0.004):
        raise TableError(
            f"{path.source}: the marker moves {1000 * reach:.1f} mm {name}; a bar that lies still"
            " was expected. Cut the recording, or leave the bar alone for longer"
        )


def _over_a_rep(t_s: FloatArray, values: FloatArray) -> float:
    later = np.searchsorted(t_s, t_s + REP_S)
    inside = later < t_s.size
    speeds = (values[later[inside]] - values[inside]) / (t_s[later[inside]] - t_s[inside])
    return float(np.sqrt((speeds * speeds).mean()))


def _slopes(t_s: FloatArray, values: FloatArray) -> float:
    """Spread of straight lines through short windows: what a raw speed trace would show."""
    count = max(3, round(SPEED_WINDOW_S / float(np.median(np.diff(t_s)))) + 1)
    windows = np.lib.stride_tricks.sliding_window_view
    t, y = windows(t_s, count), windows(values, count)
    dt = t - t.mean(axis=1, keepdims=True)
    slopes = (dt * y).sum(axis=1) / (dt * dt).sum(axis=1)
    return float(slopes.std())


def both(axis_x: Axis, axis_y: Axis) -> float:
    """Return the noise of a position in the plane."""
    return hypot(axis_x.sd_m, axis_y.sd_m)
