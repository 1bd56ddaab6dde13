"""What the light shows and the buzzer sounds, as tables, and when. No device, no clock.

Each signal of the light has a rhythm of its own besides its colour: who cannot tell red from green
counts. None flashes more than three times in any second (WCAG 2.3.1). The buzzer is silent until it
matters, as the page is: what is only to be watched has no sound.
"""

from dataclasses import dataclass
from typing import Final

from shinline.app.indicators import Answer, Loop, News
from shinline.types import (
    CameraEvent,
    CueEvent,
    MarkerEvent,
    Phase,
    PhaseEvent,
    Role,
    SetupEvent,
    Severity,
)
from shinline_pi.colours import Colour

FOREVER_S: Final = 3600.0

Steps = tuple[tuple[bool, float], ...]
"""On or off, and for how many seconds; one after the other."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A rhythm with a meaning; ``colour`` counts for the light only."""

    name: str
    meaning: str
    steps: Steps
    colour: Colour = Colour.OFF


def _flashes(count: int, pause_s: float) -> Steps:
    """Return a number of short flashes to count, and the pause after them."""
    return (*(((True, 0.15), (False, 0.25)) * (count - 1)), (True, 0.15), (False, pause_s))


# What the light shows until something changes: repeated.
STARTING: Final = Signal("starting", "no picture yet", ((True, 0.5), (False, 0.5)), Colour.YELLOW)
STALLED: Final = Signal(
    "stalled",
    "no pictures come",
    ((True, 0.6), (False, 0.2), (True, 0.15), (False, 0.85)),
    Colour.RED,
)
MOVED: Final = Signal(
    "camera moved", "numbers are in doubt; look at the page", _flashes(3, 1.0), Colour.YELLOW
)
LOOKING: Final = Signal("looking", "the bar is not seen", _flashes(1, 1.85), Colour.YELLOW)
FIX: Final = Signal(
    "set-up", "something of the set-up is not right", _flashes(2, 1.0), Colour.YELLOW
)
READY: Final = Signal("ready", "set up, or lifting", ((True, FOREVER_S),), Colour.GREEN)
WATCHING: Final = Signal("watching", "the bar is seen", ((True, 2.8), (False, 0.2)), Colour.GREEN)

STANDING: Final = (STARTING, STALLED, MOVED, LOOKING, FIX, READY, WATCHING)

# What a cue puts before it: once.
CUES: Final = {
    Severity.GOOD: Signal(
        "good", "a good repetition", ((True, 0.25), (False, 0.25)) * 2, Colour.GREEN
    ),
    Severity.WARN: Signal(
        "watch", "something to watch", ((True, 0.7), (False, 0.3)) * 2, Colour.YELLOW
    ),
    Severity.FAULT: Signal("fault", "a fault", ((True, 0.35), (False, 0.15)) * 4, Colour.RED),
    Severity.STOP: Signal("stop", "the set is done", ((True, 0.2), (False, 0.2)) * 8, Colour.RED),
}

SOUNDS: Final = {
    Severity.GOOD: Signal("good", "two short", ((True, 0.06), (False, 0.1), (True, 0.06))),
    Severity.FAULT: Signal("fault", "two long", ((True, 0.25), (False, 0.08), (True, 0.25))),
    Severity.STOP: Signal("stop", "eight quick", ((True, 0.1), (False, 0.06)) * 8),
}

DONE: Final = Signal("done", "one short", ((True, 0.04),))
SET_ON: Final = Signal("set begun", "short, long", ((True, 0.05), (False, 0.08), (True, 0.3)))
SET_OFF: Final = Signal("set ended", "long, short", ((True, 0.3), (False, 0.08), (True, 0.05)))
REFUSED: Final = Signal("refused", "three very short", ((True, 0.03), (False, 0.06)) * 3)

ANSWERS: Final = {"start_set": SET_ON, "end_set": SET_OFF}

_LIFTED: Final = frozenset({Phase.PULL, Phase.LOCKOUT, Phase.LOWERING})


class Standing:
    """Follows what happens, and tells what the light shows while there is no cue."""

    def __init__(self) -> None:
        self._loop = Loop.STARTING
        self._moved = False
        self._seen = False
        self._lifted = False
        self._ready: bool | None = None

    def take(self, news: News) -> None:
        """Take in what happened; what does not matter here is passed over."""
        if isinstance(news, Loop):
            self._loop = news
        elif isinstance(news, MarkerEvent) and news.role is Role.BAR:
            self._seen = news.seen
        elif isinstance(news, PhaseEvent):
            self._lifted = news.phase in _LIFTED
        elif isinstance(news, SetupEvent):
            self._ready = news.ready
        elif isinstance(news, CameraEvent):
            self._moved = bool(news.changed)

    @property
    def signal(self) -> Signal:
        """What the light shows: the worst first."""
        if self._loop is not Loop.RUNNING:
            return STARTING if self._loop is Loop.STARTING else STALLED
        if self._moved:
            return MOVED
        if not self._seen:
            return LOOKING
        if self._lifted or self._ready:
            return READY
        return WATCHING if self._ready is None else FIX


def light_of(news: News) -> Signal | None:
    """Return what the light shows once, before what it shows else."""
    return CUES.get(news.severity) if isinstance(news, CueEvent) else None


def sound_of(news: News) -> tuple[Signal, bool] | None:
    """Return what sounds, and whether it matters enough to break another sound off."""
    if isinstance(news, CueEvent) and news.severity in SOUNDS:
        return SOUNDS[news.severity], True
    if isinstance(news, Answer):
        return (REFUSED if news.error else ANSWERS.get(news.verb, DONE)), False
    return None


def light_table() -> str:
    """Return what the light shows, for docs/indicators.md."""
    rows = [
        f"| {signal.name} | {signal.meaning} | {signal.colour.value} | {_rhythm(signal)} |"
        for signal in (*STANDING, *CUES.values())
    ]
    return "\n".join(["| signal | meaning | colour | rhythm |", "|---|---|---|---|", *rows])


def sound_table() -> str:
    """Return what the buzzer sounds, for docs/indicators.md."""
    heard = (*SOUNDS.values(), DONE, SET_ON, SET_OFF, REFUSED)
    rows = [f"| {signal.name} | {signal.meaning} | {_rhythm(signal)} |" for signal in heard]
    return "\n".join(["| sound | how it sounds | seconds |", "|---|---|---|", *rows])


def _rhythm(signal: Signal) -> str:
    if len(signal.steps) == 1 and signal.steps[0][1] == FOREVER_S:
        return "steady"
    return " ".join(f"**{s:g}**" if is_on else f"{s:g}" for is_on, s in signal.steps)


if __name__ == "__main__":
    print(f"{light_table()}\n\n{sound_table()}")
