"""Pixel work of the ring-target detector, from the whole frame to one centre.

Acquire: ``halve`` makes pictures of 1/2 to 1/16 size; ``knights`` scores every place as "brighter
than all of a ring around it"; ``crests`` keeps the local maxima; ``spokes`` asks of each whether it
is white, black and white again in eight directions.
Locate: ``locate`` finds the black disc's edge along 32 rays and fits an ellipse.
Measure: ``resample`` puts the centre on a pixel, ``fold`` splits the target into what is equal and
what differs between opposite pixels, ``weigh`` sums the normal equations.
Judge: ``settle`` solves them, ``measure`` is that chain with everything a target is judged by,
``named`` tells the role.
Look: ``follow`` and ``search`` use the chain for one window, and for a part of the picture;
``look`` is a frame.

A *shape* is the ellipse 1 / r(theta)^2 = p + q cos 2 theta + s sin 2 theta, in px^-2; *e* is a
distance from the centre in units of r(theta): 1 on the black disc's edge. A *pair* are two pixels
opposite each other across the centre. Derivations: ``docs/markers.md``.

Pictures are flat: pixel (x, y) is at ``first + y * stride + x``. Inner loops count with unsigned
numbers: a signed index may count from an array's end, and the test for that keeps Numba from
using vector instructions (measured: 59 times slower). They run over multiples of ``LANES``
pixels, so that no scalar remainder is left; what they touch beyond the target has weight zero.
No kernel reads outside its arrays: ``in_view`` is asked before.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shinline.kernel import kernel
from shinline.types import FloatArray, Rows, U8Image

Bytes = NDArray[np.uint8]
Singles = NDArray[np.float32]
IntArray = NDArray[np.int64]

U: Final = np.uintp
LANES: Final = 64
"""Pixels that a loop takes at a time; as many as fit the widest vector register."""

# --- layout -----------------------------------------------------------------------------------

PAD: Final = 16
"""White pixels around a reduced picture: a ring that leaves the picture scores nothing."""

LEAST_SCORE: Final = 12
"""Grey levels between the centre and the ring; five times the usual noise of a reduced picture."""

MIXED_MEAN: Final = 2.0 * math.sqrt(2.0 / math.pi)
"""Mean absolute mixed second difference of pixels whose noise is 1."""

LEAST_INK: Final = 11
"""The ring takes at least one part in so many of the paper's grey: a faint photocopy, moving."""

LINES: Final = 24

RAYS: Final = 32
_ANGLES: Final = np.arange(RAYS) * (2.0 * math.pi / RAYS)
COS: Final = np.cos(_ANGLES)
SIN: Final = np.sin(_ANGLES)
COS2: Final = np.cos(2.0 * _ANGLES)
SIN2: Final = np.sin(2.0 * _ANGLES)
SPOKE_X: Final = np.array([1, 1, 0, -1])  # and the same backwards
ROOT_2: Final = math.sqrt(2.0)
SPOKE_Y: Final = np.array([0, 1, 1, 1])

# rows of ``rays``, each (RAYS,)
MODEL, RADIUS, CURVE, AGREES, BLACK, PAPER, PAPER_END_RING, RAY_ROWS = range(8)

E_BLACK: Final = (0.585, 0.62, 0.66, 0.705, 0.755, 0.81, 0.855)  # middles of the roles' rings
E_USUAL_BLACK: Final = 0.72  # black on most roles' targets
E_OUTER_BLACK: Final = 0.855  # and on all of them
E_PAPER: Final = 1.22  # on the paper, away from the disc's blurred edge and the paper's own
E_PAPER_END: Final = 1.38  # still on the paper where movement smears its rim
E_PAPER_RIM: Final = 1.47  # as far out as a sharp picture shows the least paper allowed
E_WINDOW: Final = 1.25  # holds the whole edge, stays off the paper's rim
E_NEEDED: Final = 1.42  # what must be in the picture
EDGE_VARIANCE_PX2: Final = 1.0  # of the edge's blur: resampling, pixel, a usual lens
SETTLED_PX: Final = 0.08  # a smaller step leaves less than 1e-3 of itself: it was the last
QUANTISATION: Final = 1.0 / 6.0  # variance of the difference of two rounded greys
SPLINE_GAIN: Final = 0.87  # noise power of a sharp edge's frequencies that the spline passes
USUAL_SLOPE: Final = 0.01  # of the light over a radius; estimates are drawn towards even light
OVAL_EVIDENCE: Final = 4.5  # of the expected power of noise: chance exceeds it once in 90
SHIFT_EVIDENCE: Final = 6.0  # chi square of one; up to twice that where movement makes it oval
DROPPED_SHARE: Final = 0.4  # of what a shift without evidence would move the centre: kept as doubt
SATURATED: Final = 250.0
LARGEST_NOISE: Final = 10.0  # grey levels, of a sensor at its highest usual gain
LEAST_SHARE: Final = 0.60  # of the rays: movement by a radius hides two sides of the edge

# columns of ``memory``: the rim's shift at radius MEMORY_R (0: unknown), is it this frame's
MEMORY_X, MEMORY_Y, MEMORY_VAR, MEMORY_R, MEMORY_NEW, MEMORY = range(6)

MARGIN: Final = 16  # columns left of the window: rows begin with a cache line

# columns of a measurement
(
    X, Y, VAR_X, VAR_Y, COV_XY, R, AXIS_RATIO, CONTRAST, RESIDUAL, QUALITY,
    NOISE, RATIO, SPREAD, CORE, SMEAR, PAPER_LOW, PAPER_END, EDGES, RIM_X, RIM_Y, RIM_VAR,
    ROLE, SCORE, COLUMNS,
) = range(24)  # fmt: skip

# sums over all pairs of the window
(
    T_XX, T_XY, T_YY, T_XD, T_YD, T_DD, T_XUS, T_YVS, T_USD, T_VSD, T_N, T_SUMS,
) = range(12)  # fmt: skip
# and over those inside the middle of the black ring
I_XX, I_XY, I_YY, I_XD, I_YD, I_XUS, I_YVS, I_S, I_E2S, I_N, I_SUMS = range(11)
ACROSS: Final = 528
"""Room for the columns of a stream of sums: whole cache lines, and no multiple of 1024, or
streams would meet in the same place of the cache."""


# --- acquire ----------------------------------------------------------------------------------


@kernel
def halve(
    src: Bytes, first: int, stride: int, dst: Bytes, dst_stride: int, height: int, width: int,
    sums: NDArray[np.uint16],
) -> None:  # fmt: skip
    """Average blocks of 2 x 2 pixels into a padded picture of ``height`` x ``width``.

    Rows are read strictly one after the other: with two rows at a time the memory's prefetching
    fails, and a cold frame takes three times as long.
    """
    for y in range(height):
        start = first + 2 * y * stride
        upper = src[start : start + 2 * width]
        for x in range(width):
            sums[x] = int(upper[2 * x]) + int(upper[2 * x + 1])
        start += stride
        lower = src[start : start + 2 * width]
        start = (y + PAD) * dst_stride + PAD
        row = dst[start : start + width]
        for x in range(width):
            row[x] = (int(sums[x]) + int(lower[2 * x]) + int(lower[2 * x + 1]) + 2) >> 2


