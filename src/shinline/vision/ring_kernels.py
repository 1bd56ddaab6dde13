"""Pixel work of the ring-target detector, from the whole frame to one centre.

Acquire: ``halve`` makes pictures of 1/2 to 1/16 size; ``knights`` scores every place as "brighter
than all of a ring around it"; ``crests`` keeps the local maxima; ``spokes`` asks of each whether it
is white, black and white again in eight directions.
Locate: ``locate`` finds the black disc's edge along 32 rays and fits an ellipse.
Measure: ``resample`` puts the centre on a pixel, ``fold`` splits the target into what is equal and
what differs between opposite pixels, ``weigh`` sums the normal equations.
Judge: ``settle`` solves them, ``measure`` is that chain with everything a target is judged by,
``printed`` tells the role.
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

MOST_ASIDE: Final = 1.2  # px from a crest to the middle of the spokes' ends
MOST_UNLIKE: Final = 0.65  # of the contrast, between the black at both ends of a line
MOST_UNEVEN: Final = 0.7  # px by which a spoke may end beside the ellipse of all

RAYS: Final = 32
_ANGLES: Final = np.arange(RAYS) * (2.0 * math.pi / RAYS)
COS: Final = np.cos(_ANGLES)
SIN: Final = np.sin(_ANGLES)
COS2: Final = np.cos(2.0 * _ANGLES)
SIN2: Final = np.sin(2.0 * _ANGLES)
SPOKE_X: Final = np.array([1, 1, 0, -1])  # and the same backwards
ROOT_2: Final = math.sqrt(2.0)
SPOKE_Y: Final = np.array([0, 1, 1, 1])
# rows of ``spans``, each (4,)
SPAN_LENGTH, SPAN_OFF, SPAN_UNLIKE, SPANS = range(4)

# rows of ``rays``, each (RAYS,)
(
    MODEL, RADIUS, CURVE, AGREES, BLACK, PAPER, PAPER_END_RING, EDGE_X, EDGE_Y, OFF, SPARE,
    RAY_ROWS,
) = range(12)  # fmt: skip

E_BLACK: Final = (0.585, 0.62, 0.66, 0.705, 0.755, 0.81, 0.855)  # middles of the roles' rings
E_USUAL_BLACK: Final = 0.72  # black on most roles' targets
E_OUTER_BLACK: Final = 0.855  # and on all of them
E_PAPER: Final = 1.22  # on the paper, away from the disc's blurred edge and the paper's own
E_PAPER_END: Final = 1.38  # still on the paper where movement smears its rim
E_PAPER_RIM: Final = 1.47  # as far out as a sharp picture shows the least paper allowed
E_WINDOW: Final = 1.25  # holds the whole edge, stays off the paper's rim
E_CONTRACT: Final = 1.6  # the paper's rim
E_PROFILE: Final = 1.78  # a profile's last ring, outside the paper
E_NEEDED: Final = 1.42  # what must be in the picture
EDGE_VARIANCE_PX2: Final = 1.0  # of the edge's blur: resampling, pixel, a usual lens
TRIES: Final = 4  # of fitting an edge
LARGE_PX: Final = 25.0  # radius
SETTLED_PX: Final = 0.08  # a smaller step leaves less than 1e-3 of itself: it was the last
QUANTISATION: Final = 1.0 / 6.0  # variance of the difference of two rounded greys
SPLINE_GAIN: Final = 0.87  # noise power of a sharp edge's frequencies that the spline passes
USUAL_SLOPE: Final = 0.01  # of the light over a radius; estimates are drawn towards even light
OVAL_EVIDENCE: Final = 4.5  # of the expected power of noise: chance exceeds it once in 90
SHIFT_EVIDENCE: Final = 5.0  # chi square at which a shift is half believed; thrice it, smeared
SHIFT_DOUBT: Final = 0.010  # of the centre's correction by the shift: what the model leaves out
EDGE_NOISE: Final = 1.7  # of a bilinear sample, x sqrt(2 pi): an edge's place where blur is 1 px
EDGE_FLOOR_RATIO: Final = 5e-4  # of the axis ratio, without any noise
FLOOR_PX: Final = 0.0006  # what rounding to grey levels and the spline leave, without any noise
SATURATED: Final = 250.0
GAMMA_BEND: Final = 0.5  # grey = (1 + bend) light / (1 + bend light); a gamma of 2.2 is about 0.8
GAMMA_SD: Final = 0.3
LEAST_BEND: Final = 0.2  # learnt from one print; less may be chance
LARGEST_NOISE: Final = 10.0  # grey levels, of a sensor at its highest usual gain
LEAST_SHARE: Final = 0.60  # of the rays: movement by a radius hides two sides of the edge

# columns of ``memory``: the rim's shift at radius MEMORY_R (0: unknown), is it this frame's
MEMORY_X, MEMORY_Y, MEMORY_VAR, MEMORY_R, MEMORY_NEW, MEMORY = range(6)

MARGIN: Final = 16  # columns left of the window: rows begin with a cache line

# columns of a measurement
(
    X, Y, VAR_X, VAR_Y, COV_XY, R, AXIS_RATIO, CONTRAST, RESIDUAL, QUALITY,
    NOISE, RATIO, SPREAD, CORE, SMEAR, PAPER_LOW, PAPER_END, EDGES, RIM_X, RIM_Y, RIM_VAR,
    FIT_BLUR, FIT_RATIO, FIT_PAPER, FIT_OUTSIDE, FIT_CORE, FIT_REST, FIT_BEND, HIDDEN,
    ROLE, SCORE, COLUMNS,
) = range(32)  # fmt: skip

# columns of a profile's rings, and of each disc in them
RING_PIXELS, RING_R, RING_GREY, DISC_INNER, DISC_RIM, DISC_PAPER, RING_COLUMNS = (
    0, 1, 2, 3, 6, 9, 12
)  # fmt: skip
DISC_GREY, DISC_OUTWARD, DISC_WIDER = range(3)
RINGS: Final = 56
# what a profile is made of: blur and three radii in px; the light outside and in the middle, where
# black is 0 and paper 1; how grey bends; the grey of black, and of paper above it
(
    P_BLUR, P_INNER, P_RIM, P_PAPER, P_OUTSIDE, P_CORE, P_BEND, P_BLACK, P_CONTRAST, PROFILE,
) = range(10)  # fmt: skip
P_NOW, P_USUAL, P_SD, P_GRADIENT, PROFILE_ROWS = range(5)

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
    """Estimate the noise of a picture, as a standard deviation, from every 12th part of its rows.

    Mixed second differences of 2 x 2 pixels leave plain surfaces and straight edges along the
    axes out; of the means over 64 places, the one that two fifths do not exceed is taken: those
    are where nothing is drawn. ``shares`` is for the work.
    """
    step = max(1, height // 12)
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

    At most ``len(out)``. Equal neighbours are all listed; those of a row in no certain order. The
    first row holds none: rings around its pixels leave the picture. ``lines`` (4, >= stride) is
    for the work.
    """
    count = (width + LANES - 1) // LANES * LANES
    crest = lines[3][:count]
    words = crest.view(np.uint64)
    part = U(count // 64)
    least = np.uint8(LEAST_SCORE)
    found = 0
    lines[2][:count] = 0
    for y in range(height):
        highest = lines[(y + 1) % 3][:count]
        if y + 1 < height:
            start = (y + 1) * stride
            a = best[start - 1 : start - 1 + count]
            b = best[start : start + count]
            c = best[start + 1 : start + 1 + count]
            for x in range(count):
                highest[x] = max(max(a[x], b[x]), c[x])
            highest[0] = max(b[0], c[0])
        else:
            highest[:count] = 0
        if y == 0:
            lines[0][:count] = 0
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
                word = words[each]
                x = 8 * int(each)
                while word != 0:
                    score = int(word & np.uint64(255))
                    if score > 0 and x < width and found < len(out):
                        out[found, 0] = x
                        out[found, 1] = y
                        out[found, 2] = score
                        found += 1
                    word >>= np.uint64(8)
                    x += 1
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
    x: int, y: int, least: int, reach: float, step: int, guess: FloatArray, spans: FloatArray,
) -> bool:  # fmt: skip
    """Walk in eight directions from white through black to white; False where that fails.

    Fills ``guess`` with x, y, r, white, black; ``spans`` with the length of each of the four
    lines, twice how far its middle is off, and how unlike the black is at its ends. ``least`` is
    how dark the ring must get, in grey levels below the centre. One line may fail (NaN): movement
    smears the ring along it.
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
        length = 0.0
        unlike = 0.0
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
            length += r
            unlike += side * low
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
            length = math.nan
            unlike = 0.0
            failed += 1
            if failed > 1:
                return False
        spans[SPAN_LENGTH, pair] = length
        spans[SPAN_OFF, pair] = ends + 0.0 * length
        spans[SPAN_UNLIKE, pair] = unlike
    mean = total / count
    if shortest < 0.3 * mean or longest > 1.8 * mean:
        return False
    guess[0] = x + dx / pairs
    guess[1] = y + dy / pairs
    guess[2] = mean
    guess[3] = white
    guess[4] = black / count
    return True


@kernel
def regular(x: int, y: int, guess: FloatArray, spans: FloatArray) -> bool:
    """Tell whether the spokes from (x, y) end on something like an ellipse of one ink.

    Lines 45 degrees apart through an ellipse have lengths l0 + l2 = l1 + l3, and its centre is
    off their middles like a vector's components: by two of them the other two are known. What a
    line that failed would tell is left out: no comparison with NaN holds.
    """
    if (guess[0] - x) ** 2 + (guess[1] - y) ** 2 > MOST_ASIDE * MOST_ASIDE:
        return False
    unlike = 0.0
    for k in range(4):
        unlike = max(unlike, abs(spans[SPAN_UNLIKE, k]))
    if unlike > MOST_UNLIKE * (guess[3] - guess[4]):
        return False
    length = spans[SPAN_LENGTH]
    if abs(length[0] - length[1] + length[2] - length[3]) > 8.0 * MOST_UNEVEN:
        return False
    off = spans[SPAN_OFF]
    uneven = 2.0 * ROOT_2 * MOST_UNEVEN
    if abs(off[1] - (off[2] + off[0]) / ROOT_2) > uneven:
        return False
    if abs(off[3] - (off[2] - off[0]) / ROOT_2) > uneven:
        return False
    if abs(off[0] - (off[1] - off[3]) / ROOT_2) > uneven:
        return False
    return not abs(off[2] - (off[1] + off[3]) / ROOT_2) > uneven


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
def ring_levels(rays: FloatArray, row: int) -> tuple[float, float]:
    """Return the mean of a ring's greys and their swing.

    The swing is the second harmonic's: movement smears a ring in two opposite directions.
    """
    mean = 0.0
    cos2 = 0.0
    sin2 = 0.0
    for k in range(RAYS):
        grey = rays[row, k]
        mean += grey
        cos2 += grey * COS2[k]
        sin2 += grey * SIN2[k]
    return mean / RAYS, math.sqrt(cos2 * cos2 + sin2 * sin2) * (2.0 / RAYS)


@kernel
def read_ring(
    img: Bytes, stride: int, x: float, y: float, e: float, rays: FloatArray, row: int
) -> tuple[float, float]:
    """Read the grey along a ring of MODEL; return its ``ring_levels``."""
    for k in range(RAYS):
        reach = e * rays[MODEL, k]
        rays[row, k] = sample(img, stride, x + reach * COS[k], y + reach * SIN[k])
    return ring_levels(rays, row)


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
    img: Bytes, height: int, width: int, guess: FloatArray, first: int, last: int,
    rays: FloatArray, shape: FloatArray,
) -> bool:  # fmt: skip
    """Fit the black disc's edge; replace ``guess`` (x, y, r, white, black), fill ``shape``.

    False: no dark disc on bright paper. Try 0 begins with a circle and looks further than the
    next ones; tries ``first`` to ``last`` - 1 are made, and may go on where others ended.
    """
    share = 0.0
    if first == 0:
        shape[0] = 1.0 / (guess[2] * guess[2])
        shape[1] = 0.0
        shape[2] = 0.0
        trace(shape, rays)
    for k in range(RAYS):
        share += rays[AGREES, k] / RAYS
    for attempt in range(first, last):
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
    same: Singles, other: Singles, ramp: Singles, across: int, bound: int, shape: FloatArray,
    acc: Singles, out: FloatArray,
) -> None:  # fmt: skip
    """Sum the normal equations over all pairs with e <= ``E_WINDOW``: the T_ columns.

    g is the gradient of S = I(u) + I(-u), d = I(u) - I(-u): a shift of the centre by delta makes
    d = -delta g, a slope of the light s makes d = s u S. ``ramp`` counts from 0. Sums run down the
    columns, so that they vectorise without reordering.
    """
    count = (2 * bound + 16) // 16 * 16
    nought = np.float32(0.0)
    one = np.float32(1.0)
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
            w = one if e2 <= e_window else nought
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
    same: Singles, other: Singles, ramp: Singles, across: int, bound: int, inside: int,
    split: float, shape: FloatArray, acc: Singles, out: FloatArray,
) -> None:  # fmt: skip
    """Sum the same over the pairs with e < ``split``, within ``inside`` px: the I_ columns."""
    first = (bound - inside) // 16 * 16
    count = (2 * bound + 16) // 16 * 16 - first
    nought = np.float32(0.0)
    one = np.float32(1.0)
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
            w = one if e2 < e_split else nought
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
    outline: FloatArray  # (OUTLINE, OUTLINE)
    spans: FloatArray  # (SPANS, 4)
    part: FloatArray  # (COLUMNS,)
    rows: Singles  # (PATCH,)
    patch: Singles  # (PATCH,)
    same: Singles  # (PATCH,)
    other: Singles  # (PATCH,)
    ramp: Singles  # (ACROSS,) 0, 1, 2, ...
    acc: Singles  # (T_SUMS * ACROSS,)
    rings: FloatArray  # (RINGS, RING_COLUMNS)
    profile: FloatArray  # (PROFILE_ROWS, PROFILE)
    normal: FloatArray  # (PROFILE, PROFILE)
    change: FloatArray  # (PROFILE, 1)
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
ROW_NS, FOCAL_PX, SMALLEST_D, MOST, FRAME_NOISE, BEND, SETTINGS = range(7)
# columns of ``roles``: what a role's target looks like
WANTED, INNER, ROLE_COLUMNS = range(3)
# columns of ``levels``
LEVEL_FIRST, LEVEL_SIZE, LEVEL_STRIDE, LEVEL_HEIGHT, LEVEL_WIDTH, LEVEL_WIDEST, LEVEL_COLUMNS = (
    range(7)
)

KNIGHT_D: Final = (4.4, 13.0)  # diameters in a level's pixels that the knights' rings can find
REACH: Final = 8.5  # of the spokes; discs above 11 px are found in the next picture, too
REACH_LAST: Final = 1.4 * 0.5 * KNIGHT_D[1]  # in the last picture
OUTLINE: Final = 5  # unknowns of an edge: centre and shape
LEAST_RAYS: Final = 14
LOPSIDED: Final = 0.02  # residual of a target that something lies across
WORST_PX2: Final = 0.04  # variance; an outline that is less certain lies
HIDDEN_ARC: Final = 14  # rays that the largest hand hides
EDGE_FLOOR_PX: Final = 0.05  # standard deviation of an edge that something shades or shines on
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
            light += int(grey)
        pixels += count
    contrast = max(white - dark, 1.0)
    mass = (light - pixels * dark) / (contrast * max(pixels, 1)) * split * split
    share = min(max(mass, 0.05), 0.95)
    power = 2.0 * share * (1.0 - share) * contrast * contrast * max(outer, 1)
    core = 0
    for v in range(-1, 2):
        for u in range(-1, 2):
            core += int(img[(int(w.guess[1] + 0.5) + v) * width + int(w.guess[0] + 0.5) + u])
    return math.sqrt(max(mass, 0.0)), unlike / power, (core / 9.0 - dark) / contrast


@kernel
def promising(img: Bytes, width: int, w: Work, roughly: bool) -> bool:
    """Tell whether what ``locate`` found deserves to be measured: it may be a wanted target.

    Spares hubs, holes and letters nine tenths of the work. Its limits are wider than those of
    ``plain`` and ``printed`` by what the rough figures are off. ``locate`` has read the paper,
    and the ring where most are black. ``roughly``: after its first try, which may have taken a
    small disc's blurred middle for white, only paper and symmetry are looked at.
    """
    white = w.guess[3]
    split = E_USUAL_BLACK
    mean, swing = ring_levels(w.rays, BLACK)
    dark = mean - swing
    mean, outer_swing = read_ring(img, width, w.guess[0], w.guess[1], E_OUTER_BLACK, w.rays, BLACK)
    if mean - outer_swing < dark:
        split = E_OUTER_BLACK
        swing = outer_swing
        dark = mean - swing
    contrast = white - dark
    if contrast < 4.0:
        return False
    paper = dark + (0.45 if roughly else 0.70) * contrast - 2.0 * swing
    if lowest_sector(w.rays[PAPER], w.rays[AGREES], 0.0) < paper:
        return False
    ratio, residual, core = glance(img, width, w, split, white, dark)
    r = w.guess[2]
    if residual > 0.10 + 0.5 / r + 4.5 * LARGEST_NOISE * LARGEST_NOISE / (contrast * contrast):
        return False
    if roughly:
        return True
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
def spot(img: Bytes, height: int, width: int, w: Work) -> bool:
    """Tell whether a guess may be a wanted target, and fit its edge.

    Of ten guesses nine are not: what is small is looked at as soon as its place is roughly known.
    (What is large is guessed in a coarser picture, too roughly to compare opposite pixels.)
    """
    soon = 1 if w.guess[2] < LARGE_PX else TRIES
    if not locate(img, height, width, w.guess, 0, soon, w.rays, w.shape):
        return False
    if soon < TRIES:
        if not promising(img, width, w, True):
            return False
        if not locate(img, height, width, w.guess, soon, TRIES, w.rays, w.shape):
            return False
    return promising(img, width, w, False)


@kernel
def balance(img: Bytes, height: int, width: int, w: Work, split: float) -> tuple[float, int, int]:
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
    for _ in range(4):
        x = w.guess[0]
        y = w.guess[1]
        if not in_view(width, height, x, y, m + 3.0):
            return 1.0, 0, 0
        smoothing = resample(img, width, x, y, m, w.other, w.rows, w.patch, across)
        fold(w.patch, m, across, bound, w.same, w.other)
        weigh(w.same, w.other, w.ramp, across, bound, w.shape, w.acc, w.all_pairs)
        dx, dy, _ = first_step(w.all_pairs)
        move = math.sqrt(dx * dx + dy * dy)
        if not move < 0.5 * major:
            return 1.0, 0, 0
        if move < SETTLED_PX:
            inside = min(int(split * major) + 1, bound)
            weigh_inner(
                w.same, w.other, w.ramp, across, bound, inside, split, w.shape, w.acc,
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
    w: Work, inner: float, white: float, dark: float, noise: float, along_px: float,
    across_px: float, axis: float, memory: FloatArray, narrow: float,
) -> float:  # fmt: skip
    """Solve for the centre, the rim's shift and the light's slope; return the mean d^2 that stays.

    Perspective puts the outer edge's centre at centre + shift, the inner edge's at centre +
    ``inner`` x shift. The shift is drawn towards zero, with a standard deviation of ``along_px``
    along ``axis`` and of ``across_px`` across it, or towards what ``memory`` knows of ``narrow``
    times the shift from earlier frames; the slope within ``USUAL_SLOPE``. A slope along x has
    nothing in common with a shift along y, and what its square sums up to follows from the levels
    and the ellipse.
    Column 0 of ``w.right`` becomes the solution, columns 1 to 4 the inverse. NaN on failure.
    """
    t = w.all_pairs
    i = w.inner_pairs
    shape = w.shape
    a = w.matrix
    b = w.right
    less = 1.0 - inner  # outer + inner share x = all - (1 - share) x
    square = 1.0 - inner * inner
    a[:, :] = 0.0
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
    a[1, 5] = -t[T_YVS]
    a[2, 4] = less * i[I_XUS] - t[T_XUS]
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
    along = noise / (along_px * along_px + 1e-8)
    across = noise / (across_px * across_px + 1e-8)
    cos = math.cos(axis)
    sin = math.sin(axis)
    known = 0.0
    if memory[MEMORY_R] > 0.0:
        known = noise * narrow * narrow / memory[MEMORY_VAR]
        along = 0.0  # is part of what is known
        across = 0.0
    a[2, 2] += along * cos * cos + across * sin * sin + known
    a[3, 3] += along * sin * sin + across * cos * cos + known
    a[2, 3] += (along - across) * cos * sin
    b[2, 0] += known * memory[MEMORY_X] / narrow
    b[3, 0] += known * memory[MEMORY_Y] / narrow
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
def unseen_tilt(shape: FloatArray, noise: float, contrast: float, blur: float) -> float:
    """Return how far from 1 an axis ratio may be without showing on the edge.

    Each of 32 rays finds the edge to ``EDGE_NOISE`` x noise / contrast x blur; the second harmonic
    of the radii is known to a fourth of that. ``noise`` is the variance of d.
    """
    edge_px = EDGE_NOISE * math.sqrt(0.5 * noise) / max(contrast, 1.0) * max(blur, 1.0)
    return float(0.5 * edge_px * math.sqrt(shape[0]) + EDGE_FLOOR_RATIO)


@kernel
def centre(
    w: Work, white: float, seen: float, dark: float, smoothing: float, memory: FloatArray
) -> float:
    """Fill X, Y, their covariance and the rim's shift; return the d^2 that stays, NaN on failure.

    The rim's shift is believed as far as it explains more of d^2 than chance would, or as earlier
    frames know of it. What it may be follows from the ellipse, and from what tilt may not show on
    it. ``weigh`` has the gradient from pixels two apart, which blurs it, and so finds a shift too
    large by 1 / sqrt(1 - 1 / 6 blur^2). What is not believed stays as doubt in the covariance; the
    rest of the covariance is for white noise.
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
    blur = edge_blur(w.all_pairs, (1.0 + row[RATIO]) / math.sqrt(shape[0]), white - dark)
    narrow = math.sqrt(max(1.0 - 1.0 / (6.0 * blur * blur), 0.5))
    rest = settle(w, inner, white, seen, noise, 0.0, 0.0, axis, w.fresh, narrow)
    if not rest >= 0.0:
        return math.nan
    noise = max(rest / smoothing, QUANTISATION)
    step = w.right
    x, y = step[0, 0], step[1, 0]
    var_x, var_y, cov = noise * step[0, 1], noise * step[1, 2], noise * step[0, 2]
    unseen = unseen_tilt(shape, noise, white - dark, blur)
    unseen = major * major / w.settings[FOCAL_PX] * math.sqrt(unseen)  # sin^2 = 2 (1 - ratio)
    along_px = math.sqrt(lean * lean + unseen * unseen)
    # movement turns the oval: the shift may lie by a third beside the axis that it shows
    across_px = math.sqrt(0.09 * lean * lean + unseen * unseen)
    shifted = settle(w, inner, white, seen, noise, along_px, across_px, axis, memory, narrow)
    if shifted < 0.7 * rest:  # what looked like noise was the shift
        noise = max(shifted / smoothing, QUANTISATION)
        shifted = settle(w, inner, white, seen, noise, along_px, across_px, axis, memory, narrow)
    if not shifted >= 0.0:
        return math.nan
    noise = max(shifted / smoothing, QUANTISATION)
    row[RIM_X], row[RIM_Y] = narrow * step[2, 0], narrow * step[3, 0]
    row[RIM_VAR] = 0.5 * noise * narrow * narrow * (step[2, 3] + step[3, 4])
    evidence = max((rest - shifted) * (w.all_pairs[T_N] - 4.0), 0.0) / noise
    if memory[MEMORY_R] > 0.0:
        evidence = max(evidence, (row[RIM_X] ** 2 + row[RIM_Y] ** 2) / row[RIM_VAR])
    smeared = max(blur * blur - EDGE_VARIANCE_PX2, 0.0) * shape[0]  # twice what makes it oval
    moved = min(smeared / max(1.0 - tilt, 1e-6), 1.0) if tilt < 1.0 else 1.0
    least = SHIFT_EVIDENCE * (1.0 + 2.0 * moved)
    trust = evidence * evidence / (evidence * evidence + least * least)
    dx = narrow * (step[0, 0] - x)
    dy = narrow * (step[1, 0] - y)
    x += trust * dx
    y += trust * dy
    # what the shift adds to the variance: as far as it is believed, and, of an oval outline, a
    # little of what is not believed; both shares were chosen so that two thirds lie within 1 sd
    share = trust * trust + (0.3 * (1.0 - trust) ** 2 if tilt < 1.0 else 0.0)
    doubt2 = 0.6 * trust * (1.0 - trust) + SHIFT_DOUBT * SHIFT_DOUBT
    gain = 1.0 - (1.0 - SPLINE_GAIN) * min(EDGE_VARIANCE_PX2 / (blur * blur), 1.0)
    if white >= SATURATED:
        gain *= 4.0  # half of the noise is cut off
    var_x += share * (noise * step[0, 1] - var_x)
    var_y += share * (noise * step[1, 2] - var_y)
    cov += share * (noise * step[0, 2] - cov)
    row[X] = w.guess[0] + x
    row[Y] = w.guess[1] + y
    row[VAR_X] = gain * var_x + doubt2 * dx * dx + FLOOR_PX * FLOOR_PX
    row[VAR_Y] = gain * var_y + doubt2 * dy * dy + FLOOR_PX * FLOOR_PX
    row[COV_XY] = gain * cov + doubt2 * dx * dy
    return float(rest + trust * (shifted - rest))


