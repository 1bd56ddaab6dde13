"""Where a rep begins and ends on its smoothed path, by the published definitions.

They are a contract: docs/numbers.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import NS_PER_S, FloatArray, Rows

LIFT_M: Final = 0.010
REST_SPEED_MPS: Final = 0.03
LOCKOUT_SHARE: Final = 0.90
HALVINGS: Final = 20
"""A thirtieth of a second in parts of thirty nanoseconds."""

SINK_M: Final = 0.040
LAY_S: Final = 0.5
"""So long before the pull's lowest point is looked for where the bar lay."""

SETTLE_S: Final = 0.2
LAID_M: Final = 0.020
"""Round plates come down where they lay within less."""

KINK_MPS2: Final = 15.0
"""No lifter turns a falling bar so sharply; the floor does."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a rep begins and ends: interpolated times and indices into the path.

    ``start_m`` is the height of the bar at ``start_ns``.
    """

    start_ns: int
    start_m: float
    lockout_ns: int
    floor_ns: int | None
    first: int
    last: int
    top: int
    end: int


def find_bounds(path: Rows, low: int, floor_ns: int | None) -> Bounds | None:
    """Apply the published definitions of start and lockout to PATH rows.

    ``low`` is the index at which the bar lay lowest before the lift. None when the path never
    rises, or reaches no lockout: then there was no rep.
    """
    y, v, t = path["y_m"], path["vy_mps"], path["t_ns"]
    end = len(path) - 1 if floor_ns is None else int(np.searchsorted(t, floor_ns, side="right")) - 1
    if end - low < 3:
        return None
    top = low + int(np.argmax(y[low : end + 1]))
    first = _lift_off(path, low, top)
    start_ns, start_m = _start(path, first)
    if y[top] <= start_m:
        return None
    height = y[first] + LOCKOUT_SHARE * (y[top] - y[first])
    last = first_stop(y, v, (first, end), height, REST_SPEED_MPS)
    if y[last] < height:
        return None
    falls = v[last] < REST_SPEED_MPS <= v[last - 1]  # or it was slow already at that height
    lockout_ns = _crossing_ns(path, last - 1) if falls else int(t[last])
    return Bounds(start_ns, start_m, lockout_ns, floor_ns, first, last, top, end)


def so_far(path: Rows, low: int) -> Bounds | None:
    """Return the bounds of a lift that goes on, as if it ended with the last row."""
    end = len(path) - 1
    if end - low < 3:
        return None
    top = low + int(np.argmax(path["y_m"][low:]))
    first = _lift_off(path, low, top)
    start_ns, start_m = _start(path, first)
    last_ns = int(path["t_ns"][end])
    if last_ns <= start_ns or min(path["y_m"][top], path["y_m"][end]) <= start_m:
        return None  # it has not come up yet: with pictures lost that can be all there is
    return Bounds(start_ns, start_m, last_ns, None, first, end, top, end)


def _lift_off(path: Rows, low: int, top: int) -> int:
    """Return the last row before lift-off."""
    y, v = path["y_m"], path["vy_mps"]
    risen, level_m = top, _level_m(path, low, top)
    while risen > low and y[risen - 1] > level_m + LIFT_M:
        risen -= 1
    first = risen
    while first > 0 and v[first] >= REST_SPEED_MPS:  # the live bottom may be a little late
        first -= 1
    return first


def bottom(path: Rows, bottom_ns: int, floor_ns: int | None) -> int:
    """Return the row at which the bar lay lowest before the lift.

    That is the lowest it was seen within ``SETTLE_S`` after the live one: plates give and bounce,
    and what was not seen of a strike may seem to go far into the floor. A bar that comes down
    higher than it lay, and had lain there before it was pulled, was laid there (on blocks, say), or
    the camera was tipped: it was pulled from that height.
    """
    t, y = path["t_ns"], path["y_m"]
    first = min(int(np.searchsorted(t, bottom_ns)), len(t) - 1)
    last = int(np.searchsorted(t, bottom_ns + round(SETTLE_S * NS_PER_S), side="right"))
    near = slice(first, max(last, first + 1))
    low = first + int(np.argmin(np.where(path["coasting"][near], np.inf, y[near])))
    if floor_ns is None:
        return low
    end = min(int(np.searchsorted(t, floor_ns)), len(t) - 1)
    if y[end] - y[low] < LAID_M:
        return low
    top = low + int(np.argmax(y[low : end + 1]))
    there = np.abs(path["vy_mps"][low:top]) < REST_SPEED_MPS
    there &= np.abs(y[low:top] - y[end]) < LAID_M
    edges = np.flatnonzero(np.diff(there, prepend=False, append=False)) + low
    laid = [
        int(last) - 1
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if t[last - 1] - t[first] >= LAY_S * NS_PER_S
    ]
    return laid[-1] if laid else low


