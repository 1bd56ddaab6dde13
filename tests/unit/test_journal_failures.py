"""A bad disk, a wrong file, a damaged record: one clear line, and the rest stays readable."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import journal_material as material
import pytest

from shinline.journal.errors import JournalError
from shinline.journal.reader import Catalogue
from shinline.journal.schema import VERSION, open_for_writing
from shinline.types import MarkerEvent, Rep, RepEvent, RepKind, Role


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def change(path: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(sql, values)
    connection.close()


def one_line(told: pytest.ExceptionInfo[JournalError], path: Path) -> str:
    text = str(told.value)
    assert "\n" not in text
    assert str(path) in text
    return text


# --- at the start -------------------------------------------------------------------------------


def test_a_text_file_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("squat 5 x 5\n" * 100)
    with pytest.raises(JournalError, match="not a database") as told:
        material.open_sink(path, [])
    one_line(told, path)
    with pytest.raises(JournalError, match="not a database"):
        Catalogue(path)
    assert path.read_text() == "squat 5 x 5\n" * 100


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    change(path, "CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    for attempt in (open_for_writing, Catalogue):
        with pytest.raises(JournalError, match="another program") as told:
            attempt(path)
        one_line(told, path)
    assert path.read_bytes() == before


def test_a_newer_format_is_refused_with_what_to_do(path: Path) -> None:
    material.record_lift(path, material.some_frames(70))
    change(path, f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    for attempt in (open_for_writing, Catalogue):
        with pytest.raises(JournalError, match=f"newer Shinline.*format {VERSION + 1}") as told:
            attempt(path)
        assert "journal.path" in one_line(told, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", ["/proc/shinline/journal.sqlite3", "{file}/j.sqlite3", "{dir}"])
def test_a_place_that_cannot_be_written_is_named(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bad = Path(place.format(file=tmp_path / "file", dir=tmp_path))
    with pytest.raises(JournalError) as told:
        material.open_sink(bad, [])
    one_line(told, bad)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_file_is_named(path: Path) -> None:
    open_for_writing(path).close()
    path.chmod(0o400)
    with pytest.raises(JournalError, match="Permission denied"):
        material.open_sink(path, [])


def test_a_disk_that_is_full_at_the_start_is_told(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "photos").write_bytes(bytes(2_000_000))
    with pytest.raises(JournalError, match=r"full|No space left") as told:
        material.open_sink(small_disk / "journal.sqlite3", [])
    one_line(told, small_disk)


def test_reading_where_nothing_was_recorded_is_told(path: Path) -> None:
    with pytest.raises(JournalError, match="nothing was recorded yet"):
        Catalogue(path)
    assert not path.exists()
    path.touch()
    with pytest.raises(JournalError, match="nothing was recorded yet"):
        Catalogue(path)


@pytest.mark.parametrize("was_looked_at", [False, True])
def test_a_journal_on_a_write_protected_medium_is_read(
    small_disk: Path, was_looked_at: bool
) -> None:
    path = small_disk / "journal.sqlite3"
    material.record_lift(path, material.some_frames(100))
    if was_looked_at:
        Catalogue(path)  # leaves an empty WAL behind
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert sum(1 for _ in Catalogue(path).recorded(material.SESSION)) == 100
    with pytest.raises(JournalError, match="Read-only file system"):
        material.open_sink(path, [])


# --- in mid-session -----------------------------------------------------------------------------


def test_a_disk_that_fills_up_costs_the_rest_and_no_more(small_disk: Path) -> None:
    path = small_disk / "journal.sqlite3"
    problems: list[str] = []
    sink = material.open_sink(path, problems)
    eaten = material.crowded_frames(600, rows_each=40)
    for head, rows in eaten:
        sink.frame(head, rows)
    sink.close("finished")
    assert len(problems) == 1
    assert "full" in problems[0]
    assert str(path) in problems[0]
    recorded = Catalogue(path).recorded(material.SESSION)
    kept = [head["seq"] for head, _ in recorded]
    assert kept[:60] == list(range(60))
    assert len(kept) < len(eaten)
    assert len(kept) + sink.lost.frames == len(eaten)


def test_space_that_returns_is_used(small_disk: Path) -> None:
    path = small_disk / "journal.sqlite3"
    problems: list[str] = []
    sink = material.open_sink(path, problems)
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "photos").write_bytes(bytes(2_000_000))
    sink.event(MarkerEvent(1, Role.BAR, True))
    material.wait_until(lambda: bool(problems))  # a standing loop's event is written by itself
    (small_disk / "photos").unlink()
    sink.event(MarkerEvent(2, Role.BAR, False))
    sink.close("finished")
    catalogue = Catalogue(path)
    assert [event.t_ns for event in catalogue.events(material.SESSION)] == [2]
    session = catalogue.session(material.SESSION)
    assert (session["end_reason"], session["lost_events"]) == ("finished", 1)


def test_a_file_that_may_not_grow_costs_the_rest_and_no_more(path: Path) -> None:
    """The same as a full disk, for those who may not mount one."""
    count = 6000
    done = subprocess.run(
        [sys.executable, material.__file__, str(path), "300000", str(count)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert len(told["problems"]) == 1
    kept = [head["seq"] for head, _ in Catalogue(path).recorded(material.SESSION)]
    assert len(kept) > 100
    assert kept[:100] == list(range(100))
    assert len(kept) + told["lost_frames"] == count


def test_a_fault_in_making_the_record_does_not_stop_the_recording(path: Path) -> None:
    def broken(rep: Rep) -> dict[str, object]:
        raise ZeroDivisionError(f"in {rep.id}")

    problems: list[str] = []
    sink = material.JournalSink(
        path, material.session(), rep_json=broken, on_problem=problems.append
    )
    rep = material.some_rep("r1", 1, 10**9, 0.0)
    sink.event(RepEvent(1, RepKind.END, "r1", 1, 1, rep))
    for head, rows in material.some_frames(200):
        sink.frame(head, rows)
    sink.close("finished")
    assert problems == [
        f"journal {path}: in r1 (ZeroDivisionError); what is recorded so far is kept"
    ]
    recorded = Catalogue(path).recorded(material.SESSION)
    assert sum(1 for _ in recorded) + sink.lost.frames == 200
    assert sink.lost.events == 1


# --- afterwards ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("frames = zeroblob(length(frames))", "checksum"),
        ("detections = substr(detections, 1, 500)", "checksum"),
        ("detections = x'', detections_crc32 = 0", "do not belong together"),
        ("frames = x'00', frames_crc32 = 3523407757", "1 bytes are no whole number of rows"),
    ],
)
def test_a_damaged_chunk_is_named_and_the_others_are_read(
    path: Path, damage: str, told: str
) -> None:
    material.record_lift(path, material.some_frames(200))
    change(path, f"UPDATE chunks SET {damage} WHERE n = 1")
    recorded = Catalogue(path).recorded(material.SESSION)
    kept = [int(head["seq"]) for head, _ in recorded]
    assert kept == [*range(60), *range(120, 200)]
    (problem,) = recorded.problems
    assert problem.startswith(f"session {material.SESSION}: chunk 1 is damaged: ")
    assert told in problem


def test_a_missing_chunk_is_named(path: Path) -> None:
    material.record_lift(path, material.some_frames(200))
    change(path, "DELETE FROM chunks WHERE n IN (0, 1)")
    recorded = Catalogue(path).recorded(material.SESSION)
    assert [int(head["seq"]) for head, _ in recorded] == [*range(120, 200)]
    assert recorded.problems == [f"session {material.SESSION}: chunks 0 to 1 are missing"]


def test_a_damaged_path_is_named(path: Path) -> None:
    material.record_lift(path, material.some_frames(100))
    change(path, "UPDATE reps SET path = x'0011'")
    with pytest.raises(JournalError, match=r"path of repetition .*-1-1 is damaged"):
        Catalogue(path).path(f"{material.SESSION}-1-1")


def test_a_file_cut_short_is_told(path: Path) -> None:
    material.record_lift(path, material.some_frames(2000))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 // 4096 * 4096)
    with pytest.raises(JournalError, match="malformed"):
        list(Catalogue(path).recorded(material.SESSION))


def test_a_configuration_of_another_version_is_told(path: Path) -> None:
    material.record_lift(path, material.some_frames(10))
    change(path, "UPDATE sessions SET config = json_set(config, '$.turbo', 1), version = '9.9'")
    catalogue = Catalogue(path)
    with pytest.raises(JournalError, match=r"recorded by 9\.9.*turbo"):
        catalogue.record(material.SESSION)
    assert catalogue.sessions()[0]["lifter"] == "Zoë"
