"""What the sheets measure on paper: rendered, and looked at by the product's own detectors."""

from collections import Counter

import cv2
import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from numba import config
from numpy.typing import NDArray
from printed import Sheet, measured, pdf, sheets, through_a_lens

from shinline import __version__
from shinline.geometry.target import INNER_RATIO
from shinline.types import MARKERS, Role
from shinline.vision.ring import detect_image
from shinline_cal.sheets import board, marks
from shinline_cal.sheets.layout import PAPERS, Spot
from shinline_cal.sheets.sheets import chart_corner_mm

MOST_MM = 0.1
FINE_DPI = 300.0
slow = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")


@pytest.fixture(scope="module", params=PAPERS)
def paper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def fine(paper: str) -> list[Sheet]:
    return sheets(paper, FINE_DPI)


def seen(sheet: Sheet) -> list[Spot]:
    """Return what a camera would take for markers."""
    return detected(sheet, through_a_lens(sheet))


def detected(sheet: Sheet, picture: NDArray[np.uint8]) -> list[Spot]:
    """Return what the product's detector takes for markers, measured on the page."""
    found = []
    for row in detect_image(picture):
        x_mm, y_mm = sheet.mm(row["x_px"], row["y_px"])
        d_mm = 2.0 * row["r_px"] * np.sqrt(sheet.pixel_mm2)
        found.append(Spot(Role(int(row["role"])), float(d_mm), float(x_mm), float(y_mm)))
    return found


def nearest(spot: Spot, spots: list[Spot]) -> Spot:
    return min(spots, key=lambda other: np.hypot(other.x_mm - spot.x_mm, other.y_mm - spot.y_mm))


@slow
def test_the_detector_finds_every_marker_where_it_was_laid_and_nothing_else(paper: str) -> None:
    """Resolutions at which the largest marker of a page is as large as a search goes."""
    coarse, near = sheets(paper, 48.0), sheets(paper, 72.0)
    for far, close in zip(coarse, near, strict=True):
        laid = list(far.page.spots)
        found = seen(far if any(spot.diameter_mm > 80.0 for spot in laid) else close)
        assert Counter(s.role for s in found) == Counter(s.role for s in laid)
        for spot in laid:
            other = nearest(spot, found)
            assert other.role == spot.role
            assert np.hypot(other.x_mm - spot.x_mm, other.y_mm - spot.y_mm) < MOST_MM
            assert abs(0.5 * (other.diameter_mm - spot.diameter_mm)) < MOST_MM


@slow
@pytest.mark.parametrize("dpi", [36.0, 60.0, 85.0, 120.0])
def test_nothing_on_a_page_but_its_markers_is_taken_for_one(paper: str, dpi: float) -> None:
    """At 120 dpi a page fills the picture of a camera of 1400 rows."""
    for sheet in sheets(paper, dpi):
        for found in seen(sheet):
            laid = nearest(found, list(sheet.page.spots))
            assert found.role == laid.role
            assert np.hypot(found.x_mm - laid.x_mm, found.y_mm - laid.y_mm) < 1.0


@slow
@pytest.mark.parametrize("dpi", [174.0, 300.0])
def test_no_letter_is_taken_for_the_bar_however_near_it_is_held(paper: str, dpi: float) -> None:
    for sheet in sheets(paper, dpi):
        own = [spot for spot in sheet.page.spots if spot.role is Role.BAR]
        for picture in (sheet.grey, through_a_lens(sheet)):
            for found in (each for each in detected(sheet, picture) if each.role is Role.BAR):
                assert own
                laid = nearest(found, own)
                assert np.hypot(found.x_mm - laid.x_mm, found.y_mm - laid.y_mm) < 1.0


