"""What to say: one cue after a rep, chosen from a table by priority.

At most seven words, about the bar or the room and not about the body, nothing frightening. Faults
below the level of a fault are not spoken. A clean rep is confirmed on the first and then on every
third, so that silence stays ordinary.
"""

from dataclasses import dataclass
from typing import Final

from shinline.types import FaultVerdict, Severity

PRAISE_EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; a lower ``rank`` is spoken first."""

    rank: int
    text: str


LINES: Final[dict[str, Line]] = {
    "hips_shoot_up": Line(1, "Push the floor away."),
    "bar_forward": Line(2, "Drag the bar up your legs."),
}

PRAISE: Final = "Good line."


@dataclass(frozen=True, slots=True)
class Choice:
    """The cue for a rep."""

    code: str
    severity: Severity
    text: str
    verdict: FaultVerdict


def choose(faults: tuple[FaultVerdict, ...], clean_reps: int) -> Choice | None:
    """Choose at most one cue. ``clean_reps`` counts clean reps in a row, this one included."""
    spoken = [f for f in faults if f.assessed and f.severity is Severity.FAULT and f.code in LINES]
    if spoken:
        worst = min(spoken, key=lambda fault: LINES[fault.code].rank)
        return Choice(worst.code, Severity.FAULT, LINES[worst.code].text, worst)
    forward = next((f for f in faults if f.code == "bar_forward" and f.assessed), None)
    if forward is not None and is_clean(faults) and (clean_reps - 1) % PRAISE_EVERY == 0:
        return Choice("bar_forward", Severity.GOOD, PRAISE, forward)
    return None


def is_clean(faults: tuple[FaultVerdict, ...]) -> bool:
    """Tell whether nothing that was assessed is worth mentioning, and something was assessed."""
    assessed = [fault for fault in faults if fault.assessed]
    return bool(assessed) and all(fault.severity is Severity.GOOD for fault in assessed)


def evidence(verdict: FaultVerdict) -> dict[str, float | str]:
    """Return the numbers a cue stands on."""
    return {
        "value": verdict.value or 0.0,  # an assessed verdict has both
        "sd": verdict.sd or 0.0,
        "unit": verdict.unit,
        "threshold": verdict.threshold,
        "confidence": verdict.confidence,
    }
