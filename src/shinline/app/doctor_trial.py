"""``shinline doctor --camera``: the camera opened for real, and a start of the program timed."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from shinline.app.doctor_check import Check
from shinline.app.openers import opener
from shinline.config import Config
from shinline.types import NS_PER_S, FrameSource

UNIT: Final = "shinline.service"

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

READY_S: Final = 20.0
"""From the kernel's start to the first picture, on a Raspberry Pi 4."""

START: Final = """
from shinline.config import Config
from shinline.app.detectors import warm_up
warm_up(Config())
"""


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


def trials(config: Config, source: str) -> list[Check]:
    """Open a camera, by the name of its source, and start the program once.

    Raises
    ------
    click.UsageError
        There is no source of that name.

    """
    open_source = opener(config, source, None, lambda _what, _share: None)
    seen = _patiently(lambda: look(lambda: open_source()[0]))
    if isinstance(seen, str):
        advice = "push the cable in at both ends, close other programs, then: rpicam-hello --list"
        return [Check("camera", False, f"{source}: {seen}", advice), *_start(0.0)]
    return [*judged(seen), *_start(seen.opening_s + seen.first_s)]


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


def _start(camera_s: float) -> list[Check]:
    """Time a start of our own, and add what the system needs before it and the camera after it."""
    began_s = time.monotonic()
    done = subprocess.run(  # noqa: S603  (ourselves)
        [sys.executable, "-c", START], capture_output=True, text=True, check=False
    )
    own_s = time.monotonic() - began_s
    if done.returncode:
        said = (done.stderr.strip() or "nothing").splitlines()[-1]
        return [Check("start", False, f"it fails: {said}", "install the package again")]
    return [estimated(_system_s(), own_s, camera_s), *_measured()]


def estimated(system_s: float | None, own_s: float, camera_s: float) -> Check:
    """Add up how long it takes from the kernel's start to the first picture.

    The firmware's seconds before the kernel are in no clock of the system.
    """
    ours = f"program {own_s:.1f} s (as now compiled), camera {camera_s:.1f} s"
    if system_s is None:
        return Check("start", True, f"{ours}; what the system needs before is not known")
    total_s = system_s + own_s + camera_s
    detail = f"about {total_s:.0f} s after the kernel: system {system_s:.1f} s, {ours}"
    if total_s <= READY_S:
        return Check("start", True, detail)
    advice = f"{READY_S:.0f} s is the aim: systemd-analyze critical-chain {UNIT} names who waits"
    return Check("start", False, detail, advice)


def _system_s() -> float | None:
    """Return when the network target was reached, after which the service is started."""
    at_us = _shown("network.target", "ActiveEnterTimestampMonotonic")
    return int(at_us) / 1e6 if at_us.isdigit() and int(at_us) else None


def _measured() -> list[Check]:
    """Tell when the service was last ready, if it has been since the start and not again."""
    at_us, kind = _shown(UNIT, "ActiveEnterTimestampMonotonic"), _shown(UNIT, "Type")
    again = _shown(UNIT, "NRestarts")
    if kind != "notify" or again != "0" or not at_us.isdigit() or not int(at_us):
        return []
    detail = f"the service was ready {int(at_us) / 1e6:.1f} s after the kernel began"
    return [Check("last start", True, detail)]


def _shown(unit: str, name: str) -> str:
    """Return a property of a unit; empty where there is no systemd that answers."""
    program = shutil.which("systemctl")
    if program is None or not Path("/run/systemd/system").is_dir():
        return ""
    try:
        done = subprocess.run(  # noqa: S603  (a fixed command of the system, no shell)
            [program, "show", "--value", f"--property={name}", unit],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


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
