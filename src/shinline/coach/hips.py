"""Hip and shoulder motion over the first part of the pull, against the quiet set position.

The ratio of the two rises and the trunk's angle need no scale: both markers are at nearly the same
depth. Referenced to the set position, because the bar bends before the plates leave the floor.
"""

from math import atan2, degrees, hypot, sqrt
from typing import Final

import numpy as np

from shinline.coach.body import MAX_GAP_S, Body, longest_gap_s, quiet, trunk_deg
from shinline.coach.bounds import REST_SPEED_MPS
from shinline.coach.windows import crossing, upto
from shinline.geometry.middle import median
from shinline.types import NS_PER_S, FloatArray, HipNumbers, Role, Rows

WINDOW_M: Final = 0.120
WINDOW_SHARE: Final = 0.25
MIN_SHOULDER_RISE_M: Final = 0.080
STILL_SD_DEG: Final = 0.08
"""By so much the trunk of a lifter who holds still may turn all the same."""

LUCK: Final = 1.5
"""A largest value is the luckiest of many."""


def measure_hips(
    bar: Rows, hip: Rows, shoulder: Rows, start_ns: int, rom_m: float, rel_sd: float = 0.0
) -> HipNumbers | str:
    """Compare hips and shoulders at the set position and early in the pull.

    The three are PATH rows at the same times; ``rel_sd`` is how unsure the distances of the two
    markers from the camera are. Returns the reason as text where the evidence is
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
    pull = slice(still.stop - 1, stop + 1)
    t_s = (t[pull] - start_ns) / NS_PER_S
    end_s = crossing(t_s, bar["y_m"][pull] - y0, height)
    end_s = float(t_s[-1]) if end_s is None else end_s
    sd_s = float(bar["sd_m"][stop]) / max(float(bar["vy_mps"][stop]), REST_SPEED_MPS)
    return _compare(hip, shoulder, still, pull, t_s, (end_s, sd_s), rel_sd)


def _compare(
    hip: Rows,
    shoulder: Rows,
    quiet: slice,
    pull: slice,
    t_s: FloatArray,
    end: tuple[float, float],
    rel_sd: float,
) -> HipNumbers:
    """Compare the set position with the pull, which ends at ``end``: an instant and its sd, s."""
    end_s, end_sd_s = end
    lost = trunk_deg(hip[quiet], shoulder[quiet]).mean() - trunk_deg(hip[pull], shoulder[pull])
    lost_t, lost = upto(t_s, lost, end_s)
    hip_rise = float(np.interp(end_s, t_s, hip["y_m"][pull]) - hip["y_m"][quiet].mean())
    shoulder_rise = float(
        np.interp(end_s, t_s, shoulder["y_m"][pull]) - shoulder["y_m"][quiet].mean()
    )
    length = float(
        np.hypot(
            (shoulder["x_m"] - hip["x_m"])[quiet].mean(),
            (shoulder["y_m"] - hip["y_m"])[quiet].mean(),
        )
    )
    noise_m = median(np.hypot(hip["sd_m"][pull], shoulder["sd_m"][pull]))
    depth_m = rel_sd * hypot(hip_rise, shoulder_rise)
    noise_m = LUCK * sqrt(2.0) * noise_m
    noise_deg = degrees(atan2(hypot(noise_m, depth_m), max(length, 0.05)))
    noise_deg = hypot(noise_deg, STILL_SD_DEG)
    most = int(np.argmax(lost))
    grows = 0.0  # degrees a second, where the window ends while it is lost
    if most == len(lost) - 1 and most:
        grows = float((lost[-1] - lost[-2]) / (lost_t[-1] - lost_t[-2]))
    enough = shoulder_rise >= MIN_SHOULDER_RISE_M
    return HipNumbers(
        trunk_drop_deg=max(0.0, float(lost[most])),
        trunk_drop_sd_deg=hypot(noise_deg, grows * end_sd_s),
        hip_rise_m=hip_rise,
        shoulder_rise_m=shoulder_rise,
        rise_ratio=hip_rise / shoulder_rise if enough else None,
    )
