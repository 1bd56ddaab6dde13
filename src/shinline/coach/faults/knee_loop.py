"""The bar loops forward around the knees.

Formula: largest forward distance from the chord between the ends of the window, kept for 0.1 s.
Window: 30 to 65 % of the range of motion, around the knees.
Markers: bar only; a bend in the path is the same for any roll of the camera.
Threshold: 20 mm to mention, 35 mm a fault.
"""

from math import hypot, sqrt
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.numbers import DWELL_S, LOOP_SHARES
from shinline.coach.windows import crossing, sustained_max
from shinline.geometry.middle import median

CHORD: Final = 1.5
"""Variance of the distance from a chord between two places that are as unsure as it, at most."""

LEAST_ROWS: Final = 5
ROUNDED: Final = 0.015
"""By so much of it a smoother rounds a loop off."""


def measure(e: Evidence) -> Finding | str:
    """Measure the loop."""
    pull = e.pull
    t_s, rise = e.time_s(pull), e.rise_m(pull)
    low_s, high_s = (crossing(t_s, rise, share * e.rom_m) for share in LOOP_SHARES)
    if low_s is None or high_s is None or high_s <= low_s:
        return "the bar did not pass the knees"
    inside = np.flatnonzero((t_s > low_s) & (t_s < high_s))
    if inside.size < LEAST_ROWS:
        return "too few pictures around the knees"
    rows = slice(pull.start + int(inside[0]), pull.start + int(inside[-1]) + 1)
    at_s = np.concatenate(([low_s], t_s[inside], [high_s]))
    x, y = (np.interp(at_s, t_s, values) for values in (e.bar["x_m"][pull], rise))
    out = x - (x[0] + (x[-1] - x[0]) * (y - y[0]) / (y[-1] - y[0]))
    value = max(0.0, sustained_max(at_s, out, DWELL_S))
    noise_m = sqrt(CHORD) * median(e.bar["sd_m"][rows])
    sd = hypot(noise_m, ROUNDED * value, e.scale_rel_sd * value)
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
