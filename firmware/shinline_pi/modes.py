"""Which of its modes a sensor is to run in, and the size of the picture made from it. No device."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

TARGET_RATE_HZ: Final = 120.0
"""A faster mode gains nothing: the bar's fastest motion is over in a tenth of a second."""

GOOD_WIDTH_PX: Final = 1200
"""From here on an 80 mm disc 2.5 m away is some 30 pixels wide; rate matters more than pixels."""

GOOD_VIEW: Final = 0.5
"""Of the sensor's width. A mode that crops more needs the camera to stand where nobody can walk."""

WIDTH_MAX_PX: Final = 1536
WIDTH_STEP_PX: Final = 128
"""The coarsest row alignment of the image processors: such rows come without padding."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of reading the sensor out; the rate is the highest it can do, or all we want."""

    width_px: int
    height_px: int
    bit_depth: int
    rate_hz: float

    @property
    def output_px(self) -> tuple[int, int]:
        """Width and height of the picture: the mode's shape, rows without padding, even sides."""
        width_px = min(self.width_px, WIDTH_MAX_PX) // WIDTH_STEP_PX * WIDTH_STEP_PX
        return width_px, self.height_px * width_px // self.width_px // 2 * 2


def choose(modes: Iterable[Mapping[str, Any]]) -> Mode | None:
    """Return the best of ``Picamera2.sensor_modes``; None when not one can be used.

    Pixels enough come first, then a view that is wide enough, then the rate, then the wider view,
    then the number of pixels, then the lighter data. Entries without size and rate (cameras other
    than the Pi's own have such) are passed over.
    """
    usable = [entry for entry in modes if "size" in entry and "fps" in entry]
    widest = max((_seen_px(entry) for entry in usable), default=0) or 1
    best = max(
        usable, key=lambda entry: _merit(_mode(entry), _seen_px(entry) / widest), default=None
    )
    return None if best is None else _mode(best)


def _mode(entry: Mapping[str, Any]) -> Mode:
    width_px, height_px = entry["size"]
    return Mode(width_px, height_px, entry["bit_depth"], min(entry["fps"], TARGET_RATE_HZ))


def _seen_px(entry: Mapping[str, Any]) -> int:
    """Return how much of the sensor's width a mode shows; 0 where that is not said."""
    return int(entry["crop_limits"][2]) if "crop_limits" in entry else 0


def _merit(mode: Mode, view: float) -> tuple[bool, bool, float, float, int, int]:
    pixels = mode.width_px * mode.height_px
    enough = mode.width_px >= GOOD_WIDTH_PX
    return enough, view >= GOOD_VIEW, mode.rate_hz, round(view, 2), pixels, -mode.bit_depth
