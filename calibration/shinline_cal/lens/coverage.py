"""Which views are still missing, and what to do next, one sentence at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from shinline.types import BoolArray, FloatArray, IntArray
from shinline_cal.lens.board import ACROSS, CORNERS, places_m
from shinline_cal.lens.find import Refusal, Trouble, View

CELLS: Final = (8, 6)
"""Columns and rows into which the picture is divided."""

ALIKE: Final = 0.03
"""Views that differ by less are the same; see :func:`apart`."""

TILT_DEG: Final = 18.0
TILTED_VIEWS: Final = 2
"""So many views are wanted for each of the four ways to tilt the chart."""

NEAR_SHARE: Final = 0.55
"""A chart is near when it takes up this share of the picture's width or height."""

NEAR_VIEWS: Final = 3
MOST_VIEWS: Final = 36
FOCAL_GUESS: Final = 0.9
"""Focal length over the picture's width, good enough to tell how a chart is tilted."""

PLACES: Final = (
    ("top left", "top", "top right"),
    ("left", "middle", "right"),
    ("bottom left", "bottom", "bottom right"),
)

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Attitude:
    """How the chart stands in a view, roughly.

    ``right_deg`` is positive when its right edge (as seen in the picture) is farther away,
    ``bottom_deg`` when its lower edge is; ``share`` is how much of the picture it spans.
    """

    right_deg: float
    bottom_deg: float
    share: float


def attitude(view: View, size_px: Size) -> Attitude:
    """Estimate how the chart stands, with a guessed focal length."""
    width_px, height_px = size_px
    focal_px = FOCAL_GUESS * max(size_px)
    camera = np.array([[focal_px, 0, 0.5 * width_px], [0, focal_px, 0.5 * height_px], [0, 0, 1.0]])
    corners = places_m()[[0, ACROSS - 1, CORNERS - 1, CORNERS - ACROSS]]
    _, turn, _ = cv2.solvePnP(corners, view.outline, camera, None, flags=cv2.SOLVEPNP_IPPE)
    away = cv2.Rodrigues(turn)[0][:, 2]
    right, bottom = (-np.degrees(np.arctan2(side, away[2])) for side in away[:2])
    span = view.px.max(axis=0) - view.px.min(axis=0)
    return Attitude(float(right), float(bottom), float(max(span / np.array(size_px))))


def counts(views: Sequence[View], size_px: Size) -> IntArray:
    """Return how many corners fell into each cell (rows, columns)."""
    out = np.zeros((CELLS[1], CELLS[0]), int)
    for view in views:
        columns, rows = _cells(view, size_px)
        np.add.at(out, (rows, columns), 1)
    return out


def coverage(views: Sequence[View], size_px: Size) -> float:
    """Return the share of the cells in which there is a corner."""
    return float((counts(views, size_px) > 0).mean())


def apart(one: View, other: View, size_px: Size) -> float:
    """Return how different two views are: moved, as a share of the diagonal, or seen askew.

    The second is what no shift, turn or change of size explains, as a share of the chart's own
    size: tilting a chart hardly moves it.
    """
    moved = np.hypot(*(one.outline - other.outline).T).mean() / np.hypot(*size_px)
    return float(max(moved, _askew(one.outline, other.outline)))


def _askew(one: FloatArray, other: FloatArray) -> float:
    z, w = (outline[:, 0] + 1j * outline[:, 1] for outline in (one, other))
    z, w = z - z.mean(), w - w.mean()
    left = w - z * (np.vdot(z, w) / np.vdot(z, z))
    return float(np.sqrt(np.mean(np.abs(left) ** 2) / np.mean(np.abs(w) ** 2)))


def repeated(view: View, views: Sequence[View], size_px: Size) -> View | None:
    """Return the view that this one repeats, if there is one."""
    near = [other for other in views if apart(view, other, size_px) < ALIKE]
    return min(near, key=lambda other: apart(view, other, size_px), default=None)


