"""From a finding to a verdict: levels on either side, doubt, confidence, the lifter's own reps."""

from dataclasses import dataclass, field, replace

import pytest

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.faults.table import CARDS, NEVER_SEEN
from shinline.coach.faults.verdict import LEAST_GOOD_REPS, decide
from shinline.coach.past import Past
from shinline.config import Baseline, Coach
from shinline.types import Severity

HIGH = Levels(0.0, 20.0, 30.0, 60.0)
LOW = Levels(27.0, 15.0, 10.0)


@dataclass(frozen=True)
class Around:
    """A lifter of whom nothing is known."""

    coach: Coach = field(default_factory=Coach)
    past: Past = field(default_factory=Past)


def _never(e: Evidence) -> str:
    raise AssertionError("the finding is given")


def _card(levels: Levels) -> Card:
    def fixed(e: Circumstances, found: Finding | None) -> Levels:
        return levels

    return Card("made_up", "Made up", "mm", When.TOP, (), _never, fixed, "too noisy")


def _own(mean: float, sd: float, reps: int = LEAST_GOOD_REPS) -> Around:
    base = Baseline("Anna", "conventional", "made_up", mean, sd, reps)
    return Around(past=Past(own={"made_up": base}))


def _severity(value: float, levels: Levels) -> Severity:
    return decide(_card(levels), Finding(value, 0.0), Around()).severity


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        (-50.0, Severity.GOOD),
        (19.9, Severity.GOOD),
        (20.0, Severity.WARN),
        (29.9, Severity.WARN),
        (30.0, Severity.FAULT),
        (60.0, Severity.FAULT),
        (99.0, Severity.FAULT),
    ],
)
def test_a_level_is_reached_at_its_value(value: float, severity: Severity) -> None:
    assert _severity(value, HIGH) is severity


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        (40.0, Severity.GOOD),
        (15.1, Severity.GOOD),
        (15.0, Severity.WARN),
        (10.1, Severity.WARN),
        (10.0, Severity.FAULT),
        (-5.0, Severity.FAULT),
    ],
)
def test_levels_below_the_nominal_are_reached_from_above(value: float, severity: Severity) -> None:
    assert _severity(value, LOW) is severity


@pytest.mark.parametrize(("levels", "way"), [(HIGH, 1.0), (LOW, -1.0)])
def test_the_doubt_is_the_lifters(levels: Levels, way: float) -> None:
    """Half a standard deviation beyond a level is not beyond it yet; the value stays as it is."""
    assert levels.fault is not None
    for beyond, severity in ((0.49, Severity.WARN), (0.51, Severity.FAULT)):
        value = levels.fault + way * beyond
        verdict = decide(_card(levels), Finding(value, 1.0), Around())
        assert (verdict.severity, verdict.value) == (severity, value)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_a_fault_beyond_its_severe_level_says_so(way: float) -> None:
    levels = Levels(0.0, way * 20.0, way * 30.0, way * 45.0)
    for beyond, severe in ((0.4, False), (0.6, True)):
        verdict = decide(_card(levels), Finding(way * (45.0 + beyond), 1.0), Around())
        assert verdict.severity is Severity.FAULT
        assert (verdict.details.get("severe") == 1.0) is severe


def test_where_a_fault_is_unknown_the_mention_decides_and_no_value_is_a_fault() -> None:
    verdict = decide(_card(Levels(0.0, 20.0, None)), Finding(500.0, 0.1), Around())
    assert (verdict.severity, verdict.threshold) == (Severity.WARN, 20.0)


@pytest.mark.parametrize("levels", [HIGH, LOW])
def test_a_value_near_a_level_that_is_too_unsure_is_not_assessed(levels: Levels) -> None:
    assert levels.fault is not None
    most = 0.2 * abs(levels.fault - levels.nominal)
    sure = decide(_card(levels), Finding(levels.fault, 0.999 * most), Around())
    unsure = decide(_card(levels), Finding(levels.fault, 1.001 * most), Around())
    assert sure.assessed
    assert not unsure.assessed
    assert (unsure.severity, unsure.confidence) == (Severity.INFO, 0.0)
    assert (unsure.value, unsure.reason) == (levels.fault, "too noisy")


