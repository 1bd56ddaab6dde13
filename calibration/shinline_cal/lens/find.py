"""The chart in one picture: where its corners are, or why the picture cannot be used."""

from enum import Enum
from functools import cache
from typing import Any, Final

import cv2
import msgspec
import numpy as np

from shinline.types import BoolArray, FloatArray, IntArray, U8Image
from shinline_cal import chart
from shinline_cal.lens.board import ACROSS, CORNERS, DOWN, board, places_m
from shinline_cal.lens.corner import refine

FEWEST_CORNERS: Final = 12
"""Of 35; a pose alone takes four."""

BLUR_MAX_PX: Final = 1.5
"""Standard deviation of the blur across an edge: 3.8 pixels from 10 to 90 % of the step."""

BLUR_SHARE: Final = 0.07
"""At most so many squares: half the white between a square's edge and its marker."""

CONTRAST_MIN: Final = 40.0
"""Grey levels between black and white."""

STRAY_SQUARES: Final = 0.35
"""A corner so far from where a chart drawn without distortion has it is no corner of the chart."""

AGREE: Final = 0.8
"""Share of the corners that must lie as on one chart: markers read by mistake do not."""

EDGE_WIDTH: Final = 2.563
"""Standard deviations from 10 to 90 % of a blurred step."""


class Trouble(Enum):
    """Why a picture is of no use."""

    UNSEEN = "unseen"
    MIRRORED = "mirrored"
    FEW = "few"
    DIM = "dim"
    BLURRED = "blurred"
    MOVING = "moving"
    ALIKE = "alike"
    SIZE = "size"


class View(msgspec.Struct, frozen=True):
    """The chart as one picture shows it.

    ``ids`` are corners of the board, ``x_px``, ``y_px`` their places, ``blur_px`` the standard
    deviation of the blur across the edges of the more blurred direction, ``outline_px`` where the
    four outermost inner corners are or would be (x and y in turn, clockwise from corner 0).
    """

    name: str
    ids: tuple[int, ...]
    x_px: tuple[float, ...]
    y_px: tuple[float, ...]
    blur_px: float
    outline_px: tuple[float, ...]

    @property
    def px(self) -> FloatArray:
        """Places (n, 2)."""
        return np.stack([self.x_px, self.y_px], axis=1)

    @property
    def outline(self) -> FloatArray:
        """The outline (4, 2)."""
        return np.reshape(self.outline_px, (4, 2))


class Refusal(msgspec.Struct, frozen=True):
    """A picture of no use, and why, in words."""

    trouble: Trouble
    text: str


class Sighting(msgspec.Struct, frozen=True):
    """A first, quick look: corners to about a tenth of a pixel."""

    ids: IntArray
    px: FloatArray
    outline: FloatArray


def look(luma: U8Image, name: str = "") -> View | Refusal:
    """Find the chart in a picture and measure it."""
    seen = sight(luma)
    return seen if isinstance(seen, Refusal) else measure(luma, seen, name)


def sight(luma: U8Image) -> Sighting | Refusal:
    """Find the chart, quickly."""
    luma = np.ascontiguousarray(luma)
    ids, px = _detected(luma)
    if len(ids) < FEWEST_CORNERS and _is_mirrored(luma, len(ids)):
        return Refusal(
            Trouble.MIRRORED,
            "the picture is mirrored: switch mirroring off in the camera or the program that "
            "recorded it",
        )
    if len(ids) == 0:
        return Refusal(
            Trouble.UNSEEN,
            "the chart is not seen: it is not in the picture, too small, or too blurred",
        )
    if len(ids) < FEWEST_CORNERS or not _spread_out(ids):
        return Refusal(
            Trouble.FEW,
            f"only {len(ids)} of the chart's {CORNERS} corners are seen; at least "
            f"{FEWEST_CORNERS} are needed, in three rows and columns",
        )
    return Sighting(ids, px, _outline(ids, px))


def measure(luma: U8Image, seen: Sighting, name: str = "") -> View | Refusal:
    """Place the corners as well as the picture allows, and tell whether it is sharp."""
    along, down = _sides(seen)
    fitted = refine(np.ascontiguousarray(luma), seen.px, along, down)
    good = fitted.good
    if good.sum() < FEWEST_CORNERS or not _spread_out(seen.ids[good]):
        return Refusal(
            Trouble.BLURRED,
            f"only {int(good.sum())} of {len(good)} corners look like crossing edges: blurred, "
            "too noisy, or partly covered",
        )
    contrast = float(np.median(fitted.contrast[good]))
    if contrast < CONTRAST_MIN:
        return Refusal(
            Trouble.DIM,
            f"black and white differ by {contrast:.0f} grey levels only; at least "
            f"{CONTRAST_MIN:.0f} are needed: more light, or a longer exposure",
        )
    square_px = float(np.median(np.hypot(*np.concatenate([along, down])[np.tile(good, 2)].T)))
    blur_px = float(np.median(fitted.blur_px[good], axis=0).max())
    most_px = min(BLUR_MAX_PX, BLUR_SHARE * square_px)
    if blur_px > most_px:
        return Refusal(
            Trouble.BLURRED,
            f"blurred: edges are {EDGE_WIDTH * blur_px:.1f} px wide (10 to 90 %), at most "
            f"{EDGE_WIDTH * most_px:.1f} px are allowed",
        )
    return _view(name, seen.ids[good], fitted.px[good], blur_px, seen.outline)


