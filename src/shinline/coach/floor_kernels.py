"""Kernels that look for a floor in the last half second of the bar's height, sample by sample."""

from typing import Final

import numpy as np

from shinline.kernel import kernel
from shinline.types import NS_PER_S, FloatArray, IntArray

REST_S: Final = 0.5
KEEP_S: Final = REST_S + 0.05
REST_RANGE_M: Final = 0.0025
REST_DRIFT_M: Final = 0.0010
"""Between the medians of the first and the last third of that time: a chest gives way evenly."""

LEAST_AT_REST: Final = 8
BEGIN_S: Final = 0.12
BEGIN_RANGE_M: Final = 0.010
STRIKE_WINDOW_S: Final = 0.11
STRIKE_FALL_MPS: Final = -0.4
STRIKE_CHANGE_MPS: Final = 0.7
LEAST_AT_A_STRIKE: Final = 3
SAME_FLOOR_M: Final = 0.15
"""Levels closer than this are one floor: a hand-held camera drifts by half of it in a set."""

KEPT, LEVELS, OPEN, BEGAN, BEGIN_NS = range(5)
"""What a floor counts, int64: samples kept, levels known, whether the first moments of the
recording may still show a floor, whether they have begun, and when."""


@kernel
def observe(
    t_ns: int,
    y_m: float,
    times: IntArray,
    heights: FloatArray,
    ordered: FloatArray,
    levels: FloatArray,
    counts: IntArray,
) -> bool:
    """Take in one measured height; True when a floor level was added.

    ``times``, ``heights`` and ``ordered`` (n,) keep the last ``KEEP_S`` as they came and by
    height; of more samples than they hold the oldest go. ``levels`` (m,) are the floors known, its
    last element the height with which the recording began.
    """
    keep(t_ns, y_m, times, heights, ordered, counts)
    known = 0
    for i in range(counts[LEVELS]):
        if y_m > levels[i] - SAME_FLOOR_M:  # else that was a rack, or a pair of arms
            levels[known] = levels[i]
            known += 1
    counts[LEVELS] = known
    n = counts[KEPT]
    for evidence in range(3):
        if evidence == 0:
            level = begins(t_ns, y_m, levels, counts)
        elif evidence == 1:
            level = rests(times[:n], heights[:n], ordered[:n])
        else:
            level = strikes(times[:n], heights[:n])
        if not np.isnan(level) and known < levels.size - 1:
            new = True
            for i in range(known):
                new = new and abs(levels[i] - level) > SAME_FLOOR_M
            if new:
                levels[known] = level
                counts[LEVELS] = known + 1
                return True
    return False


@kernel
def keep(
    t_ns: int,
    y_m: float,
    times: IntArray,
    heights: FloatArray,
    ordered: FloatArray,
    counts: IntArray,
) -> None:
    """Add a sample and drop those that are too old, in place."""
    n = counts[KEPT]
    old = 1 if n == times.size else 0
    while old < n and t_ns - times[old] > KEEP_S * NS_PER_S:
        old += 1
    for i in range(old):
        take_out(ordered, n - i, heights[i])
    n -= old
    for i in range(n):
        times[i], heights[i] = times[i + old], heights[i + old]
    times[n], heights[n] = t_ns, y_m
    put_in(ordered, n, y_m)
    counts[KEPT] = n + 1


@kernel
def put_in(ordered: FloatArray, n: int, value: float) -> None:
    """Insert into the first ``n`` values, which ascend."""
    i = n
    while i > 0 and ordered[i - 1] > value:
        ordered[i] = ordered[i - 1]
        i -= 1
    ordered[i] = value


@kernel
def take_out(ordered: FloatArray, n: int, value: float) -> None:
    """Remove one of the first ``n`` values, which ascend; it is among them."""
    i = 0
    while i < n - 1 and ordered[i] != value:
        i += 1
    while i < n - 1:
        ordered[i] = ordered[i + 1]
        i += 1


@kernel
def begins(t_ns: int, y_m: float, levels: FloatArray, counts: IntArray) -> float:
    """Return the height at which the recording began with a still bar; NaN if it does not."""
    if counts[OPEN] == 0:
        return np.nan
    if counts[BEGAN] == 0:
        counts[BEGAN], counts[BEGIN_NS] = 1, t_ns
        levels[-1] = y_m
    if abs(y_m - levels[-1]) > BEGIN_RANGE_M:
        counts[OPEN] = 0
    elif t_ns - counts[BEGIN_NS] >= BEGIN_S * NS_PER_S:
        counts[OPEN] = 0
        return float(levels[-1])
    return np.nan


@kernel
def rests(times: IntArray, heights: FloatArray, ordered: FloatArray) -> float:
    """Return the height at which the bar rests as only a supported bar does; NaN if it does not.

    One mistracked frame in ten does not unsettle it.
    """
    n = times.size
    if n < LEAST_AT_REST or times[n - 1] - times[0] < REST_S * NS_PER_S:
        return np.nan
    trim = n // 10
    if ordered[n - 1 - trim] - ordered[trim] > REST_RANGE_M:
        return np.nan
    third = n // 3
    if abs(median(heights[:third]) - median(heights[n - third :])) > REST_DRIFT_M:
        return np.nan
    return float(ordered[n // 2])


@kernel
def median(values: FloatArray) -> float:
    """Return the (upper) median of (n,) values, n >= 1."""
    ordered = np.empty(values.size)
    for i in range(values.size):
        put_in(ordered, i, values[i])
    return float(ordered[values.size // 2])


@kernel
def strikes(times: IntArray, heights: FloatArray) -> float:
    """Return the height at which a fall ended within a tenth of a second; NaN if none did."""
    n = times.size
    window = STRIKE_WINDOW_S * NS_PER_S
    middle = n
    while middle > 0 and times[n - 1] - times[middle - 1] <= window:
        middle -= 1
    first = middle
    while first > 0 and times[n - 1] - times[first - 1] <= 2.0 * window:
        first -= 1
    if n - middle < LEAST_AT_A_STRIKE or middle - first < LEAST_AT_A_STRIKE:
        return np.nan
    fall_mps = slope_mps(times[first:middle], heights[first:middle])
    if fall_mps > STRIKE_FALL_MPS:
        return np.nan
    if slope_mps(times[middle:], heights[middle:]) - fall_mps < STRIKE_CHANGE_MPS:
        return np.nan
    return float(heights[middle:].min())


@kernel
def slope_mps(times: IntArray, heights: FloatArray) -> float:
    """Return the least-squares slope of (n,) samples, n >= 2, at strictly increasing times."""
    n = times.size
    mean_s, mean_m = 0.0, 0.0
    for i in range(n):
        mean_s += (times[i] - times[0]) / NS_PER_S / n
        mean_m += heights[i] / n
    spread, common = 0.0, 0.0
    for i in range(n):
        dt_s = (times[i] - times[0]) / NS_PER_S - mean_s
        spread += dt_s * dt_s
        common += dt_s * (heights[i] - mean_m)
    return common / spread
