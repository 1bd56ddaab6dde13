"""Pixel work of the ring-target detector, in the order in which a frame meets it.

Find: ``halve`` the picture, score every place and size with ``ring_score``, keep the ``peaks``.
Locate: ``ring_level`` reads the grey of a ring, ``rim`` the black disc's edge along 64 rays,
``fit_shape`` turns the edge into an ellipse; ``locate`` runs them twice on a candidate.
Measure: ``resample`` puts the centre on a pixel, ``mirror_sums`` compares opposite pixels,
``solve`` moves the centre; ``inner_disc`` weighs the white inside; ``measure`` is the whole chain.

A *shape* is the ellipse 1 / r(theta)^2 = p + q cos 2 theta + s sin 2 theta as (p, q, s), in px^-2;
*e* is a distance from the centre in units of r(theta): 1 on the black disc's edge.
Callers check ranges: nothing here is tested against the picture's border but where it says so.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shinline.kernel import kernel
from shinline.types import FloatArray, U8Image

Grey = U8Image | FloatArray
IntArray = NDArray[np.int64]

RAYS: Final = 64
_ANGLES: Final = np.arange(RAYS) * (2.0 * math.pi / RAYS)
COS: Final = np.cos(_ANGLES)
SIN: Final = np.sin(_ANGLES)
COS2: Final = np.cos(2.0 * _ANGLES)
SIN2: Final = np.sin(2.0 * _ANGLES)

E_BLACK: Final = (0.62, 0.71, 0.81)  # half-way through the black ring of each role's target
E_PAPER: Final = 1.22  # on the paper, away from the disc's blurred edge and the paper's own
EDGE_VARIANCE_PX2: Final = 1.0  # of the edge's blur: resampling, pixel, a usual lens
SETTLED_PX: Final = 0.02  # a smaller step is made by the last, finer solution
QUANTISATION: Final = 1.0 / 6.0  # variance of the difference of two rounded greys
E_PAPER_END: Final = 1.38  # still on the paper where movement smears its rim
E_SCAN_FROM: Final = 0.70
E_SCAN_TO: Final = 1.42
E_WINDOW: Final = 1.25  # mirror window: holds the whole edge, stays off the paper's rim

# columns of a measurement
(
    X, Y, VAR_X, VAR_Y, COV_XY, R, AXIS_RATIO, CONTRAST, RESIDUAL, QUALITY,
    NOISE, RATIO, SPREAD, CORE, PAPER_LOW, PAPER_END, BLACK_HIGH, COLUMNS,
) = range(18)  # fmt: skip


class Scratch(NamedTuple):
    """Memory of ``locate`` and ``measure``; its size bounds the largest target."""

    rows: FloatArray  # (side + 3, side) half-way through the resampling
    patch: FloatArray  # (side, side) the target, its centre on a pixel
    radii: FloatArray  # (RAYS,) px
    ring: FloatArray  # (RAYS,) grey
    white: FloatArray  # (7,) see ring_level
    black: FloatArray  # (7,)
    high: FloatArray  # (1,) brightest sector of the darkest ring
    shape: FloatArray  # (3,) px^-2
    sums: FloatArray  # (2, 18) see mirror_sums
    matrix: FloatArray  # (6, 6)
    right: FloatArray  # (6, 3)
    force: FloatArray  # (6,) first column of right, kept
    inner: FloatArray  # (3,) see inner_disc


SCRATCH_SHAPES: Final[dict[str, tuple[int, ...]]] = {
    "radii": (RAYS,), "ring": (RAYS,), "white": (7,), "black": (7,), "high": (1,), "shape": (3,),
    "sums": (2, 18), "matrix": (6, 6), "right": (6, 3), "force": (6,), "inner": (3,),
}  # fmt: skip
"""Sizes of the fields of Scratch that do not depend on the target's."""


@kernel
def halve(src: U8Image, dst: U8Image) -> None:
    """Average blocks of 2 x 2 pixels; an odd last row or column is left out."""
    height, width = dst.shape
    for y in range(height):
        upper = src[2 * y, : 2 * width]
        lower = src[2 * y + 1, : 2 * width]
        row = dst[y]
        for x in range(width):
            block = int(upper[2 * x]) + int(upper[2 * x + 1])
            block += int(lower[2 * x]) + int(lower[2 * x + 1])
            row[x] = (block + 2) >> 2


