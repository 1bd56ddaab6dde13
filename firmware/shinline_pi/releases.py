"""Releases side by side: one made beside the running one, switched to in one step, taken back.

Only the standard library: ``deploy/install.sh`` runs this with the system's Python before anything
is installed. The folder, ``/opt/shinline`` on a device::

    releases/0.1.0-1/     venv, units, environment; whole only if it holds the file "complete"
    current -> releases/0.1.0-1
    trial                 while a new release has not shown that it starts; see deploy/guard

A power cut leaves ``current`` where it was, or where it was to be: a symbolic link is replaced by
renaming, after all that it points at is on the disk.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COMPLETE: Final = "complete"
KEPT: Final = 2
"""Releases that stay: the running one, and the one before."""


class ReleaseError(OSError):
    """It could not be done; the message says why, and what runs now."""


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases below ``root``."""

    root: Path

    @property
    def folder(self) -> Path:
        """Where the releases lie."""
        return self.root / "releases"

    @property
    def trial(self) -> Path:
        """The file that is there while a release is on trial: the name of the one before."""
        return self.root / "trial"

    def whole(self) -> list[Path]:
        """Return the complete releases, the oldest first."""
        return sorted((path for path in self._all() if (path / COMPLETE).is_file()), key=number)

    def current(self) -> Path | None:
        """Return the release that the next start takes, None where there is none."""
        try:
            target = (self.root / "current").resolve(strict=True)
        except OSError:
            return None
        return target if target in self.whole() else None

    def other(self) -> Path | None:
        """Return the release to go back to: the newest besides the current one."""
        left = [path for path in self.whole() if path != self.current()]
        return left[-1] if left else None

    def fingerprint(self) -> str:
        """Return what the current release was made from; empty where there is none."""
        current = self.current()
        return "" if current is None else (current / COMPLETE).read_text(encoding="ascii").strip()

    def reserve(self, version: str) -> Path:
        """Make the folder of a new release; what an interrupted attempt left is removed."""
        for left in set(self._all()) - set(self.whole()):
            shutil.rmtree(left)
        latest = max(map(number, self._all()), default=0)
        release = self.folder / f"{version}-{latest + 1}"
        release.mkdir(parents=True)
        return release

    def finish(self, release: Path, fingerprint: str) -> None:
        """Declare a release whole, once every file of it is on the disk."""
        os.sync()
        write_whole(release / COMPLETE, fingerprint + "\n")

    def switch_to(self, release: Path, on_trial: bool) -> None:
        """Let the next start take ``release``; ``on_trial``: deploy/guard may take it back."""
        before = self.current()
        if on_trial and before is not None and before != release:
            write_whole(self.trial, f"{before.name}\n")
        link = self.root / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases") / release.name)
        link.replace(self.root / "current")
        settle(self.root)

    def prune(self) -> list[Path]:
        """Remove all but the current release and the one before; return what was removed."""
        current = self.current()
        if current is None:
            return []
        others = [path for path in self.whole() if path != current]
        gone = others[: -(KEPT - 1)]
        for path in gone:
            self.remove(path)
        return gone

    def remove(self, release: Path) -> None:
        """Remove a release; one that is cut short counts as none."""
        (release / COMPLETE).unlink(missing_ok=True)
        settle(release)
        shutil.rmtree(release)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second update out.

        Raises
        ------
        ReleaseError
            Another one is at it.

        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ReleaseError("another installation or update runs: wait for it") from None
            yield
        finally:
            os.close(handle)

    def _all(self) -> list[Path]:
        return [path for path in self._entries() if path.is_dir()]

    def _entries(self) -> list[Path]:
        return list(self.folder.resolve().iterdir()) if self.folder.is_dir() else []


def number(release: Path) -> int:
    """Return which release it was, counted from 1; 0 for what is none of ours."""
    tail = release.name.rpartition("-")[2]
    return int(tail) if tail.isdecimal() else 0


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a power cut leaves all of it, or what was there before."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Have a folder's entries on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
