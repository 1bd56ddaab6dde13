"""Free ports for the broker, or a clear word about why not."""

import errno
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from shinline.config import Mqtt


class BrokerError(RuntimeError):
    """The embedded broker cannot run; the message says why and what to change."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the broker listens; ``tls`` is 0 where nothing is encrypted."""

    tcp: int
    ws: int
    tls: int = 0


_FAMILIES: Final = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))  # noqa: S104

_NEIGHBOURS: Final = 100
"""How far above a taken port a free one is looked for."""


def choose(config: Mqtt, encrypted: bool = False) -> Ports:
    """Check the ports, that for TLS only where it is wanted; 0 means any free one.

    They are free at the moment of the check, which is the most that can be known beforehand.

    Raises
    ------
    BrokerError
        A port is taken or not allowed; the message names it, its key, and a free one.

    """
    with ExitStack() as held:
        tcp = _claim(held, config.port, "MQTT over TCP", "mqtt.port")
        ws = _claim(held, config.ws_port, "MQTT over WebSocket", "mqtt.ws_port")
        if not encrypted:
            return Ports(tcp, ws)
        tls = _claim(held, config.tls_port, "MQTT over TLS", "mqtt.tls_port")
    return Ports(tcp, ws, tls)


def _claim(held: ExitStack, port: int, purpose: str, key: str) -> int:
    try:
        return _listen(held, port)
    except OSError as problem:
        reason = problem.strerror.lower() if problem.strerror else str(problem)
    raise BrokerError(
        f"port {port} for {purpose} cannot be used: {reason}. "
        f"Port {_free_above(port)} is free: set {key} to it, or to 0 for any free port."
    )


def _listen(held: ExitStack, port: int) -> int:
    """Listen on the port in every address family until ``held`` is closed; return the port."""
    for family, address in _FAMILIES:
        try:
            listener = held.enter_context(socket.socket(family, socket.SOCK_STREAM))
        except OSError:  # the machine does not speak this family
            continue
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listener.bind((address, port))
        except OSError as problem:
            if family == socket.AF_INET6 and problem.errno == errno.EADDRNOTAVAIL:
                continue  # the family is compiled in and switched off
            raise
        listener.listen(1)
        port = listener.getsockname()[1]
    return port


def _free_above(port: int) -> int:
    for candidate in [*range(max(port, 1024) + 1, min(port + _NEIGHBOURS, 65535)), 0]:
        with ExitStack() as held:
            try:
                return _listen(held, candidate)
            except OSError:
                continue
    raise BrokerError("no free port was found on this machine")