def first_stop(
    y: FloatArray, v: FloatArray, between: tuple[int, int], height: float, slow_mps: float
) -> int:
    """Return the first row that is as high as ``height`` and slower than ``slow_mps``."""
    last, end = between
    while last < end and not (y[last] >= height and v[last] < slow_mps):
        last += 1
    return last


def _level_m(path: Rows, low: int, top: int) -> float:
    """Height of the floor: where the bar lay still, or where it was lowest if it never did.

    Plates that strike go deeper than they lie, but not by more than ``SINK_M``.
    """
    begin_ns = int(path["t_ns"][low]) - round(LAY_S * NS_PER_S)
    near = slice(int(np.searchsorted(path["t_ns"], begin_ns)), top + 1)
    slow = (np.abs(path["vy_mps"][near]) < REST_SPEED_MPS) & ~path["coasting"][near]
    still = path["y_m"][near][1:-1][slow[:-2] & slow[1:-1] & slow[2:]]  # not where it turns
    low_m = float(path["y_m"][low])
    return min(low_m + SINK_M, max(low_m, float(still.min()))) if still.size else low_m


def _start(path: Rows, first: int) -> tuple[int, float]:
    """Return time (ns) and height (m) of lift-off, which is between ``first`` and the next row.

    A bar that strikes the floor and leaves it at once turns in between: where the lines meet that
    come in from both sides.
    """
    y, v, t = path["y_m"], path["vy_mps"], path["t_ns"]
    if v[first] >= REST_SPEED_MPS or first + 1 >= len(path):
        return int(t[first]), float(y[first])
    dt_s = float(t[first + 1] - t[first]) / NS_PER_S
    change = float(v[first + 1] - v[first])
    if change > KINK_MPS2 * dt_s and v[first] < -REST_SPEED_MPS:
        fall_s = (float(y[first] - y[first + 1]) + float(v[first + 1]) * dt_s) / change
        fall_s = min(max(fall_s, 0.0), dt_s)
        return int(t[first]) + round(fall_s * NS_PER_S), float(y[first] + v[first] * fall_s)
    start_ns = _crossing_ns(path, first)
    return start_ns, height_m(path, start_ns)


def _crossing_ns(path: Rows, i: int) -> int:
    """Time between rows i and i + 1 at which the speed passes REST_SPEED.

    Between them the speed is the cubic that has the rows' speeds and accelerations: a straight
    line would pass early where the speed builds up, and late where it dies.
    """
    if i + 1 >= len(path) or i < 0:
        return int(path["t_ns"][max(0, min(i, len(path) - 1))])
    v0, v1 = (float(v) - REST_SPEED_MPS for v in path["vy_mps"][i : i + 2])
    if v0 == v1 or v0 * v1 > 0.0:
        return int(path["t_ns"][i])
    interval_ns = int(path["t_ns"][i + 1] - path["t_ns"][i])
    a0, a1 = (float(a) * interval_ns / NS_PER_S for a in path["ay_mps2"][i : i + 2])
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if _cubic(middle, v0, v1, a0, a1) * v0 > 0.0:
            low = middle
        else:
            high = middle
    return int(path["t_ns"][i]) + round(low * interval_ns)


def _cubic(share: float, p0: float, p1: float, m0: float, m1: float) -> float:
    """Cubic between two values with given slopes (per interval), at a share of the interval."""
    rest = 1.0 - share
    ends = p0 * rest * rest * (1.0 + 2.0 * share) + p1 * share * share * (1.0 + 2.0 * rest)
    return ends + share * rest * (m0 * rest - m1 * share)


def height_m(path: Rows, at_ns: int) -> float:
    """Height at an instant: the cubic that has the heights and speeds of the rows around it."""
    t = path["t_ns"]
    i = min(max(int(np.searchsorted(t, at_ns, side="right")) - 1, 0), len(path) - 2)
    interval_ns = int(t[i + 1] - t[i])
    y0, y1 = (float(y) for y in path["y_m"][i : i + 2])
    v0, v1 = (float(v) * interval_ns / NS_PER_S for v in path["vy_mps"][i : i + 2])
    return _cubic((at_ns - int(t[i])) / interval_ns, y0, y1, v0, v1)