@kernel
def measure(img: Bytes, height: int, width: int, w: Work, hint: float, memory: FloatArray) -> bool:
    """Measure the target that ``locate`` found; fill ``w.row`` (see the columns above).

    ``hint`` is the ratio of the role that is expected here, 0 for any; ``memory`` what earlier
    frames know of the rim's shift. False: this is no target, whatever else it is.
    """
    row = w.row
    white = w.guess[3]
    split, seen, swing = blackest(img, width, w, hint)
    if white - seen < 4.0:
        return False
    share = agreement(w.rays, white, seen)
    if share < LEAST_SHARE:
        return False
    row[HIDDEN] = 1.0 if one_sided(w.rays[AGREES]) > 1 else 0.0
    smoothing, m, across = balance(img, height, width, w, split)
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
        read_ring(img, width, row[X], row[Y], e, w.rays, PAPER_END_RING)
        lowest = lowest_sector(w.rays[PAPER_END_RING], w.rays[AGREES], 0.0)
        row[PAPER_END] = (lowest - dark) / contrast
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
def still(w: Work, role: int) -> bool:
    """Tell whether what was measured where ``role`` was predicted is its target; fill its score.

    Everything is a share of the contrast, widened by the noise, by movement (``SMEAR``, seen on
    the black ring: it takes from the paper and from the core what it takes from the black) and
    by usual blur, which counts where radii are small.
    """
    row = w.row
    inner = w.roles[role, INNER]
    noise = row[NOISE] / max(row[CONTRAST], 1.0)
    smear = row[SMEAR]
    off = abs(inner - row[RATIO])
    reach = 0.035 + 0.1 / row[R] + 0.03 * smear + 0.15 * (1.0 - row[QUALITY])
    if off > reach or nearest_role(w, row[RATIO]) != role:
        return False
    if noise > 0.4 or row[R] < 5.0 or row[AXIS_RATIO] < 0.60 - 0.1 * smear:
        return False
    if row[QUALITY] < 0.70 - 0.5 * smear or row[PAPER_LOW] < 0.63 - 1.3 * (smear + noise):
        return False
    lost = lost_core(inner)
    blur = 2.0 * EDGE_VARIANCE_PX2 / (row[R] * row[R])
    if row[SPREAD] > 0.05 + 0.15 * smear + 0.3 * noise + blur + 0.4 * lost:
        return False
    r = inner * row[R]
    if row[CORE] + 0.6 * noise < core_of(r) - 0.30 - 0.8 * smear - lost:
        return False
    if row[CORE] - 0.6 * noise > 1.46:
        return False
    sharp = max(1.0 - 1.1 * EDGE_VARIANCE_PX2 / (r * r), 0.3)
    within = 0.45 + 0.9 * noise
    least = sharp - within - 1.0 / row[R] - 0.6 * smear - lost
    if not least < row[EDGES] < sharp + within + 0.05:
        return False
    row[ROLE] = role
    row[SCORE] = row[CONTRAST] * (1.0 - off / (2.0 * reach)) * row[QUALITY] * row[AXIS_RATIO]
    return True


