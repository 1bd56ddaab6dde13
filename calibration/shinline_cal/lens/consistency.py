"""Whether the views belong together: one focal length in all of them, and one flat chart.

A fit spreads such errors over poses and distortion, where the residual hardly shows them. So each
is asked for directly: which change of focal length would each view prefer, and which shape of the
chart all of them. Both are linear estimates at the solution, with the poses free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from shinline.types import FloatArray
from shinline_cal.lens.board import CORNERS, places_m
from shinline_cal.lens.fit import Corners, Solution
from shinline_cal.lens.model import matrix
from shinline_cal.lens.slopes import lift_slopes, slopes

GROUP: Final = 3
"""The fewest views on either side of a change."""

CERTAIN: Final = 6.0
"""Standard deviations from which on a difference is believed; many are looked at."""

FOCAL_CHANGE: Final = 0.002
"""A smaller change of the focal length, as a share of it, harms no measurement here."""

SCATTER_TIMES: Final = 4.0
"""Scatter of the views' focal lengths over their own noise, from which on it is believed."""


@dataclass(frozen=True, slots=True)
class FocusChange:
    """The focal length grew by ``share`` of itself before the view ``after``."""

    after: str
    share: float
    certainty: float


def focus_change(
    views: Sequence[Corners], theta: FloatArray, noise_px: float
) -> FocusChange | None:
    """Return the likeliest change of the focal length between views that follow each other.

    Parameters
    ----------
    views
        All of them, in the order in which they were taken.
    theta : (9,)
        The lens fitted to them.
    noise_px
        RMS residual of that fit.

    """
    wish, sd = (
        np.array(part) for part in zip(*(_wish(v, theta, noise_px) for v in views), strict=True)
    )
    best: FocusChange | None = None
    for cut in range(GROUP, len(views) - GROUP + 1):
        (one, one_sd), (two, two_sd) = (
            _mean(wish[part], sd[part]) for part in (slice(None, cut), slice(cut, None))
        )
        certainty = abs(two - one) / float(np.hypot(one_sd, two_sd))
        if best is None or certainty > best.certainty:
            best = FocusChange(views[cut].name, two - one, certainty)
    if best is None or best.certainty < CERTAIN or abs(best.share) < FOCAL_CHANGE:
        return None
    return best


def focus_scatter(views: Sequence[Corners], theta: FloatArray, noise_px: float) -> float:
    """Return the sd of the focal length from view to view, as a share; 0 when noise explains it."""
    wish, sd = _wishes(views, theta, noise_px)
    weight = 1.0 / sd**2
    mean = float((weight * wish).sum() / weight.sum())
    excess = float((weight * (wish - mean) ** 2).sum()) / max(len(wish) - 1, 1)
    if excess < SCATTER_TIMES**2:
        return 0.0
    return float(np.sqrt((weight * (wish - mean) ** 2).sum() / weight.sum()))


@dataclass(frozen=True, slots=True)
class Shape:
    """How far the chart's corners lie off a plane (35,) in m, and what that explains.

    ``share`` is the share of the squared residuals that a chart of this shape takes away.
    """

    height_m: FloatArray
    share: float

    @property
    def bulge_m(self) -> float:
        """From the lowest to the highest corner."""
        return float(np.ptp(self.height_m))


def shape(views: Sequence[Corners], solution: Solution, free: Sequence[int]) -> Shape:
    """Return which shape of the chart the views would prefer, poses and lens free as well."""
    count = len(free)
    normal, pull = np.zeros((count + CORNERS, count + CORNERS)), np.zeros(count + CORNERS)
    total = 0.0
    for view, pose, miss in zip(views, solution.poses, solution.misses, strict=True):
        by_pose, by_lens = slopes(solution.theta, pose, view.board_m)
        both = np.hstack(
            [by_lens[:, free], lift_slopes(solution.theta, pose, view.board_m, view.ids)]
        )
        basis, _ = np.linalg.qr(by_pose)
        both -= basis @ (basis.T @ both)
        rest = miss.ravel() - basis @ (basis.T @ miss.ravel())
        normal += both.T @ both
        pull += both.T @ rest
        total += float(rest @ rest)
    scale = 1.0 / np.sqrt(np.maximum(np.diag(normal), 1e-12))
    step, *_ = np.linalg.lstsq(normal * np.outer(scale, scale), pull * scale, rcond=1e-9)
    height = (step * scale)[count:]
    places = np.column_stack([places_m()[:, :2], np.ones(CORNERS)])
    plane, *_ = np.linalg.lstsq(places, height, rcond=None)
    return Shape(height - places @ plane, float(pull @ (step * scale)) / max(total, 1e-30))


def _wishes(
    views: Sequence[Corners], theta: FloatArray, noise_px: float
) -> tuple[FloatArray, FloatArray]:
    each = np.array([_wish(view, theta, noise_px) for view in views])
    return each[:, 0], each[:, 1]


def _wish(view: Corners, theta: FloatArray, noise_px: float) -> tuple[float, float]:
    """Return by which share a view would have the focal length larger, and its sd."""
    _, turn, place = cv2.solvePnP(view.board_m, view.px, matrix(theta), theta[4:])
    pose = np.concatenate([turn.ravel(), place.ravel()])
    drawn, _ = cv2.projectPoints(view.board_m, pose[:3], pose[3:], matrix(theta), theta[4:])
    miss = (view.px - drawn.reshape(-1, 2)).ravel()
    by_pose, by_lens = slopes(theta, pose, view.board_m)
    focal = by_lens[:, 0] * theta[0] + by_lens[:, 1] * theta[1]
    basis, _ = np.linalg.qr(by_pose)
    focal = focal - basis @ (basis.T @ focal)
    size = max(float(focal @ focal), 1e-12)
    wish = float(focal @ miss) / size
    rest = miss - basis @ (basis.T @ miss) - wish * focal
    noise = max(noise_px / np.sqrt(2.0), float(np.sqrt(rest @ rest / max(len(rest) - 7, 1))))
    return wish, float(noise / np.sqrt(size))


def _mean(wish: FloatArray, sd: FloatArray) -> tuple[float, float]:
    """Return the weighted mean and its sd, larger when the values scatter more than they say."""
    weight = 1.0 / sd**2
    mean = float((weight * wish).sum() / weight.sum())
    scatter = float((weight * (wish - mean) ** 2).sum() / max(len(wish) - 1, 1))
    return mean, float(np.sqrt(max(scatter, 1.0) / weight.sum()))
