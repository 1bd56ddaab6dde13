"""An indicator is told what happens and may ask, and whatever it does delays or harms nobody."""

import threading
import time
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest
from mounting_desk import Line
from rich.console import Console

from shinline.app import indicators as seam
from shinline.app.indicators import Answer, Ask, Indicators, Loop, News, open_indicators
from shinline.config import Config, ConfigError
from shinline.config import Indicators as Wired
from shinline.types import Phase, PhaseEvent

EVENT = PhaseEvent(1, Phase.PULL, 1, 1)


class Kept:
    """Keeps what it is shown; does something else before that, if told."""

    def __init__(self, first: Callable[[News], None] = lambda _news: None) -> None:
        self.shown: list[News] = []
        self.ask: Ask | None = None
        self.closed = 0
        self._first = first

    def __call__(self, _config: Config, ask: Ask) -> "Kept":
        self.ask = ask
        return self

    def show(self, news: News) -> None:
        self._first(news)
        self.shown.append(news)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "LOOK_S", 0.02)


def until(true: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 5.0
    while not true():
        assert time.monotonic() < deadline_s, "it never came true"
        time.sleep(0.002)


def running(kept: Kept, warnings: list[str]) -> Indicators:
    own = Indicators(kept, Config(), warnings.append)
    own.frame()
    own.show([EVENT])
    until(lambda: EVENT in kept.shown)
    return own


def test_events_are_shown_in_order_and_nothing_after_the_end(warnings: list[str]) -> None:
    kept = Kept()
    own = running(kept, warnings)
    events = [PhaseEvent(t, Phase.PULL, 1, 1) for t in range(10, 100)]
    own.show(events)
    until(lambda: events[-1] in kept.shown)
    own.close()
    assert [each for each in kept.shown if not isinstance(each, Loop)] == [EVENT, *events]
    own.show([EVENT])
    time.sleep(0.05)
    assert (kept.shown.count(EVENT), kept.closed, warnings) == (1, 1, [])


def test_frames_that_stay_away_are_shown_and_their_return_is_too(warnings: list[str]) -> None:
    kept = Kept()
    own = running(kept, warnings)
    until(lambda: Loop.STALLED in kept.shown)
    own.frame()
    until(lambda: kept.shown[-1] is Loop.RUNNING)
    own.close()
    states = [each for each in kept.shown if isinstance(each, Loop)]
    assert states[:4] == [Loop.STARTING, Loop.RUNNING, Loop.STALLED, Loop.RUNNING]


def test_a_first_frame_that_is_long_in_coming_is_no_stall(warnings: list[str]) -> None:
    kept = Kept()
    own = Indicators(kept, Config(), warnings.append)
    time.sleep(0.2)
    own.close()
    assert kept.shown == [Loop.STARTING]


def test_one_that_hangs_delays_nobody_and_loses_the_oldest_only(
    warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seam, "LEAVE_S", 0.05)
    go_on = threading.Event()

    def hang(news: News) -> None:
        if isinstance(news, PhaseEvent):
            go_on.wait()

    kept = Kept(hang)
    own = Indicators(kept, Config(), warnings.append)
    until(lambda: Loop.STARTING in kept.shown)
    many = [PhaseEvent(t, Phase.PULL, 1, 1) for t in range(seam.MOST_QUEUED + 50)]
    began_s = time.perf_counter()
    own.show(many)
    took_s = time.perf_counter() - began_s
    assert took_s < 0.5  # it hangs for ever: any bound shows that nobody waited
    assert own.dropped >= 49
    own.close()
    go_on.set()
    until(lambda: kept.closed == 1)


def test_one_that_raises_is_switched_off_and_told_once(warnings: list[str]) -> None:
    def fail(news: News) -> None:
        if news is EVENT:
            raise OSError("the pin is gone")

    kept = Kept(fail)
    own = Indicators(kept, Config(), warnings.append)
    own.show([EVENT, EVENT])
    until(lambda: kept.closed == 1)
    own.show([EVENT])
    own.frame()
    own.close()
    assert len(warnings) == 1
    assert warnings[0].endswith("failed: the pin is gone")
    assert kept.closed == 1


def test_one_that_cannot_be_opened_is_told_and_costs_nothing(warnings: list[str]) -> None:
    def broken(_config: Config, _ask: Ask) -> Kept:
        raise RuntimeError("no such pin")

    own = Indicators(broken, Config(), warnings.append)
    line = Line()
    assert own.line(line) is line
    own.show([EVENT])
    own.frame()
    own.close()
    assert len(warnings) == 1
    assert "cannot be opened: no such pin" in warnings[0]


# --- its requests -----------------------------------------------------------------------------


def test_its_requests_come_before_those_of_phones_and_both_hear_the_answer(
    warnings: list[str],
) -> None:
    kept, phones = Kept(), Line()
    own = running(kept, warnings)
    line = own.line(phones)
    phones.asked.append(seam.parse("mute", b'{"on": true}'))
    own.ask("start_set", {"load_kg": 100})
    first = line.take_request()
    assert first is not None
    assert (first.verb, getattr(first.body, "load_kg", None)) == ("start_set", 100.0)
    line.answer(first, {"set": 2})
    second = line.take_request()
    assert second is not None
    line.refuse(second, "not now")
    until(lambda: Answer("start_set") in kept.shown)
    own.close()
    assert phones.answers == [("start_set", {"set": 2})]
    assert phones.refusals == [("mute", "not now")]
    assert [each for each in kept.shown if isinstance(each, Answer)] == [Answer("start_set")]


def test_a_refusal_is_shown_with_its_reason(warnings: list[str]) -> None:
    kept = Kept()
    own = running(kept, warnings)
    line = own.line(Line())
    own.ask("end_set", {})
    request = line.take_request()
    assert request is not None
    line.refuse(request, "a repetition is under way")
    until(lambda: Answer("end_set", "a repetition is under way") in kept.shown)
    own.close()


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("dance", {}),
        ("start_set", {"load_kg": -1}),
        ("shown", {"id": "a", "page_ms": 1}),
    ],
)
def test_what_no_phone_could_ask_for_is_refused_at_once(
    warnings: list[str], verb: str, fields: Mapping[str, Any]
) -> None:
    own = running(Kept(), warnings)
    with pytest.raises(ValueError, match="expected"):
        own.ask(verb, fields)
    assert own.take() is None
    own.close()


