"""The pages put together: a plan becomes a PDF."""

from typing import Final

from shinline import __version__
from shinline_cal.sheets import board, howto
from shinline_cal.sheets.layout import Page
from shinline_cal.sheets.marks import heading, marker, ruler
from shinline_cal.sheets.pen import Document, Pen

CHART_Y_MM: Final = 12.0
"""The lens chart's upper edge: the heading takes little room, the ruler more."""

TITLES: Final = {
    "how-to": "Markers: how to print and place them",
    "bar": "Bar markers",
    "body": "Body markers",
    "chart": "Lens chart",
}
ADVICE: Final = {
    "how-to": "Six steps from the printer to the first lift.",
    "bar": "For the end of the bar. Cut out along the grey circle; glue on stiff board, flat.",
    "body": "One for each place, on the side toward the camera. Cut out along the grey square.",
    "chart": "",
}


def render(pages: tuple[Page, ...]) -> bytes:
    """Return the PDF of ``pages``; the same pages give the same bytes."""
    document = Document("Shinline markers", f"Shinline {__version__}")
    for number, page in enumerate(pages, 1):
        pen = document.page(*page.size_mm)
        _draw(pen, page, f"{page.paper.name} · page {number} of {len(pages)}")
    return document.finish()


def chart_corner_mm(page: Page) -> tuple[float, float]:
    """Return where the lens chart's top-left corner lies."""
    return 0.5 * (page.size_mm[0] - board.size_mm()[0]), CHART_Y_MM


def _draw(pen: Pen, page: Page, where: str) -> None:
    width, height = page.size_mm
    version = f"Shinline {__version__} · {where}"
    if page.kind == "chart":
        pen.inside(*chart_corner_mm(page)).area(board.outlines())
        pen.text(10.0, 8.6, TITLES["chart"], 13.0)
        words = "Glue it on a flat, stiff board. Matte paper, black toner, no lamination."
        pen.text(36.0, 8.6, words, 8.0, grey=0.25)
        pen.text(width - 10.0, 8.6, version, 8.0, grey=0.35, at="right")
    else:
        heading(pen, width, _title(page), version, ADVICE[page.kind])
    if page.kind == "how-to":
        howto.draw(pen, page.paper)
    for spot in page.spots:
        marker(pen, spot)
    ruler(pen, page.paper, height, _remedy(page))


def _title(page: Page) -> str:
    sizes = sorted({spot.diameter_mm for spot in page.spots}, reverse=True)
    listed = " and ".join(f"{size:g}" for size in sizes)
    return TITLES[page.kind] + (f" · {listed} mm" if sizes else "")


def _remedy(page: Page) -> tuple[str, ...]:
    """Return what else can be done about a sheet that came out too small."""
    if page.kind != "bar":
        return ()
    size = page.spots[0].diameter_mm
    true_m = 0.97 * size / 1000.0
    return (
        f"Still 97 mm? D = {size:g} is then {1000 * true_m:g} mm: --marker-diameter-m {true_m:g}",
    )
