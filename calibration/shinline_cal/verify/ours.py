"""Reps that Shinline measured: from the journal, from an export, or from ``analyze --json``."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shinline.journal.reader import Catalogue
from shinline_cal.verify.pairing import RepRow
from shinline_cal.verify.tables import TableError, number, read_table

VALUES: Final = (
    "mean_velocity_mps",
    "peak_velocity_mps",
    "rom_m",
    "concentric_s",
    "drift_forward_m",
    "drift_backward_m",
    "mean_velocity_sd_mps",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Reps of one or more sessions in the order of time, and where they came from."""

    names: list[str]
    reps: list[RepRow]
    notes: list[str] = field(default_factory=list)


def read_ours(targets: Sequence[str], journal: Path) -> Measured:
    """Read reps from files (an existing path) or sessions of the journal (anything else).

    Raises
    ------
    TableError
        A file holds no reps of ours; the message says what was expected.
    JournalError
        There is no such session.
    OSError
        A file cannot be read.

    """
    parts = [_read(target, journal) for target in targets]
    if len(parts) > 1 and any(
        row.t_s is not None and row.t_s < 1e8 for p in parts for row in p.reps
    ):
        raise TableError(
            "several recordings were given, and at least one counts its time from its own first"
            " picture: their reps cannot be put in order. Compare them one at a time, or use"
            " sessions of the journal"
        )
    rows = [
        replace(row, group=f"{k + 1}:{row.group}" if len(parts) > 1 else row.group)
        for k, part in enumerate(parts)
        for row in part.reps
    ]
    notes = [note for part in parts for note in part.notes]
    if not rows:
        raise TableError(f"{', '.join(targets)}: no finished reps in there")
    return Measured([name for part in parts for name in part.names], rows, notes)


def _read(target: str, journal: Path) -> Measured:
    path = Path(target)
    if path.is_file():
        return _from_csv(path) if path.suffix.lower() in (".csv", ".txt") else _from_json(path)
    if path.suffix.lower() in (".csv", ".json", ".txt"):
        raise TableError(f"{path}: no such file")
    catalogue = Catalogue(journal)
    wanted, slash, number = target.partition("/")
    session = catalogue.session(catalogue.resolve(wanted))
    if slash:
        there = [str(group["set"]) for group in session["sets"]]
        if number not in there:
            raise TableError(
                f"no set {number!r} in session {session['id']}; there is"
                f" {', '.join(there) or 'none'}"
            )
        session["sets"] = [session["sets"][there.index(number)]]
    return _from_document(session, f"session {session['id']}{slash}{number}")


def _from_json(path: Path) -> Measured:
    expected = "expected what 'shinline export --format json' or 'shinline analyze --json' writes"
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise TableError(f"{path}: this is no JSON; {expected}") from None
    if not isinstance(document, dict) or not ({"sets", "reps"} & document.keys()):
        raise TableError(f"{path}: neither 'sets' nor 'reps' in it; {expected}")
    try:
        return _from_document(document, path.name)
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise TableError(
            f"{path}: its reps are not as expected ({problem!r}); {expected}"
        ) from None


def _from_document(document: dict[str, Any], name: str) -> Measured:
    reps = document.get("reps")
    if reps is None:
        reps = [rep for group in document["sets"] for rep in group["reps"]]
    return _collected(reps, name)


def _from_csv(path: Path) -> Measured:
    table = read_table(path)
    if "mean_velocity_mps" not in table.header or "start" not in table.header:
        raise TableError(
            f"{path}: expected the reps.csv of 'shinline export' (columns start, set, rep,"
            f" mean_velocity_mps, ...); found {', '.join(table.header)}"
        )
    reps = []
    for row in table.rows:
        rep: dict[str, Any] = dict(zip(table.header, row, strict=True))
        for value in VALUES:
            rep[value] = number(rep.get(value, ""), table.decimal)
        rep["valid"] = rep.get("valid", "true") != "false"
        reps.append(rep)
    return _collected(reps, path.name)


def _collected(reps: Sequence[dict[str, Any]], name: str) -> Measured:
    rows = [
        RepRow(
            group=str(rep.get("set", 1)),
            rep=int(rep.get("rep", i + 1)),
            t_s=_start_s(rep),
            values={key: float(rep[key]) for key in VALUES if rep.get(key) is not None},
        )
        for i, rep in enumerate(reps)
    ]
    rows.sort(key=lambda row: row.t_s or 0.0)
    unmeasured = sum(not rep.get("valid", True) for rep in reps)
    notes = []
    if unmeasured:
        notes.append(
            f"{name}: {unmeasured} of {len(reps)} reps were seen but not measured (marked not"
            " valid). They count as found, and give no values."
        )
    return Measured([name], rows, notes)


def _start_s(rep: dict[str, Any]) -> float | None:
    if rep.get("start"):
        return datetime.fromisoformat(str(rep["start"])).timestamp()
    seconds = rep.get("liftoff_s")
    return None if seconds is None else float(seconds)