@kernel
def ring_score(
    img: U8Image,
    offsets: IntArray,
    scale: int,
    low: NDArray[np.uint8],
    high: NDArray[np.uint8],
    best: U8Image,
    which: U8Image,
) -> None:
    """Raise ``best`` where one size of target fits: darkest white minus brightest black.

    ``offsets`` (16, 2) holds (dy, dx): eight on the black ring, then eight on the paper; the
    centre counts as white. Only order matters, so noise alone scores above zero in one place of
    24310 (17 choose 8) whatever its strength. ``low`` and ``high`` are uint8 rows for the work.
    """
    height, width = img.shape
    margin = 0
    for k in range(offsets.shape[0]):
        margin = max(margin, abs(offsets[k, 0]), abs(offsets[k, 1]))
    count = width - 2 * margin
    if count <= 0:
        return
    half = offsets.shape[0] // 2
    for y in range(margin, height - margin):
        centre = img[y, margin : margin + count]
        first = margin + offsets[0, 1]
        black = img[y + offsets[0, 0], first : first + count]
        for x in range(count):
            low[x] = centre[x]
            high[x] = black[x]
        for k in range(1, half):
            first = margin + offsets[k, 1]
            black = img[y + offsets[k, 0], first : first + count]
            for x in range(count):
                high[x] = max(high[x], black[x])
        for k in range(half, offsets.shape[0]):
            first = margin + offsets[k, 1]
            white = img[y + offsets[k, 0], first : first + count]
            for x in range(count):
                low[x] = min(low[x], white[x])
        best_row = best[y, margin : margin + count]
        which_row = which[y, margin : margin + count]
        for x in range(count):
            if low[x] > high[x] and low[x] - high[x] > best_row[x]:
                best_row[x] = low[x] - high[x]
                which_row[x] = scale


@kernel
def is_peak(best: U8Image, y: int, x: int) -> bool:
    """Tell whether no neighbour is higher, and none before it in reading order is as high."""
    here = best[y, x]
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            other = best[y + dy, x + dx]
            earlier = dy < 0 or (dy == 0 and dx < 0)
            if other > here or (earlier and other == here):
                return False
    return bool(here > 0)


@kernel
def peaks(best: U8Image, histogram: IntArray, out: IntArray) -> int:
    """List the highest local maxima as (x, y) in reading order; return how many.

    At most ``len(out)``: ``histogram`` (256,) finds the score from which on they all fit.
    """
    height, width = best.shape
    histogram[:] = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if best[y, x] > 0 and is_peak(best, y, x):
                histogram[best[y, x]] += 1
    floor = 256
    room = len(out)
    while floor > 1 and histogram[floor - 1] <= room:
        floor -= 1
        room -= histogram[floor]
    count = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if best[y, x] >= floor and is_peak(best, y, x):
                out[count, 0] = x
                out[count, 1] = y
                count += 1
    return count


@kernel
def sample(img: Grey, x: float, y: float) -> float:
    """Interpolate bilinearly between the four pixels around (x, y), which must exist."""
    left = int(x)
    top = int(y)
    fx = x - left
    fy = y - top
    upper = img[top, left] * (1.0 - fx) + img[top, left + 1] * fx
    lower = img[top + 1, left] * (1.0 - fx) + img[top + 1, left + 1] * fx
    return float(upper * (1.0 - fy) + lower * fy)


@kernel
def radius_at(shape: FloatArray, k: int) -> float:
    """Return the ellipse's radius along ray ``k`` in px."""
    return 1.0 / math.sqrt(shape[0] + shape[1] * COS2[k] + shape[2] * SIN2[k])


@kernel
def ring_level(
    img: Grey, cx: float, cy: float, shape: FloatArray, e: float, ring: FloatArray,
    out: FloatArray,
) -> None:  # fmt: skip
    """Read the grey along a ring: mean, cos, sin, cos 2, sin 2, lowest and highest sector.

    A sector is 1/16 of the turn. The ring is 0.08 e wide, three samples deep.
    """
    for i in range(5):
        out[i] = 0.0
    for k in range(RAYS):
        r = radius_at(shape, k)
        grey = 0.0
        for i in range(-1, 2):
            reach = (e + 0.04 * i) * r
            grey += sample(img, cx + reach * COS[k], cy + reach * SIN[k])
        grey /= 3.0
        ring[k] = grey
        out[0] += grey / RAYS
        out[1] += grey * COS[k] * (2.0 / RAYS)
        out[2] += grey * SIN[k] * (2.0 / RAYS)
        out[3] += grey * COS2[k] * (2.0 / RAYS)
        out[4] += grey * SIN2[k] * (2.0 / RAYS)
    out[5] = math.inf
    out[6] = -math.inf
    for k in range(0, RAYS, 4):
        sector = 0.25 * (ring[k] + ring[k + 1] + ring[k + 2] + ring[k + 3])
        out[5] = min(out[5], sector)
        out[6] = max(out[6], sector)


