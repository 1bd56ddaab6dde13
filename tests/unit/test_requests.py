"""What may be asked, how it must be written, and what is answered to what is not."""

from typing import get_args, get_type_hints

import msgspec
import pytest

from shinline.coach import asking
from shinline.config import MODES, LiftName
from shinline.wire import requests
from shinline.wire.requests import AVAILABLE, MOST_BYTES, VERBS, BadRequest, parse, transaction_of

CONTRACT = [
    "start_set",
    "end_set",
    "set_load",
    "label_rep",
    "rate_set",
    "report_soreness",
    "feedback_now",
    "mute",
    "preview",
    "level",
    "calibrate",
    "cancel",
    "health_check",
]
BESIDES = ["shown"]


def refused(verb: str, payload: bytes) -> str:
    with pytest.raises(BadRequest) as told:
        parse(verb, payload)
    return str(told.value)


def test_the_table_has_every_verb_of_the_contract_once() -> None:
    assert sorted(verb.name for verb in VERBS) == sorted(CONTRACT + BESIDES)


def test_requests_that_are_well_formed_arrive_as_they_were_meant() -> None:
    asked = parse("preview", b'{"on": true, "transaction": 7}')
    assert (asked.body, asked.transaction) == (requests.Preview(on=True, transaction=7), 7)
    asked = parse("calibrate", b'{"action":"start","step":"rest","values":{"stature_m":1.8}}')
    assert isinstance(asked.body, requests.Calibrate)
    assert (asked.body.action, asked.body.step) == ("start", "rest")
    assert asked.body.values.given() == {"stature_m": 1.8}
    for action in ("save", "restart", "recalibrate"):
        parse("calibrate", f'{{"action":"{action}"}}'.encode())
    for verb in ("level", "cancel", "health_check"):
        assert parse(verb, b"{}").transaction is None


START = (
    b'{"lifter": "Zo\xc3\xab", "lift": "trap_bar", "load_kg": 142, "target_reps": 5,'
    b' "target_rpe": 8.5, "mode": "technique", "transaction": "t"}'
)


