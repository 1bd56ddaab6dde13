"""The bar rolled on the floor between set-up and lift-off.

Formula: distance along the floor from where the bar lay before it was gripped to where it left the
floor. Window: from the last time that it lay still for 0.5 s before the set position, to lift-off.
Markers: bar only. Threshold: mention at 15 mm; never a fault: the set-up that counts is the last.
"""

from math import hypot, sqrt
from typing import Final

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When


def measure(e: Evidence) -> Finding | str:
    """Measure how far it rolled."""
    before_m = e.past.rested_x_m
    if before_m is None:
        return "the bar was not seen lying still before the set-up"
    off = e.bounds.first
    value = abs(float(e.bar["x_m"][off]) - before_m)
    return Finding(value, hypot(sqrt(2.0) * float(e.bar["sd_m"][off]), e.scale_rel_sd * value))


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the level of a mention."""
    return Levels(0.0, e.coach.bar_rolled_warn_m, None)


CARD: Final = Card(
    "bar_rolled",
    "Bar rolled before the pull",
    "m",
    When.LIFT,
    (),
    measure,
    levels,
    "the bar's track is too noisy",
)
