"""The catalogue: sessions, sets, reps and paths for people; frames and events for a replay."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from shinline import config
from shinline.journal import arrays, codec, people, rows
from shinline.journal.errors import JournalError, UnknownEntryError
from shinline.journal.record import SessionRecord
from shinline.journal.schema import reading
from shinline.types import (
    DETECTION,
    FRAME,
    NS_PER_S,
    AskEvent,
    BarPrior,
    Event,
    Rows,
)

LAST: Final = "last"
"""Stands for the newest session wherever an id is asked for."""

_PAGE: Final = 30
"""Rows read at a time. No read transaction stays open in between: it would hold up the WAL."""

_CANDIDATES_SHOWN: Final = 8


class Catalogue:
    """Reads a journal, also while it is being written; safe to share between threads.

    Every call opens the file anew, so what it returns is one consistent moment.

    Raises
    ------
    JournalError
        There is no such file, it is no journal, it is damaged, or it is of a newer format. Any
        method raises it too when the file changes under its hands.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(path):
            pass  # only to be told now rather than later

    # --- for people ---------------------------------------------------------------------------

    def sessions(self) -> list[dict[str, Any]]:
        """Return every session, newest first, as :meth:`session` but with counts for the sets."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT sessions.*, count(DISTINCT reps.set_no) AS set_count,"
                " count(reps.id) AS rep_count"
                " FROM sessions LEFT JOIN reps ON reps.session = sessions.id AND NOT reps.void"
                " GROUP BY sessions.id ORDER BY started_utc_ns DESC, sessions.id DESC"
            ).fetchall()
        counts = ("set_count", "rep_count")
        return [people.session_dict(row) | {name: row[name] for name in counts} for row in found]

    def session(self, session: str) -> dict[str, Any]:
        """Return one session with its ``sets``, each with its ``reps`` as they were published.

        A set that has ended has a ``summary``: what was judged of it and advised. ``labels`` are
        people's, by repetition; ``own`` the lifters' own baselines that were in force.

        ``camera_events`` says, in order, when the picture and the floor ceased to agree or agreed
        again: ``t`` (ISO), ``changed``, ``text``, ``evidence``. ``end_reason`` is None while the
        session runs, and for ever when it was cut off.

        Raises
        ------
        UnknownEntryError
            For an unknown id (it is a KeyError).
        JournalError
            An event of the camera, or of a set, is damaged.

        """
        with reading(self._path) as connection:
            row = _session_row(connection, session)
            reps = connection.execute(
                "SELECT set_no, json FROM reps WHERE session = ? AND NOT void"
                " ORDER BY set_no, start_ns",
                (session,),
            ).fetchall()
            events = connection.execute(
                "SELECT kind, json FROM events WHERE session = ? AND kind IN ('camera', 'set')"
                " ORDER BY n",
                (session,),
            ).fetchall()
            labels = people.labels(connection)
        sets: dict[int, list[dict[str, Any]]] = {}
        for rep in reps:
            sets.setdefault(rep["set_no"], []).append(json.loads(rep["json"]))
        told = dict(people.set_dict(e["json"]) for e in events if e["kind"] == "set")
        listed = [
            {"set": number, "reps": members, "summary": told.get(number)}
            for number, members in sets.items()
        ]
        moved = [people.camera_dict(row, e["json"]) for e in events if e["kind"] == "camera"]
        ids = [rep["id"] for members in sets.values() for rep in members]
        return people.session_dict(row) | {
            "sets": listed,
            "camera_events": moved,
            "labels": {rep_id: labels[rep_id] for rep_id in ids if rep_id in labels},
            "own": people.own_baselines(row),
        }

    def labels(self) -> dict[str, str]:
        """Return what people said repetitions were like (``good``, ...), by id; the last counts."""
        with reading(self._path) as connection:
            return people.labels(connection)

    def labelled(self, label: str) -> list[dict[str, Any]]:
        """Return the valid repetitions of a label as they were published, oldest first."""
        with reading(self._path) as connection:
            return people.labelled(connection, label)

    def weeks(self) -> list[dict[str, Any]]:
        """Return, for each lifter and lift, ``weeks``: what was judged and what was at fault.

        A week has the Monday it begins on, ``reps``, and for each code how often it could be
        judged, how often it was at fault, and the mean of its values with their unit. What people
        said was no repetition is left out.
        """
        with reading(self._path) as connection:
            return people.weeks(connection)

    def lifters(self) -> list[dict[str, Any]]:
        """Return those who lifted last, newest first: lifter, and lift, load_kg, start of then."""
        with reading(self._path) as connection:
            return people.lifters(connection)

    def sets(self) -> list[dict[str, Any]]:
        """Return the newest sets, without what people said was no repetition.

        Keys: set, lifter, lift, load_kg (the heaviest), start (ISO), reps, tonnage_kg.
        """
        with reading(self._path) as connection:
            return people.sets(connection)

    def set_of(self, rep_id: str) -> dict[str, Any]:
        """Return the ``reps`` of the set that a rep belongs to, as published, and their ``labels``.

        An id that is not known yet has none: a rep is written about a second after its end.
        """
        with reading(self._path) as connection:
            return people.set_of(connection, rep_id)

    def path(self, rep_id: str) -> dict[str, list[float]]:
        """Return a rep's smoothed path as columns, with a margin before and after the rep.

        ``t_s`` counts from the rep's start (so the margin before it is negative); ``x_m y_m
        vx_mps vy_mps sd_m`` as in PATH; ``coasting`` is 1.0 where nothing was measured. Of several
        sessions with this rep the newest counts. UnknownEntryError for an unknown id, JournalError
        when the path is damaged.
        """
        with reading(self._path) as connection:
            row = connection.execute(
                "SELECT session, start_ns FROM reps JOIN sessions ON sessions.id = session"
                " WHERE reps.id = ? ORDER BY started_utc_ns DESC, session DESC LIMIT 1",
                (rep_id,),
            ).fetchone()
            if row is None:
                raise UnknownEntryError(f"no repetition {rep_id!r} in {self._path}")
            path = rows.path(connection, row["session"], rep_id)
        columns = ("x_m", "y_m", "vx_mps", "vy_mps", "sd_m", "coasting")
        if path is None:
            return {name: [] for name in ("t_s", *columns)}
        t_s = (path["t_ns"] - row["start_ns"]) / NS_PER_S
        return {"t_s": t_s.tolist()} | {
            name: path[name].astype(np.float64).tolist() for name in columns
        }

    def has_rep(self, rep_id: str) -> bool:
        """Tell whether there is a finished repetition of that id that did not turn out to be none.

        Those of a session that is being recorded are seen about a second later. It waits for
        nobody: it is asked between two frames.
        """
        with reading(self._path, busy_s=0.0) as connection:
            row = connection.execute(
                "SELECT 1 FROM reps WHERE id = ? AND NOT void LIMIT 1", (rep_id,)
            ).fetchone()
        return row is not None

    def resolve(self, session: str) -> str:
        """Return the id meant by an id, the beginning of one, or ``last``.

        Raises
        ------
        UnknownEntryError
            None or several begin like that; the message lists the candidates.

        """
        with reading(self._path) as connection:
            ids = [
                str(row["id"])
                for row in connection.execute(
                    "SELECT id FROM sessions ORDER BY started_utc_ns DESC, id DESC"
                )
            ]
        if session in ids:
            return session
        found = ids[:1] if session == LAST else [name for name in ids if name.startswith(session)]
        if len(found) == 1:
            return found[0]
        trouble = "several sessions begin with" if found else "no session begins with"
        raise UnknownEntryError(f"{trouble} {session!r}; there is {_listed(found or ids)}")

    # --- for a replay ---------------------------------------------------------------------------

    def record(self, session_id: str) -> SessionRecord:
        """Return the circumstances of a session as they were handed over, without credentials.

        Raises
        ------
        UnknownEntryError
            For an unknown id.
        JournalError
            Its configuration has keys or values which this version does not know.

        """
        with reading(self._path) as connection:
            row = _session_row(connection, session_id)
        calibration = json.loads(row["calibration"])
        try:
            prior = msgspec.convert(calibration.pop("prior", None), type=BarPrior | None)
            settings = config.from_json(row["config"].encode())
        except msgspec.ValidationError as problem:
            raise JournalError(
                f"session {session_id}, recorded by {row['version']}: its configuration is not one"
                f" of this version: {problem}"
            ) from problem
        same = ("id", "started_utc_ns", "t0_sensor_ns", "source", "width_px", "height_px")
        more = ("rate_hz", "version", "definitions")
        return SessionRecord(
            config=settings,
            prior=prior,
            calibration=calibration,
            **{name: row[name] for name in same + more},
        )

    def recorded(self, session_id: str) -> "Recorded":
        """Return the frames of a session, to be iterated; UnknownEntryError for an unknown id."""
        return Recorded(self._path, session_id)

    def events(self, session_id: str) -> Iterator[Event]:
        """Yield the events of a session in order, finished reps with their paths.

        UnknownEntryError for an unknown id; JournalError for an event or path that is damaged.
        """
        after = -1
        while True:
            with reading(self._path) as connection:
                _session_row(connection, session_id)
                page = connection.execute(
                    "SELECT n, kind, json FROM events WHERE session = ? AND n > ? ORDER BY n"
                    " LIMIT ?",
                    (session_id, after, _PAGE),
                ).fetchall()
                events = [rows.event(connection, session_id, row) for row in page]
            yield from events
            if len(page) < _PAGE:
                return
            after = page[-1]["n"]

    def asks(self, session_id: str) -> list[AskEvent]:
        """Return what somebody asked the engine for in a session, in order.

        UnknownEntryError for an unknown id; JournalError for an event that is damaged.
        """
        with reading(self._path) as connection:
            _session_row(connection, session_id)
            texts = connection.execute(
                "SELECT json FROM events WHERE session = ? AND kind = 'ask' ORDER BY n",
                (session_id,),
            ).fetchall()
        events = (codec.decode("ask", row["json"]) for row in texts)
        return [event for event in events if isinstance(event, AskEvent)]


class Recorded:
    """What the engine ate: iterate over (FRAME row, DETECTION rows), exactly as eaten.

    A chunk that is missing or damaged is left out and put into ``problems``, which is complete
    when the iteration is. ``frames`` counts what was given out. Both start anew with each
    iteration.
    """

    def __init__(self, path: Path, session_id: str) -> None:
        self.problems: list[str] = []
        self.frames = 0
        self._path = path
        self._session = session_id
        with reading(path) as connection:
            row = _session_row(connection, session_id)
        self._lost = int(row["lost_frames"])
        self._layout = rows.layout(row)

    def __iter__(self) -> Iterator[tuple[np.void, Rows]]:
        self.problems.clear()
        self.frames = 0
        expected = 0
        for row in self._chunks():
            if row["n"] != expected:
                self._problem(f"chunks {expected} to {row['n'] - 1} are missing")
            expected = row["n"] + 1
            try:
                frames, detections = self._unpack(row)
            except arrays.DamagedError as problem:
                self._problem(f"chunk {row['n']} is damaged: {problem}")
                continue
            yield from self._pairs(frames, detections)
        if self._lost:
            self._problem(f"{self._lost} frames were lost while recording")

    def _chunks(self) -> Iterator[sqlite3.Row]:
        after = -1
        while True:
            with reading(self._path) as connection:
                page = connection.execute(
                    "SELECT * FROM chunks WHERE session = ? AND n > ? ORDER BY n LIMIT ?",
                    (self._session, after, _PAGE),
                ).fetchall()
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1]["n"]

    def _unpack(self, row: sqlite3.Row) -> tuple[Rows, Rows]:
        frames = arrays.unpack(row["frames"], row["frames_crc32"], self._layout["frame"], FRAME)
        detections = arrays.unpack(
            row["detections"], row["detections_crc32"], self._layout["detection"], DETECTION
        )
        if int(frames["detections"].sum()) != len(detections):
            raise arrays.DamagedError("its frames and its detections do not belong together")
        return frames, detections

    def _pairs(self, frames: Rows, detections: Rows) -> Iterator[tuple[np.void, Rows]]:
        ends = np.cumsum(frames["detections"])
        starts = ends - frames["detections"]
        for head, start, end in zip(frames, starts.tolist(), ends.tolist(), strict=True):
            self.frames += 1
            yield head, detections[start:end]

    def _problem(self, text: str) -> None:
        self.problems.append(f"session {self._session}: {text}")


def _session_row(connection: sqlite3.Connection, session_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM sessions WHERE id = ?", (session_id,)
    ).fetchone()
    if row is None:
        raise UnknownEntryError(f"no session {session_id!r}")
    return row


def _listed(ids: list[str]) -> str:
    shown = ", ".join(ids[:_CANDIDATES_SHOWN]) or "none"
    more = len(ids) - _CANDIDATES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
