"""The bar moves toward the toes between lift-off and the knee.

Formula: largest forward distance from where the bar left the floor, kept for 0.1 s.
Window: lift-off until 48 % of the range of motion, about the height of the knee.
Markers: bar only, the camera level within 0.25 degrees: a roll that is less sure is 2.4 mm of drift
over a lift. Says nothing of contact with the legs, nor of the hips.
Threshold: 20 mm to mention, 30 mm a fault; three times what roll, tracker and a rolling bar do.
"""

from typing import Final

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When

LEVEL_SD_DEG: Final = 0.25


def measure(e: Evidence) -> Finding | str:
    """Take what was measured of the bar's path."""
    numbers = e.numbers
    if numbers.roll_sd_deg > LEVEL_SD_DEG:
        return LEVEL
    return Finding(numbers.forward_to_knee_m, numbers.forward_to_knee_sd_m, numbers.tracked_ratio)


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.bar_forward_warn_m, e.coach.bar_forward_fault_m)


LEVEL: Final = "level the camera: its roll is not known well enough"
CARD: Final = Card(
    "bar_forward",
    "Bar moves forward",
    "m",
    When.KNEE,
    (),
    measure,
    levels,
    LEVEL,
    faces=True,
    growing=True,
)
