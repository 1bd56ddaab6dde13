"""Painting kernel for limbs in patterned cloth; see :mod:`shinline.sim.paint` for plain ones."""

import math

import numpy as np
from numpy.typing import NDArray

from shinline.kernel import kernel

F32Image = NDArray[np.float32]


@kernel
def paint_cloth(
    image: F32Image,
    ax: float,
    ay: float,
    ar: float,
    bx: float,
    by: float,
    br: float,
    cut: bool,
    level: float,
    cloth: F32Image,
    texels_per_px: float,
    slid: float,
) -> None:
    """Paint a rounded limb from a to b (pixels, radii ar and br) with a pattern that moves with it.

    ``cloth`` is (n, n) factors of the level, repeated without end: rows along the limb from a,
    columns around it from the line in its middle. ``slid`` is how far the cloth has slid along the
    limb, in texels. Light and the end that is cut are those of ``paint_limb``.
    """
    reach = max(ar, br) + 1.0
    height, width = image.shape
    x0 = max(0, min(width, int(min(ax, bx) - reach)))
    x1 = max(0, min(width, int(max(ax, bx) + reach) + 2))
    y0 = max(0, min(height, int(min(ay, by) - reach)))
    y1 = max(0, min(height, int(max(ay, by) + reach) + 2))
    length = max(math.sqrt((bx - ax) ** 2 + (by - ay) ** 2), 1e-6)
    ux = (bx - ax) / length
    uy = (by - ay) / length
    size = cloth.shape[0]
    for row in range(y0, y1):
        for column in range(x0, x1):
            ahead = (column - ax) * ux + (row - ay) * uy
            along = min(length, max(0.0, ahead))
            dx = column - ax - along * ux
            dy = row - ay - along * uy
            radius = ar + along / length * (br - ar)
            away = math.sqrt(dx * dx + dy * dy)
            cover = min(1.0, max(0.0, radius - away + 0.5))
            if cut:
                cover *= min(1.0, max(0.0, ahead + 0.5))
            if cover == 0.0:
                continue
            nx = dx / radius
            ny = dy / radius
            nz = math.sqrt(max(0.0, 1.0 - nx * nx - ny * ny))
            light = 0.42 + 0.62 * max(0.0, 0.76 * nz - 0.28 * nx - 0.58 * ny)
            side = ((row - ay) * ux - (column - ax) * uy) / radius
            around = radius * math.asin(min(1.0, max(-1.0, side)))
            u = ahead * texels_per_px + slid
            v = around * texels_per_px
            i = math.floor(u)
            j = math.floor(v)
            fu = u - i
            fv = v - j
            i0 = int(i) % size
            j0 = int(j) % size
            i1 = (i0 + 1) % size
            j1 = (j0 + 1) % size
            upper = cloth[i0, j0] + fv * (cloth[i0, j1] - cloth[i0, j0])
            lower = cloth[i1, j0] + fv * (cloth[i1, j1] - cloth[i1, j0])
            factor = upper + fu * (lower - upper)
            image[row, column] += cover * (level * factor * light - image[row, column])
