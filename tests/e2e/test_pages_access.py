"""Who may read, over HTTP: without a credential nothing that was measured is given out."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any

import pytest
from pages_data import MemoryCatalogue, session
from test_pages_server import basic

from shinline.app.access import AccessBook
from shinline.web.pairing import LARGEST_BYTES
from shinline.web.server import Server, create_app, serve
from shinline.web.state import PhoneBroker, WebState

PRIVATE = ("/api/info", "/api/sessions", "/api/weeks", "/api/paths/x", "/api/sessions/x", "/api/no")
JSON = {"Content_Type": "application/json"}


@pytest.fixture
def book(tmp_path: Path) -> AccessBook:
    return AccessBook(tmp_path / "access.json")


@pytest.fixture
def server(book: AccessBook) -> Iterator[Server]:
    state = WebState("bay1", 9001, "1.2.3", MemoryCatalogue(session()), access=book)
    with serve(create_app(state), "127.0.0.1", 0) as running:
        yield running


def ask(
    server: Server, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, HTTPMessage, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def pair(server: Server, wish: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    body = wish if isinstance(wish, bytes) else json.dumps(wish).encode()
    status, _, answer = ask(server, "POST", "/api/pair", body, **{**JSON, **headers})
    return status, json.loads(answer)


def test_without_a_credential_nothing_measured_is_given_out(
    server: Server, book: AccessBook
) -> None:
    found = book.add("one")
    wrong = [
        {},
        {"Authorization": basic(found.username, "guess")},
        {"Authorization": basic("one", found.password)},
        {"Authorization": f"Bearer {found.password}"},
    ]
    for path in PRIVATE:
        for headers in wrong:
            status, told, answer = ask(server, "GET", path, **headers)
            assert (status, json.loads(answer)["code"]) == (401, "not_paired")
            assert not told["WWW-Authenticate"].startswith("Basic")  # it would open a window
            assert b"Anna" not in answer
    right = basic(found.username, found.password)
    status, _, answer = ask(server, "GET", "/api/sessions", Authorization=right)
    assert status == 200
    assert b"Anna" in answer


def test_what_pairing_needs_is_open_to_everybody(server: Server) -> None:
    for path in ("/", "/learn", "/mount", "/review", "/words.json", "/healthz", "/static/pair.css"):
        assert ask(server, "GET", path)[0] == 200, path


def test_a_code_gives_a_credential_once_and_it_is_in_no_cache(
    server: Server, book: AccessBook
) -> None:
    body = json.dumps({"code": book.code(), "name": "Anna's"}).encode()
    status, headers, answer = ask(server, "POST", "/api/pair", body, **JSON)
    found = json.loads(answer)
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert set(found) == {"username", "password"}
    right = basic(found["username"], found["password"])
    assert ask(server, "GET", "/api/info", Authorization=right)[0] == 200
    book.revoke("Anna's")
    assert ask(server, "GET", "/api/info", Authorization=right)[0] == 401


def test_wrong_codes_are_refused_and_soon_made_to_wait(server: Server, book: AccessBook) -> None:
    answers = [pair(server, {"code": "0000-0000-0000"}) for _ in range(3)]
    assert [(status, told["code"]) for status, told in answers] == [
        (403, "wrong_code"),
        (403, "wrong_code"),
        (429, "wait"),
    ]
    assert "wait 1 s" in answers[2][1]["error"]
    assert pair(server, {"code": book.code()})[0] == 429  # even the right one: it might be a guess
    assert book.phones() == ()


@pytest.mark.parametrize(
    "wish",
    [
        b"",
        b"{",
        b"[]",
        b'{"code": 7}',
        b'{"name": "Eve"}',
        b'{"code": "x", "is_admin": true}',
        b'{"code": "' + b"0" * 65 + b'"}',
        b'{"code": "x", "name": "' + b"0" * 201 + b'"}',
        b'{"code": "\xff"}',
        b'{"code": NaN}',
        b'{"code": "\\ud800"}',
        b"[" * 500,
    ],
)
def test_a_malformed_wish_is_told_what_was_expected(
    server: Server, book: AccessBook, wish: bytes
) -> None:
    status, told = pair(server, wish)
    assert (status, told["code"]) == (400, "bad_request")
    assert "expected" in told["error"]


def test_a_large_body_another_type_and_another_method_are_refused(
    server: Server, book: AccessBook
) -> None:
    code = book.code()
    assert pair(server, b" " * (LARGEST_BYTES + 1))[0] == 413
    assert pair(server, {"code": code}, Content_Type="text/plain")[0] == 415
    assert ask(server, "GET", "/api/pair")[0] == 405
    assert book.phones() == ()


def test_a_book_that_cannot_be_used_is_told_without_its_secrets(
    server: Server, book: AccessBook
) -> None:
    code = book.code()
    book.path.write_text("{")
    status, told = pair(server, {"code": code})
    assert (status, told["code"]) == (503, "cannot_pair")
    assert str(book.path) not in told["error"]


def test_a_strangers_name_for_this_machine_gets_nothing(server: Server, book: AccessBook) -> None:
    found = book.add("one")
    right = basic(found.username, found.password)
    for path in ("/", "/api/info", "/static/js/dom.js", "/healthz"):
        status, _, answer = ask(server, "GET", path, Host="evil.example.org", Authorization=right)
        assert (status, b"[web] names" in answer) == (421, True)
    body = json.dumps({"code": book.code()}).encode()
    headers = {**JSON, "Host": "evil.example.org"}
    assert ask(server, "POST", "/api/pair", body, **headers)[0] == 421


def test_no_other_site_is_told_that_it_may_read(server: Server) -> None:
    headers = {"Origin": "http://evil.example.org", "Access_Control_Request_Method": "POST"}
    for method in ("GET", "OPTIONS"):
        _, told, _ = ask(server, method, "/api/pair", **headers)
        assert [name for name in told if name.lower().startswith("access-control")] == []


def test_with_another_broker_paired_phones_are_told_where_it_is(book: AccessBook) -> None:
    there = PhoneBroker("wss://broker.example.org:8884/mqtt", "phones", "their secret")
    state = WebState("bay1", 9001, "1", MemoryCatalogue(), access=book, broker=there)
    found = book.add("one")
    right = basic(found.username, found.password)
    with serve(create_app(state), "127.0.0.1", 0) as server:
        _, headers, _ = ask(server, "GET", "/")
        stranger = ask(server, "GET", "/api/info")
        _, _, answer = ask(server, "GET", "/api/info", Authorization=right)
    assert "connect-src 'self' wss://broker.example.org:8884;" in headers["Content-Security-Policy"]
    assert b"their secret" not in stranger[2]
    assert json.loads(answer)["mqtt"] == {
        "url": "wss://broker.example.org:8884/mqtt",
        "username": "phones",
        "password": "their secret",
    }
    assert "their secret" not in repr(state)
