"""Configuration files for mosquitto, the broker of choice where it is installed."""

import base64
import hashlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from shinline.wire.ports import Ports

SEARCH_PATH: Final = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where packages put it although these folders are not on everybody's PATH."""

SALT_BYTES: Final = 12  # the length that mosquitto 2.0 insists on
LARGEST_BYTES: Final = 1_000_000
"""Nothing of ours is larger than a picture; nobody shall fill the device's memory with more."""

PBKDF2_ROUNDS: Final = 101
"""Mosquitto's own number. The secret is random and long: more rounds would protect nothing."""

_CONFIGURATION: Final = """\
user {user}
log_dest stderr
log_type error
log_type warning
connection_messages false
message_size_limit {largest}
sys_interval 0
persistence false
set_tcp_nodelay true
max_queued_messages 1000
allow_anonymous true
password_file {passwords}
acl_file {access}
listener {ports.tcp}
listener {ports.ws}
protocol websockets
"""

_ACCESS: Final = """\
topic read shinline/#
topic write shinline/+/request/#

user {username}
topic readwrite shinline/#
topic readwrite homeassistant/#
"""


def find() -> str | None:
    """Return the path of the mosquitto program, None where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SEARCH_PATH])
    return shutil.which("mosquitto", path=path)


def password_line(username: str, password: str) -> str:
    """Return a line of mosquitto's password file: PBKDF2-HMAC-SHA512, which it calls ``$7$``."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, PBKDF2_ROUNDS)
    salt_text, key_text = (base64.b64encode(part).decode() for part in (salt, key))
    return f"{username}:$7${PBKDF2_ROUNDS}${salt_text}${key_text}\n"


def write_files(work_dir: Path, ports: Ports, username: str, password: str) -> Path:
    """Write configuration, access rules and password file; return the configuration's path.

    Mosquitto started by root would become another user, who may not read our files and whose
    change of identity would undo the leash. It stays who we are.
    """
    configuration, access, passwords = (
        work_dir / f"mosquitto.{part}" for part in ("conf", "acl", "passwords")
    )
    write_private(passwords, password_line(username, password))
    write_private(access, _ACCESS.format(username=username))
    text = _CONFIGURATION.format(
        user=_user(), ports=ports, access=access, passwords=passwords, largest=LARGEST_BYTES
    )
    write_private(configuration, text)
    return configuration


def write_private(path: Path, text: str) -> None:
    """Write a file which only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _user() -> str:
    """Return the user mosquitto is to run as; it heeds this only when started by root."""
    return "root" if os.geteuid() == 0 else "mosquitto"
