"""Photograph how a phone comes in: ``python tests/e2e/screenshots_pair.py OUTDIR [LANGUAGE …]``.

The pictures of another language than English bear its name.
"""

import sys
import tempfile
from pathlib import Path

import pypdfium2
from browser import ARGUMENTS, HOW_TO_INSTALL, PHONE, find_chromium, new_context
from pages_data import MemoryCatalogue
from playwright.sync_api import Browser, expect, sync_playwright

from shinline.app.access import AccessBook
from shinline.app.pair_sheet import draw_sheet
from shinline.app.tls import TlsFolder
from shinline.app.words import with_words
from shinline.config import Coach, Config
from shinline.web.plain import PlainState, create_plain_app
from shinline.web.server import create_app, serve
from shinline.web.state import WebState

NARROW = {"width": 320, "height": 568}


def _end(language: str) -> str:
    return "" if language == "en" else f"-{language}"


def _pairing(browser: Browser, book: AccessBook, out: Path, language: str) -> None:
    words = with_words(Config(coach=Coach(language=language))).words
    state = WebState("platform1", 9001, "1", MemoryCatalogue(), words, access=book)
    with serve(create_app(state), "127.0.0.1", 0) as server:
        for name, size in (("", PHONE), ("-narrow", NARROW)):
            context = new_context(browser, size, paired=False, device_scale_factor=2)
            page = context.new_page()
            # A name of this machine that is no loopback address, so that it says what it lacks.
            page.goto(f"http://shinline.localhost:{server.port}/")
            expect(page.get_by_role("dialog")).to_be_visible()
            page.screenshot(path=out / f"pair{name}{_end(language)}.png")
            context.close()
        context = new_context(browser, PHONE, paired=False, device_scale_factor=2)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/#pair=0000-0000-0000")
        expect(page.get_by_role("alert")).not_to_be_empty()
        page.screenshot(path=out / f"pair-wrong{_end(language)}.png")
        context.add_init_script(
            """localStorage.setItem("shinline.credential", '{"username":"x","password":"y"}')"""
        )
        page.goto(f"http://127.0.0.1:{server.port}/review")
        expect(page.locator(".gone")).to_be_visible()
        page.screenshot(path=out / f"pair-gone{_end(language)}.png")
        context.close()


def _trust(browser: Browser, folder: TlsFolder, out: Path, language: str) -> None:
    words = with_words(Config(coach=Coach(language=language))).words
    fingerprint = folder.make().fingerprint
    state = PlainState(8443, "", folder.download, fingerprint, words)
    with serve(create_plain_app(state), "127.0.0.1", 0) as server:
        context = new_context(browser, PHONE, paired=False, device_scale_factor=2)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/")
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.screenshot(path=out / f"trust{_end(language)}.png")
        context.close()


def _sheet(book: AccessBook, out: Path) -> None:
    document = pypdfium2.PdfDocument(draw_sheet("http://192.168.0.7:8080/", book.code(), "rack2"))
    document[0].render(scale=1.5).to_pil().save(out / "pair-sheet.png")


def main(out: Path, languages: list[str]) -> None:
    """Write the pictures into ``out``."""
    executable = find_chromium()
    if executable is None:
        sys.exit(HOW_TO_INSTALL)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as held, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS])
        book, folder = AccessBook(Path(held) / "access.json"), TlsFolder(Path(held) / "tls")
        for language in languages:
            _pairing(browser, book, out, language)
            _trust(browser, folder, out, language)
        _sheet(book, out)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or ["en"])
