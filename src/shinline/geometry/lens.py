"""A lens: pixels to viewing rays and back, in OpenCV's five-coefficient model.

A ray is given by where it meets the plane one unit in front of the camera: x to the right, y down.
Source of the model: Brown, "Decentering distortion of lenses", Photogrammetric Engineering 32
(1966); names and order of the coefficients are OpenCV's.
"""

from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 12
"""Newton steps of the inverse: a field of 50 degrees to each side is exact after seven."""


@dataclass(frozen=True, slots=True)
class Lens:
    """How a camera in one mode turns rays into pixels.

    ``fx_px``, ``fy_px`` are the focal lengths, ``cx_px``, ``cy_px`` the principal point, ``k1`` to
    ``k3`` the radial and ``p1``, ``p2`` the tangential distortion. The default is no lens at all:
    pixels are rays.
    """

    fx_px: float = 1.0
    fy_px: float = 1.0
    cx_px: float = 0.0
    cy_px: float = 0.0
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0

    def image_from_ray(self, x: float, y: float) -> tuple[float, float]:
        """Map a ray to a pixel position."""
        bent_x, bent_y, *_ = self._bend(x, y)
        return self.fx_px * bent_x + self.cx_px, self.fy_px * bent_y + self.cy_px

    def ray_from_image(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Map a pixel position to the ray that is seen there, by Newton's method.

        Outside the field in which the model is one to one the answer is one of several.
        """
        aim_x, aim_y = (x_px - self.cx_px) / self.fx_px, (y_px - self.cy_px) / self.fy_px
        x, y = aim_x, aim_y
        for _ in range(ROUNDS):
            bent_x, bent_y, xx, xy, yx, yy = self._bend(x, y)
            off_x, off_y = bent_x - aim_x, bent_y - aim_y
            det = xx * yy - xy * yx
            if det == 0.0 or (off_x == 0.0 and off_y == 0.0):
                break
            x -= (yy * off_x - xy * off_y) / det
            y -= (xx * off_y - yx * off_x) / det
        return x, y

    def jacobian(self, x: float, y: float) -> tuple[float, float, float, float]:
        """Return how a pixel moves with its ray: dx_px/dx, dx_px/dy, dy_px/dx, dy_px/dy."""
        _, _, xx, xy, yx, yy = self._bend(x, y)
        return self.fx_px * xx, self.fx_px * xy, self.fy_px * yx, self.fy_px * yy

    def _bend(self, x: float, y: float) -> tuple[float, float, float, float, float, float]:
        """Return the distorted ray, and its derivatives by x and y (xx, xy, yx, yy)."""
        r2 = x * x + y * y
        radial = 1.0 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
        slope = 2.0 * (self.k1 + r2 * (2.0 * self.k2 + r2 * 3.0 * self.k3))
        bent_x = x * radial + 2.0 * self.p1 * x * y + self.p2 * (r2 + 2.0 * x * x)
        bent_y = y * radial + self.p1 * (r2 + 2.0 * y * y) + 2.0 * self.p2 * x * y
        xx = radial + slope * x * x + 2.0 * self.p1 * y + 6.0 * self.p2 * x
        mixed = slope * x * y + 2.0 * self.p1 * x + 2.0 * self.p2 * y
        yy = radial + slope * y * y + 6.0 * self.p1 * y + 2.0 * self.p2 * x
        return bent_x, bent_y, xx, mixed, mixed, yy


NO_LENS: Final = Lens()
