"""Not real: what libcamera's virtual camera lacks of a Pi's. Everything else is picamera2's own.

- It has no raw stream, of which picamera2 learns the sensor's modes: :class:`Camera` tells those
  that the virtual camera shows.
- It writes brightness and colour into two planes, where picamera2's allocator makes one
  (:func:`_two_planes`).
- It delivers as fast as it is fed and never drops: :class:`_Paced` hands it one buffer at each
  tick of a clock, as a sensor takes one, and a tick that finds no free buffer is a picture lost.
- It shows each picture four times, and waits with the next until it is fed: with ``singly`` each
  tick has one picture, those of lost ticks are passed over, and the time stamp is the tick's. So
  what is shown moves as it should on a busy machine, too.
- It cannot be pulled out: while the file :data:`UNPLUGGED` exists no buffer is handed to it.
"""

import threading
import time
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import libcamera
import picamera2
from picamera2 import picamera2 as inner
from picamera2.allocators import dmaallocator

UNPLUGGED = Path("/run/unplugged")
PASSED_OVER = 10
"""At most so many pictures of lost ticks are passed over: it takes as long as to make them."""

SHOWN = 4
"""How often libcamera's virtual camera shows a picture of a folder."""

RealCamera = inner.Picamera2


def _two_planes(planes: list[Any]) -> Any:
    (luma,) = planes  # this very object stays the first: its number is what the allocator looks up
    chroma = libcamera.FrameBuffer.Plane()
    chroma.fd, chroma.offset = luma.fd, luma.length * 2 // 3
    chroma.length = luma.length - chroma.offset
    luma.length = chroma.offset
    return libcamera.FrameBuffer([luma, chroma])


_two_planes.Plane = libcamera.FrameBuffer.Plane  # type: ignore[attr-defined]


class _Paced:
    """A libcamera camera whose buffers are handed on one at a time, at a sensor's pace."""

    def __init__(self, real: Any, rate_hz: float) -> None:
        self._real = real
        self._period_s = 1.0 / rate_hz
        self._free: deque[Any] = deque()
        self._running = threading.Event()
        self._turn = threading.Lock()  # libcamera takes no request while it stops
        self._thread: threading.Thread | None = None
        self.ticks = self.lost = self.shown = 0
        self._wanted: deque[tuple[int, int]] = deque(maxlen=64)  # ticks under way, their times
        self.due_ns: dict[int, int] = {}
        """When a picture was due, by the time at which it was made."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __eq__(self, other: object) -> bool:
        return other is self or self._real == other

    def __hash__(self) -> int:
        return id(self)

    def start(self, controls: Any) -> None:
        self._real.start(controls)
        self._running.set()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._turn:
            self._running.clear()
        if self._thread is not None:
            self._thread.join()
        self._real.stop()
        self._free.clear()
        self._wanted.clear()

    def queue_request(self, request: Any) -> None:
        self._free.append(request)

    def again(self, request: Any) -> None:
        """Have a buffer filled once more, between two ticks."""
        request.reuse()
        self._queue(request)

    def is_done(self, request: Any) -> bool:
        """Count one more showing; tell whether it is the picture that its tick wants."""
        self.shown += 1
        if self.shown % SHOWN or not self._wanted or self.shown // SHOWN < self._wanted[0][0]:
            return False
        made_ns = request.metadata[libcamera.controls.SensorTimestamp]
        self.due_ns = {made_ns: self._wanted.popleft()[1], **dict([*self.due_ns.items()][:8])}
        return True

    def _queue(self, request: Any) -> None:
        with self._turn:
            if self._running.is_set():
                self._real.queue_request(request)
            else:
                self._free.append(request)

    def _tick(self) -> None:
        due_s = time.monotonic()
        picture = lost = 0
        while self._running.is_set():
            due_s += self._period_s
            time.sleep(max(0.0, due_s - time.monotonic()))
            if UNPLUGGED.exists():
                continue
            self.ticks += 1
            if self._free:
                picture += 1 + min(self.lost - lost, PASSED_OVER)
                lost = self.lost
                self._wanted.append((picture, round(due_s * 1e9)))
                self._queue(self._free.popleft())
            else:
                self.lost += 1


class _Manager(inner.CameraManager):
    """Lets only one of the four showings of a picture through."""

    singly = False

    def handle_request(self, flushid: Any = None) -> None:
        if self.singly and flushid is None:
            real, cameras = self.cms, self.cameras
            self._cms = SimpleNamespace(get_ready_requests=lambda: self._last_ones(real, cameras))
            try:
                super().handle_request(flushid)
            finally:
                self._cms = real
        else:
            super().handle_request(flushid)

    def _last_ones(self, real: Any, cameras: Any) -> list[Any]:
        done = []
        for request in real.get_ready_requests():
            if request.status == libcamera.Request.Status.Complete:
                camera = cameras[request.cookie].camera
                if not camera.is_done(request):
                    camera.again(request)
                    continue
            done.append(request)
        return done


class _Completed(inner.CompletedRequest):
    """A picture that knows when it was due."""

    def get_metadata(self) -> dict[str, Any]:
        metadata = super().get_metadata()
        made_ns = metadata["SensorTimestamp"]
        metadata["SensorTimestamp"] = self.picam2.camera.due_ns.get(made_ns, made_ns)
        return metadata


class Camera(RealCamera):
    """picamera2's camera on libcamera's virtual one."""

    rate_hz = 60.0

    def _grab_camera(self, idx: Any) -> Any:
        return _Paced(super()._grab_camera(idx), self.rate_hz)

    def _get_raw_modes(self) -> list[dict[str, Any]]:
        role = libcamera.StreamRole.VideoRecording
        found = self.camera.generate_configuration([role]).at(0).formats
        return [
            {"format": str(pixels), "size": (size.width, size.height)}
            for pixels in found.pixel_formats
            for size in found.sizes(pixels)
        ]

    @property
    def sensor_modes(self) -> list[dict[str, Any]]:
        return [
            {"size": mode["size"], "bit_depth": 10, "fps": self.rate_hz}
            for mode in self._get_raw_modes()
        ]

    @staticmethod
    def global_camera_info() -> Any:
        return [] if UNPLUGGED.exists() else RealCamera.global_camera_info()


def install(rate_hz: float, singly: bool = False) -> Any:
    """Put the seams in place, and return the ``picamera2`` package as the product imports it."""
    dmaallocator.libcamera = SimpleNamespace(FrameBuffer=_two_planes)
    if not isinstance(RealCamera._cm, _Manager):
        RealCamera._cm = _Manager()
    RealCamera._cm.singly = singly
    inner.CompletedRequest = _Completed
    Camera.rate_hz = rate_hz
    picamera2.Picamera2 = inner.Picamera2 = Camera
    return picamera2
