"""The main job while a paired phone sends ten thousand requests a second that are none."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from broker_material import PATIENCE_S, Watcher
from raw_client import Raw, flood, publish, resident_bytes
from run_material import DEMO, Program, book_of, program

PLATFORM = "platform1"
ANY_PORTS = ("--port", "0", "--mqtt-port", "0", "--ws-port", "0")
SHARE = 0.1
"""Of what is sent, more than this must not come to the device: it costs time that frames need."""


@dataclass(frozen=True)
class Flooded:
    """Two repetitions of the bundled recording, and what came and went meanwhile."""

    reps: list[dict[str, Any]]
    cues: list[dict[str, Any]]
    stats: list[dict[str, Any]]
    sent: int
    grown_bytes: int
    text: str


def rubbish(port: int, login: tuple[str, str], stop: threading.Event, sent: list[int]) -> None:
    piece = publish(f"shinline/{PLATFORM}/request/rubbish", b"x" * 40) * 50
    while not stop.is_set():
        with suppress(OSError), Raw(port, login) as phone:
            if phone.code == 0:
                sent.append(flood(phone, piece, 50, 10_000, 1.0))
            else:
                stop.wait(0.1)


def _wait_for_stats(watcher: Watcher, running: Program, rep: int) -> None:
    """Wait until a repetition has ended and the figures after it are published."""
    running.wait_for(f"rep {rep}:")
    before = len(watcher.on("stats"))
    watcher.wait_until(lambda: len(watcher.on("stats")) > before)


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flooded]:
    journal = tmp_path_factory.mktemp("flooded") / "shinline" / "journal.sqlite3"
    book = book_of(journal)
    honest, wrong = (book.add(name) for name in ("Honest phone", "Phone gone wrong"))
    stop, sent = threading.Event(), [0]
    with program("run", *ANY_PORTS, "--journal", str(journal), journal=journal) as running:
        port = int(running.wait_for(r"TCP port (\d+)").group(1))
        login = (honest.username, honest.password)
        with Watcher(port, PLATFORM, login=login) as watcher:
            watcher.wait_for("live")
            held = resident_bytes(running.process.pid)
            flooder = threading.Thread(
                target=rubbish, args=(port, (wrong.username, wrong.password), stop, sent)
            )
            flooder.start()
            _wait_for_stats(watcher, running, rep=2)
            grown = resident_bytes(running.process.pid) - held
            stop.set()
            flooder.join()
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(PATIENCE_S) == 0, running.text
            yield Flooded(
                [m.json["after"] for m in watcher.on("rep") if m.json["type"] == "end"],
                [message.json for message in watcher.on("cue")],
                [message.json for message in watcher.on("stats")],
                sum(sent),
                grown,
                running.text,
            )


def test_the_repetitions_are_those_of_the_recording(flooded: Flooded) -> None:
    truth = json.loads(DEMO.with_name("demo.truth.json").read_text(encoding="utf-8"))["reps"]
    assert len(flooded.reps) >= 2
    for rep, exact in zip(flooded.reps, truth, strict=False):
        assert rep["rom_m"] == pytest.approx(exact["rom_m"], abs=0.006)
        if rep["valid"]:  # a busy machine may have skipped frames
            assert rep["mean_velocity_mps"] == pytest.approx(exact["mean_velocity_mps"], abs=0.015)
    second = flooded.reps[1]
    drifted = next((f for f in second["faults"] if f["code"] == "bar_forward"), None)
    # Without the frames around lift-off there is no verdict, and never the one that all was fine.
    if drifted is None:
        assert not second["valid"]
    elif drifted["assessed"]:
        assert drifted["severity"] == "fault"
    else:
        assert "few pictures" in drifted["reason"]


def test_the_cue_of_the_second_repetition_is_given(flooded: Flooded) -> None:
    assert "bar_forward" in {cue["code"] for cue in flooded.cues}


def test_next_to_nothing_of_the_flood_comes_to_the_device_and_what_does_is_counted(
    flooded: Flooded,
) -> None:
    last = flooded.stats[-1]
    came = last["requests_refused"] + last["requests_ignored"]
    assert flooded.sent > 5_000
    assert 0 < came < SHARE * flooded.sent
    assert flooded.stats[0]["requests_ignored"] == 0


def test_the_memory_stays_as_it_is(flooded: Flooded) -> None:
    assert flooded.grown_bytes < 40_000_000
