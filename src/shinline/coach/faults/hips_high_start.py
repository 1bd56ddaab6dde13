"""The hips are too high when the pull begins: the legs have little left to push with.

Formula: trunk angle above the horizontal; hip height between knee and shoulder,
F = (y_hip - y_knee) / (y_shoulder - y_knee); angle at the knee K.
Window: the set position (the last 0.2 s of stillness before the pull).
Markers: hip and shoulder; with the knee in sight (or found from ankle and hip) all three numbers.
Without stickers the trunk's angle is that of the back's upper contour, and judged only where no
level is near it.
Threshold: two of trunk < 10 degrees, F > 0.80, K > 130 degrees are a fault, one a mention; without
the knee a mention at most. Just outside what lifters of ordinary proportions can do (linkage
model: trunk 11 and more, F up to 0.73, K up to 125). By own baseline: 6 degrees below the usual.
"""

from math import hypot
from typing import Final

from shinline.coach.body import Point, Points, knee_deg, line_sd_deg, trunk_of
from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.faults.hips_shoot_up import WITHOUT_STICKERS
from shinline.coach.legs import segments, solver
from shinline.types import Role, Severity

NOMINAL_DEG: Final = 27.0
OWN_DEG: Final = 6.0
FLAT_SD_DEG: Final = 1.5
"""What hip and shoulder at different depths do to the angle between them, through a camera that is
not calibrated."""

NO_TRUNK_DEG: Final = 1.0
"""A limit that no trunk is below: in this lift it says nothing."""


def start_numbers(points: Points, ankle: Point | None) -> tuple[float, float, dict[str, float]]:
    """Return trunk angle, its standard deviation, and hip share and knee angle where known."""
    hip, shoulder = points[Role.HIP], points[Role.SHOULDER]
    details: dict[str, float] = {}
    knee = points.get(Role.KNEE)
    if knee is not None:
        tall = shoulder.y_m - knee.y_m
        if tall > 0.0:
            details["hip_share"] = (hip.y_m - knee.y_m) / tall
        foot = points.get(Role.ANKLE, ankle)
        if foot is not None:
            details["knee_deg"] = knee_deg(hip, knee, foot)
    return trunk_of(hip, shoulder), line_sd_deg(hip, shoulder), details


def start_sd_deg(sd: float, roll_sd_deg: float, placed: bool) -> float:
    """Return how unsure the trunk's angle is, with how the camera stands."""
    return hypot(sd, roll_sd_deg, 0.0 if placed else FLAT_SD_DEG)


def measure(e: Evidence) -> Finding | str:
    """Measure it at the set position."""
    if not e.body.paths:
        return _by_contour(e)
    if e.quiet is None:
        return e.hips if isinstance(e.hips, str) else "no quiet set position before the pull"
    missing = e.body.missing((Role.HIP, Role.SHOULDER), e.quiet)
    if missing:
        return missing
    points = e.body.points(e.quiet)
    if Role.KNEE not in points:
        points |= _found_knee(e)
    value, sd, details = start_numbers(points, e.legs.ankle)
    if e.coach.start_trunk_deg <= NO_TRUNK_DEG and "knee_deg" not in details:
        return "the knee was not seen"
    sd = start_sd_deg(sd, e.numbers.roll_sd_deg, e.body.placed)
    return Finding(value, sd, details=details)


def _by_contour(e: Evidence) -> Finding | str:
    """Take the trunk's angle from the silhouette of a lifter without stickers."""
    hips = e.hips
    if isinstance(hips, str):
        return hips
    if hips.back_angle_deg is None or hips.back_angle_sd_deg is None:
        return hips.reason or "the back was not seen in the set position"
    if e.coach.start_trunk_deg <= NO_TRUNK_DEG:
        return "the knee was not seen"
    sd = hypot(hips.back_angle_sd_deg, e.numbers.roll_sd_deg, FLAT_SD_DEG)
    details = {WITHOUT_STICKERS: 1.0}
    noisy = "the line of the back is too unsure in the set position"
    return Finding(hips.back_angle_deg, sd, details=details, sd_share=0.0, noisy=noisy)


def _found_knee(e: Evidence) -> dict[Role, Point]:
    """Find a hidden knee from a frozen ankle and the hip."""
    assert e.quiet is not None  # noqa: S101  (looked at before)
    lengths = segments(e.legs)
    if e.legs.ankle is None or lengths is None or not e.facing_known or not e.body.placed:
        return {}
    leg = solver(e.body, e.quiet)(e.legs.ankle, lengths)
    x, y = float(leg.knee_x_m.mean()), float(leg.knee_y_m.mean())
    return {Role.KNEE: Point(x, y, hypot(0.008, e.legs.ankle.sd_m))} if x == x else {}


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the trunk's level, the lifter's own where there is one."""
    own = e.past.own.get("hips_high_start")
    if own is None:
        return Levels(NOMINAL_DEG, None, e.coach.start_trunk_deg)
    level = max(e.coach.start_trunk_deg, own.mean - OWN_DEG)
    return Levels(level + OWN_DEG, None, level)


def grade(e: Circumstances, found: Finding, levels: Levels) -> Severity:
    """Count what is beyond its limit: two are a fault, where one does not say enough."""
    c = e.coach
    beyond = (
        found.value < levels.threshold,
        found.details.get("hip_share", 0.0) > c.start_hip_share,
        found.details.get("knee_deg", 0.0) > c.start_knee_deg,
    )
    if sum(beyond) >= c.start_beyond:
        return Severity.FAULT
    return Severity.WARN if any(beyond) else Severity.GOOD


CARD: Final = Card(
    "hips_high_start",
    "Hips too high at the start",
    "deg",
    When.LIFT,
    (Role.HIP, Role.SHOULDER, Role.KNEE),
    measure,
    levels,
    "the hip and shoulder markers are too noisy",
    grade=grade,
    own=False,
)