@pytest.mark.parametrize(("levels", "way"), [(HIGH, 1.0), (LOW, -1.0)])
def test_what_no_noise_could_turn_is_judged_however_noisy(levels: Levels, way: float) -> None:
    """Farther than three standard deviations from both levels, on either side of them."""
    assert levels.fault is not None and levels.warn is not None
    sd = abs(levels.fault - levels.nominal)
    bad, good = levels.fault + way * 3.1 * sd, levels.warn - way * 3.1 * sd
    assert decide(_card(levels), Finding(bad, sd), Around()).severity is Severity.FAULT
    assert decide(_card(levels), Finding(good, sd), Around()).severity is Severity.GOOD
    nearly = decide(_card(levels), Finding(levels.fault + way * 2.9 * sd, sd), Around())
    assert not nearly.assessed


def test_without_evidence_there_is_a_reason_and_no_value() -> None:
    verdict = decide(_card(HIGH), "the hip marker was out of sight", Around())
    assert not verdict.assessed
    assert verdict.severity is Severity.INFO
    assert verdict.value is verdict.sd is None
    assert (verdict.confidence, verdict.threshold) == (0.0, 30.0)
    assert verdict.reason == "the hip marker was out of sight"


def test_confidence_is_a_half_at_the_threshold_and_falls_with_lost_sight() -> None:
    """Gaussian noise of 5: at one sd from the threshold it turns 15.87 % of the verdicts."""
    at = {
        value: decide(_card(HIGH), Finding(value, 5.0), Around()).confidence
        for value in (30.0, 35.0, 25.0, 90.0)
    }
    assert at[30.0] == pytest.approx(0.5)
    assert at[35.0] == at[25.0] == pytest.approx(0.8413, abs=1e-4)
    assert at[90.0] == pytest.approx(1.0)
    half_seen = decide(_card(HIGH), Finding(90.0, 5.0, coverage=0.6), Around())
    assert half_seen.confidence == pytest.approx(0.6)


def test_a_value_without_noise_is_sure() -> None:
    assert decide(_card(HIGH), Finding(30.0, 0.0), Around()).confidence == 1.0


@pytest.mark.parametrize(
    ("mean", "sd", "threshold"),
    [
        (10.0, 6.0, 22.0),  # mean and two standard deviations
        (2.0, 1.0, 18.0),  # never below 0.6 of the general one
        (40.0, 9.0, 45.0),  # never above 1.5 of it
    ],
)
def test_own_good_repetitions_move_the_threshold_within_bounds(
    mean: float, sd: float, threshold: float
) -> None:
    verdict = decide(_card(HIGH), Finding(0.0, 0.1), _own(mean, sd))
    assert verdict.threshold == pytest.approx(threshold)


def test_all_levels_move_with_the_threshold() -> None:
    """A threshold of 22 of 30 takes the mention from 20 to 14.67."""
    card, around = _card(HIGH), _own(10.0, 6.0)
    said = [decide(card, Finding(v, 0.0), around).severity for v in (14.6, 14.7, 21.9, 22.1)]
    assert said == [Severity.GOOD, Severity.WARN, Severity.WARN, Severity.FAULT]


def test_own_repetitions_on_the_low_side_count_from_the_nominal() -> None:
    """From 27 the threshold is 17 below; a usual 20 with sd 3 is 7 + 6 = 13 below, so at 14."""
    verdict = decide(_card(LOW), Finding(27.0, 0.1), _own(20.0, 3.0))
    assert verdict.threshold == pytest.approx(14.0)


def test_own_repetitions_never_bring_the_threshold_into_the_noise() -> None:
    """Five standard deviations of a value that is unsure by 4.8 are 24."""
    verdict = decide(_card(HIGH), Finding(23.0, 4.8 - 1e-9), _own(2.0, 1.0))
    assert verdict.threshold == pytest.approx(24.0)


def test_a_few_good_repetitions_are_no_baseline() -> None:
    for reps, threshold in ((7, 30.0), (8, 18.0)):
        verdict = decide(_card(HIGH), Finding(0.0, 0.1), _own(2.0, 1.0, reps))
        assert verdict.threshold == pytest.approx(threshold)


def test_another_faults_baseline_moves_nothing() -> None:
    around = _own(2.0, 1.0)
    verdict = decide(replace(_card(HIGH), code="other"), Finding(0.0, 0.1), around)
    assert verdict.threshold == 30.0


def test_every_code_is_one_and_what_is_never_seen_has_no_card() -> None:
    codes = [card.code for card in CARDS]
    assert len(set(codes)) == len(codes)
    assert not set(codes) & set(NEVER_SEEN)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_a_reason_is_never_called_good(card: Card) -> None:
    """Whatever is missing, no card turns that into a verdict."""
    verdict = decide(card, "not seen", Around())
    assert (verdict.assessed, verdict.severity) == (False, Severity.INFO)
    assert verdict.reason == "not seen"
