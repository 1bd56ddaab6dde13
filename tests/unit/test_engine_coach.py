"""The whole coach through the engine: a lifter before a calibrated camera, and bars that hang."""

import msgspec
import numpy as np
import pytest
from lifts import LEVELLED, Camera, Script, Session, film, lift, single
from mounts import SLANTED, Mount
from through import SET, SET_S, STANDING, TOP, UP_S, Lifter, filmed, watch

from shinline.coach.gauge import Gauge
from shinline.config import Coach, Config
from shinline.config import Lift as Lifted
from shinline.engine import Engine
from shinline.types import (
    CueEvent,
    Facing,
    FaultVerdict,
    Moment,
    Rep,
    RepKind,
    Role,
    SetupEvent,
    Severity,
    StepState,
)

DONE, NOW, SELF, WAITING = (
    StepState.DONE,
    StepState.NOW,
    StepState.CHECK_YOURSELF,
    StepState.WAITING,
)
SQUARE = Mount(msgspec.structs.replace(SLANTED.setup, azimuth_deg=0.0, height_m=0.6))
SURE = msgspec.structs.replace(
    SQUARE.config, rig=msgspec.structs.replace(SQUARE.config.rig, azimuth_sd_deg=0.1)
)
"""A camera that looks squarely, and is known to: so that shoulder and bar can be compared."""

LIFT_S = 1.5 + 1.0 + SET_S


def _verdict(rep: Rep, code: str) -> FaultVerdict:
    return next(fault for fault in rep.faults if fault.code == code)


def _set_ups(session: Session) -> list[tuple[float, list[StepState], bool | None]]:
    return [
        (session.seconds(e.t_ns), [step.state for step in e.steps], e.ready)
        for e in session.of(SetupEvent)
    ]


@pytest.fixture(scope="module")
def good() -> Session:
    return watch(Lifter(reps=2))


def test_a_beginner_is_led_through_the_set_up_and_then_pulls(good: Session) -> None:
    """The length of the arm is not known before a first pull, so the grip is not confirmed."""
    first = [(s, states, ready) for s, states, ready in _set_ups(good) if s < LIFT_S + 1.0]
    states = [each for _, each, _ in first[1:]]  # the first of all sees nothing yet
    assert states[0] == [NOW, SELF, WAITING, WAITING, WAITING]
    assert [DONE, SELF, DONE, DONE, NOW] in states
    assert states[-1] == [DONE, SELF, DONE, DONE, DONE]
    ready_s = [s for s, _, ready in first if ready]
    assert 1.5 + 1.0 < ready_s[0] < LIFT_S - 0.3  # he has time to see the light


def test_before_the_second_pull_the_arms_length_is_known(good: Session) -> None:
    ready = [states for s, states, ready in _set_ups(good) if ready and s > LIFT_S + 1.0]
    assert ready[0] == [DONE, DONE, DONE, DONE, NOW]


def test_a_good_lifter_is_praised_and_nothing_else(good: Session) -> None:
    assert [cue.severity for cue in good.of(CueEvent)] == [Severity.GOOD]
    for rep in good.reps:
        assert {v.severity for v in rep.faults if v.assessed} == {Severity.GOOD}


def test_the_numbers_are_those_of_the_lifter(good: Session) -> None:
    """By the poses: the shank behind the bar, trunk atan(0.33 / 0.40), and so on."""
    (rep, again) = good.reps
    stands, bent = ({r: (float(x[0]), float(y[0])) for r, (x, y) in places.items()}
                    for places in (Lifter().places(np.array([s])) for s in (0.0, 3.0)))  # fmt: skip
    (ankle_x, ankle_y), (knee_x, knee_y) = stands[Role.ANKLE], stands[Role.KNEE]
    shin_x = ankle_x + (knee_x - ankle_x) * (0.0 - ankle_y) / (knee_y - ankle_y) + 0.045
    true = {
        "setup_gap": -0.014 - shin_x,
        "hips_high_start": float(np.degrees(np.arctan2(0.33, 0.40))),
        "elbows_to_knees": 0.03 * bent[Role.KNEE][1] / 0.70 - bent[Role.KNEE][0],
        "bar_forward": 0.0,
        "bar_rolled": 0.0,
    }
    for code, value in true.items():
        for verdict in (_verdict(rep, code), _verdict(again, code)):
            assert verdict.assessed, (code, verdict.reason)
            assert verdict.sd is not None
            assert verdict.value == pytest.approx(value, abs=max(2.0 * verdict.sd, 1e-3)), code


