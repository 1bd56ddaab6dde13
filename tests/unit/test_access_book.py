"""The book of who was paired: what it lets in, what it keeps, what it does when it is broken."""

import json
import multiprocessing
import re
import stat
from datetime import date
from pathlib import Path

import pytest

from shinline.app.access import AccessBook, AccessError, default_path
from shinline.app.access import book as books
from shinline.app.access.code import ALPHABET, DIGITS, new_code, same
from shinline.app.access.file import MOST_PHONES
from shinline.wire.accounts import matches


@pytest.fixture
def book(tmp_path: Path) -> AccessBook:
    return AccessBook(tmp_path / "data" / "access.json")


# --- the code -------------------------------------------------------------------------------------


def test_a_code_holds_at_least_50_bits_and_no_letter_that_is_misread() -> None:
    assert len(ALPHABET) ** DIGITS >= 2**50
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", code)


@pytest.mark.parametrize(
    "typed",
    ["1K0M-2XDP-9RVT", "1k0m2xdp9rvt", " lKOm 2xdp 9rvt ", "IKoM--2XDP-9rvT", "LKOM2XDP9RVT"],
)
def test_a_code_may_be_typed_as_it_is_read(typed: str) -> None:
    assert same(typed, "1K0M-2XDP-9RVT")


NO_CODES = [
    "",
    "1K0M-2XDP-9RVS",
    "1K0M-2XDP-9RV",
    "1K0M-2XDP-9RVTT",
    "UK0M-2XDP-9RVT",
    "é" * 12,
    "1K0M-2XDP-9RVT" + " " * 100,
]


@pytest.mark.parametrize("typed", NO_CODES)
def test_what_is_not_the_code_is_none(typed: str) -> None:
    assert not same(typed, "1K0M-2XDP-9RVT")


# --- pairing --------------------------------------------------------------------------------------


def test_a_phone_with_the_code_gets_a_credential_that_lets_it_in(book: AccessBook) -> None:
    found = book.pair(book.code().lower(), "Anna's phone")
    assert found is not None
    assert book.knows(found.username, found.password)
    (account,) = book.accounts()
    assert (account.username, matches(account.key, found.password)) == (found.username, True)


def test_without_the_code_there_is_no_credential(book: AccessBook) -> None:
    code = book.code()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "2")
    assert book.pair(wrong, "Eve") is None
    assert book.phones() == ()
    assert not book.knows("phone-1", "")


def test_a_wrong_password_another_name_and_a_stranger_are_not_known(book: AccessBook) -> None:
    one, two = book.add("one"), book.add("two")
    assert not book.knows(one.username, two.password)
    assert not book.knows(two.username, one.password)
    assert not book.knows(one.username, "")
    assert not book.knows("one", one.password)


