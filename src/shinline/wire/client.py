"""The MQTT client below the sink: how it is made, and what is asked of it on the way out."""

import logging
import secrets
import socket
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from shinline.wire import topics
from shinline.wire.endpoint import Endpoint

_LOG = logging.getLogger(__name__)

KEEPALIVE_S: Final = 10
"""After a power cut the broker declares the device offline 1.5 times this later."""

CONNECT_TIMEOUT_S: Final = 2.0
RECONNECT_MIN_S: Final = 1
RECONNECT_MAX_S: Final = 2

WINDOW: Final = 20
"""Messages handed over and not yet sent (QoS 0) or acknowledged (QoS 1)."""


def new_client(platform: str, endpoint: Endpoint, will: str) -> paho.Client:
    """Make the client, with the last will that its status topic gets.

    Its identity is random: whoever knew it could push the device out.
    """
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"shinline-{platform}-{secrets.token_hex(8)}",
        protocol=MQTTProtocolVersion.MQTTv311,
    )
    if endpoint.username:
        client.username_pw_set(endpoint.username, endpoint.password)
    status = topics.STATUS
    client.will_set(status.path(platform), will, qos=status.qos, retain=status.retain)
    client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
    client.connect_timeout = CONNECT_TIMEOUT_S
    client.max_inflight_messages_set(WINDOW)
    return client


def settled(info: paho.MQTTMessageInfo) -> bool:
    """Tell whether the client is done with a message, be it sent, kept for later, or lost."""
    try:
        return info.is_published()
    except RuntimeError:  # the connection broke: QoS 0 is lost, QoS 1 is kept by the client
        return True


def wait_for(info: paho.MQTTMessageInfo, timeout_s: float) -> None:
    """Wait until a message was sent or acknowledged, or will never be."""
    try:
        info.wait_for_publish(timeout_s)
    except RuntimeError:  # the connection broke; the last will says it for us
        _LOG.info("MQTT: the connection broke while saying goodbye")


def sever(open_socket: Any) -> None:
    """Break a connection whose other end does not read, so that the client's thread ends."""
    try:
        open_socket.shutdown(socket.SHUT_RDWR)
    except OSError:  # it was closed in the meantime
        _LOG.debug("MQTT: the socket was closed already")
