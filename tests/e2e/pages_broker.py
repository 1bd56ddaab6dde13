"""A real broker and a real publisher for the page tests."""

import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paho.mqtt.client import CallbackAPIVersion, Client

DEADLINE_S = 10.0
PLATFORM = "bay1"


def find_mosquitto() -> str | None:
    """Return the path of the broker; Debian puts it where a user's PATH may not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Mosquitto:
    """A broker with a TCP and a WebSocket listener that can be killed, frozen and restarted."""

    def __init__(self, executable: str, folder: Path) -> None:
        self.port, self.ws_port = free_port(), free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"user root\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n"
            f"listener {self.port} 127.0.0.1\n"
            f"listener {self.ws_port} 127.0.0.1\nprotocol websockets\n"
        )
        self._command = [executable, "-c", str(self._config)]
        self.start()

    def start(self) -> None:
        """Start, and return when both listeners take connections."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for port in (self.port, self.ws_port):
            self._wait_for(port)

    def _wait_for(self, port: int) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise TimeoutError(f"mosquitto does not listen on {port}")

    def freeze(self) -> None:
        """Stop answering without closing anything, as a network that swallows packets does."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after :meth:`freeze`."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End at once."""
        self._process.kill()
        self._process.wait(DEADLINE_S)


class Device:
    """Publishes what a device would publish."""

    def __init__(self, port: int) -> None:
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.will_set(self._topic("status"), "offline", qos=1, retain=True)
        self._client.reconnect_delay_set(1, 1)
        self._connected = threading.Event()
        self._client.on_connect = self._greet
        self._client.on_disconnect = lambda *_: self._connected.clear()
        self._client.on_message = self._hear
        self._requests_heard: list[tuple[str, dict[str, Any]]] = []
        self._answers_by_verb: dict[str, Callable[[Any], None]] = {}
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.status("online")

    @staticmethod
    def _topic(name: str) -> str:
        return f"shinline/{PLATFORM}/{name}"

    def _greet(self, *_: Any) -> None:
        self._client.subscribe(self._topic("request/#"), qos=1)
        self._connected.set()

    def _hear(self, _client: Any, _data: Any, message: Any) -> None:
        verb = message.topic.rsplit("/", 1)[1]
        body = json.loads(message.payload)
        self._requests_heard.append((verb, body))
        if verb in self._answers_by_verb:
            answer = self._answers_by_verb[verb]
            threading.Thread(target=answer, args=(body["transaction"],)).start()

    def on_request(self, verb: str, answer: Callable[[Any], None]) -> None:
        """Answer requests of a verb; ``answer`` gets their transaction."""
        self._answers_by_verb[verb] = answer

    def asked(self, verb: str, count: int = 1) -> dict[str, Any]:
        """Return the ``count``-th request of a verb, waiting for it."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            found = [body for name, body in self._requests_heard if name == verb]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.01)
        raise TimeoutError(f"nobody asked for {verb}")

    def say(self, name: str, content: dict[str, Any], retain: bool = False) -> None:
        """Publish JSON and wait until the broker has it."""
        self.say_bytes(name, json.dumps(content).encode(), retain)

    def say_bytes(self, name: str, payload: bytes, retain: bool = False) -> None:
        """Publish any bytes and wait until the broker has them."""
        if not self._connected.wait(DEADLINE_S):
            raise TimeoutError("the broker is away")
        self._client.publish(self._topic(name), payload, 1, retain).wait_for_publish(DEADLINE_S)

    def status(self, word: str) -> None:
        """Publish the retained status."""
        self.say_bytes("status", word.encode(), retain=True)

    def close(self) -> None:
        """Leave without a word to the broker's last will."""
        self._client.disconnect()
        self._client.loop_stop()
