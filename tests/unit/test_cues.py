"""The table of cues: which line a verdict is told by, and which verdict comes first."""

from dataclasses import replace
from itertools import pairwise

import pytest

from shinline.coach import cues
from shinline.coach.faults.table import CARDS
from shinline.config import Words
from shinline.types import FaultVerdict, Moment, Severity


def _verdict(code: str, severity: Severity = Severity.FAULT, **changes: object) -> FaultVerdict:
    verdict = FaultVerdict(code, severity, 0.04, 0.002, "m", 0.03, 0.9, assessed=True)
    return replace(verdict, **changes)  # type: ignore[arg-type]


FORWARD = _verdict("bar_forward")
GOOD = _verdict("bar_forward", Severity.GOOD)
UNKNOWN = _verdict("hips_shoot_up", Severity.INFO, assessed=False)
DROPPED = _verdict("lowering", details={"dropped": 1.0})
HURRIED = _verdict("lowering", details={"dropped": 0.0})
ROUNDED = _verdict("rounding", value=12.0, threshold=12.0)
SEVERELY = _verdict("rounding", value=18.0, threshold=12.0, details={"severe": 1.0})
TOO_NEAR = _verdict("setup_gap", value=0.001, threshold=0.005)
TOO_FAR = _verdict("setup_gap", value=0.09, threshold=0.085)

FIRST_TO_LAST = (
    DROPPED,
    SEVERELY,
    _verdict("hips_shoot_up"),
    FORWARD,
    _verdict("bar_leaves_legs"),
    ROUNDED,
    _verdict("hips_high_start"),
    _verdict("hips_low_start"),
    TOO_FAR,
    TOO_NEAR,
    _verdict("yank"),
    _verdict("knee_loop"),
    _verdict("reversal"),
    _verdict("hitch"),
    _verdict("short_lockout"),
    HURRIED,
    _verdict("lean_back"),
    _verdict("bounce"),
    _verdict("elbows_to_knees"),
    _verdict("bar_rolled"),
)
"""A bar let go first, for others stand about; then form, by what costs most; the set-up last."""


@pytest.mark.parametrize(("first", "second"), [*pairwise(FIRST_TO_LAST)])
def test_of_two_faults_the_more_urgent_is_told(first: FaultVerdict, second: FaultVerdict) -> None:
    assert cues.worst((first, second), Severity.FAULT) is first
    assert cues.worst((second, first), Severity.FAULT) is first


def test_the_order_of_urgency_names_every_fault_of_form() -> None:
    told = {verdict.code for verdict in FIRST_TO_LAST}
    assert told == {card.code for card in CARDS} - {"velocity_loss"}


@pytest.mark.parametrize("severe", [False, True])
def test_a_back_comes_before_the_hips_when_it_is_severe(severe: bool) -> None:
    hips = _verdict("hips_shoot_up")
    rounded = SEVERELY if severe else ROUNDED
    assert cues.worst((rounded, hips), Severity.FAULT) is (rounded if severe else hips)


@pytest.mark.parametrize(
    "verdict",
    [UNKNOWN, _verdict("bar_forward", assessed=False), _verdict("made_up"), GOOD],
)
def test_what_is_no_assessed_fault_is_never_told(verdict: FaultVerdict) -> None:
    assert cues.worst((verdict,), Severity.FAULT) is None
    assert cues.worst((verdict,), Severity.WARN) is None


def test_a_mention_is_told_only_to_who_asks_from_a_mention_on() -> None:
    mention = _verdict("bar_forward", Severity.WARN)
    assert cues.worst((mention,), Severity.FAULT) is None
    assert cues.worst((mention,), Severity.WARN) is mention
    assert cues.worst((mention, _verdict("bounce")), Severity.WARN) is mention


def test_a_gap_is_told_by_its_side() -> None:
    assert cues.key(TOO_NEAR) == "setup_gap_near"
    assert cues.key(TOO_FAR) == "setup_gap_far"
    assert cues.LINES["setup_gap_near"].text == "Step back a thumb. Then wedge in."
    assert cues.LINES["setup_gap_far"].text == "Bar over your laces."


def test_there_is_a_line_for_every_fault() -> None:
    keys = {cues.key(_verdict(card.code)) for card in CARDS if card.code != "setup_gap"}
    assert keys <= set(cues.LINES)


def test_every_line_is_short_and_frightens_nobody() -> None:
    ranks = [line.rank for line in cues.LINES.values()]
    assert len(set(ranks)) == len(ranks)
    never = {"hips", "spine", "lumbar", "injury", "hurt", "pain", "danger", "dangerous", "never"}
    for line in cues.LINES.values():
        assert 0 < len(line.text.split()) <= 7
        assert not never & set(line.text.lower().replace(".", "").split())


def test_what_is_said_of_the_set_up_comes_before_the_pull() -> None:
    set_up = {"hips_high_start", "hips_low_start", "setup_gap_far", "setup_gap_near"}
    set_up |= {"elbows_to_knees", "bar_rolled"}
    assert {code for code in set_up if cues.LINES[code].moment is not Moment.BEFORE} == set()


def test_the_lifters_own_words_replace_the_english_ones() -> None:
    words = Words(language="de", said={"cues.praise": "Gute Linie, {mm} mm."})
    assert cues.text("praise", words, 8.4) == "Gute Linie, 8 mm."
    assert cues.text("ready", words) == "Ready."
    assert cues.text("praise", Words(), 12.0) == "Good line, 12 mm."


def test_nothing_assessed_is_not_clean() -> None:
    assert not cues.is_clean(())
    assert not cues.is_clean((UNKNOWN,))
    assert not cues.is_clean((GOOD, FORWARD))
    assert cues.is_clean((GOOD, UNKNOWN))
    assert cues.is_clean((_verdict("bar_forward", Severity.WARN),))


def test_effort_alone_is_neither_clean_nor_a_fault_of_form() -> None:
    slow = _verdict("velocity_loss")
    assert not cues.is_clean((slow,))
    assert cues.is_clean((GOOD, slow))


def test_a_cue_carries_the_numbers_it_stands_on() -> None:
    assert cues.evidence(FORWARD) == {
        "value": 0.04,
        "sd": 0.002,
        "unit": "m",
        "threshold": 0.03,
        "confidence": 0.9,
    }
