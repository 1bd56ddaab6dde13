"""The real picamera2 on libcamera's virtual camera: ``make test-camera``. Skipped elsewhere."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

try:
    import virtual_camera
except ImportError:  # no picamera2, no libcamera, or not in the root that root.sh makes
    virtual_camera = None
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def plug() -> Iterator[None]:
    """Leave the camera plugged in, whatever a test does to it."""
    virtual_camera.UNPLUGGED.unlink(missing_ok=True)
    yield
    virtual_camera.UNPLUGGED.unlink(missing_ok=True)


@pytest.fixture
def camera(plug: None) -> Iterator[Callable[..., Any]]:
    """Open the product's source on the virtual camera; closed at the end."""
    from shinline_pi.camera import PiCamera

    opened = []

    def open_camera(rate_hz: float, singly: bool = True, **options: Any) -> Any:
        package = virtual_camera.install(rate_hz, singly)
        opened.append(PiCamera(package, **options))
        return opened[-1]

    yield open_camera
    for source in opened:
        source.close()
