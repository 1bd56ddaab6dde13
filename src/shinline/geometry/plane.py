"""Image pixels to metres on the lifting plane, and back.

With a lens and a calibrated view, a ray through the pixel is cut with the plane: exact for any
mount. Without them, a similarity: one scale, one rotation (the camera's roll), one sign (which way
the lifter faces). That is exact for a camera square to the plane; the errors of any other mount
(azimuth, pitch, distortion) go into the uncertainty of the numbers.
"""

from dataclasses import dataclass, field
from math import cos, hypot, inf, sin
from typing import Final

from shinline.geometry.lens import NO_LENS, Lens
from shinline.geometry.view import Matrix, View
from shinline.types import FloatArray

NEAREST: Final = 1e-9
"""A ray that runs along the plane, or away from it, meets it very far off."""


@dataclass(frozen=True, slots=True)
class Plane:
    """What the camera sees of a vertical plane.

    ``scale_m_per_px`` is the scale at the origin: the radius of a disc there over the major
    semi-axis of its picture. ``roll_rad`` counts where there is no ``view``: positive when a plumb
    line leans to the right at its upper end in the picture. ``forward`` is +1 when the lifter's
    toes point along image +x.
    """

    scale_m_per_px: float
    origin_x_px: float
    origin_y_px: float
    roll_rad: float = 0.0
    forward: float = 1.0
    view: View | None = None
    plane_from_ray: Matrix = field(init=False, repr=False, compare=False)
    """Homogeneous: (x, y, 1) of a ray of the lens to (x, y, w) on the plane, metres."""

    ray_from_plane: Matrix = field(init=False, repr=False, compare=False)
    lens_m: tuple[float, float, float] = field(init=False, repr=False, compare=False)
    """Where the lens is: x and y on the plane, and how far off it; infinite without a view."""

    def __post_init__(self) -> None:
        lens_m, matrix = self._square() if self.view is None else self._seen(self.view)
        object.__setattr__(self, "lens_m", lens_m)
        object.__setattr__(self, "plane_from_ray", matrix)
        object.__setattr__(self, "ray_from_plane", _inverse(matrix))

    @property
    def lens(self) -> Lens:
        """What turns pixels into rays."""
        return self.view.lens if self.view is not None else NO_LENS

    def plane_from_image(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Map a pixel position to (x toward the toes, y up), metres."""
        x, y = self.lens.ray_from_image(x_px, y_px)
        side, up, depth = _times(self.plane_from_ray, x, y)
        depth = max(depth, NEAREST)
        return side / depth, up / depth

    def image_from_plane(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Map (x toward the toes, y up) in metres to pixels."""
        x, y, depth = _times(self.ray_from_plane, x_m, y_m)
        return self.lens.image_from_ray(x / depth, y / depth)

    def image_jacobian(self, x_m: float, y_m: float) -> tuple[float, float, float, float]:
        """Return how a pixel moves with a place: dx_px/dx_m, dx_px/dy_m, dy_px/dx_m, dy_px/dy_m.

        A small disc of radius R is seen as an ellipse with R times its singular values as axes.
        """
        m = self.ray_from_plane
        x, y, depth = _times(m, x_m, y_m)
        x, y = x / depth, y / depth
        ax, ay = (m[0] - x * m[6]) / depth, (m[1] - x * m[7]) / depth
        bx, by = (m[3] - y * m[6]) / depth, (m[4] - y * m[7]) / depth
        xx, xy, yx, yy = self.lens.jacobian(x, y)
        return xx * ax + xy * bx, xx * ay + xy * by, yx * ax + yy * bx, yx * ay + yy * by

    def disc(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return (pixels per metre along the major axis, axis ratio) of a small disc's picture."""
        most, least = singular(*self.image_jacobian(x_m, y_m))
        return most, least / most

    def behind(
        self, x_m: FloatArray, y_m: FloatArray, away_m: float
    ) -> tuple[FloatArray, FloatArray]:
        """Return where things are that lie ``away_m`` behind the plane and were taken to be on it.

        Without a view nothing is known of what lies behind the plane; then nothing changes.
        """
        lens_x, lens_y, distance_m = self.lens_m
        grown = away_m / distance_m
        return x_m + grown * (x_m - lens_x), y_m + grown * (y_m - lens_y)

    def image_of(self, x_m: float, y_m: float, away_m: float) -> tuple[float, float]:
        """Map a place ``away_m`` behind the plane to pixels; without a view as if on it."""
        lens_x, lens_y, distance_m = self.lens_m
        shrunk = 1.0 / (1.0 + away_m / distance_m)
        return self.image_from_plane(
            lens_x + shrunk * (x_m - lens_x), lens_y + shrunk * (y_m - lens_y)
        )

    def away_m(self, x_m: float, y_m: float, r_px: float, radius_m: float) -> float:
        """Return how far behind the plane a disc lies that is seen, as if on it, at a place.

        0 without a view.
        """
        if self.view is None:
            return 0.0
        return self.lens_m[2] * (self.disc(x_m, y_m)[0] * radius_m / r_px - 1.0)

    def _square(self) -> tuple[tuple[float, float, float], Matrix]:
        c, s = cos(self.roll_rad) * self.scale_m_per_px, sin(self.roll_rad) * self.scale_m_per_px
        x, y, f = self.origin_x_px, self.origin_y_px, self.forward
        matrix = (f * c, f * s, -f * (c * x + s * y), s, -c, c * y - s * x, 0.0, 0.0, 1.0)
        return (0.0, 0.0, inf), matrix

    def _seen(self, view: View) -> tuple[tuple[float, float, float], Matrix]:
        r = view.rotation
        x, y = view.lens.ray_from_image(self.origin_x_px, self.origin_y_px)
        across, along, depth = (r[i] * x + r[3 + i] * y + r[6 + i] for i in range(3))
        depth = max(-depth, NEAREST)
        x0, y0 = across / depth, along / depth  # of the origin, where the plane is 1 m away
        xx, xy, yx, yy = view.lens.jacobian(x, y)
        det = xx * yy - xy * yx
        ix, iy, jx, jy = yy / det, -xy / det, -yx / det, xx / det  # ray by pixel
        ax, bx = (r[0] + x0 * r[2]) / depth, (r[3] + x0 * r[5]) / depth
        ay, by = (r[1] + y0 * r[2]) / depth, (r[4] + y0 * r[5]) / depth
        _, least = singular(
            ax * ix + bx * jx, ax * iy + bx * jy, ay * ix + by * jx, ay * iy + by * jy
        )
        near_m = self.scale_m_per_px / least  # that was metres by pixel on a plane 1 m away
        f = self.forward
        sides = [f * near_m * (r[i] + x0 * r[i + 2]) for i in (0, 3, 6)]
        ups = [near_m * (r[i + 1] + y0 * r[i + 2]) for i in (0, 3, 6)]
        place = (-f * near_m * x0, -near_m * y0, near_m)
        return place, (*sides, *ups, -r[2], -r[5], -r[8])  # type: ignore[return-value]


def plane_at(
    view: View, x_px: float, y_px: float, r_px: float, radius_m: float, forward: float = 1.0
) -> Plane:
    """Return the plane of a disc of a known radius, seen at a pixel with ``r_px`` as major axis."""
    return Plane(radius_m / r_px, x_px, y_px, view.roll_rad, forward, view)


def singular(xx: float, xy: float, yx: float, yy: float) -> tuple[float, float]:
    """Return the singular values of a 2 x 2 matrix, the larger first."""
    total = hypot(xx + yy, yx - xy)
    other = hypot(xx - yy, yx + xy)
    return 0.5 * (total + other), 0.5 * abs(total - other)


def _times(m: Matrix, x: float, y: float) -> tuple[float, float, float]:
    return (
        m[0] * x + m[1] * y + m[2],
        m[3] * x + m[4] * y + m[5],
        m[6] * x + m[7] * y + m[8],
    )


def _inverse(m: Matrix) -> Matrix:
    a, b, c, d, e, f, g, h, i = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        (e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det,
        (f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det,
        (d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det,
    )  # fmt: skip
