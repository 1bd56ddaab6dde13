"""Requests from real clients through real brokers to the device, and what comes back."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import paho.mqtt.client as paho
import pytest
from broker_material import (
    PATIENCE_S,
    PHONE,
    PHONES,
    PLATFORM,
    Watcher,
    cue_event,
    eventually,
    utc,
    wipe,
)
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from shinline.config import Config, Mqtt
from shinline.wire import mosquitto, requests
from shinline.wire.broker import Broker, start_broker
from shinline.wire.inbox import MOST_PER_S, TOO_MANY
from shinline.wire.payloads import Stats
from shinline.wire.sink import MqttSink

HASTY = 4 * MOST_PER_S
"""More requests at once than are answered, fewer than are taken for an attack."""


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    free_ports = Mqtt(port=0, ws_port=0)
    folder = tmp_path_factory.mktemp("broker")
    with start_broker(free_ports, PLATFORM, folder, request.param, PHONES) as running:
        yield running


@contextmanager
def device_on(broker: Broker, platform: str) -> Iterator[MqttSink]:
    config = Config(platform=platform)
    sink = MqttSink(config, broker.endpoint, utc, time.monotonic_ns)
    try:
        assert eventually(lambda: sink.connected)
        yield sink
    finally:
        sink.close()


@pytest.fixture
def platform(broker: Broker) -> Iterator[str]:
    yield PLATFORM
    wipe(broker)


def ask(page: Watcher, platform: str, verb: str, payload: bytes, retain: bool = False) -> None:
    page.client.publish(f"shinline/{platform}/request/{verb}", payload, qos=1, retain=retain)


def taken(device: MqttSink, count: int = 1) -> list[requests.Request]:
    got: list[requests.Request] = []

    def take() -> bool:
        while (request := device.take_request()) is not None:
            got.append(request)
        return len(got) >= count

    assert eventually(take)
    return got


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_a_page_asks_and_is_answered(
    broker: Broker, platform: str, transport: Literal["tcp", "websockets"]
) -> None:
    port = broker.tcp_port if transport == "tcp" else broker.ws_port
    with device_on(broker, platform) as device, Watcher(port, platform, transport) as page:
        ask(page, platform, "preview", b'{"on": true, "transaction": "a"}')
        ask(page, platform, "calibrate", b'{"action": "save", "transaction": 2}')
        first, second = taken(device, 2)
        assert first.body == requests.Preview(on=True, transaction="a")
        device.answer(first, {"on": True})
        device.refuse(second, "nothing to save")
        answer = page.wait_for("response/preview")[0]
        assert not answer.retained
        body = {name: answer.json[name] for name in ("status", "data", "error", "transaction")}
        assert body == {"status": "ok", "data": {"on": True}, "error": "", "transaction": "a"}
        refusal = page.wait_for("response/calibrate")[0].json
        assert (refusal["status"], refusal["error"]) == ("error", "nothing to save")
        assert refusal["transaction"] == 2


def test_what_is_malformed_is_answered_without_the_loop(broker: Broker, platform: str) -> None:
    """The loop is asleep here: nobody takes requests."""
    bad = {
        "preview": b'{"on": "yes", "transaction": 1}',
        "level": b"\xff\x00\xfe binary",
        "calibrate": b'{"values":' + b"[" * 4000,
        "cancel": b"[" * 6000,
        "health_check": b"{",
        "start_set": b'{"lift": "snatch"}',
        "report_soreness": b"{}",
        "reboot": b"{}",
    }
    with device_on(broker, platform) as device, Watcher(broker.tcp_port, platform) as page:
        for verb, payload in bad.items():
            ask(page, platform, verb, payload)
        said = {verb: page.wait_for(f"response/{verb}")[0].json for verb in bad}
        assert {answer["status"] for answer in said.values()} == {"error"}
        for verb in bad:
            assert "expected" in said[verb]["error"]
        assert said["preview"]["transaction"] == 1
        assert '"low_back"' in said["report_soreness"]["error"]
        ask(page, platform, "a/b/c", b"{}")
        assert "unknown request" in page.wait_for("response/unknown")[0].json["error"]
        assert device.take_request() is None
        ask(page, platform, "level", b"{}")
        assert taken(device)[0].verb == "level"


def test_a_page_says_when_a_cue_was_on_its_screen_and_gets_no_answer(
    broker: Broker, platform: str
) -> None:
    with device_on(broker, platform) as device, Watcher(broker.tcp_port, platform) as page:
        device.publish_event(replace(cue_event("c1"), t_ns=time.monotonic_ns()))
        page.wait_for("cue")
        ask(page, platform, "shown", b'{"id": "c1", "page_ms": 0}')
        ask(page, platform, "shown", b'{"id": "forged", "page_ms": 0}')
        ask(page, platform, "health_check", b"{}")
        taken(device)  # what was asked before has been heard
        device.publish_stats(Stats(rate_hz=60.0, dropped=0))
        stats = page.wait_for("stats")[0].json
        assert (stats["shown_count"], page.on("response/shown")) == (1, [])
        assert 0.0 < stats["decided_p50_ms"] <= stats["handed_p50_ms"] <= stats["shown_p50_ms"]


def test_a_request_of_last_week_is_not_obeyed(broker: Broker, platform: str) -> None:
    """A retained request waits at the broker for a device that was off when it was sent."""
    with Watcher(broker.tcp_port, platform) as page:
        ask(page, platform, "preview", b'{"on": true}', retain=True)
        page.wait_for("request/preview")
        with device_on(broker, platform) as device:
            ask(page, platform, "level", b"{}")
            assert [request.verb for request in taken(device)] == ["level"]
            assert page.on("response/preview") == []


def test_a_flood_is_refused_and_harms_nothing(broker: Broker, platform: str) -> None:
    with device_on(broker, platform) as device, Watcher(broker.tcp_port, platform) as page:
        for _ in range(HASTY):
            ask(page, platform, "level", b"{}")
        answers = [seen.json for seen in page.wait_for("response/level", MOST_PER_S)]
        assert {answer["error"] for answer in answers} >= {TOO_MANY}
        page.wait_until(lambda: len(page.on("request/level")) == HASTY)
        while device.take_request() is not None:
            pass

        def heard() -> bool:
            """Ask as a page does that was refused: again, until it is heard."""
            ask(page, platform, "level", b'{"transaction": "after"}')
            time.sleep(1 / MOST_PER_S)
            request = device.take_request()
            return request is not None and request.transaction == "after"

        assert eventually(heard)
        assert device.connected
        assert len(page.on("response/level")) < 200


def test_a_page_writes_requests_and_nothing_else(broker: Broker, platform: str) -> None:
    forbidden = ("response/level", "mount", "status", "cue", "requests/level")
    with device_on(broker, platform) as device, Watcher(broker.tcp_port, platform) as watcher:
        for port, transport in ((broker.tcp_port, "tcp"), (broker.ws_port, "websockets")):
            with Watcher(port, platform, transport) as page:  # type: ignore[arg-type]
                for name in forbidden:
                    page.client.publish(f"shinline/{platform}/{name}", b"forged", qos=1)
                ask(page, platform, "level", b"{}")
                taken(device)  # the broker has dealt with what was said before
        assert b"forged" not in {seen.payload for topic in forbidden for seen in watcher.on(topic)}


@pytest.mark.parametrize("retained", [False, True])
def test_a_message_that_the_library_cannot_read_does_not_cut_the_line(
    broker: Broker, platform: str, retained: bool
) -> None:
    """A property that begins with U+FEFF is passed on by brokers and is a broken packet to paho."""
    if broker.kind != "mosquitto":
        pytest.skip("only a broker of MQTT 5 passes properties on")
    properties = Properties(PacketTypes.PUBLISH)
    properties.UserProperty = ("\ufeff", "x")
    with device_on(broker, platform) as device, Watcher(broker.tcp_port, platform) as page:
        hostile = paho.Client(
            paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTProtocolVersion.MQTTv5
        )
        hostile.username_pw_set(*PHONE)
        hostile.connect("127.0.0.1", broker.tcp_port)
        hostile.loop_start()
        topic = f"shinline/{platform}/request/level"
        for _ in range(3):
            sent = hostile.publish(topic, b"{}", 1, retained, properties)
            sent.wait_for_publish(PATIENCE_S)
        hostile.disconnect()
        hostile.loop_stop()
        ask(page, platform, "level", b'{"transaction": "good"}')
        assert eventually(lambda: any(r.transaction == "good" for r in taken(device)))
        assert [seen.payload for seen in page.on("status")] == [b"online"]


def test_an_enormous_request_is_refused_or_dropped_and_the_line_holds(
    broker: Broker, platform: str
) -> None:
    with device_on(broker, platform) as device, Watcher(broker.tcp_port, platform) as page:
        ask(page, platform, "level", b" " * 6000)
        assert "too many" in page.wait_for("response/level")[0].json["error"]
        over = threading.Event()
        giant = paho.Client(paho.CallbackAPIVersion.VERSION2)
        giant.username_pw_set(*PHONE)
        giant.on_publish = giant.on_disconnect = lambda *_: over.set()
        giant.connect("127.0.0.1", broker.tcp_port)
        giant.loop_start()
        giant.publish(f"shinline/{platform}/request/level", b" " * 5_000_000, qos=0)
        assert over.wait(PATIENCE_S)  # one broker takes it all, the other hangs up
        if (line := giant.socket()) is not None:
            line.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        giant.disconnect()
        giant.loop_stop()
        ask(page, platform, "level", b"{}")
        assert taken(device)[0].verb == "level"
        assert device.connected
