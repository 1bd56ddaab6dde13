"""What verify reads of our own: the journal, exports, analyze's JSON, tables of positions."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from journal_material import FRAME_NS, SESSION, record_lift, some_frames, two_pulls
from journal_material import session as ring_session

from shinline.config import Config, Marker, Rig
from shinline.engine import Engine
from shinline.journal.export import export
from shinline.journal.reader import Catalogue
from shinline.journal.record import SessionRecord
from shinline.types import Role
from shinline_cal.verify.ours import read_ours
from shinline_cal.verify.paths import MarkerPath, checked, read_path, turned
from shinline_cal.verify.tables import TableError

CONFIG = Config()
MM_PER_PX = 450.0 / 176.0  # by the prior of the material's session
LEAN = 40.0 * 0.45 / 160.0  # of the material's bar, to the right per rise
ROM_M = 0.55 * 160.0 / 176.0


def session(session_id: str = SESSION) -> SessionRecord:
    """Return the circumstances of the material's pulls: a plate of 0.45 m."""
    record = ring_session(session_id)
    return replace(
        record, config=msgspec.structs.replace(record.config, marker=Marker(kind="plate"))
    )


def quiet(_what: str, _share: float) -> None:
    """Take progress and say nothing."""


def path_of(target: Path | str, journal: Path = Path("none")) -> MarkerPath:
    return read_path(str(target), CONFIG, journal, quiet)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep a session of the real engine with two pulls."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    record_lift(path, two_pulls(), session(), Engine)
    return path


# --- reps -------------------------------------------------------------------------------------


def test_the_journal_its_exports_and_a_set_of_it_say_the_same(
    journal: Path, tmp_path: Path
) -> None:
    catalogue = Catalogue(journal)
    export(catalogue, "last", "csv", tmp_path)
    export(catalogue, "last", "json", tmp_path)
    targets = ("last", SESSION, "last/1", tmp_path / "reps.csv", tmp_path / "session.json")
    read = [read_ours([str(target)], journal).reps for target in targets]
    assert len(read[0]) == 2
    assert read[0][0].values["rom_m"] == pytest.approx(ROM_M, abs=0.02)
    for reps in read[1:]:
        assert reps == read[0]


def test_what_analyze_writes(tmp_path: Path) -> None:
    reps = [
        {"set": 1, "rep": 1, "valid": True, "liftoff_s": 2.5, "start": "1970-01-01T00:00:02.500Z",
         "mean_velocity_mps": 0.5, "rom_m": 0.55},
        {"set": 1, "rep": 2, "valid": False, "liftoff_s": 6.0, "start": "1970-01-01T00:00:06Z",
         "mean_velocity_mps": None, "rom_m": 0.54},
    ]  # fmt: skip
    path = tmp_path / "reps.json"
    path.write_text(json.dumps({"reps": reps, "path": []}))
    measured = read_ours([str(path)], Path("none"))
    assert [rep.t_s for rep in measured.reps] == [2.5, 6.0]
    assert measured.reps[1].values == {"rom_m": 0.54}
    assert "1 of 2 reps were seen but not measured" in measured.notes[0]


