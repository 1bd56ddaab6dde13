"""The Cramer-Rao bound: no unbiased estimate of a marker's centre varies less than this."""

import math
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from shinline.app.bench.pose import Pose
from shinline.app.bench.scenes import SHOT_LEVEL, Condition, patch_truth
from shinline.types import FloatArray

STEP_PX: Final = 0.05
"""Half the distance over which the picture's change with the centre is measured."""

MASK: Final = 0.62
"""What is farther from the centre than this share of D does not count."""

ROUNDING: Final = 1.0 / 12.0
"""Variance that rounding to whole grey levels adds."""


@lru_cache(maxsize=1024)
def centre_bound(condition: Condition, pose: Pose) -> FloatArray:
    """Return the least covariance (2, 2) of the centre in px^2, size and levels known.

    The picture's derivatives are those of its rendering without noise; pixels that clip tell
    nothing. The information in the noise's own dependence on brightness is left out.
    """
    side = 2 * math.ceil(MASK * pose.d_px + 0.5 * pose.blur_px) + 3
    middle = side // 2
    near = replace(
        pose, x_px=middle + pose.x_px - round(pose.x_px), y_px=middle + pose.y_px - round(pose.y_px)
    )
    grey = patch_truth(condition, near, side).astype(np.float64)
    slopes = [_slope(condition, near, side, x, y) for x, y in ((STEP_PX, 0.0), (0.0, STEP_PX))]
    rows, columns = np.indices(grey.shape)
    seen = np.hypot(columns - near.x_px, rows - near.y_px) <= MASK * pose.d_px
    seen &= (grey >= 0.0) & (grey <= 255.0)
    variance = 0.5 * condition.noise**2 * (1.0 + grey / SHOT_LEVEL) + ROUNDING
    weighed = [(a * b / variance)[seen].sum() for a in slopes for b in slopes]
    return np.asarray(np.linalg.inv(np.reshape(weighed, (2, 2))))


def _slope(condition: Condition, pose: Pose, side: int, x: float, y: float) -> FloatArray:
    ahead = replace(pose, x_px=pose.x_px + x, y_px=pose.y_px + y)
    behind = replace(pose, x_px=pose.x_px - x, y_px=pose.y_px - y)
    change = patch_truth(condition, ahead, side).astype(np.float64)
    change -= patch_truth(condition, behind, side)
    return change / (2.0 * STEP_PX)


def sharp_edge_bound(
    contrast: float, noise: float, radii_px: FloatArray, edge_sd_px: float
) -> float:
    """Return the closed form for concentric sharp circles, as a standard deviation in px.

    The information of a blurred edge is its length times the integral of the squared slope of a
    Gaussian's edge, 1 / (2 sqrt(pi) s); half of it goes to each axis.
    """
    information = contrast**2 * math.sqrt(math.pi) * float(np.sum(radii_px)) / (2.0 * edge_sd_px)
    return noise / math.sqrt(information)
