"""``shinline doctor --camera``: the camera opened for real."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.app.doctor_check import Check
from shinline.app.openers import opener
from shinline.config import Config
from shinline.types import NS_PER_S, FrameSource

WATCHED_S: Final = 2.0
PATIENCE_S: Final = 15.0
"""A camera that has not given a picture by then gives none."""

RATE_SHARE: Final = 0.9
STEP: Final = 8
"""Every so many pixels of rows and columns are looked at: the light of a room is no fine detail."""

DARK_GREY: Final = 64
"""White paper must be a quarter of full scale above black ink for a marker to be sure."""

BURNT_GREY: Final = 250
BURNT_SHARE: Final = 0.10


@dataclass(frozen=True, slots=True)
class Seen:
    """What a camera gave; times in seconds."""

    name: str
    opening_s: float
    first_s: float
    promised_hz: float
    rate_hz: float
    frames: int
    dropped: int
    bright_grey: float
    burnt_share: float
    exposure_us: int


def trials(config: Config, source: str) -> tuple[list[Check], float | None]:
    """Open a camera, by the name of its source; also return the seconds to its first picture.

    These are None where there was none.

    Raises
    ------
    click.UsageError
        There is no source of that name.

    """
    open_source = opener(config, source, None, lambda _what, _share: None)
    seen = _patiently(lambda: look(lambda: open_source()[0]))
    if isinstance(seen, str):
        advice = "push the cable in at both ends, close other programs, then: rpicam-hello --list"
        return [Check("camera", False, f"{source}: {seen}", advice)], None
    return judged(seen), seen.opening_s + seen.first_s


def look(open_source: Callable[[], FrameSource]) -> Seen:
    """Open a source and watch it for a while.

    Raises
    ------
    OSError, RuntimeError, ValueError
        It cannot be opened, or gives no picture.

    """
    began_s = time.monotonic()
    source = open_source()
    try:
        opened_s = time.monotonic()
        frame = source.read()
        if frame is None:
            raise OSError("it gives no picture")
        first_s, first_ns, frames = time.monotonic(), frame.t_ns, 0
        last_ns, luma = first_ns, frame.luma[::STEP, ::STEP].copy()
        exposure_us = frame.exposure_us
        while time.monotonic() - first_s < WATCHED_S and (frame := source.read()) is not None:
            frames, last_ns = frames + 1, frame.t_ns
            luma = frame.luma[::STEP, ::STEP].copy()  # the picture itself is only borrowed
        return Seen(
            name=source.name,
            opening_s=opened_s - began_s,
            first_s=first_s - opened_s,
            promised_hz=source.rate_hz,
            rate_hz=frames * NS_PER_S / max(last_ns - first_ns, 1),
            frames=frames + 1,
            dropped=source.dropped,
            bright_grey=float(np.percentile(luma, 95)),
            burnt_share=float(np.mean(luma >= BURNT_GREY)),
            exposure_us=exposure_us,
        )
    finally:
        source.close()


def judged(seen: Seen) -> list[Check]:
    """Tell what to do about what a camera gave."""
    first = Check(
        "camera",
        True,
        f"{seen.name}: opened in {seen.opening_s:.1f} s, first picture {seen.first_s:.2f} s later",
    )
    return [first, _rate(seen), _light(seen)]


def _rate(seen: Seen) -> Check:
    detail = (
        f"{seen.rate_hz:.1f} of {seen.promised_hz:.1f} pictures a second, "
        f"{seen.dropped} dropped in {seen.frames + seen.dropped}"
    )
    if seen.rate_hz >= RATE_SHARE * seen.promised_hz:
        return Check("camera rate", True, detail)
    advice = "end other programs, cool the board; or the exposure is longer than a picture may take"
    return Check("camera rate", False, detail, advice)


def _light(seen: Seen) -> Check:
    detail = (
        f"bright parts at {seen.bright_grey:.0f} of 255, {seen.burnt_share:.0%} burnt out, "
        f"exposed for {seen.exposure_us / 1000:.2f} ms"
    )
    if seen.bright_grey < DARK_GREY:
        return Check("light", False, detail, "more light, best from beside the camera")
    if seen.burnt_share > BURNT_SHARE:
        advice = "no window or lamp in the picture, and none that shines into the lens"
        return Check("light", False, detail, advice)
    return Check("light", True, detail)


def _patiently(look_: Callable[[], Seen]) -> Seen | str:
    """Look on a thread that is left behind when a driver hangs; return what was in the way."""
    found: list[Seen | str] = []

    def work() -> None:
        try:
            found.append(look_())
        except Exception as problem:  # noqa: BLE001  (drivers raise what they like)
            found.append(str(problem) or type(problem).__name__)

    thread = threading.Thread(target=work, name="shinline-doctor", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return found[0] if found else f"no picture within {PATIENCE_S:.0f} s"
