"""Long upright edges in a picture: racks, door frames, corners of a room.

Found coarsely by OpenCV (Canny's edges, Hough's lines), then placed to a fraction of a pixel row by
row, where the grey changes most. With a lens the line is fitted to the rays, so that a bent picture
of a straight edge counts as straight.
"""

from math import hypot, radians, tan
from typing import Final

import cv2
import numpy as np

from shinline import config
from shinline.types import FloatArray, U8Image
from shinline_cal.rigging.evidence import Edge, ObservationError, say
from shinline_cal.rigging.optics import SIZE, camera, project, rays

LEAST_SHARE: Final = 0.3
"""Of the picture's height: a shorter edge says little."""

STEEPEST_DEG: Final = 25.0
"""From the picture's upright: roll, pitch and perspective of a usual mount stay below."""

STRAIGHT_PX: Final = 0.6
REACH_PX: Final = 4
LEAST_CONTRAST: Final = 8.0
LEAN_SD_DEG: Final = 0.3
"""How plumb racks and door frames stand."""

POST: Final = 0.08
"""Of its length: what stands so near is the other side of the same post."""

MOST: Final = 8
_TRIM: Final = 3.0


def edges(image: U8Image, lens: config.Lens | None = None) -> tuple[Edge, ...]:
    """Return the longest straight upright edges of a grey picture (H, W), the longest first.

    Both sides of one post count once.

    Raises
    ------
    ObservationError
        There is none.

    """
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(f"expected a grey picture (H, W) of uint8, not {image.shape}")
    found = [edge for ends in _coarse(image) if (edge := _placed(image, ends, lens)) is not None]
    kept: list[Edge] = []
    for edge in sorted(found, key=_length, reverse=True):
        if all(_apart(edge, other) for other in kept) and len(kept) < MOST:
            kept.append(edge)
    if not kept:
        raise ObservationError(say("no_edge", percent=f"{100 * LEAST_SHARE:.0f}"))
    return tuple(kept)


def _coarse(image: U8Image) -> list[FloatArray]:
    """Return the ends (2, 2) of upright segments to a pixel or two."""
    height = image.shape[0]
    least = LEAST_SHARE * height
    smooth = cv2.GaussianBlur(image, (0, 0), 1.0)
    outline = cv2.Canny(smooth, 20, 60)
    lines = cv2.HoughLinesP(
        outline, 1.0, np.pi / 720.0, int(0.3 * least), minLineLength=0.5 * least, maxLineGap=12
    )
    if lines is None:
        return []
    found = []
    for x1, y1, x2, y2 in np.reshape(lines, (-1, 4)).astype(float):
        if abs(x2 - x1) <= tan(radians(STEEPEST_DEG)) * abs(y2 - y1):
            ends = np.array([[x1, y1], [x2, y2]])
            found.append(ends[np.argsort(ends[:, 1])])
    return found


def _placed(image: U8Image, ends: FloatArray, lens: config.Lens | None) -> Edge | None:
    """Place a segment row by row, as far up and down as the edge goes on; None: it is no line."""
    points = _followed(image, ends)
    if len(points) < 0.8 * LEAST_SHARE * image.shape[0]:
        return None
    eye = None
    flat = points
    if lens is not None and lens.fx_px > 0.0:
        eye = camera(lens, np.zeros(SIZE)).lens
        flat = rays(eye, points)[:, :2] * eye.fx_px
    keep = np.ones(len(flat), bool)
    for _ in range(4):
        line = np.polyfit(flat[keep, 1], flat[keep, 0], 1)
        off = flat[:, 0] - np.polyval(line, flat[:, 1])
        keep = np.abs(off) < _TRIM * max(0.05, 1.4826 * float(np.median(np.abs(off[keep]))))
    rms = float(np.sqrt((off[keep] ** 2).mean()))
    if rms > STRAIGHT_PX or keep.mean() < 0.7:
        return None
    rows = np.array([flat[keep, 1].min(), flat[keep, 1].max()])
    both = np.column_stack([np.polyval(line, rows), rows])
    if eye is not None:
        both = project(eye, np.column_stack([both / eye.fx_px, np.ones(2)]))
    (x1, y1), (x2, y2) = both.tolist()
    if y2 - y1 < LEAST_SHARE * image.shape[0]:
        return None
    return Edge(x1, y1, x2, y2, sd_px=hypot(0.05, 0.3 * rms), lean_sd_deg=LEAN_SD_DEG)


def _followed(image: U8Image, ends: FloatArray) -> FloatArray:
    """Return edge points (n, 2): in each row, where the grey changes most near the line."""
    height, width = image.shape
    (x1, y1), (x2, y2) = ends
    slope = (x2 - x1) / max(1.0, y2 - y1)
    sign = _side(image, ends, slope)
    found = []
    for start, stop, step in ((int(y1), height, 1), (int(y1) - 1, -1, -1)):
        lost, x = 0, x1
        for y in range(start, stop, step):
            at = x if y != start else x1 + slope * (y - y1)
            place = _peak(image[y], at, sign, width)
            if place is None:
                lost, x = lost + 1, at + slope * step
                if lost > 15:
                    break
                continue
            lost, x = 0, 0.8 * at + 0.2 * place + slope * step
            found.append((place, float(y)))
    return np.array(found).reshape(-1, 2)


def _side(image: U8Image, ends: FloatArray, slope: float) -> float:
    """Return +1 where the grey grows to the right across the segment, else -1."""
    (x1, y1), (_, y2) = ends
    total = 0.0
    for y in np.linspace(y1, y2, 40).astype(int):
        x = round(float(x1 + slope * (y - y1)))
        if REACH_PX <= x < image.shape[1] - REACH_PX:
            total += float(image[y, x + 3]) - float(image[y, x - 3])
    return 1.0 if total >= 0.0 else -1.0


def _peak(row: U8Image, near: float, sign: float, width: int) -> float | None:
    """Return where a row changes most within reach, by a parabola; None where it hardly does."""
    first = round(near) - REACH_PX - 1
    last = first + 2 * REACH_PX + 3
    if first < 0 or last > width:
        return None
    change = sign * 0.5 * (row[first + 2 : last].astype(float) - row[first : last - 2])
    i = int(np.argmax(change))
    if change[i] < LEAST_CONTRAST or i in (0, change.size - 1):
        return None
    before, here, after = change[i - 1 : i + 2]
    bend = before - 2.0 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
    return float(first + 1 + i + shift)


def _length(edge: Edge) -> float:
    return hypot(edge.x2_px - edge.x1_px, edge.y2_px - edge.y1_px)


def _apart(one: Edge, other: Edge) -> bool:
    """Tell whether two edges are of two things: not side by side within a post's width."""
    middle = 0.5 * (max(one.y1_px, other.y1_px) + min(one.y2_px, other.y2_px))
    return abs(_x_at(one, middle) - _x_at(other, middle)) > POST * (one.y2_px - one.y1_px)


def _x_at(edge: Edge, y_px: float) -> float:
    share = (y_px - edge.y1_px) / (edge.y2_px - edge.y1_px)
    return edge.x1_px + share * (edge.x2_px - edge.x1_px)