def test_what_is_asked_while_no_frames_come_is_not_done_later(warnings: list[str]) -> None:
    kept = Kept()
    own = running(kept, warnings)
    until(lambda: Loop.STALLED in kept.shown)
    own.ask("end_set", {})
    until(lambda: Answer("end_set", seam.NO_FRAMES) in kept.shown)
    assert own.take() is None
    own.close()


def test_more_requests_than_the_loop_can_answer_are_refused(
    warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seam, "LOOK_S", 5.0)
    kept = Kept()
    own = running(kept, warnings)
    for _ in range(seam.MOST_WAITING + 1):
        own.ask("feedback_now", {})
    until(lambda: Answer("feedback_now", seam.BUSY) in kept.shown)
    own.close()


# --- by name ----------------------------------------------------------------------------------


def test_without_a_device_nothing_runs() -> None:
    before = threading.active_count()
    own = open_indicators(Config(), Console(quiet=True))
    assert threading.active_count() == before
    own.show([EVENT])
    own.close()


def test_an_unknown_device_is_refused_with_those_there_are() -> None:
    config = Config(indicators=Wired(device="disco"))
    with pytest.raises(ConfigError, match=r"'disco'; there are: gpio, terminal"):
        open_indicators(config, Console(quiet=True))


def test_a_strangers_package_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("disco", "test_indicators:Kept", seam.GROUP)
    monkeypatch.setattr(seam, "entry_points", lambda group: EntryPoints([point]))
    monkeypatch.setattr(EntryPoint, "load", lambda _self: kept)
    kept = Kept()
    own = open_indicators(Config(indicators=Wired(device="disco")), Console(quiet=True))
    own.close()
    assert kept.ask is not None
    assert kept.closed == 1
