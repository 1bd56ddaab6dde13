"""What each event makes the topics say, and when they keep silent."""

import itertools
import json
from dataclasses import replace
from typing import get_args

import pytest
from msgspec.structs import replace as replace_struct
from wire_material import AGREES, CONFIG, MOVED, REP, utc

from shinline.config import Coach
from shinline.types import (
    CueEvent,
    Event,
    MarkerEvent,
    Moment,
    Phase,
    PhaseEvent,
    RepEvent,
    RepKind,
    Role,
    ScaleEvent,
    SetEvent,
    Severity,
)
from shinline.wire.compose import Composer, Message
from shinline.wire.payloads import Calibration, Info, Stats

INFO = Info(version="1", camera="sim", width_px=1280, height_px=800, rate_hz=60.0)


@pytest.fixture
def composer() -> Composer:
    return Composer(CONFIG, utc)


def names(messages: list[Message]) -> list[str]:
    return [message.topic.name for message in messages]


def phase(which: Phase, set_: int = 1, rep: int = 1) -> PhaseEvent:
    return PhaseEvent(t_ns=1_000_000_000, phase=which, set=set_, rep=rep)


def end_of_rep(speed_mps: float | None, set_: int = 1) -> RepEvent:
    rep = replace(REP, set=set_, mean_velocity_mps=speed_mps)
    return RepEvent(2_000_000_000, RepKind.END, rep.id, set_, rep.rep, rep=rep)


def loss_after(composer: Composer, event: RepEvent | SetEvent | PhaseEvent) -> float | None:
    """Return the velocity loss that the state topic says after an event, if it says anything."""
    states = [m.fields for m in composer.event(event) if m.topic.name == "state"]
    assert len(states) <= 1
    loss = states[0]["velocity_loss"] if states else None
    assert loss is None or isinstance(loss, float)
    return loss


def test_the_opening_replaces_what_an_earlier_run_left(composer: Composer) -> None:
    calibration, state, setup = composer.opening()
    assert calibration.fields["valid"] is False
    assert (setup.topic.name, setup.fields["ready"], setup.fields["checks"]) == ("setup", None, [])
    assert (state.fields["phase"], state.fields["target_reps"]) == ("idle", 5)


def test_state_is_sent_when_it_changes_and_only_then(composer: Composer) -> None:
    assert names(composer.event(phase(Phase.PULL))) == ["state"]
    assert names(composer.event(phase(Phase.PULL))) == []
    (state,) = composer.event(phase(Phase.LOCKOUT))
    assert state.fields["phase"] == "lockout"
    assert state.fields["t_capture"] == utc(1_000_000_000)
    assert (state.fields["lifter"], state.fields["load_kg"]) == ("Ada", 140.0)


def test_velocity_loss_counts_from_the_fastest_rep(composer: Composer) -> None:
    composer.event(phase(Phase.PULL))
    assert loss_after(composer, end_of_rep(0.40)) == 0.0
    assert loss_after(composer, end_of_rep(0.30)) == pytest.approx(0.25)
    assert loss_after(composer, end_of_rep(0.50)) == 0.0
    assert loss_after(composer, end_of_rep(0.40)) == pytest.approx(0.2)


def test_state_says_at_which_loss_a_set_is_called_done() -> None:
    config = replace_struct(CONFIG, coach=Coach(velocity_loss_fault=0.3))
    state = Composer(config, utc).opening()[1]
    assert state.fields["velocity_loss_limit"] == 0.3


def test_a_rep_without_a_velocity_changes_no_loss(composer: Composer) -> None:
    composer.event(phase(Phase.PULL))
    composer.event(end_of_rep(0.5))
    composer.event(end_of_rep(0.4))
    assert names(composer.event(end_of_rep(None))) == ["rep", "rep/last"]


def test_a_new_set_forgets_the_loss_of_the_last(composer: Composer) -> None:
    composer.event(phase(Phase.PULL))
    composer.event(end_of_rep(0.5))
    composer.event(end_of_rep(0.4))
    (state,) = composer.event(phase(Phase.READY, set_=2, rep=0))
    assert (state.fields["set"], state.fields["velocity_loss"]) == (2, None)
    assert loss_after(composer, end_of_rep(0.3, set_=2)) == 0.0


