"""What lasting commands share: where their pages are, and how they are asked to stop."""

import ctypes
import gc
import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

import segno
from rich.console import Console

from shinline.app.addresses import lan_address
from shinline.config import Web

EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104  (compared, not bound)


def page_address(web: Web, port: int, secure: bool, page: str = "") -> str:
    """Return where a phone finds a page."""
    host = lan_address() if web.bind in EVERYWHERE else web.bind
    host = f"[{host}]" if ":" in host else host
    return f"http{'s' if secure else ''}://{host}:{port}/{page}"


def pairing_link(address: str, code: str) -> str:
    """Return the address that pairs whoever opens it.

    The code is in the fragment, which a browser sends to nobody.
    """
    return f"{address}#pair={code}"


def announce(console: Console, address: str, code: str) -> None:
    """Print the page's address; on a terminal also the code, and both as a QR code.

    What is not a terminal is a log, which others may read.
    """
    console.print(f"phone    {address}", highlight=False, soft_wrap=True)
    if not console.is_terminal or not code:
        console.print("pair     a phone: shinline pair")
        return
    console.print(f"pair     {code}  (or scan this)", highlight=False)
    console.file.write(qr_lines(pairing_link(address, code)))


def qr_lines(text: str) -> str:
    """Return a QR code for a terminal."""
    drawn = io.StringIO()
    segno.make(text, micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue()


def give_memory_back() -> None:
    """Return to the system what an ended session held: its large arrays leave holes in the heap.

    The C library keeps such holes, and fills them badly: without this each session costs some
    megabytes for ever. Where it is another library than glibc nothing is done.
    """
    gc.collect()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """Turn SIGINT and SIGTERM into an event, so that the session is closed in order."""
    stop = threading.Event()

    def handler(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, old in before.items():
            signal.signal(number, old)
