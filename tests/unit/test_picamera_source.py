"""The Pi's camera as a frame source, against a stand-in that records what is asked of picamera2.

What the stand-in cannot show (names, signatures, real buffers) is in ``tests/pi``.
"""

import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picamera_material import (
    ALL_CONTROLS,
    MS,
    NOW_NS,
    PERIOD_NS,
    RATE_HZ,
    SILENCE,
    SIZE,
    STRIDE,
    Camera,
    Module,
    at,
    following,
    opened,
)

from shinline.config import Config
from shinline.types import FrameSource
from shinline_pi.camera import GapCounter, device_serial, open_source
from shinline_pi.settings import FOCUS_DIOPTRES, controls
from shinline_pi.silence import BACKOFF_S, CameraError

# --- opening ----------------------------------------------------------------------------------


def test_it_is_a_frame_source_of_the_mode_that_was_chosen() -> None:
    source: FrameSource = opened(Module())
    assert (source.name, source.rate_hz, source.dropped) == ("imx708", RATE_HZ, 0)
    assert (source.width_px, source.height_px) == SIZE
    assert source.now_ns() == NOW_NS


def test_it_says_which_camera_it_is_and_in_which_mode() -> None:
    identity = opened(Module()).identity
    assert (identity.model, identity.width_px, identity.height_px) == ("imx708", *SIZE)
    assert (identity.mode, identity.lens_position) == ("256x160-10", FOCUS_DIOPTRES)


def test_a_lens_that_cannot_be_moved_has_no_position() -> None:
    module = Module()
    module.camera_controls = {k: v for k, v in ALL_CONTROLS.items() if k != "LensPosition"}
    assert opened(module).identity.lens_position is None


def test_a_lens_that_stands_elsewhere_than_asked_is_told() -> None:
    module = Module(at(10) | {"LensPosition": 1.25})
    source = opened(module)
    source.read()
    assert source.identity.lens_position == 1.25


def test_the_serial_number_is_the_boards(tmp_path: Path) -> None:
    (tmp_path / "serial").write_bytes(b"10000000abcdef01\0")
    assert device_serial(tmp_path / "serial") == "10000000abcdef01"
    assert device_serial(tmp_path / "none") == ""


def test_the_camera_is_asked_for_luma_of_the_newest_frame_and_nothing_else() -> None:
    module = Module()
    opened(module)
    assert module.configuration == {
        "main": {"format": "YUV420", "size": SIZE},
        "lores": None,
        "raw": None,
        "sensor": {"output_size": SIZE, "bit_depth": 10},
        "buffer_count": 4,
        "queue": True,
        "display": None,
        "encode": None,
        "controls": controls(RATE_HZ),
    }
    assert module.log == ["open", "modes", "configure", "start"]


def test_every_automatism_is_off_and_the_exposure_is_at_most_a_millisecond() -> None:
    wanted = controls(120.0)
    assert wanted["FrameDurationLimits"] == (8333, 8333)
    assert wanted["ExposureTime"] <= 1000
    assert not wanted["AeEnable"]
    assert not wanted["AwbEnable"]
    assert {"AnalogueGain", "ColourGains", "AfMode", "LensPosition"} <= wanted.keys()


def test_a_camera_is_not_asked_for_what_it_does_not_have() -> None:
    module = Module()
    module.camera_controls = {"ExposureTime": (1, 2, 1), "Contrast": (0, 1, 0)}
    opened(module)
    assert module.configuration["controls"] == {"ExposureTime": 1000}


def test_no_camera_is_told_with_what_to_do() -> None:
    module = Module()
    module.connected = []
    with pytest.raises(CameraError, match=r"no camera is connected: .*cable"):
        opened(module)
    assert module.log == []


@pytest.mark.parametrize("listed", [[], [{"format": "MJPEG"}]])
def test_a_camera_without_modes_is_told_and_freed(listed: list[dict[str, Any]]) -> None:
    module = Module()
    module.modes = listed
    with pytest.raises(CameraError, match="imx708 has no mode"):
        opened(module)
    assert module.log[-1] == "close"


