"""The pictures for the phone: small, few, drawn into, and never in the loop's way."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from shinline.app.mounting.preview import EVERY_NS, WIDEST_PX, Mark, Previewer, encode
from shinline.types import Role, U8Image

PATIENCE_S = 10.0


def grey(height: int = 720, width: int = 960, level: int = 90) -> U8Image:
    return np.full((height, width), level, np.uint8)


def decoded(jpeg: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.002)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1088, 1456), (717, 960)), ((480, 640), (480, 640)), ((1, 3000), (1, 960))],
)
def test_a_picture_is_as_wide_as_a_phone_needs(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert decoded(encode(grey(*size), ())).shape[:2] == expected
    assert expected[1] <= WIDEST_PX


def test_what_is_tracked_is_drawn_where_it_is() -> None:
    marks = (Mark(Role.BAR, 728.0, 544.0, 60.0), Mark(Role.HIP, 300.0, 300.0, 40.0))
    plain, drawn = decoded(encode(grey(1088, 1456), ())), decoded(encode(grey(1088, 1456), marks))
    changed = np.abs(drawn.astype(int) - plain).max(axis=2) > 40
    share = 960 / 1456
    rows, columns = np.mgrid[: changed.shape[0], : changed.shape[1]]
    for mark in marks:
        away = np.hypot(columns - mark.x_px * share, rows - mark.y_px * share)
        ring = np.abs(away - mark.r_px * share) < 1.0
        assert changed[ring].mean() > 0.9
        assert not changed[away < 0.6 * mark.r_px * share].any()


def test_at_most_five_pictures_a_second_are_taken() -> None:
    sent: queue.Queue[bytes] = queue.Queue()
    with Previewer(sent.put) as previewer:

        def taken(t_ns: int) -> bool:
            """Offer a picture; one that is taken is sent before the next one is offered."""
            return previewer.offer(grey(48, 64), t_ns, tuple) and bool(sent.get(timeout=10.0))

        assert sum(taken(n * 16_666_667) for n in range(120)) == 10
        assert taken(0)  # a clock that was set back
        assert not taken(EVERY_NS - 1)


def test_a_slow_line_makes_nobody_wait_and_gets_the_newest() -> None:
    sent: list[bytes] = []
    gate = threading.Event()

    def publish(jpeg: bytes) -> None:
        sent.append(jpeg)
        gate.wait(PATIENCE_S)

    with Previewer(publish) as previewer:
        previewer.offer(grey(level=10), 0, tuple)
        wait_until(lambda: len(sent) == 1)
        started_s = time.monotonic()
        for n in range(1, 21):
            previewer.offer(grey(level=10 * n), n * EVERY_NS, tuple)
        assert time.monotonic() - started_s < PATIENCE_S / 2
        gate.set()
        wait_until(lambda: len(sent) == 2)
    assert len(sent) == 2
    assert decoded(sent[1]).mean() == pytest.approx(200.0, abs=2.0)


def test_a_borrowed_picture_may_change_at_once() -> None:
    sent: list[bytes] = []
    luma = grey(level=200)
    with Previewer(sent.append) as previewer:
        assert previewer.offer(luma[:, ::2], 0, tuple)  # rows may be strided
        luma[:] = 0
        wait_until(lambda: bool(sent))
    assert decoded(sent[0]).mean() == pytest.approx(200.0, abs=2.0)


def test_the_size_of_the_pictures_may_change() -> None:
    sent: list[bytes] = []
    with Previewer(sent.append) as previewer:
        for n, size in enumerate([(48, 64), (72, 96), (48, 64)]):
            previewer.offer(grey(*size), n * EVERY_NS, tuple)
            wait_until(lambda count=n: len(sent) == count + 1)  # type: ignore[misc]
    assert [decoded(jpeg).shape[:2] for jpeg in sent] == [(48, 64), (72, 96), (48, 64)]


def test_closing_ends_the_thread_and_may_be_done_twice() -> None:
    before = threading.enumerate()  # another test's may be ending still
    previewer = Previewer(lambda _: None)
    previewer.close()
    other = Previewer(lambda _: None)
    other.offer(grey(), 0, tuple)
    other.close()
    other.close()
    after = [one for one in threading.enumerate() if one.name == "preview"]
    assert not [one for one in after if one not in before]
    assert other.offer(grey(), EVERY_NS, tuple)  # taken, and never sent
