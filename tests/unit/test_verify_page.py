"""The page and its charts: whole, self-contained, and safe with whatever names a file brings."""

import json
import re
from dataclasses import replace
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from falling import View, rest
from hypothesis import given
from hypothesis import strategies as st

from shinline_cal.verify.charts import Level, Line, Mark, Points, Span, chart, ticks
from shinline_cal.verify.page import render, write
from shinline_cal.verify.report import (
    MINUS,
    Plot,
    Report,
    Row,
    Section,
    between,
    counted,
    plain,
    shown,
)
from shinline_cal.verify.still import measure
from shinline_cal.verify.still_page import still_report

MADE = "2026-11-25 17:00 UTC"


@pytest.fixture(scope="module")
def report() -> Report:
    path = rest(View(), 30.0)
    return still_report(path, measure(path))


def test_the_page_asks_for_nothing_and_runs_nothing(report: Report) -> None:
    page = render(report, MADE)
    assert re.findall(r"(?:src|href|url)\s*[=(]", page) == []
    assert "<script" not in page
    assert "@import" not in page


def test_every_sentence_and_number_is_on_the_page(report: Report) -> None:
    page = render(report, MADE)
    for text in (*report.answer, *report.cannot, *report.how, MADE):
        assert escape(text) in page
    for section in report.sections:
        for row in section.rows:
            assert row.value in page


def test_names_from_files_stay_text(report: Report) -> None:
    evil = '<img src=x onerror="alert(1)">'
    rows = [Row(evil, evil, evil, evil)]
    section = Section(evil, rows, [Plot(evil, "", evil)], evil)
    texts = {"title": evil, "answer": [evil], "thin": [evil], "cannot": [evil], "how": [evil]}
    spoiled = replace(report, inputs={evil: evil}, notes=[evil], sections=[section], **texts)
    page = render(spoiled, MADE)
    assert "<img" not in page
    assert page.count("&lt;img") == 17


def test_page_and_numbers_are_written_whole(report: Report, tmp_path: Path) -> None:
    page, data = write(report, tmp_path / "new" / "folder", MADE)
    document = json.loads(data.read_text(encoding="utf-8"))
    assert (document["test"], document["schema"], document["made"]) == ("still", 1, MADE)
    assert document["answer"] == report.answer
    assert sorted(file.name for file in page.parent.iterdir()) == ["still.html", "still.json"]


def test_what_cannot_be_written_leaves_no_half_of_it(report: Report, tmp_path: Path) -> None:
    (tmp_path / "still.html").mkdir()
    with pytest.raises(OSError, match=r"still\.html"):
        write(report, tmp_path, MADE)
    assert [file.name for file in tmp_path.iterdir()] == ["still.html"]


def test_an_unknown_number_is_null(report: Report) -> None:
    odd = {"a": float("nan"), "b": [np.float64(1.5), None, True], "c": (1, float("inf"))}
    assert plain(odd) == {"a": None, "b": [1.5, None, True], "c": [1, None]}


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=30),
    st.booleans(),
)
def test_any_points_make_a_picture_inside_its_frame(
    places: list[tuple[float, float]], square: bool
) -> None:
    x, y = np.array(places).T
    marks: list[Mark] = [Span(x.min(), x.max()), Level(float(y[0]), "word", float(y.min()),
             float(y.max())), Line(x, y), Points(x, y)]  # fmt: skip
    svg = ElementTree.fromstring(chart("t", "x & y", "<y>", marks, square=square))
    assert "nan" not in ElementTree.tostring(svg).decode()
    for circle in svg.iter("circle"):
        assert 0.0 <= float(circle.attrib["cx"]) <= 470.0
        assert 0.0 <= float(circle.attrib["cy"]) <= 320.0


def test_what_is_not_finite_is_a_gap() -> None:
    y = np.array([1.0, np.nan, 2.0, 3.0])
    svg = chart("t", "x", "y", [Line(np.arange(4.0), y), Points(np.arange(4.0), y)])
    assert svg.count("<circle") == 3
    assert re.search(r'd="M[^"]*M', svg)


def test_points_are_named_and_many_of_them_thinned() -> None:
    few = chart("t", "x", "y", [Points(np.arange(2.0), np.arange(2.0), names=["a<b", "c"])])
    assert "<title>a&lt;b</title>" in few
    many = chart("t", "x", "y", [Points(np.arange(1e5), np.arange(1e5))])
    assert 700 < many.count("<circle") <= 1500


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_round_evenly_apart_and_inside(low: float, width: float) -> None:
    high = low + width
    if high - low < 1e-9 * max(abs(low), abs(high)):
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 11
    pad = 1e-6 * width
    assert low - pad <= found[0] and found[-1] <= high + pad


@pytest.mark.parametrize(
    ("value", "digits", "unit", "sign", "text"),
    [
        (0.0123, 3, "m/s", True, "+0.012\u00a0m/s"),
        (-0.0004, 3, "", True, "0.000"),
        (-1.25, 1, "°", False, f"{MINUS}1.2°"),
        (None, 2, "m", False, "\u2013"),
        (float("nan"), 2, "m", False, "\u2013"),
    ],
)
def test_numbers_as_they_are_shown(
    value: float | None, digits: int, unit: str, sign: bool, text: str
) -> None:
    assert shown(value, digits, unit, sign) == text


def test_small_words() -> None:
    assert between(-0.5, 1.0, 1, "mm") == f"{MINUS}0.5 to 1.0\u00a0mm"
    assert between(None, 1.0, 1) == ""
    assert (counted(1, "rep"), counted(0, "rep")) == ("1 rep", "0 reps")


def test_a_section_without_rows_has_no_table(report: Report) -> None:
    bare = replace(report, sections=[Section("Only words", note="nothing to count")])
    page = render(bare, MADE)
    assert "<table" not in page
    assert "nothing to count" in page
    rows = replace(report, sections=[Section("s", [Row("a", "1", "0 to 2", "b")])])
    assert render(rows, MADE).count("<tr>") == 2
