"""The lens from many views: OpenCV's bundle adjustment, and what it takes to trust it.

A view is left out when its residual is far beyond the others', a corner when its own is. How many
coefficients the lens gets is decided by views that the fit has not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from shinline.types import BoolArray, FloatArray, IntArray
from shinline_cal.lens.board import ACROSS, places_m
from shinline_cal.lens.find import FEWEST_CORNERS, View
from shinline_cal.lens.model import NAMES, matrix

MODELS: Final[dict[str, int]] = {
    "k1 k2 p1 p2 k3": 0,
    "k1 k2 p1 p2": cv2.CALIB_FIX_K3,
    "k1 k2": cv2.CALIB_FIX_K3 | cv2.CALIB_ZERO_TANGENT_DIST,
    "k1": cv2.CALIB_FIX_K2 | cv2.CALIB_FIX_K3 | cv2.CALIB_ZERO_TANGENT_DIST,
}
"""Which coefficients are fitted, the rest being zero; OpenCV's flags."""

FOLDS: Final = 10
FEWEST_VIEWS: Final = 8
VIEW_TIMES: Final = 3.0
VIEW_FLOOR_PX: Final = 0.06
"""A view is left out when its RMS is beyond so many medians, and beyond this."""

CORNER_TIMES: Final = 5.0
CORNER_FLOOR_PX: Final = 0.05
REFITS: Final = 10
AT_ONCE: Final = 0.15
"""Share of the views that may be left out before the rest is looked at again."""

_STOP: Final = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 60, 1e-9)

Size = tuple[int, int]


class LensRefused(ValueError):  # noqa: N818  (it is said to people: "refused, because ...")
    """The views give no lens that can be trusted; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Corners:
    """The corners of one view that take part: on the board (n, 3) in m, in the picture (n, 2)."""

    name: str
    ids: IntArray
    board_m: FloatArray
    px: FloatArray

    def part(self, keep: BoolArray) -> "Corners":
        """Return some of them."""
        return Corners(self.name, self.ids[keep], self.board_m[keep], self.px[keep])

    def raised(self, height_m: FloatArray) -> "Corners":
        """Return them on a chart whose corners (35,) lie higher by so much."""
        higher = self.board_m + np.array([0.0, 0.0, 1.0]) * height_m[self.ids][:, None]
        return Corners(self.name, self.ids, higher, self.px)


@dataclass(frozen=True, slots=True)
class Solution:
    """A fitted lens: theta (9,), where the chart was in each view (n, 6), residuals (m, 2)."""

    theta: FloatArray
    poses: FloatArray
    misses: tuple[FloatArray, ...]

    @property
    def view_rms_px(self) -> FloatArray:
        """RMS distance of the corners of each view (n,)."""
        return np.array([rms(miss) for miss in self.misses])

    @property
    def rms_px(self) -> float:
        """RMS distance over all corners."""
        return rms(np.concatenate(self.misses))


@dataclass(frozen=True, slots=True)
class Robust:
    """A solution, the corners it stands on, and the views left out with their RMS."""

    corners: tuple[Corners, ...]
    solution: Solution
    left_out: dict[str, float]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How a model does on views it has not seen.

    ``view_px`` (n,) is the RMS error of each view: its place from one half of the corners, the
    error at the other, both ways. ``thetas`` (folds, 9) are the lenses of the folds.
    """

    view_px: FloatArray
    thetas: FloatArray

    @property
    def rms_px(self) -> float:
        """RMS over the views."""
        return float(np.sqrt(np.mean(self.view_px**2)))


def rms(miss: FloatArray) -> float:
    """Return the root of the mean squared length of (n, 2)."""
    return float(np.sqrt(np.mean(np.sum(miss * miss, axis=1))))


def corners_of(view: View) -> Corners:
    """Return all corners of a view."""
    ids = np.array(view.ids)
    return Corners(view.name, ids, places_m()[ids], view.px)


def solve(
    corners: Sequence[Corners], size_px: Size, model: str, start: FloatArray | None = None
) -> Solution:
    """Fit a lens by least squares; a chart that is not flat needs a lens (9,) to start with.

    Raises
    ------
    LensRefused
        OpenCV finds none, or one that is not finite.

    """
    boards = [view.board_m.astype(np.float32) for view in corners]
    pixels = [view.px.astype(np.float32) for view in corners]
    camera: Any = None
    bend: Any = None
    flags = MODELS[model]
    if start is not None:
        held = [n for n in range(len(NAMES)) if n not in free(model)]
        start = start.copy()
        start[held] = 0.0
        camera, bend, flags = matrix(start), start[4:], flags | cv2.CALIB_USE_INTRINSIC_GUESS
    try:
        _, fitted, bent, turns, places = cv2.calibrateCamera(
            boards, pixels, size_px, camera, bend, flags=flags, criteria=_STOP
        )
    except cv2.error as problem:
        raise LensRefused(f"no lens fits these views ({problem.err})") from None
    middle = np.asarray(fitted)[[0, 1, 0, 1], [0, 1, 2, 2]]
    theta: FloatArray = np.concatenate([middle, np.ravel(bent)[:5]]).astype(np.float64)
    poses: FloatArray = np.hstack([np.reshape(turns, (-1, 3)), np.reshape(places, (-1, 3))]).astype(
        np.float64
    )
    if not (np.isfinite(theta).all() and np.isfinite(poses).all()):
        raise LensRefused("the fit is not finite (NaN): the views do not determine the lens")
    misses = tuple(
        view.px - drawn(theta, pose, view.board_m)
        for view, pose in zip(corners, poses, strict=True)
    )
    return Solution(theta, poses, misses)


