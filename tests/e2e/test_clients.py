"""The examples of ``docs/clients.md`` and ``docs/home-assistant.md`` do what they say."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import contract
import pytest
import yaml
from broker_material import (
    PATIENCE_S,
    PHONE,
    PHONES,
    Watcher,
    cue_event,
    eventually,
    publish_one_of_each,
    utc,
)

from shinline import config as configuration
from shinline.config import Config, Mqtt
from shinline.wire import homeassistant, mosquitto, requests
from shinline.wire.broker import Broker, start_broker
from shinline.wire.client import KEEPALIVE_S
from shinline.wire.sink import MqttSink
from shinline.wire.topics import TOPICS

CLIENTS = (contract.DOCS / "clients.md").read_text(encoding="utf-8")
HOME = (contract.DOCS / "home-assistant.md").read_text(encoding="utf-8")
PLATFORM = Config().platform
NOW_NS = 5_250_000_000


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)\n```", page, re.S)


COMMANDS = [line for block in blocks(CLIENTS, "sh") for line in block.splitlines()]
READS = [line for line in COMMANDS if line.startswith("mosquitto_sub")]
ASKS = [line for line in COMMANDS if line not in READS]

installed = pytest.mark.skipif(
    not all(shutil.which(f"mosquitto_{name}") for name in ("sub", "pub", "rr")),
    reason="mosquitto_sub, mosquitto_pub and mosquitto_rr are not installed: "
    "apt install mosquitto-clients",
)


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    ports = Mqtt(port=0, ws_port=0, tls_port=0)
    folder = tmp_path_factory.mktemp("broker")
    with start_broker(ports, PLATFORM, folder, request.param, PHONES) as running:
        yield running


@pytest.fixture
def device(broker: Broker) -> Iterator[MqttSink]:
    sink = MqttSink(Config(), broker.endpoint, utc, lambda: NOW_NS)
    try:
        assert eventually(lambda: sink.connected)
        yield sink
    finally:
        sink.close()


@contextmanager
def started(command: list[str], **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, **more))
        stack.callback(process.kill)
        yield process


def options(broker: Broker, folder: Path) -> dict[str, str]:
    """Write the options of the page, with this broker's place; return the environment."""
    (text,) = blocks(CLIENTS, "text")
    for placeholder, value in (("shinline.local", "127.0.0.1"), ("NAME", PHONE[0])):
        assert placeholder in text
        text = text.replace(placeholder, value)
    text = text.replace("PASSWORD", PHONE[1]) + f"\n-p {broker.tcp_port}\n"
    for name in ("sub", "pub", "rr"):
        (folder / f"mosquitto_{name}").write_text(text, encoding="utf-8")
    return {**os.environ, "XDG_CONFIG_HOME": str(folder)}


@installed
@pytest.mark.parametrize("command", READS)
def test_what_is_read_with_mosquitto_sub_is_read(
    broker: Broker, device: MqttSink, tmp_path: Path, command: str
) -> None:
    with started(shlex.split(command), env=options(broker, tmp_path)) as process:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        said = b""

        def came() -> bool:
            nonlocal said
            publish_one_of_each(device)
            said += process.stdout.read() or b""
            return bool(said)

        assert eventually(came)


@installed
@pytest.mark.parametrize("command", ASKS)
def test_what_is_asked_with_mosquitto_is_asked_and_answered(
    broker: Broker, device: MqttSink, tmp_path: Path, command: str
) -> None:
    words = shlex.split(command)
    with started(words, env=options(broker, tmp_path)) as process:
        taken: list[requests.Request] = []

        def take() -> bool:
            request = device.take_request()
            return request is not None and not taken.append(request)

        assert eventually(take)
        assert words[words.index("-t") + 1].endswith(f"request/{taken[0].verb}")
        device.answer(taken[0], {"done": True})
        said, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
        if words[0] == "mosquitto_rr":
            assert json.loads(said)["data"] == {"done": True}


