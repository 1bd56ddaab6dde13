"""Another device's reps from its CSV: which column is what, and in which unit.

OpenBarbell's header is that of its published source (OpenBarbellApp, ``CSVConverter.js``).
GymAware, Vitruve and RepOne do not publish theirs and change them between versions; the names
below are those that importers written for users' files expect, so a file may need ``--column``.
A unit is taken from the header where it stands there. Where it does not, a length can be only one
of m, cm and mm for a lift of 0.1 to 1 m, and a speed is m/s or it is asked for.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from shinline_cal.verify.pairing import RepRow
from shinline_cal.verify.tables import Table, TableError, read_table, seconds

UNITS: Final[dict[str, dict[str, float]]] = {
    "speed": {
        "m/s": 1.0, "mps": 1.0, "ms-1": 1.0, "m.s-1": 1.0, "cm/s": 0.01, "mm/s": 0.001,
        "ft/s": 0.3048, "in/s": 0.0254, "km/h": 1.0 / 3.6,
    },
    "length": {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "inch": 0.0254, "ft": 0.3048},
    "time": {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6},
}  # fmt: skip
"""Factor to SI by the unit's name, for each kind of quantity."""

VALUES: Final[dict[str, tuple[str, tuple[float, float]]]] = {
    "mean_velocity_mps": ("speed", (0.02, 4.0)),
    "peak_velocity_mps": ("speed", (0.05, 8.0)),
    "rom_m": ("length", (0.08, 1.3)),
    "concentric_s": ("time", (0.1, 20.0)),
}
"""Values that can be compared: their kind, and the range in which a file's median must lie."""

LABELS: Final = ("exercise", "set", "rep", "date", "time")

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "mean_velocity_mps": (
        "mean velocity", "avg velocity", "average velocity", "mean concentric velocity",
        "concentric mean velocity", "mean vel", "avg vel", "average concentric velocity", "acv",
        "mcv", "mv", "avg v", "avgv", "averagevelocity", "meanvelocity", "velocidad media",
        "concentric avg velocity", "mean speed", "vitesse moyenne",
    ),
    "peak_velocity_mps": (
        "peak velocity", "max velocity", "peak concentric velocity", "concentric peak velocity",
        "peak vel", "max vel", "pcv", "pv", "peakv", "peak v", "peakvelocity", "velocidad pico",
        "velocidad maxima", "velocidad máxima", "peak speed", "vitesse maximale",
    ),
    "rom_m": (
        "rom", "range of motion", "height", "displacement", "concentric rom", "dip to peak",
        "concentric range of motion", "distance", "desplazamiento", "rango de movimiento",
        "concentric displacement", "barbell displacement",
    ),
    "concentric_s": (
        "duration of rep", "duration", "concentric time", "concentric duration", "con time",
        "concentric", "rep duration", "tiempo concentrico", "tiempo concéntrico",
    ),
    "exercise": ("exercise", "exercise name", "movement", "lift", "ejercicio", "exercisename"),
    "set": ("set", "set number", "set #", "setnum", "set no", "serie", "series", "set id"),
    "rep": (
        "rep", "rep number", "rep #", "repnum", "rep no", "repetition", "repeticion",
        "repetición", "repnumber",
    ),
    "date": ("date", "session date", "fecha", "datum"),
    "time": (
        "time", "timestamp", "rep time", "start", "start time", "rep start", "date time",
        "datetime", "recorded at", "recordedat", "hora", "session time", "recorded", "uhrzeit",
    ),
}  # fmt: skip
"""Names of columns, lower case and without their unit, in the order of preference."""

CLOSEST_REPS_S: Final = 0.5
"""No two reps begin so close together."""

PROPULSIVE: Final = ("propulsive", "propulsiva", "mpv")

