"""Renders the mounting page with sample data: ``python tests/e2e/screenshots_mount.py OUTDIR``.

Behind the page is the stand-in of the tests, and in its picture a simulated lifter.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from browser import ARGUMENTS, HOW_TO_INSTALL, find_chromium, new_context
from mount_data import STEPS, check, not_ready, picture, ready, step_in, usable, with_checks
from mount_live import THUMB
from mount_standin import PLATFORM, StandIn
from pages_access import BOOK
from pages_broker import Mosquitto, find_mosquitto
from pages_data import MemoryCatalogue
from playwright.sync_api import Browser, expect, sync_playwright

from shinline.web.server import create_app, serve
from shinline.web.state import WebState

HALF_WAY = [step_in(STEPS[0], "done"), step_in(STEPS[1], "active", 0.45), step_in(STEPS[2], "todo")]
NONE_YET = with_checks(check("calibration", "bad", "None yet: do the steps below."))
MEASURING = usable(steps=HALF_WAY, step_ready=False, checks=NONE_YET)

# name -> what the device says, and what is scrolled to
SCENES: dict[str, tuple[dict[str, Any], str]] = {
    "ready": (ready(), "#panel"),
    "usable": (usable(), "#panel"),
    "not-ready": (not_ready(), "#panel"),
    "steps": (MEASURING, "[data-step=plumb]"),
}


def shoot(browser: Browser, url: str, device: StandIn, scene: str, target: Path) -> None:
    """Photograph one scene when its picture is drawn."""
    mount, anchor = SCENES[scene]
    device.show(mount)
    context = new_context(browser, THUMB, device_scale_factor=1.25, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#link")).to_have_text("Live")
    if anchor != "#panel":
        page.locator(anchor).evaluate("(node) => node.scrollIntoView({ block: 'end' })")
        page.mouse.wheel(0, 12)
    device.picture(picture())
    expect(page.locator("#preview")).to_be_visible()
    page.screenshot(path=target)
    context.close()


def main(out: Path) -> None:
    """Start broker, server and browser, and write mount-*.png to ``out``."""
    chromium, mosquitto = find_chromium(), find_mosquitto()
    if chromium is None or mosquitto is None:
        sys.exit(HOW_TO_INSTALL if chromium is None else "no mosquitto: apt install mosquitto")
    out.mkdir(parents=True, exist_ok=True)
    picture()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        broker = Mosquitto(mosquitto, Path(folder))
        device = StandIn(broker.port)
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        state = WebState(PLATFORM, broker.ws_port, "0.1.0", MemoryCatalogue(), access=BOOK)
        with serve(create_app(state), "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.port}/mount"
            for scene in SCENES:
                shoot(browser, url, device, scene, out / f"mount-{scene}.png")
        browser.close()
        device.close()
        broker.kill()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/e2e/screenshots_mount.py OUTDIR")
    main(Path(sys.argv[1]))
