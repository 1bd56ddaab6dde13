"""The lifter's trunk as patches of one picture, found again in another.

Which patches: those that lie where the trunk of a bent lifter must be, seen from the bar, have
structure, and do not look as they did. The fit finds out which of them move as one body.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import BoolArray, FloatArray, IntArray, U8Image
from shinline.vision import trunk_kernels as k

NOISE: Final = 4.0
"""Grey levels squared: of a decimated picture, with what compression adds."""

CHANGED: Final = 0.25
"""A patch that differs by less, as a share of its variance, is where it was."""

HIP_M, SHOULDER_M = (-0.30, 0.42), (0.0, 0.62)
"""About where hip and shoulder of a lifter in the set position are, from the bar: toward the toes
and up, as it looks on the plane of the bar's end (they are behind it, and look smaller)."""

BELOW_M, OVER_M, OVER_HEAD_M = 0.11, 0.26, 0.16
"""How far from the line of the two a patch may be; the head is not to be one of them."""

REAR_M, FRONT_M, LOWEST_M, PLATE_M = -0.68, 0.08, 0.26, 0.27
SLOPE: Final = (SHOULDER_M[1] - HIP_M[1]) / (SHOULDER_M[0] - HIP_M[0])
ROOM_APART_M: Final = 0.12

MOST_CANDIDATES, MOST_PATCHES, LEAST_PATCHES = 200, 64, 16
STRIDES: Final = (2, 3, 4, 5, 6)
GROUP_PX: Final = 12
GROWTH_SD: Final = 0.005
BEND_SD_M: Final = 0.015
FREE: Final = 1e6
USED: Final = 0.2
SPAN_LEFT_OUT: Final = 0.05
"""Of the patches at either end."""

PARTS: Final = 6
ENOUGH: Final = 5.0
"""Parts from rear to neck, and how many patches are enough to know one."""


@dataclass(frozen=True, slots=True)
class Zone:
    """The part of the frame that is looked at; ``x``, ``y`` are where the bar rests in it, px.

    ``m`` is the size of one of its pixels on the plane of the bar's end; ``frame`` the rows and
    columns of the frame.
    """

    left: int
    top: int
    factor: int
    rows: int
    columns: int
    x: float
    y: float
    m: float
    frame: tuple[int, ...]

    def in_frame(self) -> BoolArray:
        """Return (rows, columns), true where a whole patch is in the frame: no pixel is made up."""
        edge = k.HALF + 2
        x = (np.arange(self.columns)[:, None] + [-edge, edge + 1]) * self.factor + self.left
        y = (np.arange(self.rows)[:, None] + [-edge, edge + 1]) * self.factor + self.top
        across = (x[:, 0] >= 0) & (x[:, 1] <= self.frame[1])
        down = (y[:, 0] >= 0) & (y[:, 1] <= self.frame[0])
        inside: BoolArray = down[:, None] & across
        return inside

    def places_m(self, sign: float) -> tuple[FloatArray, FloatArray]:
        """Return how far toward the toes (columns,) and up (rows, 1) from the bar each pixel is."""
        ahead_m: FloatArray = sign * (np.arange(self.columns, dtype=np.float64) - self.x) * self.m
        above_m: FloatArray = (self.y - np.arange(self.rows, dtype=np.float64)) * self.m
        return ahead_m, above_m[:, None]

    def point(self, place_m: tuple[float, float], sign: float) -> FloatArray:
        """Return the pixel of a place seen from the bar."""
        return np.array([self.x + sign * place_m[0] / self.m, self.y - place_m[1] / self.m])

    def axis(self, sign: float) -> FloatArray:
        """Return the line from hip to shoulder as the kernels take it."""
        hip, shoulder = self.point(HIP_M, sign), self.point(SHOULDER_M, sign)
        length = float(np.hypot(*(shoulder - hip)))
        middle, along = 0.5 * (hip + shoulder), (shoulder - hip) / length
        return np.array([*middle, *along, length, 0.0])


def trunk_mask(zone: Zone, sign: float) -> U8Image:
    """Return (rows, columns), 1 where a patch of the trunk may be in the set position."""
    ahead_m, above_m = zone.places_m(sign)
    off_m = above_m - (HIP_M[1] + SLOPE * (ahead_m - HIP_M[0]))
    over_m = np.where(ahead_m > -0.10, OVER_HEAD_M, OVER_M)
    there = (ahead_m > REAR_M) & (ahead_m < FRONT_M) & (above_m > LOWEST_M)
    there = there & (off_m > -BELOW_M) & (off_m < over_m)
    return _bytes(there & (ahead_m**2 + above_m**2 > PLATE_M**2) & zone.in_frame())


