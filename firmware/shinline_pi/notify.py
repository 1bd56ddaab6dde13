"""What systemd is told: that we are ready, that frames keep coming, that we stop.

A message is one datagram to the socket that systemd names in the environment (sd_notify(3)); where
there is none, nobody is told. A watchdog is only pinged by a frame that is newer than the one
before: a camera that hangs, or hands out the same picture for ever, gets the program restarted.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

_PINGS: Final = 4
"""So often within the time after which systemd loses its patience."""

_NEVER: Final = 1 << 62
_NS_PER_US: Final = 1000


class Notifier:
    """Tells systemd. Never raises and never waits: nobody may be listening, or too slowly.

    Parameters
    ----------
    environment
        Where ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` are looked for.
    clock
        CLOCK_MONOTONIC in ns.

    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._clock = clock
        self._socket = _connected(environment.get("NOTIFY_SOCKET", ""))
        self.watchdog_ns = _watchdog_ns(environment) if self._socket is not None else 0
        self._next_ns = 0 if self.watchdog_ns else _NEVER
        self._ready = self._socket is None
        self._frame_ns: int | None = None

    @property
    def listened_to(self) -> bool:
        """Whether there is somebody to tell."""
        return self._socket is not None

    def frame(self, t_ns: int) -> None:
        """Take note of a frame: the first one says that we are ready, each fresh one we are well.

        ``t_ns`` is the frame's own time, on any clock.
        """
        if t_ns == self._frame_ns:
            return
        self._frame_ns = t_ns
        if not self._ready:
            self._ready = True
            self._send("READY=1")
        now_ns = self._clock()
        if now_ns >= self._next_ns:
            self._next_ns = now_ns + self.watchdog_ns // _PINGS
            self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in one line what is going on, for ``systemctl status``."""
        self._send(f"STATUS={' '.join(text.split())}")

    def close(self) -> None:
        """Say that we stop. Closing twice does no harm."""
        self._send("STOPPING=1")
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, message: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(message.encode())
        except OSError:  # gone, or its queue is full: the next ping tells as much
            return


def _connected(address: str) -> socket.socket | None:
    """Return a socket to whoever listens; a leading @ stands for Linux' abstract names."""
    if not address.startswith(("/", "@")):
        return None
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    ours.setblocking(False)
    try:
        ours.connect("\0" + address[1:] if address.startswith("@") else address)
    except OSError:
        ours.close()
        return None
    return ours


def _watchdog_ns(environment: Mapping[str, str]) -> int:
    """Return within what time a ping is expected; 0 if none is, or not from this process."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0
    try:
        return max(0, int(environment.get("WATCHDOG_USEC", "0"))) * _NS_PER_US
    except ValueError:
        return 0
