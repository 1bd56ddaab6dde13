"""What the Pi's camera is told, and the two libraries that it is told through."""

import importlib
import logging
from typing import Any, Final

from shinline_pi import gain
from shinline_pi.silence import CameraError

_LOG = logging.getLogger(__name__)

EXPOSURE_US: Final = 1000
"""A bar at 3 m/s moves 3 mm in it, about 1.5 pixels at 2 m: blur stays below the marker's edge."""

FOCUS_DIOPTRES: Final = 0.4
"""Sharp at 2.5 m."""

_NOISE_REDUCTION_OFF: Final = 0
_AF_MANUAL: Final = 0
_HDR_OFF: Final = 0
"""Values of libcamera's enumerations, which take plain numbers."""


def picamera2() -> Any:
    """Return the package, or raise CameraError with what to install."""
    try:
        return importlib.import_module("picamera2")
    except (ImportError, ValueError) as problem:  # ValueError: built for another numpy
        raise CameraError(
            f"picamera2 cannot be loaded ({problem}); on Raspberry Pi OS: sudo apt install "
            "python3-picamera2, in an environment made with --system-site-packages"
        ) from None


def libcamera_version() -> str:
    """Return the version of libcamera, which picamera2 has already loaded."""
    return str(importlib.import_module("libcamera").CameraManager.singleton().version)


def hdr_off(model: str) -> None:
    """Take an IMX708 out of its HDR mode, which halves the rate and is no control of libcamera's.

    It has to be done before the camera is opened. Where it cannot, the list of modes tells.
    """
    if not model.startswith("imx708"):
        return
    try:
        with importlib.import_module("picamera2.devices.imx708").IMX708(0) as sensor:
            sensor.set_sensor_hdr_mode(False)
    except (ImportError, AttributeError, OSError, RuntimeError) as problem:
        # AttributeError: the import brings another sensor's tools along, which need libarchive.
        _LOG.debug("the sensor's HDR mode is left as it is: %s", problem)


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
        "AnalogueGain": gain.START,
        "AwbEnable": False,
        "ColourGains": (1.0, 1.0),
        "AfMode": _AF_MANUAL,
        "LensPosition": FOCUS_DIOPTRES,
        "NoiseReductionMode": _NOISE_REDUCTION_OFF,
        "Sharpness": 0.0,
        "HdrMode": _HDR_OFF,
    }
