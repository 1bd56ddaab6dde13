"""The camera source on real picamera2 and real libcamera; ``seams`` says what is not real."""

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import libcamera
import numpy as np
import pytest
import virtual_camera
from camera_scene import FRAMES, few, number_of, show

from shinline_pi import settings
from shinline_pi.camera import BUFFERS
from shinline_pi.kept_modes import KeptModes
from shinline_pi.silence import BACKOFF_S, WAIT_S, CameraError

pytestmark = pytest.mark.filterwarnings("ignore:setDaemon:DeprecationWarning")  # picamera2's own

SIZE = (640, 400)
PICTURES = 16
NAME = "virtual-frames"

Open = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def scene() -> None:
    show(NAME, SIZE, few(SIZE, PICTURES))


def ahead(numbers: list[int]) -> int:
    """Return how many pictures went by, from the numbers of those that were read."""
    return int(np.sum(np.diff(numbers) % PICTURES))


# --- opening ----------------------------------------------------------------------------------


def test_it_runs_in_its_mode_with_luma_first(camera: Open) -> None:
    source = camera(60.0)
    assert (source.name, source.width_px, source.height_px) == (NAME, *SIZE)
    stream = source._camera.camera_configuration()["main"]
    assert stream["format"] in ("YUV420", "NV12")
    assert stream["size"] == SIZE
    assert source.identity.mode == "640x400-10"


def test_it_asks_for_no_control_that_this_camera_does_not_have(camera: Open) -> None:
    """libcamera refuses such a control, and then the camera would not start."""
    source = camera(60.0)
    inside = source._camera
    assert "ExposureTime" not in inside.camera_controls
    asked = inside.camera_configuration()["controls"]
    assert set(asked) == set(settings.controls(60.0)) & set(inside.camera_controls)
    with pytest.raises(RuntimeError, match="not advertised"):
        inside.set_controls({"ExposureTime": 1000})
    assert source.gain is None


def test_the_mode_is_remembered_for_this_libcamera(camera: Open, tmp_path: Path) -> None:
    version = settings.libcamera_version()
    assert version == libcamera.CameraManager.singleton().version
    kept = KeptModes(version, tmp_path / "modes.json")
    first = camera(60.0, kept=kept)
    first.close()
    virtual_camera.Camera.rate_hz = 50.0  # a list of modes made now would say so
    second = camera(60.0, kept=kept)
    assert kept.get(NAME) is not None
    assert second.rate_hz == 60.0


# --- pictures ---------------------------------------------------------------------------------


def test_a_frame_is_the_picture_itself_in_the_camera_s_own_rows(camera: Open) -> None:
    source = camera(60.0)
    frame = source.read()
    stream = source._camera.camera_configuration()["main"]
    assert frame.luma.shape == SIZE[::-1]
    assert frame.luma.strides == (stream["stride"], 1)
    assert not frame.luma.flags.owndata
    shown = cv2.imread(str(FRAMES / f"{number_of(frame.luma)}.jpg"), cv2.IMREAD_GRAYSCALE)
    difference = np.abs(frame.luma.astype(np.int16) - shown)
    assert float(difference.mean()) < 0.5
    del frame


def test_a_frame_s_memory_becomes_another_picture_when_the_next_is_asked_for(camera: Open) -> None:
    """Borrowed: whoever keeps the view sees it change under his hands."""
    source = camera(60.0)
    luma = source.read().luma
    before = number_of(luma)
    after = before
    for _ in range(4 * BUFFERS):
        source.read()
        after = number_of(luma)
        if after != before:
            break
    assert after != before
    del luma


