"""The JSON of reps, sets and cues has the names and the honesty of the wire contract."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from wire_material import CONFIG, FAULT, REP, utc

from shinline.types import (
    CueEvent,
    HipNumbers,
    Moment,
    RepEvent,
    RepKind,
    SetEvent,
    Severity,
)
from shinline.wire import encode, payloads

CONTRACT = """
    id lifter lift load_kg set rep start lockout end rom_m mean_velocity_mps
    mean_velocity_sd_mps peak_velocity_mps peak_acceleration_mps2 time_to_knee_s
    concentric_s eccentric_s drift_forward_m drift_backward_m drift_sd_m
    drift_at_knee_m loop_m sticking_height_m floor_time_s style faults tracked_ratio
    hip valid not_assessed marks
"""


def test_a_finished_rep_has_every_field_of_the_contract() -> None:
    body = encode.finished_rep(REP, CONFIG, utc)
    assert set(body) >= set(CONTRACT.split())
    assert msgspec.convert(body, payloads.FinishedRep).rom_m == 0.55
    assert list(body) == list(payloads.FinishedRep.__struct_fields__)


def test_a_finished_rep_says_who_lifted_what_and_when() -> None:
    body = encode.finished_rep(REP, CONFIG, utc)
    assert (body["lifter"], body["lift"], body["load_kg"]) == ("Ada", "sumo", 140.0)
    times = [body[name] for name in ("start", "lockout", "end", "floor")]
    assert times == [utc(1_000_000_000), utc(2_500_000_000), utc(4_000_000_000), None]
    assert body["style"] == "touch_and_go"
    assert body["faults"] == [
        {
            "code": "bar_forward",
            "severity": "fault",
            "value": 0.034,
            "sd": 0.002,
            "unit": "m",
            "threshold": 0.03,
            "confidence": 0.97,
            "assessed": True,
            "reason": "",
            "details": {},
        }
    ]


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), np.float64("nan")])
def test_a_number_that_is_none_becomes_null_and_is_named(odd: float) -> None:
    fault = replace(FAULT, value=odd)
    hip = HipNumbers(3.0, odd, 0.02, 0.02, None)
    body = encode.finished_rep(replace(REP, rom_m=odd, faults=(fault,), hip=hip), CONFIG, utc)
    assert body["rom_m"] is None
    assert body["not_assessed"] == ["loop_m", "sticking_height_m", "floor_time_s", "rom_m"]
    assert body["faults"][0]["value"] is None
    assert body["hip"]["trunk_drop_sd_deg"] is None
    assert json.loads(json.dumps(body, allow_nan=False)) == body


def test_a_mark_is_told_and_leaves_the_numbers_and_the_verdict_alone() -> None:
    plain = encode.finished_rep(REP, CONFIG, utc)
    marked = encode.finished_rep(replace(REP, marks=("camera_moved",)), CONFIG, utc)
    assert plain["marks"] == []
    assert marked == plain | {"marks": ["camera_moved"]}


def test_numpy_numbers_are_numbers() -> None:
    rep = replace(REP, rom_m=np.float64(0.5), rep=int(np.int64(2)), valid=np.bool_(True))  # type: ignore[arg-type]
    body = encode.finished_rep(rep, CONFIG, utc)
    assert json.loads(encode.to_bytes(body)) == body
    assert (body["rom_m"], body["valid"]) == (0.5, True)


def test_a_rep_that_is_none_says_why() -> None:
    event = RepEvent(5, RepKind.VOID, "s1r3", 1, 3, reason="the bar rolled")
    body = encode.rep_message(event, CONFIG, utc)
    assert (body["type"], body["id"], body["reason"]) == ("void", "s1r3", "the bar rolled")
    assert msgspec.convert(body["after"], payloads.RepSoFar).rep == 3


def test_the_end_of_a_rep_carries_the_finished_rep() -> None:
    event = RepEvent(5, RepKind.END, REP.id, REP.set, REP.rep, rep=REP)
    body = encode.rep_message(event, CONFIG, utc)
    assert body["after"] == encode.finished_rep(REP, CONFIG, utc)


def test_a_set_is_summed_up_with_its_tonnage() -> None:
    event = SetEvent(5, 1, 5, 0.45, 0.36, 0.2, {"bar_forward": 2}, float("nan"))
    body = encode.set_summary(event, CONFIG)
    summary = msgspec.convert(body, payloads.SetSummary)
    assert (summary.reps, summary.tonnage_kg, summary.velocity_loss) == (5, 700.0, 0.2)
    assert summary.faults == {"bar_forward": 2}
    assert summary.path_spread_m is None


def test_a_cue_carries_its_evidence() -> None:
    event = CueEvent(
        5, "c1", "bar_forward", Severity.WARN, Moment.AFTER, "Closer", "s1r2", 4000, {"m": 0.03}
    )
    body = encode.cue(event) | {"latency_ms": 1.0}
    cue = msgspec.convert(body, payloads.Cue)
    assert (cue.severity, cue.moment, cue.evidence) == ("warn", "after", {"m": 0.03})


def test_the_envelope_comes_first_and_leaves_out_an_unknown_time() -> None:
    assert list(encode.envelope({"a": 1}, 7, "now")) == ["schema", "seq", "t_capture", "a"]
    assert encode.envelope({"a": 1}, 7, None) == {"schema": 1, "seq": 7, "a": 1}
