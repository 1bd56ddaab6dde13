"""Configuration file for the Python broker. It does not import amqtt, which is slow to load."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from shinline.wire.mosquitto import write_private
from shinline.wire.ports import Ports

_DOORKEEPER: Final = "shinline.wire.doorkeeper.Doorkeeper"


def write_file(work_dir: Path, ports: Ports, username: str, password: str) -> Path:
    """Write the broker's configuration; return its path."""
    path = work_dir / "amqtt.json"
    write_private(path, json.dumps(_configuration(ports, username, password)))
    return path


def digest(password: str) -> str:
    """Return what the configuration keeps of a password that is random and long."""
    return hashlib.sha256(password.encode()).hexdigest()


def _configuration(ports: Ports, username: str, password: str) -> dict[str, Any]:
    """Return amqtt's settings. An address of nothing but the port means every interface."""
    credential = {"username": username, "password_sha256": digest(password)}
    return {
        "listeners": {
            "default": {"type": "tcp", "bind": str(ports.tcp)},
            "websocket": {"type": "ws", "bind": str(ports.ws)},
        },
        "plugins": {_DOORKEEPER: credential},
    }