DEVICES: Final[dict[str, dict[str, str]]] = {
    "openbarbell": {"rom_m": "mm", "mean_velocity_mps": "m/s", "peak_velocity_mps": "m/s"},
    "repone": {"rom_m": "mm", "mean_velocity_mps": "m/s", "peak_velocity_mps": "m/s"},
    "gymaware": {"mean_velocity_mps": "m/s", "peak_velocity_mps": "m/s"},
    "vitruve": {"mean_velocity_mps": "m/s", "peak_velocity_mps": "m/s"},
    "other": {},
}
"""Units that a device is known to use where its header says none."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column chosen for a field: its index, name and factor to SI (1 for text)."""

    index: int
    name: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a device's file says: its reps in order of time, and what was decided on the way."""

    file: str
    device: str
    reps: list[RepRow]
    columns: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_device(
    path: Path, device: str = "other", given: dict[str, str] | None = None, exercise: str = ""
) -> Foreign:
    """Read a device's CSV.

    Parameters
    ----------
    path
        The file.
    device
        A key of :data:`DEVICES`.
    given
        Field to column name, or ``name:unit``, for what is not found by itself.
    exercise
        Keep rows whose exercise contains this; empty to keep the deadlifts, or the only exercise.

    Raises
    ------
    TableError
        The file is no such table; the message says what was expected and what was found.

    """
    table = read_table(path)
    notes: list[str] = []
    columns = _choose(table, given or {})
    table = _only(table, columns, exercise, notes)
    values = {
        name: (column, _si(table, column, name, device, given or {}, notes))
        for name, column in columns.items()
        if name in VALUES
    }
    reps = _rows(table, columns, {name: pair[1] for name, pair in values.items()}, notes)
    shown = {name: column.name for name, column in columns.items()}
    return Foreign(table.file, device, reps, shown, notes)


def _choose(table: Table, given: dict[str, str]) -> dict[str, Column]:
    """Find a column for each field; what is not there is left out, but for the values."""
    bare = [split_unit(name)[0] for name in table.header]
    chosen: dict[str, Column] = {}
    for name in (*VALUES, *LABELS):
        if name in given:
            index = _named(table, given[name], name)
            chosen[name] = Column(index, table.header[index])
            continue
        index = next((bare.index(alias) for alias in ALIASES[name] if alias in bare), -1)
        if index >= 0:
            chosen[name] = Column(index, table.header[index])
    unknown = set(given) - {*VALUES, *LABELS}
    if unknown:
        raise TableError(
            f"unknown field {sorted(unknown)[0]!r} in --column; there are"
            f" {', '.join((*VALUES, *LABELS))}"
        )
    if not any(name in chosen for name in VALUES):
        raise TableError(_nothing_found(table, bare))
    return chosen


def _named(table: Table, wanted: str, name: str) -> int:
    wanted = wanted if wanted in table.header else wanted.rpartition(":")[0] or wanted
    lower = [title.lower() for title in table.header]
    if wanted.lower() not in lower:
        raise TableError(
            f"{table.file}: no column {wanted!r} for {name}; there are {', '.join(table.header)}"
        )
    return lower.index(wanted.lower())


def _nothing_found(table: Table, bare: list[str]) -> str:
    text = (
        f"{table.file}: expected a column of mean velocity, peak velocity, range of motion or"
        f" duration (such as 'Mean Velocity (m/s)'); found {', '.join(table.header)}."
    )
    if any(word in name for name in bare for word in PROPULSIVE):
        text += (
            " A propulsive mean is not the mean of the whole way up, and is not compared with it;"
            " export the mean velocity."
        )
    return text + " Name a column with --column mean_velocity_mps='NAME:m/s'"


def split_unit(title: str) -> tuple[str, str]:
    """Split ``Mean Velocity [m/s]`` or ``rom_cm`` into the bare lower-case name and the unit."""
    text = title.replace("_", " ").strip().strip("\ufeff").lower()
    match = re.fullmatch(r"(.*?)\s*[\[(]([^\])]*)[\])]\s*", text)
    known = {unit for units in UNITS.values() for unit in units}
    if match:
        unit = match.group(2).strip().replace(" ", "").replace("·", ".").replace("⁻¹", "-1")
        return " ".join(match.group(1).split()), unit
    words = text.split()
    if len(words) > 1 and words[-1] in known:
        return " ".join(words[:-1]), words[-1]
    return " ".join(words), ""


def _si(
    table: Table, column: Column, name: str, device: str, given: dict[str, str], notes: list[str]
) -> list[float | None]:
    """Return a column in SI units; the unit is the caller's, the header's, or the device's."""
    kind, (low, high) = VALUES[name]
    raw = table.numbers(column.index)
    there = np.array([value for value in raw if value is not None], float)
    if not there.size:
        return raw
    middle = float(np.median(there))
    unit = _unit(table, column, name, given) or DEVICES[device].get(name, "")
    if not unit:
        unit = _only_unit(kind, middle, low, high)
        if not unit:
            raise TableError(
                f"{table.file}: column {column.name!r} has no unit, and its median {middle:g} fits"
                f" more than one, or none; say --column {name}='{column.name}:UNIT' with one of"
                f" {', '.join(UNITS[kind])}"
            )
        notes.append(f"{column.name}: no unit in the file; {middle:g} can only be {unit}.")
    factor = UNITS[kind][unit]
    if not low <= middle * factor <= high:
        raise TableError(
            f"{table.file}: column {column.name!r} in {unit} has a median of {middle * factor:g}"
            f" (SI); for {name} {low:g} to {high:g} was expected. Is the unit right? Say"
            f" --column {name}='{column.name}:UNIT'"
        )
    return [None if value is None else value * factor for value in raw]