def test_a_camera_that_cannot_be_configured_is_told_and_freed() -> None:
    module = Module()
    module.faults = [True]
    with pytest.raises(CameraError, match="imx708 cannot be started: Failed to allocate"):
        opened(module)
    assert module.log[-1] == "close"


def test_a_machine_without_picamera2_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="sudo apt install python3-picamera2"):
        open_source(Config())


def test_a_picamera2_built_for_another_numpy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "picamera2.py").write_text("raise ValueError('numpy.dtype size changed')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)
    with pytest.raises(CameraError, match=r"numpy.dtype size changed.*--system-site-packages"):
        open_source(Config())


def test_a_camera_problem_is_an_os_error_for_those_who_know_no_camera() -> None:
    assert issubclass(CameraError, OSError)


# --- frames -----------------------------------------------------------------------------------


def test_luma_is_a_view_of_the_buffer_without_the_padding_of_its_rows() -> None:
    module = Module(at(PERIOD_NS))
    source = opened(module)
    luma = following(source).luma
    picture = module.requests[-1].picture
    assert luma.shape == (SIZE[1], SIZE[0])
    assert luma.strides == (STRIDE, 1)
    picture[SIZE[1] - 1, SIZE[0] - 1] = 77
    assert luma[-1, -1] == 77


def test_a_frame_goes_back_to_the_camera_before_the_next_is_asked_for() -> None:
    module = Module(at(PERIOD_NS), at(2 * PERIOD_NS))
    source = opened(module)
    module.log.clear()
    source.read()
    assert module.log == ["capture"]
    source.read()
    assert module.log == ["capture", "release", "capture"]


def test_time_is_the_middle_of_the_exposure_which_the_stamp_ends() -> None:
    source = opened(Module(at(500 * MS, exposure_us=800), at(510 * MS, exposure_us=None)))
    first, second = following(source), following(source)
    assert (first.t_ns, first.exposure_us) == (500 * MS - 400_000, 800)
    assert (second.t_ns, second.exposure_us) == (510 * MS - 500_000, 1000)


def test_frames_that_nobody_read_are_counted_and_leave_a_hole_in_the_numbers() -> None:
    stamps = [PERIOD_NS * n for n in (5, 6, 9, 10, 12)]
    source = opened(Module(*map(at, stamps)))
    assert [following(source).seq for _ in stamps] == [0, 1, 4, 5, 7]
    assert source.dropped == 3


def test_the_frame_s_own_duration_decides_what_a_gap_is() -> None:
    stamps = [PERIOD_NS * n for n in (0, 2, 4)]
    source = opened(Module(*(at(stamp, period_us=20_000.0) for stamp in stamps)))
    assert [following(source).seq for _ in stamps] == [0, 1, 2]
    assert source.dropped == 0


@given(
    steps=st.lists(st.tuples(st.integers(1, 9), st.floats(-0.24, 0.24)), min_size=1, max_size=50)
)
def test_frames_missed_and_seen_make_up_the_elapsed_periods(
    steps: list[tuple[int, float]],
) -> None:
    gaps, period_ns, elapsed = GapCounter(), PERIOD_NS, 0
    missed = gaps.missed(0, period_ns)
    for periods, jitter in steps:
        elapsed += periods
        missed += gaps.missed(round((elapsed + jitter) * period_ns), period_ns)
    assert missed + len(steps) == elapsed


# --- a camera that falls silent ---------------------------------------------------------------


def test_a_silent_camera_is_opened_again_without_a_frame_being_called_dropped() -> None:
    module = Module(at(0), SILENCE, at(300 * PERIOD_NS), at(302 * PERIOD_NS))
    source = opened(module)
    assert [following(source).seq for _ in range(3)] == [0, 1, 3]
    assert (source.reopened, source.dropped, len(module.cameras)) == (1, 1, 2)
    assert module.pauses_s == [BACKOFF_S[0]]


def test_its_modes_are_listed_only_once() -> None:
    module = Module(SILENCE, at(0))
    following(opened(module))
    assert module.log.count("open") == 2
    assert module.log.count("modes") == 1


def test_opening_again_is_tried_again_when_it_fails() -> None:
    module = Module(SILENCE, at(0))
    module.faults = [False, True, True, False]
    source = opened(module)
    assert following(source).seq == 0
    assert module.pauses_s == list(BACKOFF_S)
    assert source.reopened == 1


def test_a_camera_that_stays_silent_is_given_up_after_the_last_pause() -> None:
    module = Module()
    source = opened(module)
    with pytest.raises(CameraError, match=r"no frame .* cable"):
        source.read()
    assert module.pauses_s == list(BACKOFF_S)
    assert len(module.cameras) == 1 + len(BACKOFF_S)
    source.close()
    assert module.log.count("close") == len(module.cameras)


@pytest.mark.parametrize("part", [np.s_[:, :], np.s_[10:20, 30:40]])
def test_memory_stays_as_long_as_somebody_looks_at_it(part: tuple[slice, slice]) -> None:
    """The caller of ``read`` still has the frame before, and a view of it may be unmapped never."""
    module = Module(at(0), SILENCE, at(PERIOD_NS), at(2 * PERIOD_NS), at(3 * PERIOD_NS))
    source = opened(module)
    view = following(source).luma[part]
    memory = weakref.ref(module.cameras[0].allocator)
    following(source)
    following(source)
    assert source.reopened == 1
    assert memory() is not None
    del view
    following(source)
    assert memory() is None


def test_memory_nobody_looks_at_goes_with_the_camera() -> None:
    module = Module(at(0))
    source = opened(module)
    following(source)
    memory = weakref.ref(module.cameras[0].allocator)
    source.close()
    assert memory() is None


# --- closing ----------------------------------------------------------------------------------


def test_closing_gives_the_frame_back_first_and_ends_the_source() -> None:
    module = Module(at(0), at(PERIOD_NS))
    source = opened(module)
    following(source)
    module.log.clear()
    source.close()
    source.close()
    assert module.log == ["release", "close"]
    assert source.read() is None


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_camera: Camera) -> None:
        raise RuntimeError("Failed to release camera")

    monkeypatch.setattr(Camera, "close", refuse)


