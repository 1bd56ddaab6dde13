"""``shinline doctor``: is this machine ready to measure, and if not, what is to be done.

Each check is one function that looks at one thing and leaves nothing behind. The checks do not
import the engine: they must be able to speak on a machine where it cannot be loaded.
"""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shinline.app import doctor_disk, doctor_program, doctor_wire, machine
from shinline.app.doctor_check import Check as Check
from shinline.config import Config

CLOCK_IS_SET: Final = Path("/run/systemd/timesync/synchronized")

EARLIEST: Final = datetime(2025, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2060, 1, 1, tzinfo=UTC)


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
    if not machine.pi_model():
        return Check("Pi camera", True, "not a Raspberry Pi; recordings can be used")
    if find_spec("picamera2") is None:
        advice = (
            "sudo apt install python3-picamera2, and make the environment with "
            "python3 -m venv --system-site-packages"
        )
        return Check("Pi camera", False, "picamera2 is not installed", advice)
    return Check("Pi camera", True, "picamera2 is installed")


def _pi_health(_config: Config, _journal: Path) -> Check:
    model = machine.pi_model()
    if not model:
        return Check("Pi health", True, "not a Raspberry Pi")
    health = machine.look()
    found, hot_c = health.flags, health.temperature_c
    is_hot = hot_c is not None and hot_c >= machine.HOT_DEG_C
    causes = [*(["heat"] if is_hot else []), *(flag.cause for flag in found if flag.bad)]
    words = [model, "temperature unknown" if hot_c is None else f"{hot_c:.0f} °C"]
    if health.throttled_bits is None:
        words.append(f"throttling unknown, {_silence()}")
    words += [flag.words for flag in found]
    advice = "; ".join(dict.fromkeys(_ADVICE[cause] for cause in causes))
    return Check("Pi health", not causes, ", ".join(words), advice)


def _silence() -> str:
    return "vcgencmd does not tell" if shutil.which("vcgencmd") else "there is no vcgencmd"


_ADVICE: Final = {
    "heat": "give it a heat sink or a fan, out of the sun",
    "power": "use the power supply made for it, with a short cable",
}


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
