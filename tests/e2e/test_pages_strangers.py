"""What strangers can use up of the pages' server: real sockets, and a server that waits briefly."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPResponse

import pytest
from test_pages_server import MemoryCatalogue, state

from shinline.web import gate
from shinline.web.server import Server, create_app, serve

PATIENCE_S = 15.0
ELSEWHERE = "127.0.0.2"
"""Linux lets this machine come from there, where the server expects a stranger."""

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(create_app(state(MemoryCatalogue(), 9001)), "127.0.0.1", 0) as running:
        yield running


def connect(server: Server, address: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_S, (address, 0))


def is_hung_up(line: socket.socket, within_s: float = PATIENCE_S) -> bool:
    line.settimeout(within_s)
    try:
        while line.recv(65_536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def status(line: socket.socket) -> int:
    line.sendall(HEALTH)
    answer = HTTPResponse(line)
    answer.begin()
    answer.read()
    return answer.status


@pytest.mark.parametrize(
    "beginning", [b"", b"GET /healthz HT", HEALTH + b"GET"], ids=["nothing", "half", "another half"]
)
def test_a_connection_without_a_whole_request_is_closed(
    server: Server, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(gate, "REQUEST_S", 0.3)
    with connect(server) as line:
        line.sendall(beginning)
        started_s = time.monotonic()
        assert is_hung_up(line)
        assert time.monotonic() - started_s < PATIENCE_S / 2


def test_a_body_that_never_comes_is_not_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "ANSWER_S", 0.3)
    with connect(server) as line:
        line.sendall(
            b"POST /api/pair HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99\r\n\r\n{"
        )
        assert is_hung_up(line)


def test_one_address_has_so_many_connections_and_others_have_theirs(server: Server) -> None:
    with ExitStack() as crowd:
        lines = [crowd.enter_context(connect(server, ELSEWHERE)) for _ in range(gate.MOST_EACH)]
        with connect(server, ELSEWHERE) as one_too_many:
            assert is_hung_up(one_too_many)
        assert status(lines[0]) == 200
        for address in ("127.0.0.1", "127.0.0.3"):
            with connect(server, address) as other:
                assert status(other) == 200
        lines[0].close()
        time.sleep(0.2)  # the server has to notice
        with connect(server, ELSEWHERE) as next_one:
            assert status(next_one) == 200


def test_all_strangers_together_leave_room_for_this_machine(server: Server) -> None:
    with ExitStack() as crowd:
        addresses = [f"127.0.1.{1 + number // gate.MOST_EACH}" for number in range(gate.MOST)]
        lines = [crowd.enter_context(connect(server, address)) for address in addresses]
        with connect(server, "127.0.2.1") as one_too_many:
            assert is_hung_up(one_too_many)
        assert status(lines[-1]) == 200
        with connect(server) as here:
            assert status(here) == 200


def test_who_asks_too_often_is_told_to_wait_and_hung_up_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "BURST", 20.0)
    monkeypatch.setattr(gate, "PER_S", 0.1)
    with connect(server, ELSEWHERE) as eve:
        assert [status(eve) for _ in range(21)] == [200] * 20 + [429]
        assert is_hung_up(eve)
    with connect(server) as here:
        assert [status(here) for _ in range(21)] == [200] * 21
