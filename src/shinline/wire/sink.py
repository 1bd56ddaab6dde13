"""The MQTT sink: takes events at any time, gives them to the broker when it can. Hears requests.

Three threads meet here. The caller (the engine's loop) only appends to the outbox. A thread of
ours hands messages over to the MQTT client, one at a time and never more than a few ahead of the
broker, so that a cue does not queue behind a pile of path samples. The client's own thread talks
to the socket and reconnects.

The lock is never held while the client is called: the client calls back with its own lock held.
"""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec
import paho.mqtt.client as paho

from shinline.config import Config
from shinline.types import CueEvent, Event, Rows
from shinline.wire import topics
from shinline.wire.client import KEEPALIVE_S, WINDOW, new_client, settled, sever, wait_for
from shinline.wire.compose import Composer, Message
from shinline.wire.encode import UtcFromSensor
from shinline.wire.inbox import Inbox
from shinline.wire.latency import CueClock
from shinline.wire.mount import Mount, Response
from shinline.wire.outbox import Outbox
from shinline.wire.payloads import Calibration, Info, Stats, Status
from shinline.wire.requests import Request, Shown, Transaction
from shinline.wire.topics import Topic

_LOG = logging.getLogger(__name__)

ONLINE: Final[Status] = "online"
OFFLINE: Final[Status] = "offline"

WS_TURN_BYTES: Final = 4096
NOBODY: Final = "nobody"
"""Mosquitto 2.0 moves so much of a WebSocket message each time it has something else to do, or
every 100 ms: a few empty words to a topic that nobody reads hurry a picture along."""

POLL_S: Final = 0.01
"""How often a full window is looked at again, and an emptying outbox while closing."""

_CALLBACKS: Final = (
    "on_socket_open",
    "on_connect",
    "on_connect_fail",
    "on_subscribe",
    "on_message",
    "on_disconnect",
)
"""What the client calls us for; our methods have these names with an underscore."""


