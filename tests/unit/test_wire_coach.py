"""What the coach's events make the topics say: plans, faults in mid-lift, the set-up, advice."""

from dataclasses import replace

import msgspec
import pytest
from wire_material import CONFIG, FAULT, PLAN, REP, utc

from shinline.types import (
    Advice,
    AskEvent,
    FaultEvent,
    FaultVerdict,
    Phase,
    PhaseEvent,
    PlanEvent,
    RepEvent,
    RepKind,
    SetEvent,
    SetupEvent,
    SetupStep,
    Severity,
    StepState,
)
from shinline.wire import encode, payloads
from shinline.wire.compose import STEPS, Composer, Message

NEW = RepEvent(1, RepKind.NEW, "r5", 2, 5)
LOOP = FaultVerdict("knee_loop", Severity.WARN, 0.025, 0.003, "m", 0.02, 0.9, True)
UNSEEN = FaultVerdict(
    "setup_gap", Severity.INFO, None, None, "m", 0.065, 0.0, False, "no ankle marker"
)
STATES = (StepState.DONE, StepState.NOW, *[StepState.CHECK_YOURSELF] * 2, StepState.WAITING)
SETUP = SetupEvent(
    2_000_000_000,
    tuple(SetupStep(step.code, s) for step, s in zip(STEPS, STATES, strict=True)),
    True,
    (UNSEEN,),
)


@pytest.fixture
def composer() -> Composer:
    return Composer(CONFIG, utc)


def found(verdict: FaultVerdict, rep_id: str = "r5") -> FaultEvent:
    return FaultEvent(3_000_000_000, rep_id, 2, 5, verdict)


def pull(composer: Composer) -> list[Message]:
    return composer.event(PhaseEvent(3_000_000_000, Phase.PULL, 1, 1))


def after(message: Message) -> payloads.RepSoFar:
    assert isinstance(message.fields, dict)
    assert message.topic.name == "rep"
    return msgspec.convert(message.fields["after"], payloads.RepSoFar)


def test_a_fault_in_mid_lift_updates_the_rep_with_all_there_are_so_far(composer: Composer) -> None:
    (new, *_) = composer.event(NEW)
    assert after(new).faults == ()
    (one,) = composer.event(found(FAULT))
    assert (one.fields["type"], one.fields["id"]) == ("update", "r5")
    assert one.fields["t_capture"] == utc(3_000_000_000)
    assert [fault.code for fault in after(one).faults] == ["bar_forward"]
    (two,) = composer.event(found(LOOP))
    assert [fault.code for fault in after(two).faults] == ["bar_forward", "knee_loop"]
    (top, *_) = composer.event(replace(NEW, kind=RepKind.UPDATE))
    assert after(top) == after(two)


def test_a_newer_verdict_takes_the_place_of_the_one_before(composer: Composer) -> None:
    composer.event(NEW)
    composer.event(found(LOOP))
    (message,) = composer.event(found(replace(LOOP, severity=Severity.FAULT, value=0.05)))
    assert [(f.severity, f.value) for f in after(message).faults] == [("fault", 0.05)]


def test_a_rep_has_no_faults_of_another(composer: Composer) -> None:
    composer.event(NEW)
    composer.event(found(FAULT))
    (void, *_) = composer.event(RepEvent(4, RepKind.VOID, "r4", 2, 4, reason="no floor"))
    assert after(void).faults == ()
    (new, *_) = composer.event(replace(NEW, id="r6", number=6))
    assert after(new).faults == ()


def test_a_rep_and_a_set_name_the_plan_they_were_pulled_under(composer: Composer) -> None:
    """And not the one in force by the time they are told."""
    rep = RepEvent(2, RepKind.END, REP.id, 1, 2, rep=replace(REP, plan=PLAN))
    body = composer.event(rep)[0].fields["after"]
    named = {name: body[name] for name in ("lifter", "lift", "load_kg", "mode")}
    assert named == {"lifter": "Ben", "lift": "trap_bar", "load_kg": 150.0, "mode": "technique"}
    ended = SetEvent(3, 1, 3, 0.5, 0.4, 0.2, {}, 0.01, plan=PLAN)
    summary = composer.event(ended)[0].fields
    assert {name: summary[name] for name in named} == named
    assert summary["tonnage_kg"] == 450.0


