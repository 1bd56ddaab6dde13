"""The bar loops forward around the knees.

Formula: largest forward distance from the chord between the ends of the window, kept for 0.1 s.
Window: 30 to 65 % of the range of motion, around the knees.
Markers: bar only; a bend in the path is the same for any roll of the camera.
Threshold: 20 mm to mention, 35 mm a fault.
"""

from math import sqrt
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.numbers import DWELL_S, LOOP_SHARES, sustained_max

CHORD: Final = 1.5
"""Variance of the distance from a chord between two places that are as unsure as it, at most."""

LEAST_ROWS: Final = 5


def measure(e: Evidence) -> Finding | str:
    """Measure the loop."""
    pull = e.pull
    rise = e.rise_m(pull)
    inside = np.flatnonzero((rise >= LOOP_SHARES[0] * e.rom_m) & (rise <= LOOP_SHARES[1] * e.rom_m))
    if inside.size < LEAST_ROWS:
        return "too few pictures around the knees"
    rows = slice(pull.start + int(inside[0]), pull.start + int(inside[-1]) + 1)
    x, y = e.bar["x_m"][rows], e.bar["y_m"][rows]
    if y[-1] <= y[0]:
        return "the bar did not pass the knees"
    out = x - (x[0] + (x[-1] - x[0]) * (y - y[0]) / (y[-1] - y[0]))
    sd = sqrt(CHORD) * float(np.median(e.bar["sd_m"][rows]))
    value = max(0.0, sustained_max(e.time_s(rows), out, DWELL_S))
    return Finding(value, sd, float(1.0 - e.bar["coasting"][rows].mean()))


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.loop_warn_m, e.coach.loop_fault_m)


CARD: Final = Card(
    "knee_loop",
    "Bar loops around the knees",
    "m",
    When.TOP,
    (),
    measure,
    levels,
    "the bar's track is too noisy",
    faces=True,
)
