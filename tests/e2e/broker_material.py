"""Real clients and a wire that can be cut, for watching the sink and the broker."""

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from shinline.types import (
    STATE,
    CueEvent,
    FaultVerdict,
    Moment,
    Phase,
    PhaseEvent,
    Rep,
    RepEvent,
    RepKind,
    RepStyle,
    Role,
    SetEvent,
    Severity,
)
from shinline.wire import requests
from shinline.wire.accounts import Account, new_key
from shinline.wire.broker import Broker
from shinline.wire.endpoint import Endpoint
from shinline.wire.mount import Level, Mount
from shinline.wire.payloads import Info, Stats
from shinline.wire.requests import Request
from shinline.wire.sink import MqttSink
from shinline.wire.topics import TOPICS

PATIENCE_S = 15.0
PLATFORM = "bay1"
PHONE = ("phone1", "a secret of the first phone")
PHONES = (Account(PHONE[0], new_key(PHONE[1])),)
INFO = Info(version="1", camera="c", width_px=640, height_px=480, rate_hz=60.0)

MOUNT = Mount(
    width_px=640,
    height_px=480,
    verdict="not_ready",
    headline="Not ready, because no marker is seen.",
    reasons=("No marker is seen.",),
    checks=(),
    level=Level(),
)

NOT_ASSESSED = (
    "mean_velocity_mps",
    "mean_velocity_sd_mps",
    "peak_velocity_mps",
    "peak_acceleration_mps2",
    "time_to_knee_s",
    "concentric_s",
    "eccentric_s",
    "drift_forward_m",
    "drift_backward_m",
    "drift_sd_m",
    "drift_at_knee_m",
    "loop_m",
    "sticking_height_m",
    "floor_time_s",
)

FINISHED = Rep(
    id="r1",
    set=1,
    rep=1,
    start_ns=0,
    lockout_ns=1,
    end_ns=2,
    floor_ns=2,
    rom_m=0.5,
    **dict.fromkeys(NOT_ASSESSED),  # type: ignore[arg-type]  # None for each of them
    style=RepStyle.DEAD_STOP,
    faults=(FaultVerdict("bar_forward", Severity.WARN, None, None, "m", 0.02, 0.0, False),),
    tracked_ratio=1.0,
    hip=None,
    valid=True,
    not_assessed=NOT_ASSESSED,
)


def utc(t_ns: int) -> str:
    return f"1970-01-01T00:00:{t_ns / 1e9:09.6f}Z"


@dataclass(frozen=True)
class Seen:
    """One message as a client received it; ``topic`` without root and platform."""

    topic: str
    payload: bytes
    retained: bool
    qos: int = field(default=1, compare=False)

    @property
    def json(self) -> dict[str, Any]:
        fields = json.loads(self.payload)
        assert isinstance(fields, dict)
        return fields


class Watcher:
    """A client that subscribes to one platform and keeps what it gets; a phone, by default."""

    def __init__(
        self,
        port: int,
        platform: str,
        transport: Literal["tcp", "websockets"] = "tcp",
        topic: str = "#",
        login: tuple[str, str] = PHONE,
    ) -> None:
        self._news = threading.Condition()
        self._seen: list[Seen] = []
        self._subscribed = False
        self.client = paho.Client(CallbackAPIVersion.VERSION2, transport=transport)
        self.client.username_pw_set(*login)
        self._prefix = f"shinline/{platform}/"
        self.client.on_connect = lambda c, *_: c.subscribe(self._prefix + topic, qos=1)
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.wait_until(lambda: self._subscribed)

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        for name in ("on_connect", "on_subscribe", "on_message"):  # break the reference cycle
            setattr(self.client, name, None)

    def _on_subscribe(self, *_: object) -> None:
        with self._news:
            self._subscribed = True
            self._news.notify_all()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        topic = message.topic.removeprefix(self._prefix)
        with self._news:
            self._seen.append(Seen(topic, bytes(message.payload), message.retain, message.qos))
            self._news.notify_all()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S), f"waited in vain; saw {self._seen}"

    @property
    def topics(self) -> set[str]:
        return {seen.topic for seen in self._seen}

    def on(self, topic: str) -> list[Seen]:
        return [seen for seen in self._seen if seen.topic == topic]

    def wait_for(self, topic: str, count: int = 1) -> list[Seen]:
        """Wait until ``count`` messages came on a topic; return all of them."""
        self.wait_until(lambda: len(self.on(topic)) >= count)
        return self.on(topic)

    def wait_for_payload(self, topic: str, payload: bytes) -> None:
        self.wait_until(lambda: any(seen.payload == payload for seen in self.on(topic)))


class Relay:
    """A wire between the sink and the broker which can be cut and mended."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._accept_soon()

    def cut(self) -> None:
        with self._lock:
            for end in [self._listener, *self._open]:
                with ExitStack() as quietly:
                    quietly.callback(end.close)
                    quietly.push(lambda kind, *_: kind is not None and issubclass(kind, OSError))
                    end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._open.clear()
        self._accept_soon()

    def _accept_soon(self) -> None:
        self._start(self._accept, self._listener)

    def _start(self, work: Callable[..., None], *ends: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=ends, daemon=True))
        self._threads[-1].start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target_port))
            except OSError:
                return
            with self._lock:
                self._open += [near, far]
            self._start(_pump, near, far)
            self._start(_pump, far, near)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def wipe(broker: Broker) -> None:
    """Make a broker forget what is retained on the platform of the tests."""
    paths = [topic.path(PLATFORM) for topic in TOPICS if topic.retain]
    paths.append(f"shinline/{PLATFORM}/request/preview")
    endpoint = broker.endpoint
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(endpoint.username, endpoint.password)
    client.connect(endpoint.host, endpoint.port)
    client.loop_start()
    for path in paths:
        client.publish(path, b"", qos=1, retain=True).wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def through(relay: Relay, broker: Broker) -> Endpoint:
    """Return the way to the broker that leads through a wire which can be cut."""
    return replace(broker.endpoint, port=relay.port)


def eventually(condition: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True


def rep_event(kind: RepKind, number: int = 1) -> RepEvent:
    return RepEvent(t_ns=number * 1_000_000_000, kind=kind, id=f"r{number}", set=1, number=number)


def cue_event(name: str = "c1") -> CueEvent:
    return CueEvent(
        t_ns=5_000_000_000,
        id=name,
        code="bar_forward",
        severity=Severity.WARN,
        moment=Moment.AFTER,
        text="Keep it close",
        rep_id="r1",
        ttl_ms=4000,
        evidence={"drift_m": 0.031},
    )


def bar_state(t_ns: int) -> np.ndarray[Any, Any]:
    row = np.zeros(1, STATE)
    row["t_ns"], row["role"] = t_ns, Role.BAR
    return row


def publish_one_of_each(sink: MqttSink) -> None:
    sink.publish_info(INFO)
    sink.publish_event(PhaseEvent(t_ns=0, phase=Phase.PULL, set=1, rep=1))
    sink.publish_live(bar_state(10_000_000))
    sink.publish_event(replace(rep_event(RepKind.END), rep=FINISHED))
    sink.publish_event(cue_event())
    sink.publish_event(SetEvent(1, 1, 1, 0.4, 0.4, 0.0, {}, None))
    sink.publish_stats(Stats(rate_hz=60.0, dropped=0))
    sink.publish_preview(b"a picture")
    sink.publish_mount(MOUNT, 2_000_000_000)
    sink.answer(Request("level", requests.Level(transaction="t1")), {"known": False})
