"""From the journal's rows to arrays and events."""

import sqlite3
from dataclasses import replace

import numpy as np

from shinline.journal import arrays, codec
from shinline.journal.errors import JournalError
from shinline.types import PATH, Event, RepEvent, RepKind, Rows


def layout(session: sqlite3.Row) -> dict[str, np.dtype[np.void]]:
    """Return how the arrays of a session are laid out. Raises JournalError."""
    try:
        return arrays.read_layout(session["dtypes"])
    except arrays.DamagedError as problem:
        raise JournalError(f"session {session['id']}: {problem}") from problem


def path(connection: sqlite3.Connection, session_id: str, rep_id: str) -> Rows | None:
    """Return the PATH of a repetition, None where there is none. Raises JournalError."""
    row = connection.execute(
        "SELECT path, path_crc32, dtypes, sessions.id AS id FROM reps"
        " JOIN sessions ON sessions.id = session WHERE session = ? AND reps.id = ?",
        (session_id, rep_id),
    ).fetchone()
    if row is None or row["path"] is None:
        return None
    try:
        return arrays.unpack(row["path"], row["path_crc32"], layout(row)["path"], PATH)
    except arrays.DamagedError as problem:
        raise JournalError(f"the path of repetition {rep_id} is damaged: {problem}") from problem


def event(connection: sqlite3.Connection, session_id: str, row: sqlite3.Row) -> Event:
    """Return what happened, the end of a repetition with its path. Raises JournalError."""
    happened = codec.decode(row["kind"], row["json"])
    if isinstance(happened, RepEvent) and happened.kind is RepKind.END:
        return replace(happened, path=path(connection, session_id, happened.id))
    return happened
