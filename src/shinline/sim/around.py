"""What moves around the lifter, and what befalls light and camera."""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from shinline.sim.body import make_body
from shinline.sim.camera import Camera
from shinline.sim.clothes import Dress
from shinline.sim.figure import Points, paint_layer
from shinline.sim.gym import WALL_Z_M
from shinline.sim.looks import Surroundings
from shinline.sim.paint import F32Image
from shinline.sim.people import paint_bystander, paint_cat, paint_passer, passers
from shinline.sim.plate import paint_loaded_plate, plate_print
from shinline.sim.pose import PLATE_RADIUS_M, Body
from shinline.sim.stickers import COLLAR_M, PLATE_THICKNESS_M
from shinline.sim.walls import MIRROR_M
from shinline.types import FloatArray

_DIM: Final = 0.55  # of what the mirror shows; the rest is the glass
_GLASS: Final = 96.0
_PLATE_DIM: Final = 0.8
_MIRROR_RAD: Final = 0.2  # it leans to one side: what it shows is seen beside the lifter
_LAMP_S: Final = 0.04
_SHAKE_S, _SHAKE_HZ = 0.15, 7.0
_BYSTANDERS_M: Final = ((-1.15, -0.35), (1.25, -0.2), (-1.3, 0.25))


class Around:
    """Paints mirror, people and cat onto the empty room, for one recording."""

    def __init__(
        self, room: Surroundings, camera: Camera, body: Body, rng: np.random.Generator
    ) -> None:
        self._room = room
        self._camera = camera
        self._body = body
        self._passers = passers(room.passers, body.raised_m, rng)
        self._stander = make_body(1.80, "conventional", raised_m=body.raised_m)
        self._stand = _BYSTANDERS_M[int(rng.integers(len(_BYSTANDERS_M)))]
        self._mirror_rad = float(rng.choice((-1.0, 1.0))) * _MIRROR_RAD

    def paint(self, image: F32Image, t_s: float) -> None:
        """Paint everybody who is behind the lifter."""
        for passer in self._passers:
            paint_passer(image, self._camera, passer, t_s)
        if self._room.bystander:
            paint_bystander(image, self._camera, self._stander, self._stand, t_s)

    def paint_cat(self, image: F32Image, t_s: float) -> None:
        """Paint the cat, if there is one: nearer than the lifter's feet."""
        if self._room.cat:
            paint_cat(image, self._camera, self._body.floor_m, t_s)

    def mirror(
        self, image: F32Image, points: Points | None, dress: Dress, bar_xy: FloatArray
    ) -> None:
        """Paint the lifter and the bar's plates again, as a mirror on the wall shows them."""
        left, right, low, high = MIRROR_M
        floor_m, sign = self._body.floor_m, self._camera.mirror
        corners = np.array(
            [[sign * x, floor_m + y, WALL_Z_M] for x in (left, right) for y in (low, high)]
        )
        size_px = np.array([self._camera.width_px, self._camera.height_px])
        pixels = np.clip(self._camera.project(corners), 0, size_px).astype(np.int64)
        (x0, y0), (x1, y1) = pixels.min(axis=0), pixels.max(axis=0)
        whole = image.copy()
        if points is not None:
            self._reflect(whole, points, dress)
        face = np.asarray(plate_print(25) * np.float32(_PLATE_DIM), np.float32)
        thick_m = 0.5 * PLATE_THICKNESS_M
        for side in (1.0, -1.0):
            plate = np.array([*bar_xy, side * (COLLAR_M + thick_m)])
            x_m, y_m, z_m = self._mirrored(plate)
            span_m = (z_m - thick_m, z_m + thick_m)
            paint_loaded_plate(whole, self._camera.packed, (sign * x_m, y_m), span_m,
                               PLATE_RADIUS_M, 0.0, face)  # fmt: skip
        image[y0:y1, x0:x1] = whole[y0:y1, x0:x1]

    def _reflect(self, image: F32Image, points: Points, dress: Dress) -> None:
        levels = {name: _GLASS + _DIM * (v - _GLASS) for name, v in dress.levels.items()}
        dim = replace(dress, levels=levels, cloth={})
        across = np.array([1.0, 1.0, -1.0])
        away = {name: self._mirrored(point) for name, point in points.items()}
        near = {name: self._mirrored(point * across) for name, point in points.items()}
        size = self._body.stature_m
        paint_layer(image, self._camera, size, away, "leg", dim)
        paint_layer(image, self._camera, size, away, "arm", dim)
        paint_layer(image, self._camera, size, near, "trunk", dim)
        paint_layer(image, self._camera, size, near, "leg", dim)
        paint_layer(image, self._camera, size, near, "arm", dim)

    def _mirrored(self, point: FloatArray) -> FloatArray:
        """Return where a point (3,) seems to be in the mirror."""
        normal = np.array([np.sin(self._mirror_rad), 0.0, np.cos(self._mirror_rad)])
        before_m = float(normal @ (point - np.array([0.0, 0.0, WALL_Z_M])))
        return np.asarray(point - 2.0 * before_m * normal)


def lit(image: F32Image, room: Surroundings, t_s: float) -> F32Image:
    """Return the picture in the light of an instant."""
    gain, offset = 1.0, 0.0
    if room.drift > 0.0:
        gain += room.drift * float(np.sin(2.0 * np.pi * t_s / room.drift_period_s))
    if room.lamp_s > 0.0:
        on = float(np.clip((t_s - room.lamp_s) / _LAMP_S, 0.0, 1.0))
        if room.lamp_back_s > room.lamp_s:
            on -= float(np.clip((t_s - room.lamp_back_s) / _LAMP_S, 0.0, 1.0))
        gain *= 1.0 + on * (room.lamp_gain - 1.0)
        offset = on * room.lamp_offset
    if gain == 1.0 and offset == 0.0:
        return image
    return np.asarray(image * np.float32(gain) + np.float32(offset), np.float32)


def bumped(image: F32Image, room: Surroundings, t_s: float) -> F32Image:
    """Return the picture of a camera that may have been knocked: it shakes, and stays moved."""
    since_s = t_s - room.bump_s
    if room.bump_s == 0.0 or since_s < 0.0:
        return image
    swing = float(np.exp(-since_s / _SHAKE_S) * np.cos(2.0 * np.pi * _SHAKE_HZ * since_s))
    share = 1.0 - swing
    height, width = image.shape
    middle = (0.5 * (width - 1), 0.5 * (height - 1))
    move = np.asarray(cv2.getRotationMatrix2D(middle, -share * room.bump_deg, 1.0), np.float64)
    move[:, 2] += share * np.array([room.bump_x_px, room.bump_y_px])
    moved = cv2.warpAffine(image, move, (width, height), flags=cv2.INTER_LINEAR,
                           borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return moved.astype(np.float32)
