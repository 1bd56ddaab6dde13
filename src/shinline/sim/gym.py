"""The room behind the lifter, painted once per recording by following rays to its surfaces."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from shinline.sim.camera import Camera
from shinline.sim.looks import Surroundings
from shinline.sim.paint import F32Image, paint_plate, paint_rings
from shinline.sim.plate import DECOY_PRINT_SEED, RELIEF, plate_print
from shinline.sim.walls import dressed_wall, hang_mirror
from shinline.types import FloatArray

BoolImage = NDArray[np.bool_]

QUIET: Final = Surroundings()

WALL_Z_M: Final = -2.4
_RACK_Z_M: Final = -1.55
_RACK_X_M: Final = (-1.02, 0.98)
_RACK_WIDTH_M: Final = 0.075
_RACK_TOP_M: Final = 2.05
_HOLE_STEP_M: Final = 0.0508
_HOLE_RADIUS_M: Final = 0.011
_SHELF_Y_M: Final = 0.27
_PLATFORM_M: Final = (-1.25, 1.25, -1.25, 1.25)
_WOOD_HALF_M: Final = 0.45  # the middle of the platform is wood, the plates' sides are rubber
_SAMPLES: Final = 2  # per pixel and axis
_DECOYS: Final = ((1.42, 0.86, 0.225), (-1.55, 0.86, 0.160), (-0.38, 1.62, 0.1125))
"""Plates hung on the wall: x, y above the floor, radius."""


@dataclass(frozen=True, slots=True)
class Gym:
    """The empty room: levels, and where each pixel sees the floor (NaN where it does not)."""

    image: F32Image
    floor_x: F32Image
    floor_z: F32Image


def build_gym(
    camera: Camera, floor_m: float, rng: np.random.Generator, room: Surroundings = QUIET
) -> Gym:
    """Paint the room; ``floor_m`` is the floor's height in the scene frame."""
    fine = _look_around(camera, floor_m, rng, room)
    small = (camera.width_px, camera.height_px)
    image = cv2.resize(fine, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    _hang_decoys(image, camera, floor_m)
    x, z, _ = _floor_hits(camera, _rays(camera, 1), floor_m)
    return Gym(image, x.astype(np.float32), z.astype(np.float32))


def _look_around(
    camera: Camera, floor_m: float, rng: np.random.Generator, room: Surroundings
) -> F32Image:
    rays = _rays(camera, _SAMPLES)
    clouds = _Clouds(rng)
    wall_x, wall_y = _hit(camera, rays, WALL_Z_M, floor_m)
    level = dressed_wall(_wall_level(wall_x, wall_y, clouds), wall_x, wall_y, room.wall, rng)
    if room.mirror:
        level = hang_mirror(level, camera.mirror * wall_x, wall_y)
    rack_x, rack_y = _hit(camera, rays, _RACK_Z_M, floor_m)
    floor_x, floor_z, on_floor = _floor_hits(camera, rays, floor_m)
    on_floor &= floor_z > WALL_Z_M
    level = np.where(on_floor, _floor_level(floor_x, floor_z, clouds), level)
    steel, there = _rack_level(rack_x, rack_y)
    return np.where(there, steel, level).astype(np.float32)


def _rays(camera: Camera, samples: int) -> FloatArray:
    """Return ray directions (rows * samples, columns * samples, 3) through sub-pixel centres."""
    shift = 0.5 / samples - 0.5
    columns = np.arange(camera.width_px * samples) / samples + shift
    rows = np.arange(camera.height_px * samples) / samples + shift
    return camera.rays(np.stack(np.meshgrid(columns, rows), axis=-1))


def _hit(
    camera: Camera, rays: FloatArray, z_m: float, floor_m: float
) -> tuple[FloatArray, FloatArray]:
    """Return x and height above the floor where rays meet an upright plane."""
    reach = (z_m - camera.place[2]) / rays[..., 2]
    x_m = camera.place[0] + reach * rays[..., 0]
    return x_m, camera.place[1] + reach * rays[..., 1] - floor_m


def _floor_hits(
    camera: Camera, rays: FloatArray, floor_m: float
) -> tuple[FloatArray, FloatArray, BoolImage]:
    """Return x, z and whether rays meet the floor; x and z are NaN where they do not."""
    falls = rays[..., 1] < -1e-6
    reach = np.full(falls.shape, np.nan)
    np.divide(floor_m - camera.place[1], rays[..., 1], out=reach, where=falls)
    return camera.place[0] + reach * rays[..., 0], camera.place[2] + reach * rays[..., 2], falls


class _Clouds:
    """Smooth random patterns over the plane, with detail down to a centimetre, about -1 .. 1."""

    _SIZE: Final = 512

    def __init__(self, rng: np.random.Generator) -> None:
        total = np.zeros((self._SIZE, self._SIZE), np.float32)
        for cells, weight in ((4, 0.5), (16, 0.35), (64, 0.25), (256, 0.3)):
            coarse = rng.standard_normal((cells, cells)).astype(np.float32)
            twice = (2 * self._SIZE, 2 * self._SIZE)  # its middle continues over its own edges
            waves = cv2.resize(np.tile(coarse, (2, 2)), twice, interpolation=cv2.INTER_CUBIC)
            middle = slice(self._SIZE // 2, self._SIZE // 2 + self._SIZE)
            total += np.float32(weight) * waves[middle, middle].astype(np.float32)
        self._pattern = total

    def at(self, x_m: FloatArray, y_m: FloatArray, per_m: float) -> F32Image:
        """Look the pattern up, ``per_m`` cells of it to the metre, wrapping round."""
        x = np.mod(np.nan_to_num(x_m) * per_m, self._SIZE).astype(np.float32)
        y = np.mod(np.nan_to_num(y_m) * per_m, self._SIZE).astype(np.float32)
        seen = cv2.remap(self._pattern, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return seen.astype(np.float32)


def _wall_level(x_m: FloatArray, y_m: FloatArray, clouds: _Clouds) -> FloatArray:
    """Return plaster above a painted dado, bright under a lamp, with a skirting board."""
    lamp = 26.0 * np.exp(-(((x_m + 0.3) / 1.9) ** 2) - ((y_m - 2.4) / 1.5) ** 2)
    plaster = 172.0 + lamp + 4.0 * clouds.at(x_m, y_m, 90.0)
    seams = np.minimum(np.mod(x_m + 10.25, 0.62), np.mod(y_m + 0.14, 0.62)) < 0.008
    dado = 118.0 + 0.5 * lamp + 3.0 * clouds.at(x_m, y_m, 130.0) - 14.0 * seams
    level = np.where(y_m < 1.10, dado, plaster)
    level = np.where(np.abs(y_m - 1.12) < 0.025, 74.0, level)
    return np.where(y_m < 0.10, 62.0, level)


def _floor_level(x_m: FloatArray, z_m: FloatArray, clouds: _Clouds) -> FloatArray:
    """Return speckled rubber tiles around a platform of planks between two rubber mats."""
    speckle = clouds.at(x_m, z_m, 230.0)
    flecks = clouds.at(x_m, z_m, 3100.0) > 1.0
    tiles = 74.0 + 5.0 * clouds.at(x_m, z_m, 40.0) + 2.0 * speckle + 16.0 * flecks
    tiles -= 16.0 * (np.minimum(np.mod(x_m + 10.0, 1.0), np.mod(z_m + 10.5, 1.0)) < 0.012)
    grain = clouds.at(0.12 * x_m, 3.0 * z_m, 140.0)
    planks = 150.0 + 9.0 * grain - 26.0 * (np.mod(z_m + 10.0, 0.15) < 0.006)
    mats = 52.0 + 3.0 * speckle + 6.0 * flecks
    low_x, high_x, low_z, high_z = _PLATFORM_M
    inside = (x_m > low_x) & (x_m < high_x) & (z_m > low_z) & (z_m < high_z)
    level = np.where(inside, np.where(np.abs(z_m) < _WOOD_HALF_M, planks, mats), tiles)
    shade = 1.0 - 0.42 * np.exp(-((x_m / 0.42) ** 2) - (z_m / 0.34) ** 2)
    return level * shade * (1.0 + 0.06 * np.clip(z_m, -2.4, 2.0))


def _rack_level(x_m: FloatArray, y_m: FloatArray) -> tuple[FloatArray, BoolImage]:
    """Return the steel's level and where it is: uprights with holes, a beam, a shelf."""
    level = np.full(x_m.shape, 38.0)
    there = np.zeros(x_m.shape, bool)
    for post_m in _RACK_X_M:
        across = x_m - post_m
        post = (np.abs(across) < 0.5 * _RACK_WIDTH_M) & (y_m < _RACK_TOP_M) & (y_m > 0.0)
        there |= post
        level = np.where(post & (across < -0.3 * _RACK_WIDTH_M), 66.0, level)
        up = np.mod(y_m, _HOLE_STEP_M) - 0.5 * _HOLE_STEP_M
        level = np.where(post & (np.hypot(across, up) < _HOLE_RADIUS_M), 128.0, level)
    between = (x_m > _RACK_X_M[0]) & (x_m < _RACK_X_M[1])
    for bar_m in (_RACK_TOP_M - 0.04, _SHELF_Y_M):
        beam = between & (np.abs(y_m - bar_m) < 0.035)
        there |= beam
        level = np.where(beam & (y_m > bar_m + 0.018), 60.0, level)
    return level, there


def _hang_decoys(image: F32Image, camera: Camera, floor_m: float) -> None:
    """Hang plates on the wall, one of them the size of the bar's: round things that do not move."""
    rng = np.random.default_rng(DECOY_PRINT_SEED)
    for x_m, height_m, radius_m in _DECOYS:
        y_m = floor_m + height_m
        face = plate_print(round(float(rng.uniform(5.0, 25.0))), dark=70.0)
        turn_rad = float(rng.uniform(0.0, 6.0))
        place = (x_m, y_m, WALL_Z_M + 0.03)
        paint_plate(image, camera.packed, *place, radius_m, turn_rad, face, RELIEF)
        peg_radii, peg_levels = np.array([0.012, 0.025]), np.array([60.0, 128.0])
        paint_rings(image, camera.packed, *place, peg_radii, peg_levels, 4)
