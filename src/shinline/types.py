"""The vocabulary: arrays at frame rate, dataclasses at event rate, one coordinate convention.

Coordinates
-----------
Image: pixel (0, 0) is the *centre* of the top-left pixel, x to the right, y down, in pixels.
World: metres on the lifting plane, x toward the lifter's toes, y up along gravity; the origin is
where the bar first rested.

Time
----
``t_ns`` is an int64 in nanoseconds of the source's own clock, at mid-exposure. Nothing in the
core asks what time it is: time arrives with the frame, and only differences matter.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

# Part of the vocabulary, and imported from here; only their tables are long.
from shinline.dtypes import DETECTION as DETECTION
from shinline.dtypes import FRAME as FRAME
from shinline.dtypes import PATH as PATH
from shinline.dtypes import STATE as STATE
from shinline.dtypes import WINDOW as WINDOW
from shinline.dtypes import Rows as Rows

NS_PER_S: Final = 1_000_000_000

U8Image = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


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


class RepKind(Enum):
    """Where a rep message stands in the rep's life."""

    NEW = "new"
    UPDATE = "update"
    END = "end"
    VOID = "void"


# --- pictures and what looks at them ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BarPrior:
    """What a look through a recording found out before tracking: which circle is the bar's plate.

    The centre is where the plate is in the first frame that shows it, in image pixels.
    ``handheld`` asks for the camera's motion to be measured and taken out.
    """

    x_px: float
    y_px: float
    r_px: float
    facing: Facing = Facing.UNKNOWN
    handheld: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, borrowed: valid until the source hands over the next one.

    ``t_ns`` is mid-exposure in the source's clock; ``luma`` is (H, W) uint8, rows may be strided.
    """

    seq: int
    t_ns: int
    exposure_us: int
    luma: U8Image


@dataclass(frozen=True, slots=True)
class CameraIdentity:
    """Which camera it is, in which mode: what a calibration belongs to.

    ``lens_position`` is the focus in dioptres, None where the lens cannot be moved by software;
    ``mode`` names what part of the sensor is read out, such as ``1536x864-10``.
    """

    model: str
    serial: str
    width_px: int
    height_px: int
    mode: str = ""
    lens_position: float | None = None


class FrameSource(Protocol):
    """Where frames come from: a file, a simulation, a camera.

    ``read`` returns the newest frame, or None when the source has ended. ``dropped`` counts the
    frames that were skipped so far because the reader was late. A source that knows its camera
    has an ``identity`` (:class:`CameraIdentity`) besides.
    """

    name: str
    width_px: int
    height_px: int
    rate_hz: float
    dropped: int

    def read(self) -> Frame | None:
        """Return the newest frame, waiting for it; None when there will be no more."""
        ...

    def now_ns(self) -> int:
        """Return the present time on the clock of ``Frame.t_ns`` (for latency only)."""
        ...

    def close(self) -> None:
        """Let go of the device or file."""
        ...


class Detector(Protocol):
    """Turns a picture and search windows into DETECTION rows."""

    def detect(self, luma: U8Image, t_ns: int, windows: Rows, out: Rows) -> int:
        """Write at most ``len(out)`` rows and return how many.

        Looks inside ``windows`` first, and over the whole frame for a bar that has none.
        """
        ...


class Watch(Protocol):
    """Tells whether the camera still looks where it looked."""

    def look(self, luma: U8Image, t_ns: int, out: Rows) -> int:
        """Write at most one DETECTION row of the role CAMERA and return how many."""
        ...


# --- events -----------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class HipNumbers:
    """Hip and shoulder motion from the set position through the first part of the pull."""

    trunk_drop_deg: float
    trunk_drop_sd_deg: float
    hip_rise_m: float
    shoulder_rise_m: float
    rise_ratio: float | None


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
    """What the numbers are to be read with: codes, ``camera_moved``.

    A mark does not make a repetition invalid.
    """


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


Event = PhaseEvent | RepEvent | CueEvent | SetEvent | MarkerEvent | ScaleEvent | CameraEvent
