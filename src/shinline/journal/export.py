"""Sets and sessions as files for a spreadsheet, a notebook or another program.

CSV is RFC 4180 (CRLF, quotes only where needed), UTF-8, ``.`` as the decimal mark, an empty field
for "not assessed". Text which a spreadsheet would run as a formula gets an apostrophe in front.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shinline.journal.errors import JournalError, UnknownEntryError, UnknownFormatError
from shinline.journal.reader import Catalogue

Row = list[Any]

REP_COLUMNS: Final = (
    "id",
    "lifter",
    "lift",
    "load_kg",
    "set",
    "rep",
    "start",
    "lockout",
    "end",
    "floor",
    "rom_m",
    "mean_velocity_mps",
    "mean_velocity_sd_mps",
    "peak_velocity_mps",
    "peak_acceleration_mps2",
    "time_to_knee_s",
    "concentric_s",
    "eccentric_s",
    "drift_forward_m",
    "drift_backward_m",
    "drift_sd_m",
    "drift_at_knee_m",
    "loop_m",
    "sticking_height_m",
    "floor_time_s",
    "style",
    "tracked_ratio",
    "valid",
    "mode",
)
"""Fields of a finished rep that become a column of the same name."""

HIP_COLUMNS: Final = (
    "trunk_drop_deg",
    "trunk_drop_sd_deg",
    "hip_rise_m",
    "shoulder_rise_m",
    "rise_ratio",
    "source",
    "to_bar_ratio",
    "back_bend_m",
    "back_angle_deg",
    "back_angle_sd_deg",
)
"""Fields of a finished rep's ``hip``, empty where neither stickers nor outline were seen."""

PATH_COLUMNS: Final = ("t_s", "x_m", "y_m", "vx_mps", "vy_mps", "sd_m", "coasting")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True, slots=True)
class _Selection:
    catalogue: Catalogue
    session: dict[str, Any]

    def reps(self) -> Iterator[dict[str, Any]]:
        for group in self.session["sets"]:
            yield from group["reps"]


def export(catalogue: Catalogue, target: str, fmt: str, out: Path) -> list[Path]:
    """Write a session or a set into the folder ``out``, made if missing; return the files.

    ``target`` is a session's id, the beginning of one, ``last``, or any of these with ``/`` and
    the number of a set. ``csv`` makes ``reps.csv`` and ``path.csv``, ``json`` makes
    ``session.json``. A file appears under its name when it is complete.

    Raises
    ------
    UnknownFormatError
        For any other format.
    UnknownEntryError
        There is no such session or set; the message lists what there is.
    JournalError
        The journal cannot be read or the files cannot be written.

    """
    if fmt not in _FORMATS:
        raise UnknownFormatError(f"no export as {fmt!r}; available: {' and '.join(_FORMATS)}")
    selection = _select(catalogue, target)
    try:
        out.mkdir(parents=True, exist_ok=True)
        return _FORMATS[fmt](selection, out)
    except OSError as problem:
        raise JournalError(f"export to {out}: {problem.strerror or problem}") from problem


def _select(catalogue: Catalogue, target: str) -> _Selection:
    wanted, slash, number = target.partition("/")
    session = catalogue.session(catalogue.resolve(wanted))
    if slash:
        there = [str(group["set"]) for group in session["sets"]]
        if number not in there:
            raise UnknownEntryError(
                f"no set {number!r} in session {session['id']}; there is"
                f" {', '.join(there) or 'none'}"
            )
        session["sets"] = [session["sets"][there.index(number)]]
    return _Selection(catalogue, session)


# --- CSV --------------------------------------------------------------------------------------


def _as_csv(selection: _Selection, out: Path) -> list[Path]:
    hip = [f"hip_{name.removeprefix('hip_')}" for name in HIP_COLUMNS]
    lists = ("faults", "not_assessed", "notes", "marks")
    reps = ["session", "definitions", *REP_COLUMNS, *hip, *lists]
    path = ["session", "rep_id", *PATH_COLUMNS]
    return [
        _write_csv(out / "reps.csv", reps, _rep_rows(selection)),
        _write_csv(out / "path.csv", path, _path_rows(selection)),
    ]


def _rep_rows(selection: _Selection) -> Iterator[Row]:
    session = selection.session
    for rep in selection.reps():
        hip = rep.get("hip") or {}
        yield [
            session["id"],
            session["definitions"],
            *(rep.get(name) for name in REP_COLUMNS),
            *(hip.get(name) for name in HIP_COLUMNS),
            " ".join(_fault_word(fault) for fault in rep.get("faults", [])),
            " ".join(rep.get("not_assessed", [])),
            "; ".join(rep.get("notes", [])),
            " ".join(rep.get("marks", [])),
        ]


def _fault_word(fault: dict[str, Any]) -> str:
    verdict = fault["severity"] if fault["assessed"] else "not_assessed"
    return f"{fault['code']}:{verdict}"


def _path_rows(selection: _Selection) -> Iterator[Row]:
    for rep in selection.reps():
        path = selection.catalogue.path(rep["id"])
        path_rows = zip(*(path[name] for name in PATH_COLUMNS), strict=True)
        for *numbers, coasting in path_rows:
            yield [selection.session["id"], rep["id"], *numbers, bool(coasting)]


def _write_csv(file: Path, header: list[str], rows: Iterable[Row]) -> Path:
    with _complete(file) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)  # its default dialect is RFC 4180
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)
    return file


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value


# --- JSON -------------------------------------------------------------------------------------


def _as_json(selection: _Selection, out: Path) -> list[Path]:
    file = out / "session.json"
    paths = {rep["id"]: selection.catalogue.path(rep["id"]) for rep in selection.reps()}
    text = json.dumps(selection.session | {"paths": paths}, ensure_ascii=False, indent=1)
    with _complete(file) as part:
        part.write_text(text + "\n", encoding="utf-8")
    return [file]


@contextmanager
def _complete(file: Path) -> Iterator[Path]:
    """Give a name to write to; it becomes ``file`` when all went well and goes when not."""
    part = file.with_name(f"{file.name}.part")
    try:
        yield part
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


_FORMATS: Final[dict[str, Callable[[_Selection, Path], list[Path]]]] = {
    "csv": _as_csv,
    "json": _as_json,
}
