"""Corners of the chart to a hundredth of a pixel, and how sharp the picture is at each.

Around a corner the picture is ``a + b tanh(g d) tanh(h e)``: two edges cross, d and e are the
distances from them, g and h say how steep they are. Ten numbers are fitted to the pixels along
the four arms of the cross, half a square far: place (2), directions (2), how the lens bends the
edges (2), mean and contrast of the light (2), steepness (2). That uses some ten times the pixels
of OpenCV's ``cornerSubPix``, which looks at a small window, and unlike it tells the blur.

The hyperbolic tangent stands for the normal integral: tanh(0.851 x) differs from erf(x / sqrt 2)
by less than 0.02.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import BoolArray, FloatArray, U8Image

REACH: Final = 0.42
"""Length of an arm in squares; the next corner's own arms begin at a half."""

MARGIN: Final = 4.0 / 30.0
"""White between a square's edge and the marker inside, in squares."""

BAND_PX: Final = 5.0
"""Half the width of the arms: what is farther from an edge says nothing of where it is."""

ROUNDS: Final = 12
MOVED_PX: Final = 2.0
"""A corner that is elsewhere by so much was something else."""

FEWEST_PIXELS: Final = 40

WHOLE: Final = 0.8
"""A camera that brightens its picture, or a printer that spreads its ink, shifts edges toward the
black; on opposite arms to opposite sides, which cancels as long as both arms are seen."""

NORMAL: Final = 0.851


@dataclass(frozen=True, slots=True)
class Corners:
    """Fitted corners, (n,) each but ``px`` (n, 2).

    ``blur_px`` (n, 2) is the standard deviation of the blur across either edge, ``contrast`` the
    difference of black and white in grey levels, ``good`` tells which fits can be used.
    """

    px: FloatArray
    blur_px: FloatArray
    contrast: FloatArray
    good: BoolArray


def refine(luma: U8Image, px: FloatArray, along: FloatArray, down: FloatArray) -> Corners:
    """Fit corners that are known to about a pixel.

    Parameters
    ----------
    luma : (H, W)
        The picture.
    px : (n, 2)
        Where they are, about.
    along, down : (n, 2)
        The sides of a square at each, in pixels.

    """
    spots, light = _pixels(luma, px, along, down)
    theta = _start(along, down, spots, light)
    damping = np.full(len(px), 1e-3)
    miss, cost = _misfit(theta, spots, light)
    for _ in range(ROUNDS):
        step = _step(theta, spots, miss, damping)
        new = theta + step
        new[:, 8:] = np.clip(new[:, 8:], 0.02, 6.0)
        new_miss, new_cost = _misfit(new, spots, light)
        better = new_cost < cost
        theta = np.where(better[:, None], new, theta)
        miss = np.where(better[:, None], new_miss, miss)
        cost = np.where(better, new_cost, cost)
        damping = np.clip(np.where(better, damping * 0.2, damping * 8.0), 1e-9, 1e6)
        if float(np.abs(step[:, :2]).max(initial=0.0)) < 1e-4:
            break
    return _result(theta, px, spots, miss)


@dataclass(frozen=True, slots=True)
class _Spots:
    """The pixels of each corner's arms: offsets from its first place, and which count (n, m).

    ``whole`` (n,) is the share of the arms that is inside the picture.
    """

    x: FloatArray
    y: FloatArray
    used: FloatArray
    whole: FloatArray


def _pixels(
    luma: U8Image, px: FloatArray, along: FloatArray, down: FloatArray
) -> tuple[_Spots, FloatArray]:
    """Gather the pixels of the crosses."""
    half = int(np.ceil(REACH * (np.abs(along) + np.abs(down)).max(initial=1.0)))
    step = max(1, half // 40)
    side = np.arange(-half, half + 1, step)
    dx, dy = (part.ravel().astype(float) for part in np.meshgrid(side, side))
    base = np.rint(px)
    x, y = base[:, :1] + dx - px[:, :1], base[:, 1:] + dy - px[:, 1:]
    column, row = (base[:, :1] + dx).astype(int), (base[:, 1:] + dy).astype(int)
    height, width = luma.shape
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    cross = _on_cross(x, y, along, down)
    used = inside & cross
    whole = used.sum(axis=1) / np.maximum(cross.sum(axis=1), 1)
    most = max(1, int(used.sum(axis=1).max(initial=0)))
    order = np.argsort(~used, axis=1, kind="stable")[:, :most]
    x, y, used, column, row = (
        np.take_along_axis(part, order, axis=1) for part in (x, y, used, column, row)
    )
    light = luma[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)].astype(float)
    return _Spots(x, y, used.astype(float), whole), light


def _on_cross(x: FloatArray, y: FloatArray, along: FloatArray, down: FloatArray) -> BoolArray:
    """Tell which offsets lie on the arms: far along one edge, near to it, clear of the markers."""
    det = (along[:, 0] * down[:, 1] - along[:, 1] * down[:, 0])[:, None]
    u = np.abs((x * down[:, 1:] - y * down[:, :1]) / det)
    v = np.abs((y * along[:, :1] - x * along[:, 1:]) / det)
    tall = np.abs(det) / np.hypot(*along.T)[:, None]
    wide = np.abs(det) / np.hypot(*down.T)[:, None]

    def near(share: FloatArray, size: FloatArray) -> BoolArray:
        clear = np.maximum(MARGIN - 1.0 / size, 0.5 * MARGIN)
        return np.asarray(share < np.minimum(clear, BAND_PX / size))

    return np.asarray((np.maximum(u, v) < REACH) & (near(u, wide) | near(v, tall)))


