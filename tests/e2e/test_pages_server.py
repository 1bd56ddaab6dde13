"""The pages' server: routes, headers, errors, ports, and the third-party files as recorded."""

import base64
import hashlib
import json
import re
import socket
import tomllib
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from pages_access import BOOK, credential
from pages_data import MemoryCatalogue, session

from shinline.app.words import with_words
from shinline.config import Coach, Config
from shinline.journal.errors import JournalError
from shinline.web import server as web_server
from shinline.web.headers import content_security_policy
from shinline.web.server import PortInUse, Server, create_app, serve
from shinline.web.state import WebState

STATIC = Path(web_server.__file__).parent / "static"
VENDOR = STATIC / "vendor"
OUR_FILES = sorted(
    path
    for path in STATIC.rglob("*")
    if path.suffix in {".html", ".css", ".js"} and VENDOR not in path.parents
)


class BrokenCatalogue(MemoryCatalogue):
    """A journal on a dying disk, with a NaN where a number should be."""

    def sessions(self) -> list[dict[str, Any]]:
        raise JournalError("journal.sqlite3 is damaged")

    def path(self, rep_id: str) -> dict[str, list[float]]:
        return {"t_s": [0.0], "x_m": [float("nan")], "y_m": [0.0], "vy_mps": [0.0]}


def state(catalogue: MemoryCatalogue, ws_port: int | None) -> WebState:
    return WebState("bay1", ws_port, "1.2.3", catalogue, access=BOOK)


def start(catalogue: MemoryCatalogue, ws_port: int | None = 9001) -> Server:
    return serve(create_app(state(catalogue, ws_port)), "127.0.0.1", 0)


@pytest.fixture
def server() -> Iterator[Server]:
    with start(MemoryCatalogue(session())) as running:
        yield running


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


PAIRED = {"Authorization": basic(credential().username, credential().password)}


def get(server: Server, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path, headers={**PAIRED, **headers})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def get_json(server: Server, path: str) -> tuple[int, Any]:
    response, body = get(server, path)
    return response.status, json.loads(body)


@pytest.mark.parametrize(
    "path", ["/", "/learn", "/mount", "/review", "/review/any", "/static/js/cue-page.js"]
)
def test_every_page_forbids_everything_but_its_own_host(server: Server, path: str) -> None:
    response, _ = get(server, path, Host="platform1.local:8080")
    policy = response.headers["Content-Security-Policy"]
    assert response.status == 200
    assert "default-src 'none'" in policy
    assert "connect-src 'self' ws://platform1.local:9001;" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_scripts_have_a_type_that_nosniff_lets_run(server: Server) -> None:
    response, _ = get(server, "/static/js/cue-page.js")
    assert response.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(
    ("host", "broker"),
    [
        ("192.168.0.7:8080", "'self' ws://192.168.0.7:9001;"),
        ("[fe80::1]:8080", "'self' ws:;"),
        ("evil; script-src *", "'self';"),
        ("", "'self';"),
    ],
)
def test_the_host_header_cannot_rewrite_the_policy(host: str, broker: str) -> None:
    policy = content_security_policy(host, 9001)
    assert f"connect-src {broker}" in policy
    assert policy.count("script-src") == 1


def test_the_api_says_what_the_page_must_connect_to(server: Server) -> None:
    status, told = get_json(server, "/api/info")
    assert re.fullmatch(r"shinline-1\.2\.3-[0-9a-f]{8}", told.pop("pages"))
    info = {"platform": "bay1", "ws_port": 9001, "version": "1.2.3", "mqtt": None}
    assert (status, told) == (200, info)


def test_the_words_are_those_of_the_lifters_language() -> None:
    words = with_words(Config(coach=Coach(language="de"))).words
    page = WebState("bay1", 9001, "1.2.3", MemoryCatalogue(), words, access=BOOK)
    with serve(create_app(page), "127.0.0.1", 0) as server:
        status, told = get_json(server, "/words.json")
    assert (status, told["language"]) == (200, "de")
    assert told["said"]["steps.grab.title"] == "Greif die Stange"


def test_sessions_sets_reps_and_paths_come_from_the_catalogue(server: Server) -> None:
    _, listed = get_json(server, "/api/sessions")
    _, found = get_json(server, f"/api/sessions/{listed[0]['id']}")
    rep = found["sets"][0]["reps"][0]
    _, path = get_json(server, f"/api/paths/{rep['id']}")
    assert found == session()
    assert len(path["t_s"]) == len(path["y_m"]) > 100


