"""Files that only their owner may read, replaced as a whole or not at all.

An owner who is root writes for the one whose folder it is: after ``sudo shinline pair`` the service
must still be able to read.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner alone; one that exists stays as it is.

    Raises OSError.
    """
    if folder.is_dir():
        return
    private_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        _give(folder, folder.parent)


def open_private(path: Path, flags: int) -> int:
    """Open a file that only its owner can read, from its first byte on; made if missing.

    Raises OSError.
    """
    existed = path.exists()
    handle = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not existed:
        _give(handle, path.parent)
    return handle


def replace_private(path: Path, data: bytes) -> None:
    """Put ``data`` where ``path`` is: after a power cut the old file is there, or the new one.

    Raises OSError; the old one is then intact.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(open_private(draft, os.O_WRONLY | os.O_EXCL), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _settle(path.parent)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _give(what: int | Path, folder: Path) -> None:
    """Let the owner of the folder have it, where we are somebody else and may do that."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(what, owner.st_uid, owner.st_gid)


def _settle(folder: Path) -> None:
    """Have the folder on the disk as well: the new name is an entry in it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
