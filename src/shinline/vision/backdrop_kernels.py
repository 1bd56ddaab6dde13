"""Kernels of the empty platform: light, difference, silhouette. Pictures (H, W), out-arrays last.

``mean``, ``spread`` (variance) and ``age`` (looks that agreed, 0: not known) describe the room in
each pixel, ``rival`` and ``stay`` what may take its place and for how many looks it has been there.
"""

import math

import numpy as np

from shinline.kernel import kernel
from shinline.types import FloatArray, IntArray, U8Image

NOISE = 6.0
SDS = 3.5
LIKE = 8.0
EASY = 0.6
"""So many samples that agree as they are need no other light to be looked for."""

PAIRS, APART = 64, 20.0
GAIN_LEAST, GAIN_MOST = 0.3, 3.0
STIFF = 25.0
"""A picture of one level tells no gain: so much of its variance (grey levels squared) is for 1."""

DARKEST, BRIGHTEST = 4, 250
UNKNOWN, ROOM, OTHER = 0, 1, 2
EDGE = 12.0


@kernel
def _fit(levels: FloatArray, count: int, gain: float, offset: float, out: FloatArray) -> int:
    """Fit the light on the samples that agree with a guess; return how many do."""
    n = 0
    sx = sy = sxx = sxy = 0.0
    for i in range(count):
        m, v = levels[i, 0], levels[i, 1]
        if abs(v - gain * m - offset) < LIKE:
            n += 1
            sx += m
            sy += v
            sxx += m * m
            sxy += m * v
    if n > 0:
        mx, my = sx / n, sy / n
        out[0] = (sxy / n - mx * my + STIFF) / (sxx / n - mx * mx + STIFF)
        out[1] = my - out[0] * mx
    return n


@kernel
def light(
    image: U8Image, mean: FloatArray, age: IntArray, levels: FloatArray, out: FloatArray
) -> float:
    """Find gain and offset (2,) that make the room's levels those of the picture.

    Pixels on a grid are compared as they are; where too few agree, the light of the pair of pixels
    is taken with which most agree (a fixed sequence of pairs). ``levels`` (n, 2) is room to work.
    Returns the share that agrees, -1 where nothing is known of the room.
    """
    out[0], out[1] = 1.0, 0.0
    rows, columns = image.shape
    count = 0
    for y in range(1, rows, 3):
        for x in range(1 + y % 2, columns, 3):
            v = image[y, x]
            if age[y, x] == 0 or v < DARKEST or v > BRIGHTEST or count == len(levels):
                continue
            levels[count, 0] = mean[y, x]
            levels[count, 1] = v
            count += 1
    if count < 100:
        return -1.0
    best = _fit(levels, count, 1.0, 0.0, out)
    if best < EASY * count:
        found = np.empty(2)
        seed = 1
        for _ in range(PAIRS):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            a = (seed >> 8) % count
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            b = (seed >> 8) % count
            across = levels[a, 0] - levels[b, 0]
            if abs(across) < APART:
                continue
            gain = (levels[a, 1] - levels[b, 1]) / across
            if not GAIN_LEAST < gain < GAIN_MOST:
                continue
            n = _fit(levels, count, gain, levels[a, 1] - gain * levels[a, 0], found)
            if n > best:
                best = n
                out[0], out[1] = found[0], found[1]
    best = _fit(levels, count, out[0], out[1], out)
    return best / count


@kernel
def compare(
    image: U8Image,
    gain: float,
    offset: float,
    mean: FloatArray,
    spread: FloatArray,
    age: IntArray,
    mask: U8Image,
) -> float:
    """Put the room into the present light and write what is room in the picture and what is not.

    ``mask`` (H, W): UNKNOWN, ROOM or OTHER. Returns the share of the room's edges that are gone.
    """
    rows, columns = image.shape
    edges = gone = 0
    for y in range(rows):
        for x in range(columns):
            if age[y, x] == 0:
                mask[y, x] = UNKNOWN
                continue
            level = gain * mean[y, x] + offset
            mean[y, x] = level
            d = image[y, x] - level
            mask[y, x] = OTHER if d * d > SDS * SDS * (spread[y, x] + NOISE) else ROOM
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            if mask[y, x] == UNKNOWN:
                continue
            gx, gy = mean[y, x + 1] - mean[y, x - 1], mean[y + 1, x] - mean[y - 1, x]
            if abs(gx) + abs(gy) > 2.0 * EDGE:
                edges += 1
                gone += mask[y, x] == OTHER
    return gone / edges if edges >= 100 else 0.0


@kernel
def tidy(mask: U8Image, near: U8Image, out: U8Image) -> None:
    """Write 1 where most of 3 x 3 pixels are not room; where ``near`` is 0 nothing counts."""
    rows, columns = mask.shape
    out[:] = 0
    for y in range(1, rows - 1):
        before = 0
        here = 0
        for i in range(-1, 2):
            before += mask[y + i, 0] == OTHER
            here += mask[y + i, 1] == OTHER
        for x in range(1, columns - 1):
            after = 0
            for i in range(-1, 2):
                after += mask[y + i, x + 1] == OTHER
            if before + here + after >= 5 and near[y, x]:
                out[y, x] = 1
            before, here = here, after


