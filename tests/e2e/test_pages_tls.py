"""Encrypted: pages and broker with the certificates of ``shinline tls``, in a real browser."""

import base64
import hashlib
import io
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from browser import ARGUMENTS, PHONE, Complaints, find_chromium, new_context, until
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pages_data import MemoryCatalogue, session
from pages_live import LIVE
from playwright.sync_api import Browser, Error, expect
from rich.console import Console

from shinline.app.access import AccessBook
from shinline.app.door import Door
from shinline.app.tls import TlsFolder
from shinline.app.words import with_words
from shinline.config import Access, Config, Mqtt, Tls, Web
from shinline.types import CueEvent, Moment, Severity
from shinline.wire.broker import Broker, start_broker
from shinline.wire.client import TolerantClient
from shinline.wire.sink import MqttSink

PATIENCE_S = 10.0


@dataclass
class Gym:
    """A device that serves encrypted, and what it printed about that."""

    book: AccessBook
    folder: TlsFolder
    broker: Broker
    sink: MqttSink
    said: str

    def address(self, name: str) -> str:
        """Return one of the addresses that were printed."""
        (line,) = [line for line in self.said.splitlines() if line.startswith(name)]
        return line.split()[1]


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gym]:
    folder = tmp_path_factory.mktemp("gym")
    config = with_words(
        Config(
            mqtt=Mqtt(port=0, ws_port=0, tls_port=0),
            web=Web(bind="127.0.0.1", port=0, tls_port=0),
            tls=Tls(folder=str(folder / "tls")),
            access=Access(path=str(folder / "access.json")),
        )
    )
    made = TlsFolder(folder / "tls")
    made.make()
    console = Console(file=io.StringIO(), width=120)
    with ExitStack() as stack:
        door = Door(config, console)
        broker = start_broker(
            config.mqtt, config.platform, folder, "auto", door.phones.accounts(), door.tls
        )
        stack.enter_context(broker)
        door.phones.follow(broker.set_accounts)
        stack.callback(door.phones.close)
        door.serve(stack, MemoryCatalogue(session()), broker.ws_port)  # type: ignore[arg-type]
        sink = MqttSink(config, broker.endpoint, lambda t_ns: f"{t_ns}", lambda: 0)
        stack.callback(sink.close)
        assert isinstance(console.file, io.StringIO)
        book = AccessBook(folder / "access.json")
        yield Gym(book, made, broker, sink, console.file.getvalue())


