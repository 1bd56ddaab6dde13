"""Exports open in a spreadsheet as numbers and text, whole or not at all."""

import csv
import json
import sqlite3
from pathlib import Path

import journal_material as material
import pytest

from shinline.journal.errors import JournalError, UnknownEntryError, UnknownFormatError
from shinline.journal.export import HIP_COLUMNS, REP_COLUMNS, export
from shinline.journal.reader import Catalogue
from shinline.types import HipNumbers, RepEvent, RepKind
from shinline.wire.payloads import FinishedRep


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    path = tmp_path / "journal.sqlite3"
    material.record_lift(path, material.some_frames(200))
    return Catalogue(path)


def two_sets(path: Path) -> Catalogue:
    sink = material.open_sink(path, [])
    for number, set_number in ((1, 1), (2, 1), (1, 2)):
        rep = material.some_rep(f"r-{set_number}-{number}", number, 10**9 * number, 0.0)
        fields = {name: getattr(rep, name) for name in rep.__dataclass_fields__}
        rep = type(rep)(**(fields | {"set": set_number}))
        sink.event(RepEvent(1, RepKind.END, rep.id, set_number, number, rep))
    sink.close("finished")
    return Catalogue(path)


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def test_the_rep_table_has_the_names_and_numbers_as_published(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    files = export(catalogue, "last", "csv", tmp_path / "out")
    assert [file.name for file in files] == ["reps.csv", "path.csv"]
    rows = read(files[0])
    published = catalogue.session(material.SESSION)["sets"][0]["reps"]
    assert len(rows) == 2
    for row, rep in zip(rows, published, strict=True):
        assert float(row["rom_m"]) == rep["rom_m"]
        assert float(row["drift_forward_m"]) == rep["drift_forward_m"]
        assert row["lifter"] == "Zoë"
        assert row["time_to_knee_s"] == row["hip_rise_m"] == ""
        assert row["valid"] == "true"
        assert row["definitions"] == "1"
        assert row["faults"] == "bar_forward:warn hips_shoot_up:not_assessed"
        assert row["not_assessed"] == "time_to_knee_s eccentric_s"
        assert row["notes"] == "the light went out; and on"
    assert [row["marks"] for row in rows] == ["", "camera_moved"]


def test_reps_from_before_there_were_marks_are_exported_without_any(tmp_path: Path) -> None:
    path = tmp_path / "j"
    material.record_lift(path, material.some_frames(200))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE reps SET json = json_remove(json, '$.marks')")
    connection.close()
    rows = read(export(Catalogue(path), "last", "csv", tmp_path / "out")[0])
    assert [(row["marks"], row["notes"]) for row in rows] == [
        ("", "the light went out; and on")
    ] * 2


def test_every_field_of_a_published_rep_has_its_column() -> None:
    elsewhere = {"faults", "hip", "not_assessed", "notes", "marks"}
    assert set(FinishedRep.__struct_fields__) == set(REP_COLUMNS) | elsewhere
    assert set(HipNumbers.__dataclass_fields__) == {*HIP_COLUMNS, "reason"}


def test_the_path_is_one_row_for_each_frame_of_each_rep(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    _, file = export(catalogue, "last", "csv", tmp_path)
    rows = read(file)
    assert len(rows) == 2 * material.REP_FRAMES
    path = catalogue.path(rows[0]["rep_id"])
    for name in ("t_s", "x_m", "y_m", "vx_mps", "vy_mps", "sd_m"):
        assert [float(row[name]) for row in rows[: material.REP_FRAMES]] == path[name]
    assert {row["coasting"] for row in rows} == {"true", "false"}
    assert {row["session"] for row in rows} == {material.SESSION}


def test_lines_end_as_rfc_4180_says(catalogue: Catalogue, tmp_path: Path) -> None:
    for file in export(catalogue, "last", "csv", tmp_path):
        data = file.read_bytes()
        assert data.count(b"\r\n") == data.count(b"\n") > 2
        assert data.endswith(b"\r\n")


@pytest.mark.parametrize(
    "name",
    ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\n=1", "\uff1d1"],
)
def test_a_name_is_never_run_as_a_formula(name: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    material.record_lift(path, material.some_frames(100))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE reps SET json = json_set(json, '$.lifter', ?)", (name,))
    connection.close()
    (row,) = read(export(Catalogue(path), "last", "csv", tmp_path / "out")[0])
    assert row["lifter"] == "'" + name
    assert float(row["drift_backward_m"]) == 0.0  # and "-0.0" is a number, not a formula
    assert row["drift_backward_m"] == "-0.0"


@pytest.mark.parametrize("name", ['Ann "Deadlift" Lee, Jr.', "two\r\nlines", "Zoë 🏋", "a=b"])
def test_an_odd_name_comes_through_unchanged(name: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    material.record_lift(path, material.some_frames(100))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE reps SET json = json_set(json, '$.lifter', ?)", (name,))
    connection.close()
    (row,) = read(export(Catalogue(path), "last", "csv", tmp_path / "out")[0])
    assert row["lifter"] == name


def test_json_holds_the_session_and_its_paths(catalogue: Catalogue, tmp_path: Path) -> None:
    (file,) = export(catalogue, material.SESSION[:10], "json", tmp_path / "out")
    content = json.loads(file.read_text(encoding="utf-8"))
    session = catalogue.session(material.SESSION)
    paths = content.pop("paths")
    assert content == session
    assert paths == {rep["id"]: catalogue.path(rep["id"]) for rep in session["sets"][0]["reps"]}


def test_one_set_can_be_asked_for(tmp_path: Path) -> None:
    catalogue = two_sets(tmp_path / "j")
    for target, expected in (("last", 3), ("last/1", 2), (f"{material.SESSION}/2", 1)):
        rows = read(export(catalogue, target, "csv", tmp_path)[0])
        assert len(rows) == expected
    with pytest.raises(UnknownEntryError, match=r"no set '3' .*there is 1, 2"):
        export(catalogue, "last/3", "csv", tmp_path)


@pytest.mark.parametrize("fmt", ["parquet", "mcap", "CSV", ""])
def test_another_format_is_told_what_there_is(
    fmt: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    with pytest.raises(UnknownFormatError, match="available: csv and json"):
        export(catalogue, "last", fmt, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_named(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match=r"export to .*file"):
        export(catalogue, "last", "csv", tmp_path / "file" / "out")


def test_an_export_that_fails_leaves_the_last_one_whole(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = [file.read_bytes() for file in export(catalogue, "last", "csv", out)]
    connection = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
    connection.execute("UPDATE reps SET path = x'00' WHERE rep_no = 2")
    connection.close()
    with pytest.raises(JournalError, match="damaged"):
        export(catalogue, "last", "csv", out)
    assert [(out / name).read_bytes() for name in ("reps.csv", "path.csv")] == before
    assert len(list(out.iterdir())) == 2
