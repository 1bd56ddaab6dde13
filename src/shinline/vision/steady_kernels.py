"""Kernels that follow the room behind the lifter, in a hand-held recording.

``block_texture``  how well each block of the reference can be located at all;
``match_blocks``   where each block went, to a fraction of a pixel;
``most_agreed``    the shift on which most blocks agree;
``likely_similarity``  the same with turn and zoom, for a camera that was moved far;
``fit_similarity`` one shift, turn and zoom through the blocks that agree.
"""

import numpy as np

from shinline.kernel import kernel
from shinline.types import FloatArray, IntArray

MOST_ZOOM = 0.1
MOST_TURN = 0.15
"""Tangent of some eight degrees: a camera that fell over needs no watching."""

STIFFNESS = 100.0
"""Squared pixels: blocks ten pixels apart decide nothing about zoom and turn."""


@kernel
def block_texture(image: FloatArray, block: int, out: FloatArray) -> None:
    """Smaller eigenvalue of each block's structure tensor (Shi and Tomasi), (H//b, W//b)."""
    for bi in range(out.shape[0]):
        for bj in range(out.shape[1]):
            xx, xy, yy = 0.0, 0.0, 0.0
            for i in range(bi * block + 1, (bi + 1) * block - 1):
                for j in range(bj * block + 1, (bj + 1) * block - 1):
                    gx = 0.5 * (image[i, j + 1] - image[i, j - 1])
                    gy = 0.5 * (image[i + 1, j] - image[i - 1, j])
                    xx += gx * gx
                    xy += gx * gy
                    yy += gy * gy
            half = 0.5 * (xx - yy)
            out[bi, bj] = 0.5 * (xx + yy) - np.sqrt(half * half + xy * xy)


@kernel
def _misfit(
    reference: FloatArray, image: FloatArray, top: int, left: int, dy: int, dx: int, block: int
) -> float:
    """Mean squared difference of a block and its shifted image; the mean levels may differ."""
    total, square = 0.0, 0.0
    for i in range(block):
        for j in range(block):
            d = image[top + dy + i, left + dx + j] - reference[top + i, left + j]
            total += d
            square += d * d
    count = block * block
    return (square - total * total / count) / count


@kernel
def match_blocks(
    reference: FloatArray,
    image: FloatArray,
    corners: IntArray,
    block: int,
    guesses: IntArray,
    reach: int,
    costs: FloatArray,
    moved: FloatArray,
) -> None:
    """Find each block of ``reference`` again within ``reach`` of its guessed shift.

    ``corners`` (n, 2) are row and column, ``guesses`` (n, 2) whole pixels down and to the right;
    ``costs`` is (2 reach + 1)^2 scratch. ``moved`` (n, 3) gets dx, dy and the misfit, which is -1
    where the search left the picture or ended on its rim.
    """
    rows, columns = image.shape
    side = 2 * reach + 1
    for n in range(corners.shape[0]):
        top, left = corners[n, 0], corners[n, 1]
        guess_y, guess_x = guesses[n, 0], guesses[n, 1]
        moved[n, 2] = -1.0
        low_y, low_x = top + guess_y - reach, left + guess_x - reach
        if low_y < 0 or low_x < 0:
            continue
        if low_y + side - 1 + block > rows or low_x + side - 1 + block > columns:
            continue
        best, at_y, at_x = 1e300, 0, 0
        for a in range(side):
            for b in range(side):
                dy, dx = guess_y - reach + a, guess_x - reach + b
                costs[a, b] = _misfit(reference, image, top, left, dy, dx, block)
                if costs[a, b] < best:
                    best, at_y, at_x = costs[a, b], a, b
        if at_y == 0 or at_x == 0 or at_y == side - 1 or at_x == side - 1:
            continue
        bend_x = costs[at_y, at_x - 1] - 2.0 * best + costs[at_y, at_x + 1]
        bend_y = costs[at_y - 1, at_x] - 2.0 * best + costs[at_y + 1, at_x]
        if bend_x <= 0.0 or bend_y <= 0.0:
            continue
        part_x = 0.5 * (costs[at_y, at_x - 1] - costs[at_y, at_x + 1]) / bend_x
        part_y = 0.5 * (costs[at_y - 1, at_x] - costs[at_y + 1, at_x]) / bend_y
        moved[n, 0] = guess_x - reach + at_x + part_x
        moved[n, 1] = guess_y - reach + at_y + part_y
        moved[n, 2] = best


