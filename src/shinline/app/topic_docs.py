"""``docs/topics.md`` and ``docs/asyncapi.yaml``, made from the tables in force.

``python -m shinline.app.topic_docs`` prints the page; with ``--write`` it writes both, and the
table of entities in ``docs/home-assistant.md``.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from shinline.app import asyncapi, topic_examples, words
from shinline.app.asyncapi import Json, when
from shinline.app.topic_fields import meaning, unit
from shinline.coach.faults.table import CARDS
from shinline.wire import homeassistant, inbox, requests, rights, topics
from shinline.wire.accounts import Account
from shinline.wire.answers import ANSWERS
from shinline.wire.topics import Topic

DOCS: Final = Path("docs")
BEGIN, END = "<!-- entities -->", "<!-- end of entities -->"

_HEAD: Final = f"""\
# Topics, messages, requests

What the device says and what it can be asked, over MQTT 3.1.1. The same for machines:
[asyncapi.yaml](asyncapi.yaml). Ready-made commands for `mosquitto_sub`, Node-RED and dashboard
apps: [clients.md](clients.md); Home Assistant: [home-assistant.md](home-assistant.md).

*Made by `python -m shinline.app.topic_docs --write` from `src/shinline/wire/`.*

A topic's full name is `shinline/<platform>/<topic>`; the platform's name is `platform1` unless it
was configured, `{asyncapi.PLATFORM}`. What describes *now* is retained; events never are. Numbers
are in SI units, and the unit is in the name. `null`: could not be measured, never 0 and never
"fine". Fields may be added; `schema` changes when the meaning of one does.

## Topics
"""

_ENVELOPE: Final = """\
## Messages

Every JSON message begins with these.
"""

_REQUESTS: Final = f"""\
## Requests

Publish to `shinline/<platform>/request/<verb>`, QoS 0 or 1, not retained (a retained one is
ignored: it is from some other day). The answer comes on `shinline/<platform>/response/<verb>`.
`transaction`, a text of up to 64 characters or a whole number, comes back in the answer. A field
that is unknown, a text where a number belongs, a value out of its range: refused, with what was
expected, and nothing has happened then.

At most {requests.MOST_BYTES} bytes each and {inbox.MOST_PER_S} a second from all askers together;
beyond that they are refused, and beyond as many refusals a second they get no answer.
"""

_RIGHTS: Final = """\
## Who may do what

On the embedded broker. Nobody comes in without an account; `shinline pair` makes one for each phone
and each program, and takes it back. For a broker of your own: `deploy/acl`.
"""


def page() -> str:
    """Return ``docs/topics.md``."""
    parts = [_HEAD, topics_table(), _ENVELOPE, _fields("Envelope")]
    parts += [_message(topic) for topic in topics.TOPICS if _is_json(topic)]
    parts += ["### Parts of these\n", *(_part(name) for name in _parts())]
    parts += [
        _REQUESTS,
        requests_table(),
        *(_request(verb.name) for verb in requests.VERBS),
        _refusal(),
    ]
    parts += ["## Codes\n", _codes(), _RIGHTS, rights_table()]
    return "\n".join(parts)


def topics_table() -> str:
    """Return every topic with what it carries and how."""
    lines = ["| topic | what it carries | QoS | retained | when |", "|---|---|---|---|---|"]
    for topic in topics.TOPICS:
        name = f"{topic.name}/<verb>" if topic is topics.RESPONSE else topic.name
        lines.append(_row(f"`{name}`", _carries(topic), topic.qos, topic.retain, when(topic)))
    place = topics.DISCOVERY.format(prefix="homeassistant", platform="<platform>")
    often = "at every connection, and when Home Assistant has started"
    what = "[how Home Assistant finds the device](home-assistant.md)"
    lines.append(_row(f"`{place}` (whole)", what, 1, True, often))
    return "\n".join(lines) + "\n"


def requests_table() -> str:
    """Return every request and what it expects."""
    lines = ["| request | what for | payload |", "|---|---|---|"]
    for verb in requests.VERBS:
        link = f"[`{verb.name}`](#request-{verb.name})"
        lines.append(f"| {link} | {asyncapi.summary(verb.body)} | {verb.expects} |")
    return "\n".join(lines) + "\n"


def rights_table() -> str:
    """Return who may read and write what on the embedded broker."""
    device, program = rights.entries("<platform>", "", [Account("phone", "k")])
    lines = ["| who | may read | may write |", "|---|---|---|"]
    for who, entry in (("the device", device), ("phones and programs that were paired", program)):
        both = (entry.rights.reads, entry.rights.writes)
        cells = (", ".join(f"`{topic}`" for topic in some) for some in both)
        lines.append(f"| {who} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def entities_table() -> str:
    """Return what Home Assistant shows of the device."""
    lines = ["| entity | kind | shows | unit | asks |", "|---|---|---|---|---|"]
    for row in homeassistant.entities().values():
        shows = f"`{row['topic']}`" if "topic" in row else ""
        asks = f"`{row['verb']}`" if "verb" in row else ""
        kind = row["p"].replace("_", " ")
        measured = row.get("unit_of_measurement", "")
        lines.append(f"| {row['name']} | {kind} | {shows} | {measured} | {asks} |")
    return "\n".join(lines) + "\n"


def yaml_text() -> str:
    """Return ``docs/asyncapi.yaml``."""
    head = "# Made by `python -m shinline.app.topic_docs --write` from src/shinline/wire/.\n"
    told = yaml.dump(
        asyncapi.document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100
    )
    return f"{head}{told}"


class _Plain(yaml.SafeDumper):  # type: ignore[misc]  # the library has no types
    """Writes what occurs twice twice: a reader shall not have to look for anchors."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


