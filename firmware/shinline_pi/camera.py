"""The Raspberry Pi's camera as a frame source: the newest picture's brightness, in place.

No picture is copied: a frame is a view of the camera's own buffer, which goes back to the camera
at the next ``read``. Exposure, gain, white balance and focus are fixed, because a control loop
that reacts to plates passing by would change what a rep looks like in the middle of it.
"""

import importlib
import logging
import time
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np

from shinline.config import Config
from shinline.types import CameraIdentity, Frame, U8Image
from shinline_pi import modes

_LOG = logging.getLogger(__name__)

EXPOSURE_US: Final = 1000
"""A bar at 3 m/s moves 3 mm in it, about 1.5 pixels at 2 m: blur stays below the marker's edge."""

GAIN: Final = 8.0
"""What a millisecond needs in a well-lit room; sunlight needs less, a dim room a lamp."""

FOCUS_DIOPTRES: Final = 0.4
"""Sharp at 2.5 m."""

BUFFERS: Final = 4
"""One with us, one being written, two so that none is missed in between."""

WAIT_S: Final = 1.0
BACKOFF_S: Final = (0.0, 0.5, 2.0)
"""Pauses before each attempt to open the camera again; after the last one it is given up."""

SERIAL: Final = Path("/proc/device-tree/serial-number")
STREAM: Final = "main"
_NS_PER_US: Final = 1000

_NOISE_REDUCTION_OFF: Final = 0
_AF_MANUAL: Final = 0
"""Values of libcamera's enumerations, which take plain numbers."""


class CameraError(OSError):
    """The camera cannot be used; the message says why and what to do."""


def open_source(_config: Config) -> "PiCamera":
    """Open the camera. This is the entry point; nothing in the configuration is about it yet.

    Raises
    ------
    CameraError
        picamera2 is missing or broken, no camera is connected, or it cannot be started.

    """
    return PiCamera(_picamera2())


def _picamera2() -> Any:
    try:
        return importlib.import_module("picamera2")
    except (ImportError, ValueError) as problem:  # ValueError: built for another numpy
        raise CameraError(
            f"picamera2 cannot be loaded ({problem}); on Raspberry Pi OS: sudo apt install "
            "python3-picamera2, in an environment made with --system-site-packages"
        ) from None


def controls(rate_hz: float) -> dict[str, Any]:
    """Return everything the camera shall not decide by itself, in libcamera's names and units.

    Cameras have only some of these. The colour gains are 1 because only brightness is used:
    amplifying red and blue would add their noise to it.
    """
    period_us = round(1e6 / rate_hz)
    return {
        "FrameDurationLimits": (period_us, period_us),
        "AeEnable": False,
        "ExposureTime": EXPOSURE_US,
        "AnalogueGain": GAIN,
        "AwbEnable": False,
        "ColourGains": (1.0, 1.0),
        "AfMode": _AF_MANUAL,
        "LensPosition": FOCUS_DIOPTRES,
        "NoiseReductionMode": _NOISE_REDUCTION_OFF,
        "Sharpness": 0.0,
    }


def device_serial(path: Path = SERIAL) -> str:
    """Return the board's serial number; empty where it has none. Cameras have no own."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip("\0 \n")
    except OSError:
        return ""


class GapCounter:
    """Counts the frames between those that were handed out, from the sensor's time stamps."""

    def __init__(self) -> None:
        self._last_ns: int | None = None

    def missed(self, sensor_ns: int, period_ns: int) -> int:
        """Take in the next frame's time; return how many periods without a frame precede it."""
        last_ns, self._last_ns = self._last_ns, sensor_ns
        return 0 if last_ns is None else max(0, round((sensor_ns - last_ns) / period_ns) - 1)

    def restart(self) -> None:
        """Forget the last frame: no frame is missed while the camera is not running."""
        self._last_ns = None


