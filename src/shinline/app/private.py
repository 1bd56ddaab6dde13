"""Files that only their owner may read, replaced as a whole or not at all."""

import os
import secrets
from pathlib import Path


def replace_private(path: Path, data: bytes) -> None:
    """Put ``data`` where ``path`` is: after a power cut the old file is there, or the new one.

    Only its owner can read it, from its first byte on. Raises OSError; the old one is then intact.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _settle(path.parent)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _settle(folder: Path) -> None:
    """Have the folder on the disk as well: the new name is an entry in it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
