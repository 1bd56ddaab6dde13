"""The zero-lag estimate of a stretch of measurements: what the numbers of a rep are made from.

A Rauch-Tung-Striebel smoother under the same constant-acceleration model as the live filter. It
has no lag, takes irregular intervals and gaps as they are, and says how sure it is at each point.
"""

from typing import Final

import numpy as np

from shinline.motion import kalman_kernels as k
from shinline.types import NS_PER_S, PATH, BoolArray, FloatArray, IntArray, Rows

SMOOTH_JERK_DENSITY: Final = 30.0
"""m^2/s^5. With 1 mm noise at 60 Hz this is a -3 dB point near 5 Hz, where a deadlift ends."""

MIN_SD_M: Final = 2e-4
"""A tracker that claims less than 0.2 mm is believed 0.2 mm."""


def noise_scale(values: FloatArray, variance: FloatArray) -> float:
    """Return how much larger the noise of (n,) samples is than claimed, as a variance ratio.

    From third differences, in which smooth motion all but vanishes; the median resists shocks.
    Never below 1: a lucky stretch does not make a sensor better.
    """
    good = np.isfinite(variance)
    if int(good.sum()) < 12:
        return 1.0
    third = np.diff(values[good], n=3)
    claimed = float(np.median(variance[good]))
    spread = float(np.median(np.abs(third))) / 0.6745
    return max(1.0, spread * spread / (20.0 * claimed))  # 1 + 9 + 9 + 1 = 20


def smooth(
    t_ns: IntArray, x_m: FloatArray, y_m: FloatArray, variance_m2: FloatArray, seen: BoolArray
) -> Rows:
    """Smooth (n,) samples, n >= 1; returns PATH rows at the same times.

    ``t_ns`` int64 strictly increasing; ``variance_m2`` is that of one axis; ``seen`` False marks
    times without a measurement, at which the path is interpolated and ``coasting``.
    """
    t_s = (t_ns - t_ns[0]) / NS_PER_S
    base = np.where(seen, np.maximum(variance_m2, MIN_SD_M * MIN_SD_M), np.inf)
    path = np.zeros(t_s.size, PATH)
    path["t_ns"], path["coasting"] = t_ns, ~seen
    for values, place, speed in ((x_m, "x_m", "vx_mps"), (y_m, "y_m", "vy_mps")):
        means, covs = np.zeros((t_s.size, 3)), np.zeros((t_s.size, 3, 3))
        variance = base * noise_scale(values, base)
        k.smooth_axis(t_s, values, variance, SMOOTH_JERK_DENSITY, means, covs)
        path[place], path[speed] = means[:, 0], means[:, 1]
        path["sd_m"] = np.maximum(path["sd_m"], np.sqrt(covs[:, 0, 0]))
    path["ay_mps2"] = means[:, 2]
    return path