@kernel
def rim(
    img: Grey, cx: float, cy: float, shape: FloatArray, white: FloatArray, black: float,
    radii: FloatArray,
) -> None:  # fmt: skip
    """Find along each ray where dark turns bright, nearest to the shape; NaN where it does not.

    The edge is where the grey passes half-way between ``black`` and the paper's level there:
    blur, also of movement, leaves that place where the edge was.
    """
    for k in range(RAYS):
        r = radius_at(shape, k)
        steps = int((E_SCAN_TO - E_SCAN_FROM) * r * 2.0) + 8
        step = (E_SCAN_TO - E_SCAN_FROM) * r / steps
        paper = white[0] + white[1] * COS[k] + white[2] * SIN[k]
        middle = 0.5 * (paper + black)
        radii[k] = math.nan
        nearest = math.inf
        reach = E_SCAN_FROM * r
        before = sample(img, cx + reach * COS[k], cy + reach * SIN[k])
        for i in range(1, steps + 1):
            reach = E_SCAN_FROM * r + i * step
            here = sample(img, cx + reach * COS[k], cy + reach * SIN[k])
            if before < middle <= here:
                edge = reach - step * (here - middle) / (here - before)
                if abs(edge - r) < nearest:
                    nearest = abs(edge - r)
                    radii[k] = edge
            before = here


@kernel
def fit_shape(
    radii: FloatArray, tolerance: float, shape: FloatArray
) -> tuple[float, float, float, float]:
    """Fit an ellipse and a shift to edge radii; return (share that agrees, dx, dy, scatter).

    A radius farther than ``tolerance`` (a share of r) from the shape given, or NaN, does not
    agree and is taken as the shape has it. Harmonics of 1/r^2 are exact for a centred ellipse.
    The noise's own share is taken off the second harmonic, so that a circle stays one.
    """
    agree = 0
    mean = 0.0
    cos1 = 0.0
    sin1 = 0.0
    cos2 = 0.0
    sin2 = 0.0
    for k in range(RAYS):
        r = radius_at(shape, k)
        if abs(radii[k] - r) <= tolerance * r:  # False for NaN
            agree += 1
        else:
            radii[k] = r
        curve = 1.0 / (radii[k] * radii[k])
        mean += curve / RAYS
        cos1 += radii[k] * COS[k] * (2.0 / RAYS)
        sin1 += radii[k] * SIN[k] * (2.0 / RAYS)
        cos2 += curve * COS2[k] * (2.0 / RAYS)
        sin2 += curve * SIN2[k] * (2.0 / RAYS)
    scatter = 0.0
    for k in range(RAYS):
        model = mean + cos2 * COS2[k] + sin2 * SIN2[k]
        model -= 2.0 * model**1.5 * (cos1 * COS[k] + sin1 * SIN[k])
        scatter += (1.0 / (radii[k] * radii[k]) - model) ** 2 / (RAYS - 5)
    power = cos2 * cos2 + sin2 * sin2
    keep = math.sqrt(max(0.0, power - 4.0 * scatter / RAYS) / power) if power > 0.0 else 0.0
    shape[0] = mean
    shape[1] = keep * cos2
    shape[2] = keep * sin2
    return agree / RAYS, cos1, sin1, math.sqrt(scatter) / (2.0 * mean**1.5)


@kernel
def in_view(img: Grey, x: float, y: float, reach: float) -> bool:
    """Tell whether the picture holds the square around (x, y); False for NaN and infinity."""
    height, width = img.shape
    across = x - reach >= 0.0 and x + reach <= width - 1.0
    return across and y - reach >= 0.0 and y + reach <= height - 1.0


