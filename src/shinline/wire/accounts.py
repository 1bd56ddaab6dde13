"""Who may log in at the embedded broker: a name, and what proves it.

Of a password only a key is kept, in the form that mosquitto reads; a file that somebody copies
opens nothing.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SALT_BYTES: Final = 12  # the length that mosquitto 2.0 insists on

PBKDF2_ROUNDS: Final = 101
"""Mosquitto's own number. Our secrets are random and long: more rounds would protect nothing."""


@dataclass(frozen=True, slots=True)
class Account:
    """A phone, or any other program that was paired. ``key`` is as :func:`new_key` makes it.

    ``home``: it is a Home Assistant, which may look for devices and say that it has started.
    """

    username: str
    key: str
    home: bool = False


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate with its chain, and its private key; both PEM."""

    certificate: Path
    key: Path


def new_key(password: str) -> str:
    """Return what is kept of a password: PBKDF2-HMAC-SHA512, which mosquitto calls ``$7$``."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = _derived(password, salt, PBKDF2_ROUNDS)
    salt_text, key_text = (base64.b64encode(part).decode() for part in (salt, key))
    return f"$7${PBKDF2_ROUNDS}${salt_text}${key_text}"


def matches(key: str, password: str) -> bool:
    """Tell whether a password is the one of a key; False for a key that is none."""
    try:
        _, kind, rounds, salt, kept = key.split("$")
        known = base64.b64decode(kept, validate=True)
        tried = _derived(password, base64.b64decode(salt, validate=True), int(rounds))
    except (ValueError, binascii.Error):
        return False
    return kind == "7" and hmac.compare_digest(tried, known)


def _derived(password: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
