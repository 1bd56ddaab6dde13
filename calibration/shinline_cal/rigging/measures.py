"""Checks of the metre: gravity by size and clock, axis, distance, height, plate against marker."""

from collections.abc import Iterator
from math import degrees, hypot, sqrt
from typing import Final

from shinline.types import FloatArray
from shinline_cal.rigging import pendulum
from shinline_cal.rigging.bundle import Part
from shinline_cal.rigging.evidence import Evidence, Place, refuse
from shinline_cal.rigging.optics import FOCAL, PITCH
from shinline_cal.rigging.solve import Solution
from shinline_cal.rigging.verdict import SDS, Check, named

GRAVITY_REL: Final = 0.012
"""What may be missing from g by size and period: drag, a card that wobbles, a string that gives."""

BLUNT_REL: Final = 0.03
"""A comparison that could not see so much of an error shows nothing."""

OFF_AXIS_M: Final = 0.006
MOST_OFF_AXIS_M: Final = 0.025
"""What is farther off is not meant to be on the axis, and not believed when a bar is rolled."""

DISTANCE_M: Final = (0.8, 12.0)
HEIGHT_M: Final = (-0.1, 3.5)
PLATE_BEHIND_M: Final = (-0.10, 0.50)
TAPE_DISTANCE_REL: Final = 0.06


def gravity_swing(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """Gravity by the string's length, as the marker's size has it, and the rate of its swing."""
    for part in named(solution, "swing"):
        length, rate = float(part.own[3]), float(part.own[7])
        sd = part.own_sd(3, solution.covariance) / abs(length)
        yield _scale(f"metre {part.name}", length * rate**2, sd, evidence)


def gravity_fall(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """Gravity by how fast a marker falls, as its size has it."""
    for part in named(solution, "fall"):
        pull = float(part.own[6])
        sd = part.own_sd(6, solution.covariance) / max(1e-9, abs(pull))
        yield _scale(f"metre {part.name}", pull, sd, evidence)


def metre_confirmed(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """Whether anything but the ruler says how large the marker is."""
    told = [*gravity_swing(evidence, solution), *gravity_fall(evidence, solution)]
    told += [c for c in distance(evidence, solution) if c.code.startswith("tape")]
    confirmed = sum(1 for each in told if each.ok)
    is_mm = 1000.0 * evidence.marker_diameter_m
    yield Check(
        "metre",
        confirmed > 0,
        float(confirmed),
        1.0,
        (refuse("metre", mm=f"{is_mm:.0f}"),),
        refuses=False,
    )


def _scale(code: str, pull_mps2: float, rel_sd: float, evidence: Evidence) -> Check:
    """Gravity by the marker's size and the clock: what it is off is what the size is off."""
    off = pull_mps2 / pendulum.GRAVITY_MPS2 - 1.0
    limit = max(GRAVITY_REL, SDS * hypot(rel_sd, evidence.marker_rel_sd))
    is_mm = 1000.0 * (evidence.hung_diameter_m or evidence.marker_diameter_m)
    return Check(
        code,
        None if limit > BLUNT_REL and abs(off) < limit else abs(off) <= limit,
        off,
        limit,
        (
            refuse(
                "too_large" if off > 0 else "too_small",
                g=f"{pull_mps2:.2f}",
                percent=f"{100 * abs(off):.1f}",
            ),
            refuse("measure", mm=f"{is_mm:.0f}"),
        ),
    )


def axis(_: Evidence, solution: Solution) -> Iterator[Check]:
    """How far off the bar's axis its marker sits, from rolling the bar."""
    for part in named(solution, "roll"):
        off, sd = off_axis(part, solution.covariance)
        yield Check(
            f"axis {part.name}",
            off <= OFF_AXIS_M + SDS * sd if sd < OFF_AXIS_M else None,
            off,
            OFF_AXIS_M + SDS * sd,
            (refuse("off_axis", mm=f"{1000 * off:.0f}"),),
            refuses=off > MOST_OFF_AXIS_M + SDS * sd,
        )


def beside_axis_m(solution: Solution) -> float:
    """Return how far off the axis the marker of a rolled bar is; 0 where that is within its sd."""
    found = [off_axis(part, solution.covariance) for part in named(solution, "roll")]
    return max((off for off, sd in found if off > 2.0 * sd), default=0.0)


def off_axis(part: Part, covariance: FloatArray) -> tuple[float, float]:
    """Return how far off the axis the marker of a rolled bar is, m, and its sd."""
    x, y = (float(v) for v in part.own[-2:])
    sds = [part.own_sd(i, covariance) for i in (-2, -1)]
    return hypot(x, y), max(sds)


def distance(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """Whether a camera can stand so far away, and whether a tape agrees."""
    if not solution.calibrated_lens:
        return
    far = solution.distance_m
    is_mm = 1000.0 * evidence.marker_diameter_m
    low, high = DISTANCE_M
    yield Check(
        "distance",
        low <= far <= high,
        far,
        high,
        (refuse("far", mm=f"{is_mm:.0f}", m=f"{far:.1f}", least=f"{low:g}", most=f"{high:g}"),),
    )
    if evidence.distance_m is not None:
        off = far / evidence.distance_m - 1.0
        limit = TAPE_DISTANCE_REL + SDS * sqrt(float(solution.covariance[FOCAL, FOCAL]))
        yield Check(
            "tape distance",
            abs(off) <= limit,
            off,
            limit,
            (
                refuse(
                    "tape_far",
                    tape=f"{evidence.distance_m:.2f}",
                    m=f"{far:.2f}",
                    mm=f"{is_mm:.0f}",
                ),
            ),
        )


def heights(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """The floor lies half a plate below the bar's axis, the lens above it as the tape says."""
    if solution.camera_height_m is None or not solution.calibrated_lens:
        return
    here = solution.camera_height_m
    sd = _height_sd(evidence, solution)
    low, high = HEIGHT_M
    yield Check(
        "height",
        low - SDS * sd <= here <= high + SDS * sd,
        here,
        high,
        (refuse("high", m=f"{here:.2f}", least=f"{low:g}", most=f"{high:g}"),),
    )
    for part in named(solution, "height"):
        off = abs(float(part.residuals[0]))
        yield Check(
            "tape height",
            off <= SDS,
            off,
            SDS,
            (refuse("tape_high"),),
        )


def _height_sd(evidence: Evidence, solution: Solution) -> float:
    tilt_sd = sqrt(float(solution.covariance[PITCH, PITCH]))
    return hypot(solution.distance_m * tilt_sd / degrees(1.0), evidence.marker_rel_sd)


def plate(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """The plate's rim against the marker, in one rest: how far behind it the plate would be."""
    if evidence.plate is None or evidence.plate_diameter_m is None or not evidence.rests:
        return
    marker: Place = evidence.rests[-1]
    ratio = evidence.plate_diameter_m / evidence.marker_diameter_m
    seen = evidence.plate.r_px / marker.r_px
    behind = solution.distance_m * (ratio / seen - 1.0)
    sd = solution.distance_m * hypot(
        evidence.marker_rel_sd, hypot(marker.r_rel_sd, evidence.plate.r_rel_sd)
    )
    low, high = PLATE_BEHIND_M
    yield Check(
        "plate",
        low - SDS * sd <= behind <= high + SDS * sd,
        behind,
        high,
        (
            refuse(
                "plate",
                cm=f"{100 * behind:.0f}",
                plate=f"{1000 * evidence.plate_diameter_m:.0f}",
                mm=f"{1000 * evidence.marker_diameter_m:.0f}",
            ),
        ),
    )
