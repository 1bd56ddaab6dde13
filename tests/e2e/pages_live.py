"""A served phone page, a broker and a device, and the lifts the device publishes."""

from collections.abc import Iterator

import pytest
from pages_access import BOOK
from pages_broker import PLATFORM, Device, Mosquitto, find_mosquitto
from pages_data import LANGUAGES, WORDS, MemoryCatalogue, finished_rep, live_batches, session, state
from playwright.sync_api import Page, expect

from shinline.web.server import create_app, serve
from shinline.web.state import WebState

LIVE = "Live"


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    executable = find_mosquitto()
    if executable is None:
        pytest.skip("no mosquitto on this machine: install it (Debian: apt install mosquitto)")
    broker = Mosquitto(executable, tmp_path_factory.mktemp("broker"))
    yield broker
    broker.thaw()
    broker.kill()


@pytest.fixture(scope="session")
def url(mosquitto: Mosquitto) -> Iterator[str]:
    state = WebState(
        PLATFORM,
        mosquitto.ws_port,
        "1.2.3",
        MemoryCatalogue(session()),
        WORDS,
        access=BOOK,
        languages=LANGUAGES,
    )
    with serve(create_app(state), "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.port}/"


@pytest.fixture
def device(mosquitto: Mosquitto) -> Iterator[Device]:
    device = Device(mosquitto.port)
    device.status("online")
    device.say("state", state("ready"), retain=True)
    for left_over in ("rep/last", "calibration", "setup", "info"):
        device.say_bytes(left_over, b"", retain=True)
    yield device
    device.close()


@pytest.fixture
def live(phone: Page, url: str, device: Device) -> Page:
    phone.goto(url)
    expect(phone.locator("#link")).to_have_text(LIVE)
    return phone


def lift(device: Device, number: int, share: float = 1.0) -> None:
    device.say("state", state("pull", rep=number), retain=True)
    device.say("rep", {"type": "new", "id": f"sample-1-{number}", "after": {}})
    for batch in live_batches(number, share, size=6):
        device.say("live", batch)


def end(device: Device, number: int, **more: object) -> None:
    rep = finished_rep(number, **more)
    device.say("rep", {"type": "end", "id": rep["id"], "after": rep})
    device.say("rep/last", rep, retain=True)
