"""The Raspberry Pi's camera as a frame source: the newest picture's brightness, in place.

No picture is copied: a frame is a view of the camera's own buffer, which goes back to the camera
at the next ``read``. Exposure, gain, white balance and focus are fixed, because a control loop
that reacts to plates passing by would change what a rep looks like in the middle of it.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from shinline.config import Config
from shinline.types import CameraIdentity, Frame, U8Image
from shinline_pi import ai_camera, gain, modes, settings, shutter
from shinline_pi.kept_modes import KeptModes
from shinline_pi.lent import Lent
from shinline_pi.silence import WAIT_S, CameraError, Patience

_LOG = logging.getLogger(__name__)

BUFFERS: Final = 4
"""One with us, one being written, two so that none is missed in between."""

STALE: Final = 30
"""So many pictures in a row that are no newer than the one before come from a frozen camera."""

SERIAL: Final = Path("/proc/device-tree/serial-number")
STREAM: Final = "main"
_NS_PER_US: Final = 1000
_NS_PER_MS: Final = 1_000_000


def open_source(config: Config) -> "PiCamera":
    """Open the camera: the entry point ``picamera``.

    Of the configuration ``readout_ms`` of ``[rig]`` is about it, and ``[body]`` if its sensor is to
    run a network.

    Raises
    ------
    CameraError
        picamera2 is missing or broken, no camera is connected, or it cannot be started.
    ConfigError
        The network for the sensor is missing.

    """
    package = settings.picamera2()
    kept = KeptModes(settings.libcamera_version())
    on_sensor = config.body.source == ai_camera.MODEL
    body = ai_camera.AiCamera(config) if on_sensor else None  # before the camera is opened
    return PiCamera(package, kept=kept, configured_readout_ms=config.rig.readout_ms, body=body)


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

    ``Frame.t_ns`` is CLOCK_MONOTONIC at the middle of the exposure of the picture's middle row,
    which is what the engine takes it for; ``readout_ms`` dates the other rows.

    Parameters
    ----------
    picamera2 : module
        The picamera2 package, or what behaves like it.
    clock
        CLOCK_MONOTONIC in ns, the clock of the sensor's time stamps.
    sleep
        Waits between attempts to open the camera again.
    kept
        Remembers the sensor mode; None: it is chosen anew.
    configured_readout_ms
        What the configuration says of the rolling shutter; 0: nothing.
    body
        The network on the sensor of an AI Camera, which is then the camera to open.

    Attributes
    ----------
    name
        The camera's model, such as ``imx708``.
    width_px, height_px, rate_hz
        Of the mode that was chosen.
    dropped
        Frames that the sensor took and nobody read.
    readout_ms
        How much later the last row is exposed than the first; 0: a global shutter, or not known.
    identity
        The board's serial number, the camera's model, mode and focus.
    gain
        What the sensor amplifies by, chosen at the start; None where that cannot be chosen.
    advice
        What to do about the light; empty when there is enough.
    reopened
        How often the camera fell silent and was opened again.
    on_silence
        Called with True when the pictures stop, and with False when they are back.

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
        kept: KeptModes | None = None,
        configured_readout_ms: float = 0.0,
        body: ai_camera.AiCamera | None = None,
    ) -> None:
        self._picamera2 = picamera2
        self._clock = clock
        self._patience = Patience(sleep)
        self._kept = kept
        self._configured_readout_ms = configured_readout_ms
        self.body = body
        self.name = self.advice = ""
        self.width_px = self.height_px = 0
        self.rate_hz = self.readout_ms = 0.0
        self.dropped = 0
        self.reopened = 0
        self.gain: float | None = None
        self._seq = -1
        self._last_ns = -1
        self._gaps = GapCounter()
        self._mode: modes.Mode | None = None
        self._borrowed = ExitStack()  # gives the request behind the last frame back
        self._lent = Lent()
        self._closed = False
        self._serial = device_serial()
        self._focus_dioptres: float | None = None
        self._camera: Any = self._open()

    def read(self) -> Frame | None:
        """Return the newest frame, waiting for one that was not handed out; None when closed.

        The frame before it is no longer valid: its buffer is the camera's again.
        """
        if self._closed:
            return None
        self._give_back()
        request, metadata = self._patience.insist(self._try_capture, self._shut)
        frame = self._frame(metadata, self._luma(request))
        if self.body is not None:
            self.body.note(metadata, frame.t_ns, (self.width_px, self.height_px))
        return frame

    def now_ns(self) -> int:
        """Return the present time on the clock of ``Frame.t_ns``."""
        return self._clock()

    @property
    def on_silence(self) -> Callable[[bool], None]:
        """Who is told when the pictures stop (True) and when they are back (False)."""
        return self._patience.on_silence

    @on_silence.setter
    def on_silence(self, tell: Callable[[bool], None]) -> None:
        self._patience.on_silence = tell

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

    def _luma(self, request: Any) -> U8Image:
        """Return the picture's brightness in the camera's own memory, borrowed with the request."""
        mapped = self._borrowed.enter_context(
            self._picamera2.MappedArray(request, STREAM, write=False)
        )
        luma: U8Image = mapped.array[: self.height_px, : self.width_px]
        self._lent.note(luma)
        return luma

    def _frame(self, metadata: dict[str, Any], luma: U8Image) -> Frame:
        """Date the picture. The sensor's stamp is the end of the first row's exposure."""
        sensor_ns = self._last_ns
        exposure_us = int(metadata.get("ExposureTime", settings.EXPOSURE_US))
        if self._focus_dioptres is not None:  # as it stands, which need not be as it was asked
            self._focus_dioptres = float(metadata.get("LensPosition", self._focus_dioptres))
        period_us = metadata.get("FrameDuration", 1e6 / self.rate_hz)
        missed = self._gaps.missed(sensor_ns, round(period_us * _NS_PER_US))
        self.dropped += missed
        self._seq += 1 + missed
        later_ns = round(self.readout_ms * _NS_PER_MS / 2.0) - exposure_us * _NS_PER_US // 2
        return Frame(self._seq, sensor_ns + later_ns, exposure_us, luma)

    def _try_capture(self) -> tuple[Any, dict[str, Any]]:
        """Wait for the next request; it is borrowed until the frame after it is asked for."""
        if self._camera is None:
            self._camera = self._open()
            self._gaps.restart()
            self.reopened += 1
        for _ in range(STALE):
            request = self._request(self._camera)
            metadata = request.get_metadata()
            if metadata["SensorTimestamp"] > self._last_ns:
                self._last_ns = int(metadata["SensorTimestamp"])
                return request, metadata
            self._give_back()
        raise CameraError("the camera delivers the same picture for ever: check the power supply")

    def _request(self, camera: Any) -> Any:
        try:
            request = camera.capture_request(wait=WAIT_S)
        except TimeoutError:
            raise CameraError(
                f"no frame from the camera for {WAIT_S:.0f} s: check its cable and the power supply"
            ) from None
        self._borrowed.callback(request.release)
        return request

    def _open(self) -> Any:
        connected = self._picamera2.Picamera2.global_camera_info()
        if not connected:
            raise CameraError(
                "no camera is connected: check both ends of its cable with the power off, then "
                "look at what rpicam-hello --list-cameras says"
            )
        number = 0 if self.body is None else self.body.camera_num
        self.name = str(connected[number]["Model"])
        settings.hdr_off(self.name)
        with ExitStack() as on_failure:
            try:
                camera = self._picamera2.Picamera2(number)
                on_failure.callback(self._quit, camera)
                self._configure(camera)
                camera.start()
            except RuntimeError as problem:
                if self._seq < 0:
                    self._forget_mode()
                raise CameraError(f"camera {self.name} cannot be started: {problem}") from problem
            self._amplify(camera)
            on_failure.pop_all()
        return camera

    def _configure(self, camera: Any) -> None:
        mode = self._mode = self._mode or self._choose_mode(camera)
        rate_hz = self.rate_hz or mode.rate_hz  # opened again: as slow as it was made
        available = camera.camera_controls
        self._focus_dioptres = settings.FOCUS_DIOPTRES if "LensPosition" in available else None
        wanted = settings.controls(rate_hz)
        if self.gain is not None:  # in the middle of a set the picture is to stay as it was
            wanted["AnalogueGain"] = self.gain
        configuration = camera.create_video_configuration(
            main={"format": "YUV420", "size": mode.output_px},
            lores=None,
            raw=None,
            sensor={
                "output_size": (mode.width_px, mode.height_px),
                "bit_depth": mode.bit_depth,
            },
            buffer_count=BUFFERS,
            queue=True,  # the newest is kept for us, so that a moment's delay loses none
            display=None,
            encode=None,
            controls={name: value for name, value in wanted.items() if name in available},
        )
        camera.configure(configuration)
        self.width_px, self.height_px = camera.camera_configuration()[STREAM]["size"]
        self.rate_hz = rate_hz
        self.readout_ms = shutter.readout_ms(self.name, mode, self._configured_readout_ms)

    def _choose_mode(self, camera: Any) -> modes.Mode:
        """Return the mode to use. Listing them sets the camera up for each, so it is done once."""
        mode = None if self._kept is None else self._kept.get(self.name)
        if mode is None:
            mode = modes.choose(camera.sensor_modes)
            if mode is None:
                raise CameraError(f"camera {self.name} has no mode with a size and a frame rate")
            if self._kept is not None:
                self._kept.put(self.name, mode)
        return mode

    def _forget_mode(self) -> None:
        """Have the modes listed at the next start: the remembered one may be why it failed."""
        self._mode = None
        if self._kept is not None:
            self._kept.put(self.name, None)

    def _amplify(self, camera: Any) -> None:
        """Choose the gain for the room, once, from pictures that are then thrown away."""
        span = gain.limits(camera.camera_controls)
        if span is None or self.gain is not None:
            return
        chosen, level = gain.start(span), 0.0
        try:
            for _ in range(gain.ROUNDS):
                camera.set_controls({"AnalogueGain": chosen})
                level = self._level(camera, chosen)
                tried, chosen = chosen, gain.better(chosen, level, span)
                if chosen == tried:
                    break
        except CameraError:  # whoever reads the first frame waits for it with more patience
            return
        finally:
            self._give_back()
        self.gain = chosen
        self.advice = gain.verdict(chosen, level)
        if self.advice:
            _LOG.warning("%s", self.advice)

    def _level(self, camera: Any, wanted: float) -> float:
        """Return how bright the picture is once the gain is near what was asked for."""
        for _ in range(gain.FRAMES):
            self._give_back()
            request = self._request(camera)
            if abs(request.get_metadata().get("AnalogueGain", 0.0) / wanted - 1.0) < 0.1:
                break
        return gain.bright_level(self._luma(request))

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