# --- parts of the page ----------------------------------------------------------------------------


def _is_json(topic: Topic) -> bool:
    return topic.payload not in (str, bytes) and topic is not topics.RESPONSE


def _row(name: str, carries: str, qos: int, retain: bool, often: str) -> str:
    return f"| {name} | {carries} | {qos} | {'yes' if retain else 'no'} | {often} |"


def _carries(topic: Topic) -> str:
    if topic is topics.RESPONSE:
        return "[the answer to a request](#requests)"
    if topic.payload is str:
        return "plain text, `online` or `offline`"
    if topic.payload is bytes:
        return "a JPEG picture, without an envelope"
    return f"[{asyncapi.summary(topic.payload)}](#{topic.name.replace('/', '')})"


def _message(topic: Topic) -> str:
    told = asyncapi.schemas()[topic.payload.__name__]
    example = _json(topic_examples.message(topic))
    fields = _fields(topic.payload.__name__)
    return f"### {topic.name}\n\n{told['description']}\n\n{fields}\n{example}"


def _parts() -> list[str]:
    """Return the types that are parts of others."""
    elsewhere = {topic.payload.__name__ for topic in topics.TOPICS if _is_json(topic)}
    elsewhere |= {f"Request{verb.body.__name__}" for verb in requests.VERBS}
    elsewhere |= {"Envelope", "Response", *(data.__name__ for data in ANSWERS.values())}
    elsewhere -= {"FinishedRep", "Level"}  # parts of something as well
    return [name for name in asyncapi.schemas() if name not in elsewhere]


def _part(name: str) -> str:
    if name == "FinishedRep":
        return "#### FinishedRep\n\nThe message [rep/last](#replast) without its envelope.\n"
    return f"#### {name}\n\n{asyncapi.schemas()[name]['description']}\n\n{_fields(name)}"


def _request(name: str) -> str:
    verb = next(verb for verb in requests.VERBS if verb.name == name)
    asked = f"Request{verb.body.__name__}"
    parts = [f"### request {name}\n\n{asyncapi.summary(verb.body)}\n"]
    if len(asyncapi.schemas()[asked]["properties"]) > 1:
        parts.append(_fields(asked))
    parts.append(_json(topic_examples.request(name)))
    if name in ANSWERS:
        data = ANSWERS[name]
        parts.append(f"The answer: {asyncapi.summary(data)}\n")
        parts += [_fields(data.__name__)] if asyncapi.schemas()[data.__name__]["properties"] else []
        parts.append(_json(topic_examples.answer(name)))
    else:
        parts.append("It gets no answer, unless it is refused.\n")
    return "\n".join(parts)


def _refusal() -> str:
    try:
        requests.parse("set_load", b'{"load_kg": -20}')
    except requests.BadRequest as problem:
        error = str(problem)
    head = {"schema": topics.SCHEMA, "seq": 18}
    body: Json = {"status": "error", "data": {}, "error": error, "transaction": None}
    unknown = f"`response/{requests.UNKNOWN}`"
    return (
        "### What is refused\n\n"
        '`request/set_load` with `{"load_kg": -20}` is answered with\n\n'
        f"{_json({**head, **body})}\n"
        f"A name that is no request is answered on {unknown} where it cannot be part of a topic.\n"
    )


def _codes() -> str:
    cues = [k.split(".")[1] for k in words.shipped("en").said if k.startswith("cues.")]
    lines = [
        f"- `{field}`: {', '.join(f'`{word}`' for word in told)}"
        for field, told in asyncapi.WORDS.items()
    ]
    faults = ", ".join(f"`{card.code}`" for card in CARDS)
    lines.append(f"- codes of faults ([what each means](faults.md)): {faults}")
    said = ", ".join(f"`{code}`" for code in cues)
    lines.append(f"- codes of cues ([what is said](cues.md)): {said}")
    return "\n".join(lines) + "\n"


def _fields(name: str) -> str:
    schema = asyncapi.schemas()[name]
    lines = ["| field | type | unit | meaning |", "|---|---|---|---|"]
    owner = name.removeprefix("Request")
    for field, told in schema["properties"].items():
        optional = field not in schema.get("required", ()) and name.startswith("Request")
        kind = f"{_kind(told)}{', may be left out' if optional else ''}"
        lines.append(f"| `{field}` | {kind} | {unit(field)} | {meaning(owner, field)} |")
    return "\n".join(lines) + "\n"


def _kind(schema: Json) -> str:
    """Say in a few words what a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        kinds = dict.fromkeys(_kind(each) for each in schema["anyOf"])
        return " or ".join(kinds)
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    if schema["type"] == "object":
        return "object"
    return _SIMPLE[schema["type"]] + _range(schema)


_SIMPLE: Final = {
    "boolean": "true or false",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "string": "text",
}


def _range(schema: Json) -> str:
    if abs(schema.get("maximum", 2**53)) >= 2**53:
        return ""
    return f", {schema['minimum']:g} to {schema['maximum']:g}"


def _json(message: Json) -> str:
    return f"```json\n{json.dumps(message, ensure_ascii=False)}\n```\n"


def _with_entities(text: str) -> str:
    """Put the table of entities into the page on Home Assistant."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{entities_table()}{END}{after}"


def main(arguments: list[str]) -> None:
    """Print the page, or write all."""
    if arguments != ["--write"]:
        print(page())
        return
    (DOCS / "topics.md").write_text(page(), encoding="utf-8")
    (DOCS / "asyncapi.yaml").write_text(yaml_text(), encoding="utf-8")
    home = DOCS / "home-assistant.md"
    home.write_text(_with_entities(home.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
