"""Same input, same events: a recorded session gives them again, and a difference is found."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import journal_material as material
import numpy as np
import pytest

from shinline import replay
from shinline.config import Config, Lift, Marker
from shinline.engine import Engine
from shinline.journal.errors import UnknownEntryError
from shinline.journal.reader import Catalogue
from shinline.types import (
    DETECTION,
    AskEvent,
    BarPrior,
    CameraEvent,
    CueEvent,
    Event,
    Facing,
    PhaseEvent,
    RepEvent,
    RepKind,
    Rows,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def checked(path: Path, engine: replay.EngineFactory = material.TinyEngine) -> replay.ReplayReport:
    return replay.check(Catalogue(path), material.SESSION, engine_factory=engine)


def altered(change: Callable[[Event], Event | None]) -> replay.EngineFactory:
    """Return an engine that says something else than it said when it was recorded."""

    class Altered(material.TinyEngine):
        def advance(self, head: np.void, detections: Rows) -> list[Event]:
            events = map(change, super().advance(head, detections))
            return [event for event in events if event is not None]

    return Altered


def test_a_replay_gives_the_recorded_events(path: Path) -> None:
    said = material.record_lift(path, material.some_frames(400))
    catalogue = Catalogue(path)
    events = list(replay.replay(catalogue, material.SESSION, engine_factory=material.TinyEngine))
    assert events == said
    assert [e.path.tobytes() for e in events if isinstance(e, RepEvent) and e.path is not None] == [
        e.path.tobytes() for e in said if isinstance(e, RepEvent) and e.path is not None
    ]


def test_a_check_of_the_same_engine_finds_no_difference(path: Path) -> None:
    said = material.record_lift(path, material.some_frames(400))
    report = checked(path)
    assert report == replay.ReplayReport(
        identical=True,
        frames=400,
        events=len(said),
        first_difference=None,
        problems=(),
        recorded_by=material.session().version,
    )


def _one_ulp(event: Event) -> Event:
    if not isinstance(event, CueEvent) or event.code != "bar_forward":
        return event
    drift_m = event.evidence["drift_m"]
    assert isinstance(drift_m, float)
    return replace(event, evidence=event.evidence | {"drift_m": float(np.nextafter(drift_m, 9.0))})


def _one_ulp_lower(event: Event) -> Event:
    if not isinstance(event, CameraEvent):
        return event
    height_m = float(np.nextafter(event.evidence["height_m"], -9.0))
    return replace(event, evidence={"height_m": height_m})


def _another_mark(event: Event) -> Event:
    if isinstance(event, RepEvent) and event.rep is not None:
        return replace(event, rep=replace(event.rep, marks=("lens_fogged",)))
    return event


def _path_of_another_sign(event: Event) -> Event:
    if isinstance(event, RepEvent) and event.path is not None:
        event.path["y_m"][3] = -0.0
    return event


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_one_ulp, r"recorded cue .*replayed cue"),
        (_one_ulp_lower, r"recorded camera .*height_m.*replayed camera .*height_m"),
        (_another_mark, r"recorded rep .*replayed rep .*lens_fogged"),
        (_path_of_another_sign, r"the path of repetition .*-1-1 differs"),
        (lambda e: None if isinstance(e, PhaseEvent) else e, r"recorded phase .*replayed rep"),
    ],
)
def test_the_smallest_difference_is_found(
    path: Path, change: Callable[[Event], Event | None], told: str
) -> None:
    material.record_lift(path, material.some_frames(100))
    report = checked(path, altered(change))
    assert not report.identical
    assert report.first_difference is not None
    assert re.search(told, report.first_difference)
    assert "\n" not in report.first_difference


def test_events_that_are_missing_or_too_many_are_told(path: Path) -> None:
    material.record_lift(path, material.some_frames(100))

    class Mute(material.TinyEngine):
        def finish(self) -> list[Event]:
            return []

    class Talkative(material.TinyEngine):
        def finish(self) -> list[Event]:
            return super().finish() * 2

    for engine, told in ((Mute, "only recorded: set"), (Talkative, "only replayed: set")):
        report = checked(path, engine)
        assert report.first_difference is not None
        assert told in report.first_difference


def test_the_engine_gets_the_recorded_circumstances(path: Path) -> None:
    """Not today's: the load and the prior both scale what this engine says."""
    material.record_lift(path, material.some_frames(100))
    given: list[object] = []

    def engine(*circumstances: object) -> material.TinyEngine:
        given.extend(circumstances)
        return material.TinyEngine(*circumstances)

    assert checked(path, engine).identical
    config, session_id, prior = given
    assert config.lift == material.CONFIG.lift
    assert session_id == material.SESSION
    assert prior == material.session().prior


