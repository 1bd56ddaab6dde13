"""The numbers of one rep, from the smoothed path. Definitions are a contract: docs/numbers.md.

Everything here is a pure function of PATH rows in the world frame.
"""

from dataclasses import dataclass
from math import hypot, radians, sqrt, tan
from typing import Final

import numpy as np

from shinline.coach.bounds import LOCKOUT_SHARE, REST_SPEED_MPS, Bounds, first_stop, height_m
from shinline.coach.windows import crossing, sustained_max, upto
from shinline.geometry.doubt import Doubt
from shinline.geometry.middle import median
from shinline.types import NS_PER_S, FloatArray, Rows

CALM_SHARE: Final = 0.6
"""Of the speed's sd, where a pull begins and ends: it allows for the jerk of the whole pull, and
there the bar is calmer. Found on the tuning half of the simulated lifts."""

MISSING: Final = 2.5
"""Times the usual interval: more than one picture is missing."""

OTHER_S: Final = 0.2
"""A bar that passes 0.03 m/s so much earlier or later passes it another time."""

KNEE_SHARE: Final = 0.48
"""Knee height as a share of the ROM, when no knee is seen (linkage model, 0.46 to 0.52)."""

LOOP_SHARES: Final = (0.30, 0.65)
DWELL_S: Final = 0.10
LOWER_M: Final = 0.030
DROP_MPS2: Final = -7.0
DROP_S: Final = 0.08
MOUNT_REL_SD: Final = 0.0008
"""What a third of a degree of pitch, and a bar that comes a little nearer, do to a height."""

OBLIQUE: Final = 0.1
"""Height of the top above the lens over its distance: what a bar that goes back under a tilted
view, and so nearer or farther, adds to its height."""

DEPTH_SD_M: Final = 0.003
"""So much nearer or farther is the bar's end at the top than on the floor."""

ASIDE_SD_M: Final = 0.0003
"""What that, and a little pitch, do to a bar beside the middle of the picture."""

TURN_SD_RAD: Final = 0.1
"""By so much the plates turn in a pull: their bearings leave them as they are when the shaft turns.
Only then does it matter that a marker sits beside the axis."""

DIP_SHARE: Final = 0.85
"""A dip counts as a sticking region when speed falls below so much of the peak before it."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was measured in one rep; metres, seconds. None where there is no such thing."""

    rom_m: float
    rom_sd_m: float
    roll_sd_deg: float
    mean_velocity_mps: float
    mean_velocity_sd_mps: float
    peak_velocity_mps: float
    peak_velocity_sd_mps: float
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


def measure(
    path: Rows,
    bounds: Bounds,
    roll_sd_deg: float,
    scale_rel_sd: float,
    tilt: float = 0.0,
    doubt: Doubt | None = None,
    off_axis_m: float = 0.0,
    expected_rom_m: float | None = None,
) -> Numbers:
    """Compute a rep's numbers from its smoothed path; see docs/numbers.md for each.

    ``tilt`` is the sine of the angle between the optical axis and the normal of the lifting plane.
    ``doubt`` is what a calibrated view may be wrong by; without one, ``roll_sd_deg`` alone is.
    ``off_axis_m`` is how far from the bar's axis the marker sits. ``expected_rom_m`` is for a lift
    that goes on: where its knee is is told by that.
    """
    t_s = (path["t_ns"] - bounds.start_ns) / NS_PER_S
    y0 = bounds.start_m
    x0 = _at(t_s, path["x_m"], 0.0)
    concentric_s = (bounds.lockout_ns - bounds.start_ns) / NS_PER_S
    rom = expected_rom_m or height_m(path, bounds.lockout_ns) - y0
    pull = path[bounds.first : bounds.last + 1]
    pull_t = t_s[bounds.first : bounds.last + 1]
    side = pull["x_m"] - x0
    height = pull["y_m"] - y0
    point_sd = median(pull["sd_m"])
    knee = _first_at(height, KNEE_SHARE * rom)
    stand = _stand(side, height, (float(x0), y0), rom, roll_sd_deg, tilt, doubt)
    turned_sd = TURN_SD_RAD * off_axis_m
    scaled_sd = hypot(scale_rel_sd * rom, stand.height_m)
    rom_sd = sqrt(2.0 * point_sd**2 + scaled_sd**2 + turned_sd**2)
    mean_v = rom / concentric_s
    ends_sd = [
        _crossing_sd_s(path, ns, concentric_s) for ns in (bounds.start_ns, bounds.lockout_ns)
    ]
    timing_sd = sqrt(sum(sd * sd for sd in ends_sd)) * abs(mean_v - REST_SPEED_MPS)
    knee_height = KNEE_SHARE * rom, hypot(point_sd, KNEE_SHARE * rom_sd)
    forward, cut_sd = _forward_to_knee(pull, pull_t, side, height, knee_height)
    return Numbers(
        rom_m=rom,
        rom_sd_m=rom_sd,
        roll_sd_deg=roll_sd_deg,
        mean_velocity_mps=mean_v,
        mean_velocity_sd_mps=hypot(
            hypot(rom_sd, timing_sd) / concentric_s, _another_lockout_mps(path, bounds, mean_v)
        ),
        peak_velocity_mps=float(pull["vy_mps"].max()),
        peak_velocity_sd_mps=float(pull["sd_vy_mps"][int(np.argmax(pull["vy_mps"]))]),
        peak_acceleration_mps2=float(pull["ay_mps2"].max()),
        concentric_s=concentric_s,
        eccentric_s=_eccentric_s(path, bounds),
        time_to_knee_s=None if knee is None else float(pull_t[knee]),
        drift_forward_m=max(0.0, float(side.max())),
        drift_backward_m=max(0.0, float(-side.min())),
        drift_sd_m=sqrt(2.0 * point_sd**2 + stand.aside_m**2 + turned_sd**2),
        drift_at_knee_m=None if knee is None else float(side[knee]),
        forward_to_knee_m=forward,
        forward_to_knee_sd_m=sqrt(
            2.0 * point_sd**2 + stand.to_knee_m**2 + turned_sd**2 + cut_sd**2
        ),
        loop_m=_loop_m(side, height, rom),
        sticking_height_m=_sticking_m(pull["vy_mps"], height),
        dropped=_is_drop(path[bounds.top : bounds.end + 1]),
        tracked_ratio=float(1.0 - pull["coasting"].mean()),
        longest_gap_s=_longest_gap_s(path, bounds),
    )


