"""The table of faults. Adding one is a file and a row."""

from typing import Final

from shinline.coach.faults import (
    bar_forward,
    bar_leaves_legs,
    bar_rolled,
    bounce,
    elbows_to_knees,
    hips_high_start,
    hips_low_start,
    hips_shoot_up,
    hitch,
    knee_loop,
    lean_back,
    lowering,
    reversal,
    rounding,
    setup_gap,
    short_lockout,
    velocity_loss,
    yank,
)
from shinline.coach.faults.card import Card, Evidence, When
from shinline.coach.faults.verdict import judge
from shinline.types import FaultVerdict

CARDS: Final[tuple[Card, ...]] = (
    setup_gap.CARD,
    elbows_to_knees.CARD,
    bar_rolled.CARD,
    hips_high_start.CARD,
    hips_low_start.CARD,
    hips_shoot_up.CARD,
    bar_forward.CARD,
    bar_leaves_legs.CARD,
    knee_loop.CARD,
    reversal.CARD,
    hitch.CARD,
    rounding.CARD,
    lean_back.CARD,
    short_lockout.CARD,
    yank.CARD,
    bounce.CARD,
    lowering.CARD,
    velocity_loss.CARD,
)

NOT_FORM: Final = frozenset({"velocity_loss"})
"""Effort, not form: a repetition is clean whatever they say."""

NEVER_SEEN: Final = ("asymmetry", "bar_rotation", "knee_valgus", "twisting", "foot_turn_out")
"""What one camera at the side cannot see, and is therefore never called fine."""


def judge_all(evidence: Evidence, off: frozenset[str] = frozenset()) -> tuple[FaultVerdict, ...]:
    """Run every judge of the lift, in the table's order; ``off`` are those that do not apply."""
    return tuple(judge(card, evidence) for card in CARDS if card.code not in off)


def judge_at(when: When, evidence: Evidence, off: frozenset[str]) -> tuple[FaultVerdict, ...]:
    """Run the judges that can decide at this moment and not before."""
    due = (card for card in CARDS if card.when is when and card.code not in off)
    return tuple(judge(card, evidence) for card in due)
