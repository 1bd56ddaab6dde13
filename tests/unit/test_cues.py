"""At most one cue after a rep."""

from dataclasses import replace

import pytest

from shinline.coach import cues
from shinline.types import FaultVerdict, Severity


def _verdict(code: str, severity: Severity, assessed: bool = True) -> FaultVerdict:
    return FaultVerdict(code, severity, 0.04, 0.002, "m", 0.03, 1.0, assessed=assessed)


FORWARD = _verdict("bar_forward", Severity.FAULT)
HIPS = _verdict("hips_shoot_up", Severity.FAULT)
GOOD = _verdict("bar_forward", Severity.GOOD)
UNKNOWN = _verdict("hips_shoot_up", Severity.INFO, assessed=False)


def test_a_fault_is_spoken_with_its_verdict() -> None:
    choice = cues.choose((FORWARD, UNKNOWN), 0)
    assert choice == cues.Choice(
        "bar_forward", Severity.FAULT, "Drag the bar up your legs.", FORWARD
    )


@pytest.mark.parametrize("faults", [(FORWARD, HIPS), (HIPS, FORWARD)])
def test_hips_are_spoken_before_the_bar(faults: tuple[FaultVerdict, ...]) -> None:
    choice = cues.choose(faults, 0)
    assert choice is not None
    assert choice.text == "Push the floor away."


@pytest.mark.parametrize(
    "faults",
    [
        (),
        (UNKNOWN,),
        (replace(FORWARD, severity=Severity.WARN),),
        (replace(FORWARD, assessed=False),),
        (replace(FORWARD, code="made_up"),),
    ],
)
def test_what_is_no_assessed_fault_is_not_spoken(faults: tuple[FaultVerdict, ...]) -> None:
    assert cues.choose(faults, 1) is None


def test_praise_comes_on_the_first_clean_rep_and_then_on_every_third() -> None:
    spoken = [cues.choose((GOOD, UNKNOWN), clean) is not None for clean in range(1, 8)]
    assert spoken == [True, False, False, True, False, False, True]


def test_nothing_assessed_is_not_clean() -> None:
    assert not cues.is_clean((UNKNOWN,))
    assert not cues.is_clean(())
    assert cues.is_clean((GOOD, UNKNOWN))


def test_every_line_is_short_and_speaks_of_no_body_part_but_legs() -> None:
    ranks = [line.rank for line in cues.LINES.values()]
    assert len(set(ranks)) == len(ranks)
    for line in cues.LINES.values():
        assert len(line.text.split()) <= 7
        assert not {"hips", "back", "danger", "spine"} & set(line.text.lower().split())
