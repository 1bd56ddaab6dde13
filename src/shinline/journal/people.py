"""What the catalogue tells people, read from an open journal: sessions, labels, weeks."""

import json
import sqlite3
from typing import Any, Final

from shinline.journal import codec
from shinline.journal.record import iso_utc
from shinline.types import SetEvent

FALSE: Final = "false"
"""The label of what was no repetition at all."""

_LABELS: Final = """
SELECT events.json AS json FROM events JOIN sessions ON sessions.id = session
WHERE kind = 'ask' AND json_extract(events.json, '$.verb') = 'label_rep'
ORDER BY started_utc_ns, session, n
"""

_LABELLED: Final = """
SELECT reps.json AS json FROM reps JOIN sessions ON sessions.id = session
WHERE valid AND NOT void AND reps.id IN (SELECT value FROM json_each(?))
ORDER BY started_utc_ns, session, start_ns
"""

_REP: Final = """
SELECT session, id, json_extract(json, '$.lifter') AS lifter, json_extract(json, '$.lift') AS lift,
    date(json_extract(json, '$.start'), 'weekday 0', '-6 days') AS week
FROM reps WHERE NOT void AND id NOT IN (SELECT value FROM json_each(?))
"""
"""Each repetition with the Monday of its week."""

_WEEKS: Final = f"""
WITH rep AS ({_REP})
SELECT lifter, lift, week, count(*) AS reps FROM rep GROUP BY lifter, lift, week
ORDER BY lifter, lift, week
"""  # noqa: S608  (put together of constants)

_COUNTS: Final = f"""
WITH rep AS ({_REP})
SELECT lifter, lift, week, code, unit, sum(assessed) AS assessed,
    sum(assessed AND severity IN ('fault', 'stop')) AS faulty,
    avg(CASE WHEN assessed THEN value END) AS mean
FROM rep JOIN faults ON faults.session = rep.session AND rep_id = rep.id
GROUP BY lifter, lift, week, code ORDER BY min(faults.n)
"""  # noqa: S608


_LIFTERS: Final = """
SELECT lifter, lift, load_kg, max(start) AS start FROM (
    SELECT json_extract(json, '$.lifter') AS lifter, json_extract(json, '$.lift') AS lift,
        json_extract(json, '$.load_kg') AS load_kg, json_extract(json, '$.start') AS start
    FROM reps WHERE NOT void
) GROUP BY lifter ORDER BY start DESC LIMIT ?
"""
"""Each lifter with what the newest repetition was: SQLite takes the row of the maximum."""

_SETS: Final = """
SELECT session, set_no, json_extract(json, '$.lifter') AS lifter,
    json_extract(json, '$.lift') AS lift, max(json_extract(json, '$.load_kg')) AS load_kg,
    min(json_extract(json, '$.start')) AS start, count(*) AS reps,
    total(json_extract(json, '$.load_kg')) AS tonnage_kg
FROM reps WHERE NOT void AND id NOT IN (SELECT value FROM json_each(?))
GROUP BY session, set_no ORDER BY start DESC LIMIT ?
"""

_SET_OF: Final = """
SELECT reps.json AS json FROM reps WHERE NOT void AND (session, set_no) = (
    SELECT session, set_no FROM reps JOIN sessions ON sessions.id = session
    WHERE reps.id = ? ORDER BY started_utc_ns DESC, session DESC LIMIT 1
) ORDER BY start_ns
"""

MOST_LIFTERS: Final = 12
MOST_SETS: Final = 50
"""More of either than a phone has room for."""


def session_dict(row: sqlite3.Row) -> dict[str, Any]:
    """Return what identifies a session."""
    # As plain JSON: what a lifter was called can be shown whatever else the keys have become.
    settings = json.loads(row["config"])
    same = ("id", "source", "version", "definitions", "end_reason", "lost_frames", "lost_events")
    more = ("width_px", "height_px", "rate_hz")
    return {
        **{name: row[name] for name in same + more},
        "started": iso_utc(row["started_utc_ns"]),
        "lifter": settings["lifter"]["name"],
        "lift": settings["lift"]["style"],
        "load_kg": settings["lift"]["load_kg"],
    }