class PiCamera:
    """The first camera of a Raspberry Pi; a :class:`~shinline.types.FrameSource`.

    ``Frame.t_ns`` is CLOCK_MONOTONIC at the middle of the *first row's* exposure. The rows of a
    rolling shutter follow: the lowest row of an IMX708 is 8 ms younger.

    Parameters
    ----------
    picamera2 : module
        The picamera2 package, or what behaves like it.
    clock
        CLOCK_MONOTONIC in ns, the clock of the sensor's time stamps.
    sleep
        Waits between attempts to open the camera again.

    Attributes
    ----------
    name
        The camera's model, such as ``imx708``.
    width_px, height_px, rate_hz
        Of the mode that was chosen.
    dropped
        Frames that the sensor took and nobody read.
    identity
        The board's serial number, the camera's model, mode and focus.
    reopened
        How often the camera fell silent and was opened again.

    Raises
    ------
    CameraError
        From the constructor: no camera, or it cannot be started. From ``read``: it fell silent
        and could not be brought back.

    """

    def __init__(
        self,
        picamera2: Any,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._picamera2 = picamera2
        self._clock = clock
        self._sleep = sleep
        self.name = ""
        self.width_px = self.height_px = 0
        self.rate_hz = 0.0
        self.dropped = 0
        self.reopened = 0
        self._seq = -1
        self._gaps = GapCounter()
        self._mode: modes.Mode | None = None
        self._borrowed = ExitStack()  # gives the request behind the last frame back
        self._lent = _Lent()
        self._closed = False
        self._serial = device_serial()
        self._focus_dioptres: float | None = None
        self._camera: Any = self._open()

    def read(self) -> Frame | None:
        """Return the next frame to be exposed completely; None when closed.

        The frame before it is no longer valid: its buffer is the camera's again.
        """
        if self._closed:
            return None
        self._give_back()
        request = self._capture()
        self._borrowed.callback(request.release)
        mapped = self._borrowed.enter_context(
            self._picamera2.MappedArray(request, STREAM, write=False)
        )
        luma = mapped.array[: self.height_px, : self.width_px]
        self._lent.note(luma)
        return self._frame(request.get_metadata(), luma)

    def now_ns(self) -> int:
        """Return the present time on the clock of ``Frame.t_ns``."""
        return self._clock()

    @property
    def identity(self) -> CameraIdentity:
        """Which camera this is, and in which mode it runs."""
        mode = self._mode
        return CameraIdentity(
            model=self.name,
            serial=self._serial,
            width_px=self.width_px,
            height_px=self.height_px,
            mode="" if mode is None else f"{mode.width_px}x{mode.height_px}-{mode.bit_depth}",
            lens_position=self._focus_dioptres,
        )

    def slow_to(self, rate_hz: float) -> float:
        """Deliver at most so many frames a second from the next ones on; return how many.

        See :class:`shinline.app.caretaker.Slowable`. The sensor's mode stays: the picture, and
        with it the calibration, is the same.
        """
        full_hz = self.rate_hz if self._mode is None else self._mode.rate_hz
        self.rate_hz = min(rate_hz, full_hz)
        period_us = round(1e6 / self.rate_hz)
        if self._camera is not None and "FrameDurationLimits" in self._camera.camera_controls:
            self._camera.set_controls({"FrameDurationLimits": (period_us, period_us)})
            self._gaps.restart()  # the change itself is no gap
        return self.rate_hz

    def close(self) -> None:
        """Stop the camera; every later ``read`` returns None. Closing twice does no harm."""
        self._closed = True
        self._shut()

    def _frame(self, metadata: dict[str, Any], luma: U8Image) -> Frame:
        """Date the picture. The sensor's stamp is the end of the first row's exposure."""
        sensor_ns = int(metadata["SensorTimestamp"])
        exposure_us = int(metadata.get("ExposureTime", EXPOSURE_US))
        if self._focus_dioptres is not None:  # as it stands, which need not be as it was asked
            self._focus_dioptres = float(metadata.get("LensPosition", self._focus_dioptres))
        period_us = metadata.get("FrameDuration", 1e6 / self.rate_hz)
        missed = self._gaps.missed(sensor_ns, round(period_us * _NS_PER_US))
        self.dropped += missed
        self._seq += 1 + missed
        return Frame(self._seq, sensor_ns - exposure_us * _NS_PER_US // 2, exposure_us, luma)

    def _capture(self) -> Any:
        """Wait for the next request; bring a silent camera back, or raise CameraError."""
        for pause_s in BACKOFF_S:
            try:
                return self._try_capture()
            except CameraError as problem:
                _LOG.warning("%s; opening the camera again", problem)
            self._shut()
            self._sleep(pause_s)
        return self._try_capture()

    def _try_capture(self) -> Any:
        if self._camera is None:
            self._camera = self._open()
            self._gaps.restart()
            self.reopened += 1
        try:
            return self._camera.capture_request(wait=WAIT_S)
        except TimeoutError:
            raise CameraError(
                f"no frame from the camera for {WAIT_S:.0f} s: check its cable and the power supply"
            ) from None

    def _open(self) -> Any:
        connected = self._picamera2.Picamera2.global_camera_info()
        if not connected:
            raise CameraError(
                "no camera is connected: check both ends of its cable with the power off, then "
                "look at what rpicam-hello --list-cameras says"
            )
        self.name = str(connected[0]["Model"])
        with ExitStack() as on_failure:
            try:
                camera = self._picamera2.Picamera2(0)
                on_failure.callback(self._quit, camera)
                self._configure(camera)
                camera.start()
            except RuntimeError as problem:
                raise CameraError(f"camera {self.name} cannot be started: {problem}") from problem
            on_failure.pop_all()
        return camera

    def _configure(self, camera: Any) -> None:
        # Listing the modes reconfigures the camera for each of them, so it is done only once.
        mode = self._mode = self._mode or modes.choose(camera.sensor_modes)
        if mode is None:
            raise CameraError(f"camera {self.name} has no mode with a size and a frame rate")
        rate_hz = self.rate_hz or mode.rate_hz  # opened again: as slow as it was made
        available = camera.camera_controls
        self._focus_dioptres = FOCUS_DIOPTRES if "LensPosition" in available else None
        configuration = camera.create_video_configuration(
            main={"format": "YUV420", "size": mode.output_px},
            lores=None,
            raw=None,
            sensor={
                "output_size": (mode.width_px, mode.height_px),
                "bit_depth": mode.bit_depth,
            },
            buffer_count=BUFFERS,
            queue=False,  # the next frame, never one that has waited
            display=None,
            encode=None,
            controls={
                name: value for name, value in controls(rate_hz).items() if name in available
            },
        )
        camera.configure(configuration)
        self.width_px, self.height_px = camera.camera_configuration()[STREAM]["size"]
        self.rate_hz = rate_hz

    def _give_back(self) -> None:
        self._borrowed.close()
        self._lent.settle()

    def _shut(self) -> None:
        """Close the camera, if it is open, and let go of everything that is its own."""
        self._give_back()
        camera, self._camera = self._camera, None
        if camera is None:
            return
        self._lent.keep(camera.allocator)
        self._quit(camera)

    def _quit(self, camera: Any) -> None:
        """Close a camera; one that refuses is left alone, for there is nothing more to be done."""
        try:
            camera.close()
        except RuntimeError as problem:
            _LOG.warning("camera %s does not close: %s", self.name, problem)


class _Lent:
    """Keeps a closed camera's memory for as long as somebody still holds a view of it.

    Whoever asked for a frame has the one before in hand, and memory that is looked at cannot be
    unmapped: the allocator would fail half-way and leave its buffers behind for good.
    """

    def __init__(self) -> None:
        self._last: Callable[[], Any] = lambda: None
        self._kept: list[tuple[Callable[[], Any], Any]] = []

    def note(self, luma: U8Image) -> None:
        """Remember the array that maps the buffer, which every slice of the picture leads to."""
        root: Any = luma
        while isinstance(root.base, np.ndarray):
            root = root.base
        self._last = weakref.ref(root)

    def keep(self, allocator: object) -> None:
        """Hold on to the allocator until the last picture is gone."""
        self._kept.append((self._last, allocator))
        self.settle()

    def settle(self) -> None:
        """Let go of the allocators that nobody looks at any more."""
        self._kept = [(view, allocator) for view, allocator in self._kept if view() is not None]
