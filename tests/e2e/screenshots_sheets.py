"""Renders the pictures of docs/sheets.md: ``python tests/e2e/screenshots_sheets.py OUTDIR``."""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from click.testing import CliRunner
from numpy.typing import NDArray

from shinline.cli import main as shinline

HOWTO_DPI = 96.0
SMALL_DPI = 42.0
DESK = 205
GAP_PX = 14
ROW_PAGES = 3

Picture = NDArray[np.uint8]


def main(out: Path) -> None:
    """Make the usual sheets, and picture the how-to page and, smaller, all others."""
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "sheets.pdf"
        result = CliRunner().invoke(shinline, ["markers", "--out", str(pdf)])
        if result.exit_code:
            sys.exit(result.output)
        document = pypdfium2.PdfDocument(pdf.read_bytes())
    save(out / "sheets-howto.png", rendered(document[0], HOWTO_DPI))
    small = [rendered(document[number], SMALL_DPI) for number in range(1, len(document))]
    rows = [beside(small[first : first + ROW_PAGES]) for first in range(0, len(small), ROW_PAGES)]
    save(out / "sheets-pages.png", below(rows))


def rendered(page: pypdfium2.PdfPage, dpi: float) -> Picture:
    """Return a page, drawn twice as large and averaged, because thin lines are thin."""
    picture = page.render(scale=2.0 * dpi / 72.0, grayscale=True).to_numpy()
    high, wide = (side // 2 for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)


def beside(pages: list[Picture]) -> Picture:
    """Lay pages side by side on a grey desk."""
    high = max(page.shape[0] for page in pages)
    framed = [
        cv2.copyMakeBorder(
            page, GAP_PX, GAP_PX + high - page.shape[0], GAP_PX, 0, cv2.BORDER_CONSTANT, value=DESK
        )
        for page in pages
    ]
    return np.hstack(framed)


def below(rows: list[Picture]) -> Picture:
    """Lay rows below each other, as wide as the widest."""
    wide = max(row.shape[1] for row in rows) + GAP_PX
    return np.vstack(
        [
            cv2.copyMakeBorder(row, 0, 0, 0, wide - row.shape[1], cv2.BORDER_CONSTANT, value=DESK)
            for row in rows
        ]
    )


def save(path: Path, picture: Picture) -> None:
    """Write a picture of 32 greys, which are enough for print and compress well."""
    steps = np.round(picture / 255.0 * 31.0) / 31.0 * 255.0
    cv2.imwrite(str(path), steps.astype(np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
