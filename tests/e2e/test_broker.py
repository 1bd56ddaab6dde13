"""The sink and the embedded broker, watched by real second clients over TCP and WebSocket.

Every test runs on each kind of broker; they share one, which forgets what is retained in between.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import paho.mqtt.client as paho
import pytest
from broker_material import (
    INFO,
    PHONE,
    PHONES,
    PLATFORM,
    Relay,
    Seen,
    Watcher,
    bar_state,
    cue_event,
    eventually,
    publish_one_of_each,
    rep_event,
    through,
    utc,
    wipe,
)
from paho.mqtt.enums import CallbackAPIVersion

from shinline.config import Config, Mqtt
from shinline.types import (
    Phase,
    PhaseEvent,
    RepKind,
)
from shinline.wire import mosquitto
from shinline.wire.broker import Broker, start_broker
from shinline.wire.endpoint import Endpoint
from shinline.wire.payloads import Stats
from shinline.wire.sink import MqttSink
from shinline.wire.topics import RESPONSE, TOPICS

FREE = Mqtt(port=0, ws_port=0)
NOW_NS = 5_250_000_000


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    folder = tmp_path_factory.mktemp("broker")
    with start_broker(FREE, PLATFORM, folder, request.param, PHONES) as running:
        yield running


@pytest.fixture
def platform(broker: Broker) -> Iterator[str]:
    yield PLATFORM
    wipe(broker)


@contextmanager
def sink_on(broker: Broker, platform: str, endpoint: Endpoint | None = None) -> Iterator[MqttSink]:
    sink = MqttSink(Config(platform=platform), endpoint or broker.endpoint, utc, lambda: NOW_NS)
    try:
        yield sink
    finally:
        sink.close()


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_a_phone_that_joins_late_sees_the_present(
    broker: Broker, platform: str, transport: Literal["tcp", "websockets"]
) -> None:
    """Birth, state, calibration and info are retained, over TCP and over WebSocket."""
    with sink_on(broker, platform) as sink:
        sink.publish_info(INFO)
        assert eventually(lambda: sink.connected and not sink.waiting)
        port = broker.tcp_port if transport == "tcp" else broker.ws_port
        with Watcher(broker.tcp_port, platform) as early:
            early.wait_for("info")  # the broker has it
        with Watcher(port, platform, transport) as late:
            assert late.wait_for("status")[0] == Seen("status", b"online", True)
            assert late.wait_for("state")[0].json["phase"] == "idle"
            assert late.wait_for("calibration")[0].json["valid"] is False
            assert late.wait_for("info")[0].json["width_px"] == 640


def test_the_topic_table_is_what_happens(broker: Broker, platform: str) -> None:
    """Everything that is sent is in the table, with its type, its QoS and its retain flag."""
    with sink_on(broker, platform) as sink, Watcher(broker.tcp_port, platform) as watcher:
        assert eventually(lambda: sink.connected)
        publish_one_of_each(sink)
        names = {topic.name for topic in TOPICS} - {"response"} | {"response/level"}
        watcher.wait_until(lambda: watcher.topics >= names)
        with Watcher(broker.tcp_port, platform) as late:
            retained = {topic.name for topic in TOPICS if topic.retain}
            late.wait_until(lambda: late.topics >= retained)
            assert late.topics == retained
    assert watcher.topics == names
    for topic in TOPICS:
        newest = watcher.on("response/level" if topic is RESPONSE else topic.name)[-1]
        if broker.kind == "mosquitto":  # amqtt delivers at the subscriber's QoS
            assert newest.qos == topic.qos
        if topic.payload not in (str, bytes):
            said = set(newest.json) - {"schema", "seq", "t_capture"}
            assert said == {field.name for field in msgspec.structs.fields(topic.payload)}
            body = {name: newest.json[name] for name in said}
            assert isinstance(msgspec.convert(body, topic.payload), topic.payload)


def test_a_clean_stop_says_offline_after_everything_else(broker: Broker, platform: str) -> None:
    with Watcher(broker.tcp_port, platform) as watcher:
        with sink_on(broker, platform) as sink:
            for number in range(1, 51):
                sink.publish_event(rep_event(RepKind.NEW, number))
        watcher.wait_for_payload("status", b"offline")
        assert [seen.json["id"] for seen in watcher.on("rep")] == [f"r{n}" for n in range(1, 51)]
    with Watcher(broker.tcp_port, platform) as late:
        assert late.wait_for("status")[0] == Seen("status", b"offline", True)


def test_a_killed_device_is_declared_offline_by_its_last_will(
    broker: Broker, platform: str
) -> None:
    code = (
        "import sys, time; from shinline.config import Config; "
        "from shinline.wire.sink import MqttSink; "
        "from shinline.wire.endpoint import Endpoint; "
        "there = Endpoint('127.0.0.1', int(sys.argv[2]), 'device', sys.stdin.readline()); "
        "MqttSink(Config(platform=sys.argv[1]), there, str, time.monotonic_ns); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, platform, str(broker.tcp_port)]
    with Watcher(broker.tcp_port, platform) as watcher:
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as device:
            assert device.stdin is not None
            device.stdin.write(broker.endpoint.password)
            device.stdin.close()
            watcher.wait_for_payload("status", b"online")
            device.kill()
        watcher.wait_for_payload("status", b"offline")


def test_a_rep_keeps_its_id_from_birth_to_end(broker: Broker, platform: str) -> None:
    with Watcher(broker.ws_port, platform, "websockets") as watcher, sink_on(broker, platform) as s:
        for kind in (RepKind.NEW, RepKind.UPDATE, RepKind.END):
            s.publish_event(rep_event(kind))
        s.publish_event(rep_event(RepKind.VOID, 2))
        life = [seen.json for seen in watcher.wait_for("rep", 4)]
    assert [step["type"] for step in life] == ["new", "update", "end", "void"]
    assert [step["id"] for step in life] == ["r1", "r1", "r1", "r2"]
    assert [step["seq"] for step in life] == [1, 2, 3, 4]
    assert {step["schema"] for step in life} == {1}
    assert life[0]["t_capture"] == utc(1_000_000_000)


def test_a_cue_says_how_late_it_is_and_is_not_kept(broker: Broker, platform: str) -> None:
    with sink_on(broker, platform) as sink, Watcher(broker.tcp_port, platform) as watcher:
        sink.publish_event(cue_event())
        cue = watcher.wait_for("cue")[0]
        assert cue.json["latency_ms"] == 250.0
        assert cue.json["evidence"] == {"drift_m": 0.031}
        assert not cue.retained
        with Watcher(broker.tcp_port, platform) as late:
            late.wait_for("status")
            sink.publish_event(rep_event(RepKind.NEW))
            late.wait_for("rep")
            assert late.on("cue") == []


def test_a_phone_cannot_forge_a_cue(broker: Broker, platform: str) -> None:
    """Neither by publishing nor by a last will."""
    topic = f"shinline/{platform}/cue"
    with sink_on(broker, platform) as sink, Watcher(broker.tcp_port, platform) as watcher:
        for port, transport in ((broker.tcp_port, "tcp"), (broker.ws_port, "websockets")):
            with Watcher(port, platform, transport) as stranger:  # type: ignore[arg-type]
                stranger.client.publish(topic, b"forged", qos=1)
                stranger.client.publish(f"shinline/{platform}/status", b"offline", 1, retain=True)
        forger = paho.Client(CallbackAPIVersion.VERSION2)
        forger.username_pw_set(*PHONE)
        forger.will_set(topic, b"forged", qos=1)
        forger.connect("127.0.0.1", broker.tcp_port)
        forger.loop_start()
        eventually(lambda: forger.socket() is None or forger.is_connected())
        if (line := forger.socket()) is not None:
            line.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]  # so that the will is due
        forger.disconnect()
        forger.loop_stop()
        with Watcher(broker.tcp_port, platform) as late:  # both brokers handled the above by now
            late.wait_for("status")
            sink.publish_event(cue_event("genuine"))
            late.wait_for("cue")
        assert [seen.json["id"] for seen in watcher.wait_for("cue")] == ["genuine"]
        assert {seen.payload for seen in watcher.on("status")} == {b"online"}


def test_a_client_gets_what_it_asked_for_and_no_more(broker: Broker, platform: str) -> None:
    """Retained messages of another client's subscription stay with that client."""
    with sink_on(broker, platform) as sink, Watcher(broker.tcp_port, platform) as other:
        other.wait_for("state")
        with Watcher(broker.tcp_port, platform, topic="rep") as narrow:
            sink.publish_event(rep_event(RepKind.NEW))
            narrow.wait_for("rep")
            assert narrow.topics == {"rep"}


