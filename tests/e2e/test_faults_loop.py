"""Faults put into the running main job: what was recorded stays, cues stay right or stop."""

import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from run_material import DEMO, any_ports

from shinline import replay
from shinline.app import machine
from shinline.app.run import Outcome, run
from shinline.config import Config
from shinline.journal.reader import Catalogue
from shinline.sources.simulation import SimulatedCamera
from shinline.sources.video import VideoFile
from shinline.types import NS_PER_S, BarPrior, Frame, FrameSource
from shinline.wire import mosquitto, sink

MID_SET_S = 9.0
"""Of the bundled recording: its first repetition has ended, its second one is under way."""

UNTIL_S = 14.0
"""Its second one has ended."""

Fault = Callable[[Frame], Frame]


@dataclass
class Loop:
    """The bundled recording as a camera, with a fault that happens in mid-set."""

    folder: Path
    journal: Path

    def run(self, fault: Fault, until_s: float = UNTIL_S, **camera: Any) -> tuple[Outcome, str]:
        """Run it to ``until_s`` of the recording; return also what was printed.

        ``fault`` sees each frame from :data:`MID_SET_S` on and may change it, act, or raise.
        """
        said = StringIO()

        def open_source() -> tuple[FrameSource, BarPrior | None]:
            video = VideoFile(DEMO)
            size = video.info.width_px, video.info.height_px, video.info.rate_hz
            frames = _faulty(video.frames(), fault, until_s)
            return SimulatedCamera(frames, "camera", *size, **({"realtime": False} | camera)), None

        config: Config = any_ports(self.folder)
        outcome = run(config, open_source, self.journal, Console(file=said, width=100), loop=False)
        return outcome, said.getvalue()

    def kept(self) -> tuple[int, str]:
        """Return how many repetitions the journal has, and how its session ended."""
        with closing(sqlite3.connect(self.journal)) as connection:
            reps, reason = connection.execute(
                "SELECT (SELECT count(*) FROM reps), end_reason FROM sessions"
            ).fetchone()
        return reps, reason

    def started_ns(self) -> int:
        with closing(sqlite3.connect(self.journal)) as connection:
            (started_ns,) = connection.execute("SELECT started_utc_ns FROM sessions").fetchone()
        return int(started_ns)

    def replays(self) -> bool:
        catalogue = Catalogue(self.journal)
        return replay.check(catalogue, catalogue.resolve("last")).identical


def _faulty(frames: Iterator[Frame], fault: Fault, until_s: float) -> Iterator[Frame]:
    for frame in frames:
        if frame.t_ns > until_s * NS_PER_S:
            return
        yield frame if frame.t_ns < MID_SET_S * NS_PER_S else fault(frame)


def once(act: Callable[[], object]) -> Fault:
    """Return a fault that happens with the first frame it sees, and changes none."""
    done: list[object] = []

    def fault(frame: Frame) -> Frame:
        if not done:
            done.append(act() or True)
        return frame

    return fault


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    return Loop(tmp_path, tmp_path / "journal.sqlite3")


# --- frames -------------------------------------------------------------------------------------


def test_a_frame_that_takes_long_costs_frames_and_no_repetition(loop: Loop) -> None:
    """Time is the test's own: a stall of 0.4 s is 24 pictures at 60 a second, not one more."""
    now_ns = [0]

    def sleep(seconds: float) -> None:
        now_ns[0] += round(seconds * NS_PER_S) + 1

    def stall() -> None:
        now_ns[0] += 400_000_000

    outcome, _ = loop.run(once(stall), realtime=True, clock=lambda: now_ns[0], sleep=sleep)
    assert 22 <= outcome.dropped <= 25
    assert [rep.rep for rep in outcome.reps] == [1, 2]
    assert loop.replays()


def test_stamps_that_go_back_an_hour_in_mid_pull_keep_what_was_and_go_on(loop: Loop) -> None:
    def an_hour_ago(frame: Frame) -> Frame:
        return replace(frame, t_ns=frame.t_ns - 3600 * NS_PER_S)

    outcome, _ = loop.run(an_hour_ago)
    assert [rep.rep for rep in outcome.reps][:1] == [1]  # the one that was cut in two is none
    speeds = [rep.mean_velocity_mps for rep in outcome.reps if rep.mean_velocity_mps is not None]
    assert speeds
    assert all(0.1 < speed < 1.5 for speed in speeds)
    assert loop.kept() == (len(outcome.reps), "finished")
    assert loop.replays()