def test_lifters_sets_and_the_set_of_a_repetition_come_from_the_catalogue(server: Server) -> None:
    _, lifters = get_json(server, "/api/lifters")
    _, sets = get_json(server, "/api/sets")
    _, found = get_json(server, "/api/set-of/sample-1-4")
    assert [one["lifter"] for one in lifters] == ["Anna"]
    assert [(one["reps"], one["tonnage_kg"]) for one in sets] == [(5, 712.5), (3, 390)]
    assert [rep["rep"] for rep in found["reps"]] == [1, 2, 3, 4, 5]
    assert get_json(server, "/api/set-of/nobody") == (200, {"reps": [], "labels": {}})


@pytest.mark.parametrize("path", ["/api/sessions/nobody", "/api/paths/nothing%2Fhere"])
def test_an_unknown_id_is_a_404_that_names_it(server: Server, path: str) -> None:
    status, answer = get_json(server, path)
    assert status == 404
    assert re.search("nobody|nothing/here", answer["error"])


def test_a_journal_that_cannot_be_read_is_a_503_with_its_own_words() -> None:
    with start(BrokenCatalogue()) as server:
        assert get_json(server, "/api/sessions") == (503, {"error": "journal.sqlite3 is damaged"})


def test_a_nan_leaves_as_null_and_not_as_broken_json() -> None:
    with start(BrokenCatalogue()) as server:
        assert get_json(server, "/api/paths/any")[1]["x_m"] == [None]


def test_files_outside_the_static_folder_stay_private(server: Server) -> None:
    response, _ = get(server, "/static/..%2fserver.py")
    assert response.status == 404


@pytest.mark.parametrize("path", ["/", "/learn", "/mount"])
def test_without_a_broker_the_live_pages_lead_to_the_review(path: str) -> None:
    with start(MemoryCatalogue(), ws_port=None) as server:
        response, _ = get(server, path)
        assert (response.status, response.headers["Location"]) == (307, "/review")


def test_health_is_one_word(server: Server) -> None:
    assert get(server, "/healthz")[1] == b"ok"


def test_a_taken_port_is_named_and_a_free_one_offered(server: Server) -> None:
    app = create_app(state(MemoryCatalogue(), None))
    with pytest.raises(PortInUse) as caught:
        serve(app, "127.0.0.1", server.port)
    assert str(server.port) in str(caught.value)
    assert str(caught.value.offer) in str(caught.value)
    with serve(app, "127.0.0.1", caught.value.offer) as second:
        assert get(second, "/healthz")[1] == b"ok"


def test_closing_frees_the_port_and_may_be_done_twice() -> None:
    server = start(MemoryCatalogue())
    get(server, "/healthz")
    server.close()
    server.close()
    with socket.create_server(("127.0.0.1", server.port)):
        pass


def test_an_address_of_another_machine_is_an_os_error() -> None:
    app = create_app(state(MemoryCatalogue(), None))
    with pytest.raises(OSError, match="assign"):
        serve(app, "192.0.2.1", 0)


def test_the_third_party_files_are_those_on_record() -> None:
    record = tomllib.loads((VENDOR / "VENDORED.toml").read_text())
    files = [file for library in record["library"] for file in library["files"]]
    found = {
        file["path"]: hashlib.sha256((VENDOR / file["path"]).read_bytes()).hexdigest()
        for file in files
    }
    assert found == {file["path"]: file["sha256"] for file in files}


def test_every_third_party_file_is_on_record() -> None:
    record = tomllib.loads((VENDOR / "VENDORED.toml").read_text())["library"]
    known = {file["path"] for library in record for file in library["files"]}
    known |= {library["bundled_licenses"] for library in record if "bundled_licenses" in library}
    on_disk = {str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*") if p.is_file()}
    assert on_disk == known | {"VENDORED.toml"}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb after WCAG 2.2."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


TONES = ("good", "info", "warn", "fault", "stop", "unknown")


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("text", "muted") for ground in ("ground", "panel", "raised")),
        *((tone, ground) for tone in TONES for ground in ("ground", "panel", "raised")),
        *(("on-tone", tone) for tone in TONES),
    ],
)
def test_text_can_be_read_on_its_ground(ink: str, ground: str) -> None:
    """WCAG AA asks for 4.5."""
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", (STATIC / "base.css").read_text()))
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("path", OUR_FILES, ids=lambda path: path.name)
def test_no_page_names_a_stranger_or_carries_inline_code(path: Path) -> None:
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?://|innerHTML|<style| style=| on[a-z]+=\"|<script>", text)
    assert len(text.splitlines()) <= 400
