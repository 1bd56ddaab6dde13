"""The MQTT sink: takes events at any time, gives them to the broker when it can. Hears requests.

Three threads meet here. The caller (the engine's loop) only appends to the outbox. A thread of
ours hands messages over to the MQTT client, one at a time and never more than a few ahead of the
broker, so that a cue does not queue behind a pile of path samples. The client's own thread talks
to the socket; :mod:`shinline.wire.link` makes it anew when the connection breaks.

The lock is never held while the client is called: the client calls back with its own lock held.
"""

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
from shinline.wire.client import WINDOW, delivered
from shinline.wire.compose import Composer, Message
from shinline.wire.encode import UtcFromSensor
from shinline.wire.endpoint import Endpoint
from shinline.wire.hearing import Hearing
from shinline.wire.homeassistant import Introduction
from shinline.wire.inbox import Inbox
from shinline.wire.latency import CueClock
from shinline.wire.link import Link
from shinline.wire.mount import Mount, Response
from shinline.wire.outbox import Outbox
from shinline.wire.payloads import Calibration, Info, Stats
from shinline.wire.requests import Request, Shown, Transaction
from shinline.wire.topics import Topic

WS_TURN_BYTES: Final = 4096
NOBODY: Final = "nobody"
"""Mosquitto 2.0 moves so much of a WebSocket message each time it has something else to do, or
every 100 ms: a few empty words to a topic that nobody reads hurry a picture along."""

POLL_S: Final = 0.01
"""How often a full window is looked at again, and an emptying outbox while closing."""


