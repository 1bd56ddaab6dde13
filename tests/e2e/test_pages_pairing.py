"""Pairing in a real browser, with the embedded broker: the screen, the link, the way out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import PHONE, Complaints, forget, new_context, until
from pages_data import LANGUAGES, WORDS, MemoryCatalogue, session
from pages_live import LIVE, served
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shinline.app.access import AccessBook
from shinline.app.phones import Phones
from shinline.app.words import with_words
from shinline.config import Coach, Config, Mqtt
from shinline.types import CueEvent, Moment, Severity
from shinline.web.state import PhoneBroker, WebState
from shinline.wire.broker import Broker, start_broker
from shinline.wire.sink import MqttSink

pytestmark = pytest.mark.browser

SECRETS = "Object.values(localStorage).join() + location.href"


@dataclass
class Gym:
    """A device as it stands in a gym: broker, pages, book, and something to say."""

    book: AccessBook
    broker: Broker
    sink: MqttSink
    url: str


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gym]:
    folder = tmp_path_factory.mktemp("gym")
    book = AccessBook(folder / "access.json")
    phones = Phones(book, lambda problem: pytest.fail(problem))
    config = Config(mqtt=Mqtt(port=0, ws_port=0))
    with start_broker(config.mqtt, config.platform, folder, "auto", phones.accounts()) as broker:
        phones.follow(broker.set_accounts)
        sink = MqttSink(config, broker.endpoint, lambda t_ns: f"{t_ns}", lambda: 0)
        state = WebState(
            config.platform,
            broker.ws_port,
            "1",
            MemoryCatalogue(session()),
            WORDS,
            access=phones,
            languages=LANGUAGES,
        )
        with served(state) as server:
            yield Gym(book, broker, sink, f"http://127.0.0.1:{server.port}")
        sink.close()
        phones.close()


@pytest.fixture(scope="module")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that keeps the files of the pages, and nothing that a page itself kept."""
    context = new_context(chromium, PHONE, paired=False, has_touch=True, is_mobile=True)
    yield context
    context.close()


@pytest.fixture
def stranger(profile: BrowserContext, gym: Gym, complaints: Complaints) -> Iterator[Page]:
    """A phone that was never here; refusals are what its console may speak of, and nothing else."""
    page = profile.new_page()
    forget(page, gym.url)
    with complaints.watch(page):
        yield page
    for one in profile.pages:
        one.close()
    unexpected = [line for line in complaints.lines if "Failed to load resource" not in line]
    assert not unexpected, unexpected
    assert not complaints.abroad


def dialog(page: Page):
    return page.get_by_role("dialog", name="Pair this phone")


def test_a_phone_that_is_not_paired_sees_how_to_pair_on_every_page(
    gym: Gym, stranger: Page
) -> None:
    for path in ("/", "/learn", "/mount", "/review"):
        stranger.goto(gym.url + path)
        expect(dialog(stranger)).to_be_visible()
        assert dialog(stranger).bounding_box() == {"x": 0, "y": 0, **PHONE}, path
        assert stranger.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0, path
        assert "Anna" not in stranger.locator("body").inner_text()
    for element in ("textbox", "button"):
        for found in stranger.get_by_role(element).all():
            size = found.bounding_box()
            assert size is not None
            assert size["height"] >= 44
    stranger.keyboard.press("Escape")
    stranger.keyboard.press("Escape")
    expect(dialog(stranger)).to_be_visible()


def test_the_link_of_the_qr_code_pairs_by_itself_and_leaves_no_code_behind(
    gym: Gym, stranger: Page
) -> None:
    gym.book.revoke_all()
    stranger.goto(f"{gym.url}/#pair={gym.book.code()}")
    expect(stranger.locator("#link")).to_have_text(LIVE)
    assert stranger.url == f"{gym.url}/"
    assert gym.book.code() not in stranger.evaluate(SECRETS)
    assert [phone.name for phone in gym.book.phones()] != []
    stranger.go_back()
    assert "pair=" not in stranger.url


