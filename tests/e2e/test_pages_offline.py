"""What a phone keeps of its device's pages, and how it meets an updated device."""

import asyncio
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import pytest
from browser import DEADLINE_S, PHONE, new_context, until
from pages_access import BOOK
from pages_broker import PLATFORM, Device, Mosquitto
from pages_data import LANGUAGES, WORDS, MemoryCatalogue, session
from pages_live import LIVE
from playwright.sync_api import Browser, Page, expect
from starlette.types import ASGIApp, Receive, Scope, Send

from shinline.config import Words
from shinline.web import server as web_server
from shinline.web.headers import content_security_policy
from shinline.web.offline import service_worker
from shinline.web.server import Server, create_app, serve
from shinline.web.state import WebState

SLOW_S = 3.0

STATIC = Path(web_server.__file__).parent / "static"

STORES = """async () => {
  const names = await caches.keys();
  const store = await caches.open(names[0] ?? "none");
  return [names, (await store.keys()).map(({ url }) => new URL(url).pathname)];
}"""


def stored(page: Page, version: str) -> list[str]:
    """Wait until the pages of a version are kept, and nothing else; return what is."""
    until(
        page, f"caches.keys().then((n) => n.length === 1 && n[0].startsWith('shinline-{version}-'))"
    )
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    names, paths = page.evaluate(STORES)
    assert len(names) == 1
    return list(paths)


