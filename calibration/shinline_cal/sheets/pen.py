"""A pen that thinks in millimetres from the top-left corner, and a PDF behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from math import cos, pi, sin, tan
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

Point = tuple[float, float]

ARCS: Final = 8
"""Bézier curves of a circle: with eight its radius is right to 5e-6, with four to 3e-4."""

REGULAR: Final = "Helvetica"
BOLD: Final = "Helvetica-Bold"
CAP_HEIGHT: Final = 0.72
"""Height of a capital / size of the font."""

BLACK: Final = 0.0
WHITE: Final = 1.0


class Document:
    """A PDF of pages of different sizes: the same drawing gives the same bytes.

    It bears a date of the past, or that of ``SOURCE_DATE_EPOCH`` where a build sets it.

    Readers are asked not to scale it when it is printed; those that do are found out by the ruler.
    """

    def __init__(self, title: str, creator: str) -> None:
        self._bytes = BytesIO()
        self._canvas = Canvas(self._bytes, pageCompression=0, invariant=1, lang="en")
        self._canvas.setTitle(title)
        self._canvas.setAuthor(creator)
        self._canvas.setCreator(creator)
        self._canvas.setSubject("Print at 100 % / actual size")
        self._canvas.setViewerPreference("PrintScaling", "None")
        self._started = False

    def page(self, width_mm: float, height_mm: float) -> "Pen":
        """Begin a page."""
        if self._started:
            self._canvas.showPage()
        self._started = True
        self._canvas.setPageSize((width_mm * mm, height_mm * mm))
        return Pen(self._canvas, height_mm)

    def finish(self) -> bytes:
        """End the document and return it."""
        self._canvas.save()
        return self._bytes.getvalue()


@dataclass(frozen=True)
class Pen:
    """Draws on a page, or in a corner of it (:meth:`inside`). Widths of lines do not scale."""

    canvas: Any
    height_mm: float
    x_mm: float = 0.0
    y_mm: float = 0.0
    scale: float = 1.0

    def inside(self, x: float, y: float, scale: float = 1.0) -> "Pen":
        """Return a pen whose origin is at (x, y)."""
        return replace(
            self,
            x_mm=self.x_mm + self.scale * x,
            y_mm=self.y_mm + self.scale * y,
            scale=self.scale * scale,
        )

    def disc(self, x: float, y: float, r: float, grey: float = BLACK, hole: float = 0.0) -> None:
        """Fill a disc, or a ring around a hole of radius ``hole``."""
        path = self.canvas.beginPath()
        self._circle(path, x, y, r, 1.0)
        if hole > 0.0:
            self._circle(path, x, y, hole, -1.0)
        self._fill(path, grey)

    def circle(
        self,
        x: float,
        y: float,
        r: float,
        width: float = 0.2,
        grey: float = BLACK,
        dash: Sequence[float] = (),
    ) -> None:
        """Draw a circle's line."""
        path = self.canvas.beginPath()
        self._circle(path, x, y, r, 1.0)
        self._stroke(path, width, grey, dash)

    def area(self, outlines: Iterable[Sequence[Point]], grey: float = BLACK) -> None:
        """Fill polygons as one path, so that no seam shows where they touch.

        All must turn the same way round.
        """
        path = self.canvas.beginPath()
        for outline in outlines:
            self._polygon(path, outline)
            path.close()
        self._fill(path, grey)

    def box(self, x: float, y: float, width: float, height: float, grey: float = BLACK) -> None:
        """Fill a rectangle."""
        self.area([rectangle(x, y, width, height)], grey)

    def frame(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        line: float = 0.2,
        grey: float = BLACK,
        dash: Sequence[float] = (),
    ) -> None:
        """Draw a rectangle's line."""
        path = self.canvas.beginPath()
        self._polygon(path, rectangle(x, y, width, height))
        path.close()
        self._stroke(path, line, grey, dash)

    def line(
        self,
        *points: Point,
        width: float = 0.2,
        grey: float = BLACK,
        dash: Sequence[float] = (),
        butt: bool = False,
    ) -> None:
        """Draw a line through points, with round ends, or ``butt`` ones that end exactly there."""
        path = self.canvas.beginPath()
        self._polygon(path, points)
        self._stroke(path, width, grey, dash, butt)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 8.5,
        bold: bool = False,
        grey: float = BLACK,
        at: str = "left",
    ) -> None:
        """Write one line: ``y`` is its baseline, ``size`` in points, ``at`` what ``x`` is of it."""
        font = BOLD if bold else REGULAR
        shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[at] * stringWidth(words, font, size)
        x_pt, y_pt = self._pt(x, y)
        self.canvas.setFillGray(grey)
        self.canvas.setFont(font, size)
        self.canvas.drawString(x_pt - shift, y_pt, words)

    def paragraph(
        self, x: float, y: float, words: str, width: float, size: float = 8.5, grey: float = BLACK
    ) -> float:
        """Write lines of at most ``width``; return the baseline that would come next."""
        step = 0.43 * size / self.scale
        for line in wrapped(words, width * self.scale, size):
            self.text(x, y, line, size, grey=grey)
            y += step
        return y

    def _pt(self, x: float, y: float) -> Point:
        across, down = self.x_mm + self.scale * x, self.y_mm + self.scale * y
        return across * mm, (self.height_mm - down) * mm

    def _polygon(self, path: Any, points: Sequence[Point]) -> None:
        path.moveTo(*self._pt(*points[0]))
        for point in points[1:]:
            path.lineTo(*self._pt(*point))

    def _circle(self, path: Any, x: float, y: float, r: float, turn: float) -> None:
        reach = 4.0 / 3.0 * tan(pi / (2 * ARCS)) * r
        path.moveTo(*self._pt(x + r, y))
        for arc in range(ARCS):
            a, b = (2.0 * pi * turn * step / ARCS for step in (arc, arc + 1))
            ends = (
                (x + r * cos(a) - turn * reach * sin(a), y + r * sin(a) + turn * reach * cos(a)),
                (x + r * cos(b) + turn * reach * sin(b), y + r * sin(b) - turn * reach * cos(b)),
                (x + r * cos(b), y + r * sin(b)),
            )
            path.curveTo(*(value for end in ends for value in self._pt(*end)))
        path.close()

    def _fill(self, path: Any, grey: float) -> None:
        self.canvas.setFillGray(grey)
        self.canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)

    def _stroke(
        self, path: Any, width: float, grey: float, dash: Sequence[float], butt: bool = False
    ) -> None:
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(width * mm)
        self.canvas.setLineCap(0 if butt else 1)
        self.canvas.setLineJoin(1)
        self.canvas.setDash([length * mm for length in dash] if dash else [])
        self.canvas.drawPath(path, stroke=1, fill=0)


def rectangle(x: float, y: float, width: float, height: float) -> tuple[Point, ...]:
    """Return the corners in turn."""
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)


def wrapped(words: str, width_mm: float, size: float, bold: bool = False) -> list[str]:
    """Break words into lines."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and stringWidth(longer, BOLD if bold else REGULAR, size) <= width_mm * mm:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def text_width_mm(words: str, size: float, bold: bool = False) -> float:
    """Return how wide a line is."""
    return float(stringWidth(words, BOLD if bold else REGULAR, size) / mm)