def test_a_wrong_password_is_refused_and_named(broker: Broker, platform: str) -> None:
    config = Config(platform=platform)
    guess = replace(broker.endpoint, password="guess")
    sink = MqttSink(config, guess, utc, lambda: NOW_NS)
    try:
        assert eventually(lambda: "refuses" in sink.problem)
        assert not sink.connected
    finally:
        assert sink.close() == 3  # state, calibration and set-up


def test_reps_and_cues_made_without_a_broker_arrive_afterwards_in_order(
    broker: Broker, platform: str
) -> None:
    relay = Relay(broker.tcp_port)
    try:
        with (
            Watcher(broker.tcp_port, platform) as watcher,
            sink_on(broker, platform, through(relay, broker)) as sink,
        ):
            sink.publish_event(rep_event(RepKind.NEW, 1))
            watcher.wait_for("rep")
            relay.cut()
            assert eventually(lambda: not sink.connected)
            for number in range(2, 42):
                sink.publish_event(rep_event(RepKind.NEW, number))
            sink.publish_event(cue_event())
            relay.mend()
            watcher.wait_for("cue")
            numbers = [seen.json["after"]["rep"] for seen in watcher.on("rep")]
            assert list(dict.fromkeys(numbers)) == list(range(1, 42))
            assert sink.queue_lost == {"live": 0, "stats": 0, "preview": 0, "response": 0}
    finally:
        relay.cut()


