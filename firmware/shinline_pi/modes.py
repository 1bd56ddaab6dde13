"""Which of its modes a sensor is to run in, and the size of the picture made from it. No device."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

TARGET_RATE_HZ: Final = 120.0
"""A faster mode gains nothing: the bar's fastest motion is over in a tenth of a second."""

GOOD_WIDTH_PX: Final = 1200
"""From here on an 80 mm disc 2.5 m away is some 30 pixels wide; rate matters more than pixels."""

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

    Wide enough comes first, then the rate, then the number of pixels, then the lighter data.
    Entries without size and rate (cameras other than the Pi's own have such) are passed over.
    """
    usable = [_mode(entry) for entry in modes if "size" in entry and "fps" in entry]
    return max(usable, key=_merit, default=None)


def _mode(entry: Mapping[str, Any]) -> Mode:
    width_px, height_px = entry["size"]
    return Mode(width_px, height_px, entry["bit_depth"], min(entry["fps"], TARGET_RATE_HZ))


def _merit(mode: Mode) -> tuple[bool, float, int, int]:
    pixels = mode.width_px * mode.height_px
    return mode.width_px >= GOOD_WIDTH_PX, mode.rate_hz, pixels, -mode.bit_depth
