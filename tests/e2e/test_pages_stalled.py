"""A radio that stalls, a phone that sleeps: what was held up must not pass for news."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import until
from pages_alert import arm, listen, tones
from pages_broker import Device, Mosquitto
from pages_data import cue, state
from pages_live import LIVE
from playwright.sync_api import Page, WebSocketRoute, expect

pytestmark = pytest.mark.browser

ASLEEP_S = int(os.environ.get("SHINLINE_ASLEEP_S", "6"))
"""How long the phone sleeps; a minute shows no more, and takes a minute."""

TAKE = """async (steps) => {
  const { createModel, hear, setLinked, take, currentCue } = await import('/static/js/model.js');
  const model = createModel();
  hear(model, 0);
  setLinked(model, true);
  for (const [heard_ms, cue] of steps) {
    hear(model, heard_ms);
    if (cue) take(model, 'cue', cue, heard_ms, false);
  }
  return currentCue(model, steps.at(-1)[0])?.text ?? null;
}"""


def shown(page: Page, *steps: tuple[int, dict[str, Any] | None]) -> Any:
    """Return the cue that a page shows after having heard these, each at its time in ms."""
    return page.evaluate(TAKE, list(steps))


def test_a_cue_is_as_old_as_the_line_was_quiet_before_it(live: Page) -> None:
    short = cue("Held up", id="h", ttl_ms=1500)
    assert shown(live, (600, short)) == "Held up"
    assert shown(live, (600, None), (2400, short)) is None
    assert shown(live, (600, None), (2400, None), (2500, short)) is None
    assert shown(live, (600, None), (2400, None), (2700, short)) == "Held up"


def test_a_cue_that_comes_too_late_leaves_the_valid_one(live: Page) -> None:
    late = cue("Late", id="late", ttl_ms=4000, latency_ms=5000)
    assert shown(live, (100, cue("Valid", id="v")), (200, late)) == "Valid"
    again = cue("Valid", id="v", ttl_ms=500)
    assert shown(live, (100, again), (200, late), (400, again), (650, None)) is None


def test_a_line_that_stays_silent_is_dialled_anew(live: Page, mosquitto: Mosquitto) -> None:
    mosquitto.freeze()
    try:
        with live.expect_websocket(timeout=6000):
            expect(live.locator("#link")).to_have_text("No signal")
    finally:
        mosquitto.thaw()
    expect(live.locator("#link")).to_have_text(LIVE)


def test_what_was_held_up_in_a_stalled_line_goes_with_it(
    new_tab: Page, url: str, device: Device
) -> None:
    """The screen is on and the timers run: only the bytes come late."""
    page = new_tab
    lines: list[WebSocketRoute] = []
    held: list[str | bytes] = []
    stalled = [False]

    def proxy(line: WebSocketRoute) -> None:
        lines.append(line)
        server = line.connect_to_server()
        number = len(lines)

        def on_message(message: str | bytes) -> None:
            if stalled[0] and number == 1:
                held.append(message)
            else:
                line.send(message)

        server.on_message(on_message)

    page.route_web_socket("**/mqtt", proxy)
    page.goto(url)
    expect(page.locator("#link")).to_have_text(LIVE)
    stalled[0] = True
    device.say("cue", cue("Held up", id="held", ttl_ms=30_000))
    page.wait_for_timeout(2200)  # STALE_MS and a little
    assert any(b"Held up" in message for message in held if isinstance(message, bytes))
    for message in held:
        lines[0].send(message)
    device.say("state", state("lockout", rep=7), retain=True)
    expect(page.locator("#rep")).to_have_text("7")
    assert page.locator("#cue").text_content() == ""
    assert len(lines) == 2
    device.say("cue", cue("News", id="news"))
    expect(page.locator("#cue")).to_have_text("News")
    until(page, "document.body.dataset.stale === 'false'")


def descendants(pid: int) -> Iterator[int]:
    """Find the processes that a process has started, and those that these have."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        yield from children
        waiting += children


def browser_processes() -> list[int]:
    return [
        pid
        for pid in descendants(os.getpid())
        if "chrom" in Path(f"/proc/{pid}/comm").read_text().lower()
    ]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's list of processes")
def test_what_came_while_the_phone_slept_is_neither_seen_nor_heard(
    live: Page, device: Device
) -> None:
    """All of the browser is stopped, as a sleeping phone stops it; its sockets fill meanwhile."""
    listen(live)
    arm(live)
    phone = browser_processes()
    assert phone
    for pid in phone:
        os.kill(pid, signal.SIGSTOP)
    try:
        for number in range(ASLEEP_S):
            time.sleep(1.0)
            told = cue(f"Slept {number}", id=f"s{number}", severity="fault", ttl_ms=4000)
            device.say("cue", told)
    finally:
        for pid in phone:
            os.kill(pid, signal.SIGCONT)
    expect(live.locator("#link")).to_have_text(LIVE)
    live.wait_for_timeout(1500)
    assert tones(live) == []
    assert live.locator("#cue").inner_text() == ""
    device.say("cue", cue("Awake", id="awake", severity="fault", ttl_ms=4000))
    expect(live.locator("#cue")).to_have_text("Awake")
    until(live, "window.heard.filter(([kind]) => kind === 'tone').length > 0")
