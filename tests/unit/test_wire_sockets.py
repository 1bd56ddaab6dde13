"""Every socket of a line to the broker is closed when the line is over, and not some day later."""

import gc
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shinline.wire import client as clients
from shinline.wire import link as links
from shinline.wire.client import V311, WINDOW, TolerantClient
from shinline.wire.endpoint import Endpoint
from shinline.wire.link import Link

TRULY_NEW = clients.new_client
WELCOME = b"\x20\x02\x00\x00"
"""CONNACK of MQTT 3.1.1: accepted."""


@contextmanager
def somebody(answers: bytes, calls: int = 1) -> Iterator[tuple[int, threading.Event]]:
    """Listen, answer each of ``calls`` callers with these bytes and hang up; tell when done."""
    done = threading.Event()

    def serve() -> None:
        for _ in range(calls):
            line, _ = listener.accept()
            with line:
                line.recv(4096)
                line.sendall(answers)
        done.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        ear = threading.Thread(target=serve)
        ear.start()
        yield listener.getsockname()[1], done
        ear.join()


@contextmanager
def nothing_left() -> Iterator[None]:
    """Fail when the garbage collector finds a socket that nobody closed."""
    gc.collect()
    found: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", ResourceWarning)
        warnings.showwarning = lambda message, *_: found.append(str(message))  # type: ignore
        yield
        gc.collect()
    assert found == []


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        (b"220 what a pity\r\n", {"tls": ssl.create_default_context()}),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", {"transport": "websockets", "path": "/mqtt"}),
    ],
    ids=["TLS", "WebSocket"],
)
def test_a_line_that_could_not_be_agreed_on_is_closed(answers: bytes, more: dict[str, Any]) -> None:
    with somebody(answers) as (port, _), nothing_left():
        endpoint = Endpoint("127.0.0.1", port, **more)
        client = clients.new_client("bay1", endpoint, V311, WINDOW, "offline")
        with pytest.raises(OSError):
            clients.connect(client, endpoint)
        del client


class Nobody:
    """An owner that has nothing to say."""

    def greet(self) -> None:
        pass

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:
        pass

    def take_back(self) -> None:
        pass


def test_lines_that_broke_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even while somebody still holds the client."""
    made: list[TolerantClient] = []

    def new_client(*given: Any) -> TolerantClient:
        made.append(TRULY_NEW(*given))
        return made[-1]

    monkeypatch.setattr(links, "RETRY_S", 0.01)
    monkeypatch.setattr(clients, "new_client", new_client)
    with somebody(WELCOME, calls=3) as (port, done):
        endpoint = Endpoint("127.0.0.1", port, protocol="3.1.1")
        link = Link("bay1", endpoint, [], Nobody(), threading.Condition())
        link.start()
        assert done.wait(10.0)
        link.leave(1.0)
    assert len(made) >= 3
    left = [(each._sock, each._sockpairR, each._sockpairW) for each in made]
    assert left == [(None, None, None)] * len(made)
