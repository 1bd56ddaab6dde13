"""Image pixels to metres on the lifting plane, for a camera square to it.

A similarity: one scale, one rotation (the camera's roll), one sign (which way the lifter faces).
It is exact for a pinhole camera whose axis is normal to the plane; the errors of any other mount
(azimuth, pitch, distortion) go into the uncertainty of the numbers.
"""

from dataclasses import dataclass
from math import cos, sin


@dataclass(frozen=True, slots=True)
class Plane:
    """A similarity between image and lifting plane.

    ``roll_rad`` is positive when the camera is turned so that a plumb line leans to the right at
    its upper end in the picture. ``forward`` is +1 when the lifter's toes point along image +x.
    """

    scale_m_per_px: float
    origin_x_px: float
    origin_y_px: float
    roll_rad: float = 0.0
    forward: float = 1.0

    def plane_from_image(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Map a pixel position to (x toward the toes, y up), metres."""
        right = (x_px - self.origin_x_px) * self.scale_m_per_px
        up = (self.origin_y_px - y_px) * self.scale_m_per_px
        c, s = cos(self.roll_rad), sin(self.roll_rad)
        return self.forward * (c * right - s * up), s * right + c * up

    def image_from_plane(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Map (x toward the toes, y up) in metres to pixels."""
        c, s = cos(self.roll_rad), sin(self.roll_rad)
        side = self.forward * x_m
        right, up = c * side + s * y_m, -s * side + c * y_m
        return (
            self.origin_x_px + right / self.scale_m_per_px,
            self.origin_y_px - up / self.scale_m_per_px,
        )
