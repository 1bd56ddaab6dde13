"""What comes again and again is advised upon; what grows over a set is told."""

import pytest
from judged import finished
from talk import verdict

from shinline.coach.advice import TABLE, advice, repeated
from shinline.coach.decay import GROWING, decays, growth
from shinline.coach.faults.table import CARDS
from shinline.coach.sets import summarise
from shinline.config import Config, Words, first_plan
from shinline.types import FaultVerdict, Rep, Severity

BAD, OK = verdict("bar_forward"), verdict("bar_forward", Severity.GOOD)
UNKNOWN = verdict("bar_forward", Severity.INFO, assessed=False, value=None)


def _reps(*faults: FaultVerdict) -> list[Rep]:
    return [finished(n, faults=(each,)) for n, each in enumerate(faults, start=1)]


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ([BAD, BAD], False),
        ([BAD, BAD, OK], True),
        ([OK, BAD, BAD], True),
        ([BAD, OK, BAD], True),
        ([BAD, OK, OK], False),
        ([BAD, BAD, BAD, OK, OK], False),
        ([BAD, UNKNOWN, UNKNOWN, BAD, OK], True),
        ([BAD, UNKNOWN, BAD], False),
        ([verdict("bar_forward", Severity.WARN)] * 3, False),
    ],
)
def test_two_of_the_last_three_that_show_it_are_a_habit(
    faults: list[FaultVerdict], told: bool
) -> None:
    assert (repeated(_reps(*faults)) == ("bar_forward",)) is told


def test_each_fault_is_counted_for_itself() -> None:
    hips, well = verdict("hips_shoot_up"), verdict("hips_shoot_up", Severity.GOOD)
    reps = [finished(n, faults=(BAD if n else OK, hips if n < 2 else well)) for n in range(3)]
    assert repeated(reps) == ("bar_forward", "hips_shoot_up")


def test_there_is_advice_for_every_fault_that_can_be_one_and_none_of_it_is_medical() -> None:
    never_a_fault = {"elbows_to_knees", "bar_rolled", "velocity_loss"}
    assert set(TABLE) == {card.code for card in CARDS} - never_a_fault
    words = " ".join(" ".join(row) for row in TABLE.values()).lower()
    for word in ("injur", "pain", "risk", "danger", "safe", "disc", "spine", "doctor", "hurt"):
        assert word not in words, word


def test_advice_has_its_reason_in_the_lifters_words() -> None:
    (row,) = advice(("bar_forward",), Words())
    assert (row.text, row.reason) == TABLE["bar_forward"]
    assert "5 to 10 %" in row.text
    said = {"advice.bar_forward.text": "Leichter.", "advice.bar_forward.reason": "Weil."}
    (row,) = advice(("bar_forward", "velocity_loss"), Words(said=said))
    assert (row.code, row.text, row.reason) == ("bar_forward", "Leichter.", "Weil.")


# --- decay ------------------------------------------------------------


def test_growth_is_that_of_a_straight_line() -> None:
    grown, sd = growth([(1.0 + 0.5 * n, 0.1) for n in range(5)])
    assert grown == pytest.approx(2.0)
    assert sd == pytest.approx(0.1 * 4 / 10**0.5)  # a slope's: sd / sqrt(sum of n^2)


def test_scatter_beyond_the_given_sd_counts() -> None:
    """0, 3, 0, 3, 0 has no slope; its scatter about the mean is sqrt(10.8 / 3)."""
    grown, sd = growth([(3.0 * (n % 2), 0.01) for n in range(5)])
    assert grown == pytest.approx(0.0)
    assert sd == pytest.approx((10.8 / 3.0) ** 0.5 * 4 / 10**0.5)


def _growing(values: list[float], code: str = "bar_forward", sd: float = 0.001) -> list[Rep]:
    def of(value: float) -> FaultVerdict:
        severity = Severity.WARN if value >= 0.02 else Severity.GOOD
        return verdict(code, severity, value=value, sd=sd, threshold=0.03)

    return _reps(*[of(value) for value in values])


def test_a_value_that_grows_over_four_repetitions_to_a_mention_is_decay() -> None:
    assert decays(_growing([0.004, 0.009, 0.015, 0.021])) == ("bar_forward",)


@pytest.mark.parametrize(("sd", "sure"), [(0.0055, True), (0.0068, False)])
def test_growth_of_two_standard_deviations_is_not_chance(sd: float, sure: bool) -> None:
    """17 mm over four repetitions: the slope's sd is 3 / sqrt(5) of one value's."""
    reps = _growing([0.004, 0.0097, 0.0153, 0.021], sd=sd)
    assert (2.0 * sd * 3.0 / 5.0**0.5 < 0.017) is sure
    assert bool(decays(reps)) is sure


@pytest.mark.parametrize(
    ("reps", "why"),
    [
        (_growing([0.004, 0.013, 0.022]), "three are too few"),
        (_growing([0.001, 0.007, 0.013, 0.019]), "nothing to mention yet"),
        (_growing([0.012, 0.015, 0.018, 0.026]), "less than half of the threshold"),
        (_growing([0.004, 0.012, 0.024, 0.019]), "the last one is good again"),
        (_growing([0.028, 0.022, 0.025, 0.024]), "no growth"),
        (_growing([0.004, 0.009, 0.015, 0.021], sd=0.010), "no more than chance"),
        (_growing([0.004, 0.009, 0.015, 0.021], code="knee_loop"), "does not count as decay"),
        ([*_growing([0.004, 0.009, 0.015, 0.021]), finished(9)], "the last one does not show it"),
        ([*_growing([0.004, 0.009, 0.015, 0.021]), *_reps(UNKNOWN)], "the last one is unknown"),
    ],
)
def test_what_is_no_decay(reps: list[Rep], why: str) -> None:
    assert decays(reps) == (), why


def test_hips_bar_and_back_are_what_decays() -> None:
    assert set(GROWING) == {"hips_shoot_up", "bar_forward", "rounding"}


# --- the summary ------------------------------------------------------------


def test_a_summary_has_what_was_judged_what_came_back_and_what_grew() -> None:
    reps = _growing([0.004, 0.010, 0.032, 0.036])
    plan = first_plan(Config())
    summary = summarise(reps, 2, 99, plan, Words(), "test")
    assert (summary.set, summary.reps, summary.plan, summary.next_mode) == (2, 4, plan, "test")
    assert (summary.assessed, summary.faults) == ({"bar_forward": 4}, {})
    assert summary.decays == ("bar_forward",)
    again = summarise([*_reps(BAD, BAD, UNKNOWN, BAD)], 1, 0, plan, Words(), "")
    assert (again.assessed, again.faults) == ({"bar_forward": 3}, {"bar_forward": 3})
    assert [row.code for row in again.advice] == ["bar_forward"]


def test_the_spread_of_paths_needs_two() -> None:
    plan = first_plan(Config())
    knees = [finished(n, drift_at_knee_m=x) for n, x in enumerate((0.01, None, 0.05, 0.02))]
    assert summarise(knees, 1, 0, plan, Words(), "").path_spread_m == pytest.approx(0.04)
    assert summarise(knees[:2], 1, 0, plan, Words(), "").path_spread_m is None
