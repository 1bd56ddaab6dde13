"""How the picture of the chart changes with all that can change: pose, lens, shape of the chart."""

from typing import Final

import cv2
import numpy as np

from shinline.types import FloatArray, IntArray
from shinline_cal.lens.board import CORNERS
from shinline_cal.lens.model import NAMES, matrix

POSE: Final = 6


def slopes(
    theta: FloatArray, pose: FloatArray, board_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return how the pixels of board points move with the pose (2n, 6) and the lens (2n, 9)."""
    _, all_slopes = cv2.projectPoints(board_m, pose[:3], pose[3:], matrix(theta), theta[4:])
    table = np.asarray(all_slopes, float)
    return table[:, :POSE], table[:, POSE : POSE + len(NAMES)]


def lift_slopes(
    theta: FloatArray, pose: FloatArray, board_m: FloatArray, ids: IntArray
) -> FloatArray:
    """Return how the pixels (2n, 35) move with the heights of all corners off the plane, in m."""
    step = 1e-4
    ends = []
    for sign in (-1.0, 1.0):
        raised = board_m + np.array([0.0, 0.0, sign * step])
        ends.append(cv2.projectPoints(raised, pose[:3], pose[3:], matrix(theta), theta[4:])[0])
    each = ((ends[1] - ends[0]) / (2.0 * step)).reshape(-1, 2)
    out = np.zeros((len(ids), 2, CORNERS))
    out[np.arange(len(ids)), :, ids] = each
    return out.reshape(-1, CORNERS)
