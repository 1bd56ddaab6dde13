"""Whether to believe a calibration: checks that do not depend on each other, each with its reason.

A small misfit proves nothing: a string that touches the rack fits perfectly. What counts is that
things which know nothing of each other agree: a string and a swing about the vertical, a marker's
size and the period of its swing about the metre, two places of one string about the pitch.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import degrees, hypot, isfinite, sqrt
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.rigging import pendulum
from shinline_cal.rigging.bundle import Part
from shinline_cal.rigging.evidence import Evidence, Place
from shinline_cal.rigging.optics import (
    CENTRE_X,
    FOCAL,
    K1,
    PITCH,
    Camera,
    camera,
    field_radius,
    on_plane,
    placed,
    project,
    radial,
    rays,
)
from shinline_cal.rigging.solve import Solution, priors
from shinline_cal.rigging.vertical import GRAVITY_GROUPS, lean_by, lens_of
from shinline_cal.verify.quantiles import chi_square_95

SDS: Final = 3.0
"""Chance alone exceeds so many once in 370 times."""

MOST_ROLL_SD_DEG: Final = 0.25
"""More than 2.4 mm of false drift: drift is then not assessed."""

IMMATERIAL: Final = 0.5
"""Of the vertical's sd: an observation that moves it by less does it no harm."""

TELLS_DEG: Final = 2.0
"""What is less sure of the vertical cannot contradict anything."""

MISFIT: Final = 1.8
"""Times the 95 % quantile of chi-square: the models' own imperfections are not chance."""

BELIEF_SDS: Final = 4.0
GRAVITY_REL: Final = 0.012
"""What may be missing from g by size and period: drag, a card that wobbles, a string that gives."""

BLUNT_REL: Final = 0.03
"""A comparison that could not see so much of an error shows nothing."""

OFF_AXIS_M: Final = 0.006
REST_SHIFT_PX: Final = 0.6
REST_SIZE_REL: Final = 0.003
NEARBY: Final = 4.0
"""Radii: rests farther apart are of a bar that was put elsewhere."""

DISTANCE_M: Final = (0.8, 12.0)
HEIGHT_M: Final = (-0.1, 3.5)
SIDE_DEG: Final = 8.0
LENS_SDS: Final = 3.5
ROUND_TRIP_PX: Final = 0.01
PLATE_BEHIND_M: Final = (-0.10, 0.50)
TAPE_DISTANCE_REL: Final = 0.06


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found against what is allowed, and a sentence for the lifter.

    ``ok`` is None where nothing was seen that could tell. ``refuses``: a calibration that fails it
    is not taken; else it is taken and marked.
    """

    code: str
    ok: bool | None
    value: float
    limit: float
    sentence: str
    refuses: bool = True


def check(evidence: Evidence, solution: Solution) -> list[Check]:
    """Return all checks of a solution, in the order of the table."""
    if not _finite(solution):
        return [
            Check("numbers", False, 0.0, 1.0, "The calculation came to no numbers: start again.")
        ]
    found: list[Check] = []
    for each in TABLE:
        found.extend(each(evidence, solution))
    return found


def accept(solution: Solution) -> list[str]:
    """Return why a solution is refused; nothing when it is accepted."""
    return [
        each.sentence
        for each in check(solution.evidence, solution)
        if each.refuses and each.ok is False
    ]


def marks(solution: Solution) -> list[str]:
    """Return what is to be said of a solution that is accepted all the same."""
    return [
        each.sentence
        for each in check(solution.evidence, solution)
        if not each.refuses and each.ok is False
    ]


def _finite(solution: Solution) -> bool:
    numbers = [*solution.values, *solution.covariance.ravel(), solution.roll_sd_deg]
    powers = np.linalg.eigvalsh(solution.covariance) if np.isfinite(numbers).all() else [-1.0]
    return bool(min(powers) > -1e-9 * max(powers)) and isfinite(solution.distance_m)


def _settled(_: Evidence, solution: Solution) -> Iterator[Check]:
    yield Check(
        "numbers",
        solution.bundle.settled,
        solution.bundle.cost,
        0.0,
        "The calculation does not settle: what was seen contradicts itself. Start again.",
    )


def _upright(_: Evidence, solution: Solution) -> Iterator[Check]:
    turned = abs((solution.roll_deg + 180.0) % 360.0 - 180.0)
    how = "upside down" if turned > 135.0 else "on its side"
    yield Check(
        "upright",
        turned < 45.0,
        turned,
        45.0,
        f"The camera is {how}: its picture is turned by {turned:.0f} degrees. Turn it upright.",
    )


def _vertical_agrees(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """Compare each source of the vertical with all others together, at the bar's place."""
    by = lean_by(evidence, lens_of(evidence), solution.values)
    here = float(by @ solution.bundle.covariance @ by)
    for part in _gravity(solution):
        values, rest = solution.bundle.without(part)
        apart = float(by @ (values - solution.values))
        sd = sqrt(max(1e-12, float(by @ rest @ by) - here))
        told = sqrt(float(by @ rest @ by)) < TELLS_DEG
        limit = SDS * sd + IMMATERIAL * sqrt(here)
        yield Check(
            f"vertical {part.name}",
            abs(apart) <= limit if told else None,
            apart,
            limit,
            f"The vertical of {_said(part)} differs by {abs(apart):.2f} degrees from what the rest"
            f" says; {limit:.2f} would be chance. Does the string touch something, or did the"
            " camera move in between? Take that step again.",
        )


