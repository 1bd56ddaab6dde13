"""The hips are too low when the pull begins: the shoulders are behind the bar.

Formula: how far behind the bar the shoulder is, x_bar - x_shoulder; and how far the hips rise
between the set position and lift-off.
Window: the set position; then until lift-off.
Markers: bar, shoulder, hip; through a calibrated camera (the shoulder is half a metre behind the
bar's end, and looks elsewhere from the side).
Threshold: mention at 10 mm, fault at 20 mm, or 40 mm of hip rise before the bar has left (the
shaft's own bend lets them rise by 20 mm at the most).
"""

from math import hypot
from typing import Final

from shinline.coach.body import Points
from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.faults.verdict import graded
from shinline.types import Role, Severity

HIP_RISE_M: Final = 0.040


def behind_m(points: Points) -> tuple[float, float]:
    """Return how far the shoulder is behind the bar, and its standard deviation."""
    bar, shoulder = points[Role.BAR], points[Role.SHOULDER]
    return bar.x_m - shoulder.x_m, hypot(bar.sd_m, shoulder.sd_m)


def measure(e: Evidence) -> Finding | str:
    """Measure it at the set position."""
    if not e.body.placed:
        return "calibrate the camera: how far the shoulder is behind the bar is not known"
    if e.quiet is None:
        return "no quiet set position before the pull"
    missing = e.body.missing((Role.SHOULDER, Role.HIP), e.quiet)
    if missing:
        return missing
    points = e.body.points(e.quiet)
    value, sd = behind_m({**points, Role.BAR: e.bar_point(e.quiet)})
    hip = e.body.paths[Role.HIP]
    rise_m = float(hip["y_m"][e.bounds.first]) - points[Role.HIP].y_m
    sd = hypot(sd, e.body.aside_sd_m)
    return Finding(value, sd, details={"hip_rise_m": rise_m})


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.hips_low_warn_m, e.coach.hips_low_fault_m)


def grade(e: Circumstances, found: Finding, levels: Levels) -> Severity:
    """Compare with the levels; hips that rise before the bar does were too low as well."""
    if found.details["hip_rise_m"] > HIP_RISE_M:
        return Severity.FAULT
    return graded(found.value, levels)


CARD: Final = Card(
    "hips_low_start",
    "Hips too low at the start",
    "m",
    When.LIFT,
    (Role.SHOULDER, Role.HIP),
    measure,
    levels,
    "the shoulder marker is too noisy",
    grade=grade,
    faces=True,
)