def pick(views: Sequence[View], size_px: Size, most: int = MOST_VIEWS) -> list[View]:
    """Choose at most so many views that differ, those first that cover what no other does."""
    left, chosen = list(views), list[View]()
    while left and len(chosen) < most:
        empty = counts(chosen, size_px) == 0

        def gain(view: View, empty: BoolArray = empty) -> float:
            columns, rows = _cells(view, size_px)
            new = len({(r, c) for r, c in zip(rows, columns, strict=True) if empty[r, c]})
            return new / 10.0 + min((apart(view, c, size_px) for c in chosen), default=1.0)

        best = max(left, key=gain)
        left.remove(best)
        chosen.append(best)
    return [view for view in views if view in chosen]


def wants(views: Sequence[View], size_px: Size) -> list[str]:
    """Return what is still missing, as instructions, the most useful first."""
    seen = counts(views, size_px) > 0
    places = [f"move the chart to the {place} of the picture" for place in _empty_places(seen)]
    stands = [attitude(view, size_px) for view in views]
    tilts = _missing_tilts(stands)
    near = sum(stand.share >= NEAR_SHARE for stand in stands)
    closer = ["bring it nearer, until it fills the picture"] if near < NEAR_VIEWS else []
    return _in_turn(places, tilts, closer)


def sentence(views: Sequence[View], size_px: Size, last: Refusal | None) -> str:
    """Return the one thing to do now."""
    told = TOLD.get(last.trouble) if last is not None else None
    if told is not None:
        return told
    missing = wants(views, size_px)
    return missing[0] if missing else "some more views, each different"


TOLD: Final[dict[Trouble, str]] = {
    Trouble.UNSEEN: "the chart is not seen: hold it into the picture, flat side to the camera",
    Trouble.MIRRORED: "the picture is mirrored: switch mirroring off",
    Trouble.FEW: "too little of the chart is seen: bring more of it into the picture",
    Trouble.DIM: "too dark: more light on the chart",
    Trouble.BLURRED: "hold still: blurred",
    Trouble.MOVING: "hold still: it moves",
}
"""What to do about trouble; a view that repeats another asks for what is missing."""


def _cells(view: View, size_px: Size) -> tuple[IntArray, IntArray]:
    share = (view.px + 0.5) / np.array(size_px)
    cell = np.clip((share * np.array(CELLS)).astype(int), 0, np.array(CELLS) - 1)
    return cell[:, 0], cell[:, 1]


def _empty_places(seen: BoolArray) -> list[str]:
    """Return the names of the parts of the picture with too few corners, the emptiest first.

    Of a corner of the field its outermost cell must be covered: there the lens bends most.
    """
    rows, columns = np.array_split(range(CELLS[1]), 3), np.array_split(range(CELLS[0]), 3)
    shares = {
        PLACES[r][c]: float(seen[np.ix_(rows[r], columns[c])].mean())
        for r in range(3)
        for c in range(3)
    }
    extremes = {PLACES[r][c]: bool(seen[-(r > 0), -(c > 0)]) for r in (0, 2) for c in (0, 2)}
    lacking = [
        place for place, share in shares.items() if share < 0.7 or not extremes.get(place, True)
    ]
    return sorted(lacking, key=shares.__getitem__)


def _missing_tilts(stands: Sequence[Attitude]) -> list[str]:
    ways = {
        "left": sum(stand.right_deg < -TILT_DEG for stand in stands),
        "right": sum(stand.right_deg > TILT_DEG for stand in stands),
        "upper": sum(stand.bottom_deg < -TILT_DEG for stand in stands),
        "lower": sum(stand.bottom_deg > TILT_DEG for stand in stands),
    }
    return [
        f"tilt it: the {edge} edge away from the camera"
        for edge, count in sorted(ways.items(), key=lambda way: way[1])
        if count < TILTED_VIEWS
    ]


def _in_turn(*lists: list[str]) -> list[str]:
    longest = max(map(len, lists))
    return [items[n] for n in range(longest) for items in lists if n < len(items)]