def _unit(table: Table, column: Column, name: str, given: dict[str, str]) -> str:
    kind = VALUES[name][0]
    asked = given.get(name, "")
    if asked and asked not in table.header and ":" in asked:
        unit = asked.rpartition(":")[2].strip()
    else:
        unit = split_unit(column.name)[1]
        if unit not in UNITS[kind]:
            return ""
    if unit not in UNITS[kind]:
        raise TableError(f"unknown unit {unit!r} for {name}; there are {', '.join(UNITS[kind])}")
    return unit


def _only_unit(kind: str, middle: float, low: float, high: float) -> str:
    """Return the one unit in which a median makes sense, of those that devices use."""
    if kind == "speed":
        return "m/s" if low <= middle <= high else ""
    usual = ("m", "cm", "mm") if kind == "length" else ("s", "ms", "us")
    # The middle of the range only: 1.0 may be a metre, but 8 is neither cm nor mm for certain.
    fits = [unit for unit in usual if low * 1.5 <= middle * UNITS[kind][unit] <= high * 0.75]
    return fits[0] if len(fits) == 1 else ""


def _only(table: Table, columns: dict[str, Column], wanted: str, notes: list[str]) -> Table:
    """Keep one exercise: the wanted one, the deadlifts, or the only one."""
    if "exercise" not in columns:
        if wanted:
            raise TableError(f"{table.file}: --exercise needs a column with the exercise")
        return table
    index = columns["exercise"].index
    names = [row[index].strip() for row in table.rows]
    distinct = sorted(set(names))
    search = wanted or ("deadlift" if len(distinct) > 1 else "")
    kept = [
        row for row, name in zip(table.rows, names, strict=True) if search.lower() in name.lower()
    ]
    if not kept:
        raise TableError(
            f"{table.file}: no exercise contains {search!r}; there are {', '.join(distinct)}."
            " Choose with --exercise"
        )
    if len(kept) < len(names):
        notes.append(f"Kept {len(kept)} of {len(names)} rows: exercises with {search!r}.")
    return replace(table, rows=kept)


def _rows(
    table: Table,
    columns: dict[str, Column],
    values: dict[str, list[float | None]],
    notes: list[str],
) -> list[RepRow]:
    times = _times(table, columns, notes)
    texts = {
        name: table.column(columns[name].index) if name in columns else [""] * len(table.rows)
        for name in LABELS
    }
    reps: list[RepRow] = []
    group, before = 0, ("", "", "")
    last_rep = 0
    for i in range(len(table.rows)):
        here = (texts["exercise"][i], texts["date"][i], texts["set"][i].strip())
        rep = _whole(texts["rep"][i])
        if i and (here != before or (rep is not None and rep <= last_rep)):
            group, last_rep = group + 1, 0
        last_rep = rep if rep is not None else last_rep + 1
        before = here
        measured = {name: v for name, column in values.items() if (v := column[i]) is not None}
        at = times[i] if times else None
        reps.append(RepRow(str(group + 1), last_rep, at, measured, texts["exercise"][i]))
    if times and times != sorted(times):
        reps.sort(key=lambda row: row.t_s or 0.0)
    return reps


def _whole(text: str) -> int | None:
    match = re.search(r"\d+", text)
    return int(match.group()) if match else None


def _apart(times: list[float]) -> bool:
    """Tell instants from durations, and from the time of a set repeated for each of its reps."""
    steps = np.diff(sorted(times))
    return not steps.size or bool((steps > 0.0).all() and np.median(steps) >= CLOSEST_REPS_S)


def _times(table: Table, columns: dict[str, Column], notes: list[str]) -> list[float] | None:
    """Return when each rep began; None where the file says so only of sets or days."""
    found = None
    if "time" in columns:
        texts = table.column(columns["time"].index)
        found = seconds(texts, table.decimal)
        if "date" in columns:
            days = table.column(columns["date"].index)
            together = [f"{d.strip()} {t.strip()}" for d, t in zip(days, texts, strict=True)]
            found = seconds(together, table.decimal) or found
    elif "date" in columns:
        found = seconds(table.column(columns["date"].index), table.decimal)
    if found is None or not _apart(found):
        notes.append("The file has no time of its own for each rep.")
        return None
    return found
