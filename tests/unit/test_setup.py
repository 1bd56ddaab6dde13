"""The set-up before a pull: five steps, the ready light, and what is remembered of the lifter."""

from dataclasses import replace

import numpy as np
import pytest
from judged import finished

from shinline.coach.body import Point
from shinline.coach.legs import Legs
from shinline.coach.lifts import LIFTS
from shinline.coach.past import Past
from shinline.coach.setup import Around, Seen, SetupWatch
from shinline.config import Baseline, Coach
from shinline.types import NS_PER_S, FaultVerdict, Role, SetupEvent, Severity, StepState

SD_M = 0.001
LOOK_S = 0.1
ARM_M = 0.55
NOW, DONE, WAITING, SELF = (
    StepState.NOW,
    StepState.DONE,
    StepState.WAITING,
    StepState.CHECK_YOURSELF,
)
Places = dict[Role, tuple[float, float]]

BAR: Places = {Role.BAR: (0.0, 0.0)}
FOOT_X_M = -0.0375 - 0.059
"""The middle of the good band, and half a shaft and a shin behind the bar's axis."""

LEG: Places = {Role.ANKLE: (FOOT_X_M, -0.12), Role.KNEE: (FOOT_X_M, 0.30)}
STANDING: Places = BAR | LEG | {Role.HIP: (-0.10, 0.72), Role.SHOULDER: (-0.10, 1.22)}
BENDING: Places = BAR | LEG | {Role.HIP: (-0.40, 0.50), Role.SHOULDER: (0.02, 0.85)}
GRABBING: Places = BAR | LEG | {Role.HIP: (-0.40, 0.33), Role.SHOULDER: (0.03, ARM_M)}
SHINS_AT_BAR: Places = GRABBING | {Role.KNEE: (0.05, 0.28)}
"""The shank's line is 14 mm of shaft and 45 mm of shin behind the bar, or less."""

SET = SHINS_AT_BAR


def trunk(deg: float) -> Places:
    """The set position with the trunk at this angle."""
    x, y = 0.03 - 0.5 * np.cos(np.radians(deg)), ARM_M - 0.5 * np.sin(np.radians(deg))
    return SET | {Role.HIP: (float(x), float(y))}


def gap(gap_m: float) -> Places:
    """The set position with bar, hips and shoulders so far ahead of the foot."""
    by_m = gap_m - 0.0375
    moved = {role: (x + by_m, y) for role, (x, y) in SET.items() if role not in LEG}
    return SET | moved


class Watch:
    """Look ten times a second."""

    def __init__(self, lift: str = "conventional", past: Past | None = None) -> None:
        self.watch = SetupWatch()
        self.lift = LIFTS[lift]
        self.around = Around(self.lift.coach(Coach()), past or Past())
        self.t_ns = NS_PER_S
        self.events: list[SetupEvent] = []

    def see(
        self,
        places: Places,
        for_s: float = LOOK_S,
        moving: bool = False,
        bar_moving: bool = False,
        placed: bool = True,
        facing: bool = True,
        arm_m: float = ARM_M,
    ) -> "Watch":
        points = {role: Point(x, y, SD_M) for role, (x, y) in places.items()}
        seen = Seen(points, not moving, not moving, not bar_moving, placed)
        for _ in range(round(for_s / LOOK_S)):
            self.t_ns += round(LOOK_S * NS_PER_S)
            self.events += self.watch.update(self.t_ns, seen, self.around, self.lift, facing, arm_m)
        return self

    @property
    def last(self) -> SetupEvent:
        return self.events[-1]

    @property
    def states(self) -> list[StepState]:
        return [step.state for step in self.last.steps]

    def check(self, code: str) -> FaultVerdict | None:
        return next((check for check in self.last.checks if check.code == code), None)


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


def test_a_hidden_knee_leaves_the_shins_to_the_lifter() -> None:
    hidden = {role: place for role, place in SET.items() if role is not Role.KNEE}
    assert Watch().see(STANDING).see(hidden, 0.6).states == [DONE, DONE, SELF, DONE, NOW]


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
    line = Past(legs=Legs(standing=_line()))
    watch = Watch(past=line).see(fault, 0.6)
    assert watch.last.ready is False
    assert watch.see(still, 0.6).last.ready is False
    assert watch.see(over, 0.6).last.ready is True
    assert watch.see(still, 0.6).last.ready is True  # it was none in between
    assert Watch(past=line).see(still, 0.6).last.ready is True


def _line() -> tuple[Point, Point]:
    ankle, knee = LEG[Role.ANKLE], LEG[Role.KNEE]
    return Point(*ankle, SD_M), Point(*knee, SD_M)


def test_a_pull_ends_what_was_held() -> None:
    watch = Watch(past=Past(legs=Legs(standing=_line()))).see(gap(0.090), 0.6)
    watch.watch.pulls(watch.t_ns)
    assert watch.see(gap(0.072), 0.6).last.ready is True


# --- what is remembered -----------------------------------------------------------------------


def test_the_foot_is_where_the_lifter_stood_and_stays_there_while_he_bends() -> None:
    hidden = {r: p for r, p in SET.items() if r not in (Role.ANKLE, Role.KNEE)}
    watch = Watch().see(STANDING, 0.5).see(hidden, 0.6)
    check = watch.check("setup_gap")
    assert check is not None
    assert check.value == pytest.approx(0.0375)


