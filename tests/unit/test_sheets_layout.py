"""Where the markers lie on a sheet: they fit, they keep apart, and none is missing."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline.types import MARKERS, Role
from shinline_cal.sheets.layout import (
    BAR_SIZES_MM,
    BODY_ROLES,
    BODY_SIZES_MM,
    CUT_MM,
    HEAD_MM,
    KINDS,
    MARGIN_MM,
    PAPERS,
    LayoutError,
    Spot,
    largest_mm,
    plan,
)
from shinline_cal.sheets.marks import NAMES, label_size
from shinline_cal.sheets.pen import text_width_mm

papers = st.sampled_from(list(PAPERS.values()))
sizes = st.lists(st.floats(20.0, 121.0), min_size=1, max_size=6)


@given(paper=papers, sizes=sizes)
def test_markers_keep_apart_and_within_the_margins(paper, sizes: list[float]) -> None:
    for page in plan(paper, sizes):
        for index, spot in enumerate(page.spots):
            assert spot.cut_mm >= 0.8 * spot.diameter_mm + CUT_MM - 1e-9
            assert spot.x_mm - spot.cut_mm >= MARGIN_MM - 1e-3
            assert spot.x_mm + spot.cut_mm <= paper.width_mm - MARGIN_MM + 1e-3
            assert spot.y_mm - spot.cut_mm >= HEAD_MM - 1e-3
            assert spot.y_mm + spot.cut_mm <= paper.height_mm - paper.foot_mm + 1e-3
            for other in page.spots[:index]:
                away = max(abs(spot.x_mm - other.x_mm), abs(spot.y_mm - other.y_mm))
                assert away >= spot.cut_mm + other.cut_mm


@given(paper=papers, sizes=sizes)
def test_every_size_is_there_for_the_bar_and_for_every_place_on_the_body(
    paper, sizes: list[float]
) -> None:
    spots = Counter((s.role, s.diameter_mm) for page in plan(paper, sizes) for s in page.spots)
    assert spots == Counter((role, size) for role in MARKERS for size in set(sizes))


@pytest.mark.parametrize("paper", PAPERS.values(), ids=str)
def test_the_usual_sheets_hold_the_usual_sizes(paper) -> None:
    pages = plan(paper)
    assert [kind for kind in KINDS if any(page.kind == kind for page in pages)] == list(KINDS)
    bars = [s.diameter_mm for page in pages if page.kind == "bar" for s in page.spots]
    assert tuple(bars) == BAR_SIZES_MM
    assert set(bars) == {120.0, 80.0, 50.0}
    bodies = [(s.role, s.diameter_mm) for page in pages if page.kind == "body" for s in page.spots]
    assert sorted(bodies) == sorted((r, d) for r in BODY_ROLES for d in BODY_SIZES_MM)
    for page in pages:
        assert len({s.diameter_mm for s in page.spots}) <= (1 if page.kind == "body" else 2)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_pages_asked_for_are_made(kind: str) -> None:
    assert {page.kind for page in plan(PAPERS["a4"], kinds=(kind,))} == {kind}


def test_the_chart_lies_on_its_side_and_the_rest_stands() -> None:
    for page in plan(PAPERS["letter"]):
        assert page.size_mm == ((279.4, 215.9) if page.kind == "chart" else (215.9, 279.4))


@pytest.mark.parametrize("size", [19.99, 300.01, -50.0, 0.0, float("nan"), float("inf")])
def test_a_size_out_of_range_is_refused_with_the_range(size: float) -> None:
    with pytest.raises(LayoutError, match=r"mm: expected 20 to 300 mm$"):
        plan(PAPERS["a4"], (50.0, size))


@pytest.mark.parametrize(("name", "most"), [("a4", 121), ("letter", 125)])
def test_a_size_the_paper_cannot_hold_is_refused_with_what_it_can(name: str, most: int) -> None:
    paper = PAPERS[name]
    assert largest_mm(paper) == most
    assert plan(paper, (float(most),), ("bar",))[0].spots
    with pytest.raises(LayoutError, match=rf"240 mm of white paper: .* at most {most} mm$"):
        plan(paper, (150.0,))


@given(diameter=st.floats(20.0, 125.0), role=st.sampled_from(MARKERS))
def test_the_two_labels_of_a_marker_never_meet(diameter: float, role: Role) -> None:
    spot = Spot(role, round(diameter, 2))
    size = label_size(spot)
    name = text_width_mm(NAMES[role].upper(), size, bold=True)
    measure = text_width_mm(f"D = {spot.diameter_mm:g} mm", size)
    assert name + measure < 2.0 * spot.cut_mm - 4.0
