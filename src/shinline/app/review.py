"""``shinline review``: the review page alone, without measuring."""

import threading
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from shinline.app.door import Door
from shinline.app.surroundings import stop_on_signal
from shinline.app.words import with_words
from shinline.config import Config
from shinline.journal.reader import Catalogue


def serve_review(config: Config, journal: Path, console: Console) -> None:
    """Serve until a signal asks to stop.

    Raises
    ------
    ConfigError, PortInUse, JournalError, TlsError
        The words cannot be used, the port is taken, the journal or the certificates cannot be read.

    """
    config = with_words(config)
    catalogue = Catalogue(journal)
    catalogue.sessions()  # an unreadable journal is told now and not on the page
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signal())
        door = Door(config, console)
        stack.callback(door.phones.close)
        door.serve(stack, catalogue, None, page="review")
        console.print("Ctrl-C ends it")
        _wait(stop)


def _wait(stop: threading.Event) -> None:
    while not stop.wait(0.5):
        pass
