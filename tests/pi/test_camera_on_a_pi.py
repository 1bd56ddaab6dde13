"""The real camera: needs a device, and shows what no stand-in can."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shinline.config import Config
from shinline_pi.camera import PiCamera, open_source

pytestmark = [
    pytest.mark.pi,
    pytest.mark.filterwarnings("ignore:setDaemon:DeprecationWarning"),  # picamera2's own
]

picamera2: Any = pytest.importorskip(
    "picamera2", reason="picamera2 is not installed", exc_type=ImportError
)
FRAMES = 120


@pytest.fixture
def source() -> Iterator[PiCamera]:
    if not picamera2.Picamera2.global_camera_info():
        pytest.skip("no camera is connected")
    camera = open_source(Config())
    yield camera
    camera.close()


def test_frames_come_in_time_and_on_our_clock(source: PiCamera) -> None:
    stamps_ns, seqs = [], []
    for _ in range(FRAMES):
        frame = source.read()
        assert frame is not None
        assert frame.luma.shape == (source.height_px, source.width_px)
        assert frame.t_ns < source.now_ns()
        stamps_ns.append(frame.t_ns)
        seqs.append(frame.seq)
    periods = np.diff(stamps_ns) * source.rate_hz / 1e9
    assert np.diff(seqs).sum() == FRAMES - 1 + source.dropped
    assert np.median(periods / np.diff(seqs)) == pytest.approx(1.0, abs=0.02)


def test_the_camera_can_be_opened_again_and_again_and_nothing_stays_open(
    source: PiCamera,
) -> None:
    def handles() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    source.close()
    before = handles()
    cycles = 5
    for _ in range(cycles):
        camera = open_source(Config())
        assert camera.read() is not None
        camera.close()
    assert handles() - before < 4 * cycles  # libcamera itself leaves three behind each time