@kernel
def most_agreed(moved: FloatArray, trust: FloatArray, tolerance: float) -> int:
    """Index of the block with whose shift the most trust agrees; -1 when none was found."""
    best, chosen = 0.0, -1
    for n in range(moved.shape[0]):
        if moved[n, 2] < 0.0:
            continue
        total = 0.0
        for m in range(moved.shape[0]):
            if (
                moved[m, 2] >= 0.0
                and abs(moved[m, 0] - moved[n, 0]) < tolerance
                and abs(moved[m, 1] - moved[n, 1]) < tolerance
            ):
                total += trust[m]
        if total > best:
            best, chosen = total, n
    return chosen


@kernel
def likely_similarity(
    places: FloatArray,
    moved: FloatArray,
    trust: FloatArray,
    tolerance: float,
    apart: float,
    motion: FloatArray,
) -> float:
    """Write the motion on which two blocks agree and with which the most trust goes; return that.

    Every pair at least ``apart`` pixels from each other is asked. Shift, zoom and turn are those of
    :func:`fit_similarity`. 0 when no block was found again.
    """
    best = 0.0
    for n in range(places.shape[0]):
        for m in range(n):
            if moved[n, 2] < 0.0 or moved[m, 2] < 0.0:
                continue
            x, y = places[n, 0] - places[m, 0], places[n, 1] - places[m, 1]
            dx, dy = moved[n, 0] - moved[m, 0], moved[n, 1] - moved[m, 1]
            square = x * x + y * y
            if square < apart * apart:
                continue
            zoom, turn = (x * dx + y * dy) / square, (x * dy - y * dx) / square
            if abs(zoom) > MOST_ZOOM or abs(turn) > MOST_TURN:
                continue
            at_x = moved[n, 0] - zoom * places[n, 0] + turn * places[n, 1]
            at_y = moved[n, 1] - turn * places[n, 0] - zoom * places[n, 1]
            total = 0.0
            for k in range(places.shape[0]):
                off_x = moved[k, 0] - (at_x + zoom * places[k, 0] - turn * places[k, 1])
                off_y = moved[k, 1] - (at_y + turn * places[k, 0] + zoom * places[k, 1])
                if moved[k, 2] >= 0.0 and abs(off_x) < tolerance and abs(off_y) < tolerance:
                    total += trust[k]
            if total > best:
                best = total
                motion[0], motion[1], motion[2], motion[3] = at_x, at_y, zoom, turn
    return best


@kernel
def fit_similarity(
    places: FloatArray, moved: FloatArray, use: FloatArray, motion: FloatArray
) -> bool:
    """Least squares of (shift x, shift y, zoom, turn) over the used blocks, into ``motion`` (4,).

    dx = m0 + m2 x - m3 y and dy = m1 + m3 x + m2 y, with ``places`` (n, 2) as x, y. Zoom and turn
    are held near 0 with ``STIFFNESS``. About the blocks' weighted middle the four are independent,
    so nothing has to be solved. False when no block is used.
    """
    total, mx, my, mdx, mdy = 0.0, 0.0, 0.0, 0.0, 0.0
    for n in range(places.shape[0]):
        if use[n] > 0.0:
            total += use[n]
            mx += use[n] * places[n, 0]
            my += use[n] * places[n, 1]
            mdx += use[n] * moved[n, 0]
            mdy += use[n] * moved[n, 1]
    if total <= 0.0:
        return False
    mx, my, mdx, mdy = mx / total, my / total, mdx / total, mdy / total
    spread, along, around = STIFFNESS, 0.0, 0.0
    for n in range(places.shape[0]):
        if use[n] > 0.0:
            x, y = places[n, 0] - mx, places[n, 1] - my
            dx, dy = moved[n, 0] - mdx, moved[n, 1] - mdy
            spread += use[n] * (x * x + y * y)
            along += use[n] * (x * dx + y * dy)
            around += use[n] * (x * dy - y * dx)
    zoom, turn = along / spread, around / spread
    motion[0] = mdx - zoom * mx + turn * my
    motion[1] = mdy - turn * mx - zoom * my
    motion[2], motion[3] = zoom, turn
    return True
