"""A phone that watches, and a look at the machine every few seconds, during a measurement."""

import json
import multiprocessing
import threading
import time
from dataclasses import dataclass
from typing import Any, Final, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from shinline.app import machine
from shinline.types import FrameSource
from shinline.wire import topics

EVERY_S: Final = 5.0
ASK_S: Final = 10.0
"""A preview ends by itself: a page that shows it keeps asking."""

AGAIN_S: Final = 0.2


class Viewer:
    """A paired phone that reads everything and keeps the preview on; use it in ``with``.

    It runs in a process of its own, so that its work is not counted as the program's.
    """

    def __init__(self, port: int, login: tuple[str, str], platform: str) -> None:
        context = multiprocessing.get_context("spawn")
        arguments = port, login, f"{topics.ROOT}/{platform}/"
        self._process = context.Process(target=_view, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def _view(port: int, login: tuple[str, str], below: str) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(*login)

    def on_connect(*_: Any) -> None:
        client.subscribe(f"{below}#", qos=1)

    client.on_connect = on_connect
    while True:
        try:
            client.connect("127.0.0.1", port)
            break
        except OSError:  # the broker is not up yet
            time.sleep(AGAIN_S)
    client.loop_start()
    while True:
        client.publish(f"{below}{topics.REQUESTS}/preview", json.dumps({"on": True}), qos=1)
        time.sleep(ASK_S)


@dataclass(frozen=True, slots=True)
class Look:
    """The machine at one moment. ``cpu_s`` is what the program has used of it since its start."""

    at_s: float
    health: machine.Health
    resident_mb: float
    cpu_s: float
    rate_hz: float
    dropped: int


class Watcher:
    """Looks every few seconds until it is closed; use it in ``with``."""

    def __init__(self, source: FrameSource, every_s: float = EVERY_S) -> None:
        self.looks: list[Look] = []
        self._source = source
        self._every_s = every_s
        self._stop = threading.Event()
        self._began_s = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while True:
            self.looks.append(self._look())
            if self._stop.wait(self._every_s):
                self.looks.append(self._look())
                return

    def _look(self) -> Look:
        source = self._source
        return Look(
            time.monotonic() - self._began_s,
            machine.look(),
            machine.resident_mb(),
            time.process_time(),
            source.rate_hz,
            source.dropped,
        )
