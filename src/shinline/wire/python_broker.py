"""The broker for machines without mosquitto: amqtt, in a process of its own.

``python -m shinline.wire.python_broker CONFIGURATION`` runs until it is killed.

Of amqtt it uses the listeners, TLS, the plugins (:mod:`shinline.wire.doorkeeper`), and the reading
and checking of CONNECT and subscriptions. How messages pass is its own: amqtt 0.12 lets one
subscriber that has stopped reading hold up all the others, delivers at the subscriber's QoS even
what was published with a lower one, loses what a client published just before it left, never
notices that a client has fallen silent, takes packets of any size and at any rate, and lets a
client take over a session before it asks who the client is.

Its limits, next to mosquitto: MQTT 3.1.1 only; several times the processor; QoS 2 is delivered as
QoS 1; and it keeps no session for a client that is away, whatever that client asked for.
It is meant for a laptop and a handful of clients.
"""

import asyncio
import json
import logging
import ssl
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import websockets
from amqtt.adapters import BufferReader
from amqtt.broker import Broker
from amqtt.contexts import Action, ListenerType
from amqtt.errors import AMQTTError, BrokerError, MQTTError, NoDataError
from amqtt.mqtt.connack import (
    CONNECTION_ACCEPTED,
    NOT_AUTHORIZED,
    SERVER_UNAVAILABLE,
    UNACCEPTABLE_PROTOCOL_VERSION,
    ConnackPacket,
)
from amqtt.mqtt.packet import MQTTFixedHeader
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session
from amqtt.utils import gen_client_id

from shinline.wire.doorkeeper import is_device
from shinline.wire.frames import Publish
from shinline.wire.line import LARGEST_BYTES, Line, tcp_line, websocket_line
from shinline.wire.pace import Pace
from shinline.wire.python_client import Client

PROTOCOL: Final = b"\x00\x04MQTT"
V311: Final = b"\x04"
"""How the body of a CONNECT begins, and what follows it in the version that is spoken here."""

CONNECT_S: Final = 10.0
"""How long a connection may take to say who it is."""

CONNECT_BYTES: Final = 4096
"""How long a CONNECT may be."""

MOST_CONNECTIONS: Final = 200
"""Clients that were let in, besides the device, for which there is always room."""

MOST_UNKNOWN: Final = 64
MOST_UNKNOWN_EACH: Final = 16
"""Connections that have not said yet who they are: all together, and from one address."""

HERE: Final = frozenset({"127.0.0.1", "::1"})
"""Where the device comes from. It has places of its own, so that strangers cannot take them."""

BURST: Final = 200.0
PER_S: Final = 50.0
"""What a user may send, besides acknowledgements. A page sends a few messages in a minute."""

BARRED_S: Final = 5.0
"""How long a user is not let in again who was thrown out for sending too fast."""

LOOK_EVERY_S: Final = 1.0

Identity = tuple[str, str]
"""A user, and what a client of that user calls itself: nobody can push out another user's."""


