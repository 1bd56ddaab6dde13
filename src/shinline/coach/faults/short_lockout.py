"""The bar stops below the lifter's usual top.

Formula: the usual range of motion less this one's. The usual one is the median of the lifter's
earlier repetitions of this lift in the session (two at least), or their own baseline.
Window: lift-off to lockout. Markers: bar only; another grip or a shrug looks the same.
Threshold: mention at 3 %, fault at 5 % of the usual range; also mentioned when the bar is within
3 % of the top for less than 0.15 s. The first repetitions have nothing to be compared with.
"""

from math import hypot
from typing import Final

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.faults.verdict import graded
from shinline.types import Severity

HOLD_S: Final = 0.15
USUAL_M: Final = 0.55
"""Of a lifter of whom nothing is known; only to say which threshold there would be."""

SHAKE_M: Final = 0.002
"""What the height of the bar's end differs by when the same lifter stands as tall."""


def measure(e: Evidence) -> Finding | str:
    """Measure what is missing."""
    usual = e.past.top_m()
    if usual is None:
        return "two earlier repetitions are needed to know the usual top"
    top_m, top_sd_m = usual
    noise_m = float(e.bar["sd_m"][e.bounds.last])
    details: dict[str, float] = {}
    if e.now > When.TOP:
        t_s = e.time_s(e.standing())
        details["hold_s"] = float(t_s[-1] - t_s[0])
    value = top_m - e.numbers.rom_m
    return Finding(value, hypot(noise_m, top_sd_m, SHAKE_M), details=details)


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels, as shares of the usual range of motion."""
    usual = e.past.top_m()
    top_m = USUAL_M if usual is None else usual[0]
    return Levels(0.0, e.coach.short_warn_share * top_m, e.coach.short_fault_share * top_m)


def grade(e: Circumstances, found: Finding, levels: Levels) -> Severity:
    """Compare; a top that is not held is worth mentioning."""
    plain = graded(found.value, levels)
    hurried = found.details.get("hold_s", HOLD_S) < HOLD_S
    return Severity.WARN if hurried and plain is Severity.GOOD else plain


CARD: Final = Card(
    "short_lockout",
    "Short of the usual top",
    "m",
    When.TOP,
    (),
    measure,
    levels,
    "the usual top is not known well enough",
    grade=grade,
)
