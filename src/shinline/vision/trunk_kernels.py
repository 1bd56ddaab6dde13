"""The trunk in the picture: patches of the set position, found again as one body that moves.

A trunk seen from the side moves almost as one rigid body in the first part of a pull. Patches of
its picture in the set position, outline and clothing alike, are aligned with a later picture all at
once; what does not move with it (the room, thighs, a head that looks up, people behind) disagrees
and loses its weight. Pictures are decimated to about 9 mm a pixel (H, W) uint8.

``crop``      a part of the frame, averaged down;
``prepare``   templates, gradients and structure of the patches of one picture;
``misfits``   how well each patch is found at a pose, and where it would rather be;
``at_home``   how well each patch is found where it was;
``normal``    the normal equations of a pose out of that, group by group.

A pose is (5,): shift x and y (px), turn (rad, clockwise in the picture), growth (relative), bend
(px, of the middle of the trunk against its ends, along its normal).
"""

import math

import numpy as np

from shinline.kernel import kernel
from shinline.types import FloatArray, IntArray, U8Image

HALF = 3
"""A patch has 2 HALF + 1 pixels a side: 6 cm."""

POSE = 5
GAIN_LEAST, GAIN_MOST = 0.7, 1.4
"""Light and shutter may change a patch's contrast by so much."""

BLUR = 3


@kernel
def crop(luma: U8Image, left: int, top: int, factor: int, out: U8Image) -> None:
    """Average ``factor`` x ``factor`` blocks from (left, top) on, then 1-2-1 both ways, into out.

    Outside the frame its nearest pixels are repeated. Left and right the outermost blocks stand in
    for their neighbours.
    """
    height, width = luma.shape
    rows, columns = out.shape
    sums = np.empty(columns * factor, np.int32)
    lines = np.empty((BLUR, columns), np.float64)
    scale = 1.0 / (16.0 * factor * factor)
    for i in range(-1, rows + 1):
        sums[:] = 0
        for di in range(factor):
            y = min(max(top + i * factor + di, 0), height - 1)
            if left >= 0 and left + columns * factor <= width:
                for x in range(columns * factor):
                    sums[x] += luma[y, left + x]
            else:
                for x in range(columns * factor):
                    sums[x] += luma[y, min(max(left + x, 0), width - 1)]
        line = lines[(i + BLUR) % BLUR]
        before = 0
        for dj in range(factor):
            before += sums[dj]
        here = before
        for j in range(columns):
            after = here
            if j + 1 < columns:
                after = 0
                for dj in range(factor):
                    after += sums[(j + 1) * factor + dj]
            line[j] = before + 2.0 * here + after
            before, here = here, after
        if i >= 1:
            above, middle = lines[(i - 2 + BLUR) % BLUR], lines[(i - 1 + BLUR) % BLUR]
            for j in range(columns):
                out[i - 1, j] = int((above[j] + 2.0 * middle[j] + line[j]) * scale + 0.5)


@kernel
def differ(a: U8Image, b: U8Image, x: int, y: int) -> float:
    """Return the mean square of what changed in a patch, its mean level apart."""
    total = 0.0
    square = 0.0
    for i in range(-HALF, HALF + 1):
        for j in range(-HALF, HALF + 1):
            d = float(a[y + i, x + j]) - float(b[y + i, x + j])
            total += d
            square += d * d
    n = (2 * HALF + 1) ** 2
    return (square - total * total / n) / n


@kernel
def variance(a: U8Image, x: int, y: int) -> float:
    """Return the variance of the grey levels of a patch."""
    total = 0.0
    square = 0.0
    for i in range(-HALF, HALF + 1):
        for j in range(-HALF, HALF + 1):
            v = float(a[y + i, x + j])
            total += v
            square += v * v
    n = (2 * HALF + 1) ** 2
    return (square - total * total / n) / n


@kernel
def choose(
    image: U8Image,
    now: U8Image,
    allowed: U8Image,
    stride: int,
    noise: float,
    moved: float,
    places: IntArray,
) -> int:
    """Choose patches of ``image`` on a grid that have structure and have changed since.

    ``allowed`` (H, W) is 0 where no patch may be. Structure: a variance of more than 4 ``noise``
    (grey levels squared). Changed: by more than ``moved`` of that. Writes (x, y) into ``places``
    and returns how many; when there are more than fit, the rest is dropped evenly by the caller's
    larger ``stride``.
    """
    rows, columns = image.shape
    count = 0
    for y in range(HALF + 1, rows - HALF - 1, stride):
        for x in range(HALF + 1, columns - HALF - 1, stride):
            if not allowed[y, x]:
                continue
            v = variance(image, x, y)
            if v <= 4.0 * noise:
                continue
            if differ(image, now, x, y) <= moved * v + 2.0 * noise:
                continue
            if count < len(places):
                places[count, 0] = x
                places[count, 1] = y
            count += 1
    return count


