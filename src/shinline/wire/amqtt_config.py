"""Configuration files for the Python broker. It does not import amqtt, which is slow to load."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from shinline.wire.accounts import TlsFiles
from shinline.wire.mosquitto import write_private
from shinline.wire.ports import Ports
from shinline.wire.rights import Entry

_DOORKEEPER: Final = "shinline.wire.doorkeeper.Doorkeeper"


def write_files(
    work_dir: Path, ports: Ports, everybody: Sequence[Entry], tls: TlsFiles | None = None
) -> Path:
    """Write configuration and accounts; return the configuration's path."""
    write_access(work_dir, everybody)
    configuration = work_dir / "amqtt.json"
    plugins = {_DOORKEEPER: {"accounts": str(_accounts(work_dir))}}
    settings = {"listeners": _listeners(ports, tls), "plugins": plugins}
    write_private(configuration, json.dumps(settings))
    return configuration


def write_access(work_dir: Path, everybody: Sequence[Entry]) -> None:
    """Write who may log in and what they may do then; the broker reads it again on SIGHUP."""
    known = [
        {
            "username": entry.account.username,
            "key": entry.account.key,
            "reads": entry.rights.reads,
            "writes": entry.rights.writes,
        }
        for entry in everybody
    ]
    write_private(_accounts(work_dir), json.dumps(known))


def _accounts(work_dir: Path) -> Path:
    return work_dir / "amqtt.accounts"


def _listeners(ports: Ports, tls: TlsFiles | None) -> dict[str, Any]:
    """Return amqtt's listeners. An address of nothing but the port means every interface.

    With TLS only this machine may come without it.
    """
    tcp, ws = {"type": "tcp", "bind": str(ports.tcp)}, {"type": "ws", "bind": str(ports.ws)}
    if tls is None:
        return {"default": tcp, "websocket": ws}
    secured = {"ssl": True, "certfile": str(tls.certificate), "keyfile": str(tls.key)}
    return {
        "default": tcp | {"bind": f"127.0.0.1:{ports.tcp}"},
        "tls": {"type": "tcp", "bind": str(ports.tls)} | secured,
        "websocket": ws | secured,
    }
