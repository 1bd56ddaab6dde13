"""What happened, as frozen records at event rate, and the words they are told in.

Imported from :mod:`shinline.types`, of whose vocabulary this is a part. Times are sensor ns.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Final

from shinline.dtypes import Rows


class Role(IntEnum):
    """What a marker is fixed to. The values are stored; never renumber them."""

    BAR = 0
    HIP = 1
    SHOULDER = 2
    KNEE = 3
    ANKLE = 4
    MID_BACK = 5
    CREST = 6
    SCENE = 7  # not a marker: how far the room moves in the picture of a camera held in hand
    CAMERA = 8  # nor this: how the picture of one that stands lies against its first one
    HIP_OUTLINE = 9  # nor are these: the lifter's own outline, then what a pose network says
    SHOULDER_OUTLINE = 10
    BACK_LINE = 11
    HIP_POSE = 12
    SHOULDER_POSE = 13
    BODY = 14  # who is seen at the bar while it rests: nobody, or how the body lies


class Posture(IntEnum):
    """Who is at the bar while it rests (``contrast`` of a BODY row). Stored; never renumber."""

    NOBODY = 0
    STANDS = 1
    BENDS = 2


MARKERS: Final = tuple(role for role in Role if role < Role.SCENE)
"""The roles that a marker can have."""


class Facing(Enum):
    """Which way the lifter's toes point in the picture."""

    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = "unknown"

    @property
    def sign(self) -> float:
        """+1 when toes point along image +x, -1 when along -x; an unknown facing counts as +1."""
        return -1.0 if self is Facing.LEFT else 1.0


class Phase(Enum):
    """Where in a repetition the bar is (the words of the ``state`` topic)."""

    IDLE = "idle"
    READY = "ready"
    SLACK = "slack"
    PULL = "pull"
    LOCKOUT = "lockout"
    LOWERING = "lowering"
    FLOOR = "floor"


class RepStyle(Enum):
    """How the bar came to the floor before this rep, or left the hands after it."""

    DEAD_STOP = "dead_stop"
    TOUCH_AND_GO = "touch_and_go"
    BOUNCE = "bounce"
    DROPPED = "dropped"


class Severity(Enum):
    """How much a fault or cue matters."""

    INFO = "info"
    WARN = "warn"
    FAULT = "fault"
    STOP = "stop"
    GOOD = "good"


class Moment(Enum):
    """When a cue is meant to reach the lifter."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    BETWEEN = "between"


class StepState(Enum):
    """How far a step of the set-up is. What the camera cannot see is ``CHECK_YOURSELF``."""

    WAITING = "waiting"
    NOW = "now"
    DONE = "done"
    CHECK_YOURSELF = "check_yourself"


class RepKind(Enum):
    """Where a rep message stands in the rep's life."""

    NEW = "new"
    UPDATE = "update"
    END = "end"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class FaultVerdict:
    """One judged fault of one rep. ``assessed`` False means *no verdict*, never "fine"."""

    code: str
    severity: Severity
    value: float | None
    sd: float | None
    unit: str
    threshold: float
    confidence: float
    assessed: bool
    reason: str = ""
    details: dict[str, float] = field(default_factory=dict)
    """Further numbers the verdict stands on, units in their names."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who lifts what, and how they want to be coached.

    ``lift`` is one of the lifts of the configuration. ``mode``: "standard", "technique" (no
    speeds), "test" (no cues). ``target_reps`` is 0 and ``target_rpe`` None where none was set.
    """

    lifter: str
    lift: str
    load_kg: float
    target_reps: int = 0
    target_rpe: float | None = None
    mode: str = "standard"
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to try, and why: a row of the coach's table. Never medical."""

    code: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class HipNumbers:
    """Hip and shoulder motion from the set position through the first part of the pull.

    ``source``: ``stickers``, the lifter's ``outline``, or a ``pose`` network. ``to_bar_ratio`` is
    the rise of the hip over that of the bar, as they look in the picture, from lift-off until the
    bar has come a third of its way. ``back_bend_m`` is how far the middle of the back went out
    against its ends since the set position; information, never judged. ``back_angle_deg`` is how
    the trunk lay in the set position, above the horizontal, by the upper contour of the silhouette.
    What is None could not be told; ``reason`` says why where that is the comparison with the set
    position.
    """

    trunk_drop_deg: float | None
    trunk_drop_sd_deg: float | None
    hip_rise_m: float | None
    shoulder_rise_m: float | None
    rise_ratio: float | None
    source: str = "stickers"
    to_bar_ratio: float | None = None
    back_bend_m: float | None = None
    back_angle_deg: float | None = None
    back_angle_sd_deg: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rep:
    """A finished repetition, numbers from the zero-lag smoother; times in source ns.

    Definitions of start, lockout, ROM, velocities and drift: ``docs/numbers.md``.
    ``None`` means not assessed; its name is then in ``not_assessed``.
    """

    id: str
    set: int
    rep: int
    start_ns: int
    lockout_ns: int
    end_ns: int
    floor_ns: int | None
    rom_m: float
    mean_velocity_mps: float | None
    mean_velocity_sd_mps: float | None
    peak_velocity_mps: float | None
    peak_acceleration_mps2: float | None
    time_to_knee_s: float | None
    concentric_s: float | None
    eccentric_s: float | None
    drift_forward_m: float | None
    drift_backward_m: float | None
    drift_sd_m: float | None
    drift_at_knee_m: float | None
    loop_m: float | None
    sticking_height_m: float | None
    floor_time_s: float | None
    style: RepStyle
    faults: tuple[FaultVerdict, ...]
    tracked_ratio: float
    hip: HipNumbers | None
    valid: bool
    not_assessed: tuple[str, ...]
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    """What the numbers are to be read with: codes, such as ``camera_moved``.

    A mark does not make a repetition invalid.
    """

    plan: Plan | None = None
    """What was planned when it was pulled."""


