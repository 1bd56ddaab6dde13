"""Other devices' files as they come: encodings, separators, decimal marks, units, and errors."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline_cal.verify.devices import read_device, split_unit
from shinline_cal.verify.tables import TableError, number, read_table, seconds

OPENBARBELL = (
    "Exercise,Set,Rep,Weight,Metric,Set RPE,Tags,Workout Start Time,Rest Time,Avg Velocity (m/s),"
    "Range of Motion (mm),Peak Velocity (m/s),Peak Velocity Location (%),Duration of rep (sec)\n"
    '"Deadlift",1,1,"140","kgs","8","belt,chalk","11/25/2026, 5:00:00 PM","00:00:00",0.52,548,0.81,'
    "40,1.05\n"
    '"Deadlift",1,2,"140","kgs","8","belt,chalk","11/25/2026, 5:00:00 PM","00:00:00",0.48,551,0.77,'
    "41,1.15\n"
    '"Bench Press",1,1,"100","kgs","","","11/25/2026, 5:00:00 PM","00:05:10",0.40,380,0.6,50,0.95\n'
)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "theirs.csv"
    path.write_bytes(text.encode(encoding))
    return path


PLAIN = [["Set", "Rep", "Mean Velocity (m/s)", "ROM (cm)"], ["1", "1", "0.52", "54.8"],
         ["1", "2", "0.48", "55.1"]]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_dialect_reads_the_same(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    text = end.join(separator.join(row) for row in PLAIN) + end
    reps = read_device(write(tmp_path, text, encoding)).reps
    assert [rep.values["mean_velocity_mps"] for rep in reps] == [0.52, 0.48]
    assert [rep.values["rom_m"] for rep in reps] == pytest.approx([0.548, 0.551])


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_decimal_comma(tmp_path: Path, separator: str) -> None:
    text = "\n".join(separator.join(row) for row in PLAIN).replace(".", ",")
    reps = read_device(write(tmp_path, text)).reps
    assert [rep.values["mean_velocity_mps"] for rep in reps] == [0.52, 0.48]


def test_a_decimal_comma_in_quotes_between_commas(tmp_path: Path) -> None:
    text = 'Set,Rep,Mean Velocity (m/s)\n1,1,"0,52"\n1,2,"0,48"\n'
    reps = read_device(write(tmp_path, text)).reps
    assert [rep.values["mean_velocity_mps"] for rep in reps] == [0.52, 0.48]


def test_lines_above_the_header_and_a_stated_separator(tmp_path: Path) -> None:
    text = "sep=;\nGymAware export\nAthlete;Anna\n\nSet;Rep;Mean Velocity (m/s)\n1;1;0.5\n1;2;0.4\n"
    reps = read_device(write(tmp_path, text), "gymaware").reps
    assert [rep.rep for rep in reps] == [1, 2]


def test_remarks_above_a_short_table_of_positions(tmp_path: Path) -> None:
    remarks = "".join(f"# remark {i} = {i}\n" for i in range(30))
    rows = "".join(f"{0.1 * i:.1f},0.5,0.1\n" for i in range(25))
    table = read_table(write(tmp_path, f"{remarks}t,x,height\n{rows}"))
    assert table.header == ["t", "x", "height"]
    assert len(table.rows) == 25


def test_openbarbells_own_export(tmp_path: Path) -> None:
    found = read_device(write(tmp_path, OPENBARBELL), "openbarbell")
    assert [(rep.group, rep.rep, rep.t_s) for rep in found.reps] == [("1", 1, None), ("1", 2, None)]
    assert found.reps[0].values == pytest.approx(
        {"mean_velocity_mps": 0.52, "peak_velocity_mps": 0.81, "rom_m": 0.548, "concentric_s": 1.05}
    )
    assert "Kept 2 of 3 rows: exercises with 'deadlift'." in found.notes


def test_the_exercise_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, OPENBARBELL)
    assert len(read_device(path, exercise="bench").reps) == 1
    with pytest.raises(TableError, match="there are Bench Press, Deadlift"):
        read_device(path, exercise="squat")


def test_a_duration_called_time_is_no_instant(tmp_path: Path) -> None:
    text = "Set,Rep,Time (s),Mean Velocity (m/s)\n1,1,1.05,0.52\n1,2,1.15,0.48\n1,3,1.31,0.4\n"
    found = read_device(write(tmp_path, text))
    assert [rep.t_s for rep in found.reps] == [None, None, None]
    assert "The file has no time of its own for each rep." in found.notes


def test_spanish_headers_and_times_of_day(tmp_path: Path) -> None:
    text = (
        "fecha;hora;serie;repetición;velocidad media (m/s);velocidad pico (m/s);"
        "desplazamiento (cm)\n"
        "25/11/2026;17:00:01,5;1;1;0,52;0,81;54,8\n25/11/2026;17:00:05,0;1;2;0,48;0,77;55,1\n"
    )
    reps = read_device(write(tmp_path, text), "vitruve").reps
    assert reps[1].t_s is not None and reps[0].t_s is not None
    assert reps[1].t_s - reps[0].t_s == pytest.approx(3.5)
    assert reps[1].values["peak_velocity_mps"] == 0.77


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [("(m/s)", "0.52", 0.52), ("[mm/s]", "520", 0.52), ("(cm/s)", "52", 0.52),
     ("(ft/s)", "1.706", 0.52), ("(m·s⁻¹)", "0.52", 0.52), ("", "0.52", 0.52)],
)  # fmt: skip
def test_units_of_speed(tmp_path: Path, header: str, value: str, expected: float) -> None:
    text = f"Set,Rep,Mean Velocity {header}\n1,1,{value}\n1,2,{value}\n"
    rep = read_device(write(tmp_path, text)).reps[0]
    assert rep.values["mean_velocity_mps"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("value", "unit"), [("0.55", "m"), ("55", "cm"), ("550", "mm")])
def test_a_length_without_a_unit_can_be_only_one(tmp_path: Path, value: str, unit: str) -> None:
    found = read_device(write(tmp_path, f"Set,Rep,ROM\n1,1,{value}\n1,2,{value}\n"))
    assert found.reps[0].values["rom_m"] == pytest.approx(0.55)
    assert any(f"can only be {unit}" in note for note in found.notes)


def test_what_two_units_would_fit_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "Set,Rep,Mean Velocity\n1,1,520\n1,2,480\n")
    with pytest.raises(TableError, match=r"has no unit.*--column mean_velocity_mps="):
        read_device(path)
    given = {"mean_velocity_mps": "Mean Velocity:mm/s"}
    assert read_device(path, given=given).reps[0].values["mean_velocity_mps"] == 0.52


def test_a_unit_that_cannot_be_right_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "Set,Rep,Mean Velocity (m/s)\n1,1,520\n1,2,480\n")
    with pytest.raises(TableError, match=r"median of 500 .*0\.02 to 4 was expected"):
        read_device(path)


def test_a_propulsive_mean_is_not_taken_for_the_mean(tmp_path: Path) -> None:
    path = write(tmp_path, "Set,Rep,Mean Propulsive Velocity (m/s)\n1,1,0.5\n")
    with pytest.raises(TableError, match="propulsive mean is not the mean"):
        read_device(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("only one column\n1\n", "separated by a comma"),
        ("Set,Rep,Mean Velocity (m/s)\n", "found 3 column"),
        ("a,b\nx,y\n", "found a, b"),
        ("Set,Rep,Mean Velocity (m/s)\n1,1,fast\n", "row 2, column 'Mean Velocity (m/s)'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TableError) as told:
        read_device(write(tmp_path, text))
    assert said in str(told.value)


def test_a_spreadsheet_or_a_picture_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(TableError, match="save it as CSV"):
        read_table(path)
    path.write_bytes(bytes(range(256)))
    with pytest.raises(TableError, match="no text"):
        read_table(path)


def test_unknown_fields_columns_and_units_are_listed(tmp_path: Path) -> None:
    path = write(tmp_path, "Set,Rep,V\n1,1,0.5\n")
    for named, said in (
        ({"speed": "V"}, "unknown field 'speed'"),
        ({"mean_velocity_mps": "W"}, "no column 'W'"),
        ({"mean_velocity_mps": "V:knots"}, "unknown unit 'knots'"),
    ):
        with pytest.raises(TableError, match=said):
            read_device(path, given=named)


def test_empty_fields_are_missing_values_and_newest_first_is_put_in_order(tmp_path: Path) -> None:
    text = (
        "Time,Mean Velocity (m/s),ROM (mm)\n2026-11-25T17:00:09Z,,540\n"
        "2026-11-25T17:00:05Z,0.5,-\n2026-11-25T17:00:01Z,0.6,550\n"
    )
    reps = read_device(write(tmp_path, text)).reps
    assert [rep.values for rep in reps] == [
        {"mean_velocity_mps": 0.6, "rom_m": 0.55},
        {"mean_velocity_mps": 0.5},
        {"rom_m": 0.54},
    ]


def test_sets_without_numbers_begin_where_the_reps_begin_anew(tmp_path: Path) -> None:
    text = "Rep,Mean Velocity (m/s)\n1,0.5\n2,0.5\n1,0.6\n2,0.6\n3,0.6\n"
    groups = [rep.group for rep in read_device(write(tmp_path, text)).reps]
    assert groups == ["1", "1", "2", "2", "2"]


@given(st.floats(-1e6, 1e6), st.sampled_from([".", ","]))
def test_numbers_in_either_notation(value: float, decimal: str) -> None:
    text = f"{value:.4f}".replace(".", decimal)
    assert number(text, decimal) == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [("1,234.5", ".", 1234.5), ("1.234,5", ",", 1234.5), ("1 234,5", ",", 1234.5),
     ("\u22120.5", ".", -0.5), ("", ".", None), ("-", ".", None), ("NaN", ".", None),
     ("1e-3", ".", 0.001), ("'0.5", ".", 0.5)],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, decimal: str, expected: float | None) -> None:
    assert number(text, decimal) == expected


@pytest.mark.parametrize("text", ["0.5 m/s", "abc", "1.2.3.4", "--1", "inf", "."])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="no"):
        number(text)


@pytest.mark.parametrize(
    ("texts", "apart"),
    [(["0:01", "0:04.5"], 3.5), (["17:00:01", "17:00:04,5"], 3.5), (["1.5", "5.0"], 3.5),
     (["2026-11-25T17:00:01+01:00", "2026-11-25T17:00:04.500+01:00"], 3.5),
     (["11/25/2026 5:00:01 PM", "11/25/2026 5:00:05 PM"], 4.0),
     (["25.11.2026 17:00:01", "25.11.2026 17:00:05"], 4.0),
     (["1795626001000", "1795626004500"], 3.5)],
)  # fmt: skip
def test_instants_as_devices_write_them(texts: list[str], apart: float) -> None:
    found = seconds(texts)
    assert found is not None
    assert np.diff(found) == pytest.approx([apart])


def test_days_and_mixed_columns_are_no_instants() -> None:
    assert seconds(["2026-11-25", "2026-11-26"]) is None
    assert seconds(["0:01", "later"]) is None
    assert seconds([]) is None


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Mean Velocity [m/s]", ("mean velocity", "m/s")), ("rom_cm", ("rom", "cm")),
     ("Peak Velocity", ("peak velocity", "")), (" ROM (mm) ", ("rom", "mm")), ("t_s", ("t", "s"))],
)  # fmt: skip
def test_names_and_units_of_columns(title: str, expected: tuple[str, str]) -> None:
    assert split_unit(title) == expected
