"""Renders the picture of docs/verify.md: ``python tests/e2e/screenshots_verify.py OUTDIR``."""

import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "unit"))

from browser import ARGUMENTS, HOW_TO_INSTALL, PHONE, find_chromium, new_context
from click.testing import CliRunner
from playwright.sync_api import sync_playwright
from verify_material import write_reps

from shinline.cli import main as shinline

DESK = {"width": 1120, "height": 1000}


def main(out: Path) -> None:
    """Compare simulated reps with a simulated device, and photograph the page."""
    executable = find_chromium()
    if executable is None:
        sys.exit(HOW_TO_INSTALL)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        ours, theirs = write_reps(folder)
        CliRunner().invoke(shinline, ["verify", "compare", str(ours), str(theirs), "--out", name])
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS])
        for size, viewport, scheme in (("desk", DESK, "light"), ("phone", PHONE, "dark")):
            context = new_context(browser, viewport, color_scheme=scheme)
            page = context.new_page()
            page.goto((folder / "compare.html").as_uri())
            page.screenshot(path=out / f"verify-{size}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
