"""``shinline doctor``: is this machine ready to measure, and if not, what is to be done.

Each check is one function that looks at one thing and leaves nothing behind. The checks do not
import the engine: they must be able to speak on a machine where it cannot be loaded.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shinline.app import doctor_disk, doctor_program, doctor_wire
from shinline.app.doctor_check import Check as Check
from shinline.config import Config

PI_MODEL: Final = Path("/proc/device-tree/model")
PI_TEMPERATURE: Final = Path("/sys/class/thermal/thermal_zone0/temp")
CLOCK_IS_SET: Final = Path("/run/systemd/timesync/synchronized")

EARLIEST: Final = datetime(2025, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2060, 1, 1, tzinfo=UTC)
HOT_DEG_C: Final = 80.0
"""Where the firmware of a Raspberry Pi begins to slow it down."""

ANSWER_S: Final = 3.0


def checks(config: Config, journal: Path) -> list[Check]:
    """Look at everything, in the order in which a first run would need it.

    Parameters
    ----------
    config
        What the run would be configured with.
    journal
        The file it would record into, existing or not.

    """
    return [look(config, journal) for look in _LOOKS]


def _clock(_config: Config, _journal: Path) -> Check:
    return clock_check(datetime.now(UTC), CLOCK_IS_SET.exists())


def clock_check(now: datetime, is_set: bool) -> Check:
    """Judge the wall clock: a device without a battery begins in the past.

    ``is_set`` tells that the system says it was set from the network; False means not known.
    """
    detail = f"{now:%Y-%m-%d %H:%M} UTC"
    if EARLIEST <= now <= LATEST:
        return Check("clock", True, f"{detail}, set from the network" if is_set else detail)
    advice = "connect to a network once, or set it: sudo timedatectl set-time 'YYYY-MM-DD hh:mm'"
    return Check("clock", False, f"{detail} cannot be right", advice)


def _pi_camera(_config: Config, _journal: Path) -> Check:
    if not _pi_model():
        return Check("Pi camera", True, "not a Raspberry Pi; recordings can be used")
    if find_spec("picamera2") is None:
        advice = (
            "sudo apt install python3-picamera2, and make the environment with "
            "python3 -m venv --system-site-packages"
        )
        return Check("Pi camera", False, "picamera2 is not installed", advice)
    return Check("Pi camera", True, "picamera2 is installed")


def _pi_health(_config: Config, _journal: Path) -> Check:
    model = _pi_model()
    if not model:
        return Check("Pi health", True, "not a Raspberry Pi")
    found = [_temperature(), *_throttling()]
    return Check(
        "Pi health",
        not any(remark.bad for remark in found),
        ", ".join([model, *(remark.words for remark in found)]),
        "; ".join(dict.fromkeys(remark.advice for remark in found if remark.bad)),
    )


@dataclass(frozen=True, slots=True)
class _Remark:
    words: str
    bad: bool = False
    advice: str = ""


_COOL: Final = "give it a heat sink or a fan, out of the sun"
_POWER: Final = "use the power supply made for it, with a short cable"

_FLAGS: Final[dict[int, _Remark]] = {
    0: _Remark("under-voltage", True, _POWER),
    1: _Remark("clock limited", True, _COOL),
    2: _Remark("throttled", True, _COOL),
    3: _Remark("at the temperature limit", True, _COOL),
    16: _Remark("under-voltage since the start", True, _POWER),
    17: _Remark("was limited since the start"),
    18: _Remark("was throttled since the start"),
    19: _Remark("was at the temperature limit since the start"),
}
"""Bits of ``vcgencmd get_throttled``. What heat did earlier is past; a weak supply comes again."""


def _pi_model() -> str:
    """Return which Raspberry Pi this is; empty if it is none."""
    try:
        model = PI_MODEL.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""
    return model if "Raspberry Pi" in model else ""


def _temperature() -> _Remark:
    try:
        value_deg_c = int(PI_TEMPERATURE.read_text(encoding="ascii")) / 1000.0
    except (OSError, ValueError):
        return _Remark("temperature unknown")
    return _Remark(f"{value_deg_c:.0f} °C", value_deg_c >= HOT_DEG_C, _COOL)


def _throttling() -> list[_Remark]:
    program = shutil.which("vcgencmd")
    if program is None:
        return [_Remark("throttling unknown, there is no vcgencmd")]
    try:
        said = subprocess.run(  # noqa: S603  (a fixed command of the system, no shell)
            [program, "get_throttled"], capture_output=True, text=True, timeout=ANSWER_S, check=True
        ).stdout
        bits = int(said.partition("=")[2], 16)
    except (OSError, subprocess.SubprocessError, ValueError):
        return [_Remark("throttling unknown, vcgencmd does not tell")]
    return [remark for bit, remark in _FLAGS.items() if bits >> bit & 1]


_LOOKS: Final[tuple[Callable[[Config, Path], Check], ...]] = (
    doctor_program.python,
    doctor_program.kernel_cache,
    doctor_program.recording,
    doctor_program.decoder,
    doctor_program.sources,
    doctor_program.indicators,
    doctor_wire.broker,
    doctor_wire.mqtt_port,
    doctor_wire.ws_port,
    doctor_wire.web_port,
    doctor_wire.network,
    doctor_wire.phones,
    doctor_wire.tls,
    doctor_disk.journal_file,
    doctor_disk.disk,
    doctor_disk.lasting,
    _clock,
    _pi_camera,
    _pi_health,
)
