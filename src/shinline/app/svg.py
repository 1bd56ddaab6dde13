"""A sheet of paper for a simple drawing, as SVG text; the same strokes give the same bytes."""

from collections.abc import Sequence
from html import escape
from math import cos, floor, hypot, log10, radians, sin
from typing import Final

import numpy as np

from shinline.types import FloatArray

GOOD, BAD, MARK = "#8a8f98", "#c2410c", "#1d4ed8"
NARROW_DEG: Final = 20.0
"""No number fits into a narrower angle."""

PALE: Final = "#eceef1"
HALO: Final = "stroke='white' stroke-width='4' paint-order='stroke' stroke-linejoin='round'"
FONT: Final = "font-family='sans-serif' font-size='14'"
Place = tuple[float, float]


def px(value: float) -> str:
    """Return a coordinate to a tenth of a pixel."""
    return f"{round(float(value), 1) + 0.0:g}"


class Sheet:
    """Strokes on white, in pixels from the top left."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._parts = [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'"
            f" width='{width}' height='{height}' role='img'>",
            f"<title>{escape(title)}</title>",
            f"<rect width='{width}' height='{height}' fill='white'/>",
        ]

    def line(
        self,
        places: Sequence[Place],
        colour: str,
        width: float = 1.5,
        dashed: bool = False,
        smooth: bool = False,
    ) -> None:
        """Draw a line through some places, straight or (through three) curved."""
        if smooth and len(places) == 3:
            (ax, ay), (mx, my), (bx, by) = places
            cx, cy = 2.0 * mx - 0.5 * (ax + bx), 2.0 * my - 0.5 * (ay + by)
            way = f"M{px(ax)} {px(ay)}Q{px(cx)} {px(cy)} {px(bx)} {px(by)}"
        else:
            way = "M" + "L".join(f"{px(x)} {px(y)}" for x, y in places)
        dash = " stroke-dasharray='5 4'" if dashed else ""
        self._parts.append(
            f"<path d='{way}' fill='none' stroke='{colour}' stroke-width='{px(width)}'"
            f" stroke-linecap='round' stroke-linejoin='round'{dash}/>"
        )

    def circle(
        self, at: Place, radius: float, colour: str, filled: bool = False, dashed: bool = False
    ) -> None:
        """Draw a circle."""
        fill = PALE if filled else "none"
        dash = " stroke-dasharray='5 4'" if dashed else ""
        self._parts.append(
            f"<circle cx='{px(at[0])}' cy='{px(at[1])}' r='{px(radius)}' fill='{fill}'"
            f" stroke='{colour}' stroke-width='1.5'{dash}/>"
        )

    def dot(self, at: Place, colour: str) -> None:
        """Draw the bar's end."""
        self._parts.append(f"<circle cx='{px(at[0])}' cy='{px(at[1])}' r='4' fill='{colour}'/>")

    def words(self, at: Place, said: str, colour: str, anchor: str = "middle") -> None:
        """Write something."""
        self._parts.append(
            f"<text x='{px(at[0])}' y='{px(at[1])}' fill='{colour}' text-anchor='{anchor}'"
            f" {FONT} {HALO}>{escape(said)}</text>"
        )

    def note(self, at: Place, said: str) -> None:
        """Write the measured value."""
        self.words(at, said, MARK)

    def span(self, a: Place, b: Place, said: str, aside: float) -> None:
        """Mark a distance: ticks at both ends, and its value ``aside`` of it, px."""
        across = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
        nx, ny = -(b[1] - a[1]) / across, (b[0] - a[0]) / across
        self.line([a, b], MARK, 3.0)
        for x, y in (a, b):
            self.line([(x - 6.0 * nx, y - 6.0 * ny), (x + 6.0 * nx, y + 6.0 * ny)], MARK)
        level = abs(b[1] - a[1]) < abs(b[0] - a[0])
        middle = (0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1]))
        if level:
            self.note((middle[0], middle[1] + aside + 5.0), said)
        else:
            self.words((middle[0] + aside, middle[1] + 5.0), said, MARK, "start")

    def angle(self, at: Place, low_deg: float, high_deg: float, radius: float, said: str) -> None:
        """Mark an angle between two directions, from the horizontal."""
        steps = np.radians(np.linspace(low_deg, high_deg, 13))
        self.line([(at[0] + radius * cos(a), at[1] - radius * sin(a)) for a in steps], MARK, 3.0)
        self.line([at, (at[0] + 1.4 * radius, at[1])], MARK, dashed=True)
        middle = radians(0.5 * (low_deg + high_deg))
        below = 22.0 if high_deg - low_deg < NARROW_DEG and low_deg == 0.0 else 5.0
        where = (
            at[0] + (radius + 22.0) * cos(middle),
            at[1] - (radius + 22.0) * sin(middle) + below,
        )
        self.note(where, said)

    def chart(
        self,
        box: tuple[float, float, float, float],
        names: tuple[str, str],
        good: FloatArray,
        bad: FloatArray,
        marked: tuple[FloatArray, str | None],
    ) -> None:
        """Draw two curves, points (n, 2), with axes, in a box (x, y, width, height).

        ``marked``: two places, (2, 2), between which something is measured, and its value in words
        if it is to be written there.
        """
        x, y, width, height = box
        both = np.concatenate([good, bad])
        low, high = both.min(axis=0), both.max(axis=0)
        room = 0.06 * np.maximum(high - low, 1e-9)
        low, high = low - room, high + room

        def place(point: FloatArray) -> Place:
            share = (point - low) / (high - low)
            return x + width * float(share[0]), y + height * (1.0 - float(share[1]))

        self.line([(x, y), (x, y + height), (x + width, y + height)], GOOD)
        for tick in _ticks(low[0], high[0]):
            self.words((place(np.array([tick, low[1]]))[0], y + height + 18.0), f"{tick:g}", GOOD)
        for tick in _ticks(low[1], high[1]):
            at = place(np.array([low[0], tick]))
            self.words((x - 8.0, at[1] + 5.0), f"{tick:g}", GOOD, "end")
        self.words((x + 0.5 * width, y + height + 38.0), names[0], GOOD)
        self.words((x - 40.0, y - 14.0), names[1], GOOD, "start")
        for points, colour in ((good, GOOD), (bad, BAD)):
            thin = points[:: max(1, len(points) // 120)]
            self.line([place(point) for point in thin], colour, 2.5)
        (a, b), said = (place(point) for point in marked[0]), marked[1]
        level = abs(b[1] - a[1]) < abs(b[0] - a[0])
        beside = 14.0 if b[0] < x + 0.5 * width else -62.0
        self.span(a, b, said or "", -18.0 if level else beside)

    def text(self) -> str:
        """Return the SVG."""
        return "\n".join([*self._parts, "</svg>"]) + "\n"


def _ticks(low: float, high: float) -> list[float]:
    """Return a few round numbers between two."""
    raw = (float(high) - float(low)) / 5.0
    power = 10.0 ** floor(log10(raw))
    step = next(power * m for m in (1.0, 2.0, 5.0, 10.0) if power * m >= raw)
    first = int(np.ceil(float(low) / step))
    return [round(n * step, 6) for n in range(first, int(float(high) / step) + 1)]
