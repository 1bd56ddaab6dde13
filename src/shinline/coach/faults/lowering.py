"""The bar is lowered in a hurry, or let go.

Formula: largest downward speed in the last 0.1 s before the floor; time from the top to the floor;
free fall (more than 0.7 g for 0.08 s) is a drop. Window: the top to touching the floor.
Markers: bar only.
Threshold: mention at 1.4 m/s; fault at 1.8 m/s, or down in less than 0.5 s, or dropped. Where the
bar may be let go (``lowering_mode``) it is information. A free fall from the top meets the floor
at 3.3 m/s.
"""

from math import hypot
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.faults.verdict import graded
from shinline.types import NS_PER_S, Severity

BEFORE_S: Final = 0.1
BOUNCES_M: Final = 0.10
"""Below this a bar that goes up again has met the floor, whether that was seen or not."""

FLOOR_M: Final = 0.01
"""So near the height it was lifted from the bar touches the floor: it may bounce after that."""

HURRIED_S: Final = 0.5
BLOW_SD_MPS: Final = 0.04
"""What the blow between two pictures leaves unknown of the speed before it."""


def measure(e: Evidence) -> Finding | str:
    """Measure the speed at which it meets the floor."""
    floor_ns = e.bounds.floor_ns
    if floor_ns is None:
        return "the bar was not seen coming down to the floor"
    t, low_m = e.bar["t_ns"], e.bounds.start_m + FLOOR_M
    down = np.flatnonzero(e.bar["y_m"][e.bounds.top : e.bounds.end + 1] <= low_m)
    turned = np.flatnonzero(
        (e.bar["vy_mps"][e.bounds.top : e.bounds.end + 1] > 0.0)
        & (e.bar["y_m"][e.bounds.top : e.bounds.end + 1] < e.bounds.start_m + BOUNCES_M)
    )
    first = [int(rows[0]) for rows in (down, turned) if rows.size]
    touch_ns = int(t[e.bounds.top + min(first)]) if first else floor_ns
    near = (t >= touch_ns - round(BEFORE_S * NS_PER_S)) & (t <= min(touch_ns, floor_ns))
    near[: e.bounds.top] = False
    rows = e.bar[near]
    if not len(rows) or bool(rows["coasting"].any()):
        return "the bar was out of sight when it met the floor"
    at = int(np.argmin(rows["vy_mps"]))
    details = {"dropped": float(e.numbers.dropped)}
    if e.numbers.eccentric_s is not None:
        details["eccentric_s"] = e.numbers.eccentric_s
    speed = max(0.0, -float(rows["vy_mps"][at]))
    return Finding(speed, hypot(float(rows["sd_vy_mps"][at]), BLOW_SD_MPS), details=details)


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.lowering_warn_mps, e.coach.lowering_fault_mps)


def grade(e: Circumstances, found: Finding, levels: Levels) -> Severity:
    """Compare; a bar that may be let go is no fault."""
    if e.coach.lowering_mode == "drop_ok":
        return Severity.INFO
    hurried = found.details.get("eccentric_s", HURRIED_S) < HURRIED_S
    if found.details["dropped"] or hurried:
        return Severity.FAULT
    return graded(found.value, levels)


CARD: Final = Card(
    "lowering",
    "Hurried lowering",
    "m/s",
    When.FLOOR,
    (),
    measure,
    levels,
    "the bar's track is too noisy",
    grade=grade,
)
