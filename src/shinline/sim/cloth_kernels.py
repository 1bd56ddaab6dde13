"""Painting kernel for limbs in patterned cloth; see :mod:`shinline.sim.paint` for plain ones."""

import math

import numpy as np
from numpy.typing import NDArray

from shinline.kernel import kernel
from shinline.sim.paint import limb_at, limb_box

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
    x0, x1, y0, y1 = limb_box(image.shape, ax, ay, ar, bx, by, br)
    length = max(math.sqrt((bx - ax) ** 2 + (by - ay) ** 2), 1e-6)
    ux = (bx - ax) / length
    uy = (by - ay) / length
    size = cloth.shape[0]
    for row in range(y0, y1):
        for column in range(x0, x1):
            cover, light, ahead, radius = limb_at(
                column - ax, row - ay, ar, br, ux, uy, length, cut
            )
            if cover == 0.0:
                continue
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
