"""Metres per pixel and the origin, from the first sightings of the bar that agree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import radians, sqrt
from typing import Final

import numpy as np

from shinline.config import Config
from shinline.geometry.doubt import view_of
from shinline.geometry.middle import median
from shinline.geometry.plane import Plane
from shinline.types import BarPrior

SCALE_FRAMES: Final = 8
SCALE_SPREAD: Final = 0.03
"""The scale is fixed on so many sightings in a row whose radii agree within so much."""

SPREAD_SDS: Final = 6.0
"""... or within so many standard deviations of what the detector says of its centres."""

ROUGH_FRAMES: Final = 3 * SCALE_FRAMES
ROUGH_STILL: Final = 0.1
"""Radii that never agree are averaged over so many sightings of a marker that lies still, to
within so much of its radius; ``scatter`` says how good that is."""

MEDIAN_SD: Final = 1.25
"""A median's standard deviation over a mean's."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How the camera sees the lifting plane.

    ``scale_rel_sd`` is the relative standard deviation of its scale as the rig says it, ``scatter``
    what the noise of the radii adds. ``radius_px`` is the one it stands on. ``tilt`` is the sine of
    the angle at which it is seen, from the shape of the circle; 0 when seen squarely.
    """

    plane: Plane
    scale_rel_sd: float
    scatter: float
    radius_px: float
    tilt: float


def _lies(rows: Sequence[np.void], radius_px: float) -> bool:
    """Tell whether a marker stayed where it was over some sightings."""
    places = np.array([(row["x_px"], row["y_px"]) for row in rows])
    return bool(np.all(np.ptp(places, axis=0) < ROUGH_STILL * radius_px))


def mean_radius(r_px: float, ratio: float) -> float:
    """Return the radius whose inverse square is the mean of those of all directions.

    It does not depend on whether a detector takes an outline for round or for slightly oval.
    """
    squared = min(1.0, ratio * ratio)
    return r_px * sqrt(2.0 * squared / (1.0 + squared)) if squared > 0.0 else r_px


def fix_scale(
    bars: Sequence[np.void], config: Config, prior: BarPrior | None, forward: float
) -> Sight | None:
    """Return how the plane is seen, or None as long as the DETECTION rows do not agree.

    The origin is where the first of them is. A prior's radius is believed as it is.
    """
    needed = 1 if prior is not None else SCALE_FRAMES
    if len(bars) < needed:
        return None
    recent = bars[-needed:]
    radii = np.array([row["r_px"] for row in recent])
    noise_px = median([sqrt(row["var_x_px2"]) for row in recent])
    spread = max(SCALE_SPREAD, SPREAD_SDS * noise_px / float(radii.min()))
    if float(radii.max() / radii.min()) - 1.0 > spread:
        recent = bars[-ROUGH_FRAMES:]
        radii = np.array([row["r_px"] for row in recent])
        if len(recent) < ROUGH_FRAMES or not _lies(recent, median(radii)):
            return None
    radius = prior.r_px if prior is not None else median(radii)
    marker = config.marker
    diameter = marker.diameter_m if marker.kind == "ring" else marker.plate_diameter_m
    handheld = prior is not None and prior.handheld
    plane = Plane(
        scale_m_per_px=diameter / (2.0 * radius),
        origin_x_px=float(bars[0]["x_px"]),
        origin_y_px=float(bars[0]["y_px"]),
        roll_rad=radians(config.rig.roll_deg),
        forward=forward,
        view=None if handheld else view_of(config.rig, config.lens),
    )
    if plane.view is not None and prior is None:
        mean = median([mean_radius(row["r_px"], row["axis_ratio"]) for row in recent])
        seen = mean_radius(1.0, plane.disc(0.0, 0.0)[1])
        plane = replace(plane, scale_m_per_px=diameter * seen / (2.0 * mean))
    scatter = MEDIAN_SD * float(radii.std()) / (radius * sqrt(len(radii)))
    ratio = min(1.0, median([row["axis_ratio"] for row in recent]))
    tilt = sqrt(1.0 - ratio * ratio) if ratio > 0.0 and plane.view is None else 0.0
    return Sight(plane, config.rig.scale_rel_sd, scatter, radius, tilt)
