"""The file: strict when it is read, replaced as a whole when it is written, private always."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from shinline.app.access.code import new_code, plain
from shinline.app.private import open_private, private_folder, replace_private
from shinline.section import Section

FORMAT: Final = 1
MOST_PHONES: Final = 64
LARGEST_BYTES: Final = 100_000
"""Sixty-four phones take a third of it; whatever is larger is no file of ours."""

LONGEST_NAME: Final = 40

Date = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class AccessError(OSError):
    """The file cannot be used, or has no room; the message names it and says what to do."""


class Phone(Section, frozen=True):
    """A phone, or another program, that was paired. Of its password only a key is kept."""

    username: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,32}$")]
    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    key: Annotated[str, Meta(pattern=r"^\$7\$\d{1,6}\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$")]
    created: Date
    seen: Date | None = None
    """The last day it was heard of over HTTP; to the day, because nobody needs to know more."""


class Contents(Section, frozen=True):
    """All that the file says."""

    code: str
    phones: Annotated[tuple[Phone, ...], Meta(max_length=MOST_PHONES)] = ()
    format: int = FORMAT


def default_path(configured: str = "") -> Path:
    """Return where the file is: as configured, or in the user's data folder, by the journal."""
    if configured:
        return Path(configured).expanduser()
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "shinline" / "access.json"


def read(path: Path) -> Contents | None:
    """Return what the file says, None where there is none.

    Raises
    ------
    AccessError
        It cannot be read, or is damaged; it is left as it is.

    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise AccessError(f"{path}: cannot be read: {problem.strerror}") from None
    return _decoded(path, data)


def _decoded(path: Path, data: bytes) -> Contents:
    try:
        if len(data) > LARGEST_BYTES:
            raise msgspec.ValidationError(f"larger than {LARGEST_BYTES} bytes")
        contents = msgspec.json.decode(data, type=Contents)
        _expect_sense(contents)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        # Without the cause: its text holds a piece of the file, which is nobody's to read.
        reason = str(problem).partition(" - at ")[0]
        raise AccessError(
            f"{path}: is damaged ({reason}); nobody can pair until it is put right. Bring a copy "
            "back, or move it away: then all phones have to be paired anew"
        ) from None
    return contents


def _expect_sense(contents: Contents) -> None:
    """Refuse what fits the types and cannot have been written by us."""
    if contents.format != FORMAT:
        raise msgspec.ValidationError(f"format {contents.format}; this Shinline knows {FORMAT}")
    if not plain(contents.code):
        raise msgspec.ValidationError("the pairing code is none")
    usernames = [phone.username for phone in contents.phones]
    if len(set(usernames)) < len(usernames):
        raise msgspec.ValidationError("a user name is there twice")


@contextmanager
def locked(path: Path) -> Iterator[Contents]:
    """Keep other processes from writing, and give what the file says now (a new code if nothing).

    Raises AccessError as :func:`read` does, or when the folder cannot be written.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        private_folder(path.parent)
        handle = open_private(lock, os.O_RDWR)
    except OSError as problem:
        raise AccessError(f"{lock}: cannot be written: {problem.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield read(path) or Contents(new_code())
    finally:
        os.close(handle)


def write(path: Path, contents: Contents) -> None:
    """Replace the file: after a power cut there is the old one or the new one, and no half.

    Raises AccessError when it cannot be written; the old one is then still there.
    """
    data = msgspec.json.format(msgspec.json.encode(contents), indent=1) + b"\n"
    try:
        replace_private(path, data)
    except OSError as problem:
        raise AccessError(f"{path}: cannot be written: {problem.strerror}") from None