class MqttSink:
    """Publishes what the engine finds, over MQTT 3.1.1.

    Every call returns at once. Reps and cues made while the broker is away are delivered when it
    is back, in order; of path samples only the newest are kept, and the lost ones are counted.
    QoS 1 may deliver a message twice after a broken connection: ``seq`` tells.

    Parameters
    ----------
    config
        Platform, lifter and lift.
    host, port
        The broker. It need not be there yet.
    username, password
        The device's credential; an empty username connects without one.
    utc
        Sensor ns to ISO-8601 UTC. Called on the thread that publishes.
    now_ns
        The present time on the sensor's clock. Called on the sink's own thread.

    hurries
        Whether pictures are to be hurried along: the broker is the embedded mosquitto.

    Raises
    ------
    ValueError
        ``host`` is no host name, or ``port`` is 0.

    """

    def __init__(
        self,
        config: Config,
        host: str,
        port: int,
        username: str,
        password: str,
        utc: UtcFromSensor,
        now_ns: Callable[[], int],
        hurries: bool = False,
    ) -> None:
        host.encode("idna")  # what is no name at all must fail here and not in a thread
        self._platform = config.platform
        self._now_ns = now_ns
        self._hurries = hurries
        self._turn = threading.Condition()  # guards everything down to _stopping
        self._composer = Composer(config, utc)
        self._outbox = Outbox()
        self._open = False
        self._problem = ""
        self._stopping = False
        self._handed_over: deque[tuple[Topic, paho.MQTTMessageInfo]] = deque()
        self._retained: dict[Topic, bytes] = {}
        self._hears_itself = False
        self._cues = CueClock()
        self._inbox = Inbox(time.monotonic, {"shown": self._shown})
        self._status = topics.STATUS.path(config.platform)
        self._asked = f"{topics.ROOT}/{config.platform}/{topics.REQUESTS}/"
        self._goodbye_heard = threading.Event()
        self._gone = threading.Event()
        self._enqueue(self._composer.opening)
        self._client = new_client(self._platform, username, password, OFFLINE)
        for name in _CALLBACKS:
            setattr(self._client, name, getattr(self, f"_{name}"))
        self._client.connect_async(host, port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        self._thread = threading.Thread(target=self._work, name="shinline-mqtt", daemon=True)
        self._thread.start()

    # --- what a caller sees -------------------------------------------------------------------

    def publish_event(self, event: Event) -> None:
        """Queue whatever the event means for the topics."""
        if isinstance(event, CueEvent):
            self._cues.decided(event.id, event.t_ns, self._now_ns())
        self._enqueue(lambda: self._composer.event(event))

    def publish_live(self, states: Rows) -> None:
        """Take the STATE rows of one frame; the bar's become batches while a rep is done."""
        self._enqueue(lambda: self._composer.live(states))

    def publish_info(self, info: Info) -> None:
        """Say what is watching. The sink keeps ``roles`` up to date by itself."""
        self._enqueue(lambda: self._composer.info(info))

    def publish_calibration(self, calibration: Calibration) -> None:
        """Say how far the metres can be trusted. The sink follows scale events by itself."""
        self._enqueue(lambda: self._composer.calibration(calibration))

    def publish_stats(self, stats: Stats) -> None:
        """Say how well the machine keeps up. The sink fills in its losses and its cues' ways."""
        figures = {**self._cues.figures(), "shown_count": self._cues.screens}
        with_cues = msgspec.structs.replace(stats, queue_lost=self.queue_lost, **figures)
        self._enqueue(lambda: self._composer.stats(with_cues))

    def publish_mount(self, mount: Mount, t_ns: int) -> None:
        """Say how the camera stands, seen at a sensor time."""
        self._enqueue(lambda: self._composer.mount(mount, t_ns))

    def publish_preview(self, jpeg: bytes) -> None:
        """Send a picture; one that still waits gives way."""
        self._enqueue(lambda: self._composer.preview(jpeg))

    def take_request(self) -> Request | None:
        """Return the request that has waited longest; None when there is none. Never waits."""
        return self._inbox.take()

    def answer(self, request: Request, data: dict[str, Any]) -> None:
        """Answer a request."""
        self._respond(request.verb, Response("ok", data, "", request.transaction))

    def refuse(self, request: Request, error: str) -> None:
        """Answer a request that cannot be fulfilled, with what was expected."""
        self._refuse(request.verb, error, request.transaction)

    @property
    def connected(self) -> bool:
        """Whether messages go out now."""
        with self._turn:
            return self._open

    @property
    def problem(self) -> str:
        """Why there is no connection, in a few words; empty when there is one or none is due."""
        with self._turn:
            return self._problem

    @property
    def waiting(self) -> int:
        """How many messages have not been handed over yet."""
        with self._turn:
            return len(self._outbox)

    @property
    def queue_lost(self) -> dict[str, int]:
        """Messages dropped so far, by topic; only samples can be lost."""
        with self._turn:
            return self._outbox.lost

    def close(self, timeout_s: float = 3.0) -> int:
        """Send what waits, say ``offline``, and leave.

        Waits at most about ``timeout_s``, and not at all for a broker that is known to be away.

        Returns
        -------
        int
            How many messages could not be handed over.

        """
        deadline_s = time.monotonic() + timeout_s
        self._wait_until_sent(deadline_s)
        with self._turn:
            closed_before, self._stopping = self._stopping, True
            self._turn.notify_all()
        if closed_before:
            return self.waiting
        self._thread.join()
        self._say_goodbye(max(deadline_s - time.monotonic(), POLL_S))
        return self.waiting

    # --- our thread: outbox -> client ---------------------------------------------------------

    def _enqueue(self, compose: Callable[[], list[Message]]) -> None:
        with self._turn:
            messages = compose()
            for message in messages:
                self._outbox.put(message)
            if messages:
                self._turn.notify_all()

    def _refuse(self, verb: str, error: str, transaction: Transaction | None) -> None:
        self._respond(verb, Response("error", {}, error, transaction))

    def _respond(self, verb: str, response: Response) -> None:
        self._enqueue(lambda: self._composer.response(verb, response))

    def _work(self) -> None:
        while (message := self._next()) is not None:
            self._hand_over(message)

    def _next(self) -> Message | None:
        """Wait for a message that may go out now; None when the sink closes."""
        with self._turn:
            while not self._stopping:
                if not (self._open and len(self._outbox)):
                    self._turn.wait()
                elif self._has_room():
                    return self._outbox.take()
                else:
                    self._turn.wait(POLL_S)
            return None

    def _hand_over(self, message: Message) -> None:
        now_ns = self._now_ns()
        payload = message.to_bytes(now_ns)
        with self._turn:
            if message.topic.retain:
                self._retained[message.topic] = payload
        if message.topic is topics.CUE and isinstance(message.fields, dict):
            self._cues.handed(message.fields["id"], now_ns)
        info = self._send(message.topic, payload, message.below)
        if self._hurries and message.topic is topics.PREVIEW:
            for _ in range(len(payload) // WS_TURN_BYTES + 1):
                self._client.publish(NOBODY, b"")
        with self._turn:
            self._handed_over.append((message.topic, info))

    def _send(self, topic: Topic, payload: bytes | str, below: str = "") -> paho.MQTTMessageInfo:
        path = topic.path(self._platform) + below
        return self._client.publish(path, payload, qos=topic.qos, retain=topic.retain)

    def _has_room(self) -> bool:
        while self._handed_over and settled(self._handed_over[0][1]):
            topic, info = self._handed_over.popleft()
            if info.rc != paho.MQTT_ERR_SUCCESS and topic.qos == 0:
                self._outbox.count_lost(topic)
        return len(self._handed_over) < WINDOW

    # --- the client's thread ------------------------------------------------------------------

    def _on_socket_open(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        """Send at once: waiting for more bytes costs up to 40 ms on a small message."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        """Say ``online``; listen to requests, and to our own status.

        The latter serves three times. A last will that comes late (of an earlier connection
        that the broker gave up only now) is put right. Its acknowledgement is the barrier after
        which new messages may go out: the client sends again what was not acknowledged before it
        reads that, so the order of events survives a broken connection. And hearing our own
        goodbye tells that the broker has dealt with all before it.
        """
        if reason.is_failure:
            self._set_open(False, f"the broker refuses: {reason}")
            return
        self._send(topics.STATUS, ONLINE)
        client.subscribe([(self._status, 1), (self._asked + "#", 1)])

    def _on_subscribe(
        self, _client: paho.Client, _data: Any, _mid: int, reasons: list[Any], _properties: Any
    ) -> None:
        """Bring the retained topics up to date on a broker that may have forgotten them."""
        with self._turn:
            self._hears_itself = not reasons[0].is_failure
            retained = dict(self._retained)
        if any(reason.is_failure for reason in reasons[1:]):
            _LOG.warning("MQTT: the broker lets nobody ask: %s# is refused", self._asked)
        for topic, payload in retained.items():
            self._send(topic, payload)
        self._set_open(True, "")

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if message.topic.startswith(self._asked):
            verb = message.topic.removeprefix(self._asked)
            refused = self._inbox.put(verb, bytes(message.payload), message.retain)
            if refused is not None:
                self._refuse(refused.verb, refused.error, refused.transaction)
            return
        if (message.topic, message.payload) != (self._status, OFFLINE.encode()):
            return
        with self._turn:
            leaving = self._stopping
        if leaving:
            self._goodbye_heard.set()
        else:
            self._send(topics.STATUS, ONLINE)

    def _shown(self, request: Request) -> None:
        body = request.body
        if isinstance(body, Shown):
            self._cues.shown(body.id, body.page_ms, self._now_ns())

    def _on_connect_fail(self, client: paho.Client, _data: Any) -> None:
        self._set_open(False, f"no broker answers at {client.host}:{client.port}")

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        with self._turn:
            wanted, known = self._stopping, self._problem
        self._set_open(False, "" if wanted else known or f"the connection was lost: {reason}")
        self._gone.set()

    def _set_open(self, is_open: bool, problem: str) -> None:
        with self._turn:
            news = problem != self._problem
            self._open, self._problem = is_open, problem
            self._turn.notify_all()
        if news and problem:
            _LOG.warning("MQTT: %s", problem)

    # --- leaving ------------------------------------------------------------------------------

    def _wait_until_sent(self, deadline_s: float) -> None:
        with self._turn:
            while time.monotonic() < deadline_s and not (self._problem or self._stopping):
                if not len(self._outbox) and self._has_room() and not self._handed_over:
                    return
                self._turn.wait(POLL_S)

    def _say_goodbye(self, timeout_s: float) -> None:
        """Publish ``offline`` and disconnect; a broker that stopped reading is cut off.

        The acknowledgement alone is not enough: amqtt gives it at once, and throws away what it
        has not dealt with when the client disconnects.
        """
        self._gone.clear()
        connected = self.connected
        if connected:
            wait_for(self._send(topics.STATUS, OFFLINE), timeout_s)
            if self._hears_itself:
                self._goodbye_heard.wait(timeout_s)
        self._client.disconnect()
        if connected:
            self._gone.wait(timeout_s)
        left_open = self._client.socket()
        if left_open is not None:
            sever(left_open)
        self._client.loop_stop()
        for name in _CALLBACKS:  # or the two keep each other, and the client's sockets, alive
            setattr(self._client, name, None)