@kernel
def nearest_role(w: Work, ratio: float) -> int:
    """Return the role whose ratio is the nearest."""
    role = 0
    for k in range(ROLES):
        if abs(w.roles[k, INNER] - ratio) < abs(w.roles[role, INNER] - ratio):
            role = k
    return role


@kernel
def plain(row: FloatArray, frame_noise: float) -> bool:
    """Tell whether all that does not depend on the role is a target's."""
    noise = row[NOISE] / max(row[CONTRAST], 1.0)
    smear = row[SMEAR]
    if noise > 0.2 or row[R] < 5.0 or row[AXIS_RATIO] < 0.60 - 0.1 * smear:
        return False
    if row[NOISE] > 1.4 * frame_noise + 1.0 + 0.03 * row[CONTRAST]:
        return False
    if row[QUALITY] < 0.85 - 0.5 * smear or row[RESIDUAL] > 0.03:
        return False
    paper = 0.88 - 1.3 * smear - 1.3 * noise
    rim = 0.70 - 2.2 * smear - 0.6 * noise
    return bool(row[PAPER_LOW] >= paper and row[PAPER_END] >= rim)


@kernel
def printed_role(w: Work) -> int:
    """Return the role of the print that was fitted, -1 for none; fill ROLE and SCORE."""
    row = w.row
    noise = row[NOISE] / max(row[CONTRAST], 1.0)
    smear = row[SMEAR]
    role = nearest_role(w, row[FIT_RATIO])
    inner = w.roles[role, INNER]
    straight = w.settings[BEND] == 0.0
    if straight and smear > 0.1 and abs(row[RATIO] - inner) > 0.06:
        return -1  # movement is no Gaussian: where it is large, the light inside decides as well
    small = (1.0 + 10.0 * noise) / row[R]
    reach = min(0.025 + 0.04 * small + 0.04 * smear, 0.036)  # half a class, next to the bar
    off = abs(inner - row[FIT_RATIO])
    soft = row[FIT_BLUR] / inner
    core = 0.10 + 0.2 * noise / inner + 0.1 * smear + 0.2 * soft * soft
    paper = 1.54 - 0.1 * small - 0.05 * smear
    if row[FIT_OUTSIDE] > 1.15:  # what is cut off at white spreads over the paper
        paper -= 0.12
    alone = abs(1.0 - row[FIT_OUTSIDE]) > 0.15  # else the paper's rim is not seen
    like = off <= reach and abs(row[FIT_CORE] - 1.0) <= core  # False for NaN
    if not (like and row[FIT_REST] <= 0.08 + 0.05 * smear):
        return -1
    if alone and not row[FIT_PAPER] >= paper:
        return -1
    row[ROLE] = role
    row[SCORE] = row[CONTRAST] * (1.0 - off / (2.0 * reach)) * row[QUALITY] * row[AXIS_RATIO]
    return role


