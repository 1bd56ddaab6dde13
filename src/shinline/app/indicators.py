"""What shows at the platform how things stand, and its button: ``shinline.indicators``.

An entry point of that group is a function ``open_indicator(config, ask)`` that returns an
:class:`Indicator`; ``config.indicators.device`` names it. ``ask(verb, fields)`` asks the device as
a phone does, from any thread; what came of it is shown as an :class:`Answer`.

The loop only appends to a short queue here. A thread of ours calls the indicator, so that one that
is slow delays nobody, and one that fails is switched off while everything else goes on. The same
thread notices when no frames come any more: a light that stays green then would be a lie.
"""

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import entry_points
from typing import Any, Final, Protocol

from rich.console import Console
from rich.text import Text

from shinline.app.mounting.desk import Line
from shinline.config import Config, ConfigError
from shinline.types import Event
from shinline.wire.inbox import BUSY, MOST_WAITING
from shinline.wire.mount import Mount
from shinline.wire.requests import Request, Shown, parse

_LOG = logging.getLogger(__name__)

GROUP: Final = "shinline.indicators"

LOOK_S: Final = 1.0
"""So often it is looked whether frames have come; two looks in a row without one are a stall."""

MOST_QUEUED: Final = 256
"""Of a second or two of the busiest set. Beyond it the oldest are dropped, and counted."""

NO_FRAMES: Final = "nothing is measured at the moment; expected a camera that runs"

LEAVE_S: Final = 1.0
"""An indicator that hangs is left behind after this."""


class Loop(Enum):
    """How the loop itself is doing."""

    STARTING = "starting"
    RUNNING = "running"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request of the indicator's own; ``error`` is empty where it was done."""

    verb: str
    error: str = ""


News = Event | Loop | Answer
"""What an indicator is shown. More kinds may come: what it does not know it passes over."""

Ask = Callable[[str, Mapping[str, Any]], None]


class Indicator(Protocol):
    """A light, a buzzer, a button; or something else that shows how things stand."""

    def show(self, news: News) -> None:
        """Take in what happened; on a thread of its own, one at a time."""
        ...

    def close(self) -> None:
        """Switch everything off. Nothing is shown afterwards."""
        ...


Factory = Callable[[Config, Ask], Indicator]


