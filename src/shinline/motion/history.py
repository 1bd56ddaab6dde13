"""What was measured in the last minutes, kept so that a finished rep can be smoothed."""

from dataclasses import dataclass
from math import hypot, sqrt
from typing import Final

import numpy as np

from shinline.geometry.middle import median
from shinline.geometry.plane import Plane
from shinline.motion.smooth import (
    JUMP_ASIDE_MPS,
    JUMP_MPS,
    jumps,
    moved_behind,
    smoothing,
    steps,
)
from shinline.steps import Steps, done
from shinline.types import MARKERS, NS_PER_S, PATH, BoolArray, FloatArray, IntArray, Role, Rows

CAPACITY: Final = 32_768
"""Frames: 4.5 minutes at 120 Hz. The oldest half goes when it is full."""

HOLE_NS: Final = NS_PER_S
"""Nothing before a time without pictures that is longer than this says anything after it."""

X, Y, VARIANCE, LATE, RADIUS, RATIO, CONTRAST = range(7)

LEAST_SEEN: Final = 4
NO_DEPTH: Final = 1.0
FLAT_REL_SD: Final = 0.015
"""By how much the stickers' distances differ on a lifter of whose distance nothing is known."""

PRINT_REL_SD: Final = 0.003
RADIUS_SD_PX: Final = 0.02

NEAREST_M: Final = -0.2
FARTHEST_M: Final = 1.6
"""Behind the bar's end, of which the half bar is 1.1 m: so far may a marker on a lifter be."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a marker was for a moment, metres.

    ``noise_m`` is that of one sighting, ``rel_sd`` how unsure its distance from the camera is,
    ``moved_m`` how far it went between the halves of the moment, and ``away_m`` how far behind the
    plane of the bar's end it is.
    """

    x_m: float
    y_m: float
    noise_m: float
    rel_sd: float
    moved_m: float
    away_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Followed:
    """The path of a marker on the lifter: PATH rows, all coasting when it was never seen.

    ``rel_sd`` is how unsure its distance from the camera is, ``away_m`` how far behind the plane of
    the bar's end it was taken to be.
    """

    path: Rows
    rel_sd: float
    away_m: float


def size_rel_sd(r_px: float) -> float:
    """Return how unsure a distance by a marker's size is: the print's own error, and the edge's."""
    return hypot(PRINT_REL_SD, RADIUS_SD_PX / max(r_px, 1.0))


