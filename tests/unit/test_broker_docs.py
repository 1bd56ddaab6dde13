"""What docs/brokers.md says is so."""

import re
from pathlib import Path

import msgspec
import pytest

from shinline import config
from shinline.config import Mqtt
from shinline.wire import rights
from shinline.wire.accounts import Account, new_key
from shinline.wire.endpoint import external

TEXT = (Path(__file__).parents[2] / "docs" / "brokers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_used(example: str) -> None:
    mqtt = config.parse(example).mqtt
    without_files = msgspec.structs.replace(mqtt, ca_file="", cert_file="", key_file="")
    found = external(without_files)
    assert found is not None
    assert found.host == "broker.local"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


def test_the_ports_are_those_of_the_configuration() -> None:
    for key in ("port", "tls_port", "ws_port"):
        assert f"| `mqtt.{key}` | {getattr(Mqtt(), key)} |" in TEXT


def test_the_rights_are_those_of_the_table() -> None:
    key = new_key("any")
    device, phone = rights.entries("<platform>", key, [Account("phone", key)])
    for entry, who in ((device, "device"), (phone, "what was paired")):
        reads, writes = (
            ", ".join(f"`{topic}`" for topic in topics)
            for topics in (entry.rights.reads, entry.rights.writes)
        )
        assert f"| {who} | {reads} | {writes} |" in TEXT
