"""Who gets in at the embedded broker, what they can do there, and how they are thrown out."""

import logging
import os
import signal
import socket
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import paho.mqtt.client as paho
import pytest
from broker_material import (
    PATIENCE_S,
    PHONE,
    PHONES,
    PLATFORM,
    Watcher,
    eventually,
    rep_event,
    utc,
    wipe,
)
from paho.mqtt.enums import CallbackAPIVersion

from shinline.config import Config, Mqtt
from shinline.types import RepKind
from shinline.wire import mosquitto
from shinline.wire.accounts import Account, new_key
from shinline.wire.broker import Broker, start_broker
from shinline.wire.rights import Entry, Rights
from shinline.wire.sink import MqttSink
from shinline.wire.topics import TOPICS

FREE = Mqtt(port=0, ws_port=0, tls_port=0)
OTHER = ("phone2", "a secret of the second phone")
OTHER_ACCOUNT = Account(OTHER[0], new_key(OTHER[1]))
THROWN_OUT_WITHIN_S = 2.0

Transport = Literal["tcp", "websockets"]
transports = pytest.mark.parametrize("transport", ["tcp", "websockets"])


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    folder = tmp_path_factory.mktemp("broker")
    with start_broker(FREE, PLATFORM, folder, request.param, PHONES) as running:
        yield running


@pytest.fixture(autouse=True)
def as_before(broker: Broker) -> Iterator[None]:
    """Leave the broker with the phone's account only, and with nothing retained."""
    yield
    broker.set_accounts(PHONES)
    wipe(broker)


def port_of(broker: Broker, transport: Transport) -> int:
    return broker.tcp_port if transport == "tcp" else broker.ws_port


def outcome(
    broker: Broker, login: tuple[str, str] | None, transport: Transport = "tcp", name: str = ""
) -> str:
    """Tell how the broker answers a client that wants in."""
    answers: list[str] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, name, transport=transport)
    client.on_connect = lambda _c, _d, _f, reason, _p: answers.append(str(reason))
    if login is not None:
        client.username_pw_set(*login)
    client.connect("127.0.0.1", port_of(broker, transport))
    deadline_s = time.monotonic() + PATIENCE_S
    while not answers and time.monotonic() < deadline_s:
        client.loop(0.05)
    client.disconnect()
    client.on_connect = None
    return answers[0]


@transports
@pytest.mark.parametrize(
    "login",
    [None, ("", ""), (PHONE[0], "a guess"), ("somebody", PHONE[1]), ("device", PHONE[1]), OTHER],
)
def test_nobody_comes_in_without_an_account(
    broker: Broker, login: tuple[str, str] | None, transport: Transport
) -> None:
    assert outcome(broker, login, transport) in ("Not authorized", "Bad user name or password")


@transports
def test_an_account_comes_in_at_once_and_is_thrown_out_when_it_is_gone(
    broker: Broker, transport: Transport
) -> None:
    """The other phone notices nothing."""
    port = port_of(broker, transport)
    broker.set_accounts([*PHONES, OTHER_ACCOUNT])
    assert eventually(lambda: outcome(broker, OTHER, transport) == "Success")
    with (
        Watcher(port, PLATFORM, transport) as stays,
        Watcher(port, PLATFORM, login=OTHER, transport=transport) as goes,
    ):
        left, gone = threading.Event(), threading.Event()
        stays.client.on_disconnect = lambda *_: left.set()
        goes.client.on_disconnect = lambda *_: gone.set()
        broker.set_accounts(PHONES)
        assert gone.wait(THROWN_OUT_WITHIN_S)
        assert outcome(broker, OTHER, transport) != "Success"
        assert not left.is_set()
        stays.client.on_disconnect = goes.client.on_disconnect = None


def test_a_new_key_throws_out_who_had_the_old_one(broker: Broker) -> None:
    with Watcher(broker.tcp_port, PLATFORM) as phone:
        gone = threading.Event()
        phone.client.on_disconnect = lambda *_: gone.set()
        broker.set_accounts([Account(PHONE[0], new_key("another secret"))])
        assert gone.wait(THROWN_OUT_WITHIN_S)
        phone.client.on_disconnect = None
    assert outcome(broker, (PHONE[0], "another secret")) == "Success"
    assert outcome(broker, PHONE) != "Success"