class History:
    """Measured positions of the markers, world frame, frame by frame.

    ``table`` (7, markers, CAPACITY) holds x and y in metres, the variance of each, infinite where
    a marker was not seen, how long (s) after the frame's time it was exposed, its radius in pixels,
    its axis ratio and its contrast; ``at`` is the column of the newest frame.
    """

    def __init__(self) -> None:
        self.table = np.zeros((7, len(MARKERS), CAPACITY))
        self.table[VARIANCE] = np.inf
        self.at = -1
        self._t_ns = np.zeros(CAPACITY, np.int64)
        self._last_ns = 0

    def clear(self) -> None:
        """Forget everything (the clock was set back)."""
        self.at = -1

    def mirror(self) -> None:
        """Turn the x axis round: it has become known which way the lifter faces."""
        self.table[X] *= -1.0

    def begin_frame(self, t_ns: int) -> bool:
        """Open a column for a frame; False when its time does not go forward (it is skipped)."""
        if self.at >= 0 and t_ns <= self._last_ns:
            return False
        if self.at == CAPACITY - 1:
            self._drop_oldest()
        self.at += 1
        self._t_ns[self.at] = self._last_ns = t_ns
        self.table[VARIANCE, :, self.at] = np.inf
        return True

    def put(self, role: Role, x_m: float, y_m: float, variance_m2: float) -> None:
        """Add a measurement to the open column."""
        self.table[:LATE, role, self.at] = x_m, y_m, variance_m2

    def _drop_oldest(self) -> None:
        half = CAPACITY // 2
        self._t_ns[:half] = self._t_ns[half:]
        self.table[:, :, :half] = self.table[:, :, half:]
        self.at = half - 1

    def window(self, from_ns: int, to_ns: int) -> slice:
        """Return the rows within [from_ns, to_ns] that follow the last hole of ``HOLE_NS``."""
        t = self._times()
        first = int(np.searchsorted(t, from_ns))
        last = int(np.searchsorted(t, to_ns, side="right"))
        holes = np.flatnonzero(np.diff(t[first:last]) > HOLE_NS)
        return slice(first + int(holes[-1]) + 1 if holes.size else first, last)

    def _times(self) -> IntArray:
        return self._t_ns[: self.at + 1]

    def jumps(self, role: Role, window: slice) -> BoolArray:
        """Return for each row whether the role is elsewhere than its motion would have taken it."""
        t_ns = self._times()[window]
        columns = slice(window.start, window.start + t_ns.size)
        seen = np.isfinite(self.table[VARIANCE, role, columns])
        found = np.zeros(seen.size, bool)
        t_s = (t_ns[seen] - t_ns[0]) / NS_PER_S
        for axis, most_mps in ((X, JUMP_ASIDE_MPS), (Y, JUMP_MPS)):
            found[seen] |= jumps(t_s, self.table[axis, role, columns][seen], most_mps)
        found[seen] |= steps(t_s, self.table[X, role, columns][seen])
        return found

    def seen(self, role: Role, from_ns: int, to_ns: int) -> tuple[IntArray, FloatArray]:
        """Return when a role was seen within [from_ns, to_ns], and what the table holds of it."""
        window = self.window(from_ns, to_ns)
        columns = self.table[:, role, window]
        seen = np.isfinite(columns[VARIANCE])
        return self._t_ns[window][seen], columns[:, seen]

    def smoothed(self, role: Role, window: slice, floor_m: float | None = None) -> Rows:
        """Smooth one role over a window: PATH rows, all coasting when it was never seen.

        ``floor_m`` is the height at which it does not move when it lies.
        """
        return done(self.smoothing(role, window, floor_m))

    def smoothing(self, role: Role, window: slice, floor_m: float | None = None) -> Steps[Rows]:
        """Smooth one role over a window as it is now, in steps, see :meth:`smoothed`."""
        t_ns = self._times()[window].copy()
        columns = slice(window.start, window.start + t_ns.size)
        x_m, y_m, variance, late_s = self.table[:RADIUS, role, columns].copy()
        seen = np.isfinite(variance)
        if not seen.any():
            empty = np.zeros(t_ns.size, PATH)
            empty["t_ns"], empty["coasting"] = t_ns, True
            return empty
        return (yield from smoothing(t_ns, x_m, y_m, variance, seen, late_s, floor_m))

    def places(
        self, since_ns: int, until_ns: int, plane: Plane, radius_m: float
    ) -> dict[Role, Place]:
        """Return where the markers were within [since, until]: medians, of those seen often enough.

        Through a view a marker on the lifter, of the radius ``radius_m``, is at its own depth, by
        its size in the picture.
        """
        columns = self.table[:, :, self.window(since_ns, until_ns)]
        seen = np.isfinite(columns[VARIANCE])
        found: dict[Role, Place] = {}
        for role in MARKERS:
            if int(seen[role].sum()) >= LEAST_SEEN:
                rows = columns[:, role, seen[role]]
                found[role] = _place(rows, plane, 0.0 if role is Role.BAR else radius_m)
        return found

    def seen_in(self, window: slice) -> frozenset[Role]:
        """Return the roles that were seen at all within a window of rows."""
        seen = np.isfinite(self.table[VARIANCE, :, window])
        return frozenset(role for role in MARKERS if seen[role].any())

    def body(self, role: Role, window: slice, plane: Plane, radius_m: float) -> Followed:
        """Smooth a marker on the lifter, at the depth that its size in the picture tells.

        What is seen through the lens of a calibrated camera only; else as if it were on the plane
        of the bar's end. A size that puts it where no lifter is belongs to a print of another size:
        then nothing is known of its distance.
        """
        path = self.smoothed(role, window)
        seen = np.isfinite(self.table[VARIANCE, role, window])
        if plane.view is None or not seen.any():
            return Followed(path, FLAT_REL_SD, 0.0)
        x_m, y_m, r_px = (median(each[seen]) for each in self.table[[X, Y, RADIUS], role, window])
        away_m = plane.away_m(float(x_m), float(y_m), float(r_px), radius_m)
        if not NEAREST_M < away_m < FARTHEST_M:
            return Followed(path, NO_DEPTH, 0.0)
        placed = moved_behind(path, plane, away_m)
        return Followed(placed, size_rel_sd(float(r_px)), away_m)


def _means(rows: FloatArray) -> FloatArray:
    """Return the mean of each row, as numpy does without preparing for anything else."""
    means: FloatArray = np.add.reduce(rows, axis=1) / rows.shape[1]
    return means


def _place(rows: FloatArray, plane: Plane, radius_m: float) -> Place:
    """Return the median place of the sightings of a marker; a radius of 0: on the bar's plane."""
    half = rows.shape[1] // 2
    x_m, y_m, r_px = median(rows[X]), median(rows[Y]), median(rows[RADIUS])
    noise_m = sqrt(float(np.add.reduce(rows[VARIANCE])) / rows.shape[1])
    moved_m = float(np.hypot(*(_means(rows[:2, half:]) - _means(rows[:2, :half]))))
    if plane.view is None or radius_m <= 0.0:
        return Place(x_m, y_m, noise_m, 0.0, moved_m)
    away_m = plane.away_m(x_m, y_m, r_px, radius_m)
    if not NEAREST_M < away_m < FARTHEST_M:
        return Place(x_m, y_m, noise_m, NO_DEPTH, moved_m)
    grown = 1.0 + away_m / plane.lens_m[2]
    x, y = plane.behind(np.array([x_m]), np.array([y_m]), away_m)
    return Place(
        float(x[0]), float(y[0]), grown * noise_m, size_rel_sd(r_px), grown * moved_m, away_m
    )
