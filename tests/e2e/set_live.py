"""A page with the set's sheets, on a journal of several lifters, and a desk behind the broker."""

from collections.abc import Iterator
from typing import Any

import pytest
from pages_access import BOOK
from pages_broker import PLATFORM, Device, Mosquitto
from pages_data import LANGUAGES, WORDS, MemoryCatalogue
from pages_live import LIVE, served
from playwright.sync_api import Page, expect
from set_data import Desk, lifters_session

from shinline.web.state import WebState

SMALL = {"width": 320, "height": 568}

TOO_SMALL = """
(root) => [...document.querySelectorAll(`${root} :is(button, a, .choice, input:not([type=radio]))`)]
  .map((node) => [node.textContent || node.id, node.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < 48)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)
"""
NAMELESS = """
(root) => [...document.querySelectorAll(`${root} :is(button, input, svg[role=img])`)]
  .filter((node) => !node.textContent.trim() && !node.getAttribute('aria-label'))
  .filter((node) => !node.labels?.length)
  .map((node) => node.outerHTML)
"""
OVERFLOW = """
(root) => [...document.querySelectorAll(`${root}, ${root} *:not(.unseen, .text)`)]
  .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0
                    && getComputedStyle(node).display !== 'inline')
  .map((node) => `${node.className}: ${node.scrollWidth} > ${node.clientWidth}`)
"""


def set_to(page: Page, name: str, value: str) -> None:
    """Set the phone."""
    call = f"(s) => s.setSetting('{name}', '{value}')"
    page.evaluate(f"import('/static/js/settings.js').then({call})")


@pytest.fixture(scope="session")
def set_url(mosquitto: Mosquitto) -> Iterator[str]:
    catalogue = MemoryCatalogue(lifters_session())
    port = mosquitto.ws_port
    more: Any = {"access": BOOK, "languages": LANGUAGES}
    web = WebState(PLATFORM, port, "1.2.3", catalogue, WORDS, **more)
    with served(web) as server:
        yield f"http://127.0.0.1:{server.port}/"


@pytest.fixture
def desk(device: Device) -> Desk:
    device.say_bytes("set/last", b"", retain=True)
    return Desk(device)


@pytest.fixture
def ready(phone: Page, set_url: str, desk: Desk) -> Iterator[Page]:
    phone.goto(set_url)
    expect(phone.locator("#link")).to_have_text(LIVE)
    yield phone
    phone.evaluate("localStorage.clear()")
    desk.device.say_bytes("set/last", b"", retain=True)


@pytest.fixture
def sheet(ready: Page, desk: Desk) -> Page:
    ready.locator("#open-set").click()
    expect(ready.locator(".of-lifter .choice")).not_to_have_count(1)
    return ready
