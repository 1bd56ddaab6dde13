"""Pictures of the how-to page: the body's markers, the camera, the plumb line."""

from math import cos, radians, sin
from typing import Final

from shinline_cal.sheets.pen import WHITE, Pen, Point
from shinline_cal.sheets.props import (
    BODY,
    INK,
    RUBBER,
    STEEL,
    arrow,
    dot,
    floor,
    limb,
    note,
    ring,
)

# A lifter at the bar, in metres: forward of the ankle, above the floor.
JOINTS_M: Final[dict[str, Point]] = {
    "ankle": (0.0, 0.10),
    "knee": (0.09, 0.52),
    "hip": (-0.27, 0.76),
    "crest": (-0.215, 0.885),
    "mid-back": (-0.10, 0.99),
    "shoulder": (0.113, 1.08),
    "bar": (0.055, 0.225),
}
PLACES: Final = (  # name, where, where the words are, which end of them is at the marker
    ("mid-back", "edge of the back, lowest rib", (35.5, 7.6), "right"),
    ("crest", "top of the hip bone, at the belt", (36.2, 16.8), "right"),
    ("hip", "bony point at the side", (32.5, 27.0), "right"),
    ("shoulder", "the bony tip", (70.0, 10.0), "left"),
    ("knee", "middle of its side", (65.0, 24.0), "left"),
    ("ankle", "bony knob outside", (65.0, 38.5), "left"),
)


def body(pen: Pen) -> None:
    """Draw a lifter at the bar with the six markers, and what each place is called."""
    floor(pen, 42.6)
    at = {name: _page(point) for name, point in JOINTS_M.items()}
    pen.disc(*at["bar"], 7.0, 0.86)
    pen.circle(*at["bar"], 7.0, 0.3, 0.5)
    _lifter(pen, at)
    for name, where, (x, y), side in PLACES:
        edge = x + (1.0 if side == "right" else -1.0)
        pen.line((edge, y - 0.2), at[name], width=0.2, grey=INK)
        note(pen, x, y - 0.3, name, side, bold=True)
        note(pen, x, y + 2.8, where, side)
    for name, *_ in PLACES:
        dot(pen, at[name])


def _page(point_m: Point) -> Point:
    """Return where a place on the lifter is in the picture."""
    return 51.0 + 31.0 * point_m[0], 42.6 - 31.0 * point_m[1]


def _lifter(pen: Pen, at: dict[str, Point]) -> None:
    heel, toe = _page((-0.06, 0.035)), _page((0.18, 0.03))
    limb(pen, heel, toe, width=2.0)
    limb(pen, at["ankle"], heel, width=2.2)
    limb(pen, at["ankle"], at["knee"], width=3.2)
    limb(pen, at["knee"], at["hip"], width=5.0)
    limb(pen, at["hip"], _page((-0.20, 0.87)), at["shoulder"], width=6.4)
    limb(pen, at["shoulder"], _page((0.20, 1.17)), width=2.6)
    pen.disc(*_page((0.255, 1.245)), 3.1, BODY)
    limb(pen, at["shoulder"], at["bar"], width=2.4, grey=0.68)
    pen.disc(*at["bar"], 0.8, 0.3)


def camera(pen: Pen) -> None:
    """Draw lifter and camera from the front, to one scale: 16 mm are a metre."""
    ground = 41.0
    floor(pen, ground)
    middle, up = 20.0, 16.0
    low, high, lens = ground - 0.225 * up, ground - 0.78 * up, ground - 0.5 * up
    _standing(pen, middle, ground, high)
    _barbell(pen, middle, low, 0.82, 0.72)
    _barbell(pen, middle, high, STEEL, RUBBER)
    arrow(pen, (40.5, low), (40.5, high), both=True)
    spot = 84.0
    pen.line((41.5, lens), (spot - 2.5, lens), width=0.25, grey=INK, dash=(1.4, 1.0))
    for foot in (-4.2, 0.0, 4.2):
        pen.line((spot, lens + 1.5), (spot + foot, ground), width=0.7, grey=0.3)
    pen.box(spot - 2.0, lens - 1.8, 5.2, 3.6, 0.2)
    pen.box(spot - 3.0, lens - 1.0, 1.2, 2.0, 0.35)
    arrow(pen, (38.1, 19.0), (spot - 3.0, 19.0), both=True)
    for x in (38.1, spot - 3.0):
        pen.line((x, 17.0), (x, 21.0), width=0.2, grey=INK)
    note(pen, 59.6, 17.4, "2.5 to 4 m", at="middle", bold=True)
    arrow(pen, (72.0, ground), (72.0, lens + 0.2), both=True)
    note(pen, 70.5, ground - 2.6, "0.5 to 0.6 m", at="right", bold=True)
    note(pen, 61.0, lens - 1.6, "half way of the lift", at="middle")
    note(pen, 70.5, ground + 3.6, "0.9 m with body markers", at="right")
    _level(pen, spot + 0.6, lens - 4.4)


