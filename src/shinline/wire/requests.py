"""What may be asked of the device: one table of verbs, each with the type of its payload.

A request comes on ``shinline/<platform>/request/<verb>``; its answer goes out on
``shinline/<platform>/response/<verb>``. Whoever sends requests is not trusted: a payload is decoded
into the strict type of its verb, and what does not fit is refused with what was expected.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

MOST_BYTES: Final = 4096
"""A request is a line of text. Longer ones are not looked into."""

Transaction = Annotated[str, Meta(max_length=64)] | Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""Of the asker's choosing, echoed in the answer; whole numbers as exact as JavaScript has them."""


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all requests."""

    transaction: Transaction | None = None


class Preview(Body, frozen=True):
    """Send pictures, and keep the mount topic up to date, for the next minute."""

    on: bool


class Level(Body, frozen=True):
    """Tell how the camera leans, as far as it is known."""


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a lifter measured with a ruler."""

    marker_diameter_mm: Annotated[float, Meta(ge=20.0, le=300.0)] | None = None
    hung_diameter_mm: Annotated[float, Meta(ge=20.0, le=300.0)] | None = None
    plate_diameter_mm: Annotated[float, Meta(ge=150.0, le=600.0)] | None = None
    stature_m: Annotated[float, Meta(ge=1.2, le=2.3)] | None = None

    def given(self) -> dict[str, float]:
        """Return those that were given."""
        told = msgspec.structs.asdict(self)
        return {name: float(value) for name, value in told.items() if value is not None}


class Calibrate(Body, frozen=True):
    """Do a step of the calibration, or something with all of them."""

    action: Literal["start", "redo", "skip", "save", "restart", "recalibrate"]
    step: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{0,32}$")] = ""
    values: Values = Values()

    def __post_init__(self) -> None:
        """Refuse a step that is missing, or one too many."""
        if (self.action in ("start", "redo", "skip")) != bool(self.step):
            raise ValueError("'step' belongs to start, redo and skip, and only to them")


class Cancel(Body, frozen=True):
    """Leave the step of the calibration that is under way; what others found stays."""


class HealthCheck(Body, frozen=True):
    """Tell in a line how the camera stands."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One row: ``body`` is None for what the contract names and nobody answers yet."""

    name: str
    body: type[Body] | None
    expects: str = ""


_CALIBRATE: Final = (
    '{"action": "start", "redo" or "skip", "step": its id} or '
    '{"action": "save", "restart" or "recalibrate"}; with start and redo, "values" may hold '
    '"marker_diameter_mm", "hung_diameter_mm" (20 to 300), "plate_diameter_mm" (150 to 600), '
    '"stature_m" (1.2 to 2.3)'
)

VERBS: Final = (
    Verb("preview", Preview, '{"on": true or false}'),
    Verb("level", Level, "{}"),
    Verb("calibrate", Calibrate, _CALIBRATE),
    Verb("cancel", Cancel, "{}"),
    Verb("health_check", HealthCheck, "{}"),
    *(
        Verb(name, None)
        for name in (
            "start_set",
            "end_set",
            "set_load",
            "label_rep",
            "rate_set",
            "report_soreness",
            "feedback_now",
            "mute",
        )
    ),
)

_BY_NAME: Final = {verb.name: verb for verb in VERBS}
AVAILABLE: Final = tuple(verb.name for verb in VERBS if verb.body is not None)

UNKNOWN: Final = "unknown"
"""Where requests are answered whose name cannot be part of a topic of ours."""

_NAME: Final = re.compile(r"[a-z][a-z_]{0,31}")


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is well formed."""

    verb: str
    body: Body

    @property
    def transaction(self) -> Transaction | None:
        """What the asker wants to have back."""
        return self.body.transaction


class BadRequest(ValueError):  # noqa: N818  (the name already is the error)
    """A request that is not; the message says what was expected."""


def parse(verb: str, payload: bytes) -> Request:
    """Decode a request.

    Raises
    ------
    BadRequest
        The verb is unknown or not available, or the payload is not what it expects.
    """
    row = _BY_NAME.get(verb)
    if row is None:
        known = ", ".join(AVAILABLE)
        raise BadRequest(f"unknown request {verb[:32]!r}; expected one of {known}")
    if row.body is None:
        raise BadRequest(f"not available yet: {verb}")
    if len(payload) > MOST_BYTES:
        raise BadRequest(
            f"{verb}: {len(payload)} bytes are too many; "
            f"expected at most {MOST_BYTES}, {row.expects}"
        )
    try:
        return Request(verb, msgspec.json.decode(payload, type=row.body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        said = str(problem).replace("`", "'").replace("$.", "")
    raise BadRequest(f"{verb}: {said}; expected {row.expects}") from None


def transaction_of(payload: bytes) -> Transaction | None:
    """Return the transaction of a payload that was refused, if that much can be read."""
    if len(payload) > MOST_BYTES:
        return None
    try:
        return msgspec.json.decode(payload, type=_Tagged).transaction
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Tagged(msgspec.Struct):
    """Whatever has a transaction; its other fields are skipped."""

    transaction: Transaction | None = None


def answered_on(verb: str) -> str:
    """Return the last part of the topic on which a request of this name is answered."""
    return verb if _NAME.fullmatch(verb) else UNKNOWN
