"""Configuration files for mosquitto, the broker of choice where it is installed."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from shinline.wire.accounts import TlsFiles
from shinline.wire.ports import Ports
from shinline.wire.rights import Entry, Rights

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
allow_anonymous false
password_file {passwords}
acl_file {access}
"""


def find() -> str | None:
    """Return the path of the mosquitto program, None where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SEARCH_PATH])
    return shutil.which("mosquitto", path=path)


def password_line(username: str, key: str) -> str:
    """Return a line of mosquitto's password file; ``key`` is of :mod:`shinline.wire.accounts`."""
    return f"{username}:{key}\n"


def write_files(
    work_dir: Path, ports: Ports, everybody: Sequence[Entry], tls: TlsFiles | None = None
) -> Path:
    """Write configuration, access rules and password file; return the configuration's path.

    Mosquitto started by root would become another user, who may not read our files and whose
    change of identity would undo the leash. It stays who we are.
    """
    write_access(work_dir, everybody)
    settings = _CONFIGURATION.format(
        user=_user(),
        largest=LARGEST_BYTES,
        queued=QUEUED_BYTES,
        passwords=_passwords(work_dir),
        access=_access(work_dir),
    )
    configuration = work_dir / "mosquitto.conf"
    write_private(configuration, settings + _listeners(ports, tls))
    return configuration


def write_access(work_dir: Path, everybody: Sequence[Entry]) -> None:
    """Write who may log in and what they may do then; mosquitto reads it again on SIGHUP."""
    lines = (password_line(entry.account.username, entry.account.key) for entry in everybody)
    write_private(_passwords(work_dir), "".join(lines))
    rules = "\n".join(_rules(entry.account.username, entry.rights) for entry in everybody)
    write_private(_access(work_dir), rules)


def write_private(path: Path, text: str) -> None:
    """Write a file which only its owner can read, all of it at once."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _passwords(work_dir: Path) -> Path:
    return work_dir / "mosquitto.passwords"


def _access(work_dir: Path) -> Path:
    return work_dir / "mosquitto.acl"


def _rules(username: str, rights: Rights) -> str:
    reads = [f"topic read {topic}\n" for topic in rights.reads]
    writes = [f"topic write {topic}\n" for topic in rights.writes]
    return "".join([f"user {username}\n", *reads, *writes])


def _listeners(ports: Ports, tls: TlsFiles | None) -> str:
    """Return the listeners; with TLS only this machine may come without it."""
    if tls is None:
        return f"listener {ports.tcp}\nlistener {ports.ws}\nprotocol websockets\n"
    secured = f"certfile {tls.certificate}\nkeyfile {tls.key}\n"
    return (
        f"listener {ports.tcp} 127.0.0.1\n"
        f"listener {ports.tls}\n{secured}"
        f"listener {ports.ws}\nprotocol websockets\n{secured}"
    )


def _user() -> str:
    """Return the user mosquitto is to run as; it heeds this only when started by root."""
    return "root" if os.geteuid() == 0 else "mosquitto"
