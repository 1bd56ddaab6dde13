"""Slow twins of the trunk kernels: whole arrays, complex numbers, scipy's own interpolation.

A pose and an axis are those of the kernels. Points (n, 2) are x and y.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from shinline.vision.trunk_kernels import HALF

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

AROUND = np.arange(-HALF, HALF + 1)
OFFSETS = np.stack(np.meshgrid(AROUND, AROUND), axis=-1).reshape(-1, 2)
"""Of a patch's pixels (p, 2), x and y, row by row."""

POOR = 9.0


def crop(luma: Bytes, left: int, top: int, factor: int, rows: int, columns: int) -> Array:
    """Block means of an edge-padded picture, blurred 1-2-1; not rounded.

    One more line of blocks is looked at above and below, none to the sides, where the outermost
    blocks count twice.
    """
    y = np.arange(top - factor, top + (rows + 1) * factor)
    x = np.arange(left, left + columns * factor)
    height, width = luma.shape
    whole = luma[np.clip(y, 0, height - 1)][:, np.clip(x, 0, width - 1)].astype(np.float64)
    blocks = whole.reshape(rows + 2, factor, columns, factor).mean(axis=(1, 3))
    kernel = np.array([0.25, 0.5, 0.25])
    blurred = ndimage.correlate1d(blocks, kernel, axis=1, mode="nearest")
    return np.asarray(ndimage.correlate1d(blurred, kernel, axis=0)[1:-1])


def patch(image: Bytes, x: int, y: int) -> Array:
    """The grey levels of a patch, a square."""
    return image[y - HALF : y + HALF + 1, x - HALF : x + HALF + 1].astype(np.float64)


def choose(
    image: Bytes, now: Bytes, allowed: Bytes, stride: int, noise: float, moved: float
) -> list[tuple[int, int]]:
    """All places on the grid that have structure and have changed."""
    rows, columns = image.shape
    grid = [
        (x, y)
        for y in range(HALF + 1, rows - HALF - 1, stride)
        for x in range(HALF + 1, columns - HALF - 1, stride)
    ]
    found = []
    for x, y in grid:
        before, after = patch(image, x, y), patch(now, x, y)
        structured = before.var() > 4.0 * noise
        changed = (before - after).var() > moved * before.var() + 2.0 * noise
        if allowed[y, x] and structured and changed:
            found.append((x, y))
    return found


def prepare(image: Bytes, places: Places) -> tuple[Array, Array, Array]:
    """Levels without their mean, slopes by correlation, and the structure, as the kernel's."""
    whole = image.astype(np.float64)
    gx = ndimage.correlate1d(whole, [-0.5, 0.0, 0.5], axis=1)
    gy = ndimage.correlate1d(whole, [-0.5, 0.0, 0.5], axis=0)
    at = places[:, None, :] + OFFSETS
    x, y = at[..., 0], at[..., 1]
    levels = whole[y, x]
    levels = levels - levels.mean(axis=1, keepdims=True)
    slopes = np.stack([gx[y, x], gy[y, x]], axis=-1)
    square = np.einsum("npi,npj->nij", slopes, slopes)
    form = np.stack(
        [square[:, 0, 0], square[:, 0, 1], square[:, 1, 1], (levels**2).mean(axis=1)], axis=1
    )
    return levels, slopes, form


def bulge(along: Array, length: float) -> Array:
    """How much of the bend there is: a parabola that is level beyond the ends."""
    return 2.0 / 3.0 - np.minimum((along / (0.5 * length)) ** 2, 1.5)


def carried(pose: Array, axis: Array, points: Array) -> Array:
    """Where points (n, 2) are at a pose, in complex numbers."""
    middle, along = complex(*axis[:2]), complex(*axis[2:4])
    off = points @ np.array([1.0, 1j]) - middle
    out = pose[4] * bulge((off * along.conjugate()).real, float(axis[4])) * 1j * along
    at = middle + complex(*pose[:2]) + np.exp(1j * pose[2]) * ((1.0 + pose[3]) * off + out)
    return np.stack([at.real, at.imag], axis=-1)


def slopes_at(pose: Array, axis: Array, points: Array) -> Array:
    """How points move with each number of the pose (n, 2, 5), by small steps."""
    step = 1e-5
    moved = [
        (carried(pose + step * unit, axis, points) - carried(pose - step * unit, axis, points))
        / (2.0 * step)
        for unit in np.eye(5)
    ]
    return np.stack(moved, axis=-1)


