"""Renders the phone page from near and afar: ``python tests/e2e/screenshots_phone.py OUTDIR``."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from browser import ARGUMENTS, HOW_TO_INSTALL, PHONE, PHONE_SIDEWAYS, find_chromium, new_context
from pages_access import BOOK
from pages_alert import seen_from_afar, set_to
from pages_broker import PLATFORM, Device, Mosquitto, find_mosquitto
from pages_data import LANGUAGES, WORDS, MemoryCatalogue, cue, session, state
from playwright.sync_api import Browser, Page, expect, sync_playwright
from screenshots import SMALLEST, lift_once, show_not_yet, show_offline, show_ready

from shinline.app.words import shipped
from shinline.web.server import create_app, serve
from shinline.web.state import WebState

SIZES = {"portrait": PHONE, "landscape": PHONE_SIDEWAYS, "smallest": SMALLEST}
SEVERITIES = {
    "good": "praise",
    "info": "ready",
    "warn": "setup_gap_near",
    "fault": "bar_forward",
    "stop": "velocity_loss",
}


def show_severity(severity: str) -> Callable[[Device], None]:
    """End a rep with a cue of this severity."""

    def play(device: Device) -> None:
        lift_once(device, 4)
        device.say("state", state("floor", rep=4), retain=True)
        text = shipped("en").said[f"cues.{SEVERITIES[severity]}"].replace("{mm}", "14")
        device.say("cue", cue(text, severity=severity, id=severity))

    return play


def show_lifting(device: Device) -> None:
    """Stand at the top of a pull."""
    lift_once(device, 2)
    device.say("state", state("lockout", rep=3), retain=True)


SCENES = {
    **{severity: show_severity(severity) for severity in SEVERITIES},
    "lifting": show_lifting,
    "not-yet": show_not_yet,
    "light": show_ready,
    "offline": show_offline,
}


def shoot_scene(page: Page, play: Callable[[Device], None], device: Device, out: Path) -> None:
    """Photograph a scene from afar, then, touched, from near."""
    seen_from_afar(page)
    play(device)
    page.wait_for_timeout(400)
    page.screenshot(path=out.with_name(f"{out.name}-far.png"))
    page.keyboard.press("Shift")
    expect(page.locator("body")).to_have_attribute("data-view", "near")
    page.screenshot(path=out.with_name(f"{out.name}-near.png"))


def shoot_sheet(page: Page, out: Path) -> None:
    """Photograph the page before and after it was armed, and the whole sheet of settings."""
    page.locator("#arm").click()
    expect(page.locator("#sound-note")).not_to_have_text("")
    page.screenshot(path=out.with_name(f"{out.name}-armed.png"))
    page.locator("#menu").click()
    expect(page.locator("#settings")).to_be_visible()
    page.screenshot(path=out.with_name(f"{out.name}-settings-1.png"))
    page.locator("#latency-more").evaluate("(node) => node.scrollIntoView()")
    page.screenshot(path=out.with_name(f"{out.name}-settings-2.png"))


@contextmanager
def phone_page(
    browser: Browser, url: str, device: Device, viewport: dict[str, int], language: str = ""
) -> Iterator[Page]:
    """Open the page on a new phone, with nothing left over from before."""
    context = new_context(browser, viewport, device_scale_factor=2)
    page = context.new_page()
    device.status("online")
    device.say("state", state("ready"), retain=True)
    for left_over in ("calibration", "setup", "rep/last"):
        device.say_bytes(left_over, b"", retain=True)
    page.goto(url)
    expect(page.locator("#link")).to_have_text("Live")
    set_to(page, language=language)
    device.say("stats", {"rate_hz": 60.0, "shown_p50_ms": 17.6, "shown_p95_ms": 23.2})
    yield page
    context.close()


def shoot(browser: Browser, url: str, device: Device, out: Path) -> None:
    """Photograph everything, the sheet in each language."""
    for size, viewport in SIZES.items():
        for name, play in SCENES.items():
            with phone_page(browser, url, device, viewport) as page:
                shoot_scene(page, play, device, out / f"{name}-{size}")
        for language in LANGUAGES:
            with phone_page(browser, url, device, viewport, language) as page:
                shoot_sheet(page, out / f"{size}-{language}")


def main(out: Path) -> None:
    """Start broker, server and browser, and write the pictures to ``out``."""
    chromium, mosquitto = find_chromium(), find_mosquitto()
    if chromium is None or mosquitto is None:
        sys.exit(HOW_TO_INSTALL if chromium is None else "no mosquitto: apt install mosquitto")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        broker = Mosquitto(mosquitto, Path(folder))
        device = Device(broker.port)
        catalogue = MemoryCatalogue(session())
        told = WebState(
            PLATFORM, broker.ws_port, "1", catalogue, WORDS, languages=LANGUAGES, access=BOOK
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        with serve(create_app(told), "127.0.0.1", 0) as server:
            shoot(browser, f"http://127.0.0.1:{server.port}", device, out)
        browser.close()
        device.close()
        broker.kill()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/e2e/screenshots_phone.py OUTDIR")
    main(Path(sys.argv[1]))
