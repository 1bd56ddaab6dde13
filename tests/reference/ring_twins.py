"""Slow twins of the ring kernels that find and locate: whole arrays and scipy in place of loops.

Pictures are two-dimensional here. A shape (p, q, s) is treated as the matrix of its quadratic
form, [[p + q, s], [s, p - q]].
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from shinline.vision import ring_kernels as k

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

ANGLES = np.linspace(0.0, 2.0 * np.pi, k.RAYS, endpoint=False)
DIRECTIONS = np.stack([np.cos(ANGLES), np.sin(ANGLES)])


def form_of(shape: Array) -> Array:
    """Return the matrix F of the ellipse u F u = 1."""
    p, q, s = shape
    return np.array([[p + q, s], [s, p - q]])


# --- acquire ----------------------------------------------------------------------------------


def halve(img: Picture, height: int, width: int) -> Picture:
    """Average blocks of 2 x 2, halves rounded up."""
    part = img[: 2 * height, : 2 * width].astype(float)
    blocks = part.reshape(height, 2, width, 2).mean(axis=(1, 3))
    return np.floor(blocks + 0.5).astype(np.uint8)


def frame_white(inner: Picture, stride: int) -> Picture:
    """Surround a picture by white up to rows of ``stride`` pixels."""
    right = stride - k.PAD - inner.shape[1]
    return np.pad(inner, ((k.PAD, k.PAD), (k.PAD, right)), constant_values=255)


def brighter_neighbours(row: Picture, distance: int) -> Picture:
    """Return the maximum of the two neighbours at a distance, for the whole row."""
    footprint = np.zeros(2 * distance + 1, bool)
    footprint[[0, -1]] = True
    brighter: Picture = ndimage.maximum_filter(row, footprint=footprint, mode="nearest")
    return brighter


def knights(padded: Picture) -> NDArray[np.int64]:
    """Score each place by gathering the eight places of either ring."""
    rings = []
    for long in (2, 3):
        footprint = np.zeros((7, 7), bool)
        for dy, dx in ((1, long), (long, 1)):
            for y in (3 - dy, 3 + dy):
                footprint[y, [3 - dx, 3 + dx]] = True
        rings.append(ndimage.maximum_filter(padded, footprint=footprint, mode="nearest"))
    score = padded.astype(np.int64) - np.minimum(*rings)
    clipped: NDArray[np.int64] = np.maximum(score, 0)
    return clipped


def crests(best: Picture) -> list[tuple[int, int, int]]:
    """List (y, x, score) of what is as high as its eight neighbours and high enough."""
    best = np.vstack([np.zeros_like(best[:1]), best[1:]])
    highest = ndimage.maximum_filter(best, size=3, mode="constant", cval=0)
    tops = np.argwhere((best == highest) & (best >= k.LEAST_SCORE))
    return [(int(y), int(x), int(best[y, x])) for y, x in tops]


def _spoke(grey: NDArray[np.int64], least: int) -> tuple[float, int]:
    """Return where white returns, in steps (0: nowhere), and how dark it was before."""
    white = grey[0]
    low = np.minimum.accumulate(grey)[:-1]
    here = grey[1:]
    back = (here >= low) & (white - low >= least) & (2 * here > white + low)
    if not back.any():
        return 0.0, 0
    i = int(np.argmax(back)) + 1
    low_there = int(low[i - 1])
    middle = 0.5 * (white + low_there)
    rise = grey[i] - grey[i - 1]
    place = i - (grey[i] - middle) / rise if rise > 0 else float(i)
    beyond = min(i + i // 5, len(grey) - 1)
    return (float(place), low_there) if grey[beyond] >= middle else (0.0, 0)


LINES = np.array([(1, 0), (1, 1), (0, 1), (-1, 1)])


def spokes(
    img: Picture, x: int, y: int, least: int, reach: float, step: int
) -> tuple[Array, Array] | None:
    """Cut eight whole rays out of the picture; return (x, y, r, white, black) and spans, or None.

    Spans are each line's length, the difference of its halves and that of its blacks.
    """
    height, width = img.shape
    lengths, blacks = [], []
    spans = np.full((3, 4), np.nan)
    shift = np.zeros(2)
    whole = 0
    for line, (ux, uy) in enumerate(LINES):
        unit = step * np.hypot(ux, uy)
        ends = []
        for side in (-1, 1):
            i = np.arange(int(reach / unit) + 1) * step * side
            inside = (x + i * ux >= 0) & (x + i * ux < width)
            inside &= (y + i * uy >= 0) & (y + i * uy < height)
            i = i[inside]
            place, low = _spoke(img[y + i * uy, x + i * ux].astype(np.int64), least)
            if place == 0.0:
                break
            ends.append(place * unit)
            blacks.append(low)
        lengths += ends
        if len(ends) == 2:
            whole += 1
            spans[:, line] = sum(ends), ends[1] - ends[0], blacks[-1] - blacks[-2]
            shift += (ends[1] - ends[0]) * np.array([ux, uy]) / np.hypot(ux, uy)
    if whole < 3:
        return None
    mean = np.mean(lengths)
    if min(lengths) < 0.3 * mean or max(lengths) > 1.8 * mean:
        return None
    shift /= whole
    return np.array([x + shift[0], y + shift[1], mean, img[y, x], np.mean(blacks)]), spans


def regular(aside: float, contrast: float, spans: Array) -> bool:
    """Predict what each line should be from two lines across each other; NaN tells nothing."""
    with np.errstate(invalid="ignore"):
        uneven = [abs(np.sum(spans[0, ::2]) - np.sum(spans[0, 1::2])) / 8.0]
        units = LINES / np.linalg.norm(LINES, axis=1)[:, None]
        for known, asked in (((0, 2), 1), ((0, 2), 3), ((1, 3), 0), ((1, 3), 2)):
            centre = np.linalg.solve(units[list(known)], spans[1, list(known)])
            uneven.append(abs(units[asked] @ centre - spans[1, asked]) / np.sqrt(8.0))
        unlike = np.nanmax(np.abs(spans[2]), initial=0.0)
    even = not np.nanmax(uneven, initial=0.0) > 0.7
    return bool(aside <= 1.2 and unlike <= 0.65 * contrast and even)


# --- locate -----------------------------------------------------------------------------------


def sample(img: Picture, x: Array, y: Array) -> Array:
    """Interpolate linearly at many places at once."""
    grey: Array = ndimage.map_coordinates(img.astype(float), [y, x], order=1)
    return grey


def in_view(width: int, height: int, x: float, y: float, reach: float) -> bool:
    """Compare the four corners with the picture's; no number is nowhere."""
    corners = np.array([[x - reach, y - reach], [x + reach, y + reach]])
    inside = (corners >= 0.0) & (corners <= [width - 1.0, height - 1.0])
    return bool(inside.all())


