"""Work in steps takes as long with any camera, and asks no clock."""

from itertools import count

import pytest

from shinline.steps import MOST, Pending, Steps, done
from shinline.types import NS_PER_S


def _work(steps: int, log: list[int]) -> Steps[str]:
    for number in range(steps):
        log.append(number)
        yield
    return "done"


def test_all_of_it_at_once() -> None:
    log: list[int] = []
    assert done(_work(3, log)) == "done"
    assert log == [0, 1, 2]


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0])
def test_it_takes_as_long_at_any_rate_of_frames(rate_hz: float) -> None:
    work = Pending(_work(12, []))
    for frame in count():
        assert work.result is None
        if work.go_on(round(frame / rate_hz * NS_PER_S)):
            break
    assert work.result == "done"
    assert 0.06 < frame / rate_hz < 0.15


def test_each_frame_does_something_and_none_does_much() -> None:
    """Also after a long time without frames, and when the clock was set back."""
    log: list[int] = []
    work = Pending(_work(99, log))
    done_by = []
    for t_ns in (0, 1, 2, 3600 * NS_PER_S, 0):
        assert not work.go_on(t_ns)
        done_by.append(len(log))
    assert done_by == [1, 2, 3, 3 + MOST, 4 + MOST]
