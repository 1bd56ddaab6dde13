"""MQTT 3.1.1 PUBLISH packets, from and to bytes; they are nearly all that passes a broker."""

from dataclasses import dataclass
from typing import Final

PUBLISH: Final = 0x30
MOST_BYTES: Final = 128**4 - 1
"""What four bytes of length can say, at seven bits each."""

_RETAIN: Final = 0x01


class BadPacket(ValueError):  # noqa: N818  (the name already is the error)
    """A packet that breaks the protocol; the message says how."""


@dataclass(frozen=True, slots=True)
class Publish:
    """A message on its way. ``packet_id`` is 0 for QoS 0."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    packet_id: int = 0

    def to_bytes(self) -> bytes:
        """Return the packet.

        Raises
        ------
        ValueError
            Longer than a packet can be.

        """
        topic = self.topic.encode()
        identity = self.packet_id.to_bytes(2, "big") if self.qos else b""
        head = len(topic).to_bytes(2, "big") + topic + identity
        first = PUBLISH | self.qos << 1 | self.retain
        return bytes((first,)) + _length(len(head) + len(self.payload)) + head + self.payload


def parse_publish(flags: int, body: bytes) -> Publish:
    """Take a PUBLISH apart, given the low half of its first byte and all after its length.

    Raises
    ------
    BadPacket
        It breaks the protocol.

    """
    qos, end = flags >> 1 & 3, 2 + int.from_bytes(body[:2], "big")
    start = end + (2 if qos else 0)
    if qos == 3 or len(body) < max(start, 2):
        raise BadPacket("a PUBLISH packet that is cut short, or of QoS 3")
    packet_id = int.from_bytes(body[end:start], "big")
    if qos and not packet_id:
        raise BadPacket("a packet identifier of 0; expected 1 to 65535")
    return Publish(_topic(body[2:end]), body[start:], qos, bool(flags & _RETAIN), packet_id)


def _topic(raw: bytes) -> str:
    try:
        topic = raw.decode()
    except UnicodeDecodeError:
        raise BadPacket("a topic that is not UTF-8") from None
    if not topic or topic.startswith("$") or any(sign in topic for sign in "#+\0"):
        raise BadPacket("a topic to publish on that is empty, a filter, the broker's, or has a NUL")
    return topic


def _length(count: int) -> bytes:
    if count > MOST_BYTES:
        raise ValueError(f"{count} bytes do not fit in a packet; expected at most {MOST_BYTES}")
    digits = bytearray()
    while count > 0x7F:
        digits.append(count & 0x7F | 0x80)
        count >>= 7
    return bytes((*digits, count))