def _view(name: str, ids: IntArray, px: FloatArray, blur_px: float, outline: FloatArray) -> View:
    return View(
        name,
        tuple(ids.tolist()),
        tuple(px[:, 0].tolist()),
        tuple(px[:, 1].tolist()),
        blur_px,
        tuple(outline.ravel().tolist()),
    )


@cache
def _detector() -> Any:
    """Return OpenCV's detector. One marker beside a corner is enough: each is measured anyway."""
    wishes = cv2.aruco.CharucoParameters()
    wishes.minMarkers = 1
    wishes.tryRefineMarkers = True
    return cv2.aruco.CharucoDetector(board(), wishes)


def _detected(luma: U8Image) -> tuple[IntArray, FloatArray]:
    """Return corners that lie as on a chart seen from its front; none when most do not."""
    nothing = np.zeros(0, int), np.zeros((0, 2))
    px, ids, _, _ = _detector().detectBoard(luma)
    if ids is None or px is None or len(ids) < 4:
        return nothing
    numbers, places = ids.ravel().astype(int), px.reshape(-1, 2).astype(float)
    board_m = places_m()[numbers, :2]
    reach_px = STRAY_SQUARES * _square_px(board_m, places)
    flat, good = cv2.findHomography(board_m, places, cv2.RANSAC, reach_px)
    if flat is None or good is None or good.mean() < AGREE or np.linalg.det(flat) <= 0.0:
        return nothing
    keep = good.ravel() > 0
    return numbers[keep], places[keep]


def _square_px(board_m: FloatArray, px: FloatArray) -> float:
    """Return about how long a square's side is in the picture."""
    spans = [np.linalg.norm(np.ptp(each, axis=0)) for each in (board_m, px)]
    return float(chart.SQUARE_M * spans[1] / spans[0])


def _is_mirrored(luma: U8Image, count: int) -> bool:
    """Tell whether the chart shows in the mirror: its markers cannot be read from behind."""
    ids, _ = _detected(np.ascontiguousarray(luma[:, ::-1]))
    return len(ids) >= max(FEWEST_CORNERS, 2 * count)


def _spread_out(ids: IntArray) -> bool:
    """Tell whether corners lie in three rows and three columns at least."""
    return len(set(ids // ACROSS)) >= 3 and len(set(ids % ACROSS)) >= 3


def _homography(ids: IntArray, px: FloatArray) -> FloatArray:
    places = places_m()[ids, :2]
    found, _ = cv2.findHomography(places, px, 0)
    return np.asarray(found)


def _outline(ids: IntArray, px: FloatArray) -> FloatArray:
    """Return the places (4, 2) of the outermost corners."""
    corners = [0, ACROSS - 1, CORNERS - 1, CORNERS - ACROSS]
    places = places_m()[corners, :2][None]
    straight = cv2.perspectiveTransform(places, _homography(ids, px))[0]
    return np.array([px[ids == c][0] if c in ids else straight[n] for n, c in enumerate(corners)])


def _sides(seen: Sighting) -> tuple[FloatArray, FloatArray]:
    """Return the sides of a square (n, 2) at each corner, along the rows and down the columns.

    From the neighbours where there are any, because the lens bends; else from the homography.
    """
    grid = np.full((DOWN, ACROSS, 2), np.nan)
    rows, columns = seen.ids // ACROSS, seen.ids % ACROSS
    grid[rows, columns] = seen.px
    straight = _homography(seen.ids, seen.px)
    return tuple(  # type: ignore[return-value]
        _sides_along(grid, axis, straight)[rows, columns] for axis in (1, 0)
    )


def _sides_along(grid: FloatArray, axis: int, straight: FloatArray) -> FloatArray:
    before, after = (np.full_like(grid, np.nan) for _ in range(2))
    step = np.diff(grid, axis=axis)
    if axis == 1:
        before[:, 1:], after[:, :-1] = step, step
    else:
        before[1:], after[:-1] = step, step
    both = 0.5 * (before + after)
    side = np.where(np.isfinite(both), both, np.where(np.isfinite(before), before, after))
    known: BoolArray = np.isfinite(side)
    return np.where(known, side, _straight_sides(straight, axis))


def _straight_sides(straight: FloatArray, axis: int) -> FloatArray:
    places = places_m()[:, :2]
    half = 0.5 * (places[1] - places[0] if axis == 1 else places[ACROSS] - places[0])
    ends = [cv2.perspectiveTransform((places + s * half)[None], straight)[0] for s in (-1, 1)]
    return np.asarray((ends[1] - ends[0]).reshape(DOWN, ACROSS, 2))
