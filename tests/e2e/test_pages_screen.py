"""The second screen: it comes up by itself, shows what matters large, and takes no hands."""

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import ARGUMENTS, Complaints, find_chromium, new_context, until
from click.testing import CliRunner
from pages_alert import SPY, tones
from pages_broker import Device, free_port
from pages_data import WORDS, MemoryCatalogue, cue, session, state
from pages_live import LIVE, end
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from shinline.app.access import AccessBook
from shinline.app.kiosk import kiosk_page, screen_address, wait_for
from shinline.app.pair_command import pair
from shinline.config import Config, Web
from shinline.web.server import create_app, serve
from shinline.web.state import Credential, WebState

pytestmark = pytest.mark.browser

FULL_HD = {"width": 1920, "height": 1080}
REFUSED = "the server responded with a status of 401"


@pytest.fixture
def book(tmp_path: Path) -> AccessBook:
    return AccessBook(tmp_path / "access.json")


@pytest.fixture
def pages(book: AccessBook, device: Device, mosquitto) -> Starlette:
    state = WebState("bay1", mosquitto.ws_port, "1", MemoryCatalogue(session()), WORDS, access=book)
    return create_app(state)


@pytest.fixture
def screen(chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    """A television on which nothing was ever opened."""
    context = new_context(chromium, FULL_HD, paired=False)
    page = context.new_page()
    with complaints.watch(page):
        yield page
    context.close()
    lines = [line for line in complaints.lines if REFUSED not in line]
    assert not lines, lines
    assert all(address.startswith("file:") for address in complaints.abroad)


def page_file(tmp_path: Path, book: AccessBook, port: int, *more: str) -> Path:
    """Write the page with which a screen begins, as at the installation."""
    (tmp_path / "c.toml").write_text(f'[access]\npath = "{book.path}"\n')
    out = tmp_path / "screen.html"
    options = ["--config", str(tmp_path / "c.toml"), "--port", str(port), "--screen", str(out)]
    result = CliRunner().invoke(pair, [*options, *more])
    assert result.exit_code == 0, result.output
    return out


def test_it_waits_for_the_device_and_comes_up_without_a_hand(
    screen: Page, book: AccessBook, pages: Starlette, tmp_path: Path
) -> None:
    port = free_port()
    file = page_file(tmp_path, book, port)
    assert file.stat().st_mode & 0o077 == 0
    waiting = threading.Thread(target=wait_for, args=(file,), daemon=True)
    waiting.start()
    waiting.join(0.7)
    assert waiting.is_alive()
    with serve(pages, "127.0.0.1", port):
        waiting.join(5.0)
        assert not waiting.is_alive()
        screen.goto(file.as_uri())
        expect(screen.locator("#link")).to_have_text(LIVE)
        expect(screen.locator("body")).to_have_attribute("data-view", "far")
        there = urlsplit(screen.url)
        assert (there.path, there.query, there.fragment) == ("/", "screen=1", "")
        assert [phone.name for phone in book.phones()] == ["screen"]
        screen.reload()  # as after an update of the device
        expect(screen.locator("#link")).to_have_text(LIVE)
        screen.goto("about:blank")


def test_nothing_is_waited_for_that_no_page_of_ours_names(tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text("<p>hello</p>")
    with pytest.raises(ValueError, match="pair --screen"):
        wait_for(tmp_path / "other.html")


@pytest.fixture
def up(screen: Page, book: AccessBook, pages: Starlette, tmp_path: Path) -> Iterator[Page]:
    """A screen that came up by itself."""
    with serve(pages, "127.0.0.1", 0) as server:
        screen.goto(page_file(tmp_path, book, server.port).as_uri())
        expect(screen.locator("#link")).to_have_text(LIVE)
        screen.evaluate(SPY)
        yield screen
        screen.goto("about:blank")


SHARE = """(id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  return (box.width * box.height) / (innerWidth * innerHeight);
}"""
REACHED = "document.elementFromPoint(960, 60)?.closest('.panel') !== null"


def test_a_cue_fills_it_silently_and_no_hand_changes_what_it_shows(
    up: Page, device: Device
) -> None:
    up.mouse.click(960, 60)
    for key in ("Tab", "Enter", "Space", "Tab", "Enter"):
        up.keyboard.press(key)
    assert up.evaluate("getComputedStyle(document.body).cursor") == "none"
    device.say("state", state("lockout", rep=3), retain=True)
    end(device, 3)
    expect(up.locator("#phase")).to_be_visible()
    device.say("cue", cue("Bar closer", severity="fault", id="c1", ttl_ms=5000))
    expect(up.locator("#cue")).to_have_text("Bar closer")
    assert up.evaluate(SHARE, "panel") == pytest.approx(1.0)
    assert up.evaluate(SHARE, "cue") > 0.5
    assert device.asked("shown")["id"] == "c1"
    assert tones(up) == []
    expect(up.locator("#far-note")).to_be_hidden()  # its silence is meant
    expect(up.locator("body")).to_have_attribute("data-view", "far")
    assert up.evaluate(REACHED)
    assert up.locator("dialog[open]").count() == 0


def test_a_screen_that_was_taken_out_says_what_to_do_and_a_new_file_lets_it_in(
    screen: Page, book: AccessBook, pages: Starlette, tmp_path: Path
) -> None:
    with serve(pages, "127.0.0.1", 0) as server:
        screen.goto(page_file(tmp_path, book, server.port).as_uri())
        expect(screen.locator("#link")).to_have_text(LIVE)
        book.revoke("screen")
        screen.reload()
        told = screen.get_by_role("dialog", name="This screen is not paired")
        expect(told).to_contain_text("shinline pair --screen")
        assert told.locator("input").count() == 0
        screen.goto(page_file(tmp_path, book, server.port).as_uri())
        expect(screen.locator("#link")).to_have_text(LIVE)
        screen.goto("about:blank")


def test_a_link_does_not_put_out_a_phone_that_is_paired(
    phone: Page, url: str, device: Device
) -> None:
    before = "localStorage.getItem('shinline.credential')"
    phone.goto(f"{url}#login=stranger:word")
    expect(phone.locator("#link")).to_have_text(LIVE)
    assert "stranger" not in phone.evaluate(before)
    assert phone.evaluate("location.hash") == ""


def test_where_it_shall_sound_it_does_without_a_touch(
    playwright_alone: Browser, book: AccessBook, pages: Starlette, tmp_path: Path, device: Device
) -> None:
    context = new_context(playwright_alone, FULL_HD, paired=False)
    page = context.new_page()
    with serve(pages, "127.0.0.1", 0) as server:
        page.goto(page_file(tmp_path, book, server.port, "--sound").as_uri())
        expect(page.locator("#link")).to_have_text(LIVE)
        page.evaluate(SPY)
        device.say("cue", cue("Bar closer", severity="fault", id="c2", ttl_ms=5000))
        until(page, "window.heard.length > 0")
        expect(page.locator("#far-note")).to_be_hidden()
    context.close()


@pytest.fixture
def playwright_alone(chromium: Browser) -> Iterator[Browser]:
    """A browser that lets pages sound without a touch, as the kiosk's is started."""
    browser = chromium.browser_type.launch(
        executable_path=find_chromium(),
        args=[*ARGUMENTS, "--autoplay-policy=no-user-gesture-required"],
    )
    yield browser
    browser.close()


def test_the_address_is_this_machines_own_and_the_secret_breaks_out_of_nothing() -> None:
    assert screen_address(Config(), False, True) == "http://127.0.0.1:8080/?screen=1&sound=1"
    bound = Config(web=Web(bind="::1", tls_port=9443))
    assert screen_address(bound, True, False) == "https://[::1]:9443/?screen=1"
    text = kiosk_page("http://a/", Credential("a:b", "</script>#&")).decode()
    assert "#login=a%3Ab:%3C%2Fscript%3E%23%26" in text
