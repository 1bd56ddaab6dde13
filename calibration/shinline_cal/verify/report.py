"""What a test has to say, before it is drawn: sentences, numbers, plots, and what stays open."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

SCHEMA: Final = 1
MINUS: Final = "\u2212"
DASH: Final = "\u2013"
SPACE: Final = "\u00a0"
"""One that does not break: a number keeps its unit."""


@dataclass(frozen=True, slots=True)
class Row:
    """One number on the page: its name, value, 95 % interval, and what it means."""

    name: str
    value: str
    interval: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawn chart and the sentence below it."""

    title: str
    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: numbers and the plots that belong to them."""

    title: str
    rows: list[Row] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A finished test.

    Attributes
    ----------
    test, title
        Name of the sub-command; heading of the page.
    answer
        Plain sentences, the most important first.
    thin
        Why the evidence is weak, if it is.
    sections
        Numbers and plots.
    cannot
        What this test cannot show.
    how
        How it was worked out.
    inputs
        What was read, by name.
    numbers
        The same in full precision, JSON values; None for what cannot be told.

    """

    test: str
    title: str
    answer: list[str]
    sections: list[Section]
    cannot: list[str]
    how: list[str]
    inputs: dict[str, str]
    numbers: dict[str, Any]
    thin: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_json(self, version: str, made: str) -> dict[str, Any]:
        """Return the document that is written beside the page."""
        return {
            "schema": SCHEMA,
            "version": version,
            "test": self.test,
            "made": made,
            "inputs": self.inputs,
            "answer": self.answer,
            "thin_evidence": self.thin,
            "numbers": plain(self.numbers),
            "cannot_show": self.cannot,
            "notes": self.notes,
        }


def plain(value: Any) -> Any:
    """Make JSON values: no NaN, no NumPy numbers, dataclasses as they were given."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    number = float(value)
    return number if isfinite(number) else None


def shown(value: float | None, digits: int, unit: str = "", sign: bool = False) -> str:
    """Write a number with a real minus sign; a dash for None. Never "-0.0"."""
    if value is None or not isfinite(value):
        return DASH
    rounded = round(value, digits) + 0.0
    text = f"{abs(rounded):.{digits}f}"
    if rounded < 0.0:
        text = MINUS + text
    elif sign and rounded > 0.0:
        text = "+" + text
    return f"{text}{'' if unit == '°' else SPACE}{unit}" if unit else text


def between(low: float | None, high: float | None, digits: int, unit: str = "") -> str:
    """Write an interval: ``-0.3 to 1.2 m/s`` with a real minus; empty where there is none."""
    if low is None or high is None:
        return ""
    return f"{shown(low, digits)} to {shown(high, digits, unit)}"


def counted(n: int, word: str) -> str:
    """Return ``1 rep``, ``2 reps``."""
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
