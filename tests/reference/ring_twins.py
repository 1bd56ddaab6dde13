"""Slow twins of the ring kernels: whole arrays, linear algebra and scipy in place of loops."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float64]
ANGLES = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)


def halve(img: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Average blocks of 2 x 2, halves rounded up."""
    part = img[: 2 * height, : 2 * width].astype(float)
    blocks = part.reshape(height, 2, width, 2).mean(axis=(1, 3))
    return np.floor(blocks + 0.5).astype(np.uint8)


def ring_score(img: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Score each place by gathering all its samples; 0 where one would be outside."""
    margin = int(np.abs(offsets).max())
    score = np.zeros(img.shape, np.int64)
    for y in range(margin, img.shape[0] - margin):
        for x in range(margin, img.shape[1] - margin):
            ring = img[y + offsets[:, 0], x + offsets[:, 1]].astype(int)
            score[y, x] = max(0, min(int(img[y, x]), ring[8:].min()) - ring[:8].max())
    return score


def peaks(best: NDArray[np.uint8], room: int) -> list[tuple[int, int]]:
    """Sort all local maxima by score, keep whole scores while there is room."""
    height, width = best.shape
    order = np.arange(best.size).reshape(best.shape)
    key = best.astype(np.int64) * best.size - order  # unique: the earlier of two equals wins
    highest = ndimage.maximum_filter(key, size=3, mode="constant", cval=np.iinfo(np.int64).min)
    tops = (key == highest) & (best > 0)
    tops[[0, -1], :] = False
    tops[:, [0, -1]] = False
    scores = np.sort(best[tops])[::-1]
    floor = 1 if len(scores) <= room else int(scores[room]) + 1
    return [
        (x, y) for y in range(height) for x in range(width) if tops[y, x] and best[y, x] >= floor
    ]


def radii_of(shape: Array) -> Array:
    """Return the ellipse's radii from its quadratic form, ray by ray."""
    form = np.array([[shape[0] + shape[1], shape[2]], [shape[2], shape[0] - shape[1]]])
    rays = np.stack([np.cos(ANGLES), np.sin(ANGLES)])
    return 1.0 / np.sqrt(np.einsum("ik,ij,jk->k", rays, form, rays))


def along_rays(img: Array, cx: float, cy: float, reach: Array) -> Array:
    """Sample bilinearly at distances ``reach`` (..., 64) along the rays."""
    at = [cy + reach * np.sin(ANGLES), cx + reach * np.cos(ANGLES)]
    sampled: Array = ndimage.map_coordinates(img.astype(float), at, order=1)
    return sampled


def ring_level(img: Array, cx: float, cy: float, shape: Array, e: float) -> Array:
    """Fit the five harmonics by least squares; add the extreme sectors."""
    deep = np.array([e - 0.04, e, e + 0.04])[:, None] * radii_of(shape)
    grey = along_rays(img, cx, cy, deep).mean(axis=0)
    columns = [np.ones(64)]
    for order in (1, 2):
        columns += [np.cos(order * ANGLES), np.sin(order * ANGLES)]
    fit = np.linalg.lstsq(np.stack(columns, axis=1), grey, rcond=None)[0]
    sectors = grey.reshape(16, 4).mean(axis=1)
    return np.concatenate([fit, [sectors.min(), sectors.max()]])


def rim(
    img: Array, cx: float, cy: float, shape: Array, middle: Array, span: tuple[float, float]
) -> Array:
    """Find the rising crossing nearest to the shape, from all samples of a ray at once."""
    radii = np.full(64, np.nan)
    for k, r in enumerate(radii_of(shape)):
        steps = int((span[1] - span[0]) * r * 2.0) + 8
        reach = np.linspace(span[0] * r, span[1] * r, steps + 1)
        grey = along_rays(img, cx, cy, np.repeat(reach[:, None], 64, axis=1))[:, k]
        rising = np.flatnonzero((grey[:-1] < middle[k]) & (grey[1:] >= middle[k]))
        share = (middle[k] - grey[rising]) / (grey[rising + 1] - grey[rising])
        edges = reach[rising] + share * (reach[1] - reach[0])
        if len(edges):
            radii[k] = edges[np.argmin(np.abs(edges - r))]
    return radii


def resample(img: NDArray[np.uint8], cx: float, cy: float, m: int) -> Array:
    """Evaluate the cubic B-spline whose coefficients are the pixels."""
    rows, columns = np.mgrid[-m : m + 1, -m : m + 1]
    at = [cy + rows, cx + columns]
    patch: Array = ndimage.map_coordinates(img.astype(float), at, order=3, prefilter=False)
    return patch


def mirror_columns(patch: Array, shape: Array, window: float) -> tuple[Array, Array, Array]:
    """Return e^2, the four columns and d of every pair, the mirror image being a reversed array."""
    m = patch.shape[0] // 2
    v, u = np.mgrid[-m : m + 1, -m : m + 1].astype(float)
    form = shape[0] * (u**2 + v**2) + shape[1] * (u**2 - v**2) + 2.0 * shape[2] * u * v
    half = (form <= window**2) & ((v > 0) | ((v == 0) & (u > 0)))
    gy, gx = np.gradient(patch)
    turned = patch[::-1, ::-1]
    both = (patch + turned) * np.sqrt(shape[0])
    columns = np.stack([gx - gx[::-1, ::-1], gy - gy[::-1, ::-1], u * both, v * both])
    return form[half], columns[:, half], (patch - turned)[half]


def inner_disc(
    patch: Array, shape: Array, white: Array, dark: float, edge: float, e_paper: float
) -> tuple[float, float, float]:
    """Weigh the brightness inside ``edge`` with masks over the whole patch."""
    m = patch.shape[0] // 2
    v, u = np.mgrid[-m : m + 1, -m : m + 1].astype(float)
    form = shape[0] * (u**2 + v**2) + shape[1] * (u**2 - v**2) + 2.0 * shape[2] * u * v
    slope = np.sqrt(shape[0]) / e_paper
    paper = white[0] + slope * (white[1] * u + white[2] * v)
    level = np.where(form < edge**2, (patch - dark) / np.maximum(paper - dark, 1.0), 0.0)
    mass = level.sum()
    square = mass * np.sqrt(shape[0] ** 2 - shape[1] ** 2 - shape[2] ** 2) / np.pi
    spread = (level * form).sum() / mass - 0.5 * square
    return np.sqrt(square), spread, (patch[m, m] - dark) / max(white[0] - dark, 1.0)