def _start(along: FloatArray, down: FloatArray, spots: _Spots, light: FloatArray) -> FloatArray:
    """Return the first guess: straight edges toward the neighbours, light by linear regression."""
    theta = np.zeros((len(along), 10))
    theta[:, 2] = np.arctan2(along[:, 1], along[:, 0])
    theta[:, 3] = np.arctan2(down[:, 1], down[:, 0])
    theta[:, 8:] = NORMAL
    theta[:, 7] = 1.0
    shape, *_ = _model(theta, spots)
    count = np.maximum(spots.used.sum(axis=1), 1.0)
    mean = (spots.used * light).sum(axis=1) / count
    level = (spots.used * shape).sum(axis=1) / count
    off = (shape - level[:, None]) * spots.used
    slope = (off * light).sum(axis=1) / np.maximum((off * off).sum(axis=1), 1e-9)
    theta[:, 7] = slope
    theta[:, 6] = mean - slope * level
    return theta


def _model(theta: FloatArray, spots: _Spots) -> tuple[FloatArray, ...]:
    """Return the light, and what its derivatives are made of."""
    cx, cy, one, two, bow1, bow2, mean, contrast, steep1, steep2 = theta.T[:, :, None]
    x, y = spots.x - cx, spots.y - cy
    run1, off1 = np.cos(one) * x + np.sin(one) * y, np.cos(one) * y - np.sin(one) * x
    run2, off2 = np.cos(two) * x + np.sin(two) * y, np.cos(two) * y - np.sin(two) * x
    d1, d2 = off1 - 0.5 * bow1 * run1 * run1, off2 - 0.5 * bow2 * run2 * run2
    t1, t2 = np.tanh(steep1 * d1), np.tanh(steep2 * d2)
    return mean + contrast * t1 * t2, run1, off1, d1, t1, run2, off2, d2, t2


def _misfit(theta: FloatArray, spots: _Spots, light: FloatArray) -> tuple[FloatArray, FloatArray]:
    miss = (light - _model(theta, spots)[0]) * spots.used
    return miss, (miss * miss).sum(axis=1)


def _step(theta: FloatArray, spots: _Spots, miss: FloatArray, damping: FloatArray) -> FloatArray:
    """Return a step of Levenberg and Marquardt for each corner."""
    _, run1, off1, d1, t1, run2, off2, d2, t2 = _model(theta, spots)
    _, _, one, two, bow1, bow2, _, contrast, steep1, steep2 = theta.T[:, :, None]
    side1, side2 = contrast * t2 * (1.0 - t1 * t1), contrast * t1 * (1.0 - t2 * t2)
    by1, by2 = side1 * steep1, side2 * steep2
    slopes = np.stack(
        [
            by1 * (np.sin(one) + bow1 * run1 * np.cos(one))
            + by2 * (np.sin(two) + bow2 * run2 * np.cos(two)),
            by1 * (bow1 * run1 * np.sin(one) - np.cos(one))
            + by2 * (bow2 * run2 * np.sin(two) - np.cos(two)),
            -by1 * run1 * (1.0 + bow1 * off1),
            -by2 * run2 * (1.0 + bow2 * off2),
            -0.5 * by1 * run1 * run1,
            -0.5 * by2 * run2 * run2,
            np.ones_like(t1),
            t1 * t2,
            side1 * d1,
            side2 * d2,
        ],
        axis=2,
    )
    slopes *= spots.used[:, :, None]
    normal = np.einsum("nmi,nmj->nij", slopes, slopes, optimize=True)
    diagonal = np.einsum("nii->ni", normal)
    scale = np.maximum(diagonal, 1e-12 * diagonal.max(axis=1, initial=1.0, keepdims=True)) + 1e-12
    normal = normal + np.eye(10) * (damping[:, None] * scale)[:, None, :]
    pull = np.einsum("nmi,nm->ni", slopes, miss)
    return np.asarray(np.linalg.solve(normal, pull[:, :, None])[:, :, 0])


def _result(theta: FloatArray, px: FloatArray, spots: _Spots, miss: FloatArray) -> Corners:
    count = spots.used.sum(axis=1)
    noise = np.sqrt((miss * miss).sum(axis=1) / np.maximum(count - 10.0, 1.0))
    contrast = 2.0 * np.abs(theta[:, 7])
    good = (
        np.isfinite(theta).all(axis=1)
        & (np.hypot(theta[:, 0], theta[:, 1]) < MOVED_PX)
        & (count >= FEWEST_PIXELS)
        & (spots.whole >= WHOLE)
        & (noise < 0.25 * contrast)
    )
    return Corners(px + theta[:, :2], NORMAL / theta[:, 8:], contrast, good)
