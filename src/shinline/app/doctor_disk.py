"""``shinline doctor`` on where the device writes: the journal, its disk, and whether it lasts."""

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shinline.app.doctor_check import Check
from shinline.config import Config
from shinline.journal.errors import JournalError
from shinline.journal.reader import Catalogue

FREE_MIN_B: Final = 1_000_000_000
WORN: Final = 9
"""Tenths of its life that the maker promised; a card that tells has spares left then."""

MOUNTS: Final = Path("/proc/self/mountinfo")
SYS: Final = Path("/sys")


def journal_file(_config: Config, journal: Path) -> Check:
    """Check that the journal can be written, and read where there is one."""
    problem = write_problem(journal.parent)
    if problem:
        advice = "name another file with --journal, or in journal.path"
        return Check("journal", False, f"{journal}: {problem}", advice)
    if not journal.exists():
        return Check("journal", True, f"{journal} will be made")
    return _existing_journal(journal)


def _existing_journal(journal: Path) -> Check:
    try:
        journal.open("r+b").close()
        count = len(Catalogue(journal).sessions())
    except OSError as problem:
        detail, advice = f"{journal}: {problem.strerror}", "make the file writable"
    except JournalError as problem:
        detail, advice = str(problem), "move it away, or name another file with --journal"
    else:
        return Check("journal", True, f"{journal}, sessions: {count}")
    return Check("journal", False, detail, advice)


def disk(_config: Config, journal: Path) -> Check:
    """Check that there is room for sessions."""
    free_b = shutil.disk_usage(nearest(journal)).free
    detail = f"{free_b / 1e9:.1f} GB free where the journal is"
    if free_b < FREE_MIN_B:
        advice = f"free some space: {FREE_MIN_B / 1e9:.0f} GB is the least for many sessions"
        return Check("disk space", False, detail, advice)
    return Check("disk space", True, detail)


def write_problem(folder: Path) -> str:
    """Return why nothing can be written into a folder, existing or to be made; empty if it can."""
    try:
        with tempfile.TemporaryFile(dir=nearest(folder)):
            return ""
    except OSError as problem:
        return (problem.strerror or str(problem)).lower()


def nearest(path: Path) -> Path:
    """Return the path itself if it exists, else the nearest thing above it that does."""
    for candidate in (path.absolute(), *path.absolute().parents):
        with suppress(PermissionError):  # inside a folder we may not look into: go on above it
            if candidate.exists():
                return candidate
    return Path(path.anchor)


# --- does it last -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mount:
    """A line of ``/proc/self/mountinfo``, as much of it as counts here."""

    device: str  # major:minor
    point: str
    kind: str
    options: str  # those of the file system


def lasting(_config: Config, journal: Path) -> Check:
    """Check that what is written is there after the next start, and what the card tells of itself.

    SD cards do not tell their wear; some eMMC modules do, and ext4 counts its own errors.
    """
    name, folder = "storage", nearest(journal)
    mounts = _mounts()
    mount = next((m for m in reversed(mounts) if m.device == _device(folder)), None)
    if mount is None:
        return Check(name, True, "what kind it is cannot be told")
    if mount.kind in ("tmpfs", "ramfs") or _forgets(mount, mounts):
        detail = f"{folder} is in memory only: sessions are gone with the next start"
        advice = "name a journal on a partition that is kept (journal.path)"
        return Check(name, False, detail, advice)
    errors, worn = _errors(mount), _worn(mount)
    told = [mount.kind, *([f"{10 * worn} % of its life used"] if worn is not None else [])]
    if errors:
        detail = f"{', '.join(told)}; it has noted {errors} errors"
        return Check(name, False, detail, "copy the journal away, and replace the card")
    if worn is not None and worn >= WORN:
        return Check(name, False, ", ".join(told), "replace it before it fails")
    return Check(name, True, ", ".join(told))


def _device(path: Path) -> str:
    number = path.stat().st_dev
    return f"{os.major(number)}:{os.minor(number)}"


def _mounts() -> list[_Mount]:
    with suppress(OSError, IndexError):
        rows = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
        return [
            _Mount(row[2], row[4], row[row.index("-") + 1], row[row.index("-") + 3]) for row in rows
        ]
    return []


def _forgets(mount: _Mount, mounts: list[_Mount]) -> bool:
    """Tell whether an overlay keeps what is written in memory, as a read-only Raspberry Pi does."""
    if mount.kind != "overlay":
        return False
    options = dict(each.partition("=")[::2] for each in mount.options.split(","))
    upper = Path(options.get("upperdir", "/"))
    homes = [m for m in mounts if upper.is_relative_to(m.point)]
    return bool(homes) and max(homes, key=lambda m: len(m.point)).kind == "tmpfs"


def _errors(mount: _Mount) -> int:
    with suppress(OSError, ValueError):
        name = (SYS / "dev/block" / mount.device).resolve().name
        return int((SYS / "fs/ext4" / name / "errors_count").read_text(encoding="ascii"))
    return 0


def _worn(mount: _Mount) -> int | None:
    """Return how many tenths of its life an eMMC has used; None where it does not tell."""
    with suppress(OSError, ValueError):
        partition = (SYS / "dev/block" / mount.device).resolve()
        for disk in (partition, partition.parent):
            if (life := disk / "device/life_time").exists():
                tenths = [int(word, 16) for word in life.read_text(encoding="ascii").split()]
                return max(tenths) or None  # 0: not defined
    return None
