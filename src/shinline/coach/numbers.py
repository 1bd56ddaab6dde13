"""The numbers of one rep, from the smoothed path. Definitions are a contract: docs/numbers.md.

Everything here is a pure function of PATH rows in the world frame.
"""

from dataclasses import dataclass
from math import radians, sqrt, tan
from typing import Final

import numpy as np

from shinline.types import NS_PER_S, FloatArray, Rows

LIFT_M: Final = 0.010
REST_SPEED_MPS: Final = 0.03
LOCKOUT_SHARE: Final = 0.90
KNEE_SHARE: Final = 0.48
"""Knee height as a share of the ROM, when no knee is seen (linkage model, 0.46 to 0.52)."""

LOOP_SHARES: Final = (0.30, 0.65)
DWELL_S: Final = 0.10
LOWER_M: Final = 0.030
DROP_MPS2: Final = -7.0
DROP_S: Final = 0.08
DIP_SHARE: Final = 0.85
"""A dip counts as a sticking region when speed falls below so much of the peak before it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a rep begins and ends: interpolated times and indices into the path."""

    start_ns: int
    lockout_ns: int
    floor_ns: int | None
    first: int
    last: int
    top: int
    end: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was measured in one rep; metres, seconds. None where there is no such thing."""

    rom_m: float
    rom_sd_m: float
    mean_velocity_mps: float
    mean_velocity_sd_mps: float
    peak_velocity_mps: float
    peak_acceleration_mps2: float
    concentric_s: float
    eccentric_s: float | None
    time_to_knee_s: float | None
    drift_forward_m: float
    drift_backward_m: float
    drift_sd_m: float
    drift_at_knee_m: float | None
    forward_to_knee_m: float
    forward_to_knee_sd_m: float
    loop_m: float | None
    sticking_height_m: float | None
    dropped: bool
    tracked_ratio: float
    longest_gap_s: float


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
    risen = top
    while risen > low and y[risen - 1] > y[low] + LIFT_M:
        risen -= 1
    first = risen
    while first > low and v[first] >= REST_SPEED_MPS:
        first -= 1
    start_ns = _crossing_ns(t, v, first) if v[first] < REST_SPEED_MPS else int(t[first])
    height = y[first] + LOCKOUT_SHARE * (y[top] - y[first])
    last = first
    while last < end and not (y[last] >= height and v[last] < REST_SPEED_MPS):
        last += 1
    if y[last] < height:
        return None
    lockout_ns = _crossing_ns(t, v, last - 1) if v[last] < REST_SPEED_MPS else int(t[last])
    return Bounds(start_ns, lockout_ns, floor_ns, first, last, top, end)


def _crossing_ns(t: FloatArray, v: FloatArray, i: int) -> int:
    """Time between samples i and i + 1 at which the speed passes REST_SPEED, linearly."""
    if i + 1 >= len(t) or i < 0:
        return int(t[max(0, min(i, len(t) - 1))])
    before, after = float(v[i]) - REST_SPEED_MPS, float(v[i + 1]) - REST_SPEED_MPS
    if before == after or before * after > 0.0:
        return int(t[i])
    share = before / (before - after)
    return int(t[i]) + round(share * int(t[i + 1] - t[i]))


def measure(path: Rows, bounds: Bounds, roll_sd_deg: float, scale_rel_sd: float) -> Numbers:
    """Compute a rep's numbers from its smoothed path; see docs/numbers.md for each."""
    t_s = (path["t_ns"] - bounds.start_ns) / NS_PER_S
    y0 = _at(t_s, path["y_m"], 0.0)
    x0 = _at(t_s, path["x_m"], 0.0)
    concentric_s = (bounds.lockout_ns - bounds.start_ns) / NS_PER_S
    rom = _at(t_s, path["y_m"], concentric_s) - y0
    pull = path[bounds.first : bounds.last + 1]
    pull_t = t_s[bounds.first : bounds.last + 1]
    side = pull["x_m"] - x0
    height = pull["y_m"] - y0
    point_sd = float(np.median(pull["sd_m"]))
    knee = _first_at(height, KNEE_SHARE * rom)
    to_knee = side[: knee + 1] if knee is not None else side
    lean = tan(radians(min(roll_sd_deg, 80.0)))
    rise_to_knee = KNEE_SHARE * rom
    period_s = float(np.median(np.diff(t_s)))
    rom_sd = sqrt(2.0 * point_sd**2 + (scale_rel_sd * rom) ** 2)
    timing_sd = period_s / sqrt(6.0)
    mean_v = rom / concentric_s
    gaps = _gaps_s(pull)
    return Numbers(
        rom_m=rom,
        rom_sd_m=rom_sd,
        mean_velocity_mps=mean_v,
        mean_velocity_sd_mps=sqrt(
            (rom_sd / concentric_s) ** 2 + (mean_v * timing_sd / concentric_s) ** 2
        ),
        peak_velocity_mps=float(pull["vy_mps"].max()),
        peak_acceleration_mps2=float(pull["ay_mps2"].max()),
        concentric_s=concentric_s,
        eccentric_s=_eccentric_s(path, bounds),
        time_to_knee_s=None if knee is None else float(pull_t[knee]),
        drift_forward_m=max(0.0, float(side.max())),
        drift_backward_m=max(0.0, float(-side.min())),
        drift_sd_m=sqrt(2.0 * point_sd**2 + (lean * rom) ** 2),
        drift_at_knee_m=None if knee is None else float(side[knee]),
        forward_to_knee_m=max(0.0, sustained_max(pull_t[: len(to_knee)], to_knee, DWELL_S)),
        forward_to_knee_sd_m=sqrt(2.0 * point_sd**2 + (lean * rise_to_knee) ** 2),
        loop_m=_loop_m(side, height, rom),
        sticking_height_m=_sticking_m(pull["vy_mps"], height),
        dropped=_is_drop(path[bounds.top : bounds.end + 1]),
        tracked_ratio=float(1.0 - pull["coasting"].mean()),
        longest_gap_s=gaps,
    )


