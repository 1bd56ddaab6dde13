"""The published contract is what the tables say, and what is really sent keeps it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import contract
import fastjsonschema
import msgspec
import pytest
import through
from contract import DOCS, document, hold, references, resolved
from mounting_desk import Bench
from test_app_asking import CUE, Room, planned
from wire_material import AGREES, MOVED, PLAN, REP, utc

from shinline.app import asyncapi, topic_docs, topic_examples, topic_fields
from shinline.config import Config, Mqtt
from shinline.types import (
    CameraIdentity,
    Event,
    MarkerEvent,
    Phase,
    PhaseEvent,
    PlanEvent,
    RepEvent,
    RepKind,
    Role,
    SetEvent,
)
from shinline.wire import requests, topics
from shinline.wire.answers import ANSWERS
from shinline.wire.compose import Composer, Message
from shinline.wire.mount import Response
from shinline.wire.payloads import Calibration, Info, Stats
from shinline_cal import live

PUBLISHED = {
    "status": (1, True, ""),
    "info": (1, True, "version camera width_px height_px rate_hz roles capabilities"),
    "calibration": (
        1,
        True,
        "valid scale_m_per_px roll_deg roll_sd_deg residual_px floor_ok age_s problems",
    ),
    "state": (
        1,
        True,
        "phase lifter lift load_kg set rep target_reps velocity_loss",
    ),
    "live": (0, False, "t0 dt_ms x_m y_m vy_mps sd_m coasting"),
    "rep": (1, False, "type id after"),
    "rep/last": (
        1,
        True,
        "id lifter lift load_kg set rep start lockout end rom_m mean_velocity_mps "
        "mean_velocity_sd_mps peak_velocity_mps peak_acceleration_mps2 time_to_knee_s "
        "concentric_s eccentric_s drift_forward_m drift_backward_m drift_sd_m drift_at_knee_m "
        "loop_m sticking_height_m floor_time_s style faults tracked_ratio hip valid not_assessed",
    ),
    "set/last": (
        1,
        True,
        "reps tonnage_kg best_velocity_mps last_velocity_mps velocity_loss faults path_spread_m",
    ),
    "cue": (1, False, "id code severity moment text rep_id evidence latency_ms ttl_ms"),
    "stats": (
        0,
        False,
        "rate_hz dropped tracked_ratio latency_p50_ms latency_p95_ms stage_us temperature_c "
        "throttled queue_lost",
    ),
    "preview": (0, False, ""),
}
"""What other programs rely on: QoS, retained, and the fields that will always be there."""

VERBS = {
    "start_set": "lifter lift load_kg target_reps target_rpe mode",
    "end_set": "",
    "set_load": "load_kg",
    "label_rep": "rep_id label",
    "rate_set": "rpe",
    "feedback_now": "",
    "mute": "on",
    "preview": "on",
    "level": "",
    "calibrate": "action step values",
    "cancel": "",
    "health_check": "",
    "report_soreness": "",
}


def sent(topic: str) -> dict[str, Any]:
    """Return what the contract says of an operation of the device."""
    name = contract.message_on(topic)
    told: dict[str, Any] = document()["operations"][f"send_{name}"]
    return told


def fields_of(topic: str) -> set[str]:
    payload = document()["components"]["messages"][contract.message_on(topic)]["payload"]
    return {
        name
        for reference in references(payload)
        for name in resolved(reference).get("properties", {})
    }


# --- the documents --------------------------------------------------------------------------------


def test_the_documents_are_those_that_are_made() -> None:
    """If this fails: ``python -m shinline.app.topic_docs --write``."""
    assert (DOCS / "topics.md").read_text(encoding="utf-8") == topic_docs.page()
    assert (DOCS / "asyncapi.yaml").read_text(encoding="utf-8") == topic_docs.yaml_text()
    home = (DOCS / "home-assistant.md").read_text(encoding="utf-8")
    assert home.count(topic_docs.entities_table()) == 1


def test_the_yaml_says_what_the_tables_say() -> None:
    assert document() == json.loads(json.dumps(asyncapi.document()))


def test_every_reference_leads_somewhere() -> None:
    found = set(references(document()))
    assert len(found) > 100
    for reference in found:
        assert isinstance(resolved(reference), dict)


def test_every_schema_is_used() -> None:
    used = {reference.rpartition("/")[2] for reference in references(document())}
    assert set(document()["components"]["schemas"]) <= used
    assert set(document()["components"]["messages"]) <= used


@pytest.mark.parametrize("topic", PUBLISHED)
def test_a_topic_that_others_rely_on_is_there_as_it_was(topic: str) -> None:
    qos, retain, fields = PUBLISHED[topic]
    operation = sent(topic)
    assert operation["action"] == "send"
    assert operation["bindings"]["mqtt"] == {
        "qos": qos,
        "retain": retain,
        "bindingVersion": "0.2.0",
    }
    if fields:
        assert fields_of(topic) >= {"schema", "seq", "t_capture", *fields.split()}


def test_no_topic_is_missing_and_none_is_made_up() -> None:
    known = {topic.name for topic in topics.TOPICS} - {"response"}
    answers = {f"response/{verb}" for verb in [*requests.AVAILABLE, requests.UNKNOWN]}
    asked = {f"request/{verb}" for verb in requests.AVAILABLE}
    prefix = "shinline/{platform}/"
    addresses = {channel["address"] for channel in document()["channels"].values()}
    place = "homeassistant/device/shinline_{platform}/config"
    assert addresses == {prefix + name for name in known | answers | asked} | {place}


@pytest.mark.parametrize("verb", VERBS)
def test_a_request_that_others_rely_on_takes_what_it_took(verb: str) -> None:
    operation = document()["operations"][f"receive_request_{verb}"]
    assert operation["action"] == "receive"
    assert operation["reply"]["channel"]["$ref"] == f"#/channels/response_{verb}"
    assert fields_of(f"request/{verb}") >= {"transaction", *VERBS[verb].split()}


def test_every_request_has_an_answer_and_examples() -> None:
    assert set(ANSWERS) == set(requests.AVAILABLE) - {"shown"}
    assert set(topic_examples.REQUESTS) == set(requests.AVAILABLE)
    assert set(topic_examples.ANSWERS) == set(ANSWERS)


def test_the_ports_are_those_in_force() -> None:
    ports = Mqtt()
    hosts = {name: server["host"] for name, server in document()["servers"].items()}
    assert hosts == {
        "tcp": f"{{device}}:{ports.port}",
        "websocket": f"{{device}}:{ports.ws_port}",
        "tls": f"{{device}}:{ports.tls_port}",
        "websocket_tls": f"{{device}}:{ports.ws_port}",
    }
    for server in document()["servers"].values():
        assert [resolved(each["$ref"])["type"] for each in server["security"]] == ["userPassword"]


def test_every_field_is_explained() -> None:
    schemas = document()["components"]["schemas"]
    fields = {
        (owner.removeprefix("Request"), field)
        for owner, schema in schemas.items()
        for field in schema.get("properties", {})
    }
    explained = {
        f"{owner}.{field}" if f"{owner}.{field}" in topic_fields.MEANINGS else field
        for owner, field in fields
    }
    assert explained <= set(topic_fields.MEANINGS)


def test_units_come_from_names() -> None:
    names = ("load_kg", "x_m", "vy_mps", "peak_acceleration_mps2", "scale_m_per_px", "dt_ms", "set")
    assert [topic_fields.unit(n) for n in names] == ["kg", "m", "m/s", "m/s²", "m/px", "ms", ""]


# --- examples -------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", topic_examples.BODIES, ids=lambda topic: topic.name)
def test_an_example_of_a_message_keeps_the_contract(topic: topics.Topic) -> None:
    example = topic_examples.message(topic)
    hold(topic.name, example)
    body = {k: v for k, v in example.items() if k not in ("schema", "seq", "t_capture")}
    assert set(body) == set(topic.payload.__struct_fields__)
    assert msgspec.to_builtins(msgspec.convert(body, topic.payload)) == body


@pytest.mark.parametrize("verb", requests.AVAILABLE)
def test_an_example_of_a_request_is_understood(verb: str) -> None:
    example = topic_examples.request(verb)
    hold(f"request/{verb}", example)
    assert requests.parse(verb, json.dumps(example).encode()).transaction == example["transaction"]
    if verb in ANSWERS:
        answer = topic_examples.answer(verb)
        hold(f"response/{verb}", answer)
        whole = msgspec.to_builtins(msgspec.convert(answer["data"], ANSWERS[verb]))
        assert whole | answer["data"] == whole


def test_every_example_in_the_page_is_json() -> None:
    blocks = re.findall(r"```json\n(.*?)\n```", topic_docs.page(), re.S)
    assert len(blocks) > 20
    for block in blocks:
        assert isinstance(json.loads(block), dict)


def test_every_link_within_the_page_leads_somewhere() -> None:
    page = topic_docs.page()
    headings = re.findall(r"^#+ (.+)$", page, re.M)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    linked = set(re.findall(r"\]\(#([\w-]+)\)", page))
    assert len(linked) > 25
    assert linked - anchors == set()
    files = {name.partition("#")[0] for name in re.findall(r"\]\(([\w-]+\.[\w#.-]+)\)", page)}
    assert [name for name in files if not (DOCS / name).exists()] == []


# --- what is really sent --------------------------------------------------------------------------


def kept(messages: list[Message]) -> list[str]:
    """Hold messages against the contract; return the topics they are on."""
    for message in messages:
        hold(message.topic.name + message.below, json.loads(message.to_bytes(9_000_000_000)))
    return [message.topic.name for message in messages]


def test_a_lift_that_is_followed_keeps_the_contract() -> None:
    """A real engine, all stickers, two repetitions, the second with a bar that goes forward."""
    lifter = through.Lifter(reps=2, bulge_m=0.06)
    config = through.SLANTED.config
    composer = Composer(config, utc)
    session = through.watch(lifter)
    said = kept(composer.opening())
    for event in session.events:
        said += kept(composer.event(event))
    assert len(session.reps) == 2
    assert set(said) >= {"state", "calibration", "setup", "rep", "rep/last", "set/last", "cue"}


REST: list[Event] = [
    MOVED,
    AGREES,
    MarkerEvent(1, Role.BAR, seen=True),
    PlanEvent(1, PLAN, 1),
    PhaseEvent(1, Phase.PULL, 1, 1),
    RepEvent(1, RepKind.NEW, "r", 1, 1),
    RepEvent(1, RepKind.VOID, "r", 1, 1, reason="the bar was laid down"),
    RepEvent(2, RepKind.END, REP.id, 1, 2, rep=replace(REP, rom_m=float("nan"))),
    SetEvent(3, 1, 1, None, None, None, {}, None),
    CUE,
]
"""What the lift above does not come by."""


def test_what_a_good_lift_never_says_keeps_the_contract() -> None:
    composer = Composer(through.SLANTED.config, utc)
    said = kept(composer.info(Info(version="1", camera="c", width_px=1, height_px=1, rate_hz=60.0)))
    for event in REST:
        said += kept(composer.event(event))
    said += kept(composer.calibration(Calibration(valid=False, problems=("no rig",))))
    said += kept(composer.stats(Stats(rate_hz=60.0, dropped=0, queue_lost={"live": 3})))
    said += kept(composer.response("unknown", Response("error", {}, "unknown request", 7)))
    assert set(said) >= {"info", "calibration", "state", "stats", "cue", "rep", "response"}


ASKED = [
    ("start_set", '{"load_kg": 150}', (planned(),)),
    ("set_load", '{"load_kg": 150}', (planned(),)),
    ("set_load", '{"load_kg": 150}', ()),
    ("end_set", "{}", (SetEvent(9, 3, 4, 0.5, 0.4, 0.2, {}, 0.01),)),
    ("end_set", "{}", ()),
    ("label_rep", '{"rep_id": "old", "label": "good"}', ()),
    ("rate_set", '{"rpe": 8.5}', ()),
    ("feedback_now", "{}", (CUE,)),
    ("feedback_now", "{}", ()),
    ("mute", '{"on": true}', ()),
    ("report_soreness", '{"place": "knees", "level": 2.5, "note": "since Monday"}', ()),
]


def answered(verb: str, data: dict[str, Any]) -> None:
    composer = Composer(through.SLANTED.config, utc)
    (message,) = composer.response(verb, Response("ok", data, "", "a"))
    hold(f"response/{verb}", json.loads(message.to_bytes(0)))
    msgspec.convert(data, ANSWERS[verb])


@pytest.mark.parametrize(("verb", "payload", "caused"), ASKED)
def test_what_the_coach_answers_keeps_the_contract(
    verb: str, payload: str, caused: tuple[Event, ...]
) -> None:
    answered(verb, Room(*caused).ask(verb, payload))


def test_what_the_desk_answers_keeps_the_contract(tmp_path: Path) -> None:
    calibrator = live.make(Config(), CameraIdentity("sim", "s1", 960, 720), tmp_path)
    bench = Bench(calibrator)
    asked = [
        ("preview", '{"on": true}'),
        ("level", "{}"),
        ("health_check", "{}"),
        ("cancel", "{}"),
        *(("calibrate", f'{{"action": "{action}"}}') for action in ("restart", "recalibrate")),
        ("calibrate", '{"action": "start", "step": "rest"}'),
    ]
    for verb, payload in asked:
        bench.ask(verb, payload)
    bench.run(2.0)
    bench.desk.close()
    assert sorted(verb for verb, _ in bench.line.answers) == sorted(verb for verb, _ in asked)
    for verb, data in bench.line.answers:
        answered(verb, data)
    composer = Composer(through.SLANTED.config, utc)
    assert bench.line.mounts
    for t_ns, mount in bench.line.mounts:
        kept(composer.mount(mount, t_ns))


@pytest.mark.parametrize(
    "change",
    [
        {"load_kg": "120"},
        {"load_kg": None},
        {"phase": "resting"},
        {"seq": 0},
        {"schema": 2},
        {"muted": 1},
        {"t_capture": "yesterday"},
    ],
)
def test_a_message_that_breaks_the_contract_is_noticed(change: dict[str, Any]) -> None:
    good = topic_examples.message(topics.STATE)
    hold("state", good)
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        hold("state", {**good, **change})


def test_a_field_too_many_or_too_few_is_noticed() -> None:
    good = topic_examples.message(topics.REP_LAST)
    with pytest.raises(AssertionError, match="strength"):
        hold("rep/last", {**good, "strength": 1.0})
    with pytest.raises(AssertionError, match="why"):
        hold("rep/last", {**good, "faults": [{**good["faults"][0], "why": ""}]})
    with pytest.raises(fastjsonschema.JsonSchemaValueException, match="rom_m"):
        hold("rep/last", {name: value for name, value in good.items() if name != "rom_m"})
