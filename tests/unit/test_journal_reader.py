"""The catalogue tells people what was lifted, and knows the sessions by short names."""

import json
import sqlite3
import threading
from pathlib import Path
from zlib import crc32

import journal_material as material
import numpy as np
import pytest

from shinline.journal.errors import JournalError, UnknownEntryError
from shinline.journal.reader import Catalogue
from shinline.journal.record import iso_utc
from shinline.journal.schema import open_for_writing
from shinline.types import DETECTION, RepEvent, RepKind

IDS = ("20261123T031500-4f2a", "20261123T031500-4fff", "20261124T070000-0001")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    for session_id, count in zip(IDS, (200, 30, 100), strict=True):
        material.record_lift(path, material.some_frames(count), material.session(session_id))
    return Catalogue(path)


def test_sessions_are_listed_newest_first_with_what_identifies_them(catalogue: Catalogue) -> None:
    listed = catalogue.sessions()
    assert [entry["id"] for entry in listed] == [*reversed(IDS)]
    assert (
        listed[2].items()
        >= {
            "started": "2026-11-23T03:15:00.250Z",
            "source": "simulation",
            "lifter": "Zoë",
            "lift": "sumo",
            "load_kg": 142.5,
            "set_count": 1,
            "rep_count": 2,
            "end_reason": "finished",
        }.items()
    )
    assert (listed[1]["set_count"], listed[1]["rep_count"]) == (0, 0)


def test_a_session_holds_its_sets_and_their_reps_as_published(catalogue: Catalogue) -> None:
    session = catalogue.session(IDS[0])
    (only,) = session["sets"]
    assert only["set"] == 1
    reps = [e.rep for e in catalogue.events(IDS[0]) if isinstance(e, RepEvent) and e.rep]
    published = [json.loads(json.dumps(material.published(rep))) for rep in reps]
    assert only["reps"] == published
    assert len(published) == 2
    json.dumps(session, allow_nan=False)
    assert catalogue.session(IDS[1])["sets"] == []


def test_a_session_tells_when_its_camera_moved_and_was_back(catalogue: Catalogue) -> None:
    moved, back = catalogue.session(IDS[0])["camera_events"]
    assert (moved["t"], moved["changed"]) == ("2026-11-23T03:15:01.733Z", ["height", "roll"])
    assert moved["text"] == material.MOVED
    assert list(moved["evidence"]) == ["height_m"]
    assert (back["t"], back["changed"]) == ("2026-11-23T03:15:03.233Z", [])
    assert catalogue.session(IDS[1])["camera_events"] == []


def test_a_path_counts_its_time_from_the_start_of_the_rep(catalogue: Catalogue) -> None:
    (event, _) = (
        e for e in catalogue.events(IDS[0]) if isinstance(e, RepEvent) and e.kind is RepKind.END
    )
    path = catalogue.path(event.id)
    assert event.path is not None
    assert event.rep is not None
    assert path["t_s"] == [(int(t) - event.rep.start_ns) / 1e9 for t in event.path["t_ns"]]
    assert path["t_s"][0] < 0.0 < path["t_s"][-1]
    assert path["x_m"] == event.path["x_m"].tolist()
    assert path.keys() >= {"t_s", "x_m", "y_m", "vy_mps"}
    assert {len(column) for column in path.values()} == {material.REP_FRAMES}


def test_reps_are_listed_in_the_order_they_were_lifted(tmp_path: Path) -> None:
    sink = material.open_sink(tmp_path / "j", [])
    for number, rep_id in enumerate("cab", 1):
        rep = material.some_rep(rep_id, number, 10**9 * number, 0.0)
        sink.event(RepEvent(1, RepKind.END, rep.id, 1, number, rep))
    sink.close("finished")
    (only,) = Catalogue(tmp_path / "j").session(material.SESSION)["sets"]
    assert [rep["id"] for rep in only["reps"]] == ["c", "a", "b"]


