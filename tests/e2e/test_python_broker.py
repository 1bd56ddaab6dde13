"""What the Python broker does with its clients, watched from outside with sockets of our own."""

from collections.abc import Iterator
from typing import Any

import pytest
from broker_material import PHONE, PHONES, PLATFORM, Watcher, eventually
from raw_client import PATIENCE_S, PING, Raw, flood, packet, publish, text

from shinline.config import Mqtt
from shinline.wire.accounts import Account, new_key
from shinline.wire.broker import Broker, start_broker

SAMPLES = 600
RUBBISH = ("phone2", "a secret of a phone that has gone wrong")
ACCOUNTS = (*PHONES, Account(RUBBISH[0], new_key(RUBBISH[1])))


@pytest.fixture(scope="module")
def python(tmp_path_factory: Any) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("broker")
    with start_broker(Mqtt(port=0, ws_port=0), PLATFORM, folder, "python", ACCOUNTS) as running:
        yield running


@pytest.fixture
def device(python: Broker) -> Iterator[Raw]:
    with Raw(python.tcp_port, login_of(python)) as connection:
        yield connection


def login_of(broker: Broker) -> tuple[str, str]:
    """Return the device's own credential."""
    return broker.endpoint.username, broker.endpoint.password


def phone(broker: Broker, **more: Any) -> Raw:
    return Raw(broker.tcp_port, PHONE, **more)


def is_let_in(broker: Broker, login: tuple[str, str] = PHONE) -> bool:
    with Raw(broker.tcp_port, login) as newcomer:
        return newcomer.code == 0


def test_a_phone_that_takes_no_samples_gets_the_newest_when_it_wakes(
    python: Broker, device: Raw
) -> None:
    """What was published with QoS 0 may be lost, also to a subscriber that asked for QoS 1."""
    topic = "shinline/bay1/live"
    with phone(python, receive_bytes=4096) as stalled:
        stalled.listen(topic, 1)
        for number in range(SAMPLES):
            device.send(publish(topic, b"%04d" % number + b" " * 100_000))
            device.send(PING)
            device.receive(2)
        size, seen = len(publish(topic, bytes(100_004))), []
        while not seen or seen[-1] != SAMPLES - 1:
            sample = stalled.receive(size)
            seen.append(int(sample[6 + len(topic) :][:4]))
    assert seen == sorted(set(seen))
    assert len(seen) < SAMPLES


def test_a_phone_that_lets_too_many_events_wait_is_thrown_out(python: Broker, device: Raw) -> None:
    topic = "shinline/bay1/rep"
    with phone(python, receive_bytes=4096) as stalled:
        stalled.listen(topic, 1)
        for number in range(1100):
            device.send(publish(topic, b"x" * 10, 1, number + 1))
            device.receive(4)
        stalled.wait_until_thrown_out()
    assert is_let_in(python)
    assert "more messages wait for it" in python.log_path.read_text()


def test_a_flooder_is_thrown_out_and_barred_and_others_go_on(python: Broker, device: Raw) -> None:
    piece = publish("shinline/bay1/request/rubbish", b"x" * 40) * 100
    with Watcher(python.tcp_port, PLATFORM, topic="cue") as watcher:
        with Raw(python.tcp_port, RUBBISH) as flooder:
            assert flood(flooder, piece, 100, 10_000, PATIENCE_S) < 10_000 * PATIENCE_S
        device.send(publish("shinline/bay1/cue", b"genuine"))
        watcher.wait_for_payload("cue", b"genuine")
    assert "it sends too fast" in python.log_path.read_text()
    with Raw(python.tcp_port, RUBBISH) as barred:
        assert barred.code == 3
    assert is_let_in(python)
    assert eventually(lambda: is_let_in(python, RUBBISH))


def test_retained_requests_are_kept_nowhere(python: Broker) -> None:
    with phone(python) as asker:
        asker.send(packet(0x33, text("shinline/bay1/request/level") + b"\0\1{}"))
        asker.receive(4)
    with phone(python) as late:
        late.listen("shinline/bay1/#", 1)
        late.send(PING)
        assert late.receive(2) == b"\xd0\x00"
