"""The mounting page, open, with a stand-in for the device behind it."""

from collections.abc import Iterator

import pytest
from mount_data import ready
from mount_standin import StandIn
from pages_broker import Mosquitto
from playwright.sync_api import Page, expect

THUMB = {"width": 360, "height": 740}


@pytest.fixture
def standin(mosquitto: Mosquitto) -> Iterator[StandIn]:
    device = StandIn(mosquitto.port)
    device.show(ready())
    yield device
    device.say_bytes("mount", b"", retain=True)
    device.close()


@pytest.fixture
def mount_url(url: str) -> str:
    return f"{url}mount"


@pytest.fixture
def mounting(phone: Page, mount_url: str, standin: StandIn) -> Page:
    phone.set_viewport_size(THUMB)  # type: ignore[arg-type]
    phone.goto(mount_url)
    expect(phone.locator("#link")).to_have_text("Live")
    return phone
