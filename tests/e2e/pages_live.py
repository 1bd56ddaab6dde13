"""A served phone page, a broker and a device, and the lifts the device publishes."""

from collections.abc import Iterator

import pytest
from pages_access import BOOK
from pages_broker import PLATFORM, Device, Mosquitto, find_mosquitto
from pages_data import LANGUAGES, WORDS, MemoryCatalogue, finished_rep, live_batches, session, state
from playwright.sync_api import Page, expect
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shinline.web.server import Server, create_app, serve
from shinline.web.state import WebState

LIVE = "Live"
A_DAY = "max-age=86400"


class Lasting:
    """A device's pages whose scripts and styles the browser need not ask for again.

    They do not change while tests run, and to ask whether one of eighty did costs more than most
    tests; what a device truly says of them is tested where it matters (``test_pages_server``).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the pages do, and let files be kept."""

        async def lastingly(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["path"].startswith("/static/"):
                MutableHeaders(scope=message)["Cache-Control"] = A_DAY
            await send(message)

        await self._app(scope, receive, lastingly)


def served(state: WebState, port: int = 0) -> Server:
    """Serve the pages of a device for as long as a ``with`` lasts, to a browser that keeps them."""
    return serve(Lasting(create_app(state)), "127.0.0.1", port)  # type: ignore[arg-type]


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
    with served(state) as server:
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
