"""Events to JSON and back, exactly: every float, every enum, and today's dataclass again.

The kind of an event is kept beside its text, not inside it. The path of a finished rep is an
array and travels on its own (see :mod:`.arrays`).
"""

import dataclasses
import json
from typing import Any, Final

import msgspec
import numpy as np

from shinline.journal.errors import JournalError
from shinline.types import (
    AskEvent,
    CameraEvent,
    CueEvent,
    Event,
    FaultEvent,
    MarkerEvent,
    PhaseEvent,
    PlanEvent,
    RepEvent,
    ScaleEvent,
    SetEvent,
    SetupEvent,
)

KINDS: Final[dict[str, type[Event]]] = {
    "phase": PhaseEvent,
    "rep": RepEvent,
    "cue": CueEvent,
    "set": SetEvent,
    "marker": MarkerEvent,
    "scale": ScaleEvent,
    "fault": FaultEvent,
    "setup": SetupEvent,
    "plan": PlanEvent,
    "ask": AskEvent,
    "camera": CameraEvent,
}
_KIND_OF: Final = {cls: kind for kind, cls in KINDS.items()}


def encode(event: Event) -> tuple[str, str]:
    """Return the event's kind and its JSON text (ASCII, keys in the order of the fields).

    NaN and infinities, which no event should hold, are written as Python's ``json`` writes them:
    a record that cannot be read back is worse than one that strict readers refuse.
    """
    bare = dataclasses.replace(event, path=None) if isinstance(event, RepEvent) else event
    fields = builtins(bare)
    fields.pop("path", None)
    return _KIND_OF[type(event)], json.dumps(fields, separators=(",", ":"))


def decode(kind: str, text: str) -> Event:
    """Return the event that :func:`encode` wrote; a RepEvent comes without its path.

    Raises
    ------
    JournalError
        The kind is unknown or the text does not fit it.

    """
    if kind not in KINDS:
        raise JournalError(f"event of unknown kind {kind!r}; known: {', '.join(KINDS)}")
    try:
        event: Event = msgspec.convert(json.loads(text), type=KINDS[kind])
    except (ValueError, msgspec.ValidationError) as problem:
        raise JournalError(f"event of kind {kind!r} cannot be read: {problem}") from problem
    return event


def builtins(record: object) -> dict[str, Any]:
    """Return a dataclass as nested dictionaries of plain values, NumPy's scalars included."""
    fields: dict[str, Any] = msgspec.to_builtins(record, enc_hook=_plain)
    return fields


def _plain(value: object) -> Any:
    """Return the Python number in a NumPy scalar; everything else is a programmer's mistake."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"an event cannot hold {type(value).__name__}")
