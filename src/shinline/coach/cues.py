"""What can be said: a table of code, words, moment and priority.

At most seven words, about the bar or the room and not about the body, nothing frightening. Words in
other languages, or a gym's own, stand in the configuration and replace those here.
"""

from dataclasses import dataclass
from typing import Final

from shinline.coach.faults.setup_gap import NOMINAL_M
from shinline.coach.faults.table import NOT_FORM
from shinline.config import Words
from shinline.types import FaultVerdict, Moment, Severity


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; a lower ``rank`` is spoken first."""

    rank: int
    moment: Moment
    text: str


LINES: Final[dict[str, Line]] = {
    "set_complete": Line(0, Moment.AFTER, "Set done. Rest."),
    "velocity_loss": Line(1, Moment.AFTER, "Set done. Rest."),
    "lowering": Line(2, Moment.AFTER, "Quiet plates."),
    "rounding": Line(3, Moment.AFTER, "Proud logo. Same shape all the way."),
    "hips_shoot_up": Line(4, Moment.AFTER, "Push the floor away."),
    "bar_forward": Line(5, Moment.AFTER, "Drag the bar up your legs."),
    "bar_leaves_legs": Line(6, Moment.AFTER, "Paint your thighs."),
    "hips_high_start": Line(7, Moment.BEFORE, "Step back a thumb. Then wedge in."),
    "hips_low_start": Line(8, Moment.BEFORE, "Shoulders over the bar."),
    "setup_gap_far": Line(9, Moment.BEFORE, "Bar over your laces."),
    "setup_gap_near": Line(10, Moment.BEFORE, "Step back a thumb. Then wedge in."),
    "yank": Line(11, Moment.BEFORE, "Bend the bar, then go."),
    "knee_loop": Line(12, Moment.AFTER, "Straight line, up the wall."),
    "reversal": Line(13, Moment.BETWEEN, "One smooth pull; lower the load."),
    "hitch": Line(14, Moment.BETWEEN, "One smooth pull; lower the load."),
    "short_lockout": Line(15, Moment.AFTER, "Finish through the ceiling."),
    "lean_back": Line(16, Moment.AFTER, "Stand tall like a wall."),
    "bounce": Line(17, Moment.BEFORE, "Bar dead still, then pull."),
    "elbows_to_knees": Line(18, Moment.BEFORE, "Arms beside your knees."),
    "bar_rolled": Line(19, Moment.BEFORE, "Let the bar stand still."),
    "praise": Line(20, Moment.AFTER, "Good line, {mm} mm."),
    "all_good": Line(21, Moment.AFTER, "Nothing to change."),
    "nothing_seen": Line(22, Moment.AFTER, "Nothing could be judged."),
    "ready": Line(23, Moment.BEFORE, "Ready."),
    "test_set": Line(24, Moment.BETWEEN, "Next set: no cues."),
}

DROP_RANK: Final = 1.5
"""A bar that was let go comes before all form: others stand about."""

SEVERE_RANK: Final = 1.6
"""A severe change of the back's shape comes before the hips."""


def key(verdict: FaultVerdict) -> str:
    """Return which line a verdict is told by."""
    if verdict.code == "setup_gap":
        return "setup_gap_near" if verdict.threshold < NOMINAL_M else "setup_gap_far"
    return verdict.code


def is_severe(verdict: FaultVerdict) -> bool:
    """Tell whether a fault is to be told at once, whatever has faded."""
    return bool(verdict.details.get("severe") or verdict.details.get("dropped"))


def rank(verdict: FaultVerdict) -> float:
    """Return a verdict's priority; the lowest is spoken."""
    if verdict.code == "lowering":
        return DROP_RANK if verdict.details.get("dropped") else LINES["short_lockout"].rank + 0.5
    if verdict.code == "rounding":
        return SEVERE_RANK if is_severe(verdict) else LINES["bar_leaves_legs"].rank + 0.5
    return LINES[key(verdict)].rank


def text(line: str, words: Words, mm: float = 0.0) -> str:
    """Return the words of a line, in the lifter's language."""
    said = words.said.get(f"cues.{line}", LINES[line].text)
    return said.replace("{mm}", f"{mm:.0f}")


def worst(verdicts: tuple[FaultVerdict, ...], least: Severity) -> FaultVerdict | None:
    """Return the verdict to be told first: of those at least so bad, the one of lowest rank."""
    bad = {Severity.WARN: (Severity.WARN, Severity.FAULT)}.get(least, (Severity.FAULT,))
    told = [v for v in verdicts if v.assessed and v.severity in bad and key(v) in LINES]
    return min(told, key=rank) if told else None


def is_clean(verdicts: tuple[FaultVerdict, ...]) -> bool:
    """Tell whether some of the form was judged, and none of it was a fault."""
    judged = [v for v in verdicts if v.assessed and v.code not in NOT_FORM]
    return bool(judged) and all(v.severity is not Severity.FAULT for v in judged)


def evidence(verdict: FaultVerdict) -> dict[str, float | str]:
    """Return the numbers a cue stands on."""
    return {
        "value": verdict.value or 0.0,  # an assessed verdict has both
        "sd": verdict.sd or 0.0,
        "unit": verdict.unit,
        "threshold": verdict.threshold,
        "confidence": verdict.confidence,
    }
