"""Brokers with TLS: our own, for phones; and one elsewhere that wants a certificate of us."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from broker_material import PATIENCE_S, PHONE, PHONES, PLATFORM, Watcher, eventually, rep_event, utc
from certificates import Authority
from paho.mqtt.enums import CallbackAPIVersion

from shinline.config import Config, Mqtt
from shinline.types import RepKind
from shinline.wire import mosquitto
from shinline.wire.accounts import TlsFiles
from shinline.wire.broker import Broker, start_broker
from shinline.wire.client import TolerantClient
from shinline.wire.endpoint import Endpoint, external
from shinline.wire.ports import choose
from shinline.wire.sink import MqttSink

HOST = "127.0.0.1"
FREE = Mqtt(port=0, ws_port=0, tls_port=0)
needs_mosquitto = pytest.mark.skipif(mosquitto.find() is None, reason="mosquitto is not installed")

Transport = Literal["tcp", "websockets"]


transports = pytest.mark.parametrize("transport", ["tcp", "websockets"])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "an authority")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "another authority")


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: Any, authority: Authority
) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    folder, own = tmp_path_factory.mktemp("broker"), authority.issue("broker", HOST)
    with start_broker(FREE, PLATFORM, folder, request.param, PHONES, own) as running:
        yield running


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.file))


def answer(port: int, transport: Transport, tls: ssl.SSLContext) -> str:
    """Tell how the broker answers the phone over TLS."""
    answers: list[str] = []
    client = TolerantClient(CallbackAPIVersion.VERSION2, transport=transport)
    client.tls_set_context(tls)
    client.username_pw_set(*PHONE)
    client.on_connect = lambda _c, _d, _f, reason, _p: answers.append(str(reason))
    client.connect(HOST, port)
    deadline_s = time.monotonic() + PATIENCE_S
    while not answers and time.monotonic() < deadline_s:
        client.loop(0.05)
    client.disconnect()
    client.on_connect = None
    return answers[0]


def encrypted_port(broker: Broker, transport: Transport) -> int:
    return broker.tls_port if transport == "tcp" else broker.ws_port


@transports
def test_a_phone_that_trusts_the_authority_comes_in(
    broker: Broker, authority: Authority, transport: Transport
) -> None:
    tls = trusting(authority)
    assert answer(encrypted_port(broker, transport), transport, tls) == "Success"


@transports
def test_a_phone_that_trusts_another_authority_hangs_up(
    broker: Broker, stranger: Authority, transport: Transport
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        answer(encrypted_port(broker, transport), transport, trusting(stranger))


@transports
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_nothing_older_than_tls_1_2_is_spoken(
    broker: Broker, authority: Authority, transport: Transport
) -> None:
    """The same client with the same settings is let in with 1.2."""
    port = encrypted_port(broker, transport)
    for version, goes in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_1, False)):
        tls = trusting(authority)
        tls.set_ciphers("ALL:@SECLEVEL=0")
        tls.minimum_version = tls.maximum_version = version
        if goes:
            assert answer(port, transport, tls) == "Success"
        else:
            with pytest.raises(OSError, match=r"(?i)alert|version|reset|EOF"):
                answer(port, transport, tls)


def test_without_tls_only_this_machine_comes_in(broker: Broker) -> None:
    """The device does, on loopback; the kernel has no other listener on that port."""
    listening = subprocess.run(
        ["ss", "-Hltn", f"sport = :{broker.tcp_port}"], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[3] for line in listening.splitlines()] == [f"{HOST}:{broker.tcp_port}"]
    sink = MqttSink(Config(platform=PLATFORM), broker.endpoint, utc, time.monotonic_ns)
    assert eventually(lambda: sink.connected)
    assert sink.close() == 0
    with socket.create_connection((HOST, broker.ws_port)) as plain:
        plain.sendall(b"GET /mqtt HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n\r\n")
        with suppress(ConnectionResetError):
            assert not plain.recv(100).startswith(b"HTTP")


@dataclass(frozen=True)
class Elsewhere:
    """A broker that somebody else runs: it demands certificates, and takes names from them."""

    port: int
    ws_port: int
    plain_port: int
    device: TlsFiles


@pytest.fixture(scope="module")
def elsewhere(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[Elsewhere]:
    program = mosquitto.find()
    if program is None:
        pytest.skip("mosquitto is not installed")
    folder, own, ports = tmp_path_factory.mktemp("else"), authority.issue("else", HOST), []
    for _ in range(3):
        ports.append(choose(FREE).tcp)
    secured = (
        f"cafile {authority.file}\ncertfile {own.certificate}\nkeyfile {own.key}\n"
        "require_certificate true\n"
    )
    configuration = folder / "mosquitto.conf"
    configuration.write_text(
        "user root\nallow_anonymous true\nmax_inflight_messages 3\n"
        f"listener {ports[0]} {HOST}\n{secured}"
        f"listener {ports[1]} {HOST}\nprotocol websockets\n{secured}"
        f"listener {ports[2]} {HOST}\n"
    )
    with subprocess.Popen([program, "-c", configuration], stderr=subprocess.DEVNULL) as process:
        assert eventually(lambda: all(map(is_open, ports)))
        yield Elsewhere(*ports, authority.issue("device"))
        process.terminate()


def is_open(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1.0):
            return True
    except OSError:
        return False


@contextmanager
def sink_at(endpoint: Endpoint | None) -> Iterator[MqttSink]:
    assert endpoint is not None
    sink = MqttSink(Config(platform=PLATFORM), endpoint, utc, time.monotonic_ns)
    try:
        yield sink
    finally:
        sink.close()


def settings(elsewhere: Elsewhere, authority: Authority, **more: Any) -> Mqtt:
    return Mqtt(
        **{
            "url": f"mqtts://{HOST}:{elsewhere.port}",
            "ca_file": str(authority.file),
            "cert_file": str(elsewhere.device.certificate),
            "key_file": str(elsewhere.device.key),
        }
        | more
    )


@pytest.mark.parametrize("scheme", ["mqtts", "wss"])
@pytest.mark.parametrize("protocol", ["auto", "3.1.1", "5"])
def test_a_broker_elsewhere_gets_everything_in_order(
    elsewhere: Elsewhere, authority: Authority, scheme: str, protocol: str
) -> None:
    """It takes no more than three messages at a time, as it says to those who speak MQTT 5."""
    port = elsewhere.port if scheme == "mqtts" else elsewhere.ws_port
    mqtt = settings(elsewhere, authority, url=f"{scheme}://{HOST}:{port}", protocol=protocol)
    with Watcher(elsewhere.plain_port, PLATFORM) as watcher, sink_at(external(mqtt)) as sink:
        for number in range(1, 61):
            sink.publish_event(rep_event(RepKind.NEW, number))
        numbers = [seen.json["after"]["rep"] for seen in watcher.wait_for("rep", 60)]
        assert numbers == list(range(1, 61))
        assert watcher.on("status")[-1].payload == b"online"
        client = sink._link.client
        assert client is not None
        assert client.protocol == (4 if protocol == "3.1.1" else 5)
        assert client.max_inflight_messages == (20 if protocol == "3.1.1" else 3)


def told(endpoint: Endpoint | None) -> str:
    """Return what the sink says of a broker that it cannot reach, twice tried."""
    with sink_at(endpoint) as sink:
        assert eventually(lambda: sink.problem != "")
        assert not sink.connected
        return sink.problem


def test_a_broker_whose_certificate_is_not_good_gets_nothing(
    elsewhere: Elsewhere, authority: Authority, stranger: Authority
) -> None:
    where = f"the broker at {HOST}:{elsewhere.port} is not good"
    problem = told(external(settings(elsewhere, authority, ca_file=str(stranger.file))))
    assert f"the certificate of {where}: " in problem
    assert "issuer" in problem or "self" in problem or "signature" in problem
    wrong_name = settings(elsewhere, authority, url=f"mqtts://localhost:{elsewhere.port}")
    assert "'localhost'" in told(external(wrong_name))


def test_a_certificate_of_ours_that_is_missing_is_named(
    elsewhere: Elsewhere, authority: Authority
) -> None:
    without = settings(elsewhere, authority, cert_file="", key_file="")
    assert "client certificate" in told(external(without))


def test_who_speaks_no_tls_or_no_websocket_is_named(
    elsewhere: Elsewhere, authority: Authority
) -> None:
    plain = settings(elsewhere, authority, url=f"mqtts://{HOST}:{elsewhere.plain_port}")
    assert "no TLS can be agreed on" in told(external(plain))
    assert "no MQTT over WebSocket at" in told(
        external(Mqtt(url=f"ws://{HOST}:{elsewhere.plain_port}"))
    )
    unknown = "no machine is known as nowhere.invalid"
    assert told(external(Mqtt(url="mqtt://nowhere.invalid"))) == unknown


def test_a_broker_that_comes_later_is_found(tmp_path: Path, authority: Authority) -> None:
    ports = choose(FREE, encrypted=True)
    mqtt = Mqtt(
        url=f"mqtts://{HOST}:{ports.tls}",
        ca_file=str(authority.file),
        username=PHONE[0],
        password=PHONE[1],
    )
    with sink_at(external(mqtt)) as sink:
        assert eventually(lambda: "no broker answers" in sink.problem)
        fixed = Mqtt(port=ports.tcp, ws_port=ports.ws, tls_port=ports.tls)
        own = authority.issue("late", HOST)
        with start_broker(fixed, PLATFORM, tmp_path, "auto", PHONES, own):
            assert eventually(lambda: sink.connected)
            assert sink.problem == ""
