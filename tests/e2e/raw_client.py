"""An MQTT client that does as it likes: it sends any bytes, at any rate, and reads only if told."""

import socket
import time

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes

PATIENCE_S = 15.0


def text(words: str | bytes) -> bytes:
    raw = words.encode() if isinstance(words, str) else words
    return len(raw).to_bytes(2, "big") + raw


def packet(first: int, body: bytes) -> bytes:
    """Return a packet of any type, right or wrong."""
    length = bytearray()
    paho.Client(paho.CallbackAPIVersion.VERSION2)._pack_remaining_length(length, len(body))
    return bytes((first,)) + bytes(length) + body


def publish(topic: str | bytes, payload: bytes, qos: int = 0, packet_id: int = 1) -> bytes:
    identity = packet_id.to_bytes(2, "big") if qos else b""
    return packet(PacketTypes.PUBLISH << 4 | qos << 1, text(topic) + identity + payload)


def subscribe(topic: str, qos: int) -> bytes:
    return packet(PacketTypes.SUBSCRIBE << 4 | 2, b"\0\1" + text(topic) + bytes((qos,)))


PING = b"\xc0\x00"
GOODBYE = b"\xe0\x00"


class Raw:
    """A connection that was accepted.

    Parameters
    ----------
    login
        User name and password; None: without.
    will
        Topic and payload, of QoS 1.

    """

    def __init__(
        self,
        port: int,
        login: tuple[str, str] | None = None,
        keepalive_s: int = 0,
        will: tuple[str, bytes] | None = None,
        receive_bytes: int = 0,
        client_id: str = "",
    ) -> None:
        self.line = socket.socket()
        if receive_bytes:
            self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.line.settimeout(PATIENCE_S)
        self.line.connect(("127.0.0.1", port))
        flags, tail = 2, text(client_id)
        if will is not None:
            flags, tail = flags | 0x0C, tail + text(will[0]) + text(will[1])
        if login is not None:
            flags, tail = flags | 0xC0, tail + text(login[0]) + text(login[1])
        body = text("MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2, "big") + tail
        self.send(packet(PacketTypes.CONNECT << 4, body))
        self.code = self.receive(4)[3]

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def send(self, data: bytes) -> None:
        self.line.sendall(data)

    def receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.line.recv(count - len(data))
            if not part:
                raise ConnectionError(f"the broker hung up after {data!r}")
            data += part
        return data

    def listen(self, topic: str, qos: int) -> None:
        """Subscribe, and read no further than the acknowledgement."""
        self.send(subscribe(topic, qos))
        assert self.receive(5)[-1] == qos

    def wait_until_thrown_out(self) -> float:
        """Read, and throw away, until the broker hangs up; return how many seconds it took."""
        started_s = time.monotonic()
        try:
            while self.line.recv(65_536):
                pass
        except ConnectionError:
            pass
        return time.monotonic() - started_s


def flood(client: Raw, piece: bytes, per_piece: int, per_s: float, seconds: float) -> int:
    """Send a prepared piece of ``per_piece`` messages again and again; return how many went out.

    Ends early when the broker hangs up, or stops reading for a second.
    """
    client.line.settimeout(1.0)
    started_s, sent = time.monotonic(), 0
    while (now_s := time.monotonic() - started_s) < seconds:
        if sent > now_s * per_s:
            time.sleep(0.001)
            continue
        try:
            client.line.sendall(piece)
        except OSError:
            break
        sent += per_piece
    return sent


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds now."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096