class MqttSink:
    """Publishes what the engine finds, over MQTT 5 or 3.1.1.

    Every call returns at once. Reps and cues made while the broker is away are delivered when it
    is back, in order, a cue that came too late marked as ``expired``; of path samples only the
    newest are kept, and the lost ones are counted. A message whose acknowledgement was lost with
    the connection is sent again: ``seq`` tells.

    Parameters
    ----------
    config
        Platform, lifter and lift.
    endpoint
        The broker. It need not be there yet.
    utc
        Sensor ns to ISO-8601 UTC. Called on the thread that publishes.
    now_ns
        The present time on the sensor's clock. Called on the sink's own thread.
    home
        What Home Assistant is told; None where nobody is to be told anything.

    """

    def __init__(
        self,
        config: Config,
        endpoint: Endpoint,
        utc: UtcFromSensor,
        now_ns: Callable[[], int],
        home: Introduction | None = None,
    ) -> None:
        self._now_ns = now_ns
        self._home = home
        self._hurries = endpoint.hurries
        self._turn = threading.Condition()  # guards everything down to _stopping, and the link
        self._composer = Composer(config, utc)
        self._outbox = Outbox()
        self._handed_over: deque[tuple[Message, paho.MQTTMessageInfo]] = deque()
        self._retained: dict[Topic, bytes] = {}
        self._stopping = False
        self._cues = CueClock()
        self._inbox = Inbox(time.monotonic, {"shown": self._shown})
        self._path = topics.STATUS.path(config.platform).removesuffix(topics.STATUS.name)
        self._asked = f"{self._path}{topics.REQUESTS}/"
        self._enqueue(self._composer.opening)
        self._hearing = Hearing(time.monotonic, self._listen)
        filters = [f"{self._asked}#", *(() if home is None else home.listens)]
        self._link = Link(config.platform, endpoint, filters, self, self._turn)
        self._link.start()
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

    def publish_camera(self, ok: bool) -> None:
        """Say whether pictures come."""
        self._enqueue(lambda: self._composer.camera(ok))

    def publish_calibration(self, calibration: Calibration) -> None:
        """Say how far the metres can be trusted. The sink follows scale events by itself."""
        self._enqueue(lambda: self._composer.calibration(calibration))

    def publish_stats(self, stats: Stats) -> None:
        """Say how well the machine keeps up. The sink fills in its losses and its cues' ways."""
        figures = {**self._cues.figures(), "shown_count": self._cues.screens, **self._inbox.counts}
        told = msgspec.structs.replace(stats, queue_lost=self.queue_lost, **figures)
        self._enqueue(lambda: self._composer.stats(told))

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
            return self._link.client is not None

    @property
    def problem(self) -> str:
        """Why there is no connection, in a few words; empty when there is one or none is due."""
        with self._turn:
            return self._link.problem

    @property
    def waiting(self) -> int:
        """How many messages have not been handed over yet, or came back with a broken line."""
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
            How many messages could not be sent.

        """
        deadline_s = time.monotonic() + timeout_s
        self._wait_until_sent(deadline_s)
        with self._turn:
            closed_before, self._stopping = self._stopping, True
            self._turn.notify_all()
        if closed_before:
            return self.waiting
        self._thread.join()
        self._link.leave(max(deadline_s - time.monotonic(), POLL_S))
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
        while (ready := self._next()) is not None:
            self._hand_over(*ready)
            self._hearing.look()

    def _next(self) -> tuple[paho.Client, Message] | None:
        """Wait for a message that may go out now, and by which client; None when we close."""
        with self._turn:
            while not self._stopping:
                client = self._link.client
                if client is None or not len(self._outbox):
                    self._turn.wait()
                elif self._has_room():
                    return client, self._outbox.take()
                else:
                    self._turn.wait(POLL_S)
            return None

    def _hand_over(self, client: paho.Client, message: Message) -> None:
        now_ns = self._now_ns()
        payload = message.to_bytes(now_ns)
        with self._turn:
            if message.topic.retain:
                self._retained[message.topic] = payload
        if message.topic is topics.CUE and isinstance(message.fields, dict):
            self._cues.handed(message.fields["id"], now_ns)
        left_ms = message.left_ms(now_ns)
        info = self._link.send(client, message.topic, payload, message.below, left_ms)
        if self._hurries and message.topic is topics.PREVIEW:
            for _ in range(len(payload) // WS_TURN_BYTES + 1):
                client.publish(NOBODY, b"")
        with self._turn:
            self._handed_over.append((message, info))
            if self._link.client is not client:  # it broke in the meantime
                self.take_back()

    def _has_room(self) -> bool:
        while self._handed_over and delivered(self._handed_over[0][1]):
            self._handed_over.popleft()
        return len(self._handed_over) < WINDOW

    # --- what the link wants of us --------------------------------------------------------------

    def greet(self) -> None:
        """Bring the retained topics up to date on a broker that may have forgotten them."""
        with self._turn:
            retained = dict(self._retained)
        for topic, payload in retained.items():
            self._link.say(self._path + topic.name, payload)
        self._introduce()

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:
        """Take a request in, or refuse it, and ignore a flood; introduce ourselves if asked to."""
        if not topic.startswith(self._asked):
            if self._home is not None and self._home.is_asked_for(topic, payload, retained):
                self._introduce()
            return
        if not self._hearing.admits():
            self._inbox.ignored += 1
            return
        refused = self._inbox.put(topic.removeprefix(self._asked), payload, retained)
        if refused is not None:
            self._refuse(refused.verb, refused.error, refused.transaction)

    def _introduce(self) -> None:
        """Tell Home Assistant what we are, or that we are no longer to be found."""
        if self._home is not None:
            self._link.say(self._home.path, self._home.payload)
            self._home.said()

    def _shown(self, request: Request) -> None:
        body = request.body
        if isinstance(body, Shown):
            self._cues.shown(body.id, body.page_ms, self._now_ns())

    def _listen(self, on: bool) -> None:
        self._link.listen(f"{self._asked}#", on)

    def take_back(self) -> None:
        """Queue again, before all others, what the broker has not acknowledged.

        Samples are lost then; what is retained is part of the next greeting.
        """
        for message, info in reversed(self._handed_over):
            if delivered(info) or message.topic.retain:
                continue
            if message.topic.qos == 0:
                self._outbox.count_lost(message.topic)
            else:
                self._outbox.put_back(message)
        self._handed_over.clear()

    def _wait_until_sent(self, deadline_s: float) -> None:
        with self._turn:
            while time.monotonic() < deadline_s and not (self._link.problem or self._stopping):
                if not len(self._outbox) and self._has_room() and not self._handed_over:
                    return
                self._turn.wait(POLL_S)