@kernel
def prepare(
    image: U8Image, places: IntArray, levels: FloatArray, slopes: FloatArray, form: FloatArray
) -> None:
    """Write what is needed of each patch.

    ``levels`` (n, p) without their mean, ``slopes`` (n, p, 2) of the picture, ``form`` (n, 4): the
    sums of squares of the slopes xx, xy, yy, and the variance of the levels.
    """
    for n in range(len(places)):
        x0, y0 = places[n, 0], places[n, 1]
        mean = 0.0
        form[n] = 0.0
        k = 0
        for i in range(-HALF, HALF + 1):
            for j in range(-HALF, HALF + 1):
                y, x = y0 + i, x0 + j
                levels[n, k] = image[y, x]
                mean += levels[n, k]
                gx = 0.5 * (float(image[y, x + 1]) - float(image[y, x - 1]))
                gy = 0.5 * (float(image[y + 1, x]) - float(image[y - 1, x]))
                slopes[n, k, 0], slopes[n, k, 1] = gx, gy
                form[n, 0] += gx * gx
                form[n, 1] += gx * gy
                form[n, 2] += gy * gy
                k += 1
        mean /= k
        for m in range(k):
            levels[n, m] -= mean
            form[n, 3] += levels[n, m] * levels[n, m]
        form[n, 3] /= k


@kernel
def bulge(along: float, length: float) -> float:
    """How much of the bend there is at a place along the trunk: none on average, at its ends less.

    ``along`` is counted from the middle, ``length`` from hip to shoulder.
    """
    s = 2.0 * along / length
    return 2.0 / 3.0 - min(s * s, 1.5)


@kernel
def carried(pose: FloatArray, axis: FloatArray, x: float, y: float, out: FloatArray) -> None:
    """Write where a point of the set position is at a pose: (x, y).

    ``axis`` (6,): the middle of the trunk x and y, the direction from hip to shoulder x and y, the
    length from hip to shoulder (px), and one that is not used.
    """
    c, s = math.cos(pose[2]), math.sin(pose[2])
    dx, dy = x - axis[0], y - axis[1]
    out_n = pose[4] * bulge(dx * axis[2] + dy * axis[3], axis[4])
    dx = (1.0 + pose[3]) * dx - out_n * axis[3]
    dy = (1.0 + pose[3]) * dy + out_n * axis[2]
    out[0] = axis[0] + pose[0] + c * dx - s * dy
    out[1] = axis[1] + pose[1] + s * dx + c * dy


@kernel
def all_carried(pose: FloatArray, axis: FloatArray, places: FloatArray, out: FloatArray) -> None:
    """Write where each of the places (n, 2) is at a pose, as ``carried`` does."""
    for n in range(len(places)):
        carried(pose, axis, places[n, 0], places[n, 1], out[n])


@kernel
def slopes_at(pose: FloatArray, axis: FloatArray, x: float, y: float, out: FloatArray) -> None:
    """Write how a point of the set position moves with each number of the pose: (2, 5)."""
    c, s = math.cos(pose[2]), math.sin(pose[2])
    dx, dy = x - axis[0], y - axis[1]
    b = bulge(dx * axis[2] + dy * axis[3], axis[4])
    out[0, 0], out[1, 0] = 1.0, 0.0
    out[0, 1], out[1, 1] = 0.0, 1.0
    out[0, 3], out[1, 3] = c * dx - s * dy, s * dx + c * dy
    dx = (1.0 + pose[3]) * dx - pose[4] * b * axis[3]
    dy = (1.0 + pose[3]) * dy + pose[4] * b * axis[2]
    out[0, 2], out[1, 2] = -s * dx - c * dy, c * dx - s * dy
    out[0, 4] = b * (-c * axis[3] - s * axis[2])
    out[1, 4] = b * (-s * axis[3] + c * axis[2])


@kernel
def carried_spread(
    pose: FloatArray, spread: FloatArray, axis: FloatArray, x: float, y: float
) -> tuple[float, float, float]:
    """Return the covariance xx, xy, yy of where a point is, from that of the pose."""
    j = np.empty((2, POSE))
    slopes_at(pose, axis, x, y, j)
    xx = 0.0
    xy = 0.0
    yy = 0.0
    for p in range(POSE):
        for q in range(POSE):
            xx += j[0, p] * spread[p, q] * j[0, q]
            xy += j[0, p] * spread[p, q] * j[1, q]
            yy += j[1, p] * spread[p, q] * j[1, q]
    return xx, xy, yy