@dataclass(frozen=True, slots=True)
class _Stand:
    """What is unsure because of how the camera stands, m: ROM, drift at the knee, largest drift."""

    height_m: float
    to_knee_m: float
    aside_m: float


def _stand(
    side: FloatArray,
    height: FloatArray,
    start: tuple[float, float],
    rom: float,
    roll_sd_deg: float,
    tilt: float,
    doubt: Doubt | None,
) -> _Stand:
    """Return it from what a calibrated view may be wrong by; without one, from roll and tilt."""
    if doubt is None:
        lean = tan(radians(min(roll_sd_deg, 80.0)))
        oblique = OBLIQUE * tilt * float(np.max(np.abs(side)))
        aside = _aside_sd_m(side, height / rom, lean * rom, tilt)
        return _Stand(hypot(MOUNT_REL_SD * rom, oblique), lean * KNEE_SHARE * rom, aside)
    x0, y0 = start
    i = int(np.argmax(np.abs(side)))
    return _Stand(
        height_m=doubt.between(start, (x0, y0 + rom))[1],
        to_knee_m=doubt.between(start, (x0, y0 + KNEE_SHARE * rom))[0],
        aside_m=_seen_aside_sd_m(doubt, start, float(side[i]), float(height[i]), rom),
    )


def _another_lockout_mps(path: Rows, bounds: Bounds, mean_mps: float) -> float:
    """How far off the mean velocity may be because the bar almost stopped elsewhere near the top.

    A grinder may pass 0.03 m/s several times there: with the speed off by its sd, another one
    would have been the first. 0 where there is no other.
    """
    y, v, t = path["y_m"], path["vy_mps"], path["t_ns"]
    height = y[bounds.first] + LOCKOUT_SHARE * (y[bounds.top] - y[bounds.first])
    most = 0.0
    for sign in (-1.0, 1.0):
        slow_mps = REST_SPEED_MPS + sign * float(path["sd_vy_mps"][bounds.last])
        other = first_stop(y, v, (bounds.first, bounds.end), height, slow_mps)
        if abs(int(t[other]) - bounds.lockout_ns) > OTHER_S * NS_PER_S and y[other] >= height:
            spent_s = float(int(t[other]) - bounds.start_ns) / NS_PER_S
            most = max(most, abs(float(y[other] - bounds.start_m) / spent_s - mean_mps))
    return most


def _aside_sd_m(side: FloatArray, share: FloatArray, lean_m: float, tilt: float) -> float:
    """How unsure the drift is through the camera's stand: at the height where it is largest.

    ``share`` is the height as a share of the ROM, ``lean_m`` what the unknown roll does over all
    of it. As long as the roll may decide where drift is largest, the higher place counts.
    """
    farthest = int(np.argmax(np.abs(side)))
    foreshortened = (1.0 - sqrt(1.0 - tilt * tilt)) * abs(float(side[farthest]))
    at_top = hypot(lean_m, tilt * DEPTH_SD_M, ASIDE_SD_M)
    return hypot(at_top * float(share[farthest]), foreshortened)