EVERYWHERE = ("shinline/#", "homeassistant/#", "elsewhere/#")
OVERSEER = ("overseer", "a secret of somebody who sees it all")
OVERSEER_ENTRY = Entry(Account(OVERSEER[0], new_key(OVERSEER[1])), Rights(EVERYWHERE, EVERYWHERE))


def let_in(broker: Broker, phones: Sequence[Account]) -> None:
    """Put the phones in force, and the overseer, for whom the product has no place."""
    broker._making.write_access(broker._work_dir, (*broker._entries(phones), OVERSEER_ENTRY))
    os.kill(broker.pid, signal.SIGHUP)


@pytest.fixture
def overseer(broker: Broker) -> "Iterator[Seer]":
    """Somebody who is not in the table of the product: sees everything and writes everywhere."""
    let_in(broker, PHONES)
    assert eventually(lambda: outcome(broker, OVERSEER) == "Success")
    with Seer(broker.tcp_port, "tcp", OVERSEER, EVERYWHERE) as seer:
        yield seer


class Seer:
    """A client that subscribes to anything, and keeps the topics it got."""

    def __init__(
        self, port: int, transport: Transport, login: tuple[str, str], filters: Sequence[str]
    ) -> None:
        self.topics: list[str] = []
        self.subscribed = threading.Event()
        self.gone = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, transport=transport)
        self.client.username_pw_set(*login)
        self.client.on_connect = lambda c, *_: c.subscribe([(name, 1) for name in filters])
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = lambda _c, _d, message: self.topics.append(message.topic)
        self.client.connect("127.0.0.1", port)

    def __enter__(self) -> "Seer":
        self.client.loop_start()
        assert self.subscribed.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        for name in ("on_connect", "on_subscribe", "on_message"):
            setattr(self.client, name, None)

    def say(self, *topics: str, retain: bool = False) -> None:
        for topic in topics:
            self.client.publish(topic, b"x", 1, retain).wait_for_publish(PATIENCE_S)

    def hears(self, topic: str) -> None:
        assert eventually(lambda: topic in self.topics), self.topics


FORGED = (
    *(topic.path(PLATFORM) for topic in TOPICS),
    f"shinline/{PLATFORM}/response/mute",
    f"homeassistant/device/shinline_{PLATFORM}/config",
    "shinline/other/request/mute",
    "elsewhere/cue",
)


@transports
@pytest.mark.parametrize("retain", [False, True])
def test_what_a_phone_forges_nobody_receives(
    broker: Broker, overseer: Seer, transport: Transport, retain: bool
) -> None:
    """Neither a subscriber of the moment nor one who comes later."""
    own = f"shinline/{PLATFORM}/request/mute"
    with Seer(port_of(broker, transport), transport, PHONE, [own]) as phone:
        phone.say(*FORGED, retain=retain)
        phone.say(own)
        overseer.hears(own)
    assert overseer.topics == [own]
    with Seer(broker.tcp_port, "tcp", OVERSEER, EVERYWHERE) as late:
        late.say("elsewhere/end")
        late.hears("elsewhere/end")
        assert late.topics == ["elsewhere/end"]


