"""A headless Chromium for tests, and a watch on everything a page complains about."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pages_access import give_credential
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_INSTALL = (
    "no Chromium on this machine: install it (Debian, Raspberry Pi OS: apt install chromium)"
    " or name one in SHINLINE_CHROMIUM"
)
PHONE = {"width": 390, "height": 844}
PHONE_SIDEWAYS = {"width": 844, "height": 390}
HOME = ("http://127.0.0.1:", "about:")
DEADLINE_S = 10.0
GIVEN_UP = "WebSocket is closed before the connection is established"
"""What Chromium warns of when a page dials anew while it still dialled: it may."""

FORGET = "location.protocol === 'about:' || localStorage.removeItem('shinline.settings')"
DESKTOP = {"width": 1280, "height": 900}


def find_chromium() -> str | None:
    """Return the path of a Chromium, the one in ``SHINLINE_CHROMIUM`` before all others."""
    named = os.environ.get("SHINLINE_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


@dataclass
class Complaints:
    """What a page wrote to its console as warning or error, and what it failed to catch."""

    lines: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    @contextmanager
    def watch(self, page: Page) -> Iterator[None]:
        """Listen to the page for as long as the block lasts."""
        ears: dict[Any, Any] = {
            "console": self._on_console,
            "pageerror": self._on_error,
            "request": self._on_request,
        }
        for event, ear in ears.items():
            page.on(event, ear)
        yield
        for event, ear in ears.items():
            page.remove_listener(event, ear)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and GIVEN_UP not in message.text:
            self.lines.append(f"{message.type}: {message.text}")

    def _on_error(self, error: Error) -> None:
        self.lines.append(f"uncaught: {error}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(HOME):
            self.abroad.append(request.url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Run one browser for all tests; skip them where there is none."""
    executable = find_chromium()
    if executable is None:
        pytest.skip(HOW_TO_INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS])
        yield browser
        browser.close()


def new_context(
    browser: Browser,
    viewport: dict[str, int],
    paired: bool = True,
    offline: bool = False,
    **more: Any,
) -> BrowserContext:
    """Open a fresh profile with a fixed language and time zone, of a phone that is paired.

    Only with ``offline`` may pages keep their files for later: to fetch them all costs more than
    most tests.
    """
    size: Any = viewport
    context = browser.new_context(viewport=size, locale="en-GB", timezone_id="UTC", **more)
    if paired:
        give_credential(context)
    if not offline:
        context.add_init_script("delete Navigator.prototype.serviceWorker")
    return context


def forget(page: Page, site: str) -> None:
    """Let a browser forget all that the pages of a site ever kept, as one that was never there."""
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": site, "storageTypes": "all"})
    session.detach()


def until(page: Page, condition: str) -> None:
    """Wait for a JavaScript expression to be true, also of a page that is just loaded anew."""
    deadline = time.monotonic() + DEADLINE_S
    while not _holds(page, condition):
        assert time.monotonic() < deadline, f"never true: {condition}"
        page.wait_for_timeout(20)


def _holds(page: Page, condition: str) -> bool:
    try:
        return bool(page.evaluate(condition))
    except Error as problem:
        if "context was destroyed" not in problem.message:
            raise
        return False  # the page was left while it was asked


@pytest.fixture
def complaints() -> Complaints:
    """Collect what the pages of this test complain about; a test may clear what it provoked."""
    return Complaints()


@pytest.fixture(scope="session")
def phone_tab(chromium: Browser) -> Iterator[Page]:
    """Keep one tab for all tests: a new one costs more than most of them."""
    context = new_context(chromium, PHONE, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def new_tab(phone_tab: Page) -> Iterator[Page]:
    """Give the phone's browser a tab for one test, which may change what the page begins with."""
    page = phone_tab.context.new_page()
    yield page
    page.evaluate(FORGET)
    page.close()


@pytest.fixture
def phone(phone_tab: Page, complaints: Complaints) -> Iterator[Page]:
    """Give a page of phone size that must neither complain nor talk to strangers."""
    size: Any = PHONE
    phone_tab.set_viewport_size(size)
    with complaints.watch(phone_tab):
        yield phone_tab
        phone_tab.evaluate(FORGET)
        phone_tab.goto("about:blank")
    assert not complaints.lines, complaints.lines
    assert not complaints.abroad, complaints.abroad
