"""The power fails in mid-set: the device comes back, and the phone beside it needs no touch."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from broker_material import PATIENCE_S
from browser import PHONE, Complaints, new_context, until
from pages_broker import free_port
from playwright.sync_api import Browser, Page, expect
from run_material import DEMO, Program, book_of, program

from shinline.wire import mosquitto

pytestmark = pytest.mark.browser

SETTINGS = """\
[mqtt]
broker = "{broker}"
port = {mqtt_port}
ws_port = {ws_port}
[web]
port = {port}
"""


class Device:
    """The program on fixed ports, as a service has them: it can be killed and started again."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.journal = folder / "shinline" / "journal.sqlite3"
        ports = {name: free_port() for name in ("port", "mqtt_port", "ws_port")}
        self.port = ports["port"]
        self._settings = folder / "shinline.toml"
        self._settings.write_text(SETTINGS.format(broker=broker, **ports))
        self._running = ExitStack()

    def start(self) -> Program:
        arguments = (str(DEMO), "--loop", "--config", str(self._settings))
        self._running = ExitStack()
        return self._running.enter_context(
            program("run", *arguments, "--journal", str(self.journal), journal=self.journal)
        )

    def close(self) -> None:
        self._running.close()


@pytest.fixture(params=["mosquitto", "python"])
def device(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Device]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    device = Device(tmp_path, request.param)
    yield device
    device.close()


def in_a_pull(page: Page) -> None:
    """Wait until the page draws a repetition that is under way."""
    expect(page.locator("#path .current .up")).to_be_attached(timeout=1000 * PATIENCE_S)


def endings(journal: Path) -> list[Any]:
    """Return how the sessions ended, the oldest first; None for one that was cut off."""
    with closing(sqlite3.connect(journal)) as connection:
        rows = connection.execute("SELECT end_reason FROM sessions ORDER BY started_utc_ns")
        return [reason for (reason,) in rows]


def test_a_device_that_was_killed_comes_back_on_the_page_without_a_touch(
    device: Device, chromium: Browser
) -> None:
    running = device.start()
    running.wait_for(r"phone +http")
    code = book_of(device.journal).code()
    context = new_context(chromium, PHONE, paired=False, has_touch=True, is_mobile=True)
    page = context.new_page()
    complaints = Complaints()
    page.goto(f"http://127.0.0.1:{device.port}/#pair={code}")
    in_a_pull(page)
    running.process.send_signal(signal.SIGKILL)
    running.process.wait(PATIENCE_S)
    until(page, "document.body.dataset.stale === 'true'")
    device.close()
    device.start()
    expect(page.locator("#link")).to_have_text("Live", timeout=1000 * PATIENCE_S)
    with complaints.watch(page):  # until here the page could not but complain
        in_a_pull(page)
        expect(page.locator("body")).to_have_attribute("data-stale", "false")
    context.close()
    assert complaints.lines == []
    assert endings(device.journal) == [None, None]  # one cut off, one under way: both are kept
