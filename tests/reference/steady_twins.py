"""Slow twins of the kernels that follow the room, in whole-array numpy."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def block_texture(image: Array, block: int) -> Array:
    """Smaller eigenvalue of each block's structure tensor, from its inner pixels."""
    gy, gx = (np.gradient(image, axis=axis) for axis in (0, 1))  # only inner pixels are used
    rows, columns = image.shape[0] // block, image.shape[1] // block
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            inner = (
                slice(i * block + 1, (i + 1) * block - 1),
                slice(j * block + 1, (j + 1) * block - 1),
            )
            stacked = np.stack([gx[inner].ravel(), gy[inner].ravel()])
            out[i, j] = np.linalg.eigvalsh(stacked @ stacked.T)[0]
    return out


def misfits(
    reference: Array,
    image: Array,
    corner: tuple[int, int],
    block: int,
    shifts: NDArray[np.int64],
) -> Array:
    """Variance of the difference between a block and its image at (n, 2) shifts dy, dx."""
    top, left = corner
    here = reference[top : top + block, left : left + block]
    found = []
    for dy, dx in shifts:
        there = image[top + dy : top + dy + block, left + dx : left + dx + block]
        found.append(float((there - here).var()))
    return np.array(found)


def match_block(
    reference: Array,
    image: Array,
    corner: tuple[int, int],
    block: int,
    guess: tuple[int, int],
    reach: int,
) -> tuple[float, float, float] | None:
    """Return dx, dy and misfit of one block, by parabolas through the best of all shifts.

    ``guess`` is x, y.
    """
    top, left = corner[0] + guess[1] - reach, corner[1] + guess[0] - reach
    size = block + 2 * reach
    if top < 0 or left < 0 or top + size > image.shape[0] or left + size > image.shape[1]:
        return None
    steps = np.arange(-reach, reach + 1)
    dy, dx = np.meshgrid(guess[1] + steps, guess[0] + steps, indexing="ij")
    shifts = np.stack([dy.ravel(), dx.ravel()], axis=1).astype(np.int64)
    costs = misfits(reference, image, corner, block, shifts).reshape(dy.shape)
    a, b = np.unravel_index(int(np.argmin(costs)), costs.shape)
    if min(a, b) == 0 or max(a, b) == 2 * reach:
        return None
    across = np.polyfit([-1, 0, 1], costs[a, b - 1 : b + 2], 2)
    down = np.polyfit([-1, 0, 1], costs[a - 1 : a + 2, b], 2)
    if across[0] <= 1e-12 or down[0] <= 1e-12:
        return None
    x = dx[a, b] - across[1] / (2 * across[0])
    y = dy[a, b] - down[1] / (2 * down[0])
    return float(x), float(y), float(costs[a, b])


def agreement(moved: Array, trust: Array, tolerance: float) -> Array:
    """Trust that agrees with the shift of each block; -inf for a block that was not found."""
    found = moved[:, 2] >= 0.0
    away = np.abs(moved[:, None, :2] - moved[None, :, :2])
    near = (away < tolerance).all(axis=2) & found[None, :]
    return np.where(found, near @ trust, -np.inf)


def fit_similarity(places: Array, moved: Array, use: Array, stiffness: float) -> Array:
    """Shift x, shift y, zoom and turn, as a stacked overdetermined system."""
    x, y = places.T
    one, zero = np.ones_like(x), np.zeros_like(x)
    root = np.sqrt(np.maximum(use, 0.0))
    system = np.vstack(
        [
            root[:, None] * np.stack([one, zero, x, -y], axis=1),
            root[:, None] * np.stack([zero, one, y, x], axis=1),
            np.sqrt(stiffness) * np.eye(4)[2:],
        ]
    )
    right = np.concatenate([root * moved[:, 0], root * moved[:, 1], np.zeros(2)])
    return np.asarray(np.linalg.lstsq(system, right, rcond=None)[0])
