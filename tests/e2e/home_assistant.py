"""A stand-in for Home Assistant: device discovery as its documentation describes it.

It knows nothing of the device but what the discovery message says. Templates are rendered in a
sandbox that is stricter than the real one: a name that is not there is an error, not a warning.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from broker_material import PATIENCE_S
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from paho.mqtt.enums import CallbackAPIVersion

BIRTH = "homeassistant/status"
FINDS = ("homeassistant/+/+/config", "homeassistant/+/+/+/config")
UNKNOWN = "unknown"

NEEDS = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "event": {"state_topic", "event_types"},
    "button": {"command_topic"},
    "switch": {"command_topic"},
    "number": {"command_topic"},
    "camera": {"topic"},
}
"""The platforms that are used here, and what each cannot do without."""

COMMON = {
    "p",
    "name",
    "unique_id",
    "value_template",
    "device_class",
    "entity_category",
    "json_attributes_topic",
    "json_attributes_template",
}
MEASURED = {"unit_of_measurement", "suggested_display_precision"}
KNOWS = {
    "sensor": {"state_topic", "state_class", "expire_after", "options", *MEASURED},
    "binary_sensor": {"state_topic", "expire_after"},
    "event": {"state_topic", "event_types"},
    "button": {"command_topic", "payload_press"},
    "switch": {
        "command_topic",
        "state_topic",
        "payload_on",
        "payload_off",
        "state_on",
        "state_off",
    },
    "number": {
        "command_topic",
        "state_topic",
        "command_template",
        "unit_of_measurement",
        "min",
        "max",
        "step",
        "mode",
    },
    "camera": {"topic"},
}
"""The settings of each platform that are used here; any other one it would not understand."""

UNITS = {
    "distance": {"mm", "cm", "m"},
    "duration": {"ms", "s"},
    "frequency": {"Hz"},
    "speed": {"m/s", "mm/s"},
    "temperature": {"°C"},
    "weight": {"kg", "g"},
}
"""What a sensor of a class may be measured in."""

_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


@dataclass
class Entity:
    """One entity, and what it shows."""

    settings: dict[str, Any]
    state: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    fired: list[dict[str, Any]] = field(default_factory=list)
    picture: bytes = b""

    @property
    def topics(self) -> set[str]:
        names = ("state_topic", "topic", "json_attributes_topic")
        return {self.settings[name] for name in names if name in self.settings}

    def hear(self, payload: bytes, retained: bool) -> None:
        """Take in a message on one of its topics."""
        platform = self.settings["p"]
        if platform == "camera":
            self.picture = payload
            return
        told = rendered(self.settings["value_template"], payload)
        if platform == "event":
            self._fire(told, retained)
            return
        self._check(told)
        self.state = UNKNOWN if told == "None" else told
        if "json_attributes_template" in self.settings:
            self.attributes = json.loads(
                rendered(self.settings["json_attributes_template"], payload)
            )

    def _fire(self, told: str, retained: bool) -> None:
        if retained or not told:
            return
        event = json.loads(told)
        assert event["event_type"] in self.settings["event_types"]
        self.fired.append(event)

    def _check(self, told: str) -> None:
        settings = self.settings
        if settings["p"] in ("binary_sensor", "switch"):
            assert told in ("ON", "OFF", "None"), told
        elif settings.get("device_class") == "enum":
            assert told in settings["options"], told
        elif ("state_class" in settings or settings["p"] == "number") and told != "None":
            float(told)


def rendered(template: str, payload: bytes) -> str:
    """Render a value template as Home Assistant does."""
    text = payload.decode()
    return _JINJA.from_string(template).render(value=text, value_json=json.loads(text)).strip()


def understood(config: dict[str, Any]) -> dict[str, Entity]:
    """Return the entities of a discovery message, each by its key.

    Raises
    ------
    AssertionError
        Home Assistant would refuse it, or part of it.

    """
    assert set(config) <= {"dev", "o", "cmps", "availability", "qos"}
    assert config["dev"]["identifiers"]
    assert config["o"]["name"]
    names, identities = set(), set()
    for key, settings in config["cmps"].items():
        platform = settings["p"]
        assert NEEDS[platform] <= set(settings), key
        assert set(settings) <= COMMON | KNOWS[platform], key
        if settings.get("device_class") in UNITS:
            assert settings["unit_of_measurement"] in UNITS[settings["device_class"]], key
        names.add((platform, settings["name"]))
        identities.add(settings["unique_id"])
    assert len(names) == len(identities) == len(config["cmps"])
    return {key: Entity(settings) for key, settings in config["cmps"].items()}


class HomeAssistant:
    """Finds devices on a broker and follows them; starts when it is entered."""

    def __init__(self, port: int, login: tuple[str, str]) -> None:
        self.found: list[tuple[str, bytes]] = []
        """Every discovery message."""

        self.device: dict[str, Any] | None = None
        self.entities: dict[str, Entity] = {}
        self.available: bool | None = None
        self.problems: list[BaseException] = []
        self._follows: set[str] = set()
        self._news = threading.Condition()
        self._ready = False
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.username_pw_set(*login)
        self.client.will_set(BIRTH, "offline")
        self.client.on_connect = lambda c, *_: c.subscribe([(topic, 0) for topic in FINDS])
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", port)

    def __enter__(self) -> "HomeAssistant":
        self.client.loop_start()
        self.wait_until(lambda: self._ready)
        self.say("online")
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        for name in ("on_connect", "on_subscribe", "on_message"):  # break the reference cycle
            setattr(self.client, name, None)

    def say(self, status: str) -> None:
        """Say that it has started, or stops."""
        self.client.publish(BIRTH, status)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: condition() or self.problems, PATIENCE_S), "in vain"
        if self.problems:
            raise self.problems[0]

    def wait_for(self, key: str, state: str) -> Entity:
        """Wait until an entity shows a state."""
        entity = self.entities[key]
        self.wait_until(lambda: entity.state == state)
        return entity

    # --- what somebody does with an entity ----------------------------------------------------

    def press(self, key: str) -> None:
        settings = self.entities[key].settings
        self._command(settings, settings["payload_press"])

    def switch(self, key: str, on: bool) -> None:
        settings = self.entities[key].settings
        self._command(settings, settings["payload_on" if on else "payload_off"])

    def set_number(self, key: str, value: float) -> None:
        settings = self.entities[key].settings
        assert settings["min"] <= value <= settings["max"]
        self._command(
            settings, _JINJA.from_string(settings["command_template"]).render(value=value)
        )

    def _command(self, settings: dict[str, Any], payload: str) -> None:
        assert self.device is not None
        self.client.publish(settings["command_topic"], payload, qos=self.device.get("qos", 0))

    # --- the client's thread ------------------------------------------------------------------

    def _on_subscribe(
        self, _client: object, _data: object, _mid: int, reasons: list[Any], _properties: object
    ) -> None:
        with self._news:
            self._ready = not any(reason.is_failure for reason in reasons)
            self._news.notify_all()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        with self._news:
            try:
                self._take(message.topic, bytes(message.payload), message.retain)
            except BaseException as problem:  # noqa: BLE001  (told to the test)
                self.problems.append(problem)
            self._news.notify_all()

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        if topic.endswith("/config"):
            self._find(topic, payload)
            return
        if self.device is None:
            return
        if topic == self.device["availability"][0]["topic"]:
            self.available = {b"online": True, b"offline": False}[payload]
            return
        for entity in self.entities.values():
            if topic in entity.topics:
                entity.hear(payload, retained)

    def _find(self, topic: str, payload: bytes) -> None:
        self.found.append((topic, payload))
        if not payload:
            self.client.unsubscribe(sorted(self._follows))
            self.device, self.entities, self._follows = None, {}, set()
            return
        config = json.loads(payload)
        if config == self.device:
            return
        entities = understood(config)
        self.device, self.entities = config, entities
        self._follows = {topic for entity in entities.values() for topic in entity.topics}
        self._follows |= {place["topic"] for place in config["availability"]}
        self.client.subscribe([(topic, config.get("qos", 0)) for topic in sorted(self._follows)])
