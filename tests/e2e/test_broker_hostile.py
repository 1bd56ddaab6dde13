"""Clients that mean harm, or have gone wrong: nobody else notices, on either kind of broker."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from broker_material import PHONE, PHONES, PLATFORM, Watcher, cue_event, eventually, utc
from raw_client import (
    GOODBYE,
    PING,
    Raw,
    flood,
    packet,
    publish,
    resident_bytes,
    subscribe,
    text,
)

from shinline.config import Config, Mqtt
from shinline.wire import hearing, mosquitto
from shinline.wire.accounts import Account, new_key
from shinline.wire.broker import Broker, start_broker
from shinline.wire.payloads import Stats
from shinline.wire.sink import MqttSink

MB = 1_000_000
EVENTS = 1200
CONFIG = Config(platform=PLATFORM)
OTHER = ("phone2", "a secret of the second phone")
GREEDY = ("phone3", "a secret of a third phone")
ACCOUNTS = (*PHONES, *(Account(name, new_key(secret)) for name, secret in (OTHER, GREEDY)))


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    folder = tmp_path_factory.mktemp("broker")
    with start_broker(
        Mqtt(port=0, ws_port=0), PLATFORM, folder, request.param, ACCOUNTS
    ) as running:
        yield running


@pytest.fixture
def device(broker: Broker) -> Iterator[Raw]:
    with Raw(broker.tcp_port, login_of(broker)) as connection:
        yield connection


def login_of(broker: Broker) -> tuple[str, str]:
    """Return the device's own credential."""
    return broker.endpoint.username, broker.endpoint.password


def phone(broker: Broker, **more: Any) -> Raw:
    return Raw(broker.tcp_port, PHONE, **more)


def is_alive(broker: Broker) -> bool:
    """Whether a newcomer is let in and answered."""
    with phone(broker) as other:
        other.send(PING)
        return broker.alive and other.receive(2) == b"\xd0\x00"


# --- clients that do not take their messages ------------------------------------------------------


def test_a_stalled_phone_delays_no_other_and_costs_little_memory(
    broker: Broker, device: Raw
) -> None:
    """Ten megabytes that one of two phones does not read: the other has every event at once."""
    topic, held = f"shinline/{PLATFORM}/rep", resident_bytes(broker.pid)
    with phone(broker, receive_bytes=4096) as stalled, Watcher(broker.tcp_port, PLATFORM) as other:
        stalled.listen(f"shinline/{PLATFORM}/#", 1)
        for number in range(EVENTS):
            device.send(publish(topic, b"%d" % number + b" " * 8000, 1, number + 1))
            device.receive(4)  # the broker has taken it, whoever sleeps
            if number % 200 == 199:  # a broker keeps no more than so much for one that is awake
                other.wait_for("rep", number - 100)
        other.wait_for("rep", EVENTS)
        numbers = [int(seen.payload) for seen in other.on("rep")]
    assert numbers == list(range(EVENTS))
    assert resident_bytes(broker.pid) - held < 25 * MB


def test_a_silent_client_is_given_up_and_its_last_will_is_sent(broker: Broker) -> None:
    """A power cut closes no connection: after one and a half times its keepalive it is gone."""
    will = (f"shinline/{PLATFORM}/status", b"offline")
    with Watcher(broker.tcp_port, PLATFORM) as watcher:
        started_s = time.monotonic()
        with Raw(broker.tcp_port, login_of(broker), 1, will) as device:
            watcher.wait_for_payload("status", b"offline")
            assert 1.0 < time.monotonic() - started_s < 10.0
            device.wait_until_thrown_out()


def test_what_is_published_just_before_leaving_arrives(broker: Broker) -> None:
    with Watcher(broker.tcp_port, PLATFORM) as watcher:
        for number in range(10):
            with Raw(broker.tcp_port, login_of(broker)) as device:
                topic = f"shinline/{PLATFORM}/rep"
                device.send(publish(topic, b"%d" % number, 1) + GOODBYE)
                device.receive(4)
        watcher.wait_for("rep", 10)
        assert [seen.payload for seen in watcher.on("rep")] == [b"%d" % n for n in range(10)]


# --- packets that no honest client sends ----------------------------------------------------------


def test_a_megabyte_is_refused_and_the_broker_lives(broker: Broker) -> None:
    topic = f"shinline/{PLATFORM}/request/level"
    with Watcher(broker.tcp_port, PLATFORM) as watcher:
        with phone(broker) as big:
            try:
                big.send(publish(topic, bytes(1_048_576), 1))
                answer = big.line.recv(4)
            except ConnectionError:
                answer = b""
            assert answer in (b"", b"\x40\x02\x00\x01")  # hung up, or taken and thrown away
        with phone(broker) as small:
            small.send(publish(topic, b"{}", 1))
            small.receive(4)
        watcher.wait_for("request/level")
        assert [seen.payload for seen in watcher.on("request/level")] == [b"{}"]


