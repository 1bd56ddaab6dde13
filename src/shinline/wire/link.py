"""The line to the broker: made, broken, and made again for as long as it is wanted.

Each connection has a client of its own, which remembers nothing of an earlier one: what was not
acknowledged when a line broke goes back to the owner, who hands it over again, in order and with
the age that it has by then. It also lets each connection speak another version of MQTT.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTProtocolVersion

from shinline.wire import client as clients
from shinline.wire import topics
from shinline.wire.client import V5, V311, WINDOW
from shinline.wire.endpoint import Endpoint
from shinline.wire.payloads import Status
from shinline.wire.topics import Topic

_LOG = logging.getLogger(__name__)

ONLINE: Final[Status] = "online"
OFFLINE: Final[Status] = "offline"

RETRY_S: Final = 1.0
"""How long after a failure the next attempt is made."""

HEARD_QOS: Final = 0
"""What was asked before a gap must not be obeyed after it, and a flood must not wait for us."""

OTHER_VERSION: Final = "Unsupported protocol version"

VERSIONS: Final[dict[str, tuple[MQTTProtocolVersion, ...]]] = {
    "auto": (V5, V311),
    "5": (V5,),
    "3.1.1": (V311,),
}

_CALLBACKS: Final = (
    "on_socket_open",
    "on_connect",
    "on_subscribe",
    "on_message",
    "on_disconnect",
)
"""What the client calls us for; our methods have these names with an underscore."""


class Owner(Protocol):
    """Whose line it is."""

    def greet(self) -> None:
        """Say, with :meth:`Link.say`, what a broker that may have forgotten everything must know.

        Called on the client's thread, before any other message goes out.
        """

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:
        """Take a message of one of the filters. Called on the client's thread."""

    def take_back(self) -> None:
        """Take back what was not acknowledged: the line broke. Called with the lock held."""