def test_the_end_of_a_set_has_the_last_word_on_its_loss_alone(composer: Composer) -> None:
    composer.event(phase(Phase.IDLE))
    ended = SetEvent(3_000_000_000, 1, 2, 0.5, 0.4, 0.21, {}, 0.01)
    summary, state = composer.event(ended)
    assert summary.topic.name == "set/last"
    assert state.fields["velocity_loss"] == 0.21
    composer.event(phase(Phase.READY, set_=2, rep=0))
    assert names(composer.event(ended)) == ["set/last"]


def test_a_rep_is_announced_and_kept_when_it_has_ended(composer: Composer) -> None:
    new = RepEvent(1, RepKind.NEW, REP.id, REP.set, REP.rep)
    assert "rep/last" not in names(composer.event(new))
    rep, last, *_ = composer.event(end_of_rep(0.4))
    assert names([rep, last]) == ["rep", "rep/last"]
    body = {key: value for key, value in last.fields.items() if key not in ("seq", "schema")}
    assert body == rep.fields["after"] | {"t_capture": utc(2_000_000_000)}


def test_only_a_cue_measures_its_latency_at_the_hand_over(composer: Composer) -> None:
    event = CueEvent(
        5_000_000_000, "c1", "bar_forward", Severity.WARN, Moment.AFTER, "Closer", "r1", 4000
    )
    (cue,) = composer.event(event)
    assert json.loads(cue.to_bytes(5_012_345_678))["latency_ms"] == 12.346
    (state,) = composer.event(phase(Phase.PULL))
    assert "latency_ms" not in json.loads(state.to_bytes(5_012_345_678))


def test_info_follows_the_markers_that_are_seen(composer: Composer) -> None:
    assert composer.event(MarkerEvent(0, Role.HIP, seen=True)) == []
    (first,) = composer.info(INFO)
    assert first.fields["roles"] == ["hip"]
    (second,) = composer.event(MarkerEvent(1, Role.BAR, seen=True))
    assert second.fields["roles"] == ["bar", "hip"]
    (third,) = composer.event(MarkerEvent(2, Role.HIP, seen=False))
    assert third.fields["roles"] == ["bar"]
    assert third.fields["camera"] == "sim"


def test_info_tells_when_pictures_stop_and_come_again(composer: Composer) -> None:
    assert composer.camera(False) == []
    composer.info(INFO)
    assert composer.camera(True) == []
    (silent,) = composer.camera(False)
    assert (silent.topic.name, silent.fields["camera_ok"]) == ("info", False)
    (marker,) = composer.event(MarkerEvent(0, Role.BAR, seen=True))
    assert marker.fields["camera_ok"] is False
    (back,) = composer.camera(True)
    assert (back.fields["camera_ok"], back.fields["roles"]) == (True, ["bar"])


def test_calibration_becomes_valid_with_a_scale(composer: Composer) -> None:
    composer.calibration(Calibration(valid=False, roll_deg=0.4, problems=("no scale",)))
    (message,) = composer.event(ScaleEvent(0, 0.0012, 0.01, 640.0, 700.0))
    assert message.fields["valid"] is True
    assert message.fields["scale_m_per_px"] == 0.0012
    assert message.fields["roll_deg"] == 0.4
    assert message.fields["t_capture"] == utc(0)


def floor_of(message: Message) -> tuple[bool | None, list[str], str | None, list[str]]:
    """Return all that the calibration topic says about the floor, and its problems."""
    assert message.topic.name == "calibration"
    fields = message.fields
    return (
        fields["floor_ok"],
        fields["floor_changed"],
        fields["floor_text"],
        fields["problems"],
    )


LEVEL = Calibration(valid=False, problems=("camera roll is not calibrated",))
KNOWN = [*LEVEL.problems]
SCALE = ScaleEvent(4_000_000_000, 0.0012, 0.01, 640.0, 700.0)


