"""Renders the second screen: ``python tests/e2e/screenshots_screen.py OUTDIR``."""

import sys
import tempfile
from pathlib import Path

from browser import ARGUMENTS, HOW_TO_INSTALL, find_chromium, new_context
from pages_access import BOOK
from pages_broker import PLATFORM, Device, Mosquitto, find_mosquitto
from pages_data import LANGUAGES, WORDS, MemoryCatalogue, session, state
from playwright.sync_api import Browser, expect, sync_playwright
from screenshots_phone import SCENES

from shinline.web.server import create_app, serve
from shinline.web.state import WebState

SIZES = {"1080p": {"width": 1920, "height": 1080}, "upright": {"width": 1080, "height": 1920}}


def shoot(browser: Browser, url: str, device: Device, out: Path) -> None:
    """Photograph every scene on a television, and on one that hangs upright."""
    for size, viewport in SIZES.items():
        for name, play in SCENES.items():
            context = new_context(browser, viewport)
            page = context.new_page()
            device.status("online")
            device.say("state", state("ready"), retain=True)
            for left_over in ("calibration", "setup", "rep/last"):
                device.say_bytes(left_over, b"", retain=True)
            page.goto(f"{url}/?screen=1")
            expect(page.locator("#link")).to_have_text("Live")
            play(device)
            page.wait_for_timeout(400)
            page.screenshot(path=out / f"{name}-{size}.png")
            context.close()


def main(out: Path) -> None:
    """Start broker, server and browser, and write the pictures to ``out``."""
    chromium, mosquitto = find_chromium(), find_mosquitto()
    if chromium is None or mosquitto is None:
        sys.exit(HOW_TO_INSTALL if chromium is None else "no mosquitto: apt install mosquitto")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        broker = Mosquitto(mosquitto, Path(folder))
        device = Device(broker.port)
        told = WebState(
            PLATFORM,
            broker.ws_port,
            "1",
            MemoryCatalogue(session()),
            WORDS,
            languages=LANGUAGES,
            access=BOOK,
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        with serve(create_app(told), "127.0.0.1", 0) as server:
            shoot(browser, f"http://127.0.0.1:{server.port}", device, out)
        browser.close()
        device.close()
        broker.kill()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/e2e/screenshots_screen.py OUTDIR")
    main(Path(sys.argv[1]))
