"""What to try when the same fault comes again and again: a table, each row with its reason.

About load, height of the bar, stance and pace; never medical.
"""

from typing import Final

from shinline.config import Words
from shinline.types import Advice, Rep, Severity

OF: Final = 3
TIMES: Final = 2
"""A fault in two of three repetitions is a habit of this load, and no longer chance."""

TABLE: Final[dict[str, tuple[str, str]]] = {
    "setup_gap": (
        "Set the bar over the middle of the foot before you bend down.",
        "The bar lay too near the shins or too far from them in two of three pulls.",
    ),
    "hips_high_start": (
        "Move the bar out by a thumb, or pull from low blocks.",
        "High hips at the start often come from a bar that lies too near.",
    ),
    "hips_low_start": (
        "Start with the shoulders over the bar, as far down as that allows.",
        "Hips that start too low rise before the bar does.",
    ),
    "hips_shoot_up": (
        "Take 5 to 10 % off, pull from blocks, or try a wider stance.",
        "The hips rose first in two of three pulls: the push from the legs was spent early.",
    ),
    "bar_forward": (
        "Take 5 to 10 % off and keep the bar on the legs; or try a trap bar.",
        "The bar moved forward in two of three pulls, which makes every kilogram heavier.",
    ),
    "bar_leaves_legs": (
        "Take 5 to 10 % off and drag the bar up the legs.",
        "The gap to the legs grew in two of three pulls.",
    ),
    "knee_loop": (
        "Push the knees back as the bar comes up, before it gets there.",
        "The bar went round the knees in two of three pulls.",
    ),
    "rounding": (
        "Take 5 to 10 % off, or pull from blocks, and keep one shape.",
        "The back changed its shape in two of three pulls; a higher bar or less of it needs less.",
    ),
    "reversal": (
        "Take 5 to 10 % off: one smooth pull.",
        "The bar went down on its way up in two of three pulls.",
    ),
    "hitch": (
        "Take 5 to 10 % off: one smooth pull.",
        "The bar stopped above the knees in two of three pulls.",
    ),
    "lean_back": (
        "Stop when you stand tall.",
        "You leaned back at the top in two of three pulls; it lifts the bar no higher.",
    ),
    "short_lockout": (
        "Take 5 to 10 % off and finish each pull.",
        "The bar stayed below your usual top in two of three pulls.",
    ),
    "yank": (
        "Bend the bar before you pull: tension first, then speed.",
        "The bar was jerked off the floor in two of three pulls.",
    ),
    "bounce": (
        "Let the bar lie still before each pull, or plan the set as touch and go.",
        "Two of three pulls began with a bounce, which lifts the first part for you.",
    ),
    "lowering": (
        "Guide the bar down with the hips, or use bumper plates and let it go on purpose.",
        "Two of three bars came down fast.",
    ),
}


def repeated(reps: list[Rep]) -> tuple[str, ...]:
    """Return the codes at fault in two or more of the last three repetitions that show them."""
    codes = dict.fromkeys(verdict.code for rep in reps for verdict in rep.faults)
    found = []
    for code in codes:
        shown = [
            verdict.severity is Severity.FAULT
            for rep in reps
            for verdict in rep.faults
            if verdict.code == code and verdict.assessed
        ]
        if len(shown) >= OF and sum(shown[-OF:]) >= TIMES:
            found.append(code)
    return tuple(found)


def advice(codes: tuple[str, ...], words: Words) -> tuple[Advice, ...]:
    """Return the rows of these codes, in the lifter's words."""
    return tuple(
        Advice(
            code,
            words.said.get(f"advice.{code}.text", TABLE[code][0]),
            words.said.get(f"advice.{code}.reason", TABLE[code][1]),
        )
        for code in codes
        if code in TABLE
    )