@kernel
def major_radius(shape: FloatArray) -> float:
    """Return the longer semi-axis in px, infinite for a shape that is no ellipse."""
    curve = shape[0] - math.sqrt(shape[1] ** 2 + shape[2] ** 2)
    return 1.0 / math.sqrt(curve) if curve > 0.0 else math.inf


@kernel
def axis_ratio(shape: FloatArray) -> float:
    """Return minor / major axis."""
    swing = math.sqrt(shape[1] ** 2 + shape[2] ** 2)
    return math.sqrt(max(0.0, shape[0] - swing) / (shape[0] + swing))


@kernel
def levels(
    img: Grey, cx: float, cy: float, shape: FloatArray, work: Scratch
) -> tuple[float, float]:
    """Read paper and black; return the grey of black and the e where the ring is darkest.

    Movement smears each ring in two opposite directions: the second harmonic, taken off the
    black and added to ``work.white[0]``, gives the level of the directions that stayed clean.
    """
    ring_level(img, cx, cy, shape, E_PAPER, work.ring, work.white)
    work.white[0] += math.sqrt(work.white[3] ** 2 + work.white[4] ** 2)
    dark = math.inf
    best = 0.0
    for e in E_BLACK:
        ring_level(img, cx, cy, shape, e, work.ring, work.black)
        level = work.black[0] - math.sqrt(work.black[3] ** 2 + work.black[4] ** 2)
        if level < dark:
            dark = level
            best = e
            work.high[0] = work.black[6]
    return dark, best


@kernel
def locate(img: Grey, x: float, y: float, r: float, work: Scratch, guess: FloatArray) -> bool:
    """Fit the black disc's edge near a candidate; fill ``guess`` with x, y, p, q, s.

    Needs the centre within about r/4 and r within a quarter. False: no dark disc on bright paper.
    """
    shape = work.shape
    shape[0] = 1.0 / (r * r)
    shape[1] = 0.0
    shape[2] = 0.0
    for attempt in range(2):
        reach = E_SCAN_TO * major_radius(shape) + 1.0
        if not in_view(img, x, y, reach) or axis_ratio(shape) < 0.6:
            return False
        dark, _ = levels(img, x, y, shape, work)
        if attempt > 0 and work.white[5] <= 0.5 * (work.white[0] + dark):
            return False
        rim(img, x, y, shape, work.white, dark, work.radii)
        share, dx, dy, _ = fit_shape(work.radii, 0.3, shape)
        if share < 0.75:
            return False
        x += dx
        y += dy
    guess[0] = x
    guess[1] = y
    for i in range(3):
        guess[2 + i] = shape[i]
    return True


@kernel
def screen(
    img: U8Image, places: IntArray, count: int, which: U8Image, sizes: FloatArray,
    work: Scratch, out: FloatArray,
) -> int:  # fmt: skip
    """Run ``locate`` on every peak, its radius from ``sizes``; return how many rows were kept."""
    kept = 0
    for i in range(count):
        x = places[i, 0]
        y = places[i, 1]
        if kept < len(out) and locate(img, float(x), float(y), sizes[which[y, x]], work, out[kept]):
            kept += 1
    return kept


@kernel
def resample(
    img: U8Image, cx: float, cy: float, m: int, rows: FloatArray, patch: FloatArray
) -> float:
    """Smooth with a cubic B-spline so that (cx, cy) falls on ``patch[m, m]``.

    Fills (2 m + 1)^2 values and returns the sum of squared weights: white noise of variance v
    comes out with that times v. Needs m + 2 pixels around the centre.
    """
    side = 2 * m + 1
    left = int(cx) - m - 1
    top = int(cy) - m - 1
    f = cx - int(cx)
    a0 = (1.0 - f) ** 3 / 6.0
    a1 = (3.0 * f**3 - 6.0 * f**2 + 4.0) / 6.0
    a3 = f**3 / 6.0
    a2 = 1.0 - a0 - a1 - a3
    for y in range(side + 3):
        line = img[top + y, left : left + side + 3]
        half = rows[y]
        for x in range(side):
            half[x] = a0 * line[x] + a1 * line[x + 1] + a2 * line[x + 2] + a3 * line[x + 3]
    f = cy - int(cy)
    b0 = (1.0 - f) ** 3 / 6.0
    b1 = (3.0 * f**3 - 6.0 * f**2 + 4.0) / 6.0
    b3 = f**3 / 6.0
    b2 = 1.0 - b0 - b1 - b3
    for y in range(side):
        line = patch[y]
        for x in range(side):
            line[x] = b0 * rows[y, x] + b1 * rows[y + 1, x]
            line[x] += b2 * rows[y + 2, x] + b3 * rows[y + 3, x]
    return (a0**2 + a1**2 + a2**2 + a3**2) * (b0**2 + b1**2 + b2**2 + b3**2)


