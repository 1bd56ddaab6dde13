"""The embedded broker: a child process on its own ports, for devices without another broker.

Mosquitto where it is installed, otherwise amqtt. Both obey the same table of accounts and rights,
:mod:`shinline.wire.rights`; the device is in it with a credential made up at every start. Nobody
comes in without an account.
"""

import logging
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from shinline.config import Mqtt
from shinline.wire import amqtt_config, leash, mosquitto, rights
from shinline.wire import ports as port_choice
from shinline.wire.accounts import Account, TlsFiles, new_key
from shinline.wire.endpoint import Endpoint
from shinline.wire.ports import BrokerError, Ports
from shinline.wire.rights import Entry

__all__ = ["Broker", "BrokerError", "start_broker"]

_LOG = logging.getLogger(__name__)

Kind = Literal["mosquitto", "python"]
Preference = Literal["auto", "mosquitto", "python"]

START_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 3.0
POLL_S: Final = 0.02
LOOK_EVERY_S: Final = 0.5
"""How often it is looked whether the process lives."""


HELLO: Final = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x05\x00\x00"
"""MQTT 3.1.1's CONNECT of nobody in particular. A broker at work answers it, with a refusal."""

_ORDER: Final[dict[Preference, tuple[Kind, ...]]] = {
    "auto": ("mosquitto", "python"),
    "mosquitto": ("mosquitto",),
    "python": ("python",),
}


@dataclass(frozen=True, slots=True)
class _Making:
    """How a kind of broker is started, and told who may come in."""

    command: Callable[[Path], list[str]]
    write_files: Callable[[Path, Ports, Sequence[Entry], TlsFiles | None], Path]
    write_access: Callable[[Path, Sequence[Entry]], None]


class Broker:
    """A running broker. Use it in a ``with`` statement, or call :meth:`close`.

    A process that dies is started again, as after :meth:`restart`.

    Attributes
    ----------
    kind
        ``mosquitto`` or ``python``.
    tcp_port, ws_port, tls_port
        Where it listens, on every interface. With TLS, ``ws_port`` and ``tls_port`` are encrypted
        and only this machine can use ``tcp_port``; without it, ``tls_port`` is 0.
    endpoint
        Where and how the device itself logs in.
    log_path
        What the process had to say.

    """

    def __init__(
        self,
        kind: Kind,
        ports: Ports,
        platform: str,
        work_dir: Path,
        accounts: Sequence[Account] = (),
        tls: TlsFiles | None = None,
        discovery: str = rights.DISCOVERY,
    ) -> None:
        self.kind: Kind = kind
        self.tcp_port, self.ws_port, self.tls_port = ports.tcp, ports.ws, ports.tls
        self.log_path = work_dir / "broker.log"
        password = secrets.token_urlsafe(24)
        self.endpoint = Endpoint(
            "127.0.0.1",
            ports.tcp,
            rights.DEVICE,
            password,
            protocol="5" if kind == "mosquitto" else "3.1.1",
            hurries=kind == "mosquitto",
        )
        self._platform, self._discovery, self._work_dir = platform, discovery, work_dir
        self._device_key = new_key(password)
        self._making = _MAKING[kind]
        work_dir.mkdir(parents=True, exist_ok=True)
        configuration = self._making.write_files(work_dir, ports, self._entries(accounts), tls)
        self._command = self._making.command(configuration)
        self._closing = threading.Event()
        self._start()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process, for whoever watches over its memory or its life."""
        return self._process.pid

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        """Put a new list of accounts in force.

        Who is new may log in at once; who is gone, or has another key now, is thrown out. May be
        called from any thread.

        Raises
        ------
        ValueError
            Two accounts have one name, or a name or a key no broker can hold.

        """
        self._making.write_access(self._work_dir, self._entries(accounts))
        self._process.send_signal(signal.SIGHUP)

    def restart(self) -> None:
        """Start again, on the same ports and with the same credential.

        Retained messages are forgotten; publishers bring them again.

        Raises
        ------
        BrokerError
            It does not start.

        """
        self.close()
        self._start()

    def close(self) -> None:
        """Stop the process. Nothing is lost: a broker of ours keeps nothing."""
        self._closing.set()
        self._end()  # before the keeper: what that one has started dies with it, at once
        self._keeper.join()
        self._end()

    def _end(self) -> None:
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

    def _entries(self, accounts: Sequence[Account]) -> tuple[Entry, ...]:
        return rights.entries(self._platform, self._device_key, accounts, self._discovery)

    def _start(self) -> None:
        self._closing.clear()
        self._process = self._launch()
        self._keeper = threading.Thread(target=self._keep, name="shinline-broker", daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        """Start the process again when it has died, until it is to be closed."""
        while not self._closing.wait(LOOK_EVERY_S):
            if self.alive:
                continue
            _LOG.warning(
                "the %s broker died (%s); starting it again", self.kind, self._last_words()
            )
            try:
                self._process = self._launch()
            except (BrokerError, OSError) as problem:  # tried again at the next look
                _LOG.warning("%s", problem)
            else:
                self._process.send_signal(signal.SIGHUP)  # accounts may have changed meanwhile

    def _launch(self) -> subprocess.Popen[bytes]:
        """Start the process and wait until its ports answer.

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
            if _is_open(self.ws_port) and _answers(self.tcp_port):
                return
            if time.monotonic() > deadline_s or self._closing.is_set():
                process.kill()
                process.wait()
                raise BrokerError(f"the {self.kind} broker does not answer: {self._last_words()}")
            time.sleep(POLL_S)
        raise BrokerError(f"the {self.kind} broker stopped at once: {self._last_words()}")

    def _last_words(self) -> str:
        try:
            lines = self.log_path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return "what it said cannot be read"
        spoken = [line.strip() for line in lines if line.strip()]
        return spoken[-1] if spoken else "it said nothing"