@kernel
def misfits(
    image: U8Image,
    places: IntArray,
    levels: FloatArray,
    slopes: FloatArray,
    form: FloatArray,
    weights: FloatArray,
    pose: FloatArray,
    axis: FloatArray,
    noise: float,
    pull: FloatArray,
    misfit: FloatArray,
) -> None:
    """Find how well each patch fits at a pose.

    ``misfit`` (n,): the mean square of the difference over the patch's variance, 9 where a part of
    it is outside the picture, untouched where the weight is negative. ``pull`` (n, 2): the sums of
    slope times difference in the picture's frame, over the same.
    """
    rows, columns = image.shape
    c, s = math.cos(pose[2]), math.sin(pose[2])
    at = np.empty(2)
    seen = np.empty((2 * HALF + 1) ** 2)
    for n in range(len(places)):
        if weights[n] < 0.0:
            continue
        carried(pose, axis, float(places[n, 0]), float(places[n, 1]), at)
        reach = 1.5 * HALF + 1.0
        if (
            at[0] < reach
            or at[1] < reach
            or at[0] > columns - 1.0 - reach
            or at[1] > rows - 1.0 - reach
        ):
            misfit[n] = 9.0
            pull[n] = 0.0
            continue
        k = 0
        mean = 0.0
        for i in range(-HALF, HALF + 1):
            for j in range(-HALF, HALF + 1):
                x = at[0] + c * j - s * i
                y = at[1] + s * j + c * i
                column, row = int(x), int(y)
                a, b = x - column, y - row
                v = (1.0 - b) * (
                    (1.0 - a) * image[row, column] + a * image[row, column + 1]
                ) + b * ((1.0 - a) * image[row + 1, column] + a * image[row + 1, column + 1])
                seen[k] = v
                mean += v
                k += 1
        mean /= k
        both = 0.0
        square = 0.0
        for m in range(k):
            seen[m] -= mean
            both += seen[m] * levels[n, m]
            square += seen[m] * seen[m]
        gain = 1.0
        if square > 0.0:
            gain = min(GAIN_MOST, max(GAIN_LEAST, both / square))
        gx = 0.0
        gy = 0.0
        total = 0.0
        for m in range(k):
            d = gain * seen[m] - levels[n, m]
            total += d * d
            gx += slopes[n, m, 0] * d
            gy += slopes[n, m, 1] * d
        unit = 1.0 / (form[n, 3] + noise)
        misfit[n] = total / k * unit
        pull[n, 0] = (c * gx - s * gy) * unit
        pull[n, 1] = (s * gx + c * gy) * unit


@kernel
def at_home(
    image: U8Image,
    places: IntArray,
    levels: FloatArray,
    form: FloatArray,
    weights: FloatArray,
    noise: float,
    static: FloatArray,
) -> None:
    """Find how well each patch fits where it was: ``misfits`` of no motion, between no pixels.

    ``static`` (n,) is what ``misfit`` is there.
    """
    rows, columns = image.shape
    reach = 1.5 * HALF + 1.0
    count = (2 * HALF + 1) ** 2
    for n in range(len(places)):
        if weights[n] < 0.0:
            continue
        x, y = places[n, 0], places[n, 1]
        if x < reach or y < reach or x > columns - 1.0 - reach or y > rows - 1.0 - reach:
            static[n] = 9.0
            continue
        k = 0
        total = 0.0
        square = 0.0
        both = 0.0
        for i in range(-HALF, HALF + 1):
            for j in range(-HALF, HALF + 1):
                v = float(image[y + i, x + j])
                total += v
                square += v * v
                both += v * levels[n, k]
                k += 1
        square -= total * total / count
        gain = 1.0
        if square > 0.0:
            gain = min(GAIN_MOST, max(GAIN_LEAST, both / square))
        left = gain * gain * square - 2.0 * gain * both + count * form[n, 3]
        static[n] = max(0.0, left) / (count * (form[n, 3] + noise))


@kernel
def normal(
    places: IntArray,
    form: FloatArray,
    weights: FloatArray,
    groups: IntArray,
    pose: FloatArray,
    axis: FloatArray,
    noise: float,
    pull: FloatArray,
    matrix: FloatArray,
    vectors: FloatArray,
) -> None:
    """Add up the normal equations: ``matrix`` (5, 5) and, for each group, ``vectors`` (g, 5)."""
    c, s = math.cos(pose[2]), math.sin(pose[2])
    j = np.zeros((2, POSE))
    matrix[:] = 0.0
    vectors[:] = 0.0
    for n in range(len(places)):
        if weights[n] <= 0.0:
            continue
        w = weights[n] / (form[n, 3] + noise)
        slopes_at(pose, axis, float(places[n, 0]), float(places[n, 1]), j)
        xx, xy, yy = form[n, 0], form[n, 1], form[n, 2]
        hxx = c * c * xx - 2.0 * c * s * xy + s * s * yy
        hyy = s * s * xx + 2.0 * c * s * xy + c * c * yy
        hxy = c * s * (xx - yy) + (c * c - s * s) * xy
        for p in range(POSE):
            vectors[groups[n], p] += weights[n] * (j[0, p] * pull[n, 0] + j[1, p] * pull[n, 1])
            for q in range(POSE):
                matrix[p, q] += w * (
                    j[0, p] * (hxx * j[0, q] + hxy * j[1, q])
                    + j[1, p] * (hxy * j[0, q] + hyy * j[1, q])
                )


