"""The names and signatures of picamera2 and libcamera that the camera source relies on.

Runs wherever the two can be imported; no camera is needed.
"""

import builtins
import inspect
from typing import Any

import pytest

from shinline_pi.ai_camera import ANSWER
from shinline_pi.settings import controls, libcamera_version

picamera2: Any = pytest.importorskip(
    "picamera2", reason="picamera2 is not installed", exc_type=ImportError
)
libcamera: Any = pytest.importorskip(
    "libcamera", reason="libcamera's Python binding is not installed", exc_type=ImportError
)
allocator: Any = pytest.importorskip("picamera2.allocators.dmaallocator", exc_type=ImportError)
request: Any = pytest.importorskip("picamera2.request", exc_type=ImportError)

CALLS: dict[str, set[str]] = {
    "create_video_configuration": {
        "main",
        "lores",
        "raw",
        "sensor",
        "buffer_count",
        "queue",
        "display",
        "encode",
        "controls",
    },
    "capture_request": {"wait"},
    "camera_configuration": set(),
    "set_controls": {"controls"},
    "configure": set(),
    "start": set(),
    "close": set(),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_camera_takes_the_arguments_we_pass(name: str) -> None:
    method = getattr(picamera2.Picamera2, name)
    assert CALLS[name] <= inspect.signature(method).parameters.keys()


@pytest.mark.parametrize("name", ["sensor_modes", "camera_controls"])
def test_the_camera_has_the_properties_we_read(name: str) -> None:
    assert isinstance(inspect.getattr_static(picamera2.Picamera2, name), property)


def test_cameras_can_be_listed_without_opening_one() -> None:
    assert isinstance(picamera2.Picamera2.global_camera_info(), list)


def test_the_first_argument_of_the_camera_is_its_number() -> None:
    parameters = list(inspect.signature(picamera2.Picamera2).parameters)
    assert parameters[0] == "camera_num"


def test_a_mapped_array_takes_a_request_a_stream_and_whether_to_write() -> None:
    parameters = inspect.signature(picamera2.MappedArray).parameters
    assert list(parameters)[:2] == ["request", "stream"]
    assert "write" in parameters


def test_the_ai_camera_takes_a_network_and_tells_what_we_read() -> None:
    devices = pytest.importorskip(
        "picamera2.devices.imx500", reason="the AI Camera's tools are not installed"
    )
    assert next(iter(inspect.signature(devices.IMX500).parameters)) == "network_file"
    assert {"metadata", "add_batch"} <= inspect.signature(
        devices.IMX500.get_outputs
    ).parameters.keys()
    for name in ("camera_num", "config"):
        assert isinstance(inspect.getattr_static(devices.IMX500, name), property)
    text = inspect.getsource(inspect.getmodule(devices.IMX500) or devices)
    for key in ("'input_tensor_size'", "__cfg['roi']", f"'{ANSWER}'"):
        assert key in text


@pytest.mark.parametrize("name", ["get_metadata", "release"])
def test_a_request_can_be_read_and_given_back(name: str) -> None:
    assert callable(getattr(request.CompletedRequest, name))


def test_waiting_in_vain_raises_the_builtin_timeout_error() -> None:
    assert picamera2.TimeoutError is builtins.TimeoutError


def test_the_camera_s_memory_is_freed_with_its_allocator() -> None:
    """A closed camera's allocator is kept for the views of it, and then simply dropped."""
    assert "__del__" in vars(allocator.DmaAllocator)
    assert "allocator" in inspect.signature(picamera2.Picamera2).parameters


@pytest.mark.parametrize("name", controls(60.0))
def test_every_control_is_one_of_libcamera_s(name: str) -> None:
    assert hasattr(libcamera.controls, name) or hasattr(libcamera.controls.draft, name)


@pytest.mark.parametrize(
    ("control", "member"),
    [
        ("AfMode", "AfModeEnum.Manual"),
        ("HdrMode", "HdrModeEnum.Off"),
        ("NoiseReductionMode", "draft.NoiseReductionModeEnum.Off"),
    ],
)
def test_our_plain_numbers_are_the_members_they_stand_for(control: str, member: str) -> None:
    value: Any = libcamera.controls
    for part in member.split("."):
        value = getattr(value, part)
    assert int(value) == controls(60.0)[control]


@pytest.mark.parametrize("name", ["SensorTimestamp", "FrameDuration", "ExposureTime"])
def test_what_is_read_of_a_picture_has_the_name_we_read(name: str) -> None:
    assert hasattr(libcamera.controls, name)


def test_libcamera_tells_its_version() -> None:
    assert libcamera_version().startswith("v")


def test_the_sensor_s_hdr_mode_can_be_switched_off_before_it_is_opened() -> None:
    """There is no such sensor here: it says so in a way that the product expects."""
    imx708: Any = pytest.importorskip("picamera2.devices.imx708")
    assert "camera_num" in inspect.signature(imx708.IMX708).parameters
    assert "enable" in inspect.signature(imx708.IMX708.set_sensor_hdr_mode).parameters
    assert hasattr(imx708.IMX708, "__enter__")
    with pytest.raises(RuntimeError):
        imx708.IMX708(99)
