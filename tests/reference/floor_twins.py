"""The floor's evidence once more, in plain Python: lists, sorting, sums."""

from collections import deque
from typing import Final

from shinline.types import NS_PER_S

REST_S: Final = 0.5
REST_RANGE_M: Final = 0.0025
REST_DRIFT_M: Final = 0.0010
"""Between the medians of the first and the last third of that time: a chest gives way evenly."""

BEGIN_S: Final = 0.12
BEGIN_RANGE_M: Final = 0.010
STRIKE_WINDOW_S: Final = 0.11
STRIKE_FALL_MPS: Final = -0.4
STRIKE_CHANGE_MPS: Final = 0.7
ABOVE_M: Final = 0.03
"""A bar found so far above a floor, and not at rest since, was on its way."""

SAME_FLOOR_M: Final = 0.15
"""Levels closer than this are one floor: a hand-held camera drifts by half of it in a set."""


class Floor:
    """Collect floor levels from the measured height of the bar."""

    def __init__(self) -> None:
        self.levels_m: list[float] = []
        self._recent: deque[tuple[int, float]] = deque()
        self._begin: tuple[int, float] | None = None
        self._begin_open = True

    def forget(self) -> None:
        """The bar was lost: what is seen next may be another place. Levels stay."""
        self._recent.clear()
        self._begin_open = False

    def update(self, t_ns: int, y_m: float) -> bool:
        """Take in one measured height; True when a floor level was added."""
        self._recent.append((t_ns, y_m))
        while t_ns - self._recent[0][0] > (REST_S + 0.05) * NS_PER_S:
            self._recent.popleft()
        self.levels_m = [level for level in self.levels_m if y_m > level - SAME_FLOOR_M]
        for level in (self._begins(t_ns, y_m), self._rests(t_ns), self._strikes(t_ns)):
            if level is not None and not self.supports(level):
                self.levels_m.append(level)
                return True
        return False

    def supports(self, level_m: float) -> bool:
        """Tell whether a floor is known within ``SAME_FLOOR_M`` of a level."""
        return any(abs(level - level_m) <= SAME_FLOOR_M for level in self.levels_m)

    def is_below(self, level_m: float) -> bool:
        """Tell whether a floor is known clearly below a level."""
        return any(level_m - level > ABOVE_M for level in self.levels_m)

    def _begins(self, t_ns: int, y_m: float) -> float | None:
        if not self._begin_open:
            return None
        if self._begin is None:
            self._begin = (t_ns, y_m)
        if abs(y_m - self._begin[1]) > BEGIN_RANGE_M:
            self._begin_open = False
        elif t_ns - self._begin[0] >= BEGIN_S * NS_PER_S:
            self._begin_open = False
            return self._begin[1]
        return None

    def _rests(self, t_ns: int) -> float | None:
        if t_ns - self._recent[0][0] < REST_S * NS_PER_S or len(self._recent) < 8:
            return None
        inorder = [y for _, y in self._recent]
        heights = sorted(inorder)
        trim = len(heights) // 10  # one mistracked frame in ten does not unsettle a floor
        if heights[-1 - trim] - heights[trim] > REST_RANGE_M:
            return None
        third = len(heights) // 3
        if abs(_middle(inorder[:third]) - _middle(inorder[-third:])) > REST_DRIFT_M:
            return None
        return _middle(heights)

    def _strikes(self, t_ns: int) -> float | None:
        after = [p for p in self._recent if t_ns - p[0] <= STRIKE_WINDOW_S * NS_PER_S]
        before = [
            p
            for p in self._recent
            if STRIKE_WINDOW_S * NS_PER_S < t_ns - p[0] <= 2 * STRIKE_WINDOW_S * NS_PER_S
        ]
        if len(after) < 3 or len(before) < 3:
            return None
        fall, rise = _slope_mps(before), _slope_mps(after)
        if fall > STRIKE_FALL_MPS or rise - fall < STRIKE_CHANGE_MPS:
            return None
        return min(y for _, y in after)


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _slope_mps(points: list[tuple[int, float]]) -> float:
    """Least-squares slope of (t_ns, y_m) points, at least two at different times."""
    t0 = points[0][0]
    times = [(t - t0) / NS_PER_S for t, _ in points]
    mean_t = sum(times) / len(times)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((t - mean_t) ** 2 for t in times)
    if spread <= 0.0:
        return 0.0
    return (
        sum((t - mean_t) * (y - mean_y) for t, (_, y) in zip(times, points, strict=True)) / spread
    )
