"""The phones of a running device: the broker learns who came and who went, from any process."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from shinline.app import phones as running
from shinline.app.access import AccessBook
from shinline.app.phones import Phones
from shinline.wire.accounts import Account
from shinline.wire.ports import BrokerError

PATIENCE_S = 10.0


class Told:
    """A broker that writes down what it is told."""

    def __init__(self) -> None:
        self.lists: list[list[str]] = []
        self.is_away = False
        self._news = threading.Condition()

    def __call__(self, accounts: Sequence[Account]) -> None:
        if self.is_away:
            raise BrokerError("it is away")
        with self._news:
            self.lists.append([account.username for account in accounts])
            self._news.notify_all()

    def wait_for(self, usernames: list[str]) -> None:
        with self._news:
            found = self._news.wait_for(
                lambda: bool(self.lists) and self.lists[-1] == usernames, PATIENCE_S
            )
        assert found, self.lists


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AccessBook:
    monkeypatch.setattr(running, "LOOK_EVERY_S", 0.01)
    return AccessBook(tmp_path / "access.json")


@pytest.fixture
def warned() -> list[str]:
    return []


@pytest.fixture
def phones(book: AccessBook, warned: list[str]) -> Iterator[Phones]:
    phones = Phones(book, warned.append)
    yield phones
    phones.close()


def test_who_was_paired_before_the_start_may_log_in_from_the_start(
    book: AccessBook, phones: Phones
) -> None:
    found = book.add("one")
    assert [account.username for account in phones.accounts()] == [found.username]


def test_the_broker_knows_a_phone_when_its_pairing_is_answered(phones: Phones) -> None:
    told = Told()
    phones.accounts()
    phones.follow(told)
    found = phones.pair(phones.code(), "one")
    assert found is not None
    assert told.lists == [[found.username]]
    assert phones.pair("0000-0000-0000", "two") is None


def test_what_another_process_changes_reaches_the_broker(book: AccessBook, phones: Phones) -> None:
    told = Told()
    phones.accounts()
    phones.follow(told)
    other = AccessBook(book.path)
    found = other.add("one")
    told.wait_for([found.username])
    other.revoke("one")
    told.wait_for([])
    assert not phones.knows(found.username, found.password)


def test_a_broker_that_was_away_is_told_later(book: AccessBook, phones: Phones) -> None:
    told = Told()
    told.is_away = True
    phones.accounts()
    phones.follow(told)
    found = phones.pair(phones.code(), "one")
    assert found is not None
    told.is_away = False
    told.wait_for([found.username])


def test_a_broken_file_throws_nobody_out_and_is_told_once(
    book: AccessBook, phones: Phones, warned: list[str]
) -> None:
    found = book.add("one")
    whole = book.path.read_bytes()
    told = Told()
    phones.accounts()
    phones.follow(told)
    book.path.write_text("{")
    with pytest.raises(OSError, match="damaged"):
        phones.pair("0000-0000-0000", "two")
    assert phones.code() == ""
    assert not phones.knows(found.username, found.password)
    assert len(warned) == 1
    assert "access.json: is damaged" in warned[0]
    book.path.write_bytes(whole)
    second = AccessBook(book.path).add("two")
    told.wait_for([found.username, second.username])


def test_a_device_with_a_broken_file_starts_and_knows_nobody(
    book: AccessBook, phones: Phones, warned: list[str]
) -> None:
    book.path.write_text("{")
    assert list(phones.accounts()) == []
    assert len(warned) == 1
