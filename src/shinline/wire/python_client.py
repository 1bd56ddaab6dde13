"""One client of the Python broker: its packets are dealt with in order, its messages wait alone.

amqtt makes a task of every packet and waits for every subscriber before it is done with a message.
Here a client has one task that reads and one that writes from its :class:`Mailbox`. Nobody waits
for another; what a client sent before it left is dealt with before its leaving; and a client that
does not take its messages, keeps silent for too long, sends too fast or breaks the protocol is
thrown out.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Protocol

from amqtt.adapters import BufferReader
from amqtt.errors import AMQTTError, NoDataError
from amqtt.mqtt.packet import (
    DISCONNECT,
    PINGREQ,
    PUBACK,
    PUBLISH,
    PUBREL,
    SUBSCRIBE,
    UNSUBSCRIBE,
    MQTTFixedHeader,
)
from amqtt.mqtt.suback import SubackPacket
from amqtt.mqtt.subscribe import SubscribePacket
from amqtt.mqtt.unsubscribe import UnsubscribePacket
from amqtt.session import Session

from shinline.wire.frames import BadPacket, Publish, parse_publish
from shinline.wire.line import Line
from shinline.wire.mailbox import Mailbox
from shinline.wire.pace import Pace

_LOG = logging.getLogger(__name__)

STALLED_S: Final = 20.0
"""A client that takes nothing for so long will not be waited for any longer."""

KEEPALIVE_FACTOR: Final = 1.5
MOST_FILTERS: Final = 64
"""Subscriptions of one client: each costs time with every message of anybody."""

MOST_REMEMBERED: Final = 256
TOKEN_BYTES: Final = 4096
"""A packet uses up one of a client's allowance, and one more for so many bytes."""

REFUSED: Final = 0x80


class House(Protocol):
    """What a client needs of its broker."""

    async def publish(self, session: Session, message: Publish) -> None:
        """Pass a client's message on, if the client may publish it."""

    async def may_subscribe(self, session: Session, topic_filter: str) -> bool:
        """Tell whether a filter is well formed and allowed."""

    async def covers(self, session: Session, topic_filter: str, topic: str) -> bool:
        """Tell whether a message belongs to a subscription, and may be received."""

    def retained(self) -> list[Publish]:
        """Return all retained messages."""


