"""A stand-in for picamera2 that records what is asked of it, and plays a script of frames."""

import weakref
from typing import Any

import numpy as np

from shinline.types import Frame
from shinline_pi.camera import PiCamera
from shinline_pi.kept_modes import KeptModes
from shinline_pi.settings import controls

MS = 1_000_000
PERIOD_NS = 10 * MS
RATE_HZ = 100.0
SIZE = (256, 160)
STRIDE = 320
MODE = {"size": SIZE, "bit_depth": 10, "fps": RATE_HZ}
SILENCE = TimeoutError("nothing came")
NOW_NS = 123_456_789

ALL_CONTROLS = dict.fromkeys(controls(RATE_HZ), (0, 1, 0))


class Allocator:
    """Stands for the memory of a camera's buffers."""


class Request:
    def __init__(self, log: list[str], metadata: dict[str, Any]) -> None:
        self._log = log
        self._metadata = metadata
        self.picture = np.zeros((SIZE[1] * 3 // 2, STRIDE), np.uint8)

    def get_metadata(self) -> dict[str, Any]:
        return self._metadata

    def release(self) -> None:
        self._log.append("release")


class MappedArray:
    def __init__(self, request: Request, stream: str, write: bool = True) -> None:
        assert (stream, write) == ("main", False)
        self.array = request.picture

    def __enter__(self) -> "MappedArray":
        return self

    def __exit__(self, *_: object) -> None:
        del self.array


class Camera:
    """One opened camera; what it delivers is scripted in its module."""

    def __init__(self, module: "Module") -> None:
        self._module = module
        self.allocator: Allocator | None = Allocator()
        self.camera_controls = module.camera_controls

    @property
    def sensor_modes(self) -> list[dict[str, Any]]:
        self._module.log.append("modes")
        return self._module.modes

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        return wanted

    def configure(self, configuration: dict[str, Any]) -> None:
        self._module.log.append("configure")
        self._module.configuration = configuration
        self.gain = configuration["controls"].get("AnalogueGain", 1.0)
        if self._module.faults and self._module.faults.pop(0):
            raise RuntimeError("Failed to allocate buffers: Cannot allocate memory")

    def camera_configuration(self) -> dict[str, Any]:
        return self._module.configuration

    def start(self) -> None:
        self._module.log.append("start")

    def set_controls(self, controls: dict[str, Any]) -> None:
        assert controls.keys() <= self.camera_controls.keys()
        if "AnalogueGain" in controls:
            self._module.log.append("gain")
            self.gain = self._module.gain = controls["AnalogueGain"]
        else:
            self._module.set_later.append(controls)

    def capture_request(self, wait: float) -> Request:
        assert wait == 1.0
        self._module.log.append("capture")
        item = self._module.script.pop(0) if self._module.script else SILENCE
        if isinstance(item, TimeoutError):
            raise item
        request = Request(self._module.log, {"AnalogueGain": self.gain} | item)
        request.picture[:] = min(255.0, self._module.light * self.gain)
        self._module.requests.append(weakref.proxy(request))  # it must not keep the picture
        return request

    def close(self) -> None:
        self._module.log.append("close")
        self.allocator = None


class Module:
    """Stands for the picamera2 package."""

    MappedArray = MappedArray

    def __init__(self, *script: dict[str, Any] | TimeoutError) -> None:
        self.script: list[Any] = list(script)
        self.connected = [{"Model": "imx708", "Num": 0}]
        self.modes: list[dict[str, Any]] = [MODE]
        self.camera_controls: dict[str, Any] = ALL_CONTROLS
        self.faults: list[bool] = []
        self.gain = 0.0
        self.light = 10.0
        """How bright the picture is at gain 1."""

        self.log: list[str] = []
        self.set_later: list[dict[str, Any]] = []
        self.configuration: dict[str, Any] = {}
        self.cameras: list[Camera] = []
        self.requests: list[Request] = []
        self.pauses_s: list[float] = []
        self.Picamera2 = Opener(self)


class Opener:
    """Stands for the class ``Picamera2``, which is called and asked what is connected."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def __call__(self, number: int) -> Camera:
        assert number == 0
        self._module.log.append("open")
        self._module.cameras.append(Camera(self._module))
        return self._module.cameras[-1]

    def global_camera_info(self) -> list[dict[str, Any]]:
        return self._module.connected


def at(
    sensor_ns: int, exposure_us: int | None = 1000, period_us: float | None = None
) -> dict[str, Any]:
    metadata = {
        "SensorTimestamp": sensor_ns,
        "ExposureTime": exposure_us,
        "FrameDuration": period_us,
    }
    return {name: value for name, value in metadata.items() if value is not None}


def opened(
    module: Module, kept: KeptModes | None = None, configured_readout_ms: float = 0.0
) -> PiCamera:
    return PiCamera(
        module,
        clock=lambda: NOW_NS,
        sleep=module.pauses_s.append,
        kept=kept,
        configured_readout_ms=configured_readout_ms,
    )


def following(source: PiCamera) -> Frame:
    frame = source.read()
    assert frame is not None
    return frame