def _standing(pen: Pen, x: float, ground: float, hands: float) -> None:
    """Draw somebody from the front, with the hands at the bar."""
    for side in (-1.0, 1.0):
        limb(pen, (x + 1.6 * side, ground - 13.0), (x + 2.2 * side, ground - 1.2), width=2.8)
        limb(pen, (x + 3.4 * side, ground - 22.0), (x + 4.2 * side, hands), width=1.8)
    limb(pen, (x - 1.4, ground - 21.4), (x + 1.4, ground - 21.4), width=4.2)
    limb(pen, (x, ground - 20.0), (x, ground - 14.0), width=5.4)
    pen.disc(x, ground - 26.4, 2.0, BODY)


def _barbell(pen: Pen, x: float, y: float, steel: float, rubber: float) -> None:
    pen.box(x - 17.6, y - 0.3, 35.2, 0.6, steel)
    for side in (-1.0, 1.0):
        pen.box(x + side * 12.2 - 0.9, y - 3.6, 1.8, 7.2, rubber)
    pen.box(x + 17.6, y - 1.0, 0.5, 2.0, INK)


def _level(pen: Pen, x: float, y: float) -> None:
    """Draw a bubble level."""
    pen.box(x - 3.4, y - 1.1, 6.8, 2.2, WHITE)
    pen.frame(x - 3.4, y - 1.1, 6.8, 2.2, 0.2, INK)
    limb(pen, (x - 0.6, y), (x + 0.6, y), width=1.2, grey=0.45)
    for side in (-1.6, 1.6):
        pen.line((x + side, y - 1.1), (x + side, y + 1.1), width=0.2, grey=INK)


def plumb(pen: Pen) -> None:
    """Draw a weight on a string beside the bar's end, and what a leaning camera makes of it."""
    floor(pen, 41.0, 0.0, 54.0)
    pen.box(6.0, 4.0, 2.4, 37.0, 0.7)
    pen.box(6.0, 4.0, 38.0, 2.2, 0.7)
    pen.disc(21.0, 31.6, 9.4, RUBBER)
    ring(pen, 21.0, 31.6, 2.8)
    _string(pen, 37.0, 6.2, 34.0)
    note(pen, 39.6, 14.0, "string")
    note(pen, 40.6, 24.4, "marker")
    note(pen, 40.2, 36.6, "weight")
    _leaning(pen.inside(74.0, 21.0), radians(9.0))
    note(pen, 74.0, 44.0, "seen by a camera that leans", at="middle")


def _string(pen: Pen, x: float, top: float, bottom: float) -> None:
    pen.line((x, top), (x, bottom), width=0.3, grey=INK)
    ring(pen, x, 23.6, 1.9)
    pen.area([[(x - 1.0, bottom), (x + 1.0, bottom), (x + 1.6, bottom + 3.4),
               (x, bottom + 4.6), (x - 1.6, bottom + 3.4)]], 0.3)  # fmt: skip


def _leaning(pen: Pen, lean: float) -> None:
    """Draw a picture of the string by a camera that leans, and by how much."""
    half, high = 12.0, 17.0
    corners = [(-half, -high), (half, -high), (half, high), (-half, high)]
    turned = [(x * cos(lean) - y * sin(lean), x * sin(lean) + y * cos(lean)) for x, y in corners]
    pen.area([turned], WHITE)
    pen.line(*turned, turned[0], width=0.5, grey=0.3)
    axis = [(15.0 * sin(lean), -15.0 * cos(lean)), (-15.0 * sin(lean), 15.0 * cos(lean))]
    pen.line(*axis, width=0.25, grey=0.5, dash=(1.2, 1.0))
    pen.line((0.0, -14.0), (0.0, 12.0), width=0.35, grey=INK)
    pen.area([[(-0.8, 10.0), (0.8, 10.0), (1.2, 13.0), (-1.2, 13.0)]], 0.3)
    arc = [(11.0 * sin(lean * step / 8), -11.0 * cos(lean * step / 8)) for step in range(9)]
    pen.line(*arc, width=0.5, grey=INK)
    note(pen, 2.6, -7.0, "lean")
