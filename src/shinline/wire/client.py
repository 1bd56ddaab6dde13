"""The client of the MQTT library: one for each connection, and what is asked of it."""

import logging
import math
import os
import secrets
import socket
import ssl
import struct
from collections.abc import Mapping
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt import MQTTException
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from shinline.wire import topics
from shinline.wire.endpoint import Endpoint

_LOG = logging.getLogger(__name__)

KEEPALIVE_S: Final = 10
"""After a power cut the broker declares the device offline 1.5 times this later."""

CONNECT_TIMEOUT_S: Final = 2.0

LARGEST_HEARD_BYTES: Final = 8192
"""A request is a line of text; to take a large packet apart costs time that frames need. A broker
of MQTT 5 keeps larger ones to itself, of others they are refused when they are here."""

WINDOW: Final = 20
"""Messages handed over and not yet sent (QoS 0) or acknowledged (QoS 1)."""

NO_RETAINED: Final = 2  # MQTT 5, 3.8.3.1: do not send retained messages at the subscription

V5: Final = MQTTProtocolVersion.MQTTv5
V311: Final = MQTTProtocolVersion.MQTTv311


class TolerantClient(paho.Client):
    """The library's client, but for two things that a line kept for weeks must not have.

    It gives a connection up over one message that it cannot read: MQTT 5 lets everybody add
    properties, and some that brokers pass on (a text that begins with U+FEFF) the library takes for
    a broken packet. Whoever may ask could cut the line with one.

    And it leaves sockets to the garbage collector: that of a connection on which TLS or WebSocket
    could not be agreed, and the pair with which its thread is woken.
    """

    _begun: socket.socket | None = None
    """The socket of a connection that is being made."""

    def close(self) -> None:
        """Close every socket that is left, once the client's thread has ended."""
        self._reset_sockets()

    def _create_socket(self) -> Any:
        try:
            return super()._create_socket()
        except BaseException:
            if self._begun is not None:
                self._begun.close()
            raise
        finally:
            self._begun = None

    def _create_socket_connection(self) -> socket.socket:
        self._begun = super()._create_socket_connection()
        return self._begun

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """Agree on TLS; the context alone says whose certificate is good."""
        context = self._ssl_context
        if context is None:
            raise ValueError("the client has no TLS context")
        self._begun = line = context.wrap_socket(
            tcp_sock, server_hostname=self._host, do_handshake_on_connect=False
        )
        line.settimeout(self._connect_timeout)
        line.do_handshake()
        return line

    def _handle_publish(self) -> MQTTErrorCode:
        try:
            return super()._handle_publish()
        except (MQTTException, ValueError, IndexError, struct.error) as problem:
            _LOG.info("MQTT: a message that cannot be read is left out: %s", problem)
            return MQTTErrorCode.MQTT_ERR_SUCCESS


def new_client(
    platform: str, endpoint: Endpoint, version: MQTTProtocolVersion, window: int, will: str
) -> TolerantClient:
    """Make a client for one connection, with the last will that its status topic gets.

    Its identity is random: whoever knew it could push the device out. ``window`` is how many
    messages may be without their acknowledgement.
    """
    client = TolerantClient(
        CallbackAPIVersion.VERSION2,
        client_id=f"shinline-{platform}-{secrets.token_hex(8)}",
        protocol=version,
        transport=endpoint.transport,
        reconnect_on_failure=False,
    )
    if endpoint.transport == "websockets":
        client.ws_set_options(endpoint.path)
    if endpoint.tls is not None:
        client.tls_set_context(endpoint.tls)
    if endpoint.username:
        client.username_pw_set(endpoint.username, endpoint.password)
    status = topics.STATUS
    client.will_set(status.path(platform), will, qos=status.qos, retain=status.retain)
    client.connect_timeout = CONNECT_TIMEOUT_S
    client.max_inflight_messages_set(window)
    return client


def connect(client: paho.Client, endpoint: Endpoint) -> None:
    """Connect, as somebody of whom the broker remembers nothing.

    Raises
    ------
    OSError
        Nobody is there, or TLS or WebSocket cannot be agreed on; :func:`why` says it in words.

    """
    if client.protocol == V5:
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = LARGEST_HEARD_BYTES
        client.connect(
            endpoint.host, endpoint.port, KEEPALIVE_S, clean_start=True, properties=limits
        )
    else:
        client.connect(endpoint.host, endpoint.port, KEEPALIVE_S)


def why(endpoint: Endpoint, problem: OSError) -> str:
    """Say in a few words why :func:`connect` failed."""
    match problem:
        case ssl.SSLCertVerificationError():
            return (
                f"the certificate of the broker at {endpoint} is not good: {problem.verify_message}"
            )
        case ssl.SSLError():
            return f"no TLS can be agreed on with {endpoint}: {problem.reason or problem}"
        case ConnectionResetError() if endpoint.tls is not None:
            return f"no TLS can be agreed on with {endpoint}: it breaks off"
        case paho.WebsocketConnectionError():
            return f"no MQTT over WebSocket at {endpoint}{endpoint.path}: {problem}"
        case socket.gaierror():
            return f"no machine is known as {endpoint.host}"
        case _:
            return f"no broker answers at {endpoint}"


def subscribe(client: paho.Client, filters: Mapping[str, int]) -> int | None:
    """Subscribe, to each filter with its QoS; return by what the answer will be known.

    What is retained is wanted of QoS 1 only: what comes at most once is about now.
    """
    if client.protocol == V5:
        wanted = [
            (name, SubscribeOptions(qos=qos, retainHandling=0 if qos else NO_RETAINED))
            for name, qos in filters.items()
        ]
        return client.subscribe(wanted)[1]
    return client.subscribe(list(filters.items()))[1]


def topic_of(message: paho.MQTTMessage) -> str:
    """Return the topic; empty where it is not UTF-8, which not every broker refuses."""
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""


def expiring(client: paho.Client, left_ms: float | None) -> Properties | None:
    """Return what tells the broker to throw a message away that it could not deliver in time.

    None where the message keeps for ever, is out of date already (it is for the record then, and
    says so itself), or the broker speaks no MQTT 5.
    """
    if client.protocol != V5 or left_ms is None or left_ms <= 0.0:
        return None
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = math.ceil(left_ms / 1000.0)
    return properties


def delivered(info: paho.MQTTMessageInfo) -> bool:
    """Tell whether a message was sent (QoS 0) or acknowledged (QoS 1)."""
    try:
        return info.is_published()
    except (RuntimeError, ValueError):  # the connection was gone already
        return False


def wait_for(info: paho.MQTTMessageInfo, timeout_s: float) -> None:
    """Wait until a message was sent or acknowledged, or will never be."""
    try:
        info.wait_for_publish(timeout_s)
    except (RuntimeError, ValueError):  # the connection broke; the last will says it for us
        _LOG.info("MQTT: the connection broke while saying goodbye")


def hurry(open_socket: Any) -> None:
    """Send at once: waiting for more bytes costs up to 40 ms on a small message."""
    with _bare(open_socket) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def sever(open_socket: Any) -> None:
    """Break a connection whose other end does not read, so that the client's thread ends."""
    try:
        with _bare(open_socket) as line:
            line.shutdown(socket.SHUT_RDWR)
    except OSError:  # it was closed in the meantime
        _LOG.debug("MQTT: the socket was closed already")


def _bare(open_socket: Any) -> socket.socket:
    """Return another handle of a socket, whatever TLS or WebSocket is wrapped around it."""
    return socket.socket(fileno=os.dup(open_socket.fileno()))