def _vertical_sure(_: Evidence, solution: Solution) -> Iterator[Check]:
    sd = solution.roll_sd_deg
    yield Check(
        "vertical",
        sd <= MOST_ROLL_SD_DEG,
        sd,
        MOST_ROLL_SD_DEG,
        f"The vertical is only sure to {sd:.2f} degrees, {MOST_ROLL_SD_DEG} are needed to judge"
        " drift. Let the marker swing on its string as well, or hang it at another place.",
        refuses=False,
    )


def _fits(_: Evidence, solution: Solution) -> Iterator[Check]:
    for part in solution.bundle.parts:
        if part.dof > 0:
            limit = MISFIT * chi_square_95(part.dof)
            yield Check(
                f"fit {part.name}",
                part.chi2 <= limit,
                part.chi2,
                limit,
                f"What was seen in {_said(part)} fits no camera: it is"
                f" {sqrt(part.chi2 / part.dof):.1f} times as far off as it should be."
                f" {_REMEDY[part.name.split()[0]]}",
            )


def _two_heights(_: Evidence, solution: Solution) -> Iterator[Check]:
    """A card's size at two heights, against how far a card may hang from upright."""
    for part in _named(solution, "plumb"):
        nod = abs(float(part.residuals[-1]))
        yield Check(
            f"two heights {part.name}",
            nod <= BELIEF_SDS,
            nod,
            BELIEF_SDS,
            "The marker's size at its two heights does not fit: was it the same marker, flat and"
            " facing the camera, and is the lens the one configured?",
        )


