"""A page to print and hang up beside the platform: how a phone is paired."""

from io import BytesIO
from typing import Final

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from shinline.app.surroundings import pairing_link

BOLD: Final = "Helvetica-Bold"
REGULAR: Final = "Helvetica"
FIXED: Final = "Courier-Bold"

WIDTH, HEIGHT = A4
MARGIN: Final = 20 * mm
QR: Final = 110 * mm
QUIET: Final = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""

STEPS: Final = (
    "1.  Join the same Wi-Fi as the device.",
    "2.  Point the phone's camera at the square and open the link.",
    "3.  No camera? Open the address above and type the code.",
)
WARNING: Final = (
    "Whoever reads this sheet can pair a phone. Lost, or known to too many?",
    "On the device, type  shinline pair --renew  and print a new one.",
)


def draw_sheet(address: str, code: str, platform: str) -> bytes:
    """Return the page as PDF: the same code and address give the same bytes."""
    held = BytesIO()
    canvas = Canvas(held, pagesize=A4, pageCompression=0, invariant=1, lang="en")
    canvas.setTitle(f"Pair a phone with {platform}")
    canvas.setCreator("Shinline")
    y = HEIGHT - MARGIN - 12 * mm
    _fitted(canvas, "Watch your cues on your phone", y, BOLD, 30)
    y -= 12 * mm
    _fitted(canvas, f"Shinline, {platform}", y, REGULAR, 16)
    y -= 8 * mm + QR
    _square(canvas, pairing_link(address, code), (WIDTH - QR) / 2, y)
    y -= 14 * mm
    _fitted(canvas, code, y, FIXED, 34)
    y -= 12 * mm
    _fitted(canvas, address, y, FIXED, 20)
    y -= 16 * mm
    for step in STEPS:
        _fitted(canvas, step, y, REGULAR, 16)
        y -= 10 * mm
    for row, line in enumerate(WARNING):
        _fitted(canvas, line, MARGIN + (1 - row) * 6 * mm, REGULAR, 11)
    canvas.save()
    return held.getvalue()


def _fitted(canvas: Canvas, text: str, y: float, font: str, size: float) -> None:
    """Write a line in the middle, smaller where it would not fit."""
    room = WIDTH - 2 * MARGIN
    size = min(size, size * room / stringWidth(text, font, size))
    canvas.setFont(font, size)
    canvas.drawCentredString(WIDTH / 2, y, text)


def _square(canvas: Canvas, text: str, x: float, y: float) -> None:
    """Draw a QR code that still reads when a quarter of it is dirty."""
    rows = [list(row) for row in segno.make(text, micro=False, error="q").matrix_iter(border=QUIET)]
    side = QR / len(rows)
    for row, modules in enumerate(rows):
        for column, dark in enumerate(modules):
            if dark:
                # A hair wider, so that no white line shows between two of them.
                canvas.rect(
                    x + column * side,
                    y + QR - (row + 1) * side,
                    side * 1.01,
                    side * 1.01,
                    stroke=0,
                    fill=1,
                )
