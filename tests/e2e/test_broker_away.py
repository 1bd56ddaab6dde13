"""What happens to messages while the broker is away, and which MQTT is spoken when it is back."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from broker_material import (
    FINISHED,
    PATIENCE_S,
    PHONE,
    PHONES,
    PLATFORM,
    Relay,
    Watcher,
    bar_state,
    cue_event,
    eventually,
    rep_event,
    through,
    utc,
)
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from shinline.config import Config, Mqtt
from shinline.types import Phase, PhaseEvent, RepEvent, RepKind, SetEvent
from shinline.wire import mosquitto
from shinline.wire.broker import Broker, Kind, start_broker
from shinline.wire.endpoint import Endpoint
from shinline.wire.sink import MqttSink

FREE = Mqtt(port=0, ws_port=0)
NOW_NS = 5_250_000_000
"""A quarter of a second after the cue of these tests was decided; it is good for four."""

LATER_NS = 65_000_000_000

needs_mosquitto = pytest.mark.skipif(mosquitto.find() is None, reason="mosquitto is not installed")
kinds = pytest.mark.parametrize(
    "kind", [pytest.param("mosquitto", marks=needs_mosquitto), "python"]
)


class Clock:
    """The sensor's clock, set by hand."""

    def __init__(self) -> None:
        self.now_ns = NOW_NS

    def __call__(self) -> int:
        return self.now_ns


@contextmanager
def sink_at(endpoint: Endpoint, clock: Clock) -> Iterator[MqttSink]:
    sink = MqttSink(Config(platform=PLATFORM), endpoint, utc, clock)
    try:
        yield sink
    finally:
        sink.close()


@contextmanager
def wired(tmp_path: Path, kind: Kind) -> Iterator[tuple[Broker, Relay]]:
    with start_broker(FREE, PLATFORM, tmp_path, kind, PHONES) as broker:
        relay = Relay(broker.tcp_port)
        try:
            yield broker, relay
        finally:
            relay.cut()


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


def finished(number: int) -> RepEvent:
    rep = replace(FINISHED, id=f"r{number}", rep=number)
    return replace(rep_event(RepKind.END, number), rep=rep)


def lift(sink: MqttSink, number: int) -> None:
    sink.publish_event(rep_event(RepKind.NEW, number))
    sink.publish_event(rep_event(RepKind.UPDATE, number))
    sink.publish_event(finished(number))


@kinds
def test_a_set_goes_on_while_the_broker_is_dead(tmp_path: Path, kind: Kind) -> None:
    """Killed in the middle of the second of four reps; it comes back by itself, without memory."""
    clock = Clock()
    with wired(tmp_path, kind) as (broker, relay), sink_at(through(relay, broker), clock) as sink:
        with Watcher(broker.tcp_port, PLATFORM) as before:
            lift(sink, 1)
            sink.publish_event(rep_event(RepKind.NEW, 2))
            before.wait_for("rep", 4)
            os.kill(broker.pid, signal.SIGKILL)
            relay.cut()
        assert eventually(lambda: not sink.connected)
        sink.publish_event(rep_event(RepKind.UPDATE, 2))
        sink.publish_event(PhaseEvent(t_ns=0, phase=Phase.PULL, set=1, rep=2))
        for frame in range(3000):
            sink.publish_live(bar_state(frame * 50_000_000))
        sink.publish_event(finished(2))
        sink.publish_event(cue_event())
        lift(sink, 3)
        lift(sink, 4)
        sink.publish_event(SetEvent(1, 1, 4, 0.4, 0.4, 0.0, {}, None))
        clock.now_ns = LATER_NS
        assert eventually(lambda: broker.alive and is_open(broker.ws_port))
        with Watcher(broker.tcp_port, PLATFORM) as after:
            relay.mend()
            after.wait_for("set/last")
            steps = [(s.json["type"], s.json["id"]) for s in after.on("rep")]
            assert steps[-8:] == [
                ("update", "r2"),
                ("end", "r2"),
                *((kind, rep) for rep in ("r3", "r4") for kind in ("new", "update", "end")),
            ]
            assert set(steps[:-8]) <= {
                ("new", "r1"),
                ("update", "r1"),
                ("end", "r1"),
                ("new", "r2"),
            }
            cue = after.on("cue")[0].json
            assert cue["expired"] is True
            assert cue["latency_ms"] == pytest.approx((LATER_NS - 5e9) / 1e6)
            assert 0 < len(after.on("live")) < 100
            assert sink.queue_lost["live"] > 500
        with Watcher(broker.tcp_port, PLATFORM) as late:
            assert late.wait_for("status")[0].payload == b"online"
            assert late.wait_for("rep/last")[0].json["id"] == "r4"
            assert late.wait_for("set/last")[0].retained
            assert late.wait_for("state")[0].json["phase"] == "pull"
            assert late.on("cue") == []
            relay.cut()  # the last will is in force again
            late.wait_for_payload("status", b"offline")
            relay.mend()
            late.wait_until(lambda: late.on("status")[-1].payload == b"online")