@pytest.mark.parametrize(
    ("lifter", "code"),
    [
        (Lifter(bulge_m=0.05), "bar_forward"),
        (Lifter(top={**TOP, Role.SHOULDER: (-0.25, 1.20)}), "lean_back"),
    ],
)
def test_either_facing_has_the_same_verdicts(lifter: Lifter, code: str) -> None:
    """Mirrored, with the camera on the lifter's other side."""
    left = Mount(SLANTED.setup, Facing.LEFT)
    (right_rep,), (left_rep,) = watch(lifter).reps, watch(lifter, left).reps
    assert [v.code for v in right_rep.faults] == [v.code for v in left_rep.faults]
    for a, b in zip(right_rep.faults, left_rep.faults, strict=True):
        assert (a.assessed, a.severity, a.reason) == (b.assessed, b.severity, b.reason), a.code
        if a.value is not None:
            assert b.value is not None and a.sd is not None
            assert a.value == pytest.approx(b.value, abs=max(0.5 * a.sd, 1e-4)), a.code
    assert _verdict(right_rep, code).severity is Severity.FAULT


def _behind(lifter: Lifter = Lifter()) -> Lifter:  # noqa: B008
    """The shoulders 50 mm behind the bar at the set position."""
    return lifter.but(set={**SET, Role.SHOULDER: (-0.05, 0.70)})


def test_one_thing_is_said_while_it_can_still_be_acted_on() -> None:
    session = watch(_behind(), SQUARE, SURE)
    before = [cue for cue in session.of(CueEvent) if cue.moment is Moment.BEFORE]
    (cue,) = [cue for cue in before if session.seconds(cue.t_ns) < LIFT_S]
    assert (cue.text, cue.code) == ("Shoulders over the bar.", "hips_low_start")
    assert 2.5 < session.seconds(cue.t_ns) < LIFT_S - 0.3
    ready = {ready for s, _, ready in _set_ups(session) if s < LIFT_S}
    assert ready == {None, False}


def test_a_muted_lifter_sees_the_light_and_hears_nothing() -> None:
    engine = Engine(SURE, "s")
    engine.ask("mute", {"on": True})
    events = [e for head, rows in filmed(_behind(), SQUARE) for e in engine.advance(head, rows)]
    assert not any(isinstance(event, CueEvent) for event in events)
    assert any(isinstance(event, SetupEvent) and event.ready is False for event in events)


def test_a_bar_too_far_away_is_told_before_the_pull_by_the_legs_of_who_stood_there() -> None:
    away = {r: (x - 0.06, y) if r is not Role.SHOULDER else (x, y) for r, (x, y) in SET.items()}
    stood = {role: (x - 0.06, y) for role, (x, y) in STANDING.items()}
    session = watch(
        Lifter(standing=stood, set=away, top={**stood, Role.SHOULDER: TOP[Role.SHOULDER]})
    )
    said = [c.text for c in session.of(CueEvent) if c.moment is Moment.BEFORE]
    assert said[0] == "Bar over your laces."
    gap = _verdict(session.reps[0], "setup_gap")
    assert gap.severity is Severity.FAULT
    assert gap.value == pytest.approx(0.16 - 0.059, abs=0.01)


def test_stickers_that_the_plate_hides_are_not_assessed_or_found_by_the_legs() -> None:
    """Knee and ankle are hidden but for the standing lifter: the gap is known, the arms are not."""
    hidden = tuple((role, 1.6, LIFT_S + UP_S) for role in (Role.KNEE, Role.ANKLE))
    (rep,) = watch(Lifter(hidden=hidden)).reps
    assert not _verdict(rep, "elbows_to_knees").assessed
    assert _verdict(rep, "setup_gap").assessed
    assert _verdict(rep, "bar_leaves_legs").assessed
    assert "hip_share" in _verdict(rep, "hips_high_start").details
    shown = {v.code for v in rep.faults if not v.assessed}
    assert not {_verdict(rep, code).severity for code in shown} - {Severity.INFO}


