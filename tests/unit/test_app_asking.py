"""What is asked of the coach reaches the engine, its events go where all go, and is answered."""

from dataclasses import replace
from pathlib import Path

import journal_material
import pytest
from mounting_desk import Bench
from wire_material import CONFIG, PLAN, REP

from shinline import engine as engine_module
from shinline.app.asking import NO_REP, NO_SET, Asking, Values
from shinline.app.mounting.desk import NO_SESSION
from shinline.config import first_plan
from shinline.journal.errors import JournalError
from shinline.journal.reader import Catalogue
from shinline.types import (
    AskEvent,
    CueEvent,
    Event,
    Moment,
    Plan,
    PlanEvent,
    RepEvent,
    RepKind,
    SetEvent,
    Severity,
)
from shinline.wire.requests import parse

CUE = CueEvent(9, "c1", "all_good", Severity.GOOD, Moment.BETWEEN, "All as it should.", "r1", 4000)
END = RepEvent(8, RepKind.END, "r1", 1, 1, rep=REP)
SET = SetEvent(9, 3, 4, 0.5, 0.4, 0.2, {}, 0.01, next_mode="test")


class Engine:
    """Says what it is told to say, and keeps what it was asked."""

    def __init__(self, *caused: Event) -> None:
        self.caused = caused
        self.asked: list[tuple[str, Values]] = []
        self.refusal = ""

    def ask(self, verb: str, values: Values) -> list[Event]:
        if self.refusal:
            raise ValueError(self.refusal)
        self.asked.append((verb, values))
        return [AskEvent(7, 6, verb, values), *self.caused]


class Journal:
    """Knows one repetition of an earlier session, unless it is broken."""

    def __init__(self) -> None:
        self.problem = ""

    def has_rep(self, rep_id: str) -> bool:
        if self.problem:
            raise JournalError(self.problem)
        return rep_id == "old"


class Room:
    """An engine that is asked, and what came of it."""

    def __init__(self, *caused: Event) -> None:
        self.engine, self.journal = Engine(*caused), Journal()
        self.handed: list[Event] = []
        self.asking = Asking(self.engine, self._take, self.journal, CONFIG)

    def _take(self, events: list[Event]) -> None:
        self.handed += events
        for event in events:
            self.asking.follow(event)

    def ask(self, verb: str, payload: str = "{}") -> dict[str, object]:
        return self.asking.answer(parse(verb, payload.encode()))


def planned(**more: object) -> PlanEvent:
    return PlanEvent(7, replace(first_plan(CONFIG), **more), 2)  # type: ignore[arg-type]


def test_a_set_is_started_with_what_was_said_and_answered_with_the_whole_plan() -> None:
    room = Room(planned(load_kg=150.0, target_rpe=8.0))
    answer = room.ask("start_set", '{"load_kg": 150, "target_rpe": 8}')
    assert room.engine.asked == [("start_set", {"load_kg": 150.0, "target_rpe": 8.0})]
    plan = {"lifter": "Ada", "lift": "sumo", "load_kg": 150.0, "target_reps": 5, "target_rpe": 8.0}
    assert answer == {"set": 2, "plan": plan | {"mode": "standard", "muted": False}}
    assert [type(event) for event in room.handed] == [AskEvent, PlanEvent]


def test_the_plan_that_is_in_force_is_answered_and_not_one_on_the_way_to_it() -> None:
    """A set that is started ends the one before, which may want the next one without cues."""
    room = Room(SET, planned(mode="test"), replace(planned(load_kg=80.0), set=4))
    answer = room.ask("start_set", '{"load_kg": 80}')
    assert (answer["set"], answer["plan"]["load_kg"]) == (4, 80.0)  # type: ignore[index]


def test_a_session_goes_on_with_the_plan_of_the_one_before() -> None:
    room = Room()
    room.asking.resume(first_plan(CONFIG))
    assert room.engine.asked == []
    room.asking.resume(PLAN)
    asked = {"lifter": "Ben", "lift": "trap_bar", "load_kg": 150.0, "target_reps": 3}
    assert room.engine.asked == [
        ("start_set", asked | {"target_rpe": 8.5, "mode": "technique"}),
        ("mute", {"on": True}),
    ]
    assert [type(event) for event in room.handed] == [AskEvent, AskEvent]


