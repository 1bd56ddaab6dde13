"""The set-up before a pull: five steps, the ready light, and that it does not flicker."""

import numpy as np
import pytest
from set_up import (
    ARM_M,
    BAR,
    BENDING,
    DONE,
    GRABBING,
    LOOK_S,
    NOW,
    SELF,
    SET,
    SHINS_AT_BAR,
    STANDING,
    WAITING,
    Places,
    Watch,
    gap,
    line,
    trunk,
)

from shinline.coach.legs import Legs
from shinline.coach.lifts import LIFTS
from shinline.coach.past import Past
from shinline.types import Role, Severity, StepState

# --- the five steps ---------------------------------------------------------------------------


def test_a_beginner_is_taken_through_the_five_steps() -> None:
    watch = Watch().see(STANDING, 1.0)
    assert [step.code for step in watch.last.steps] == ["bend", "grab", "shins", "chest", "pull"]
    assert watch.states == [NOW, WAITING, WAITING, WAITING, WAITING]
    watch.see(BENDING, 0.5, moving=True)
    assert watch.states == [DONE, NOW, WAITING, WAITING, WAITING]
    watch.see(GRABBING, 0.5, moving=True)
    assert watch.states == [DONE, DONE, NOW, WAITING, WAITING]
    watch.see(SHINS_AT_BAR, 0.5, moving=True)
    assert watch.states == [DONE, DONE, DONE, NOW, WAITING]
    assert watch.last.ready is None
    watch.see(SET, 0.5)
    assert watch.states == [DONE, DONE, DONE, DONE, NOW]
    assert watch.last.ready is True
    pulled = watch.watch.pulls(watch.t_ns)
    assert [step.state for step in pulled[0].steps] == [DONE] * 5
    assert pulled[0].ready is None


def test_every_change_is_told_once() -> None:
    watch = Watch().see(STANDING, 1.0)
    told = len(watch.events)
    watch.see(STANDING, 2.0)
    assert len(watch.events) == told
    watch.see(BENDING, 1.0, moving=True)
    assert len(watch.events) == told + 1
    assert watch.watch.pulls(watch.t_ns) != []
    assert watch.watch.pulls(watch.t_ns) == []


def test_a_step_that_is_undone_is_to_do_again() -> None:
    watch = Watch().see(STANDING).see(SHINS_AT_BAR, 0.5, moving=True)
    watch.see(GRABBING, 0.5, moving=True)
    assert watch.states == [DONE, DONE, NOW, WAITING, WAITING]
    watch.see(STANDING)
    assert watch.states == [NOW, WAITING, WAITING, WAITING, WAITING]


def test_what_cannot_be_measured_is_left_to_the_lifter() -> None:
    watch = Watch().see(BAR, 1.0)
    assert watch.states == [SELF, SELF, SELF, SELF, NOW]
    assert watch.last.ready is None
    assert watch.last.checks == ()
    pulled = watch.watch.pulls(watch.t_ns)
    assert [step.state for step in pulled[0].steps] == [SELF, SELF, SELF, SELF, DONE]


@pytest.mark.parametrize(
    ("how", "states"),
    [
        ({"placed": False}, [DONE, SELF, SELF, DONE, NOW]),
        ({"facing": False}, [DONE, DONE, SELF, DONE, NOW]),
        ({"arm_m": 0.0}, [DONE, SELF, DONE, DONE, NOW]),
    ],
)
def test_without_a_calibration_a_facing_or_an_arms_length_less_is_confirmed(
    how: dict[str, float | bool], states: list[StepState]
) -> None:
    watch = Watch().see(STANDING, 0.5, **how).see(SET, 0.6, **how)  # type: ignore[arg-type]
    assert watch.states == states
    assert watch.last.ready is True


def test_legs_are_learnt_where_they_hardly_move_before_a_calibrated_camera() -> None:
    for how, learnt in (
        ({}, True),
        ({"placed": False}, False),
        ({"moving": True}, False),
    ):
        watch = Watch().see(STANDING, 0.5, **how)  # type: ignore[arg-type]
        legs = watch.watch.lengths.complete(Legs())
        assert (legs.shank_m is not None) is learnt
        assert not learnt or legs.shank_m == pytest.approx(0.42)


def test_a_hidden_knee_leaves_the_shins_to_the_lifter() -> None:
    hidden = {role: place for role, place in SET.items() if role is not Role.KNEE}
    watch = Watch().see(STANDING).see(hidden, 0.6)
    assert watch.states == [DONE, DONE, SELF, DONE, NOW]
    assert watch.check("hips_high_start") is not None


def test_an_ankle_behind_the_plate_is_where_it_stood() -> None:
    hidden = {role: place for role, place in SET.items() if role is not Role.ANKLE}
    assert Watch().see(STANDING, 0.5).see(hidden, 0.6).states == [DONE, DONE, DONE, DONE, NOW]
    assert Watch().see(hidden, 0.6).states == [DONE, DONE, SELF, DONE, NOW]


@pytest.mark.parametrize(("deg", "bent"), [(61.0, False), (59.0, True)])
def test_bent_is_a_trunk_below_sixty_degrees(deg: float, bent: bool) -> None:
    assert (Watch().see(trunk(deg)).states[0] is DONE) is bent