@kernel
def mirror_sums(
    patch: FloatArray, m: int, shape: FloatArray, split: float, sums: FloatArray
) -> None:
    """Sum the normal equations of d = I(u) - I(-u) over all pairs, for the inner and outer edge.

    Columns of each zone: gx gx, gx gy, gy gy; gx lx, gx ly, gy lx, gy ly; lx lx, lx ly, ly ly;
    gx d, gy d; lx d, ly d; d d; pairs; grey, grey^2 of both pixels. g is what a shift of the
    centre does to d, l what a slope of the illumination over one radius does. The zones meet at
    e = ``split``.
    """
    sums[:, :] = 0.0
    size = math.sqrt(shape[0])
    bound = int(E_WINDOW * major_radius(shape)) + 1
    for v in range(bound + 1):
        for u in range(-bound, bound + 1):
            if v == 0 and u <= 0:
                continue
            e2 = shape[0] * (u * u + v * v) + shape[1] * (u * u - v * v) + shape[2] * 2.0 * u * v
            if e2 > E_WINDOW * E_WINDOW:
                continue
            row = sums[0 if e2 < split * split else 1]
            y = m + v
            x = m + u
            yy = m - v
            xx = m - u
            gx = patch[y, x + 1] - patch[y, x - 1] - patch[yy, xx + 1] + patch[yy, xx - 1]
            gy = patch[y + 1, x] - patch[y - 1, x] - patch[yy + 1, xx] + patch[yy - 1, xx]
            gx *= 0.5
            gy *= 0.5
            both = patch[y, x] + patch[yy, xx]
            lx = u * size * both
            ly = v * size * both
            d = patch[y, x] - patch[yy, xx]
            row[0] += gx * gx
            row[1] += gx * gy
            row[2] += gy * gy
            row[3] += gx * lx
            row[4] += gx * ly
            row[5] += gy * lx
            row[6] += gy * ly
            row[7] += lx * lx
            row[8] += lx * ly
            row[9] += ly * ly
            row[10] += gx * d
            row[11] += gy * d
            row[12] += lx * d
            row[13] += ly * d
            row[14] += d * d
            row[15] += 1.0
            row[16] += both
            row[17] += patch[y, x] ** 2 + patch[yy, xx] ** 2


@kernel
def equations(sums: FloatArray, inner: float, a: FloatArray, b: FloatArray) -> None:
    """Lay out the 6 x 6 equations for centre, rim shift and slope from the zones' sums.

    The outer edge's centre is centre + rim shift, the inner edge's centre + ``inner`` x rim shift.
    Column 0 of ``b`` is the right-hand side, columns 1 and 2 ask for the centre's covariance.
    """
    a[:, :] = 0.0
    b[:, :] = 0.0
    b[0, 1] = 1.0
    b[1, 2] = 1.0
    for zone in range(2):
        s = sums[zone]
        share = inner if zone == 0 else 1.0
        for i in range(2):
            for j in range(2):
                g = s[i + j]
                a[i, j] += g
                a[i, 2 + j] += share * g
                a[2 + i, j] += share * g
                a[2 + i, 2 + j] += share * share * g
                slope = s[3 + 2 * i + j]
                a[i, 4 + j] += slope
                a[4 + j, i] += slope
                a[2 + i, 4 + j] += share * slope
                a[4 + j, 2 + i] += share * slope
                a[4 + i, 4 + j] += s[7 + i + j]
            b[i, 0] -= s[10 + i]
            b[2 + i, 0] -= share * s[10 + i]
            b[4 + i, 0] -= s[12 + i]


@kernel
def solve(a: FloatArray, b: FloatArray) -> bool:
    """Solve a x = b in place (x replaces b) for a positive definite ``a``; False if it is not."""
    n, k = b.shape
    for i in range(n):
        if not a[i, i] > 1e-12:
            return False
        for j in range(i + 1, n):
            factor = a[j, i] / a[i, i]
            for c in range(i, n):
                a[j, c] -= factor * a[i, c]
            for c in range(k):
                b[j, c] -= factor * b[i, c]
    for i in range(n - 1, -1, -1):
        for c in range(k):
            for j in range(i + 1, n):
                b[i, c] -= a[i, j] * b[j, c]
            b[i, c] /= a[i, i]
    return True


