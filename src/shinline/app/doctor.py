"""``shinline doctor``: is this machine ready to measure, and if not, what is to be done.

Each check is one function that looks at one thing and leaves nothing behind. The checks do not
import the engine: they must be able to speak on a machine where it cannot be loaded.
"""

import importlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import msgspec
from starlette.applications import Starlette

from shinline.app import doctor_access, machine
from shinline.config import Config, ConfigError, Mqtt
from shinline.journal.errors import JournalError
from shinline.journal.reader import Catalogue
from shinline.kernel import cache_dir
from shinline.web.server import PortInUse, serve
from shinline.wire import mosquitto, ports
from shinline.wire.endpoint import external
from shinline.wire.knock import knock

DEMO: Final = Path(__file__).parent.parent / "assets" / "demo.mp4"
CLOCK_IS_SET: Final = Path("/run/systemd/timesync/synchronized")

EARLIEST: Final = datetime(2025, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2060, 1, 1, tzinfo=UTC)
FREE_MIN_B: Final = 1_000_000_000
ANSWER_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found; ``advice`` is empty where nothing needs to be done."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


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


# --- the program ------------------------------------------------------------------------------


def _python(_config: Config, _journal: Path) -> Check:
    wide = sys.maxsize > 2**32
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    advice = "" if wide else "install a 64-bit system: the compiler has no 32-bit version"
    return Check("Python", wide, detail, advice)


def _kernel_cache(_config: Config, _journal: Path) -> Check:
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_dir())
    problem = _write_problem(folder)
    if problem:
        advice = "make it writable, or set XDG_CACHE_HOME to a folder that is"
        return Check("compiled code", False, f"{folder}: {problem}", advice)
    return Check("compiled code", True, f"kept in {folder}")


def _recording(_config: Config, _journal: Path) -> Check:
    if DEMO.is_file() and DEMO.stat().st_size > 0:
        return Check("bundled recording", True, str(DEMO))
    return Check("bundled recording", False, f"{DEMO} is missing", "install the package again")


def _decoder(_config: Config, _journal: Path) -> Check:
    name, advice = "video decoder", "install PyAV from its wheel: pip install --force-reinstall av"
    try:
        av = importlib.import_module("av")
        codec = av.codec.Codec("h264", "r")
    except (ImportError, ValueError) as problem:
        return Check(name, False, f"H.264 cannot be decoded: {problem}", advice)
    return Check(name, True, f"PyAV {av.__version__}: {codec.long_name}")


def _sources(_config: Config, _journal: Path) -> Check:
    loaded, broken = [], []
    for point in entry_points(group="shinline.sources"):
        try:
            point.load()
            loaded.append(point.name)
        except Exception as problem:  # noqa: BLE001  (a stranger's package may raise anything)
            broken.append(f"{point.name} does not load: {problem}")
    detail = ", ".join(sorted(loaded)) or "none is registered"
    if broken or not loaded:
        advice = "install the package that brings it again, or remove it"
        return Check("frame sources", False, "; ".join([detail, *broken]), advice)
    return Check("frame sources", True, detail)


# --- where it talks ---------------------------------------------------------------------------


def _broker(config: Config, _journal: Path) -> Check:
    try:
        endpoint = external(config.mqtt)
    except ConfigError as problem:
        return Check("broker", False, str(problem), "correct it in the configuration")
    if endpoint is None:
        return _embedded_broker(config.mqtt)
    trouble = knock(config.platform, endpoint, ANSWER_S)
    advice = "start or correct it; without mqtt.url and mqtt.host a broker is brought along"
    return Check("broker", not trouble, trouble or f"{endpoint} lets us in", advice)


def _embedded_broker(mqtt: Mqtt) -> Check:
    program = None if mqtt.broker == "python" else mosquitto.find()
    if program:
        return Check("broker", True, f"mosquitto, {program}")
    if mqtt.broker == "mosquitto":
        advice = "install it: sudo apt install mosquitto; or set mqtt.broker to 'auto'"
        return Check("broker", False, "mosquitto is not installed", advice)
    try:
        importlib.import_module("amqtt.broker")
    except ImportError as problem:
        advice = "install one: sudo apt install mosquitto, or pip install amqtt"
        return Check("broker", False, f"there is none: {problem}", advice)
    return Check("broker", True, "the Python broker; mosquitto would be twice as quick")