@pytest.mark.parametrize(
    ("verb", "payload", "values"),
    [
        (
            "start_set",
            START,
            {
                "lifter": "Zoë",
                "lift": "trap_bar",
                "load_kg": 142.0,
                "target_reps": 5,
                "target_rpe": 8.5,
                "mode": "technique",
            },
        ),
        ("start_set", b"{}", {}),
        ("start_set", b'{"target_rpe": null}', {"target_rpe": None}),
        ("end_set", b"{}", {}),
        ("set_load", b'{"load_kg": 0}', {"load_kg": 0.0}),
        ("label_rep", b'{"rep_id": "a", "label": "false"}', {"rep_id": "a", "label": "false"}),
        ("rate_set", b'{"rpe": 7.5}', {"rpe": 7.5}),
        (
            "report_soreness",
            b'{"place": "low_back", "level": 3, "note": "since Tuesday"}',
            {"place": "low_back", "level": 3.0, "note": "since Tuesday"},
        ),
        ("feedback_now", b"{}", {}),
        ("mute", b'{"on": false}', {"on": False}),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_coach_is_what_was_said_and_no_more(
    verb: str, payload: bytes, values: dict[str, object]
) -> None:
    body = parse(verb, payload).body
    assert isinstance(body, requests.CoachBody)
    assert body.values() == values
    assert [type(v) for v in body.values().values()] == [type(v) for v in values.values()]


def test_a_set_can_be_of_every_lift_and_mode_there_is() -> None:
    for lift in get_args(LiftName):
        assert parse("start_set", f'{{"lift": "{lift}"}}'.encode()).body.lift == lift
        assert lift in next(row.expects for row in VERBS if row.name == "start_set")
    hints = get_type_hints(requests.StartSet)
    modes = {m for part in get_args(hints["mode"]) for m in get_args(part)}
    assert modes == set(MODES)
    assert msgspec.structs.fields(requests.StartSet)  # the hints are of the very type


def test_what_can_be_sore_is_what_the_coach_writes_down() -> None:
    places = get_args(get_type_hints(requests.ReportSoreness)["place"])
    kinds = {
        k
        for part in get_args(get_type_hints(requests.ReportSoreness)["kind"])
        for k in get_args(part)
    }
    assert places == asking.PLACES
    assert kinds == set(asking.KINDS)
    told = next(row.expects for row in VERBS if row.name == "report_soreness")
    assert [name for name in (*places, *kinds) if f'"{name}"' not in told] == []


@pytest.mark.parametrize("verb", AVAILABLE)
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"1",
        b'"level"',
        b"\xff\xfe\x00",
        b"\x00" * 64,
        b"[" * 4000,
        b'{"transaction":' + b"[" * 4000,
        b'{"x":' * 800,
        b'{"x": 1}',
        b'{"on": true, "on\\u0000": 1}',
        b'{"on": true} {"on": true}',
        b'{"transaction": 1.5}',
        b'{"transaction": {"a": 1}}',
        b'{"transaction": 99999999999999999999}',
        b'{"transaction": "' + b"x" * 65 + b'"}',
        b'{"transaction": "\xff"}',
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_expected(verb: str, payload: bytes) -> None:
    row = next(row for row in VERBS if row.name == verb)
    said = refused(verb, payload)
    assert said.startswith(f"{verb}: ")
    assert said.endswith(f"expected {row.expects}")


@pytest.mark.parametrize(
    ("verb", "payload", "part"),
    [
        ("preview", b"{}", "missing required field 'on'"),
        ("preview", b'{"on": 1}', "Expected 'bool', got 'int' - at 'on'"),
        ("preview", b'{"on": true, "hz": 9}', "unknown field 'hz'"),
        ("start_set", b'{"lifter": ""}', "length >= 1 - at 'lifter'"),
        ("start_set", b'{"lifter": "' + b"x" * 65 + b'"}', "length <= 64 - at 'lifter'"),
        ("start_set", b'{"lifter": " "}', "at 'lifter'"),
        ("start_set", b'{"lifter": 7}', "got 'int' - at 'lifter'"),
        ("start_set", b'{"lift": "snatch"}', "Invalid enum value 'snatch' - at 'lift'"),
        ("start_set", b'{"load_kg": 600.5}', "<= 600.0 - at 'load_kg'"),
        ("start_set", b'{"load_kg": "100"}', "got 'str' - at 'load_kg'"),
        ("start_set", b'{"load_kg": null}', "got 'null' - at 'load_kg'"),
        ("start_set", b'{"target_reps": 101}', "<= 100 - at 'target_reps'"),
        ("start_set", b'{"target_reps": 2.5}', "got 'float' - at 'target_reps'"),
        ("start_set", b'{"target_rpe": 8.3}', "multiple of 0.5 - at 'target_rpe'"),
        ("start_set", b'{"target_rpe": 10.5}', "<= 10.0 - at 'target_rpe'"),
        ("start_set", b'{"mode": "loud"}', "Invalid enum value 'loud' - at 'mode'"),
        ("set_load", b"{}", "missing required field 'load_kg'"),
        ("set_load", b'{"load_kg": -1}', ">= 0.0 - at 'load_kg'"),
        ("set_load", b'{"load_kg": true}', "got 'bool' - at 'load_kg'"),
        ("label_rep", b'{"rep_id": "a"}', "missing required field 'label'"),
        ("label_rep", b'{"rep_id": "", "label": "good"}', "at 'rep_id'"),
        ("label_rep", b'{"rep_id": "a", "label": "great"}', "Invalid enum value 'great'"),
        ("rate_set", b'{"rpe": 0.5}', ">= 1.0 - at 'rpe'"),
        ("rate_set", b'{"rpe": null}', "got 'null' - at 'rpe'"),
        ("mute", b'{"on": 1}', "got 'int' - at 'on'"),
        ("calibrate", b'{"action": "erase"}', "Invalid enum value 'erase'"),
        ("calibrate", b'{"action": "start"}', "'step' belongs to start, redo and skip"),
        ("calibrate", b'{"action": "save", "step": "rest"}', "and only to them"),
        ("calibrate", b'{"action": "start", "step": "../x"}', "at 'step'"),
        (
            "calibrate",
            b'{"action":"start","step":"a","values":{"stature_m":178}}',
            "<= 2.3 - at 'values.stature_m'",
        ),
        (
            "calibrate",
            b'{"action":"start","step":"a","values":{"stature_m":NaN}}',
            "JSON is malformed",
        ),
        ("calibrate", b'{"action":"start","step":"a","values":{"stature_m":1e999}}', "range"),
        ("calibrate", b'{"action":"start","step":"a","values":{"shoe_mm":1}}', "unknown field"),
    ],
)
def test_the_error_names_what_is_wrong(verb: str, payload: bytes, part: str) -> None:
    assert part in refused(verb, payload)


def test_a_long_request_is_not_looked_into() -> None:
    fits = b'{"on": true}' + b" " * (MOST_BYTES - 12)
    assert parse("preview", fits).body == requests.Preview(on=True)
    assert f"{MOST_BYTES + 1} bytes are too many" in refused("preview", fits + b" ")
    assert transaction_of(b'{"transaction": 1}' + b" " * MOST_BYTES) is None


@pytest.mark.parametrize("verb", ["", "reboot", "level/x", "LEVEL", "#", "x" * 60_000, "\x00"])
def test_an_unknown_verb_is_told_which_there_are(verb: str) -> None:
    said = refused(verb, b"{}")
    assert said.startswith("unknown request ")
    assert said.endswith(f"; expected one of {', '.join(AVAILABLE)}")
    assert len(said) < 300


@pytest.mark.parametrize("verb", ["", "level/x", "#", "+", "x" * 33, "LEVEL", "a\nb", "\x00"])
def test_no_asker_chooses_a_topic_for_the_device(verb: str) -> None:
    assert requests.answered_on(verb) == requests.UNKNOWN
    assert requests.answered_on("reboot") == "reboot"


def test_the_transaction_of_a_refused_request_comes_back_where_it_can_be_read() -> None:
    assert transaction_of(b'{"on": 1, "transaction": "abc"}') == "abc"
    assert transaction_of(b'{"x": [{"y": 1}], "transaction": 3}') == 3
    for payload in (b"", b"[]", b'{"transaction": []}', b'{"x":' + b"[" * 4000, b"\xff"):
        assert transaction_of(payload) is None