@kernel
def mirror_step(sums: FloatArray, noise: float, lean: float, inner: float, work: Scratch) -> float:
    """Solve for the centre; ``noise`` / ``lean``^2 is the weight that holds the rim shift at zero.

    The rim shifts along the minor axis if at all: across it, a fifth of ``lean`` is allowed.
    The solution is in ``work.right``. Returns the mean square of d that stays, NaN on failure.
    """
    equations(sums, inner, work.matrix, work.right)
    axis = 0.5 * math.atan2(work.shape[2], work.shape[1])
    along = noise / (lean * lean + 1e-8)
    across = 25.0 * along
    work.matrix[2, 2] += along * math.cos(axis) ** 2 + across * math.sin(axis) ** 2
    work.matrix[3, 3] += along * math.sin(axis) ** 2 + across * math.cos(axis) ** 2
    work.matrix[2, 3] += (along - across) * math.cos(axis) * math.sin(axis)
    work.matrix[3, 2] += (along - across) * math.cos(axis) * math.sin(axis)
    rest = sums[0, 14] + sums[1, 14]
    for i in range(6):
        work.force[i] = work.right[i, 0]
    if not solve(work.matrix, work.right):
        return math.nan
    for i in range(6):
        rest -= work.right[i, 0] * work.force[i]
    pairs = sums[0, 15] + sums[1, 15]
    return float(max(rest, 0.0) / max(pairs - 4.0, 1.0))


@kernel
def asymmetry(sums: FloatArray, rest: float) -> float:
    """Return 1 - correlation of opposite pixels, from the mean square of what differs."""
    pairs = sums[0, 15] + sums[1, 15]
    grey = sums[0, 16] + sums[1, 16]
    power = sums[0, 17] + sums[1, 17] - grey * grey / (2.0 * pairs)
    return float(pairs * rest / max(power, 1.0))


@kernel
def inner_disc(
    patch: FloatArray, m: int, shape: FloatArray, white: FloatArray, dark: float, edge: float,
    out: FloatArray,
) -> None:  # fmt: skip
    """Weigh the white inside the black ring: diameter ratio, spread, level of the core.

    The ratio comes from the area that the brightness would fill at the paper's level; blur moves
    brightness about, but not out of the ring. The spread is the mean e^2 of that brightness less
    what a sharp disc of this ratio has; the core is the grey at the centre, 0 black to 1 paper.
    """
    bound = int(edge * major_radius(shape)) + 1
    size = math.sqrt(shape[0]) / E_PAPER
    mass = 0.0
    moment = 0.0
    for v in range(-bound, bound + 1):
        for u in range(-bound, bound + 1):
            e2 = shape[0] * (u * u + v * v) + shape[1] * (u * u - v * v) + shape[2] * 2.0 * u * v
            if e2 < edge * edge:
                paper = white[0] + (white[1] * u + white[2] * v) * size
                level = (patch[m + v, m + u] - dark) / max(paper - dark, 1.0)
                mass += level
                moment += level * e2
    square = mass * math.sqrt(shape[0] ** 2 - shape[1] ** 2 - shape[2] ** 2) / math.pi
    out[0] = math.sqrt(max(square, 0.0))
    out[1] = moment / mass - 0.5 * square if mass > 0.0 else math.inf
    out[2] = (patch[m, m] - dark) / max(white[0] - dark, 1.0)


@kernel
def balance(
    img: U8Image, guess: FloatArray, work: Scratch
) -> tuple[float, float, int, float, float]:
    """Move the centre to where opposite pixels agree best (Gauss-Newton on their differences).

    Returns x, y, the patch's half side, its sum of squared weights and the mean square difference
    that stays. A half side of 0: it does not converge or leaves the picture.
    """
    cx = guess[0]
    cy = guess[1]
    for i in range(3):
        work.shape[i] = guess[2 + i]
    m = 0
    smoothing = 1.0
    rest = 0.0
    for _ in range(4):
        reach = E_SCAN_TO * major_radius(work.shape) + 5.0
        if not in_view(img, cx, cy, reach) or 2.0 * reach > len(work.patch):
            return cx, cy, 0, 1.0, 0.0
        m = int(reach) - 2
        smoothing = resample(img, cx, cy, m, work.rows, work.patch)
        mirror_sums(work.patch, m, work.shape, 0.0, work.sums)
        rest = mirror_step(work.sums, 1e4, 0.0, 0.0, work)
        move = math.sqrt(work.right[0, 0] ** 2 + work.right[1, 0] ** 2)
        if not move < 0.5 * reach:
            return cx, cy, 0, 1.0, 0.0
        if move < SETTLED_PX:
            break
        cx += work.right[0, 0]
        cy += work.right[1, 0]
    return cx, cy, m, smoothing, rest


