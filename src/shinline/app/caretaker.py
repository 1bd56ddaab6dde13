"""The caretaker of the machine, whom others bring along: real time, health, watchdog, slowing down.

The product touches no device. The entry point named ``device`` of the group ``shinline.caretakers``
is a function ``make()`` that returns a :class:`Caretaker`. Without one the loop runs all the same.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final, Literal, Protocol, runtime_checkable

import msgspec

from shinline.app.machine import Health
from shinline.app.stillness import IDLE_HZ
from shinline.types import FrameSource
from shinline.wire.payloads import Stats

_LOG = logging.getLogger(__name__)

GROUP: Final = "shinline.caretakers"
NAME: Final = "device"

Slowed = Literal["", "load", "heat", "power"]
"""Why the camera runs slower than it could; empty: it does not."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the loop had to do since the last look.

    ``busy_p95_ms`` is the time that the loop itself spends on a frame, at its 95th percentile;
    ``lifting``: a repetition is under way. ``idle``: nobody is there, and the source was asked for
    less because of that; it tells nothing of what the machine can do.
    """

    frames: int
    dropped: int
    busy_p95_ms: float
    lifting: bool
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Tended:
    """What a look found. ``news`` is to be told to whoever reads the log, once."""

    health: Health
    slowed: Slowed = ""
    news: tuple[str, ...] = ()


@runtime_checkable
class Slowable(Protocol):
    """A source that can be told to deliver fewer frames, and does so from the next ones on."""

    def slow_to(self, rate_hz: float) -> float:
        """Deliver at most so many frames a second; return how many there will be.

        ``rate_hz`` of the source follows. A rate at or above the first one is the first one again.
        What is left out on purpose is not counted as dropped.
        """
        ...


class Caretaker(Protocol):
    """Looks after the machine while frames are coming in. All calls come from the loop's thread."""

    def begin(self, source: FrameSource) -> tuple[str, ...]:
        """Prepare for a session's first frame; return what was done and what could not be."""
        ...

    def frame(self, t_ns: int) -> None:
        """Take note of a frame whose results have been handed over. Costs next to nothing."""
        ...

    def health(self, load: Load) -> Tended:
        """Look after the machine; every few seconds."""
        ...

    def rest(self) -> None:
        """Leave the thread as it was found: a session is over, and another may follow."""
        ...

    def close(self) -> None:
        """The program ends."""
        ...


def load_caretaker() -> Caretaker | None:
    """Make the caretaker, if there is one. One that cannot be made harms nobody, and is logged."""
    for point in entry_points(group=GROUP, name=NAME):
        try:
            caretaker: Caretaker = point.load()()
        except (ImportError, AttributeError, TypeError, ValueError, OSError) as problem:
            _LOG.warning("caretaker %s cannot be used: %s", point.value, problem)
            return None
        return caretaker
    return None


class Attendance:
    """The caretaker, if there is one, as the loop sees it.

    Parameters
    ----------
    caretaker
        None: nothing is looked after.
    say
        Prints one line.

    """

    def __init__(self, caretaker: Caretaker | None, say: Callable[[str], None]) -> None:
        self._caretaker = caretaker
        self._say = say
        self._said: tuple[str, ...] = ()
        self._source: FrameSource | None = None
        self._introduce: Callable[[FrameSource], None] = lambda _source: None
        self._rate_hz = 0.0
        self._before = (0, 0)
        self._awake_hz: float | None = None  # while the source is idle, its rate before
        self.frame: Callable[[int], None] = _nothing if caretaker is None else caretaker.frame

    def begin(self, source: FrameSource, introduce: Callable[[FrameSource], None]) -> None:
        """Follow a source; ``introduce`` says what is watching, whenever its rate has changed."""
        self._source, self._introduce, self._before = source, introduce, (0, source.dropped)
        self._awake_hz = None
        self._rate_hz = source.rate_hz
        if self._caretaker is None:
            return
        said = self._caretaker.begin(source)
        if said != self._said:  # not again for every pass of a recording
            self._said = said
            for line in said:
                self._say(f"machine  {line}")
        self._follow_rate()

    def tended(self, stats: Stats, frames: int, busy_p95_ms: float, lifting: bool) -> Stats:
        """Look after the machine; return the figures with what was found.

        ``frames`` counts from the first frame of the session.
        """
        if self._caretaker is None:
            return stats
        frames_before, dropped_before = self._before
        self._before = frames, stats.dropped
        load = Load(
            frames - frames_before,
            stats.dropped - dropped_before,
            busy_p95_ms,
            lifting,
            idle=self._awake_hz is not None,
        )
        tended = self._caretaker.health(load)
        for line in tended.news:
            self._say(f"machine  {line}")
        self._follow_rate()
        return msgspec.structs.replace(
            stats,
            temperature_c=tended.health.temperature_c,
            throttled=tended.health.throttled,
            slowed=tended.slowed,
        )

    def doze(self, on: bool) -> None:
        """Slow the source down while nobody is there, if it can be; then as fast as it was.

        Nobody is told: nothing is amiss.
        """
        source = self._source
        if not isinstance(source, Slowable):
            return
        if on and source.rate_hz > IDLE_HZ:
            self._awake_hz = source.rate_hz
            source.slow_to(IDLE_HZ)
        elif not on and self._awake_hz is not None:
            source.slow_to(self._awake_hz)
            self._awake_hz = None

    def rest(self) -> None:
        """The session is over."""
        if self._caretaker is not None:
            self._caretaker.rest()

    def close(self) -> None:
        """The program ends."""
        if self._caretaker is not None:
            self._caretaker.close()

    def _follow_rate(self) -> None:
        source = self._source
        if self._awake_hz is None and source is not None and source.rate_hz != self._rate_hz:
            self._rate_hz = source.rate_hz
            self._introduce(source)


def _nothing(_t_ns: int) -> None:
    """Do nothing: there is no caretaker."""
