"""How the embedded broker starts, refuses to start, and ends."""

import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from shinline.config import Mqtt
from shinline.wire import mosquitto
from shinline.wire.broker import BrokerError, Kind, start_broker

FREE = Mqtt(port=0, ws_port=0)
PATIENCE_S = 15.0

needs_mosquitto = pytest.mark.skipif(mosquitto.find() is None, reason="mosquitto is not installed")
kinds = pytest.mark.parametrize(
    "kind", [pytest.param("mosquitto", marks=needs_mosquitto), "python"]
)


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


@kinds
def test_both_ports_answer_until_it_is_closed(tmp_path: Path, kind: Kind) -> None:
    with start_broker(FREE, "bay1", tmp_path, kind) as broker:
        assert broker.kind == kind
        assert broker.alive
        assert is_open(broker.tcp_port)
        assert is_open(broker.ws_port)
    assert not broker.alive
    assert not is_open(broker.tcp_port)
    assert not is_open(broker.ws_port)


@kinds
def test_the_credential_is_new_at_every_start_and_kept_private(tmp_path: Path, kind: Kind) -> None:
    with start_broker(FREE, "bay1", tmp_path, kind) as first:
        secret = first.endpoint.password
        command = Path(f"/proc/{first.pid}/cmdline")
        if command.exists():
            assert secret not in command.read_text()
        for file in tmp_path.iterdir():
            assert secret not in file.read_text()
            if file != first.log_path:
                assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with start_broker(FREE, "bay1", tmp_path, kind) as second:
        assert second.endpoint.password != secret


@kinds
def test_it_does_not_outlive_a_killed_program(tmp_path: Path, kind: Kind) -> None:
    code = (
        "import sys; from pathlib import Path; from shinline.config import Mqtt; "
        "from shinline.wire.broker import start_broker; "
        "b = start_broker(Mqtt(port=0, ws_port=0), 'bay1', Path(sys.argv[1]), sys.argv[2]); "
        "print(b.tcp_port, flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path), kind]
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline())
        assert is_open(port)
        program.send_signal(signal.SIGKILL)
    deadline_s = time.monotonic() + PATIENCE_S
    while is_open(port) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert not is_open(port)


@pytest.mark.parametrize(
    ("key", "purpose"), [("port", "MQTT over TCP"), ("ws_port", "MQTT over WebSocket")]
)
def test_a_taken_port_is_named_with_a_free_one(tmp_path: Path, key: str, purpose: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other_program:
        taken = other_program.getsockname()[1]
        ports = {"port": 0, "ws_port": 0, key: taken}
        with pytest.raises(BrokerError) as raised:
            start_broker(Mqtt(**ports), "bay1", tmp_path)
    message = str(raised.value)
    assert f"port {taken} for {purpose} cannot be used: address already in use" in message
    offered = int(message.split("Port ")[1].split()[0])
    assert f"set mqtt.{key} to it" in message
    with start_broker(Mqtt(**{**ports, key: offered}), "bay1", tmp_path) as broker:
        assert offered in (broker.tcp_port, broker.ws_port)


def test_one_port_for_both_purposes_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as momentary:
        port = momentary.getsockname()[1]
    with pytest.raises(BrokerError, match=f"port {port} for MQTT over WebSocket"):
        start_broker(Mqtt(port=port, ws_port=port), "bay1", tmp_path)


def test_without_mosquitto_the_python_broker_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mosquitto, "find", lambda: None)
    with start_broker(FREE, "bay1", tmp_path, "auto") as broker:
        assert broker.kind == "python"
    with pytest.raises(BrokerError, match="not installed"):
        start_broker(FREE, "bay1", tmp_path, "mosquitto")


def test_a_mosquitto_that_does_not_work_gives_way_and_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some builds know no WebSocket: they say so and stop."""
    poor = tmp_path / "mosquitto"
    poor.write_text("#!/bin/sh\necho 'Error: Websockets support not available.' >&2\nexit 1\n")
    poor.chmod(0o755)
    monkeypatch.setattr(mosquitto, "find", lambda: str(poor))
    with pytest.raises(BrokerError, match="stopped at once: Error: Websockets support"):
        start_broker(FREE, "bay1", tmp_path, "mosquitto")
    with start_broker(FREE, "bay1", tmp_path, "auto") as broker:
        assert broker.kind == "python"
