"""The bar is jerked off the floor.

Formula: largest mean acceleration over 0.075 s. Window: the first 0.15 s after lift-off.
Markers: bar only, 50 pictures a second or more.
Threshold: mention at 3 m/s2; fault at 4 m/s2 and twice the lifter's own usual (the median of three
or more repetitions with about this load). A strong heavy start is about 1.6 m/s2.
"""

from math import hypot, sqrt
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.faults.verdict import graded
from shinline.geometry.middle import median
from shinline.types import Severity

WINDOW_S: Final = 0.15
MEAN_S: Final = 0.075
SLOWEST_S: Final = 0.021
"""Longest interval between pictures that shows so short a jerk."""

LEAST_USUAL: Final = 3
ROUNDED_MPS2: Final = 0.2
"""By how much a smoother rounds so short a jerk off."""


def measure(e: Evidence) -> Finding | str:
    """Measure the jerk."""
    if e.bounced:
        return "the bar did not begin at rest"
    rows = slice(e.bounds.first, e.bounds.top + 1)
    t_s, v_mps = e.time_s(rows), e.bar["vy_mps"][rows]
    inside = t_s <= WINDOW_S
    if t_s.size < 2 or median(np.diff(t_s)) > SLOWEST_S:
        return "too few pictures a second"
    if int(inside.sum()) < 3 or t_s[-1] < WINDOW_S:
        return "too few pictures of the start"
    begins = np.concatenate(([0.0], t_s[inside & (t_s > 0.0)]))
    begins = begins[begins <= WINDOW_S - MEAN_S + 1e-9]
    gained = np.interp(begins + MEAN_S, t_s, v_mps) - np.interp(begins, t_s, v_mps)
    noise = sqrt(2.0) * median(e.bar["sd_vy_mps"][rows][inside]) / MEAN_S
    return Finding(float(gained.max()) / MEAN_S, hypot(noise, ROUNDED_MPS2))


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.yank_warn_mps2, e.coach.yank_fault_mps2)


def grade(e: Circumstances, found: Finding, levels: Levels) -> Severity:
    """Compare with the levels and with the lifter's own usual start."""
    plain = graded(found.value, levels)
    usual = e.past.usual("yank")
    if plain is not Severity.FAULT or usual is None or usual[1] < LEAST_USUAL:
        return Severity.WARN if plain is Severity.FAULT else plain
    return Severity.FAULT if found.value >= e.coach.yank_ratio * usual[0] else Severity.WARN


CARD: Final = Card(
    "yank",
    "Bar jerked off the floor",
    "m/s2",
    When.OFF,
    (),
    measure,
    levels,
    "the bar's track is too noisy",
    grade=grade,
)
