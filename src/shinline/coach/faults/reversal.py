"""The bar comes down before it has reached the top.

Formula: how far below the highest place so far the bar is, kept for 0.05 s.
Window: lift-off until the bar first reaches 97 % of its height at lockout; the slight settling as
the shoulders come back is allowed by the rules of powerlifting, and is above that. A bar that stops
in the last tenth of the way is at lockout there: what is missing is told by the lockout's card.
Markers: bar only.
Threshold: 8 mm, a fault; any downward motion is one in competition.
"""

from math import sqrt
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.windows import sustained_max
from shinline.geometry.middle import median

DWELL_S: Final = 0.05
AFTER_BLOW_M: Final = 0.05


def measure(e: Evidence) -> Finding | str:
    """Measure how far it came down."""
    rows = e.below_top()
    if e.bounced:  # the blow of the floor is no part of the pull
        off = int(np.argmax(e.rise_m(rows) >= AFTER_BLOW_M))
        rows = slice(rows.start + off, rows.stop)
    y = e.bar["y_m"][rows]
    below = np.maximum.accumulate(y) - y
    value = max(0.0, sustained_max(e.time_s(rows), below, DWELL_S))
    sd = sqrt(2.0) * median(e.bar["sd_m"][rows])
    return Finding(value, sd, float(1.0 - e.bar["coasting"][rows].mean()))


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the level of a fault."""
    return Levels(0.0, None, e.coach.reversal_fault_m)


CARD: Final = Card(
    "reversal",
    "Bar goes down on the way up",
    "m",
    When.TOP,
    (),
    measure,
    levels,
    "the bar's track is too noisy",
)
