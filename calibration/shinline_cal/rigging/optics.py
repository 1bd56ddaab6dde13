"""The camera of the fit: many rays at once, and the seven numbers that may be off.

Frames and signs are those of :mod:`shinline.geometry.view`. Points are in the camera's frame, in
metres, unless a name says otherwise. The core's lens takes one ray at a time and has the same
model; the tests hold the two together.
"""

from dataclasses import dataclass, fields, replace
from math import radians
from typing import Any, Final

import numpy as np

from shinline import config
from shinline.geometry.lens import Lens
from shinline.geometry.view import View
from shinline.types import FloatArray

SIZE: Final = len(config.SPREAD)
ROLL, PITCH, AZIMUTH, FOCAL, CENTRE_X, CENTRE_Y, K1 = range(SIZE)
"""Where each of the seven numbers stands; angles in degrees, the lens's as differences."""

_ROUNDS: Final = 12
_EXACT: Final = 1e-11
_UNIT: Final[dict[str, Any]] = {"fx_px": 1.0, "fy_px": 1.0, "cx_px": 0.0, "cy_px": 0.0}


@dataclass(frozen=True, slots=True)
class Camera:
    """A lens, and the axes of the plane in the camera's frame: rows right, up, out; (3, 3)."""

    lens: Lens
    axes: FloatArray

    @property
    def right(self) -> FloatArray:
        """The plane's x."""
        return np.asarray(self.axes[0])

    @property
    def up(self) -> FloatArray:
        """Against gravity."""
        return np.asarray(self.axes[1])

    @property
    def out(self) -> FloatArray:
        """The plane's normal, toward the camera."""
        return np.asarray(self.axes[2])


@dataclass(frozen=True, slots=True)
class Eyes:
    """Lenses of many cameras: what :class:`Lens` has, as (K, 1) each."""

    fx_px: FloatArray
    fy_px: FloatArray
    cx_px: FloatArray
    cy_px: FloatArray
    k1: FloatArray
    k2: FloatArray
    p1: FloatArray
    p2: FloatArray
    k3: FloatArray


@dataclass(frozen=True, slots=True)
class Cameras:
    """K cameras that differ a little: axes (K, 1, 3), to go with points (K, n, 3)."""

    lens: Eyes
    right: FloatArray
    up: FloatArray
    out: FloatArray


def cameras(lens: config.Lens, values: FloatArray) -> Cameras:
    """Return the cameras of sets of seven numbers (K, 7)."""
    views = [view_of(lens, each) for each in values]
    rotations = np.array([view.rotation for view in views]).reshape(-1, 1, 3, 3)
    eyes = np.array([_fields(view.lens) for view in views]).T[..., None]
    right, up, out = (rotations[..., i] for i in range(3))
    return Cameras(Eyes(*eyes), right, up, out)


_FIELDS: Final = tuple(field.name for field in fields(Lens))


def _fields(eye: Lens) -> list[float]:
    return [getattr(eye, name) for name in _FIELDS]


def camera(lens: config.Lens, values: FloatArray) -> Camera:
    """Return the camera of seven numbers (7,), in the order and units of ``config.SPREAD``."""
    view = view_of(lens, values)
    return Camera(view.lens, np.reshape(view.rotation, (3, 3)).T.copy())


def view_of(lens: config.Lens, values: FloatArray) -> View:
    """Return the core's view of seven numbers (7,)."""
    roll, pitch, azimuth, focal, x, y, k1 = (float(v) for v in values)
    moved = Lens(
        fx_px=lens.fx_px * (1.0 + focal),
        fy_px=lens.fy_px * (1.0 + focal),
        cx_px=lens.cx_px + x,
        cy_px=lens.cy_px + y,
        k1=lens.k1 + k1,
        k2=lens.k2,
        p1=lens.p1,
        p2=lens.p2,
        k3=lens.k3,
    )
    return View(moved, radians(roll), radians(pitch), radians(azimuth))


def project(eye: Lens | Eyes, points: FloatArray) -> FloatArray:
    """Return the pixels (..., 2) of points (..., 3) in front of the camera."""
    depth = np.maximum(points[..., 2], 1e-6)
    x, y = points[..., 0] / depth, points[..., 1] / depth
    r2 = x * x + y * y
    grown = 1.0 + r2 * (eye.k1 + r2 * (eye.k2 + r2 * eye.k3))
    seen = np.empty((*x.shape, 2))
    seen[..., 0] = eye.fx_px * (x * grown + 2.0 * eye.p1 * x * y + eye.p2 * (r2 + 2.0 * x * x))
    seen[..., 1] = eye.fy_px * (y * grown + eye.p1 * (r2 + 2.0 * y * y) + 2.0 * eye.p2 * x * y)
    seen[..., 0] += eye.cx_px
    seen[..., 1] += eye.cy_px
    return seen


def rays(eye: Lens | Eyes, pixels: FloatArray) -> FloatArray:
    """Return the rays (..., 3), one unit deep, that are seen at pixels (..., 2)."""
    unit = replace(eye, **_UNIT)
    aim_x = (pixels[..., 0] - eye.cx_px) / eye.fx_px
    aim_y = (pixels[..., 1] - eye.cy_px) / eye.fy_px
    aim = np.stack([aim_x, aim_y], axis=-1)
    found = np.concatenate([aim, np.ones_like(aim[..., :1])], axis=-1)
    for _ in range(_ROUNDS):
        off = project(unit, found) - aim
        if not np.abs(off).max(initial=0.0) > _EXACT:
            break
        xx, mixed, yy = _slopes(unit, found[..., 0], found[..., 1])
        det = xx * yy - mixed * mixed
        det = np.where(np.abs(det) < 1e-9, 1e-9, det)
        found[..., 0] -= (yy * off[..., 0] - mixed * off[..., 1]) / det
        found[..., 1] -= (xx * off[..., 1] - mixed * off[..., 0]) / det
    return found


