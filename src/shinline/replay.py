"""Replay: the recorded detections through the same engine give the same events, exactly."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol

import numpy as np

from shinline.config import Config
from shinline.engine import Engine
from shinline.journal import codec
from shinline.journal.reader import Catalogue, Recorded
from shinline.types import AskEvent, BarPrior, Event, RepEvent, Rows


class Replayable(Protocol):
    """The part of the engine that needs no pictures."""

    def advance(self, head: np.void, detections: Rows) -> list[Event]:
        """Take one frame's detections and return what they caused."""
        ...

    def ask(self, verb: str, values: dict[str, str | int | float | bool | None]) -> list[Event]:
        """Do what somebody asks for; return that they asked, and what it caused."""
        ...

    def finish(self) -> list[Event]:
        """Return what was still open."""
        ...


EngineFactory = Callable[[Config, str, BarPrior | None], Replayable]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """How a replay compares with what was recorded.

    ``first_difference`` says in one line where they part. A session with lost or damaged frames
    is never ``identical``; ``problems`` names them.
    """

    identical: bool
    frames: int
    events: int
    first_difference: str | None
    problems: tuple[str, ...]
    recorded_by: str


def replay(
    catalogue: Catalogue, session_id: str, *, engine_factory: EngineFactory = Engine
) -> Iterator[Event]:
    """Yield the events which today's engine makes of a recorded session.

    A session that was cut off ends with its last frame: nothing was finished then.

    Raises
    ------
    JournalError
        The session is unknown or cannot be read, or its configuration is none of this version.

    """
    return _replay(catalogue, session_id, catalogue.recorded(session_id), engine_factory)


def check(
    catalogue: Catalogue, session_id: str, *, engine_factory: EngineFactory = Engine
) -> ReplayReport:
    """Replay a session and compare: every number of every event, every byte of every path.

    Raises as :func:`replay` does.
    """
    recorded = catalogue.recorded(session_id)
    replayed = _replay(catalogue, session_id, recorded, engine_factory)
    count = 0
    first: str | None = None
    for n, (kept, made) in enumerate(zip_longest(catalogue.events(session_id), replayed)):
        count += made is not None
        first = first or _difference(n, kept, made)
    if recorded.problems and first is None:
        first = f"the record has holes: {recorded.problems[0]}"
    return ReplayReport(
        identical=first is None,
        frames=recorded.frames,
        events=count,
        first_difference=first,
        problems=tuple(recorded.problems),
        recorded_by=catalogue.record(session_id).version,
    )


def _replay(
    catalogue: Catalogue, session_id: str, recorded: Recorded, engine_factory: EngineFactory
) -> Iterator[Event]:
    record = catalogue.record(session_id)
    engine = engine_factory(record.config, record.id, record.prior)
    asks = deque(catalogue.asks(session_id))
    for head, detections in recorded:
        yield from _ask(engine, asks, int(head["seq"]) - 1)  # of frames that were lost, or none
        yield from engine.advance(head, detections)
        yield from _ask(engine, asks, int(head["seq"]))
    yield from _ask(engine, asks, None)
    if catalogue.session(session_id)["end_reason"] is not None:
        yield from engine.finish()


def _ask(engine: Replayable, asks: deque[AskEvent], seq: int | None) -> Iterator[Event]:
    """Ask again what was asked after the frame ``seq`` or before; all that is left for None.

    What this engine refuses is missing from what it says, and is found by that.
    """
    while asks and (seq is None or asks[0].after_seq <= seq):
        asked = asks.popleft()
        try:
            yield from engine.ask(asked.verb, dict(asked.values))
        except ValueError:
            continue


def _difference(n: int, kept: Event | None, made: Event | None) -> str | None:
    if kept is None or made is None:
        which, event = ("only replayed", made) if kept is None else ("only recorded", kept)
        return f"event {n} is {which}: {_shown(event)}"
    # What was recorded has been through text, where 3 and 3.0 of a float field are the same.
    made_text = codec.encode(codec.decode(*codec.encode(made)))
    if made_text != codec.encode(kept):
        return f"event {n}: recorded {_shown(kept)}, replayed {_shown(made)}"
    if _path_bytes(kept) != _path_bytes(made):
        return f"event {n}: the path of repetition {getattr(made, 'id', '?')} differs"
    return None


def _path_bytes(event: Event) -> bytes | None:
    if isinstance(event, RepEvent) and event.path is not None:
        return event.path.tobytes()
    return None


def _shown(event: Event | None) -> str:
    kind, text = codec.encode(event) if event is not None else ("nothing", "")
    return f"{kind} {text}"