def test_a_rep_without_a_path_has_an_empty_one(tmp_path: Path) -> None:
    sink = material.open_sink(tmp_path / "j", [])
    rep = material.some_rep("bare", 1, 10**9, 0.0)
    sink.event(RepEvent(1, RepKind.END, "bare", 1, 1, rep))
    sink.close("finished")
    assert set(map(len, Catalogue(tmp_path / "j").path("bare").values())) == {0}


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.session("nobody"),
        lambda c: c.path("nothing"),
        lambda c: c.record("nobody"),
        lambda c: c.recorded("nobody"),
        lambda c: next(c.events("nobody")),
        lambda c: c.resolve("2027"),
    ],
)
def test_what_is_not_there_is_a_key_error_and_a_journal_error(catalogue: Catalogue, ask) -> None:
    with pytest.raises(KeyError) as as_key:
        ask(catalogue)
    assert isinstance(as_key.value, JournalError)
    assert not str(as_key.value).startswith(("'", '"'))


@pytest.mark.parametrize(
    ("name", "meant"), [("last", IDS[2]), ("20261124", IDS[2]), (IDS[1], IDS[1]), (IDS[0], IDS[0])]
)
def test_a_short_name_finds_its_session(catalogue: Catalogue, name: str, meant: str) -> None:
    assert catalogue.resolve(name) == meant


@pytest.mark.parametrize("name", ["20261123", "20261123T031500-4f", ""])
def test_a_name_too_short_lists_the_candidates(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(UnknownEntryError) as told:
        catalogue.resolve(name)
    assert all(candidate in str(told.value) for candidate in IDS[:2])
    assert (IDS[2] in str(told.value)) == (name == "")


def test_a_name_of_nothing_lists_what_there_is(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownEntryError, match="no session begins with 'x'") as told:
        catalogue.resolve("x")
    assert all(candidate in str(told.value) for candidate in IDS)


def test_last_of_nothing_is_told(tmp_path: Path) -> None:
    open_for_writing(tmp_path / "j").close()
    with pytest.raises(UnknownEntryError, match="there is none"):
        Catalogue(tmp_path / "j").resolve("last")


def test_threads_share_a_catalogue(catalogue: Catalogue) -> None:
    """The web server asks from several threads at a time."""
    expected = catalogue.session(IDS[0])
    answers: list[object] = []

    def ask() -> None:
        answers.extend(catalogue.session(IDS[0]) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 20


def test_an_older_layout_of_the_arrays_stays_readable(tmp_path: Path) -> None:
    """A file from before a field was added: rewrite one as that version would have written it."""
    path = tmp_path / "j"
    eaten = material.some_frames(50)
    material.record_lift(path, eaten)
    older = np.dtype([(n, DETECTION[n]) for n in DETECTION.names if n != "quality"])
    connection = sqlite3.connect(path, isolation_level=None)
    ((layout, blob),) = connection.execute(
        "SELECT dtypes, detections FROM sessions JOIN chunks ON session = id"
    )
    rows = np.frombuffer(blob, DETECTION)
    old_rows = np.empty(len(rows), older)
    for name in older.names:
        old_rows[name] = rows[name]
    data = old_rows.tobytes()
    connection.execute(
        "UPDATE chunks SET detections = ?, detections_crc32 = ?", (data, crc32(data))
    )
    described = json.loads(layout) | {"detection": older.descr}
    connection.execute("UPDATE sessions SET dtypes = ?", (json.dumps(described),))
    connection.close()
    recorded = Catalogue(path).recorded(material.SESSION)
    for (_, kept), (_, given) in zip(recorded, eaten, strict=True):
        assert kept.dtype == DETECTION
        assert np.isnan(kept["quality"]).all()
        assert all((kept[name] == given[name]).all() for name in older.names)
    assert recorded.problems == []


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "my gym" / "50% off? #1 é.sqlite3"
    material.record_lift(path, material.some_frames(10))
    assert len(Catalogue(path).sessions()) == 1
    assert all(file.name.startswith(path.name) for file in path.parent.iterdir())


def test_times_are_written_to_the_millisecond() -> None:
    assert iso_utc(0) == "1970-01-01T00:00:00.000Z"
    assert iso_utc(1_795_403_700_999_999_999) == "2026-11-23T03:15:00.999Z"