def last_words(broker: Broker, topic: str) -> None:
    """Come in with a last will, if the broker lets us, and die at once."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    answers: list[object] = []
    client.username_pw_set(*PHONE)
    client.will_set(topic, b"forged", qos=1, retain=True)
    client.on_connect = lambda *_: answers.append(None)
    client.connect("127.0.0.1", broker.tcp_port)
    deadline_s = time.monotonic() + PATIENCE_S
    while not answers and time.monotonic() < deadline_s:
        client.loop(0.05)
    if (line := client.socket()) is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
    client.loop(0.05)
    client.on_connect = None


def test_nor_is_it_received_as_the_last_word_of_a_phone(broker: Broker, overseer: Seer) -> None:
    own = f"shinline/{PLATFORM}/request/preview"  # wiped afterwards
    for topic in (*FORGED, own):
        last_words(broker, topic)
    overseer.hears(own)
    assert overseer.topics == [own]


GREEDY = (
    "#",
    "+/#",
    "$SYS/#",
    "shinline/#",
    "shinline/+/cue",
    "shinline/other/#",
    "elsewhere/#",
    "$share/all/#",
)


@transports
def test_a_phone_that_wants_everything_gets_no_more_than_its_platform(
    broker: Broker, overseer: Seer, transport: Transport
) -> None:
    own = f"shinline/{PLATFORM}/cue"
    for filters in (*((name,) for name in GREEDY), GREEDY):
        with Seer(port_of(broker, transport), transport, PHONE, [*filters, own]) as phone:
            overseer.say("shinline/other/cue", "elsewhere/cue", "shinline/other", own)
            phone.hears(own)
            assert set(phone.topics) == {own}, filters


def test_who_is_thrown_out_has_no_last_word(broker: Broker, overseer: Seer) -> None:
    """A request that was to be made at the death of a phone that is no longer one of ours."""
    phone = paho.Client(CallbackAPIVersion.VERSION2)
    phone.username_pw_set(*PHONE)
    phone.will_set(f"shinline/{PLATFORM}/request/end_set", b"{}", qos=1)
    connected, gone = threading.Event(), threading.Event()
    phone.on_connect = lambda *_: connected.set()
    phone.on_disconnect = lambda *_: gone.set()
    phone.connect("127.0.0.1", broker.tcp_port)
    phone.loop_start()
    assert connected.wait(PATIENCE_S)
    let_in(broker, phones=())
    assert gone.wait(THROWN_OUT_WITHIN_S)
    phone.disconnect()
    phone.loop_stop()
    phone.on_connect = phone.on_disconnect = None
    overseer.say("elsewhere/end")
    overseer.hears("elsewhere/end")
    assert overseer.topics == ["elsewhere/end"]


def test_who_knows_an_identifier_pushes_nobody_out_without_an_account(broker: Broker) -> None:
    with Watcher(broker.tcp_port, PLATFORM) as watcher:
        sink = MqttSink(Config(platform=PLATFORM), broker.endpoint, utc, time.monotonic_ns)
        try:
            assert eventually(lambda: sink.connected)
            before = sink._link.client
            assert before is not None
            name = before._client_id.decode()
            assert len(name) > 20
            for login in (None, ("device", "a guess"), (PHONE[0], "a guess")):
                assert outcome(broker, login, name=name) != "Success"
            sink.publish_event(rep_event(RepKind.NEW))
            watcher.wait_for("rep")
            assert sink._link.client is before
        finally:
            sink.close()


def test_no_secret_is_written_down(
    broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a log, a file, a command line or an environment; and what holds keys is private."""
    caplog.set_level(logging.DEBUG)
    secrets = [PHONE[1], OTHER[1], "a wrong guess"]
    with start_broker(FREE, PLATFORM, tmp_path, broker.kind, PHONES) as running:
        secrets.append(running.endpoint.password)
        wrong = replace(running.endpoint, password="a wrong guess")
        for endpoint in (running.endpoint, wrong):
            sink = MqttSink(Config(platform=PLATFORM), endpoint, utc, time.monotonic_ns)
            assert eventually(lambda sink=sink: sink.connected or "refuses" in sink.problem)
            logging.getLogger(__name__).info("%s %r", sink.problem, sink)
            sink.close()
        running.set_accounts([OTHER_ACCOUNT])
        for login in (PHONE, OTHER, ("device", "a wrong guess")):
            outcome(running, login)
        running.restart()
        written = [repr(running), repr(running.endpoint), caplog.text]
        for name in ("cmdline", "environ"):
            written.append(Path(f"/proc/{running.pid}/{name}").read_text())
        for file in tmp_path.iterdir():
            written.append(file.read_text())
            if file != running.log_path:
                assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert any(OTHER_ACCOUNT.key in text for text in written)  # the files were looked into
    for secret in secrets:
        assert not any(secret in text for text in written)
