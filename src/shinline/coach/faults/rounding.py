"""The back changes its shape during the pull.

Formula: how far the line hip - mid-back - shoulder bends, against the set position; more bend, kept
for 0.15 s. Window: the set position until the bar is 50 mm above the knee (48 % of the range).
Markers: hip, mid-back, shoulder. A change of shape on the skin; which part of the back moves, and
whether it is near its limit, one sticker cannot tell.
Threshold: mention at 8, fault at 12, severe at 18 degrees. Against the set position and never
against standing, because a normal start is bent already; 8 degrees is what repeated measurements of
the same back differ by.
"""

from math import degrees, hypot
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.numbers import KNEE_SHARE
from shinline.coach.windows import crossing, sustained_max, upto
from shinline.geometry.middle import median
from shinline.types import FloatArray, Role, Rows

BEYOND_KNEE_M: Final = 0.05
DWELL_S: Final = 0.15
SEVERE: Final = 1.5
ROLES: Final = (Role.HIP, Role.MID_BACK, Role.SHOULDER)


def bend_deg(hip: Rows, middle: Rows, shoulder: Rows) -> FloatArray:
    """Return how far the back bends outward at the mid-back sticker (n,), for either facing."""
    low_x, low_y = middle["x_m"] - hip["x_m"], middle["y_m"] - hip["y_m"]
    high_x, high_y = shoulder["x_m"] - middle["x_m"], shoulder["y_m"] - middle["y_m"]
    side = np.where(shoulder["x_m"].mean() >= hip["x_m"].mean(), -1.0, 1.0)
    cross = low_x * high_y - low_y * high_x
    bend: FloatArray = side * np.degrees(np.arctan2(cross, low_x * high_x + low_y * high_y))
    return bend


def measure(e: Evidence) -> Finding | str:
    """Measure how much more it bends."""
    missing = e.body.missing(ROLES, slice(None)) if e.quiet is None else ""
    if e.quiet is None:
        return missing or "no quiet set position before the pull"
    end_m = KNEE_SHARE * e.rom_m + BEYOND_KNEE_M
    window = slice(e.quiet.start, e.until(end_m).stop)
    missing = e.body.missing(ROLES, window)
    if missing:
        return missing
    hip, middle, shoulder = (e.body.paths[role][window] for role in ROLES)
    bend = bend_deg(hip, middle, shoulder)
    still = e.quiet.stop - e.quiet.start
    t_s = e.time_s(window)
    end_s = crossing(t_s[still - 1 :], e.rise_m(window)[still - 1 :], end_m)
    held_t, held = upto(t_s, bend, float(t_s[-1]) if end_s is None else end_s)
    value = sustained_max(held_t, held, DWELL_S) - float(bend[:still].mean())
    low = median(np.hypot(middle["x_m"] - hip["x_m"], middle["y_m"] - hip["y_m"]))
    high = median(np.hypot(shoulder["x_m"] - middle["x_m"], shoulder["y_m"] - middle["y_m"]))
    sds = [
        hypot(median(rows["sd_m"]), e.body.moved_sd_m(role, window))
        for role, rows in zip(ROLES, (hip, middle, shoulder), strict=True)
    ]
    sd = degrees(hypot(sds[0] / low, sds[1] * (1.0 / low + 1.0 / high), sds[2] / high))
    return Finding(value, sd)


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    fault = e.coach.rounding_fault_deg
    return Levels(0.0, e.coach.rounding_warn_deg, fault, SEVERE * fault)


CARD: Final = Card(
    "rounding",
    "Back changes shape",
    "deg",
    When.PAST_KNEE,
    ROLES,
    measure,
    levels,
    "the back's markers are too noisy",
    growing=True,
)