WRONG = {
    "reserved": b"\xf0\x00",
    "a second CONNECT": packet(0x10, text("MQTT") + b"\x04\x02\0\0" + text("")),
    "QoS 3": packet(0x36, text("shinline/bay1/request/level") + b"\0\1{}"),
    "cut short": packet(0x30, b"\xff\xff"),
    "wildcard": publish("shinline/bay1/request/+", b"{}"),
    "all of it": publish("shinline/bay1/request/#", b"{}"),
    "NUL": publish("shinline/bay1/request/\0", b"{}"),
    "not UTF-8": publish(b"shinline/bay1/request/\xff", b"{}"),
    "no topic": publish("", b"{}"),
    "endless length": b"\x30\xff\xff\xff\xff\xff",
    "larger than anything": b"\x30\xff\xff\xff\x7f",
    "subscription of QoS 9": subscribe("shinline/bay1/#", 9),
}


@pytest.mark.parametrize("name", WRONG)
def test_who_breaks_the_protocol_is_thrown_out(broker: Broker, name: str) -> None:
    with phone(broker) as wrong:
        wrong.send(WRONG[name])
        wrong.wait_until_thrown_out()
    assert is_alive(broker)


# --- floods ---------------------------------------------------------------------------------------


def rubbish(broker: Broker, stop: threading.Event, sent: list[int]) -> None:
    """Send requests that are none, as fast as the broker takes them, and come again if thrown out.

    The rate of 10,000 a second is a goal: a busy machine may make less.
    """
    piece = publish(f"shinline/{PLATFORM}/request/rubbish", b"x" * 40) * 50
    while not stop.is_set():
        with phone(broker) as flooder:
            if flooder.code == 0:
                sent.append(flood(flooder, piece, 50, 10_000, 1.0))
            else:
                stop.wait(0.1)


def test_a_flood_of_requests_hardly_reaches_the_device_and_passes(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cues go on meanwhile; what came is counted; afterwards it listens to requests again."""
    monkeypatch.setattr(hearing, "DEAF_S", 1.0)
    stop, sent = threading.Event(), [0]
    with (
        closing(MqttSink(CONFIG, broker.endpoint, utc, time.monotonic_ns)) as sink,
        Watcher(broker.tcp_port, PLATFORM, topic="+", login=OTHER) as watcher,
    ):
        assert eventually(lambda: sink.connected)
        flooder = threading.Thread(target=rubbish, args=(broker, stop, sent))
        flooder.start()
        for number in range(60):
            sink.publish_event(cue_event(f"c{number}"))
            time.sleep(0.05)
        stop.set()
        flooder.join()
        watcher.wait_for("cue", 60)
        assert [seen.json["id"] for seen in watcher.on("cue")] == [f"c{n}" for n in range(60)]
        sink.publish_stats(Stats(rate_hz=60.0, dropped=0))
        stats = watcher.wait_for("stats")[0].json
        arrived = stats["requests_ignored"] + stats["requests_refused"]
        assert 0 < arrived < 5_000
        assert sum(sent) > (5_000 if broker.kind == "mosquitto" else 200)  # or thrown out
        assert eventually(lambda: asked(broker, sink))


def asked(broker: Broker, sink: MqttSink) -> bool:
    """Whether the device hears a request that is sent now."""
    with Raw(broker.tcp_port, OTHER) as other:
        other.send(publish(f"shinline/{PLATFORM}/request/level", b"{}", 1))
        other.receive(4)
    sink.publish_stats(Stats(rate_hz=60.0, dropped=0))  # as the loop does all the time
    return eventually_soon(lambda: sink.take_request() is not None)


def eventually_soon(condition: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + 0.5
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True


def test_no_phone_fills_the_memory_with_what_is_retained(broker: Broker, device: Raw) -> None:
    """A hundred megabytes, each fifty thousand bytes on a topic of their own."""
    held, sent = resident_bytes(broker.pid), 0
    while sent < 2000:
        with Raw(broker.tcp_port, GREEDY) as greedy, suppress(OSError):
            while greedy.code == 0 and sent < 2000:
                sent += 1
                topic = text(f"shinline/{PLATFORM}/request/{sent}")
                greedy.send(packet(0x31, topic + bytes(50_000)))
        sent += 50  # thrown out
    device.send(publish(f"shinline/{PLATFORM}/cue", b"genuine", 1))
    assert device.receive(4) == b"\x40\x02\x00\x01"
    assert resident_bytes(broker.pid) - held < 80 * MB