@kernel
def weigh(
    misfit: FloatArray, static: FloatArray, moved: bool, worst: float, weights: FloatArray
) -> float:
    """Write the weights of the patches by how well they fit; return the mean misfit of the used.

    A patch that fits at rest nearly as well shows the room, once the trunk has ``moved``. Patches
    of a negative weight stay out.
    """
    total = 0.0
    used = 0.0
    for n in range(len(misfit)):
        if weights[n] < 0.0:
            continue
        w = max(0.0, 1.0 - misfit[n] / worst)
        if moved and misfit[n] > STATIC_SHARE * static[n]:
            w = 0.0
        weights[n] = w * w
        total += weights[n] * misfit[n]
        used += weights[n]
    return total / used if used > 0.0 else 9.0


STATIC_SHARE = 0.7
FIRST_WORST, WORST = 1.2, 0.8
LOOSE_ROUNDS = 2
MOVED_PX = 1.5
SETTLED_PX = 0.02
DEPENDENT = 4.0
"""Neighbouring pixels tell much the same: so many count as one."""


@kernel
def invert(matrix: FloatArray, inverse: FloatArray) -> bool:
    """Invert a symmetric positive (5, 5) matrix; False when it is not."""
    n = len(matrix)
    work = matrix.copy()
    inverse[:] = 0.0
    for i in range(n):
        inverse[i, i] = 1.0
    for i in range(n):
        if not work[i, i] > 1e-12:
            return False
        unit = 1.0 / work[i, i]
        for j in range(n):
            work[i, j] *= unit
            inverse[i, j] *= unit
        for k in range(n):
            if k == i:
                continue
            f = work[k, i]
            for j in range(n):
                work[k, j] -= f * work[i, j]
                inverse[k, j] -= f * inverse[i, j]
    return True


@kernel
def align(
    image: U8Image,
    places: IntArray,
    levels: FloatArray,
    slopes: FloatArray,
    form: FloatArray,
    weights: FloatArray,
    groups: IntArray,
    pose: FloatArray,
    axis: FloatArray,
    noise: float,
    prior: FloatArray,
    rounds: int,
    static: FloatArray,
    misfit: FloatArray,
    pull: FloatArray,
    vectors: FloatArray,
    spread: FloatArray,
) -> float:
    """Improve a pose until all patches that move with the trunk lie on ``image``.

    ``prior`` (5,): the standard deviation of each of the pose's numbers, infinite where nothing is
    known. ``pose`` is changed in place; ``weights`` are those of the last round; ``spread`` (5, 5)
    is the pose's covariance by how much groups of patches disagree. Returns the mean misfit of the
    patches that were used, 9 where nothing could be fitted.
    """
    matrix = np.empty((POSE, POSE))
    inverse = np.empty((POSE, POSE))
    step = np.empty(POSE)
    at_home(image, places, levels, form, weights, noise, static)
    poor = 9.0
    for k in range(rounds + 1):
        misfits(image, places, levels, slopes, form, weights, pose, axis, noise, pull, misfit)
        moved = math.hypot(pose[0], pose[1]) > MOVED_PX
        poor = weigh(misfit, static, moved, FIRST_WORST if k < LOOSE_ROUNDS else WORST, weights)
        normal(places, form, weights, groups, pose, axis, noise, pull, matrix, vectors)
        unit = DEPENDENT * max(poor, 0.03)
        for p in range(POSE):
            matrix[p, p] += unit / (prior[p] * prior[p]) + 1e-9
        if not invert(matrix, inverse):
            return 9.0
        if k == rounds:
            break
        largest = 0.0
        for p in range(POSE):
            step[p] = -unit * pose[p] / (prior[p] * prior[p])
            for g in range(len(vectors)):
                step[p] -= vectors[g, p]
        for p in range(POSE):
            change = 0.0
            for q in range(POSE):
                change += inverse[p, q] * step[q]
            pose[p] += change
            largest = max(largest, abs(change) * (1.0 if p < 2 or p == 4 else axis[4]))
        if largest < SETTLED_PX and k >= LOOSE_ROUNDS:
            break
    spread[:] = 0.0
    for g in range(len(vectors)):
        for p in range(POSE):
            step[p] = 0.0
            for q in range(POSE):
                step[p] += inverse[p, q] * vectors[g, q]
        for p in range(POSE):
            for q in range(POSE):
                spread[p, q] += step[p] * step[q]
    return poor
