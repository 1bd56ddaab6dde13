"""Whether to believe a calibration: checks that do not depend on each other, each with its reason.

A small misfit proves nothing: a string that touches the rack fits perfectly. What counts is that
things which know nothing of each other agree: a string and a swing about the vertical, a marker's
size and the period of its swing about the metre, two places of one string about the pitch.
"""

from collections.abc import Callable, Iterator
from math import hypot, isfinite, sqrt
from typing import Final

import numpy as np

from shinline.wire.mount import Sentences
from shinline_cal.rigging.bundle import Part
from shinline_cal.rigging.evidence import Evidence, refuse
from shinline_cal.rigging.measures import (
    axis,
    distance,
    gravity_fall,
    gravity_swing,
    heights,
    metre_confirmed,
    off_axis,
    plate,
)
from shinline_cal.rigging.optics import mean_radius
from shinline_cal.rigging.seeing import lens_itself, round_trip
from shinline_cal.rigging.solve import Solution
from shinline_cal.rigging.verdict import SDS, Check, known_as, named
from shinline_cal.rigging.vertical import (
    CONTRADICTS_SDS,
    GRAVITY_GROUPS,
    UNCONFIRMED_DEG,
    lean_by,
    lens_of,
)

__all__ = ["TABLE", "Check", "accept", "check", "marks", "off_axis", "refused"]

MOST_ROLL_SD_DEG: Final = 0.25
"""More than 2.4 mm of false drift: drift is then not assessed."""

IMMATERIAL: Final = 0.5
"""Of the vertical's sd: an observation that moves it by less does it no harm."""

TELLS_DEG: Final = 2.0
"""What is less sure of the vertical cannot contradict anything."""

BELIEF_SDS: Final = 4.0
REST_SHIFT_PX: Final = 0.6
REST_SIZE_REL: Final = 0.003
NEARBY: Final = 4.0
"""Radii: rests farther apart are of a bar that was put elsewhere."""

SIDE_DEG: Final = 8.0


def check(evidence: Evidence, solution: Solution) -> list[Check]:
    """Return all checks of a solution, in the order of the table."""
    if not _finite(solution):
        return [Check("numbers", False, 0.0, 1.0, (refuse("numbers"),))]
    found: list[Check] = []
    for each in TABLE:
        found.extend(each(evidence, solution))
    return found


def accept(solution: Solution) -> list[str]:
    """Return why a solution is refused, in English; nothing when it is accepted."""
    return [each.sentence for each in _refusals(solution)]


def refused(solution: Solution) -> Sentences:
    """Return why a solution is refused, in sentences of the tables of words."""
    return tuple(said for each in _refusals(solution) for said in each.said)


def _refusals(solution: Solution) -> list[Check]:
    found = check(solution.evidence, solution)
    return [each for each in found if each.refuses and each.ok is False]


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
        (refuse("settle"),),
    )


def _upright(_: Evidence, solution: Solution) -> Iterator[Check]:
    turned = abs((solution.roll_deg + 180.0) % 360.0 - 180.0)
    how = "upside_down" if turned > 135.0 else "on_its_side"
    yield Check(
        "upright",
        turned < 45.0,
        turned,
        45.0,
        (refuse(how, deg=f"{turned:.0f}"),),
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
        limit = CONTRADICTS_SDS * sd + IMMATERIAL * sqrt(here)
        yield Check(
            f"vertical {part.name}",
            abs(apart) <= limit if told else None,
            apart,
            limit,
            (
                refuse(
                    "vertical_apart",
                    deg=f"{abs(apart):.2f}",
                    limit=f"{limit:.2f}",
                    **known_as(part),
                ),
                refuse("take_again"),
            ),
        )


def _vertical_sure(_: Evidence, solution: Solution) -> Iterator[Check]:
    sd = solution.roll_sd_deg
    alone = sd >= UNCONFIRMED_DEG
    least = f"{MOST_ROLL_SD_DEG}"
    why = (
        refuse("vertical_alone", least=least)
        if alone
        else refuse("vertical_unsure", deg=f"{sd:.2f}", least=least)
    )
    yield Check(
        "vertical",
        sd <= MOST_ROLL_SD_DEG,
        sd,
        MOST_ROLL_SD_DEG,
        (why, refuse("vertical_more")),
        refuses=False,
    )


def _fits(_: Evidence, solution: Solution) -> Iterator[Check]:
    for part in solution.bundle.parts:
        if part.dof > 0:
            limit = part.limit
            yield Check(
                f"fit {part.name}",
                part.chi2 <= limit,
                part.chi2,
                limit,
                (
                    refuse("fits_not", times=f"{sqrt(part.chi2 / part.dof):.1f}", **known_as(part)),
                    refuse(f"remedy_{part.name.split()[0]}"),
                ),
            )


def _two_heights(_: Evidence, solution: Solution) -> Iterator[Check]:
    """A card's size at two heights, against how far a card may hang from upright."""
    for part in named(solution, "plumb"):
        nod = abs(float(part.residuals[-1]))
        yield Check(
            f"two heights {part.name}",
            nod <= BELIEF_SDS,
            nod,
            BELIEF_SDS,
            (refuse("two_heights"),),
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
        sizes = [float(mean_radius(np.array(p.r_px), np.array(p.axis_ratio))) for p in (rest, last)]
        size = abs(sizes[0] / sizes[1] - 1.0)
        limit = SDS * hypot(rest.sd_px, last.sd_px) + REST_SHIFT_PX
        yield Check(
            f"stands {i + 1}",
            away <= limit and size <= REST_SIZE_REL + SDS * hypot(rest.r_rel_sd, last.r_rel_sd),
            away,
            limit,
            (refuse("touched", px=f"{away:.1f}"),),
        )


def _side(_: Evidence, solution: Solution) -> Iterator[Check]:
    other = solution.other_azimuth_deg
    apart = 0.0 if other is None else 0.5 * abs(other - float(solution.values[2]))
    yield Check(
        "side",
        apart <= SIDE_DEG,
        apart,
        SIDE_DEG,
        (refuse("side", deg=f"{apart:.0f}"),),
        refuses=False,
    )


def _gravity(solution: Solution) -> list[Part]:
    return [p for p in solution.bundle.parts if p.name.split()[0] in GRAVITY_GROUPS]


TABLE: Final[tuple[Callable[[Evidence, Solution], Iterator[Check]], ...]] = (
    _upright,
    _vertical_agrees,
    _vertical_sure,
    _fits,
    _two_heights,
    gravity_swing,
    gravity_fall,
    metre_confirmed,
    _rests,
    axis,
    lens_itself,
    round_trip,
    distance,
    heights,
    plate,
    _side,
    _settled,
)