def test_a_lifter_who_stands_up_and_moves_may_have_moved_the_feet() -> None:
    hidden = {r: p for r, p in SET.items() if r not in (Role.ANKLE, Role.KNEE)}
    upright = {r: p for r, p in STANDING.items() if r not in (Role.ANKLE, Role.KNEE)}
    watch = Watch().see(STANDING, 0.5).see(upright, 0.3, moving=True).see(hidden, 0.6)
    assert watch.check("setup_gap") is None
    watch = Watch().see(STANDING, 0.5).see(upright, 0.3).see(hidden, 0.6)
    assert watch.check("setup_gap") is None  # legs that were not seen again either


def test_the_legs_of_the_last_lockout_stand_in_for_those_that_were_not_seen() -> None:
    hidden = {r: p for r, p in gap(0.09).items() if r not in (Role.ANKLE, Role.KNEE)}
    watch = Watch(past=Past(legs=Legs(standing=_line()))).see(hidden, 0.6)
    check = watch.check("setup_gap")
    assert check is not None and check.severity is Severity.FAULT


def test_a_lifter_who_stands_relaxed_shows_how_the_trunk_leans() -> None:
    leaning = STANDING | {Role.SHOULDER: (-0.10 - 0.5 * np.tan(np.radians(4.0)), 1.22)}
    watch = Watch().see(leaning | {Role.CREST: (-0.10, 0.82)}, 0.5)
    assert watch.watch.standing.lean_deg[Role.HIP] == pytest.approx(4.0)
    assert watch.watch.standing.lean_deg[Role.CREST] == pytest.approx(
        np.degrees(np.arctan2(0.5 * np.tan(np.radians(4.0)), 0.40))
    )
    assert list(watch.watch.standing.lean_deg)[0] is Role.CREST  # noqa: RUF015  (the better one)
    assert watch.watch.stands
    assert not watch.see(SET).watch.stands
    assert Watch().see(leaning, 0.5, moving=True).watch.standing.lean_deg == {}
    unknown = Watch().see(leaning, 0.5, facing=False).watch
    unknown.mirror()  # they face left, as it turns out
    assert unknown.standing.lean_deg[Role.HIP] == pytest.approx(-4.0)


def test_another_lifter_is_somebody_else() -> None:
    watch = Watch().see(STANDING, 0.6)
    watch.watch.forget()
    assert watch.watch.standing.lean_deg == {}
    assert watch.watch.rested_x_m is None
    hidden = {r: p for r, p in SET.items() if r not in (Role.ANKLE, Role.KNEE)}
    assert watch.see(hidden, 0.6).check("setup_gap") is None


# --- the bar rolls ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_m", "severity"), [(0.013, Severity.GOOD), (0.017, Severity.WARN), (-0.03, Severity.WARN)]
)
def test_a_bar_that_rolled_since_it_lay_still_is_mentioned(by_m: float, severity: Severity) -> None:
    watch = Watch().see(STANDING, 0.8)
    assert watch.watch.rested_x_m == 0.0
    watch.see(SET | {Role.BAR: (by_m, 0.0)}, 0.5, bar_moving=True)
    check = watch.check("bar_rolled")
    assert check is not None
    assert (check.severity, check.value) == (severity, pytest.approx(abs(by_m)))
    assert watch.watch.rested_x_m == 0.0


def test_a_bar_that_lay_still_again_for_half_a_second_has_not_rolled() -> None:
    rolled = SET | {Role.BAR: (0.03, 0.0)}
    watch = Watch().see(STANDING, 0.8).see(rolled, 0.3, bar_moving=True).see(rolled, 0.9)
    check = watch.check("bar_rolled")
    assert check is not None and check.value == 0.0


def test_a_bar_that_was_put_elsewhere_did_not_roll() -> None:
    watch = Watch().see(STANDING, 0.8).see(SET | {Role.BAR: (0.2, 0.0)}, 0.5, bar_moving=True)
    assert watch.check("bar_rolled") is None


def test_a_mirrored_lifter_keeps_where_the_bar_lay() -> None:
    watch = Watch().see(STANDING | {Role.BAR: (0.04, 0.0)}, 0.8, facing=False)
    lean = watch.watch.standing.lean_deg[Role.HIP]
    watch.watch.mirror()
    assert watch.watch.rested_x_m == pytest.approx(-0.04)
    assert watch.watch.standing.lean_deg[Role.HIP] == -lean


def test_own_good_set_ups_move_the_light() -> None:
    """A lifter who always stands 80 mm off: the fault goes from 85 to 108.8 mm at most."""
    own = {"setup_gap": Baseline("Anna", "conventional", "setup_gap", 0.080, 0.02, 12)}
    past = Past(reps=(finished(),), own=own, legs=Legs(standing=_line()))
    assert Watch(past=past).see(gap(0.105), 0.6).last.ready is True
    assert Watch(past=past).see(gap(0.110), 0.6).last.ready is False
    assert Watch(past=replace(past, own={})).see(gap(0.105), 0.6).last.ready is False
