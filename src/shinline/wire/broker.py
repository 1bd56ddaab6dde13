"""The embedded broker: a child process on two ports, for devices without a broker of their own.

Mosquitto where it is installed, otherwise amqtt. Both obey the same rules: the device, with a
credential made up at every start, reads and writes ``shinline/#`` and ``homeassistant/#``;
everybody else may read ``shinline/#`` and write requests, ``shinline/+/request/#``.
"""

import logging
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, Self

from shinline.config import Mqtt
from shinline.wire import amqtt_config, leash, mosquitto
from shinline.wire import ports as port_choice
from shinline.wire.ports import BrokerError, Ports

__all__ = ["Broker", "BrokerError", "start_broker"]

_LOG = logging.getLogger(__name__)

Kind = Literal["mosquitto", "python"]
Preference = Literal["auto", "mosquitto", "python"]

USERNAME: Final = "device"
START_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 3.0
POLL_S: Final = 0.02

_ORDER: Final[dict[Preference, tuple[Kind, ...]]] = {
    "auto": ("mosquitto", "python"),
    "mosquitto": ("mosquitto",),
    "python": ("python",),
}


class Broker:
    """A running broker. Use it in a ``with`` statement, or call :meth:`close`.

    Attributes
    ----------
    kind
        ``mosquitto`` or ``python``.
    tcp_port, ws_port
        Where it listens, on every interface.
    username, password
        The device's credential.
    log_path
        What the process had to say.

    """

    def __init__(self, kind: Kind, ports: Ports, work_dir: Path) -> None:
        self.kind: Kind = kind
        self.tcp_port = ports.tcp
        self.ws_port = ports.ws
        self.username = USERNAME
        self.password = secrets.token_urlsafe(24)
        self.log_path = work_dir / "broker.log"
        work_dir.mkdir(parents=True, exist_ok=True)
        self._command = _COMMANDS[kind](work_dir, ports, self.username, self.password)
        self._process = self._launch()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process, for whoever watches over its memory or its life."""
        return self._process.pid

    def restart(self) -> None:
        """Start again, on the same ports and with the same credential.

        Retained messages are forgotten; publishers bring them again.

        Raises
        ------
        BrokerError
            It does not start.

        """
        self.close()
        self._process = self._launch()

    def close(self) -> None:
        """Stop the process. Nothing is lost: a broker of ours keeps nothing."""
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _launch(self) -> subprocess.Popen[bytes]:
        """Start the process and wait until both ports answer.

        It gets a session of its own, so that Ctrl-C leaves it to us: the last messages of the
        device are to pass through it.
        """
        with self.log_path.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  (a command of ours, no shell)
                leash.leashed(self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_answers(process)
        return process

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while process.poll() is None:
            if all(map(_answers, (self.tcp_port, self.ws_port))):
                return
            if time.monotonic() > deadline_s:
                process.kill()
                process.wait()
                raise BrokerError(f"the {self.kind} broker does not answer: {self._last_words()}")
            time.sleep(POLL_S)
        raise BrokerError(f"the {self.kind} broker stopped at once: {self._last_words()}")

    def _last_words(self) -> str:
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").split("\n")
        spoken = [line.strip() for line in lines if line.strip()]
        return spoken[-1] if spoken else "it said nothing"


def start_broker(config: Mqtt, work_dir: Path, prefer: Preference = "auto") -> Broker:
    """Start a broker on the configured ports (0: any free one) and wait until it answers.

    Call it from a thread that lasts as long as the broker shall: see :mod:`shinline.wire.leash`.

    Parameters
    ----------
    config
        The two ports.
    work_dir
        Where configuration, credentials (private) and log are written.
    prefer
        ``auto`` takes mosquitto if it is installed and works, otherwise the Python broker.

    Raises
    ------
    BrokerError
        A port is taken, the wanted broker is not installed, or it does not start.

    """
    ports = port_choice.choose(config)
    *better, last = _ORDER[prefer]
    for kind in better:
        try:
            return Broker(kind, ports, work_dir)
        except BrokerError as problem:
            _LOG.info("%s; trying another broker", problem)
    return Broker(last, ports, work_dir)


def _mosquitto_command(work_dir: Path, ports: Ports, username: str, password: str) -> list[str]:
    program = mosquitto.find()
    if program is None:
        raise BrokerError("mosquitto is not installed; install it, or set mqtt.broker = 'python'")
    return [program, "-c", str(mosquitto.write_files(work_dir, ports, username, password))]


def _python_command(work_dir: Path, ports: Ports, username: str, password: str) -> list[str]:
    path = amqtt_config.write_file(work_dir, ports, username, password)
    return [sys.executable, "-m", "shinline.wire.python_broker", str(path)]


_COMMANDS: Final[dict[Kind, Callable[[Path, Ports, str, str], list[str]]]] = {
    "mosquitto": _mosquitto_command,
    "python": _python_command,
}


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False
