"""The contract for machines: every topic, request and answer as an AsyncAPI document.

Made from the tables in force: :data:`~shinline.wire.topics.TOPICS`,
:data:`~shinline.wire.requests.VERBS`, :data:`~shinline.wire.answers.ANSWERS` and the types they
name. Operations are seen from the device: it *sends* what a phone reads.
"""

import re
from functools import cache
from typing import Any, Final, get_args

import msgspec

from shinline.app import topic_examples
from shinline.app.topic_fields import meaning, unit
from shinline.config import MODES, LiftName, Mqtt
from shinline.types import Moment, Phase, RepStyle, Severity
from shinline.wire import requests, topics
from shinline.wire.answers import ANSWERS
from shinline.wire.payloads import RepSoFar, Status
from shinline.wire.requests import Verb
from shinline.wire.topics import Topic

Json = dict[str, Any]

_SENTENCE: Final = re.compile(r"(?<=\.) ")
_ROLE: Final = re.compile(r":\w+:`([\w.]+)`")

PLATFORM: Final = r"^[a-z0-9_-]{1,32}$"
BINDING: Final = "0.2.0"
"""Version of AsyncAPI's description of what is MQTT's own."""

WORDS: Final[dict[str, list[str]]] = {
    "lift": list(get_args(LiftName)),
    "mode": list(MODES),
    "moment": [each.value for each in Moment],
    "phase": [each.value for each in Phase],
    "severity": [each.value for each in Severity],
    "style": [each.value for each in RepStyle],
}
"""What a text may be, by the name of its field, where its type does not say it."""

_STRUCTS: Final = [t.payload for t in topics.TOPICS if t.payload not in (str, bytes)]
_SCHEMAS: Final = "#/components/schemas/"
_REQUEST: Final = "Request"

ENVELOPE: Final[Json] = {
    "description": "What every JSON message of the device carries.",
    "type": "object",
    "properties": {
        "schema": {"type": "integer", "const": topics.SCHEMA},
        "seq": {"type": "integer", "minimum": 1},
        "t_capture": {"type": "string", "format": "date-time"},
    },
    "required": ["schema", "seq"],
}


def document() -> Json:
    """Return the whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shinline",
            "version": str(topics.SCHEMA),
            "description": "A deadlift bar-path tracker: live cues, repetitions and sets over "
            "MQTT 3.1.1. SI units, the unit in the name; null is what could not be measured.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": _messages(),
            "schemas": schemas(),
            "securitySchemes": {
                "paired": {
                    "type": "userPassword",
                    "description": "Made by `shinline pair`, one for each phone and each program.",
                }
            },
        },
    }


def key(name: str) -> str:
    """Return the name of a topic as it can be part of a reference."""
    return name.replace("/", "_")


def summary(thing: type) -> str:
    """Return the first sentence of a docstring."""
    return _SENTENCE.split(_prose(thing.__doc__ or ""), maxsplit=1)[0]


def when(topic: Topic) -> str:
    """Say when a topic is published, and what becomes of messages for a broker that is away."""
    waits = {None: "every one waits", 1: "the newest waits"}
    kept = waits.get(topic.waiting_max, f"the newest {topic.waiting_max} wait")
    return f"{topic.rate}; while the broker is away {kept}"


# --- schemas ------------------------------------------------------------------------------------


@cache
def schemas() -> Json:
    """Return the schema of every type, by its name, with the meaning of each field."""
    said = _components([*_STRUCTS, RepSoFar, *ANSWERS.values()], "")
    asked = _components([verb.body for verb in requests.VERBS], _REQUEST)
    told = {"Envelope": _described("Envelope", ENVELOPE)} | said | asked
    told["RepMessage"]["properties"]["after"] |= {
        "anyOf": [{"$ref": f"{_SCHEMAS}FinishedRep"}, {"$ref": f"{_SCHEMAS}RepSoFar"}]
    }
    return {name: told[name] for name in sorted(told)}


def _components(types: list[type[msgspec.Struct]], prefix: str) -> Json:
    """Return the schemas of types and of all they hold."""
    wanted = dict.fromkeys(types)
    _, found = msgspec.json.schema_components(wanted, ref_template=f"{_SCHEMAS}{prefix}{{name}}")
    return {f"{prefix}{name}": _described(name, _plain(told)) for name, told in found.items()}


def _plain(node: Any) -> Any:
    """Write a schema in the words of JSON Schema's draft 7, which AsyncAPI knows."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    told = {n: _plain(value) for n, value in node.items() if (n, type(value)) != ("title", str)}
    if "prefixItems" in told:
        first, *others = told.pop("prefixItems")
        if any(other != first for other in others):
            raise ValueError("expected tuples whose parts are of one type")
        told["items"] = first
    return told


def _described(owner: str, schema: Json) -> Json:
    """Add what each field means, and which words it may be."""
    told = {**schema}
    if "description" in told:
        told["description"] = _prose(told["description"])
    told["properties"] = {
        name: _field(owner, name, field) for name, field in schema.get("properties", {}).items()
    }
    return told


def _field(owner: str, name: str, schema: Json) -> Json:
    told = {**schema}
    if set(told) <= {"type", "default"} and told["type"] == "string" and name in WORDS:
        told["enum"] = WORDS[name]
    in_unit = unit(name)
    words = meaning(owner, name) + (f" [{in_unit}]" if in_unit else "")
    if "$ref" in told:  # nothing beside a reference counts
        return {"allOf": [{"$ref": told["$ref"]}], "description": words}
    return {"description": words, **told}


