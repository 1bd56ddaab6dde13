"""Every fault has the value that the pull was given, and its severity changes at its levels."""

from itertools import chain

import pytest
from fault_cases import CASES, Case, hitch

from shinline.coach.faults.table import CARDS
from shinline.config import Coach
from shinline.types import Severity

by_case = pytest.mark.parametrize("case", CASES, ids=str)
NOMINAL = {"setup_gap": 0.0375, "hips_high_start": 27.0, "bounce": 1.0}
"""Where nothing is wrong; 0 for all others."""

LESS_IS_WORSE = {"hips_high_start", "bounce", "gap_near", "arms_behind"}


def _levels(case: Case) -> list[float]:
    return [level for level in case.ladder if isinstance(level, float)]


def _steps(case: Case) -> list[tuple[float, Severity, Severity]]:
    """Return each level with the severity on its harmless and on its bad side."""
    ladder = case.ladder
    return [(ladder[i], ladder[i - 1], ladder[i + 1]) for i in range(1, len(ladder), 2)]  # type: ignore[misc]


def _bad_way(case: Case) -> float:
    """Return +1 where more of it is worse, -1 where less is."""
    return -1.0 if {case.code, str(case)} & LESS_IS_WORSE else 1.0


def test_every_fault_has_a_case() -> None:
    codes = {case.code for case in CASES} | {"hitch"}
    assert codes == {card.code for card in CARDS}


@by_case
def test_the_value_is_what_was_made(case: Case) -> None:
    for size in (0.8 * _levels(case)[0], 1.3 * _levels(case)[-1]):
        verdict = case.make(size).verdict(case.code)
        assert verdict.assessed, verdict.reason
        assert verdict.value == pytest.approx(case.measured(size), abs=case.near)


@by_case
def test_the_severity_changes_at_the_level(case: Case) -> None:
    """And half a standard deviation beyond it, for the doubt is the lifter's."""
    for level, harmless, bad in _steps(case):
        slope = (case.measured(1.01 * level) - case.measured(level)) / (0.01 * level)
        step = max(0.004 * abs(level), 1.5 * case.near)
        sd = case.make(level).verdict(case.code).sd
        assert sd is not None
        bad_way = _bad_way(case)
        sizes = [level + bad_way * (0.5 * sd / slope + way * step) for way in (-1.0, 1.0)]
        said = [case.make(size).verdict(case.code).severity for size in sizes]
        assert said == [harmless, bad], level


@by_case
def test_the_threshold_that_is_told_is_the_last_level_and_near_it_nothing_is_sure(
    case: Case,
) -> None:
    level = 5.0 if str(case) == "tips" else _levels(case)[-1]  # its angle alone is a mention
    there = case.make(level).verdict(case.code)
    assert there.threshold == pytest.approx(case.measured(level), abs=2.0 * case.near)
    beyond = case.make(level + _bad_way(case) * abs(level)).verdict(case.code)
    assert there.confidence < 0.95 < beyond.confidence


@pytest.mark.parametrize("case", [c for c in CASES if c.code != "hips_high_start"], ids=str)
@pytest.mark.parametrize("usual", [0.0, 0.75, 9.0])
def test_the_lifters_own_repetitions_move_the_threshold_within_bounds(
    case: Case, usual: float
) -> None:
    """To what is usual, of the way from where nothing is wrong: 0.6 to 1.5, above the noise."""
    nominal = NOMINAL.get(case.code, 0.0)
    made = case.make(_levels(case)[-1])
    room = made.verdict(case.code).threshold - nominal
    moved = made.with_own(case.code, nominal + usual * room).verdict(case.code)
    assert moved.assessed
    assert moved.sd is not None
    expected = min(max(usual, 0.6, 5.0 * moved.sd / abs(room)), 1.5)
    assert (moved.threshold - nominal) / room == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("stops", [0, 1, 2, 3])
def test_stops_above_the_knees_are_counted_and_two_are_a_fault(stops: int) -> None:
    verdict = hitch(stops).verdict("hitch")
    assert verdict.assessed
    assert verdict.value == stops
    assert verdict.severity is (Severity.FAULT if stops >= 2 else Severity.GOOD)
    assert verdict.threshold == 2.0


def test_every_level_of_the_configuration_is_tested_at_its_value() -> None:
    tested = {abs(level) for level in chain.from_iterable(map(_levels, CASES))}
    coach = Coach()
    names = [
        name
        for name in Coach.__struct_fields__
        if name.endswith(("_m", "_deg", "_mps", "_mps2", "_share"))
        or name.startswith(("velocity_loss", "bounce"))
    ]
    untested = {name for name in names if getattr(coach, name) not in tested}
    assert untested == {"start_hip_share", "start_knee_deg"}  # in test_faults_rules
