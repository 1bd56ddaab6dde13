"""Plates drawn on small pictures of a gym, with exact truth and soft, area-true edges."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

Image = NDArray[np.float64]
Luma = NDArray[np.uint8]

compiled_only = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0",
    reason="whole pictures take minutes without compiled kernels",
)


@dataclass(frozen=True)
class Plate:
    """A disc with a lighter lip and a hub."""

    x_px: float
    y_px: float
    r_px: float
    grey: float = 45.0


@dataclass(frozen=True)
class Box:
    """A leg, a rack post, a bench: something straight in front."""

    left: int
    top: int
    right: int
    bottom: int
    grey: float


def _paint(picture: Image, x: float, y: float, r: float, grey: float) -> None:
    rows, columns = np.ogrid[: picture.shape[0], : picture.shape[1]]
    inside = np.clip(r - np.hypot(columns - x, rows - y) + 0.5, 0.0, 1.0)
    picture += inside * (grey - picture)


def draw(
    plates: Sequence[Plate],
    boxes: Sequence[Box] = (),
    shape: tuple[int, int] = (360, 300),
    noise: float = 2.0,
    seed: int = 1,
) -> Luma:
    """Draw plates, then boxes in front of them, on a wall with a floor; add noise."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    picture = 150.0 + 15.0 * np.sin(columns / 60.0) - 20.0 * (rows > 0.9 * shape[0])
    for plate in plates:
        _paint(picture, plate.x_px, plate.y_px, plate.r_px, plate.grey)
        _paint(picture, plate.x_px, plate.y_px, 0.90 * plate.r_px, plate.grey + 25.0)
        _paint(picture, plate.x_px, plate.y_px, 0.80 * plate.r_px, plate.grey)
        _paint(picture, plate.x_px, plate.y_px, 0.15 * plate.r_px, 120.0)
    for box in boxes:
        picture[box.top : box.bottom, box.left : box.right] = box.grey
    picture += noise * random.normal(size=shape)
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def static(shape: tuple[int, int] = (360, 300), seed: int = 5) -> Luma:
    """Noise and nothing else."""
    return np.asarray(np.random.default_rng(seed).integers(0, 256, shape), np.uint8)
