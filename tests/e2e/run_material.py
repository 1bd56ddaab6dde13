"""The program itself, started as a lifter would start it, and what it prints."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import shinline
from shinline.app.access import AccessBook
from shinline.config import Access, Config, Mqtt, Tls, Web

DEMO = Path(shinline.__file__).parent / "assets" / "demo.mp4"
DEADLINE_S = 60.0


def book_of(journal: Path) -> AccessBook:
    """Return the book of who is paired with a :func:`program` of that journal."""
    return AccessBook(journal.parent / "shinline" / "access.json")


def any_ports(folder: Path) -> Config:
    """Return a configuration that takes any ports and keeps its data in a folder."""
    return Config(
        mqtt=Mqtt(port=0, ws_port=0),
        web=Web(bind="127.0.0.1", port=0),
        access=Access(path=str(folder / "access.json")),
        tls=Tls(mode="off"),
    )


@dataclass
class Program:
    """A running ``shinline`` and everything it has printed so far."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, deadline_s: float = DEADLINE_S) -> re.Match[str]:
        """Wait until something printed matches; fails with all that was printed."""
        end_s = time.monotonic() + deadline_s
        while time.monotonic() < end_s:
            found = re.search(pattern, self.text)
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        found = re.search(pattern, self.text)
        assert found, f"{pattern!r} was not printed in:\n{self.text}"
        return found


@contextmanager
def program(*arguments: str, journal: Path) -> Iterator[Program]:
    """Start ``shinline`` with its data below ``journal``'s folder; killed at the end."""
    environment = {**os.environ, "XDG_DATA_HOME": str(journal.parent), "COLUMNS": "120"}
    process = subprocess.Popen(
        [sys.executable, "-c", "from shinline.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    running = Program(process)
    ear = threading.Thread(target=running.listen)
    ear.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        ear.join()
        if process.stdout is not None:
            process.stdout.close()
