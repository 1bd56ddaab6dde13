"""Sheets as paper: rendered by another program than the one that wrote them, with places in mm."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from shinline.geometry.target import INNER_RATIO
from shinline_cal.sheets.layout import PAPERS, Page, Spot, plan
from shinline_cal.sheets.sheets import render

LENS_PX = 0.8
"""Blur of a camera's lens (1 sd), for what looks at paper through one."""


@dataclass(frozen=True)
class Sheet:
    """A rendered page: ``grey`` (H, W) uint8, which spans exactly the page."""

    page: Page
    grey: NDArray[np.uint8]

    def mm(self, x_px: NDArray[np.float64], y_px: NDArray[np.float64]) -> tuple:
        """Return where a place in the picture is on the page; pixel 0 is half a pixel wide of 0."""
        height, width = self.grey.shape
        across, down = self.page.size_mm
        return (np.asarray(x_px) + 0.5) / width * across, (np.asarray(y_px) + 0.5) / height * down

    def px(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Return the picture's place of one on the page."""
        height, width = self.grey.shape
        across, down = self.page.size_mm
        return x_mm / across * width - 0.5, y_mm / down * height - 0.5

    @property
    def pixel_mm2(self) -> float:
        """Return the area of a pixel."""
        return float(np.prod(self.page.size_mm) / self.grey.size)

    def black(self, x_mm: float, y_mm: float, half_mm: float) -> tuple:
        """Return x_mm, y_mm and the share of ink of all pixels of a square."""
        left, top = (round(v) for v in self.px(x_mm - half_mm, y_mm - half_mm))
        right, bottom = (round(v) for v in self.px(x_mm + half_mm, y_mm + half_mm))
        cut = np.s_[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
        rows, columns = (index[cut] for index in np.indices(self.grey.shape, sparse=False))
        return *self.mm(columns, rows), 1.0 - self.grey[cut] / 255.0


@dataclass(frozen=True)
class Measured:
    """A ring by the moments of its ink: no edge is searched and nothing is rounded."""

    x_mm: float
    y_mm: float
    outer_mm: float
    inner_mm: float


def measured(sheet: Sheet, spot: Spot) -> Measured:
    """Measure a ring on the page, both radii and its middle."""
    x, y, ink = sheet.black(spot.x_mm, spot.y_mm, spot.paper_mm)
    r = np.hypot(x - spot.x_mm, y - spot.y_mm)
    within = 0.25 * (1.0 + INNER_RATIO[spot.role]) * spot.diameter_mm  # the middle of the black
    ink = np.where(r <= spot.paper_mm, ink, 0.0)
    hole = np.where(r < within, 1.0 - ink, 0.0).sum() * sheet.pixel_mm2
    area = ink.sum() * sheet.pixel_mm2 + hole
    x_mm, y_mm = (float((place * ink).sum() / ink.sum()) for place in (x, y))
    return Measured(x_mm, y_mm, float(np.sqrt(area / np.pi)), float(np.sqrt(hole / np.pi)))


@cache
def pdf(paper: str, sizes_mm: tuple[float, ...] = ()) -> tuple[tuple[Page, ...], bytes]:
    """Return all pages and their PDF."""
    pages = plan(PAPERS[paper], sizes_mm)
    return pages, render(pages)


def sheets(paper: str, dpi: float, sizes_mm: tuple[float, ...] = ()) -> list[Sheet]:
    """Render all pages."""
    pages, data = pdf(paper, sizes_mm)
    document = pypdfium2.PdfDocument(data)
    pictures = [page.render(scale=dpi / 72.0, grayscale=True).to_numpy() for page in document]
    document.close()
    return [
        Sheet(page, np.ascontiguousarray(picture.reshape(picture.shape[:2])))
        for page, picture in zip(pages, pictures, strict=True)
    ]


def through_a_lens(sheet: Sheet) -> NDArray[np.uint8]:
    """Return the page as a camera sees it squarely."""
    return np.asarray(cv2.GaussianBlur(sheet.grey, (0, 0), LENS_PX), np.uint8)
