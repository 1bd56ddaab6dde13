"""Events to message bodies: pure translation, with the clock's reading handed in.

The bodies are plain dictionaries of JSON values with the names of
:mod:`shinline.wire.payloads`, so that files and pages can use them too.
"""

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import msgspec
import numpy as np

from shinline.config import Config, first_plan
from shinline.types import (
    CameraEvent,
    CueEvent,
    FaultVerdict,
    Plan,
    Rep,
    RepEvent,
    SetEvent,
    SetupEvent,
)
from shinline.wire import payloads
from shinline.wire.topics import SCHEMA

UtcFromSensor = Callable[[int], str]
"""Turns sensor time (ns) into ISO-8601 UTC text."""

Body = dict[str, Any]
"""The JSON object of one message."""

_REP_FIELDS: Final = tuple(
    name
    for name in payloads.FinishedRep.__struct_fields__
    if name in Rep.__dataclass_fields__ and name not in ("style", "faults", "hip")
)


def finished_rep(rep: Rep, config: Config, utc: UtcFromSensor) -> Body:
    """Describe a finished rep in the names of the wire contract.

    Parameters
    ----------
    rep
        The rep, its times in sensor ns.
    config
        Says who lifted what, where the rep does not name its plan.
    utc
        Sensor ns to ISO-8601 UTC.

    Returns
    -------
    dict
        JSON values only. A number that is not finite becomes None and its name joins
        ``not_assessed``.

    """
    body = {name: getattr(rep, name) for name in _REP_FIELDS}
    body |= who_lifts_what(rep.plan or first_plan(config))
    body["start"], body["lockout"], body["end"] = map(
        utc, (rep.start_ns, rep.lockout_ns, rep.end_ns)
    )
    body["floor"] = None if rep.floor_ns is None else utc(rep.floor_ns)
    body["style"] = rep.style.value
    body["faults"] = [fault_fields(fault) for fault in rep.faults]
    body["hip"] = None if rep.hip is None else asdict(rep.hip)
    unknown = [name for name, value in body.items() if _is_odd(value)]
    body["not_assessed"] = list(dict.fromkeys([*rep.not_assessed, *unknown]))
    ordered = {name: body[name] for name in payloads.FinishedRep.__struct_fields__}
    return json_object(ordered)


def who_lifts_what(plan: Plan) -> Body:
    """Return the fields that name the lifter, the lift, the load and the mode."""
    return {
        "lifter": plan.lifter,
        "lift": plan.lift,
        "load_kg": plan.load_kg,
        "mode": plan.mode,
    }


def fault_fields(fault: FaultVerdict) -> Body:
    """Describe a verdict."""
    return asdict(fault) | {"severity": fault.severity.value}


def rep_so_far(
    rep_id: str, set_number: int, number: int, plan: Plan, faults: tuple[FaultVerdict, ...] = ()
) -> Body:
    """Describe a rep that has not ended, with the faults decided so far."""
    return json_object(
        {
            "id": rep_id,
            **who_lifts_what(plan),
            "set": set_number,
            "rep": number,
            "faults": [fault_fields(fault) for fault in faults],
        }
    )


def rep_message(
    event: RepEvent,
    config: Config,
    utc: UtcFromSensor,
    plan: Plan | None = None,
    faults: tuple[FaultVerdict, ...] = (),
) -> Body:
    """Describe one step in a rep's life; ``after`` is the finished rep as soon as there is one.

    ``plan`` and ``faults`` are those in force, and found so far, for a rep that has not ended.
    """
    if event.rep is not None:
        after = finished_rep(event.rep, config, utc)
    else:
        under = plan or first_plan(config)
        after = rep_so_far(event.id, event.set, event.number, under, faults)
    return {"type": event.kind.value, "id": event.id, "after": after, "reason": event.reason}


def set_summary(event: SetEvent, config: Config) -> Body:
    """Sum up a set: reps, tonnage, velocities, faults, and what to try next."""
    plan = event.plan or first_plan(config)
    return json_object(
        {
            **who_lifts_what(plan),
            "set": event.set,
            "reps": event.reps,
            "tonnage_kg": event.reps * plan.load_kg,
            "best_velocity_mps": event.best_velocity_mps,
            "last_velocity_mps": event.last_velocity_mps,
            "velocity_loss": event.velocity_loss,
            "faults": dict(event.faults),
            "path_spread_m": event.path_spread_m,
            "assessed": dict(event.assessed),
            "advice": [asdict(advice) for advice in event.advice],
            "decays": [*event.decays],
            "next_mode": event.next_mode,
        }
    )


def setup(event: SetupEvent) -> Body:
    """Describe the set-up before a pull."""
    return json_object(
        {
            "steps": [{"code": step.code, "state": step.state.value} for step in event.steps],
            "ready": event.ready,
            "checks": [fault_fields(check) for check in event.checks],
        }
    )


def cue(event: CueEvent) -> Body:
    """Describe a cue without its latency, which is known only when it is handed over."""
    return json_object(
        {
            "id": event.id,
            "code": event.code,
            "severity": event.severity.value,
            "moment": event.moment.value,
            "text": event.text,
            "rep_id": event.rep_id,
            "evidence": dict(event.evidence),
            "ttl_ms": event.ttl_ms,
        }
    )


def with_camera(
    calibration: payloads.Calibration, event: CameraEvent | None
) -> payloads.Calibration:
    """Add what the camera's last event says about the floor; other problems stay."""
    if event is None:
        return calibration
    if not event.changed:
        return msgspec.structs.replace(calibration, floor_ok=True)
    return msgspec.structs.replace(
        calibration,
        floor_ok=False,
        floor_changed=event.changed,
        floor_text=event.text,
        problems=(*calibration.problems, event.text),
    )


def envelope(body: Body, seq: int, t_capture: str | None) -> Body:
    """Put the fields that every message carries before its body."""
    head: Body = {"schema": SCHEMA, "seq": seq}
    if t_capture is not None:
        head["t_capture"] = t_capture
    return {**head, **body}


def to_bytes(fields: Body) -> bytes:
    """Encode as UTF-8 JSON, deterministic in the order of the fields."""
    return msgspec.json.encode(fields)


def json_object(fields: Body) -> Body:
    """Make JSON values of a tree: NumPy scalars become Python's, NaN and infinities None."""
    return {key: _json_value(value) for key, value in fields.items()}


def _json_value(node: Any) -> Any:
    if isinstance(node, dict):
        return json_object(node)
    if isinstance(node, list | tuple):
        return [_json_value(value) for value in node]
    if isinstance(node, np.generic):
        return _json_value(node.item())
    return None if _is_odd(node) else node


def _is_odd(value: object) -> bool:
    """Tell NaN and the infinities from everything else."""
    return isinstance(value, float) and not math.isfinite(value)