# --- what is hidden in part -------------------------------------------------------------------


@kernel
def one_sided(agrees: FloatArray) -> int:
    """Count the rays that do not agree while their opposite does: movement hides both."""
    count = 0
    for k in range(RAYS // 2):
        count += 1 if agrees[k] != agrees[k + RAYS // 2] else 0
    return count


@kernel
def shrink(agrees: FloatArray, spare: FloatArray) -> int:
    """Take the neighbours of rays that do not agree out, too; return how many rays are left.

    What hides one ray blurs over to the next.
    """
    for k in range(RAYS):
        spare[k] = agrees[k - 1] * agrees[k] * agrees[(k + 1) % RAYS]
    left = 0
    for k in range(RAYS):
        agrees[k] = spare[k]
        left += 1 if agrees[k] > 0.0 else 0
    return left


@kernel
def edge_points(img: Bytes, width: int, height: int, w: Work, middle: float, slack: float) -> bool:
    """Write where the edge crosses each ray, from ``w.guess``: EDGE_X, EDGE_Y; NaN for nowhere."""
    x = w.guess[0]
    y = w.guess[1]
    reach = 1.15 * major_radius(w.shape[0], w.shape[1], w.shape[2]) + slack + 2.0
    if not in_view(width, height, x, y, reach):
        return False
    trace(w.shape, w.rays)
    rim(img, width, x, y, middle, slack, 0.5, w.rays)
    for k in range(RAYS):
        w.rays[EDGE_X, k] = x + w.rays[RADIUS, k] * COS[k]
        w.rays[EDGE_Y, k] = y + w.rays[RADIUS, k] * SIN[k]
    return True


@kernel
def edge_step(w: Work, first: int, last: int) -> float:
    """Fit centre and shape to the points of the edge that agree; return what stays, in px^2.

    Points ``first`` to ``last`` - 1 are left out. A shift d moves the ellipse u A u = 1 along the
    direction of a point u by r^2 (u A d) / |u|. Column 0 of ``w.right`` is the step taken,
    columns 1 and 2 are the inverse for the centre. NaN: too few points, or no ellipse.
    """
    a = w.outline
    b = w.right[:OUTLINE]
    shape = w.shape
    a[:, :] = 0.0
    b[:, :] = 0.0
    b[0, 1] = 1.0
    b[1, 2] = 1.0
    g = w.profile[P_GRADIENT]
    square = 0.0
    count = 0
    for k in range(RAYS):
        w.rays[OFF, k] = math.nan
        u = w.rays[EDGE_X, k] - w.guess[0]
        v = w.rays[EDGE_Y, k] - w.guess[1]
        far = math.sqrt(u * u + v * v)
        if not far > 0.5:
            continue
        u /= far
        v /= far
        cos2 = u * u - v * v
        sin2 = 2.0 * u * v
        curve = shape[0] + shape[1] * cos2 + shape[2] * sin2
        if not curve > 0.0:
            return math.nan
        r = 1.0 / math.sqrt(curve)
        off = far - r
        w.rays[OFF, k] = off
        if w.rays[AGREES, k] == 0.0 or first <= k < last or first <= k + RAYS < last:
            continue
        g[0] = r * r * ((shape[0] + shape[1]) * u + shape[2] * v)
        g[1] = r * r * (shape[2] * u + (shape[0] - shape[1]) * v)
        g[2] = -0.5 * r**3 * shape[0]
        g[3] = g[2] * cos2
        g[4] = g[2] * sin2
        square += off * off
        count += 1
        for i in range(OUTLINE):
            b[i, 0] += g[i] * off
            for j in range(OUTLINE):
                a[i, j] += g[i] * g[j]
    for i in range(OUTLINE):
        g[i] = b[i, 0]
    if count < LEAST_RAYS or not solve(a, b):
        return math.nan
    for i in range(OUTLINE):
        square -= g[i] * b[i, 0]
    w.guess[0] += b[0, 0]
    w.guess[1] += b[1, 0]
    shape[1] += shape[0] * b[3, 0]
    shape[2] += shape[0] * b[4, 0]
    shape[0] *= 1.0 + b[2, 0]
    if not axis_ratio(shape[0], shape[1], shape[2]) > 0.5:
        return math.nan
    return max(square, 0.0) / (count - OUTLINE)


@kernel
def outline(img: Bytes, width: int, height: int, w: Work, middle: float) -> bool:
    """Measure a target that is hidden in part by the black disc's edge, where it can be seen.

    The edge of a hand that lies across the disc looks like the disc's own, and an ellipse takes
    it in. So each of sixteen arcs is left out in turn; the one whose absence leaves the best fit
    gives the start, and points three times farther off than is usual are left out from there.
    """
    x = w.guess[0]
    y = w.guess[1]
    r = major_radius(w.shape[0], w.shape[1], w.shape[2])
    best = math.inf
    start = 0
    for arc in range(17):  # the last time with the best one
        first = 2 * (start if arc == 16 else arc)
        w.guess[0] = x
        w.guess[1] = y
        w.shape[0] = 1.0 / (r * r)
        w.shape[1] = 0.0
        w.shape[2] = 0.0
        if arc == 0 and not edge_points(img, width, height, w, middle, 0.3 * r + 1.5):
            return False
        variance = math.inf
        for _ in range(4):
            variance = edge_step(w, first, first + HIDDEN_ARC)
            if not variance >= 0.0:
                break
        if arc < 16 and variance < best:
            best = variance
            start = arc
    if best == math.inf:
        return False
    variance = best
    for _ in range(3):
        limit = 3.0 * math.sqrt(variance) + 0.12
        for k in range(RAYS):
            w.rays[AGREES, k] = 1.0 if abs(w.rays[OFF, k]) < limit else 0.0
        if shrink(w.rays[AGREES], w.rays[SPARE]) < LEAST_RAYS:
            return False
        if not edge_points(img, width, height, w, middle, 1.5):
            return False
        variance = edge_step(w, 0, 0)
        if not variance >= 0.0:
            return False
    variance += EDGE_FLOOR_PX * EDGE_FLOOR_PX
    w.row[X] = w.guess[0]
    w.row[Y] = w.guess[1]
    w.row[VAR_X] = variance * w.right[0, 1]
    w.row[VAR_Y] = variance * w.right[1, 2]
    w.row[COV_XY] = variance * w.right[0, 2]
    return True


@kernel
def quantile(ring: FloatArray, spare: FloatArray, share: float) -> float:
    """Return the grey of a ring that this share of the rays does not exceed."""
    for k in range(RAYS):  # by insertion: the rings are short, and sort() would make a new array
        at = k
        while at > 0 and spare[at - 1] > ring[k]:
            spare[at] = spare[at - 1]
            at -= 1
        spare[at] = ring[k]
    return float(spare[int(share * (RAYS - 1) + 0.5)])


@kernel
def inner_edge(img: Bytes, width: int, w: Work, middle: float) -> float:
    """Return the e at which most rays that agree turn from black to white, inward; 0 for none."""
    rays = w.rays
    seen = 0
    for k in range(RAYS):
        if rays[AGREES, k] == 0.0:
            continue
        before = 0.0
        for i in range(40):
            e = 0.8 - 0.02 * i
            reach = e * rays[MODEL, k]
            grey = sample(img, width, w.row[X] + reach * COS[k], w.row[Y] + reach * SIN[k])
            if grey >= middle:
                part = (grey - middle) / (grey - before) if i > 0 and grey > before else 0.0
                rays[OFF, seen] = e + 0.02 * part
                seen += 1
                break
            before = grey
    if seen == 0:
        return 0.0
    for k in range(seen, RAYS):
        rays[OFF, k] = math.inf
    return quantile(rays[OFF], rays[SPARE], 0.5 * (seen - 1) / (RAYS - 1))


@kernel
def follow_part(
    img: Bytes, height: int, width: int, w: Work, role: int, x: float, y: float, r: float,
    reach: float,
) -> bool:  # fmt: skip
    """Measure a predicted target whose halves cannot be compared: a hand, a leg, a reflection.

    What can be seen of its edge must be black inside and white outside, its middle white, and the
    white disc of the role's size.
    """
    hint = w.roles[role, INNER]
    row = w.row
    w.guess[0] = x
    w.guess[1] = y
    w.shape[0] = 1.0 / (r * r)
    w.shape[1] = 0.0
    w.shape[2] = 0.0
    dark = 0.0
    white = 0.0
    share = 0.0
    for attempt in range(2):
        far = E_NEEDED * major_radius(w.shape[0], w.shape[1], w.shape[2]) + 2.0
        if r < 4.0 or not in_view(width, height, w.guess[0], w.guess[1], far):
            return False
        trace(w.shape, w.rays)
        read_ring(img, width, w.guess[0], w.guess[1], paper_ring(r), w.rays, PAPER)
        read_ring(img, width, w.guess[0], w.guess[1], 0.5 * (1.0 + hint), w.rays, BLACK)
        white = quantile(w.rays[PAPER], w.rays[SPARE], 0.7)
        dark = quantile(w.rays[BLACK], w.rays[SPARE], 0.3)
        if white - dark < max(4.0, 5.0 * w.settings[FRAME_NOISE]):
            return False
        if attempt == 0:
            w.rays[AGREES, :] = 1.0
            if not outline(img, width, height, w, 0.5 * (white + dark)):
                return False
        else:
            seen = np.sum(w.rays[AGREES]) / RAYS
            share = agreement(w.rays, white, dark)
            if share < 0.8 * seen or share * RAYS < LEAST_RAYS:
                return False
    major = major_radius(w.shape[0], w.shape[1], w.shape[2])
    core = sample(img, width, row[X], row[Y]) - dark
    if core < 0.5 * (white - dark) * core_of(hint * major):
        return False
    inner = inner_edge(img, width, w, 0.5 * (white + dark))
    if (
        abs(inner - hint) > 0.05
        or nearest_role(w, inner) != role
        or max(row[VAR_X], row[VAR_Y]) > WORST_PX2
    ):
        return False
    row[R] = major + 0.5 * EDGE_VARIANCE_PX2 / major
    row[AXIS_RATIO] = axis_ratio(w.shape[0], w.shape[1], w.shape[2])
    row[CONTRAST] = white - dark
    row[RESIDUAL] = 1.0 - share
    row[QUALITY] = share * (0.9 if white >= SATURATED else 1.0)
    row[HIDDEN] = 1.0
    row[ROLE] = role
    row[SCORE] = row[CONTRAST] * row[QUALITY] * row[AXIS_RATIO]
    off = math.sqrt((row[X] - x) ** 2 + (row[Y] - y) ** 2)
    return bool(off <= reach and 0.85 * r <= row[R] <= 1.18 * r)


# --- profile ----------------------------------------------------------------------------------


@kernel
def bessel(x: float) -> tuple[float, float]:
    """Return exp(-x) I0(x) and exp(-x) I1(x) for x >= 0, to 1e-6.

    Polynomials 9.8.1 to 9.8.4 of Abramowitz and Stegun, Handbook of Mathematical Functions.
    """
    if x < 3.75:
        t = (x / 3.75) ** 2
        zero = 0.2659732 + t * (0.0360768 + t * 0.0045813)
        zero = 1.0 + t * (3.5156229 + t * (3.0899424 + t * (1.2067492 + t * zero)))
        one = 0.02658733 + t * (0.00301532 + t * 0.00032411)
        one = 0.5 + t * (0.87890594 + t * (0.51498869 + t * (0.15084934 + t * one)))
        shrink = math.exp(-x)
        return zero * shrink, x * one * shrink
    t = 3.75 / x
    zero = -0.02057706 + t * (0.02635537 + t * (-0.01647633 + t * 0.00392377))
    zero = 0.00225319 + t * (-0.00157565 + t * (0.00916281 + t * zero))
    zero = 0.39894228 + t * (0.01328592 + t * zero)
    one = 0.02282967 + t * (-0.02895312 + t * (0.01787654 - t * 0.00420059))
    one = -0.00362018 + t * (0.00163801 + t * (-0.01031555 + t * one))
    one = 0.39894228 + t * (-0.03988024 + t * one)
    shrink = 1.0 / math.sqrt(x)
    return zero * shrink, one * shrink


@kernel
def blurred_disc(
    radius: float, blur: float, pace: float, count: int, disc: int, rings: FloatArray
) -> None:
    """Fill the grey of a white disc smeared by a Gaussian, ring by ring, and its derivatives.

    The grey is 1 - Q1(r / blur, radius / blur), Marcum's function. Its slopes are Bessel
    functions; the grey itself is summed up from them, from the centre outward, in steps of half a
    ring (trapezoids with corrected ends), within 5 blurs of the edge. Columns of ``disc``: grey,
    d / d radius, d / d blur.
    """
    narrow = radius / (blur * blur)
    step = 0.5 * pace
    within = max(int((radius - 5.0 * blur) / pace), 0)
    beyond = min(int((radius + 5.0 * blur) / pace) + 1, count)
    for k in range(count):
        if within <= k < beyond:
            continue
        rings[k, disc + DISC_GREY] = 1.0 if k < within else 0.0
        rings[k, disc + DISC_OUTWARD] = 0.0
        rings[k, disc + DISC_WIDER] = 0.0
    grey = 1.0
    slope = 0.0
    curve = 0.0
    if within == 0:
        grey -= math.exp(-0.5 * radius * narrow)
        curve = -0.5 * narrow * narrow * math.exp(-0.5 * radius * narrow)
    for k in range(2 * within + 1, 2 * beyond):
        r = k * step
        zero, one = bessel(r * narrow)
        bell = narrow * math.exp(-0.5 * ((r - radius) / blur) ** 2)
        before = slope
        bent = curve
        slope = -bell * one
        curve = bell * (one * (r / (blur * blur) + 1.0 / r) - zero * narrow)
        grey += 0.5 * step * (before + slope) + step * step / 12.0 * (bent - curve)
        if k % 2 == 1:
            ring = rings[k // 2]
            ring[disc + DISC_GREY] = grey + (ring[RING_R] - r) * slope
            ring[disc + DISC_OUTWARD] = bell * zero
            ring[disc + DISC_WIDER] = -(radius * bell * zero + r * slope) / blur


@kernel
def read_profile(
    img: Bytes, height: int, width: int, x: float, y: float, shape: FloatArray, pace: float,
    rings: FloatArray,
) -> int:  # fmt: skip
    """Average pixels over elliptic rings of ``pace`` px, out to ``E_PROFILE``; return how many.

    Of a large target every few pixels are read. Radii are those of the circle of equal mean
    1 / r^2.
    """
    r = 1.0 / math.sqrt(shape[0])
    count = int(E_PROFILE * r / pace) + 1
    for k in range(count):
        rings[k, RING_PIXELS] = 0.0
        rings[k, RING_R] = 0.0
        rings[k, RING_GREY] = 0.0
    reach = E_PROFILE * major_radius(shape[0], shape[1], shape[2])
    step = max(1, int(r / 8.0))
    scale = 1.0 / (shape[0] * pace * pace)
    cu = (shape[0] + shape[1]) * scale
    cv = (shape[0] - shape[1]) * scale
    cuv = 2.0 * shape[2] * scale
    left = int(max(x - reach, 0.0))
    right = int(min(x + reach, width - 1.0)) + 1
    for row in range(int(max(y - reach, 0.0)), int(min(y + reach, height - 1.0)) + 1, step):
        v = row - y
        for column in range(left, right, step):
            u = column - x
            far = math.sqrt((cu * u + cuv * v) * u + cv * v * v)
            k = int(far)
            if k < count:
                rings[k, RING_PIXELS] += 1.0
                rings[k, RING_R] += far
                rings[k, RING_GREY] += img[row * width + column]
    for k in range(count):
        pixels = max(rings[k, RING_PIXELS], 1.0)
        rings[k, RING_R] *= pace / pixels
        rings[k, RING_GREY] /= pixels
    return count


@kernel
def profile_step(w: Work, count: int, noise: float) -> float:
    """Take a Gauss-Newton step of the profile's parameters; return the squared misfit before it.

    Each parameter is drawn towards what is usual, as far as that is known.
    """
    p = w.profile[P_NOW]
    g = w.profile[P_GRADIENT]
    a = w.normal
    b = w.change
    a[:, :] = 0.0
    b[:, :] = 0.0
    paper = 1.0 - p[P_OUTSIDE]
    bend = p[P_BEND]
    rest = 0.0
    for k in range(count):
        ring = w.rings[k]
        pixels = ring[RING_PIXELS]
        if pixels == 0.0:
            continue
        inner = ring[DISC_INNER]
        rim = ring[DISC_RIM]
        edge = ring[DISC_PAPER]
        light = p[P_OUTSIDE] + paper * edge - rim + p[P_CORE] * inner
        bent = 1.0 / max(1.0 + bend * light, 0.2)
        grey = (1.0 + bend) * light * bent
        off = ring[RING_GREY] - p[P_BLACK] - p[P_CONTRAST] * grey
        rise = p[P_CONTRAST] * (1.0 + bend) * bent * bent
        g[P_BLUR] = p[P_CORE] * ring[DISC_INNER + DISC_WIDER] - ring[DISC_RIM + DISC_WIDER]
        g[P_BLUR] = rise * (g[P_BLUR] + paper * ring[DISC_PAPER + DISC_WIDER])
        g[P_INNER] = rise * p[P_CORE] * ring[DISC_INNER + DISC_OUTWARD]
        g[P_RIM] = -rise * ring[DISC_RIM + DISC_OUTWARD]
        g[P_PAPER] = rise * paper * ring[DISC_PAPER + DISC_OUTWARD]
        g[P_OUTSIDE] = rise * (1.0 - edge)
        g[P_CORE] = rise * inner
        g[P_BEND] = p[P_CONTRAST] * light * (1.0 - light) * bent * bent
        g[P_BLACK] = 1.0
        g[P_CONTRAST] = grey
        rest += pixels * off * off
        for i in range(PROFILE):
            b[i, 0] += pixels * g[i] * off
            for j in range(i, PROFILE):
                a[i, j] += pixels * g[i] * g[j]
    for i in range(PROFILE):
        for j in range(i):
            a[i, j] = a[j, i]
        weight = noise / w.profile[P_SD, i] ** 2
        a[i, i] += weight
        b[i, 0] += weight * (w.profile[P_USUAL, i] - p[i])
    return rest if solve(a, b) else math.inf


@kernel
def fit_profile(img: Bytes, height: int, width: int, w: Work, bend: float, bend_sd: float) -> bool:
    """Fit a print, blurred alike at all its edges, to what was measured: the FIT_ columns.

    It has three edges (of the white disc, of the black one, of the paper) and four greys, bent by
    the camera's response as far as ``bend_sd`` allows. Movement is fitted as a Gaussian of the
    same mean square.
    """
    row = w.row
    white = w.guess[3]
    contrast = row[CONTRAST]
    r = 1.0 / math.sqrt(w.shape[0])
    pace = max(0.5, r / 30.0)
    count = read_profile(img, height, width, row[X], row[Y], w.shape, pace, w.rings)
    noise = row[NOISE] ** 2 + (0.02 * contrast) ** 2
    usual = w.profile[P_USUAL]
    sd = w.profile[P_SD]
    usual[P_BLUR], sd[P_BLUR] = 1.0, 0.5
    usual[P_INNER], sd[P_INNER] = row[RATIO] * r, 0.1 * r
    usual[P_RIM], sd[P_RIM] = r, 0.02 * r + 0.2
    usual[P_PAPER], sd[P_PAPER] = E_CONTRACT * r, 0.2 * r
    usual[P_OUTSIDE], sd[P_OUTSIDE] = 1.0, 2.0
    usual[P_CORE], sd[P_CORE] = 1.0, 1.0
    usual[P_BEND], sd[P_BEND] = bend, bend_sd
    usual[P_BLACK], sd[P_BLACK] = white - contrast, contrast
    usual[P_CONTRAST], sd[P_CONTRAST] = contrast, contrast
    p = w.profile[P_NOW]
    p[:] = usual
    rest = 0.0
    for attempt in range(8):
        p[P_BLUR] = min(max(p[P_BLUR], 0.5 * pace + 0.2), 0.5 * r)
        blurred_disc(p[P_INNER], p[P_BLUR], pace, count, DISC_INNER, w.rings)
        blurred_disc(p[P_RIM], p[P_BLUR], pace, count, DISC_RIM, w.rings)
        blurred_disc(p[P_PAPER], p[P_BLUR], pace, count, DISC_PAPER, w.rings)
        rest = profile_step(w, count, noise)
        if rest == math.inf:
            return False
        largest = 0.0
        for i in range(PROFILE):
            step = w.change[i, 0]
            if i < P_OUTSIDE:  # radii and blur: the edges must keep what they touch
                step = min(max(step, -0.5 * p[P_BLUR] - 0.02 * r), 0.5 * p[P_BLUR] + 0.02 * r)
                largest = max(largest, abs(step))
            p[i] += step
        p[P_INNER] = max(p[P_INNER], 0.05 * r)
        p[P_BEND] = min(max(p[P_BEND], 0.0), 2.0)
        p[P_OUTSIDE] = min(max(p[P_OUTSIDE], -3.0), 4.0)
        p[P_CORE] = min(max(p[P_CORE], 0.2), 2.0)
        if attempt > 0 and largest < 0.003 * r:
            break
    pixels = 0.0
    for k in range(count):
        pixels += w.rings[k, RING_PIXELS]
    contrast = max(p[P_CONTRAST], 1.0)
    chance = (count - PROFILE) * row[NOISE] ** 2
    row[FIT_REST] = math.sqrt(max(rest - chance, 0.0) / pixels) / contrast
    row[FIT_BLUR] = p[P_BLUR] / p[P_RIM]
    row[FIT_RATIO] = p[P_INNER] / p[P_RIM]
    row[FIT_PAPER] = p[P_PAPER] / p[P_RIM]
    row[FIT_OUTSIDE] = p[P_OUTSIDE]
    row[FIT_CORE] = p[P_CORE]
    row[FIT_BEND] = p[P_BEND]
    return True


@kernel
def printed(img: Bytes, height: int, width: int, w: Work) -> int:
    """Return the role of a print, -1 for none; fill ROLE and SCORE.

    A camera's gamma makes all that is white a little larger: where grey does not go with light as
    it is known so far, it may be bent.
    """
    if not fit_profile(img, height, width, w, w.settings[BEND], 0.02):
        return -1
    role = printed_role(w)
    rest = w.row[FIT_REST]
    if role >= 0 or rest == 0.0 or not fit_profile(img, height, width, w, GAMMA_BEND, GAMMA_SD):
        return role
    return printed_role(w) if w.row[FIT_REST] < rest else -1


@kernel
def learn_response(img: Bytes, height: int, width: int, w: Work) -> None:
    """Learn from a clear print how the camera bends grey, for those that movement smears.

    Only a large and sharp one, seen squarely, tells; and less than ``LEAST_BEND`` may be chance.
    """
    row = w.row
    square = row[AXIS_RATIO] > 0.96 and row[R] < 0.03 * w.settings[FOCAL_PX]
    clear = row[SMEAR] < 0.05 and row[NOISE] < 0.04 * row[CONTRAST] and row[R] > 8.0
    if not (square and clear):
        return
    if fit_profile(img, height, width, w, w.settings[BEND], 0.5):
        bend = row[FIT_BEND]
        if row[FIT_REST] < 0.02:
            w.settings[BEND] = bend if bend > LEAST_BEND else 0.0


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
    if w.row[RIM_VAR] == math.inf:  # seen squarely: there is none to learn of
        memory[MEMORY_R] = 0.0
        return
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
def aim(
    img: Bytes, height: int, width: int, w: Work, hint: float, x: float, y: float, r: float
) -> bool:
    """Fill ``w.guess`` for a target of radius ``r`` at (x, y), unseen; False near the border."""
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
    return True


@kernel
def whole(
    img: Bytes, height: int, width: int, w: Work, role: int, x: float, y: float, r: float,
    reach: float,
) -> bool:  # fmt: skip
    """Measure the target that ``w.guess`` says; tell whether all of it is seen, near (x, y)."""
    if not 0.7 * r <= w.guess[2] <= 1.4 * r:
        return False
    if not locate(img, height, width, w.guess, 0, TRIES, w.rays, w.shape):
        return False
    if not measure(img, height, width, w, w.roles[role, INNER], w.memory[role]):
        return False
    off = math.sqrt((w.row[X] - x) ** 2 + (w.row[Y] - y) ** 2)
    if not (off <= reach and 0.7 * r <= w.row[R] <= 1.4 * r):
        return False
    usual = w.settings[FRAME_NOISE]  # 0: no picture has been searched yet
    unlike = usual > 0.0 and w.row[NOISE] > 1.4 * usual + 1.0 + 0.03 * w.row[CONTRAST]
    return not (w.row[HIDDEN] > 0.0 or w.row[RESIDUAL] > LOPSIDED or unlike)


@kernel
def follow(
    img: Bytes, height: int, width: int, w: Work, role: int, x: float, y: float, r: float,
    reach: float,
) -> bool:  # fmt: skip
    """Measure the target where it was predicted: by its spokes, else straight from the place.

    Else by that part of its edge which can be seen, and from there once more: it may be whole,
    and only farther off than the straight way bears.
    """
    hint = w.roles[role, INNER]
    left = int(x + 0.5)
    top = int(y + 0.5)
    if not (0 <= left < width and 0 <= top < height):
        return False
    found = spokes(
        img, 0, width, height, width, left, top, 2 * LEAST_SCORE, 1.8 * r + 2.0,
        max(1, int(r / 12.0)), w.guess, w.spans,
    )  # fmt: skip
    found = found and whole(img, height, width, w, role, x, y, r, reach)
    if not found:
        if not aim(img, height, width, w, hint, x, y, r):
            return False
        found = whole(img, height, width, w, role, x, y, r, reach)
    if not found:
        if not follow_part(img, height, width, w, role, x, y, r, reach):
            return False
        for k in range(COLUMNS):
            w.part[k] = w.row[k]
        if aim(img, height, width, w, hint, w.part[X], w.part[Y], w.part[R]):
            found = whole(img, height, width, w, role, x, y, r, reach)
        if not found:
            for k in range(COLUMNS):
                w.row[k] = w.part[k]
            return True
    # nothing lies across it: it is, or is not
    return still(w, role) or printed(img, height, width, w) == role


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
    reach = REACH if level < LEVELS - 1 else REACH_LAST
    for k in range(count):
        score = w.places[k, 2]
        if LEAST_INK * score < w.pixels[first + w.places[k, 1] * stride + w.places[k, 0]]:
            continue
        if not spokes(
            w.pixels, first, stride, height, width, w.places[k, 0], w.places[k, 1],
            (3 * score) // 4, reach, 1, w.guess, w.spans,
        ):  # fmt: skip
            continue
        if not regular(w.places[k, 0], w.places[k, 1], w.guess, w.spans):
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
    kept = find(img, width, x0, y0, x1, y1, smallest, largest, w)
    w.settings[FRAME_NOISE] = noise_of(img, width, height, width, w.places[:, 0])
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
        w.guess[0] = fetch(
            img, height, width, w.guesses[top, 0], w.guesses[top, 1], E_NEEDED * r + 2.0
        )
        for j in range(5):
            w.guess[j] = w.guesses[top, j]
        if not spot(img, height, width, w):
            continue
        if not measure(img, height, width, w, 0.0, w.fresh):
            continue
        if not plain(w.row, w.settings[FRAME_NOISE]):
            continue
        found = printed(img, height, width, w)
        if found < 0 or w.roles[found, WANTED] == 0.0:
            continue
        if role >= 0:
            off = math.sqrt((w.row[X] - window[0]) ** 2 + (w.row[Y] - window[1]) ** 2)
            if found != role or off > window[3] or not 0.7 < w.row[R] / window[2] < 1.4:
                continue
        count = claim(w, count)
        learn_response(img, height, width, w)
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
SINGLES: Final = 4 * PATCH + ACROSS + T_SUMS * ACROSS
DOUBLES: Final = 4096
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
    a = b + 128
    rings = d[a : a + RINGS * RING_COLUMNS].reshape(RINGS, RING_COLUMNS)
    a += RINGS * RING_COLUMNS
    profile = d[a : a + PROFILE_ROWS * PROFILE].reshape(PROFILE_ROWS, PROFILE)
    a += PROFILE_ROWS * PROFILE
    normal = d[a : a + PROFILE * PROFILE].reshape(PROFILE, PROFILE)
    a += PROFILE * PROFILE
    change = d[a : a + PROFILE].reshape(PROFILE, 1)
    a += PROFILE
    outline = d[a : a + OUTLINE * OUTLINE].reshape(OUTLINE, OUTLINE)
    a += OUTLINE * OUTLINE
    spans = d[a : a + 4 * SPANS].reshape(SPANS, 4)
    a += 4 * SPANS
    part = d[a : a + COLUMNS]
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
        d[b + 12 : b + 12 + MEMORY], d[b + 20 : b + 20 + COLUMNS], d[b + 64 : b + 64 + T_SUMS],
        d[b + 80 : b + 80 + I_SUMS], matrix, right, outline, spans, part,
        f[:p], f[p : 2 * p], f[2 * p : 3 * p], f[3 * p : 4 * p],
        f[4 * p : 4 * p + ACROSS], f[4 * p + ACROSS :],
        rings, profile, normal, change, roles, memory, claims, guesses, places, levels, pixels,
        pixels[first + 2 * widest :], lines, sums,
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
        role = int(np.int64(windows[k].role))  # one kind of number for all below
        w.window[0] = windows[k].x_px
        w.window[1] = windows[k].y_px
        w.window[2] = windows[k].r_px
        w.window[3] = windows[k].reach_px
        seen = role != 0 and has(w, count, role)
        if role < ROLES and w.roles[role, WANTED] > 0.0 and not seen:
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
        if w.row[HIDDEN] == 0.0:
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
