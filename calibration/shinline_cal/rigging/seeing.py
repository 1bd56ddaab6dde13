"""Checks of the lens: whether it is the one configured, and whether it maps one to one."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from shinline_cal.rigging.evidence import Evidence
from shinline_cal.rigging.optics import (
    CENTRE_X,
    CENTRE_Y,
    FOCAL,
    K1,
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
from shinline_cal.rigging.verdict import Check
from shinline_cal.rigging.vertical import lens_of

LENS_SDS: Final = 3.5
ROUND_TRIP_PX: Final = 0.01


def lens_itself(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """The lens as configured, against what was seen through it."""
    if not solution.calibrated_lens:
        return
    sds = priors(evidence.lens)
    moved = np.abs(solution.values / sds)[[FOCAL, CENTRE_X, CENTRE_Y, K1]]
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


def round_trip(evidence: Evidence, solution: Solution) -> Iterator[Check]:
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


def _camera(solution: Solution) -> Camera:
    return camera(lens_of(solution.evidence), solution.values)
