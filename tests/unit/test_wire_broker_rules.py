"""Who may do what on the Python broker, and what mosquitto is told."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from amqtt.contexts import Action, BaseContext
from amqtt.session import Session
from event_loops import answered

from shinline.wire import amqtt_config, mosquitto, rights
from shinline.wire.accounts import Account, matches, new_key
from shinline.wire.doorkeeper import Doorkeeper
from shinline.wire.ports import Ports

SECRET = "long and random"
SECRET_OF_PHONE = "longer and more random"
EVERYBODY = rights.entries("p", new_key(SECRET), [Account("phone1", new_key(SECRET_OF_PHONE))])


@pytest.fixture
def doorkeeper(tmp_path: Path) -> Doorkeeper:
    context = BaseContext()
    amqtt_config.write_access(tmp_path, EVERYBODY)
    context.config = Doorkeeper.Config(accounts=str(tmp_path / "amqtt.accounts"))
    return Doorkeeper(context)


def session(name: str | None, password: str | None, will_topic: str | None = None) -> Any:
    guest = Session()
    guest.username, guest.password = name, password
    guest.will_flag, guest.will_topic = will_topic is not None, will_topic
    return guest


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
        ("device", SECRET_OF_PHONE, None, False),
        ("device", "", None, False),
        ("device", None, None, False),
        ("phone1", SECRET_OF_PHONE, None, True),
        ("phone1", SECRET, None, False),
        ("phone1", SECRET_OF_PHONE, "shinline/p/cue", False),
        ("phone1", SECRET_OF_PHONE, "shinline/p/request/level", True),
        ("someone", SECRET, None, False),
        ("", "", None, False),
        (None, None, None, False),
        (None, None, "shinline/p/request/level", False),
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
    ("action", "topic", "device_may", "phone_may"),
    [
        (Action.PUBLISH, "shinline/p/cue", True, False),
        (Action.PUBLISH, "homeassistant/device/shinline_p/config", True, False),
        (Action.PUBLISH, "homeassistant/device/shinline_q/config", False, False),
        (Action.PUBLISH, "homeassistant/status", False, False),
        (Action.PUBLISH, "shinline/p/request/level", True, True),
        (Action.PUBLISH, "shinline/p/request/a/b", True, True),
        (Action.PUBLISH, "shinline/p/requests/level", True, False),
        (Action.PUBLISH, "shinline/p/response/level", True, False),
        (Action.PUBLISH, "shinline/request/level", False, False),
        (Action.PUBLISH, "shinline/q/request/level", False, False),
        (Action.PUBLISH, "shinline/p/q/request", True, False),
        (Action.PUBLISH, "homeassistant/p/request/level", False, False),
        (Action.PUBLISH, "elsewhere", False, False),
        (Action.PUBLISH, "shinline/pp/cue", False, False),
        (Action.SUBSCRIBE, "shinline/p/#", True, True),
        (Action.SUBSCRIBE, "shinline/p/+", True, True),
        (Action.SUBSCRIBE, "shinline/#", False, False),
        (Action.SUBSCRIBE, "shinline/+/cue", False, False),
        (Action.SUBSCRIBE, "#", False, False),
        (Action.SUBSCRIBE, "+/p/cue", False, False),
        (Action.SUBSCRIBE, "$SYS/#", False, False),
        (Action.SUBSCRIBE, "homeassistant/#", False, False),
        (Action.SUBSCRIBE, "homeassistant/+/+/config", False, False),
        (Action.SUBSCRIBE, "homeassistant/status", True, False),
        (Action.RECEIVE, "shinline/p/cue", True, True),
        (Action.RECEIVE, "shinline/q/cue", False, False),
        (Action.RECEIVE, "homeassistant/status", True, False),
    ],
)
def test_who_may_do_what(
    doorkeeper: Doorkeeper, action: Action, topic: str, device_may: bool, phone_may: bool
) -> None:
    device, phone = session("device", SECRET), session("phone1", SECRET_OF_PHONE)
    assert comes_in(doorkeeper, device)
    assert comes_in(doorkeeper, phone)
    assert may(doorkeeper, device, action, topic) is device_may
    assert may(doorkeeper, phone, action, topic) is phone_may


def test_a_claimed_name_gives_no_rights(doorkeeper: Doorkeeper) -> None:
    """amqtt writes the claimed name into a session that exists before it asks the doorkeeper."""
    phone = session("phone1", SECRET_OF_PHONE)
    assert comes_in(doorkeeper, phone)
    phone.username = "device"
    assert not may(doorkeeper, phone, Action.PUBLISH, "shinline/p/cue")
    assert not may(doorkeeper, session("device", SECRET), Action.PUBLISH, "shinline/p/cue")


@pytest.mark.parametrize(
    "phones",
    [
        [Account("device", new_key(SECRET))],
        [Account("a", new_key(SECRET)), Account("a", new_key(SECRET))],
        [Account("", new_key(SECRET))],
        [Account("a b", new_key(SECRET))],
        [Account("a\ntopic readwrite #", new_key(SECRET))],
        [Account("a", "x\ndevice:" + new_key(SECRET))],
        [Account("a:b", new_key(SECRET))],
    ],
)
def test_an_account_that_would_write_rules_of_its_own_is_refused(phones: list[Account]) -> None:
    with pytest.raises(ValueError, match="account") as raised:
        rights.entries("p", new_key(SECRET), phones)
    assert new_key(SECRET)[:6] not in str(raised.value)


def test_a_home_assistant_may_find_the_device_and_say_that_it_has_started() -> None:
    accounts = [Account("phone1", new_key(SECRET)), Account("ha", new_key(SECRET), home=True)]
    _, phone, home = rights.entries("p", new_key(SECRET), accounts, "ha2")
    assert set(home.rights.reads) - set(phone.rights.reads) == {"ha2/#"}
    assert set(home.rights.writes) - set(phone.rights.writes) == {"ha2/status"}


def test_mosquitto_is_told_the_same_table(tmp_path: Path) -> None:
    mosquitto.write_access(tmp_path, EVERYBODY)
    expected = """\
user device
topic read shinline/p/#
topic read homeassistant/status
topic write shinline/p/#
topic write homeassistant/device/shinline_p/config

user phone1
topic read shinline/p/#
topic write shinline/p/request/#
"""
    assert (tmp_path / "mosquitto.acl").read_text() == expected


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
    mosquitto.write_files(tmp_path, Ports(1883, 9001), EVERYBODY)
    assert left_behind.stat().st_mode & 0o077 == 0