def _gravity_swing(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    for part in _named(solution, "swing"):
        length, rate = float(part.own[3]), float(part.own[7])
        sd = part.own_sd(3, solution.covariance) / abs(length)
        yield _scale(f"metre {part.name}", length * rate**2, sd, evidence)


def _gravity_fall(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    for part in _named(solution, "fall"):
        pull = float(part.own[6])
        sd = part.own_sd(6, solution.covariance) / max(1e-9, abs(pull))
        yield _scale(f"metre {part.name}", pull, sd, evidence)


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
        f"By the marker's size gravity would be {pull_mps2:.2f} m/s2: things look"
        f" {100 * abs(off):.1f} % too {'large' if off > 0 else 'small'}. Is the black disc really"
        f" {is_mm:.0f} mm wide? Measure it: the sheet may have been printed to fit the page.",
    )


def _rests(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """The bar that was not touched, seen before and after the other steps."""
    if not evidence.rests:
        return
    last = evidence.rests[-1]
    for i, rest in enumerate(evidence.rests[:-1]):
        away = hypot(rest.x_px - last.x_px, rest.y_px - last.y_px)
        if away > NEARBY * last.r_px:
            continue
        size = abs(rest.r_px / last.r_px - 1.0)
        limit = SDS * hypot(rest.sd_px, last.sd_px) + REST_SHIFT_PX
        yield Check(
            f"stands {i + 1}",
            away <= limit and size <= REST_SIZE_REL + SDS * hypot(rest.r_rel_sd, last.r_rel_sd),
            away,
            limit,
            f"Between two steps the bar moved by {away:.1f} pixels in the picture: the camera was"
            " touched, or the bar. Begin again, and touch neither.",
        )


def _off_axis(_: Evidence, solution: Solution) -> Iterator[Check]:
    for part in _named(solution, "roll"):
        off, sd = off_axis(part, solution.covariance)
        yield Check(
            f"axis {part.name}",
            off <= OFF_AXIS_M + SDS * sd if sd < OFF_AXIS_M else None,
            off,
            OFF_AXIS_M + SDS * sd,
            f"The marker sits {1000 * off:.0f} mm off the bar's axis: it circles as the bar turns."
            " Put it on the middle of the bar's end.",
        )


def off_axis(part: Part, covariance: FloatArray) -> tuple[float, float]:
    """Return how far off the axis the marker of a rolled bar is, m, and its sd."""
    x, y = (float(v) for v in part.own[-2:])
    sds = [part.own_sd(i, covariance) for i in (-2, -1)]
    return hypot(x, y), max(sds)


def _lens_itself(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """The lens as configured, against what was seen through it."""
    if not solution.calibrated_lens:
        return
    sds = priors(evidence.lens)
    moved = np.abs(solution.values / sds)[[FOCAL, CENTRE_X, CENTRE_X + 1, K1]]
    yield Check(
        "lens",
        float(moved.max()) <= LENS_SDS,
        float(moved.max()),
        LENS_SDS,
        "What was seen does not fit the configured lens. Was it refocused, or is it another lens"
        " or camera mode? Calibrate the lens again, or choose its profile.",
    )
    see = _camera(solution)
    seen = field_radius(see.lens, evidence.width_px, evidence.height_px)
    slope = float(radial(see.lens, np.linspace(0.0, max(seen, 0.1), 200)).min())
    yield Check(
        "lens one to one",
        slope > 0.1 and seen < 20.0,
        slope,
        0.1,
        "The lens's distortion folds the picture over at its edge: calibrate the lens again.",
    )


def _round_trip(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """Pixels to metres and back, over the part of the picture in which the plane is seen."""
    see = _camera(solution)
    rest = evidence.rests[-1]
    bar = placed(see, rest.x_px, rest.y_px, rest.r_px, 0.5 * evidence.marker_diameter_m)
    across = np.linspace(0.02, 0.98, 9)
    grid = np.array(
        [(u * evidence.width_px, v * evidence.height_px) for u in across for v in across]
    )
    toward = rays(see.lens, grid) @ see.out
    grid = grid[toward < -0.05]
    metres = on_plane(see, bar, grid)
    points = bar + metres[:, :1] * see.right + metres[:, 1:] * see.up
    off = np.abs(project(see.lens, points) - grid)
    worst = float(off.max()) if len(grid) else float("inf")
    yield Check(
        "round trip",
        worst < ROUND_TRIP_PX,
        worst,
        ROUND_TRIP_PX,
        "Pixels to metres and back do not meet: calibrate the lens again.",
    )


def _distance(evidence: Evidence, solution: Solution) -> Iterator[Check]:
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
        f"By a marker of {is_mm:.0f} mm the camera would be {far:.1f} m away; {low:g} to {high:g}"
        " are expected. Is the marker's size right?",
    )
    if evidence.distance_m is not None:
        off = far / evidence.distance_m - 1.0
        limit = TAPE_DISTANCE_REL + SDS * sqrt(float(solution.covariance[FOCAL, FOCAL]))
        yield Check(
            "tape distance",
            abs(off) <= limit,
            off,
            limit,
            f"The bar's end is {evidence.distance_m:.2f} m away by the tape and {far:.2f} m by a"
            f" marker of {is_mm:.0f} mm. Is the marker's size right, and the lens?",
        )


def _heights(evidence: Evidence, solution: Solution) -> Iterator[Check]:
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
        f"The camera would stand {here:.2f} m above the floor; {low:g} to {high:g} m are expected."
        " Are the sizes of plate and marker right?",
    )
    for part in _named(solution, "height"):
        off = abs(float(part.residuals[0]))
        yield Check(
            "tape height",
            off <= SDS,
            off,
            SDS,
            "The lens's height by the tape does not fit where the bar is seen: is the plate's size"
            " right, the marker's, and the tape's figure?",
        )


def _height_sd(evidence: Evidence, solution: Solution) -> float:
    tilt_sd = sqrt(float(solution.covariance[PITCH, PITCH]))
    return hypot(solution.distance_m * tilt_sd / degrees(1.0), evidence.marker_rel_sd)


def _plate(evidence: Evidence, solution: Solution) -> Iterator[Check]:
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
        f"By their sizes the plate would be {100 * behind:.0f} cm behind the marker. Is the plate"
        f" {1000 * evidence.plate_diameter_m:.0f} mm, and the marker"
        f" {1000 * evidence.marker_diameter_m:.0f} mm?",
    )


def _side(_: Evidence, solution: Solution) -> Iterator[Check]:
    other = solution.other_azimuth_deg
    apart = 0.0 if other is None else 0.5 * abs(other - float(solution.values[2]))
    yield Check(
        "side",
        apart <= SIDE_DEG,
        apart,
        SIDE_DEG,
        f"The camera stands {apart:.0f} degrees off square, to which side cannot be told: roll the"
        " bar half a metre along the floor to show it.",
        refuses=False,
    )


def _gravity(solution: Solution) -> list[Part]:
    return [p for p in solution.bundle.parts if p.name.split()[0] in GRAVITY_GROUPS]


def _named(solution: Solution, kind: str) -> list[Part]:
    return [p for p in solution.bundle.parts if p.name.split()[0] == kind]


def _camera(solution: Solution) -> Camera:
    return camera(lens_of(solution.evidence), solution.values)


def _said(part: Part) -> str:
    kind, _, number = part.name.partition(" ")
    return f"{_WORDS[kind]} {number}".strip()


_WORDS: Final = {
    "plumb": "string",
    "swing": "swing",
    "fall": "fall",
    "edge": "edge",
    "roll": "rolling the bar",
    "height": "the tape",
    "shape": "the marker's shape",
}
_REMEDY: Final = {
    "plumb": "The string must hang free, and all places be on the same one.",
    "swing": "Push the marker once, along the bar's path, and let it swing freely.",
    "fall": "Let go without a push, of something heavy and compact.",
    "edge": "Choose another edge.",
    "roll": "Roll the bar straight along the floor, slowly.",
    "height": "Measure again.",
    "shape": "Glue the paper flat on the bar's end.",
}

TABLE: Final[tuple[Callable[[Evidence, Solution], Iterator[Check]], ...]] = (
    _settled,
    _upright,
    _vertical_agrees,
    _vertical_sure,
    _fits,
    _two_heights,
    _gravity_swing,
    _gravity_fall,
    _rests,
    _off_axis,
    _lens_itself,
    _round_trip,
    _distance,
    _heights,
    _plate,
    _side,
)