def test_a_camera_that_was_moved_knows_no_place_beside_the_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Angles between stickers hold; where shoulders are against the bar is not told any more."""
    monkeypatch.setattr(Gauge, "moved", property(lambda _gauge: True))
    session = watch(_behind(), SQUARE, SURE)
    assert not [cue for cue in session.of(CueEvent) if cue.moment is Moment.BEFORE]
    (rep,) = session.reps
    behind = _verdict(rep, "hips_low_start")
    assert not behind.assessed
    assert behind.reason.startswith("calibrate the camera")
    assert _verdict(rep, "hips_shoot_up").assessed


def test_without_stickers_the_bar_alone_is_judged() -> None:
    session = lift(Script().rest(1.5).move(1.4, 0.52).rest(1.0).move(1.1, -0.52).rest(1.0))
    judged = {v.code for v in session.reps[0].faults if v.assessed}
    assert judged <= {
        "bar_rolled",
        "bar_forward",
        "knee_loop",
        "reversal",
        "hitch",
        "yank",
        "lowering",
    }
    assert {"bar_forward", "knee_loop", "reversal", "hitch"} <= judged


# --- the Romanian deadlift ----------------------------------------------------------------------

ROMANIAN: Config = msgspec.structs.replace(
    LEVELLED, lift=Lifted(style="romanian"), coach=Coach(test_set=0)
)
TAKEN = "the bar was taken up, from where it lay, to begin from the top"


def _hanging(turns: int, depth_m: float = 0.32, to_floor: bool = True) -> Script:
    """Taken from the floor, turned so many times, put down."""
    script = Script().rest(1.5).move(1.4, 0.52).rest(1.0)
    for _ in range(turns):
        script = script.move(1.3, -depth_m).move(1.2, depth_m).rest(0.6)
    return script.move(1.2, -0.52).rest(2.0) if to_floor else script


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize("rate_hz", [30.0, 60.0])
def test_each_turn_to_the_top_is_a_repetition_and_taking_the_bar_is_none(
    turns: int, rate_hz: float
) -> None:
    session = lift(_hanging(turns), Camera(rate_hz=rate_hz), ROMANIAN)
    assert [void.reason for void in session.voids] == [TAKEN]
    assert [rep.rep for rep in session.reps] == list(range(1, turns + 1))
    for rep in session.reps:
        assert rep.valid, rep.notes
        assert rep.rom_m == pytest.approx(0.32, abs=6e-3)
        assert rep.plan is not None and rep.plan.lift == "romanian"


def test_a_bar_that_hangs_needs_no_floor_to_count_and_no_speed_at_it() -> None:
    session = lift(_hanging(3, to_floor=False), Camera(), ROMANIAN)
    assert len(session.reps) == 3
    for rep in session.reps:
        codes = {verdict.code for verdict in rep.faults}
        assert codes == {
            "bar_forward",
            "knee_loop",
            "reversal",
            "hitch",
            "lean_back",
            "short_lockout",
            "velocity_loss",
        }


def test_the_same_motion_of_a_conventional_lifter_is_one_repetition() -> None:
    session = lift(_hanging(2), Camera(), LEVELLED)
    assert len(session.reps) == 1


def test_a_set_of_romanians_may_be_announced_between_two_of_another_lift() -> None:
    """The lift that is asked for counts from the next pull on."""
    engine = Engine(LEVELLED, "s")
    frames = film(single().rest(1.0), Camera())
    events = [e for head, rows in frames for e in engine.advance(head, rows)]
    engine.ask("start_set", {"lift": "romanian"})
    later = film(_hanging(2), Camera(t0_ns=int(frames[-1][0]["t_ns"]) + 20_000_000))
    events += [e for head, rows in later for e in engine.advance(head, rows)]
    events += engine.finish()
    session = Session(engine, events)
    assert [rep.plan.lift for rep in session.reps if rep.plan] == ["conventional"] + [
        "romanian"
    ] * 2
    assert [event.kind for event in session.voids] == [RepKind.VOID]
