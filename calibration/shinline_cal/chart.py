"""The lens chart: one printed ChArUco board, the same on A4 and on Letter."""

from typing import Final

COLUMNS: Final = 8
ROWS: Final = 6
SQUARE_M: Final = 0.030
MARKER_M: Final = 0.022
"""A board of 240 x 180 mm fits A4 and Letter with a border of white all round."""

DICTIONARY: Final = "DICT_4X4_50"
"""Of OpenCV's ArUco; its first 24 markers, in OpenCV's order and not the legacy pattern."""
