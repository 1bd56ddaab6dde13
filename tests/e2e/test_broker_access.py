"""Who gets in at the embedded broker, what they can do there, and how they are thrown out."""

import threading
import time
from collections.abc import Iterator
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
    wipe,
)
from paho.mqtt.enums import CallbackAPIVersion

from shinline.config import Mqtt
from shinline.wire import mosquitto
from shinline.wire.accounts import Account, new_key
from shinline.wire.broker import Broker, start_broker

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