def test_a_broker_that_forgot_everything_is_told_again(tmp_path: Path, broker: Broker) -> None:
    """The broker dies and comes back without its retained messages."""
    with (
        start_broker(FREE, PLATFORM, tmp_path, broker.kind, PHONES) as frail,
        sink_on(frail, PLATFORM) as sink,
    ):
        sink.publish_event(PhaseEvent(t_ns=0, phase=Phase.READY, set=3, rep=0))
        assert eventually(lambda: sink.connected and not sink.waiting)
        frail.restart()
        assert eventually(lambda: not sink.connected)
        assert eventually(lambda: sink.connected)
        with Watcher(frail.tcp_port, PLATFORM) as late:
            assert late.wait_for("status")[0].payload == b"online"
            assert late.wait_for("state")[0].json["set"] == 3


def test_a_last_will_that_comes_late_is_put_right(broker: Broker, platform: str) -> None:
    """An earlier connection of the same device is given up by the broker only now."""
    earlier = paho.Client(CallbackAPIVersion.VERSION2)
    earlier.username_pw_set(broker.endpoint.username, broker.endpoint.password)
    with Watcher(broker.tcp_port, platform) as watcher, sink_on(broker, platform):
        watcher.wait_for_payload("status", b"online")
        earlier.connect("127.0.0.1", broker.tcp_port)
        earlier.loop_start()
        earlier.publish(f"shinline/{platform}/status", b"offline", 1, True).wait_for_publish(5)
        watcher.wait_for_payload("status", b"offline")
        watcher.wait_until(lambda: watcher.on("status")[-1].payload == b"online")
    earlier.disconnect()
    earlier.loop_stop()


def test_a_broker_that_stops_reading_blocks_nobody(tmp_path: Path, broker: Broker) -> None:
    """Publishing returns at once, old samples give way, events stay, and closing is bounded."""
    with start_broker(FREE, PLATFORM, tmp_path, broker.kind) as frozen:
        with sink_on(frozen, PLATFORM) as sink:
            assert eventually(lambda: sink.connected and not sink.waiting)
            os.kill(frozen.pid, signal.SIGSTOP)
            sink.publish_event(PhaseEvent(t_ns=0, phase=Phase.PULL, set=1, rep=1))
            started_s = time.monotonic()
            for frame in range(2000):
                sink.publish_live(bar_state(frame * 50_000_000))
                sink.publish_event(rep_event(RepKind.UPDATE, frame))
            sink.publish_stats(Stats(rate_hz=60.0, dropped=0))
            assert time.monotonic() - started_s < 5.0
            assert sink.queue_lost["live"] > 1900
            closing_s = time.monotonic()
            assert sink.close(timeout_s=0.5) > 1900
            assert time.monotonic() - closing_s < 5.0
        os.kill(frozen.pid, signal.SIGCONT)


def test_the_socket_sends_small_messages_at_once(broker: Broker, platform: str) -> None:
    with sink_on(broker, platform) as sink:
        assert eventually(lambda: sink.connected)
        client = sink._link.client
        assert client is not None
        line = client.socket()
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)  # type: ignore[union-attr]