def test_one_flipped_number_in_the_record_changes_the_events(path: Path) -> None:
    material.record_lift(path, material.some_frames(100))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE sessions SET config = json_set(config, '$.lift.load_kg', 143.0)")
    connection.close()
    assert not checked(path).identical


def test_a_record_with_holes_is_never_called_identical(path: Path) -> None:
    material.record_lift(path, material.some_frames(89))  # ends before anything depends on it
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE sessions SET lost_frames = 3")
    connection.close()
    report = checked(path)
    assert not report.identical
    assert report.first_difference is not None
    assert "3 frames were lost while recording" in report.first_difference
    assert len(report.problems) == 1


def test_a_session_that_was_cut_off_replays_to_where_it_stopped(path: Path) -> None:
    material.record_lift(path, material.some_frames(100))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE sessions SET end_reason = NULL")
    connection.execute("DELETE FROM events WHERE kind = 'set'")
    connection.close()
    assert checked(path).identical


def test_a_journal_from_before_there_were_marks_is_read_and_replayed(path: Path) -> None:
    """Of its reps nobody said that the camera had moved; its events are compared all the same."""
    said = material.record_lift(path, material.some_frames(100))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE events SET json = json_remove(json, '$.rep.marks')")
        connection.execute("UPDATE reps SET json = json_remove(json, '$.marks')")
        texts = [text for (text,) in connection.execute("SELECT json FROM events")]
    assert [text for text in texts if "marks" in text] == []
    assert [*Catalogue(path).events(material.SESSION)] == said
    assert checked(path).identical
    assert "marks" in (checked(path, altered(_another_mark)).first_difference or "")


ASKS: dict[int, list[material.Asked]] = {
    0: [("set_load", {"load_kg": 90.0})],
    50: [("set_load", {"load_kg": 100.0}), ("mute", {"on": True})],
    51: [("start_set", {"lifter": "Bo", "load_kg": 80.0, "target_rpe": None, "target_reps": 3})],
    200: [("feedback_now", {})],
}
"""After so many frames; the first before there was any, the last after all."""


def test_what_was_asked_is_asked_again_at_the_same_place(path: Path) -> None:
    said = material.record_lift(path, material.some_frames(200), asks=ASKS)
    asked = [event for event in said if isinstance(event, AskEvent)]
    assert [(event.after_seq, event.verb) for event in asked] == [
        (-1, "set_load"),
        (49, "set_load"),
        (49, "mute"),
        (50, "start_set"),
        (199, "feedback_now"),
    ]
    assert Catalogue(path).asks(material.SESSION) == asked
    report = checked(path)
    assert (report.identical, report.first_difference, report.events) == (True, None, len(said))


def test_an_ask_moved_by_a_frame_is_found(path: Path) -> None:
    material.record_lift(path, material.some_frames(200), asks=ASKS)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE events SET json = replace(json, '\"after_seq\":50', '\"after_seq\":51')"
            " WHERE kind = 'ask'"
        )
    assert "after_seq" in (checked(path).first_difference or "")


