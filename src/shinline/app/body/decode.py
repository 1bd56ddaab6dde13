"""What a pose network answers, taken apart: heat maps or coordinates, told by their shapes."""

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from shinline.app.body.letterbox import F32Array
from shinline.config import ConfigError
from shinline.types import FloatArray

BLAZEPOSE_COLUMNS: Final = 5
BLAZEPOSE_ROWS: Final = 39
"""x, y, z, visibility and presence of 33 joints and six points that only serve to find the next
picture's crop; the first two in pixels of the input, the last two as logits."""

EXPECTED: Final = (
    "heat maps [1, joints, h, w] or [1, h, w, joints], or coordinates [1, joints, 3] or "
    "[1, 1, joints, 3] (place and confidence)"
)


@dataclass(frozen=True, slots=True)
class Head:
    """How one output of a network is read.

    ``number``: which output; ``kind``: "maps" (joints first), "maps_last", "yx", "xy", "xy_px" or
    "blazepose".
    """

    number: int
    kind: str


def find_head(shapes: list[tuple[int | None, ...]], joints: int, points: str, where: str) -> Head:
    """Return which output to read, and how. None in a shape is a size that varies.

    Raises
    ------
    ConfigError
        None of them can be read; the message lists them, and what was expected.

    """
    for number, shape in enumerate(shapes):
        kind = _kind(shape, joints, points)
        if kind:
            return Head(number, kind)
    shown = "; ".join(str([size if size else "?" for size in shape]) for shape in shapes)
    raise ConfigError(f"{where}: answers with {shown}; expected {EXPECTED}, joints = {joints}")


def _kind(shape: tuple[int | None, ...], joints: int, points: str) -> str:
    inner = shape[1:]
    if len(shape) == 4 and inner == (1, joints, 3):
        return "yx" if points == "auto" else points
    if len(shape) == 3 and inner == (joints, 3):
        return "xy_px" if points == "auto" else points
    if len(shape) == 3 and joints == 33 and inner == (33, BLAZEPOSE_COLUMNS):
        return "blazepose"
    if len(shape) == 2 and joints == 33 and inner[0] in (165, BLAZEPOSE_ROWS * BLAZEPOSE_COLUMNS):
        return "blazepose"
    if len(shape) == 4 and inner[0] == joints and None not in inner:
        return "maps"
    if len(shape) == 4 and inner[2] == joints and None not in inner:
        return "maps_last"
    return ""


def decode(answer: F32Array, kind: str, input_px: tuple[int, int]) -> FloatArray:
    """Return (joints, 4): x and y in pixels of the input, confidence, and the grain in pixels.

    The grain is the standard deviation of a place that is only known to the answer's own grid,
    a fraction of a cell where the peak is interpolated. A joint of which a number is missing has
    the confidence 0.
    """
    height, width = input_px
    if kind in ("maps", "maps_last"):
        maps = answer[0] if kind == "maps" else np.moveaxis(answer[0], -1, 0)
        found = np.array([_peak(each) for each in maps])
        down, across = height / maps.shape[1], width / maps.shape[2]
        found[:, 0] = (found[:, 0] + 0.5) * across - 0.5
        found[:, 1] = (found[:, 1] + 0.5) * down - 0.5
        grain = np.full(len(found), MAP_GRAIN * max(across, down))
    else:
        found = _coordinates(answer, kind, height, width)
        grain = np.full(len(found), POINT_GRAIN_PX)
    table: FloatArray = np.column_stack([found, grain])
    lost = ~np.isfinite(table).all(axis=1)
    table[lost, :3] = 0.0
    table[:, 2] = table[:, 2].clip(0.0, 1.0)
    return table


MAP_GRAIN: Final = 0.15
"""Of a cell: how far an interpolated peak strays when a smooth blob moves across the cells."""

POINT_GRAIN_PX: Final = 12.0**-0.5
"""Of a place that is right to a pixel of the input."""


def _coordinates(answer: F32Array, kind: str, height: int, width: int) -> FloatArray:
    if kind == "blazepose":
        rows = answer.reshape(-1, BLAZEPOSE_COLUMNS)[:33].astype(np.float64)
        sure = 1.0 / (1.0 + np.exp(-rows[:, 3].clip(-60.0, 60.0)))
        return np.column_stack([rows[:, :2] - 0.5, sure])
    rows = answer.reshape(-1, 3).astype(np.float64)
    if kind == "xy_px":
        return rows
    x, y = (rows[:, 1], rows[:, 0]) if kind == "yx" else (rows[:, 0], rows[:, 1])
    return np.column_stack([x * width - 0.5, y * height - 0.5, rows[:, 2]])


def _peak(heat: F32Array) -> tuple[float, float, float]:
    """Return column, row and height of a map's highest place, between the cells.

    Along each axis a parabola through the logarithms of three cells, exact for a Gaussian, which
    is what such networks are taught to draw.
    """
    if not np.isfinite(heat).all():
        return np.nan, np.nan, 0.0
    row, column = divmod(int(heat.argmax()), heat.shape[1])
    x = column + _between(heat[row], column)
    y = row + _between(heat[:, column], row)
    return x, y, float(heat[row, column])


def _between(line: F32Array, at: int) -> float:
    """Return how far the top of the line lies from its highest cell, at most half a cell."""
    if not 0 < at < len(line) - 1 or line[at - 1 : at + 2].min() <= 0.0:
        return 0.0
    before, top, after = (log(float(value)) for value in line[at - 1 : at + 2])
    bend = before - 2.0 * top + after
    return 0.5 * (before - after) / bend if bend < 0.0 else 0.0
