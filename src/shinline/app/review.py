"""``shinline review``: the review page alone, without measuring."""

import threading
from pathlib import Path

from rich.console import Console

from shinline import __version__
from shinline.app.surroundings import announce, stop_on_signal
from shinline.app.words import languages, with_words
from shinline.config import Config
from shinline.journal.reader import Catalogue
from shinline.web.server import create_app, serve
from shinline.web.state import WebState


def serve_review(config: Config, journal: Path, console: Console) -> None:
    """Serve until a signal asks to stop.

    Raises
    ------
    ConfigError, PortInUse, JournalError
        The words cannot be used, the port is taken, or the journal cannot be read.

    """
    catalogue = Catalogue(journal)
    catalogue.sessions()  # an unreadable journal is told now and not on the page
    state = WebState(
        config.platform,
        None,
        __version__,
        catalogue,
        with_words(config).words,
        languages=languages(),
    )
    with (
        stop_on_signal() as stop,
        serve(create_app(state), config.web.bind, config.web.port) as page,
    ):
        announce(console, page.port, "review")
        console.print("Ctrl-C ends it")
        _wait(stop)


def _wait(stop: threading.Event) -> None:
    while not stop.wait(0.5):
        pass
