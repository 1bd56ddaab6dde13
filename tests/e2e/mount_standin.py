"""A stand-in for the device while its camera is set up: it speaks the contract and sees nothing.

It keeps the steps' states, answers requests and publishes what it is told to. It measures nothing,
so a test that passes with it says something about the page and nothing about a device.
"""

import json
import threading
from typing import Any

from mount_data import ready, step_in
from pages_broker import PLATFORM, Device
from paho.mqtt.client import Client, MQTTMessage

AFTER = {"start": "active", "redo": "active", "skip": "skipped"}
PATIENCE_S = 10.0


class StandIn(Device):
    """Publishes ``mount`` and answers ``request/#``.

    ``is_mute``: it hears requests and does not answer. ``refusal``: what it answers instead.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.is_mute = False
        self.refusal = ""
        self.mount = ready()
        self._news = threading.Condition()
        self._client.on_message = self._on_message
        self._client.subscribe(self._topic("request/#"), qos=1)

    def show(self, mount: dict[str, Any]) -> None:
        """Say what is seen, and keep it for whoever comes later."""
        self.mount = mount
        self.say("mount", mount, retain=True)

    def picture(self, jpeg: bytes) -> None:
        """Publish one preview.

        Mosquitto 2.0 moves no more than 4 kB of a WebSocket message each time it has something
        else to do, or every 100 ms: a few words to nobody hurry a picture along.
        """
        self._client.publish(self._topic("preview"), jpeg, 0)
        for _ in range(len(jpeg) // 4096 + 1):
            self._client.publish("nobody", b"", 0)

    def step(self, name: str, state: str, progress: float = 0.0, **more: Any) -> None:
        """Put a step into a state."""
        self.show(self._with_step(name, state, progress, **more))

    def wait_for(self, verb: str, count: int = 1) -> dict[str, Any]:
        """Wait for the nth request of a verb; return it without its transaction."""

        def found() -> bool:
            return len(self._asked(verb)) >= count

        with self._news:
            assert self._news.wait_for(found, PATIENCE_S), f"never asked: {verb} {count}"
            fields = self._asked(verb)[count - 1]
        return {key: value for key, value in fields.items() if key != "transaction"}

    def count(self, verb: str) -> int:
        """Return how often something was asked."""
        with self._news:
            return len(self._asked(verb))

    def _asked(self, verb: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self.requests if name == verb]

    def _with_step(self, name: str, state: str, progress: float, **more: Any) -> dict[str, Any]:
        rows = [
            step_in(one, state, progress) | more if one["id"] == name else one
            for one in self.mount["steps"]
        ]
        return self.mount | {"steps": rows}

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        verb = message.topic.removeprefix(self._topic("request/"))
        fields = json.loads(message.payload)
        with self._news:
            self.requests.append((verb, fields))
            self._news.notify_all()
        if self.is_mute:
            return
        refused = self.refusal and verb != "preview"
        if not refused:
            self._obey(verb, fields)
        answer = {"status": "error" if refused else "ok", "data": {}}
        error = {"error": self.refusal if refused else "", "transaction": fields["transaction"]}
        self._publish(f"response/{verb}", answer | error)

    def _obey(self, verb: str, fields: dict[str, Any]) -> None:
        if verb == "calibrate" and fields["action"] in AFTER:
            self.mount = self._with_step(fields["step"], AFTER[fields["action"]], 0.0)
        elif verb == "cancel":
            active = [one["id"] for one in self.mount["steps"] if one["state"] == "active"]
            for name in active:
                self.mount = self._with_step(name, "todo", 0.0)
        self._publish("mount", self.mount, retain=verb != "preview")

    def _publish(self, name: str, content: dict[str, Any], retain: bool = False) -> None:
        """Publish from the client's own thread, which must not wait for itself."""
        self._client.publish(self._topic(name), json.dumps(content), 1, retain)


__all__ = ["PLATFORM", "StandIn"]