class Watched:
    """A device's pages: what was asked of them, and whatever is to be slow."""

    def __init__(self, app: ASGIApp, slow: str) -> None:
        self._app, self._slow = app, slow
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the pages do, but what begins with ``slow`` later than a phone waits."""
        if scope["type"] == "http":
            self.asked.append(scope["path"])
            if self._slow and scope["path"].startswith(self._slow):
                await asyncio.sleep(SLOW_S)
        await self._app(scope, receive, send)


def pages(mosquitto: Mosquitto, version: str, slow: str = "", words: Words = WORDS) -> Watched:
    told = WebState(
        PLATFORM,
        mosquitto.ws_port,
        version,
        MemoryCatalogue(session()),
        words,
        languages=LANGUAGES,
        access=BOOK,
    )
    return Watched(create_app(told), slow)


def serving(mosquitto: Mosquitto, version: str, port: int = 0) -> Server:
    return serve(pages(mosquitto, version), "127.0.0.1", port)  # type: ignore[arg-type]


@pytest.fixture
def kept(chromium: Browser, mosquitto: Mosquitto, device: Device) -> Iterator[tuple[Page, int]]:
    """A phone that keeps the pages of 1.0.0, which are gone, and the port where they were."""
    context = new_context(chromium, PHONE, offline=True)
    page = context.new_page()
    with serving(mosquitto, "1.0.0") as server:
        page.goto(f"http://127.0.0.1:{server.port}/")
        expect(page.locator("#link")).to_have_text(LIVE)
        stored(page, "1.0.0")
        until(page, "navigator.serviceWorker.controller !== null")
    yield page, server.port
    context.close()


def listen(listener: socket.socket, asked: list[str]) -> None:
    """Take what phones ask for and answer nothing, as a device whose network hangs."""
    with ExitStack() as heard:  # kept open until all is over: a closed line would be an answer
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            heard.enter_context(line)
            asked.append(line.recv(4096).split(b" ", 2)[1].decode())


@pytest.mark.browser
def test_a_device_that_never_answers_is_waited_for_once_and_not_for_every_file(
    kept: tuple[Page, int],
) -> None:
    page, port = kept
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", port)) as listener:
        ear = threading.Thread(target=listen, args=(listener, asked), daemon=True)
        ear.start()
        page.goto(f"http://127.0.0.1:{port}/learn")
        expect(page.locator("#title")).to_have_text("Bend down")
        listener.shutdown(socket.SHUT_RDWR)
        ear.join()
    assert "/learn" in asked
    assert [path for path in asked if path.startswith(("/static/", "/words"))] == []


@pytest.mark.browser
def test_a_page_that_was_kept_needs_nothing_more_than_its_device_to_say_so(
    kept: tuple[Page, int], mosquitto: Mosquitto
) -> None:
    page, port = kept
    watched = pages(mosquitto, "1.0.0")
    with serve(watched, "127.0.0.1", port):  # type: ignore[arg-type]
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("#link")).to_have_text(LIVE)
    assert [path for path in watched.asked if not path.startswith("/api/")] in (
        ["/"],
        ["/", "/sw.js"],
    )


@pytest.mark.browser
def test_files_of_two_releases_never_meet(kept: tuple[Page, int], mosquitto: Mosquitto) -> None:
    """The words of the new release are slower than a phone waits; its page has no others."""
    page, port = kept
    words = msgspec.structs.replace(WORDS, said={**WORDS.said, "phases.ready": "Off you go"})
    newer = pages(mosquitto, "2.0.0", "/words", words)
    with serve(newer, "127.0.0.1", port):  # type: ignore[arg-type]
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("#link")).to_have_text(LIVE)
        expect(page.locator("#phase")).to_have_text("Off you go", timeout=4000 * SLOW_S)
    assert "/static/js/cue-page.js" in newer.asked


@pytest.mark.browser
def test_a_page_opened_before_its_device_is_there_meets_one_that_was_updated(
    kept: tuple[Page, int], mosquitto: Mosquitto
) -> None:
    page, port = kept
    page.goto(f"http://127.0.0.1:{port}/")
    expect(page.locator("#link")).to_have_text("No connection")
    newer = pages(mosquitto, "2.0.0")
    with serve(newer, "127.0.0.1", port):  # type: ignore[arg-type]
        expect(page.locator("#link")).to_have_text(LIVE, timeout=1000 * DEADLINE_S)
        until(page, "performance.getEntriesByType('navigation')[0].type === 'reload'")
        expect(page.locator("#link")).to_have_text(LIVE)
        stored(page, "2.0.0")


@pytest.mark.browser
def test_a_page_opens_without_its_device_and_an_updated_device_is_met_as_it_is(
    chromium: Browser, mosquitto: Mosquitto, device: Device
) -> None:
    context = new_context(chromium, PHONE, offline=True)
    page = context.new_page()
    with serving(mosquitto, "1.0.0") as server:
        port = server.port
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("#link")).to_have_text(LIVE)
        kept = stored(page, "1.0.0")
        until(page, "navigator.serviceWorker.controller !== null")
    assert {"/", "/learn", "/words/de.json", "/static/js/cue-page.js"} <= set(kept)
    assert not [path for path in kept if path.startswith("/api")]
    page.goto(f"http://127.0.0.1:{port}/")
    expect(page.locator("#link")).to_have_text("No connection")
    asked = "fetch('/api/sessions').then(() => 'answered', () => 'refused')"
    assert page.evaluate(asked) == "refused"  # what was measured is never kept
    page.goto(f"http://127.0.0.1:{port}/learn")
    expect(page.locator("#title")).to_have_text("Bend down")
    with serving(mosquitto, "2.0.0", port):
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("#link")).to_have_text(LIVE)
        stored(page, "2.0.0")
    context.close()


def test_every_icon_of_the_manifest_is_there_in_its_size() -> None:
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text())
    assert {"id", "lang", "start_url", "shortcuts"} <= set(manifest)
    sizes = set()
    for icon in manifest["icons"]:
        file = STATIC / icon["src"].removeprefix("/static/")
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", file.read_bytes()[16:24])
            assert icon["sizes"] == f"{width}x{height}"
            sizes.add((width, icon.get("purpose", "any")))
    assert sizes == {(192, "any"), (512, "any"), (512, "maskable")}


def get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_phone_may_choose_among_the_languages_that_there_are() -> None:
    told = WebState(PLATFORM, 9001, "1", MemoryCatalogue(), WORDS, languages=LANGUAGES, access=BOOK)
    with serve(create_app(told), "127.0.0.1", 0) as server:
        status, words = get(server.port, "/words/es.json")
        assert (status, json.loads(words)["language"]) == (200, "es")
        status, error = get(server.port, "/words/xx.json")
        assert (status, json.loads(error)["error"]) == (
            404,
            "no words in 'xx'; there are: de, en, es",
        )


def test_the_worker_is_another_after_every_change_and_only_then(tmp_path: Path) -> None:
    (tmp_path / "sw.js").write_text("// the rest")
    page = tmp_path / "cue.html"
    page.write_text("one")
    (tmp_path / "cue.js").write_text("")
    (tmp_path / "LICENSE").write_text("")
    name, first = service_worker(tmp_path, "1.0.0", ["/"], b"words")
    assert (name, first) == service_worker(tmp_path, "1.0.0", ["/"], b"words")
    assert f'NAME = "{name}"' in first
    others = [
        service_worker(tmp_path, "1.0.1", ["/"], b"words")[1],
        service_worker(tmp_path, "1.0.0", ["/"], b"other words")[1],
    ]
    page.write_text("two")
    others.append(service_worker(tmp_path, "1.0.0", ["/"], b"words")[1])
    assert len({first, *others}) == 4
    kept = re.search(r"KEPT = (\[.*?\]);", first, re.DOTALL)
    assert kept is not None
    assert json.loads(kept[1]) == ["/", "/static/cue.js"]


def test_where_nothing_is_measured_only_the_past_is_kept() -> None:
    """A page that is led elsewhere cannot be answered from a store."""
    told = WebState(PLATFORM, None, "1", MemoryCatalogue(), WORDS, access=BOOK)
    with serve(create_app(told), "127.0.0.1", 0) as server:
        _, script = get(server.port, "/sw.js")
    assert '"/review"' in script
    assert '"/learn"' not in script


def test_the_policy_lets_a_page_register_its_own_worker_and_nothing_else() -> None:
    policy = content_security_policy("bay1.local", 9001)
    assert "worker-src 'self';" in policy
    assert policy.endswith("trusted-types offline")
