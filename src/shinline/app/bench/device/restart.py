"""How soon the program has its first frame again when it was killed, with its kernels compiled."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from shinline.app.plugins import CommandError

PATIENCE_S: Final = 180.0
"""For the first start of a release, which compiles."""

_PROGRAM: Final = (sys.executable, "-c", "from shinline.cli import main; main()")
_PORTS: Final = ("--port", "0", "--mqtt-port", "0", "--ws-port", "0")


def restart_s(source: str) -> float:
    """Return the seconds from killing the program to the next one's first frame handed over.

    The program says so itself, as it does to systemd; how long systemd waits before it starts a
    service again (``RestartSec=``) comes on top. Data go into a folder that is thrown away.

    Raises
    ------
    CommandError
        The program does not get as far as its first frame.

    """
    with (
        tempfile.TemporaryDirectory(prefix="shinline-restart-") as name,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear,
    ):
        folder = Path(name)
        ear.bind(str(folder / "notify"))
        ear.settimeout(PATIENCE_S)
        with _started(source, folder) as first:
            _wait_until_ready(ear, first)
            first.send_signal(signal.SIGKILL)
            killed_s = time.monotonic()
        with _started(source, folder) as second:
            _wait_until_ready(ear, second)
            took_s = time.monotonic() - killed_s
            second.kill()
    return took_s


def _started(source: str, folder: Path) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "XDG_DATA_HOME": str(folder),
        "NOTIFY_SOCKET": str(folder / "notify"),
    }
    return subprocess.Popen(  # noqa: S603  (our own program, no shell)
        [*_PROGRAM, "run", "--source", source, *_PORTS],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def _wait_until_ready(ear: socket.socket, program: "subprocess.Popen[bytes]") -> None:
    try:
        while ear.recv(4096) != b"READY=1":
            pass
    except TimeoutError:
        program.kill()
        raise CommandError(f"no frame was handed over within {PATIENCE_S:.0f} s") from None