def test_sessions_are_put_together_and_recordings_are_not(tmp_path: Path) -> None:
    files = []
    for day in (24, 25):
        reps = [{"set": 1, "rep": 1, "start": f"2026-11-{day}T17:00:00Z", "rom_m": 0.5}]
        files.append(tmp_path / f"{day}.json")
        files[-1].write_text(json.dumps({"sets": [{"set": 1, "reps": reps}]}))
    both = read_ours([str(file) for file in files], Path("none"))
    assert [rep.group for rep in both.reps] == ["1:1", "2:1"]
    assert both.names == ["24.json", "25.json"]
    clip = tmp_path / "clip.json"
    clip.write_text(json.dumps({"reps": [{"liftoff_s": 1.0, "rom_m": 0.5}]}))
    with pytest.raises(TableError, match="cannot be put in order"):
        read_ours([str(files[0]), str(clip)], Path("none"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "no json", "this is no JSON"),
        ("a.json", "[]", "neither 'sets' nor 'reps'"),
        ("a.json", '{"reps": [3]}', "are not as expected"),
        ("a.json", '{"reps": []}', "no finished reps"),
        ("a.csv", "a,b\n1,2\n", "expected the reps.csv"),
    ],
)
def test_what_holds_no_reps_of_ours_is_refused(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(TableError, match=said):
        read_ours([str(path)], Path("none"))


def test_a_missing_file_and_an_unknown_set_are_told(journal: Path) -> None:
    with pytest.raises(TableError, match="no such file"):
        read_ours(["not_there.json"], journal)
    with pytest.raises(TableError, match=r"no set '7' .* there is 1"):
        read_ours([f"{SESSION}/7"], journal)


# --- paths ------------------------------------------------------------------------------------


def test_a_session_gives_its_raw_sightings_in_metres(journal: Path) -> None:
    path = path_of(SESSION, journal)
    assert path.raw
    assert path.rate_hz == pytest.approx(1e9 / FRAME_NS)
    assert np.ptp(path.y_m) == pytest.approx(ROM_M, abs=0.01)
    assert path.mm_per_px == pytest.approx(MM_PER_PX)
    assert path.seen_ratio == pytest.approx(0.95, abs=0.03)


def test_x_is_to_the_right_of_the_picture_whoever_faces_where(tmp_path: Path) -> None:
    """The material's bar moves to the right as it rises, 40 px per metre; its lifter faces left."""
    journal = tmp_path / "journal.sqlite3"
    record_lift(journal, two_pulls(), session(), Engine)
    path = path_of("last", journal)
    lean = np.polyfit(path.y_m, path.x_m, 1)[0]
    assert lean == pytest.approx(LEAN, rel=0.05)


def test_a_known_roll_is_taken_out_and_named(tmp_path: Path) -> None:
    """A plumb line that leans to the right by 6.4 degrees, and a rig that says so."""
    roll_deg = float(np.degrees(np.arctan(LEAN)))
    record = session()
    rolled = msgspec.structs.replace(record.config, rig=Rig(roll_deg=roll_deg))
    journal = tmp_path / "journal.sqlite3"
    record_lift(journal, two_pulls(), replace(record, config=rolled), Engine)
    path = path_of("last", journal)
    assert path.roll_deg == roll_deg
    assert np.ptp(path.x_m) < 0.006


def test_a_hand_held_cameras_motion_is_taken_out(tmp_path: Path) -> None:
    """The same pulls with the whole picture swaying by 30 px."""
    swaying = []
    for i, (head, rows) in enumerate(two_pulls()):
        sway = 30.0 * np.sin(0.1 * i)
        scene = np.zeros(1, rows.dtype)
        scene["role"], scene["x_px"], scene["t_ns"] = Role.SCENE, sway, head["t_ns"]
        moved = np.concatenate([rows, scene])
        moved["x_px"][: len(rows)] += sway
        head = head.copy()
        head["detections"] = len(moved)
        swaying.append((head, moved))
    journals = [tmp_path / "still.sqlite3", tmp_path / "swaying.sqlite3"]
    record_lift(journals[0], two_pulls(), session(), Engine)
    record_lift(journals[1], swaying, session(), Engine)
    still, steadied = (path_of("last", journal) for journal in journals)
    assert steadied.x_m - steadied.x_m[0] == pytest.approx(still.x_m - still.x_m[0], abs=1e-9)


def test_a_session_without_a_scale_says_what_to_do(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite3"
    empty = [(head, rows[:0]) for head, rows in some_frames(30)]
    for head, _ in empty:
        head["detections"] = 0
    record_lift(journal, empty, session(), Engine)
    with pytest.raises(TableError, match="seen in 0 of 30 pictures"):
        path_of("last", journal)


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "path.csv"
    path.write_text(text)
    return path


def positions(header: str, row: str, n: int = 20) -> str:
    return "\n".join([header, *(row.format(t=0.02 * i, y=0.1 * i) for i in range(n))])


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("t_s,x_m,y_m", "{t},0.5,{y}"),
        ("session,rep_id,t_s,x_m,y_m", "a,b,{t},0.5,{y}"),
        ("Time (s);X (m);Y (m)", "{t};0.5;{y}"),
        ("t,x [cm],y [cm]", "{t},50,{y}e2"),
    ],
)
def test_tables_of_positions(tmp_path: Path, header: str, row: str) -> None:
    path = path_of(table(tmp_path, positions(header, row)))
    assert path.t_s[-1] == pytest.approx(0.38)
    assert path.y_m[-1] == pytest.approx(1.9)
    assert path.x_m[0] == 0.5


