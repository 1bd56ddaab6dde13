"""The caretaker of the device: real time, health, watchdog and governor, behind one door.

Off a Raspberry Pi it does what the machine allows, and says what it could not.
"""

import time
from collections.abc import Callable
from typing import Final

from shinline.app.caretaker import Load, Slowable, Tended
from shinline.app.machine import FLAGS, Health
from shinline.types import FrameSource
from shinline_pi.governor import Governor
from shinline_pi.health import Nurse
from shinline_pi.notify import Notifier
from shinline_pi.realtime import RealTime, lay_compiler_aside

PATIENCE_S: Final = 60.0
"""So long a lift may put off the search for garbage."""

TIDY_S: Final = 300.0
"""So often the compiler is laid aside: whoever asks for something new may have called it back."""

_WHY: Final = {
    "load": "this machine cannot keep up",
    "heat": "the processor is too hot",
    "power": "the power supply is too weak",
}


class DeviceCaretaker:
    """A :class:`~shinline.app.caretaker.Caretaker`.

    Parameters
    ----------
    nurse, realtime, notifier
        What it works with.
    clock
        Seconds that never go back.

    """

    def __init__(
        self,
        nurse: Nurse,
        realtime: RealTime,
        notifier: Notifier,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._nurse = nurse
        self._realtime = realtime
        self._notifier = notifier
        self._clock = clock
        self._governor: Governor | None = None
        self._source: FrameSource | None = None
        self._bits = 0
        self._collected_s = clock()
        self._tidy_s = clock()
        self.frame: Callable[[int], None] = notifier.frame

    def begin(self, source: FrameSource) -> tuple[str, ...]:
        """Prepare for a session's first frame; return what was done and what could not be."""
        before, self._source = self._source, source
        if self._governor is None or before is None or before.name != source.name:
            self._governor = Governor(source.rate_hz) if isinstance(source, Slowable) else None
        elif self._governor.slowed:
            self._slow(self._governor.wanted_hz)
        return self._realtime.begin()

    def health(self, load: Load) -> Tended:
        """Look after the machine; every few seconds."""
        health, now_s = self._nurse.health, self._clock()
        self._realtime.part()
        overdue = now_s - self._collected_s > PATIENCE_S
        self._realtime.collect(overdue or not load.lifting)
        if overdue or not load.lifting:
            self._collected_s = now_s
        if not load.lifting and now_s >= self._tidy_s:
            self._tidy_s = now_s + TIDY_S
            lay_compiler_aside()
        news = [*self._complaints(health), *self._govern(load, health, now_s)]
        slowed = "" if self._governor is None else self._governor.slowed
        self._notifier.status(self._summary(load, health))
        return Tended(health, slowed, tuple(news))

    def rest(self) -> None:
        """Leave the thread as it was found: a session is over, and another may follow."""
        self._realtime.rest()

    def close(self) -> None:
        """The program ends."""
        self._notifier.close()
        self._nurse.close()
        self._realtime.close()

    def _govern(self, load: Load, health: Health, now_s: float) -> list[str]:
        """Ask the source for what the machine can do; say what has changed."""
        governor, source = self._governor, self._source
        if governor is None or source is None or load.idle:
            return []
        wanted_hz, before_hz = governor.judge(load, health, now_s), source.rate_hz
        self._slow(wanted_hz)
        if source.rate_hz == before_hz:
            return []
        if source.rate_hz > before_hz:
            return [f"back to {source.rate_hz:g} frames a second"]
        return [f"slowed to {source.rate_hz:g} frames a second: {_WHY[governor.slowed or 'load']}"]

    def _slow(self, wanted_hz: float) -> None:
        if self._governor is not None and isinstance(self._source, Slowable):
            self._governor.settle(self._source.slow_to(wanted_hz))

    def _complaints(self, health: Health) -> list[str]:
        """Return what the firmware complains of and did not complain of before."""
        bits = health.throttled_bits or 0
        fresh, self._bits = bits & ~self._bits, bits
        return [flag.words for bit, flag in FLAGS.items() if flag.now and fresh >> bit & 1]

    def _summary(self, load: Load, health: Health) -> str:
        source = self._source
        parts = ["" if source is None else f"{source.name} at {source.rate_hz:g} Hz"]
        parts.append(f"{load.dropped} of {load.frames + load.dropped} frames dropped")
        if health.temperature_c is not None:
            parts.append(f"{health.temperature_c:.0f} °C")
        parts += [flag.words for flag in health.flags if flag.now]
        return ", ".join(parts)


def make() -> DeviceCaretaker:
    """Make the caretaker of this machine. This is the entry point."""
    return DeviceCaretaker(Nurse(), RealTime(), Notifier())
