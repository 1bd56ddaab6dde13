"""Renders the pages with sample data: ``python tests/e2e/screenshots.py OUTDIR``."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from browser import (
    ARGUMENTS,
    DESKTOP,
    HOW_TO_INSTALL,
    PHONE,
    PHONE_SIDEWAYS,
    find_chromium,
    new_context,
)
from pages_access import BOOK
from pages_broker import PLATFORM, Device, Mosquitto, find_mosquitto
from pages_data import (
    ALARM,
    LANGUAGES,
    WORDS,
    MemoryCatalogue,
    calibration,
    coached_session,
    cue,
    fault,
    finished_rep,
    live_batches,
    moved_session,
    session,
    setup,
    state,
)
from playwright.sync_api import Browser, Page, expect, sync_playwright

from shinline.web.server import create_app, serve
from shinline.web.state import WebState

NARROW = {"width": 360, "height": 640}
SMALLEST = {"width": 320, "height": 568}
SIZES = {"portrait": PHONE, "landscape": PHONE_SIDEWAYS, "narrow": NARROW, "desk": DESKTOP}


def lift_once(device: Device, number: int, **more: object) -> None:
    """Publish a whole rep, from the first inch to the numbers."""
    device.say("state", state("pull", rep=number), retain=True)
    device.say("rep", {"type": "new", "id": f"sample-1-{number}", "after": {}})
    for batch in live_batches(number):
        device.say("live", batch)
    rep = finished_rep(number, **more)
    device.say("rep", {"type": "end", "id": rep["id"], "after": rep})
    device.say("rep/last", rep, retain=True)


def show_cue(device: Device) -> None:
    """End a rep with something to say about it."""
    lift_once(device, 5)
    device.say("state", state("ready", rep=5), retain=True)
    device.say("cue", cue("Drag the bar up your legs."))


def show_pull(device: Device) -> None:
    """Stop in the middle of a rep, the last one drawn behind it."""
    lift_once(device, 3)
    device.say("state", state("pull", rep=4), retain=True)
    device.say("rep", {"type": "new", "id": "sample-1-4", "after": {}})
    for batch in live_batches(4, share=0.3):
        device.say("live", batch)


def show_good(device: Device) -> None:
    """End a rep well."""
    lift_once(device, 2)
    device.say("state", state("floor", rep=2), retain=True)
    device.say("cue", cue("Good line.", severity="good", code="set_complete"))


def show_moved(device: Device) -> None:
    """End a rep that was measured with a camera that had moved."""
    device.say("calibration", calibration(False, ALARM), retain=True)
    lift_once(device, 4, marks=["camera_moved"])
    device.say("state", state("ready", rep=4), retain=True)


def show_moved_cue(device: Device) -> None:
    """Tell the lifter of a camera that has just moved."""
    show_moved(device)
    message = {"code": "camera_moved", "severity": "warn", "moment": "between", "rep_id": ""}
    device.say("cue", cue("Camera moved. Put it back.", **message))


STATES = ("done", "done", "check_yourself", "now", "waiting")


def show_not_yet(device: Device) -> None:
    """Say before the pull what is not as it should be."""
    lift_once(device, 2)
    device.say("state", state("ready", rep=2), retain=True)
    device.say("setup", setup(False, STATES, [fault("hips_low_start", 0.04, "m", 0.02)]))


def show_ready(device: Device) -> None:
    """Light the light."""
    lift_once(device, 2)
    device.say("state", state("ready", rep=2), retain=True)
    device.say("setup", setup(True, ("done", "check_yourself", "done", "done", "now")))


def show_technique(device: Device) -> None:
    """Work at technique, with much that was judged and much that was not."""
    lift_once(device, 3, mode="technique", faults=MANY)
    device.say("state", state("floor", rep=3, mode="technique", muted=True), retain=True)


MANY = [
    fault("setup_gap", None, "m", 0.065, reason="no ankle marker was seen"),
    fault("hips_shoot_up", 6.2, "deg", 3.0),
    fault("bar_forward", 0.026, "m", 0.02),
    fault("knee_loop", 0.004, "m", 0.02),
    fault("hitch", 0, "stops", 2),
    fault("lowering", 1.1, "m/s", 1.8),
    fault("velocity_loss", 0.14, "ratio", 0.1),
    fault("rounding", None, "deg", 12.0, reason="the mid-back marker was out of sight"),
]


def show_offline(device: Device) -> None:
    """Leave the page with a device that has gone."""
    lift_once(device, 2)
    device.say("state", state("ready", rep=2), retain=True)
    device.status("offline")


def show_watch(device: Device) -> None:
    """Say between two pulls what to watch."""
    lift_once(device, 4)
    device.say("state", state("ready", rep=4), retain=True)
    device.say("cue", cue("Step back a thumb. Then wedge in.", severity="warn"))


def show_stop(device: Device) -> None:
    """End the set."""
    lift_once(device, 5)
    device.say("state", state("floor", rep=5), retain=True)
    device.say("cue", cue("Set done. Rest.", severity="stop"))


SCENES: dict[str, Callable[[Device], None]] = {
    "cue": show_cue,
    "pull": show_pull,
    "good": show_good,
    "watch": show_watch,
    "stop": show_stop,
    "moved": show_moved,
    "moved-cue": show_moved_cue,
    "not-yet": show_not_yet,
    "light": show_ready,
    "technique": show_technique,
    "offline": show_offline,
}


def shoot_cue_page(browser: Browser, url: str, device: Device, out: Path) -> None:
    """Photograph every scene upright and sideways."""
    for size, viewport in SIZES.items():
        for scene, play in SCENES.items():
            context = new_context(browser, viewport, device_scale_factor=2)
            page = context.new_page()
            device.status("online")
            for left_over in ("calibration", "setup"):
                device.say_bytes(left_over, b"", retain=True)
            page.goto(url)
            expect(page.locator("#link")).to_have_text("Live")
            play(device)
            expect(page.locator("#path .up").first).to_be_attached()
            word = "Camera is off" if scene == "offline" else "Live"
            expect(page.locator("#link")).to_have_text(word)
            page.screenshot(path=out / f"cue-{scene}-{size}.png")
            context.close()


def shoot_lesson(browser: Browser, url: str, device: Device, out: Path) -> None:
    """Photograph each step of the lesson."""
    device.status("online")
    device.say("state", state("ready", rep=0), retain=True)
    device.say("setup", setup(None, STATES), retain=True)
    for size in ("narrow", "desk"):
        context = new_context(browser, SIZES[size], device_scale_factor=2)
        page = context.new_page()
        page.goto(f"{url}/learn")
        expect(page.locator("#link")).to_have_text("Live")
        for number in range(1, 6):
            page.locator(".row button").nth(number - 1).click()
            expect(page.locator("#count")).to_have_text(f"{number} / 5")
            page.screenshot(path=out / f"learn-{number}-{size}.png")
        context.close()


def shoot_review(browser: Browser, url: str, out: Path) -> None:
    """Photograph the list, a session and one with marks, on a desk and on a phone."""
    for size, viewport in {"desktop": DESKTOP, "phone": PHONE}.items():
        context = new_context(browser, viewport, device_scale_factor=2)
        page = context.new_page()
        page.goto(f"{url}/review")
        expect(page.locator(".card").first).to_be_visible()
        expect(page.locator(".trends canvas").first).to_be_visible()
        page.screenshot(path=out / f"review-list-{size}.png", full_page=True)
        shown = {"session": session()["id"], "moved": "moved", "coached": "coached"}
        for name, session_id in shown.items():
            page.goto(f"{url}/review/{session_id}")
            shoot_session(page, out / f"review-{name}-{size}.png")
        context.close()


def shoot_session(page: Page, target: Path) -> None:
    """Photograph a session when its charts are drawn."""
    expect(page.locator(".chart canvas").first).to_be_visible()
    page.screenshot(path=target, full_page=True)


def main(out: Path) -> None:
    """Start broker, server and browser, and write the pictures to ``out``."""
    chromium, mosquitto = find_chromium(), find_mosquitto()
    if chromium is None or mosquitto is None:
        sys.exit(HOW_TO_INSTALL if chromium is None else "no mosquitto: apt install mosquitto")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        broker = Mosquitto(mosquitto, Path(folder))
        device = Device(broker.port)
        ben = session(id="b", lifter="Ben", load_kg=180)
        catalogue = MemoryCatalogue(session(), ben, moved_session(), coached_session())
        state = WebState(
            PLATFORM, broker.ws_port, "0.1.0", catalogue, WORDS, access=BOOK, languages=LANGUAGES
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        with serve(create_app(state), "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.port}"
            shoot_cue_page(browser, url, device, out)
            shoot_lesson(browser, url, device, out)
            shoot_review(browser, url, out)
        browser.close()
        device.close()
        broker.kill()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/e2e/screenshots.py OUTDIR")
    main(Path(sys.argv[1]))