def disc(
    eye: Lens | Eyes, points: FloatArray, right: FloatArray, up: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (px by metre of radius along the major axis, axis ratio) of small discs.

    ``right`` and ``up`` are unit vectors in the disc's plane. To first order in the disc's size
    over its distance, which leaves out 1e-4 of an 80-mm marker at 2 m.
    """
    a0, a1, b0, b1 = _across(eye, points, right, up)
    total, other = np.hypot(a0 + b1, a1 - b0), np.hypot(a0 - b1, a1 + b0)
    return 0.5 * (total + other), np.abs(total - other) / (total + other)


def outline(
    eye: Lens | Eyes, points: FloatArray, right: FloatArray, up: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (px by metre of the mean radius, ovalness) of small discs; see below.

    Both are smooth where the outline is round, as the axes themselves are not.
    """
    a0, a1, b0, b1 = _across(eye, points, right, up)
    total = a0 * a0 + a1 * a1 + b0 * b0 + b1 * b1
    area = a0 * b1 - a1 * b0
    share = 2.0 * area / total
    return np.sqrt(np.abs(share * area)), 1.0 - share * share


def mean_radius(r_px: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return the radius whose inverse square is the mean of those of all directions.

    It does not depend on whether a detector takes an outline as round or as slightly oval.
    """
    return np.asarray(r_px * ratio * np.sqrt(2.0 / (1.0 + ratio * ratio)))


def ovalness(ratio: FloatArray) -> FloatArray:
    """Return ((a^2 - b^2) / (a^2 + b^2))^2 of half axes a, b by their ratio."""
    squared = ratio * ratio
    return np.asarray(((1.0 - squared) / (1.0 + squared)) ** 2)


def _across(
    eye: Lens | Eyes, points: FloatArray, right: FloatArray, up: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return how pixels move by metre to the right (x, y) and up (x, y)."""
    depth = np.maximum(points[..., 2], 1e-6)
    x, y = points[..., 0] / depth, points[..., 1] / depth
    xx, mixed, yy = _slopes(eye, x, y)
    ax, ay = right[..., 0] - x * right[..., 2], right[..., 1] - y * right[..., 2]
    bx, by = up[..., 0] - x * up[..., 2], up[..., 1] - y * up[..., 2]
    fx, fy = eye.fx_px / depth, eye.fy_px / depth
    return (
        fx * (xx * ax + mixed * ay),
        fy * (mixed * ax + yy * ay),
        fx * (xx * bx + mixed * by),
        fy * (mixed * bx + yy * by),
    )


def placed(
    see: Camera | Cameras, x_px: float, y_px: float, r_px: float, radius_m: float
) -> FloatArray:
    """Return where a disc parallel to the plane is, from its place and size in the picture.

    (3,) for one camera, (K, 1, 3) for K.
    """
    pixel = np.array([x_px, y_px])
    ray = rays(see.lens, pixel if isinstance(see, Camera) else pixel[None])
    by_m, _ = disc(see.lens, ray, see.right, see.up)
    return np.asarray(ray * (radius_m * by_m / r_px)[..., None])


def on_plane(see: Camera, origin: FloatArray, pixels: FloatArray) -> FloatArray:
    """Return (..., 2) metres (right, up) from a point (3,), where rays meet its lifting plane."""
    seen = rays(see.lens, pixels)
    points = seen * ((origin @ see.out) / (seen @ see.out))[..., None] - origin
    return np.stack([points @ see.right, points @ see.up], axis=-1)


def field_radius(eye: Lens, corners_px: FloatArray) -> float:
    """Return how far from the axis a part of the picture reaches, in focal lengths, undistorted.

    ``corners_px`` (2, 2): its corner of least, and that of greatest x and y.
    """
    (x1, y1), (x2, y2) = corners_px
    seen = rays(eye, np.array([[x1, y1], [x2, y1], [x1, y2], [x2, y2]]))
    return float(np.hypot(seen[:, 0], seen[:, 1]).max())


def radial(eye: Lens, far: FloatArray) -> FloatArray:
    """Return by how much the distorted radius grows with the radius, at radii (n,)."""
    r2 = far * far
    return np.asarray(1.0 + r2 * (3.0 * eye.k1 + r2 * (5.0 * eye.k2 + r2 * 7.0 * eye.k3)))


def _slopes(
    eye: Lens | Eyes, x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the derivatives of distorted rays: xx, xy = yx, yy."""
    r2 = x * x + y * y
    grown = 1.0 + r2 * (eye.k1 + r2 * (eye.k2 + r2 * eye.k3))
    slope = 2.0 * (eye.k1 + r2 * (2.0 * eye.k2 + r2 * 3.0 * eye.k3))
    xx = grown + slope * x * x + 2.0 * eye.p1 * y + 6.0 * eye.p2 * x
    mixed = slope * x * y + 2.0 * eye.p1 * x + 2.0 * eye.p2 * y
    yy = grown + slope * y * y + 6.0 * eye.p1 * y + 2.0 * eye.p2 * x
    return xx, mixed, yy