def _prose(docstring: str) -> str:
    """Write a docstring as one line of Markdown."""
    return _ROLE.sub(r"`\1`", " ".join(docstring.split()).replace("``", "`"))


# --- messages -----------------------------------------------------------------------------------


def _messages() -> Json:
    told = {key(t.name): _message(t) for t in topics.TOPICS if t is not topics.RESPONSE}
    for verb in requests.VERBS:
        told[f"request_{verb.name}"] = {
            "summary": summary(verb.body),
            "payload": {"$ref": f"{_SCHEMAS}{_REQUEST}{verb.body.__name__}"},
            "examples": [{"payload": topic_examples.request(verb.name)}],
        }
        told[f"response_{verb.name}"] = _answer(verb)
    told["response_unknown"] = {
        "summary": "Why a request whose name is none was refused.",
        "payload": _all_of("Envelope", "Response"),
    }
    told["discovery"] = {
        "summary": "How Home Assistant finds the device; empty: it is no longer to be found.",
        "payload": {"type": "object", "required": ["dev", "o", "cmps", "availability"]},
    }
    return told


def _message(topic: Topic) -> Json:
    if topic.payload is str:
        words = sorted(get_args(Status))
        return {
            "summary": "Whether the device is there.",
            "contentType": "text/plain",
            "payload": {"type": "string", "enum": words},
        }
    if topic.payload is bytes:
        return {
            "summary": "A picture, with what is followed drawn into it.",
            "contentType": "image/jpeg",
            "payload": {"type": "string", "format": "binary"},
        }
    return {
        "summary": summary(topic.payload),
        "payload": _all_of("Envelope", topic.payload.__name__),
        "examples": [{"payload": topic_examples.message(topic)}],
    }


def _answer(verb: Verb) -> Json:
    if verb.name not in ANSWERS:
        words = "Why it was refused; when all is well nothing is answered."
        return {"summary": words, "payload": _all_of("Envelope", "Response")}
    data = ANSWERS[verb.name].__name__
    either = {"anyOf": [{"$ref": f"{_SCHEMAS}{data}"}, {"type": "object", "maxProperties": 0}]}
    payload = _all_of("Envelope", "Response")
    payload["allOf"].append({"type": "object", "properties": {"data": either}})
    return {
        "summary": summary(ANSWERS[verb.name]),
        "payload": payload,
        "examples": [{"payload": topic_examples.answer(verb.name)}],
    }


def _all_of(*names: str) -> Json:
    return {"allOf": [{"$ref": f"{_SCHEMAS}{name}"} for name in names]}


# --- servers, channels, operations ----------------------------------------------------------------


def _servers() -> Json:
    ports = Mqtt()
    rows = (
        ("tcp", "mqtt", ports.port, "The embedded broker; with TLS on, for this machine only."),
        ("websocket", "ws", ports.ws_port, "The same for web pages."),
        ("tls", "secure-mqtt", ports.tls_port, "Encrypted, where `shinline tls` was run."),
        ("websocket_tls", "wss", ports.ws_port, "The same for web pages, in place of `websocket`."),
    )
    return {
        name: {
            "host": f"{{device}}:{port}",
            "protocol": protocol,
            "protocolVersion": "3.1.1",
            "description": words,
            "variables": {
                "device": {"default": "shinline.local", "description": "The device's address."}
            },
            "security": [{"$ref": "#/components/securitySchemes/paired"}],
        }
        for name, protocol, port, words in rows
    }


def _channels() -> Json:
    told = {
        key(t.name): _channel(t.name, key(t.name), when(t))
        for t in topics.TOPICS
        if t is not topics.RESPONSE
    }
    for verb in requests.VERBS:
        asked, answered = f"request_{verb.name}", f"response_{verb.name}"
        told[asked] = _channel(f"{topics.REQUESTS}/{verb.name}", asked, "whenever somebody asks")
        told[answered] = _channel(f"response/{verb.name}", answered, when(topics.RESPONSE))
    unknown = f"response/{requests.UNKNOWN}"
    told["response_unknown"] = _channel(unknown, "response_unknown", when(topics.RESPONSE))
    told["discovery"] = _channel("", "discovery", "at every connection, and when it has started")
    told["discovery"]["address"] = topics.DISCOVERY.format(
        prefix="homeassistant", platform="{platform}"
    )
    return told


def _channel(name: str, message: str, description: str) -> Json:
    return {
        "address": f"{topics.ROOT}/{{platform}}/{name}",
        "description": f"{description[0].upper()}{description[1:]}.",
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "parameters": {
            "platform": {
                "description": f"Which platform, as in its configuration; {PLATFORM}",
                "default": "platform1",
            }
        },
    }


def _operations() -> Json:
    told = {
        f"send_{key(t.name)}": _operation("send", key(t.name), t.qos, t.retain)
        for t in topics.TOPICS
        if t is not topics.RESPONSE
    }
    for verb in requests.VERBS:
        asked, answered = f"request_{verb.name}", f"response_{verb.name}"
        told[f"receive_{asked}"] = _operation("receive", asked, 1, False)
        told[f"receive_{asked}"]["reply"] = {
            "channel": {"$ref": f"#/channels/{answered}"},
            "messages": [{"$ref": f"#/channels/{answered}/messages/{answered}"}],
        }
    told["send_response_unknown"] = _operation("send", "response_unknown", 1, False)
    told["send_discovery"] = _operation("send", "discovery", 1, True)
    return told


def _operation(action: str, channel: str, qos: int, retain: bool) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{channel}"}],
        "bindings": {"mqtt": {"qos": qos, "retain": retain, "bindingVersion": BINDING}},
    }