def misfits(
    image: Bytes, places: Places, levels: Array, slopes: Array, form: Array, pose: Array,
    axis: Array, noise: float,
) -> tuple[Array, Array]:  # fmt: skip
    """Misfit (n,) and pull (n, 2) of every patch at a pose."""
    rows, columns = image.shape
    turn = Rotation.from_euler("z", pose[2]).as_matrix()[:2, :2]
    at = carried(pose, axis, places.astype(np.float64))
    reach = 1.5 * HALF + 1.0
    inside = np.all((at >= reach) & (at <= np.array([columns, rows]) - 1.0 - reach), axis=1)
    pixels = at[:, None, :] + OFFSETS @ turn.T
    seen = ndimage.map_coordinates(
        image.astype(np.float64), [pixels[..., 1], pixels[..., 0]], order=1, mode="nearest"
    )
    seen = seen - seen.mean(axis=1, keepdims=True)
    square = (seen**2).sum(axis=1)
    gain = np.ones(len(places))
    np.divide((seen * levels).sum(axis=1), square, out=gain, where=square > 0.0)
    left = np.clip(gain, 0.7, 1.4)[:, None] * seen - levels
    unit = form[:, 3] + noise
    misfit = np.where(inside, (left**2).mean(axis=1) / unit, POOR)
    pull = np.einsum("np,npi->ni", left, slopes) @ turn.T / unit[:, None]
    return misfit, np.where(inside[:, None], pull, 0.0)


def normal(
    places: Places, slopes: Array, form: Array, weights: Array, groups: Places, pose: Array,
    axis: Array, noise: float, pull: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """The normal equations, pixel by pixel and not from the sums of a patch."""
    turn = Rotation.from_euler("z", pose[2]).as_matrix()[:2, :2]
    motion = slopes_at(pose, axis, places.astype(np.float64))
    by_pixel = np.einsum("npi,ij,njk->npk", slopes, turn.T, motion)
    used = np.maximum(weights, 0.0)
    matrix = np.einsum("n,npk,npl->kl", used / (form[:, 3] + noise), by_pixel, by_pixel)
    vectors = np.zeros((int(groups.max()) + 1, 5))
    np.add.at(vectors, groups, used[:, None] * np.einsum("nik,ni->nk", motion, pull))
    return matrix, vectors


def weigh(
    misfit: Array, static: Array, moved: bool, worst: float, weights: Array
) -> tuple[Array, float]:
    """Weights by misfit, and the mean misfit of what is used."""
    new = np.maximum(0.0, 1.0 - misfit / worst) ** 2
    if moved:
        new = np.where(misfit > 0.7 * static, 0.0, new)
    used = np.where(weights < 0.0, 0.0, new)
    mean = float(np.average(misfit, weights=used)) if used.sum() > 0.0 else POOR
    return np.where(weights < 0.0, weights, used), mean


def align(
    image: Bytes, places: Places, levels: Array, slopes: Array, form: Array, groups: Places,
    pose: Array, axis: Array, noise: float, prior: Array, rounds: int,
) -> tuple[Array, Array, Array, float]:  # fmt: skip
    """Return pose, weights, covariance and misfit after at most ``rounds`` of Gauss-Newton."""
    pose, weights = pose.copy(), np.ones(len(places))
    static, _ = misfits(image, places, levels, slopes, form, np.zeros(5), axis, noise)
    scale = np.array([1.0, 1.0, axis[4], axis[4], 1.0])
    done = 0
    while True:
        misfit, pull = misfits(image, places, levels, slopes, form, pose, axis, noise)
        moved = bool(np.hypot(pose[0], pose[1]) > 1.5)
        weights, poor = weigh(misfit, static, moved, 1.2 if done < 2 else 0.8, weights)
        matrix, vectors = normal(
            places, slopes, form, weights, groups, pose, axis, noise, pull
        )  # fmt: skip
        unit = 4.0 * max(poor, 0.03)
        matrix = matrix + np.diag(unit / prior**2 + 1e-9)
        if done == rounds:
            break
        step = np.linalg.solve(matrix, -vectors.sum(axis=0) - unit * pose / prior**2)
        pose = pose + step
        done += 1
        if np.max(np.abs(step) * scale) < 0.02 and done >= 3:
            break
    influence = np.linalg.solve(matrix, vectors.T)
    return pose, weights, influence @ influence.T, poor