@dataclass(frozen=True, slots=True)
class PhaseEvent:
    """The phase changed."""

    t_ns: int
    phase: Phase
    set: int
    rep: int


@dataclass(frozen=True, slots=True)
class RepEvent:
    """A rep was born, changed, ended or turned out to be none (``VOID``, with the reason)."""

    t_ns: int
    kind: RepKind
    id: str
    set: int
    number: int
    rep: Rep | None = None
    reason: str = ""
    path: Rows | None = field(default=None, compare=False)
    """PATH rows of the finished rep with a margin before and after, with ``END`` only."""


@dataclass(frozen=True, slots=True)
class CueEvent:
    """One short instruction for the lifter, with the numbers it stands on."""

    t_ns: int  # sensor time of the frame that decided it
    id: str
    code: str
    severity: Severity
    moment: Moment
    text: str
    rep_id: str
    ttl_ms: int
    evidence: dict[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetEvent:
    """A set ended: the numbers of its reps summed up."""

    t_ns: int
    set: int
    reps: int
    best_velocity_mps: float | None
    last_velocity_mps: float | None
    velocity_loss: float | None
    faults: dict[str, int]
    path_spread_m: float | None
    plan: Plan | None = None
    assessed: dict[str, int] = field(default_factory=dict)
    """For each code in how many repetitions it could be judged."""

    advice: tuple[Advice, ...] = ()
    decays: tuple[str, ...] = ()
    """Codes whose value grew over the set beyond chance."""

    next_mode: str = ""
    """What the next set is to be, where that is not what this one was ("test": no cues)."""


@dataclass(frozen=True, slots=True)
class FaultEvent:
    """A fault was decided while the repetition goes on; its end has the last word."""

    t_ns: int
    rep_id: str
    set: int
    number: int
    verdict: FaultVerdict


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One of the five steps before the pull: "bend", "grab", "shins", "chest", "pull"."""

    code: str
    state: StepState


@dataclass(frozen=True, slots=True)
class SetupEvent:
    """The set-up before a pull changed.

    ``ready``: True when all that is seen of it is as it should be, False when something is not,
    None when nothing of it is seen. ``checks`` are the verdicts of the set-up.
    """

    t_ns: int
    steps: tuple[SetupStep, ...]
    ready: bool | None
    checks: tuple[FaultVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """The plan changed: the sets, loads and names from here on."""

    t_ns: int
    plan: Plan
    set: int


@dataclass(frozen=True, slots=True)
class AskEvent:
    """Somebody asked the engine for something, after the frame numbered ``after_seq``.

    Kept with all else that happened, so that a replay asks the same at the same place.
    """

    t_ns: int
    after_seq: int
    verb: str
    values: dict[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarkerEvent:
    """A marker was found or lost."""

    t_ns: int
    role: Role
    seen: bool


@dataclass(frozen=True, slots=True)
class ScaleEvent:
    """The scale and origin were fixed: metres from here on."""

    t_ns: int
    scale_m_per_px: float
    scale_rel_sd: float
    origin_x_px: float
    origin_y_px: float


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """The bar at rest no longer looks as it did when the metres were fixed, or does so again.

    ``changed`` names what differs: "height", "distance", "tilt", "roll",
    "direction"; empty when all agree
    again. ``text`` tells a lifter what changed and what to do. ``evidence`` are the numbers it
    stands on, units in their names.
    """

    t_ns: int
    changed: tuple[str, ...]
    text: str
    evidence: dict[str, float] = field(default_factory=dict)


Event = (
    PhaseEvent
    | RepEvent
    | FaultEvent
    | CueEvent
    | SetEvent
    | SetupEvent
    | PlanEvent
    | AskEvent
    | MarkerEvent
    | ScaleEvent
    | CameraEvent
)
