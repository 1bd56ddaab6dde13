"""Renders the set's sheets and cards: ``python tests/e2e/screenshots_set.py OUTDIR [LANGUAGE]``."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from browser import ARGUMENTS, PHONE, PHONE_SIDEWAYS, find_chromium, new_context
from pages_broker import PLATFORM, Device, Mosquitto, find_mosquitto
from pages_data import MemoryCatalogue, state
from playwright.sync_api import Page, expect, sync_playwright
from set_data import RIVAL_PLAN, lift_set, lifters_session, summary

from shinline.app.words import with_words
from shinline.config import Coach, Config
from shinline.web.server import create_app, serve
from shinline.web.state import WebState

SIZES = {"portrait": PHONE, "landscape": PHONE_SIDEWAYS, "narrow": {"width": 320, "height": 568}}


def sheet(page: Page, device: Device) -> None:
    """Put a set together."""
    page.locator("#open-set").click()
    expect(page.locator(".of-lifter .choice")).not_to_have_count(1)


def sheet_end(page: Page, device: Device) -> None:
    """See the rest of it."""
    sheet(page, device)
    page.locator(".of-mode .choice").last.scroll_into_view_if_needed()


def refused(page: Page, device: Device) -> None:
    """Type what is no load, and be refused."""
    sheet(page, device)
    page.locator("#load").fill("2000")
    page.locator(".go").click()


def table(page: Page, device: Device) -> None:
    """Look at the repetitions, one of them opened."""
    lift_set(device, 5)
    page.locator("#open-reps").click()
    page.locator(".rep-open").nth(3).click()
    expect(page.locator(".labels").first).to_be_visible()


def loss(page: Page, device: Device) -> None:
    """Look at how much slower the last was."""
    lift_set(device, 3)
    page.locator("#open-reps").click()


def paths(page: Page, device: Device) -> None:
    """See the paths of a set."""
    lift_set(device, 4)


def card(page: Page, device: Device) -> None:
    """Rest between two sets."""
    lift_set(device, 5)
    device.say("set/last", summary(), retain=True)
    device.say("state", state("idle", rep=0, set=2), retain=True)
    expect(page.locator("#set-card")).to_be_visible()


def news(page: Page, device: Device) -> None:
    """Be told what another phone did."""
    lift_set(device, 2)
    answer = {"status": "ok", "error": "", "transaction": "other-1", "data": RIVAL_PLAN}
    device.say("response/start_set", answer)
    expect(page.locator("#set-news")).not_to_be_empty()


SCENES: dict[str, Callable[[Page, Device], None]] = {
    "sheet": sheet,
    "sheet-end": sheet_end,
    "refused": refused,
    "table": table,
    "loss": loss,
    "paths": paths,
    "card": card,
    "news": news,
}


def main(out: Path, language: str) -> None:
    """Start broker, server and browser, and write the pictures to ``out``."""
    chromium, mosquitto = find_chromium(), find_mosquitto()
    if chromium is None or mosquitto is None:
        sys.exit("both a Chromium and a mosquitto are needed")
    out.mkdir(parents=True, exist_ok=True)
    words = with_words(Config(coach=Coach(language=language))).words  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        broker = Mosquitto(mosquitto, Path(folder))
        device = Device(broker.port)
        catalogue = MemoryCatalogue(lifters_session())
        web = WebState(PLATFORM, broker.ws_port, "0.1.0", catalogue, words)
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        with serve(create_app(web), "127.0.0.1", 0) as server:
            for size, viewport in SIZES.items():
                for scene, play in SCENES.items():
                    for left_over in ("rep/last", "set/last", "setup", "calibration"):
                        device.say_bytes(left_over, b"", retain=True)
                    device.status("online")
                    device.say("state", state("ready", target_rpe=8), retain=True)
                    context = new_context(browser, viewport, device_scale_factor=2)
                    page = context.new_page()
                    page.goto(f"http://127.0.0.1:{server.port}")
                    expect(page.locator("body")).to_have_attribute("data-stale", "false")
                    play(page, device)
                    page.wait_for_timeout(300)
                    page.screenshot(path=out / f"set-{scene}-{size}-{language}.png")
                    context.close()
        browser.close()
        device.close()
        broker.kill()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python tests/e2e/screenshots_set.py OUTDIR [LANGUAGE]")
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else "en")
