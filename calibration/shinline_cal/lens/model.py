"""The lens model for many points at once, and what a difference between two lenses is in pixels.

The model is :class:`shinline.geometry.lens.Lens`; a lens is nine numbers in OpenCV's order
``fx fy cx cy k1 k2 p1 p2 k3``, called theta here.
"""

from typing import Final

import numpy as np

from shinline.geometry.lens import Lens
from shinline.types import BoolArray, FloatArray

NAMES: Final = ("fx_px", "fy_px", "cx_px", "cy_px", "k1", "k2", "p1", "p2", "k3")
ROUNDS: Final = 20
GRID: Final = (17, 11)
"""Points over the picture, columns and rows, at which lenses are compared."""

_STEPS: Final = (1e-3, 1e-3, 1e-3, 1e-3, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6)


def theta_of(lens: Lens) -> FloatArray:
    """Return the nine numbers of a lens."""
    return np.array([getattr(lens, name) for name in NAMES])


def lens_of(theta: FloatArray) -> Lens:
    """Return the lens of nine numbers."""
    return Lens(*(float(value) for value in theta))


def matrix(theta: FloatArray) -> FloatArray:
    """Return OpenCV's camera matrix (3, 3)."""
    fx, fy, cx, cy = theta[:4]
    return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])


def project(theta: FloatArray, rays: FloatArray) -> FloatArray:
    """Map rays (n, 2) to pixels (n, 2)."""
    fx, fy, cx, cy, *bend = theta
    x, y = _bend(bend, rays[:, 0], rays[:, 1])
    return np.stack([fx * x + cx, fy * y + cy], axis=1)


def unproject(theta: FloatArray, pixels: FloatArray) -> FloatArray:
    """Map pixels (n, 2) to rays (n, 2) by Newton's method; NaN where it finds none."""
    fx, fy, cx, cy, *bend = theta
    aim_x, aim_y = (pixels[:, 0] - cx) / fx, (pixels[:, 1] - cy) / fy
    x, y = aim_x.copy(), aim_y.copy()
    with np.errstate(all="ignore"):
        for _ in range(ROUNDS):
            off_x, off_y = (a - b for a, b in zip(_bend(bend, x, y), (aim_x, aim_y), strict=True))
            xx, mixed, yy = _slopes(bend, x, y)
            det = xx * yy - mixed * mixed
            x = x - (yy * off_x - mixed * off_y) / det
            y = y - (xx * off_y - mixed * off_x) / det
            if max(np.nanmax(np.abs(off_x)), np.nanmax(np.abs(off_y))) < 1e-12:
                break
        off_x, off_y = (a - b for a, b in zip(_bend(bend, x, y), (aim_x, aim_y), strict=True))
        found = np.hypot(off_x, off_y) < 1e-7
    return np.where(found[:, None], np.stack([x, y], axis=1), np.nan)


def one_to_one(theta: FloatArray, width_px: int, height_px: int) -> bool:
    """Tell whether every pixel out to the corners sees one ray, with the picture not turned over.

    Going outward from the axis, the distance in the picture must grow all the way.
    """
    rays = unproject(theta, border(width_px, height_px))
    if not np.isfinite(rays).all():
        return False
    steps = np.linspace(0.0, 1.0, 33)[:, None, None]
    x, y = np.moveaxis((rays[None] * steps).reshape(-1, 2), 1, 0)
    xx, mixed, yy = _slopes(list(theta[4:]), x, y)
    fine: BoolArray = (xx * yy - mixed * mixed > 0.0) & (xx > 0.0) & (yy > 0.0)
    return bool(fine.all())


def border(width_px: int, height_px: int) -> FloatArray:
    """Return points (n, 2) along the edge of the picture, its corners among them."""
    x = np.linspace(-0.5, width_px - 0.5, GRID[0])
    y = np.linspace(-0.5, height_px - 0.5, GRID[1])
    sides = [(x, np.full_like(x, edge)) for edge in (y[0], y[-1])]
    sides += [(np.full_like(y, edge), y) for edge in (x[0], x[-1])]
    return np.concatenate([np.stack(side, axis=1) for side in sides])


def grid(width_px: int, height_px: int) -> FloatArray:
    """Return points (n, 2) spread evenly over the picture, edge to edge."""
    x = np.linspace(-0.5, width_px - 0.5, GRID[0])
    y = np.linspace(-0.5, height_px - 0.5, GRID[1])
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def pixel_slopes(theta: FloatArray, rays: FloatArray) -> FloatArray:
    """Return how the pixels of rays (n, 2) move with each number of the lens: (n, 2, 9)."""
    out = np.empty((len(rays), 2, len(NAMES)))
    for index, step in enumerate(_STEPS):
        change = np.zeros(len(NAMES))
        change[index] = step
        out[:, :, index] = (project(theta + change, rays) - project(theta - change, rays)) / (
            2.0 * step
        )
    return out


def turn_slopes(theta: FloatArray, rays: FloatArray) -> FloatArray:
    """Return how the pixels of rays (n, 2) move when the camera turns about x, y, z: (n, 2, 3)."""
    x, y = rays[:, 0], rays[:, 1]
    turned = np.empty((len(rays), 2, 3))
    turned[:, :, 0] = np.stack([-x * y, -1.0 - y * y], axis=1)
    turned[:, :, 1] = np.stack([1.0 + x * x, x * y], axis=1)
    turned[:, :, 2] = np.stack([-y, x], axis=1)
    xx, mixed, yy = _slopes(list(theta[4:]), x, y)
    slopes = np.empty((len(rays), 2, 2))
    slopes[:, 0, 0], slopes[:, 0, 1] = theta[0] * xx, theta[0] * mixed
    slopes[:, 1, 0], slopes[:, 1, 1] = theta[1] * mixed, theta[1] * yy
    return np.asarray(np.einsum("nij,njk->nik", slopes, turned))


def displacement_px(theta: FloatArray, other: FloatArray, pixels: FloatArray) -> FloatArray:
    """Return by how much (n, 2) the other lens draws what theta sees at the pixels elsewhere.

    A small turn of the camera that explains most of it is taken out: a camera that points
    elsewhere is no wrong lens, and whoever measures how it stands takes it up.
    """
    rays = unproject(theta, pixels)
    away = (project(other, rays) - pixels).ravel()
    turns = turn_slopes(theta, rays).reshape(-1, 3)
    turn, *_ = np.linalg.lstsq(turns, away, rcond=None)
    return np.asarray((away - turns @ turn).reshape(-1, 2))


def _bend(bend: list[float], x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    k1, k2, p1, p2, k3 = bend
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return (
        x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
        y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
    )


def _slopes(
    bend: list[float], x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the derivatives of the bent ray: x by x, x by y (and y by x), y by y."""
    k1, k2, p1, p2, k3 = bend
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    slope = 2.0 * (k1 + r2 * (2.0 * k2 + r2 * 3.0 * k3))
    return (
        radial + slope * x * x + 2.0 * p1 * y + 6.0 * p2 * x,
        slope * x * y + 2.0 * p1 * x + 2.0 * p2 * y,
        radial + slope * y * y + 6.0 * p1 * y + 2.0 * p2 * x,
    )
