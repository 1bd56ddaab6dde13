"""The lens chart as black outlines, from OpenCV's own board: :mod:`shinline_cal.chart`."""

from typing import Final

import cv2
import numpy as np

from shinline_cal import chart
from shinline_cal.sheets.pen import Point, rectangle

BITS: Final = 6
"""Of a marker's side: four of its code and a black one on each side."""


def opencv_board() -> cv2.aruco.CharucoBoard:
    """Return the board as OpenCV knows it, in metres."""
    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, chart.DICTIONARY))
    return cv2.aruco.CharucoBoard(
        (chart.COLUMNS, chart.ROWS), chart.SQUARE_M, chart.MARKER_M, dictionary
    )


def size_mm() -> tuple[float, float]:
    """Return the board's width and height."""
    square = 1000.0 * chart.SQUARE_M
    return chart.COLUMNS * square, chart.ROWS * square


def outlines() -> list[tuple[Point, ...]]:
    """Return all that is black, in millimetres from the board's top-left corner.

    The markers lie where the board says; the squares between them are black.
    """
    board = opencv_board()
    square = 1000.0 * chart.SQUARE_M
    corners_mm = [1000.0 * np.asarray(corners, float) for corners in board.getObjPoints()]
    white = {tuple((corners.mean(axis=0)[:2] // square).astype(int)) for corners in corners_mm}
    black = [
        rectangle(square * column, square * row, square, square)
        for row in range(chart.ROWS)
        for column in range(chart.COLUMNS)
        if (column, row) not in white
    ]
    for marker, corners in zip(np.ravel(board.getIds()), corners_mm, strict=True):
        black += _marker(board, int(marker), *corners[0, :2])
    return black


def _marker(
    board: cv2.aruco.CharucoBoard, marker: int, x_mm: float, y_mm: float
) -> list[tuple[Point, ...]]:
    """Return the black cells of a marker whose top-left corner is at (x_mm, y_mm)."""
    cell = 1000.0 * chart.MARKER_M / BITS
    left, top = round(float(x_mm), 6), round(float(y_mm), 6)  # the board keeps single precision
    bits = board.getDictionary().generateImageMarker(marker, BITS, borderBits=1)
    return [
        rectangle(left + cell * column, top + cell * row, cell, cell)
        for row, column in zip(*np.nonzero(np.asarray(bits) == 0), strict=True)
    ]
