"""Slow twins of the ring kernels that measure: masks and linear algebra in place of sums.

A patch is a square array whose middle is the target's centre; the pairs of its pixels are one
long list.
"""

from typing import NamedTuple

import numpy as np
from ring_twins import Array, Picture, form_of, major_radius
from scipy import ndimage, special, stats
from scipy.interpolate import BSpline

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline.vision import ring_kernels as k


def resample(img: Picture, x: float, y: float, m: int) -> Array:
    """Evaluate the cubic B-spline whose coefficients are the pixels."""
    rows, columns = np.mgrid[-m : m + 1, -m : m + 1]
    at = [y + rows, x + columns]
    patch: Array = ndimage.map_coordinates(img.astype(float), at, order=3, prefilter=False)
    return patch


def smoothing(x: float, y: float) -> float:
    """Return the sum of squared weights of the spline at a place between pixels."""
    basis = BSpline.basis_element(np.arange(-2.0, 3.0), extrapolate=False)
    offsets = np.arange(-1.0, 3.0)
    wx, wy = (np.nan_to_num(basis(offsets - c % 1.0)) for c in (x, y))
    return float((np.outer(wy, wx) ** 2).sum())


def fold(patch: Array) -> tuple[Array, Array]:
    """Return the sum and the difference with the picture turned by half a turn."""
    turned = np.rot90(patch, 2)
    return patch + turned, patch - turned


def collect(acc: Array, streams: int, count: int) -> Array:
    """Add up each stream at once."""
    total: Array = acc.astype(float).reshape(-1, k.ACROSS)[:streams, :count].sum(axis=1)
    return total


class Pairs(NamedTuple):
    """One entry for each pair of opposite pixels of a patch, but for its border."""

    u: Array
    v: Array
    e2: Array
    same: Array
    other: Array
    gx: Array
    gy: Array


def pairs(patch: Array, shape: Array) -> Pairs:
    """List all pairs by their lower pixel."""
    m = patch.shape[0] // 2
    v, u = np.mgrid[-m : m + 1, -m : m + 1].astype(float)
    e2 = np.einsum("i...,ij,j...->...", np.stack([u, v]), form_of(shape), np.stack([u, v]))
    same, other = fold(patch)
    gy, gx = np.gradient(same)
    half = ((v > 0) | ((v == 0) & (u > 0))) & (np.maximum(np.abs(u), np.abs(v)) < m)
    return Pairs(*(each[half] for each in (u, v, e2, same, other, gx, gy)))


def weigh(p: Pairs) -> Array:
    """Return the terms (T_SUMS, pairs) of the sums over the window."""
    w = (p.e2 <= k.E_WINDOW**2).astype(float)
    gx, gy, d, s = w * p.gx, w * p.gy, p.other, p.same
    terms = np.zeros((k.T_SUMS, len(w)))
    terms[[k.T_XX, k.T_XY, k.T_YY]] = gx * gx, gx * gy, gy * gy
    terms[[k.T_XD, k.T_YD, k.T_DD]] = gx * d, gy * d, w * d * d
    terms[[k.T_USD, k.T_VSD, k.T_N]] = w * p.u * s * d, w * p.v * s * d, w
    terms[[k.T_XUS, k.T_YVS]] = gx * p.u * s, gy * p.v * s
    return terms


def weigh_inner(p: Pairs, split: float) -> Array:
    """Return the terms (I_SUMS, pairs) of the sums inside ``split``."""
    w = (p.e2 < split**2).astype(float)
    gx, gy, d, s = w * p.gx, w * p.gy, p.other, p.same
    terms = np.zeros((k.I_SUMS, len(w)))
    terms[[k.I_XX, k.I_XY, k.I_YY, k.I_XD, k.I_YD]] = gx * gx, gx * gy, gy * gy, gx * d, gy * d
    terms[[k.I_XUS, k.I_YVS]] = gx * p.u * s, gy * p.v * s
    terms[[k.I_S, k.I_E2S, k.I_N]] = w * s, w * p.e2 * s, w
    return terms


def first_step(gradients: Array, d: Array) -> tuple[Array, float]:
    """Fit the shift (x, y) to all pairs by least squares; return it and the mean d^2 left."""
    shift = np.linalg.lstsq(gradients, -d, rcond=None)[0]
    rest = d + gradients @ shift
    return shift, float(rest @ rest) / (len(d) - 2)


def solve(a: Array, b: Array) -> Array | None:
    """Solve by the eigenvectors of ``a``; None where ``a`` is not positive definite."""
    values, vectors = np.linalg.eigh(a)
    if values[0] <= 0.0:
        return None
    x: Array = vectors @ (vectors.T @ b / values[:, None])
    return x


def settle(
    gradients: Array, d: Array, share: Array, prior: Array, wanted: Array
) -> tuple[Array, Array, float]:
    """Stack one equation for each pair and each piece of knowledge of the rim's shift.

    ``share`` is 1 for pairs of the outer edge and the inner edge's share of the shift else;
    ``prior`` (n, 2) are weighted equations for the shift with right sides ``wanted``. Returns the
    solution, the inverse and the d^2 that stays in all.
    """
    design = np.c_[gradients, gradients * share[:, None]]
    known = np.c_[np.zeros_like(prior), prior]
    inverse = np.linalg.inv(design.T @ design + known.T @ known)
    x = inverse @ (known.T @ wanted - design.T @ d)
    return x, inverse, float(d @ d + x @ design.T @ d)


