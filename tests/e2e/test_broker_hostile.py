"""Clients that mean harm, or have gone wrong: nobody else notices, on either kind of broker."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from broker_material import PHONE, PHONES, PLATFORM, Watcher
from raw_client import (
    GOODBYE,
    PING,
    Raw,
    packet,
    publish,
    resident_bytes,
    subscribe,
    text,
)

from shinline.config import Mqtt
from shinline.wire import mosquitto
from shinline.wire.broker import Broker, start_broker

MB = 1_000_000
EVENTS = 1200


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    folder = tmp_path_factory.mktemp("broker")
    with start_broker(Mqtt(port=0, ws_port=0), PLATFORM, folder, request.param, PHONES) as running:
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
            assert 1.4 < time.monotonic() - started_s < 10.0
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
