"""systemd is told by real datagrams on a real socket."""

import itertools
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shinline_pi.notify import Notifier

S = 1_000_000_000


class Systemd:
    """The other end."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "4000000"}
        self.told: list[Notifier] = []

    def notifier(self, clock: Callable[[], int] = lambda: 0, **more: str) -> Notifier:
        self.told.append(Notifier({**self.environment, **more}, clock))
        return self.told[-1]

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return messages


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systemd]:
    name = f"@shinline-test-{os.getpid()}" if request.param == "abstract" else str(tmp_path / "s")
    listening = Systemd(name)
    yield listening
    for notifier in listening.told:
        notifier.close()
    listening.socket.close()


def test_ready_is_said_with_the_first_frame_and_stopping_at_the_end(systemd: Systemd) -> None:
    notifier = systemd.notifier()
    assert systemd.heard() == []
    notifier.frame(1)
    notifier.status("tracking\nat 120 Hz")
    notifier.close()
    notifier.close()
    assert systemd.heard() == ["READY=1", "WATCHDOG=1", "STATUS=tracking at 120 Hz", "STOPPING=1"]


def test_a_fresh_frame_pings_and_a_frozen_picture_does_not(systemd: Systemd) -> None:
    now_ns = 100 * S
    notifier = systemd.notifier(lambda: now_ns)
    notifier.frame(1)
    assert systemd.heard() == ["READY=1", "WATCHDOG=1"]
    now_ns += S
    for _ in range(100):
        notifier.frame(1)
        now_ns += S
    assert systemd.heard() == []
    notifier.frame(2)
    assert systemd.heard() == ["WATCHDOG=1"]


def test_pings_are_few_and_never_further_apart_than_half_of_what_is_allowed(
    systemd: Systemd,
) -> None:
    now_ns, pings = 0, []
    notifier = systemd.notifier(lambda: now_ns)
    for frame in range(1200):
        notifier.frame(frame)
        pings += [now_ns] * systemd.heard().count("WATCHDOG=1")
        now_ns += S // 120
    gaps_s = [(b - a) / S for a, b in itertools.pairwise(pings)]
    assert max(gaps_s) <= 2.0
    assert len(pings) <= 11


def test_a_clock_that_goes_back_does_not_end_the_pings(systemd: Systemd) -> None:
    now_ns = 0
    notifier = systemd.notifier(lambda: now_ns)
    notifier.frame(10 * S)
    systemd.heard()
    now_ns += 2 * S
    notifier.frame(3 * S)  # the frame's clock, not the one that pings are timed by
    assert systemd.heard() == ["WATCHDOG=1"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NOTIFY_SOCKET": ""},
        {"NOTIFY_SOCKET": "/nowhere/at/all"},
        {"NOTIFY_SOCKET": "relative"},
        {"NOTIFY_SOCKET": "vsock:2:1"},
    ],
)
def test_where_nobody_listens_nobody_is_told(environment: dict[str, str]) -> None:
    notifier = Notifier(environment)
    assert not notifier.listened_to
    notifier.frame(1)
    notifier.status("all is well")
    notifier.close()


def test_another_process_s_watchdog_is_not_pinged(systemd: Systemd) -> None:
    notifier = systemd.notifier(WATCHDOG_PID="1")
    notifier.frame(1)
    assert systemd.heard() == ["READY=1"]
    notifier.close()


def test_a_socket_that_nobody_empties_holds_nobody_up(systemd: Systemd) -> None:
    notifier = systemd.notifier()
    for number in range(5000):
        notifier.status(f"line {number}")
    systemd.heard()
    notifier.close()
    assert systemd.heard() == ["STOPPING=1"]