class Link:
    """Keeps a connection to a broker.

    Parameters
    ----------
    platform
        Whose status the line says.
    endpoint
        The broker. It need not be there yet.
    filters
        What is subscribed to, besides our own status.
    owner
        Whom the line serves.
    turn
        The owner's lock, notified at every change. It is never held while the client is called:
        the client calls back with its own lock held.

    """

    def __init__(
        self,
        platform: str,
        endpoint: Endpoint,
        filters: Sequence[str],
        owner: Owner,
        turn: threading.Condition,
    ) -> None:
        self._platform = platform
        self._endpoint = endpoint
        self._filters = list(filters)
        self._owner = owner
        self._turn = turn
        self._open: paho.Client | None = None
        self._problem = ""
        self._versions = deque(VERSIONS[endpoint.protocol])
        self._proven: MQTTProtocolVersion | None = None
        self._window = WINDOW
        self._client = self._new_client()
        self._answer: str | None = None
        """What the broker said to this connection: nothing yet, welcome (empty), or why not."""

        self._hears_itself = False
        self._first_mid: int | None = None
        self._status = topics.STATUS.path(platform)
        self._gone = threading.Event()
        self._goodbye_heard = threading.Event()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="shinline-link", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    @property
    def client(self) -> paho.Client | None:
        """The client through which messages go out now, None while there is none.

        To be looked at with the lock held; good for :meth:`send` until :meth:`Owner.take_back`.
        """
        return self._open

    @property
    def problem(self) -> str:
        """Why there is no connection, in a few words. To be looked at with the lock held."""
        return self._problem

    def send(
        self,
        client: paho.Client,
        topic: Topic,
        payload: bytes | str,
        below: str = "",
        left_ms: float | None = None,
    ) -> paho.MQTTMessageInfo:
        """Hand a message over; ``left_ms`` is for how long it is of use to anybody."""
        path = topic.path(self._platform) + below
        properties = clients.expiring(client, left_ms)
        return client.publish(path, payload, topic.qos, topic.retain, properties)

    def say(self, path: str, payload: bytes | str) -> None:
        """Hand over what shall be retained; for :meth:`Owner.greet` and :meth:`Owner.hear`."""
        self._client.publish(path, payload, qos=1, retain=True)

    def listen(self, name: str, on: bool) -> None:
        """Subscribe to one of the filters again, or no longer; a new line hears all of them."""
        if on:
            clients.subscribe(self._client, {name: HEARD_QOS})
        else:
            self._client.unsubscribe(name)

    def leave(self, timeout_s: float) -> None:
        """Say ``offline`` and disconnect; a broker that stopped reading is cut off.

        The acknowledgement alone is not enough: amqtt gives it at once, and throws away what it
        has not dealt with when the client disconnects.
        """
        self._leaving.set()
        with self._turn:
            client = self._open
        if client is not None:
            clients.wait_for(self.send(client, topics.STATUS, OFFLINE), timeout_s)
            if self._hears_itself:
                self._goodbye_heard.wait(timeout_s)
        self._client.disconnect()
        self._thread.join(timeout_s)
        left_open = self._client.socket()
        if left_open is not None:
            clients.sever(left_open)
            self._thread.join(timeout_s)

    # --- our thread: one connection after the other ---------------------------------------------

    def _keep(self) -> None:
        while not self._leaving.is_set():
            if not self._stay_connected():
                self._leaving.wait(RETRY_S)
            self._client.close()  # not at once: somebody may just be handing a message over

    def _stay_connected(self) -> bool:
        """Connect, and stay while it lasts; return whether to connect again at once."""
        client = self._client = self._new_client()
        self._answer = None
        self._gone.clear()
        for name in _CALLBACKS:
            setattr(client, name, _guarded(getattr(self, f"_{name}")))
        try:
            clients.connect(client, self._endpoint)
        except OSError as problem:
            self._closed(clients.why(self._endpoint, problem))
        else:
            if self._leaving.is_set():  # since before there was anything to disconnect
                client.disconnect()
            client.loop_start()
            self._gone.wait()
            client.loop_stop()
        for name in _CALLBACKS:  # or the two keep each other alive
            setattr(client, name, None)
        return self._tries_otherwise(client)

    def _new_client(self) -> clients.TolerantClient:
        return clients.new_client(
            self._platform, self._endpoint, self._versions[0], self._window, OFFLINE
        )

    # --- the client's thread --------------------------------------------------------------------

    def _on_socket_open(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        clients.hurry(sock)

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: Any, properties: Any
    ) -> None:
        """Say ``online``; listen to our own status and to the filters.

        The former serves twice. A last will that comes late (of an earlier connection that the
        broker gave up only now) is put right. And hearing our own goodbye tells that the broker
        has dealt with all before it.
        """
        if reason.is_failure:
            self._answer = f"the broker refuses: {reason}"
            if str(reason) == OTHER_VERSION:
                self._versions.rotate()
            return
        self._answer = ""
        self._proven = self._versions[0]
        if (most := getattr(properties, "ReceiveMaximum", WINDOW)) < self._window:
            self._window = most  # a client can learn that only before it connects
            client.disconnect()
            return
        self.say(self._status, ONLINE)
        self._first_mid = clients.subscribe(
            client, {self._status: 1, **dict.fromkeys(self._filters, HEARD_QOS)}
        )

    def _on_subscribe(
        self, client: paho.Client, _data: Any, mid: int, reasons: list[Any], _properties: Any
    ) -> None:
        if mid != self._first_mid:
            return
        self._hears_itself = not reasons[0].is_failure
        for name, reason in zip(self._filters, reasons[1:], strict=False):
            if reason.is_failure:
                _LOG.warning("MQTT: the broker does not let us hear %s", name)
        self._owner.greet()
        with self._turn:
            self._open, self._problem = client, ""
            self._turn.notify_all()

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        topic = clients.topic_of(message)
        if topic != self._status:
            self._owner.hear(topic, bytes(message.payload), message.retain)
        elif message.payload == OFFLINE.encode():
            if self._leaving.is_set():
                self._goodbye_heard.set()
            else:
                self.say(self._status, ONLINE)

    def _on_disconnect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if self._answer is None and self._proven is None:  # some old brokers do so to version 5
            self._versions.rotate()
        if self._leaving.is_set() or self._tries_otherwise(client):
            self._closed("")
        elif self._answer is None:
            hint = "; it may want a client certificate" if self._endpoint.tls is not None else ""
            self._closed(f"the broker at {self._endpoint} hangs up without a word{hint}")
        else:
            self._closed(self._answer or f"the connection was lost: {reason}")
        self._gone.set()

    def _tries_otherwise(self, client: paho.Client) -> bool:
        """Tell whether the next client speaks an older version, or says less at a time."""
        older = client.protocol == V5 and self._versions[0] == V311
        return older or self._window < client.max_inflight_messages

    def _closed(self, problem: str) -> None:
        """Note that there is no line, and why; the owner gets back what was not acknowledged."""
        with self._turn:
            news = problem != self._problem
            self._open, self._problem = None, problem
            self._owner.take_back()
            self._turn.notify_all()
        if news and problem:
            _LOG.warning("MQTT: %s", problem)


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """Return a callback that reports a mistake of ours; the client's thread would die of it."""

    def call(*arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001  (whatever it is, the line must live)
            _LOG.exception("MQTT: %s failed", callback.__name__)

    return call
