"""The mounting assistant of the program itself: real broker and sockets, the bundled recording."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from broker_material import PATIENCE_S, Watcher
from run_material import Program, book_of, program

from shinline.wire.mount import Mount

ANY_PORTS = ("--port", "0", "--mqtt-port", "0", "--ws-port", "0")
PLATFORM = "platform1"
HOSTILE = {
    "preview": b'{"on": "yes"}',
    "level": b"\xff\x00\xfe",
    "calibrate": b'{"values":' + b"[" * 3000,
    "cancel": b"{}" + b" " * 6000,
    "reboot": b"{}",
}


def ask(page: Watcher, verb: str, payload: bytes = b"{}") -> None:
    page.client.publish(f"shinline/{PLATFORM}/request/{verb}", payload, qos=1)


@dataclass
class Mounted:
    """What a page saw of a run, and how the run went on."""

    running: Program
    page: Watcher
    tcp_port: int
    answers: dict[str, dict[str, Any]]
    phone: tuple[str, str]

    def mounts(self) -> list[dict[str, Any]]:
        return [seen.json for seen in self.page.on("mount")]


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mounted]:
    """Run for some seconds, with a page that asks politely and one that does not."""
    journal = tmp_path_factory.mktemp("mounting") / "shinline" / "journal.sqlite3"
    arguments = ("run", "--loop", *ANY_PORTS, "--journal", str(journal))
    login = book_of(journal).add("Second client")
    phone = (login.username, login.password)
    with program(*arguments, journal=journal) as running:
        tcp_port = int(running.wait_for(r"TCP port (\d+)").group(1))
        with Watcher(tcp_port, PLATFORM, login=phone) as page:
            page.wait_for("info")  # the device listens now
            ask(page, "preview", b'{"on": true, "transaction": "p1"}')
            page.wait_for("preview", 3)
            for verb, payload in HOSTILE.items():
                ask(page, verb, payload)
            page.wait_for("response/preview", 2)
            answers = {verb: page.wait_for(f"response/{verb}")[-1].json for verb in HOSTILE}
            for verb in ("level", "health_check"):
                ask(page, verb, b'{"transaction": 5}')
            page.wait_for("response/level", 2)
            page.wait_for("response/health_check")
            page.wait_for("preview", 10)
            yield Mounted(running, page, tcp_port, answers, phone)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30.0) == 0


def test_the_preview_is_a_picture_with_what_is_tracked_in_it(mounted: Mounted) -> None:
    answer = mounted.page.on("response/preview")[0].json
    assert (answer["status"], answer["transaction"]) == ("ok", "p1")
    newest = mounted.page.on("preview")[-1]
    assert not newest.retained
    picture = cv2.imdecode(np.frombuffer(newest.payload, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (720, 960, 3)
    colourful = np.ptp(picture.astype(int), axis=2) > 60
    bar = next(one for one in mounted.mounts()[-1]["markers"] if one["role"] == "bar")
    rows, columns = np.nonzero(colourful)
    assert np.hypot(columns - bar["x_px"], rows - bar["y_px"]).min() < 2.0 * bar["r_px"]


def test_the_demo_shows_a_meaningful_assistant(mounted: Mounted) -> None:
    """Of the recording it is known: 26 px of marker, seen squarely, all of the lift in view."""
    told = mounted.mounts()[-1]
    assert told["verdict"] == "usable"
    assert told["headline"] == "Usable. The lens is not known."
    checks = {check["code"]: check for check in told["checks"]}
    assert checks["marker"]["value"] == pytest.approx(26.0, abs=0.5)
    states = {code: checks[code]["state"] for code in ("marker", "level", "view", "light", "angle")}
    assert set(states.values()) == {"good"}
    assert {one["role"] for one in told["markers"]} >= {"bar"}
    truth_px = 720 - 230.3, 73.2  # of the plate on the floor
    assert told["ghost"]["floor"]["y_px"] == pytest.approx(truth_px[0], abs=2.0)
    assert told["ghost"]["floor"]["plate_r_px"] == pytest.approx(truth_px[1], abs=1.0)
    assert told["ghost"]["inside"] is True


def test_the_message_is_what_its_type_says(mounted: Mounted) -> None:
    told = mounted.mounts()[-1]
    assert set(told) - {"schema", "seq", "t_capture"} == set(Mount.__struct_fields__)
    assert msgspec.convert(told, Mount).width_px == 960


def test_a_page_that_was_refreshed_has_everything_at_once(mounted: Mounted) -> None:
    with Watcher(mounted.tcp_port, PLATFORM, topic="mount", login=mounted.phone) as refreshed:
        told = refreshed.wait_for("mount")[0]
    assert told.retained
    assert told.json["checks"]


def test_hostile_requests_are_told_what_was_expected(mounted: Mounted) -> None:
    for verb, answer in mounted.answers.items():
        assert answer["status"] == "error", verb
        assert "expected" in answer["error"], verb


def test_the_rest_is_answered_as_if_nothing_had_been(mounted: Mounted) -> None:
    level = mounted.page.on("response/level")[1].json
    assert (level["status"], level["transaction"]) == ("ok", 5)
    assert level["data"] == {"roll_deg": 0.0, "roll_sd_deg": 0.05, "pitch_deg": None, "known": True}
    health = mounted.page.on("response/health_check")[0].json["data"]
    assert health["verdict"] == "usable"


def test_a_flood_leaves_the_loop_untouched(mounted: Mounted) -> None:
    page = mounted.page
    for _ in range(400):
        ask(page, "level", b'{"x": ' + b"[" * 500)
    page.wait_until(lambda: len(page.on("request/level")) >= 402)
    page.wait_for("preview", len(page.on("preview")) + 2)
    page.wait_for("stats", len(page.on("stats")) + 1)
    assert page.on("stats")[-1].json["rate_hz"] > 0.0
    assert len(page.on("response/level")) < 200
    began_s, answers = time.monotonic(), page.on("response/health_check")
    while answers[-1].json["transaction"] != "after":  # nobody is heard for some seconds
        assert time.monotonic() - began_s < PATIENCE_S
        ask(page, "health_check", b'{"transaction": "after"}')
        page.wait_for("preview", len(page.on("preview")) + 2)
        answers = page.on("response/health_check")


def test_pictures_come_at_most_five_times_a_second(mounted: Mounted) -> None:
    """Of the recording's time, which the loop keeps pace with: eight take at least 1.4 s."""
    count, began_s = len(mounted.page.on("preview")), time.monotonic()
    mounted.page.wait_for("preview", count + 8)
    assert time.monotonic() - began_s > 1.2
