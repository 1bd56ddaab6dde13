"""The main job, whole: recording in, cues out on MQTT and on a phone page, everything kept."""

import json
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import paho.mqtt.client as paho
import pytest
from browser import HOW_TO_INSTALL, find_chromium
from contract import hold
from run_material import Program, book_of, program

from shinline.web.state import Credential

ANY_PORTS = ("--port", "0", "--mqtt-port", "0", "--ws-port", "0")


@dataclass
class Watcher:
    """A second client that reads everything the device publishes."""

    messages: list[tuple[str, bool, bytes]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def of(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(p) for t, _, p in self.messages if t == f"shinline/platform1/{name}"]

    def status(self) -> list[str]:
        return [p.decode() for t, _, p in self.messages if t.endswith("/status")]


@dataclass(frozen=True)
class Whole:
    """One run of the bundled recording, watched from outside."""

    running: Program
    watcher: Watcher
    journal: Path
    page: str
    page_text: list[str]


def _watch(port: int, watcher: Watcher, login: Credential) -> paho.Client:
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(login.username, login.password)

    def on_message(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        watcher.messages.append((message.topic, message.retain, message.payload))
        if message.topic.endswith("/status") and message.payload == b"offline":
            watcher.ended.set()

    client.on_message = on_message
    client.connect("127.0.0.1", port)
    client.subscribe("shinline/platform1/#", qos=1)
    client.loop_start()
    return client


def _ask(client: paho.Client, watcher: Watcher) -> None:
    """Ask as a phone does: for a set of somebody else's, and for two things that cannot be."""
    deadline_s = time.monotonic() + 60.0
    while not watcher.of("state") and time.monotonic() < deadline_s:
        time.sleep(0.01)
    plan = {"lifter": "Zoë", "load_kg": 100, "target_reps": 4, "target_rpe": 8.5}
    for verb, body in (
        ("start_set", plan),
        ("label_rep", {"rep_id": "nobody", "label": "good"}),
        ("end_set", {"now": True}),
    ):
        client.publish(f"shinline/platform1/request/{verb}", json.dumps(body), qos=1)


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Whole]:
    """Run the bundled recording once, with a phone page open and a second MQTT client."""
    journal = tmp_path_factory.mktemp("run") / "shinline" / "journal.sqlite3"
    watcher = Watcher()
    book = book_of(journal)
    login = book.add("Second client")
    chromium = request.getfixturevalue("chromium") if find_chromium() else None
    with program("run", *ANY_PORTS, "--journal", str(journal), journal=journal) as running:
        port = int(running.wait_for(r"TCP port (\d+)").group(1))
        page_port = running.wait_for(r"phone +http://[^:]+:(\d+)/").group(1)
        url = f"http://127.0.0.1:{page_port}/"
        client = _watch(port, watcher, login)
        _ask(client, watcher)
        texts: list[str] = []
        if chromium is not None:
            context = chromium.new_context(viewport={"width": 390, "height": 844})
            tab = context.new_page()
            tab.goto(f"{url}#pair={book.code()}")
            tab.get_by_text("Drag the bar up your legs").first.wait_for(timeout=60_000)
            texts.append(tab.locator("body").inner_text())
            context.close()
        assert watcher.ended.wait(60.0), running.text
        running.process.wait(30.0)
        client.disconnect()
        client.loop_stop()
        yield Whole(running, watcher, journal, url, texts)


def test_the_recording_ends_with_exit_code_0_and_a_table_of_its_four_reps(whole: Whole) -> None:
    assert whole.running.process.returncode == 0, whole.running.text
    for rep in (1, 2, 3, 4):
        assert f"rep {rep}: " in whole.running.text
    assert "rep 2: bar forward 4" in whole.running.text
    assert "not judged: " in whole.running.text


@pytest.mark.browser
@pytest.mark.skipif(find_chromium() is None, reason=HOW_TO_INSTALL)
def test_the_cue_reaches_the_phone_page(whole: Whole) -> None:
    assert "Drag" in whole.page_text[0]


def test_what_is_printed_to_a_log_pairs_nobody(whole: Whole) -> None:
    book = book_of(whole.journal)
    assert "shinline pair" in whole.running.text
    assert book.code() not in whole.running.text
    assert [phone.key for phone in book.phones() if phone.key in whole.running.text] == []


def test_a_fault_that_is_cued_was_found_in_its_rep_and_is_cued_once(whole: Whole) -> None:
    spoken = [cue for cue in whole.watcher.of("cue") if cue["severity"] == "fault"]
    assert spoken[0]["code"] == "bar_forward"
    assert len({cue["code"] for cue in spoken}) == len(spoken)
    reps = {m["id"]: m["after"] for m in whole.watcher.of("rep") if m["type"] == "end"}
    for cue in spoken:
        found = {f["code"]: f["severity"] for f in reps[cue["rep_id"]]["faults"]}
        assert found[cue["code"]] == "fault"


def test_a_cue_carries_its_numbers_and_the_measured_latency(whole: Whole) -> None:
    cue = next(c for c in whole.watcher.of("cue") if c["severity"] == "fault")
    assert cue["evidence"]["value"] == pytest.approx(0.045, abs=0.004)
    assert cue["evidence"]["value"] > cue["evidence"]["threshold"]
    assert cue["latency_ms"] > 0.0
    assert cue["t_capture"].endswith("Z")


def test_cues_and_reps_are_not_retained_but_the_last_rep_is(whole: Whole) -> None:
    retained = {topic for topic, kept, _ in whole.watcher.messages if kept}
    assert not [t for t in retained if t.endswith(("/cue", "/rep", "/live"))]
    assert whole.watcher.of("rep/last")[-1]["rep"] == 4


def test_every_rep_is_new_before_it_is_updated_before_it_ends(whole: Whole) -> None:
    lives: dict[str, list[str]] = {}
    for message in whole.watcher.of("rep"):
        lives.setdefault(message["id"], []).append(message["type"])
    finished = [life for life in lives.values() if "end" in life]
    assert len(finished) == 4
    for life in finished:
        assert (life[0], life[-1], {*life[1:-1]}) == ("new", "end", {"update"})


def test_a_fault_is_told_while_the_bar_still_moves(whole: Whole) -> None:
    assert "bar_forward" in {
        fault["code"]
        for message in whole.watcher.of("rep")
        if message["type"] == "update"
        for fault in message["after"]["faults"]
    }


def test_a_set_that_was_asked_for_is_the_set_that_is_lifted(whole: Whole) -> None:
    (answer,) = whole.watcher.of("response/start_set")
    assert (answer["status"], answer["data"]["set"]) == ("ok", 1)
    assert answer["data"]["plan"]["target_rpe"] == 8.5
    last = whole.watcher.of("rep/last")[-1]
    assert (last["lifter"], last["load_kg"], last["mode"]) == ("Zoë", 100.0, "standard")
    summary = whole.watcher.of("set/last")[-1]
    assert (summary["lifter"], summary["tonnage_kg"]) == ("Zoë", 400.0)
    assert whole.watcher.of("state")[-1]["target_reps"] == 4


def test_what_cannot_be_done_is_answered_and_the_lifting_goes_on(whole: Whole) -> None:
    (label,) = whole.watcher.of("response/label_rep")
    assert (label["status"], label["data"]) == ("error", {})
    assert "no repetition 'nobody'; expected the id of a finished one" in label["error"]
    (end,) = whole.watcher.of("response/end_set")
    assert end["status"] == "error"
    assert "unknown field 'now'; expected {}" in end["error"]


def test_a_light_before_a_pull_is_out_when_the_bar_has_left_the_floor(whole: Whole) -> None:
    said = [setup["ready"] for setup in whole.watcher.of("setup")]
    assert len(said) >= 3
    assert said[-1] is None


def test_the_numbers_agree_with_the_truth_of_the_recording(whole: Whole) -> None:
    truth = json.loads(
        (Path(__file__).parents[2] / "src/shinline/assets/demo.truth.json").read_text()
    )
    reps = [m["after"] for m in whole.watcher.of("rep") if m["type"] == "end"]
    for rep, exact in zip(reps, truth["reps"], strict=True):
        assert rep["rom_m"] == pytest.approx(exact["rom_m"], abs=0.006)
        if rep["valid"]:  # a busy machine may have skipped frames
            assert rep["mean_velocity_mps"] == pytest.approx(exact["mean_velocity_mps"], abs=0.015)


def test_status_is_online_while_it_runs_and_offline_after(whole: Whole) -> None:
    assert whole.watcher.status()[0] == "online"
    assert whole.watcher.status()[-1] == "offline"


def test_live_info_state_and_stats_flow(whole: Whole) -> None:
    assert whole.watcher.of("info")[-1]["width_px"] == 960
    assert {s["phase"] for s in whole.watcher.of("state")} >= {"ready", "pull", "lockout", "floor"}
    assert whole.watcher.of("stats")[-1]["rate_hz"] > 10.0


def test_the_live_path_is_the_bars_rise_and_nothing_else(whole: Whole) -> None:
    batches = whole.watcher.of("live")
    heights = [y for batch in batches for y in batch["y_m"]]
    assert len(heights) > 200
    assert max(heights) == pytest.approx(0.55, abs=0.03)
    assert median(batch["dt_ms"] for batch in batches) < 100.0  # a busy machine may skip frames


def test_sequence_numbers_have_no_gap(whole: Whole) -> None:
    for name in ("rep", "cue", "rep/last"):
        numbers = [message["seq"] for message in whole.watcher.of(name)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_the_session_replays_identically(whole: Whole) -> None:
    with program(
        "replay", "last", "--check", "--journal", str(whole.journal), journal=whole.journal
    ) as again:
        again.wait_for("identical")
        assert again.process.wait(30.0) == 0


def test_the_export_has_the_four_reps(whole: Whole, tmp_path: Path) -> None:
    arguments = ("export", "last", "--out", str(tmp_path), "--journal", str(whole.journal))
    with program(*arguments, journal=whole.journal) as export:
        assert export.process.wait(60.0) == 0
    assert len((tmp_path / "reps.csv").read_text().splitlines()) == 5
    assert len((tmp_path / "path.csv").read_text().splitlines()) > 200


def test_a_signal_in_mid_set_keeps_what_was_recorded(tmp_path: Path) -> None:
    journal = tmp_path / "shinline" / "journal.sqlite3"
    with program("run", *ANY_PORTS, "--journal", str(journal), journal=journal) as running:
        running.wait_for("rep 1:")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30.0) == 0
    with sqlite3.connect(journal) as connection:
        reps = connection.execute("SELECT count(*) FROM reps").fetchone()[0]
        chunks = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    connection.close()
    assert reps >= 1
    assert chunks >= 5


def test_all_that_was_said_keeps_the_published_contract(whole: Whole) -> None:
    said = [(t.removeprefix("shinline/platform1/"), p) for t, _, p in whole.watcher.messages]
    told = [(name, p) for name, p in said if not name.startswith("request/") and name != "preview"]
    for name, payload in told:
        hold(name, payload.decode() if name == "status" else json.loads(payload))
    assert {name for name, _ in told} >= {"live", "state", "rep", "cue", "stats", "set/last"}