def _mqtt_port(config: Config, _journal: Path) -> Check:
    return _broker_port(config.mqtt, "MQTT port", "port", other="ws_port")


def _ws_port(config: Config, _journal: Path) -> Check:
    return _broker_port(config.mqtt, "WebSocket port", "ws_port", other="port")


def _broker_port(
    mqtt: Mqtt, name: str, key: Literal["port", "ws_port"], other: Literal["port", "ws_port"]
) -> Check:
    """Check one of the broker's ports; the other one is set to 0, so that it cannot interfere."""
    if mqtt.host or mqtt.url:
        return Check(name, True, "not used: the broker is elsewhere")
    try:
        ports.choose(msgspec.structs.replace(mqtt, **{other: 0}))
    except ports.BrokerError as problem:
        return Check(name, False, str(problem), "or end the program that uses it")
    return Check(name, True, _free(getattr(mqtt, key)))


def _web_port(config: Config, _journal: Path) -> Check:
    """Serve an empty site for a moment: then the port, the address and the server all work."""
    web = config.web
    try:
        with serve(Starlette(), web.bind, web.port):
            return Check("web port", True, _free(web.port))
    except PortInUse as problem:
        advice = f"set web.port to {problem.offer}, or end the program that uses {web.port}"
        return Check("web port", False, str(problem), advice)
    except OSError as problem:
        advice = "correct web.bind (0.0.0.0: every interface) or web.port (from 1024 on)"
        return Check("web port", False, f"{web.bind} port {web.port}: {problem}", advice)


def _phones(config: Config, _journal: Path) -> Check:
    return Check("phones", *doctor_access.phones(config))


def _tls(config: Config, _journal: Path) -> Check:
    return Check("encryption", *doctor_access.tls(config))


def _free(port: int) -> str:
    return f"{port} is free" if port else "any free one"


# --- where it writes --------------------------------------------------------------------------


def _journal_file(_config: Config, journal: Path) -> Check:
    problem = _write_problem(journal.parent)
    if problem:
        advice = "name another file with --journal, or in journal.path"
        return Check("journal", False, f"{journal}: {problem}", advice)
    if not journal.exists():
        return Check("journal", True, f"{journal} will be made")
    return _existing_journal(journal)


def _existing_journal(journal: Path) -> Check:
    try:
        journal.open("r+b").close()
        count = len(Catalogue(journal).sessions())
    except OSError as problem:
        detail, advice = f"{journal}: {problem.strerror}", "make the file writable"
    except JournalError as problem:
        detail, advice = str(problem), "move it away, or name another file with --journal"
    else:
        return Check("journal", True, f"{journal}, sessions: {count}")
    return Check("journal", False, detail, advice)


def _disk(_config: Config, journal: Path) -> Check:
    free_b = shutil.disk_usage(_nearest(journal)).free
    detail = f"{free_b / 1e9:.1f} GB free where the journal is"
    if free_b < FREE_MIN_B:
        advice = f"free some space: {FREE_MIN_B / 1e9:.0f} GB is the least for many sessions"
        return Check("disk space", False, detail, advice)
    return Check("disk space", True, detail)


def _write_problem(folder: Path) -> str:
    """Return why nothing can be written into a folder, existing or to be made; empty if it can."""
    try:
        with tempfile.TemporaryFile(dir=_nearest(folder)):
            return ""
    except OSError as problem:
        return (problem.strerror or str(problem)).lower()


def _nearest(path: Path) -> Path:
    """Return the path itself if it exists, else the nearest thing above it that does."""
    for candidate in (path.absolute(), *path.absolute().parents):
        with suppress(PermissionError):  # inside a folder we may not look into: go on above it
            if candidate.exists():
                return candidate
    return Path(path.anchor)


# --- the machine ------------------------------------------------------------------------------


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
    _python,
    _kernel_cache,
    _recording,
    _decoder,
    _sources,
    _broker,
    _mqtt_port,
    _ws_port,
    _web_port,
    _phones,
    _tls,
    _journal_file,
    _disk,
    _clock,
    _pi_camera,
    _pi_health,
)
