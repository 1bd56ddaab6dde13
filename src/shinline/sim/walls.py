"""What hangs and stands at the wall: posters, shelves of dumbbells, dark paint, a mirror."""

from typing import Final

import cv2
import numpy as np

from shinline.sim.looks import Wall
from shinline.types import FloatArray, U8Image

MIRROR_M: Final = (-1.5, 1.2, 0.10, 2.15)
"""Its edges on the wall: x from, to, height from, to."""

_DARK: Final = 0.24
_PER_M: Final = 300.0
_WIDE_M, _HIGH_M = 10.0, 3.2
_POSTERS: Final = 26
_SHELVES_M: Final = (0.42, 0.78)
_GLASS: Final = 96.0
_FRAME_M: Final = 0.03


def dressed_wall(
    level: FloatArray, x_m: FloatArray, y_m: FloatArray, wall: Wall, rng: np.random.Generator
) -> FloatArray:
    """Return the wall's levels, seen at x and height above the floor, as it is furnished."""
    if wall == "plain":
        return level
    if wall == "dark":
        return _DARK * level
    sheet = _furnished(rng)
    column = ((x_m + 0.5 * _WIDE_M) * _PER_M).astype(np.float32)
    row = ((_HIGH_M - y_m) * _PER_M).astype(np.float32)
    seen = cv2.remap(sheet, column, row, cv2.INTER_NEAREST, borderValue=0.0)
    return np.where(seen > 0, seen.astype(np.float64), level)


def _furnished(rng: np.random.Generator) -> U8Image:
    """Draw what covers the wall, seen from the front; 0 where it is bare."""
    sheet = np.zeros((round(_HIGH_M * _PER_M), round(_WIDE_M * _PER_M)), np.uint8)
    for _ in range(_POSTERS):
        _poster(sheet, rng)
    for height_m in _SHELVES_M:
        _shelf(sheet, height_m, rng)
    return sheet


def _poster(sheet: U8Image, rng: np.random.Generator) -> None:
    x_m, y_m = float(rng.uniform(0.2, _WIDE_M - 0.2)), float(rng.uniform(1.0, 2.6))
    wide_m, high_m = float(rng.uniform(0.25, 0.9)), float(rng.uniform(0.3, 0.9))
    left, top = round((x_m - 0.5 * wide_m) * _PER_M), round((_HIGH_M - y_m - high_m / 2) * _PER_M)
    right, bottom = left + round(wide_m * _PER_M), top + round(high_m * _PER_M)
    ground, ink = (float(v) for v in rng.uniform(15.0, 245.0, 2))
    cv2.rectangle(sheet, (left, top), (right, bottom), ground, -1)
    for _ in range(int(rng.integers(2, 7))):
        x, y = int(rng.integers(left, right)), int(rng.integers(top, bottom))
        size = int(rng.integers(12, 68))
        if rng.random() < 0.5:
            cv2.circle(sheet, (x, y), size, ink, int(rng.choice((-1, 4))), cv2.LINE_AA)
        else:
            end = (x + int(rng.integers(-90, 90)), y + int(rng.integers(-90, 90)))
            cv2.line(sheet, (x, y), end, ink, int(rng.integers(3, 20)), cv2.LINE_AA)
    word = str(rng.choice(("SQUAT", "PULL", "PRESS", "CLUB 1908", "OPEN")))
    cv2.putText(sheet, word, (left + 6, bottom - 10), cv2.FONT_HERSHEY_DUPLEX, 1.7, ink, 4,
                cv2.LINE_AA)  # fmt: skip


def _shelf(sheet: U8Image, height_m: float, rng: np.random.Generator) -> None:
    """Draw a row of dumbbells on a rail."""
    y = round((_HIGH_M - height_m) * _PER_M)
    cv2.rectangle(sheet, (0, y), (sheet.shape[1], y + 18), 48.0, -1)
    x = 20
    while x < sheet.shape[1] - 40:
        size = int(rng.integers(15, 39))
        level = float(rng.choice((28.0, 60.0, 150.0, 205.0)))
        cv2.circle(sheet, (x, y - size), size, level, -1, cv2.LINE_AA)
        cv2.circle(sheet, (x, y - size), size // 3, 120.0, -1, cv2.LINE_AA)
        x += 2 * size + int(rng.integers(2, 16))


def hang_mirror(level: FloatArray, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
    """Return the wall's levels with a mirror on it, which shows a dim room and the lamp."""
    left, right, low, high = MIRROR_M
    inside = (x_m > left) & (x_m < right) & (y_m > low) & (y_m < high)
    edge = np.minimum(np.minimum(x_m - left, right - x_m), np.minimum(y_m - low, high - y_m))
    glass = _GLASS + 30.0 * np.exp(-(((x_m - 0.4) / 0.5) ** 2)) + 12.0 * (y_m - 1.0)
    return np.where(inside, np.where(edge < _FRAME_M, 34.0, glass), level)
