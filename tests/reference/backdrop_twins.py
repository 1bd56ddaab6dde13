"""Slow twins of the backdrop's kernels: whole arrays, graphs, numpy's own fits."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from shinline.vision import backdrop_kernels as k

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Whole = NDArray[np.int64]


def samples(image: Bytes, mean: Array, age: Whole) -> Array:
    """Room and picture (n, 2) in every third pixel of every third line, shifted by its number."""
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
    on_grid = (y % 3 == 1) & (x >= 1 + y % 2) & ((x - 1 - y % 2) % 3 == 0)
    fit = (age > 0) & (image >= k.DARKEST) & (image <= k.BRIGHTEST)
    return np.stack([mean[on_grid & fit], image[on_grid & fit].astype(float)], axis=1)


def light_of(levels: Array, gain: float, offset: float) -> tuple[Array, float]:
    """Ridge regression towards a gain of 1 on the samples near a guess, and their share."""
    near = np.abs(levels[:, 1] - gain * levels[:, 0] - offset) < k.LIKE
    m, v = levels[near].T
    rows = np.concatenate([m - m.mean(), [np.sqrt(k.STIFF * len(m))]])
    aims = np.concatenate([v - v.mean(), [np.sqrt(k.STIFF * len(m))]])
    fitted = float(np.linalg.lstsq(rows[:, None], aims, rcond=None)[0][0])
    return np.array([fitted, v.mean() - fitted * m.mean()]), float(near.mean())


def compare(
    image: Bytes, light: tuple[float, float], mean: Array, spread: Array, age: Whole
) -> tuple[Array, Bytes, float]:
    """The room in the present light, the mask, and the share of edges that are gone."""
    lit = np.where(age > 0, light[0] * mean + light[1], mean)
    far = np.abs(image - lit) > k.SDS * np.sqrt(spread + k.NOISE)
    mask = np.where(age > 0, np.where(far, k.OTHER, k.ROOM), k.UNKNOWN)
    steep = sum(
        np.abs(np.roll(lit, -1, axis) - np.roll(lit, 1, axis))[1:-1, 1:-1] for axis in (0, 1)
    )
    edge = (steep > 2.0 * k.EDGE) & (age[1:-1, 1:-1] > 0)
    gone = float((mask[1:-1, 1:-1][edge] == k.OTHER).mean()) if edge.sum() >= 100 else 0.0
    return lit, mask.astype(np.uint8), gone


def tidy(mask: Bytes, near: Bytes) -> Bytes:
    """A majority of 3 x 3, with nothing at the border."""
    count = ndimage.convolve((mask == k.OTHER).astype(int), np.ones((3, 3), int), mode="constant")
    most = (count >= 5) & (near > 0)
    most[[0, -1]] = False
    most[:, [0, -1]] = False
    return most.astype(np.uint8)


def grow(shape: Bytes) -> tuple[int, Whole]:
    """Components of the graph of all pixels that are at most 2 apart, by their first pixels."""
    places = np.argwhere(shape)
    label = np.zeros(shape.shape, np.int64)
    if not len(places):
        return 0, label
    near = np.abs(places[:, None] - places[None]).max(axis=-1) <= 2
    count, of = connected_components(csr_array(near), directed=False)
    order: dict[int, int] = {}
    label[tuple(places.T)] = [order.setdefault(int(n), len(order) + 1) for n in of]
    return count, label


def pieces_of(
    image: Bytes, mean: Array, age: Whole, stay: Whole, label: Whole, before: Bytes, known: int
) -> Array:
    """One piece after the other, by masks."""
    inner = np.zeros(label.shape, bool)
    inner[1:-1, 1:-1] = True
    neighbours = [np.roll(label, way, axis) for axis in (0, 1) for way in (1, -1)]
    known_round = np.all([np.roll(age, w, a) > 0 for a in (0, 1) for w in (1, -1)], axis=0)
    rim = np.any([n == 0 for n in neighbours], axis=0) & known_round
    seen, room = (
        np.stack([np.roll(p, -1, a) - np.roll(p, 1, a) for a in (0, 1)])
        for p in (image.astype(float), mean)
    )
    table = np.zeros((int(label.max()) + 1, 9))
    table[:, 4] = label.shape[1]
    for n in range(1, len(table)):
        here = (label == n) & inner
        edge = here & rim
        columns = np.flatnonzero(here.any(axis=0))
        table[n] = (
            here.sum(), (stay[here] <= 1).sum(),
            (seen[:, edge] ** 2 - room[:, edge] ** 2).sum(),
            ((seen - room)[:, edge] ** 2).sum(),
            columns[0] if len(columns) else label.shape[1],
            columns[-1] if len(columns) else 0,
            (before[here] == 2).sum(), (before[here] == 1).sum(), (age[here] >= known).sum(),
        )  # fmt: skip
    return table


def profile(label: Whole, which: int, levels: Whole) -> Whole:
    """Column by column."""
    out = []
    for column in label.T:
        rows = np.flatnonzero(column == which)
        trunk = rows[rows < levels[0]]
        out.append((
            rows[0] if len(rows) else -1, len(rows), len(trunk), (trunk > levels[1]).sum(),
            trunk.sum(), (rows > levels[2]).sum(),
        ))  # fmt: skip
    return np.array(out, np.int64)


def line(x: Array, y: Array, rounds: int, worst: float) -> tuple[float, Array]:
    """Weighted least squares by numpy, the weights anew each time."""
    weights = np.ones(len(x))
    fitted = np.zeros(4)
    for n in range(rounds):
        if weights.sum() < 3.0:
            return 0.0, fitted
        slope, start = np.polyfit(x, y, 1, w=np.sqrt(weights))
        middle = float(np.average(x, weights=weights))
        off = (y - start - slope * x) / np.hypot(1.0, slope)
        near = np.clip(1.0 - (off / (worst * max(1.0, 4.0 - n))) ** 2, 0.0, None)
        weights = near**2 * np.where(off > 0.0, 1.0, k.BELOW)
        rough = np.sqrt((weights * off**2).sum() / max(weights.sum(), 1e-9))
        fitted = np.array([middle, start + slope * middle, slope, rough])
    return float((weights > 0.0).mean()), fitted