class BlackHole:
    """A broker that lets in, and never acknowledges a message. It listens where a relay did."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.swallowed = b""
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        for end in (self._listener, self._line):
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._thread.join(PATIENCE_S)

    def _serve(self) -> None:
        with suppress(OSError):
            self._line, _ = self._listener.accept()
            self._line.recv(4096)
            self._line.sendall(b"\x20\x02\x00\x00")
            while data := self._line.recv(65536):
                self.swallowed += data
                if (at := self.swallowed.find(b"\x82")) >= 0 and b"request/#" in self.swallowed:
                    self._line.sendall(b"\x90\x04" + self.swallowed[at + 2 : at + 4] + b"\x01\x01")
                    break
            while data := self._line.recv(65536):
                self.swallowed += data


@kinds
def test_what_was_not_acknowledged_is_sent_again_with_its_age(tmp_path: Path, kind: Kind) -> None:
    """And in front of what came after it."""
    clock = Clock()
    with wired(tmp_path, kind) as (broker, relay):
        relay.cut()
        hole = BlackHole(relay.port)
        old = replace(through(relay, broker), protocol="3.1.1")
        with sink_at(old, clock) as sink:
            assert eventually(lambda: sink.connected)
            sink.publish_event(cue_event())
            for number in range(1, 31):  # more than may be on their way at a time
                sink.publish_event(rep_event(RepKind.NEW, number))
            assert eventually(lambda: b'"c1"' in hole.swallowed and b'"r10"' in hole.swallowed)
            assert b'"expired":false' in hole.swallowed
            hole.close()
            assert eventually(lambda: not sink.connected)
            clock.now_ns = LATER_NS
            with Watcher(broker.tcp_port, PLATFORM) as watcher:
                relay.mend()
                seen = watcher.wait_for("rep", 30)
                assert [s.json["id"] for s in seen] == [f"r{n}" for n in range(1, 31)]
                assert [s.json["expired"] for s in watcher.on("cue")] == [True]


@needs_mosquitto
def test_a_cue_expires_at_a_broker_of_mqtt_5(tmp_path: Path) -> None:
    """The broker is told what is left of its time, and not to drop what is for the record only."""
    clock, intervals, over = Clock(), dict[str, int | None](), threading.Event()
    with start_broker(FREE, PLATFORM, tmp_path, "mosquitto", PHONES) as broker:
        phone = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        phone.username_pw_set(*PHONE)
        ready = threading.Event()

        def heard(_client: object, _data: object, message: paho.MQTTMessage) -> None:
            left = getattr(message.properties, "MessageExpiryInterval", None)
            intervals[message.topic.rpartition("/")[2] + str(len(intervals))] = left
            if len(intervals) == 3:
                over.set()

        phone.on_connect = lambda c, *_: c.subscribe(
            [
                (f"shinline/{PLATFORM}/{name}", paho.SubscribeOptions(qos=1))
                for name in ("cue", "rep")
            ]
        )
        phone.on_subscribe = lambda *_: ready.set()
        phone.on_message = heard
        phone.connect("127.0.0.1", broker.tcp_port)
        phone.loop_start()
        assert ready.wait(PATIENCE_S)
        with sink_at(broker.endpoint, clock) as sink:
            assert eventually(lambda: sink.connected)
            sink.publish_event(cue_event())
            sink.publish_event(rep_event(RepKind.NEW, 1))
            assert eventually(lambda: len(intervals) == 2)
            clock.now_ns = LATER_NS
            sink.publish_event(cue_event("late"))
            assert over.wait(PATIENCE_S)
        phone.disconnect()
        phone.loop_stop()
        phone.on_connect = phone.on_subscribe = phone.on_message = None
    assert intervals["cue0"] in (3, 4)  # 3.75 s are left; the broker counts down in whole seconds
    assert intervals["rep1"] is None
    assert intervals["cue2"] is None


class Picky(Relay):
    """The way to a broker that hangs up on whoever speaks MQTT 5, as some old ones do."""

    def __init__(self, target_port: int) -> None:
        self.hung_up = 0
        super().__init__(target_port)

    def _welcome(self, near: socket.socket) -> bool:
        speaks_5 = near.recv(16, socket.MSG_PEEK)[8] == 5
        self.hung_up += speaks_5
        return not speaks_5


@needs_mosquitto
def test_a_broker_that_hangs_up_on_mqtt_5_is_spoken_to_in_3_1_1_from_then_on(
    tmp_path: Path,
) -> None:
    with start_broker(FREE, PLATFORM, tmp_path, "mosquitto", PHONES) as broker:
        relay = Picky(broker.tcp_port)
        try:
            endpoint = replace(through(relay, broker), protocol="auto")
            with sink_at(endpoint, Clock()) as sink:
                for _ in range(2):
                    assert eventually(lambda: sink.connected)
                    assert version_of(sink) is MQTTProtocolVersion.MQTTv311
                    relay.cut()
                    assert eventually(lambda: not sink.connected)
                    relay.mend()
                assert relay.hung_up == 1
        finally:
            relay.cut()


@kinds
def test_the_version_is_what_the_broker_speaks(tmp_path: Path, kind: Kind) -> None:
    with start_broker(FREE, PLATFORM, tmp_path, kind, PHONES) as broker:
        begun_s = time.monotonic()
        with sink_at(replace(broker.endpoint, protocol="auto"), Clock()) as sink:
            assert eventually(lambda: sink.connected)
            expected = {"mosquitto": 5, "python": 4}[kind]
            assert version_of(sink) == expected
            assert time.monotonic() - begun_s < 5.0  # the broker says so, nobody has to wait
        if kind == "python":
            with sink_at(replace(broker.endpoint, protocol="5"), Clock()) as sink:
                assert eventually(lambda: "Unsupported protocol version" in sink.problem)


def version_of(sink: MqttSink) -> MQTTProtocolVersion:
    client = sink._link.client
    assert client is not None
    return client.protocol
