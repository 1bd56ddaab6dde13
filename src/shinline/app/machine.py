"""What the machine says of itself: its model, its heat, its power, its memory.

Nothing here is remembered and nothing raises: what a machine does not tell is None, or empty.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

PI_MODEL: Final = Path("/proc/device-tree/model")
TEMPERATURE: Final = Path("/sys/class/thermal/thermal_zone0/temp")
THROTTLED: Final = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
"""The firmware's word without a program being started; older kernels have no such file."""

STATM: Final = Path("/proc/self/statm")
ANSWER_S: Final = 3.0
HOT_DEG_C: Final = 80.0
"""Where the firmware of a Raspberry Pi begins to slow it down."""

Cause = Literal["", "heat", "power"]


@dataclass(frozen=True, slots=True)
class Flag:
    """One bit of the firmware's word. ``now``: it is so at this moment, not only since the start.

    ``bad``: something is to be done. What heat did earlier is past; a weak supply comes again.
    """

    words: str
    cause: Cause
    now: bool = False
    bad: bool = False


FLAGS: Final[dict[int, Flag]] = {
    0: Flag("under-voltage", "power", now=True, bad=True),
    1: Flag("clock limited", "heat", now=True, bad=True),
    2: Flag("throttled", "heat", now=True, bad=True),
    3: Flag("at the temperature limit", "heat", now=True, bad=True),
    16: Flag("under-voltage since the start", "power", bad=True),
    17: Flag("was limited since the start", "heat"),
    18: Flag("was throttled since the start", "heat"),
    19: Flag("was at the temperature limit since the start", "heat"),
}
"""Bits of ``vcgencmd get_throttled``."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the machine fares. ``throttled_bits`` None: nobody tells, as on any other computer."""

    temperature_c: float | None = None
    throttled_bits: int | None = None

    @property
    def flags(self) -> list[Flag]:
        """What the firmware complains of, or complained of since the start."""
        return flags(self.throttled_bits or 0)

    @property
    def throttled(self) -> bool | None:
        """Whether heat or a weak supply slows the processor now; None: not known."""
        return None if self.throttled_bits is None else self.cause != ""

    @property
    def cause(self) -> Cause:
        """What slows the processor now; a weak supply is named first, for it can be changed."""
        causes = {flag.cause for flag in self.flags if flag.now}
        return "power" if "power" in causes else "heat" if causes else ""


def flags(bits: int) -> list[Flag]:
    """Return the flags that are set in the firmware's word."""
    return [flag for bit, flag in FLAGS.items() if bits >> bit & 1]


def look() -> Health:
    """Return how the machine fares now. May take some milliseconds: not for the loop's thread."""
    return Health(temperature_c(), throttled_bits())


def pi_model() -> str:
    """Return which Raspberry Pi this is; empty if it is none."""
    model = _text(PI_MODEL).strip("\0\n ")
    return model if "Raspberry Pi" in model else ""


def temperature_c() -> float | None:
    """Return the processor's temperature."""
    try:
        return int(_text(TEMPERATURE)) / 1000.0
    except ValueError:
        return None


def throttled_bits() -> int | None:
    """Return the firmware's word on heat and power, see :data:`FLAGS`."""
    try:
        return int(_text(THROTTLED), 16)
    except ValueError:
        return _asked_bits()


def resident_mb() -> float:
    """Return the memory of this process that is in use, in millions of bytes; 0 if not told."""
    try:
        return int(_text(STATM).split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (IndexError, ValueError):
        return 0.0


def _asked_bits() -> int | None:
    """Ask the firmware through its own program."""
    program = shutil.which("vcgencmd")
    if program is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603  (a fixed command of the system, no shell)
            [program, "get_throttled"], capture_output=True, text=True, timeout=ANSWER_S, check=True
        ).stdout
        return int(said.partition("=")[2], 16)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
