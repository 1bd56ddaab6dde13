"""Checks of the lens: whether it is the one configured, and whether it maps one to one."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.rigging.evidence import Evidence, refuse
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

ASIDE_M: Final = 0.3
HIGH_M: Final = 0.8
"""Where the bar's end is in a lift: so far to either side of where it lay, and so high."""

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
        (refuse("lens_other"),),
    )
    see = _camera(solution)
    seen = field_radius(see.lens, _used_px(evidence, solution))
    slope = float(radial(see.lens, np.linspace(0.0, max(seen, 0.1), 200)).min())
    yield Check(
        "lens one to one",
        slope > 0.1 and seen < 20.0,
        slope,
        0.1,
        (refuse("lens_folds"),),
    )


def _used_px(evidence: Evidence, solution: Solution) -> FloatArray:
    """Return two corners (2, 2) of the part of the picture that is used: a lift, and what was seen.

    A lens that nobody calibrated may fold the picture over in a corner in which nothing happens.
    """
    see = _camera(solution)
    rest = evidence.rests[-1]
    bar = placed(see, rest.x_px, rest.y_px, rest.r_px, 0.5 * evidence.marker_diameter_m)
    corners = [bar + x * see.right + y * see.up for x in (-ASIDE_M, ASIDE_M) for y in (0.0, HIGH_M)]
    places = [project(see.lens, np.array(corners))]
    places += [np.array([(p.x_px, p.y_px) for p in plumb.places]) for plumb in evidence.plumbs]
    places += [np.column_stack([each.x_px, each.y_px]) for each in evidence.swings]
    places += [np.column_stack([each.x_px, each.y_px]) for each in evidence.falls]
    places += [np.column_stack([each.x_px, each.y_px]) for each in evidence.rolls]
    used = np.concatenate(places)
    size = np.array([evidence.width_px - 1.0, evidence.height_px - 1.0])
    return np.asarray(np.clip([used.min(axis=0), used.max(axis=0)], 0.0, size))


def round_trip(evidence: Evidence, solution: Solution) -> Iterator[Check]:
    """Pixels to metres and back, over the part of the picture in which the plane is seen."""
    see = _camera(solution)
    rest = evidence.rests[-1]
    bar = placed(see, rest.x_px, rest.y_px, rest.r_px, 0.5 * evidence.marker_diameter_m)
    low, high = _used_px(evidence, solution)
    across = np.linspace(0.0, 1.0, 9)
    grid = low + np.array([(u, v) for u in across for v in across]) * (high - low)
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
        (refuse("round_trip"),),
    )


def _camera(solution: Solution) -> Camera:
    return camera(lens_of(solution.evidence), solution.values)
