"""The wire to one client of the Python broker: TCP, or the bytes inside a WebSocket."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from amqtt.adapters import (
    ReaderAdapter,
    StreamReaderAdapter,
    StreamWriterAdapter,
    WebSocketsReader,
    WebSocketsWriter,
    WriterAdapter,
)
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from shinline.wire.frames import BadPacket

LARGEST_BYTES: Final = 1_000_000
"""Nothing of ours is larger than a picture; nobody shall fill the memory with more."""

CLOSE_S: Final = 1.0
"""How long a client may take to let itself be closed."""


@dataclass(frozen=True, slots=True)
class Line:
    """Both directions of a connection."""

    reader: ReaderAdapter
    writer: WriterAdapter
    transport: asyncio.BaseTransport

    async def next_packet(self, largest: int = LARGEST_BYTES) -> tuple[int, bytes]:
        """Return the first byte of a packet, and all that follows its length.

        ``largest`` is how many bytes may follow.

        Raises
        ------
        BadPacket
            It is larger than allowed; none of it was read.
        OSError, EOFError
            The connection broke.

        """
        first = (await self.reader.read(1))[0]
        length = shift = 0
        more = True
        while more:
            digit = (await self.reader.read(1))[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            more = digit > 0x7F
            if length > largest or (more and shift > 21):
                raise BadPacket(f"a packet of more than {largest} bytes")
        return first, (await self.reader.read(length) if length else b"")

    async def send(self, data: bytes) -> None:
        """Write, and wait until most of it has left.

        Raises
        ------
        OSError
            The connection broke.

        """
        self.writer.write(data)
        try:
            await self.writer.drain()
        except ConnectionClosed:
            raise ConnectionResetError from None

    async def close(self) -> None:
        """Let what was written leave, and hang up; at once where that does not come about."""
        with suppress(OSError, TimeoutError, ConnectionClosed):
            async with asyncio.timeout(CLOSE_S):
                await self.writer.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break the connection, whatever was still to be sent."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


def tcp_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Line:
    """Return the line of a TCP or TLS connection."""
    return Line(StreamReaderAdapter(reader), StreamWriterAdapter(writer), writer.transport)


def websocket_line(socket: ServerConnection) -> Line:
    """Return the line of a WebSocket."""
    return Line(_WebSocketBytes(socket), WebSocketsWriter(socket), socket.transport)


class _WebSocketBytes(WebSocketsReader):  # type: ignore[misc]  # amqtt has no types
    """The bytes of all messages, one after the other.

    amqtt's own reader repeats the last message for as long as bytes are missing at the end.
    """

    def __init__(self, socket: ServerConnection) -> None:
        super().__init__(socket)
        self._socket = socket
        self._buffer = bytearray()

    async def read(self, n: int = -1) -> bytes:
        while len(self._buffer) < n:
            try:
                message = await self._socket.recv(decode=False)
            except ConnectionClosed:
                raise ConnectionResetError from None
            self._buffer += message
        data = bytes(self._buffer[:n])
        del self._buffer[:n]
        return data