def trace(shape: Array) -> Array:
    """Return the ellipse's radii from its quadratic form."""
    squares = np.einsum("ik,ij,jk->k", DIRECTIONS, form_of(shape), DIRECTIONS)
    radii: Array = 1.0 / np.sqrt(squares)
    return radii


def major_radius(shape: Array) -> float:
    """Return the longer semi-axis from the smaller eigenvalue."""
    least = np.linalg.eigvalsh(form_of(shape))[0]
    return float(1.0 / np.sqrt(least)) if least > 0.0 else np.inf


def axis_ratio(shape: Array) -> float:
    """Return minor / major axis from both eigenvalues."""
    least, most = np.linalg.eigvalsh(form_of(shape))
    return float(np.sqrt(max(least, 0.0) / most))


def read_ring(
    img: Picture, x: float, y: float, e: float, radii: Array
) -> tuple[Array, float, float]:
    """Return the greys of a ring, their mean and the height of their second harmonic."""
    at = e * radii * DIRECTIONS
    grey = sample(img, x + at[0], y + at[1])
    return grey, *ring_levels(grey)


def ring_levels(grey: Array) -> tuple[float, float]:
    """Return the mean of greys around a ring and the height of their second harmonic."""
    spectrum = np.abs(np.fft.rfft(grey)) / k.RAYS
    return float(spectrum[0]), float(2.0 * spectrum[2])


