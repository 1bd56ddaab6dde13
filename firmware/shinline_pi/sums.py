"""The list of SHA-256 sums that comes with a release, as ``sha256sum *.whl >SHA256SUMS`` writes it.

It tells a download that was cut short, damaged or mixed up. It is no signature: whoever can replace
the wheel can replace the list beside it. Only the standard library, as all of updates.
"""

import hashlib
import re
from pathlib import Path
from typing import Final

from shinline_pi.releases import ReleaseError

SUMS: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"([0-9a-fA-F]{64}) [ *](\S.*)")


def expect_sum(wheel: Path, text: str) -> None:
    """Hold a wheel against the list.

    Raises
    ------
    ReleaseError
        The list does not name it, or names another sum.

    """
    lines = filter(None, map(_LINE.fullmatch, text.splitlines()))
    listed = {match[2]: match[1].lower() for match in lines}
    if wheel.name not in listed:
        raise ReleaseError(f"{SUMS} does not name {wheel.name}: expected the list of that release")
    with wheel.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != listed[wheel.name]:
        raise ReleaseError(
            f"{wheel.name} is damaged, or another one: its SHA-256 is {found}, expected "
            f"{listed[wheel.name]} ({SUMS})"
        )
