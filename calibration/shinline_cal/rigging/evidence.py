"""What was observed: the input of a calibration, in pixels and nanoseconds, nothing solved yet.

Sizes of places are radii of a marker's black disc, along the longer axis of its picture; those of
swings, falls and rolls are mean radii (:func:`.optics.mean_radius`), which jump less. A ``_rel_sd``
of a size holds noise and what paper, light and an unseen tilt do.
"""

from dataclasses import dataclass

from shinline.app.words import ToldError
from shinline.config import Lens
from shinline.types import FloatArray
from shinline.wire.mount import Said


class ObservationError(ToldError):
    """What was seen is not what the step asks for; the message says both, for a lifter."""


def say(code: str, **values: str | tuple[str, ...]) -> Said:
    """Return a sentence of the calibration, by its key in the tables of words."""
    return Said(key=f"calibrate.{code}", values=values)


def refuse(code: str, **values: str | tuple[str, ...]) -> Said:
    """Return a sentence of the checks of a calibration."""
    return Said(key=f"refusals.{code}", values=values)


@dataclass(frozen=True, slots=True)
class Place:
    """A marker that hangs or lies still: medians, and their standard deviations."""

    x_px: float
    y_px: float
    sd_px: float
    r_px: float
    r_rel_sd: float
    axis_ratio: float = 1.0
    ratio_sd: float = 0.01
    contrast: float = 0.0
    seen: int = 0
    from_ns: int = 0
    to_ns: int = 0


Rest = Place
"""The bar where it lies."""


@dataclass(frozen=True, slots=True)
class Plumb:
    """Two or more places on one vertical line in space, in order of time."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Swing:
    """One free swing of a marker on a string: (n,) each, times from the first sighting.

    ``sd_px`` and ``r_rel_sd`` are the noise of one sighting, ``mean_rel_sd`` that of the mean size.
    """

    t_s: FloatArray
    x_px: FloatArray
    y_px: FloatArray
    r_px: FloatArray
    sd_px: float
    r_rel_sd: float
    mean_rel_sd: float
    axis_ratio: float
    period_s: float
    amplitude_px: float


@dataclass(frozen=True, slots=True)
class Fall:
    """One free fall of a marker: (n,) each, times from the first sighting."""

    t_s: FloatArray
    x_px: FloatArray
    y_px: FloatArray
    r_px: FloatArray
    sd_px: float
    r_rel_sd: float
    mean_rel_sd: float
    axis_ratio: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A long straight edge of something that was built plumb, by its two ends."""

    x1_px: float
    y1_px: float
    x2_px: float
    y2_px: float
    sd_px: float
    lean_sd_deg: float


@dataclass(frozen=True, slots=True)
class Roll:
    """The bar rolled along the floor: (n,) each, means over short stretches of the way."""

    x_px: FloatArray
    y_px: FloatArray
    r_px: FloatArray
    axis_ratio: FloatArray
    sd_px: float
    r_rel_sd: float
    ratio_sd: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a calibration is made of.

    Attributes
    ----------
    lens
        As configured. Without a focal length (``fx_px`` of 0) only the roll can be told.
    marker_diameter_m, marker_rel_sd
        Of the bar's marker; ``hung_diameter_m`` of the one that hung, swung or fell, where it is
        another one.
    plate_diameter_m
        Where it was measured: the bar's axis then lies half of it above the floor.
    plate
        The plate's rim, where it was measured beside the marker, in the same rest.
    camera_height_m, distance_m
        With a tape, where somebody did that: from the floor to the lens, and to the bar's end.
    facing
        +1 when the lifter's toes point along image +x, -1 when along -x, 0 when not known.

    """

    lens: Lens
    width_px: int
    height_px: int
    marker_diameter_m: float
    marker_rel_sd: float = 0.003
    plate_diameter_m: float | None = None
    rests: tuple[Rest, ...] = ()
    plumbs: tuple[Plumb, ...] = ()
    swings: tuple[Swing, ...] = ()
    falls: tuple[Fall, ...] = ()
    edges: tuple[Edge, ...] = ()
    rolls: tuple[Roll, ...] = ()
    hung_diameter_m: float | None = None
    plate: Place | None = None
    camera_height_m: float | None = None
    distance_m: float | None = None
    facing: float = 0.0
