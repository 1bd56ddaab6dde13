"""Phases and marks from the exact height of a bar."""

import numpy as np
import pytest
from lifts import Script

from shinline.coach.segment import Mark, MarkKind, Segmenter
from shinline.types import NS_PER_S, Phase

RATE_HZ = 60.0


def _run(script: Script, segmenter: Segmenter | None = None) -> tuple[list[Mark], list[Phase]]:
    """Feed exact height and speed; times in which the script is hidden count as lost."""
    segmenter = segmenter or Segmenter(0.20)
    marks: list[Mark] = []
    phases: list[Phase] = []
    t_s = np.arange(0.0, script.duration_s, 1.0 / RATE_HZ)
    y = script.at(t_s)[1]
    v = np.gradient(y, t_s)
    for now_s, height, speed, alive in zip(t_s, y, v, script.seen(t_s), strict=True):
        t_ns = round(now_s * NS_PER_S)
        marks += segmenter.update(t_ns, float(height), float(speed), bool(alive))
        if not phases or phases[-1] is not segmenter.phase:
            phases.append(segmenter.phase)
    return marks, phases


def _kinds(marks: list[Mark]) -> list[MarkKind]:
    return [mark.kind for mark in marks if mark.kind is not MarkKind.STILL]


FULL = [MarkKind.LIFT, MarkKind.TOP, MarkKind.DOWN, MarkKind.END]
LIFT = Script().rest(1.0).move(1.2, 0.5).rest(0.6)


def test_a_rep_passes_through_all_phases() -> None:
    marks, phases = _run(LIFT.move(1.0, -0.5).rest(1.0))
    assert _kinds(marks) == FULL
    assert phases == [
        Phase.IDLE,
        Phase.READY,
        Phase.PULL,
        Phase.LOCKOUT,
        Phase.LOWERING,
        Phase.FLOOR,
        Phase.READY,
    ]


def test_the_bottom_is_the_last_instant_before_the_rise() -> None:
    lift = next(m for m in _run(LIFT)[0] if m.kind is MarkKind.LIFT)
    assert lift.bottom_ns / NS_PER_S == pytest.approx(1.05, abs=0.1)
    assert lift.bottom_m == pytest.approx(0.0, abs=1e-3)
    assert not lift.in_air


def test_the_end_is_the_touch_of_the_floor() -> None:
    end = _run(LIFT.move(1.0, -0.5).rest(1.0))[0][-2]
    assert end.kind is MarkKind.END
    assert end.on_floor
    assert end.t_ns / NS_PER_S == pytest.approx(3.7, abs=0.15)


def test_a_grinder_at_five_centimetres_per_second_is_a_rep() -> None:
    marks, _ = _run(Script().rest(1.0).move(10.0, 0.5).rest(1.0).move(1.0, -0.5).rest(1.0))
    assert _kinds(marks) == FULL


def test_a_grinder_that_never_reaches_go_speed_is_a_rep() -> None:
    slow = Script().rest(1.0).move(12.0, 0.5, ease=lambda u: u)
    marks, _ = _run(slow.rest(1.0).move(1.0, -0.5).rest(1.0))
    assert _kinds(marks) == FULL
    lift = next(mark for mark in marks if mark.kind is MarkKind.LIFT)
    assert float(slow.at(np.array([lift.t_ns / NS_PER_S]))[1][0]) == pytest.approx(0.03, abs=2e-3)


def test_a_standstill_at_the_knee_does_not_end_the_rep() -> None:
    marks, _ = _run(
        Script().rest(1.0).move(0.8, 0.25).rest(1.5).move(0.9, 0.25).move(1.0, -0.5).rest(1.0)
    )
    assert _kinds(marks) == FULL


def test_a_hitch_does_not_end_the_rep() -> None:
    hitch = Script().rest(1.0).move(0.9, 0.35).move(0.4, -0.06).move(0.6, 0.16).rest(0.5)
    marks, phases = _run(hitch.move(1.0, -0.45).rest(1.0))
    ends = [kind for kind in _kinds(marks) if kind not in (MarkKind.TOP, MarkKind.DOWN)]
    assert ends == [MarkKind.LIFT, MarkKind.END]
    assert phases.count(Phase.PULL) == 2


@pytest.mark.parametrize("height_m", [0.03, 0.10, 0.18])
def test_a_bar_that_comes_back_too_soon_is_void(height_m: float) -> None:
    marks, phases = _run(Script().rest(1.0).move(0.6, height_m).move(0.6, -height_m).rest(1.0))
    assert _kinds(marks) == [MarkKind.LIFT, MarkKind.VOID]
    assert "came back after" in marks[-2].reason
    assert phases[-1] is Phase.READY


def test_a_bar_put_on_something_higher_is_void() -> None:
    marks, _ = _run(Script().rest(1.0).move(0.6, 0.08).rest(7.0))
    assert _kinds(marks) == [MarkKind.LIFT, MarkKind.VOID]
    assert "stayed" in next(m for m in marks if m.kind is MarkKind.VOID).reason


def test_a_tremble_below_lift_off_is_nothing() -> None:
    assert _kinds(_run(Script().rest(1.0).move(0.2, 0.008).move(0.2, -0.008).rest(1.0))[0]) == []


