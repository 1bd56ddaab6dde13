"""The lifter leans back at the top.

Formula: lean behind the vertical of the line from the crest of the hip (or the hip) to the
shoulder, less the same when the lifter stood relaxed before the set; kept for 0.25 s.
Window: from 97 % of the highest place until the bar goes down.
Markers: shoulder, and whichever of crest, hip and mid-back is seen standing and at the top, in that
order: the plate hides the hip there, and an arm may hide the crest. A lean
of the trunk; how the pelvis tips in it is not seen.
Threshold: mention at 8, fault at 12 degrees; a load in front takes 3 to 5 to balance, and stickers
are off by 2 to 3.
"""

from math import hypot
from typing import Final

import numpy as np

from shinline.coach.body import Point, line_sd_deg
from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.windows import sustained_max
from shinline.geometry.middle import median
from shinline.types import Role

DWELL_S: Final = 0.25
SCALE_SD: Final = 0.015
"""What the stickers' different distances take off a lean, or add to it."""

FLAT_SD_DEG: Final = {Role.CREST: 2.0, Role.HIP: 2.0, Role.MID_BACK: 5.0}
"""What different depths do to the change of the line to the shoulder, through a camera that is not
calibrated."""


def measure(e: Evidence) -> Finding | str:
    """Measure the lean."""
    before = e.past.standing
    rows = e.standing()
    for role, was in before.lean_deg.items():
        if e.body.missing((role, Role.SHOULDER), rows):
            continue
        low, high = e.body.paths[role][rows], e.body.paths[Role.SHOULDER][rows]
        lean = np.degrees(np.arctan2(low["x_m"] - high["x_m"], high["y_m"] - low["y_m"]))
        value = sustained_max(e.time_s(rows), lean, DWELL_S) - was
        ends = [
            Point(float(r["x_m"].mean()), float(r["y_m"].mean()), median(r["sd_m"]))
            for r in (low, high)
        ]
        flat_deg = 0.0 if e.body.placed else FLAT_SD_DEG[role]
        sd = hypot(line_sd_deg(*ends), before.sd_deg, flat_deg, SCALE_SD * value)
        return Finding(value, sd)
    if not before.lean_deg:
        return "the lifter was not seen standing before the set"
    return "the trunk was not seen at the top as it was seen before the set"


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.lean_back_warn_deg, e.coach.lean_back_fault_deg)


CARD: Final = Card(
    "lean_back",
    "Leaning back at the top",
    "deg",
    When.DOWN,
    (Role.SHOULDER,),
    measure,
    levels,
    "the markers are too noisy",
    faces=True,
)
