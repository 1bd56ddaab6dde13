"""Files that only their owner may read, replaced as a whole or not at all.

An owner who is root writes for the one whose folder it is: after ``sudo shinline pair`` the service
must still be able to read. That one may have put symbolic links there, and root follows none.
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
        if (owner := _owner_to_be(folder.parent)) is not None:
            os.lchown(folder, *owner)


def open_private(path: Path, flags: int) -> int:
    """Open a file that only its owner can read, from its first byte on; made if missing.

    Raises OSError, also for a symbolic link.
    """
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        handle = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags)
    if (owner := _owner_to_be(path.parent)) is not None:
        os.fchown(handle, *owner)
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


def _owner_to_be(folder: Path) -> tuple[int, int] | None:
    """Return who shall have what root makes in a folder: its owner; None: we are not root."""
    if os.geteuid() != 0:
        return None
    found = folder.stat()
    return found.st_uid, found.st_gid


def _settle(folder: Path) -> None:
    """Have the folder on the disk as well: the new name is an entry in it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
