"""The published contract, ``docs/asyncapi.yaml``, as something to hold messages against."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import yaml

DOCS = Path(__file__).parents[2] / "docs"


@cache
def document() -> dict[str, Any]:
    text = (DOCS / "asyncapi.yaml").read_text(encoding="utf-8")
    told: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return told


def resolved(reference: str) -> Any:
    """Follow a reference within the document; KeyError where it leads nowhere."""
    assert reference.startswith("#/")
    node: Any = document()
    for part in reference[2:].split("/"):
        node = node[part]
    return node


def references(node: Any) -> Iterator[str]:
    """Give every reference below a node."""
    if isinstance(node, list):
        for each in node:
            yield from references(each)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)


def message_on(topic: str) -> str:
    """Return the name of the message on a topic; KeyError when the contract has no such topic."""
    address = f"shinline/{{platform}}/{topic}"
    for channel in document()["channels"].values():
        if channel["address"] == address:
            (name,) = channel["messages"]
            return str(name)
    raise KeyError(topic)


@cache
def validator(message: str) -> Callable[[Any], Any]:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema",
        "components": {"schemas": document()["components"]["schemas"]},
        **document()["components"]["messages"][message]["payload"],
    }
    if "$ref" in schema:  # nothing beside a reference counts
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]
    check: Callable[[Any], Any] = fastjsonschema.compile(schema, use_default=False)
    return check


def hold(topic: str, message: Any) -> None:
    """Hold a message against the contract.

    Raises
    ------
    fastjsonschema.JsonSchemaValueException
        A field is missing, or is not what it should be.
    AssertionError
        A field is in the message and not in the contract.

    """
    name = message_on(topic)
    told = json.loads(json.dumps(message))
    validator(name)(told)
    unknown = [*_unknown(document()["components"]["messages"][name]["payload"], told, topic)]
    assert not unknown, f"not in the contract: {', '.join(unknown)}"


def _unknown(schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    """Give the fields that no schema mentions."""
    if isinstance(value, list):
        for kind in _kinds(schema):
            if "items" in kind:
                for each in value:
                    yield from _unknown(kind["items"], each, where)
        return
    if not isinstance(value, dict):
        return
    known: dict[str, list[dict[str, Any]]] = {}
    free = True
    for kind in _kinds(schema):
        for name, field in kind.get("properties", {}).items():
            known.setdefault(name, []).append(field)
            free = False
    for name, inner in value.items():
        if name in known:
            yield from _unknown({"anyOf": known[name]}, inner, f"{where}.{name}")
        elif not free:
            yield f"{where}.{name}"


def _kinds(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a schema and all that it combines, references followed."""
    if "$ref" in schema:
        yield from _kinds(resolved(schema["$ref"]))
        return
    yield schema
    for each in [*schema.get("allOf", ()), *schema.get("anyOf", ())]:
        yield from _kinds(each)