def test_every_topic_in_the_pages_is_one_and_every_request_is_understood() -> None:
    known = {topic.name for topic in TOPICS} | {"#"}
    found = set(re.findall(rf"shinline/{PLATFORM}/([a-z_/#]+)", CLIENTS))
    asked = {name.split("/")[1] for name in found if name.startswith(("request/", "response/"))}
    assert asked <= set(requests.AVAILABLE)
    assert {name for name in found if not name.startswith(("request/", "response/"))} <= known
    sent = re.findall(r"request/(\w+) .*-m '(.*)'", "\n".join(ASKS))
    sent += re.findall(r"request/(\w+)` \| `(\{.*\})`", CLIENTS)
    assert len(sent) >= 7
    for verb, payload in sent:
        requests.parse(verb, payload.encode())


def test_every_field_in_the_table_of_panels_is_one() -> None:
    shown = re.findall(rf"`shinline/{PLATFORM}/([\w/]+)` \| `\$\.(\w+)`", CLIENTS)
    assert len(shown) >= 4
    payloads = {topic.name: topic.payload for topic in TOPICS}
    for topic, field in shown:
        assert field in payloads[topic].__struct_fields__


def test_the_program_in_python_prints_a_cue(broker: Broker, device: MqttSink) -> None:
    (program,) = blocks(CLIENTS, "python")
    arguments = [sys.executable, "-c", program, "127.0.0.1", str(broker.tcp_port), *PHONE]
    with started(arguments) as process, Watcher(broker.tcp_port, PLATFORM):
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)

        def came() -> bool:
            device.publish_event(cue_event())
            return b"warn Keep it close 250.0 ms" in (process.stdout.read() or b"")

        assert eventually(came)


def test_the_flow_for_node_red_hangs_together() -> None:
    """Node-RED itself is not at hand: what can be checked is what a typing error would break."""
    (text,) = [block for block in blocks(CLIENTS, "json") if "mqtt-broker" in block]
    nodes = {node["id"]: node for node in json.loads(text)}
    wired = {to for node in nodes.values() for port in node.get("wires", ()) for to in port}
    starts = {name for name, node in nodes.items() if node["type"] in ("mqtt in", "inject")}
    assert wired | starts | {"sh-broker", "sh-tab"} == set(nodes)
    for node in nodes.values():
        assert node.get("broker", "sh-broker") in ("sh-broker", "shinline.local")
        assert len(node.get("wires", ())) == node.get("outputs", len(node.get("wires", ())))
        assert len(node.get("rules", ())) in (0, node.get("outputs"))
    (ask,) = [node for node in nodes.values() if node["type"] == "mqtt out"]
    (button,) = [node for node in nodes.values() if node["type"] == "inject"]
    verb = ask["topic"].rpartition("/")[2]
    assert requests.parse(verb, button["payload"].encode()).transaction == "node-red"


def test_the_automations_speak_of_entities_that_there_are() -> None:
    named = {
        f"{row['p']}.shinline_{PLATFORM}_{row['name'].lower().replace(' ', '_')}"
        for row in homeassistant.entities().values()
    }
    automations = [yaml.safe_load(block) for block in blocks(HOME, "yaml")]
    assert len(automations) == 2
    for automation in automations:
        assert set(automation) == {"triggers", "conditions", "actions"}
        assert automation["triggers"][0]["entity_id"] in named
    assert (
        automations[0]["conditions"][0]["state"] in homeassistant.entities()["cue"]["event_types"]
    )
    assert automations[1]["actions"][0]["target"]["entity_id"] in named


def test_the_times_in_the_page_are_those_in_force() -> None:
    """A broker gives a client up one and a half times after it should have heard of it."""
    assert f"*unavailable* within {1.5 * KEEPALIVE_S:g} s" in HOME
    stale = {
        row["expire_after"] for row in homeassistant.entities().values() if "expire_after" in row
    }
    assert [f"*unavailable* {limit_s} s" in HOME for limit_s in stale] == [True]


def test_the_settings_in_the_page_are_accepted() -> None:
    first, second = (configuration.parse(block) for block in blocks(HOME, "toml"))
    assert first.mqtt.url.startswith("mqtt://")
    assert not second.home_assistant.discovery
    assert homeassistant.config_path(Config()) in HOME
