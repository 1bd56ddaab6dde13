"""What other ways of deadlifting need: the frame of a trap bar, blocks under the plates."""

from typing import Final

import cv2
import numpy as np

from shinline.sim.camera import Camera
from shinline.sim.paint import F32Image, paint_limb
from shinline.sim.pose import PLATE_RADIUS_M, Body
from shinline.sim.stickers import COLLAR_M
from shinline.types import FloatArray

_TUBE_RADIUS_M: Final = 0.016
_STEEL: Final = 168.0
_HANDLE_Z_M, _HANDLE_HALF_M = 0.32, 0.19
_FRONT_X_M, _FRONT_Z_M = 0.36, 0.16
_FRAME: Final = (
    ((-_FRONT_X_M, 0.0), (-_FRONT_X_M, _FRONT_Z_M)),
    ((_FRONT_X_M, 0.0), (_FRONT_X_M, _FRONT_Z_M)),
    ((-_FRONT_X_M, _FRONT_Z_M), (-_HANDLE_HALF_M, _HANDLE_Z_M)),
    ((_FRONT_X_M, _FRONT_Z_M), (_HANDLE_HALF_M, _HANDLE_Z_M)),
    ((0.0, _HANDLE_Z_M), (0.0, COLLAR_M)),
    ((-_HANDLE_HALF_M, _HANDLE_Z_M), (_HANDLE_HALF_M, _HANDLE_Z_M)),
)
"""Tubes of the near half, from and to: x from the bar's axis, z; the handle last."""

_BLOCK_HALF_M: Final = 0.27
_BLOCK_Z_M: Final = (0.58, 0.76)
_WOOD_TOP, _WOOD_FRONT, _WOOD_SIDE = 152.0, 112.0, 84.0
_SUBPIXEL_BITS: Final = 6


def paint_frame(image: F32Image, camera: Camera, bar_xy: FloatArray, side: float) -> None:
    """Paint the half of a trap bar's frame on one side (+1 near, -1 far)."""
    x_m, y_m = float(bar_xy[0]), float(bar_xy[1])
    for (ax, az), (bx, bz) in _FRAME:
        ends = np.array([[x_m + ax, y_m, side * az], [x_m + bx, y_m, side * bz]])
        (au, av), (bu, bv) = camera.project(ends)
        a_px, b_px = _TUBE_RADIUS_M * camera.focal_px / camera.depth_m(ends)
        paint_limb(image, au, av, a_px, bu, bv, b_px, False, _STEEL)


def stand_on_blocks(image: F32Image, camera: Camera, body: Body, side: float) -> None:
    """Paint the block under the plates of one side (+1 near, -1 far); none, if it has no height."""
    if body.raised_m == 0.0:
        return
    low_m, top_m = body.floor_m, -PLATE_RADIUS_M
    near_m, far_m = (side * z for z in (_BLOCK_Z_M if side < 0.0 else _BLOCK_Z_M[::-1]))
    left_m, right_m = -_BLOCK_HALF_M, _BLOCK_HALF_M
    top = [(left_m, top_m, far_m), (right_m, top_m, far_m)]
    top += [(right_m, top_m, near_m), (left_m, top_m, near_m)]
    _fill(image, camera, top, _WOOD_TOP)
    for x_m in (left_m, right_m):
        if (camera.place[0] * camera.mirror - x_m) * x_m > 0.0:  # this side looks at the camera
            edge = [(x_m, low_m, far_m), (x_m, low_m, near_m)]
            _fill(image, camera, [*edge, (x_m, top_m, near_m), (x_m, top_m, far_m)], _WOOD_SIDE)
    front = [(left_m, low_m, near_m), (right_m, low_m, near_m)]
    front += [(right_m, top_m, near_m), (left_m, top_m, near_m)]
    _fill(image, camera, front, _WOOD_FRONT)


def _fill(
    image: F32Image, camera: Camera, corners: list[tuple[float, float, float]], level: float
) -> None:
    """Fill a flat four-sided face, corners in order."""
    pixels = np.round(camera.project(np.array(corners)) * 2.0**_SUBPIXEL_BITS).astype(np.int32)
    cv2.fillConvexPoly(image, pixels, level, cv2.LINE_8, _SUBPIXEL_BITS)
