"""``shinline markers``: the same bytes each time, clear refusals, nothing lost; a true page."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from shinline.cli import main
from shinline_cal import files
from shinline_cal.sheets.command import markers
from shinline_cal.sheets.layout import BAR_SIZES_MM, BODY_SIZES_MM, PAPERS, largest_mm

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "sheets.md").read_text(encoding="utf-8")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["markers", *map(str, arguments)])


def words(path: Path) -> list[str]:
    """Return the words of each page."""
    document = pypdfium2.PdfDocument(path)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return texts


def test_the_usual_sheets_are_written_and_told(tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "sheets.pdf"
    result = run("--out", out)
    assert result.exit_code == 0, result.output
    assert "6 pages of A4: how-to; bar 120, 80, 50 mm; body 50, 40 mm; chart" in result.output
    assert len(words(out)) == 6


def test_sizes_and_pages_can_be_chosen(tmp_path: Path) -> None:
    out = tmp_path / "sheets.pdf"
    chosen = ("--paper", "LETTER", "--sizes", "62.5,30", "--only", "body", "--only", "chart")
    result = run("--out", out, *chosen)
    assert result.exit_code == 0, result.output
    text = "".join(words(out))
    assert "body 62.5, 30 mm; chart" in result.output
    assert text.count("D = 62.5 mm") == text.count("D = 30 mm") == 6
    assert "BAR" not in text


def test_the_same_wish_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    assert run("--out", first).exit_code == 0
    script = "from shinline.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", script, "markers", "--out", str(second)],
        check=True,
        capture_output=True,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "HOME": str(tmp_path)},
    )
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--paper", "a3"), "'a3' is not one of 'a4', 'letter'"),
        (("--only", "legs"), "'legs' is not one of 'how-to', 'bar', 'body', 'chart'"),
        (("--sizes", "50;80"), "expected millimetres such as 50,80, not '50;80'"),
        (("--sizes", ""), "expected millimetres such as 50,80, not ''"),
        (("--sizes", "50,19"), "a marker of 19 mm: expected 20 to 300 mm"),
        (("--sizes", "nan"), "expected 20 to 300 mm"),
        (("--sizes", "122"), "needs 195.2 mm of white paper: on A4 expected at most 121 mm"),
        (("--sizes", "50", "--only", "chart"), "--sizes goes with the pages bar and body"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_what_was_expected(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("--out", tmp_path / "sheets.pdf", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_pdf_is_refused_before_it_is_overwritten(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"mine")
    result = run("--out", photo)
    assert result.exit_code == 2
    assert "expected a name that ends in .pdf" in result.stderr
    assert photo.read_bytes() == b"mine"


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "sheets.pdf"
    folder.mkdir()
    result = run("--out", folder)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "is a folder; expected the name of a file such as sheets.pdf" in result.stderr


def test_a_place_where_nothing_can_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    result = run("--out", tmp_path / "file" / "sheets.pdf")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "a part of that path is a file; expected a folder" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_sheets_that_cannot_be_finished_leave_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sheets.pdf"
    out.write_bytes(b"old sheets")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    result = run("--out", out)
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert "nothing was changed" in result.stderr
    assert out.read_bytes() == b"old sheets"
    assert [path.name for path in tmp_path.iterdir()] == ["sheets.pdf"]


def test_every_option_is_in_the_page_and_no_other() -> None:
    listed = PAGE[PAGE.index("## Options") :]
    told = dict(re.findall(r"^\| `(--[\w-]+)[^`]*` \| (.*) \|$", listed, re.M))
    options = {o for p in markers.params for o in p.opts if o.startswith("--")}
    assert set(told) == options
    bar = ",".join(f"{size:g}" for size in dict.fromkeys(BAR_SIZES_MM))
    body = ",".join(f"{size:g}" for size in BODY_SIZES_MM)
    assert f"bar {bar}, body {body}" in told["--sizes"]
    assert f"{largest_mm(PAPERS['a4'])} on A4" in told["--sizes"]
    assert f"{largest_mm(PAPERS['letter'])} on Letter" in told["--sizes"]
    shown = next(p for p in markers.params if p.name == "sizes")
    assert f"[bar: {bar}; body: {body}]" in str(getattr(shown, "help", ""))


def test_every_command_in_the_page_can_be_typed() -> None:
    lines = re.findall(r"^shinline markers ?(.*)$", PAGE, re.M)
    assert len(lines) >= 3
    for line in lines:
        markers.make_context("markers", shlex.split(line))


def test_the_pictures_of_the_page_are_there_and_small() -> None:
    pictures = [DOCS / name for name in re.findall(r'src="([^"]+)"', PAGE)]
    assert len(pictures) == 2
    assert all(1_000 < picture.stat().st_size < 150_000 for picture in pictures)


def test_the_widths_in_the_page_are_those_of_a_pinhole() -> None:
    focal = re.search(r"focal length of (\d+) px", PAGE)
    assert focal
    head = re.search(r"^\| D \| (.*) \|$", PAGE, re.M)
    assert head
    distances = [float(cell.removesuffix(" m")) for cell in head.group(1).split(" | ")]
    rows = re.findall(r"^\| (\d+) mm \| ([\d |]+) \|$", PAGE, re.M)
    assert [int(d) for d, _ in rows] == [40, 50, 80, 120]
    for d, cells in rows:
        wanted = [round(int(focal.group(1)) * float(d) / 1000.0 / away) for away in distances]
        assert [int(cell) for cell in cells.split(" | ")] == wanted
