"""What lasting commands share: where their pages are, and how they are asked to stop."""

import io
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import segno
from rich.console import Console


def announce(console: Console, port: int, page: str = "") -> None:
    """Print the page's address and its QR code."""
    url = f"http://{lan_address()}:{port}/{page}"
    console.print(f"phone    {url}", highlight=False)
    if console.is_terminal:
        drawn = io.StringIO()
        segno.make(url, micro=False).terminal(out=drawn, compact=True)
        console.file.write(drawn.getvalue())


def lan_address() -> str:
    """Return this machine's address in the local network; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: only the routing table is asked
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


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
