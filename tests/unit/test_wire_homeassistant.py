"""What Home Assistant is told fits the tables, and survives everything that may be said."""

import json
from typing import Any

import msgspec
import pytest
from home_assistant import Entity, rendered, understood

from shinline.config import Config
from shinline.config import HomeAssistant as Settings
from shinline.types import Phase, RepKind, Severity
from shinline.wire import homeassistant, requests
from shinline.wire.homeassistant import AGAIN_S, Introduction
from shinline.wire.topics import TOPICS

CONFIG = Config(platform="rack_3")
TABLE = homeassistant.entities()
NAMED = {topic.name: topic for topic in TOPICS}
SHOWN = [key for key, row in TABLE.items() if "value_template" in row]
ASKED = [key for key, row in TABLE.items() if "verb" in row]


def nulls(topic: str) -> dict[str, Any]:
    """Return a message with every field it may have, each of them null."""
    return dict.fromkeys(NAMED[topic].payload.__struct_fields__)


def test_home_assistant_understands_all_of_it() -> None:
    entities = understood(homeassistant.discovery(CONFIG, "http://192.0.2.1/"))
    assert list(entities) == list(TABLE)


def test_every_entity_has_a_name_that_lasts() -> None:
    components = homeassistant.discovery(CONFIG)["cmps"]
    assert {key: told["unique_id"] for key, told in components.items()} == {
        key: f"shinline_rack_3_{key}" for key in TABLE
    }


def test_every_topic_and_every_request_is_in_the_tables() -> None:
    assert {row["topic"] for row in TABLE.values() if "topic" in row} <= set(NAMED)
    assert {row["verb"] for row in TABLE.values() if "verb" in row} <= set(requests.AVAILABLE)
    assert len(SHOWN) + len(ASKED) > len(TABLE) - 1


def test_the_words_it_expects_are_those_that_are_said() -> None:
    assert TABLE["phase"]["options"] == [phase.value for phase in Phase]
    assert TABLE["cue"]["event_types"] == [severity.value for severity in Severity]
    kinds = {kind.value for kind in RepKind}
    assert set(TABLE["repetition"]["event_types"]) == kinds - {"update"}


@pytest.mark.parametrize("key", ASKED)
def test_what_an_entity_asks_is_a_request_that_is_understood(key: str) -> None:
    row = TABLE[key]
    payloads = [row[name] for name in ("payload_press", "payload_on", "payload_off") if name in row]
    if "command_template" in row:
        low, high, step = row["min"], row["max"], row["step"]
        template = row["command_template"]
        payloads += [template.replace("{{ value }}", str(v)) for v in (low, step, high)]
    assert payloads
    for payload in payloads:
        assert requests.parse(row["verb"], payload.encode()).transaction == "home_assistant"


@pytest.mark.parametrize("key", SHOWN)
def test_what_is_null_or_missing_is_unknown_and_never_an_error(key: str) -> None:
    row = TABLE[key]
    for message in ({}, nulls(row["topic"])):
        payload = json.dumps(message).encode()
        told = rendered(row["value_template"], payload)
        if row["p"] == "event":
            assert told == "" or json.loads(told)["event_type"] is None
        else:
            assert told in ("None", "OFF")
        if "json_attributes_template" in row:
            assert isinstance(json.loads(rendered(row["json_attributes_template"], payload)), dict)


def test_a_number_that_is_null_is_not_shown_as_zero() -> None:
    numbers = [key for key in SHOWN if "state_class" in TABLE[key]]
    assert len(numbers) > 8
    for key in numbers:
        payload = json.dumps(nulls(TABLE[key]["topic"])).encode()
        assert rendered(TABLE[key]["value_template"], payload) == "None"


@pytest.mark.parametrize(
    ("latency_ms", "expired", "fires"),
    [(9.5, False, True), (4000.0, False, True), (4000.1, False, False), (9.5, True, False)],
)
def test_only_a_cue_in_time_fires(latency_ms: float, expired: bool, fires: bool) -> None:
    entity = Entity({**homeassistant.discovery(CONFIG)["cmps"]["cue"]})
    cue = {"severity": "stop", "latency_ms": latency_ms, "ttl_ms": 4000, "expired": expired}
    entity.hear(msgspec.json.encode(cue), retained=False)
    assert [event["event_type"] for event in entity.fired] == (["stop"] if fires else [])


def test_without_discovery_nothing_is_said_but_that_there_is_nothing() -> None:
    home = Introduction(Config(home_assistant=Settings(discovery=False)))
    assert (home.payload, home.listens) == (b"", ())
    assert not home.is_asked_for("homeassistant/status", b"online", retained=False)


def test_another_prefix_is_another_place() -> None:
    home = Introduction(Config(platform="p", home_assistant=Settings(prefix="ha2")))
    assert home.path == "ha2/device/shinline_p/config"
    assert home.listens == ("ha2/status",)


def test_it_is_said_again_when_home_assistant_starts_but_not_a_hundred_times() -> None:
    now_s = [100.0]
    home = Introduction(CONFIG, now_s=lambda: now_s[0])
    ask = ("homeassistant/status", b"online", False)
    assert home.is_asked_for(*ask)
    home.said()
    assert not home.is_asked_for(*ask)
    now_s[0] += AGAIN_S
    assert home.is_asked_for(*ask)
    assert not home.is_asked_for("homeassistant/status", b"online", True)
    assert not home.is_asked_for("homeassistant/status", b"offline", False)
    assert not home.is_asked_for("shinline/rack_3/status", b"online", False)