def settle_light(gradients: Array, light: Array, d: Array, even: float) -> tuple[Array, Array]:
    """Fit a shift and a slope of the light to all pairs; return both.

    ``light`` (n, 2) is what a slope of 1 along x and along y adds to d.
    """
    columns = np.c_[-gradients, light]
    rows = np.r_[columns, np.c_[np.zeros((2, 2)), np.sqrt(even) * np.eye(2)]]
    fit = np.linalg.lstsq(rows, np.r_[d, 0.0, 0.0], rcond=None)[0]
    return fit[:2], fit[2:]


def inner_disc(
    patch: Array, shape: Array, white: float, seen: float, split: float
) -> tuple[float, float, float, float]:
    """Weigh the brightness inside ``split`` with a mask; return (dark, ratio, spread, core)."""
    m = patch.shape[0] // 2
    v, u = np.mgrid[-m : m + 1, -m : m + 1].astype(float)
    e2 = np.einsum("i...,ij,j...->...", np.stack([u, v]), form_of(shape), np.stack([u, v]))
    mask = (e2 < split**2) & ((u != 0) | (v != 0))  # the centre is no pair
    dark, mass, ratio = seen, 0.0, 0.0
    for _ in range(2):
        mass = float((patch[mask] - dark).mean()) * split**2 / max(white - dark, 1.0)
        ratio = np.sqrt(max(mass, 0.0))
        half_px = 0.5 * (1.0 - ratio) / np.sqrt(shape[0])
        filled = 1.0 - 2.0 * special.ndtr(-half_px / np.sqrt(k.EDGE_VARIANCE_PX2))
        dark = white - (white - seen) / max(filled, 0.5)
    contrast = max(white - dark, 1.0)
    sharp = 0.5 * split**2  # mean e^2 of a disc
    moment = float((e2 * patch)[mask].mean() - sharp * dark) * split**2 / contrast
    spread = moment / mass - 0.5 * max(mass, 0.0) if mass > 0.0 else np.inf
    return dark, float(ratio), spread, float((patch[m, m] - dark) / contrast)


def edges(p: Pairs, split: float, ratio: float, rest: float) -> float:
    """Compare the mean squared gradients inside and outside ``split`` above the noise's."""
    window = p.e2 <= k.E_WINDOW**2
    power = p.gx**2 + p.gy**2 - 0.85 * rest
    inner = power[window & (p.e2 < split**2)].sum()
    outer = power[window].sum() - inner
    return float(inner / max(ratio * outer, 1e-3))


def core_of(r: float) -> float:
    """Return the share of a Gaussian blur that falls within a disc."""
    return float(stats.chi2.cdf(r * r / k.EDGE_VARIANCE_PX2, 2))


def glance(
    img: Picture, guess: Array, shape: Array, split: float, white: float, dark: float
) -> tuple[float, float, float]:
    """Mask the sampled rows of the disc in the whole picture; turn them about the half pixel."""
    x, y = guess[:2]
    twice_x, twice_y = int(2.0 * x + 0.5), int(2.0 * y + 0.5)
    major = major_radius(shape)
    rows, columns = np.indices(img.shape)
    away = np.stack([columns - x, rows - y])
    e2 = np.einsum("i...,ij,j...->...", away, form_of(shape), away)
    first = (twice_y + 1) // 2
    sampled = (rows >= first) & ((rows - first) % max(1, int(0.1 * major)) == 0)
    disc = sampled & (e2 <= 1.0)
    inner = sampled & (e2 <= split**2)
    at, across = np.nonzero(disc)
    unlike = img[at, across].astype(float) - img[twice_y - at, twice_x - across]
    contrast = max(white - dark, 1.0)
    mass = (img[inner].mean() - dark) / contrast * split**2 if inner.any() else 0.0
    share = np.clip(mass, 0.05, 0.95)
    power = 2.0 * share * (1.0 - share) * contrast**2
    near = img[int(y + 0.5) - 1 : int(y + 0.5) + 2, int(x + 0.5) - 1 : int(x + 0.5) + 2]
    residual = float((unlike**2).mean() / power) if disc.any() else 0.0
    return float(np.sqrt(max(mass, 0.0))), residual, float((near.mean() - dark) / contrast)


def edge_blur(contrast: float, blur: float, radii: float) -> float:
    """Integrate the squared slope of half of both blurred circles, twice the contrast high."""
    across = np.linspace(-8.0 * blur, 8.0 * blur, 4001)
    slope = 2.0 * contrast * stats.norm.pdf(across, scale=blur)
    return float(np.pi * radii * np.trapezoid(slope**2, across))


def lost_core(inner: float) -> float:
    """Return a quarter of how many times smaller than the bar's a disc is, less one."""
    return float(np.clip(INNER_RATIO[Role.BAR] / inner - 1.0, 0.0, None)) / 4.0


def nearest_role(ratio: float) -> int:
    """Sort the roles by how far their ratio is off."""
    return int(sorted(INNER_RATIO, key=lambda role: abs(INNER_RATIO[role] - ratio))[0])
