"""Photograph the program at work: ``python tests/e2e/screenshots_run.py OUTDIR``.

Runs the bundled recording with the embedded broker, opens the phone page at phone size, waits for
the first correction, and afterwards takes the review page of that very session.
"""

import sys
import tempfile
from pathlib import Path

from browser import ARGUMENTS, HOW_TO_INSTALL, find_chromium
from playwright.sync_api import Browser, sync_playwright
from run_material import book_of, program

PORTS = ("--port", "0", "--mqtt-port", "0", "--ws-port", "0")


def _phone(browser: Browser, journal: Path, out: Path) -> None:
    with program("run", *PORTS, "--journal", str(journal), journal=journal) as running:
        port = running.wait_for(r"phone +http://[^:]+:(\d+)/").group(1)
        size = {"width": 390, "height": 844}
        # The flash in its steady colour.
        page = browser.new_page(viewport=size, device_scale_factor=2, reduced_motion="reduce")
        page.goto(f"http://127.0.0.1:{port}/#pair={book_of(journal).code()}")
        page.get_by_text("Drag the bar up your legs").first.wait_for(timeout=90_000)
        page.screenshot(path=out / "phone.png")
        running.process.wait(60.0)


def _review(browser: Browser, journal: Path, out: Path) -> None:
    with program("review", "--port", "0", "--journal", str(journal), journal=journal) as running:
        port = running.wait_for(r"phone +http://[^:]+:(\d+)/").group(1)
        page = browser.new_page(viewport={"width": 1280, "height": 820})
        page.goto(f"http://127.0.0.1:{port}/review#pair={book_of(journal).code()}")
        page.locator("a[href^='/review/']").first.click()
        page.get_by_text("What was judged").first.wait_for()
        page.screenshot(path=out / "review.png")


def main(out: Path) -> None:
    """Write phone.png and review.png into ``out``."""
    executable = find_chromium()
    if executable is None:
        sys.exit(HOW_TO_INSTALL)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS])
        journal = Path(folder) / "shinline" / "journal.sqlite3"
        _phone(browser, journal, out)
        _review(browser, journal, out)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
