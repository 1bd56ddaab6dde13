"""Nobody is there: the camera is asked for fewer pictures until something moves again.

Idle is a camera before which nothing has moved for ten seconds, no bar and nothing else in its
picture, while no phone asks for anything. The engine goes on with the pictures that there are, so
that a session's record and its replay are what they always are: pictures that were not taken.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from shinline.types import NS_PER_S, BoolArray, Frame, IntArray, U8Image

AFTER_NS: Final = 10 * NS_PER_S
"""So long nothing moves before the camera is slowed down."""

IDLE_HZ: Final = 30.0
"""Below that a fast pull has too few pictures to be judged by: no pull is lost, even if it comes
out of nothing."""

LOOK_NS: Final = NS_PER_S // 10
"""How often the picture is looked at: an idle camera is awake a tenth of a second after it saw
somebody, long before a bar is gripped. That a bar moves is seen in every frame."""

ACROSS: Final = 90
"""Places in a row of the picture at which four pixels are looked at."""

CHANGED: Final = 12.0
"""Grey levels by which a place has changed, at least ..."""

NOISES: Final = 9.0
"""... and so many times the median change, which is noise, or light that flickers."""

SHARE: Final = 0.002
"""Of all places, that have to change: a hand, two metres away."""


class Idling:
    """Follows the pictures; calls ``doze`` with True when nobody is there, with False after it."""

    def __init__(self, doze: Callable[[bool], None]) -> None:
        self._doze = doze
        self._before: IntArray | None = None
        self._since_ns = self._next_ns = 0
        self.idle = False

    def frame(self, frame: Frame, awake: bool) -> None:
        """Take in a borrowed picture. ``awake``: something goes on, whatever can be seen in it."""
        t_ns = frame.t_ns
        if awake or t_ns < self._since_ns:  # or the clock was set back
            self._before, self._since_ns, self._next_ns = None, t_ns, t_ns + LOOK_NS
            self._turn(idle=False)
        elif t_ns >= self._next_ns:
            self._look(frame.luma, t_ns)

    def _look(self, luma: U8Image, t_ns: int) -> None:
        now = _places(luma)
        if self._before is None or _moved(self._before, now):
            self._before, self._since_ns = now, t_ns
            self._turn(idle=False)
        elif t_ns - self._since_ns >= AFTER_NS:
            self._turn(idle=True)
        self._next_ns = t_ns + LOOK_NS

    def _turn(self, *, idle: bool) -> None:
        if idle != self.idle:
            self.idle = idle
            self._doze(idle)


def _places(luma: U8Image) -> IntArray:
    """Return sums of four pixels each, in a grid over the picture; it takes some microseconds."""
    step = max(4, luma.shape[1] // ACROSS)
    height, width = (side // step * step for side in luma.shape)
    rows = luma[step // 2 : height : step, :width]
    total: IntArray = rows[:, ::step].astype(np.int16)
    for first in range(1, 4):
        total += rows[:, first * step // 4 :: step]
    return total


def _moved(before: IntArray, now: IntArray) -> bool:
    """Tell whether more has changed than light and noise do everywhere."""
    if before.shape != now.shape:
        return True
    change = (now - before).ravel()
    change = np.abs(change - np.partition(change, change.size // 2)[change.size // 2])
    usual = float(np.partition(change, change.size // 2)[change.size // 2])
    changed: BoolArray = change > max(4.0 * CHANGED, NOISES * usual)
    return bool(np.count_nonzero(changed) > SHARE * change.size)
