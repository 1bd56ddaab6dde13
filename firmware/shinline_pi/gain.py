"""How much a sensor has to amplify what it gathers in a millisecond. No device.

The exposure is fixed by the bar's speed, so only the gain is left to fit it to the room. It is
measured once, before the first frame is handed out, and then stays.
"""

from typing import Final

import numpy as np

from shinline.types import U8Image

START: Final = 8.0
"""What a millisecond needs in a well-lit room; sunlight needs less, a dim room a lamp."""

WANTED: Final = 180.0
"""How bright the bright twentieth of the picture is to be: white paper, not yet clipped."""

NEAR: Final = 1.15
"""A gain that is right to this ratio is left alone."""

DARK: Final = 90.0
"""Below this at the highest gain the marker's edges drown in noise."""

ROUNDS: Final = 6
FRAMES: Final = 8
"""A gain counts at the latest so many frames after it was asked for."""

_BRIGHT: Final = 95.0
_STEP: Final = 8
_CLIPPED: Final = 250.0


def bright_level(luma: U8Image) -> float:
    """Return the level that a twentieth of the picture reaches, 0 .. 255."""
    return float(np.percentile(luma[::_STEP, ::_STEP], _BRIGHT))


def limits(available: dict[str, tuple[float, float, float]]) -> tuple[float, float] | None:
    """Return the lowest and highest gain a camera offers; None where it cannot be chosen."""
    least, most = available.get("AnalogueGain", (0.0, 0.0, 0.0))[:2]
    return (least, most) if 0.0 < least < most else None


def start(span: tuple[float, float]) -> float:
    """Return the gain to begin with."""
    return min(max(START, span[0]), span[1])


def better(gain: float, level: float, span: tuple[float, float]) -> float:
    """Return the gain to try next; the same when it is good, or as good as it gets.

    The picture's brightness is no straight line of the light, so that this takes some rounds.
    What is clipped hides how much too bright it is.
    """
    ratio = 0.5 if level >= _CLIPPED else WANTED / max(level, 1.0)
    wanted = min(max(gain * min(max(ratio, 0.25), 4.0), span[0]), span[1])
    return gain if 1.0 / NEAR < wanted / gain < NEAR else wanted


def verdict(gain: float, level: float) -> str:
    """Say what a lifter must do for the light; empty when there is enough."""
    if level >= DARK:
        return ""
    return (
        f"too dark: at gain {gain:.1f} the bright parts of the picture reach {level:.0f} of 255; "
        "light the bar, or use a lens that gathers more light"
    )
