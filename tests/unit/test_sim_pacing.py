"""Frames at their own speed, on a clock that the test turns by hand."""

from collections.abc import Iterator

import numpy as np
import pytest

from shinline.sources.pacing import PacedFrames, exposure_end_ns
from shinline.sources.simulation import open_source
from shinline.types import Frame, FrameSource

MS = 1_000_000
PERIOD_NS = 20 * MS
ORIGIN_NS = 7_000 * MS


class Clock:
    """Time passes only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000 * MS

    def __call__(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += max(1, round(seconds * 1e9))

    def work(self, ns: int) -> None:
        self.now_ns += ns


def reel(count: int, clock: Clock, cost_ns: int = 0) -> Iterator[Frame]:
    for seq in range(count):
        clock.work(cost_ns)
        luma = np.full((4, 6), seq, dtype=np.uint8)
        yield Frame(seq, ORIGIN_NS + seq * PERIOD_NS, 2000, luma)


def paced(frames: Iterator[Frame], clock: Clock, realtime: bool = True) -> PacedFrames:
    return PacedFrames(frames, "test", 6, 4, 50.0, realtime, clock, clock.sleep)


def test_a_prompt_reader_gets_every_frame_when_its_exposure_ends() -> None:
    clock = Clock()
    start_ns = clock.now_ns
    source = paced(reel(5, clock), clock)
    for seq in range(5):
        frame = source.read()
        assert frame is not None
        assert frame.seq == seq
        assert clock.now_ns == start_ns + seq * PERIOD_NS
        assert source.now_ns() - frame.t_ns == 1 * MS  # half of the 2 ms exposure
    assert source.read() is None
    assert source.dropped == 0


def test_intervals_between_frames_are_those_of_the_recording() -> None:
    clock = Clock()
    source = paced(reel(6, clock), clock)
    stamps_ns = []
    while (frame := source.read()) is not None:
        stamps_ns.append(frame.t_ns - frame.seq * PERIOD_NS)
        clock.work(55 * MS)
    assert len(set(stamps_ns)) == 1
    assert source.dropped > 0


def test_a_late_reader_gets_the_newest_frame_and_the_missed_ones_are_counted() -> None:
    clock = Clock()
    source = paced(reel(10, clock), clock)
    first = source.read()
    assert first is not None
    clock.work(5 * PERIOD_NS + 1)
    newest = source.read()
    assert newest is not None
    assert newest.seq == 5
    assert source.dropped == 4


def test_a_very_late_reader_still_gets_the_last_frame() -> None:
    clock = Clock()
    source = paced(reel(4, clock), clock)
    source.read()
    clock.work(100 * PERIOD_NS)
    last = source.read()
    assert last is not None
    assert last.seq == 3
    assert source.dropped == 2
    assert source.read() is None


def test_skipping_stops_when_it_does_not_catch_up() -> None:
    """Frames that take longer to make than they last: the reader still gets frames."""
    clock = Clock()
    source = paced(reel(30, clock, cost_ns=3 * PERIOD_NS), clock)
    seen = []
    while (frame := source.read()) is not None:
        seen.append(frame.seq)
    assert len(seen) >= 10
    assert len(seen) + source.dropped == 30


def test_not_in_real_time_nothing_is_waited_for_changed_or_dropped() -> None:
    clock = Clock()
    start_ns = clock.now_ns
    source = paced(reel(4, clock), clock, realtime=False)
    for seq in range(4):
        frame = source.read()
        assert frame is not None
        assert frame.t_ns == ORIGIN_NS + seq * PERIOD_NS
        clock.work(10 * PERIOD_NS)
        assert source.now_ns() == frame.t_ns + 10 * PERIOD_NS
    assert source.read() is None
    assert source.dropped == 0
    assert clock.now_ns == start_ns + 40 * PERIOD_NS


@pytest.mark.parametrize("realtime", [True, False])
def test_a_closed_source_has_ended_and_lets_go_of_its_frames(realtime: bool) -> None:
    released: list[bool] = []

    def frames() -> Iterator[Frame]:
        try:
            yield from reel(4, clock)
        finally:
            released.append(True)

    clock = Clock()
    source = paced(frames(), clock, realtime)
    assert source.read() is not None
    source.close()
    source.close()
    assert source.read() is None
    assert released == [True]


@pytest.mark.parametrize("realtime", [True, False])
def test_no_frames_at_all_is_an_ended_source(realtime: bool) -> None:
    clock = Clock()
    source = paced(reel(0, clock), clock, realtime)
    assert source.read() is None
    assert source.dropped == 0


@pytest.mark.parametrize("rate_hz", [0.0, -25.0, float("nan")])
def test_a_rate_that_is_none_is_refused(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="rate_hz"):
        PacedFrames(iter(()), "test", 6, 4, rate_hz, realtime=True)


def test_the_simulated_camera_is_a_frame_source() -> None:
    clock = Clock()
    source: FrameSource = open_source(reel(3, clock), 6, 4, 50.0, realtime=False)
    assert (source.name, source.width_px, source.height_px) == ("simulation", 6, 4)
    seen = [frame.seq for frame in iter(source.read, None)]
    assert seen == [0, 1, 2]


def test_a_frame_cannot_exist_before_its_exposure_has_ended() -> None:
    luma = np.zeros((2, 2), dtype=np.uint8)
    assert exposure_end_ns(Frame(0, 100_000, 30, luma)) == 115_000