@kernel
def root(parent: IntArray, n: int) -> int:
    """Return the first number of those that are one with ``n``."""
    while parent[n] != n:
        parent[n] = parent[parent[n]]
        n = parent[n]
    return n


@kernel
def join(parent: IntArray, a: int, b: int) -> int:
    """Make two numbers one, the lesser; 0 is none."""
    if a == 0 or b == 0:
        return a + b
    a, b = root(parent, a), root(parent, b)
    parent[max(a, b)] = min(a, b)
    return min(a, b)


@kernel
def grow(shape: U8Image, parent: IntArray, label: IntArray) -> int:
    """Number the pieces of a shape from 1 on, in the order of their first pixels.

    Pixels are of one piece when they are at most 2 apart along rows and columns. ``parent``
    (H * W,) is room to work. Returns how many there are.
    """
    rows, columns = shape.shape
    label[:] = 0
    count = 0
    for y in range(rows):
        for x in range(columns):
            if not shape[y, x]:
                continue
            left = label[y, x - 1] if x > 0 else 0
            n = left
            # what the pixel to the left has looked at already need not be looked at again
            for j in range(x + 2 if left else x - 2, x + 3):
                if j < 0 or j >= columns:
                    continue
                for i in range(max(0, y - 2), y):
                    if label[i, j]:
                        n = join(parent, n, label[i, j])
            if left == 0 and x > 1 and label[y, x - 2]:
                n = join(parent, n, label[y, x - 2])
            if n == 0:
                count += 1
                n = count
                parent[n] = n
            label[y, x] = n
    found = 0
    for n in range(1, count + 1):  # parents come first: they have their numbers already
        if parent[n] == n:
            found += 1
            parent[n] = -found
        else:
            parent[n] = parent[parent[n]]
    for y in range(rows):
        for x in range(columns):
            if label[y, x]:
                label[y, x] = -parent[label[y, x]]
    return found


@kernel
def pieces_of(
    image: U8Image,
    mean: FloatArray,
    age: IntArray,
    stay: IntArray,
    label: IntArray,
    before: U8Image,
    known: int,
    out: FloatArray,
) -> None:
    """Add up about each piece (row of ``out`` (n, 9), the first unused).

    Its pixels; those that changed since the last look; along its rim the sum of the squared slopes
    of the picture less those of the room, and that of the squared slopes of their difference; its
    least and largest column; its pixels where there was a piece before that had come in, and where
    there was one that had not (``before`` 2 and 1); and where the room had ``known`` looks.

    Where something stands before the room the difference is as steep as the picture (the two sums
    of the rim are alike); where something has gone from it, it is as steep as what was taken for
    the room (they are opposite).
    """
    rows, columns = label.shape
    out[:] = 0.0
    out[:, 4] = columns
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            n = label[y, x]
            if n == 0 or n >= len(out):
                continue
            out[n, 0] += 1.0
            out[n, 1] += stay[y, x] <= 1
            out[n, 4] = min(out[n, 4], x)
            out[n, 5] = max(out[n, 5], x)
            out[n, 6] += before[y, x] == 2
            out[n, 7] += before[y, x] == 1
            out[n, 8] += age[y, x] >= known
            if label[y - 1, x] and label[y + 1, x] and label[y, x - 1] and label[y, x + 1]:
                continue
            if not (age[y - 1, x] and age[y + 1, x] and age[y, x - 1] and age[y, x + 1]):
                continue
            gx = float(image[y, x + 1]) - float(image[y, x - 1])
            gy = float(image[y + 1, x]) - float(image[y - 1, x])
            rx, ry = mean[y, x + 1] - mean[y, x - 1], mean[y + 1, x] - mean[y - 1, x]
            out[n, 2] += gx * gx + gy * gy - rx * rx - ry * ry
            out[n, 3] += (gx - rx) ** 2 + (gy - ry) ** 2


@kernel
def learn(
    image: U8Image,
    mode: U8Image,
    mask: U8Image,
    waits: IntArray,
    mean: FloatArray,
    spread: FloatArray,
    age: IntArray,
    rival: FloatArray,
    stay: IntArray,
) -> None:
    """Take a look into what is known of the room.

    ``mode`` (H, W) is an index into ``waits``: after how many looks what stands still in a pixel
    becomes room, less than 0: not counted, 0: the pixel is never looked at. A pixel of which
    nothing is known waits ``waits[1]`` looks.
    """
    rows, columns = image.shape
    for y in range(rows):
        for x in range(columns):
            wait = waits[mode[y, x]]
            if wait == 0:
                continue
            v = float(image[y, x])
            if mask[y, x] == ROOM:
                d = v - mean[y, x]
                share = SLOW if age[y, x] >= YOUNG else 1.0 / (age[y, x] + 1.0)
                mean[y, x] += share * d
                spread[y, x] += share * (d * d - spread[y, x])
                age[y, x] = min(age[y, x] + 1, OLDEST)
                rival[y, x] = v
                stay[y, x] = 2
                continue
            if abs(v - rival[y, x]) > LIKE:
                rival[y, x], stay[y, x] = v, 1
                continue
            rival[y, x] += 0.3 * (v - rival[y, x])
            if mask[y, x] == UNKNOWN:
                wait = waits[1]
            if wait > 0 or stay[y, x] < 2:
                stay[y, x] += 1
            if wait > 0 and stay[y, x] >= wait:
                mean[y, x], spread[y, x], age[y, x] = rival[y, x], NOISE, 1