def test_a_code_that_is_typed_pairs_and_the_cue_comes(gym: Gym, stranger: Page) -> None:
    gym.book.revoke_all()
    stranger.goto(f"{gym.url}/")
    stranger.get_by_label("Code").fill(gym.book.code().lower().replace("-", " ").replace("0", "o"))
    stranger.get_by_label("Name of this phone").fill("Anna <b>")
    stranger.get_by_role("button", name="Pair").click()
    expect(dialog(stranger)).to_have_count(0)
    expect(stranger.locator("#link")).to_have_text(LIVE)
    assert [phone.name for phone in gym.book.phones()] == ["Anna <b>"]
    gym.sink.publish_event(cue("Drag the bar up your legs."))
    expect(stranger.locator("#cue")).to_have_text("Drag the bar up your legs.")
    stranger.reload()
    expect(stranger.locator("#link")).to_have_text(LIVE)
    stranger.goto(f"{gym.url}/review")
    expect(stranger.locator("a[href^='/review/']").first).to_be_visible()


def cue(text: str) -> CueEvent:
    return CueEvent(0, "c1", "bar_forward", Severity.FAULT, Moment.AFTER, text, "r1", 4000)


def test_a_phone_that_speaks_another_language_than_the_device_is_met_in_its_own(
    gym: Gym, stranger: Page
) -> None:
    """The words come from the device, which gives them to anybody; nothing else does."""
    kept = "localStorage.setItem('shinline.settings', JSON.stringify({ language: 'de' }))"
    stranger.add_init_script(kept)
    stranger.goto(f"{gym.url}/")
    expect(stranger.get_by_role("dialog", name="Handy verbinden")).to_be_visible()
    stranger.get_by_label("Code vom Gerät").fill("1234")
    stranger.get_by_role("button", name="Verbinden").click()
    expect(stranger.get_by_role("alert")).to_have_text(
        LANGUAGES["de"].said["pair.problem_not_a_code"]
    )
    stranger.get_by_label("Code vom Gerät").fill(gym.book.code())
    stranger.get_by_role("button", name="Verbinden").click()
    expect(stranger.locator("#mute")).to_have_text("Stumm")
    assert stranger.evaluate("document.documentElement.lang") == "de"


def test_what_is_in_the_way_is_told_and_the_right_code_still_works(
    gym: Gym, stranger: Page
) -> None:
    problem, code = stranger.get_by_role("alert"), stranger.get_by_label("Code")
    stranger.goto(f"{gym.url}/#pair=0000-0000-0000")  # of an old sheet
    expect(problem).to_contain_text("That is not the code of this device.")
    expect(code).to_have_value("0000-0000-0000")
    code.fill("1234")
    stranger.get_by_role("button", name="Pair").click()
    expect(problem).to_have_text("The code has twelve letters and digits.")
    expect(code).to_have_attribute("aria-invalid", "true")
    expect(code).to_be_focused()
    code.fill(gym.book.code())
    stranger.context.set_offline(True)
    stranger.keyboard.press("Enter")
    expect(problem).to_contain_text("The device does not answer.")
    stranger.context.set_offline(False)
    stranger.keyboard.press("Enter")
    expect(stranger.locator("#link")).to_have_text(LIVE)


def test_a_phone_that_is_taken_out_is_told_at_once_and_tries_nothing_more(
    gym: Gym, stranger: Page
) -> None:
    stranger.goto(f"{gym.url}/#pair={gym.book.code()}")
    expect(stranger.locator("#link")).to_have_text(LIVE)
    dials = []
    stranger.on("websocket", lambda socket: dials.append(socket.url))
    AccessBook(gym.book.path).revoke_all()  # as shinline pair --revoke does, in its own process
    expect(dialog(stranger)).to_be_visible()
    expect(stranger.get_by_text("The device does not know this phone any more.")).to_be_visible()
    assert stranger.evaluate("localStorage.length") == 0
    stranger.evaluate("window.dispatchEvent(new Event('online'))")
    stranger.wait_for_timeout(1200)  # longer than a client of MQTT waits before it dials again
    assert len(dials) <= 1
    stranger.evaluate("window.dispatchEvent(new Event('online'))")
    stranger.wait_for_timeout(200)
    assert len(dials) <= 1
    stranger.get_by_label("Code").fill(gym.book.code())
    stranger.keyboard.press("Enter")
    expect(stranger.locator("#link")).to_have_text(LIVE)
    expect(dialog(stranger)).to_have_count(0)


