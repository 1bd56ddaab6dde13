"""A paired phone that has gone wrong: it asks for nothing, ten thousand times a second.

It runs in a process of its own that leaves the processor to others, for it stands for a phone, and
a phone has its own.
"""

import multiprocessing
import os
import time
from typing import Any, Final, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

BATCH: Final = 100
RUBBISH: Final = b"x" * 40
AGAIN_S: Final = 0.1
POLITE: Final = 15


class Flooder:
    """Sends to a topic for as long as the ``with`` block lasts, as a broker lets it.

    Parameters
    ----------
    port
        Of the broker on this machine.
    login
        User name and password.
    topic
        Where to.
    per_s
        How many messages a second are tried.

    """

    def __init__(self, port: int, login: tuple[str, str], topic: str, per_s: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._sent: Any = context.Value("q", 0)
        self._process = context.Process(
            target=_flood, args=(port, login, topic, per_s, self._sent), daemon=True
        )

    @property
    def sent(self) -> int:
        """How many messages were sent so far."""
        return int(self._sent.value)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def _flood(port: int, login: tuple[str, str], topic: str, per_s: int, sent: Any) -> None:
    os.nice(POLITE)
    while True:
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(*login)
        try:
            client.connect("127.0.0.1", port)
            _send(client, topic, per_s, sent)
        except OSError:  # thrown out: it tries again, as a broken program would
            time.sleep(AGAIN_S)


def _send(client: paho.Client, topic: str, per_s: int, sent: Any) -> None:
    """Send until the broker has had enough."""
    due_s = time.monotonic()
    while client.loop(0.0) == paho.MQTT_ERR_SUCCESS:
        if not client.is_connected():
            continue
        for _ in range(BATCH):
            client.publish(topic, RUBBISH)
        while client.want_write():
            if client.loop_write() != paho.MQTT_ERR_SUCCESS:
                return
        with sent.get_lock():
            sent.value += BATCH
        due_s = max(due_s + BATCH / per_s, time.monotonic() - 1.0)
        time.sleep(max(0.0, due_s - time.monotonic()))