def test_an_engine_takes_the_plan_of_the_session_before() -> None:
    engine = engine_module.Engine(CONFIG, "next")
    handed: list[Event] = []
    asking = Asking(engine, handed.extend, Journal(), CONFIG)
    asking.resume(PLAN)
    assert [event.plan for event in handed if isinstance(event, PlanEvent)][-1] == PLAN


def test_the_load_is_answered_with_the_whole_plan() -> None:
    plan = Room(planned(load_kg=60.0)).ask("set_load", '{"load_kg": 60}')["plan"]
    assert Plan(**plan) == planned(load_kg=60.0).plan  # type: ignore[arg-type]


def test_a_set_that_ends_says_how_many_it_had() -> None:
    assert Room(SET).ask("end_set") == {"set": 3, "reps": 4, "reason": ""}
    assert Room().ask("end_set") == {"set": None, "reps": 0, "reason": NO_SET}


def test_feedback_is_what_was_said_or_why_there_is_none() -> None:
    said = {"code": "all_good", "text": CUE.text, "rep_id": "r1", "reason": ""}
    assert Room(CUE).ask("feedback_now") == said
    answer = Room().ask("feedback_now")
    assert (answer["text"], answer["reason"]) == (None, NO_REP)


def test_a_label_is_taken_for_a_rep_that_is_known_and_for_no_other() -> None:
    room = Room()
    room.asking.follow(END)
    for rep_id in ("r1", "old"):
        answer = room.ask("label_rep", f'{{"rep_id": "{rep_id}", "label": "good"}}')
        assert answer == {"rep_id": rep_id, "label": "good"}
    room.asking.follow(replace(END, kind=RepKind.VOID, rep=None))
    for rep_id in ("r1", "nobody"):
        with pytest.raises(ValueError, match=f"no repetition '{rep_id}'; expected the id of a"):
            room.ask("label_rep", f'{{"rep_id": "{rep_id}", "label": "bad"}}')
    room.journal.problem = "the disk is gone"
    with pytest.raises(ValueError, match="cannot be looked up: the disk is gone"):
        room.ask("label_rep", '{"rep_id": "old", "label": "bad"}')
    assert [values["rep_id"] for _, values in room.engine.asked] == ["r1", "old"]


def test_the_other_answers_repeat_what_was_asked() -> None:
    assert Room().ask("mute", '{"on": true}') == {"on": True}
    assert Room().ask("rate_set", '{"rpe": 8.5}') == {"rpe": 8.5}


def test_what_the_engine_refuses_leaves_nothing_behind() -> None:
    room = Room()
    room.engine.refusal = "a pull is under way; expected the bar on the floor"
    with pytest.raises(ValueError, match="expected the bar on the floor"):
        room.ask("end_set")
    assert room.handed == []


def test_the_desk_passes_requests_on_and_answers_them() -> None:
    bench, room = Bench(), Room(CUE)
    bench.ask("feedback_now")
    bench.run(0.1)
    assert bench.line.refusals == [("feedback_now", NO_SESSION)]
    bench.desk.begin(room.asking.answer)
    bench.ask("feedback_now")
    bench.ask("level")
    bench.run(0.1)
    assert [verb for verb, _ in bench.line.answers] == ["feedback_now", "level"]
    room.engine.refusal = "not now"
    bench.ask("mute", '{"on": true}')
    bench.ask("preview", '{"on": true}')
    bench.run(0.6)
    assert bench.line.refusals[1:] == [("mute", "not now")]
    assert bench.mount.problem == ""  # it is no problem of the camera's


def test_the_journal_knows_the_reps_that_were_finished(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal_material.record_lift(path, journal_material.some_frames(100))
    catalogue = Catalogue(path)
    assert catalogue.has_rep(f"{journal_material.SESSION}-1-1")
    assert not catalogue.has_rep(f"{journal_material.SESSION}-1-2")
