"""What outlives a pass of ``shinline run``: broker, pages, who is paired, where to write."""

import os
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from shinline import __version__
from shinline.app.baselines import with_baselines
from shinline.app.calibrations import folder as calibration_folder
from shinline.app.caretaker import Attendance, load_caretaker
from shinline.app.clock import SessionClock
from shinline.app.door import Door
from shinline.app.indicators import Indicators
from shinline.app.mounting.desk import Desk
from shinline.app.mounting.plugin import Calibrator, load_calibrator
from shinline.coach.faults.bar_forward import LEVEL_SD_DEG
from shinline.config import Config, Mqtt
from shinline.journal.reader import Catalogue
from shinline.journal.schema import open_for_writing
from shinline.types import FrameSource
from shinline.web.state import PhoneBroker
from shinline.wire.broker import start_broker
from shinline.wire.endpoint import Endpoint, external
from shinline.wire.homeassistant import Introduction
from shinline.wire.payloads import Calibration, Info
from shinline.wire.sink import MqttSink

CONNECT_WAIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Station:
    """The console, the connection to the broker, the calibration in force."""

    config: Config
    console: Console
    journal: Path
    clock: SessionClock
    sink: MqttSink
    stop: threading.Event
    desk: Desk
    calibrator: Calibrator | None
    attendance: Attendance
    indicators: Indicators

    @property
    def applied(self) -> Config:
        """The configuration with the calibration in force."""
        return self.config if self.calibrator is None else self.calibrator.applied(self.config)


def open_station(
    config: Config,
    journal: Path,
    console: Console,
    stop: threading.Event,
    source: FrameSource,
    stack: ExitStack,
    indicators: Indicators,
) -> Station:
    """Start the broker (unless one is configured) and the pages, and say where they are.

    Raises
    ------
    ConfigError, BrokerError, PortInUse, JournalError, TlsError
        Something cannot be started.

    """
    door = Door(config, console)
    endpoint, ws_port = _open_broker(config, door, console, stack)
    open_for_writing(journal).close()  # made, or refused, before anything is tracked
    catalogue = Catalogue(journal)
    config = with_baselines(config, catalogue)
    page = door.serve(stack, catalogue, ws_port, _broker_of_phones(config.mqtt))
    clock = SessionClock(source)
    sink = MqttSink(config, endpoint, clock.utc, clock.now_ns, Introduction(config, page))
    stack.callback(sink.close)
    identity = getattr(source, "identity", None)
    calibrator = load_calibrator(config, identity, calibration_folder(config))
    desk = Desk(config, indicators.line(sink), calibrator)
    stack.callback(desk.close)
    attendance = Attendance(load_caretaker(), lambda line: console.print(line, highlight=False))
    stack.callback(attendance.close)
    return Station(
        config, console, journal, clock, sink, stop, desk, calibrator, attendance, indicators
    )


def _open_broker(
    config: Config, door: Door, console: Console, stack: ExitStack
) -> tuple[Endpoint, int]:
    """Start our own broker unless another one is configured; return it and its WebSocket port."""
    mqtt = config.mqtt
    elsewhere = external(mqtt)
    if elsewhere is not None:
        return elsewhere, mqtt.ws_port
    folder = Path(
        stack.enter_context(tempfile.TemporaryDirectory(prefix="shinline-", dir=_scratch()))
    )
    broker = start_broker(
        mqtt,
        config.platform,
        folder,
        mqtt.broker,
        door.phones.accounts(),
        door.tls,
        config.home_assistant.prefix,
    )
    stack.enter_context(broker)
    encrypted = f", TLS port {broker.tls_port}" if door.tls else ""
    console.print(
        f"broker   {broker.kind}, TCP port {broker.tcp_port}, WebSocket port {broker.ws_port}"
        + encrypted
    )
    door.phones.follow(broker.set_accounts)
    stack.callback(door.phones.close)
    return broker.endpoint, broker.ws_port


def _scratch() -> str | None:
    """Return where files of a running service belong; systemd empties other folders in time."""
    return os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or None


def _broker_of_phones(mqtt: Mqtt) -> PhoneBroker | None:
    """Return where phones find a broker that is not ours."""
    if not (mqtt.url or mqtt.host):
        return None
    return PhoneBroker(mqtt.phone_url, mqtt.phone_username, mqtt.phone_password)


def introduce(station: Station, source: FrameSource) -> None:
    """Publish what is watching and how far its picture can be trusted, and wait for the broker."""
    sink = station.sink
    publish_info(station, source)
    publish_calibration(station)
    deadline = time.monotonic() + CONNECT_WAIT_S
    while not sink.connected and time.monotonic() < deadline and not station.stop.is_set():
        time.sleep(0.01)
    if not sink.connected:
        station.console.print(
            f"[yellow]no broker yet ({sink.problem}); "
            "recording goes on, reps are sent when it answers"
        )


def publish_info(station: Station, source: FrameSource) -> None:
    """Say what is watching, and how fast."""
    hips = ("hips",) if station.config.marker.kind == "ring" else ()
    info = Info(
        version=__version__,
        camera=source.name,
        width_px=source.width_px,
        height_px=source.height_px,
        rate_hz=source.rate_hz,
        capabilities=("bar_path", "reps", "cues", *hips, "mounting"),
    )
    station.sink.publish_info(info)


def publish_calibration(station: Station) -> None:
    """Say how the camera is known to stand, before the marker has given the scale."""
    rig, calibrator = station.applied.rig, station.calibrator
    problems = () if rig.roll_sd_deg <= LEVEL_SD_DEG else ("camera roll is not calibrated",)
    if calibrator is not None and calibrator.problem:
        problems = (*problems, calibrator.problem)
    made_on = None if calibrator is None else calibrator.made_on
    age = None if made_on is None else datetime.now(UTC).date() - made_on
    station.sink.publish_calibration(
        Calibration(
            valid=False,
            roll_deg=rig.roll_deg,
            roll_sd_deg=rig.roll_sd_deg,
            residual_px=None if calibrator is None else calibrator.residual_px,
            age_s=None if age is None else max(0.0, age.total_seconds()),
            problems=problems,
        )
    )
