"""Hip and shoulder motion over the first part of the pull, against the quiet set position.

The ratio of the two rises and the trunk's angle need no scale: both markers are at nearly the same
depth. Referenced to the set position, because the bar bends before the plates leave the floor.
"""

from math import atan2, degrees, sqrt
from typing import Final

import numpy as np

from shinline.types import NS_PER_S, FloatArray, HipNumbers, Rows

WINDOW_M: Final = 0.120
WINDOW_SHARE: Final = 0.25
SET_S: Final = 0.2
SET_SEARCH_S: Final = 1.5
SET_SPEED_MPS: Final = 0.05
MIN_SHOULDER_RISE_M: Final = 0.080
MAX_GAP_S: Final = 0.10


def measure_hips(
    bar: Rows, hip: Rows, shoulder: Rows, start_ns: int, rom_m: float
) -> HipNumbers | str:
    """Compare hips and shoulders at the set position and early in the pull.

    The three are PATH rows at the same times. Returns the reason as text where the evidence is
    missing: a marker out of sight for more than ``MAX_GAP_S`` within the window.
    """
    t = bar["t_ns"]
    start = int(np.searchsorted(t, start_ns))
    y0 = float(np.interp(start_ns, t, bar["y_m"]))
    height = min(WINDOW_M, WINDOW_SHARE * rom_m)
    stop = start
    while stop < len(bar) - 1 and bar["y_m"][stop] < y0 + height:
        stop += 1
    quiet = _set_position(hip, shoulder, start)
    if quiet is None:
        return "no quiet set position before the pull"
    window = slice(quiet.start, stop + 1)
    for name, rows in (("hip", hip), ("shoulder", shoulder)):
        if _longest_gap_s(rows[window]) > MAX_GAP_S:
            return f"the {name} marker was out of sight"
    return _compare(hip, shoulder, quiet, slice(quiet.stop, stop + 1))


def _set_position(hip: Rows, shoulder: Rows, start: int) -> slice | None:
    """Find the last stretch of SET_S before the pull in which hip and shoulder hold still."""
    t = hip["t_ns"]
    fast = np.maximum(
        np.hypot(hip["vx_mps"], hip["vy_mps"]), np.hypot(shoulder["vx_mps"], shoulder["vy_mps"])
    )
    stop = min(start, len(t) - 1)
    for last in range(stop, -1, -1):
        if t[stop] - t[last] > SET_SEARCH_S * NS_PER_S:
            break
        first = int(np.searchsorted(t, t[last] - round(SET_S * NS_PER_S)))
        if t[last] - t[first] < 0.8 * SET_S * NS_PER_S:
            break
        if float(fast[first : last + 1].max()) < SET_SPEED_MPS:
            return slice(first, last + 1)
    return None


def _longest_gap_s(rows: Rows) -> float:
    if len(rows) == 0:
        return float("inf")
    seen = rows["t_ns"][~rows["coasting"]]
    ends = np.concatenate(([rows["t_ns"][0]], seen, [rows["t_ns"][-1]]))
    return float(np.diff(ends).max()) / NS_PER_S


def _compare(hip: Rows, shoulder: Rows, quiet: slice, pull: slice) -> HipNumbers:
    reference = _angle_deg(hip[quiet], shoulder[quiet]).mean()
    angles = _angle_deg(hip[pull], shoulder[pull])
    hip_rise = float(hip["y_m"][pull][-1] - hip["y_m"][quiet].mean())
    shoulder_rise = float(shoulder["y_m"][pull][-1] - shoulder["y_m"][quiet].mean())
    length = float(
        np.hypot(
            (shoulder["x_m"] - hip["x_m"])[quiet].mean(),
            (shoulder["y_m"] - hip["y_m"])[quiet].mean(),
        )
    )
    sd_m = float(np.median(np.hypot(hip["sd_m"][pull], shoulder["sd_m"][pull])))
    enough = shoulder_rise >= MIN_SHOULDER_RISE_M
    return HipNumbers(
        trunk_drop_deg=max(0.0, float(reference - angles.min())),
        trunk_drop_sd_deg=degrees(atan2(sqrt(2.0) * sd_m, max(length, 0.05))),
        hip_rise_m=hip_rise,
        shoulder_rise_m=shoulder_rise,
        rise_ratio=hip_rise / shoulder_rise if enough else None,
    )


def _angle_deg(hip: Rows, shoulder: Rows) -> FloatArray:
    """Trunk angle above the horizontal; the sign of x does not matter (either facing)."""
    across = np.abs(shoulder["x_m"] - hip["x_m"])
    angle: FloatArray = np.degrees(np.arctan2(shoulder["y_m"] - hip["y_m"], across))
    return angle