def test_the_file_is_private_and_holds_no_password(book: AccessBook) -> None:
    found = book.add("Node-RED")
    assert stat.S_IMODE(book.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(book.path.parent.stat().st_mode) == 0o700
    assert found.password not in book.path.read_text()
    assert found.password not in repr(found)
    assert [each.name for each in book.path.parent.iterdir() if "json." in each.name] == [
        "access.json.lock"
    ]


def test_names_that_are_taken_get_a_number_and_hostile_ones_become_one_short_line(
    book: AccessBook,
) -> None:
    code = book.code()
    for name in ("iPhone", "IPHONE", "", "\x1b[31m<script>\nalert(1)</script>\u202e" + "x" * 99):
        assert book.pair(code, name)
    names = [phone.name for phone in book.phones()]
    assert names[:3] == ["iPhone", "IPHONE 2", "Phone"]
    assert names[3] == "[31m<script> alert(1)</script> " + "x" * 9
    assert len(names[3]) == 40
    with pytest.raises(AccessError, match="is there already"):
        book.add("iphone")
    with pytest.raises(AccessError, match="is empty; expected"):
        book.add(" \t")


def test_a_phone_is_taken_out_by_its_name_or_user_name_and_is_out_at_once(
    book: AccessBook,
) -> None:
    one, two, three = book.add("One"), book.add("two"), book.add("three")
    assert book.knows(one.username, one.password)
    assert book.revoke("one").name == "One"
    assert not book.knows(one.username, one.password)
    assert book.revoke(two.username).name == "two"
    with pytest.raises(AccessError, match="'two' is not paired; paired: three"):
        book.revoke("two")
    assert [phone.name for phone in book.revoke_all()] == ["three"]
    assert not book.knows(three.username, three.password)
    assert book.accounts() == ()


def test_a_new_code_ends_the_old_one_and_keeps_the_phones(book: AccessBook) -> None:
    old, phone = book.code(), book.add("one")
    new = book.renew()
    assert new != old
    assert book.pair(old, "late") is None
    assert book.pair(new, "early") is not None
    assert book.knows(phone.username, phone.password)


def test_there_is_room_for_sixty_four(book: AccessBook) -> None:
    for number in range(MOST_PHONES):
        book.add(f"phone {number}")
    with pytest.raises(AccessError, match=r"64 phones are paired.*--revoke"):
        book.pair(book.code(), "one more")
    book.revoke("phone 3")
    assert book.pair(book.code(), "one more") is not None


def test_the_last_day_is_noted_once_a_day(book: AccessBook) -> None:
    days = [date(2026, 3, 1)]
    watched = AccessBook(book.path, lambda: days[0])
    found = watched.add("one")
    assert watched.phones()[0].seen is None
    assert watched.knows(found.username, found.password)
    assert watched.phones()[0].seen == "2026-03-01"
    before = watched.path.stat().st_mtime_ns
    assert watched.knows(found.username, found.password)
    assert watched.path.stat().st_mtime_ns == before
    days[0] = date(2026, 3, 2)
    assert watched.knows(found.username, found.password)
    assert (watched.phones()[0].created, watched.phones()[0].seen) == ("2026-03-01", "2026-03-02")


def test_a_password_is_derived_once_and_a_revoked_one_not_taken_from_memory(
    book: AccessBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def counted(key: str, password: str) -> bool:
        tried.append(key)
        return matches(key, password)

    monkeypatch.setattr(books, "matches", counted)
    found = book.add("one")
    assert all(book.knows(found.username, found.password) for _ in range(5))
    assert len(tried) == 1
    AccessBook(book.path).revoke("one")  # another process, as far as this one can tell
    assert not book.knows(found.username, found.password)


# --- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"code": "1K0M-2XDP-9RVT", "phones": [], "format": 2}', "format 2"),
        ('{"code": "1K0M", "phones": [], "format": 1}', "the pairing code is none"),
        ('{"code": "1K0M-2XDP-9RVT", "owner": "Eve"}', "is damaged"),
        ('{"code": "1K0M-2XDP-9RVT", "phones": [{"username": "a"}]}', "is damaged"),
        ("\xff\xfe", "is damaged"),
        (" " * 200_000, "larger than"),
    ],
)
def test_a_damaged_file_lets_nobody_in_and_is_left_as_it_is(
    book: AccessBook, text: str, told: str
) -> None:
    found = book.add("one")
    book.path.write_text(text, encoding="latin-1")
    with pytest.raises(AccessError, match=told) as caught:
        book.pair("1K0M-2XDP-9RVT", "Eve")
    assert str(book.path) in str(caught.value)
    for change in (book.code, book.phones, book.renew, book.revoke_all, lambda: book.add("x")):
        with pytest.raises(AccessError):
            change()
    assert not book.knows(found.username, found.password)
    assert book.path.read_text(encoding="latin-1") == text


def test_what_is_told_of_a_damaged_file_holds_nothing_of_it(book: AccessBook) -> None:
    book.add("one")
    contents = json.loads(book.path.read_text())
    contents["phones"][0]["key"] = "topsecret"
    book.path.write_text(json.dumps(contents))
    with pytest.raises(AccessError) as caught:
        book.phones()
    assert "topsecret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_two_phones_of_one_user_name_are_a_damaged_file(book: AccessBook) -> None:
    book.add("one")
    contents = json.loads(book.path.read_text())
    contents["phones"] *= 2
    book.path.write_text(json.dumps(contents))
    with pytest.raises(AccessError, match="is there twice"):
        book.phones()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AccessError, match="Not a directory"):
        AccessBook(tmp_path / "file" / "access.json").code()


def test_a_disk_that_fails_leaves_the_old_file(
    book: AccessBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = book.add("one")
    before = book.path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(AccessError, match="No space left"):
        book.add("two")
    monkeypatch.undo()
    assert book.path.read_bytes() == before
    assert sorted(each.name for each in book.path.parent.iterdir()) == [
        "access.json",
        "access.json.lock",
    ]
    assert book.knows(found.username, found.password)


def _pair_some(path: Path, start: int) -> None:
    for number in range(start, start + 8):
        AccessBook(path).add(f"phone {number}")


def test_what_several_processes_write_at_once_is_all_kept(book: AccessBook) -> None:
    code = book.code()
    spawned = multiprocessing.get_context("fork")
    at_once = [spawned.Process(target=_pair_some, args=(book.path, 8 * n)) for n in range(3)]
    for process in at_once:
        process.start()
    for process in at_once:
        process.join()
    assert sorted(phone.name for phone in book.phones()) == sorted(f"phone {n}" for n in range(24))
    assert book.code() == code


def test_the_file_lies_where_it_is_configured_or_with_the_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert default_path() == Path("/somewhere/shinline/access.json")
    assert default_path("/else/a.json") == Path("/else/a.json")
