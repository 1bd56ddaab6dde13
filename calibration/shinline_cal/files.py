"""How the files of a calibration are written: TOML, in one step, whatever happens meanwhile."""

import json
import os
import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from shinline.types import CameraIdentity

T = TypeVar("T", bound=msgspec.Struct)

NAMELESS: Final = "camera"
_READABLE: Final = 0o644
"""The service reads as its own user what somebody else calibrated; there is no secret in it."""


def toml_value(value: Any) -> str:
    """Return a value as TOML: JSON's spelling, but for dates, NaN, infinity and DEL."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def load(path: Path, kind: type[T], error: type[Exception]) -> T:
    """Read a TOML file into a struct.

    Raises
    ------
    error
        The file is missing, is no TOML, has an unknown or lacks a known key, or a value is out of
        its range, infinite or not a number.

    """
    try:
        return msgspec.toml.decode(path.read_text(encoding="utf-8"), type=kind)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as problem:
        raise error(f"{path}: {reason(problem)}") from None


def save(path: Path, value: msgspec.Struct, error: type[Exception]) -> None:
    """Write a struct as TOML in one step: after a power cut there is the old file or the new one.

    Raises
    ------
    error
        A value is out of its range, or the file cannot be written. An older file is untouched.

    """
    try:
        text = _toml(value)
        # The ranges are checked where they are checked when loading.
        msgspec.toml.decode(text, type=type(value))
        replace(path, text.encode())
    except (OSError, UnicodeEncodeError, msgspec.DecodeError) as problem:
        raise error(f"{path}: {reason(problem)}") from None


def _toml(value: msgspec.Struct) -> str:
    """Write the values first and the tables after them, as TOML wants it; None is left out."""
    fields: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(date,))
    fields = {name: value for name, value in fields.items() if value is not None}
    tables = {name: value for name, value in fields.items() if isinstance(value, dict)}
    lines = [
        f"{name} = {toml_value(value)}" for name, value in fields.items() if name not in tables
    ]
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        lines += [f"{toml_value(key)} = {toml_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def reason(problem: Exception) -> str:
    """Return why a file could not be read or written, without its name."""
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return str(problem).replace("`", "'")


def replace(path: Path, data: bytes) -> None:
    """Write beside the file, force it onto the disk, then take its place.

    After a power cut there is the old file or the new one.

    Raises
    ------
    OSError
        The file cannot be written. An older one is untouched.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), _READABLE)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force the new name onto the disk; without it a power cut may bring the old file back."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def name_of(camera: CameraIdentity | None) -> str:
    """Return what a camera's files are called; cameras that do not say who they are share one."""
    serial = camera.serial or camera.model if camera is not None else ""
    return re.sub(r"[^A-Za-z0-9_-]", "-", serial)[-64:] or NAMELESS
