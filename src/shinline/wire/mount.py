"""What the ``mount`` topic says: how the camera stands, what is seen, and what to do about it.

All ``*_px`` are in the camera's own picture, of ``width_px`` x ``height_px``; pixel (0, 0) is the
centre of its top-left pixel.
"""

from typing import Any, Literal

import msgspec

Grade = Literal["good", "fair", "bad", "unknown"]
Verdict = Literal["ready", "usable", "not_ready"]
StepState = Literal["todo", "active", "done", "failed", "skipped"]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all parts."""


class Said(_Part, frozen=True):
    """A sentence by its key in the tables of words, and what is put into it.

    A page says it in its reader's language; the text beside it is in the device's. A number is
    written with a point; several keys stand for their words, one after another. Without a key
    the text is ``name``, as it was composed elsewhere.
    """

    key: str
    values: dict[str, str | tuple[str, ...]] = {}


Sentences = tuple[Said, ...]


def as_told(text: str) -> Said:
    """Return a sentence that was composed elsewhere."""
    return Said(key="", values={"name": text})


class Check(_Part, frozen=True):
    """One thing that was looked at. ``error_mm`` is what it does to a position over a lift."""

    code: str
    state: Grade
    title: str
    text: str
    said: Sentences = ()
    value: float | None = None
    sd: float | None = None
    unit: str = ""
    error_mm: float | None = None


class Level(_Part, frozen=True):
    """How the camera leans; ``known`` only where it was calibrated."""

    roll_deg: float | None = None
    roll_sd_deg: float | None = None
    pitch_deg: float | None = None
    known: bool = False


class Marker(_Part, frozen=True):
    """A marker that is seen now."""

    role: str
    x_px: float
    y_px: float
    r_px: float
    error_mm: float | None
    state: Grade
    text: str


class Circle(_Part, frozen=True):
    """The plate, somewhere."""

    x_px: float
    y_px: float
    plate_r_px: float


class Ghost(_Part, frozen=True):
    """The plate at the two ends of the range of motion; ``inside``: both wholly in the picture."""

    floor: Circle
    lockout: Circle
    inside: bool


class Zone(_Part, frozen=True):
    """Where a body marker cannot be seen."""

    role: str
    points_px: tuple[tuple[float, float], ...]
    text: str
    said: Sentences = ()


class Step(_Part, frozen=True):
    """One step of the calibration. ``progress`` is 0 .. 1."""

    id: str
    state: StepState
    title: str
    text: str
    progress: float = 0.0
    optional: bool = False
    done_at: str | None = None
    said: Sentences = ()


class Mount(_Part, frozen=True):
    """Everything the mounting assistant shows; ``values`` are the sizes in use, as in a request."""

    width_px: int
    height_px: int
    verdict: Verdict
    headline: str
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    level: Level
    reasons_said: Sentences = ()
    markers: tuple[Marker, ...] = ()
    ghost: Ghost | None = None
    zones: tuple[Zone, ...] = ()
    steps: tuple[Step, ...] = ()
    step_ready: bool = False
    stale: tuple[str, ...] = ()
    values: dict[str, float] = {}
    problem: str = ""


class Response(msgspec.Struct, frozen=True):
    """The answer to one request. ``error`` says what was expected; ``data`` is the verb's own."""

    status: Literal["ok", "error"]
    data: dict[str, Any]
    error: str
    transaction: str | int | None
