"""The arms do not pass beside the knees at the set position.

Formula: where the line from shoulder to bar is at the height of the knee, less the knee: how far
forward of the knee the arm is.
Window: the set position (the last 0.2 s of stillness before the pull).
Markers: bar, shoulder, knee seen at the set position (the plate often hides it); calibrated camera.
Threshold: mention at 50 mm either way; never a fault, arms and thighs differ.
"""

from math import hypot
from typing import Final

from shinline.coach.body import Points
from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.types import Role


def arm_ahead_m(points: Points) -> tuple[float, float]:
    """Return how far the arm is ahead of the knee, and its standard deviation; bar included."""
    bar, shoulder, knee = points[Role.BAR], points[Role.SHOULDER], points[Role.KNEE]
    share = (knee.y_m - bar.y_m) / (shoulder.y_m - bar.y_m)
    x_m = bar.x_m + share * (shoulder.x_m - bar.x_m)
    sd_m = hypot((1.0 - share) * bar.sd_m, share * shoulder.sd_m, knee.sd_m)
    return x_m - knee.x_m, sd_m


def measure(e: Evidence) -> Finding | str:
    """Measure it at the set position."""
    if not e.body.placed:
        return "calibrate the camera: how far the leg is behind the bar is not known"
    if e.quiet is None:
        return "no quiet set position before the pull"
    points = e.body.points(e.quiet)
    if Role.KNEE not in points or Role.SHOULDER not in points:
        return e.body.missing((Role.SHOULDER, Role.KNEE), e.quiet) or "the knee was not seen"
    value, sd = arm_ahead_m({**points, Role.BAR: e.bar_point(e.quiet)})
    return Finding(value, hypot(sd, e.body.aside_sd_m))


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return those of the side on which the value is."""
    side = -1.0 if found is not None and found.value < 0.0 else 1.0
    return Levels(0.0, side * e.coach.elbows_warn_m, None)


CARD: Final = Card(
    "elbows_to_knees",
    "Arms away from the knees",
    "m",
    When.LIFT,
    (Role.SHOULDER, Role.KNEE),
    measure,
    levels,
    "the markers are too noisy",
    faces=True,
)
