"""The pairing code: 60 random bits, in letters and digits that survive being read and typed.

Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U among its digits, and
a reader's I, L and O are taken for the 1 and the 0 that they look like.
"""

import hmac
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS: Final = 12
GROUP: Final = 4
LONGEST: Final = 64
"""More than anybody types for a code; what is longer is none."""

_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_code() -> str:
    """Return a new code as it is written: ``K7QM-2XDP-9RVT``."""
    digits = "".join(secrets.choice(ALPHABET) for _ in range(DIGITS))
    return "-".join(digits[i : i + GROUP] for i in range(0, DIGITS, GROUP))


def plain(typed: str) -> str:
    """Return the bare digits of a code that somebody typed; empty when it cannot be one."""
    if len(typed) > LONGEST:
        return ""
    digits = typed.strip().upper().translate(_MISREAD)
    return digits if len(digits) == DIGITS and set(digits) <= set(ALPHABET) else ""


def same(typed: str, code: str) -> bool:
    """Tell whether a code was typed rightly, in a time that does not tell how much of it was."""
    digits = plain(typed)
    return bool(digits) and hmac.compare_digest(digits, plain(code))
