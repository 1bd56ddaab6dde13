"""Draw projected targets with exact edges, and add sensor noise.

A target is sampled on a grid finer than the pixels. A sample on an edge holds the share that the
edge covers of a square ``SOFT`` samples wide, so an edge lies where geometry puts it and not on
the grid.
"""

import math

import numpy as np
from numpy.typing import NDArray

from shinline.kernel import kernel
from shinline.types import FloatArray, U8Image

Fine = NDArray[np.float32]

SOFT = 2.0
"""Twice the spacing: with that, a target's centroid moves least as it slides over the grid."""


@kernel
def draw_ring(
    plane: FloatArray, origin: FloatArray, step: float, look: FloatArray, out: Fine
) -> None:
    """Fill ``out`` (H, W, 2) float32 with grey x cover and cover of a ring target.

    ``plane`` is the 3x3 that takes image offsets from the principal point to plane coordinates;
    ``origin`` the offset of the first sample; ``look`` radii of the white centre, the black disc
    and the paper, then the grey of the centre, the disc and the paper.
    """
    for i in range(out.shape[0]):
        y = origin[1] + i * step
        for j in range(out.shape[1]):
            x = origin[0] + j * step
            w = plane[2, 0] * x + plane[2, 1] * y + plane[2, 2]
            a = (plane[0, 0] * x + plane[0, 1] * y + plane[0, 2]) / w
            b = (plane[1, 0] * x + plane[1, 1] * y + plane[1, 2]) / w
            r = math.sqrt(a * a + b * b) + 1e-12
            ax = (plane[0, 0] - a * plane[2, 0]) / w
            ay = (plane[0, 1] - a * plane[2, 1]) / w
            bx = (plane[1, 0] - b * plane[2, 0]) / w
            by = (plane[1, 1] - b * plane[2, 1]) / w
            rx = (a * ax + b * bx) / r
            ry = (a * ay + b * by) / r
            soft = SOFT * step * math.sqrt(rx * rx + ry * ry) + 1e-12
            inner = min(max(0.5 + (look[0] - r) / soft, 0.0), 1.0)
            disc = min(max(0.5 + (look[1] - r) / soft, 0.0), 1.0)
            paper = min(max(0.5 + (look[2] - r) / soft, 0.0), 1.0)
            grey = look[5] + disc * (look[4] - look[5]) + inner * (look[3] - look[4])
            out[i, j, 0] = paper * grey
            out[i, j, 1] = paper


@kernel
def draw_tag(
    plane: FloatArray, origin: FloatArray, step: float, cells: FloatArray, side: float, out: Fine
) -> None:
    """Fill ``out`` (H, W, 2) float32 with grey x cover and cover of a square tag.

    ``cells`` holds the grey of each cell, its outermost cells the paper's; ``side`` is the length
    of a cell on the plane. A sample is the mean over a square of the plane.
    """
    count = cells.shape[0]
    for i in range(out.shape[0]):
        y = origin[1] + i * step
        for j in range(out.shape[1]):
            x = origin[0] + j * step
            w = plane[2, 0] * x + plane[2, 1] * y + plane[2, 2]
            a = (plane[0, 0] * x + plane[0, 1] * y + plane[0, 2]) / w
            b = (plane[1, 0] * x + plane[1, 1] * y + plane[1, 2]) / w
            ax = (plane[0, 0] - a * plane[2, 0]) / w
            ay = (plane[0, 1] - a * plane[2, 1]) / w
            bx = (plane[1, 0] - b * plane[2, 0]) / w
            by = (plane[1, 1] - b * plane[2, 1]) / w
            wide = SOFT * step * math.sqrt(ax * ax + ay * ay) / side
            high = SOFT * step * math.sqrt(bx * bx + by * by) / side
            u = a / side + 0.5 * count - 0.5 * wide
            v = b / side + 0.5 * count - 0.5 * high
            column = math.floor(u)
            row = math.floor(v)
            right = max(0.0, (u + wide - column - 1.0) / wide)
            below = max(0.0, (v + high - row - 1.0) / high)
            grey = 0.0
            cover = 0.0
            for down in range(2):
                for across in range(2):
                    share = (below if down else 1.0 - below) * (right if across else 1.0 - right)
                    inside = 0 <= row + down < count and 0 <= column + across < count
                    if inside and share > 0.0:
                        grey += share * cells[row + down, column + across]
                        cover += share
            out[i, j, 0] = grey
            out[i, j, 1] = cover


@kernel
def blur_spectrum(spectrum: Fine, psf_sd: float, streak_x: float, streak_y: float) -> None:
    """Multiply a (H, W, 2) complex spectrum by a Gaussian's and a straight streak's.

    ``psf_sd`` and the streak's two components are in samples. Both transforms are real.
    """
    height = spectrum.shape[0]
    width = spectrum.shape[1]
    for i in range(height):
        fy = (i if i <= height // 2 else i - height) / height
        for j in range(width):
            fx = (j if j <= width // 2 else j - width) / width
            gain = math.exp(-2.0 * (math.pi * psf_sd) ** 2 * (fx * fx + fy * fy))
            phase = math.pi * (fx * streak_x + fy * streak_y)
            if abs(phase) > 1e-9:
                gain *= math.sin(phase) / phase
            spectrum[i, j, 0] *= gain
            spectrum[i, j, 1] *= gain


@kernel
def lay_over(fine: Fine, over: int, left: int, top: int, light: FloatArray, picture: Fine) -> None:
    """Average ``fine`` over pixels of ``over`` x ``over`` samples and lay it over ``picture``.

    ``light`` is the illumination: offset, per pixel along x, per pixel along y.
    """
    height = fine.shape[0] // over
    width = fine.shape[1] // over
    for i in range(max(0, -top), min(height, picture.shape[0] - top)):
        for j in range(max(0, -left), min(width, picture.shape[1] - left)):
            grey = 0.0
            cover = 0.0
            for p in range(i * over, (i + 1) * over):
                for q in range(j * over, (j + 1) * over):
                    grey += fine[p, q, 0]
                    cover += fine[p, q, 1]
            grey /= over * over
            cover /= over * over
            shade = light[0] + light[1] * (j + left) + light[2] * (i + top)
            under = picture[i + top, j + left]
            picture[i + top, j + left] = under * (1.0 - cover) + grey * shade


@kernel
def expose(
    picture: Fine, noise: float, level: float, seed: int, normal: Fine, out: U8Image
) -> None:
    """Add read and shot noise to ``picture`` and round it to 8 bits.

    At grey ``level`` half of the variance ``noise``**2 is the readout's and half the photons'.
    ``normal`` is a table of 65,536 equally likely values of the normal distribution; the random
    numbers are splitmix64's, four of 16 bits from each word.
    """
    half = 0.5 * noise * noise
    word = 0
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            if j % 4 == 0:
                seed += -7046029254386353131
                word = seed
                word = (word ^ ((word >> 30) & 0x3FFFFFFFF)) * -4658895280553007687
                word = (word ^ ((word >> 27) & 0x1FFFFFFFFF)) * -7723592293110705685
                word = word ^ ((word >> 31) & 0x1FFFFFFFF)
            grey = picture[i, j]
            sd = math.sqrt(half * (1.0 + max(grey, 0.0) / level))
            grey += sd * normal[word & 0xFFFF]
            word >>= 16
            out[i, j] = int(min(max(grey + 0.5, 0.0), 255.0))
