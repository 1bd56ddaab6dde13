"""What the Python broker does with its clients, watched from outside with sockets of our own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from broker_material import PHONE, PHONES, PLATFORM, Watcher, eventually
from raw_client import PATIENCE_S, PING, Raw, flood, packet, publish, text

from shinline.config import Mqtt
from shinline.wire import amqtt_config
from shinline.wire.accounts import Account, new_key
from shinline.wire.broker import Broker, start_broker
from shinline.wire.ports import choose
from shinline.wire.python_broker import CONNECT_S, MOST_UNKNOWN_EACH
from shinline.wire.rights import entries

SAMPLES = 600
RUBBISH = ("phone2", "a secret of a phone that has gone wrong")
DEVICE = ("device", "a secret of the device")
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
    assert is_welcome(python.tcp_port)
    assert "more messages wait for it" in python.log_path.read_text()


def test_retained_requests_are_kept_nowhere(python: Broker) -> None:
    with phone(python) as asker:
        asker.send(packet(0x33, text("shinline/bay1/request/level") + b"\0\1{}"))
        asker.receive(4)
    with phone(python) as late:
        late.listen("shinline/bay1/#", 1)
        late.send(PING)
        assert late.receive(2) == b"\xd0\x00"


# --- habits that take their time, sped up ---------------------------------------------------------

CROWD = 8
HASTY = f"""
import sys
from shinline.wire import python_broker, python_client
python_broker.CONNECT_S = 0.3
python_broker.MOST_CONNECTIONS = {CROWD}
python_broker.LOOK_EVERY_S = 0.1
python_broker.BARRED_S = 0.5
python_client.STALLED_S = 0.5
sys.exit(python_broker.main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: Any) -> Iterator[int]:
    """Run a broker that waits for nobody long; give its port."""
    everybody = entries(PLATFORM, new_key(DEVICE[1]), ACCOUNTS)
    ports = choose(Mqtt(port=0, ws_port=0))
    settings = amqtt_config.write_files(tmp_path_factory.mktemp("hasty"), ports, everybody)
    with subprocess.Popen([sys.executable, "-c", HASTY, str(settings)]) as process:
        assert eventually(lambda: is_open(ports.tcp))
        yield ports.tcp
        process.kill()


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


def test_a_connection_that_never_says_who_it_is_is_closed(hasty: int) -> None:
    with socket.create_connection(("127.0.0.1", hasty), timeout=PATIENCE_S) as silent:
        assert silent.recv(1) == b""
    with socket.create_connection(("127.0.0.1", hasty), timeout=PATIENCE_S) as slow:
        slow.sendall(b"\x10\x7f\x00\x04MQ")
        assert slow.recv(1) == b""


def test_a_phone_that_acknowledges_nothing_is_given_up_after_a_while(hasty: int) -> None:
    with Raw(hasty, PHONE) as stalled, Raw(hasty, RUBBISH) as other:
        for one in (stalled, other):
            one.listen(f"shinline/{PLATFORM}/request/#", 1)
        other.send(publish(f"shinline/{PLATFORM}/request/level", b"{}", 1))
        other.receive(4)
        other.send(b"\x40\x02\x00\x01")
        assert stalled.wait_until_thrown_out() < PATIENCE_S
        other.send(PING)
        assert other.receive(len(publish(f"shinline/{PLATFORM}/request/level", b"{}", 1)) + 2)


def test_a_phone_whose_buffer_is_full_of_samples_is_given_up_as_well(hasty: int) -> None:
    with (
        Raw(hasty, PHONE, receive_bytes=4096) as stalled,
        Raw(hasty, DEVICE) as device,
    ):
        stalled.listen(f"shinline/{PLATFORM}/live", 0)
        for _ in range(100):
            device.send(publish(f"shinline/{PLATFORM}/live", bytes(100_000)))
        device.send(PING)
        device.receive(2)
        time.sleep(1.0)
        assert stalled.wait_until_thrown_out() < PATIENCE_S


def test_more_connections_than_a_gym_has_phones_are_turned_away(hasty: int) -> None:
    with ExitStack() as crowd:
        codes = [crowd.enter_context(Raw(hasty, PHONE)).code for _ in range(CROWD + 1)]
        assert codes == [0] * CROWD + [3]
        assert is_welcome(hasty, DEVICE)
    assert eventually(lambda: is_welcome(hasty))


def is_hung_up(line: socket.socket, within_s: float) -> bool:
    line.settimeout(within_s)
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def test_strangers_that_say_nothing_keep_nobody_out(python: Broker) -> None:
    """Linux lets this machine come from 127.0.0.2 as well, where the broker expects no device."""
    there = ("127.0.0.2", 0)
    with ExitStack() as crowd:
        silent = [
            crowd.enter_context(
                socket.create_connection(("127.0.0.1", python.tcp_port), PATIENCE_S, there)
            )
            for _ in range(MOST_UNKNOWN_EACH + 4)
        ]
        assert all(is_hung_up(line, PATIENCE_S) for line in silent[MOST_UNKNOWN_EACH:])
        assert not is_hung_up(silent[0], 0.1)
        assert is_welcome(python.tcp_port)
        assert is_welcome(python.tcp_port, login_of(python))


def test_who_says_at_length_who_it_is_is_not_listened_to(python: Broker) -> None:
    """It is hung up on at the length that it announces; nothing of the rest is waited for."""
    with socket.create_connection(("127.0.0.1", python.tcp_port), PATIENCE_S) as talker:
        started_s = time.monotonic()
        talker.sendall(b"\x10\xff\x7f")
        assert is_hung_up(talker, PATIENCE_S)
        assert time.monotonic() - started_s < CONNECT_S / 2


def is_welcome(port: int, login: tuple[str, str] = PHONE) -> bool:
    with suppress(ConnectionError), Raw(port, login) as newcomer:
        return newcomer.code == 0
    return False


def test_a_flooder_is_thrown_out_and_barred_and_others_go_on(hasty: int) -> None:
    piece = publish(f"shinline/{PLATFORM}/request/rubbish", b"x" * 40) * 100
    with Watcher(hasty, PLATFORM, topic="cue") as watcher, Raw(hasty, DEVICE) as device:
        with Raw(hasty, RUBBISH) as flooder:
            assert flood(flooder, piece, 100, 10_000, PATIENCE_S) < 10_000 * PATIENCE_S
        with Raw(hasty, RUBBISH) as barred:
            assert barred.code == 3
        device.send(publish(f"shinline/{PLATFORM}/cue", b"genuine"))
        watcher.wait_for_payload("cue", b"genuine")
    assert eventually(lambda: is_welcome(hasty, RUBBISH))
