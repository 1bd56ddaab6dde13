"""The gap between the bar and the legs grows during the pull.

Formula: horizontal distance from the line of the leg to the bar, less what it was: below the knee
from the line ankle-knee, against lift-off; above it from the line knee-hip, against where the bar
rests on the thighs at 90 % of the range. Kept for 0.1 s.
Window: lift-off until 90 % of the range of motion.
Markers: bar, ankle, hip, and the knee where the plate does not hide it; through a calibrated
camera. The ankle is where it was seen with the bar high (so the first repetition is judged once its
lockout has shown it), a hidden knee where the circles round ankle and hip meet, and a hip behind
the hands where the rest of the trunk has it (mid-back or crest, and shoulder).
Threshold: 20 mm to mention, 30 mm a fault: two to three times what a hidden knee is off by.
"""

from math import hypot, sqrt
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.legs import Leg, segments, solver, ways_off
from shinline.coach.windows import sustained_max
from shinline.geometry.middle import median
from shinline.types import FloatArray, Role

WINDOW_SHARE: Final = 0.9
DWELL_S: Final = 0.1
LEAST_COVERAGE: Final = 0.9
KNEE_M: Final = 0.012
"""So near the knee neither line says how far the leg is."""

START_ROWS: Final = 6
TOP_ROWS: Final = 2
"""There the gap changes fast."""


def measure(e: Evidence) -> Finding | str:
    """Measure how far the gap grew."""
    if not e.body.placed:
        return "calibrate the camera: how far the leg is behind the bar is not known"
    ankle, lengths, window = e.legs.ankle, segments(e.legs), e.until(WINDOW_SHARE * e.rom_m)
    if ankle is None:
        return "the ankle was never seen with the bar high"
    if Role.HIP not in e.body.paths and Role.KNEE not in e.body.paths:
        return "neither the hip nor the knee was seen"
    solve = solver(e.body, window)
    leg = solve(ankle, lengths)
    grown, knee_known = _grown(e, window, leg)
    known = np.isfinite(grown)
    coverage = float(knee_known.mean())
    ends = slice(0, START_ROWS // 2), slice(-START_ROWS // 2, None)
    if coverage < LEAST_COVERAGE or not all(known[end].any() for end in ends):
        return "the leg was hidden behind the plate"
    t_s = e.time_s(window)
    value = sustained_max(t_s[known], grown[known], DWELL_S)
    at = int(np.nanargmin(np.abs(grown - value)))
    others = (solve(*other) for other in ways_off(ankle, lengths))
    offs = [_grown(e, window, other)[0][at] - grown[at] for other in others]
    noise_m = _noise_m(e, window, at, leg.hip_sd_m)
    sd_m = hypot(noise_m, *(float(off) for off in offs if np.isfinite(off)))
    return Finding(value, sd_m, min(1.0, coverage))


def _grown(e: Evidence, window: slice, leg: Leg) -> tuple[FloatArray, FloatArray]:
    """Return by how much the gap is larger than it should be (n,), and where the knee is known."""
    bar = e.bar[window]
    shank, thigh = leg.gap_m(bar)
    near = np.abs(bar["y_m"] - leg.knee_y_m) < KNEE_M
    shank, thigh = np.where(near, np.nan, shank), np.where(near, np.nan, thigh)
    start = shank[:START_ROWS]
    base = float(np.nanmean(start)) if np.isfinite(start).any() else np.nan
    rest = thigh[-TOP_ROWS:]
    top = float(np.nanmean(rest)) if np.isfinite(rest).any() else np.nan
    grown: FloatArray = np.where(np.isfinite(shank), shank - base, thigh - top)
    return grown, np.isfinite(leg.knee_x_m)


def _noise_m(e: Evidence, window: slice, at: int, hip_sd_m: float) -> float:
    """Return what the tracks' noise does to the difference of two gaps; what is hidden has none."""
    total = 2.0 * float(e.bar["sd_m"][window][at]) ** 2 + hip_sd_m**2
    for role in (Role.HIP, Role.KNEE):
        rows = e.body.paths.get(role)
        if rows is None or rows["coasting"][window][at]:
            continue
        rows = rows[window]
        seen = rows[~rows["coasting"]]
        moved = float(rows["x_m"][at] - seen["x_m"][0])
        drifted = e.body.rel_sd.get(role, 0.0) * moved
        total += median(seen["sd_m"]) ** 2 + drifted**2
    return sqrt(total)


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.legs_warn_m, e.coach.legs_fault_m)


CARD: Final = Card(
    "bar_leaves_legs",
    "Bar leaves the legs",
    "m",
    When.TOP,
    (Role.HIP, Role.ANKLE),
    measure,
    levels,
    "the leg's markers are too noisy",
    faces=True,
)
