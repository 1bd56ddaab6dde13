"""How well a fitted lens is known: two estimates, of which the larger counts.

The first takes the residuals as noise of single corners and follows it through the fit (what
OpenCV's ``calibrateCameraExtended`` does, but with what goes together kept together). The second
is the jackknife: how the lens changes when groups of views are left out. It also sees what whole
views have in common, such as a chart that was bent while it was held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.lens import model as lens_model
from shinline_cal.lens.board import CORNERS
from shinline_cal.lens.fit import Corners, Solution
from shinline_cal.lens.model import NAMES
from shinline_cal.lens.slopes import POSE, lift_slopes, slopes

RADII: Final = (0.3, 1.0)
"""From where to where, in shares of the largest radius in the picture, the bend is looked at."""

CONDITION_MAX: Final = 1e13


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations (1 sd) of a lens.

    Attributes
    ----------
    theta_sd : (9,)
        Of each number by itself; 0 for a coefficient that is held at zero.
    focal_rel_sd
        Of the focal length, as a share of it.
    centre_sd_px
        Of the principal point, the worse of its two coordinates.
    k1_sd
        Of the distortion: the distance of a ray from the axis is unsure by ``k1_sd`` r^3.
    worst_px
        Of a point in the picture, where it is known least; a turn of the camera is taken out.

    """

    theta_sd: FloatArray
    focal_rel_sd: float
    centre_sd_px: float
    k1_sd: float
    worst_px: float


def spread(
    corners: Sequence[Corners],
    solution: Solution,
    thetas: FloatArray,
    free: Sequence[int],
    size_px: tuple[int, int],
    bent: bool = False,
) -> Spread:
    """Return how well a lens is known.

    Parameters
    ----------
    corners, solution
        The fit and what it stands on.
    thetas : (folds, 9)
        The lenses when each group of views was left out.
    free
        Which of the nine numbers were fitted.
    size_px
        Of the picture.
    bent
        The shape of the chart was fitted as well.

    """
    both = [
        _derived(solution.theta, covariance, size_px)
        for covariance in (noise_covariance(corners, solution, free, bent), jackknife(thetas))
    ]
    one, other = both
    return Spread(
        np.maximum(one.theta_sd, other.theta_sd),
        *(max(pair) for pair in zip(_numbers(one), _numbers(other), strict=True)),
    )


def noise_covariance(
    corners: Sequence[Corners], solution: Solution, free: Sequence[int], bent: bool = False
) -> FloatArray:
    """Return the covariance (9, 9) of the lens for corners that err independently.

    The poses, and with ``bent`` the shape of the chart, are taken out of the normal equations
    (Schur complement); infinite where the views do not determine the lens.
    """
    width = len(free) + (CORNERS if bent else 0)
    total, squares, count = np.zeros((width, width)), 0.0, 0
    for view, pose, miss in zip(corners, solution.poses, solution.misses, strict=True):
        by_pose, by_lens = slopes(solution.theta, pose, view.board_m)
        others = by_lens[:, free]
        if bent:
            lift = lift_slopes(solution.theta, pose, view.board_m, view.ids)
            others = np.hstack([others, lift])
        basis, _ = np.linalg.qr(by_pose)
        rest = others - basis @ (basis.T @ others)
        total += rest.T @ rest
        squares += float((miss * miss).sum())
        count += miss.size
    dof = max(1, count - POSE * len(corners) - width)
    out = np.zeros((len(NAMES), len(NAMES)))
    out[np.ix_(free, free)] = squares / dof * _inverse(_without(total, len(free)))
    return out


def _without(total: FloatArray, kept: int) -> FloatArray:
    """Take the unknowns behind the first ones out of normal equations."""
    lens, mixed, rest = total[:kept, :kept], total[:kept, kept:], total[kept:, kept:]
    if not rest.size:
        return lens
    scale = 1.0 / np.sqrt(np.maximum(np.diag(rest), 1e-12))
    inverse = np.linalg.pinv(rest * np.outer(scale, scale), rcond=1e-9) * np.outer(scale, scale)
    return np.asarray(lens - mixed @ inverse @ mixed.T)


def _inverse(normal: FloatArray) -> FloatArray:
    scale = np.sqrt(np.maximum(np.diag(normal), 1e-30))
    even = normal / np.outer(scale, scale)
    if not np.linalg.cond(even) < CONDITION_MAX:
        return np.full(normal.shape, np.inf)
    return np.asarray(np.linalg.inv(even) / np.outer(scale, scale))


def jackknife(thetas: FloatArray) -> FloatArray:
    """Return the covariance (9, 9) from leaving out one group of views after the other."""
    folds = len(thetas)
    off = thetas - thetas.mean(axis=0)
    return np.asarray((folds - 1) / folds * off.T @ off)


def _numbers(one: Spread) -> tuple[float, float, float, float]:
    return one.focal_rel_sd, one.centre_sd_px, one.k1_sd, one.worst_px


def _derived(theta: FloatArray, covariance: FloatArray, size_px: tuple[int, int]) -> Spread:
    """Return what a covariance (9, 9) means."""
    theta_sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if not np.isfinite(covariance).all():
        return Spread(theta_sd, np.inf, np.inf, np.inf, np.inf)
    focal = np.zeros(len(NAMES))
    focal[:2] = 1.0 / (theta[0] + theta[1])
    return Spread(
        theta_sd,
        float(np.sqrt(focal @ covariance @ focal)),
        float(theta_sd[2:4].max()),
        _bend_sd(theta, covariance, size_px),
        _worst_px(theta, covariance, size_px),
    )


def _bend_sd(theta: FloatArray, covariance: FloatArray, size_px: tuple[int, int]) -> float:
    """Return the largest sd of the radial bend over r^2."""
    rays = lens_model.unproject(theta, lens_model.border(*size_px))
    r = np.nanmax(np.hypot(*rays.T)) * np.linspace(*RADII, 15)
    powers = np.stack([r**2, r**4, r**6], axis=1)
    index = [NAMES.index(name) for name in ("k1", "k2", "k3")]
    part = covariance[np.ix_(index, index)]
    sd = np.sqrt(np.maximum(np.einsum("ri,ij,rj->r", powers, part, powers), 0.0))
    return float((sd / r**2).max())


def _worst_px(theta: FloatArray, covariance: FloatArray, size_px: tuple[int, int]) -> float:
    rays = lens_model.unproject(theta, lens_model.grid(*size_px))
    by_lens = lens_model.pixel_slopes(theta, rays).reshape(-1, len(NAMES))
    basis, _ = np.linalg.qr(lens_model.turn_slopes(theta, rays).reshape(-1, 3))
    rest = by_lens - basis @ (basis.T @ by_lens)
    variance = np.einsum("ni,ij,nj->n", rest, covariance, rest).reshape(-1, 2).sum(axis=1)
    return float(np.sqrt(np.nanmax(np.maximum(variance, 0.0))))
