"""What was measured in the last minutes, kept so that a finished rep can be smoothed."""

from typing import Final

import numpy as np

from shinline.motion.smooth import jumps, smooth
from shinline.types import NS_PER_S, PATH, BoolArray, IntArray, Role, Rows

CAPACITY: Final = 32_768
"""Frames: 4.5 minutes at 120 Hz. The oldest half goes when it is full."""

HOLE_NS: Final = NS_PER_S
"""Nothing before a time without pictures that is longer than this says anything after it."""

ROLES: Final = (Role.BAR, Role.HIP, Role.SHOULDER)


class History:
    """Measured positions of the bar, hip and shoulder, world frame, frame by frame."""

    def __init__(self) -> None:
        self._size = 0
        self._t_ns = np.zeros(CAPACITY, np.int64)
        self._x_m = np.zeros((len(ROLES), CAPACITY))
        self._y_m = np.zeros((len(ROLES), CAPACITY))
        self._var_m2 = np.full((len(ROLES), CAPACITY), np.inf)

    def clear(self) -> None:
        """Forget everything (the origin or the scale changed)."""
        self._size = 0

    def mirror(self) -> None:
        """Turn the x axis round: it has become known which way the lifter faces."""
        self._x_m *= -1.0

    def begin_frame(self, t_ns: int) -> bool:
        """Open a row for a frame; False when its time does not go forward (it is skipped)."""
        if self._size and t_ns <= self._t_ns[self._size - 1]:
            return False
        if self._size == CAPACITY:
            self._drop_oldest()
        self._t_ns[self._size] = t_ns
        self._var_m2[:, self._size] = np.inf
        self._size += 1
        return True

    def put(self, role: Role, x_m: float, y_m: float, variance_m2: float) -> None:
        """Add a measurement to the open row; roles without a place here are ignored."""
        if role in ROLES:
            i = ROLES.index(role)
            self._x_m[i, self._size - 1] = x_m
            self._y_m[i, self._size - 1] = y_m
            self._var_m2[i, self._size - 1] = variance_m2

    def _drop_oldest(self) -> None:
        half = CAPACITY // 2
        self._t_ns[:half] = self._t_ns[half:]
        for table in (self._x_m, self._y_m, self._var_m2):
            table[:, :half] = table[:, half:]
        self._size = half

    def window(self, from_ns: int, to_ns: int) -> slice:
        """Return the rows within [from_ns, to_ns] that follow the last hole of ``HOLE_NS``."""
        t = self._times()
        first = int(np.searchsorted(t, from_ns))
        last = int(np.searchsorted(t, to_ns, side="right"))
        holes = np.flatnonzero(np.diff(t[first:last]) > HOLE_NS)
        return slice(first + int(holes[-1]) + 1 if holes.size else first, last)

    def _times(self) -> IntArray:
        return self._t_ns[: self._size]

    def jumps(self, role: Role, window: slice) -> BoolArray:
        """Return for each row whether the role is elsewhere than its motion would have taken it."""
        i = ROLES.index(role)
        columns = slice(window.start, window.start + self._times()[window].size)
        seen = np.isfinite(self._var_m2[i, columns])
        found = np.zeros(seen.size, bool)
        t_s = (self._t_ns[columns][seen] - self._t_ns[window.start]) / NS_PER_S
        found[seen] = jumps(t_s, self._y_m[i, columns][seen])
        return found

    def smoothed(self, role: Role, window: slice) -> Rows:
        """Smooth one role over a window: PATH rows, all coasting when it was never seen."""
        i = ROLES.index(role)
        t_ns = self._times()[window]
        variance = self._var_m2[i, window.start : window.start + t_ns.size]
        seen = np.isfinite(variance)
        if not seen.any():
            empty = np.zeros(t_ns.size, PATH)
            empty["t_ns"], empty["coasting"] = t_ns, True
            return empty
        columns = slice(window.start, window.start + t_ns.size)
        return smooth(t_ns, self._x_m[i, columns], self._y_m[i, columns], variance, seen)
