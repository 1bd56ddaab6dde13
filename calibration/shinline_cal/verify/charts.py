"""Small static charts as inline SVG.

A page that is mailed, printed, or opened in a phone's file preview runs no script, so the charts of
the other pages (uPlot) do not serve here; and matplotlib, which draws the benchmark, is no part of
what is installed on a device. Marks take their colours from the page's style sheet by class, so
that they follow light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Final

import numpy as np

from shinline.types import FloatArray

WIDTH: Final = 470
HEIGHT: Final = 320
LEFT: Final = 72
RIGHT: Final = 14
WORDS: Final = 70
"""Room for the words at the right ends of levels."""

TOP: Final = 12
BOTTOM: Final = 46
TICKS: Final = 5
MOST_POINTS: Final = 1500
LINE_POINTS: Final = 700


@dataclass(frozen=True, slots=True)
class Points:
    """Dots at (n,) places; ``names`` are shown when a dot is pointed at. ``kind`` is a class."""

    x: FloatArray
    y: FloatArray
    kind: str = "ours"
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline; gaps where a value is not finite."""

    x: FloatArray
    y: FloatArray
    kind: str = "fit"


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line over the whole width with its interval, and a word at its right end."""

    y: float
    text: str
    low: float | None = None
    high: float | None = None
    kind: str = "bias"


@dataclass(frozen=True, slots=True)
class Span:
    """A shaded stretch of x."""

    low: float
    high: float


Mark = Points | Line | Level | Span


@dataclass(frozen=True, slots=True)
class _Frame:
    """Data to pixels of the view box; logarithmic axes take the logarithm first."""

    x0: float
    x1: float
    y0: float
    y1: float
    log: bool
    right: float
    """Where the plot ends: words at the ends of levels need room."""

    def x(self, value: float) -> float:
        value = log10(value) if self.log else value
        return LEFT + (value - self.x0) / (self.x1 - self.x0) * (self.right - LEFT)

    def y(self, value: float) -> float:
        value = log10(value) if self.log else value
        return HEIGHT - BOTTOM - (value - self.y0) / (self.y1 - self.y0) * (HEIGHT - TOP - BOTTOM)


def chart(
    title: str,
    x_label: str,
    y_label: str,
    marks: Sequence[Mark],
    log: bool = False,
    rows: Sequence[str] = (),
    square: bool = False,
) -> str:
    """Draw marks in the order given; ``rows`` name the levels 0, 1, ... instead of a y axis.

    ``square`` gives both axes one range. ``title`` is read to those who cannot see it.
    """  # fmt: skip
    frame = _frame(marks, log, rows, square)
    parts = [_axis_x(frame, x_label), _rows(frame, rows) if rows else _axis_y(frame, y_label)]
    parts += [_draw(frame, mark) for mark in marks]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )


def _frame(marks: Sequence[Mark], log: bool, rows: Sequence[str], square: bool) -> _Frame:
    xs, ys = _reach(marks)
    if log:
        xs, ys = [log10(v) for v in xs if v > 0], [log10(v) for v in ys if v > 0]
    x0, x1 = _padded(xs, 0.02 if not square else 0.05)
    y0, y1 = (-0.6, len(rows) - 0.4) if rows else _padded(ys, 0.06)
    if square:
        x0 = y0 = min(x0, y0)
        x1 = y1 = max(x1, y1)
    words = any(isinstance(mark, Level) and mark.text for mark in marks)
    return _Frame(x0, x1, y0, y1, log, WIDTH - (WORDS if words else RIGHT))


def _reach(marks: Sequence[Mark]) -> tuple[list[float], list[float]]:
    xs, ys = list[float](), list[float]()
    for mark in marks:
        if isinstance(mark, Points | Line):
            good = np.isfinite(mark.x) & np.isfinite(mark.y)
            if good.any():
                xs += [float(mark.x[good].min()), float(mark.x[good].max())]
                ys += [float(mark.y[good].min()), float(mark.y[good].max())]
        elif isinstance(mark, Level):
            ys += [v for v in (mark.y, mark.low, mark.high) if v is not None]
        else:
            xs += [mark.low, mark.high]
    return xs, ys


def _padded(values: list[float], share: float) -> tuple[float, float]:
    values = [value for value in values if isfinite(value)] or [0.0, 1.0]
    low, high = min(values), max(values)
    pad = share * (high - low) or max(abs(high) * 0.05, 1e-3)
    return low - pad, high + pad


def ticks(low: float, high: float, wanted: int = TICKS) -> list[float]:
    """Return round values between two numbers: steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / max(1, wanted)
    power = 10.0 ** floor(log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * 0.999)
    first = ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten in range; 1, 2 and 5 times them where those are too few."""
    decades = range(floor(low), ceil(high) + 1)
    few = [10.0**d for d in decades if low <= d <= high]
    more = [
        m * 10.0**d for d in decades for m in (1.0, 2.0, 5.0) if low <= log10(m * 10.0**d) <= high
    ]
    return few if len(few) >= 3 else more


def _text(value: float, step: float) -> str:
    digits = max(0, -floor(log10(step) + 1e-9)) if step > 0 else 0
    return f"{value:.{digits}f}".replace("-", "\u2212")


def _tick_texts(values: list[float], log: bool) -> list[str]:
    if log:
        return [f"{value:g}" for value in values]
    step = values[1] - values[0] if len(values) > 1 else 1.0
    return [_text(value + 0.0, step) for value in values]


def _axis_x(frame: _Frame, label: str) -> str:
    values = _log_ticks(frame.x0, frame.x1) if frame.log else ticks(frame.x0, frame.x1)
    parts = []
    for value, text in zip(values, _tick_texts(values, frame.log), strict=True):
        x, foot = frame.x(value), HEIGHT - BOTTOM
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{foot}"/>')
        parts.append(f'<text x="{x:.1f}" y="{foot + 17}" text-anchor="middle">{text}</text>')
    middle = (LEFT + frame.right) / 2
    parts.append(
        f'<text class="label" x="{middle}" y="{HEIGHT - 7}" text-anchor="middle">'
        f"{escape(label)}</text>"
    )
    return "".join(parts)


def _axis_y(frame: _Frame, label: str) -> str:
    values = _log_ticks(frame.y0, frame.y1) if frame.log else ticks(frame.y0, frame.y1)
    parts = []
    for value, text in zip(values, _tick_texts(values, frame.log), strict=True):
        y = frame.y(value)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{frame.right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text class="label" transform="translate(14 {middle}) rotate(-90)"'
        f' text-anchor="middle">{escape(label)}</text>'
    )
    return "".join(parts)


def _rows(frame: _Frame, rows: Sequence[str]) -> str:
    """Name each level above its line, and the lowest one below it."""
    parts = []
    for i, row in enumerate(rows):
        y = frame.y(i)
        beside = y - 16 if i else y + 26
        parts.append(f'<text class="label" x="14" y="{beside:.1f}">{escape(row)}</text>')
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{frame.right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    return "".join(parts)


def _draw(frame: _Frame, mark: Mark) -> str:
    if isinstance(mark, Points):
        return _points(frame, mark)
    if isinstance(mark, Line):
        return _line(frame, mark)
    if isinstance(mark, Level):
        return _level(frame, mark)
    left, right = frame.x(mark.low), frame.x(mark.high)
    return (
        f'<rect class="span" x="{left:.1f}" y="{TOP}" width="{max(1.0, right - left):.1f}"'
        f' height="{HEIGHT - TOP - BOTTOM}"/>'
    )


def _points(frame: _Frame, mark: Points) -> str:
    good = np.flatnonzero(np.isfinite(mark.x) & np.isfinite(mark.y))
    every = max(1, ceil(good.size / MOST_POINTS))
    radius = 3.6 if good.size <= 200 else 1.7
    parts = []
    for i in good[::every].tolist():
        name = f"<title>{escape(mark.names[i])}</title>" if mark.names else ""
        x, y = frame.x(float(mark.x[i])), frame.y(float(mark.y[i]))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}">{name}</circle>')
    return f'<g class="points {mark.kind}">{"".join(parts)}</g>'


def _line(frame: _Frame, mark: Line) -> str:
    every = max(1, ceil(mark.x.size / LINE_POINTS))
    steps, pen = [], "M"
    for x, y in zip(mark.x[::every], mark.y[::every], strict=True):
        if isfinite(x) and isfinite(y):
            steps.append(f"{pen}{frame.x(float(x)):.1f} {frame.y(float(y)):.1f}")
            pen = "L"
        else:
            pen = "M"
    return f'<path class="line {mark.kind}" d="{"".join(steps)}"/>'


def _level(frame: _Frame, mark: Level) -> str:
    y = frame.y(mark.y)
    band = ""
    if mark.low is not None and mark.high is not None:
        top, foot = frame.y(mark.high), frame.y(mark.low)
        band = (
            f'<rect class="band {mark.kind}" x="{LEFT}" y="{top:.1f}"'
            f' width="{frame.right - LEFT}" height="{max(0.5, foot - top):.1f}"/>'
        )
    return (
        f'{band}<line class="level {mark.kind}" x1="{LEFT}" x2="{frame.right}" y1="{y:.1f}"'
        f' y2="{y:.1f}"/><text class="word" x="{frame.right + 5}" y="{y + 4:.1f}">'
        f"{escape(mark.text)}</text>"
    )
