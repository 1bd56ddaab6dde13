"""What is measured on a sheet: the ring markers, the ruler, and the words around them."""

from typing import Final

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline_cal.sheets.layout import Paper, Spot
from shinline_cal.sheets.pen import CAP_HEIGHT, Pen, text_width_mm

PT_MM: Final = 25.4 / 72.0
INCH_MM: Final = 25.4

RULER_MM: Final = 100.0
RULER_X_MM: Final = 10.0
RULER_IN: Final = 4
RULER_WIDTH_MM: Final = 0.1
INCHES_BELOW_MM: Final = 8.0

FAINT: Final = 0.6
"""Grey of the cutting lines: seen by an eye, and no ring to the detector."""

CUT_WIDTH_MM: Final = 0.18
TICK_OUT_MM: Final = 1.2
"""How far a centre tick reaches over the cutting line."""

NAMES: Final = {
    Role.BAR: "bar",
    Role.HIP: "hip",
    Role.SHOULDER: "shoulder",
    Role.KNEE: "knee",
    Role.ANKLE: "ankle",
    Role.MID_BACK: "mid-back",
    Role.CREST: "crest",
}
RULER_WORDS: Final = "This line must measure 100 mm."
AGAIN_WORDS: Final = "If it does not, print again at 100 % / actual size."


def marker(pen: Pen, spot: Spot) -> None:
    """Draw a ring with its ticks, its cutting line and its name.

    A bar's is cut out round, because it turns; a body's square, so that it keeps its name.
    """
    here = pen.inside(spot.x_mm, spot.y_mm)
    radius = 0.5 * spot.diameter_mm
    here.disc(0.0, 0.0, radius, hole=INNER_RATIO[spot.role] * radius)
    if spot.role is Role.BAR:
        here.circle(0.0, 0.0, spot.cut_mm, CUT_WIDTH_MM, FAINT)
    else:
        side = 2.0 * spot.cut_mm
        here.frame(-spot.cut_mm, -spot.cut_mm, side, side, CUT_WIDTH_MM, FAINT)
    near, far = spot.paper_mm, spot.cut_mm + TICK_OUT_MM
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        here.line((near * x, near * y), (far * x, far * y), width=0.15, grey=0.3, butt=True)
    _name(here, spot)


def label_size(spot: Spot) -> float:
    """Return the size of a marker's name in points: it stays off the white paper."""
    return min(max(0.14 * spot.diameter_mm, 3.5), 11.0)


def _name(here: Pen, spot: Spot) -> None:
    """Write the name into the lower corners, beside the paper that stays white."""
    size = label_size(spot)
    edge = spot.cut_mm - 0.5 * CAP_HEIGHT * size * PT_MM - 0.6
    here.text(-edge, edge, NAMES[spot.role].upper(), size, bold=True)
    here.text(edge, edge, f"D = {spot.diameter_mm:g} mm", size, at="right")


def heading(pen: Pen, width_mm: float, title: str, version: str, advice: str) -> None:
    """Write the page's title, its version and a line of advice."""
    pen.text(RULER_X_MM, 11.0, title, 16.0)
    pen.text(width_mm - RULER_X_MM, 11.0, version, 8.0, grey=0.35, at="right")
    pen.text(RULER_X_MM, 16.0, advice, 9.0, grey=0.25)


def ruler(pen: Pen, paper: Paper, height_mm: float, words: tuple[str, ...]) -> None:
    """Draw the ruler at the foot of a page, and beside it what to do when it is wrong."""
    y = ruler_y_mm(paper, height_mm)
    _scale(pen, y, RULER_MM / 10, 10, "mm", 10)
    x = RULER_X_MM + RULER_MM + 11.0
    top = y - 1.0 - 1.2 * len(words)
    pen.text(x, top, RULER_WORDS, 9.0, bold=True)
    for line, sentence in enumerate((AGAIN_WORDS, *words), 1):
        pen.text(x, top + 3.7 * line, sentence, 8.0, grey=0.15)
    if paper.inches:
        _scale(pen, y + INCHES_BELOW_MM, INCH_MM, RULER_IN, "in", 1)
        pen.text(
            x,
            y + INCHES_BELOW_MM + 1.2,
            f"The lower line must measure {RULER_IN} in.",
            8.0,
            grey=0.15,
        )


def ruler_y_mm(paper: Paper, height_mm: float) -> float:
    """Return where the ruler's line lies."""
    return height_mm - (16.5 if paper.inches else 10.5)


def _scale(pen: Pen, y: float, step_mm: float, steps: int, unit: str, value: int) -> None:
    """Draw a line with a tick at every step; the middles of its outer ticks are its ends."""
    last = RULER_X_MM + step_mm * steps
    pen.line((RULER_X_MM, y), (last, y), width=RULER_WIDTH_MM, butt=True)
    for step in range(steps + 1):
        x = RULER_X_MM + step_mm * step
        tall = 3.0 if step in (0, steps) else 2.2 if 2 * step == steps else 1.5
        pen.line((x, y + 0.5 * RULER_WIDTH_MM), (x, y - tall), width=RULER_WIDTH_MM, butt=True)
        pen.text(x, y + 3.0, f"{value * step}", 7.0, grey=0.15, at="middle")
    half_mm = 0.5 * text_width_mm(f"{value * steps}", 7.0)
    pen.text(last + half_mm + 0.8, y + 3.0, unit, 7.0, grey=0.15)
