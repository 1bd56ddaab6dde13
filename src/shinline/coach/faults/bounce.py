"""The bar is bounced off the floor between repetitions.

Formula: time from touching the floor to the next lift-off, and the speed 0.1 s after that.
Window: between two repetitions. Markers: bar only.
Threshold: less than 0.25 s with more than 0.20 m/s is a bounce, a fault where each repetition is to
begin at a dead stop (``floor_mode``), else information. 0.25 to 0.8 s is touch and go.
"""

from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.geometry.middle import median
from shinline.types import NS_PER_S, Severity

NOMINAL_S: Final = 1.0
REBOUND_MPS: Final = 0.20
REBOUND_S: Final = 0.1
TWO_EDGES: Final = 1.5
"""Of the interval between pictures: two instants, each within one."""


def measure(e: Evidence) -> Finding | str:
    """Measure the time on the floor."""
    floor_s = e.past.floor_time_s
    if floor_s is None:
        return "no repetition came before it"
    frame_s = median(np.diff(e.bar["t_ns"])) / NS_PER_S
    rows = slice(e.bounds.first, e.bounds.top + 1)
    speed = float(np.interp(REBOUND_S, e.time_s(rows), e.bar["vy_mps"][rows]))
    return Finding(floor_s, TWO_EDGES * frame_s, details={"rebound_mps": speed})


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the level of a bounce."""
    return Levels(NOMINAL_S, None, e.coach.bounce_s)


def grade(e: Circumstances, found: Finding, levels: Levels) -> Severity:
    """Tell a bounce from touch and go."""
    bounced = found.value < levels.threshold and found.details["rebound_mps"] > REBOUND_MPS
    if not bounced:
        return Severity.GOOD
    return Severity.FAULT if e.coach.floor_mode == "dead_stop" else Severity.INFO


CARD: Final = Card(
    "bounce",
    "Bounced off the floor",
    "s",
    When.LIFT,
    (),
    measure,
    levels,
    "there are too few pictures a second",
    grade=grade,
)