class SteadyBroker(Broker):  # type: ignore[misc]  # amqtt has no types
    """amqtt's broker with clients that do not wait for each other."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        super().__init__(configuration)
        self._clients: dict[Identity, Client] = {}
        self._retained: dict[str, Publish] = {}
        self._paces: dict[str, Pace] = {}
        self._barred_until_s: dict[str, float] = {}
        self._unknown: Counter[str] = Counter()

    async def start(self) -> None:
        """Listen, and look after the clients."""
        await super().start()
        self._watch = asyncio.create_task(self._look_after_clients())

    @property
    def clients(self) -> list[Client]:
        """Everybody who is connected now."""
        return list(self._clients.values())

    # --- who comes in -------------------------------------------------------------------------

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Deal with a TCP connection until it ends."""
        await self._connected(tcp_line(reader, writer), listener_name)

    async def ws_connected(self, websocket: Any, listener_name: str) -> None:
        """Deal with a WebSocket until it ends."""
        await self._connected(websocket_line(websocket), listener_name)

    async def _create_server_instance(
        self, listener_name: str, listener_type: Any, address: Any, port: int, ssl_context: Any
    ) -> Any:
        """Listen; WebSockets without compression, which costs more time than it saves."""
        if listener_type is not ListenerType.WS:
            return await super()._create_server_instance(
                listener_name, listener_type, address, port, ssl_context
            )
        return await websockets.serve(
            lambda websocket: self.ws_connected(websocket, listener_name),
            address,
            port,
            ssl=ssl_context,
            subprotocols=[websockets.Subprotocol("mqtt")],
            compression=None,
            max_size=LARGEST_BYTES,
            ping_interval=None,  # MQTT has its own; a client of paho's hangs up at a WebSocket's
        )

    @staticmethod
    def _create_ssl_context(listener: Any) -> ssl.SSLContext:
        """Encrypt, and ask no browser for a certificate of its own, as amqtt would."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(listener["certfile"], listener["keyfile"])
        return context

    async def _connected(self, line: Line, listener_name: str) -> None:
        address = str((line.writer.get_peer_info() or ("",))[0])
        try:
            if self._has_room_for(address):
                self._unknown[address] += 1
                try:
                    session = await self._admit(line, listener_name)
                finally:
                    self._unknown[address] -= 1
                    self._unknown += Counter()  # without those that are 0
                if session is not None:
                    await self._serve(session, line)
        finally:
            line.hang_up()

    def _has_room_for(self, address: str) -> bool:
        """Tell whether one more from an address may say who it is."""
        if address in HERE:
            return self._unknown[address] < MOST_UNKNOWN
        strangers = sum(count for other, count in self._unknown.items() if other not in HERE)
        return self._unknown[address] < MOST_UNKNOWN_EACH and strangers < MOST_UNKNOWN

    async def _admit(self, line: Line, listener_name: str) -> Session | None:
        """Read the CONNECT and answer it; return the session if it may come in.

        amqtt would wait for the rest of a CONNECT of MQTT 5, which it takes for a longer one.
        """
        try:
            async with asyncio.timeout(CONNECT_S):
                first, body = await line.next_packet(CONNECT_BYTES)
                if body.startswith(PROTOCOL) and not body.startswith(PROTOCOL + V311):
                    await line.send(
                        ConnackPacket.build(0, UNACCEPTABLE_PROTOCOL_VERSION).to_bytes()
                    )
                    raise MQTTError("MQTT of another version")
                header = MQTTFixedHeader(first >> 4, first & 0x0F, len(body)).to_bytes()
                _, session = await BrokerProtocolHandler.init_from_connect(
                    BufferReader(header + body), line.writer, self.plugins_manager
                )
                code = await self._verdict(session, listener_name)
                await line.send(ConnackPacket.build(0, code).to_bytes())
        except (AMQTTError, MQTTError, NoDataError, OSError, EOFError, ValueError):
            code = NOT_AUTHORIZED  # or nobody at all
        if code == CONNECTION_ACCEPTED:
            return session
        await line.close()
        return None

    async def _verdict(self, session: Session, listener_name: str) -> Any:
        """Return the code of the answer to a CONNECT."""
        session.client_id = session.client_id or gen_client_id()
        session.clean_session = True
        if self._now_s() < self._barred_until_s.get(session.username or "", 0.0):
            return SERVER_UNAVAILABLE
        allowed = await self._authenticate(session, self.listeners_config[listener_name])
        if not allowed:
            return NOT_AUTHORIZED
        full = len(self._clients) >= MOST_CONNECTIONS and not is_device(session)
        return SERVER_UNAVAILABLE if full else CONNECTION_ACCEPTED

    async def _serve(self, session: Session, line: Line) -> None:
        user = session.username or ""
        pace = None if is_device(session) else self._paces.setdefault(user, Pace(BURST, PER_S))
        identity, client = (user, session.client_id), Client(self, session, line, pace)
        if older := self._clients.get(identity):
            older.throw_out("it connected anew")
        self._clients[identity] = client
        try:
            goodbye = await client.serve()
        finally:
            if self._clients.get(identity) is client:
                del self._clients[identity]
        if client.flooded:
            self._barred_until_s[user] = self._now_s() + BARRED_S
        if session.will_flag and not goodbye:
            will = session.will_message or b""
            await self.publish(
                session, Publish(session.will_topic, will, session.will_qos, session.will_retain)
            )

    # --- what passes --------------------------------------------------------------------------

    async def publish(self, session: Session, message: Publish) -> None:
        """Pass a message on, if its sender may publish it.

        Only the device's are retained: those of others are requests, which are for now.
        """
        if not await self._topic_filtering(session, message.topic, Action.PUBLISH):
            return
        if message.retain and is_device(session):
            if message.payload:
                self._retained[message.topic] = message
            else:
                self._retained.pop(message.topic, None)
        passed_on = Publish(message.topic, message.payload, message.qos, retain=False)
        for client in self.clients:
            await client.deliver(passed_on)

    async def may_subscribe(self, session: Session, topic_filter: str) -> bool:
        """Tell whether a filter is well formed and allowed."""
        *levels, last = topic_filter.split("/")
        signs = "#" in "".join(levels) or (last != "#" and "#" in last) or "\0" in topic_filter
        if signs or any("+" in level and level != "+" for level in (*levels, last)):
            return False
        return bool(await self._topic_filtering(session, topic_filter, Action.SUBSCRIBE))

    async def covers(self, session: Session, topic_filter: str, topic: str) -> bool:
        """Tell whether a message belongs to a subscription, and may be received."""
        return self._matches(topic, topic_filter) and bool(
            await self._topic_filtering(session, topic, Action.RECEIVE)
        )

    def retained(self) -> list[Publish]:
        """Return all retained messages."""
        return list(self._retained.values())

    async def _look_after_clients(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now_s = self._now_s()
            for client in self.clients:
                client.look_after(now_s)
            self._forget_paces(now_s)
            barred = self._barred_until_s.items()
            self._barred_until_s = {user: until for user, until in barred if until > now_s}

    def _forget_paces(self, now_s: float) -> None:
        """Forget who used nothing for long. Who is connected keeps it: there is one for a user."""
        here = {user for user, _ in self._clients}
        paces = self._paces.items()
        self._paces = {u: pace for u, pace in paces if u in here or not pace.full(now_s)}

    def _now_s(self) -> float:
        return float(self._loop.time())


async def serve(configuration: dict[str, Any]) -> None:
    """Run the broker for ever."""
    await SteadyBroker(configuration).start()
    await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    """Run with the configuration file named on the command line."""
    logging.basicConfig(level=logging.WARNING)
    for chatty in ("websockets", "amqtt"):  # they report every port scan with a traceback
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    try:
        asyncio.run(serve(json.loads(Path(arguments[0]).read_text(encoding="utf-8"))))
    except BrokerError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
