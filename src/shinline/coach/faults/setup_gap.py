"""The bar lies too near the shins or too far from them.

Formula: horizontal gap between the front of the shin of the lifter standing straight and the shaft
of the bar where it lies, at the bar's height: g = (x_bar - 14 mm) - (x_shank + 45 mm).
Window: the bar before lift-off, the leg at the lockout of the same repetition (the foot stays), or
standing before the set where ankle and knee are seen.
Markers: bar, ankle, and knee or hip (a straight leg has its knee between them); through a
calibrated camera. The bar alone cannot tell.
Threshold: good 25 to 50 mm (1 to 2 in); mention below 15 or above 65 mm; fault below 5 or above
85 mm. The range is the coach's; the margins allow for what stickers on skin are off by.
Not in it: how thick this lifter's shin is (45 mm from the sticker's line is assumed).
"""

from math import hypot
from typing import Final

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.legs import gap_at, gap_sd_m
from shinline.types import Role

NOMINAL_M: Final = 0.0375
LEAST_SHANK_M: Final = 0.25


def measure(e: Evidence) -> Finding | str:
    """Measure the gap of a repetition."""
    if not e.body.placed:
        return "calibrate the camera: how far the leg is behind the bar is not known"
    line = e.legs.standing
    if line is None:
        return "the leg was not seen while the lifter stood"
    if line[1].y_m - line[0].y_m < LEAST_SHANK_M:
        return "ankle and knee were not told apart"
    x_m, y_m = float(e.bar["x_m"][e.bounds.first]), e.bounds.start_m
    noise_m = float(e.bar["sd_m"][e.bounds.first])
    sd_m = hypot(gap_sd_m(line, y_m), e.body.aside_sd_m, noise_m)
    return Finding(gap_at(line, x_m, y_m), sd_m)


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return those of the side on which the value is."""
    c = e.coach
    if found is not None and found.value < NOMINAL_M:
        return Levels(NOMINAL_M, c.gap_low_warn_m, c.gap_low_fault_m)
    return Levels(NOMINAL_M, c.gap_high_warn_m, c.gap_high_fault_m)


CARD: Final = Card(
    "setup_gap",
    "Bar too near or too far",
    "m",
    When.TOP,
    (Role.ANKLE,),
    measure,
    levels,
    "the leg's markers are too noisy",
    faces=True,
)