def test_without_a_plan_of_their_own_they_have_that_of_the_configuration() -> None:
    body = encode.finished_rep(REP, CONFIG, utc)
    assert (body["lifter"], body["load_kg"], body["mode"]) == ("Ada", 140.0, "standard")


def test_the_state_says_what_is_planned_as_soon_as_it_is(composer: Composer) -> None:
    composer.event(PhaseEvent(1, Phase.READY, 1, 2))
    (message,) = composer.event(PlanEvent(2_000_000_000, PLAN, 2))
    told = {name: message.fields[name] for name in ("lifter", "lift", "load_kg", "target_reps")}
    assert told == {"lifter": "Ben", "lift": "trap_bar", "load_kg": 150.0, "target_reps": 3}
    more = {name: message.fields[name] for name in ("target_rpe", "mode", "muted", "set", "rep")}
    assert more == {"target_rpe": 8.5, "mode": "technique", "muted": True, "set": 2, "rep": 0}
    assert message.fields["phase"] == "ready"
    assert composer.event(PlanEvent(3, PLAN, 2)) == []
    assert after(composer.event(NEW)[0]).lifter == "Ben"


def test_a_set_says_what_was_judged_and_what_to_try(composer: Composer) -> None:
    ended = SetEvent(
        3, 1, 3, 0.5, 0.4, 0.2, {"bar_forward": 2}, 0.01,
        assessed={"bar_forward": 3, "hitch": 1},
        advice=(Advice("lower_load", "Take 5 to 10 % off.", "It came twice."),),
        decays=("bar_forward",),
        next_mode="test",
    )  # fmt: skip
    fields = composer.event(ended)[0].fields
    body = {name: fields[name] for name in payloads.SetSummary.__struct_fields__}
    summary = msgspec.convert(body, payloads.SetSummary)
    assert summary.assessed == {"bar_forward": 3, "hitch": 1}
    assert summary.advice[0].reason == "It came twice."
    assert (summary.decays, summary.next_mode) == (("bar_forward",), "test")


def test_the_set_up_is_told_when_it_changes_and_only_then(composer: Composer) -> None:
    (message,) = composer.event(SETUP)
    body = {name: message.fields[name] for name in payloads.Setup.__struct_fields__}
    setup = msgspec.convert(body, payloads.Setup)
    assert [(step.code, step.state) for step in setup.steps] == [
        ("bend", "done"),
        ("grab", "now"),
        ("shins", "check_yourself"),
        ("chest", "check_yourself"),
        ("pull", "waiting"),
    ]
    assert setup.ready is True
    (check,) = setup.checks
    assert (check.code, check.assessed, check.reason) == ("setup_gap", False, "no ankle marker")
    assert composer.event(replace(SETUP, t_ns=9)) == []


def test_the_light_goes_out_when_the_pull_begins(composer: Composer) -> None:
    assert [m.topic.name for m in pull(composer)] == ["state"]  # there is no light to put out
    composer.event(PhaseEvent(4, Phase.FLOOR, 1, 1))
    composer.event(SETUP)
    state, setup = pull(composer)
    assert (state.fields["phase"], setup.topic.name) == ("pull", "setup")
    assert (setup.fields["ready"], setup.fields["checks"]) == (None, [])
    assert [step["state"] for step in setup.fields["steps"]] == [s.value for s in STATES]
    assert [m.topic.name for m in composer.event(SETUP)] == ["setup"]  # and on for the next one


def test_that_somebody_asked_is_no_message(composer: Composer) -> None:
    assert composer.event(AskEvent(1, 0, "mute", {"on": True})) == []


def test_what_one_camera_cannot_see_is_said_from_the_start(composer: Composer) -> None:
    info = payloads.Info(version="1", camera="sim", width_px=1280, height_px=800, rate_hz=60.0)
    assert composer.info(info)[0].fields["not_observable"] == [
        "asymmetry",
        "bar_rotation",
        "knee_valgus",
        "twisting",
        "foot_turn_out",
    ]
