"""A real mosquitto with the example files does what they say: who may read and write what."""

import os
import pwd
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from shinline.config import Mqtt
from shinline.wire import mosquitto, ports
from shinline.wire.accounts import new_key
from shinline.wire.topics import TOPICS

DEPLOY = Path(__file__).parents[2] / "deploy"
PATIENCE_S = 15.0
SECRETS = {name: f"a secret of {name}" for name in ("device", "phone", "homeassistant")}
MARKED = re.compile(r"^#(?=user|topic)", flags=re.MULTILINE)
"""Home Assistant's lines in the access rules, which are to be unmarked by those who have it."""

pytestmark = pytest.mark.skipif(mosquitto.find() is None, reason="mosquitto is not installed")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False


@dataclass(frozen=True)
class Broker:
    """Where the example broker listens in this test."""

    tcp: int
    ws: int


def installed(folder: Path, chosen: ports.Ports) -> Path:
    """Install the example as the README says, but below ``folder`` and on free ports."""
    text = (DEPLOY / "mosquitto.conf").read_text()
    for old, new in {
        "/etc/mosquitto": str(folder),
        "listener 1883": f"listener {chosen.tcp}",
        "listener 9001": f"listener {chosen.ws}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "shinline.conf").write_text(text)
    (folder / "shinline.acl").write_text(MARKED.sub("", (DEPLOY / "acl").read_text()))
    lines = [mosquitto.password_line(name, new_key(word)) for name, word in SECRETS.items()]
    (folder / "shinline.passwords").write_text("".join(lines))
    main = folder / "mosquitto.conf"  # as Debian has it
    user = pwd.getpwuid(os.getuid()).pw_name
    main.write_text(
        f"user {user}\npersistence true\npersistence_location {folder}/\n"
        f"log_dest file {folder}/mosquitto.log\ninclude_dir {folder}/conf.d\n"
    )
    for file in folder.iterdir():
        file.chmod(0o700)
    return main


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("mosquitto")
    chosen = ports.choose(Mqtt(port=0, ws_port=0))
    program = mosquitto.find()
    assert program is not None
    with subprocess.Popen([program, "-c", installed(folder, chosen)]) as process:

        def started_or_died() -> bool:
            return process.poll() is not None or all(map(answers, (chosen.tcp, chosen.ws)))

        try:
            wait_until(started_or_died)
            assert process.poll() is None, (folder / "mosquitto.log").read_text()
            yield Broker(chosen.tcp, chosen.ws)
        finally:
            process.terminate()


class Client:
    """A client that subscribes to everything and keeps what it gets."""

    def __init__(self, transport: Literal["tcp", "websockets"], account: str, secret: str) -> None:
        self.outcome: str | None = None
        self.got: list[str] = []
        self.subscribed = threading.Event()
        self.mqtt = paho.Client(CallbackAPIVersion.VERSION2, transport=transport)
        if account:
            self.mqtt.username_pw_set(account, secret)
        self.mqtt.on_connect = self._on_connect
        self.mqtt.on_subscribe = lambda *_: self.subscribed.set()
        self.mqtt.on_message = lambda _client, _data, message: self.got.append(message.topic)

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, reason: object, _more: object
    ) -> None:
        self.outcome = str(reason)
        client.subscribe([("shinline/#", 1), ("homeassistant/#", 1)])

    def say(self, *topics: str) -> None:
        for topic in topics:
            self.mqtt.publish(topic, b"x", qos=1).wait_for_publish(PATIENCE_S)

    def hears(self, topic: str) -> None:
        wait_until(lambda: topic in self.got)


@contextmanager
def connected(
    broker: Broker,
    account: str,
    secret: str | None = None,
    transport: Literal["tcp", "websockets"] = "tcp",
) -> Iterator[Client]:
    client = Client(transport, account, SECRETS.get(account, "") if secret is None else secret)
    client.mqtt.connect("127.0.0.1", broker.ws if transport == "websockets" else broker.tcp)
    client.mqtt.loop_start()
    try:
        wait_until(lambda: client.outcome is not None)
        yield client
    finally:
        client.mqtt.disconnect()
        client.mqtt.loop_stop()
        for name in ("on_connect", "on_subscribe", "on_message"):  # break the reference cycle
            setattr(client.mqtt, name, None)


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
@pytest.mark.parametrize(("account", "secret"), [("", ""), ("phone", "a guess"), ("guest", "")])
def test_nobody_gets_in_without_a_credential(
    broker: Broker, account: str, secret: str, transport: Literal["tcp", "websockets"]
) -> None:
    with connected(broker, account, secret, transport) as client:
        assert client.outcome == "Not authorized"


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_a_paired_phone_reads_everything_of_the_device(
    broker: Broker, transport: Literal["tcp", "websockets"]
) -> None:
    names = [topic.path("platform1") for topic in TOPICS]
    with connected(broker, "device") as device, connected(broker, "phone", None, transport) as it:
        assert it.subscribed.wait(PATIENCE_S)
        device.say("homeassistant/device/shinline_platform1/config", *names)
        it.hears(names[-1])
        assert it.got == names  # and nothing of Home Assistant's, which was said first


def test_a_paired_phone_writes_requests_and_nothing_else(broker: Broker) -> None:
    forbidden = [
        "shinline/platform1/cue",
        "shinline/platform1/status",
        "shinline/platform1/response/mute",
        "shinline/request/mute",
        "homeassistant/device/shinline_platform1/config",
    ]
    with connected(broker, "device") as device, connected(broker, "phone") as phone:
        assert device.subscribed.wait(PATIENCE_S)
        phone.say(*forbidden, "shinline/platform1/request/mute")
        device.hears("shinline/platform1/request/mute")
        assert device.got == ["shinline/platform1/request/mute"]


def test_home_assistant_hears_of_devices_asks_and_says_that_it_is_there(broker: Broker) -> None:
    announced = "homeassistant/device/shinline_platform1/config"
    allowed = ["shinline/platform1/request/mute", "homeassistant/status"]
    with connected(broker, "device") as device, connected(broker, "homeassistant") as home:
        assert device.subscribed.wait(PATIENCE_S)
        assert home.subscribed.wait(PATIENCE_S)
        home.say("shinline/platform1/cue", announced, *allowed)
        device.hears("homeassistant/status")
        assert device.got == allowed
        device.say(announced, "shinline/platform1/state")
        home.hears("shinline/platform1/state")
        assert announced in home.got
