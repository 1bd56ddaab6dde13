"""How good is good enough, and why: the thresholds of the mounting assistant's checks."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isinf
from typing import Final

from shinline.app.mounting.outlook import MARGIN, Outlook
from shinline.app.mounting.scene import Scene
from shinline.wire.mount import Grade, Said, Sentences


@dataclass(frozen=True, slots=True)
class Limits:
    """Within ``good`` a value is good, within ``fair`` it will do; ends included."""

    good: tuple[float, float]
    fair: tuple[float, float]
    unit: str

    def grade(self, value: float) -> Grade:
        """Judge a value; NaN is bad."""
        if self.good[0] <= value <= self.good[1]:
            return "good"
        return "fair" if self.fair[0] <= value <= self.fair[1] else "bad"

    def words(self) -> tuple[str, str]:
        """Write both ranges out."""
        return _range(self.good, self.unit), _range(self.fair, self.unit)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in sentences. ``because`` says what is amiss; None when all is well."""

    state: Grade
    text: Sentences
    because: Said | None = None
    value: float | None = None
    sd: float | None = None
    error_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One check. ``needed``: what is not known keeps the verdict from "ready".

    ``good`` and ``fair`` say in words when it is so; ``why`` the reason. Its title is a word.
    """

    code: str
    unit: str
    needed: bool
    judge: Callable[[Scene, Outlook], Finding]
    good: str
    fair: str
    why: str


RING_PX: Final = Limits((24.0, inf), (12.0, inf), "px")
"""Below 24 px a search takes twice as long and roles may be confused; below 12 it finds little."""

RIM_PX: Final = Limits((120.0, inf), (60.0, inf), "px")
"""A rim's place is good to a fraction of a pixel at best: 120 px make 1 px 4 mm."""

SHARE: Final = Limits((0.95, inf), (0.5, inf), "of the pictures")
"""A track that is lost for a tenth of a second leaves a fault "not assessed"."""

ROLL_SD_DEG: Final = Limits((0.0, 0.25), (0.0, 2.5), "°")
"""A degree is 9.6 mm of false drift over 0.55 m; drift is judged in steps of 10 mm."""

LEAN_DEG: Final = Limits((0.0, 2.0), (0.0, 10.0), "°")
"""A known lean is taken out, but it wastes picture."""

DISTANCE_M: Final = Limits((2.5, 6.0), (1.8, 9.0), "m")
"""Near, 10 mm of depth count for more (3 mm of the lift at 1.8 m); far, the marker gets small."""

HEIGHT_M: Final = Limits((0.4, 1.0), (0.2, 1.6), "m")
"""Around the middle of the lift, or of the body markers. Off the axis, depth looks like motion."""

ANGLE_DEG: Final = Limits((0.0, 10.0), (0.0, 25.0), "°")
"""At 10° a shift of 20 mm along the bar reads as 3.5 mm of drift, and 1.5 % is foreshortened."""

STREAK: Final = Limits((0.0, 0.25), (0.0, 0.5), "")
"""As a share of the marker: to a quarter all are found, half is the most that was tested."""

LIGHT: Final = Limits((0.25, 1.0), (0.12, 1.0), "")
"""Six and three times the noise of a sensor at its highest usual gain, of full scale."""

BURNT: Final = Limits((0.0, 0.05), (0.0, 1.0), "")
"""Burnt paper hides noise and makes what is white larger."""

FLICKER: Final = Limits((0.0, 0.05), (0.0, 0.3), "")
"""Edges are told from each picture's own contrast: only much flicker costs accuracy."""

LENS_MM: Final = Limits((0.0, 3.0), (0.0, inf), "mm")
"""Unknown distortion bends the path; 3 mm are a tenth of what counts as a fault."""

SCALE_MM: Final = Limits((0.0, 6.5), (0.0, inf), "mm")
"""1 % of the longest usual lift: what a printed marker that was measured is good for."""

VIEW_PERCENT: Final = 100.0 * MARGIN
"""Of the picture stays free around the plate: nobody mounts a camera to the pixel."""


def _range(ends: tuple[float, float], unit: str) -> str:
    low, high = ends
    if isinf(high):
        return f"from {low:g} {unit}".strip() if low > 0.0 else "any"
    if low == 0.0:
        return f"to {high:g} {unit}".strip()
    return f"{low:g} to {high:g} {unit}".strip()
