"""The bar stops and starts above the knees.

Formula: number of times at which the bar is slower than 0.03 m/s and then goes on with 0.10 m/s or
more. Window: from 48 % of the range of motion, about the knee, to 97 % of the height at lockout.
Markers: bar only; whether it rests on the thighs meanwhile is not seen.
Threshold: two stops, a fault. How unsure the count is comes from the speeds: each stop that is
nearer to a limit than the speed's standard deviation counts a half.
"""

from math import sqrt
from typing import Final

import numpy as np

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.numbers import KNEE_SHARE
from shinline.types import FloatArray

STOP_MPS: Final = 0.03
GO_MPS: Final = 0.10
UNSURE: Final = 0.5


def stops(v_mps: FloatArray, sd_mps: FloatArray) -> tuple[int, int]:
    """Return how many stops there are in the speeds (n,), and how many might be or not be one.

    A stop is a slowest moment between two faster ones: below ``STOP_MPS``, and the next fastest
    moment is above ``GO_MPS``. It is unsure when either is within its standard deviation of that.
    """
    count = unsure = 0
    for low, high in _swings(v_mps):
        slow, fast = v_mps[low], v_mps[high]
        near = abs(slow - STOP_MPS) < sd_mps[low] and fast > GO_MPS - sd_mps[high]
        near |= abs(fast - GO_MPS) < sd_mps[high] and slow < STOP_MPS + sd_mps[low]
        unsure += near
        count += slow < STOP_MPS and fast >= GO_MPS
    return count, unsure


def _swings(v_mps: FloatArray) -> list[tuple[int, int]]:
    """Return (slowest, next fastest) of each swing of the speed by half of ``GO_MPS`` or more."""
    swings: list[tuple[int, int]] = []
    low = high = 0
    rising = False
    for i, v in enumerate(v_mps):
        if rising:
            if v > v_mps[high]:
                high = i
            elif v < v_mps[high] - 0.5 * GO_MPS:
                swings.append((low, high))
                low, rising = i, False
        elif v < v_mps[low]:
            low = i
        elif v > v_mps[low] + 0.5 * GO_MPS:
            high, rising = i, True
    return [*swings, (low, high)] if rising else swings


def measure(e: Evidence) -> Finding | str:
    """Count the stops."""
    rows = e.below_top()
    rise = e.rise_m(rows)
    above = np.flatnonzero(rise >= KNEE_SHARE * e.rom_m)
    if not above.size:
        return "the bar did not pass the knees"
    high = slice(rows.start + int(above[0]), rows.stop)
    count, unsure = stops(e.bar["vy_mps"][high], e.bar["sd_vy_mps"][high])
    covered = float(1.0 - e.bar["coasting"][high].mean())
    return Finding(float(count), UNSURE * sqrt(unsure), covered)


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the level of a fault."""
    return Levels(0.0, None, float(e.coach.hitch_stops))


CARD: Final = Card(
    "hitch",
    "Stop and start above the knees",
    "stops",
    When.TOP,
    (),
    measure,
    levels,
    "the bar's track is too noisy",
)
