"""A hall to measure in: the program as a lifter starts it, and phones that watch it."""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from shinline.app.access import AccessBook
from shinline.wire import topics

PLATFORM: Final = "hall"
START_S: Final = 120.0
POLL_S: Final = 0.05

BrokerKind = Literal["mosquitto", "python"]

_SETTINGS: Final = """\
platform = "{platform}"
[mqtt]
broker = "{broker}"
port = 0
ws_port = 0
[web]
port = 0
[tls]
mode = "off"
[access]
path = "{folder}/access.json"
[journal]
path = "{folder}/journal.sqlite3"
"""

NEVER_OVERTAKEN: Final = frozenset(
    topic.name for topic in topics.TOPICS if topic.qos == 1 and topic.waiting_max is None
)
"""Topics of which every message must arrive; a retained value may be overtaken by a newer one."""


class HallError(RuntimeError):
    """The program did not start, or ended too early; the message has its last words."""


@dataclass
class Hall:
    """The running program. ``code`` pairs a page; the rest are logins of a phone and a bad one."""

    process: subprocess.Popen[str]
    code: str
    username: str
    password: str
    bad_login: tuple[str, str]
    lines: list[str] = field(default_factory=list)

    @property
    def tcp_port(self) -> int:
        """The broker's TCP port."""
        return int(self.told(r"TCP port (\d+)"))

    @property
    def ws_port(self) -> int:
        """The broker's WebSocket port."""
        return int(self.told(r"WebSocket port (\d+)"))

    @property
    def page(self) -> str:
        """The phone page's address, with what pairs it."""
        return f"http://127.0.0.1:{self.told(r'phone +http://[^:]+:([0-9]+)/')}/#pair={self.code}"

    def told(self, pattern: str) -> str:
        """Wait until a line is printed that matches; return its first group.

        Raises
        ------
        HallError
            It ends before, or takes too long.
        """
        end_s = time.monotonic() + START_S
        while time.monotonic() < end_s:
            ended = self.process.poll() is not None
            found = re.search(pattern, "\n".join(self.lines))
            if found:
                return found.group(1)
            if ended:
                break
            time.sleep(POLL_S)
        raise HallError("\n".join(["the program said no more than this:", *self.lines[-5:]]))

    def pids(self) -> dict[str, int]:
        """Return the program's process and its broker's."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task").glob("*/children")
        below = [int(child) for path in children for child in path.read_text().split()]
        return {"program": pid} | ({"broker": below[0]} if below else {})

    def listen(self) -> None:
        """Collect what the program prints, until it ends."""
        assert self.process.stdout is not None  # noqa: S101  (it was asked for)
        for line in self.process.stdout:
            self.lines.append(line.rstrip())


@contextmanager
def hall(clip: Path, broker: BrokerKind) -> Iterator[Hall]:
    """Run the program on a recording, round and round, with data of its own and a phone paired."""
    with tempfile.TemporaryDirectory(prefix="shinline-hall-") as name:
        folder = Path(name)
        settings = folder / "shinline.toml"
        settings.write_text(_SETTINGS.format(platform=PLATFORM, broker=broker, folder=folder))
        book = AccessBook(folder / "access.json")
        phone, bad = book.add("measuring"), book.add("gone wrong")
        command = [sys.executable, "-c", "from shinline.cli import main; main()"]
        command += ["run", str(clip), "--loop", "--config", str(settings)]
        process = subprocess.Popen(  # noqa: S603  (our own program, no shell)
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        bad_login = bad.username, bad.password
        running = Hall(process, book.code(), phone.username, phone.password, bad_login)
        ear = threading.Thread(target=running.listen, daemon=True)
        ear.start()
        try:
            yield running
        finally:
            process.terminate()
            process.wait(30.0)
            ear.join()


HEARD: Final = ("+", "rep/last", "set/last", "response/+")
"""All that the device says, as a page hears it: what others ask is none of its business."""


class Phone:
    """A client on a WebSocket, as a page is, that counts what it gets; use it in ``with``."""

    def __init__(self, where: Hall) -> None:
        self._lock = threading.Lock()
        self.received = 0
        self.last: dict[str, dict[str, Any]] = {}
        """The newest message of each topic."""

        self.missing: dict[str, int] = {}
        """By topic, how many were skipped: of one that may be overtaken that is no loss."""

        self.connections = 0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, transport="websockets")
        self._client.username_pw_set(where.username, where.password)
        self._client.ws_set_options(path="/mqtt")
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", where.ws_port)
        self._client.loop_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def lost(self) -> int:
        """How many messages never came of those that must not be lost."""
        with self._lock:
            return sum(self.missing.get(name, 0) for name in NEVER_OVERTAKEN)

    def latest(self, name: str) -> dict[str, Any]:
        """Return the newest message of a topic; empty when there was none."""
        with self._lock:
            return self.last.get(name, {})

    def ask(self, verb: str, **fields: Any) -> None:
        """Send a request."""
        path = f"{topics.ROOT}/{PLATFORM}/{topics.REQUESTS}/{verb}"
        self._client.publish(path, json.dumps(fields), qos=1)

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        self.connections += 1
        client.subscribe([(f"{topics.ROOT}/{PLATFORM}/{name}", 1) for name in HEARD])

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        name = message.topic.split("/", 2)[2]
        with self._lock:
            self.received += 1
            if name in ("status", "preview") or name.startswith(topics.REQUESTS):
                return
            said = json.loads(message.payload)
            before = self.last.get(name)
            self.last[name] = said
            if before is not None and said["seq"] > before["seq"] + 1:
                self.missing[name] = self.missing.get(name, 0) + said["seq"] - before["seq"] - 1