@pytest.mark.parametrize("rate_hz", [60.0, 120.0])
def test_frames_come_at_the_sensor_s_pace_and_on_our_clock(camera: Open, rate_hz: float) -> None:
    source = camera(rate_hz)
    sensor = source._camera.camera
    source.read()
    ticks = sensor.ticks
    stamps_ns, seqs, numbers = [], [], []
    for _ in range(int(3 * rate_hz)):
        frame = source.read()
        assert frame.t_ns < source.now_ns()
        stamps_ns.append(frame.t_ns)
        seqs.append(frame.seq)
        numbers.append(number_of(frame.luma))
        del frame
    periods = np.diff(stamps_ns) * rate_hz / 1e9
    assert float(np.median(periods)) == pytest.approx(1.0, abs=0.1)
    ticks = sensor.ticks - ticks
    other = (np.diff(seqs) - np.diff(numbers)) % PICTURES
    assert np.count_nonzero(other) <= BUFFERS, "gaps in the numbers are those in what was shown"
    assert seqs[-1] - seqs[0] == pytest.approx(ticks, rel=0.05)
    assert seqs[-1] == len(seqs) + source.dropped


# --- too slow, too late, gone -------------------------------------------------------------------


def test_a_slow_reader_gets_the_newest_picture_and_the_others_are_counted(camera: Open) -> None:
    rate_hz = 60.0
    source = camera(rate_hz)
    numbers, ages = [], []
    source.read()
    for _ in range(30):
        time.sleep(4.5 / rate_hz)
        frame = source.read()
        ages.append((source.now_ns() - frame.t_ns) * rate_hz / 1e9)
        numbers.append(number_of(frame.luma))
        del frame
    passed_by = ahead(numbers) - (len(numbers) - 1)
    assert float(np.median(ages)) < 4.5, "a queue would hand out one from four naps ago"
    assert passed_by > 2 * len(numbers)
    assert source.dropped == pytest.approx(passed_by, rel=0.2)


def test_a_camera_whose_buffers_are_all_held_starves_and_recovers(camera: Open) -> None:
    source = camera(60.0)
    inside = source._camera
    held = []
    with pytest.raises(TimeoutError):
        for _ in range(16):
            held.append(inside.capture_request(wait=0.5))
    inside.cancel_all_and_flush()
    assert len(held) == BUFFERS
    for request in held:
        request.release()
    before = source.reopened
    assert source.read() is not None
    assert source.reopened == before


def test_a_camera_that_is_pulled_out_is_told_and_opened_again(camera: Open) -> None:
    source = camera(60.0)
    told: list[bool] = []
    source.on_silence = told.append
    held = source.read()
    number_before, seq = number_of(held.luma), held.seq
    virtual_camera.UNPLUGGED.touch()
    back = threading.Timer(2.0, virtual_camera.UNPLUGGED.unlink)
    back.start()
    began_s = time.monotonic()
    frame = source.read()
    while not told:  # some pictures were still on their way
        frame = source.read()
    assert 2.0 <= time.monotonic() - began_s < 2.0 + sum(BACKOFF_S) + 3 * WAIT_S
    assert told == [True, False]
    assert source.reopened == 1
    assert frame.seq > seq
    assert 0 <= number_of(held.luma) < PICTURES, "memory that is still looked at stays mapped"
    assert number_before < PICTURES
    back.join()
    del held, frame


def test_a_camera_that_stays_away_is_given_up(camera: Open) -> None:
    source = camera(60.0, sleep=lambda _s: None)
    told: list[bool] = []
    source.on_silence = told.append
    virtual_camera.UNPLUGGED.touch()
    with pytest.raises(CameraError, match="no camera is connected"):
        while True:
            source.read()
    assert told == [True]


def test_it_can_be_opened_forty_times_and_nothing_stays_open(camera: Open) -> None:
    def handles() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    camera(120.0, singly=False).close()
    before = handles()
    cycles = 40
    for _ in range(cycles):
        source = camera(120.0, singly=False)
        seqs = [source.read().seq for _ in range(10)]
        assert seqs[0] == 0
        source.close()
    assert handles() - before < 4 * cycles  # libcamera itself leaves three behind each time
