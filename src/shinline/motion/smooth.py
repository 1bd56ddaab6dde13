"""The zero-lag estimate of a stretch of measurements: what the numbers of a rep are made from.

A Rauch-Tung-Striebel smoother under the same constant-acceleration model as the live filter. It
has no lag, takes irregular intervals and gaps as they are, and says how sure it is at each point.
"""

from typing import Final

import numpy as np

from shinline.geometry.middle import median
from shinline.geometry.plane import Plane
from shinline.motion import kalman_kernels as k
from shinline.steps import Steps, done
from shinline.types import NS_PER_S, PATH, BoolArray, FloatArray, IntArray, Rows

JERK_DENSITIES: Final = (10.0, 30.0, 90.0, 270.0, 810.0)
"""m^2/s^5, one of which is chosen by the residuals. With 1 mm noise at 60 Hz, 30 is a -3 dB point
near 5 Hz, where a deadlift ends; a steadier tracker or a livelier lifter allows for more."""

FIRST: Final = 1
MOVING_MPS: Final = 0.03
LEAST_MOVING: Final = 20
"""Only samples in motion tell how lively it is: a bar that lies fits any density."""

BLOW: Final = np.array([5.0, 400.0, 0.15])
"""A sample so many standard deviations above a fall shows that the bar struck the floor; the
variance (m^2/s^4) this gives the acceleration; how fast (m/s) it must have fallen."""

NO_BLOW: Final = np.array([5.0, 400.0, np.inf])
"""Sideways nothing strikes anything."""

LEAST_FOR_JUMPS: Final = 12
JUMP_MPS: Final = 0.4
"""A misfit of 7 mm between pictures at 60 Hz ..."""

JUMP_SHARE: Final = 0.4
"""... and of so much of the way that is gone between them, which a quick pull may curve ..."""

JUMP_ASIDE_MPS: Final = 1.0
"""... but sideways, where a bar that swings round the knees is quick to turn, 17 mm."""

JUMP_JERK_MPS3: Final = 50.0
"""A strong lifter's jerk is half of that."""

LIES_MPS: Final = 0.02
LIES_M: Final = 0.006
LIES_EDGE_S: Final = 0.12
"""Of the time in which the bar hardly moves, at both ends: there it may begin to."""

STILL_MPS: Final = 0.002
"""How well it is known that a bar on the floor does not move."""

STEP_M: Final = 0.04
STEP_MPS: Final = 1.4
"""Twice as fast as the quickest swing of the simulated lifts."""

STRAY_M: Final = 0.010
STRAY_SHARE: Final = 0.3

MIN_SD_M: Final = 1e-4
"""A tracker that claims less than 0.1 mm is believed 0.1 mm."""


def noise_scale(values: FloatArray, variance: FloatArray) -> float:
    """Return how much larger the noise of (n,) samples is than claimed, as a variance ratio.

    From third differences, in which smooth motion all but vanishes; the median resists shocks.
    Never below 1: a lucky stretch does not make a sensor better.
    """
    good = np.isfinite(variance)
    if int(good.sum()) < 12:
        return 1.0
    third = np.diff(values[good], n=3)
    claimed = median(variance[good])
    spread = median(np.abs(third)) / 0.6745
    return max(1.0, spread * spread / (20.0 * claimed))  # 1 + 9 + 9 + 1 = 20


def jumps(t_s: FloatArray, y_m: FloatArray, most_mps: float = JUMP_MPS) -> BoolArray:
    """Tell for each of (n,) samples whether the way from the one before it fits no motion.

    The speeds on both sides of an interval say how far it should lead. Where it leads elsewhere,
    and the same is true with a sample more on either side (else only one sample is astray), the
    time stamps jumped, or the track did. Allowed are what ``most_mps`` and a share of the bar's
    speed go in an interval, six times the usual misfit, and what a jerk of ``JUMP_JERK_MPS3``
    makes of a longer interval.
    """
    found = np.zeros(t_s.size, bool)
    if t_s.size < LEAST_FOR_JUMPS:
        return found
    near, near_allowed = _misfit_m(t_s, y_m, 1, most_mps)
    wide, wide_allowed = _misfit_m(t_s, y_m, 3, most_mps)
    near, near_allowed = near[1:-1], near_allowed[1:-1]
    both = (np.abs(near) > near_allowed) & (np.abs(wide) > wide_allowed) & (near * wide > 0.0)
    found[4:-3] = both
    return found