def test_every_ring_has_its_place_its_diameter_and_its_ratio(fine: list[Sheet]) -> None:
    """Far inside what is promised: the paper is not the picture of a camera."""
    roles = Counter()
    for sheet in fine:
        for spot in sheet.page.spots:
            ring = measured(sheet, spot)
            assert np.hypot(ring.x_mm - spot.x_mm, ring.y_mm - spot.y_mm) < 0.01
            assert ring.outer_mm == pytest.approx(0.5 * spot.diameter_mm, abs=0.01)
            wanted = 0.5 * INNER_RATIO[spot.role] * spot.diameter_mm
            assert ring.inner_mm == pytest.approx(wanted, abs=0.01)
            roles[spot.role] += 1
    assert set(roles) == set(MARKERS)


@pytest.mark.parametrize("sizes", [(), (20.0, 121.0)], ids=["usual", "extreme"])
def test_the_paper_around_a_ring_is_white_and_names_and_lines_lie_outside(
    sizes: tuple[float, ...], paper: str, fine: list[Sheet]
) -> None:
    for sheet in sheets(paper, FINE_DPI, sizes) if sizes else fine:
        for spot in sheet.page.spots:
            x, y, ink = sheet.black(spot.x_mm, spot.y_mm, spot.cut_mm + 1.0)
            x, y = x - spot.x_mm, y - spot.y_mm
            r = np.hypot(x, y)
            paper_only = (r > 0.5 * spot.diameter_mm + 0.1) & (r < spot.paper_mm - 0.1)
            assert ink[paper_only].max() == 0.0
            assert ink[r < 0.5 * INNER_RATIO[spot.role] * spot.diameter_mm - 0.1].max() == 0.0
            away = np.minimum(abs(x), abs(y)) > 0.5  # from the ticks
            reach = r if spot.role is Role.BAR else np.maximum(abs(x), abs(y))
            line = ink[away & (abs(reach - spot.cut_mm) < 0.25)]
            assert 0.2 < line.max() < 0.5  # grey, and no letter across it


def test_ticks_point_at_the_centre_from_all_four_sides(fine: list[Sheet]) -> None:
    for sheet in fine:
        for spot in sheet.page.spots:
            across = spot.paper_mm + 0.75
            for dx, dy in ((across, 0.0), (-across, 0.0), (0.0, across), (0.0, -across)):
                x, y, ink = sheet.black(spot.x_mm + dx, spot.y_mm + dy, 0.5)
                assert ink.sum() > 0.0
                place, centre = (y, spot.y_mm) if dx else (x, spot.x_mm)
                assert (place * ink).sum() / ink.sum() == pytest.approx(centre, abs=0.02)


def tick_mm(sheet: Sheet, x_mm: float, y_mm: float) -> float:
    """Return where an upright tick crosses the height ``y_mm``, near ``x_mm``."""
    x, _, ink = sheet.black(x_mm, y_mm, 0.3)
    assert ink.max() > 0.5
    return float((x * ink).sum() / ink.sum())


def test_the_ruler_of_every_page_is_100_mm_long(paper: str, fine: list[Sheet]) -> None:
    for sheet in fine:
        y_mm = marks.ruler_y_mm(sheet.page.paper, sheet.page.size_mm[1])
        scales = [(y_mm, 10.0, 10)]
        if paper == "letter":
            scales.append((y_mm + marks.INCHES_BELOW_MM, 25.4, 4))
        for y, step_mm, steps in scales:
            at = [tick_mm(sheet, 10.0 + step_mm * i, y - 0.8) for i in range(steps + 1)]
            assert np.diff(at) == pytest.approx(step_mm, abs=0.02)
            assert at[-1] - at[0] == pytest.approx(step_mm * steps, abs=0.02)
            slack = 25.4 / FINE_DPI + marks.RULER_WIDTH_MM  # a pixel, and half a tick at each end
            assert line_mm(sheet, y) == pytest.approx(step_mm * steps, abs=slack)


def line_mm(sheet: Sheet, y_mm: float) -> float:
    """Return how long the ruler's line is, as it runs from its first tick."""
    rows = [round(sheet.px(0.0, y_mm + off)[1]) for off in (-0.1, 0.0, 0.1)]
    left, right = (round(sheet.px(x, 0.0)[0]) for x in (5.0, 120.0))
    ink = 1.0 - sheet.grey[rows, left:right].min(axis=0) / 255.0
    x_mm, _ = sheet.mm(np.arange(left, right), np.zeros(right - left))
    inside = np.flatnonzero(ink > 0.3)
    assert np.all(np.diff(inside) == 1)
    return float(x_mm[inside[-1]] - x_mm[inside[0]])


