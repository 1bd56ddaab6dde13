"""A USB camera as a frame source, against a stand-in of OpenCV's capture object."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from shinline.config import Config
from shinline.types import FrameSource, U8Image
from shinline_pi.silence import BACKOFF_S, CameraError
from shinline_pi.webcam import EXPOSURES_100US, Webcam, fourcc, open_source

NOW_NS = 50_000_000_000
SIZE = (64, 48)
FORMATS = {"MJPG": 60.0}


class Capture:
    """Plays a camera that has some formats, and hands a picture over when the test says so."""

    def __init__(self, formats: dict[str, float], light: float = 200.0) -> None:
        self.formats = formats
        self.light = light
        """How bright the picture is at an exposure of 1 ms, and in proportion."""

        self.manual = True
        self.gone = self.released = False
        self.stamp_ns = NOW_NS - 4_000_000
        self.set_to: dict[int, float] = {}
        self.tickets = threading.Semaphore(100_000)
        self._format = "YUYV"

    def isOpened(self) -> bool:
        return not self.gone

    def release(self) -> None:
        self.released = True

    def set(self, name: int, value: float) -> bool:
        self.set_to[name] = value
        if name == cv2.CAP_PROP_FOURCC:
            self._format = next((f for f in self.formats if fourcc(f) == value), "YUYV")
        return self.manual if name == cv2.CAP_PROP_AUTO_EXPOSURE else True

    def get(self, name: int) -> float:
        if name == cv2.CAP_PROP_FOURCC:
            return fourcc(self._format)
        if name == cv2.CAP_PROP_FPS:
            return self.formats.get(self._format, 30.0)
        return self.stamp_ns / 1e6

    def grab(self) -> bool:
        self.tickets.acquire()
        time.sleep(0.001)  # a camera takes its time, and there must be some left for a busy machine
        return not self.gone

    def retrieve(self) -> tuple[bool, Any]:
        return True, self._encoded()

    def read(self) -> tuple[bool, Any]:
        return not self.gone, self._encoded()

    def _encoded(self) -> Any:
        exposure_ms = self.set_to.get(cv2.CAP_PROP_EXPOSURE, 10.0) / 10.0
        level = min(255, round(self.light * exposure_ms))
        grey: U8Image = np.full(SIZE[::-1], level, np.uint8)
        if self._format == "GREY":
            return grey
        if self._format == "MJPG":
            return cv2.imencode(".jpg", grey)[1].reshape(1, -1)
        return np.dstack([grey, np.full_like(grey, 128)])


class Shelf:
    """The device nodes and what opens behind them."""

    def __init__(self, *captures: Capture) -> None:
        self.captures = list(captures)
        self.opened: list[Capture] = []
        self.pauses_s: list[float] = []

    def nodes(self) -> list[str]:
        return [f"/dev/video{n}" for n in range(len(self.captures))]

    def open(self, node: str) -> Capture:
        self.opened.append(self.captures[int(node[-1])])
        return self.opened[-1]


@pytest.fixture
def plugged() -> Iterator[Callable[..., Webcam]]:
    made: list[tuple[Webcam, Shelf]] = []

    def plug(shelf: Shelf) -> Webcam:
        source = Webcam(shelf.open, shelf.nodes, lambda: NOW_NS, shelf.pauses_s.append)
        made.append((source, shelf))
        return source

    yield plug
    for source, shelf in made:
        for capture in shelf.captures:
            capture.gone = True
            capture.tickets.release(1000)
        source.close()


Plug = Callable[[Shelf], Webcam]


def test_it_is_a_frame_source_of_the_first_node_that_gives_pictures(plugged: Plug) -> None:
    silent, good = Capture({}), Capture(FORMATS)
    silent.gone = True
    shelf = Shelf(silent, good)
    source: FrameSource = plugged(shelf)
    assert shelf.opened == [silent, good]
    assert silent.released
    assert (source.width_px, source.height_px, source.rate_hz) == (*SIZE, 60.0)


@pytest.mark.parametrize(
    ("formats", "chosen", "rate_hz"),
    [
        ({"GREY": 120.0, "MJPG": 60.0}, "GREY", 120.0),
        ({"GREY": 30.0, "MJPG": 60.0}, "MJPG", 60.0),
        ({"GREY": 40.0, "MJPG": 30.0}, "GREY", 40.0),
        ({}, "YUYV", 30.0),
    ],
)
def test_the_format_is_the_best_that_is_fast_enough(
    formats: dict[str, float], chosen: str, rate_hz: float, plugged: Plug
) -> None:
    capture = Capture(formats)
    source = plugged(Shelf(capture))
    assert (capture._format, source.rate_hz) == (chosen, rate_hz)
    frame = source.read()
    assert frame is not None
    assert frame.luma.shape == SIZE[::-1]
    assert frame.luma.dtype == np.uint8
    assert abs(int(frame.luma[5, 5]) - 200) <= 2


def test_the_shortest_exposure_that_is_bright_enough_is_kept(plugged: Plug) -> None:
    bright, dim, dark = Capture(FORMATS, 200.0), Capture(FORMATS, 60.0), Capture(FORMATS, 5.0)
    sources = [plugged(Shelf(capture)) for capture in (bright, dim, dark)]
    assert [source.exposure_us for source in sources] == [step * 100 for step in EXPOSURES_100US]
    assert [bool(source.advice) for source in sources] == [False, False, True]
    assert "light the bar" in sources[2].advice
    for name in (cv2.CAP_PROP_AUTOFOCUS, cv2.CAP_PROP_AUTO_WB):
        assert bright.set_to[name] == 0
    assert bright.set_to[cv2.CAP_PROP_AUTO_EXPOSURE] == 1


def test_a_camera_that_exposes_as_it_likes_is_used_and_says_so(
    plugged: Plug, caplog: pytest.LogCaptureFixture
) -> None:
    capture = Capture(FORMATS)
    capture.manual = False
    assert plugged(Shelf(capture)).exposure_us == 0
    assert "chooses its exposure itself" in caplog.text


def test_time_is_the_driver_s_stamp_less_half_of_the_exposure(plugged: Plug) -> None:
    capture = Capture(FORMATS)
    frame = plugged(Shelf(capture)).read()
    assert frame is not None
    assert frame.t_ns == capture.stamp_ns - 500_000


@pytest.mark.parametrize("stamp_ns", [0, NOW_NS + 1_000_000, 1_700_000_000 * 10**9])
def test_a_stamp_of_another_clock_is_not_believed(
    stamp_ns: int, plugged: Plug, caplog: pytest.LogCaptureFixture
) -> None:
    capture = Capture(FORMATS)
    capture.stamp_ns = stamp_ns
    frame = plugged(Shelf(capture)).read()
    assert frame is not None
    assert frame.t_ns == NOW_NS - 500_000
    assert "no time stamps of its own" in caplog.text


def test_only_the_newest_picture_is_kept_and_the_others_are_counted(plugged: Plug) -> None:
    capture = Capture(FORMATS)
    capture.tickets = threading.Semaphore(1)  # the one that shows that pictures come
    source = plugged(Shelf(capture))
    capture.tickets.release(5)
    deadline_s = time.monotonic() + 20.0
    while source.dropped < 4 and time.monotonic() < deadline_s:
        time.sleep(0.001)
    frame = source.read()
    assert frame is not None
    assert (source.dropped, frame.seq) == (4, 4)
    capture.tickets.release()
    following = source.read()
    assert following is not None
    assert following.seq == 5


def test_a_lost_camera_is_told_and_opened_again_as_it_was(plugged: Plug) -> None:
    first, second = Capture(FORMATS, 60.0), Capture(FORMATS, 200.0)
    shelf = Shelf(first)
    source = plugged(shelf)
    told: list[bool] = []
    source.on_silence = told.append
    assert source.read() is not None
    first.gone = True
    shelf.captures = [second]
    while source.reopened == 0:
        assert source.read() is not None
    assert told == [True, False]
    assert first.released
    assert source.exposure_us == second.set_to[cv2.CAP_PROP_EXPOSURE] * 100 == 2000


def test_a_camera_that_stays_away_is_given_up(plugged: Plug) -> None:
    capture = Capture(FORMATS)
    shelf = Shelf(capture)
    source = plugged(shelf)
    capture.gone = True
    with pytest.raises(CameraError, match="no USB camera: /dev/video0 give no pictures"):
        while True:
            source.read()
    assert shelf.pauses_s == list(BACKOFF_S)


def test_no_device_at_all_is_told() -> None:
    shelf = Shelf()
    with pytest.raises(CameraError, match="there is no /dev/video"):
        Webcam(shelf.open, shelf.nodes)


def test_the_entry_point_looks_at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shinline_pi.webcam._nodes", lambda: ["/dev/null"])
    with pytest.raises(CameraError, match="/dev/null give no pictures"):
        open_source(Config())


def test_a_closed_one_has_no_more_frames(plugged: Plug) -> None:
    capture = Capture(FORMATS)
    source = plugged(Shelf(capture))
    source.close()
    assert source.read() is None
    assert capture.released
