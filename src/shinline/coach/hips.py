"""Hip and shoulder motion over the first part of the pull, against the quiet set position.

The ratio of the two rises and the trunk's angle need no scale: both markers are at nearly the same
depth. Referenced to the set position, because the bar bends before the plates leave the floor.
"""

from math import atan2, degrees, sqrt
from typing import Final

import numpy as np

from shinline.coach.body import MAX_GAP_S, Body, longest_gap_s, quiet, trunk_deg
from shinline.types import HipNumbers, Role, Rows

WINDOW_M: Final = 0.120
WINDOW_SHARE: Final = 0.25
MIN_SHOULDER_RISE_M: Final = 0.080


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
    still = quiet(Body({Role.HIP: hip, Role.SHOULDER: shoulder}), start)
    if still is None:
        return "no quiet set position before the pull"
    window = slice(still.start, stop + 1)
    for name, rows in (("hip", hip), ("shoulder", shoulder)):
        if longest_gap_s(rows[window]) > MAX_GAP_S:
            return f"the {name} marker was out of sight"
    return _compare(hip, shoulder, still, slice(still.stop - 1, stop + 1))


def _compare(hip: Rows, shoulder: Rows, quiet: slice, pull: slice) -> HipNumbers:
    reference = trunk_deg(hip[quiet], shoulder[quiet]).mean()
    lost = reference - trunk_deg(hip[pull], shoulder[pull])
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
        trunk_drop_deg=max(0.0, float(lost.max())),
        trunk_drop_sd_deg=degrees(atan2(sqrt(2.0) * sd_m, max(length, 0.05))),
        hip_rise_m=hip_rise,
        shoulder_rise_m=shoulder_rise,
        rise_ratio=hip_rise / shoulder_rise if enough else None,
    )
