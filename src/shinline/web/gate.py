"""What strangers may use up of the server, which runs in the process that measures.

uvicorn waits for ever for the first request of a connection, and takes any number of both.
"""

import asyncio
import math
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from shinline.web.guard import json_response
from shinline.wire.pace import Pace

REQUEST_S: Final = 10.0
"""How long a request may take to arrive: from the connection's begin or the answer before."""

ANSWER_S: Final = 60.0
"""How long its body, and the taking of the answer, may take after that."""

MOST_EACH: Final = 32
MOST: Final = 128
"""Connections from one address and all together; a browser opens six. This machine may have
``MOST`` more."""

BURST: Final = 600.0
PER_S: Final = 60.0
"""Requests from one address: a page is some eighty files, and phones may share an address."""

HERE: Final = frozenset({"127.0.0.1", "::1"})
GENEROSITY: Final = 10.0
"""How many times as many requests programs on this machine may make."""

MOST_ADDRESSES: Final = 256


class Gate(socket.socket):
    """A listening socket that takes no more connections than there is room for.

    It takes over the file descriptor of ``listener``. For asyncio, in one thread.
    """

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener.family, listener.type, listener.proto, listener.detach())
        self._open: Counter[str] = Counter()

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection; one too many is closed, and asyncio is told that it broke."""
        handle, peer = self._accept()  # type: ignore[attr-defined]  # as socket.accept does
        address = str(peer[0])
        connection = _Connection(self, address, handle)
        if not self._has_room_for(address):
            connection.close()
            raise ConnectionAbortedError
        return connection, peer

    def count(self, address: str, change: int) -> None:
        """Note that a connection from an address was opened or closed."""
        self._open[address] += change
        if not self._open[address]:
            del self._open[address]

    def _has_room_for(self, address: str) -> bool:
        if address in HERE:
            return self._open[address] <= MOST
        strangers = sum(count for other, count in self._open.items() if other not in HERE)
        return self._open[address] <= MOST_EACH and strangers <= MOST


class _Connection(socket.socket):
    """A connection that is counted from its making until it is closed."""

    def __init__(self, gate: Gate, address: str, handle: int) -> None:
        super().__init__(gate.family, gate.type, gate.proto, handle)
        self._gate: Gate | None = gate
        self._address = address
        gate.count(address, 1)

    def close(self) -> None:
        if self._gate is not None:
            self._gate.count(self._address, -1)
            self._gate = None
        super().close()


class TimelyProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with connections that are broken when nothing comes of them."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._allow(REQUEST_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Deal with what came; a request may have begun."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._allow(ANSWER_S)

    def on_response_complete(self) -> None:
        """Wait for the next request, which may be here already."""
        self._allow(REQUEST_S)
        super().on_response_complete()

    def _allow(self, seconds: float) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self.loop.call_later(seconds, self.transport.abort)


class Paces:
    """ASGI layer that answers ``429`` to an address that asks too often, and hangs up on it."""

    def __init__(self, app: ASGIApp, now_s: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._now_s = now_s
        self._paces: dict[str, Pace] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        client = scope.get("client")
        if scope["type"] != "http" or client is None or self._allows(client[0]):
            await self._app(scope, receive, send)
            return
        seconds = math.ceil(1.0 / PER_S)
        said = {"error": f"too many requests; wait {seconds} s", "code": "wait", "wait_s": seconds}
        headers = {"Retry-After": str(seconds), "Connection": "close"}
        await json_response(said, 429, headers)(scope, receive, send)

    def _allows(self, address: str) -> bool:
        pace = self._paces.pop(address, None)
        if pace is None:
            while len(self._paces) >= MOST_ADDRESSES:
                self._paces.pop(next(iter(self._paces)))
            more = GENEROSITY if address in HERE else 1.0
            pace = Pace(BURST * more, PER_S * more)
        self._paces[address] = pace  # the latest is the last to be forgotten
        return pace.allows(self._now_s())