def room_mask(zone: Zone, sign: float) -> U8Image:
    """Return (rows, columns), 1 where the room is seen whatever the lifter does."""
    ahead_m, above_m = zone.places_m(sign)
    off_m = above_m - (HIP_M[1] + SLOPE * (ahead_m - HIP_M[0]))
    aside = (np.abs(ahead_m) > -REAR_M + ROOM_APART_M) | (off_m > OVER_M + ROOM_APART_M + 0.2)
    return _bytes(aside & (above_m > LOWEST_M) & zone.in_frame())


def _bytes(mask: BoolArray) -> U8Image:
    return np.ascontiguousarray(mask, dtype=np.uint8)


def chosen(anchor: U8Image, now: U8Image, mask: U8Image, most: int) -> IntArray:
    """Return patches (n, 2) of ``anchor`` that have changed since, at most ``most``, spread out."""
    places = np.zeros((most, 2), np.int64)
    for stride in STRIDES:
        count = k.choose(anchor, now, mask, stride, NOISE, CHANGED, places)
        if count <= most:
            return places[:count]
    return places


def at_rest(anchor: U8Image, now: U8Image, mask: U8Image) -> float:
    """Return the share of the patches with structure that look as they did; 1 without any."""
    places = np.zeros((1, 2), np.int64)
    there = k.choose(anchor, now, mask, STRIDES[-1], NOISE, -NEVER, places)
    changed = k.choose(anchor, now, mask, STRIDES[-1], NOISE, CHANGED, places)
    return 1.0 - changed / there if there >= LEAST_ROOM else 1.0


NEVER: Final = 1e9
LEAST_ROOM: Final = 8


@dataclass(frozen=True, slots=True)
class Fit:
    """The trunk of the anchor in another picture.

    ``pose`` (5,) and its covariance ``spread`` as in the kernels, ``misfit`` of the patches that
    were ``used`` (n, 2), their ``share`` of all, and how much of the trunk's length they cover.
    """

    pose: FloatArray
    spread: FloatArray
    misfit: float
    share: float
    used: IntArray
    span_px: float


def _span(along: FloatArray) -> float:
    """Return from where to where patches reach, but for a few at either end."""
    if not len(along):
        return 0.0
    ordered, few = np.sort(along), int(SPAN_LEFT_OUT * len(along))
    return float(ordered[-1 - few] - ordered[few])


class Trunk:
    """Patches of the anchor's picture."""

    def __init__(self, anchor: U8Image, places: IntArray, axis: FloatArray, bend_px: float) -> None:
        n, p = len(places), (2 * k.HALF + 1) ** 2
        self.places, self.axis, self.bend_px = places, axis, bend_px
        self._levels, self._slopes = np.zeros((n, p)), np.zeros((n, p, 2))
        self._form = np.zeros((n, 4))
        k.prepare(anchor, places, self._levels, self._slopes, self._form)
        blocks = places // GROUP_PX
        _, groups = np.unique(blocks[:, 0] * 1000 + blocks[:, 1], return_inverse=True)
        self._groups = groups.astype(np.int64)
        self.weights, self._misfit, self._static = np.ones(n), np.zeros(n), np.zeros(n)
        self._prior = np.array([FREE, FREE, FREE, GROWTH_SD, bend_px])
        self._pull = np.zeros((n, 2))
        self._vectors = np.zeros((int(groups.max()) + 1, k.POSE))

    def fit(self, image: U8Image, guess: FloatArray, rounds: int) -> Fit:
        """Find the trunk in a picture; patches that were left out before may come back."""
        pose, spread = guess.copy(), np.zeros((k.POSE, k.POSE))
        self.weights[:] = 1.0
        misfit = k.align(
            image,
            self.places,
            self._levels,
            self._slopes,
            self._form,
            self.weights,
            self._groups,
            pose,
            self.axis,
            NOISE,
            self._prior,
            rounds,
            self._static,
            self._misfit,
            self._pull,
            self._vectors,
            spread,
        )
        used = self.used
        span_px = _span(self._along(used))
        return Fit(pose, spread, misfit, len(used) / len(self.places), used, span_px)

    def support(self) -> float:
        """Return how well all parts of the trunk agree: many patches in one part count as few."""
        along = self._along(self.places)
        part = np.clip((along / self.axis[4] + 0.75) / 1.5 * PARTS, 0, PARTS - 1)
        each = np.bincount(part.astype(np.int64), self.weights, PARTS)
        return float(np.minimum(each, ENOUGH).sum())

    def _along(self, places: IntArray) -> FloatArray:
        """Return where patches are along the trunk, from its middle toward the shoulder."""
        x, y, across, down = self.axis[:4]
        along: FloatArray = (places[:, 0] - x) * across + (places[:, 1] - y) * down
        return along

    @property
    def used(self) -> IntArray:
        """The patches (n, 2) that moved with the trunk in the last picture."""
        used: IntArray = self.places[self.weights > USED]
        return used