class Indicators:
    """The indicator of a run over all its sessions, or the lack of one.

    Parameters
    ----------
    make
        Opens the indicator; None where there is none, and everything here costs nothing.
    config
        Passed on to it.
    warn
        Is told, once, why it cannot be used.

    """

    def __init__(self, make: Factory | None, config: Config, warn: Callable[[str], None]) -> None:
        self.dropped = 0
        """News that an indicator was too slow for."""

        self._warn = warn
        self._frames = 0
        self._state = Loop.STARTING
        self._queue: deque[News] = deque()
        self._news = threading.Event()
        self._closing = False
        self._asked: deque[Request] = deque()
        self._indicator = None if make is None else self._open(make, config)
        self._thread: threading.Thread | None = None
        if self._indicator is not None:
            self._put(Loop.STARTING)
            self._thread = threading.Thread(
                target=self._work, name="shinline-indicator", daemon=True
            )
            self._thread.start()

    # --- what the loop calls ------------------------------------------------------------------

    def frame(self) -> None:
        """Count a frame: the loop is alive."""
        self._frames += 1

    def show(self, events: Iterable[Event]) -> None:
        """Have events shown. Returns at once."""
        if self._indicator is not None:
            for event in events:
                self._put(event)

    def line(self, line: Line) -> Line:
        """Return a line that brings the indicator's own requests besides those of ``line``."""
        return line if self._indicator is None else _Joined(line, self)

    def close(self) -> None:
        """Switch the indicator off; one that hangs is not waited for long."""
        if self._thread is None:
            return
        self._closing = True
        self._news.set()
        self._thread.join(LEAVE_S)
        if self._thread.is_alive():
            _LOG.warning("the indicator hangs, and is left behind")

    # --- what an indicator asks for -----------------------------------------------------------

    def ask(self, verb: str, fields: Mapping[str, Any]) -> None:
        """Ask for something as a phone does; from any thread.

        Raises
        ------
        ValueError
            It is not among the requests, or not as they are written.

        """
        request = parse(verb, json.dumps(fields).encode())
        if isinstance(request.body, Shown):
            raise ValueError("an indicator shows no cue on a screen; expected another request")
        if self._state is not Loop.RUNNING:
            self.answered(request, NO_FRAMES)  # not kept: a minute later it would surprise
        elif len(self._asked) >= MOST_WAITING:
            self.answered(request, BUSY)
        else:
            self._asked.append(request)

    def take(self) -> Request | None:
        """Return the indicator's request that has waited longest; None when there is none."""
        return self._asked.popleft() if self._asked else None

    def answered(self, request: Request, error: str) -> None:
        """Have shown what came of a request."""
        self._put(Answer(request.verb, error))

    # --- our thread ---------------------------------------------------------------------------

    def _put(self, news: News) -> None:
        if len(self._queue) >= MOST_QUEUED:
            with suppress(IndexError):  # our thread has just taken it
                self._queue.popleft()
                self.dropped += 1
        self._queue.append(news)
        self._news.set()

    def _open(self, make: Factory, config: Config) -> Indicator | None:
        try:
            return make(config, self.ask)
        except Exception as problem:  # noqa: BLE001  (a stranger's package may raise anything)
            self._give_up("cannot be opened", problem)
            return None

    def _give_up(self, what: str, problem: Exception) -> None:
        _LOG.debug("the indicator %s", what, exc_info=problem)
        self._warn(f"light, buzzer and button are off: the indicator {what}: {problem}")

    def _work(self) -> None:
        indicator = self._indicator
        assert indicator is not None  # noqa: S101  (the thread is only started with one)
        try:
            self._show_all(indicator)
        except Exception as problem:  # noqa: BLE001  (as above)
            self._indicator = None
            self._give_up("failed", problem)
        try:
            indicator.close()
        except Exception as problem:  # noqa: BLE001  (as above)
            _LOG.warning("the indicator cannot be closed", exc_info=problem)

    def _show_all(self, indicator: Indicator) -> None:
        counted, empty = self._frames, 0
        while not self._closing:
            quiet = not self._news.wait(LOOK_S)
            self._news.clear()
            before = self._state
            if self._frames != counted:
                counted, empty, self._state = self._frames, 0, Loop.RUNNING
            else:
                empty += quiet
                if empty >= 2 and before is Loop.RUNNING:
                    self._state = Loop.STALLED
            if self._state is not before:
                indicator.show(self._state)
            while self._queue and not self._closing:
                indicator.show(self._queue.popleft())


class _Joined:
    """The line to the phones, and the indicator's own requests before theirs.

    Answers to those go to the phones as well: they show what was asked for at the platform.
    """

    def __init__(self, line: Line, own: Indicators) -> None:
        self._line = line
        self._own = own
        self._taken: Request | None = None

    def take_request(self) -> Request | None:
        self._taken = self._own.take()
        return self._taken or self._line.take_request()

    def answer(self, request: Request, data: dict[str, Any]) -> None:
        self._line.answer(request, data)
        self._follow(request, "")

    def refuse(self, request: Request, error: str) -> None:
        self._line.refuse(request, error)
        self._follow(request, error)

    def publish_mount(self, mount: Mount, t_ns: int) -> None:
        self._line.publish_mount(mount, t_ns)

    def publish_preview(self, jpeg: bytes) -> None:
        self._line.publish_preview(jpeg)

    def _follow(self, request: Request, error: str) -> None:
        if request is self._taken:
            self._own.answered(request, error)


def open_indicators(config: Config, console: Console) -> Indicators:
    """Open what ``config.indicators`` names. One that fails costs a warning, not the session.

    Raises
    ------
    ConfigError
        No installed package brings an indicator of that name.

    """
    return Indicators(
        _factory(config), config, lambda words: console.print(Text(words, style="yellow"))
    )


def _factory(config: Config) -> Factory | None:
    name = config.indicators.device
    if not name:
        return None
    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in points:
        known = ", ".join(sorted(points)) or "none is installed"
        raise ConfigError(f"indicators.device: nothing is named {name!r}; there are: {known}")

    def make(config: Config, ask: Ask) -> Indicator:
        factory: Factory = points[name].load()
        return factory(config, ask)

    return make