def test_a_code_that_was_scanned_without_need_does_not_bring_a_phone_back(
    gym: Gym, stranger: Page
) -> None:
    """Whoever is taken out stays out until somebody pairs the phone again."""
    stranger.goto(f"{gym.url}/#pair={gym.book.code()}")
    expect(stranger.locator("#link")).to_have_text(LIVE)
    again = f"{gym.url}/learn#pair={gym.book.code()}"
    stranger.goto(again)
    expect(stranger.locator("#link")).to_have_text(LIVE)
    stranger.goto(again)  # the same page: only its fragment changes
    until(stranger, "location.hash === ''")
    gym.book.revoke_all()
    expect(dialog(stranger)).to_be_visible()
    assert gym.book.phones() == ()


@pytest.mark.parametrize("is_right", [True, False])
def test_at_another_broker_phones_log_in_as_they_are_told(
    gym: Gym, stranger: Page, tmp_path: Path, is_right: bool
) -> None:
    """One that does not let them in is dialled ever more rarely, and pairing would not help."""
    there = gym.book.add("all phones")
    password = there.password if is_right else "changed meanwhile"
    broker = PhoneBroker(f"ws://127.0.0.1:{gym.broker.ws_port}/mqtt", there.username, password)
    book = AccessBook(tmp_path / "access.json")
    state = WebState("platform1", 1, "1", MemoryCatalogue(), WORDS, access=book, broker=broker)
    dials = []
    stranger.on("websocket", lambda socket: dials.append(socket.url))
    with served(state) as server:
        stranger.goto(f"http://127.0.0.1:{server.port}/#pair={book.code()}")
        if is_right:
            expect(stranger.locator("#link")).to_have_text(LIVE)
        else:
            stranger.wait_for_timeout(1500)
            assert 1 <= len(dials) <= 4
            assert stranger.locator("#link").inner_text() != LIVE
        expect(dialog(stranger)).to_have_count(0)
        stranger.goto("about:blank")
    gym.book.revoke("all phones")


def test_a_second_page_of_the_browser_comes_along(gym: Gym, stranger: Page) -> None:
    other = stranger.context.new_page()
    other.goto(f"{gym.url}/learn")
    expect(dialog(other)).to_be_visible()
    stranger.goto(f"{gym.url}/#pair={gym.book.code()}")
    expect(stranger.locator("#link")).to_have_text(LIVE)
    expect(other.locator("#link")).to_have_text(LIVE)
    expect(dialog(other)).to_have_count(0)


def test_a_browser_that_keeps_nothing_is_paired_while_the_page_is_open(
    gym: Gym, stranger: Page
) -> None:
    stranger.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    stranger.goto(f"{gym.url}/#pair={gym.book.code()}")
    expect(stranger.locator("#link")).to_have_text(LIVE)


@pytest.mark.parametrize(
    ("language", "path", "title", "button"),
    [
        ("de", "/", "Handy verbinden", "Verbinden"),
        ("es", "/review", "Conecta este móvil", "Conectar"),
    ],
)
def test_the_screen_speaks_the_lifters_language(
    gym: Gym, stranger: Page, language: str, path: str, title: str, button: str
) -> None:
    words = with_words(Config(coach=Coach(language=language))).words
    state = WebState("p", 9001, "1", MemoryCatalogue(), words, access=gym.book)
    with served(state) as server:
        stranger.goto(f"http://127.0.0.1:{server.port}{path}")
        expect(stranger.get_by_role("dialog", name=title)).to_be_visible()
        expect(stranger.get_by_role("button", name=button)).to_be_visible()
        until(stranger, f"document.documentElement.lang === '{language}'")
        assert stranger.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
