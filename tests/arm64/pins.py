"""Print the lock file's lines for Debian trixie on 64-bit ARM: what its Python would install.

``python pins.py LOCK NAME ...``; without names every package of the lock file. Evaluated here
because pip takes markers from the Python it runs on, whatever platform it installs for.
"""

import re
import sys
from pathlib import Path

from packaging.markers import Marker

TRIXIE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.13.5",
    "python_version": "3.13",
    "sys_platform": "linux",
}


def pins(lock: str, names: set[str]) -> list[str]:
    """Return the entries of a lock file that apply, each in one line with its hashes."""
    found = []
    for entry in lock.replace("\\\n", " ").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==(\S+)\s*(?:;(.*?))?((?:\s+--hash=\S+)+)\s*$", entry)
        if match is None:
            continue
        name, version, marker, hashes = match.groups()
        if (not names or name in names) and (not marker or Marker(marker).evaluate(TRIXIE)):
            found.append(f"{name}=={version}{hashes}")
    return found


if __name__ == "__main__":
    lines = pins(Path(sys.argv[1]).read_text(encoding="utf-8"), set(sys.argv[2:]))
    print("\n".join(lines))
