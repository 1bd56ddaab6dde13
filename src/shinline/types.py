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

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

# Part of the vocabulary, and imported from here; only their tables are long.
from shinline.dtypes import DETECTION as DETECTION
from shinline.dtypes import FRAME as FRAME
from shinline.dtypes import PATH as PATH
from shinline.dtypes import STATE as STATE
from shinline.dtypes import WINDOW as WINDOW
from shinline.dtypes import Rows as Rows
from shinline.events import MARKERS as MARKERS
from shinline.events import Advice as Advice
from shinline.events import AskEvent as AskEvent
from shinline.events import CameraEvent as CameraEvent
from shinline.events import CueEvent as CueEvent
from shinline.events import Event as Event
from shinline.events import Facing as Facing
from shinline.events import FaultEvent as FaultEvent
from shinline.events import FaultVerdict as FaultVerdict
from shinline.events import HipNumbers as HipNumbers
from shinline.events import MarkerEvent as MarkerEvent
from shinline.events import Moment as Moment
from shinline.events import Phase as Phase
from shinline.events import PhaseEvent as PhaseEvent
from shinline.events import Plan as Plan
from shinline.events import PlanEvent as PlanEvent
from shinline.events import Posture as Posture
from shinline.events import Rep as Rep
from shinline.events import RepEvent as RepEvent
from shinline.events import RepKind as RepKind
from shinline.events import RepStyle as RepStyle
from shinline.events import Role as Role
from shinline.events import ScaleEvent as ScaleEvent
from shinline.events import SetEvent as SetEvent
from shinline.events import SetupEvent as SetupEvent
from shinline.events import SetupStep as SetupStep
from shinline.events import Severity as Severity
from shinline.events import StepState as StepState

NS_PER_S: Final = 1_000_000_000


class AskError(ValueError):
    """The engine cannot do what it was asked for; the message says what was expected."""


U8Image = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


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
    has an ``identity`` (:class:`CameraIdentity`) besides; one that knows its shutter has
    ``readout_ms``, how much later the last row is exposed than the first; and one that tries to get
    a silent camera back while ``read`` waits calls ``on_silence`` with True when that begins, and
    with False when it has ended well.
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


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar in a picture: where its end is, pixels, and what a pixel is there, metres.

    ``sign`` is +1 where the lifter's toes point to the picture's right, -1 where to its left, 0
    where that is not known; ``scene_px`` is how far a hand-held camera's room has moved.
    """

    x_px: float
    y_px: float
    m_per_px: float
    sign: float
    scene_px: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class BodySight:
    """What a picture showed of a trunk that is followed, to be drawn: pixels of the picture.

    ``patches_px`` (n, 2) agreed, ``back_px`` (m, 2) leads from hip to shoulder, bent as the back
    has bent since the picture at ``since_ns``, when the bar left the floor. Since then hip and bar
    have risen, and the back lies flatter (or is steeper: below 0), with the standard deviation of
    how well the patches agree. ``holds`` is whether that was believed.
    """

    t_ns: int
    since_ns: int
    patches_px: FloatArray
    back_px: FloatArray
    hip_rise_px: float
    bar_rise_px: float
    flatter_rad: float
    sd_rad: float
    holds: bool


class BodyWatch(Protocol):
    """Follows what can be seen of the lifter without stickers."""

    def due(self, t_ns: int) -> bool:
        """Tell whether it wants to see the picture of that time."""
        ...

    def look(self, luma: U8Image, t_ns: int, bar: Bar, out: Rows) -> int:
        """Write at most ``len(out)`` DETECTION rows and return how many.

        Their times are those of the pictures they are of, which may be older than this one.
        """
        ...

    def sights(self) -> tuple[BodySight, ...]:
        """Return what the last look saw, of its own picture first."""
        ...


class Watch(Protocol):
    """Tells whether the camera still looks where it looked."""

    def look(self, luma: U8Image, t_ns: int, out: Rows) -> int:
        """Write at most one DETECTION row of the role CAMERA and return how many."""
        ...


# --- where the lifter's joints are -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keypoint:
    """Where a joint is said to be, in pixels of the full picture.

    ``sd_px`` is the standard deviation of that place along either axis, the part that stays the
    same from one picture to the next included; ``grain_px`` is that of the part which is another
    in each picture, as far as it is known: never less. ``confidence`` is 0 .. 1.
    """

    x_px: float
    y_px: float
    sd_px: float
    grain_px: float
    confidence: float


@dataclass(frozen=True, slots=True)
class BodyPoints:
    """The joints of the side that the camera sees, in the picture of ``t_ns``; None: unseen."""

    t_ns: int
    hip: Keypoint | None = None
    shoulder: Keypoint | None = None
    knee: Keypoint | None = None
    ankle: Keypoint | None = None


@dataclass(frozen=True, slots=True)
class BodyPicture:
    """A picture for a body source: its own copy, ``step`` by ``step`` pixels averaged into one."""

    t_ns: int
    luma: U8Image
    step: int


class BodySource(Protocol):
    """Finds the lifter's joints in pictures it is given: an entry point of ``shinline.body``.

    It is asked in a thread of its own, for one picture after the other, as often as it keeps up.
    """

    def look(self, picture: BodyPicture) -> BodyPoints | None:
        """Return the joints seen in the picture, in full-size pixels; None when nobody is."""
        ...

    def close(self) -> None:
        """Let go of the network."""
        ...


@runtime_checkable
class BodySensor(Protocol):
    """A body source that needs no pictures, such as a camera whose sensor runs a network.

    It is asked in the loop's own thread, once a frame.
    """

    def body_in_frame(self) -> BodyPoints | None:
        """Return at once what was found since the last call; None: nothing new."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...
