"""The platform as it is without a lifter, and the lifter's silhouette before it.

Looked at about five times a second while the bar rests, in the part of the frame where it first
did. Of each pixel is learned what it shows while it holds still; something else that comes to
stand there takes its place only after half a minute, and what moves at its rim never, so that a
lifter who waits over the bar does not become wall. Light is fitted first (one gain, one offset).
When most of what was known is gone, the camera looks elsewhere and all is learned anew.

A recording may begin with the lifter there. What was learned then is wrong where the lifter was,
and it shows: a piece that differs from the room has a rim in the picture when something stands
before the room, and a rim in what was learned when something has left it. Only of the former is
anything said, and of the room that nobody is there only where it was seen for long, or somebody
stood before it.
"""

from math import hypot
from typing import Final

import numpy as np

from shinline.types import (
    NS_PER_S,
    Bar,
    BoolArray,
    Posture,
    Rows,
    U8Image,
)
from shinline.vision import backdrop_kernels as k
from shinline.vision import trunk_kernels
from shinline.vision.silhouette import TALL_M, Silhouette, frame_px, levels, read, write
from shinline.vision.trunk import LOWEST_M, PLATE_M, Zone

LOOK_NS: Final = NS_PER_S // 5 - NS_PER_S // 100
PIXEL_M: Final = 0.009
ASIDE_M, ABOVE_M = 0.85, 1.12
RESTS_M: Final = 0.004
"""A bar that moved less between two looks rests."""

HOME_M, ABOVE_HOME_M, OTHER_SCALE = 0.12, 0.08, 0.04
LATER_LOOKS: Final = 5
"""A bar that rests so long in another place has a new one there."""

LEARNED, TAKES, LEFT, KNOWN = 5, 150, 5, 100
"""Looks: until what holds still is learned, takes the room's place, does so where something has
left it, and is the room for certain."""

WAITS: Final = np.array([0, LEARNED, TAKES, LEFT, -1], np.int64)
OUTSIDE, _, USUAL, GHOST, HELD = range(5)
"""How a pixel is learned: indices into the above."""

LEAST_KNOWN: Final = 0.85
LEAST_SURE: Final = 0.5
MOST_GONE, LEAST_LIT, GONE_LOOKS = 0.6, 0.35, 2
MOST_PIECES: Final = 64
REAL: Final = 0.5
"""How much of a piece's rim is in the picture, from -1 (all of it is in what was learned) to 1."""

MOSTLY, NEW = 0.7, 0.05
EDGE_PX: Final = 4
MOVES: Final = 0.03
NOBODY_M2, SOMEBODY_M2, LITTER_M2 = 0.03, 0.10, 0.003
NEAR_M: Final = 0.30
"""The lifter's piece is over the bar, or so near it."""

BODY_M: Final = 0.70
"""How far from the bar a lifter's body is at most."""