def test_plates_that_bounce_after_a_drop_are_no_new_pull() -> None:
    marks, _ = _run(LIFT.drop(0.5).rest(2.0))
    assert _kinds(marks) == FULL


def test_a_touch_and_go_rep_follows_at_once() -> None:
    marks, _ = _run(LIFT.move(0.9, -0.5).move(1.2, 0.5).rest(0.5).move(0.9, -0.5).rest(1.0))
    assert _kinds(marks) == FULL * 2


def test_a_bar_that_turns_above_its_first_place_still_ends_the_rep() -> None:
    """The camera of a hand moves; the turn in the lowest third is the floor."""
    marks, _ = _run(LIFT.move(0.9, -0.42).move(1.2, 0.45).rest(0.5).move(0.9, -0.42).rest(1.0))
    assert _kinds(marks) == FULL * 2


def test_a_rep_begun_before_the_picture_is_marked() -> None:
    flying = Script().move(0.8, 0.4, ease=lambda u: u).rest(0.6).move(1.0, -0.45).rest(1.0)
    lift = next(m for m in _run(flying)[0] if m.kind is MarkKind.LIFT)
    assert lift.in_air


def test_a_squat_that_is_lowered_first_gives_no_rep_before_it_rises() -> None:
    marks, _ = _run(Script().rest(1.0).move(1.2, -0.5))
    assert _kinds(marks) == []


SLACK = Script().rest(1.0).move(0.4, 0.005)


def test_slack_is_told_and_is_no_lift_off() -> None:
    marks, phases = _run(SLACK.rest(0.4).move(1.2, 0.5).rest(0.6).move(1.0, -0.505).rest(1.0))
    assert _kinds(marks) == FULL
    assert phases[:4] == [Phase.IDLE, Phase.READY, Phase.SLACK, Phase.PULL]


@pytest.mark.parametrize("bend_m", [-0.006, -0.003, 0.003, 0.008])
def test_slack_that_is_let_go_ends_where_it_began(bend_m: float) -> None:
    marks, phases = _run(Script().rest(1.0).move(0.4, bend_m).rest(0.5).move(0.4, -bend_m).rest(1))
    assert _kinds(marks) == []
    assert phases == [Phase.IDLE, Phase.READY, Phase.SLACK, Phase.READY]


def test_a_bar_that_lies_a_little_elsewhere_is_ready_again() -> None:
    assert _run(SLACK.rest(5.0))[1][-1] is Phase.READY


def test_a_picture_that_creeps_shows_no_slack() -> None:
    creep = Script().rest(1.0).move(10.0, 0.008, ease=lambda u: u)
    assert Phase.SLACK not in _run(creep)[1]


def test_a_bar_lost_in_the_pull_voids_the_rep() -> None:
    marks, phases = _run(Script().rest(1.0).move(1.2, 0.5).rest(1.0).hide(1.5, 9.0))
    assert _kinds(marks) == [MarkKind.LIFT, MarkKind.VOID]
    assert phases[-1] is Phase.IDLE


def test_a_bar_lost_after_lockout_ends_the_rep_without_a_floor() -> None:
    marks, _ = _run(LIFT.rest(1.0).hide(2.8, 9.0))
    assert _kinds(marks) == [MarkKind.LIFT, MarkKind.TOP, MarkKind.END]
    assert not marks[-1].on_floor


def _jumping(at_s: float, by_m: float, for_s: float) -> list[Mark]:
    """A bar that lies, is elsewhere for a while without having moved there, and is lifted later."""
    segmenter, marks = Segmenter(0.20), []
    script = Script().rest(3.0).move(1.2, 0.5).rest(0.6)
    for t_s in np.arange(0.0, script.duration_s, 1.0 / RATE_HZ):
        y = float(script.at(np.array([t_s]))[1][0])
        y += by_m if at_s <= t_s < at_s + for_s else 0.0
        v = float(np.diff(script.at(np.array([t_s, t_s + 1e-3]))[1])[0] / 1e-3)
        marks += segmenter.update(round(t_s * NS_PER_S), y, v, True)
    return marks


@pytest.mark.parametrize("by_m", [-0.06, 0.02, 0.06, 0.15])
def test_a_bar_that_lay_and_is_suddenly_elsewhere_is_not_lifted(by_m: float) -> None:
    marks = _jumping(1.0, by_m, 9.0)
    assert _kinds(marks) == [MarkKind.ELSEWHERE, MarkKind.LIFT, MarkKind.TOP]
    lift = next(m for m in marks if m.kind is MarkKind.LIFT)
    assert lift.bottom_m == pytest.approx(by_m, abs=2e-3)
    assert lift.rested
    assert not lift.in_air


@pytest.mark.parametrize("by_m", [-0.06, 0.02, 0.06, 0.3])
def test_a_bar_that_was_elsewhere_in_one_picture_only_still_lies(by_m: float) -> None:
    marks = _jumping(1.0, by_m, 0.9 / RATE_HZ)
    assert _kinds(marks) == [MarkKind.LIFT, MarkKind.TOP]


@pytest.mark.parametrize("up_s", [0.35, 0.6, 1.2])
def test_the_most_sudden_pull_is_a_lift(up_s: float) -> None:
    marks, _ = _run(Script().rest(1.0).move(up_s, 0.5).rest(0.6))
    assert _kinds(marks)[0] is MarkKind.LIFT