def test_an_ask_that_todays_engine_refuses_is_found(path: Path) -> None:
    class Stubborn(material.TinyEngine):
        def ask(self, verb: str, values: dict[str, object]) -> list[Event]:
            if verb == "mute":
                raise ValueError("never")
            return super().ask(verb, values)

    material.record_lift(path, material.some_frames(200), asks=ASKS)
    told = checked(path, Stubborn).first_difference or ""
    assert "recorded ask" in told
    assert "mute" in told


def test_what_was_asked_among_lost_frames_is_asked_before_the_next(path: Path) -> None:
    """The holes are told, and what comes after them is still what was asked for."""
    material.record_lift(path, material.some_frames(400), asks={100: [("mute", {"on": True})]})
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM chunks WHERE n = 1")
    events = [*replay.replay(Catalogue(path), material.SESSION, engine_factory=material.TinyEngine)]
    asks = [event for event in events if isinstance(event, AskEvent)]
    assert [event.verb for event in asks] == ["mute"]
    assert checked(path).problems != ()


def test_an_unknown_session_is_told(path: Path) -> None:
    material.record_lift(path, material.some_frames(10))
    with pytest.raises(UnknownEntryError, match="no session 'x'"):
        replay.check(Catalogue(path), "x", engine_factory=material.TinyEngine)


LIFT = Config(marker=Marker(kind="plate", facing="right"), lift=Lift(load_kg=140.0))


def record_pulls(
    path: Path, prior: BarPrior | None, asks: dict[int, list[material.Asked]] | None = None
) -> list[Event]:
    record = replace(material.session(config=LIFT), prior=prior)
    return material.record_lift(path, material.two_pulls(), record, Engine, asks)


@pytest.mark.parametrize("prior", [None, BarPrior(320.0, 400.0, 80.0, Facing.RIGHT)])
def test_the_engine_says_the_same_of_the_same_lift(path: Path, prior: BarPrior | None) -> None:
    said = record_pulls(path, prior)
    finished = [e for e in said if isinstance(e, RepEvent) and e.kind is RepKind.END]
    assert len(finished) == 2
    report = replay.check(Catalogue(path), material.SESSION)
    assert report.identical, report.first_difference
    assert (report.frames, report.events) == (len(material.two_pulls()), len(said))


def test_the_engine_is_asked_the_same_again(path: Path) -> None:
    """Before the scale is known, at rest, in the middle of a pull, and after it."""
    asks: dict[int, list[material.Asked]] = {
        0: [("set_load", {"load_kg": 90.0})],
        2: [("start_set", {"lifter": "Bo", "lift": "blocks", "mode": "technique"})],
        130: [("set_load", {"load_kg": 100.0}), ("mute", {"on": True})],
        400: [("feedback_now", {}), ("label_rep", {"rep_id": "of-old-0001", "label": "good"})],
        430: [("end_set", {}), ("start_set", {"lifter": "Ada", "target_rpe": 8.5})],
    }
    said = record_pulls(path, None, asks)
    lifters = [e.rep.plan.lifter for e in said if isinstance(e, RepEvent) and e.rep and e.rep.plan]
    assert lifters == ["Bo", "Ada"]
    report = replay.check(Catalogue(path), material.SESSION)
    assert report.identical, report.first_difference
    assert report.events == len(said)
    assert len(Catalogue(path).asks(material.SESSION)) == sum(map(len, asks.values()))


def test_the_engine_says_something_else_of_another_lift(path: Path) -> None:
    """Half a pixel in one detection of one frame of a pull is enough."""
    record_pulls(path, None)
    connection = sqlite3.connect(path, isolation_level=None)
    ((blob,),) = connection.execute("SELECT detections FROM chunks WHERE n = 2")
    rows = np.frombuffer(blob, DETECTION).copy()
    rows["y_px"][20] += 0.5
    data = rows.tobytes()
    connection.execute(
        "UPDATE chunks SET detections = ?, detections_crc32 = ? WHERE n = 2", (data, crc32(data))
    )
    connection.close()
    report = replay.check(Catalogue(path), material.SESSION)
    assert report.problems == ()
    assert not report.identical
