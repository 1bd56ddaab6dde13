"""Observations without unknowns of their own: edges, the marker's shape, the tape."""

from dataclasses import dataclass
from math import hypot, radians
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.rigging.evidence import Edge, Place
from shinline_cal.rigging.optics import Camera, Cameras, placed, rays

FLOOR_SD_M: Final = 0.015
"""A tape held from the floor to the lens, and a plate that lies on a mat."""


class _Single:
    """What has no unknowns of its own."""

    __slots__ = ()

    @property
    def beliefs(self) -> int:
        """How many of the last residuals are of what is believed of its own unknowns."""
        return 0

    @property
    def place_sds_px(self) -> FloatArray:
        """None: what it is compared with is no place in the picture."""
        return np.zeros(0)

    @property
    def steps(self) -> FloatArray:
        """None: it has no unknowns of its own."""
        return np.zeros(0)

    def start(self, see: Camera) -> FloatArray:
        """Return nothing."""
        return np.zeros(0)


@dataclass(frozen=True, slots=True)
class EdgeGroup(_Single):
    """Something built plumb: the plane of its two ends and the lens holds the vertical."""

    name: str
    edge: Edge

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Return the angle between edge and vertical."""
        edge = self.edge
        ends = rays(see.lens, np.array([[edge.x1_px, edge.y1_px], [edge.x2_px, edge.y2_px]]))
        normal = np.cross(ends[:, 0], ends[:, 1])
        lean = (normal * see.up[:, 0]).sum(axis=1) / np.linalg.norm(normal, axis=1)
        length_px = hypot(edge.x2_px - edge.x1_px, edge.y2_px - edge.y1_px)
        sd = hypot(radians(edge.lean_sd_deg), 1.4 * edge.sd_px / length_px)
        return np.asarray(lean[:, None] / sd)


@dataclass(frozen=True, slots=True)
class AzimuthGroup(_Single):
    """What the shape of the bar's marker says of the azimuth, on one side of the square view."""

    name: str
    azimuth_deg: float
    sd_deg: float

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Return how far the azimuth is from it."""
        here = np.degrees(np.arctan2(-see.right[..., 2], -see.out[..., 2]))
        return np.asarray((here - self.azimuth_deg) / self.sd_deg)


@dataclass(frozen=True, slots=True)
class HeightGroup(_Single):
    """The lens's height by the tape: where the bar lies below it tells the pitch."""

    name: str
    rest: Place
    radius_m: float
    above_axis_m: float
    """Lens above the bar's axis."""

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Return how far the height is from it."""
        rest = self.rest
        bar = placed(see, rest.x_px, rest.y_px, rest.r_px, self.radius_m)
        above = -(bar * see.up).sum(axis=2)
        return np.asarray((above - self.above_axis_m) / FLOOR_SD_M)
