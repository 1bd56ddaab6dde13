"""The body source beside the loop: in nobody's way, never old, counted, and replayed without it."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from body_material import blob, configured, heatmap_model
from lifts import SCALE_M_PER_PX, Body, Camera, Script, film

from shinline.app.body.runner import REST_NS, ROOM, BodyRunner, InTurn, Joiner, rows_of
from shinline.config import Config, ConfigError
from shinline.geometry.plane import Plane
from shinline.motion.bank import Bank
from shinline.motion.history import History
from shinline.types import (
    DETECTION,
    FRAME,
    MARKERS,
    NS_PER_S,
    BodyPicture,
    BodyPoints,
    Frame,
    Keypoint,
    Role,
    Rows,
)

PERIOD_NS = NS_PER_S // 50
DEADLINE_S = 20.0


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


HIP = Keypoint(100.0, 200.0, 12.0, 2.0, 0.8)
SHOULDER = Keypoint(150.0, 90.0, 9.0, 2.0, 0.7)


class Watcher:
    """A body source that looks when it is let, and remembers at what."""

    def __init__(self, at_once: bool = True) -> None:
        self.go = threading.Semaphore(1000 if at_once else 0)
        self.began = threading.Event()
        self.seen: list[int] = []
        self.closed = 0
        self.fault: Exception | None = None

    def look(self, picture: BodyPicture) -> BodyPoints | None:
        self.began.set()
        self.go.acquire()
        if self.fault is not None:
            raise self.fault
        self.seen.append(picture.t_ns)
        return BodyPoints(picture.t_ns, HIP, SHOULDER)

    def close(self) -> None:
        self.closed += 1


class Sensor:
    """A body source that needs no pictures."""

    def __init__(self, *answers: BodyPoints | None) -> None:
        self.answers = list(answers)
        self.closed = 0

    def body_in_frame(self) -> BodyPoints | None:
        return self.answers.pop(0)

    def close(self) -> None:
        self.closed += 1


def _frame(t_ns: int) -> Frame:
    return Frame(0, t_ns, 0, np.zeros((40, 60), np.uint8))


def _head(count: int = 0) -> np.void:
    head: np.void = np.zeros(1, FRAME)[0]
    head["detections"] = count
    return head


def _bars(count: int) -> Rows:
    return np.zeros(count, DETECTION)


def _answer(runner: BodyRunner) -> Rows:
    """Wait for an answer as the rows of some later frame."""
    found: list[Rows] = []

    def there() -> bool:
        rows = runner.join(_head(), _bars(0))
        if len(rows):
            found.append(rows.copy())
        return bool(found)

    until(there)
    return found[0]


def test_an_answer_joins_the_next_frame_with_the_time_of_its_picture() -> None:
    with BodyRunner(Watcher()) as runner:
        runner.offer(_frame(77), 0)
        rows = _answer(runner)
    assert rows["role"].tolist() == [Role.HIP_POSE, Role.SHOULDER_POSE]
    assert rows["t_ns"].tolist() == [77, 77]
    assert rows["x_px"].tolist() == [100.0, 150.0]
    assert rows["var_x_px2"].tolist() == rows["var_y_px2"].tolist() == [144.0, 81.0]
    assert rows["residual"].tolist() == [2.0, 2.0]
    assert rows["quality"].tolist() == [0.8, 0.7]


def test_rows_come_behind_those_of_the_frame_and_are_counted_in_its_head() -> None:
    head, bars = _head(1), _bars(1)
    bars["x_px"] = 5.0
    rows = Joiner().join(head, bars, BodyPoints(3, HIP, SHOULDER))
    assert rows["role"].tolist() == [Role.BAR, Role.HIP_POSE, Role.SHOULDER_POSE]
    assert (rows[0]["x_px"], head["detections"]) == (5.0, 3)


def test_a_frame_that_is_full_takes_no_more() -> None:
    head, bars = _head(ROOM), _bars(ROOM)
    assert Joiner().join(head, bars, BodyPoints(3, HIP, SHOULDER)) is bars
    assert head["detections"] == ROOM


@pytest.mark.parametrize(
    "bad",
    [
        Keypoint(np.nan, 0.0, 1.0, 1.0, 0.5),
        Keypoint(0.0, 0.0, np.inf, 1.0, 0.5),
        Keypoint(0.0, 0.0, 0.0, 0.0, 0.5),
        None,
    ],
)
def test_what_is_no_number_is_no_row(bad: Keypoint | None) -> None:
    out = np.zeros(2, DETECTION)
    assert rows_of(BodyPoints(1, bad, SHOULDER), out) == 1
    assert out[0]["role"] == Role.SHOULDER_POSE


def test_pictures_are_given_up_while_one_is_in_work_and_none_waits() -> None:
    watcher = Watcher(at_once=False)
    with BodyRunner(watcher) as runner:
        times = [n * PERIOD_NS for n in range(100)]  # two seconds: twenty are due
        for t_ns in times:
            runner.offer(_frame(t_ns), 0)
        assert runner.given_up == 19
        watcher.go.release()
        until(lambda: runner.looked == 1)
        _answer(runner)
        late = 3 * NS_PER_S
        until(lambda: _taken(runner, watcher, late))
        assert watcher.seen == [0, late]  # nothing in between was kept


def _taken(runner: BodyRunner, watcher: Watcher, t_ns: int) -> bool:
    """Offer the same moment again until it is taken."""
    runner.offer(_frame(t_ns), 0)
    runner._due_ns = t_ns  # the same picture is due again until it is taken
    watcher.go.release()
    return watcher.seen[-1] == t_ns


def test_after_a_lost_frame_no_picture_is_looked_at_for_a_while() -> None:
    watcher = Watcher()
    with BodyRunner(watcher) as runner:
        runner.offer(_frame(0), 0)
        _answer(runner)
        runner.offer(_frame(NS_PER_S), 1)
        runner.offer(_frame(NS_PER_S + REST_NS // 2), 1)
        assert runner.given_up == 2
        until(lambda: not runner._busy)
        runner.offer(_frame(NS_PER_S + REST_NS), 1)
        assert _answer(runner)["t_ns"].tolist() == [NS_PER_S + REST_NS] * 2


def test_a_clock_that_was_set_back_does_not_silence_it() -> None:
    with BodyRunner(Watcher()) as runner:
        runner.offer(_frame(3600 * NS_PER_S), 0)
        _answer(runner)
        until(lambda: not runner._busy)
        runner.offer(_frame(5), 0)
        assert _answer(runner)["t_ns"].tolist() == [5, 5]


def test_a_source_that_fails_is_told_once_and_the_loop_goes_on() -> None:
    watcher = Watcher()
    watcher.fault = RuntimeError("out of memory")
    with BodyRunner(watcher) as runner:
        runner.offer(_frame(0), 0)
        until(lambda: runner.problem != "")
        runner.offer(_frame(NS_PER_S), 0)
        bars = _bars(1)
        assert runner.join(_head(1), bars) is bars
    assert "stopped: RuntimeError: out of memory" in runner.summary
    assert watcher.closed == 1


def test_it_ends_with_a_picture_in_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shinline.app.body.runner.CLOSE_S", 0.05)
    watcher = Watcher(at_once=False)
    runner = BodyRunner(watcher)
    runner.offer(_frame(0), 0)
    assert watcher.began.wait(DEADLINE_S)
    runner.close()
    assert watcher.closed == 0  # its network is still in use
    watcher.go.release()


def test_a_source_that_needs_no_pictures_is_asked_once_a_frame() -> None:
    sensor = Sensor(None, BodyPoints(9, HIP, SHOULDER))
    with BodyRunner(sensor) as runner:
        runner.offer(_frame(0), 0)
        assert len(runner.join(_head(), _bars(0))) == 0
        assert runner.join(_head(), _bars(0))["t_ns"].tolist() == [9, 9]
    assert sensor.closed == 1
    assert runner.summary == "body source: 1 answers"


def test_without_a_source_nothing_is_done() -> None:
    bars = _bars(1)
    with BodyRunner(None) as runner:
        runner.offer(_frame(0), 0)
        assert runner.join(_head(1), bars) is bars
    assert runner.summary == ""


def test_a_recording_is_shown_every_nth_picture_and_gives_the_same_rows_again(
    tmp_path: Path,
) -> None:
    config = configured(heatmap_model(tmp_path / "m.onnx"))
    told = [_rows_in_turn(config) for _ in range(2)]
    assert [len(rows) for rows in told[0]] == [2, 0, 0] * 3
    assert [rows.tobytes() for rows in told[0]] == [rows.tobytes() for rows in told[1]]


def _rows_in_turn(config: Config) -> list[Rows]:
    turn = InTurn(config, 30.0)
    frames = (Frame(n, n, 0, blob(20.0 + n, 20.0)) for n in range(9))
    rows = [turn.join(frame, _head(), _bars(0)).copy() for frame in frames]
    turn.close()
    return rows


def test_a_recording_has_no_sensor_that_runs_a_network() -> None:
    with pytest.raises(ConfigError, match="--source picamera"):
        InTurn(configured(Path("m.rpk"), "imx500"), 30.0)


def test_filters_and_history_are_blind_to_them() -> None:
    """A frame with rows of the lifter's body moves no track: not by a bit."""
    told = []
    for more in (False, True):
        bank, history = Bank(), History()
        bank.look_through(Plane(SCALE_M_PER_PX, 640.0, 900.0))
        answers = []
        for head, rows in film(Script().rest(0.5).move(1.0, 0.5), Camera(), Body()):
            t_ns = int(head["t_ns"])
            assert history.begin_frame(t_ns)
            answers.append(bank.step(t_ns, _with_body(rows) if more else rows, history))
        told.append((answers, bank.states.tobytes(), history.table.tobytes()))
    assert told[0] == told[1]


def _with_body(rows: Rows) -> Rows:
    extra = np.zeros(5, DETECTION)
    extra["role"] = range(Role.HIP_OUTLINE, Role.SHOULDER_POSE + 1)
    extra["x_px"] = extra["y_px"] = 300.0
    extra["var_x_px2"] = extra["var_y_px2"] = extra["axis_ratio"] = extra["quality"] = 1.0
    extra["t_ns"] = rows["t_ns"][0] - 100_000_000
    return np.concatenate([extra, rows])


def test_none_of_its_roles_is_a_marker() -> None:
    numbers = {
        Role.HIP_OUTLINE: 9,
        Role.SHOULDER_OUTLINE: 10,
        Role.BACK_LINE: 11,
        Role.HIP_POSE: 12,
        Role.SHOULDER_POSE: 13,
    }
    assert [int(role) for role in numbers] == list(numbers.values())
    assert not set(numbers) & set(MARKERS)