@pytest.mark.parametrize(("deg", "bent"), [(45.0, False), (41.0, True)])
def test_a_back_alone_tells_who_bends(deg: float, bent: bool) -> None:
    """The line from the mid-back to the shoulder is flatter than the trunk by 17 degrees."""
    x, y = 0.03 - 0.3 * np.cos(np.radians(deg)), ARM_M - 0.3 * np.sin(np.radians(deg))
    places = BAR | {Role.SHOULDER: (0.03, ARM_M), Role.MID_BACK: (float(x), float(y))}
    assert (Watch().see(places).states[0] is DONE) is bent
    crest = BAR | {Role.SHOULDER: (0.03, ARM_M), Role.CREST: (float(x), float(y))}
    assert Watch().see(crest).states[0] is DONE


def test_a_chest_is_up_when_the_start_is_as_it_should_be() -> None:
    watch = Watch().see(STANDING, 0.5).see(SET | {Role.SHOULDER: (-0.06, ARM_M)}, 0.6)
    assert watch.states == [DONE, DONE, DONE, NOW, WAITING]
    assert watch.last.ready is False


# --- the ready light --------------------------------------------------------------------------


def test_the_light_waits_for_three_tenths_of_a_second_of_stillness() -> None:
    watch = Watch().see(STANDING, 0.5).see(SET, 0.3)
    assert watch.last.ready is None
    watch.see(SET, LOOK_S)
    assert watch.last.ready is True
    watch.see(SET, LOOK_S, moving=True)
    assert watch.last.ready is None


def test_who_stands_still_is_not_set() -> None:
    assert Watch().see(STANDING, 2.0).last.ready is None


def test_a_fault_of_the_set_up_turns_the_light_off_and_a_mention_does_not() -> None:
    for places, ready, severity in (
        (gap(0.0375), True, Severity.GOOD),
        (gap(0.070), True, Severity.WARN),
        (gap(0.090), False, Severity.FAULT),
        (gap(0.0), False, Severity.FAULT),
    ):
        standing = STANDING | {Role.BAR: places[Role.BAR]}
        watch = Watch().see(standing, 0.5).see(places, 0.6)
        check = watch.check("setup_gap")
        assert check is not None
        assert (watch.last.ready, check.severity) == (ready, severity)
        assert check.value == pytest.approx(places[Role.BAR][0] + 0.0375)


def test_nothing_judged_is_not_ready() -> None:
    """Of a Romanian deadlift no set-up on a floor is judged; of a hidden hip neither."""
    assert Watch("romanian").see(STANDING, 0.5).see(SET, 1.0).last.ready is None
    body = {role: place for role, place in SET.items() if role is not Role.HIP}
    hidden = body | {Role.CREST: (-0.40, 0.33)}
    assert Watch().see(hidden, 1.0).last.ready is None


def test_what_does_not_apply_to_a_lift_is_not_checked() -> None:
    for lift in ("sumo", "trap_bar", "blocks", "stiff_leg", "romanian"):
        watch = Watch(lift).see(STANDING, 0.5).see(SET, 0.6)
        assert not {check.code for check in watch.last.checks} & LIFTS[lift].off


def test_the_checks_are_those_of_the_cards() -> None:
    watch = Watch().see(STANDING, 0.6).see(SET, 0.6)
    told = {check.code for check in watch.last.checks}
    assert told == {
        "setup_gap",
        "bar_rolled",
        "hips_high_start",
        "hips_low_start",
        "elbows_to_knees",
    }
    behind = watch.see(SET | {Role.SHOULDER: (-0.025, ARM_M)}, 0.6).check("hips_low_start")
    assert behind is not None
    assert (behind.severity, behind.value) == (Severity.FAULT, pytest.approx(0.025))


# --- hysteresis -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "still", "over"),
    [
        (gap(0.090), gap(0.072), gap(0.069)),  # 0.0375 and 0.7 of the way to 0.085 is 0.0708
        (gap(0.0), gap(0.013), gap(0.016)),  # and to 0.005 is 0.0148
        (
            SET | {Role.SHOULDER: (-0.022, ARM_M)},
            SET | {Role.SHOULDER: (-0.015, ARM_M)},
            SET | {Role.SHOULDER: (-0.013, ARM_M)},
        ),
    ],
    ids=["far", "near", "behind"],
)
def test_a_fault_is_one_until_it_is_well_below_its_threshold(
    fault: Places, still: Places, over: Places
) -> None:
    stood = Past(legs=Legs(standing=line()))
    watch = Watch(past=stood).see(fault, 0.6)
    assert watch.last.ready is False
    assert watch.see(still, 0.6).last.ready is False
    assert watch.see(over, 0.6).last.ready is True
    assert watch.see(still, 0.6).last.ready is True  # it was none in between
    assert Watch(past=stood).see(still, 0.6).last.ready is True


def test_a_pull_ends_what_was_held() -> None:
    watch = Watch(past=Past(legs=Legs(standing=line()))).see(gap(0.090), 0.6)
    watch.watch.pulls(watch.t_ns)
    assert watch.see(gap(0.072), 0.6).last.ready is True
