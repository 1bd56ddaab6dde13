"""The lens chart as OpenCV knows it."""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from shinline.types import FloatArray
from shinline_cal import chart

ACROSS: Final = chart.COLUMNS - 1
DOWN: Final = chart.ROWS - 1
CORNERS: Final = ACROSS * DOWN
"""Inner corners, numbered from 0 row by row."""


@cache
def board() -> Any:
    """Return the board."""
    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, chart.DICTIONARY))
    return cv2.aruco.CharucoBoard(
        (chart.COLUMNS, chart.ROWS), chart.SQUARE_M, chart.MARKER_M, dictionary
    )


@cache
def places_m() -> FloatArray:
    """Return where the corners are on the chart (35, 3) in m: x right, y down, z 0."""
    number = np.arange(CORNERS)
    across, down = number % ACROSS, number // ACROSS
    return chart.SQUARE_M * np.stack([across + 1.0, down + 1.0, 0.0 * number], axis=1)