def drawn(theta: FloatArray, pose: FloatArray, board_m: FloatArray) -> FloatArray:
    """Return the pixels (n, 2) of points of the board at a pose."""
    pixels, _ = cv2.projectPoints(board_m, pose[:3], pose[3:], matrix(theta), theta[4:])
    return np.asarray(pixels.reshape(-1, 2))


def robust(
    views: Sequence[Corners], size_px: Size, model: str, start: FloatArray | None = None
) -> Robust:
    """Fit a lens; leave out views and corners that do not agree with the rest.

    Raises
    ------
    LensRefused
        Too few views remain.

    """
    corners = list(views)
    left_out: dict[str, float] = {}
    for _ in range(REFITS):
        solution = solve(corners, size_px, model, start)
        bad_views = _outlying(solution)
        if bad_views.any():
            left_out |= {
                view.name: float(each)
                for view, each, bad in zip(corners, solution.view_rms_px, bad_views, strict=True)
                if bad
            }
            corners = [view for view, bad in zip(corners, bad_views, strict=True) if not bad]
            _enough(corners, left_out, len(views))
            continue
        kept = _without_bad_corners(corners, solution)
        if kept is None:
            return Robust(tuple(corners), solution, left_out)
        corners = kept
    return Robust(tuple(corners), solve(corners, size_px, model, start), left_out)


def hold_out(
    corners: Sequence[Corners], size_px: Size, model: str, start: FloatArray | None = None
) -> HeldOut:
    """Fit without some of the views, and measure those: each view is left out once."""
    folds = min(FOLDS, len(corners))
    errors = np.zeros(len(corners))
    thetas = []
    for fold in range(folds):
        seen = [view for n, view in enumerate(corners) if n % folds != fold]
        theta = solve(seen, size_px, model, start).theta
        thetas.append(theta)
        for n in range(fold, len(corners), folds):
            errors[n] = unseen_px(theta, corners[n])
    return HeldOut(errors, np.array(thetas))


def unseen_px(theta: FloatArray, view: Corners) -> float:
    """Return the RMS error of a lens at a view it does not know.

    Half of the corners, every other one, tell where the chart is; the error is that of the rest.
    """
    odd = (view.ids // ACROSS + view.ids % ACROSS) % 2 == 1
    misses = []
    for known in (odd, ~odd):
        one, other = view.part(known), view.part(~known)
        found, turn, place = cv2.solvePnP(one.board_m, one.px, matrix(theta), theta[4:])
        if not found:
            return float("inf")
        pose = np.concatenate([turn.ravel(), place.ravel()])
        misses.append(other.px - drawn(theta, pose, other.board_m))
    return rms(np.concatenate(misses))


def choose(
    corners: Sequence[Corners], size_px: Size, start: FloatArray | None = None
) -> tuple[str, dict[str, HeldOut]]:
    """Return the model with the smallest held-out error, and how all of them do.

    Of models that do equally well (within a hundredth) the richest is taken: what it does not
    know shows in its uncertainty, and what a poorer one does not know shows nowhere.
    """
    trials = {model: hold_out(corners, size_px, model, start) for model in MODELS}
    least = min(trial.rms_px for trial in trials.values())
    chosen = next(model for model, trial in trials.items() if trial.rms_px <= 1.01 * least)
    return chosen, trials


def free(model: str) -> list[int]:
    """Return which of the nine numbers a model fits."""
    fitted = {*NAMES[:4], *model.split()}
    return [index for index, name in enumerate(NAMES) if name in fitted]


def _outlying(solution: Solution) -> BoolArray:
    """Tell which views are far off; only the worst few at once, for they drag others along."""
    each = solution.view_rms_px
    limit = max(VIEW_FLOOR_PX, VIEW_TIMES * float(np.median(each)))
    most = max(1, int(AT_ONCE * len(each)))
    worst = np.argsort(each)[-most:]
    bad = np.zeros(len(each), bool)
    bad[worst] = each[worst] > limit
    return bad


def _enough(corners: Sequence[Corners], left_out: dict[str, float], count: int) -> None:
    if len(corners) >= max(FEWEST_VIEWS, 0.6 * count):
        return
    worst = max(left_out, key=left_out.__getitem__)
    raise LensRefused(
        f"the views do not agree: {len(left_out)} of {count} had to be left out, the worst "
        f"({worst}) with {left_out[worst]:.2f} px; is the chart flat, does it hold still, and is "
        "the focus fixed?"
    )


def _without_bad_corners(corners: Sequence[Corners], solution: Solution) -> list[Corners] | None:
    """Return the views without corners that are far off; None when there are none."""
    off = [np.hypot(*miss.T) for miss in solution.misses]
    limit = max(CORNER_FLOOR_PX, CORNER_TIMES * float(np.median(np.concatenate(off))))
    keep = [each <= limit for each in off]
    if all(each.all() for each in keep):
        return None
    kept = [view.part(good) for view, good in zip(corners, keep, strict=True)]
    return [view for view in kept if len(view.ids) >= FEWEST_CORNERS]
