"""The file: its tables, its version, and the two ways of opening it.

Why it looks like this: ``chunks`` and ``events`` are the record, in order and complete; ``sets``,
``reps``, ``faults`` and ``cues`` repeat parts of it in columns, so that a question such as "all
velocities at 140 kg" is one line of SQL. A hole in the numbers ``n`` is a loss and stays visible.
Arrays are stored as their bytes, and every session carries the layout of its own arrays.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shinline.journal.errors import JournalError

VERSION: Final = 1
APPLICATION_ID: Final = 0x53484C4E
"""``SHLN``: tells this file from any other SQLite database."""

BUSY_S: Final = 20.0
"""How long a connection waits for another process that is writing."""

_TABLES: Final = """
CREATE TABLE sessions (
    id             TEXT PRIMARY KEY,
    started_utc_ns INTEGER NOT NULL,
    t0_sensor_ns   INTEGER NOT NULL,  -- the sensor's clock at started_utc_ns
    source         TEXT NOT NULL,
    version        TEXT NOT NULL,     -- of the program
    definitions    INTEGER NOT NULL,  -- of start, lockout, drift, ...
    config         TEXT NOT NULL,     -- JSON, without credentials
    calibration    TEXT NOT NULL,     -- JSON: {"prior": {...} | null, ...}
    dtypes         TEXT NOT NULL,     -- JSON: {"frame": [[name, type], ...], ...}
    width_px       INTEGER NOT NULL,
    height_px      INTEGER NOT NULL,
    rate_hz        REAL NOT NULL,
    end_reason     TEXT,              -- NULL: still running, or cut off
    lost_frames    INTEGER NOT NULL DEFAULT 0,
    lost_events    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE chunks (
    session          TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    n                INTEGER NOT NULL,
    t_first_ns       INTEGER NOT NULL,
    t_last_ns        INTEGER NOT NULL,
    frames           BLOB NOT NULL,   -- FRAME rows
    frames_crc32     INTEGER NOT NULL,
    detections       BLOB NOT NULL,   -- DETECTION rows, in the order of their frames
    detections_crc32 INTEGER NOT NULL,
    PRIMARY KEY (session, n)
) STRICT;

CREATE TABLE events (
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    n       INTEGER NOT NULL,
    t_ns    INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    json    TEXT NOT NULL,
    PRIMARY KEY (session, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE sets (
    session            TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    set_no             INTEGER NOT NULL,
    t_ns               INTEGER NOT NULL,
    reps               INTEGER NOT NULL,
    best_velocity_mps  REAL,
    last_velocity_mps  REAL,
    velocity_loss      REAL,
    path_spread_m      REAL,
    PRIMARY KEY (session, set_no)
) STRICT;

CREATE TABLE reps (
    session      TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    id           TEXT NOT NULL,
    set_no       INTEGER NOT NULL,
    rep_no       INTEGER NOT NULL,
    start_ns     INTEGER NOT NULL,
    lockout_ns   INTEGER NOT NULL,
    end_ns       INTEGER NOT NULL,
    rom_m        REAL,
    mean_velocity_mps REAL,
    valid        INTEGER NOT NULL,
    void         INTEGER NOT NULL DEFAULT 0,  -- 1: turned out to be no repetition
    json         TEXT NOT NULL,               -- the finished rep as it was published
    path         BLOB,                        -- PATH rows
    path_crc32   INTEGER,
    PRIMARY KEY (session, id)
) STRICT;
CREATE INDEX reps_by_id ON reps (id);

CREATE TABLE faults (
    session    TEXT NOT NULL,
    rep_id     TEXT NOT NULL,
    n          INTEGER NOT NULL,
    code       TEXT NOT NULL,
    severity   TEXT NOT NULL,
    value      REAL,
    sd         REAL,
    unit       TEXT NOT NULL,
    threshold  REAL,
    confidence REAL,
    assessed   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    PRIMARY KEY (session, rep_id, n),
    FOREIGN KEY (session, rep_id) REFERENCES reps (session, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX faults_by_code ON faults (code);

CREATE TABLE cues (
    session  TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    t_ns     INTEGER NOT NULL,
    code     TEXT NOT NULL,
    severity TEXT NOT NULL,
    moment   TEXT NOT NULL,
    text     TEXT NOT NULL,
    rep_id   TEXT NOT NULL,
    ttl_ms   INTEGER NOT NULL,
    evidence TEXT NOT NULL,                   -- JSON
    PRIMARY KEY (session, id)
) STRICT;
"""


_ASKED: Final = "CREATE INDEX IF NOT EXISTS asked ON events (session, n) WHERE kind = 'ask'"
"""Labels are looked for in all sessions. An older program keeps the index, and needs none."""


def default_path(configured: str = "") -> Path:
    """Return where the journal is: as configured, or in the user's data folder (XDG)."""
    if configured:
        return Path(configured).expanduser()
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "shinline" / "journal.sqlite3"


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn errors of the database or the disk into a JournalError that names the file."""
    try:
        yield
    except (sqlite3.Error, OSError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise JournalError(f"journal {path}: {reason}") from problem


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the journal, making it and its folder where they are missing.

    The connection is in autocommit mode and may be handed to one other thread.

    Raises
    ------
    JournalError
        It cannot be created or written, is no journal, or is of a newer format. The file has then
        not been touched.

    """
    with reported(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Opened here first for the mode (it holds people's names and health) and because the
        # system's reason for a failure says more than "unable to open database file".
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def reading(path: Path, busy_s: float = BUSY_S) -> Iterator[sqlite3.Connection]:
    """Open the journal read-only for the length of a ``with``; see :func:`check_format`.

    ``busy_s`` is how long to wait for somebody who holds the file for himself.

    Raises
    ------
    JournalError
        There is no such file, it is no journal, it is damaged, or it is of a newer format.

    """
    with reported(path):
        if not path.is_file():
            raise JournalError(f"journal {path}: there is no such file; nothing was recorded yet")
        connection = sqlite3.connect(
            _uri_for_reading(path), uri=True, timeout=busy_s, isolation_level=None
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")  # all that is read inside is of one moment
            if check_format(connection, path) == 0:
                raise JournalError(f"journal {path}: it is empty; nothing was recorded yet")
            yield connection
        finally:
            connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit all that is written inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_format(connection: sqlite3.Connection, path: Path) -> int:
    """Return the format's number, 0 for an empty file; refuse what is not ours or is newer."""
    application = _pragma(connection, "application_id")
    version = _pragma(connection, "user_version")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == 0 and version == 0 and tables == 0:
        return 0
    if application != APPLICATION_ID:
        raise JournalError(f"journal {path}: this is a database of another program")
    if version > VERSION:
        raise JournalError(
            f"journal {path}: written by a newer Shinline (format {version}, this one knows up to"
            f" {VERSION}); install that one, or choose another journal.path"
        )
    return version


def _uri_for_reading(path: Path) -> str:
    uri = f"{path.resolve().as_uri()}?mode=ro"
    # Even a reader needs to make files beside a WAL database, unless it is told that nobody will
    # write: a journal on a medium that is write-protected.
    wal = path.with_name(f"{path.name}-wal")
    all_folded_in = not wal.exists() or wal.stat().st_size == 0
    sealed = all_folded_in and not os.access(path.parent, os.W_OK)
    return f"{uri}&immutable=1" if sealed else uri


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    check_format(connection, path)  # before anything is changed in a file that may not be ours
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    with transaction(connection):
        if check_format(connection, path) == 0:
            _create(connection)
        connection.execute(_ASKED)


def _create(connection: sqlite3.Connection) -> None:
    # Not executescript(): it would commit what the caller has begun.
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
