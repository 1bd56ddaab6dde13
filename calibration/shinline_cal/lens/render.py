"""The chart as a known lens would see it: a stand-in for a camera, for tests and the benchmark.

Every pixel is the mean of points spread over its area and the lens's own blur; each point is
followed along its ray onto the chart, whose black and white are exact.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from shinline.types import FloatArray, U8Image
from shinline_cal import chart
from shinline_cal.lens.board import board
from shinline_cal.lens.model import unproject

F32 = NDArray[np.float32]

PX_PER_M: Final = 3000
"""A third of a millimetre: every edge of the chart falls on one."""

PAPER_M: Final = (0.297, 0.210)
SAMPLES: Final = 24
BLACK: Final = 25.0
WHITE: Final = 215.0
ROOM: Final = 120.0
"""Grey levels of ink, paper, and what is behind."""


@dataclass(frozen=True, slots=True)
class Shot:
    """How one picture is taken.

    ``pose`` is the turn (Rodrigues, rad) and the place (m) of the chart's upper left corner as
    seen from the camera, six numbers. ``blur_px`` is the standard deviation of a lens out of
    focus, ``smear_px`` how far the chart moves while it is exposed, across and down, ``skew_px``
    while a rolling shutter reads the whole picture, ``noise`` the standard deviation of a pixel in
    grey levels, ``bow_m`` how far the chart's middle bulges toward the camera, ``scale`` the size
    of the print over the right one.
    """

    pose: FloatArray
    blur_px: float = 0.0
    smear_px: tuple[float, float] = (0.0, 0.0)
    skew_px: tuple[float, float] = (0.0, 0.0)
    noise: float = 2.0
    bow_m: float = 0.0
    scale: float = 1.0


class Studio:
    """Takes pictures with one lens.

    Parameters
    ----------
    theta : (9,)
        The lens.
    width_px, height_px
        Of the pictures.
    sharpness_px
        Standard deviation of the blur of the lens in focus, the pixel's own area not counted.

    """

    def __init__(
        self, theta: FloatArray, width_px: int, height_px: int, sharpness_px: float = 0.45
    ) -> None:
        self.theta = theta
        self.size_px = (width_px, height_px)
        y, x = np.mgrid[0:height_px, 0:width_px]
        pixels = np.stack([x.ravel(), y.ravel()], axis=1).astype(float)
        rays = unproject(theta, pixels).reshape(height_px, width_px, 2)
        self._rays: F32 = rays.astype(np.float32)
        self._down: F32 = np.asarray(np.gradient(rays, axis=0), np.float32)
        self._across: F32 = np.asarray(np.gradient(rays, axis=1), np.float32)
        self._spread = _spread(sharpness_px)
        self._face = _face()

    def take(self, shot: Shot, seed: int = 0) -> U8Image:
        """Return one picture (H, W)."""
        light: F32 = np.full(self._rays.shape[:2], ROOM, np.float32)
        rows, columns = self._box(shot)
        if rows.stop > rows.start and columns.stop > columns.start:
            light[rows, columns] = self._seen(shot, rows, columns)
        light = _smeared(light, shot.smear_px)
        if shot.blur_px > 0.0:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), shot.blur_px), np.float32)
        noise = np.random.default_rng(seed).normal(0.0, shot.noise, light.shape)
        return np.clip(np.rint(light + noise), 0, 255).astype(np.uint8)

    def _seen(self, shot: Shot, rows: slice, columns: slice) -> F32:
        """Return the mean light of the pixels in a box.

        Where a ray meets the flat chart is a quotient of linear functions of the ray, so going
        from one point of a pixel to the next is an addition.
        """
        rays, *steps = (part[rows, columns] for part in (self._rays, self._across, self._down))
        late: F32 = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None, None]
        late = late / np.float32(self.size_px[1]) - np.float32(0.5)
        for step, skew in zip(steps, shot.skew_px, strict=True):
            rays = rays - step * late * np.float32(skew)
        parts = [rays, *steps]
        turn = cv2.Rodrigues(shot.pose[:3])[0].T
        place = turn @ shot.pose[3:]
        meets = np.stack([turn[0] * place[2] - turn[2] * place[0],
                          turn[1] * place[2] - turn[2] * place[1]])  # fmt: skip
        meets *= PX_PER_M / shot.scale
        top = [_linear(parts, row) for row in meets]
        bottom = _linear(parts, turn[2])
        total: F32 = np.zeros(rays.shape[:2], np.float32)
        for dx, dy in self._spread:
            reach = 1.0 / _at(bottom, dx, dy)
            x, y = (_at(part, dx, dy) * reach for part in top)
            if shot.bow_m:
                x, y = self._bowed(shot, x, y)
            total += self._ink(x, y)
        return total / np.float32(len(self._spread))

    def _bowed(self, shot: Shot, x: F32, y: F32) -> tuple[F32, F32]:
        """Move the points at which rays meet the flat chart to where they meet a bulging one."""
        eye = -(cv2.Rodrigues(shot.pose[:3])[0].T @ shot.pose[3:])
        wide = chart.COLUMNS * chart.SQUARE_M * PX_PER_M
        flat_x, flat_y = x, y
        for _ in range(3):
            across = np.clip(np.float32(2.0 / wide) * x - 1.0, -1.3, 1.3)
            share = np.float32(shot.bow_m / eye[2]) * (1.0 - across * across)
            x = flat_x + (np.float32(eye[0] * PX_PER_M) - flat_x) * share
            y = flat_y + (np.float32(eye[1] * PX_PER_M) - flat_y) * share
        return x, y

    def _ink(self, x: F32, y: F32) -> F32:
        """Return the light at places on the chart, in thirds of a millimetre."""
        left, top = self._face.margin
        light = cv2.remap(  # takes the nearest; a value's own place is its middle
            self._face.light,
            x + np.float32(left - 0.5),
            y + np.float32(top - 0.5),
            cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=ROOM,
        )
        return np.asarray(light, np.float32)

    def _box(self, shot: Shot) -> tuple[slice, slice]:
        """Return the rows and columns in which the paper can be."""
        left, top = (margin / PX_PER_M for margin in self._face.margin)
        right, bottom = PAPER_M[0] - left, PAPER_M[1] - top
        x, y = np.meshgrid(np.linspace(-left, right, 9), np.linspace(-top, bottom, 9))
        points = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3) * shot.scale
        seen = points @ cv2.Rodrigues(shot.pose[:3])[0].T + shot.pose[3:]
        pixels = self.theta[:2] * (seen[:, :2] / seen[:, 2:]) + self.theta[2:4]
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        pad = 0.35 * (high - low) + 20  # the lens bends what is computed here straight
        (x0, y0), (x1, y1) = np.clip([low - pad, high + pad], 0, np.array(self.size_px)).astype(int)
        return slice(y0, y1), slice(x0, x1)


@dataclass(frozen=True, slots=True)
class _Face:
    light: F32
    margin: tuple[int, int]


def _face() -> _Face:
    """Return the printed sheet, one value for each third of a millimetre."""
    size = (
        round(chart.COLUMNS * chart.SQUARE_M * PX_PER_M),
        round(chart.ROWS * chart.SQUARE_M * PX_PER_M),
    )
    paper = (round(PAPER_M[0] * PX_PER_M), round(PAPER_M[1] * PX_PER_M))
    margin = ((paper[0] - size[0]) // 2, (paper[1] - size[1]) // 2)
    ink = np.full((paper[1], paper[0]), 255, np.uint8)
    ink[margin[1] : margin[1] + size[1], margin[0] : margin[0] + size[0]] = board().generateImage(
        size, marginSize=0
    )
    return _Face(np.where(ink > 127, WHITE, BLACK).astype(np.float32), margin)


def _linear(parts: list[F32], row: FloatArray) -> list[F32]:
    """Return row . (x, y, 1) of the rays, and how it grows with one pixel across and down."""
    rays, across, down = parts
    w = row.astype(np.float32)
    return [
        rays[..., 0] * w[0] + rays[..., 1] * w[1] + w[2],
        across[..., 0] * w[0] + across[..., 1] * w[1],
        down[..., 0] * w[0] + down[..., 1] * w[1],
    ]


def _at(linear: list[F32], dx: float, dy: float) -> F32:
    value, across, down = linear
    return np.asarray(value + across * np.float32(dx) + down * np.float32(dy), np.float32)


def _spread(sharpness_px: float) -> list[tuple[float, float]]:
    """Return points spread evenly over a pixel and the lens's blur, alike on opposite sides.

    Roberts' sequence in four dimensions, its last two by the quantiles of the normal distribution.
    """
    golden = 1.1673039782614187  # x^5 = x + 1
    shares = 1.0 / golden ** np.arange(1, 5)
    even = (0.5 + np.outer(np.arange(SAMPLES // 2), shares)) % 1.0
    normal = NormalDist()
    blur = [[normal.inv_cdf(min(max(v, 0.01), 0.99)) for v in row] for row in even[:, 2:]]
    half = even[:, :2] - 0.5 + sharpness_px * np.array(blur)
    # So few points are not quite as wide as the area they stand for: make them so.
    wide = np.sqrt(sharpness_px**2 + 1.0 / 12.0)
    half = half @ np.linalg.inv(np.linalg.cholesky(half.T @ half / len(half))).T * wide
    return [(float(x), float(y)) for x, y in np.concatenate([half, -half])]


def _smeared(light: F32, smear_px: tuple[float, float]) -> F32:
    length = float(np.hypot(*smear_px))
    if length == 0.0:
        return light
    steps = np.linspace(-0.5, 0.5, max(3, 2 * round(length) + 1))
    total = np.zeros_like(light)
    for step in steps:
        shift = np.array([[1, 0, step * smear_px[0]], [0, 1, step * smear_px[1]]])
        total += cv2.warpAffine(light, shift, light.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return total / np.float32(len(steps))
