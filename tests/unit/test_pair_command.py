"""``shinline pair`` and ``shinline tls``: what they print, and what they refuse."""

import json
import re
import stat
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from shinline.app.access import AccessBook
from shinline.app.pair_command import pair
from shinline.app.surroundings import announce, page_address
from shinline.app.tls_command import tls
from shinline.config import Web


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AccessBook:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return AccessBook(tmp_path / "shinline" / "access.json")


def said(command: object, *arguments: str) -> Result:
    result = CliRunner().invoke(command, [*arguments], env={"COLUMNS": "120"})  # type: ignore[arg-type]
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_link_the_code_and_who_is_paired_are_shown(book: AccessBook) -> None:
    book.add("Anna's phone")
    shown = said(pair).output
    assert book.code() in shown
    assert re.search(r"open http://[\d.]+:8080/ ", shown)
    assert re.search(r"Anna's phone +phone-\w+ +\d{4}-\d\d-\d\d +not yet", shown)
    document = json.loads(said(pair, "--json", "--port", "81").output)
    assert document["link"] == f"{document['address']}#pair={book.code()}"
    assert document["address"].endswith(":81/")
    assert [set(phone) for phone in document["phones"]] == [{"name", "username", "created", "seen"}]


def test_a_program_gets_a_credential_that_is_shown_once(book: AccessBook) -> None:
    found = dict(
        re.findall(r"^(user name|password) +(\S+)$", said(pair, "--name", "HA").output, re.M)
    )
    assert book.knows(found["user name"], found["password"])
    assert found["password"] not in said(pair).output
    assert [account.home for account in book.accounts()] == [False]
    assert "homeassistant/#" in said(pair, "--name", "Home", "--home-assistant").output
    assert [account.home for account in book.accounts()] == [False, True]
    other = json.loads(said(pair, "--name", "Node-RED", "--json").output)
    assert book.knows(other["username"], other["password"])
    again = said(pair, "--name", "ha")
    assert (again.exit_code, "is there already" in again.output) == (1, True)


def test_phones_are_listed_and_taken_out(book: AccessBook) -> None:
    assert said(pair, "--list").output == "nobody is paired yet\n"
    for name in ("one", "two", "three"):
        book.add(name)
    assert "one" in said(pair, "--list").output
    assert re.fullmatch(r"taken out: one \(phone-\w+\)\n", said(pair, "--revoke", "one").output)
    gone = said(pair, "--revoke", "one")
    assert (gone.exit_code, gone.output) == (
        1, "shinline: 'one' is not paired; paired: two, three\n",
    )  # fmt: skip
    assert said(pair, "--all").output.count("taken out: ") == 2
    assert said(pair, "--all").output == "nobody was paired\n"


def test_a_new_code_is_shown_and_in_force(book: AccessBook) -> None:
    old = book.code()
    shown = said(pair, "--renew").output
    assert book.code() != old
    assert book.code() in shown
    assert old not in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("--list", "--renew"),
        ("--name", "x", "--all"),
        ("--revoke", "x", "--all"),
        ("--home-assistant",),
    ],
)
def test_two_things_at_once_are_refused(book: AccessBook, arguments: tuple[str, ...]) -> None:
    result = said(pair, *arguments)
    assert (result.exit_code, "expected" in result.output) == (2, True)


def test_a_broken_book_is_told_in_one_line(book: AccessBook) -> None:
    book.code()
    book.path.write_text("{")
    result = said(pair)
    assert result.exit_code == 1
    assert result.output.startswith(f"shinline: {book.path}: is damaged")
    assert result.output.count("\n") == 1