def _seen_aside_sd_m(
    doubt: Doubt, start: tuple[float, float], side_m: float, height_m: float, rom_m: float
) -> float:
    """How unsure the drift is by a calibrated view.

    A bar that comes nearer moves along the ray that sees it, which may meet the plane at a slant.
    """
    sd, _ = doubt.between(start, (start[0] + side_m, start[1] + height_m))
    lens_x, _, distance_m = doubt.plane.lens_m
    slant = abs(start[0] + side_m - lens_x) / distance_m
    return hypot(sd, slant * DEPTH_SD_M * height_m / rom_m, ASIDE_SD_M)


def _crossing_sd_s(path: Rows, at_ns: int, most_s: float) -> float:
    """How unsure the instant is at which the speed passed REST_SPEED.

    Half the time that the speed spends around it within its own sd either way. At most a quarter
    of ``most_s``: a bar that hardly changes its speed crosses anywhere.
    """
    t = path["t_ns"]
    i = min(max(int(np.searchsorted(t, at_ns, side="right")) - 1, 0), len(t) - 2)
    near_mps = CALM_SHARE * float(path["sd_vy_mps"][i : i + 2].min())
    off = np.abs(path["vy_mps"] - REST_SPEED_MPS)
    before, after = i, i + 1
    while before > 0 and off[before] < near_mps and at_ns - t[before] < most_s * NS_PER_S:
        before -= 1
    while after < len(t) - 1 and off[after] < near_mps and t[after] - at_ns < most_s * NS_PER_S:
        after += 1
    sides = [
        float(abs(int(t[j]) - at_ns)) / NS_PER_S * min(1.0, near_mps / max(float(off[j]), 1e-9))
        for j in (before, after)
    ]
    return hypot(min(0.25 * most_s, 0.5 * sum(sides)), _unseen_sd_s(path, at_ns))


def _unseen_sd_s(path: Rows, at_ns: int) -> float:
    """How unsure an instant is in which the bar was not seen: any in that time is as likely.

    What happens there, as the blow of a bounce, no smoother knows. 0 for a frame that is missing.
    """
    t = path["t_ns"][~path["coasting"]]
    i = int(np.searchsorted(t, at_ns, side="right"))
    if i in (0, len(t)):
        return 0.0
    gap_s, usual_s = float(t[i] - t[i - 1]) / NS_PER_S, median(np.diff(t)) / NS_PER_S
    return gap_s / sqrt(12.0) if gap_s > MISSING * usual_s else 0.0


def _forward_to_knee(
    pull: Rows,
    t_s: FloatArray,
    side: FloatArray,
    height: FloatArray,
    knee_m: tuple[float, float],
) -> tuple[float, float]:
    """Return the forward distance kept for the dwell up to a height, and its sd by that (m).

    ``knee_m`` is the height over lift-off and how unsure it is.
    """
    level_m, level_sd_m = knee_m
    end_s = crossing(t_s, height, level_m)
    end_s = float(t_s[-1]) if end_s is None else end_s
    kept_m = max(0.0, sustained_max(*upto(t_s, side, end_s), DWELL_S))
    return kept_m, _cut_sd_m(pull, t_s, side, end_s, level_sd_m)


def _cut_sd_m(
    pull: Rows, t_s: FloatArray, side: FloatArray, end_s: float, height_sd_m: float
) -> float:
    """How unsure the largest distance is where it still grows when the window ends at a height.

    The end is as unsure as the height over the speed; a level that is kept for the dwell before it
    is that of the dwell's beginning.
    """
    begin_s = end_s - DWELL_S
    speed = max(float(np.interp(end_s, t_s, pull["vy_mps"])), REST_SPEED_MPS)
    grows_mps = float(np.interp(begin_s, t_s, pull["vx_mps"]))
    highest = float(side[t_s <= end_s].max())
    if grows_mps <= 0.0 or float(np.interp(end_s, t_s, side)) < highest - 1e-4:
        return 0.0
    return grows_mps * height_sd_m / speed


def _at(t_s: FloatArray, values: FloatArray, when_s: float) -> float:
    return float(np.interp(when_s, t_s, values))


def _first_at(height: FloatArray, level: float) -> int | None:
    above = np.flatnonzero(height >= level)
    return int(above[0]) if above.size else None


def _longest_gap_s(path: Rows, bounds: Bounds) -> float:
    """Longest time between two measured samples of which the pull takes in any part."""
    t = path["t_ns"]
    seen = np.flatnonzero(~path["coasting"])
    before, after = seen[seen <= bounds.first], seen[seen >= bounds.last]
    first = int(before[-1]) if before.size else 0
    last = int(after[0]) if after.size else len(t) - 1
    rows = np.concatenate([[first], seen[(seen > first) & (seen < last)], [last]])
    return float(np.diff(t[rows]).max()) / NS_PER_S if last > first else 0.0


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
