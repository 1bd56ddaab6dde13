"""The how-to page: six steps, each a picture and a few plain words."""

from collections.abc import Callable
from typing import Final

from shinline_cal.sheets import making, people
from shinline_cal.sheets.layout import HEAD_MM, Paper
from shinline_cal.sheets.marks import RULER_X_MM
from shinline_cal.sheets.pen import Pen
from shinline_cal.sheets.props import BACKGROUND, HEIGHT_MM, WIDTH_MM

COLUMN_GAP_MM: Final = 4.0

STEPS: Final[tuple[tuple[str, str, Callable[[Pen], None]], ...]] = (
    (
        "Print at full size and measure",
        "Choose 100 % or actual size, never “fit”. Matte white paper, black toner, no lamination: "
        "what shines hides the ring. Then measure the line at the foot of each page. 97 mm? Print "
        "again; or keep it and give the true D: 97 % of 120 mm is --marker-diameter-m 0.1164.",
        making.printing,
    ),
    (
        "Cut out, glue on, keep it flat",
        "Cut along the grey line: the white around the ring belongs to it. Glue the whole of it "
        "to stiff board, such as 3 mm foam board, without a wave or a bubble. A ring that is bent "
        "or half in a shadow is read wrongly.",
        making.cutting,
    ),
    (
        "Bar marker on the sleeve's end",
        "On the end toward the camera, centred and square to the bar. Opposite ticks meet in the "
        "centre: prick a pin hole there. 2 cm beside the middle can look like 1 cm of drift when "
        "the sleeve turns. The larger the ring, the finer the reading.",
        making.sleeve,
    ),
    (
        "Body markers, if you like",
        "On the side toward the camera, taped to tight clothes. Every place has a ring of its "
        "own: mind the names. Hip and shoulder come first: they show whether the hips shoot up. "
        "Plates hide knee and ankle for a part of the lift.",
        people.body,
    ),
    (
        "Camera to the side, level",
        "It looks along the bar at its end, from 2.5 to 4 m. The lens is as high as the bar half "
        "way of the lift; 0.9 m with body markers. Level, on a stand that nobody touches, with "
        "the light behind it and not in front.",
        people.camera,
    ),
    (
        "Plumb line: which way is down",
        "Hang a second bar marker and a weight on a string, as far from the camera as the bar's "
        "end, and let it swing; then once more elsewhere. It shows the camera what is upright: "
        "one degree of lean looks like 1 cm of drift.",
        people.plumb,
    ),
)


def draw(pen: Pen, paper: Paper) -> None:
    """Draw the six steps, two beside each other."""
    rows = len(STEPS) // 2
    column_mm = 0.5 * (paper.width_mm - 2 * RULER_X_MM - COLUMN_GAP_MM)
    pitch = (paper.room_mm[1] + 1.0) / rows
    size = 9.0 if pitch < 80.0 else 9.5
    for index, (title, words, picture) in enumerate(STEPS):
        row, column = divmod(index, 2)
        x = RULER_X_MM + column * (column_mm + COLUMN_GAP_MM)
        here = pen.inside(x, HEAD_MM + 2.0 + row * pitch, column_mm / WIDTH_MM)
        here.box(0.0, 0.0, WIDTH_MM, HEIGHT_MM, BACKGROUND)
        picture(here)
        here.disc(3.0, HEIGHT_MM + 5.2, 2.6)
        here.text(3.0, HEIGHT_MM + 6.4, f"{index + 1}", 9.5, bold=True, grey=1.0, at="middle")
        here.text(7.4, HEIGHT_MM + 6.6, title, 12.0)
        here.paragraph(0.0, HEIGHT_MM + 12.0, words, WIDTH_MM, size, grey=0.1)