@kernel
def outline(m: int, work: Scratch) -> tuple[float, float]:
    """Fit the edge on the patch and weigh the inner disc; return black and the share of rays.

    The share is negative where the fit leaves the patch. A narrow ring never gets as dark as its
    ink: once its width is known, the black is lowered by what an edge of usual blur takes off.
    """
    seen, darkest = levels(work.patch, m, m, work.shape, work)
    dark = seen
    share = 0.0
    for _ in range(2):
        rim(work.patch, m, m, work.shape, work.white, dark, work.radii)
        share, _, _, _ = fit_shape(work.radii, 0.1, work.shape)
        if not E_SCAN_TO * major_radius(work.shape) < m - 1:
            return dark, -1.0
        inner_disc(work.patch, m, work.shape, work.white, dark, darkest, work.inner)
        width = (1.0 - work.inner[0]) / math.sqrt(work.shape[0])
        filled = max(math.erf(width / math.sqrt(8.0 * EDGE_VARIANCE_PX2)), 0.5)
        dark = work.white[0] - (work.white[0] - seen) / filled
    return dark, share


@kernel
def measure(
    img: U8Image, guess: FloatArray, focal_px: float, work: Scratch, out: FloatArray
) -> bool:
    """Measure the target that ``locate`` found; fill ``out`` (see the columns above).

    Mirror symmetry needs no model of levels, blur or size, and motion blur keeps it. Perspective
    shifts the outer edge more than the inner one: the last step solves for both, and allows the
    shift that a lens of ``focal_px`` makes of the tilt seen (R^2 / f sin cos). The covariance
    is for white noise; 3 % of the shift found stands for what the linear step leaves.
    """
    cx, cy, m, smoothing, rest = balance(img, guess, work)
    if m == 0:
        return False
    dark, share = outline(m, work)
    if share < 0.0:
        return False
    shape = work.shape
    tilt = axis_ratio(shape)
    radius = major_radius(shape)
    lean = radius * radius * tilt * math.sqrt(max(1.0 - tilt * tilt, 0.0)) / focal_px
    noise = max(rest / smoothing, QUANTISATION)
    mirror_sums(work.patch, m, shape, 0.5 + 0.5 * work.inner[0], work.sums)
    rest = mirror_step(work.sums, noise, lean, min(work.inner[0] ** 2, 0.6), work)
    if not rest >= 0.0:
        return False
    noise = max(rest / smoothing, QUANTISATION)
    contrast = work.white[0] - dark
    per_contrast = 1.0 / max(contrast, 1.0)
    step = work.right
    out[X] = cx + step[0, 0]
    out[Y] = cy + step[1, 0]
    out[VAR_X] = noise * step[0, 1] + (0.03 * step[2, 0]) ** 2
    out[VAR_Y] = noise * step[1, 2] + (0.03 * step[3, 0]) ** 2
    out[COV_XY] = noise * step[0, 2]
    out[R] = radius + 0.5 * EDGE_VARIANCE_PX2 / radius  # blur pulls a curved edge inward
    out[AXIS_RATIO] = tilt
    out[CONTRAST] = contrast
    out[RESIDUAL] = asymmetry(work.sums, rest)
    out[QUALITY] = share
    out[NOISE] = math.sqrt(0.5 * noise)
    out[RATIO] = work.inner[0]
    out[SPREAD] = work.inner[1]
    out[CORE] = work.inner[2]
    out[PAPER_LOW] = (work.white[5] - dark) * per_contrast
    out[BLACK_HIGH] = (work.high[0] - dark) * per_contrast
    ring_level(work.patch, m, m, shape, E_PAPER_END, work.ring, work.black)
    out[PAPER_END] = (work.black[5] - dark) * per_contrast
    return True