@pytest.mark.usefixtures("stuck")
def test_a_camera_that_does_not_close_is_not_the_end_of_the_run() -> None:
    source = opened(Module(SILENCE, at(0)))
    assert following(source).seq == 0
    source.close()
    assert source.read() is None


@pytest.mark.usefixtures("stuck")
def test_a_camera_that_neither_starts_nor_closes_is_told_why_it_did_not_start() -> None:
    module = Module()
    module.faults = [True]
    with pytest.raises(CameraError, match="Failed to allocate"):
        opened(module)


def test_a_camera_is_slowed_down_without_another_mode_and_stays_slow_when_opened_again() -> None:
    module = Module(at(0), at(2 * PERIOD_NS, period_us=20_000.0), SILENCE, at(9 * PERIOD_NS))
    source = opened(module)
    following(source)
    assert source.slow_to(50.0) == source.rate_hz == 50.0
    assert module.set_later == [{"FrameDurationLimits": (20_000, 20_000)}]
    following(source)
    assert source.dropped == 0
    following(source)
    assert source.reopened == 1
    assert source.rate_hz == 50.0
    assert module.configuration["controls"]["FrameDurationLimits"] == (20_000, 20_000)
    assert source.slow_to(1000.0) == RATE_HZ
    source.close()


def test_a_camera_that_cannot_be_paced_is_not_asked_to_be() -> None:
    module = Module(at(0))
    module.camera_controls = {"ExposureTime": (0, 1, 0)}
    source = opened(module)
    source.slow_to(50.0)
    assert module.set_later == []
    source.close()
