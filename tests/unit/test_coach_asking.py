"""What can be asked of the engine, and the words with which all else is refused."""

import pytest
from lifts import Camera, Session, film, play, single

from shinline.coach.asking import LABELS, VERBS, Values, label, load_kg, planned, rpe
from shinline.config import MODES
from shinline.engine import Engine
from shinline.types import AskError, AskEvent, CueEvent, Plan, PlanEvent, SetEvent

PLAN = Plan("Anna", "conventional", 100.0, 5, 8.0, "standard", muted=True)


def test_what_is_not_given_stays() -> None:
    assert planned(PLAN, {}) == PLAN
    assert planned(PLAN, {"lifter": None, "load_kg": None}) == PLAN
    changed = planned(PLAN, {"load_kg": 120, "lift": "sumo"})
    assert changed == Plan("Anna", "sumo", 120.0, 5, 8.0, "standard", muted=True)


def test_all_of_a_plan_can_be_given() -> None:
    values: Values = {
        "lifter": "Ben",
        "lift": "romanian",
        "load_kg": 62.5,
        "target_reps": 8,
        "target_rpe": 7.5,
        "mode": "technique",
    }
    assert planned(PLAN, values) == Plan("Ben", "romanian", 62.5, 8, 7.5, "technique", muted=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"lifter": ""}, "a lifter's name of 1 to 64 characters"),
        ({"lifter": "x" * 65}, "a lifter's name of 1 to 64 characters"),
        ({"lifter": 7}, "a lifter's name"),
        ({"lift": "snatch"}, "conventional, sumo, trap_bar, blocks, romanian, stiff_leg"),
        ({"lift": 1}, "a lift"),
        ({"load_kg": -1}, "a load in kg from 0 to 600, got -1"),
        ({"load_kg": 600.5}, "a load in kg from 0 to 600"),
        ({"load_kg": "100"}, "a load in kg"),
        ({"load_kg": True}, "a load in kg"),
        ({"load_kg": float("nan")}, "a load in kg"),
        ({"target_reps": 101}, "a number of repetitions from 0 to 100"),
        ({"target_reps": -1}, "a number of repetitions"),
        ({"target_rpe": 0.9}, "an RPE from 1 to 10"),
        ({"target_rpe": 10.1}, "an RPE from 1 to 10"),
        ({"mode": "silent"}, ", ".join(MODES)),
        ({"muted": True}, "unknown 'muted'; expected lifter, lift"),
        ({"weight": 100}, "unknown 'weight'"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_what_was_expected(
    values: Values, expected: str
) -> None:
    with pytest.raises(AskError, match="expected") as told:
        planned(PLAN, values)
    assert expected in str(told.value)


@pytest.mark.parametrize("value", [0, 600, 2.5])
def test_the_ends_of_a_range_are_in_it(value: float) -> None:
    assert load_kg(value) == value
    assert (rpe(1), rpe(10)) == (1.0, 10.0)
    assert planned(PLAN, {"target_reps": 0}).target_reps == 0
    assert planned(PLAN, {"target_reps": 100, "lifter": "x" * 64}).target_reps == 100


def test_a_label_names_a_repetition_and_one_of_four_words() -> None:
    for word in LABELS:
        assert label({"rep_id": "s-0001", "label": word}) == ("s-0001", word)
    for values, expected in (
        ({"label": "good"}, "rep_id"),
        ({"rep_id": "", "label": "good"}, "rep_id"),
        ({"rep_id": 3, "label": "good"}, "rep_id"),
        ({"rep_id": "s-0001"}, "good, bad, false, failed"),
        ({"rep_id": "s-0001", "label": "great"}, "good, bad, false, failed"),
    ):
        with pytest.raises(AskError, match="expected") as told:
            label(values)  # type: ignore[arg-type]
        assert expected in str(told.value)


def _asked(session: Session, verb: str, **values: object) -> list[object]:
    return list(session.engine.ask(verb, values))  # type: ignore[arg-type]


def test_a_request_is_an_event_itself_and_comes_before_what_it_causes() -> None:
    session = Session(Engine(play([]).engine.config, "s"))
    for head, rows in film(single(), Camera()):
        session.events += session.engine.advance(head, rows)
    asked, summary, plan = _asked(session, "start_set", lift="sumo", load_kg=140)
    assert isinstance(asked, AskEvent) and isinstance(summary, SetEvent)
    assert isinstance(plan, PlanEvent)
    assert (asked.verb, asked.values) == ("start_set", {"lift": "sumo", "load_kg": 140})
    assert (plan.plan.lift, plan.plan.load_kg, plan.set) == ("sumo", 140.0, 2)
    assert summary.plan is not None and summary.plan.lift == "conventional"


def test_each_verb_does_what_it_says() -> None:
    session = Session(Engine(play([]).engine.config, "s"))
    for head, rows in film(single(), Camera()):
        session.engine.advance(head, rows)
    *_, muted = _asked(session, "mute", on=True)
    assert isinstance(muted, PlanEvent) and muted.plan.muted
    *_, loud = _asked(session, "mute", on=False)
    assert isinstance(loud, PlanEvent) and not loud.plan.muted
    *_, loaded = _asked(session, "set_load", load_kg=82.5)
    assert isinstance(loaded, PlanEvent) and loaded.plan.load_kg == 82.5
    (_, told) = _asked(session, "feedback_now")
    assert isinstance(told, CueEvent) and told.rep_id == "s-0001"
    (alone,) = _asked(session, "label_rep", rep_id="s-0001", label="good")
    assert isinstance(alone, AskEvent)
    (alone,) = _asked(session, "rate_set", rpe=8.5)
    assert isinstance(alone, AskEvent)
    (alone,) = _asked(session, "report_soreness", place="low_back", level=3.0)
    assert isinstance(alone, AskEvent)
    assert (alone.verb, alone.values) == ("report_soreness", {"place": "low_back", "level": 3.0})
    (_, summary) = _asked(session, "end_set")
    assert isinstance(summary, SetEvent) and summary.reps == 1
    (alone,) = _asked(session, "end_set")  # nothing was lifted since
    assert isinstance(alone, AskEvent)
    (alone,) = _asked(session, "feedback_now")
    assert isinstance(alone, AskEvent)


@pytest.mark.parametrize(
    ("verb", "values"),
    [
        ("dance", {}),
        ("start_set", {"lift": "snatch"}),
        ("set_load", {}),
        ("set_load", {"load_kg": "heavy"}),
        ("label_rep", {"rep_id": "s-0001", "label": "great"}),
        ("rate_set", {"rpe": 11}),
        ("rate_set", {}),
        ("report_soreness", {"place": "elbow", "level": 3}),
        ("report_soreness", {"place": "hips", "level": 11}),
        ("report_soreness", {"place": "hips", "level": 3, "kind": "injury"}),
        ("mute", {}),
        ("mute", {"on": "yes"}),
        ("mute", {"on": 1}),
    ],
)
def test_a_refusal_changes_nothing(verb: str, values: Values) -> None:
    engine = Engine(play([]).engine.config, "s")
    with pytest.raises(AskError, match="expected"):
        engine.ask(verb, values)
    (_, plan) = engine.ask("set_load", {"load_kg": 1.0})
    assert isinstance(plan, PlanEvent)
    assert (plan.plan.lift, plan.set) == ("conventional", 1)


def test_an_unknown_verb_is_told_those_there_are() -> None:
    with pytest.raises(AskError) as told:
        Engine(play([]).engine.config, "s").ask("dance", {})
    assert all(verb in str(told.value) for verb in VERBS)


@pytest.mark.parametrize("verb", ["start_set", "end_set"])
def test_a_set_does_not_end_under_a_bar_that_is_in_the_air(verb: str) -> None:
    engine = Engine(play([]).engine.config, "s")
    frames = film(single(), Camera())
    for head, rows in frames[:150]:  # 2.5 s: on its way up
        engine.advance(head, rows)
    with pytest.raises(AskError, match="a repetition is under way"):
        engine.ask(verb, {})
    for head, rows in frames[150:]:
        engine.advance(head, rows)
    assert any(isinstance(event, SetEvent) for event in engine.ask(verb, {}))