class Backdrop:
    """Learn the room and tell who is before it."""

    def __init__(self) -> None:
        self.seen: Silhouette | None = None
        """What was seen at the last look; None: not known."""

        self.bent: Silhouette | None = None
        """The last of who bends over the bar."""

        self.zone: Zone | None = None
        self._looked_ns = 0
        self._last = (0.0, 0.0)
        self._away = 0
        self._gone = 0

    def look(self, luma: U8Image, t_ns: int, bar: Bar, out: Rows) -> int:
        """Write a row of the role BODY when it is time to look and something is known.

        What is in it: :func:`~shinline.vision.silhouette.write`.
        """
        if 0 <= t_ns - self._looked_ns < LOOK_NS or not len(out):
            return 0
        self._looked_ns = t_ns
        self.seen = None
        if not self._is_home(luma, bar):
            return 0
        self.seen = seen = self._see(luma, t_ns, bar)
        if seen is None:
            return 0
        if seen.posture is Posture.BENDS:
            self.bent = seen
        write(seen, out[0])
        return 1

    # --- where to look ------------------------------------------------------------------------

    def _is_home(self, luma: U8Image, bar: Bar) -> bool:
        """Tell whether the bar rests where it does; begin anew where it has come to rest else."""
        at = bar.x_px - bar.scene_px[0], bar.y_px - bar.scene_px[1]
        moved_m = hypot(at[0] - self._last[0], at[1] - self._last[1]) * bar.m_per_px
        self._last = at
        if moved_m > RESTS_M:
            self._away = 0
            return False
        zone = self.zone
        if zone is not None:
            m = zone.m / zone.factor
            x, y = frame_px(zone, zone.x, zone.y)
            aside_m, above_m = abs(at[0] - x) * m, (y - at[1]) * m
            same = abs(bar.m_per_px / m - 1.0) < OTHER_SCALE and zone.frame == luma.shape
            if same and aside_m < HOME_M and abs(above_m) < ABOVE_HOME_M:
                self._away = 0
                return True
            if above_m > ABOVE_HOME_M:
                return False
        self._away += 1
        if zone is None or self._away >= LATER_LOOKS:
            self._begin(at, bar.m_per_px, luma.shape)
            return True
        return False

    def _begin(self, at: tuple[float, float], m: float, shape: tuple[int, ...]) -> None:
        factor = max(1, round(PIXEL_M / m))
        left, top = round(at[0] - ASIDE_M / m), round(at[1] - ABOVE_M / m)
        rows, columns = round(ABOVE_M / (m * factor)), round(2.0 * ASIDE_M / (m * factor))
        inside = ((at[0] - left + 0.5) / factor - 0.5, (at[1] - top + 0.5) / factor - 0.5)
        self.zone = zone = Zone(left, top, factor, rows, columns, *inside, m * factor, shape)
        size = (rows, columns)
        x = left + factor * np.arange(columns)
        y = top + factor * np.arange(rows)[:, None]
        seen = (x >= 0) & (x + factor <= shape[1]) & (y >= 0) & (y + factor <= shape[0])
        ahead_m, above_m = zone.places_m(1.0)
        near: BoolArray = seen & (np.hypot(ahead_m, above_m) > PLATE_M)
        self._near = near.astype(np.uint8)
        body = near & (np.abs(ahead_m) < BODY_M) & (above_m > LOWEST_M) & (above_m < TALL_M)
        self._over = np.where(body, np.where(ahead_m < 0.0, 1, 2), 0).astype(np.uint8)
        self._counts = np.zeros((2, 4))
        self._top = int(np.argmax(seen.any(axis=1)))
        self._image, self._mask, self._before = (np.zeros(size, np.uint8) for _ in range(3))
        self._mode = np.where(near, USUAL, OUTSIDE).astype(np.uint8)
        self._shape = np.zeros(size, np.uint8)
        self._mean, self._spread, self._rival = (np.zeros(size) for _ in range(3))
        self._age, self._stay, self._label = (np.zeros(size, np.int64) for _ in range(3))
        self._parent = np.zeros(rows * columns + 1, np.int64)
        self._levels = np.zeros((4096, 2))
        self._table = np.zeros((MOST_PIECES, 9))
        columns_seen = np.flatnonzero(seen.any(axis=0))
        self._sides = (int(columns_seen[0]) + EDGE_PX, int(columns_seen[-1]) - EDGE_PX)
        self._columns = np.zeros((columns, 6), np.int64)
        self._rows = levels(zone)
        self._sure = np.zeros(size, np.uint8)
        self._away = self._gone = 0
        # so that none of them is compiled when the first lifter comes
        k.profile(self._label, 1, self._rows, self._columns)
        k.line(np.zeros(0), np.zeros(0), 1, 1.0, np.zeros(4))

    def _forget(self) -> None:
        """The camera looks elsewhere: nothing is known."""
        self._age[:], self._sure[:], self._stay[:], self._before[:] = 0, 0, 0, 0
        self._gone = 0

    # --- what is there ------------------------------------------------------------------------

    def _see(self, luma: U8Image, t_ns: int, bar: Bar) -> Silhouette | None:
        zone, image = self.zone, self._image
        assert zone is not None  # noqa: S101  (there is one where the bar rests)
        left, top = zone.left + round(bar.scene_px[0]), zone.top + round(bar.scene_px[1])
        trunk_kernels.crop(luma, left, top, zone.factor, image)
        lit = np.empty(2)
        agree = k.light(image, self._mean, self._age, self._levels, lit)
        if agree < LEAST_LIT:
            lit[:] = 1.0, 0.0
        gone = k.compare(image, lit[0], lit[1], self._mean, self._spread, self._age, self._mask)
        self._gone = self._gone + 1 if gone > MOST_GONE or 0.0 <= agree < LEAST_LIT else 0
        if self._gone >= GONE_LOOKS:
            self._forget()
            self._mask[:] = k.UNKNOWN
        k.tidy(self._mask, self._near, self._shape)
        pieces = min(k.grow(self._shape, self._parent, self._label), MOST_PIECES - 1)
        k.pieces_of(
            image, self._mean, self._age, self._stay, self._label, self._before, KNOWN, self._table
        )
        which = self._judge_pieces(pieces, zone)
        k.learn(
            image, self._mode, self._mask, WAITS,
            self._mean, self._spread, self._age, self._rival, self._stay,
        )  # fmt: skip
        k.surely(self._age, self._sure, self._shape, self._over, KNOWN, self._counts)
        known = float(self._counts[:, 2].sum() / max(self._counts[:, 0].sum(), 1.0))
        if self._gone or known < LEAST_KNOWN:
            return None
        return self._read(which, t_ns, bar, zone, known)

    def _judge_pieces(self, pieces: int, zone: Zone) -> int:
        """Say of each piece how the room behind it is learned; return the lifter's, 0 if none."""
        modes, entered = np.full(MOST_PIECES, USUAL, np.uint8), np.zeros(MOST_PIECES, np.uint8)
        best = 0
        for n in range(1, pieces + 1):
            area, moving, _, _, first, last, came, was, sure = self._table[n]
            born = came + was < NEW * area
            at_side = first <= self._sides[0] or last >= self._sides[1]
            entered[n] = at_side if born else came > MOSTLY * (came + was)
            if area * zone.m**2 < LITTER_M2:
                continue
            rim = self._table[n, 2] / max(self._table[n, 3], 1.0)
            if not (entered[n] or sure > MOSTLY * area or rim > REAL):
                modes[n] = GHOST if rim < -REAL else USUAL
                continue
            modes[n] = HELD if moving > MOVES * area else USUAL
            over = first < zone.x + NEAR_M / zone.m and last > zone.x - NEAR_M / zone.m
            if over and area > self._table[best, 0]:
                best = n
        k.mark(
            self._label, best, modes, entered,
            self._near, self._mask, self._mode, self._before, self._sure,
        )  # fmt: skip
        return best

    def _read(self, which: int, t_ns: int, bar: Bar, zone: Zone, known: float) -> Silhouette | None:
        """Say what the piece that may be the lifter is."""
        m2 = zone.m**2
        if not which or float(self._table[which, 0]) * m2 < SOMEBODY_M2:
            of, sure = self._counts[:, 0], self._counts[:, 1]
            if self._counts[0, 3] * m2 > NOBODY_M2 or (sure < LEAST_SURE * of).all():
                return None
            return Silhouette(t_ns, Posture.NOBODY, (bar.x_px, bar.y_px), known)
        k.profile(self._label, which, self._rows, self._columns)
        return read(self._columns, int(self._rows[3]), self._top, zone, bar, t_ns, known)