def own_baselines(row: sqlite3.Row) -> list[dict[str, Any]]:
    """Return the baselines that were in force in a session."""
    own: list[dict[str, Any]] = json.loads(row["config"]).get("own", [])
    return own


def camera_dict(session: sqlite3.Row, text: str) -> dict[str, Any]:
    """Return what was said of the camera."""
    fields = codec.builtins(codec.decode("camera", text))
    since_ns = fields.pop("t_ns") - session["t0_sensor_ns"]
    when = iso_utc(session["started_utc_ns"] + since_ns)
    return {"t": when, **fields, "changed": [*fields["changed"]]}


def set_dict(text: str) -> tuple[int, dict[str, Any]]:
    """Return the number of a set, and what was said when it ended."""
    event = codec.decode("set", text)
    assert isinstance(event, SetEvent)  # noqa: S101  (its kind says so)
    fields = json.loads(codec.encode(event)[1])
    names = ("velocity_loss", "faults", "assessed", "advice", "decays", "next_mode")
    summary = {name: fields[name] for name in names}
    return event.set, summary | {"mode": event.plan.mode if event.plan else "standard"}


def labels(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the labels that people gave, by repetition; the last one counts."""
    said: dict[str, str] = {}
    for row in connection.execute(_LABELS):
        values = json.loads(row["json"])["values"]
        said[str(values["rep_id"])] = str(values["label"])
    return said


def labelled(connection: sqlite3.Connection, label: str) -> list[dict[str, Any]]:
    """Return the valid repetitions of a label as they were published, oldest first."""
    wanted = [rep_id for rep_id, said in labels(connection).items() if said == label]
    rows = connection.execute(_LABELLED, (json.dumps(wanted),))
    return [json.loads(row["json"]) for row in rows]


def weeks(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Count, for each lifter and lift, by week and code, what was judged and what was at fault."""
    none = [rep_id for rep_id, said in labels(connection).items() if said == FALSE]
    without = (json.dumps(none),)
    found: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in connection.execute(_WEEKS, without):
        week = {"week": row["week"], "reps": row["reps"], "codes": {}}
        found.setdefault((row["lifter"], row["lift"]), {})[row["week"]] = week
    for row in connection.execute(_COUNTS, without):
        codes = found[row["lifter"], row["lift"]][row["week"]]["codes"]
        codes[row["code"]] = {name: row[name] for name in ("assessed", "faulty", "mean", "unit")}
    return [
        {"lifter": lifter, "lift": lift, "weeks": [*by_week.values()]}
        for (lifter, lift), by_week in found.items()
    ]


def lifters(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return those who lifted last, with what: lifter, lift, load_kg, start (ISO)."""
    return [dict(row) for row in connection.execute(_LIFTERS, (MOST_LIFTERS,))]


def sets(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the newest sets; what people said was no repetition is not counted."""
    none = [rep_id for rep_id, said in labels(connection).items() if said == FALSE]
    rows = connection.execute(_SETS, (json.dumps(none), MOST_SETS))
    names = ("set_no", "lifter", "lift", "load_kg", "start", "reps", "tonnage_kg")
    return [{name.removesuffix("_no"): row[name] for name in names} for row in rows]


def set_of(connection: sqlite3.Connection, rep_id: str) -> dict[str, Any]:
    """Return the repetitions of the set that a repetition belongs to, and their labels."""
    reps = [json.loads(row["json"]) for row in connection.execute(_SET_OF, (rep_id,))]
    said = labels(connection)
    return {
        "reps": reps,
        "labels": {rep["id"]: said[rep["id"]] for rep in reps if rep["id"] in said},
    }
