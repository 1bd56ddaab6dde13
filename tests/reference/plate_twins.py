"""Slow twins of the plate kernels, in whole-array numpy and scipy, for small pictures."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SCHARR_X = np.outer([3.0, 10.0, 3.0], [-1.0, 0.0, 1.0]) / 32.0


def box_decimate(luma: Bytes, factor: int) -> Array:
    """Mean of blocks, by reshaping."""
    rows, columns = luma.shape[0] // factor, luma.shape[1] // factor
    whole = luma[: rows * factor, : columns * factor].astype(np.float64)
    return np.asarray(whole.reshape(rows, factor, columns, factor).mean(axis=(1, 3)))


def gradient(image: Array, soft: float) -> tuple[Array, Array]:
    """Scharr by correlation, weighted, with a border of zeros."""
    x = ndimage.correlate(image, SCHARR_X)
    y = ndimage.correlate(image, SCHARR_X.T)
    inner = np.zeros(image.shape)
    inner[1:-1, 1:-1] = 1.0
    weight = inner / (np.hypot(x, y) + soft)
    return x * weight, y * weight


def vote_circles(gx: Array, gy: Array, floor: float, radii: Array) -> Array:
    """Scatter all votes of one radius and one direction at once."""
    votes = np.zeros((radii.size, *gx.shape))
    strength = np.sqrt(gx * gx + gy * gy)
    rows, columns = np.nonzero(strength >= floor)
    inner = (rows > 0) & (rows < gx.shape[0] - 1) & (columns > 0) & (columns < gx.shape[1] - 1)
    rows, columns = rows[inner], columns[inner]
    weight = strength[rows, columns]
    ux, uy = gx[rows, columns] / weight, gy[rows, columns] / weight
    for layer, radius in enumerate(radii):
        for sign in (-1.0, 1.0):
            x = np.floor(columns + sign * radius * ux + 0.5).astype(int)
            y = np.floor(rows + sign * radius * uy + 0.5).astype(int)
            ok = (x >= 0) & (x < gx.shape[1]) & (y >= 0) & (y < gx.shape[0])
            np.add.at(votes[layer], (y[ok], x[ok]), weight[ok] / radius)
    return votes


def smooth_votes(votes: Array) -> Array:
    """Sum over 3 x 3 neighbours, nothing beyond the border."""
    return np.asarray(ndimage.correlate(votes, np.ones((3, 3)), mode="constant"))


def circle_support(
    gx: Array, gy: Array, x: float, y: float, radius: float, squeeze: float, rays: int
) -> float:
    """Mean of |g . u| over the samples inside the picture."""
    angle = 2.0 * np.pi * np.arange(rays) / rays
    ux, uy = np.cos(angle), np.sin(angle)
    j = np.floor(x + radius * ux + 0.5).astype(int)
    i = np.floor(y + radius * squeeze * uy + 0.5).astype(int)
    inside = (j > 0) & (j < gx.shape[1] - 1) & (i > 0) & (i < gx.shape[0] - 1)
    if 2 * int(inside.sum()) < rays:
        return 0.0
    i, j, ux, uy = i[inside], j[inside], ux[inside], uy[inside]
    return float(np.abs(gx[i, j] * ux + gy[i, j] * uy).mean())


def score_offsets(
    gx: Array, gy: Array, x: float, y: float, radius: float, reach: int, rays: int
) -> dict[tuple[float, float, float], float]:
    """Score of every displacement and radius that is allowed."""
    scores = {}
    for r in radius * (1.0 + 0.02 * np.arange(-2, 3)):
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                away = (dx**2 + dy**2) / (reach**2 + 1)
                if away <= 1.0:
                    support = circle_support(gx, gy, x + dx, y + dy, float(r), 1.0, rays)
                    scores[(x + dx, y + dy, float(r))] = support * (1.0 - 0.1 * away)
    return scores


def ray_edges(
    luma: Bytes, outline: Array, samples: int, noise: float, rays: int, most: int
) -> Array:
    """Interpolate all rays at once; local maxima of the central difference, strongest first."""
    edges = np.zeros((rays, most, 2))
    edges[:, :, 0] = -1.0
    for ray in range(rays):
        angle = 2.0 * np.pi * ray / rays
        rho = outline[2] + outline[3] * np.cos(2 * angle) + outline[4] * np.sin(2 * angle)
        distance = rho - 0.5 * (samples - 1) + np.arange(samples)
        x = outline[0] + distance * np.cos(angle)
        y = outline[1] + distance * np.sin(angle)
        inside = (x >= 0) & (y >= 0) & (x < luma.shape[1] - 1) & (y < luma.shape[0] - 1)
        inside &= distance >= 0
        used = samples if inside.all() else int(np.argmin(inside))
        profile = ndimage.map_coordinates(
            luma.astype(np.float64), [y[:used], x[:used]], order=1, mode="nearest"
        )
        found = _maxima(profile, noise)
        for place, (strength, where) in enumerate(sorted(found, key=lambda e: -e[0])[:most]):
            edges[ray, place] = distance[0] + where, strength
    return edges


def _maxima(profile: Array, noise: float) -> list[tuple[float, float]]:
    """Return (strength, refined position) of each edge of a profile."""
    if profile.size < 5:
        return []
    step = np.abs(profile[2:] - profile[:-2])  # step[m] belongs to sample m + 1
    found = []
    for m in range(1, step.size - 1):
        before, here, after = step[m - 1 : m + 2]
        if here >= noise and here >= before and here > after:
            curve = np.polyfit([-1.0, 0.0, 1.0], [before, here, after], 2)
            shift = -curve[1] / (2.0 * curve[0]) if curve[0] < -1e-9 else 0.0
            found.append((float(here), m + 1 + float(shift)))
    return found


def fit_rim(
    edges: Array, outline: Array, gate: float, stiffness: Array, prior: Array
) -> tuple[Array, Array] | None:
    """One weighted least-squares step, as a stacked overdetermined system."""
    rays = edges.shape[0]
    angle = 2.0 * np.pi * np.arange(rays) / rays
    design = np.stack(
        [np.cos(angle), np.sin(angle), np.ones(rays), np.cos(2 * angle), np.sin(2 * angle)], axis=1
    )
    rho = design[:, 2:] @ outline[2:]
    misfit = np.where(edges[:, :, 0] >= 0.0, edges[:, :, 0] - rho[:, None], np.inf)
    best = np.argmin(np.abs(misfit), axis=1)
    nearest = misfit[np.arange(rays), best]
    on_rim = np.abs(nearest) < gate
    if 4 * int(on_rim.sum()) < rays:
        return None
    weight = (1.0 - (nearest[on_rim] / gate) ** 2) ** 2
    root = np.sqrt(weight)[:, None]
    target = np.where(np.arange(5) >= 2, prior - outline, 0.0)
    system = np.vstack([root * design[on_rim], np.diag(np.sqrt(stiffness))])
    right = np.concatenate([root[:, 0] * nearest[on_rim], np.sqrt(stiffness) * target])
    step = np.linalg.lstsq(system, right, rcond=None)[0]
    residual = float(np.sqrt(np.average(nearest[on_rim] ** 2, weights=weight)))
    strength = float(edges[np.arange(rays), best, 1][on_rim].mean())
    normal = (root * design[on_rim]).T @ (root * design[on_rim])
    cov = 4.0 * max(residual**2, 0.15**2) * np.linalg.inv(normal[:3, :3])
    report = [on_rim.mean(), residual, strength, cov[0, 0], cov[1, 1], cov[0, 1]]
    return outline + step, np.array(report)
