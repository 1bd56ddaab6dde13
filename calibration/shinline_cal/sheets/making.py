"""Pictures of the how-to page: printing, cutting, and the marker on the bar."""

from math import pi

from shinline_cal.sheets.pen import WHITE, Pen
from shinline_cal.sheets.props import (
    BODY,
    INK,
    MIDDLE,
    RUBBER,
    STEEL,
    arrow,
    cross,
    note,
    oval,
    ring,
    tick,
)


def printing(pen: Pen) -> None:
    """Draw a sheet, and a ruler held to its line: right, and wrong."""
    pen.box(8.8, 4.8, 26.0, 37.0, 0.8)
    pen.box(8.0, 4.0, 26.0, 37.0, WHITE)
    pen.frame(8.0, 4.0, 26.0, 37.0, 0.25, 0.5)
    ring(pen, 21.0, 19.0, 6.4, paper=0.0)
    pen.circle(21.0, 19.0, 10.4, 0.15, 0.6)
    _measured_line(pen, 11.0, 37.0, 13.0, 1.6)
    pen.circle(17.5, 36.4, 8.0, 0.3, 0.45)
    arrow(pen, (24.8, 33.2), (39.0, 15.5), width=0.3, grey=0.45)
    for y, share, words in ((10.0, 1.0, "100 mm"), (30.0, 0.94, "97 mm")):
        _measured_line(pen, 44.0, y, 32.0 * share, 3.2)
        _steel_ruler(pen, 41.0, y + 1.0, 32.0)
        note(pen, 82.0, y + 6.2, words, at="left", bold=True)
    tick(pen, 82.4, 11.4)
    cross(pen, 82.6, 31.2)


def _measured_line(pen: Pen, x: float, y: float, length: float, tall: float) -> None:
    pen.line((x, y), (x + length, y), width=0.3, butt=True)
    for at in (0.0, 0.5, 1.0):
        high = tall if at != 0.5 else 0.6 * tall
        pen.line((x + at * length, y), (x + at * length, y - high), width=0.3)


def _steel_ruler(pen: Pen, x: float, y: float, length: float) -> None:
    """Draw a ruler whose scale begins 3 mm from its left end."""
    pen.box(x, y, length + 7.0, 8.0, 0.84)
    pen.frame(x, y, length + 7.0, 8.0, 0.2, 0.45)
    for step in range(21):
        long = 2.4 if step % 10 == 0 else 1.6 if step % 2 == 0 else 1.0
        at = x + 3.0 + length * step / 20
        pen.line((at, y), (at, y + long), width=0.15, grey=0.25, butt=True)
    for step in (0, 50, 100):
        pen.text(x + 3.0 + length * step / 100, y + 6.0, f"{step}", 6.5, grey=0.25, at="middle")


def cutting(pen: Pen) -> None:
    """Draw scissors at the cutting line, the board below the paper, and flat against bent."""
    pen.box(6.0, 8.0, 30.0, 30.0, WHITE)
    pen.frame(9.0, 11.0, 24.0, 24.0, 0.25, 0.5)
    ring(pen, 21.0, 23.0, 7.2, paper=0.0)
    _scissors(pen.inside(33.0, 14.5))
    arrow(pen, (41.5, 23.0), (48.5, 23.0), width=0.8)
    _slab(pen.inside(71.0, 22.0), 3.0, BODY)
    for side in (-1.0, 1.0):
        pen.line((71.0 + 15.0 * side, 12.5), (71.0 + 15.0 * side, 20.0), grey=0.5, dash=(0.6, 0.8))
    _slab(pen.inside(71.0, 11.0), 0.0, WHITE)
    pen.area([oval(71.0, 11.0, 7.0, 3.3)], INK)
    pen.area([oval(71.0, 11.0, 2.9, 1.4)], MIDDLE)
    note(pen, 83.0, 31.0, "board")
    pen.box(54.0, 38.0, 11.0, 1.4, RUBBER)
    tick(pen, 67.0, 38.8)
    pen.line(*oval(80.0, 42.0, 6.4, 4.0, 1.15 * pi, 1.85 * pi), width=1.4, grey=RUBBER, butt=True)
    cross(pen, 87.5, 38.8)


def _slab(pen: Pen, thick: float, grey: float) -> None:
    """Draw a sheet that lies, seen from its front and above."""
    top = [(-9.0, -6.0), (19.0, -6.0), (9.0, 6.0), (-19.0, 6.0)]
    if thick:
        pen.area([[(-19.0, 6.0), (9.0, 6.0), (9.0, 6.0 + thick), (-19.0, 6.0 + thick)]], 0.6)
        side = [(9.0, 6.0), (19.0, -6.0), (19.0, thick - 6.0), (9.0, 6.0 + thick)]
        pen.area([side], 0.5)
    pen.area([top], grey)
    pen.line(*top, top[0], width=0.2, grey=0.45)


def _scissors(pen: Pen) -> None:
    """Draw scissors that cut downward, their blades' crossing at the origin."""
    for side in (-1.0, 1.0):
        pen.line((1.4 * side, 8.0), (0.0, 0.0), (-1.2 * side, -3.4), width=0.9, grey=0.3)
        pen.line(*oval(-2.3 * side, -6.0, 1.7, 2.6), width=0.8, grey=0.3)
    pen.disc(0.0, 0.0, 0.45, WHITE)


def sleeve(pen: Pen) -> None:
    """Draw the marker on the sleeve's end: as the camera sees it, and from the front."""
    wheel = pen.inside(21.0, 26.0)
    wheel.disc(0.0, 0.0, 17.4, RUBBER)
    wheel.circle(0.0, 0.0, 15.2, 0.3, 0.55)
    ring(wheel, 0.0, 0.0, 5.2)
    for x, y in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
        wheel.line((7.2 * x, 7.2 * y), (8.3 * x, 8.3 * y), grey=INK)
    note(pen, 2.0, 4.8, "seen by the camera")
    note(pen, 92.0, 4.8, "seen from above", at="right")
    here = pen.inside(46.0, 26.0)
    here.box(0.0, -1.2, 9.0, 2.4, STEEL)
    here.box(9.0, -2.8, 2.4, 5.6, 0.5)
    here.box(11.0, -2.0, 20.0, 4.0, 0.68)
    for x in (11.6, 15.4):
        here.box(x, -17.4, 3.4, 34.8, RUBBER)
    here.box(31.0, -5.6, 1.4, 11.2, 0.5)
    here.box(32.4, -5.6, 0.5, 11.2, WHITE)
    here.line((-2.0, 0.0), (40.5, 0.0), width=0.2, grey=INK, dash=(2.0, 0.8, 0.4, 0.8))
    here.line((32.9, -2.4), (35.3, -2.4), (35.3, 0.0), width=0.25, grey=INK)
    here.box(41.6, -1.8, 5.2, 3.6, 0.2)
    here.box(40.6, -1.0, 1.2, 2.0, 0.35)
    note(here, 24.8, -6.0, "sleeve", at="middle")
    here.line((24.8, -5.2), (24.8, -2.2), width=0.2, grey=INK)
    note(here, 32.6, -9.2, "marker", at="middle")
    here.line((32.6, -8.2), (32.6, -6.0), width=0.2, grey=INK)
    note(here, 20.0, 16.6, "plates")
    note(here, 46.8, 5.0, "camera", at="right")
