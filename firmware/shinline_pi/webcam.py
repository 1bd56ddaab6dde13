"""Any USB camera (UVC) as a frame source, through V4L2 by way of OpenCV.

For those without a camera of the Pi's own. Such cameras compress, have a rolling shutter of unknown
speed and rarely do more than 60 pictures a second: positions hold, times are good to the driver's
stamps. Their exposure is fixed where the driver lets it be.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from shinline.config import Config
from shinline.types import CameraIdentity, Frame, U8Image
from shinline_pi import gain
from shinline_pi.silence import WAIT_S, CameraError, Patience

_LOG = logging.getLogger(__name__)

WANTED: Final = (
    ("GREY", 1280, 800, 120.0),
    ("MJPG", 1280, 720, 60.0),
    ("MJPG", 640, 480, 60.0),
)
"""Pixel format, size and rate to ask for, the best first; the driver gives the nearest it has."""

GOOD_RATE_HZ: Final = 50.0
"""The first of these that runs as fast as this is taken; else the fastest."""

EXPOSURES_100US: Final = (10, 20, 40)
"""In V4L2's unit. A millisecond blurs a fast bar by its edge's width; 4 ms is what a dim room
costs."""

SETTLE: Final = 6
"""Pictures until an exposure counts."""

AGE_MAX_NS: Final = 1_000_000_000
"""A driver's stamp that is older than this, or of the future, is on another clock."""

_MANUAL: Final = 1
_US_PER_100US: Final = 100
_NS_PER_MS: Final = 1e6
_OPEN_ANY: Final = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"

OpenCapture = Callable[[str], Any]


def open_source(config: Config) -> "Webcam":
    """Open the first USB camera that gives pictures: the entry point ``webcam``.

    Raises
    ------
    CameraError
        There is none.

    """
    return Webcam(_capture, _nodes, configured_readout_ms=config.rig.readout_ms)


def _capture(node: str) -> Any:
    os.environ.setdefault(_OPEN_ANY, "1")  # seconds that a read waits for a camera that is gone
    return cv2.VideoCapture(node, cv2.CAP_V4L2)


def _nodes() -> list[str]:
    """Return the video devices there are; a camera has several, of which one gives pictures."""
    found = Path("/dev").glob("video*")
    return [str(p) for p in sorted(found, key=lambda p: (len(p.name), p.name))]


def fourcc(name: str) -> int:
    """Return V4L2's number of a pixel format."""
    return sum(ord(letter) << 8 * place for place, letter in enumerate(name))


class _Newest:
    """Reads a camera on a thread of its own, and keeps the newest picture only."""

    def __init__(self, capture: Any, clock: Callable[[], int]) -> None:
        self._capture = capture
        self._clock = clock
        self._turn = threading.Condition()
        self._held: tuple[U8Image, int] | None = None
        self._ended = False
        self.overwritten = 0
        self.stamped = False
        """Whether the driver's time stamps are on our clock."""

        self._thread = threading.Thread(target=self._work, name="shinline-webcam", daemon=True)
        self._thread.start()

    def take(self) -> tuple[U8Image, int]:
        """Return the newest picture that was not taken yet and its time; waits for one.

        Raises
        ------
        CameraError
            None came in time.

        """
        with self._turn:
            self._turn.wait_for(lambda: self._held is not None or self._ended, WAIT_S)
            held, self._held = self._held, None
        if held is None:
            raise CameraError(f"no picture from the USB camera for {WAIT_S:.0f} s: check its cable")
        return held

    def close(self) -> None:
        """Stop reading and let the camera go; one that hangs in the driver is left behind."""
        with self._turn:
            self._ended = True
        self._thread.join(2.0 * WAIT_S)
        if not self._thread.is_alive():
            self._capture.release()

    def _work(self) -> None:
        while not self._ended:
            if not self._capture.grab():
                break
            t_ns = self._stamp_ns()
            ok, picture = self._capture.retrieve()
            luma = _luma(picture) if ok else None
            if luma is None:  # a damaged JPEG
                continue
            with self._turn:
                self.overwritten += self._held is not None
                self._held = luma, t_ns
                self._turn.notify()
        with self._turn:
            self._ended = True
            self._turn.notify()

    def _stamp_ns(self) -> int:
        """Return the driver's stamp where it is on CLOCK_MONOTONIC, else the present time."""
        now_ns = self._clock()
        stamp_ns = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * _NS_PER_MS)
        self.stamped = 0 <= now_ns - stamp_ns < AGE_MAX_NS
        return stamp_ns if self.stamped else now_ns