def strays(t_s: FloatArray, values: FloatArray) -> BoolArray:
    """Tell for each of (n,) samples of one axis whether it alone is astray, by ``STRAY_M`` or more.

    Then its neighbours are off the other way, half as much, from where theirs would have them: no
    blow does that, which changes the speed and not the place.
    """
    found = np.zeros(t_s.size, bool)
    if t_s.size < LEAST_FOR_JUMPS:
        return found
    share = (t_s[1:-1] - t_s[:-2]) / (t_s[2:] - t_s[:-2])
    off_m = values[1:-1] - (values[:-2] + share * (values[2:] - values[:-2]))
    middle, before, after = off_m[1:-1], off_m[:-2], off_m[2:]
    against = (before * middle < 0.0) & (after * middle < 0.0)
    weaker = np.minimum(np.abs(before), np.abs(after)) > STRAY_SHARE * np.abs(middle)
    first = (np.abs(middle) > np.abs(before)) & (np.abs(middle) > np.abs(after))
    found[2:-2] = against & weaker & first & (np.abs(middle) > STRAY_M)
    return found


def steps(t_s: FloatArray, x_m: FloatArray) -> BoolArray:
    """Tell for each of (n,) samples whether the bar stepped aside since the one before.

    A rough track hides such a step in its noise from :func:`jumps`, but no bar goes sideways so
    fast. One sample alone that is :func:`astray <strays>` is no step.
    """
    found = np.zeros(t_s.size, bool)
    sound = np.flatnonzero(~strays(t_s, x_m))
    step_m, step_s = np.abs(np.diff(x_m[sound])), np.diff(t_s[sound])
    found[sound[1:]] = step_m > np.maximum(STEP_M, STEP_MPS * step_s)
    return found


def _misfit_m(
    t_s: FloatArray, y_m: FloatArray, span: int, most_mps: float
) -> tuple[FloatArray, FloatArray]:
    """Return how far ``span`` intervals lead too far, and how far they may; both (n - span - 4,).

    The speeds are those over two intervals before and after.
    """
    first, last = slice(2, -2 - span), slice(2 + span, -2)
    dt_s = t_s[last] - t_s[first]
    before = (y_m[first] - y_m[: -4 - span]) / (t_s[first] - t_s[: -4 - span])
    after = (y_m[4 + span :] - y_m[last]) / (t_s[4 + span :] - t_s[last])
    misfit_m = y_m[last] - y_m[first] - 0.5 * (before + after) * dt_s
    period_s = median(np.diff(t_s))
    speed_mps = 0.5 * np.abs(before + after)
    longer = np.maximum(1.0, dt_s / median(dt_s))
    usual_m = median(np.abs(misfit_m)) / 0.6745
    allowed = (
        (most_mps + JUMP_SHARE * speed_mps) * period_s
        + 6.0 * usual_m * longer
        + JUMP_JERK_MPS3 / 12.0 * dt_s * dt_s * dt_s
    )
    return misfit_m, allowed


def smooth(
    t_ns: IntArray,
    x_m: FloatArray,
    y_m: FloatArray,
    variance_m2: FloatArray,
    seen: BoolArray,
    late_s: FloatArray | None = None,
    floor_m: float | None = None,
) -> Rows:
    """Smooth at once, see :func:`smoothing`."""
    return done(smoothing(t_ns, x_m, y_m, variance_m2, seen, late_s, floor_m))


