"""One check and what it says, and how the checks find an observation."""

from dataclasses import dataclass
from typing import Final

from shinline.app.words import tell
from shinline.config import Words
from shinline.wire.mount import Sentences
from shinline_cal.rigging.bundle import Part
from shinline_cal.rigging.solve import Solution

SDS: Final = 3.0
"""Chance alone exceeds so many once in 370 times."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found against what is allowed, and sentences for the lifter.

    ``ok`` is None where nothing was seen that could tell. ``refuses``: a calibration that fails it
    is not taken; else it is taken and marked.
    """

    code: str
    ok: bool | None
    value: float
    limit: float
    said: Sentences
    refuses: bool = True

    @property
    def sentence(self) -> str:
        """What it says, in English."""
        return tell(self.said, Words())


def named(solution: Solution, kind: str) -> list[Part]:
    """Return the observations of a kind: ``swing``."""
    return [p for p in solution.bundle.parts if p.name.split()[0] == kind]


def known_as(part: Part) -> dict[str, str | tuple[str, ...]]:
    """Return the values of a sentence that name an observation as a lifter knows it."""
    kind, _, number = part.name.partition(" ")
    return {"what": (f"refusals.part_{kind}",), "number": f" {number}" if number else ""}
