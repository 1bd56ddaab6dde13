"""Draws the app's icons from its one drawing: ``python tests/e2e/app_icons.py``."""

import sys
from pathlib import Path

from browser import ARGUMENTS, HOW_TO_INSTALL, find_chromium
from playwright.sync_api import Browser, sync_playwright

STATIC = Path(__file__).parents[2] / "src" / "shinline" / "web" / "static"
GROUND = "#0b0e12"
WHOLE = 1.0
INSIDE = 0.72
"""A system cuts a maskable icon to a shape of its own: 0.8 of the width is sure to stay."""

ICONS = {
    "icon-180.png": (180, WHOLE, True),
    "icon-192.png": (192, WHOLE, False),
    "icon-512.png": (512, WHOLE, False),
    "icon-maskable-512.png": (512, INSIDE, True),
}
"""Of each file: its side in pixels, the drawing's share of it, and whether it has a ground."""


def draw(browser: Browser, name: str, side_px: int, share: float, has_ground: bool) -> None:
    """Render one icon into the folder of the pages' files."""
    page = browser.new_page(viewport={"width": side_px, "height": side_px})
    drawing = (STATIC / "app-icon.svg").read_text(encoding="utf-8")
    ground = GROUND if has_ground else "transparent"
    page.set_content(
        f"<style>body {{ margin: 0; display: grid; place-items: center; height: 100vh;"
        f" background: {ground} }} svg {{ width: {100 * share}vw }}</style>{drawing}"
    )
    page.screenshot(path=STATIC / name, omit_background=not has_ground)
    page.close()


def main() -> None:
    """Draw them all."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit(HOW_TO_INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        for name, (side_px, share, has_ground) in ICONS.items():
            draw(browser, name, side_px, share, has_ground)
        browser.close()


if __name__ == "__main__":
    main()
