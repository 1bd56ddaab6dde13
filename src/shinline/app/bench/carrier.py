"""Draw what a marker is fixed to, and what comes between it and the camera."""

import math
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from shinline.app.bench.backdrop import PSF_SD_PX, Picture
from shinline.app.bench.pose import Pose, focal_px, plane_from_image
from shinline.types import FloatArray

SIDE: Final = 384
"""Pixels across the drawing of a carrier."""

DRAWINGS: Final = 8
PLATE: Final = 5.6
"""Diameter of a 450-mm plate / black disc of an 80-mm target."""

FABRIC: Final = 3.0
MOST_WRITING: Final = ("20", "25 KG", "BUMPER", "OLYMPIC")


def lay_carrier(
    picture: Picture, pose: Pose, light: FloatArray, rng: np.random.Generator, plate: bool
) -> None:
    """Lay a plate with rim and writing, or a piece of dark clothing, over ``picture``."""
    size = PLATE if plate else FABRIC
    half = math.ceil(0.5 * size * pose.d_px * 1.05 + 0.5 * pose.blur_px) + 4
    left, top = round(pose.x_px) - half, round(pose.y_px) - half
    art = _drawing(plate, int(rng.integers(DRAWINGS)), math.ceil(size * pose.d_px))
    height, width = picture.shape
    centre = 0.5 * np.array([width - 1, height - 1])
    shift = np.array([[1, 0, left - centre[0]], [0, 1, top - centre[1]], [0, 0, 1.0]])
    scale = len(art) / (size * pose.d_px)
    middle = 0.5 * (len(art) - 1)
    art_from_plane = np.array([[scale, 0, middle], [0, scale, middle], [0, 0, 1.0]])
    matrix = art_from_plane @ plane_from_image(pose, focal_px(width), centre) @ shift
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(art, matrix, (2 * half + 1, 2 * half + 1), flags=flags)
    if pose.blur_px > 0.0:
        seen = cv2.filter2D(seen, -1, _streak(pose), borderType=cv2.BORDER_CONSTANT)
    seen = cv2.GaussianBlur(seen, (0, 0), PSF_SD_PX, borderType=cv2.BORDER_CONSTANT)
    _lay(picture, np.asarray(seen, np.float32), left, top, light)


def _lay(picture: Picture, seen: Picture, left: int, top: int, light: FloatArray) -> None:
    """Lay (grey x cover, cover) over the picture where the two overlap."""
    height, width = picture.shape
    y0, y1 = max(top, 0), min(top + seen.shape[0], height)
    x0, x1 = max(left, 0), min(left + seen.shape[1], width)
    part = seen[y0 - top : y1 - top, x0 - left : x1 - left]
    shade = light[0] + light[1] * np.arange(x0, x1) + light[2] * np.arange(y0, y1)[:, None]
    under = picture[y0:y1, x0:x1]
    under *= 1.0 - part[..., 1]
    under += part[..., 0] * shade.astype(np.float32)


def _streak(pose: Pose) -> Picture:
    """Return the kernel of a straight motion."""
    half = math.ceil(0.5 * pose.blur_px) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    dx, dy = pose.streak_px
    for share in np.linspace(-0.5, 0.5, 8 * half + 1):
        x, y = half + share * dx, half + share * dy
        i, j = int(y), int(x)
        kernel[i : i + 2, j : j + 2] += np.outer([1 - y + i, y - i], [1 - x + j, x - j])
    return np.asarray(kernel / kernel.sum(), np.float32)


@lru_cache(maxsize=64)
def _drawing(plate: bool, index: int, side: int) -> Picture:
    """Return a drawing (grey x cover, cover), reduced to about the size it is seen at."""
    rng = np.random.default_rng([index, plate])
    grey, cover = _plate(rng) if plate else _fabric(rng)
    both = np.stack([grey * cover, cover], axis=2).astype(np.float32)
    if side >= SIDE:
        return both
    return np.asarray(cv2.resize(both, (side, side), interpolation=cv2.INTER_AREA))


def _grid() -> FloatArray:
    """Return the distance from the drawing's centre in units of its half side."""
    row = (np.arange(SIDE) - 0.5 * (SIDE - 1)) / (0.5 * SIDE)
    return np.asarray(np.hypot(row[None, :], row[:, None]))