@pytest.fixture
def trusting(gym: Gym, chromium: Browser) -> Iterator[Browser]:
    """Start a browser that takes the machine's key for trusted, as one with the authority does.

    Who vouches for whom is asked in test_tls, where no browser is needed.
    """
    certificate = x509.load_pem_x509_certificate(gym.folder.server.read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    known = base64.b64encode(hashlib.sha256(key).digest()).decode()
    arguments = [*ARGUMENTS, f"--ignore-certificate-errors-spki-list={known}"]
    browser = chromium.browser_type.launch(executable_path=find_chromium(), args=arguments)
    yield browser
    browser.close()


@pytest.mark.browser
def test_the_page_is_a_secure_context_and_cues_come_encrypted(gym: Gym, trusting: Browser) -> None:
    context = new_context(trusting, PHONE, paired=False, offline=True)
    page = context.new_page()
    dials: list[str] = []
    page.on("websocket", lambda socket: dials.append(socket.url))
    complaints = Complaints()
    with complaints.watch(page):
        page.goto(f"{gym.address('phone')}#pair={gym.book.code()}")
        expect(page.locator("#link")).to_have_text(LIVE)
        assert page.evaluate("isSecureContext && 'wakeLock' in navigator")
        assert page.evaluate("navigator.serviceWorker.ready.then(({ active }) => active !== null)")
        assert dials == [f"wss://127.0.0.1:{gym.broker.ws_port}/mqtt"]
        cue = CueEvent(0, "c1", "lowering", Severity.WARN, Moment.AFTER, "Quiet plates.", "", 4000)
        gym.sink.publish_event(cue)
        expect(page.locator("#cue")).to_have_text("Quiet plates.")
    context.close()
    assert not complaints.lines, complaints.lines


@pytest.mark.browser
def test_a_browser_that_does_not_know_the_authority_warns(gym: Gym, chromium: Browser) -> None:
    context = new_context(chromium, PHONE, paired=False)
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto(gym.address("phone"))
    context.close()


@pytest.mark.browser
def test_the_plain_port_leads_a_phone_to_trust_and_on(gym: Gym, chromium: Browser) -> None:
    context = new_context(chromium, PHONE, paired=False)
    page = context.new_page()
    complaints = Complaints()
    with complaints.watch(page):
        page.goto(f"{gym.address('trust')}review")  # an old bookmark
        assert page.url == gym.address("trust")
        onward = page.get_by_role("link", name="To the pages")
        expect(onward).to_have_attribute("href", gym.address("phone"))
        until(page, "document.querySelector('#fingerprint').textContent.length > 90")
        page.get_by_text("How to know").click()
        shown = page.locator("#fingerprint").inner_text()
        assert shown == gym.folder.standing().fingerprint
        assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
        with page.expect_download() as load:
            page.get_by_role("link", name="Certificate").click()
        assert Path(load.value.path()).read_bytes() == gym.folder.download.read_bytes()
    context.close()
    assert not complaints.lines, complaints.lines


def test_the_plain_port_gives_out_the_authority_and_nothing_measured(gym: Gym) -> None:
    host, port = gym.address("trust").removeprefix("http://").rstrip("/").split(":")

    def get(path: str) -> tuple[int, str, bytes]:
        connection = HTTPConnection(host, int(port), timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        found = response.status, response.headers.get("Content-Type", ""), response.read()
        connection.close()
        return found

    status, kind, body = get("/ca.crt")
    assert (status, kind, b"PRIVATE" in body) == (200, "application/x-x509-ca-cert", False)
    assert get("/api/sessions")[0] == 401
    assert get("/api/pair")[0] in (307, 405)
    assert get("/healthz")[2] == b"ok"


def connects(port: int, authority: Path) -> str:
    """Log in over TLS as a program does; return what was in the way."""
    trusting = ssl.create_default_context(cafile=authority)
    client = TolerantClient(paho.CallbackAPIVersion.VERSION2)
    client.tls_set_context(trusting)
    answered = threading.Event()
    client.on_connect = lambda *_: answered.set()
    try:
        client.connect("127.0.0.1", port)
    except ssl.SSLCertVerificationError as problem:
        return problem.verify_message
    client.loop_start()
    answered.wait(PATIENCE_S)
    client.loop_stop()
    client.disconnect()
    return "" if answered.is_set() else "no answer"


def test_other_programs_trust_the_authority_and_no_other(gym: Gym, tmp_path: Path) -> None:
    assert connects(gym.broker.tls_port, gym.folder.download) == ""
    other = TlsFolder(tmp_path / "tls")
    other.make()
    assert connects(gym.broker.tls_port, other.download) != ""


def test_without_certificates_or_switched_off_nothing_is_encrypted(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    access = Access(path=str(tmp_path / "access.json"))
    config = Config(access=access, tls=Tls(folder=str(tmp_path / "tls")))
    assert Door(config, console).tls is None
    TlsFolder(tmp_path / "tls").make()
    assert Door(config, console).tls is not None
    off = Config(access=access, tls=Tls(mode="off", folder=str(tmp_path / "tls")))
    assert Door(off, console).tls is None


def test_a_certificate_that_is_due_is_renewed_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = TlsFolder(tmp_path / "tls")
    folder.make()
    before = folder.server.read_bytes()
    monkeypatch.setattr(
        "shinline.app.tls.store.host_names", lambda: ("localhost", "new", "new.local")
    )
    console = Console(file=io.StringIO(), width=120)
    config = Config(
        access=Access(path=str(tmp_path / "access.json")), tls=Tls(folder=str(folder.folder))
    )
    assert Door(config, console).tls is not None
    assert folder.server.read_bytes() != before
    assert isinstance(console.file, io.StringIO)
    assert "TLS      a new certificate was made" in console.file.getvalue()