def test_a_wrong_configuration_is_misuse(book: AccessBook, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[access]\npth = ''")
    for command in (pair, tls):
        result = said(command, "--config", str(tmp_path / "c.toml"))
        assert (result.exit_code, "pth" in result.output) == (2, True)


def test_the_sheet_says_how_and_its_square_leads_to_the_device(
    book: AccessBook, tmp_path: Path
) -> None:
    cv2 = pytest.importorskip("cv2")
    sheet = tmp_path / "sheet.pdf"
    assert "can pair a phone" in said(pair, "--sheet", str(sheet)).output
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600  # whoever sees it can pair a phone
    document = pypdfium2.PdfDocument(sheet)
    (page,) = list(document)
    text = page.get_textpage()
    words = text.get_text_bounded()
    picture = page.render(scale=3).to_numpy()
    for held in (text, page, document):
        held.close()
    link = json.loads(said(pair, "--json").output)["link"]
    assert book.code() in words
    assert link.split("#")[0] in words
    assert "shinline pair --renew" in words
    found, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert found == link
    nowhere = said(pair, "--sheet", str(tmp_path / "no" / "sheet.pdf"))
    assert (nowhere.exit_code, nowhere.output.startswith("shinline: ")) == (1, True)


def test_the_page_of_a_screen_is_private_and_written_anew_it_takes_the_old_one_out(
    book: AccessBook, tmp_path: Path
) -> None:
    page = tmp_path / "screen.html"
    assert "is let in" in said(pair, "--screen", str(page)).output
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    first, (before,) = page.read_text(), book.phones()
    piped = said(pair, "--screen", "-", "--sound", "--port", "9090").output
    (now,) = book.phones()
    assert (now.name, now.username != before.username) == ("screen", True)
    assert f"http://127.0.0.1:8080/?screen=1#login={before.username}:" in first
    assert f"http://127.0.0.1:9090/?screen=1&sound=1#login={now.username}:" in piped
    assert said(pair, "--sound").exit_code == 2
    assert said(pair, "--screen", "-", "--renew").exit_code == 2


# --- on the console -------------------------------------------------------------------------------


@pytest.mark.parametrize("is_terminal", [True, False])
def test_the_code_is_printed_on_a_terminal_and_in_no_log(tmp_path: Path, is_terminal: bool) -> None:
    code = "1K0M-2XDP-9RVT"
    with (tmp_path / "said.txt").open("w") as file:
        console = Console(file=file, force_terminal=is_terminal, color_system=None, width=100)
        announce(console, "http://192.168.0.7:8080/", code)
    text = (tmp_path / "said.txt").read_text()
    assert "http://192.168.0.7:8080/" in text
    assert (code in text) is is_terminal
    assert ("shinline pair" in text) is not is_terminal
    assert ("█" in text) is is_terminal


def test_the_address_is_the_one_that_is_listened_on() -> None:
    assert page_address(Web(bind="127.0.0.1"), 80, False, "review") == "http://127.0.0.1:80/review"
    assert page_address(Web(bind="fd00::2"), 8443, True) == "https://[fd00::2]:8443/"
    assert re.fullmatch(r"http://\d+\.\d+\.\d+\.\d+:8080/", page_address(Web(), 8080, False))


# --- tls ------------------------------------------------------------------------------------------


def test_certificates_are_made_renewed_and_removed(book: AccessBook) -> None:
    made = said(tls, "--name", "gym.example.org").output
    assert made.startswith(f"made: {book.path.parent / 'tls'}\n")
    assert "gym.example.org" in made
    prints = re.findall(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", made)
    assert len(prints) == 1
    assert "https://" in said(pair).output
    again = said(tls).output
    assert again.startswith("renewed: ")
    assert prints[0] in again
    assert "removed" in said(tls, "--remove").output
    assert "nothing to remove" in said(tls, "--remove").output
    assert "http://" in said(pair).output


@pytest.mark.parametrize("name", ["", "http://x", "a b", "x\n", 'x"', "*.local", "Ünï"])
def test_what_is_no_host_name_is_refused(book: AccessBook, name: str) -> None:
    result = said(tls, "--name", name)
    assert (result.exit_code, "expected a host name" in result.output) == (2, True)
    assert said(tls, "--remove", "--name", "x").exit_code == 2


def test_certificates_that_are_switched_off_are_said_to_be(
    book: AccessBook, tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text("[tls]\nmode = 'off'")
    arguments = ("--config", str(tmp_path / "c.toml"))
    assert said(tls, *arguments).output.startswith("not used: ")
    assert "http://" in said(pair, *arguments).output