def test_every_page_says_what_to_measure_and_which_version_it_is(paper: str) -> None:
    pages, data = pdf(paper)
    document = pypdfium2.PdfDocument(data)
    for number, page in enumerate(document, 1):
        words = " ".join(page.get_textpage().get_text_range().split())
        assert marks.RULER_WORDS in words
        assert marks.AGAIN_WORDS in words
        assert (
            f"Shinline {__version__} · {PAPERS[paper].name} · page {number} of {len(pages)}"
            in words
        )
    document.close()


def test_pages_have_the_papers_size_and_hold_nothing_but_lines_areas_and_words(paper: str) -> None:
    pages, data = pdf(paper)
    document = pypdfium2.PdfDocument(data)
    for page, made in zip(pages, document, strict=True):
        size_mm = [side / 72.0 * 25.4 for side in made.get_size()]
        assert size_mm == pytest.approx(page.size_mm, abs=0.001)
        assert made.get_mediabox() == made.get_cropbox()
        kinds = {each.type for each in made.get_objects()}
        assert kinds == {pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_TEXT}
    document.close()
    assert b"/Subtype /Image" not in data
    assert b"/PrintScaling /None" in data


def chart(fine: list[Sheet]) -> Sheet:
    return next(sheet for sheet in fine if sheet.page.kind == "chart")


def test_the_lens_chart_is_found_by_opencv_with_every_corner_in_its_place(
    fine: list[Sheet],
) -> None:
    sheet, pattern = chart(fine), board.opencv_board()
    corners, ids, _, markers = cv2.aruco.CharucoDetector(pattern).detectBoard(sheet.grey)
    assert sorted(np.ravel(ids)) == list(range(35))
    assert sorted(np.ravel(markers)) == list(range(24))
    wanted = 1000.0 * pattern.getChessboardCorners()[np.ravel(ids), :2]
    at = np.stack(sheet.mm(*corners.reshape(-1, 2).T), axis=1)
    off = at - wanted - chart_corner_mm(sheet.page)
    assert np.abs(off).max() < MOST_MM


def test_the_lens_chart_is_opencvs_own_to_the_last_cell(fine: list[Sheet]) -> None:
    sheet, per_mm = chart(fine), 10
    width, height = (round(per_mm * side) for side in board.size_mm())
    own = board.opencv_board().generateImage((width, height))
    left, top = chart_corner_mm(sheet.page)
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    x_px, y_px = sheet.px(left + (columns + 0.5) / per_mm, top + (rows + 0.5) / per_mm)
    ours = cv2.remap(sheet.grey, np.float32(x_px), np.float32(y_px), cv2.INTER_LINEAR)
    edge = cv2.dilate(own, np.ones((5, 5))) != cv2.erode(own, np.ones((5, 5)))
    edge[[*range(3), *range(-3, 0)]] = edge[:, [*range(3), *range(-3, 0)]] = True
    assert 0.5 < np.mean(~edge) < 0.98
    assert np.array_equal(ours[~edge], own[~edge])


def test_the_lens_chart_stands_in_white(fine: list[Sheet]) -> None:
    sheet = chart(fine)
    left, top = chart_corner_mm(sheet.page)
    (width, height), room = board.size_mm(), 2.5
    x0, y0 = (round(v) for v in sheet.px(left - room, top - room))
    x1, y1 = (round(v) for v in sheet.px(left + width + room, top + height + room))
    around = sheet.grey[y0:y1, x0:x1].copy()
    x2, y2 = (round(v) for v in sheet.px(left - 0.1, top - 0.1))
    x3, y3 = (round(v) for v in sheet.px(left + width + 0.1, top + height + 0.1))
    around[y2 - y0 : y3 - y0 + 1, x2 - x0 : x3 - x0 + 1] = 255
    assert around.min() == 255
