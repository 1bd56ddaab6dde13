"""One check and what it says, and how the checks find an observation."""

from dataclasses import dataclass
from typing import Final

from shinline_cal.rigging.bundle import Part
from shinline_cal.rigging.solve import Solution

SDS: Final = 3.0
"""Chance alone exceeds so many once in 370 times."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found against what is allowed, and a sentence for the lifter.

    ``ok`` is None where nothing was seen that could tell. ``refuses``: a calibration that fails it
    is not taken; else it is taken and marked.
    """

    code: str
    ok: bool | None
    value: float
    limit: float
    sentence: str
    refuses: bool = True


def named(solution: Solution, kind: str) -> list[Part]:
    """Return the observations of a kind: ``swing``."""
    return [p for p in solution.bundle.parts if p.name.split()[0] == kind]


def said(part: Part) -> str:
    """Return an observation as a lifter knows it."""
    kind, _, number = part.name.partition(" ")
    return f"{_WORDS[kind]} {number}".strip()


REMEDY: Final = {
    "plumb": "The string must hang free, and all places be on the same one.",
    "swing": "Push the marker once, along the bar's path, and let it swing freely.",
    "fall": "Let go without a push, of something heavy and compact.",
    "edge": "Choose another edge.",
    "roll": "Roll the bar straight along the floor, slowly.",
    "height": "Measure again.",
    "shape": "Glue the paper flat on the bar's end.",
}


_WORDS: Final = {
    "plumb": "string",
    "swing": "swing",
    "fall": "fall",
    "edge": "edge",
    "roll": "rolling the bar",
    "height": "the tape",
    "shape": "the marker's shape",
}