def _at(t_s: FloatArray, values: FloatArray, when_s: float) -> float:
    return float(np.interp(when_s, t_s, values))


def _first_at(height: FloatArray, level: float) -> int | None:
    above = np.flatnonzero(height >= level)
    return int(above[0]) if above.size else None


def sustained_max(t_s: FloatArray, values: FloatArray, dwell_s: float) -> float:
    """Return the highest level that (n,) values keep for ``dwell_s``, n >= 1.

    A stretch shorter than the dwell counts as one window.
    """
    best = float(values.min())
    start = 0
    for stop in range(len(values)):
        while start < stop and t_s[stop] - t_s[start + 1] >= dwell_s:
            start += 1
        if t_s[stop] - t_s[start] >= dwell_s:
            best = max(best, float(values[start : stop + 1].min()))
    return best


def _gaps_s(pull: Rows) -> float:
    """Longest time between two measured samples of the pull."""
    seen = pull["t_ns"][~pull["coasting"]]
    if seen.size < 2:
        return float(pull["t_ns"][-1] - pull["t_ns"][0]) / NS_PER_S
    ends = np.concatenate(([pull["t_ns"][0]], seen, [pull["t_ns"][-1]]))
    return float(np.diff(ends).max()) / NS_PER_S


def _eccentric_s(path: Rows, bounds: Bounds) -> float | None:
    """From the last instant at which the bar was not going down, before LOWER_M, to the floor."""
    if bounds.floor_ns is None:
        return None
    y, v = path["y_m"], path["vy_mps"]
    below = np.flatnonzero(y[bounds.top : bounds.end + 1] < y[bounds.top] - LOWER_M)
    if not below.size:
        return None
    i = bounds.top + int(below[0])
    while i > bounds.top and v[i] < -REST_SPEED_MPS:
        i -= 1
    return float(bounds.floor_ns - path["t_ns"][i]) / NS_PER_S


def _loop_m(side: FloatArray, height: FloatArray, rom: float) -> float | None:
    """Largest forward distance from the chord of the knee region; curvature only, so roll-free."""
    window = np.flatnonzero((height >= LOOP_SHARES[0] * rom) & (height <= LOOP_SHARES[1] * rom))
    if window.size < 3:
        return None
    i, j = int(window[0]), int(window[-1])
    rise = height[j] - height[i]
    if rise <= 0.0:
        return None
    chord = side[i] + (side[j] - side[i]) * (height[i : j + 1] - height[i]) / rise
    return float(np.max(side[i : j + 1] - chord))


def _sticking_m(v: FloatArray, height: FloatArray) -> float | None:
    """Height of the slowest point between two speed peaks, when speed really falls in between."""
    if len(v) < 5:
        return None
    before = np.maximum.accumulate(v)
    after = np.maximum.accumulate(v[::-1])[::-1]
    depth = np.minimum(before, after)
    inner = slice(1, len(v) - 1)
    ratio = np.where(depth[inner] > REST_SPEED_MPS, v[inner] / np.maximum(depth[inner], 1e-9), 1.0)
    i = int(np.argmin(ratio))
    return float(height[1 + i]) if ratio[i] < DIP_SHARE else None


def _is_drop(lowering: Rows) -> bool:
    """Hands off: free fall (70 % of g) for DROP_S on the way down."""
    falling = lowering["ay_mps2"] < DROP_MPS2
    t = lowering["t_ns"]
    start: int | None = None
    for i, falls in enumerate(falling):
        if not falls:
            start = None
        elif start is None:
            start = i
        elif (t[i] - t[start]) >= DROP_S * NS_PER_S:
            return True
    return False