def paper_ring(r: float) -> float:
    """Return where the paper is read."""
    return float(np.clip(1.0 + 2.5 / r, k.E_PAPER, k.E_PAPER_END))


def rim(
    img: Picture, x: float, y: float, middle: float, slack: float, pace_px: float, radii: Array
) -> Array:
    """Find the first change along each ray, from all of its samples at once."""
    edges = np.full(k.RAYS, np.nan)
    for ray, r in enumerate(radii):
        bright = sample(img, *(np.array([x, y])[:, None] + r * DIRECTIONS[:, [ray]]))[0] >= middle
        far = 0.12 * r + slack
        pace = max(pace_px, 0.02 * r)
        far = min(far, r - 1.0) if bright else far
        reach = r + (-pace if bright else pace) * np.arange(int(far / pace) + 1)
        grey = sample(img, x + reach * DIRECTIONS[0, ray], y + reach * DIRECTIONS[1, ray])
        changes = np.flatnonzero((grey >= middle) != bright)
        if len(changes):
            pair = [changes[0] - 1, changes[0]]
            order = np.argsort(grey[pair])
            edges[ray] = np.interp(middle, grey[pair][order], reach[pair][order])
    return edges


def fit_shape(edges: Array, radii: Array, tolerance: float) -> tuple[Array, Array, Array]:
    """Fit harmonics by least squares; return (shape, shift, which radii agree)."""
    agrees = np.abs(edges - radii) <= tolerance * radii
    r = np.where(agrees, edges, radii)
    first = DIRECTIONS.T
    second = np.stack([np.ones(k.RAYS), np.cos(2.0 * ANGLES), np.sin(2.0 * ANGLES)], axis=1)
    shape = np.linalg.lstsq(second, r**-2.0, rcond=None)[0]
    shift = np.linalg.lstsq(np.c_[first, second], r, rcond=None)[0][:2]
    rest = r**-2.0 - second @ shape + 2.0 * shape[0] ** 1.5 * (first @ shift)
    variance = 2.0 * (rest @ rest / (k.RAYS - 5)) / k.RAYS  # of one coefficient
    if shape[1:] @ shape[1:] <= k.OVAL_EVIDENCE * 2.0 * variance:
        shape[1:] = 0.0
    return shape, shift, agrees


def agreement(agrees: Array, black: Array, paper: Array, white: float, dark: float) -> Array:
    """Return which rays still agree when their greys are compared with black and white."""
    level = (np.stack([black, paper]) - dark) / (white - dark)
    return agrees * (level[0] < 0.6) * (level[1] > 0.4)


def lowest_sector(ring: Array, agrees: Array, least: float) -> float:
    """Average rays in twos, those that agree enough; return the lowest."""
    chosen = agrees.reshape(-1, 2).mean(axis=1) >= least
    return float(ring.reshape(-1, 2).mean(axis=1)[chosen].min(initial=np.inf))


def noise_of(img: Picture, room: int) -> float:
    """Take the 40 % quantile of the mean mixed differences of blocks 64 wide, row by row."""
    height, width = img.shape
    step = max(1, height // 12)
    mixed = np.abs(np.diff(np.diff(img.astype(float), axis=0), axis=1))
    rows = mixed[step // 2 :: step]
    blocks = [row[x : x + 64].mean() for row in rows for x in range(0, width - 64, 64)][:room]
    if not blocks:
        return 255.0
    return float(np.sort(blocks)[2 * len(blocks) // 5] / np.sqrt(8.0 / np.pi))


def walk(line: Picture, least: int) -> tuple[float, int]:
    """Find the first place behind a dark one that is above half-way to the start's white."""
    greys = line.astype(int)
    lows = np.minimum.accumulate(greys)
    dark = greys[0] - lows >= least
    up = (2 * greys > greys[0] + lows) & dark & (greys > lows)
    if not up.any():
        return 0.0, int(lows[-1])
    at = int(np.argmax(up))
    half = 0.5 * (greys[0] + lows[at])
    further = min(at + at // 5, len(greys) - 1)
    if greys[further] < half:
        return 0.0, int(lows[at])
    rise = greys[at] - greys[at - 1]
    return at - (float(greys[at] - half) / rise if rise > 0 else 0.0), int(lows[at])