def _plate(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    canvas = np.full((SIDE, SIDE), int(rng.uniform(22, 50)), np.uint8)
    r = _grid()
    canvas[r > rng.uniform(0.9, 0.95)] = int(rng.uniform(55, 110))
    canvas[np.abs(r - rng.uniform(0.55, 0.6)) < 0.012] = int(rng.uniform(50, 90))
    word = str(rng.choice(MOST_WRITING))
    (wide, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, 1.2, 2)
    at = ((SIDE - wide) // 2, round(0.16 * SIDE))
    cv2.putText(canvas, word, at, cv2.FONT_HERSHEY_DUPLEX, 1.2, 190, 2, cv2.LINE_AA)
    low = ((SIDE - wide) // 2, round(0.9 * SIDE))
    cv2.putText(canvas, word, low, cv2.FONT_HERSHEY_DUPLEX, 1.2, 190, 2, cv2.LINE_AA)
    for _ in range(12):
        a, b, c, d = (int(v) for v in rng.integers(0, SIDE, 4))
        cv2.line(canvas, (a, b), (c, d), int(rng.uniform(30, 75)), 1, cv2.LINE_AA)
    return canvas.astype(np.float64), _soft(r)


def _fabric(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return clothing with creases, its outline uneven."""
    row = np.linspace(0.0, 2 * np.pi, SIDE)
    grey = np.full((SIDE, SIDE), rng.uniform(25, 70))
    for _ in range(6):
        fx, fy, phase = rng.uniform(-4, 4), rng.uniform(-4, 4), rng.uniform(0, 6.3)
        grey += rng.uniform(1, 5) * np.cos(fx * row[None, :] + fy * row[:, None] + phase)
    angle = np.arctan2(row[:, None] - np.pi, row[None, :] - np.pi)
    outline = 1.0 + 0.12 * np.cos(rng.integers(2, 6) * angle + rng.uniform(0, 6.3))
    return grey, _soft(_grid() * outline * 1.13)


def _soft(r: FloatArray) -> FloatArray:
    """Return the cover of what reaches to ``r`` = 0.98, its edge one pixel wide."""
    return np.asarray(np.clip(0.5 + (0.98 - r) * 0.5 * SIDE, 0.0, 1.0))


# --- between marker and camera ----------------------------------------------------------------


def _around(picture: Picture, pose: Pose, reach_px: float) -> tuple[Picture, Picture, Picture]:
    """Return the part of the picture within reach of a target, and x and y from its centre."""
    top, left = (max(0, round(v - reach_px)) for v in (pose.y_px, pose.x_px))
    part = picture[top : round(pose.y_px + reach_px), left : round(pose.x_px + reach_px)]
    x = np.arange(part.shape[1], dtype=np.float32) + np.float32(left - pose.x_px)
    y = np.arange(part.shape[0], dtype=np.float32) + np.float32(top - pose.y_px)
    return part, x[None, :], y[:, None]


def add_glare(picture: Picture, pose: Pose, share: float, rng: np.random.Generator) -> None:
    """Add a lamp's reflection that saturates black over ``share`` of D; it hangs in the room."""
    turn, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.4) * pose.d_px
    sd = 0.5 * share * pose.d_px / 1.5
    part, x, y = _around(picture, pose, away + 5.0 * sd)
    r2 = (x - away * math.cos(turn)) ** 2 + (y - away * math.sin(turn)) ** 2
    part += 225.0 * math.exp(0.5 * 1.5**2) * np.exp(-0.5 * r2 / sd**2)


def cover_share(height: float) -> float:
    """Return the share of a disc beyond a chord ``height`` radii from its centre."""
    return (math.acos(height) - height * math.sqrt(1.0 - height * height)) / math.pi


def chord(share: float) -> float:
    """Return how far from the centre, in radii, a straight edge hides ``share`` of the disc."""
    low, high = -1.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if cover_share(middle) > share else (low, middle)
    return 0.5 * (low + high)


def add_cover(picture: Picture, pose: Pose, share: float, rng: np.random.Generator) -> None:
    """Put a dark leg (upright) or a hand (any direction) over ``share`` of the black disc."""
    leg = rng.uniform() < 0.5
    turn = rng.normal(0.0, 0.2) + np.pi * rng.integers(2) if leg else rng.uniform(0, 2 * np.pi)
    grey = rng.uniform(20, 70) if leg else rng.uniform(110, 180)
    part, x, y = _around(picture, pose, 6.0 * pose.d_px)
    away = x * math.cos(turn) + y * math.sin(turn) - chord(share) * 0.5 * pose.d_px
    along = np.abs(y * math.cos(turn) - x * math.sin(turn))
    wide, long = rng.uniform(1.2, 2.5) * pose.d_px, rng.uniform(2.0, 5.0) * pose.d_px
    edge = np.minimum(np.minimum(away, wide - away), long - along)
    part += np.clip(0.5 + edge / (PSF_SD_PX * math.sqrt(12.0)), 0.0, 1.0) * (grey - part)
