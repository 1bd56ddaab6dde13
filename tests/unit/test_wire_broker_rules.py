"""Who may do what on the Python broker, and what mosquitto is told."""

import asyncio
import base64
import hashlib
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from amqtt.contexts import Action, BaseContext
from amqtt.session import Session

from shinline.wire import mosquitto
from shinline.wire.accounts import matches, new_key
from shinline.wire.amqtt_config import digest
from shinline.wire.doorkeeper import Doorkeeper
from shinline.wire.ports import Ports

SECRET = "long and random"


@pytest.fixture
def doorkeeper() -> Doorkeeper:
    context = BaseContext()
    context.config = Doorkeeper.Config(username="device", password_sha256=digest(SECRET))
    return Doorkeeper(context)


def session(name: str | None, password: str | None, will_topic: str | None = None) -> Any:
    guest = Session()
    guest.username, guest.password = name, password
    guest.will_flag, guest.will_topic = will_topic is not None, will_topic
    return guest


def answered(question: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a thread of its own: this one may serve a browser's event loop."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, question).result()


def comes_in(doorkeeper: Doorkeeper, guest: Any) -> bool:
    return answered(doorkeeper.authenticate(session=guest))


def may(doorkeeper: Doorkeeper, guest: Any, action: Action, topic: str) -> bool:
    return answered(doorkeeper.topic_filtering(session=guest, topic=topic, action=action))


@pytest.mark.parametrize(
    ("name", "password", "will_topic", "expected"),
    [
        ("device", SECRET, None, True),
        ("device", SECRET, "shinline/p/status", True),
        ("device", SECRET, "elsewhere/p", False),
        ("device", "guess", None, False),
        ("device", None, None, False),
        ("someone", SECRET, None, False),
        ("", "", None, False),
        (None, None, None, True),
        (None, None, "shinline/p/cue", False),
        (None, None, "shinline/p/request/level", True),
    ],
)
def test_who_comes_in(
    doorkeeper: Doorkeeper,
    name: str | None,
    password: str | None,
    will_topic: str | None,
    expected: bool,
) -> None:
    assert comes_in(doorkeeper, session(name, password, will_topic)) is expected


@pytest.mark.parametrize(
    ("action", "topic", "device_may", "stranger_may"),
    [
        (Action.PUBLISH, "shinline/p/cue", True, False),
        (Action.PUBLISH, "homeassistant/device/x/config", True, False),
        (Action.PUBLISH, "shinline/p/request/level", True, True),
        (Action.PUBLISH, "shinline/p/request/a/b", True, True),
        (Action.PUBLISH, "shinline/p/requests/level", True, False),
        (Action.PUBLISH, "shinline/p/response/level", True, False),
        (Action.PUBLISH, "shinline/request/level", True, False),
        (Action.PUBLISH, "shinline/p/q/request", True, False),
        (Action.PUBLISH, "homeassistant/p/request/level", True, False),
        (Action.PUBLISH, "elsewhere", False, False),
        (Action.PUBLISH, "shinlinefake/p/cue", False, False),
        (Action.SUBSCRIBE, "shinline/#", True, True),
        (Action.SUBSCRIBE, "shinline/p/+", True, True),
        (Action.SUBSCRIBE, "#", False, False),
        (Action.SUBSCRIBE, "+/p/cue", False, False),
        (Action.SUBSCRIBE, "homeassistant/#", True, False),
        (Action.RECEIVE, "shinline/p/cue", True, True),
        (Action.RECEIVE, "homeassistant/status", True, False),
    ],
)
def test_who_may_do_what(
    doorkeeper: Doorkeeper, action: Action, topic: str, device_may: bool, stranger_may: bool
) -> None:
    device, stranger = session("device", SECRET), session(None, None)
    assert comes_in(doorkeeper, device)
    assert comes_in(doorkeeper, stranger)
    assert may(doorkeeper, device, action, topic) is device_may
    assert may(doorkeeper, stranger, action, topic) is stranger_may


def test_a_claimed_name_gives_no_rights(doorkeeper: Doorkeeper) -> None:
    """amqtt writes the claimed name into a session that exists before it asks the doorkeeper."""
    stranger = session(None, None)
    assert comes_in(doorkeeper, stranger)
    stranger.username = "device"
    assert not may(doorkeeper, stranger, Action.PUBLISH, "shinline/p/cue")
    assert not may(doorkeeper, session("device", SECRET), Action.PUBLISH, "shinline/p/cue")


def test_the_password_file_holds_a_salted_key_and_not_the_password() -> None:
    line = mosquitto.password_line("device", new_key(SECRET))
    assert SECRET not in line
    name, scheme, rounds, salt, key = (
        line.strip().replace(":", "$", 1).replace("$$", "$").split("$")
    )
    assert (name, scheme) == ("device", "7")
    expected = hashlib.pbkdf2_hmac("sha512", SECRET.encode(), base64.b64decode(salt), int(rounds))
    assert base64.b64decode(key) == expected
    assert line != mosquitto.password_line("device", new_key(SECRET))


def test_a_key_opens_for_its_own_password_and_for_nothing_else() -> None:
    key = new_key(SECRET)
    assert matches(key, SECRET)
    for wrong in ("", SECRET[:-1], SECRET + "x", key):
        assert not matches(key, wrong)
    for broken in ("", "$7$", "$7$x$AA==$AA==", "$6" + key[2:], "$7$101$###$AA=="):
        assert not matches(broken, SECRET)


def test_a_file_left_by_somebody_else_does_not_stay_readable(tmp_path: Path) -> None:
    left_behind = tmp_path / "mosquitto.passwords"
    left_behind.write_text("old")
    left_behind.chmod(0o644)
    mosquitto.write_files(tmp_path, Ports(1883, 9001), "device", SECRET)
    assert left_behind.stat().st_mode & 0o077 == 0
