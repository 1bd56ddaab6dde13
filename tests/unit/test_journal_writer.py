"""The sink keeps what it is given, at once, without ever making the loop wait."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import journal_material as material
import numpy as np
import pytest

from shinline import replay
from shinline.journal.arrays import DETECTIONS_PER_CHUNK
from shinline.journal.errors import JournalError
from shinline.journal.reader import Catalogue
from shinline.journal.record import new_session_id
from shinline.journal.schema import default_path, open_for_writing
from shinline.journal.store import Batch, Store
from shinline.types import MarkerEvent, RepEvent, RepKind, Role


def eaten_bytes(catalogue: Catalogue, session_id: str = material.SESSION) -> list[bytes]:
    return [h.tobytes() + rows.tobytes() for h, rows in catalogue.recorded(session_id)]


def chunk_spans_ns(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT t_last_ns - t_first_ns FROM chunks").fetchall()
    connection.close()
    return [span for (span,) in rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "journal.sqlite3"


def test_what_was_eaten_is_read_back_exactly(path: Path) -> None:
    eaten = material.some_frames(400)
    said = material.record_lift(path, eaten)
    catalogue = Catalogue(path)
    assert eaten_bytes(catalogue) == [h.tobytes() + rows.tobytes() for h, rows in eaten]
    kept = list(catalogue.events(material.SESSION))
    assert kept == said
    paths = [e.path.tobytes() for e in kept if isinstance(e, RepEvent) and e.path is not None]
    assert paths == [e.path.tobytes() for e in said if isinstance(e, RepEvent)]
    assert len(paths) == 4


def test_no_chunk_spans_a_second_or_more(path: Path) -> None:
    material.record_lift(path, material.some_frames(400))
    spans = chunk_spans_ns(path)
    assert len(spans) == 7
    assert all(0 <= span < 1_000_000_000 for span in spans)


def test_a_clock_that_jumps_back_begins_another_chunk(path: Path) -> None:
    eaten = material.crowded_frames(100, rows_each=1)
    for head, _ in eaten[:30]:
        head["t_ns"] += 9_000_000_000
    material.record_lift(path, eaten)
    assert eaten_bytes(Catalogue(path)) == [h.tobytes() + rows.tobytes() for h, rows in eaten]
    spans = chunk_spans_ns(path)
    assert len(spans) == 3
    assert all(0 <= span < 1_000_000_000 for span in spans)


def test_a_crowd_of_detections_is_kept(path: Path) -> None:
    eaten = material.crowded_frames(4, DETECTIONS_PER_CHUNK - 1)
    material.record_lift(path, eaten)
    assert eaten_bytes(Catalogue(path)) == [h.tobytes() + rows.tobytes() for h, rows in eaten]


def test_the_circumstances_are_kept_but_no_credentials(path: Path) -> None:
    material.record_lift(path, material.some_frames(10))
    record = Catalogue(path).record(material.SESSION)
    given = material.session()
    assert record.config.lift == given.config.lift
    assert record.config.mqtt.password == record.config.mqtt.username == ""
    assert (record.prior, record.calibration) == (given.prior, given.calibration)
    assert (record.rate_hz, record.version) == (given.rate_hz, given.version)
    assert b"correct horse" not in path.read_bytes()


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    open_for_writing(path).close()
    assert path.stat().st_mode & 0o077 == 0


def test_columns_answer_questions_in_plain_sql(path: Path) -> None:
    material.record_lift(path, material.some_frames(200))
    with sqlite3.connect(path) as connection:

        def rows(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        assert rows("SELECT id, moment, text FROM cues WHERE code = 'bar_forward'") == [
            ("cue-1", "after", "Bar close"),
            ("cue-2", "after", "Bar close"),
        ]
        assert rows("SELECT moment, rep_id FROM cues WHERE code = 'camera_moved'") == [
            ("between", ""),
        ]
        assert rows("SELECT DISTINCT reason FROM faults WHERE NOT assessed") == [("no hip marker",)]
        assert rows("SELECT set_no, reps, velocity_loss FROM sets") == [(1, 2, None)]
        assert rows("SELECT rep_no, mean_velocity_mps FROM reps") == [(1, 0.3), (2, 0.3)]
    connection.close()


def test_a_rep_that_turns_out_to_be_none_is_taken_off_the_list(path: Path) -> None:
    sink = material.open_sink(path, [])
    for number in (1, 2):
        rep = material.some_rep(f"r{number}", number, 10**9 * number, 0.0)
        sink.event(RepEvent(1, RepKind.END, rep.id, 1, number, rep))
    sink.event(RepEvent(2, RepKind.VOID, "r1", 1, 1, reason="plates were loaded"))
    sink.close("finished")
    catalogue = Catalogue(path)
    (only,) = catalogue.session(material.SESSION)["sets"]
    assert [rep["id"] for rep in only["reps"]] == ["r2"]
    assert catalogue.sessions()[0]["rep_count"] == 1
    assert len(list(catalogue.events(material.SESSION))) == 3


def test_a_standing_loop_leaves_nothing_in_memory(path: Path) -> None:
    """A camera that hangs must not keep the last frames and the last rep from the disk."""
    sink = material.open_sink(path, [])
    for head, rows in material.some_frames(5):
        sink.frame(head, rows)
    sink.event(MarkerEvent(1, Role.BAR, True))
    catalogue = Catalogue(path)
    material.wait_until(lambda: len(eaten_bytes(catalogue)) == 5)
    assert len(list(catalogue.events(material.SESSION))) == 1
    sink.close("interrupted")
    assert catalogue.session(material.SESSION)["end_reason"] == "interrupted"


def test_a_reader_sees_the_past_while_the_writer_goes_on(path: Path) -> None:
    sink = material.open_sink(path, problems := [])
    eaten = material.some_frames(600)
    for head, rows in eaten[:300]:
        sink.frame(head, rows)
    catalogue = Catalogue(path)
    material.wait_until(lambda: len(eaten_bytes(catalogue)) >= 240)
    in_the_middle = iter(catalogue.recorded(material.SESSION))
    next(in_the_middle)
    for head, rows in eaten[300:]:
        sink.frame(head, rows)
    sink.close("finished")
    assert problems == []
    rest = [int(head["seq"]) for head, _ in in_the_middle]
    assert rest == list(range(1, len(rest) + 1))
    assert len(rest) >= 239
    assert len(eaten_bytes(catalogue)) == 600


def test_two_sessions_are_recorded_into_one_file_at_a_time(path: Path) -> None:
    """A recording is analysed while the camera runs."""
    problems: list[str] = []
    sinks = {
        name: material.open_sink(path, problems, material.session(name))
        for name in ("live", "clip")
    }
    eaten = {name: material.some_frames(300, seed) for seed, name in enumerate(sinks)}
    for n in range(300):
        for name, sink in sinks.items():
            sink.frame(*eaten[name][n])
    for sink in sinks.values():
        sink.close("finished")
    assert problems == []
    for name, given in eaten.items():
        assert eaten_bytes(Catalogue(path), name) == [h.tobytes() + r.tobytes() for h, r in given]


def test_a_disk_that_does_not_answer_costs_frames_never_events(path: Path) -> None:
    sink = material.open_sink(path, [])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # the writer now waits as it would for a stuck disk
    eaten = material.some_frames(100 * 60)
    for n, (head, rows) in enumerate(eaten):
        sink.frame(head, rows)
        if n % 60 == 0:
            sink.event(MarkerEvent(n, Role.BAR, True))
    lost = sink.lost
    other.execute("COMMIT")
    other.close()
    sink.close("finished")
    catalogue = Catalogue(path)
    recorded = catalogue.recorded(material.SESSION)
    kept = sum(1 for _ in recorded)
    assert lost.frames > 0
    assert kept + sink.lost.frames == len(eaten)
    assert any("are missing" in problem for problem in recorded.problems)
    assert [event.t_ns for event in catalogue.events(material.SESSION)] == list(range(0, 6000, 60))
    assert sink.lost.events == 0


def test_a_killed_program_keeps_all_but_the_last_moment(path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, material.__file__, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    last = next(int(line) for line in child.stdout if int(line) >= 200)
    child.kill()
    last = max([last, *(int(line) for line in child.stdout.read().split("\n")[:-1])])
    child.wait()
    child.stdout.close()
    catalogue = Catalogue(path)
    kept = eaten_bytes(catalogue)
    assert len(kept) >= last + 1 - 90  # 1.5 s
    assert kept == [h.tobytes() + r.tobytes() for h, r in material.some_frames(len(kept))]
    assert catalogue.session(material.SESSION)["end_reason"] is None
    # What the engine said is kept up to the same frame: the torn session still replays.
    report = replay.check(catalogue, material.SESSION, engine_factory=material.TinyEngine)
    assert report.identical, report.first_difference
    # And the next session is written into the same file.
    material.record_lift(path, material.some_frames(70), material.session("next"))
    assert [entry["id"] for entry in catalogue.sessions()] == ["next", material.SESSION]


def test_a_finished_rep_is_forced_onto_the_disk(path: Path) -> None:
    """Nobody lifts it again after a power cut; the frames of the next second may be lost."""
    connection = open_for_writing(path)
    store = Store(connection, material.session(), material.published)
    rep = material.some_rep("r1", 1, 10**9, 0.0)
    ended = RepEvent(1, RepKind.END, "r1", 1, 1, rep)
    levels = []
    for event in (MarkerEvent(1, Role.BAR, True), ended, MarkerEvent(2, Role.BAR, False)):
        said: list[str] = []
        connection.set_trace_callback(said.append)
        store.write(Batch(None, event.t_ns, (event,)))
        levels.append([line for line in said if "synchronous" in line])
        assert said[-1] == "COMMIT"
    store.close()
    assert levels == [[f"PRAGMA synchronous = {level}"] for level in ("NORMAL", "FULL", "NORMAL")]


def test_session_ids_sort_by_time_and_differ() -> None:
    first = new_session_id(1_795_403_700_250_000_000)
    assert first[:-4] == "20261123T031500-"
    assert first < new_session_id(1_795_403_701_000_000_000)
    assert len({new_session_id(0) for _ in range(20)}) > 1


def test_the_same_session_is_not_begun_twice(path: Path) -> None:
    material.record_lift(path, material.some_frames(70))
    with pytest.raises(JournalError, match="has been recorded before"):
        material.open_sink(path, [])
    assert len(eaten_bytes(Catalogue(path))) == 70


def test_a_programmers_mistake_is_told_at_once(path: Path) -> None:
    sink = material.open_sink(path, [])
    head, rows = material.some_frames(1)[0]
    with pytest.raises(ValueError, match="detections"):
        sink.frame(head, np.concatenate([rows, rows, rows]))
    sink.close("finished")
    sink.close("finished")
    with pytest.raises(ValueError, match="closed"):
        sink.frame(head, rows)


def test_the_default_place_follows_the_users_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_path() == Path("/data/shinline/journal.sqlite3")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/zoe")
    assert default_path() == Path("/home/zoe/.local/share/shinline/journal.sqlite3")
    assert default_path("~/gym.db") == Path("/home/zoe/gym.db")
