"""Evidence that the bar came from the floor, without which nothing is called a deadlift.

A bench press or a squat moves a bar as far and as fast as a deadlift does. What they do not have
is a support under the bar at the *bottom* of the movement. Three things show a support:

* the bar rests there as only a supported bar does: height within 2.5 mm over half a second and no
  steady sinking (a held bar sinks or trembles more than that);
* the bar strikes it: its fall ends within a tenth of a second;
* the recording begins with the bar lying still there.

A level is withdrawn when the bar later goes well below it: that was a rack or a pair of arms.
"""

from typing import Final

import numpy as np

from shinline.coach import floor_kernels as k
from shinline.coach.floor_kernels import SAME_FLOOR_M

SUPPORT_M: Final = SAME_FLOOR_M + 0.01
"""A little more than what makes another floor, so that no height is between the two."""

ABOVE_M: Final = 0.03
"""A bar found so far above a floor, and not at rest since, was on its way."""

MOST_SAMPLES: Final = 512
"""In ``KEEP_S``; a camera has a tenth of them."""

MOST_LEVELS: Final = 16


class Floor:
    """Collect floor levels from the measured height of the bar."""

    def __init__(self) -> None:
        self._times = np.zeros(MOST_SAMPLES, np.int64)
        self._heights, self._ordered = np.zeros(MOST_SAMPLES), np.zeros(MOST_SAMPLES)
        self._levels = np.zeros(MOST_LEVELS + 1)
        self._counts = np.zeros(5, np.int64)
        self._counts[k.OPEN] = 1

    @property
    def levels_m(self) -> list[float]:
        """The heights of the floors that are known."""
        levels: list[float] = self._levels[: self._counts[k.LEVELS]].tolist()
        return levels

    def forget(self) -> None:
        """The bar was lost: what is seen next may be another place. Levels stay."""
        self._counts[k.KEPT] = self._counts[k.OPEN] = 0

    def update(self, t_ns: int, y_m: float) -> bool:
        """Take in one measured height; True when a floor level was added."""
        added = k.observe(
            t_ns, y_m, self._times, self._heights, self._ordered, self._levels, self._counts
        )
        return bool(added)

    def supports(self, level_m: float) -> bool:
        """Tell whether a floor is known within ``SUPPORT_M`` of a level."""
        return any(abs(level - level_m) <= SUPPORT_M for level in self.levels_m)

    def is_below(self, level_m: float) -> bool:
        """Tell whether a floor is known clearly below a level."""
        return any(level_m - level > ABOVE_M for level in self.levels_m)
