"""Where a target is and how it lies: the pinhole camera of the benchmark."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import FloatArray

FOCAL_PER_WIDTH: Final = 1739.0 / 1456.0
"""A 6-mm lens on the global-shutter camera's sensor."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A target as the camera sees it.

    ``d_px`` is the diameter that the disc would have were it not tilted. The target is tilted by
    ``tilt_deg`` about the image direction ``axis_deg``, turned in its own plane by ``roll_deg``,
    and travels ``blur_px`` along ``blur_deg`` during the exposure.
    """

    x_px: float
    y_px: float
    d_px: float
    tilt_deg: float = 0.0
    axis_deg: float = 0.0
    roll_deg: float = 0.0
    blur_px: float = 0.0
    blur_deg: float = 0.0

    @property
    def streak_px(self) -> tuple[float, float]:
        """The travel along x and y."""
        turn = math.radians(self.blur_deg)
        return self.blur_px * math.cos(turn), self.blur_px * math.sin(turn)


def focal_px(width: int) -> float:
    """Return the focal length for a picture ``width`` pixels wide."""
    return FOCAL_PER_WIDTH * width


def plane_from_image(pose: Pose, focal: float, centre: FloatArray) -> FloatArray:
    """Return the 3x3 from image offsets (x, y, 1) about ``centre`` to the target's plane.

    Plane coordinates are in pixels as seen at the target's depth, with its centre as origin.
    """
    axis, tilt, roll = (math.radians(v) for v in (pose.axis_deg, pose.tilt_deg, pose.roll_deg))
    along = np.array([math.cos(axis), math.sin(axis), 0.0])
    across = np.array(
        [-math.sin(axis) * math.cos(tilt), math.cos(axis) * math.cos(tilt), math.sin(tilt)]
    )
    first = math.cos(roll) * along + math.sin(roll) * across
    second = math.cos(roll) * across - math.sin(roll) * along
    place = np.array([pose.x_px - centre[0], pose.y_px - centre[1], focal])
    plane_from_ray = np.linalg.inv(np.stack([first, second, place], axis=1))
    return np.asarray(plane_from_ray @ np.diag([1.0, 1.0, focal]))
