"""A paired phone for page tests: one device's book for all pages, and a browser that is in it."""

import json
import tempfile
from functools import cache
from pathlib import Path

from playwright.sync_api import BrowserContext

from shinline.app.access import AccessBook
from shinline.web.state import Credential

_FOLDER = tempfile.TemporaryDirectory(prefix="shinline-access-")

BOOK = AccessBook(Path(_FOLDER.name) / "access.json")
"""``access`` of every ``WebState`` that a test serves."""


@cache
def credential() -> Credential:
    """Return what the test phone logs in with, from a pairing as a phone does it."""
    found = BOOK.pair(BOOK.code(), "Test phone")
    assert found is not None
    return found


def give_credential(context: BrowserContext) -> None:
    """Make a browser profile that of a phone which was paired before, at whatever address."""
    found = credential()
    kept = json.dumps({"username": found.username, "password": found.password})
    context.add_init_script(
        "if (location.protocol !== 'about:')"
        f" localStorage.setItem('shinline.credential', {json.dumps(kept)});"
    )