def start_broker(
    config: Mqtt,
    platform: str,
    work_dir: Path,
    prefer: Preference = "auto",
    accounts: Sequence[Account] = (),
    tls: TlsFiles | None = None,
    discovery: str = rights.DISCOVERY,
) -> Broker:
    """Start a broker on the configured ports (0: any free one) and wait until it answers.

    Call it from a thread that lasts as long as the broker shall: see :mod:`shinline.wire.leash`.

    Parameters
    ----------
    config
        The ports.
    platform
        Whose topics the broker carries; it carries no others.
    work_dir
        Where configuration, accounts (private) and log are written.
    prefer
        ``auto`` takes mosquitto if it is installed and works, otherwise the Python broker.
    accounts
        Who may log in besides the device; :meth:`Broker.set_accounts` changes it.
    tls
        The certificate for encrypted listeners; None for none.
    discovery
        The topic below which the device announces itself to Home Assistant.

    Raises
    ------
    BrokerError
        A port is taken, the wanted broker is not installed, or it does not start.
    ValueError
        As in :meth:`Broker.set_accounts`.

    """
    ports = port_choice.choose(config, encrypted=tls is not None)
    *better, last = _ORDER[prefer]
    for kind in better:
        try:
            return Broker(kind, ports, platform, work_dir, accounts, tls, discovery)
        except BrokerError as problem:
            _LOG.info("%s; trying another broker", problem)
    return Broker(last, ports, platform, work_dir, accounts, tls, discovery)


def _mosquitto_command(configuration: Path) -> list[str]:
    program = mosquitto.find()
    if program is None:
        raise BrokerError("mosquitto is not installed; install it, or set mqtt.broker = 'python'")
    return [program, "-c", str(configuration)]


def _python_command(configuration: Path) -> list[str]:
    return [*leash.PYTHON, "-m", "shinline.wire.python_broker", str(configuration)]


_MAKING: Final[dict[Kind, _Making]] = {
    "mosquitto": _Making(_mosquitto_command, mosquitto.write_files, mosquitto.write_access),
    "python": _Making(_python_command, amqtt_config.write_files, amqtt_config.write_access),
}


def _is_open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False


def _answers(port: int) -> bool:
    """Tell whether a broker is at work: a port is open before the signals are attended to."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as line:
            line.sendall(HELLO)
            return bool(line.recv(1))
    except OSError:
        return False
