"""How wrong a place on the plane may be, because it is not known exactly how the camera stands.

The calibration says in which independent ways it may be wrong by one standard deviation. For each
there is a plane as it would be then, through the same marker of the same size; where that plane
puts a path tells what the way does to it. That is exact where formulas for one angle at a time
would have to be combined by guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, radians

from shinline.config import SPREAD, Lens, Rig, Way
from shinline.geometry.lens import Lens as Drawing
from shinline.geometry.plane import Plane
from shinline.geometry.view import View

MOST_ROLL_DEG = 80.0
"""A roll that is less sure than this is not known at all."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A plane, and how it would be if the calibration were wrong in one way or another."""

    plane: Plane
    others: tuple[Plane, ...]

    def between(self, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
        """Return the standard deviations of x and y of ``end`` seen from ``start``, metres."""
        first, last = self.plane.image_from_plane(*start), self.plane.image_from_plane(*end)
        off_x, off_y = 0.0, 0.0
        for other in self.others:
            x0, y0 = other.plane_from_image(*first)
            x1, y1 = other.plane_from_image(*last)
            off_x = hypot(off_x, (x1 - x0) - (end[0] - start[0]))
            off_y = hypot(off_y, (y1 - y0) - (end[1] - start[1]))
        return off_x, off_y


def drawing(lens: Lens) -> Drawing | None:
    """Return the lens of a configuration; None where there is none."""
    if lens.fx_px <= 0.0 or lens.fy_px <= 0.0:
        return None
    return Drawing(
        lens.fx_px, lens.fy_px, lens.cx_px, lens.cy_px, lens.k1, lens.k2, lens.p1, lens.p2, lens.k3
    )


def view_of(rig: Rig, lens: Lens) -> View | None:
    """Return how a calibrated camera looks at the plane; None without a lens."""
    drawn = drawing(lens)
    if drawn is None:
        return None
    return View(drawn, radians(rig.roll_deg), radians(rig.pitch_deg), radians(rig.azimuth_deg))


def ways(rig: Rig, lens: Lens, least_roll_sd_deg: float = 0.0) -> tuple[Way, ...]:
    """Return in which ways the calibration may be wrong.

    ``least_roll_sd_deg``: what is known besides makes the roll no surer than that.
    """
    known = rig.spread
    if not known:
        sds = (
            rig.roll_sd_deg,
            rig.pitch_sd_deg,
            rig.azimuth_sd_deg,
            lens.focal_rel_sd,
            lens.centre_sd_px,
            lens.centre_sd_px,
            lens.k1_sd,
        )
        known = tuple(_only(i, sd) for i, sd in enumerate(sds) if sd > 0.0)
    more_deg = max(0.0, least_roll_sd_deg**2 - rig.roll_sd_deg**2) ** 0.5
    return (*known, _only(0, more_deg)) if more_deg > 0.0 else known


def doubt(plane: Plane, known: Sequence[Way]) -> Doubt:
    """Return what the ways of being wrong make of a plane."""
    return Doubt(plane, tuple(_moved(plane, way) for way in known))


def _only(index: int, value: float) -> Way:
    return tuple(value if i == index else 0.0 for i in range(len(SPREAD)))  # type: ignore[return-value]


def _moved(plane: Plane, way: Way) -> Plane:
    roll_deg, pitch_deg, azimuth_deg, focal_rel, cx_px, cy_px, k1 = way
    roll_rad = radians(max(-MOST_ROLL_DEG, min(MOST_ROLL_DEG, roll_deg)))
    if plane.view is None:
        return replace(plane, roll_rad=plane.roll_rad + roll_rad)
    lens = plane.view.lens
    view = View(
        replace(
            lens,
            fx_px=lens.fx_px * (1.0 + focal_rel),
            fy_px=lens.fy_px * (1.0 + focal_rel),
            cx_px=lens.cx_px + cx_px,
            cy_px=lens.cy_px + cy_px,
            k1=lens.k1 + k1,
        ),
        plane.view.roll_rad + roll_rad,
        plane.view.pitch_rad + radians(pitch_deg),
        plane.view.azimuth_rad + radians(azimuth_deg),
    )
    return replace(plane, view=view)
