"""Which page holds which marker, and where. Nothing here draws."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shinline.geometry.target import PAPER_RATIO
from shinline.types import MARKERS, Role

MARGIN_MM: Final = 6.0
"""Left free at the sides: few printers reach farther."""

HEAD_MM: Final = 19.0
GAP_MM: Final = 3.0

CUT_MM: Final = 1.5
"""From the white paper that a marker needs to the line along which it is cut out."""

SMALLEST_MM: Final = 20.0
LARGEST_MM: Final = 300.0

BODY_ROLES: Final = tuple(role for role in MARKERS if role is not Role.BAR)
BAR_SIZES_MM: Final = (120.0, 80.0, 50.0, 50.0)
"""Two of the smallest: one for the plumb line."""

BODY_SIZES_MM: Final = (50.0, 40.0)
KINDS: Final = ("how-to", "bar", "body", "chart")
"""In the order in which they are printed."""


class LayoutError(ValueError):
    """It cannot be laid out as asked for; the message says what can."""


@dataclass(frozen=True)
class Paper:
    """A sheet of paper, upright."""

    name: str
    width_mm: float
    height_mm: float
    foot_mm: float
    inches: bool = False

    @property
    def room_mm(self) -> tuple[float, float]:
        """Width and height between the margins, the heading and the ruler."""
        return self.width_mm - 2 * MARGIN_MM, self.height_mm - HEAD_MM - self.foot_mm


PAPERS: Final = {
    "a4": Paper("A4", 210.0, 297.0, foot_mm=19.5),
    "letter": Paper("Letter", 215.9, 279.4, foot_mm=24.5, inches=True),
}


@dataclass(frozen=True)
class Spot:
    """A marker of black diameter ``diameter_mm`` with its centre at (x_mm, y_mm)."""

    role: Role
    diameter_mm: float
    x_mm: float = 0.0
    y_mm: float = 0.0

    @property
    def paper_mm(self) -> float:
        """Radius of the paper that stays white."""
        return 0.5 * PAPER_RATIO * self.diameter_mm

    @property
    def cut_mm(self) -> float:
        """From the centre to the cutting line."""
        return self.paper_mm + CUT_MM


@dataclass(frozen=True)
class Page:
    """One page: ``kind`` is one of :data:`KINDS`."""

    kind: str
    paper: Paper
    spots: tuple[Spot, ...] = ()

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height; the chart's page lies on its side."""
        upright = self.paper.width_mm, self.paper.height_mm
        return upright[::-1] if self.kind == "chart" else upright


def plan(
    paper: Paper, sizes_mm: Sequence[float] = (), kinds: Sequence[str] = KINDS
) -> tuple[Page, ...]:
    """Lay out the pages of ``kinds``.

    Parameters
    ----------
    paper
        One of :data:`PAPERS`.
    sizes_mm
        Diameters of the black discs; none for the usual ones.
    kinds
        Of :data:`KINDS`; they come in that order whatever order is given.

    Raises
    ------
    LayoutError
        A size is out of range or does not fit on the paper.

    """
    for size in sizes_mm:
        _check(size, paper)
    chosen = sorted(set(sizes_mm), reverse=True)
    bars = [Spot(Role.BAR, size) for size in chosen or BAR_SIZES_MM]
    bodies = [[Spot(role, size) for role in BODY_ROLES] for size in chosen or BODY_SIZES_MM]
    pages = {
        "how-to": [Page("how-to", paper)],
        "bar": _packed("bar", paper, bars),
        "body": [page for spots in bodies for page in _packed("body", paper, spots)],
        "chart": [Page("chart", paper)],
    }
    return tuple(page for kind in KINDS if kind in kinds for page in pages[kind])


def largest_mm(paper: Paper) -> int:
    """Return the largest whole diameter whose paper fits on a page."""
    return int((min(paper.room_mm) - 2 * CUT_MM) / PAPER_RATIO)


def _check(size_mm: float, paper: Paper) -> None:
    if not SMALLEST_MM <= size_mm <= LARGEST_MM:  # not a number, too
        raise LayoutError(
            f"a marker of {size_mm:g} mm: expected {SMALLEST_MM:g} to {LARGEST_MM:g} mm"
        )
    if size_mm > largest_mm(paper):
        raise LayoutError(
            f"a marker of {size_mm:g} mm needs {PAPER_RATIO * size_mm:g} mm of white paper: on "
            f"{paper.name} expected at most {largest_mm(paper)} mm"
        )


def _packed(kind: str, paper: Paper, spots: Iterable[Spot]) -> list[Page]:
    """Fill rows from left to right and pages from top to bottom, in the order given."""
    rows: list[list[Spot]] = []
    width, height = paper.room_mm
    for spot in spots:
        if rows and _length([*rows[-1], spot]) <= width:
            rows[-1].append(spot)
        else:
            rows.append([spot])
    pages: list[list[list[Spot]]] = []
    for row in rows:
        if pages and _length(_tallest([*pages[-1], row])) <= height:
            pages[-1].append(row)
        else:
            pages.append([row])
    return [Page(kind, paper, tuple(_placed(paper, page))) for page in pages]


def _length(spots: Sequence[Spot]) -> float:
    """Return what the spots take side by side."""
    return sum(2 * spot.cut_mm for spot in spots) + GAP_MM * (len(spots) - 1)


def _tallest(rows: Iterable[Sequence[Spot]]) -> list[Spot]:
    return [max(row, key=lambda spot: spot.cut_mm) for row in rows]


def _placed(paper: Paper, rows: Sequence[Sequence[Spot]]) -> Iterable[Spot]:
    """Centre the rows on the page, and every row between the margins."""
    y = HEAD_MM + 0.5 * (paper.room_mm[1] - _length(_tallest(rows)))
    for row, tall in zip(rows, _tallest(rows), strict=True):
        x = 0.5 * (paper.width_mm - _length(row))
        for spot in row:
            x += spot.cut_mm
            yield Spot(spot.role, spot.diameter_mm, round(x, 4), round(y + tall.cut_mm, 4))
            x += spot.cut_mm + GAP_MM
        y += 2 * tall.cut_mm + GAP_MM
