"""The doctor finds what is really wrong with a machine, names it, and leaves nothing behind."""

import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from shinline.app import doctor, doctor_program, doctor_wire, machine, openers
from shinline.app.access import AccessBook
from shinline.app.doctor import Check, checks, clock_check
from shinline.app.tls import TlsFolder
from shinline.config import Access, Config, Mqtt, Tls, Web
from shinline.journal.schema import open_for_writing
from shinline.wire.accounts import Account, new_key
from shinline.wire.broker import start_broker

FREE = Config(mqtt=Mqtt(port=0, ws_port=0), web=Web(bind="127.0.0.1", port=0))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture
def pi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which this machine is a Raspberry Pi at 51 degrees; also its only PATH."""
    (tmp_path / "model").write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    (tmp_path / "temp").write_text("51234\n")
    for name, file in (("PI_MODEL", "model"), ("TEMPERATURE", "temp"), ("THROTTLED", "bits")):
        monkeypatch.setattr(machine, name, tmp_path / file)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def found(name: str, journal: Path, config: Config = FREE) -> Check:
    (check,) = [check for check in checks(config, journal) if check.name == name]
    return check


def mqtt(**settings: Any) -> Config:
    return msgspec.structs.replace(FREE, mqtt=msgspec.structs.replace(FREE.mqtt, **settings))


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


# --- all together -----------------------------------------------------------------------------


def test_every_check_has_a_name_of_its_own_and_advice_only_for_what_is_bad(journal: Path) -> None:
    results = checks(FREE, journal)
    assert len({check.name for check in results}) == len(results)
    assert all(check.detail for check in results)
    assert [check.ok for check in results] == [not check.advice for check in results]


def test_looking_changes_nothing(tmp_path: Path, journal: Path) -> None:
    checks(FREE, journal)
    assert list(tmp_path.iterdir()) == []


# --- ports ------------------------------------------------------------------------------------


def test_an_occupied_web_port_is_named_and_another_one_offered(journal: Path, taken: int) -> None:
    config = msgspec.structs.replace(FREE, web=Web(bind="127.0.0.1", port=taken))
    check = found("web port", journal, config)
    assert not check.ok
    assert str(taken) in check.detail
    offered = int(check.advice.partition("web.port to ")[2].partition(",")[0])
    with socket.create_server(("127.0.0.1", offered)):
        assert offered != taken


@pytest.mark.parametrize(
    ("name", "key", "other"),
    [("MQTT port", "port", "WebSocket port"), ("WebSocket port", "ws_port", "MQTT port")],
)
def test_an_occupied_broker_port_is_named_with_its_key_and_the_other_is_not_blamed(
    journal: Path, taken: int, name: str, key: str, other: str
) -> None:
    config = mqtt(**{key: taken})
    check = found(name, journal, config)
    assert not check.ok
    assert f"port {taken} " in check.detail
    assert f"is free: set mqtt.{key} to it" in check.detail
    assert found(other, journal, config).ok


def test_an_address_of_another_machine_is_no_address_to_serve_on(journal: Path) -> None:
    config = msgspec.structs.replace(FREE, web=Web(bind="192.0.2.1", port=0))
    check = found("web port", journal, config)
    assert not check.ok
    assert "192.0.2.1" in check.detail
    assert "web.bind" in check.advice


# --- who may come in --------------------------------------------------------------------------


def inside(folder: Path, **tls: Any) -> Config:
    access = Access(path=str(folder / "access.json"))
    return msgspec.structs.replace(FREE, access=access, tls=Tls(folder=str(folder / "tls"), **tls))


def test_the_phones_are_counted_and_a_book_that_is_broken_or_open_is_bad(
    tmp_path: Path, journal: Path
) -> None:
    config = inside(tmp_path)
    assert found("phones", journal, config).detail.startswith("0 paired")
    book = AccessBook(tmp_path / "access.json")
    book.add("one")
    assert found("phones", journal, config).detail.startswith("1 paired")
    book.path.chmod(0o644)
    assert found("phones", journal, config).advice == f"chmod 600 {book.path}"
    book.path.write_text("{")
    assert "is damaged" in found("phones", journal, config).detail


def test_certificates_that_end_soon_or_are_broken_are_bad_and_none_is_told(
    tmp_path: Path, journal: Path
) -> None:
    config = inside(tmp_path)
    none = found("encryption", journal, config)
    assert (none.ok, "shinline tls" in none.detail) == (True, True)
    folder = TlsFolder(tmp_path / "tls")
    ends = folder.make().ends
    assert str(ends.date()) in found("encryption", journal, config).detail
    assert "switched off" in found("encryption", journal, inside(tmp_path, mode="off")).detail
    folder.make(now=datetime.now(UTC) - timedelta(days=800))
    due = found("encryption", journal, config)
    assert (due.ok, due.advice) == (False, "shinline tls")
    folder.server.write_text("")
    assert "--remove" in found("encryption", journal, config).advice


# --- broker -----------------------------------------------------------------------------------


def test_a_configured_broker_must_let_us_in(journal: Path, tmp_path: Path) -> None:
    account = Account("us", new_key("a secret"))
    with start_broker(FREE.mqtt, "platform1", tmp_path, "auto", [account]) as broker:
        there = {"url": f"mqtt://127.0.0.1:{broker.tcp_port}", "username": "us"}
        good, bad = (mqtt(**there, password=word) for word in ("a secret", "a guess"))
        assert found("broker", journal, good).ok
        assert "not used" in found("MQTT port", journal, good).detail
        check = found("broker", journal, bad)
        assert not check.ok
        assert "refuses: Not authorized" in check.detail
        assert "a guess" not in f"{check}"


def test_a_configured_broker_that_is_away_is_bad(journal: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    check = found("broker", journal, mqtt(host="127.0.0.1", port=port))
    assert not check.ok
    assert f"no broker answers at 127.0.0.1:{port}" in check.detail


def test_something_that_is_no_broker_is_bad(
    journal: Path, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_wire, "ANSWER_S", 0.2)
    check = found("broker", journal, mqtt(host="127.0.0.1", port=taken))
    assert not check.ok
    assert "answers as a broker does" in check.detail


def test_a_broker_that_cannot_be_is_bad(journal: Path) -> None:
    check = found("broker", journal, mqtt(url="http://gym.local"))
    assert not check.ok
    assert "mqtt.url" in check.detail


def test_without_mosquitto_the_python_broker_serves(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shinline.wire.mosquitto.find", lambda: None)
    assert "Python broker" in found("broker", journal).detail
    assert found("broker", journal).ok


def test_mosquitto_is_missed_only_when_it_is_asked_for(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shinline.wire.mosquitto.find", lambda: None)
    check = found("broker", journal, mqtt(broker="mosquitto"))
    assert not check.ok
    assert "apt install mosquitto" in check.advice


def test_neither_broker_is_bad(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shinline.wire.mosquitto.find", lambda: None)
    monkeypatch.setitem(sys.modules, "amqtt.broker", None)
    assert not found("broker", journal).ok


# --- folders ----------------------------------------------------------------------------------


def test_a_journal_below_a_regular_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = found("journal", tmp_path / "file" / "folder" / "journal.sqlite3")
    assert not check.ok
    assert "not a directory" in check.detail
    assert "--journal" in check.advice


def test_a_journal_is_counted(journal: Path) -> None:
    assert "will be made" in found("journal", journal).detail
    open_for_writing(journal).close()
    assert found("journal", journal) == Check("journal", True, f"{journal}, sessions: 0")


def test_what_is_no_journal_is_told_and_left_alone(tmp_path: Path) -> None:
    journal = tmp_path / "other.sqlite3"
    with sqlite3.connect(journal) as connection:
        connection.execute("CREATE TABLE something (else_ TEXT)")
    connection.close()
    before = journal.read_bytes()
    check = found("journal", journal)
    assert not check.ok
    assert str(journal) in check.detail
    assert journal.read_bytes() == before


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    assert not found("journal", tmp_path).ok


def test_little_disk_space_is_told_for_the_disk_of_the_journal(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        free: int

    asked = []

    def usage(path: Path) -> Usage:
        asked.append(path)
        return Usage(999_999_999)

    assert found("disk space", journal).ok == (
        shutil.disk_usage(journal.parent.parent).free >= 1_000_000_000
    )
    monkeypatch.setattr("shutil.disk_usage", usage)
    assert not found("disk space", journal).ok
    assert asked == [journal.parent.parent]


def test_a_cache_for_compiled_code_below_a_regular_file_is_bad(
    tmp_path: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "cache"))
    check = found("compiled code", journal)
    assert not check.ok
    assert str(tmp_path / "file" / "cache") in check.detail


# --- the program ------------------------------------------------------------------------------


def test_the_bundled_recording_is_the_one_that_is_played(journal: Path) -> None:
    assert doctor_program.DEMO.resolve() == openers.DEMO.resolve()
    assert found("bundled recording", journal).ok


def test_a_missing_recording_is_bad(
    tmp_path: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_program, "DEMO", tmp_path / "demo.mp4")
    assert not found("bundled recording", journal).ok
    (tmp_path / "demo.mp4").touch()
    assert not found("bundled recording", journal).ok


def test_video_can_be_decoded_here_and_its_absence_is_told(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "H.264" in found("video decoder", journal).detail
    assert found("video decoder", journal).ok
    monkeypatch.setitem(sys.modules, "av", None)
    assert not found("video decoder", journal).ok


def test_a_source_that_does_not_load_is_named_beside_those_that_do(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = EntryPoints(
        EntryPoint(name, target, openers.GROUP)
        for name, target in {"good": "shinline.config:load", "webcam": "no_such_package:x"}.items()
    )
    monkeypatch.setattr(doctor_program, "entry_points", lambda group: registered)
    check = found("frame sources", journal)
    assert not check.ok
    assert check.detail.startswith("good; webcam does not load: No module named")


def test_no_source_at_all_is_bad(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_program, "entry_points", lambda group: EntryPoints())
    assert not found("frame sources", journal).ok


# --- the machine ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "ok"),
    [
        (datetime(1970, 1, 1, 0, 5, tzinfo=UTC), False),
        (datetime(2024, 12, 31, tzinfo=UTC), False),
        (datetime(2026, 5, 1, tzinfo=UTC), True),
        (datetime(2106, 2, 7, tzinfo=UTC), False),
    ],
)
def test_a_clock_that_was_never_set_is_noticed(now: datetime, ok: bool) -> None:
    assert clock_check(now, is_set=False).ok is ok
    assert ("network" in clock_check(now, is_set=True).detail) is ok


def test_what_is_not_a_raspberry_pi_is_not_measured_as_one(
    tmp_path: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").write_bytes(b"Some other board\0")
    for model in (tmp_path / "missing", tmp_path / "model"):
        monkeypatch.setattr(machine, "PI_MODEL", model)
        assert found("Pi health", journal) == Check("Pi health", True, "not a Raspberry Pi")
        assert found("Pi camera", journal).ok


def test_a_pi_without_picamera2_is_told_the_package(
    pi: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    check = found("Pi camera", journal)
    assert not check.ok
    assert "sudo apt install python3-picamera2" in check.advice
    monkeypatch.setattr(doctor, "find_spec", lambda name: object())
    assert found("Pi camera", journal).ok


@pytest.mark.parametrize(
    ("says", "ok", "detail"),
    [
        ("throttled=0x0", True, "51 °C"),
        ("throttled=0x1", False, "51 °C, under-voltage"),
        ("throttled=0x10000", False, "51 °C, under-voltage since the start"),
        ("throttled=0xe0008", False, "51 °C, at the temperature limit, was limited"),
        ("throttled=0x40000", True, "51 °C, was throttled since the start"),
        ("VCHI initialization failed", True, "51 °C, throttling unknown"),
    ],
)
def test_a_pi_tells_of_heat_and_a_weak_supply(
    pi: Path, journal: Path, says: str, ok: bool, detail: str
) -> None:
    program(pi / "vcgencmd", f'test "$1" = get_throttled && echo "{says}"')
    check = found("Pi health", journal)
    assert check.ok is ok
    assert check.detail.startswith(f"Raspberry Pi 5 Model B Rev 1.0, {detail}")
    assert ("power supply" in check.advice) is ("under-voltage" in detail)


def test_a_vcgencmd_that_fails_is_no_verdict(pi: Path, journal: Path) -> None:
    program(pi / "vcgencmd", "exit 1")
    assert "throttling unknown" in found("Pi health", journal).detail
    (pi / "vcgencmd").unlink()
    assert "there is no vcgencmd" in found("Pi health", journal).detail
    assert found("Pi health", journal).ok


def test_a_hot_pi_is_bad_and_an_unreadable_thermometer_is_no_verdict(
    pi: Path, journal: Path
) -> None:
    (pi / "temp").write_text("80000\n")
    check = found("Pi health", journal)
    assert not check.ok
    assert "80 °C" in check.detail
    assert "fan" in check.advice
    (pi / "temp").unlink()
    assert "temperature unknown" in found("Pi health", journal).detail
