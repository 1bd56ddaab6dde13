"""Run the whole program for some minutes, as a service would, and write down how it went.

Everything is on that a training has: journal, broker, pages, a paired phone that watches, and the
preview. Data go into a folder that is thrown away; nothing of the owner's is touched.
"""

import io
import socket
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, cast

import msgspec
from rich.console import Console

from shinline.app import machine
from shinline.app.access import AccessBook
from shinline.app.bench.device.camera import RATE_HZ, StoredLift, open_stored
from shinline.app.bench.device.restart import restart_s
from shinline.app.bench.device.watcher import Look, Viewer, Watcher
from shinline.app.meter import Meter
from shinline.app.plugins import CommandError
from shinline.app.run import run
from shinline.config import Access, Config, Journal, Mqtt, Tls, Web
from shinline.types import BarPrior, CameraIdentity, Frame, FrameSource

SOURCE: Final = "picamera"
"""What is measured with on a Raspberry Pi where nothing else is asked for."""

SIMULATED: Final = "simulated"


@dataclass(frozen=True, slots=True)
class Measured:
    """How it went.

    ``own_mb``: what a simulated camera's stored pictures take of the memory. ``restart_s``: from
    killing the program to the next one's first frame.
    """

    camera: str
    simulated: bool
    idle: bool
    width_px: int
    height_px: int
    full_hz: float
    minutes: float
    began: datetime
    frames: int
    seen: int
    dropped: int
    reps: int
    problem: str
    meter: Meter
    looks: list[Look]
    own_mb: float
    restart_s: float
    said: list[str] = field(default_factory=list)


class TimedSource:
    """Another source that ends after so many minutes of frames."""

    def __init__(self, source: FrameSource, minutes: float) -> None:
        self._source = source
        self._seconds = 60.0 * minutes
        self._end_s: float | None = None

    @property
    def name(self) -> str:
        """The other source's name; so with all the rest."""
        return self._source.name

    @property
    def width_px(self) -> int:
        """Of its pictures."""
        return self._source.width_px

    @property
    def height_px(self) -> int:
        """Of its pictures."""
        return self._source.height_px

    @property
    def rate_hz(self) -> float:
        """Of its frames."""
        return self._source.rate_hz

    @property
    def dropped(self) -> int:
        """Frames that nobody read."""
        return self._source.dropped

    @property
    def identity(self) -> CameraIdentity | None:
        """Which camera it is."""
        return getattr(self._source, "identity", None)

    def read(self) -> Frame | None:
        """Return the next frame until the time is over."""
        now_s = time.monotonic()
        if self._end_s is None:
            self._end_s = now_s + self._seconds
        return self._source.read() if now_s < self._end_s else None

    def slow_to(self, rate_hz: float) -> float:
        """Slow the other source down, if that can be done."""
        slow = getattr(self._source, "slow_to", None)
        return self.rate_hz if slow is None else float(slow(rate_hz))

    def now_ns(self) -> int:
        """Return the present time on the clock of the frames."""
        return self._source.now_ns()

    def close(self) -> None:
        """Let go of the camera."""
        self._source.close()


def measure_device(
    config: Config, source: str | None, minutes: float, idle: bool = False
) -> Measured:
    """Run the program for so many minutes on a camera, or on a simulated one, and measure it.

    ``source`` None: the Pi's camera on a Raspberry Pi, elsewhere the simulated one. ``idle``:
    nobody watches, and the simulated bar lies.

    Raises
    ------
    CommandError
        There is no source of that name.
    OSError
        The camera cannot be used.

    """
    wanted = source or (SOURCE if machine.pi_model() else SIMULATED)
    camera, own_mb = _open(config, wanted, idle)
    timed = cast(FrameSource, TimedSource(camera, minutes))
    began, said = datetime.now(UTC), io.StringIO()

    def open_it() -> tuple[FrameSource, BarPrior | None]:
        return timed, None

    with tempfile.TemporaryDirectory(prefix="shinline-bench-") as name:
        folder = Path(name)
        ours = _apart(config, folder)
        phone = AccessBook(folder / "access.json").add("measuring")
        login = phone.username, phone.password
        console = Console(file=said, width=100)
        viewer = nullcontext() if idle else Viewer(ours.mqtt.port, login, ours.platform)
        with viewer, Watcher(timed) as watcher:
            outcome = run(ours, open_it, folder / "journal.sqlite3", console, loop=False)
    if outcome.meter is None:
        raise CommandError("nothing was measured")
    return Measured(
        camera.name,
        own_mb > 0.0,
        idle,
        camera.width_px,
        camera.height_px,
        getattr(camera, "full_hz", camera.rate_hz),
        minutes,
        began,
        outcome.frames,
        outcome.frames_tracked,
        outcome.dropped,
        len(outcome.reps),
        outcome.problem,
        outcome.meter,
        watcher.looks,
        own_mb,
        restart_s("simulation" if wanted == SIMULATED else wanted),
        [line.removeprefix("machine").strip() for line in said.getvalue().splitlines()
         if line.startswith("machine ")],
    )  # fmt: skip


def _open(config: Config, wanted: str, idle: bool) -> tuple[FrameSource, float]:
    if wanted == SIMULATED:
        lift = StoredLift(RATE_HZ, lifted=not idle)
        return open_stored(lift), lift.pictures_mb
    known = {point.name: point for point in entry_points(group="shinline.sources")}
    if wanted not in known:
        names = ", ".join(sorted({SIMULATED, *known}))
        raise CommandError(f"no source named {wanted!r}; there are: {names}")
    opened: FrameSource = known[wanted].load()(config)
    return opened, 0.0


def _apart(config: Config, folder: Path) -> Config:
    """Return the configuration with data and ports of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return msgspec.structs.replace(
        config,
        mqtt=Mqtt(port=port, ws_port=0, broker=config.mqtt.broker),
        web=Web(bind="127.0.0.1", port=0),
        tls=Tls(mode="off"),
        access=Access(path=str(folder / "access.json")),
        journal=Journal(path=str(folder / "journal.sqlite3")),
    )