def smoothing(
    t_ns: IntArray,
    x_m: FloatArray,
    y_m: FloatArray,
    variance_m2: FloatArray,
    seen: BoolArray,
    late_s: FloatArray | None = None,
    floor_m: float | None = None,
) -> Steps[Rows]:
    """Smooth (n,) samples, n >= 1; returns PATH rows at the same times.

    ``t_ns`` int64 strictly increasing; ``variance_m2`` is that of one axis; ``seen`` False marks
    times without a measurement, at which the path is interpolated and ``coasting``; so are samples
    that alone are :func:`astray <strays>`. A sample was measured ``late_s`` after its time (not at
    all late when None). In two steps, for which what is given must not change.
    Where the path lies still at the height ``floor_m``, its speed is nothing.
    """
    t_s = (t_ns - t_ns[0]) / NS_PER_S
    rows = np.flatnonzero(seen)
    astray = strays(t_s[rows], x_m[rows]) | strays(t_s[rows], y_m[rows])
    seen = seen.copy()
    seen[rows[astray]] = False
    late = np.zeros(t_ns.size) if late_s is None else np.where(seen, late_s, 0.0)
    base = np.where(seen, np.maximum(variance_m2, MIN_SD_M * MIN_SD_M), np.inf)
    axes = [
        _Axis(t_s, values, base * noise_scale(values, base), late, blow)
        for values, blow in ((x_m, NO_BLOW), (y_m, BLOW))
    ]
    yield
    if floor_m is not None:
        still = lies(t_s, axes[0].means, axes[1].means, floor_m)
        for axis in axes:
            axis.still[still] = STILL_MPS * STILL_MPS
    for axis in axes:
        axis.sharpen()
    path = np.zeros(t_s.size, PATH)
    path["t_ns"], path["coasting"] = t_ns, ~seen
    path["x_m"], path["vx_mps"] = axes[0].means[:, 0], axes[0].means[:, 1]
    path["y_m"], path["vy_mps"], path["ay_mps2"] = axes[1].means.T
    path["sd_m"] = np.sqrt(np.maximum(0.0, np.maximum(*(axis.covs[:, 0, 0] for axis in axes))))
    path["sd_vy_mps"] = np.sqrt(np.maximum(0.0, axes[1].covs[:, 1, 1]))
    return path


def lies(t_s: FloatArray, x: FloatArray, y: FloatArray, floor_m: float) -> BoolArray:
    """Tell for each of (n, 3) estimates of the two axes whether the bar lies on the floor.

    It does where it hardly moves, at that height, for long, but for the ends of that time.
    """
    slow = np.maximum(np.abs(x[:, 1]), np.abs(y[:, 1])) < LIES_MPS
    there = slow & (np.abs(y[:, 0] - floor_m) < LIES_M)
    edges = np.flatnonzero(np.diff(there, prepend=False, append=False))
    found = np.zeros(t_s.size, bool)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        since_s, until_s = t_s[first] + LIES_EDGE_S, t_s[end - 1] - LIES_EDGE_S
        found |= (t_s >= since_s) & (t_s <= until_s)
    return found


def rescaled(path: Rows, factor: float) -> Rows:
    """Return PATH rows in metres ``factor`` as large, about the point where the path begins."""
    scaled = path.copy()
    for name in ("x_m", "y_m"):
        scaled[name] = path[name][:1] + factor * (path[name] - path[name][:1])
    for name in ("vx_mps", "vy_mps", "ay_mps2", "sd_m", "sd_vy_mps"):
        scaled[name] *= factor
    return scaled


def moved_behind(path: Rows, plane: Plane, away_m: float) -> Rows:
    """Return PATH rows of what lies ``away_m`` behind the plane on which it was taken to lie."""
    moved = rescaled(path, 1.0 + away_m / plane.lens_m[2])
    moved["x_m"], moved["y_m"] = plane.behind(path["x_m"], path["y_m"], away_m)
    return moved


class _Axis:
    """One axis, smoothed twice: at first to know when it moves, then as sharply as that asks."""

    def __init__(
        self,
        t_s: FloatArray,
        values: FloatArray,
        variance: FloatArray,
        late_s: FloatArray,
        blow: FloatArray,
    ) -> None:
        n = t_s.size
        self.means, self.covs = np.zeros((n, 3)), np.zeros((n, 3, 3))
        self.still = np.full(n, np.inf)
        self._given = t_s, values, variance, late_s
        self._blow, self._jolts = blow, np.zeros(n)
        self._smooth(JERK_DENSITIES[FIRST])

    def sharpen(self) -> None:
        """Smooth again with the density that fits the samples in motion best."""
        t_s, values, variance, late_s = self._given
        moving = np.where(np.abs(self.means[:, 1]) > MOVING_MPS, variance, np.inf)
        best = FIRST
        if int(np.isfinite(moving).sum()) >= LEAST_MOVING:
            fits = [
                k.misfit(t_s, values, moving, late_s, each, self._blow, self._jolts)
                for each in JERK_DENSITIES
            ]
            best = int(np.argmin(fits))
        if best != FIRST or np.isfinite(self.still).any():
            self._smooth(JERK_DENSITIES[best])

    def _smooth(self, density: float) -> None:
        k.misfit(*self._given, density, self._blow, self._jolts)
        k.smooth_axis(
            *self._given, self.still, density, self._blow, self._jolts, self.means, self.covs
        )
