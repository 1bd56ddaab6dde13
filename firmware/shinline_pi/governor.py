"""How many frames a second the machine is asked for: fewer when it cannot keep up, is hot or weak.

Down quickly, up slowly: two looks in a row decide for less, a calm minute is needed for more, and
each rise that had to be taken back makes the next one wait twice as long. Nothing changes upward
while a repetition is under way.
"""

from typing import Final

from shinline.app.caretaker import Load, Slowed
from shinline.app.machine import Health

RUNGS: Final = (1.0, 0.75, 0.5, 0.375, 0.25)
"""Shares of the camera's own rate."""

LEAST_HZ: Final = 30.0
"""Below that a fast pull has too few pictures to be judged by."""

HEAT_LEAST: Final = 0.5
"""Heat and a weak supply alone take no more than half: if that does not help, load will tell."""

DROPPED_MOST: Final = 0.02
BUSY_MOST: Final = 0.9
"""Of the period that the loop may spend on a frame, at the 95th percentile."""

BUSY_AFTER_RISE: Final = 0.6
LOOKS: Final = 2
FEWEST_FRAMES: Final = 10
"""Fewer tell nothing: the first frame of a session is searched through without any help."""

_SAME_HZ: Final = 0.5
COOL_EVERY_S: Final = 15.0
CALM_S: Final = 60.0
CALM_MOST_S: Final = 960.0
REGRET_S: Final = 30.0
"""A rise that is taken back within that time came too early."""


class Governor:
    """Decides; the caretaker acts. Knows no device and no clock: time is an argument.

    Attributes
    ----------
    slowed
        Why there is less than the camera could do; empty: there is not.

    """

    def __init__(self, full_hz: float) -> None:
        self._full_hz = full_hz
        self._rungs = [s * full_hz for s in RUNGS if s == 1.0 or s * full_hz >= LEAST_HZ - 1e-9]
        self._got = dict(enumerate(self._rungs))
        self._rung = 0
        self._strained = self._ailing = 0
        self._calm_since_s: float | None = None
        self._calm_s = CALM_S
        self._rose_s = self._cooled_s = float("-inf")
        self.slowed: Slowed = ""

    @property
    def wanted_hz(self) -> float:
        """How many frames a second there are to be."""
        return self._rungs[self._rung]

    @property
    def at_bottom(self) -> bool:
        """Whether less would be too little."""
        return self._rung == len(self._rungs) - 1

    def judge(self, load: Load, health: Health, now_s: float) -> float:
        """Take a look in; return how many frames a second there are to be from now on."""
        strained, cause = self._is_strained(load), health.cause
        self._strained = self._strained + 1 if strained else 0
        self._ailing = self._ailing + 1 if cause else 0
        if strained or cause:
            self._calm_since_s = None
        if self._strained >= LOOKS:
            self._lower(cause or "load", now_s)
        elif cause and self._ailing >= LOOKS and now_s - self._cooled_s >= COOL_EVERY_S:
            self._cooled_s = now_s
            if self._next_down() >= HEAT_LEAST * self._full_hz:
                self._lower(cause, now_s)
        elif not (strained or cause):
            self._recover(load, now_s)
        return self.wanted_hz

    def settle(self, got_hz: float) -> None:
        """Take in what the camera made of it: rungs that it does not have are passed over."""
        self._got[self._rung] = got_hz
        while not self.at_bottom and self._rungs[self._rung + 1] >= got_hz - _SAME_HZ:
            self._rung += 1
            self._got[self._rung] = got_hz

    def _is_strained(self, load: Load) -> bool:
        all_frames = load.frames + load.dropped
        if all_frames < FEWEST_FRAMES:
            return False
        busy = load.busy_p95_ms / 1e3 * self.wanted_hz
        return load.dropped / all_frames > DROPPED_MOST or busy > BUSY_MOST

    def _next_down(self) -> float:
        return self._rungs[min(self._rung + 1, len(self._rungs) - 1)]

    def _next_up(self) -> int:
        """Return the next rung that the camera really has."""
        higher = [r for r in range(self._rung) if self._got[r] > self._got[self._rung] + _SAME_HZ]
        return max(higher, default=0)

    def _lower(self, reason: Slowed, now_s: float) -> None:
        self._strained = self._ailing = 0
        if now_s - self._rose_s < REGRET_S:
            self._calm_s = min(2.0 * self._calm_s, CALM_MOST_S)
        if not self.at_bottom:
            self._rung += 1
            self.slowed = reason

    def _recover(self, load: Load, now_s: float) -> None:
        if self._rung == 0:
            return
        rung = self._next_up()
        if load.busy_p95_ms / 1e3 * self._rungs[rung] > BUSY_AFTER_RISE:
            self._calm_since_s = None
            return
        if self._calm_since_s is None:
            self._calm_since_s = now_s
        if load.lifting or now_s - self._calm_since_s < self._calm_s:
            return
        self._rung = rung
        self._rose_s = self._calm_since_s = now_s
        if self._rung == 0:
            self.slowed = ""
