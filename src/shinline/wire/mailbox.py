"""What one client is still to be sent: in order, and never more than so much of it.

Every client has a mailbox of its own, so that one that does not take its messages delays nobody.
"""

from collections import deque
from typing import Final

from shinline.wire.frames import Publish

MOST_WAITING: Final = 1000
MOST_BYTES: Final = 4_000_000
"""Of messages that wait. Beyond either, QoS 0 gives way, the oldest first."""

WINDOW: Final = 20
"""QoS 1 messages sent and not acknowledged yet; mosquitto's number."""

AT_ONCE_BYTES: Final = 65_536
"""About as much as is handed to the socket in one go."""


class Mailbox:
    """First in, first out. Answers to the client's own packets overtake the messages.

    Not thread-safe: it lives in an event loop.
    """

    def __init__(self) -> None:
        self.lost = 0
        """QoS 0 messages that gave way."""

        self._answers: deque[bytes] = deque()
        self._messages: deque[Publish] = deque()
        self._bytes = 0
        self._in_flight_s: dict[int, float] = {}
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def unacknowledged_since_s(self) -> float | None:
        """When the message that has waited longest for its acknowledgement was sent."""
        return next(iter(self._in_flight_s.values()), None)

    def answer(self, packet: bytes) -> None:
        """Queue an answer, which is never lost; there are no more of them than questions."""
        self._answers.append(packet)

    def put(self, message: Publish) -> bool:
        """Queue a message; return False when it must not be lost and there is no room for it."""
        self._messages.append(message)
        self._bytes += len(message.payload)
        while len(self._messages) > MOST_WAITING or self._bytes > MOST_BYTES:
            place = next((i for i, kept in enumerate(self._messages) if kept.qos == 0), None)
            if place is None:
                return False
            self._bytes -= len(self._messages[place].payload)
            del self._messages[place]
            self.lost += 1
        return True

    def take(self, now_s: float) -> bytes:
        """Return the packets that may go out now, as one piece; empty when there are none."""
        piece = b"".join(self._answers)
        self._answers.clear()
        parts, size = [piece], len(piece)
        while size < AT_ONCE_BYTES and self._messages and self._may_send(self._messages[0]):
            message = self._messages.popleft()
            self._bytes -= len(message.payload)
            parts.append(self._sent(message, now_s).to_bytes())
            size += len(parts[-1])
        return b"".join(parts)

    def acknowledged(self, packet_id: int) -> bool:
        """Note that a message arrived; return False when no such message was sent."""
        return self._in_flight_s.pop(packet_id, None) is not None

    def _may_send(self, message: Publish) -> bool:
        return message.qos == 0 or len(self._in_flight_s) < WINDOW

    def _sent(self, message: Publish, now_s: float) -> Publish:
        if message.qos == 0:
            return message
        self._last_id = self._last_id % 65535 + 1
        while self._last_id in self._in_flight_s:
            self._last_id = self._last_id % 65535 + 1
        self._in_flight_s[self._last_id] = now_s
        return Publish(message.topic, message.payload, message.qos, message.retain, self._last_id)
