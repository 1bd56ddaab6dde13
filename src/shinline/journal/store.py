"""Rows into tables: the one place that inserts."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shinline import config
from shinline.journal import arrays, codec
from shinline.journal.errors import JournalError
from shinline.journal.record import SessionRecord, without_credentials
from shinline.journal.schema import transaction
from shinline.types import CueEvent, Event, Rep, RepEvent, RepKind, Rows, SetEvent

RepJson = Callable[[Rep], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written in one transaction: frames, and the events that came from them."""

    chunk: arrays.Chunk | None
    first_event: int
    events: tuple[Event, ...]

    @property
    def frame_count(self) -> int:
        """How many frames are lost if this cannot be written."""
        return self.chunk.frame_count if self.chunk else 0

    @property
    def finishes_something(self) -> bool:
        """Whether a rep or a set ended in it, which nobody wants to lift again."""
        return any(
            isinstance(event, SetEvent)
            or (isinstance(event, RepEvent) and event.kind is RepKind.END)
            for event in self.events
        )


class Store:
    """Writes one session. Every method is one transaction; used by one thread at a time.

    Raises
    ------
    JournalError
        A session of this id is in the journal already.
    sqlite3.Error
        Any write may.

    """

    def __init__(self, connection: sqlite3.Connection, session: SessionRecord, rep_json: RepJson):
        self._connection = connection
        self._session = session.id
        self._rep_json = rep_json
        try:
            with transaction(connection):
                _insert(connection, "sessions", _session_row(session))
        except sqlite3.IntegrityError:
            raise JournalError(f"session {session.id} has been recorded before") from None

    def write(self, batch: Batch) -> None:
        """Write a batch. A finished rep or set is forced onto the disk, with all before it.

        The rest waits for the system to write it back: in WAL mode with ``synchronous = NORMAL``
        a killed program loses nothing that was written here, a power cut what the system still
        held, and neither harms the file.
        """
        level = "FULL" if batch.finishes_something else "NORMAL"
        self._connection.execute(f"PRAGMA synchronous = {level}")
        with transaction(self._connection):
            if batch.chunk:
                self._insert("chunks", _chunk_row(batch.chunk))
            for n, event in enumerate(batch.events, batch.first_event):
                self._write_event(n, event)

    def end(self, reason: str, lost_frames: int, lost_events: int) -> None:
        """Note that and why the session ended."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE sessions SET end_reason = ?, lost_frames = ?, lost_events = ? WHERE id = ?",
                (reason, lost_frames, lost_events, self._session),
            )

    def close(self) -> None:
        """Let go of the file. The last one to do so folds the WAL into it."""
        self._connection.close()

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        _insert(self._connection, table, {"session": self._session, **row})

    def _write_event(self, n: int, event: Event) -> None:
        kind, text = codec.encode(event)
        self._insert("events", {"n": n, "t_ns": int(event.t_ns), "kind": kind, "json": text})
        if isinstance(event, RepEvent):
            self._write_rep(event)
        elif isinstance(event, SetEvent):
            self._insert("sets", {"set_no": event.set} | _columns("sets", event))
        elif isinstance(event, CueEvent):
            evidence = json.dumps(codec.builtins(event)["evidence"])
            self._insert("cues", {"evidence": evidence} | _columns("cues", event))

    def _write_rep(self, event: RepEvent) -> None:
        if event.kind is RepKind.VOID:
            self._connection.execute(
                "UPDATE reps SET void = 1 WHERE session = ? AND id = ?", (self._session, event.id)
            )
        elif event.kind is RepKind.END and event.rep is not None:
            self._write_finished(event.rep, event.path)

    def _write_finished(self, rep: Rep, path: Rows | None) -> None:
        numbers = {"set_no": rep.set, "rep_no": rep.rep}
        text = json.dumps(self._rep_json(rep), separators=(",", ":"))
        self._insert("reps", numbers | {"json": text} | _columns("reps", rep) | _path_columns(path))
        for n, fault in enumerate(rep.faults):
            self._insert("faults", {"rep_id": rep.id, "n": n} | _columns("faults", fault))


_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "sets": (
        "t_ns",
        "reps",
        "best_velocity_mps",
        "last_velocity_mps",
        "velocity_loss",
        "path_spread_m",
    ),
    "reps": (
        "id",
        "start_ns",
        "lockout_ns",
        "end_ns",
        "rom_m",
        "mean_velocity_mps",
        "valid",
    ),
    "faults": (
        "code",
        "severity",
        "value",
        "sd",
        "unit",
        "threshold",
        "confidence",
        "assessed",
        "reason",
    ),
    "cues": ("id", "t_ns", "code", "severity", "moment", "text", "rep_id", "ttl_ms"),
}
"""Fields with a column of their name. Any other field is in the JSON of the event all the same."""


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(row)
    places = ", ".join("?" * len(row))
    # Names come from the tables in this file, values go as parameters. A later row of the same
    # key stands for the earlier one; sessions are the exception.
    verb = "INSERT" if table == "sessions" else "INSERT OR REPLACE"
    connection.execute(
        f"{verb} INTO {table} ({columns}) VALUES ({places})",
        tuple(row.values()),
    )


def _columns(table: str, record: object) -> dict[str, Any]:
    fields = codec.builtins(record)
    return {name: fields[name] for name in _COLUMNS[table]}


def _session_row(session: SessionRecord) -> dict[str, Any]:
    prior = msgspec.to_builtins(session.prior)
    return {
        "id": session.id,
        "started_utc_ns": session.started_utc_ns,
        "t0_sensor_ns": session.t0_sensor_ns,
        "source": session.source,
        "version": session.version,
        "definitions": session.definitions,
        "config": config.to_json(without_credentials(session.config)).decode(),
        "calibration": json.dumps({**session.calibration, "prior": prior}),
        "dtypes": arrays.layout_json(),
        "width_px": session.width_px,
        "height_px": session.height_px,
        "rate_hz": session.rate_hz,
    }


def _chunk_row(chunk: arrays.Chunk) -> dict[str, Any]:
    return {
        "n": chunk.n,
        "t_first_ns": chunk.t_first_ns,
        "t_last_ns": chunk.t_last_ns,
        "frames": chunk.frames,
        "frames_crc32": arrays.crc(chunk.frames),
        "detections": chunk.detections,
        "detections_crc32": arrays.crc(chunk.detections),
    }


def _path_columns(path: Rows | None) -> dict[str, Any]:
    if path is None:
        return {"path": None, "path_crc32": None}
    data = path.tobytes()
    return {"path": data, "path_crc32": arrays.crc(data)}