def test_a_picture_that_stands_still_stops_the_watchdog_s_pings(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera goes on handing out one and the same picture: systemd has to see that."""
    heard: list[tuple[float, str]] = []
    stuck_s: list[float] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")

        def listen() -> None:
            while not heard or heard[-1][1] != "STOPPING=1":
                heard.append((time.monotonic(), systemd.recv(4096).decode()))

        ear = threading.Thread(target=listen)
        ear.start()
        first: list[Frame] = []

        def freeze(frame: Frame) -> Frame:
            if not first:
                first.append(frame)
                stuck_s.append(time.monotonic() + 0.05)
            time.sleep(0.01)
            return replace(frame, t_ns=first[0].t_ns)

        outcome, _ = loop.run(freeze, until_s=MID_SET_S + 1.5)
        ear.join(10.0)
    messages = [message for _, message in heard if not message.startswith("STATUS=")]
    assert (messages[0], messages[-1]) == ("READY=1", "STOPPING=1")
    pings = [at_s for at_s, message in heard if message == "WATCHDOG=1"]
    assert len(pings) > 3
    assert [at_s for at_s in pings if at_s > stuck_s[0]] == []
    assert [rep.rep for rep in outcome.reps] == [1]


# --- the machine --------------------------------------------------------------------------------


def test_a_throttled_processor_gets_fewer_frames_and_everybody_is_told(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: firmware's file, look, governor, camera, ``info``, ``stats``, log."""
    (tmp_path / "throttled").write_text("4\n")
    (tmp_path / "temp").write_text("83000\n")
    monkeypatch.setattr(machine, "THROTTLED", tmp_path / "throttled")
    monkeypatch.setattr(machine, "TEMPERATURE", tmp_path / "temp")
    infos: list[Any] = []
    stats: list[Any] = []
    publish_info, publish_stats = sink.MqttSink.publish_info, sink.MqttSink.publish_stats
    monkeypatch.setattr(
        sink.MqttSink, "publish_info", lambda self, i: (infos.append(i), publish_info(self, i))
    )
    monkeypatch.setattr(
        sink.MqttSink, "publish_stats", lambda self, s: (stats.append(s), publish_stats(self, s))
    )
    outcome, said = loop.run(lambda frame: frame)
    assert "throttled" in said
    assert "slowed to 30 frames a second: the processor is too hot" in said
    assert [info.rate_hz for info in infos] == [60.0, 30.0]
    assert (stats[-1].temperature_c, stats[-1].throttled, stats[-1].slowed) == (83.0, True, "heat")
    assert outcome.dropped == 0  # what is left out on purpose is no loss
    assert [rep.rep for rep in outcome.reps] == [1, 2]


def test_a_disk_that_fills_up_in_mid_set_costs_the_record_and_no_repetition(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        loop = Loop(tmp_path, disk / "journal.sqlite3")

        def fill() -> None:
            with pytest.raises(OSError, match="No space left"):
                (disk / "photos").write_bytes(bytes(4_000_000))

        outcome, said = loop.run(once(fill))
        assert [rep.rep for rep in outcome.reps] == [1, 2]
        assert "what is recorded so far is kept" in " ".join(said.split())
        (disk / "photos").unlink()
        assert loop.kept()[0] >= 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(mosquitto.find() is None, reason="mosquitto is not installed")
def test_a_killed_broker_and_a_wall_clock_that_is_set_cost_no_record(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device without a battery learns the time from the network, in the middle of a set."""
    shift_ns, true_ns = [0], time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: true_ns() + shift_ns[0])
    began_ns = true_ns()
    others = _brokers()  # of other tests in this process

    def strike() -> None:
        shift_ns[0] = 400 * 86_400 * NS_PER_S
        ours = _brokers() - others
        assert ours
        for pid in ours:
            os.kill(pid, signal.SIGKILL)

    outcome, _ = loop.run(once(strike))
    assert shift_ns[0] > 0
    assert [rep.rep for rep in outcome.reps] == [1, 2]
    assert loop.kept() == (2, "finished")
    assert 0 <= loop.started_ns() - began_ns < 600 * NS_PER_S
    assert loop.replays()


def _brokers() -> set[int]:
    """Return the processes that this one has started as brokers."""
    tasks = Path("/proc/self/task").glob("*/children")
    below = [int(child) for task in tasks for child in task.read_text().split()]
    return {pid for pid in below if "mosquitto" in Path(f"/proc/{pid}/comm").read_text()}


def test_memory_that_runs_out_in_mid_set_ends_the_program_and_keeps_the_set(loop: Loop) -> None:
    """Then systemd starts it anew; it does not go on half-way."""

    def no_memory(frame: Frame) -> Frame:
        raise MemoryError("no memory for a frame")

    with pytest.raises(MemoryError, match="no memory for a frame"):
        loop.run(no_memory)
    assert loop.kept() == (1, "failed")
    assert loop.replays()
