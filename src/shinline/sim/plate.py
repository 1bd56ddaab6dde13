"""The weight plate: what is printed on it, its relief, and how bar ends and plates are painted."""

import functools
from typing import Final

import cv2
import numpy as np

from shinline.sim.paint import F32Image, paint_plate, paint_rings
from shinline.types import FloatArray

DECOY_PRINT_SEED: Final = 7

_PRINT_SIZE: Final = 720
_RUBBER: Final = 52.0
_LETTERS: Final = 205.0
_STEEL: Final = 150.0
_HUB: Final = 0.24  # of the plate's radius
_LIP: Final = 0.80
_EDGE_LEVEL: Final = 26.0


def _relief() -> FloatArray:
    """Return the slope of the surface from centre to rim: hub, dish, raised lip, rounded edge."""
    r = np.linspace(0.0, 1.0, 256)
    slope = np.zeros_like(r)
    for at, width, size in (
        (_HUB, 0.03, 0.30),
        (0.34, 0.04, 0.16),
        (_LIP, 0.045, -0.75),
        (0.99, 0.05, 1.10),
    ):
        slope += size * np.exp(-(((r - at) / width) ** 2))
    return slope


RELIEF: Final = _relief()


@functools.lru_cache(maxsize=16)
def plate_print(weight_kg: int, dark: float = _RUBBER) -> F32Image:
    """Return the levels printed over a plate's square: rubber, letters, a steel hub."""
    size, middle = _PRINT_SIZE, _PRINT_SIZE // 2
    face = np.full((size, size), dark, np.float32)
    cv2.circle(face, (middle, middle), round(_LIP * middle), dark * 0.86, -1, cv2.LINE_AA)
    _letter(face, f"{weight_kg}", 2.9, 0.0)
    _letter(face, "KILO", 2.0, 180.0)
    for angle_deg in (90.0, 270.0):
        _letter(face, "SHINLINE", 0.95, angle_deg)
    for angle_deg in range(45, 405, 90):
        _bolt(face, float(angle_deg), 0.285, 9, _STEEL * 0.7)
    hub_px = round(_HUB * middle)
    cv2.circle(face, (middle, middle), hub_px, _STEEL, -1, cv2.LINE_AA)
    cv2.circle(face, (middle, middle), round(0.62 * hub_px), _STEEL * 0.78, -1, cv2.LINE_AA)
    half = (middle, middle)
    return cv2.resize(face, half, interpolation=cv2.INTER_AREA).astype(np.float32)


def _place(angle_deg: float, radius: float) -> tuple[float, float]:
    middle = _PRINT_SIZE / 2.0
    angle_rad = np.deg2rad(angle_deg)
    return middle * (1.0 + radius * np.sin(angle_rad)), middle * (1.0 - radius * np.cos(angle_rad))


def _bolt(face: F32Image, angle_deg: float, radius: float, size_px: int, level: float) -> None:
    x, y = _place(angle_deg, radius)
    cv2.circle(face, (round(x), round(y)), size_px, level, -1, cv2.LINE_AA)


def _letter(face: F32Image, text: str, scale: float, angle_deg: float) -> None:
    """Write across the radius at an angle from the top, feet toward the hub."""
    font, thick = cv2.FONT_HERSHEY_DUPLEX, max(2, round(3.2 * scale))
    (width, height), _ = cv2.getTextSize(text, font, scale, thick)
    ink = np.zeros(face.shape, np.uint8)
    x, y = _place(0.0, 0.55)
    foot = (round(x - width / 2), round(y + height / 2))
    cv2.putText(ink, text, foot, font, scale, 255, thick, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((_PRINT_SIZE / 2.0, _PRINT_SIZE / 2.0), -angle_deg, 1.0)
    turned = cv2.warpAffine(ink, turn, (_PRINT_SIZE, _PRINT_SIZE), flags=cv2.INTER_LINEAR)
    face += turned.astype(np.float32) / 255.0 * (_LETTERS - face)


def paint_loaded_plate(
    image: F32Image,
    camera: FloatArray,
    centre: tuple[float, float],
    z_m: tuple[float, float],
    radius_m: float,
    turn_rad: float,
    face: F32Image,
) -> None:
    """Paint a plate of some thickness between two planes, the nearer one last."""
    x, y = centre
    edge_levels = np.array([_EDGE_LEVEL, _EDGE_LEVEL * 1.5])
    edge_radii = np.array([0.97 * radius_m, radius_m])
    for depth_m in np.linspace(*z_m, 3)[:-1]:
        paint_rings(image, camera, x, y, depth_m, edge_radii, edge_levels, 2)
    paint_plate(image, camera, x, y, z_m[1], radius_m, turn_rad, face, RELIEF)