@kernel
def noise_of(img: Bytes, stride: int, height: int, width: int, shares: IntArray) -> float:
    """Estimate the noise of a picture, as a standard deviation, from every 24th part of its rows.

    Mixed second differences of 2 x 2 pixels leave plain surfaces and straight edges along the
    axes out; of the means over 64 places, the one that two fifths do not exceed is taken: those
    are where nothing is drawn. ``shares`` is for the work.
    """
    step = max(1, height // 24)
    count = 0
    for y in range(step // 2, height - 1, step):
        for x in range(0, width - 64, 64):
            upper = img[y * stride + x : y * stride + x + 65]
            lower = img[(y + 1) * stride + x : (y + 1) * stride + x + 65]
            total = np.int64(0)
            for i in range(U(64)):
                rise = np.int32(upper[i]) - np.int32(upper[i + U(1)])
                total += abs(rise - np.int32(lower[i]) + np.int32(lower[i + U(1)]))
            if count < len(shares):
                shares[count] = total
                count += 1
    if count == 0:
        return 255.0
    ordered = np.sort(shares[:count])
    return float(ordered[2 * count // 5]) / (64.0 * MIXED_MEAN)


@kernel
def frame_white(img: Bytes, stride: int, height: int, width: int) -> None:
    """Fill the padding around a picture of ``height`` x ``width`` with white."""
    for y in range(height + 2 * PAD):
        start = y * stride
        outside = y < PAD or y >= height + PAD
        img[start : start + PAD] = 255
        img[start + PAD + (0 if outside else width) : start + stride] = 255


@kernel
def brighter_neighbours(row: Bytes, count: int, one: Bytes, two: Bytes, three: Bytes) -> None:
    """Write max(row[x - k], row[x + k]) for k = 1, 2, 3, from column ``PAD`` on."""
    left = row[PAD - 1 : PAD - 1 + count]
    right = row[PAD + 1 : PAD + 1 + count]
    for x in range(count):
        one[x] = max(left[x], right[x])
    left = row[PAD - 2 : PAD - 2 + count]
    right = row[PAD + 2 : PAD + 2 + count]
    for x in range(count):
        two[x] = max(left[x], right[x])
    left = row[PAD - 3 : PAD - 3 + count]
    right = row[PAD + 3 : PAD + 3 + count]
    for x in range(count):
        three[x] = max(left[x], right[x])


@kernel
def knights(img: Bytes, stride: int, height: int, lines: U8Image, best: Bytes) -> None:
    """Score each pixel: its grey less the brightest of eight around it, on two rings.

    The rings are the chess knight's (1, 2) and the longer (1, 3): eight places at exactly 2.24
    and 3.16 px, and rows that share their pairs of neighbours. ``lines`` (24, >= stride) keeps
    the neighbours of eight rows.
    """
    count = (stride - PAD) // LANES * LANES
    for y in range(-3, height + 3):
        start = (y + PAD) * stride
        k = y & 7
        brighter_neighbours(
            img[start : start + stride], count, lines[k], lines[8 + k], lines[16 + k]
        )
        if y < 3:
            continue
        at = y - 3
        start = (at + PAD) * stride + PAD
        centre = img[start : start + count]
        row = best[at * stride : at * stride + count]
        a = lines[(at - 2) & 7]
        b = lines[(at + 2) & 7]
        c = lines[8 + ((at - 1) & 7)]
        d = lines[8 + ((at + 1) & 7)]
        e = lines[(at - 3) & 7]
        f = lines[(at + 3) & 7]
        g = lines[16 + ((at - 1) & 7)]
        h = lines[16 + ((at + 1) & 7)]
        for x in range(count):
            small = max(max(a[x], b[x]), max(c[x], d[x]))
            large = max(max(e[x], f[x]), max(g[x], h[x]))
            darker = min(small, large)
            row[x] = max(centre[x], darker) - darker


@kernel
def crests(best: Bytes, stride: int, height: int, width: int, lines: U8Image, out: IntArray) -> int:
    """List the local maxima from ``LEAST_SCORE`` up as (x, y, score); return how many.

    At most ``len(out)``. Equal neighbours are all listed; those of a row in no certain order.
    ``lines`` (4, >= stride) is for the work.
    """
    count = (width + LANES - 1) // LANES * LANES
    crest = lines[3][:count]
    words = crest.view(np.uint64)
    part = U(count // 64)
    least = np.uint8(LEAST_SCORE)
    found = 0
    lines[2][:count] = 0
    for y in range(-1, height):
        highest = lines[(y + 1) % 3]
        if y + 1 < height:
            start = (y + 1) * stride
            a = best[start : start + count]
            b = best[start + 1 : start + 1 + count]
            c = best[start + 2 : start + 2 + count]
            inner = highest[1:count]
            for x in range(count - 1):
                inner[x] = max(max(a[x], b[x]), c[x])
            highest[0] = max(a[0], b[0])
        else:
            highest[:count] = 0
        if y < 0:
            continue
        row = best[y * stride : y * stride + count]
        a = lines[0]
        b = lines[1]
        c = lines[2]
        for x in range(count):
            top = max(max(a[x], b[x]), max(c[x], least))
            crest[x] = row[x] if row[x] >= top else 0
        for k in range(part):  # eight parts of the row laid over one another
            some = words[k] | words[part + k] | words[U(2) * part + k] | words[U(3) * part + k]
            some |= words[U(4) * part + k] | words[U(5) * part + k]
            some |= words[U(6) * part + k] | words[U(7) * part + k]
            if some == 0:
                continue
            for each in range(k, U(8) * part, part):
                if words[each] == 0:
                    continue
                for x in range(8 * int(each), min(8 * int(each) + 8, width)):
                    if crest[x] > 0 and found < len(out):
                        out[found, 0] = x
                        out[found, 1] = y
                        out[found, 2] = crest[x]
                        found += 1
    return found


@kernel
def walk(img: Bytes, at: int, jump: int, steps: int, least: int) -> tuple[float, np.int64]:
    """Walk from white through black to white; return after how many steps, and the lowest grey.

    0 steps: it does not get ``least`` grey levels darker, or not bright again and a fifth further
    out too.
    """
    white = np.int64(img[at])
    low = white
    last = white
    for i in range(1, steps + 1):
        at += jump
        grey = np.int64(img[at])
        if grey < low:
            low = grey
        elif white - low >= least and 2 * grey > white + low:
            further = min(i // 5, steps - i)
            if 2 * np.int64(img[at + further * jump]) < white + low:
                return 0.0, low
            part = (grey - 0.5 * (white + low)) / (grey - last) if grey > last else 0.0
            return i - part, low
        last = grey
    return 0.0, low


@kernel
def spokes(
    img: Bytes, first: int, stride: int, height: int, width: int,
    x: int, y: int, least: int, reach: float, step: int, guess: FloatArray,
) -> bool:  # fmt: skip
    """Walk in eight directions from white through black to white; False where that fails.

    Fills ``guess`` with x, y, r, white, black. ``least`` is how dark the ring must get, in grey
    levels below the centre. One of the four lines may fail: movement smears the ring along it.
    """
    white = np.int64(img[first + y * stride + x])
    straight = int(reach / step)
    slant = int(reach / (step * ROOT_2))
    far = straight * step
    inside = x >= far and y >= far and x + far < width and y + far < height
    total = 0.0
    black = 0.0
    failed = 0
    count = 0
    longest = 0.0
    shortest = math.inf
    dx = 0.0
    dy = 0.0
    pairs = 0
    for pair in range(4):
        ends = 0.0
        both = 0
        ux = SPOKE_X[pair]
        uy = SPOKE_Y[pair]
        even = ux == 0 or uy == 0
        unit = step * (1.0 if even else ROOT_2)
        for side in range(-1, 2, 2):
            steps = straight if even else slant
            if not inside and ux != 0:
                steps = min(steps, (width - 1 - x if ux * side > 0 else x) // step)
            if not inside and uy != 0:
                steps = min(steps, (height - 1 - y if uy * side > 0 else y) // step)
            jump = side * (uy * stride + ux) * step
            r, low = walk(img, first + y * stride + x, jump, steps, least)
            if r == 0.0:
                break
            r *= unit
            ends += side * r
            both += 1
            count += 1
            total += r
            black += low
            longest = max(longest, r)
            shortest = min(shortest, r)
        if both == 2:
            pairs += 1
            dx += ends * ux * step / unit
            dy += ends * uy * step / unit
        else:
            failed += 1
            if failed > 1:
                return False
    mean = total / count
    if shortest < 0.3 * mean or longest > 1.8 * mean:
        return False
    guess[0] = x + dx / pairs
    guess[1] = y + dy / pairs
    guess[2] = mean
    guess[3] = white
    guess[4] = black / count
    return True


# --- locate -----------------------------------------------------------------------------------


@kernel
def sample(img: Bytes, stride: int, x: float, y: float) -> float:
    """Interpolate bilinearly between the four pixels around (x, y), which must exist."""
    left = int(x)
    top = int(y)
    fx = x - left
    fy = y - top
    at = U(top * stride + left)
    below = at + U(stride)
    upper = (1.0 - fx) * img[at] + fx * img[at + U(1)]
    lower = (1.0 - fx) * img[below] + fx * img[below + U(1)]
    return float((1.0 - fy) * upper + fy * lower)


@kernel
def in_view(width: int, height: int, x: float, y: float, reach: float) -> bool:
    """Tell whether the picture holds the square around (x, y); False for NaN and infinity."""
    across = x - reach >= 0.0 and x + reach <= width - 1.0
    return across and y - reach >= 0.0 and y + reach <= height - 1.0


@kernel
def trace(shape: FloatArray, rays: FloatArray) -> None:
    """Write the ellipse's radius along each ray in px: MODEL."""
    for k in range(RAYS):
        rays[MODEL, k] = 1.0 / math.sqrt(shape[0] + shape[1] * COS2[k] + shape[2] * SIN2[k])


@kernel
def major_radius(p: float, q: float, s: float) -> float:
    """Return the longer semi-axis in px, infinite for a shape that is no ellipse."""
    curve = p - math.sqrt(q * q + s * s)
    return 1.0 / math.sqrt(curve) if curve > 0.0 else math.inf


@kernel
def axis_ratio(p: float, q: float, s: float) -> float:
    """Return minor / major axis."""
    swing = math.sqrt(q * q + s * s)
    return math.sqrt(max(0.0, p - swing) / (p + swing))


@kernel
def read_ring(
    img: Bytes, stride: int, x: float, y: float, e: float, rays: FloatArray, row: int
) -> tuple[float, float]:
    """Read the grey along a ring of MODEL; return its mean and its swing.

    The swing is the second harmonic's: movement smears a ring in two opposite directions.
    """
    mean = 0.0
    cos2 = 0.0
    sin2 = 0.0
    for k in range(RAYS):
        reach = e * rays[MODEL, k]
        grey = sample(img, stride, x + reach * COS[k], y + reach * SIN[k])
        rays[row, k] = grey
        mean += grey
        cos2 += grey * COS2[k]
        sin2 += grey * SIN2[k]
    return mean / RAYS, math.sqrt(cos2 * cos2 + sin2 * sin2) * (2.0 / RAYS)


@kernel
def paper_ring(r: float) -> float:
    """Return the e at which the paper is read: 2.5 px off the edge of a small disc."""
    return max(E_PAPER, min(E_PAPER_END, 1.0 + 2.5 / r))


@kernel
def rim(
    img: Bytes, stride: int, x: float, y: float, middle: float, slack: float, pace_px: float,
    rays: FloatArray,
) -> None:  # fmt: skip
    """Find along each ray where dark turns bright, nearest to MODEL: RADIUS.

    Walks from there inward where it is bright, outward where it is dark, at most ``slack`` px
    and 0.12 r, in steps of ``pace_px`` or 0.02 r; NaN where there is no edge. The edge is where
    the grey passes ``middle``, half-way between black and paper: blur, also of movement, leaves
    that place.
    """
    for k in range(RAYS):
        r = rays[MODEL, k]
        far = 0.12 * r + slack
        step = max(pace_px, 0.02 * r)
        before = sample(img, stride, x + r * COS[k], y + r * SIN[k])
        bright = before >= middle
        if bright:
            step = -step
            far = min(far, r - 1.0)
        rays[RADIUS, k] = math.nan
        for i in range(1, int(far / abs(step)) + 1):
            reach = r + i * step
            here = sample(img, stride, x + reach * COS[k], y + reach * SIN[k])
            if (here >= middle) != bright:
                rays[RADIUS, k] = reach - step * (here - middle) / (here - before)
                break
            before = here


@kernel
def fit_shape(rays: FloatArray, tolerance: float, shape: FloatArray) -> tuple[float, float, float]:
    """Fit an ellipse and a shift to edge radii; return (share that agrees, dx, dy).

    A radius farther than ``tolerance`` (a share of r) from the shape given, or NaN, does not
    agree (AGREES is 0) and is taken as the shape has it. Harmonics of 1/r^2 are exact for a
    centred ellipse. A second harmonic that the scatter of the radii explains is dropped, so that a
    circle stays one.
    """
    agree = 0
    mean = 0.0
    cos1 = 0.0
    sin1 = 0.0
    cos2 = 0.0
    sin2 = 0.0
    for k in range(RAYS):
        model = rays[MODEL, k]
        r = rays[RADIUS, k]
        rays[AGREES, k] = 0.0
        if abs(r - model) <= tolerance * model:  # False for NaN
            agree += 1
            rays[AGREES, k] = 1.0
        else:
            r = model
        curve = 1.0 / (r * r)
        rays[CURVE, k] = curve
        mean += curve / RAYS
        cos1 += r * COS[k] * (2.0 / RAYS)
        sin1 += r * SIN[k] * (2.0 / RAYS)
        cos2 += curve * COS2[k] * (2.0 / RAYS)
        sin2 += curve * SIN2[k] * (2.0 / RAYS)
    scatter = 0.0
    steepness = 2.0 * mean**1.5
    for k in range(RAYS):
        model = mean + cos2 * COS2[k] + sin2 * SIN2[k]
        model -= steepness * (cos1 * COS[k] + sin1 * SIN[k])
        scatter += (rays[CURVE, k] - model) ** 2 / (RAYS - 5)
    oval = cos2 * cos2 + sin2 * sin2 > OVAL_EVIDENCE * 4.0 * scatter / RAYS
    shape[0] = mean
    shape[1] = cos2 if oval else 0.0
    shape[2] = sin2 if oval else 0.0
    return agree / RAYS, cos1, sin1


@kernel
def locate(
    img: Bytes, height: int, width: int, guess: FloatArray, tries: int, rays: FloatArray,
    shape: FloatArray,
) -> bool:  # fmt: skip
    """Fit the black disc's edge; replace ``guess`` (x, y, r, white, black), fill ``shape``.

    False: no dark disc on bright paper. The first try looks further than the next ones.
    """
    shape[0] = 1.0 / (guess[2] * guess[2])
    shape[1] = 0.0
    shape[2] = 0.0
    trace(shape, rays)
    share = 1.0
    for attempt in range(tries):
        reach = E_NEEDED * major_radius(shape[0], shape[1], shape[2]) + 2.0
        if not in_view(width, height, guess[0], guess[1], reach):
            return False
        if axis_ratio(shape[0], shape[1], shape[2]) < 0.5 or reach < 6.0:
            return False
        middle = 0.5 * (guess[3] + guess[4])
        wide = attempt == 0 or share < 0.9  # rays that found nothing hold a wrong shape
        slack = 1.5 + (0.15 * guess[2] if wide else 0.0)
        rim(img, width, guess[0], guess[1], middle, slack, 1.0 if wide else 0.5, rays)
        share, dx, dy = fit_shape(rays, 0.35 if wide else 0.2, shape)
        if share < LEAST_SHARE:
            return False
        guess[0] += dx
        guess[1] += dy
        move = math.sqrt(dx * dx + dy * dy)
        r = 1.0 / math.sqrt(shape[0])
        change = abs(r - guess[2])
        guess[2] = r
        reach = E_NEEDED * major_radius(shape[0], shape[1], shape[2]) + 2.0
        if not in_view(width, height, guess[0], guess[1], reach):
            return False
        trace(shape, rays)
        white, swing = read_ring(img, width, guess[0], guess[1], paper_ring(r), rays, PAPER)
        white += swing
        mean, swing = read_ring(img, width, guess[0], guess[1], E_USUAL_BLACK, rays, BLACK)
        if mean - swing < guess[4] + 0.15 * (white - guess[4]):
            guess[4] = mean - swing  # a reduced picture's black is not as black
        still = abs(white - guess[3]) < 0.1 * (white - guess[4])
        guess[3] = white
        if white <= guess[4] + 4.0:
            return False
        if attempt > 0 and move < 0.25 and change < 0.02 * r + 0.1 and still:
            break
    return True


# --- measure ----------------------------------------------------------------------------------


@kernel
def resample(
    img: Bytes, stride: int, x: float, y: float, m: int, raw: Singles, rows: Singles,
    patch: Singles, across: int,
) -> float:  # fmt: skip
    """Smooth with a cubic B-spline so that (x, y) falls on row m, column m of ``patch``.

    Fills 2 m + 1 rows, ``across`` apart, the first of them at ``across``, and returns the sum of
    squared weights: white noise of variance v comes out with that times v. Needs m + 2 pixels
    around the centre. ``raw`` and ``rows`` are for the work: whole pictures, because reading what
    was written a moment ago makes the processor wait.
    """
    side = (2 * m + 16) // 16 * 16
    left = int(x) - m - 1
    top = int(y) - m - 1
    for v in range(2 * m + 4):
        start = (top + v) * stride + left
        pixels = img[start : start + side + 16]  # ends with the picture
        line = raw[v * across : v * across + side + 16]
        for i in range(len(pixels)):
            line[i] = np.float32(pixels[i])
    f = x - int(x)
    w0 = np.float32((1.0 - f) ** 3 / 6.0)
    w1 = np.float32((3.0 * f**3 - 6.0 * f**2 + 4.0) / 6.0)
    w3 = np.float32(f**3 / 6.0)
    w2 = np.float32(1.0) - w0 - w1 - w3
    gain = w0 * w0 + w1 * w1 + w2 * w2 + w3 * w3
    for v in range(2 * m + 4):
        start = v * across
        a = raw[start : start + side]
        b = raw[start + 1 : start + 1 + side]
        c = raw[start + 2 : start + 2 + side]
        d = raw[start + 3 : start + 3 + side]
        line = rows[start : start + side]
        for i in range(side):
            line[i] = w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i]
    f = y - int(y)
    w0 = np.float32((1.0 - f) ** 3 / 6.0)
    w1 = np.float32((3.0 * f**3 - 6.0 * f**2 + 4.0) / 6.0)
    w3 = np.float32(f**3 / 6.0)
    w2 = np.float32(1.0) - w0 - w1 - w3
    gain *= w0 * w0 + w1 * w1 + w2 * w2 + w3 * w3
    for v in range(2 * m + 1):
        start = v * across
        a = rows[start : start + side]
        b = rows[start + across : start + across + side]
        c = rows[start + 2 * across : start + 2 * across + side]
        d = rows[start + 3 * across : start + 3 * across + side]
        line = patch[start + across : start + across + side]
        for i in range(side):
            line[i] = w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i]
    return float(gain)


@kernel
def fold(patch: Singles, m: int, across: int, bound: int, same: Singles, other: Singles) -> None:
    """Write I(u) + I(-u) and I(u) - I(-u) for the lower half-plane, |u| <= bound + 1.

    Row v, column u is at ``(v + 1) * across + u + bound + MARGIN``, for v from -1 to bound + 1.
    """
    count = (2 * bound + 2 + MARGIN + 15) // 16 * 16
    last = U(count - 1)
    for v in range(-1, bound + 2):
        start = (m + v + 1) * across + m - bound - MARGIN
        there = patch[start : start + count]
        start = (m - v + 1) * across + m + bound + MARGIN + 1 - count
        back = patch[start : start + count]
        start = (v + 1) * across
        sums = same[start : start + count]
        differences = other[start : start + count]
        for i in range(U(count)):
            sums[i] = there[i] + back[last - i]
            differences[i] = there[i] - back[last - i]


@kernel
def collect(acc: Singles, streams: int, count: int, out: FloatArray) -> None:
    """Add up the columns of each stream, in an order that does not depend on the processor."""
    n = U(count)
    for k in range(streams):
        at = U(k * ACROSS)
        for i in range(U(16), n, U(16)):
            for lane in range(U(16)):
                acc[at + lane] += acc[at + i + lane]
        for lane in range(U(8)):
            acc[at + lane] += acc[at + lane + U(8)]
        for lane in range(U(4)):
            acc[at + lane] += acc[at + lane + U(4)]
        out[k] = (acc[at] + acc[at + U(1)]) + (acc[at + U(2)] + acc[at + U(3)])


@kernel
def weigh(
    same: Singles, other: Singles, veil: Singles, ramp: Singles, across: int, bound: int,
    shape: FloatArray, acc: Singles, out: FloatArray,
) -> None:  # fmt: skip
    """Sum the normal equations over all pairs with e <= ``E_WINDOW``: the T_ columns.

    g is the gradient of S = I(u) + I(-u), d = I(u) - I(-u): a shift of the centre by delta makes
    d = -delta g, a slope of the light s makes d = s u S. ``veil`` is each pair's weight, laid out
    as ``same``, ``ramp`` counts from 0. Sums run down the columns, so that they vectorise without
    reordering.
    """
    count = (2 * bound + 16) // 16 * 16
    nought = np.float32(0.0)
    half = np.float32(0.5)
    cu = np.float32(shape[0] + shape[1])
    cv = np.float32(shape[0] - shape[1])
    cuv = np.float32(2.0 * shape[2])
    e_window = np.float32(E_WINDOW * E_WINDOW)
    middle = np.float32(bound)
    for k in range(T_SUMS):
        for i in range(U(count)):
            acc[U(k * ACROSS) + i] = nought
    for row in range(bound + 1):
        start = (row + 1) * across + MARGIN
        seen = veil[start : start + count]
        s_left = same[start - 1 : start - 1 + count]
        s_here = same[start : start + count]
        s_right = same[start + 1 : start + 1 + count]
        s_above = same[start - across : start - across + count]
        s_below = same[start + across : start + across + count]
        d_here = other[start : start + count]
        v = np.float32(row)
        right = U(bound + 1) if row == 0 else U(0)
        for i in range(right, U(count)):
            u = ramp[i] - middle
            e2 = cu * u * u + (cuv * u + cv * v) * v
            w = seen[i] if e2 <= e_window else nought
            s = s_here[i]
            gx = w * half * (s_right[i] - s_left[i])
            gy = w * half * (s_below[i] - s_above[i])
            d = d_here[i]
            acc[U(T_XX * ACROSS) + i] += gx * gx
            acc[U(T_XY * ACROSS) + i] += gx * gy
            acc[U(T_YY * ACROSS) + i] += gy * gy
            acc[U(T_XD * ACROSS) + i] += gx * d
            acc[U(T_YD * ACROSS) + i] += gy * d
            acc[U(T_DD * ACROSS) + i] += w * d * d
            us = u * s
            vs = v * s
            acc[U(T_XUS * ACROSS) + i] += gx * us
            acc[U(T_YVS * ACROSS) + i] += gy * vs
            acc[U(T_USD * ACROSS) + i] += w * us * d
            acc[U(T_VSD * ACROSS) + i] += w * vs * d
            acc[U(T_N * ACROSS) + i] += w
    collect(acc, T_SUMS, count, out)


@kernel
def weigh_inner(
    same: Singles, other: Singles, veil: Singles, ramp: Singles, across: int, bound: int,
    inside: int, split: float, shape: FloatArray, acc: Singles, out: FloatArray,
) -> None:  # fmt: skip
    """Sum the same over the pairs with e < ``split``, within ``inside`` px: the I_ columns."""
    first = (bound - inside) // 16 * 16
    count = (2 * bound + 16) // 16 * 16 - first
    nought = np.float32(0.0)
    half = np.float32(0.5)
    cu = np.float32(shape[0] + shape[1])
    cv = np.float32(shape[0] - shape[1])
    cuv = np.float32(2.0 * shape[2])
    e_split = np.float32(split * split)
    middle = np.float32(bound) - np.float32(first)
    for k in range(I_SUMS):
        for i in range(U(count)):
            acc[U(k * ACROSS) + i] = nought
    for row in range(inside + 1):
        start = (row + 1) * across + MARGIN + first
        seen = veil[start : start + count]
        s_left = same[start - 1 : start - 1 + count]
        s_here = same[start : start + count]
        s_right = same[start + 1 : start + 1 + count]
        s_above = same[start - across : start - across + count]
        s_below = same[start + across : start + across + count]
        d_here = other[start : start + count]
        v = np.float32(row)
        right = U(bound + 1 - first) if row == 0 else U(0)
        for i in range(right, U(count)):
            u = ramp[i] - middle
            e2 = cu * u * u + (cuv * u + cv * v) * v
            w = seen[i] if e2 < e_split else nought
            s = s_here[i]
            gx = w * half * (s_right[i] - s_left[i])
            gy = w * half * (s_below[i] - s_above[i])
            d = d_here[i]
            acc[U(I_XX * ACROSS) + i] += gx * gx
            acc[U(I_XY * ACROSS) + i] += gx * gy
            acc[U(I_YY * ACROSS) + i] += gy * gy
            acc[U(I_XD * ACROSS) + i] += gx * d
            acc[U(I_YD * ACROSS) + i] += gy * d
            acc[U(I_XUS * ACROSS) + i] += gx * u * s
            acc[U(I_YVS * ACROSS) + i] += gy * v * s
            acc[U(I_S * ACROSS) + i] += w * s
            acc[U(I_E2S * ACROSS) + i] += w * e2 * s
            acc[U(I_N * ACROSS) + i] += w
    collect(acc, I_SUMS, count, out)


@kernel
def hide(agrees: FloatArray, across: int, bound: int, veil: Singles) -> None:
    """Give weight zero to the pairs on a ray that does not agree, or opposite one."""
    for v in range(bound + 2):
        for u in range(-bound - 1, bound + 2):
            ray = int(math.atan2(float(v), float(u)) * (RAYS / (2.0 * math.pi)) + 0.5) % (RAYS // 2)
            seen = agrees[ray] * agrees[ray + RAYS // 2]
            veil[(v + 1) * across + u + bound + MARGIN] = np.float32(seen)


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
def first_step(t: FloatArray) -> tuple[float, float, float]:
    """Return the shift of the centre from all pairs alike, and the mean d^2 that stays."""
    det = t[T_XX] * t[T_YY] - t[T_XY] * t[T_XY]
    if not det > 1e-9 * (t[T_XX] + t[T_YY]) ** 2 or t[T_N] < 8.0:
        return math.nan, math.nan, math.nan
    dx = (t[T_XY] * t[T_YD] - t[T_YY] * t[T_XD]) / det
    dy = (t[T_XY] * t[T_XD] - t[T_XX] * t[T_YD]) / det
    rest = t[T_DD] + dx * t[T_XD] + dy * t[T_YD]
    return dx, dy, max(rest, 0.0) / (t[T_N] - 2.0)


# --- judge ------------------------------------------------------------------------------------


class Work(NamedTuple):
    """Memory of everything below, carved by ``look`` from three blocks."""

    settings: FloatArray  # (SETTINGS,)
    rays: FloatArray  # (RAY_ROWS, RAYS)
    shape: FloatArray  # (3,) px^-2
    guess: FloatArray  # (5,) x, y, r, white, black
    window: FloatArray  # (4,) x, y, r, reach
    fresh: FloatArray  # (MEMORY,) a rim's shift of which nothing is known
    row: FloatArray  # (COLUMNS,)
    all_pairs: FloatArray  # (T_SUMS,)
    inner_pairs: FloatArray  # (I_SUMS,)
    matrix: FloatArray  # (6, 6)
    right: FloatArray  # (6, 5)
    rows: Singles  # (PATCH,)
    patch: Singles  # (PATCH,)
    same: Singles  # (PATCH,)
    other: Singles  # (PATCH,)
    veil: Singles  # (PATCH,)
    ones: Singles  # (PATCH,)
    ramp: Singles  # (ACROSS,) 0, 1, 2, ...
    acc: Singles  # (T_SUMS * ACROSS,)
    roles: FloatArray  # (ROLES, ROLE_COLUMNS)
    memory: FloatArray  # (ROLES, MEMORY)
    claims: FloatArray  # (MOST_CLAIMS, COLUMNS)
    guesses: FloatArray  # (MOST_GUESSES, GUESS)
    places: IntArray  # (MOST_PLACES, 3)
    levels: IntArray  # (LEVELS, LEVEL_COLUMNS)
    pixels: Bytes  # pictures of 1/2, 1/4, 1/8 and 1/16 size
    best: Bytes  # scores of one of them
    lines: U8Image  # (LINES, widest stride)
    sums: NDArray[np.uint16]  # (widest stride,)


MOST_M: Final = 180  # half side of the largest patch, px
PATCH_ACROSS: Final = 432
PATCH: Final = (2 * MOST_M + 8) * PATCH_ACROSS
MOST_CLAIMS: Final = 12
MOST_GUESSES: Final = 48
MOST_PLACES: Final = 4096
GUESS: Final = 6  # x, y, r, white, black, score

ROLES: Final = 7
LEVELS: Final = 4

# fields of ``settings``
ROW_NS, FOCAL_PX, SMALLEST_D, MOST, FRAME_NOISE, SETTINGS = range(6)
# columns of ``roles``: what a role's target looks like
WANTED, INNER, ROLE_COLUMNS = range(3)
# columns of ``levels``
LEVEL_FIRST, LEVEL_SIZE, LEVEL_STRIDE, LEVEL_HEIGHT, LEVEL_WIDTH, LEVEL_WIDEST, LEVEL_COLUMNS = (
    range(7)
)

KNIGHT_D: Final = (4.4, 13.0)  # diameters in a level's pixels that the knights' rings can find
REACH: Final = 1.4 * 0.5 * KNIGHT_D[1]  # of the spokes
FORGET: Final = 0.05  # of the lean, what the rim's shift may change from frame to frame


@kernel
def blackest(img: Bytes, width: int, w: Work, hint: float) -> tuple[float, float, float]:
    """Find where the ring is darkest; return that e, its grey and what movement adds to it.

    A ``hint`` above 0 is the role's ratio: then the middle of its ring is read and nothing else.
    """
    x = w.guess[0]
    y = w.guess[1]
    e = 0.5 * (1.0 + hint)
    if hint == 0.0:
        least = math.inf
        for each in E_BLACK:
            mean, swing = read_ring(img, width, x, y, each, w.rays, BLACK)
            if mean - swing < least:
                least = mean - swing
                e = each
    mean, swing = read_ring(img, width, x, y, e, w.rays, BLACK)
    return e, mean - swing, swing


@kernel
def agreement(rays: FloatArray, white: float, dark: float) -> float:
    """Return the share of rays that are black on the ring and white on the paper; mark the rest."""
    agree = 0.0
    for k in range(RAYS):
        good = rays[BLACK, k] < dark + 0.6 * (white - dark)
        if not (good and rays[PAPER, k] > dark + 0.4 * (white - dark)):
            rays[AGREES, k] = 0.0
        agree += rays[AGREES, k] / RAYS
    return agree


@kernel
def lowest_sector(ring: FloatArray, agrees: FloatArray, least: float) -> float:
    """Return the lowest mean grey of two neighbouring rays that agree by ``least`` or more."""
    lowest = math.inf
    for k in range(0, RAYS, 2):
        if agrees[k] + agrees[k + 1] >= 2.0 * least:
            lowest = min(lowest, 0.5 * (ring[k] + ring[k + 1]))
    return lowest


@kernel
def glance(
    img: Bytes, width: int, w: Work, split: float, white: float, dark: float
) -> tuple[float, float, float]:
    """Estimate white / black diameter, residual and core, from some twenty rows of pixels.

    The ratio from the brightness within ``split``, to a few hundredths; the residual from pixels
    opposite each other across the half pixel nearest to the centre; the core from 3 x 3 pixels.
    """
    shape = w.shape
    p = shape[0] + shape[1]
    major = major_radius(shape[0], shape[1], shape[2])
    step = max(1, int(0.1 * major))
    twice_x = int(2.0 * w.guess[0] + 0.5)
    twice_y = int(2.0 * w.guess[1] + 0.5)
    light = 0
    pixels = 0
    unlike = 0
    outer = 0
    for y in range((twice_y + 1) // 2, int(w.guess[1] + major) + 1, step):
        v = y - w.guess[1]
        middle = -shape[2] * v / p
        square = middle * middle - ((shape[0] - shape[1]) * v * v - 1.0) / p
        if square <= 0.0:
            break
        reach = math.sqrt(square)
        left = int(w.guess[0] + middle - reach) + 1
        count = int(w.guess[0] + middle + reach) + 1 - left
        row = img[y * width + left : y * width + left + count]
        start = (twice_y - y) * width + twice_x - left - count + 1
        back = img[start : start + count]
        for i in range(U(count)):
            off = int(row[i]) - int(back[U(count - 1) - i])
            unlike += off * off
        outer += count
        square = middle * middle - ((shape[0] - shape[1]) * v * v - split * split) / p
        if square <= 0.0:
            continue
        reach = math.sqrt(square)
        left = int(w.guess[0] + middle - reach) + 1
        count = int(w.guess[0] + middle + reach) + 1 - left
        row = img[y * width + left : y * width + left + count]
        for grey in row:
            light += grey
        pixels += count
    contrast = max(white - dark, 1.0)
    mass = (light - pixels * dark) / (contrast * max(pixels, 1)) * split * split
    share = min(max(mass, 0.05), 0.95)
    power = 2.0 * share * (1.0 - share) * contrast * contrast * max(outer, 1)
    core = 0
    for v in range(-1, 2):
        for u in range(-1, 2):
            core += img[(int(w.guess[1] + 0.5) + v) * width + int(w.guess[0] + 0.5) + u]
    return math.sqrt(max(mass, 0.0)), unlike / power, (core / 9.0 - dark) / contrast


@kernel
def promising(img: Bytes, width: int, w: Work) -> bool:
    """Tell whether what ``locate`` found deserves to be measured: it may be a wanted target.

    Spares hubs, holes and letters nine tenths of the work. Its limits are wider than those of
    ``named`` by what the rough figures are off.
    """
    white = w.guess[3]
    split = E_USUAL_BLACK
    mean, swing = read_ring(img, width, w.guess[0], w.guess[1], split, w.rays, BLACK)
    dark = mean - swing
    mean, outer_swing = read_ring(img, width, w.guess[0], w.guess[1], E_OUTER_BLACK, w.rays, BLACK)
    if mean - outer_swing < dark:
        split = E_OUTER_BLACK
        swing = outer_swing
        dark = mean - swing
    contrast = white - dark
    if contrast < 4.0:
        return False
    if lowest_sector(w.rays[PAPER], w.rays[AGREES], 0.0) < dark + 0.70 * contrast - 2.0 * swing:
        return False
    ratio, residual, core = glance(img, width, w, split, white, dark)
    r = w.guess[2]
    if residual > 0.10 + 0.5 / r + 4.5 * LARGEST_NOISE * LARGEST_NOISE / (contrast * contrast):
        return False
    if core > 1.30 + 1.0 / r:
        return False
    core += 2.0 * swing / contrast + 0.2 + 1.0 / r
    for k in range(ROLES):
        inner = w.roles[k, INNER]
        near = abs(ratio - inner) < 0.06 + 0.2 / r
        if w.roles[k, WANTED] > 0.0 and near and core > core_of(inner * r) - lost_core(inner):
            return True
    return False


@kernel
def balance(
    img: Bytes, height: int, width: int, w: Work, split: float, veiled: bool
) -> tuple[float, int, int]:
    """Move the centre to where opposite pixels agree best (Gauss-Newton on their differences).

    Leaves the sums of the last step, at the centre in ``w.guess``; returns the sum of squared
    weights of its resampling, the patch's half side (0: it leaves the picture or does not
    converge) and the distance between its rows.
    """
    major = major_radius(w.shape[0], w.shape[1], w.shape[2])
    bound = int(E_WINDOW * major) + 1
    m = bound + 1
    across = (2 * m + 1 + 15) // 16 * 16 + 48
    if m > MOST_M:
        return 1.0, 0, 0
    if veiled:
        hide(w.rays[AGREES], across, bound, w.veil)
    veil = w.veil if veiled else w.ones
    for _ in range(4):
        x = w.guess[0]
        y = w.guess[1]
        if not in_view(width, height, x, y, m + 3.0):
            return 1.0, 0, 0
        smoothing = resample(img, width, x, y, m, w.other, w.rows, w.patch, across)
        fold(w.patch, m, across, bound, w.same, w.other)
        weigh(w.same, w.other, veil, w.ramp, across, bound, w.shape, w.acc, w.all_pairs)
        dx, dy, _ = first_step(w.all_pairs)
        move = math.sqrt(dx * dx + dy * dy)
        if not move < 0.5 * major:
            return 1.0, 0, 0
        if move < SETTLED_PX:
            inside = min(int(split * major) + 1, bound)
            weigh_inner(
                w.same, w.other, veil, w.ramp, across, bound, inside, split, w.shape, w.acc,
                w.inner_pairs,
            )  # fmt: skip
            return smoothing, m, across
        w.guess[0] += dx
        w.guess[1] += dy
    return 1.0, 0, 0


@kernel
def inner_disc(w: Work, split: float, white: float, seen: float, across: int, m: int) -> float:
    """Weigh the white inside the ring: fill RATIO, SPREAD and CORE, return the black's grey.

    The ratio comes from the area that the brightness would fill at the paper's level; blur moves
    brightness about, but not out of the ring. The spread is the mean e^2 of that brightness less
    what a sharp disc of this ratio has; the core is the grey at the centre, 0 black to 1 paper.
    A narrow ring never gets as dark as its ink: once its width is known, the black is lowered by
    what an edge of usual blur takes off.
    """
    i = w.inner_pairs
    pairs = max(i[I_N], 1.0)
    area = split * split
    dark = seen
    square = 0.0
    mass = 0.0
    for _ in range(2):
        contrast = max(white - dark, 1.0)
        mass = (0.5 * i[I_S] / pairs - dark) / contrast * area
        square = max(mass, 0.0)
        width = (1.0 - math.sqrt(square)) / math.sqrt(w.shape[0])
        filled = max(math.erf(width / math.sqrt(8.0 * EDGE_VARIANCE_PX2)), 0.5)
        dark = white - (white - seen) / filled
    contrast = max(white - dark, 1.0)
    moment = (0.5 * i[I_E2S] / pairs - 0.5 * dark * area) / contrast * area
    w.row[RATIO] = math.sqrt(square)
    w.row[SPREAD] = moment / mass - 0.5 * square if mass > 0.0 else math.inf
    w.row[CORE] = (w.patch[(m + 1) * across + m] - dark) / contrast
    return dark


@kernel
def edge_blur(t: FloatArray, radii: float, contrast: float) -> float:
    """Estimate the standard deviation of the edges' blur in px; ``radii`` is the sum of both.

    Squared along its slope, an edge of height h gives h^2 / (2 sqrt(pi) blur) for each px of its
    length; here h is twice the contrast, and half of both circles is seen.
    """
    energy = max(t[T_XX] + t[T_YY], 1e-3)
    return float(2.0 * math.sqrt(math.pi) * contrast * contrast * radii / energy)


@kernel
def edges(t: FloatArray, i: FloatArray, ratio: float, rest: float) -> float:
    """Compare the inner edge with the outer one: 1 where both are equally sharp and high.

    The squared gradient, summed along an edge, goes with its length, its height squared, and its
    blur, whatever that comes from; a grey or an overexposed disc gives itself away. The share of
    the noise is taken off.
    """
    noise = 0.85 * rest
    inner = i[I_XX] + i[I_YY] - noise * i[I_N]
    outer = t[T_XX] + t[T_YY] - noise * t[T_N] - inner
    return float(inner / max(ratio * outer, 1e-3))


@kernel
def settle(
    w: Work, inner: float, white: float, dark: float, noise: float, lean: float, axis: float,
    memory: FloatArray,
) -> float:  # fmt: skip
    """Solve for the centre, the rim's shift and the light's slope; return the d^2 that stays.

    Perspective puts the outer edge's centre at centre + shift, the inner edge's at centre +
    ``inner`` x shift. The shift is held at zero within ``lean`` px along the minor axis (a fifth
    of it across), and near what ``memory`` knows of it from earlier frames; the slope within
    ``USUAL_SLOPE``. A slope along x has nothing in common with a shift along y, and what its
    square sums up to follows from the levels and the ellipse.
    Column 0 of ``w.right`` becomes the solution, columns 1 to 4 the inverse. NaN on failure.
    """
    t = w.all_pairs
    i = w.inner_pairs
    shape = w.shape
    a = w.matrix
    b = w.right
    less = 1.0 - inner  # outer + inner share x = all - (1 - share) x
    square = 1.0 - inner * inner
    b[:, :] = 0.0
    for k in range(4):
        b[k, 1 + k] = 1.0
    a[0, 0] = t[T_XX]
    a[0, 1] = t[T_XY]
    a[1, 1] = t[T_YY]
    a[0, 2] = t[T_XX] - less * i[I_XX]
    a[0, 3] = t[T_XY] - less * i[I_XY]
    a[1, 2] = a[0, 3]
    a[1, 3] = t[T_YY] - less * i[I_YY]
    a[2, 2] = t[T_XX] - square * i[I_XX]
    a[2, 3] = t[T_XY] - square * i[I_XY]
    a[3, 3] = t[T_YY] - square * i[I_YY]
    a[0, 4] = -t[T_XUS]
    a[0, 5] = 0.0
    a[1, 4] = 0.0
    a[1, 5] = -t[T_YVS]
    a[2, 4] = less * i[I_XUS] - t[T_XUS]
    a[2, 5] = 0.0
    a[3, 4] = 0.0
    a[3, 5] = less * i[I_YVS] - t[T_YVS]
    det = shape[0] ** 2 - shape[1] ** 2 - shape[2] ** 2
    light = white * white * (E_WINDOW**4 - 1.0 + inner * inner)
    light += dark * dark * (1.0 - inner * inner)
    light *= t[T_N] / (E_WINDOW * E_WINDOW * det)  # the pairs are pi E_WINDOW^2 / 2 sqrt(det)
    a[4, 4] = light * (shape[0] - shape[1])
    a[4, 5] = -light * shape[2]
    a[5, 5] = light * (shape[0] + shape[1])
    b[0, 0] = -t[T_XD]
    b[1, 0] = -t[T_YD]
    b[2, 0] = less * i[I_XD] - t[T_XD]
    b[3, 0] = less * i[I_YD] - t[T_YD]
    b[4, 0] = t[T_USD]
    b[5, 0] = t[T_VSD]
    f0, f1, f2, f3 = b[0, 0], b[1, 0], b[2, 0], b[3, 0]
    along = noise / (lean * lean + 1e-8)
    across = 25.0 * along
    cos = math.cos(axis)
    sin = math.sin(axis)
    known = noise / memory[MEMORY_VAR] if memory[MEMORY_R] > 0.0 else 0.0
    a[2, 2] += along * cos * cos + across * sin * sin + known
    a[3, 3] += along * sin * sin + across * cos * cos + known
    a[2, 3] += (along - across) * cos * sin
    b[2, 0] += known * memory[MEMORY_X]
    b[3, 0] += known * memory[MEMORY_Y]
    even = noise / (USUAL_SLOPE * USUAL_SLOPE * shape[0])
    a[4, 4] += even
    a[5, 5] += even
    for k in range(6):
        for j in range(k):
            a[k, j] = a[j, k]
    if not solve(a, b):
        return math.nan
    rest = t[T_DD] - b[0, 0] * f0 - b[1, 0] * f1 - b[2, 0] * f2 - b[3, 0] * f3
    rest -= b[4, 0] * t[T_USD] + b[5, 0] * t[T_VSD]
    return float(max(rest, 0.0) / max(t[T_N] - 4.0, 1.0))


@kernel
def centre(
    w: Work, white: float, seen: float, dark: float, smoothing: float, memory: FloatArray
) -> float:
    """Fill X, Y, their covariance and the rim's shift; return the d^2 that stays, NaN on failure.

    The shift counts only where it explains more of d^2 than chance would; how far it would move
    the centre otherwise stays as doubt in the covariance, as do 3 % of a shift that counts for
    what the linear step leaves. The rest of the covariance is for white noise.
    """
    row = w.row
    shape = w.shape
    _, _, rest = first_step(w.all_pairs)
    noise = max(rest / smoothing, QUANTISATION)
    tilt = axis_ratio(shape[0], shape[1], shape[2])
    major = major_radius(shape[0], shape[1], shape[2])
    lean = major * major * tilt * math.sqrt(max(1.0 - tilt * tilt, 0.0)) / w.settings[FOCAL_PX]
    axis = 0.5 * math.atan2(shape[2], shape[1])
    inner = min(row[RATIO] * row[RATIO], 0.6)
    rest = settle(w, inner, white, seen, noise, 0.0, axis, memory)
    step = w.right
    unsure_x = 0.0
    unsure_y = 0.0
    if lean > 0.0 or memory[MEMORY_R] > 0.0:
        plain_x = step[0, 0]
        plain_y = step[1, 0]
        shifted = settle(w, inner, white, seen, noise, lean, axis, memory)
        blur = edge_blur(w.all_pairs, (1.0 + row[RATIO]) / math.sqrt(shape[0]), white - dark)
        smeared = max(blur * blur - EDGE_VARIANCE_PX2, 0.0) * shape[0]  # twice what makes it oval
        doubt = min(smeared / max(1.0 - tilt, 1e-6), 1.0)
        evidence = (rest - shifted) * (w.all_pairs[T_N] - 4.0)
        rest = shifted
        known = memory[MEMORY_R] > 0.0 and shifted >= 0.0  # False for NaN
        if evidence > SHIFT_EVIDENCE * (1.0 + doubt) * noise or known:
            unsure_x = 0.03 * step[2, 0]
            unsure_y = 0.03 * step[3, 0]
        else:
            if shifted >= 0.0:
                unsure_x = DROPPED_SHARE * (plain_x - step[0, 0])
                unsure_y = DROPPED_SHARE * (plain_y - step[1, 0])
            rest = settle(w, inner, white, seen, noise, 0.0, axis, memory)
    noise = max(rest / smoothing, QUANTISATION)
    row[X] = w.guess[0] + step[0, 0]
    row[Y] = w.guess[1] + step[1, 0]
    row[RIM_X] = step[2, 0]
    row[RIM_Y] = step[3, 0]
    row[RIM_VAR] = 0.5 * noise * (step[2, 3] + step[3, 4])
    row[VAR_X] = SPLINE_GAIN * noise * step[0, 1] + unsure_x * unsure_x
    row[VAR_Y] = SPLINE_GAIN * noise * step[1, 2] + unsure_y * unsure_y
    row[COV_XY] = SPLINE_GAIN * noise * step[0, 2] + unsure_x * unsure_y
    return rest


@kernel
def measure(img: Bytes, height: int, width: int, w: Work, hint: float, memory: FloatArray) -> bool:
    """Measure the target that ``locate`` found; fill ``w.row`` (see the columns above).

    ``hint`` is the ratio of the role that is expected here, 0 for any; ``memory`` what earlier
    frames know of the rim's shift. False: this is no target, whatever else it is.
    """
    row = w.row
    white = w.guess[3]
    if hint == 0.0 and not promising(img, width, w):
        return False
    split, seen, swing = blackest(img, width, w, hint)
    if white - seen < 4.0:
        return False
    share = agreement(w.rays, white, seen)
    if share < LEAST_SHARE:
        return False
    smoothing, m, across = balance(img, height, width, w, split, share < 0.95)
    if m == 0:
        return False
    dark = inner_disc(w, split, white, seen, across, m)
    shape = w.shape
    tilt = axis_ratio(shape[0], shape[1], shape[2])
    major = major_radius(shape[0], shape[1], shape[2])
    rest = centre(w, white, seen, dark, smoothing, memory)
    if not rest >= 0.0:
        return False
    noise = max(rest / smoothing, QUANTISATION)
    contrast = max(white - dark, 1.0)
    row[R] = major + 0.5 * EDGE_VARIANCE_PX2 / major  # blur pulls a curved edge inward
    row[AXIS_RATIO] = tilt
    row[CONTRAST] = white - dark
    ring = (1.0 - min(row[RATIO] ** 2, 0.6)) / (E_WINDOW * E_WINDOW)
    row[RESIDUAL] = rest / (2.0 * contrast * contrast * ring * (1.0 - ring))
    row[QUALITY] = share * (0.9 if white >= SATURATED else 1.0)
    row[NOISE] = math.sqrt(0.5 * noise)
    row[SMEAR] = 2.0 * swing / contrast
    row[EDGES] = edges(w.all_pairs, w.inner_pairs, row[RATIO], rest)
    visible = 0.0 if hint == 0.0 else 1.0  # what is followed may be hidden in part
    lowest = lowest_sector(w.rays[PAPER], w.rays[AGREES], visible)
    row[PAPER_LOW] = (lowest - dark) / contrast
    row[PAPER_END] = row[PAPER_LOW]
    if hint == 0.0:
        e = max(E_PAPER_END, min(E_PAPER_RIM, 1.6 - 1.6 / major))
        if not in_view(width, height, row[X], row[Y], e * major + 2.0):
            e = E_PAPER_END
        mean, _ = read_ring(img, width, row[X], row[Y], e, w.rays, PAPER_END_RING)
        row[PAPER_END] = (mean - dark) / contrast
    return True


@kernel
def core_of(r: float) -> float:
    """Return how bright the middle of a white disc of radius ``r`` px is after usual blur."""
    return 1.0 - math.exp(-0.5 * r * r / EDGE_VARIANCE_PX2)


@kernel
def lost_core(inner: float) -> float:
    """Return what movement that the ring does not show may take from a disc smaller than the bar's.

    A disc of half the width is smeared twice as much.
    """
    return 0.25 * max(0.41 / inner - 1.0, 0.0)


@kernel
def is_target(row: FloatArray, inner: float, slack: float, frame_noise: float) -> bool:
    """Tell whether what was measured looks like the target whose ratio is ``inner``.

    Everything is a share of the contrast. The limits are what clean prints show, widened by the
    noise, by movement (``SMEAR``, seen on the black ring: it takes from the paper and from the
    core what it takes from the black) and by usual blur, which counts where radii are small.
    ``slack`` 0 is for what was searched, whose halves must not differ by more than the frame's
    noise; what is followed (1) may be hidden in part or shine.
    """
    noise = row[NOISE] / max(row[CONTRAST], 1.0)
    smear = row[SMEAR]
    if noise > 0.2 + 0.2 * slack or row[R] < 5.0 or row[AXIS_RATIO] < 0.60 - 0.1 * smear:
        return False
    if slack == 0.0 and row[NOISE] > 1.4 * frame_noise + 1.0 + 0.03 * row[CONTRAST]:
        return False
    if row[QUALITY] < 0.85 - 0.15 * slack - 0.5 * smear or row[RESIDUAL] > 0.03 + 0.12 * slack:
        return False
    paper = 0.88 - 0.25 * slack - 1.3 * smear - 1.3 * noise
    rim = 0.90 - 0.25 * slack - 2.2 * smear - 0.3 * noise
    if row[PAPER_LOW] < paper or row[PAPER_END] < rim:
        return False
    blur = 2.0 * EDGE_VARIANCE_PX2 / (row[R] * row[R])
    lost = lost_core(inner)
    if row[SPREAD] > 0.05 + 0.15 * smear + 0.3 * noise + blur + 0.4 * lost:
        return False
    r = inner * row[R]
    if row[CORE] + 0.6 * noise < core_of(r) - 0.10 - 0.2 * slack - 0.8 * smear - lost:
        return False
    if row[CORE] - 0.6 * noise > 1.06 + 0.4 * slack:
        return False
    sharp = max(1.0 - 1.1 * EDGE_VARIANCE_PX2 / (r * r), 0.3)
    within = 0.05 + 0.4 * slack + 0.9 * noise
    least = sharp - within - 1.0 / row[R] - 0.6 * smear - lost
    return bool(least < row[EDGES] < sharp + within + 0.05)


@kernel
def named(w: Work, slack: float) -> int:
    """Return the role of what was measured, -1 where it is no target; fill ROLE and SCORE."""
    row = w.row
    role = 0
    for k in range(ROLES):
        if abs(w.roles[k, INNER] - row[RATIO]) < abs(w.roles[role, INNER] - row[RATIO]):
            role = k
    inner = w.roles[role, INNER]
    reach = 0.035 + 0.1 / row[R] + 0.03 * row[SMEAR]
    reach += 0.15 * slack * (1.0 - row[QUALITY])
    off = abs(inner - row[RATIO])
    if off > reach or not is_target(row, inner, slack, w.settings[FRAME_NOISE]):
        return -1
    row[ROLE] = role
    row[SCORE] = row[CONTRAST] * (1.0 - off / (2.0 * reach)) * row[QUALITY] * row[AXIS_RATIO]
    return role


# --- look -------------------------------------------------------------------------------------


@kernel
def claim(w: Work, count: int) -> int:
    """Add ``w.row`` to the claims; return their number. A body role keeps its best row only."""
    row = w.row
    at = count
    for k in range(count):
        other = w.claims[k]
        near = (other[X] - row[X]) ** 2 + (other[Y] - row[Y]) ** 2 < (0.5 * row[R]) ** 2
        if near or (other[ROLE] == row[ROLE] and row[ROLE] != 0.0):
            if other[SCORE] >= row[SCORE]:
                return count
            at = k
            break
    if at >= len(w.claims):
        return count
    for k in range(COLUMNS):
        w.claims[at, k] = row[k]
    return max(count, at + 1)


@kernel
def remember(w: Work, role: int) -> None:
    """Keep the rim's shift of a target that is being followed."""
    memory = w.memory[role]
    memory[MEMORY_X] = w.row[RIM_X]
    memory[MEMORY_Y] = w.row[RIM_Y]
    lean = 0.25 * w.row[R] ** 2 / max(w.row[R], 100.0)
    memory[MEMORY_VAR] = w.row[RIM_VAR] + (FORGET * 0.1 * lean) ** 2
    memory[MEMORY_R] = w.row[R]
    memory[MEMORY_NEW] = 1.0


@kernel
def fetch(img: Bytes, height: int, width: int, x: float, y: float, reach: float) -> int:
    """Read one byte of each cache line around (x, y), so that the memory brings them all at once.

    The loads do not depend on one another, as those of a walk along a ray do: a cold window
    costs a third. The sum is returned, or the compiler would leave the reading out.
    """
    left = int(max(x - reach, 0.0))
    right = int(min(x + reach, width - 1.0))
    total = 0
    for row in range(int(max(y - reach, 0.0)), int(min(y + reach, height - 1.0)) + 1):
        start = row * width
        for column in range(left, right, 64):
            total += img[start + column]
        total += img[start + right]
    return total


@kernel
def follow(
    img: Bytes, height: int, width: int, w: Work, role: int, x: float, y: float, r: float,
    reach: float,
) -> bool:  # fmt: skip
    """Measure the target where it was predicted: by its spokes, else straight from the place."""
    hint = w.roles[role, INNER]
    for attempt in range(2):
        if attempt == 0:
            left = int(x + 0.5)
            top = int(y + 0.5)
            if not (0 <= left < width and 0 <= top < height):
                return False
            if not spokes(
                img, 0, width, height, width, left, top, 2 * LEAST_SCORE, 1.8 * r + 2.0,
                max(1, int(r / 12.0)), w.guess,
            ):  # fmt: skip
                continue
        else:
            w.shape[0] = 1.0 / (r * r)
            w.shape[1] = 0.0
            w.shape[2] = 0.0
            w.guess[0] = x
            w.guess[1] = y
            w.guess[2] = r
            if r < 3.0 or not in_view(width, height, x, y, E_NEEDED * r + 2.0):
                return False
            trace(w.shape, w.rays)
            white, _ = read_ring(img, width, x, y, E_PAPER, w.rays, PAPER)
            dark, _ = read_ring(img, width, x, y, 0.5 * (1.0 + hint), w.rays, BLACK)
            w.guess[3] = white
            w.guess[4] = dark
        if not 0.7 * r <= w.guess[2] <= 1.4 * r:
            continue
        if not locate(img, height, width, w.guess, 4, w.rays, w.shape):
            continue
        if not measure(img, height, width, w, hint, w.memory[role]):
            continue
        off = math.sqrt((w.row[X] - x) ** 2 + (w.row[Y] - y) ** 2)
        if off <= reach and 0.7 * r <= w.row[R] <= 1.4 * r and named(w, 1.0) == role:
            return True
    return False


@kernel
def gather(
    w: Work, level: int, height: int, width: int, x0: int, y0: int, count: int, kept: int
) -> int:  # fmt: skip
    """Ask the spokes of each place of a level; return how many guesses there are now.

    When there are more than fit, the faintest give way.
    """
    step = 2 << level
    first = w.levels[level, LEVEL_FIRST] + PAD * w.levels[level, LEVEL_STRIDE] + PAD
    stride = w.levels[level, LEVEL_STRIDE]
    for k in range(count):
        score = w.places[k, 2]
        if LEAST_INK * score < w.pixels[first + w.places[k, 1] * stride + w.places[k, 0]]:
            continue
        if not spokes(
            w.pixels, first, stride, height, width, w.places[k, 0], w.places[k, 1],
            (3 * score) // 4, REACH, 1, w.guess,
        ):  # fmt: skip
            continue
        at = kept
        x = (w.guess[0] + 0.5) * step - 0.5 + x0
        y = (w.guess[1] + 0.5) * step - 0.5 + y0
        r = w.guess[2] * step
        for j in range(kept):
            near = (w.guesses[j, 0] - x) ** 2 + (w.guesses[j, 1] - y) ** 2 < (0.3 * r) ** 2
            if near and 0.75 < w.guesses[j, 2] / r < 1.33:
                at = j
                break
        if at == kept and kept == MOST_GUESSES:
            for j in range(kept):
                if at == kept or w.guesses[j, 5] < w.guesses[at, 5]:
                    at = j
        if at < kept and w.guesses[at, 5] >= score:
            continue
        w.guesses[at, 0] = x
        w.guesses[at, 1] = y
        w.guesses[at, 2] = r
        w.guesses[at, 3] = w.guess[3]
        w.guesses[at, 4] = w.guess[4]
        w.guesses[at, 5] = score
        kept = max(kept, at + 1)
    return kept


@kernel
def find(
    img: Bytes, stride: int, x0: int, y0: int, x1: int, y1: int, smallest: float, largest: float,
    w: Work,
) -> int:  # fmt: skip
    """Fill ``w.guesses`` from a part of the picture, for diameters from ``smallest`` px up."""
    height = y1 - y0
    width = x1 - x0
    kept = 0
    source = img
    first = y0 * stride + x0
    source_stride = stride
    for level in range(LEVELS):
        step = 2 << level
        height //= 2
        width //= 2
        if height < 5 or width < 5 or smallest > largest:
            break
        mine = w.levels[level]
        level_stride = (width + LANES - 1) // LANES * LANES + LANES
        mine[LEVEL_STRIDE] = level_stride
        pixels = w.pixels[mine[LEVEL_FIRST] : mine[LEVEL_FIRST] + mine[LEVEL_SIZE]]
        halve(source, first, source_stride, pixels, level_stride, height, width, w.sums)
        source = pixels
        source_stride = level_stride
        first = PAD * level_stride + PAD
        if largest < KNIGHT_D[0] * step:
            break
        if smallest > 2.0 * KNIGHT_D[0] * step and level < LEVELS - 1:
            continue  # the next picture is large enough
        if mine[LEVEL_HEIGHT] != height or mine[LEVEL_WIDTH] != width:
            frame_white(pixels, level_stride, height, width)
            mine[LEVEL_HEIGHT] = height
            mine[LEVEL_WIDTH] = width
        knights(pixels, level_stride, height, w.lines, w.best)
        count = crests(w.best, level_stride, height, width, w.lines[:4], w.places)
        kept = gather(w, level, height, width, x0, y0, count, kept)
    return kept


@kernel
def search(
    img: Bytes, height: int, width: int, w: Work, x0: int, y0: int, x1: int, y1: int,
    smallest: float, role: int, count: int,
) -> int:  # fmt: skip
    """Find targets in a part of the picture and let them claim their roles.

    ``role`` -1 stands for any that is wanted; else only this one counts, within ``w.window``.
    Returns the number of claims.
    """
    window = w.window
    largest = math.inf if role < 0 else 3.0 * window[2]
    w.settings[FRAME_NOISE] = noise_of(img, width, height, width, w.places[:, 0])
    kept = find(img, width, x0, y0, x1, y1, smallest, largest, w)
    for _ in range(kept):
        top = 0
        for j in range(kept):
            if w.guesses[j, 5] > w.guesses[top, 5]:
                top = j
        w.guesses[top, 5] = -1.0
        r = w.guesses[top, 2]
        taken = False
        for j in range(count):
            away2 = (w.claims[j, X] - w.guesses[top, 0]) ** 2
            away2 += (w.claims[j, Y] - w.guesses[top, 1]) ** 2
            taken = taken or away2 < (0.5 * min(r, w.claims[j, R])) ** 2  # or the plate it is on
        if taken:
            continue
        for j in range(5):
            w.guess[j] = w.guesses[top, j]
        if not locate(img, height, width, w.guess, 4, w.rays, w.shape):
            continue
        if not measure(img, height, width, w, 0.0, w.fresh):
            continue
        found = named(w, 0.0)
        if found < 0 or w.roles[found, WANTED] == 0.0:
            continue
        if role >= 0:
            off = math.sqrt((w.row[X] - window[0]) ** 2 + (w.row[Y] - window[1]) ** 2)
            if found != role or off > window[3] or not 0.7 < w.row[R] / window[2] < 1.4:
                continue
        count = claim(w, count)
    return count


@kernel
def write(
    w: Work, count: int, most: int, t_ns: int, row_ns: float, middle: float, out: Rows
) -> int:
    """Copy claims into DETECTION rows, the bars first, each role's best first; return how many.

    A rolling shutter exposes a row ``row_ns`` after the one above: ``t_ns`` is the middle row's.
    """
    written = 0
    for role in range(ROLES):
        for _ in range(count):
            top = -1
            for k in range(count):
                mine = w.claims[k, ROLE] == role and w.claims[k, SCORE] > 0.0
                if mine and (top < 0 or w.claims[k, SCORE] > w.claims[top, SCORE]):
                    top = k
            if top < 0 or written >= most:
                break
            row = w.claims[top]
            row[SCORE] = 0.0
            target = out[written]
            target.t_ns = t_ns + round((row[Y] - middle) * row_ns)
            target.role = role
            target.x_px = row[X]
            target.y_px = row[Y]
            target.var_x_px2 = row[VAR_X]
            target.var_y_px2 = row[VAR_Y]
            target.cov_xy_px2 = row[COV_XY]
            target.r_px = row[R]
            target.axis_ratio = row[AXIS_RATIO]
            target.contrast = row[CONTRAST]
            target.residual = row[RESIDUAL]
            target.quality = row[QUALITY]
            written += 1
    return written


# the blocks of memory that ``carve`` cuts up
SINGLES: Final = 6 * PATCH + ACROSS + T_SUMS * ACROSS
DOUBLES: Final = 2048
INTEGERS: Final = LEVELS * LEVEL_COLUMNS + 3 * MOST_PLACES
NO_LOOK, LOOK_FOR_BAR, LOOK_FOR_ANY = range(3)


@kernel
def carve(singles: Singles, doubles: FloatArray, integers: IntArray, pixels: Bytes) -> Work:
    """Cut the blocks of memory into what the kernels work on.

    Few arguments are handed over from Python instead of thirty: each costs a tenth of a
    microsecond.
    """
    d = doubles
    a = SETTINGS
    b = a + ROLES * ROLE_COLUMNS
    roles = d[a:b].reshape(ROLES, ROLE_COLUMNS)
    a, b = b, b + ROLES * MEMORY
    memory = d[a:b].reshape(ROLES, MEMORY)
    a, b = b, b + RAY_ROWS * RAYS
    rays = d[a:b].reshape(RAY_ROWS, RAYS)
    a, b = b, b + MOST_GUESSES * GUESS
    guesses = d[a:b].reshape(MOST_GUESSES, GUESS)
    a, b = b, b + MOST_CLAIMS * COLUMNS
    claims = d[a:b].reshape(MOST_CLAIMS, COLUMNS)
    matrix = d[b : b + 36].reshape(6, 6)
    right = d[b + 36 : b + 66].reshape(6, 5)
    b += 66
    f = singles
    p = PATCH
    levels = integers[: LEVELS * LEVEL_COLUMNS].reshape(LEVELS, LEVEL_COLUMNS)
    places = integers[LEVELS * LEVEL_COLUMNS :].reshape(MOST_PLACES, 3)
    widest = levels[0, LEVEL_WIDEST]
    first = levels[LEVELS - 1, LEVEL_FIRST] + levels[LEVELS - 1, LEVEL_SIZE]
    lines = pixels[first : first + LINES * widest].reshape(LINES, widest)
    first += LINES * widest
    sums = pixels[first : first + 2 * widest].view(np.uint16)
    return Work(
        d[:SETTINGS], rays, d[b : b + 3], d[b + 3 : b + 8], d[b + 8 : b + 12],
        d[b + 12 : b + 12 + MEMORY], d[b + 20 : b + 20 + COLUMNS], d[b + 48 : b + 48 + T_SUMS],
        d[b + 64 : b + 64 + I_SUMS], matrix, right,
        f[:p], f[p : 2 * p], f[2 * p : 3 * p], f[3 * p : 4 * p], f[4 * p : 5 * p],
        f[5 * p : 6 * p], f[6 * p : 6 * p + ACROSS], f[6 * p + ACROSS :],
        roles, memory, claims, guesses, places, levels, pixels, pixels[first + 2 * widest :],
        lines, sums,
    )  # fmt: skip


@kernel
def look(
    luma: U8Image, t_ns: int, mode: int, windows: Rows, out: Rows, singles: Singles,
    doubles: FloatArray, integers: IntArray, pixels: Bytes,
) -> tuple[int, bool]:  # fmt: skip
    """Detect the targets of a frame; return the number of rows and whether all was searched.

    Windows come first: measured where predicted, then searched. The whole picture is searched
    where a bar is wanted and missing, and with ``LOOK_FOR_ANY`` where any role is.
    """
    w = carve(singles, doubles, integers, pixels)
    height, width = luma.shape
    img = luma.reshape(height * width)
    count = 0
    w.memory[:, MEMORY_NEW] = 0.0
    for k in range(len(windows)):
        role = int(windows[k].role)
        w.window[0] = windows[k].x_px
        w.window[1] = windows[k].y_px
        w.window[2] = windows[k].r_px
        w.window[3] = windows[k].reach_px
        if role < ROLES and w.roles[role, WANTED] > 0.0 and not has(w, count, role):
            count = look_in_window(img, height, width, w, role, count)
    for role in range(ROLES):
        if w.memory[role, MEMORY_NEW] == 0.0:
            w.memory[role, MEMORY_R] = 0.0
    everywhere = False
    for role in range(ROLES):
        missing = w.roles[role, WANTED] > 0.0 and not has(w, count, role)
        everywhere = everywhere or (missing and (mode == LOOK_FOR_ANY or role == 0))
    everywhere = everywhere and mode != NO_LOOK
    if everywhere:
        smallest = w.settings[SMALLEST_D]
        count = search(img, height, width, w, 0, 0, width, height, smallest, -1, count)
    most = min(len(out), int(w.settings[MOST]))
    middle = 0.5 * (height - 1)
    return write(w, count, most, t_ns, w.settings[ROW_NS], middle, out), everywhere


@kernel
def look_in_window(img: Bytes, height: int, width: int, w: Work, role: int, count: int) -> int:
    """Follow the target of ``w.window``, or search around; return the number of claims."""
    x = w.window[0]
    y = w.window[1]
    r = w.window[2]
    reach = w.window[3]
    if not (r >= 1.0 and reach >= 0.0 and r + reach < 1e6 and abs(x) + abs(y) < 1e6):
        return count
    old = w.memory[role]
    scale = (r / old[MEMORY_R]) ** 2 if old[MEMORY_R] > 0.0 else 0.0
    old[MEMORY_X] *= scale
    old[MEMORY_Y] *= scale
    w.guess[0] = fetch(img, height, width, x, y, E_NEEDED * r + 8.0)
    if follow(img, height, width, w, role, x, y, r, reach):
        remember(w, role)
        return claim(w, count)
    half = reach + 1.9 * r + 8.0
    x0 = int(min(max(x - half, 0.0), width)) // 8 * 8
    y0 = int(min(max(y - half, 0.0), height)) // 8 * 8
    x1 = int(min(max(x + half, 0.0), width))
    y1 = int(min(max(y + half, 0.0), height))
    return search(img, height, width, w, x0, y0, x1, y1, r, role, count)


@kernel
def has(w: Work, count: int, role: int) -> bool:
    """Tell whether a role has been claimed in this frame."""
    for k in range(count):  # noqa: SIM110  (Numba would make a generator of any())
        if w.claims[k, ROLE] == role:
            return True
    return False
