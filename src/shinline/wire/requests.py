"""What may be asked of the device: one table of verbs, each with the type of its payload.

A request comes on ``shinline/<platform>/request/<verb>``; its answer goes out on
``shinline/<platform>/response/<verb>``. Whoever sends requests is not trusted: a payload is decoded
into the strict type of its verb, and what does not fit is refused with what was expected.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shinline.config import LiftName

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


class Shown(Body, frozen=True):
    """Say that a cue is on the screen, ``page_ms`` after it came there. It gets no answer."""

    id: Annotated[str, Meta(min_length=1, max_length=80)]
    page_ms: Annotated[float, Meta(ge=0.0, le=60_000.0)]


# --- the coach: what these ask for, the engine does, so that a replay does it again ---------------

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
Load = Annotated[float, Meta(ge=0.0, le=600.0)]
Rpe = Annotated[float, Meta(ge=1.0, le=10.0, multiple_of=0.5)]


Place = Literal[
    "low_back",
    "upper_back",
    "hips",
    "hamstrings",
    "quads",
    "knees",
    "shoulders",
    "arms",
    "elsewhere",
]


class CoachBody(Body, frozen=True):
    """Base of these."""

    def values(self) -> dict[str, str | int | float | bool | None]:
        """Return what was said, without the transaction."""
        said = {name: getattr(self, name) for name in self.__struct_fields__}
        del said["transaction"]
        return {name: value for name, value in said.items() if value is not UNSET}


class StartSet(CoachBody, frozen=True):
    """Begin a set. What is left out stays as it was in the set before."""

    lifter: Name | UnsetType = UNSET
    lift: LiftName | UnsetType = UNSET
    load_kg: Load | UnsetType = UNSET
    target_reps: Annotated[int, Meta(ge=0, le=100)] | UnsetType = UNSET
    target_rpe: Rpe | UnsetType | None = UNSET
    mode: Literal["standard", "technique", "test"] | UnsetType = UNSET


class EndSet(CoachBody, frozen=True):
    """End the set that is under way."""


class SetLoad(CoachBody, frozen=True):
    """Say what is on the bar from here on."""

    load_kg: Load


class LabelRep(CoachBody, frozen=True):
    """Say what a repetition was like, of this session or of an earlier one."""

    rep_id: Annotated[str, Meta(min_length=1, max_length=80)]
    label: Literal["good", "bad", "false", "failed"]


class RateSet(CoachBody, frozen=True):
    """Say how hard the last set was."""

    rpe: Rpe


class ReportSoreness(CoachBody, frozen=True):
    """Write down what is sore, or hurts, beside load and form; nobody draws conclusions from it."""

    place: Place
    level: Annotated[float, Meta(ge=0.0, le=10.0)]
    kind: Literal["soreness", "pain"] | UnsetType = UNSET
    lifter: Name | UnsetType = UNSET
    note: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET


class FeedbackNow(CoachBody, frozen=True):
    """Say about the last repetition what there is to say, now."""


class Mute(CoachBody, frozen=True):
    """Give no cues, or give them again."""

    on: bool


@dataclass(frozen=True, slots=True)
class Verb:
    """One row; ``expects`` says in words what the payload is to be."""

    name: str
    body: type[Body]
    expects: str


_CALIBRATE: Final = (
    '{"action": "start", "redo" or "skip", "step": its id} or '
    '{"action": "save", "restart" or "recalibrate"}; with start and redo, "values" may hold '
    '"marker_diameter_mm", "hung_diameter_mm" (20 to 300), "plate_diameter_mm" (150 to 600), '
    '"stature_m" (1.2 to 2.3)'
)

_LIFTS: Final = '"conventional", "sumo", "trap_bar", "blocks", "romanian" or "stiff_leg"'

_START_SET: Final = (
    'any of "lifter": a name of 1 to 64 characters, "lift": '
    f"{_LIFTS}, "
    '"load_kg": 0 to 600, "target_reps": 0 to 100, "target_rpe": 1 to 10 in halves or null, '
    '"mode": "standard", "technique" or "test"'
)

_LABEL: Final = '{"rep_id": the id of a repetition, "label": "good", "bad", "false" or "failed"}'

_SORENESS: Final = (
    '{"place": "low_back", "upper_back", "hips", "hamstrings", "quads", "knees", "shoulders", '
    '"arms" or "elsewhere", "level": 0 to 10}; "kind" may be "soreness" or "pain", '
    '"lifter" a name, "note" up to 200 characters'
)

VERBS: Final = (
    Verb("preview", Preview, '{"on": true or false}'),
    Verb("level", Level, "{}"),
    Verb("calibrate", Calibrate, _CALIBRATE),
    Verb("cancel", Cancel, "{}"),
    Verb("health_check", HealthCheck, "{}"),
    Verb("start_set", StartSet, _START_SET),
    Verb("end_set", EndSet, "{}"),
    Verb("set_load", SetLoad, '{"load_kg": 0 to 600}'),
    Verb("label_rep", LabelRep, _LABEL),
    Verb("rate_set", RateSet, '{"rpe": 1 to 10 in halves}'),
    Verb("feedback_now", FeedbackNow, "{}"),
    Verb("mute", Mute, '{"on": true or false}'),
    Verb("report_soreness", ReportSoreness, _SORENESS),
    Verb("shown", Shown, '{"id": the id of a cue, "page_ms": 0 to 60000}'),
)

_BY_NAME: Final = {verb.name: verb for verb in VERBS}
AVAILABLE: Final = tuple(verb.name for verb in VERBS)

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
        The verb is unknown, or the payload is not what it expects.
    """
    row = _BY_NAME.get(verb)
    if row is None:
        known = ", ".join(AVAILABLE)
        raise BadRequest(f"unknown request {verb[:32]!r}; expected one of {known}")
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