def _luma(picture: Any) -> U8Image | None:
    """Return the brightness of what OpenCV hands over; None where it cannot be read.

    Grey is as it is, a JPEG a row of bytes, YUYV has two numbers for a pixel, BGR three.
    """
    luma: U8Image | None
    if min(picture.shape[:2]) == 1:
        luma = cv2.imdecode(picture.reshape(-1), cv2.IMREAD_GRAYSCALE)  # type: ignore[assignment]
    elif picture.ndim == 3 and picture.shape[2] == 3:
        luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    else:
        luma = np.ascontiguousarray(picture.reshape(*picture.shape[:2], -1)[:, :, 0])
    return luma


class Webcam:
    """The first USB camera that gives pictures; a :class:`~shinline.types.FrameSource`.

    ``Frame.t_ns`` is the driver's stamp, taken when the picture began to arrive, less half of the
    exposure; where it has none on our clock, the time of arrival, which is later by the transfer.

    Parameters
    ----------
    capture
        Opens a device node: ``cv2.VideoCapture``, or what behaves like it.
    nodes
        Lists the device nodes.
    clock, sleep
        CLOCK_MONOTONIC in ns; waits between attempts to open the camera again.
    configured_readout_ms
        What the configuration says of the rolling shutter, of which the driver says nothing.

    Attributes
    ----------
    dropped
        Pictures that came and were never read. Those that a camera leaves out in the dark are not
        in it: no driver tells them.
    exposure_us
        As asked for; 0 where the driver does not let it be chosen.
    advice
        What to do about the light; empty when there is enough.
    reopened, on_silence, readout_ms, identity
        As :class:`shinline_pi.camera.PiCamera` has them.

    Raises
    ------
    CameraError
        From the constructor: no camera gives pictures. From ``read``: it could not be brought back.

    """

    def __init__(
        self,
        capture: OpenCapture,
        nodes: Callable[[], list[str]],
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
        configured_readout_ms: float = 0.0,
    ) -> None:
        self._open_capture = capture
        self._nodes = nodes
        self._clock = clock
        self._patience = Patience(sleep)
        self.name = "webcam"
        self.advice = ""
        self.width_px = self.height_px = 0
        self.rate_hz = 0.0
        self.readout_ms = configured_readout_ms
        self.exposure_us = 0
        self.reopened = 0
        self._dropped_before = 0
        self._seq = 0
        self._closed = False
        self._newest: _Newest | None = self._open()

    @property
    def dropped(self) -> int:
        """Pictures that came and were never read."""
        newest = self._newest
        return self._dropped_before + (0 if newest is None else newest.overwritten)

    @property
    def on_silence(self) -> Callable[[bool], None]:
        """Who is told when the pictures stop (True) and when they are back (False)."""
        return self._patience.on_silence

    @on_silence.setter
    def on_silence(self, tell: Callable[[bool], None]) -> None:
        self._patience.on_silence = tell

    @property
    def identity(self) -> CameraIdentity:
        """Which camera this is; these have no serial number that can be relied on."""
        return CameraIdentity(self.name, "", self.width_px, self.height_px)

    def read(self) -> Frame | None:
        """Return the newest frame, waiting for one that was not handed out; None when closed."""
        if self._closed:
            return None
        luma, t_ns = self._patience.insist(self._try_take, self._shut)
        seq = self._seq + self.dropped
        self._seq += 1
        return Frame(seq, t_ns - self.exposure_us * 500, self.exposure_us, luma)

    def now_ns(self) -> int:
        """Return the present time on the clock of ``Frame.t_ns``."""
        return self._clock()

    def close(self) -> None:
        """Let the camera go; every later ``read`` returns None. Closing twice does no harm."""
        self._closed = True
        self._shut()

    def _try_take(self) -> tuple[U8Image, int]:
        if self._newest is None:
            self._newest = self._open()
            self.reopened += 1
        luma, t_ns = self._newest.take()
        if luma.shape != (self.height_px, self.width_px):
            raise CameraError(f"the USB camera changed its picture to {luma.shape[::-1]}")
        return luma, t_ns

    def _shut(self) -> None:
        newest, self._newest = self._newest, None
        if newest is not None:
            self._dropped_before += newest.overwritten
            newest.close()

    def _open(self) -> _Newest:
        nodes = self._nodes()
        for node in nodes:
            capture = self._open_capture(node)
            if capture.isOpened() and self._start(capture):
                return self._running(capture, node)
            capture.release()
        seen = f"{', '.join(nodes)} give no pictures" if nodes else "there is no /dev/video*"
        raise CameraError(f"no USB camera: {seen}; plug one in, and close what else uses it")

    def _running(self, capture: Any, node: str) -> _Newest:
        newest = _Newest(capture, self._clock)
        try:
            newest.take()
        except CameraError:
            newest.close()
            raise
        if not newest.stamped:
            _LOG.warning("%s has no time stamps of its own: its pictures count as they come", node)
        return newest

    def _start(self, capture: Any) -> bool:
        """Choose format and exposure; tell whether pictures come."""
        rates = {}
        for wanted in WANTED:
            rates[wanted] = _ask(capture, *wanted)
            if rates[wanted] >= GOOD_RATE_HZ:
                break
        best = max(rates, key=lambda wanted: rates[wanted])
        if next(reversed(rates)) != best:
            _ask(capture, *best)
        luma = _picture(capture, 1)
        if luma is None:
            return False
        self.height_px, self.width_px = luma.shape
        self.rate_hz = capture.get(cv2.CAP_PROP_FPS) or 30.0
        with suppress(cv2.error):
            self._expose(capture)
        return True

    def _expose(self, capture: Any) -> None:
        """Fix what the camera would change in mid-set: focus, white balance, exposure."""
        capture.set(cv2.CAP_PROP_AUTOFOCUS, 0)
        capture.set(cv2.CAP_PROP_AUTO_WB, 0)
        if not capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, _MANUAL):
            self.exposure_us = 0
            _LOG.warning("this USB camera chooses its exposure itself: fast bars will be blurred")
            return
        steps: tuple[int, ...] = EXPOSURES_100US
        if self.exposure_us:  # in the middle of a set the picture is to stay as it was
            steps = (self.exposure_us // _US_PER_100US,)
        for step in steps:
            capture.set(cv2.CAP_PROP_EXPOSURE, step)
            self.exposure_us = step * _US_PER_100US
            luma = _picture(capture, SETTLE)
            level = 0.0 if luma is None else gain.bright_level(luma)
            if level >= gain.DARK:
                break
        self.advice = gain.verdict(1.0, level)
        if self.advice:
            _LOG.warning("%s", self.advice)


def _ask(capture: Any, code: str, width_px: int, height_px: int, rate_hz: float) -> float:
    """Ask for a format; return the rate that the driver then names, 0 for another format."""
    capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)  # JPEG stays JPEG: its brightness alone is decoded
    capture.set(cv2.CAP_PROP_FOURCC, fourcc(code))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width_px)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height_px)
    capture.set(cv2.CAP_PROP_FPS, rate_hz)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
    given = round(capture.get(cv2.CAP_PROP_FOURCC))
    return float(capture.get(cv2.CAP_PROP_FPS)) if given == fourcc(code) else 0.0


def _picture(capture: Any, count: int) -> U8Image | None:
    """Return the last of some pictures; None when one does not come."""
    luma = None
    for _ in range(count):
        ok, picture = capture.read()
        luma = _luma(picture) if ok else None
        if luma is None:
            return None
    return luma