class Client:
    """A client that was let in.

    Parameters
    ----------
    pace
        What it may send; None for the device, which is trusted.

    """

    def __init__(self, house: House, session: Session, line: Line, pace: Pace | None) -> None:
        self.session = session
        self.mailbox = Mailbox()
        self.flooded = False
        """Whether it was thrown out for sending too fast."""

        self._house = house
        self._line = line
        self._pace = pace
        self._filters: dict[str, int] = {}
        self._changes = 0  # of the filters
        self._remembered: dict[str, int] = {}
        self._received: set[int] = set()  # QoS 2, between PUBLISH and PUBREL
        self._news = asyncio.Event()
        self._now_s = asyncio.get_running_loop().time
        self._heard_s = self._now_s()
        self._writing_since_s: float | None = None
        self._thrown_out = False
        self._gone = asyncio.Event()

    async def serve(self) -> bool:
        """Deal with the client until it leaves; return whether it said goodbye."""
        writing = asyncio.create_task(self._write())
        try:
            return await self._read()
        except (BadPacket, AMQTTError) as problem:
            self.throw_out(str(problem))
        except (OSError, EOFError):
            _LOG.debug("%s is gone", self.session.client_id)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self._line.close()
            self._gone.set()
        return False

    def throw_out(self, reason: str) -> None:
        """Break the connection; the client's last will is due."""
        if not self._thrown_out:
            self._thrown_out = True
            _LOG.warning("client %.40r is thrown out: %s", self.session.client_id, reason)
        self._line.hang_up()

    async def stop(self) -> None:
        """Break the connection and wait until it is."""
        self._line.hang_up()
        await self._gone.wait()

    def look_after(self, now_s: float) -> None:
        """Throw the client out if it is silent, or takes nothing, for too long."""
        silence_s = KEEPALIVE_FACTOR * self.session.keep_alive
        if silence_s and now_s - self._heard_s > silence_s:
            self.throw_out(f"nothing was heard of it for {silence_s:.0f} s")
        for since_s in (self._writing_since_s, self.mailbox.unacknowledged_since_s):
            if since_s is not None and now_s - since_s > STALLED_S:
                self.throw_out(f"it took no message for {STALLED_S:.0f} s")

    async def deliver(self, message: Publish) -> None:
        """Queue a message if the client subscribed to it, at the lower of the two QoS."""
        granted = self._remembered.get(message.topic)
        if granted is None:
            granted = await self._granted(message.topic)
        if granted >= 0:
            self._put(message, granted)

    def _put(self, message: Publish, granted: int) -> None:
        qos = min(message.qos, granted)
        if not self.mailbox.put(replace(message, qos=qos, packet_id=0)):
            self.throw_out("more messages wait for it than there is room for")
        self._news.set()

    async def _granted(self, topic: str) -> int:
        """Return the highest QoS of all subscriptions to a topic, -1 without one.

        The house takes its time. What it said of filters that have changed meanwhile is not kept:
        remembered, it would keep a topic from the client for good.
        """
        changes = -1
        while changes != self._changes:
            changes, filters = self._changes, list(self._filters.items())
            found = [q for f, q in filters if await self._house.covers(self.session, f, topic)]
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[topic] = max(found, default=-1)
        return self._remembered[topic]

    def _filters_changed(self) -> None:
        self._changes += 1
        self._remembered.clear()

    def _answer(self, packet: bytes) -> None:
        self.mailbox.answer(packet)
        self._news.set()

    async def _write(self) -> None:
        with suppress(OSError):
            while True:
                await self._news.wait()
                self._news.clear()
                while piece := self.mailbox.take(self._now_s()):
                    self._writing_since_s = self._now_s()
                    await self._line.send(piece)
                    self._writing_since_s = None
        self._line.hang_up()

    async def _read(self) -> bool:
        while True:
            first, body = await self._line.next_packet()
            self._heard_s = self._now_s()
            kind, flags = first >> 4, first & 15
            if kind == DISCONNECT:
                return True
            if kind not in _DOES:
                raise BadPacket(f"a packet of type {kind}, which is not for a client to send now")
            expected = kind == PUBACK and self.mailbox.acknowledged(_packet_id(body))
            if not (expected or self._in_time(len(body))):
                self.flooded = True
                raise BadPacket("it sends too fast")
            await _DOES[kind](self, flags, body)
            await asyncio.sleep(0)  # a client that has always sent more holds nobody up

    def _in_time(self, length: int) -> bool:
        cost = 1.0 + length / TOKEN_BYTES
        return self._pace is None or self._pace.allows(self._heard_s, cost)

    # --- what a client may send ---------------------------------------------------------------

    async def _on_publish(self, flags: int, body: bytes) -> None:
        message = parse_publish(flags, body)
        if message.qos < 2 or message.packet_id not in self._received:
            await self._house.publish(self.session, message)
        if message.qos == 1:
            self._answer(b"\x40\x02" + message.packet_id.to_bytes(2, "big"))  # PUBACK
        elif message.qos == 2:
            self._received.add(message.packet_id)
            self._answer(b"\x50\x02" + message.packet_id.to_bytes(2, "big"))  # PUBREC

    async def _on_pubrel(self, _flags: int, body: bytes) -> None:
        self._received.discard(_packet_id(body))
        self._answer(b"\x70\x02" + body[:2])  # PUBCOMP

    async def _on_puback(self, _flags: int, _body: bytes) -> None:
        """Send on: there is room in the window now."""
        self._news.set()

    async def _on_pingreq(self, _flags: int, _body: bytes) -> None:
        self._answer(b"\xd0\x00")

    async def _on_subscribe(self, flags: int, body: bytes) -> None:
        packet = await _decoded(SubscribePacket, SUBSCRIBE, flags, body)
        codes = [await self._subscribe(name, qos) for name, qos in packet.payload.topics]
        self._answer(SubackPacket.build(packet.variable_header.packet_id, codes).to_bytes())
        for (name, _), granted in zip(packet.payload.topics, codes, strict=True):
            if granted != REFUSED:
                await self._send_retained(name, granted)

    async def _subscribe(self, topic_filter: str, qos: int) -> int:
        if qos > 2:
            raise BadPacket(f"a subscription with QoS {qos}")
        room = topic_filter in self._filters or len(self._filters) < MOST_FILTERS
        if not (room and await self._house.may_subscribe(self.session, topic_filter)):
            return REFUSED
        self._filters[topic_filter] = min(qos, 1)  # nothing of ours is of QoS 2
        self._filters_changed()
        return self._filters[topic_filter]

    async def _send_retained(self, topic_filter: str, granted: int) -> None:
        """Send what is retained. What is newer is not overtaken: nothing waits between the puts."""
        names = {message.topic for message in self._house.retained()}
        covered = {n for n in names if await self._house.covers(self.session, topic_filter, n)}
        for message in self._house.retained():
            if message.topic in covered:
                self._put(message, granted)

    async def _on_unsubscribe(self, flags: int, body: bytes) -> None:
        packet = await _decoded(UnsubscribePacket, UNSUBSCRIBE, flags, body)
        for name in packet.payload.topics:
            self._filters.pop(name, None)
        self._filters_changed()
        self._answer(b"\xb0\x02" + body[:2])  # UNSUBACK


_DOES: Final[dict[int, Callable[[Client, int, bytes], Awaitable[None]]]] = {
    PUBLISH: Client._on_publish,
    PUBACK: Client._on_puback,
    PUBREL: Client._on_pubrel,
    SUBSCRIBE: Client._on_subscribe,
    UNSUBSCRIBE: Client._on_unsubscribe,
    PINGREQ: Client._on_pingreq,
}


def _packet_id(body: bytes) -> int:
    if len(body) != 2:
        raise BadPacket("an acknowledgement that is not two bytes long")
    return int.from_bytes(body, "big")


async def _decoded(packet: Any, kind: int, flags: int, body: bytes) -> Any:
    header = MQTTFixedHeader(kind, flags, len(body))
    try:
        return await packet.from_stream(BufferReader(body), fixed_header=header)
    except (NoDataError, ValueError, IndexError) as problem:
        raise BadPacket(f"a packet that cannot be read: {problem}") from None
