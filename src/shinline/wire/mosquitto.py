"""Configuration files for mosquitto, the broker of choice where it is installed."""

import os
import shutil
from pathlib import Path
from typing import Final

from shinline.wire.accounts import new_key
from shinline.wire.ports import Ports

SEARCH_PATH: Final = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where packages put it although these folders are not on everybody's PATH."""

LARGEST_BYTES: Final = 1_000_000
"""Nothing of ours is larger than a picture; nobody shall fill the device's memory with more."""

QUEUED_BYTES: Final = 4_000_000
"""Of events that wait for a client which does not take them."""

_CONFIGURATION: Final = """\
user {user}
log_dest stderr
log_type error
log_type warning
connection_messages false
max_packet_size {largest}
max_queued_bytes {queued}
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


def password_line(username: str, key: str) -> str:
    """Return a line of mosquitto's password file; ``key`` is of :mod:`shinline.wire.accounts`."""
    return f"{username}:{key}\n"


def write_files(work_dir: Path, ports: Ports, username: str, password: str) -> Path:
    """Write configuration, access rules and password file; return the configuration's path.

    Mosquitto started by root would become another user, who may not read our files and whose
    change of identity would undo the leash. It stays who we are.
    """
    configuration, access, passwords = (
        work_dir / f"mosquitto.{part}" for part in ("conf", "acl", "passwords")
    )
    write_private(passwords, password_line(username, new_key(password)))
    write_private(access, _ACCESS.format(username=username))
    text = _CONFIGURATION.format(
        user=_user(),
        ports=ports,
        access=access,
        passwords=passwords,
        largest=LARGEST_BYTES,
        queued=QUEUED_BYTES,
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
