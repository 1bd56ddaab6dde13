"""What is remembered of a lifter before a pull: the foot, the trunk, the legs, the bar."""

from dataclasses import replace

import numpy as np
import pytest
from judged import finished
from set_up import (
    SET,
    STANDING,
    Watch,
    gap,
    line,
)

from shinline.coach.legs import Legs
from shinline.coach.past import Past
from shinline.config import Baseline
from shinline.types import Role, Severity


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
    watch = Watch(past=Past(legs=Legs(standing=line()))).see(hidden, 0.6)
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
    watch = Watch().see(STANDING, 0.4)
    assert watch.watch.rested_x_m is None  # it may only have paused
    watch.see(STANDING, 0.4)
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
    past = Past(reps=(finished(),), own=own, legs=Legs(standing=line()))
    assert Watch(past=past).see(gap(0.105), 0.6).last.ready is True
    assert Watch(past=past).see(gap(0.110), 0.6).last.ready is False
    assert Watch(past=replace(past, own={})).see(gap(0.105), 0.6).last.ready is False