def test_nothing_is_said_of_the_floor_before_it_was_compared(composer: Composer) -> None:
    """A scale alone is no comparison: ``null`` is not ``true``."""
    unknown = (None, [], None)
    assert floor_of(composer.opening()[0]) == (*unknown, [])
    assert floor_of(composer.calibration(LEVEL)[0]) == (*unknown, KNOWN)
    assert floor_of(composer.event(SCALE)[0]) == (*unknown, KNOWN)


def test_a_moved_camera_joins_the_problems_and_leaves_them_again(composer: Composer) -> None:
    composer.calibration(LEVEL)
    composer.event(SCALE)
    (alarm,) = composer.event(MOVED)
    assert floor_of(alarm) == (False, ["height", "tilt"], MOVED.text, [*KNOWN, MOVED.text])
    assert alarm.fields["t_capture"] == utc(MOVED.t_ns)
    assert (alarm.fields["valid"], alarm.fields["scale_m_per_px"]) == (True, 0.0012)
    (again,) = composer.event(AGREES)
    assert floor_of(again) == (True, [], None, KNOWN)


def test_one_alarm_takes_the_place_of_another(composer: Composer) -> None:
    composer.event(MOVED)
    (message,) = composer.event(replace(MOVED, changed=("distance",), text="Farther away."))
    assert floor_of(message) == (False, ["distance"], "Farther away.", ["Farther away."])


def test_the_alarm_outlives_a_calibration_that_does_not_know_of_it(composer: Composer) -> None:
    composer.event(MOVED)
    (message,) = composer.calibration(LEVEL)
    assert floor_of(message)[::3] == (False, [*KNOWN, MOVED.text])


def test_new_metres_end_the_alarm_without_calling_the_floor_right(composer: Composer) -> None:
    """A second pass of ``--loop`` fixes its own scale, on the picture as it is by then."""
    composer.calibration(LEVEL)
    composer.event(MOVED)
    (message,) = composer.event(SCALE)
    assert floor_of(message) == (None, [], None, KNOWN)


def test_a_cue_that_belongs_to_no_rep_is_a_cue_like_any_other(composer: Composer) -> None:
    event = CueEvent(
        5_000_000_000, "c9", "camera_moved", Severity.WARN, Moment.BETWEEN, "Camera?", "", 9000
    )
    (cue,) = composer.event(event)
    said = json.loads(cue.to_bytes(5_000_000_000))
    assert (said["code"], said["moment"], said["rep_id"]) == ("camera_moved", "between", "")


def test_stats_are_of_the_machine_and_of_no_frame(composer: Composer) -> None:
    (stats,) = composer.stats(Stats(rate_hz=59.9, dropped=3, queue_lost={"live": 7}))
    assert stats.fields["queue_lost"] == {"live": 7}
    assert stats.fields["shown_p95_ms"] is None
    assert "t_capture" not in stats.fields


def test_every_topic_counts_for_itself(composer: Composer) -> None:
    phases = itertools.islice(itertools.cycle([Phase.PULL, Phase.LOWERING]), 4)
    states = [composer.event(phase(which))[0].fields["seq"] for which in phases]
    assert states == [1, 2, 3, 4]
    (info,) = composer.info(INFO)
    assert info.fields["seq"] == 1


def test_no_event_there_is_is_unknown() -> None:
    dispatcher = Composer.__dict__["event"].dispatcher
    assert set(dispatcher.registry) == {object, *get_args(Event)}


def test_an_unknown_event_is_a_mistake(composer: Composer) -> None:
    with pytest.raises(TypeError, match="no message is known for str"):
        composer.event("hello")


def test_a_set_is_under_way_from_its_first_finished_rep_to_its_end(composer: Composer) -> None:
    def said(event: Event) -> list[bool]:
        return [
            message.fields["under_way"]
            for message in composer.event(event)
            if message.topic.name == "state" and isinstance(message.fields, dict)
        ]

    assert said(phase(Phase.PULL)) == [False]
    assert said(RepEvent(1, RepKind.VOID, "r0", 1, 1)) == []
    assert said(end_of_rep(None)) == [True]
    assert said(SetEvent(3, 1, 1, None, None, None, {}, None)) == [False]
    assert said(end_of_rep(0.5, set_=2))[-1]
    assert said(phase(Phase.READY, set_=3)) == [False]
