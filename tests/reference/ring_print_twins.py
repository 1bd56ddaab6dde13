"""Slow twins of the ring kernels that fit a print, and of those that fit an edge seen in part.

A print is a function of nine parameters here, and its slopes are differences of that function.
"""

from collections.abc import Callable

import numpy as np
from ring_twins import DIRECTIONS, Array, Picture, form_of, major_radius, rim
from scipy import ndimage, special, stats

from shinline.vision import ring_kernels as k


def slopes(function: Callable[[Array], Array], at: Array, step: Array) -> Array:
    """Return d function / d parameter, one column for each, from differences to both sides."""
    either = [function(at + part) - function(at - part) for part in np.diag(step)]
    return np.stack(either, axis=1) / (2.0 * step)


# --- profile ----------------------------------------------------------------------------------


def bessel(x: Array) -> Array:
    """Return the scaled modified Bessel functions of orders 0 and 1."""
    scaled: Array = special.ive([[0], [1]], x)
    return scaled


def disc(radius: float, blur: float, r: Array) -> Array:
    """Return the chance that a Gaussian's point around ``r`` falls into the disc."""
    inside: Array = stats.ncx2.cdf((radius / blur) ** 2, 2, (r / blur) ** 2)
    return inside


def blurred_disc(radius: float, blur: float, r: Array) -> Array:
    """Return the grey of a blurred disc, its slopes by radius and by blur: three rows."""
    at, step = np.array([radius, blur]), np.full(2, 1e-4 * blur)
    by = slopes(lambda p: disc(p[0], p[1], r), at, step)
    return np.stack([disc(radius, blur, r), *by.T])


def read_profile(img: Picture, x: float, y: float, shape: Array, pace: float) -> Array:
    """Sort all pixels of the picture into rings; return (pixels, radius, grey) of each."""
    r = shape[0] ** -0.5
    count = int(k.E_PROFILE * r / pace) + 1
    step = max(1, int(r / 8.0))
    rows, columns = np.indices(img.shape)
    away = np.stack([columns - x, rows - y])
    reach = k.E_PROFILE * major_radius(shape)
    taken = np.ones(img.shape, bool)
    for index, middle in ((columns, x), (rows, y)):
        first, last = int(max(middle - reach, 0.0)), int(min(middle + reach, index.max()))
        taken &= (index >= first) & (index <= last) & ((index - first) % step == 0)
    far = r * np.sqrt(np.einsum("i...,ij,j...->...", away, form_of(shape), away))[taken]
    ring = (far / pace).astype(int)
    sums = [np.bincount(ring, each, count)[:count] for each in (None, far, img[taken])]
    pixels = np.maximum(sums[0], 1.0)
    return np.stack([sums[0], sums[1] / pixels, sums[2] / pixels])


def greys(p: Array, r: Array) -> Array:
    """Return the grey of a print at these distances from its centre."""
    inner, rim_, paper = (disc(p[edge], p[k.P_BLUR], r) for edge in (k.P_INNER, k.P_RIM, k.P_PAPER))
    light = p[k.P_OUTSIDE] * (1.0 - paper) + paper - rim_ + p[k.P_CORE] * inner
    bent = (1.0 + p[k.P_BEND]) * light / (1.0 + p[k.P_BEND] * light)
    grey: Array = p[k.P_BLACK] + p[k.P_CONTRAST] * bent
    return grey


def profile_step(
    p: Array, rings: Array, usual: Array, sd: Array, noise: float
) -> tuple[Array, float]:
    """Stack a row for each ring and each parameter's prior; return the step and the misfit."""
    pixels, r, seen = rings
    slope = slopes(lambda q: greys(q, r), p, 1e-5 * (1.0 + np.abs(p)))
    weight = np.sqrt(pixels)
    off = weight * (seen - greys(p, r))
    design = np.r_[weight[:, None] * slope, np.diag(np.sqrt(noise) / sd)]
    step = np.linalg.lstsq(design, np.r_[off, np.sqrt(noise) / sd * (usual - p)], rcond=None)[0]
    return step, float(off @ off)


# --- what is hidden in part -------------------------------------------------------------------


def one_sided(agrees: Array) -> int:
    """Turn the rays by half a turn; each pair that differs is seen twice."""
    return int(np.count_nonzero(agrees != np.roll(agrees, k.RAYS // 2))) // 2


def shrink(agrees: Array) -> Array:
    """Keep the rays that agree with both neighbours."""
    kept: Array = ndimage.minimum_filter1d(agrees, 3, mode="wrap")
    return kept


def quantile(ring: Array, share: float) -> float:
    """Return the grey whose rank is the nearest."""
    return float(np.quantile(ring, share, method="nearest"))


def edge_points(
    img: Picture, x: float, y: float, middle: float, slack: float, radii: Array
) -> Array:
    """Return the places (2, RAYS) of the edge around (x, y)."""
    return np.array([[x], [y]]) + rim(img, x, y, middle, slack, 0.5, radii) * DIRECTIONS


def along_rays(p: Array, directions: Array) -> Array:
    """Return how far from (0, 0) each ray leaves the ellipse (x, y, p, q, s)."""
    form = form_of(p[2:])
    square = np.einsum("ik,ij,jk->k", directions, form, directions)
    half = p[:2] @ form @ directions
    far: Array = (half + np.sqrt(half**2 - square * (p[:2] @ form @ p[:2] - 1.0))) / square
    return far


def edge_step(points: Array, centre: Array, shape: Array) -> tuple[Array, Array, float]:
    """Fit an ellipse to points once; return centre and shape, the inverse, the variance left."""
    away = points - centre[:, None]
    far = np.hypot(*away)
    at = np.r_[0.0, 0.0, shape]
    step = 1e-5 * np.r_[np.full(2, shape[0] ** -0.5), np.full(3, shape[0])]
    slope = slopes(lambda p: along_rays(p, away / far), at, step)
    size = np.r_[1.0, 1.0, np.full(3, shape[0])]  # equal sizes make the solution exact
    off = far - along_rays(at, away / far)
    fit = np.linalg.lstsq(slope * size, off, rcond=None)[0]
    rest = off - slope * size @ fit
    inverse = np.linalg.inv((slope * size).T @ (slope * size))[:2, :2]
    return np.r_[centre, shape] + size * fit, inverse, float(rest @ rest) / (len(off) - 5)
