"""What the pictures of the how-to page are made of.

A ring in a picture has a grey middle: on paper that lies about, it must be nobody's marker.
"""

from math import atan2, cos, pi, sin
from typing import Final

from shinline_cal.sheets.pen import WHITE, Pen, Point

WIDTH_MM: Final = 94.0
HEIGHT_MM: Final = 46.0
"""Size of a picture."""

BACKGROUND: Final = 0.95
BODY: Final = 0.78
STEEL: Final = 0.6
RUBBER: Final = 0.42
INK: Final = 0.15
MIDDLE: Final = 0.72
NOTE_PT: Final = 7.5


def ring(pen: Pen, x: float, y: float, r: float, paper: float = 1.6) -> None:
    """Draw a marker of black radius ``r``, with its paper."""
    if paper:
        pen.disc(x, y, paper * r, WHITE)
    pen.disc(x, y, r, INK)
    pen.disc(x, y, 0.42 * r, MIDDLE)


def dot(pen: Pen, at: Point, r: float = 1.25) -> None:
    """Draw a marker that is seen small."""
    pen.disc(*at, r + 0.55, WHITE)
    pen.disc(*at, r, INK)


def limb(pen: Pen, *points: Point, width: float, grey: float = BODY) -> None:
    """Draw a part of a body."""
    pen.line(*points, width=width, grey=grey)


def arrow(
    pen: Pen, start: Point, end: Point, width: float = 0.3, grey: float = INK, both: bool = False
) -> None:
    """Draw an arrow, with a head at both ends if wanted."""
    along = atan2(end[1] - start[1], end[0] - start[0])
    long = 1.4 + 2.0 * width  # of the head; the line ends inside it
    first = _ahead(start, along, 0.7 * long) if both else start
    pen.line(first, _ahead(end, along, -0.7 * long), width=width, grey=grey, butt=True)
    for tip, turn in ((end, pi), (start, 0.0))[: 2 if both else 1]:
        sides = [_ahead(tip, along + turn + half, long) for half in (-0.36, 0.36)]
        pen.area([(tip, *sides)], grey)


def _ahead(point: Point, direction_rad: float, distance: float) -> Point:
    return point[0] + distance * cos(direction_rad), point[1] + distance * sin(direction_rad)


def tick(pen: Pen, x: float, y: float) -> None:
    """Draw the sign for right, 4 mm wide."""
    pen.line((x, y + 0.3), (x + 1.4, y + 1.8), (x + 4.0, y - 2.0), width=0.9, grey=INK)


def cross(pen: Pen, x: float, y: float) -> None:
    """Draw the sign for wrong, 3.4 mm wide."""
    pen.line((x, y - 1.7), (x + 3.4, y + 1.7), width=0.9, grey=0.45)
    pen.line((x, y + 1.7), (x + 3.4, y - 1.7), width=0.9, grey=0.45)


def oval(
    x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 2.0 * pi
) -> list[Point]:
    """Return points of an ellipse, clockwise from the right as seen on the page."""
    steps = max(2, round(48 * (end - start) / (2.0 * pi)))
    turns = [start + (end - start) * step / steps for step in range(steps + 1)]
    return [(x + rx * cos(turn), y + ry * sin(turn)) for turn in turns]


def note(pen: Pen, x: float, y: float, words: str, at: str = "left", bold: bool = False) -> None:
    """Write into a picture."""
    pen.text(x, y, words, NOTE_PT, bold=bold, grey=INK, at=at)


def floor(pen: Pen, y: float, start: float = 0.0, end: float = WIDTH_MM) -> None:
    """Draw the floor's edge, and the floor below it."""
    pen.box(start, y, end - start, HEIGHT_MM - y, 0.86)
    pen.line((start, y), (end, y), width=0.35, grey=0.45, butt=True)