SLOW, YOUNG = 0.05, 20
OLDEST = 100000


@kernel
def mark(
    label: IntArray,
    which: int,
    modes: U8Image,
    entered: U8Image,
    near: U8Image,
    mask: U8Image,
    mode: U8Image,
    before: U8Image,
    sure: U8Image,
) -> None:
    """Write of each pixel how it is learned, whether a piece there has come in, and what is sure.

    ``modes`` and ``entered`` (n,) are of the pieces, 0 the rest; ``which`` is the lifter.
    """
    rows, columns = label.shape
    for y in range(rows):
        for x in range(columns):
            n = label[y, x]
            if n >= len(modes):
                n = 0
            if near[y, x]:
                mode[y, x] = modes[n]
            before[y, x] = 0 if n == 0 else 1 + entered[n]
            if n == which and n > 0 and mask[y, x] == OTHER:
                sure[y, x] = 1


@kernel
def profile(label: IntArray, which: int, levels: IntArray, out: IntArray) -> None:
    """Describe a piece by its columns: ``out`` (W, 6).

    Its uppermost row (-1: none), its pixels, those above row ``levels[0]``, of these the ones
    below row ``levels[1]`` and the sum of their rows, and those below row ``levels[2]``.
    """
    rows, columns = label.shape
    out[:] = 0
    out[:, 0] = -1
    for y in range(rows):
        for x in range(columns):
            if label[y, x] != which:
                continue
            if out[x, 0] < 0:
                out[x, 0] = y
            out[x, 1] += 1
            if y < levels[0]:
                out[x, 2] += 1
                out[x, 3] += y > levels[1]
                out[x, 4] += y
            out[x, 5] += y > levels[2]


@kernel
def surely(
    age: IntArray, sure: U8Image, shape: U8Image, over: U8Image, known: int, out: FloatArray
) -> None:
    """Count where a lifter would be (``over`` 1: to the left of the bar, 2: to the right).

    ``out`` (2, 4): pixels, those of which the room is certain, those of which anything is known;
    and of both sides in ``out[0, 3]`` those that are not room.
    """
    rows, columns = age.shape
    out[:] = 0.0
    count = np.zeros((2, 4), np.int64)
    for y in range(rows):
        for x in range(columns):
            side = over[y, x]
            if side == 0:
                continue
            n = age[y, x]
            count[side - 1, 0] += 1
            count[side - 1, 1] += (sure[y, x] > 0) | (n >= known)
            count[side - 1, 2] += n > 0
            count[0, 3] += shape[y, x]
    out[:] = count


@kernel
def line(x: FloatArray, y: FloatArray, rounds: int, worst: float, out: FloatArray) -> float:
    """Fit y = a + b (x - x0) along the upper edge of points; return the share that was used.

    Points that lie off have no weight, and those below less than those above: where clothes look
    like the wall the silhouette has holes, and never bulges. ``out`` (4,): x0, a, b, and the root
    mean square of the used points' distance from the line. ``worst``: the distance from which a
    point has no weight.
    """
    n = len(x)
    weights = np.ones(n)
    slope = at = middle = rms = 0.0
    for k in range(rounds):
        sw = sx = sy = sxx = sxy = 0.0
        for i in range(n):
            sw += weights[i]
            sx += weights[i] * x[i]
            sy += weights[i] * y[i]
        if sw < 3.0:
            return 0.0
        middle, at = sx / sw, sy / sw
        for i in range(n):
            dx = x[i] - middle
            sxx += weights[i] * dx * dx
            sxy += weights[i] * dx * (y[i] - at)
        slope = sxy / max(sxx, 1e-9)
        across = 1.0 / math.sqrt(1.0 + slope * slope)
        limit = worst * max(1.0, 4.0 - k)
        square = used = 0.0
        for i in range(n):
            off = (y[i] - at - slope * (x[i] - middle)) * across
            w = max(0.0, 1.0 - (off / limit) ** 2)
            weights[i] = w * w * (1.0 if off > 0.0 else BELOW)
            square += weights[i] * off * off
            used += weights[i]
        rms = math.sqrt(square / max(used, 1e-9))
    share = 0.0
    for i in range(n):
        share += weights[i] > 0.0
    out[0], out[1], out[2], out[3] = middle, at, slope, rms
    return share / n


BELOW = 0.3
