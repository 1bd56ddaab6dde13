"""When in a lift that goes on something can be decided, from the live height of the bar."""

from typing import Final

from shinline.coach.faults.card import When
from shinline.coach.hips import WINDOW_M, WINDOW_SHARE
from shinline.coach.numbers import KNEE_SHARE
from shinline.coach.segment import REST_SPEED_MPS
from shinline.types import NS_PER_S

OFF_S: Final = 0.17
"""Since it was last slow: lift-off is up to a picture later, and the jerk's window is 0.15 s."""

SURE_M: Final = 0.002
"""So much higher than needed, because the live height is not quite the smoothed one."""

BEYOND_KNEE_M: Final = 0.05
TOP_SHARE: Final = 0.90
MODEL_SHARE: Final = 0.75
"""The same of a range of motion that is only told by the lifter's stature."""

DOWN_MPS: Final = -0.05
DOWN_M: Final = 0.015


class Moments:
    """Follow one lift; ``update`` returns which moments have come with a frame, mostly none."""

    def __init__(self) -> None:
        self._next = len(When)
        self._bottom_m = self._rom_m = self._top_m = 0.0
        self._top_share = TOP_SHARE
        self._off_ns = 0
        self._slow_ns = 0

    def rest(self, t_ns: int, vy_mps: float) -> None:
        """Take in a frame in which no lift goes on."""
        if vy_mps < REST_SPEED_MPS:
            self._slow_ns = t_ns

    def begin(self, bottom_m: float, rom_m: float, own: bool) -> None:
        """Begin to follow a lift; ``own``: the range of motion expected is the lifter's own."""
        self._top_share = TOP_SHARE if own else MODEL_SHARE
        self._next = When.LIFT
        self._bottom_m, self._rom_m, self._top_m = bottom_m, rom_m, bottom_m
        self._off_ns = self._slow_ns + round(OFF_S * NS_PER_S)

    def end(self) -> None:
        """The lift is over, or was none."""
        self._next = len(When)

    def update(self, t_ns: int, y_m: float, vy_mps: float) -> list[When]:
        """Take in a frame of the lift."""
        if self._next >= When.FLOOR:
            return []
        self._top_m = max(self._top_m, y_m)
        come: list[When] = []
        while self._next < When.FLOOR and self._has_come(When(self._next), t_ns, y_m, vy_mps):
            come.append(When(self._next))
            self._next += 1
        return come

    def _has_come(self, when: When, t_ns: int, y_m: float, vy_mps: float) -> bool:
        rise = y_m - self._bottom_m
        down = vy_mps < DOWN_MPS and y_m < self._top_m - DOWN_M and rise > KNEE_SHARE * self._rom_m
        if when is When.LIFT:
            return True
        if when is When.OFF:
            return t_ns >= self._off_ns
        if when is When.EARLY:
            return rise >= min(WINDOW_M, WINDOW_SHARE * self._rom_m) + SURE_M
        if when is When.KNEE:
            return rise >= KNEE_SHARE * self._rom_m + SURE_M
        if when is When.PAST_KNEE:
            return rise >= KNEE_SHARE * self._rom_m + BEYOND_KNEE_M + SURE_M
        if when is When.TOP:
            stands = vy_mps < REST_SPEED_MPS and rise >= self._top_share * self._rom_m
            return stands or down
        return down