def test_what_was_not_measured_is_left_out_and_speeds_mean_smoothed(tmp_path: Path) -> None:
    text = positions("t_s,x_m,y_m,vy_mps,coasting", "{t},0.5,{y},5.0,false")
    path = path_of(table(tmp_path, text + "\n0.5,0.5,9,5.0,true\n0.6,,9,5.0,false\n"))
    assert path.t_s.size == 20
    assert not path.raw
    assert path.vy_mps is not None and path.vy_mps[0] == 5.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (positions("t_s,x_m", "{t},{y}"), "expected columns t_s, x_m and y_m"),
        (positions("t_s,x_m,y_m", "{t},0,{y}", 5), "seen 5 times; at least 12"),
        (positions("t_s,x_m,y_m", "1.0,0,{y}"), "times must increase"),
    ],
)
def test_tables_that_are_no_path(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        path_of(table(tmp_path, text))


def test_the_path_of_analyze_is_called_smoothed_and_turned_to_the_picture(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"t_s": 0.02 * i, "x_m": 0.01 * i, "y_m": 0.1, "vy_mps": 0.0, "coasting": i == 3}
        for i in range(20)
    ]
    document = {"facing": "left", "path": rows, "frames": 40, "frames_tracked": 20}
    file = tmp_path / "analysis.json"
    file.write_text(json.dumps(document))
    path = path_of(file)
    assert (path.t_s.size, path.raw, path.seen_ratio) == (19, False, 0.5)
    assert path.x_m[-1] == pytest.approx(-0.19)
    file.write_text('{"reps": []}')
    with pytest.raises(TableError, match="analyze --json"):
        path_of(file)


def test_a_sighting_of_something_else_is_left_out_and_told(tmp_path: Path) -> None:
    """Even in the middle of a fall; and the fall is left whole."""
    t = np.arange(0.0, 0.6, 1 / 60)
    y = -0.5 * 9.81 * t**2
    y[[7, 20]] += (0.4, -0.9)
    rows = "\n".join(f"{a:.5f},0.5,{b:.6f}" for a, b in zip(t, y, strict=True))
    path = path_of(table(tmp_path, f"t_s,x_m,y_m\n{rows}\n"))
    assert path.t_s.size == t.size - 2
    assert path.notes == [f"2 of {t.size} sightings were far from the others and left out."]
    assert np.abs(path.y_m + 0.5 * 9.81 * path.t_s**2).max() < 1e-4


def test_an_impact_is_no_stray() -> None:
    t = np.arange(0.0, 0.8, 1 / 60)
    y = np.where(t < 0.4, -4.0 * t, -1.6 + 1.5 * (t - 0.4))
    assert checked(MarkerPath(t, 0 * t, y, "x")).t_s.size == t.size


def test_a_lean_is_turned_upright() -> None:
    a = np.radians(3.0)
    x, y = turned(np.array([np.sin(a)]), np.array([np.cos(a)]), 3.0)
    assert (x[0], y[0]) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))


def test_order_of_time_is_checked() -> None:
    t = np.arange(20.0)
    t[7] = 3.0
    with pytest.raises(TableError, match="sample 8 at 3 s comes after 6 s"):
        checked(MarkerPath(t, t, t, "x"))
