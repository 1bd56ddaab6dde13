"""The caretaker as the loop meets it: frames ping, looks govern, and what changed is told."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from shinline.app import caretaker as seam
from shinline.app.caretaker import Attendance, Load, Tended, load_caretaker
from shinline.app.machine import Health
from shinline.sources.simulation import SimulatedCamera, open_source
from shinline.types import Frame
from shinline.wire.payloads import Stats
from shinline_pi.caretaker import DeviceCaretaker
from shinline_pi.health import Nurse
from shinline_pi.notify import Notifier
from shinline_pi.realtime import RealTime

LUMA = np.zeros((4, 4), np.uint8)
BUSY = Load(frames=300, dropped=300, busy_p95_ms=15.0, lifting=False)
EASY = Load(frames=600, dropped=0, busy_p95_ms=2.0, lifting=False)


def camera(count: int = 1000) -> SimulatedCamera:
    frames = (Frame(i, i * 8_333_333, 1000, LUMA) for i in range(count))
    return open_source(frames, 4, 4, 120.0, realtime=False)


@dataclass
class Device:
    """The caretaker with a clock and a health set by hand, and systemd's end of its socket."""

    nurse: Nurse
    caretaker: DeviceCaretaker
    systemd: socket.socket
    now: list[float] = field(default_factory=lambda: [0.0])

    def look(self, load: Load, health: Health | None = None) -> Tended:
        self.now[0] += 5.0
        self.nurse.health = health or Health(50.0, 0)
        return self.caretaker.health(load)

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self.systemd.recv(4096).decode())
            except BlockingIOError:
                return messages


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"}
        nurse, now = Nurse(lambda: Health(50.0, 0), every_s=3600.0), [0.0]
        keeper = DeviceCaretaker(nurse, RealTime(), Notifier(environment), clock=lambda: now[0])
        yield Device(nurse, keeper, systemd, now)
        keeper.close()


def test_a_machine_that_cannot_keep_up_gets_fewer_frames_and_says_so_once(device: Device) -> None:
    source = camera()
    device.caretaker.begin(source)
    assert device.look(BUSY).news == ()
    tended = device.look(BUSY)
    assert tended.news == ("slowed to 60 frames a second: this machine cannot keep up",)
    assert tended.slowed == "load"
    assert source.rate_hz == 60.0
    assert device.look(EASY).news == ()


def test_a_throttled_machine_is_told_of_and_slowed_and_comes_back(device: Device) -> None:
    source = camera()
    device.caretaker.begin(source)
    hot = Health(84.0, 0x40004)
    assert device.look(EASY, hot).news == ("throttled",)
    slowed = device.look(EASY, hot)
    assert slowed.news == ("slowed to 60 frames a second: the processor is too hot",)
    assert (slowed.slowed, slowed.health.throttled) == ("heat", True)
    told = [device.look(EASY, Health(60.0, 0x40000)) for _ in range(20)]
    assert [line for tended in told for line in tended.news] == ["back to 120 frames a second"]
    assert (told[-1].slowed, source.rate_hz) == ("", 120.0)


def test_the_next_session_of_a_slowed_camera_begins_slow(device: Device) -> None:
    device.caretaker.begin(camera())
    device.look(BUSY)
    device.look(BUSY)
    device.caretaker.rest()
    again = camera()
    device.caretaker.begin(again)
    assert again.rate_hz == 60.0


def test_systemd_hears_of_frames_and_of_what_goes_on(device: Device) -> None:
    device.caretaker.begin(camera())
    assert device.heard() == []
    device.caretaker.frame(1)
    device.look(EASY, Health(61.0, 0x1))
    device.caretaker.close()
    assert device.heard() == [
        "READY=1",
        "WATCHDOG=1",
        "STATUS=simulation at 120 Hz, 0 of 600 frames dropped, 61 °C, under-voltage",
        "STOPPING=1",
    ]


def test_a_source_that_cannot_be_slowed_is_left_alone(device: Device) -> None:
    class Recording:
        name, width_px, height_px, rate_hz, dropped = "clip", 4, 4, 60.0, 0

        def read(self) -> Frame | None:
            return None

        def now_ns(self) -> int:
            return 0

        def close(self) -> None:
            return None

    device.caretaker.begin(Recording())
    told = [device.look(BUSY) for _ in range(10)]
    assert {(tended.news, tended.slowed) for tended in told} == {((), "")}


# --- the loop's side ----------------------------------------------------------------------------


def test_a_changed_rate_is_introduced_anew_and_the_figures_carry_the_health(
    device: Device,
) -> None:
    source, said, introduced = camera(), list[str](), list[float]()
    attendance = Attendance(device.caretaker, said.append)
    attendance.begin(source, lambda changed: introduced.append(changed.rate_hz))
    assert len(said) == 3  # cores, priority, memory
    for dropped, frames in ((300, 300), (600, 600)):
        device.nurse.health = Health(71.5, 0x0)
        stats = attendance.tended(Stats(rate_hz=60.0, dropped=dropped), frames, 15.0, False)
    assert introduced == [60.0]
    assert (stats.temperature_c, stats.throttled, stats.slowed) == (71.5, False, "load")
    assert said[3:] == ["machine  slowed to 60 frames a second: this machine cannot keep up"]
    attendance.begin(camera(), lambda changed: introduced.append(changed.rate_hz))
    assert introduced == [60.0, 60.0]
    assert len(said) == 4  # what the system allows is not told for each pass


def test_while_nobody_is_there_the_source_is_slow_and_nobody_is_told(device: Device) -> None:
    """Nor is it judged meanwhile what the machine can do; then it is as fast as it was before."""
    source, said = camera(4000), list[str]()
    attendance = Attendance(device.caretaker, said.append)
    attendance.begin(source, lambda changed: pytest.fail(f"{changed.rate_hz} introduced"))
    source.slow_to(60.0)  # as it is where a machine cannot do more
    attendance._rate_hz = 60.0
    attendance.doze(True)
    assert source.rate_hz == 30.0
    for look in range(1, 20):
        stats = Stats(rate_hz=30.0, dropped=look * 300)
        assert attendance.tended(stats, look * 150, 30.0, False).slowed == ""
    attendance.doze(False)
    assert source.rate_hz == 60.0
    attendance.doze(False)
    assert source.rate_hz == 60.0
    assert len(said) == 3


def test_a_slow_camera_is_not_made_any_faster_by_being_idle(device: Device) -> None:
    source = camera()
    attendance = Attendance(device.caretaker, lambda _line: None)
    attendance.begin(source, lambda _source: None)
    source.slow_to(24.0)
    attendance.doze(True)
    attendance.doze(False)
    assert source.rate_hz == 24.0


def test_without_a_caretaker_the_figures_are_left_alone() -> None:
    attendance = Attendance(None, lambda line: pytest.fail(line))
    attendance.begin(camera(), lambda _source: pytest.fail("introduced"))
    attendance.frame(1)
    stats = Stats(rate_hz=60.0, dropped=0)
    assert attendance.tended(stats, 600, 15.0, False) is stats
    attendance.rest()
    attendance.close()


def test_the_device_s_caretaker_is_the_one_that_is_found() -> None:
    found = load_caretaker()
    assert isinstance(found, DeviceCaretaker)
    found.close()


@pytest.mark.parametrize("value", ["nowhere.at_all:make", "os:no_such_name", "os:getenv"])
def test_a_caretaker_that_cannot_be_made_harms_nobody(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("device", value, seam.GROUP)
    monkeypatch.setattr(seam, "entry_points", lambda group, name: [point])
    assert load_caretaker() is None
