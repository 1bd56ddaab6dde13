"""The phone page when the outside fails it: old data, dead lines, hostile or broken messages."""

import json

import pytest
from browser import Complaints
from pages_broker import Device, Mosquitto
from pages_data import cue, finished_rep, live_batches, state
from pages_live import LIVE, end
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>"
SOON_MS = 4000  # well before MQTT's own keep-alive would notice


def is_stale(page: Page) -> bool:
    return page.locator("body").get_attribute("data-stale") == "true"


# --- freshness ----------------------------------------------------------------------------------


def test_the_age_counts_from_when_the_device_was_last_alive(live: Page) -> None:
    ages = """async (word) => {
        const m = await import('/static/js/model.js');
        const model = m.createModel();
        m.setLinked(model, true);
        m.take(model, 'status', 'online', 1000, true);
        m.hear(model, 1000);
        m.take(model, 'status', word, 2000, false);
        m.hear(model, 9000);
        return m.freshness(model, 9000).age_ms;
    }"""
    assert [live.evaluate(ages, word) for word in ("online", "offline")] == [0, 8000]


def test_a_device_that_goes_offline_greys_the_page(live: Page, device: Device) -> None:
    assert not is_stale(live)
    device.status("offline")
    expect(live.locator("#link")).to_have_text("Camera is off")
    expect(live.locator("#phase")).to_have_text("Camera is off")
    assert is_stale(live)
    device.status("online")
    expect(live.locator("#link")).to_have_text(LIVE)
    assert not is_stale(live)


def test_a_pull_without_a_picture_is_stale_after_two_seconds(live: Page, device: Device) -> None:
    device.say("state", state("pull", rep=1), retain=True)
    expect(live.locator("#phase")).to_have_text("Pull")
    expect(live.locator("#link")).to_have_text("Bar not seen")
    guess = live_batches(1, share=0.1)[0] | {"coasting": True}
    device.say("live", guess)
    device.say("state", state("pull", rep=2), retain=True)
    expect(live.locator("#rep")).to_have_text("2")  # so the guess has arrived as well
    assert live.locator("#link").text_content() == "Bar not seen"
    device.say("live", guess | {"coasting": False})
    expect(live.locator("#link")).to_have_text(LIVE)


def test_a_broker_that_dies_greys_the_page_and_one_that_returns_revives_it(
    live: Page, device: Device, mosquitto: Mosquitto, complaints: Complaints
) -> None:
    mosquitto.kill()
    expect(live.locator("#link")).to_have_text("No connection")
    assert is_stale(live)
    expect(live.locator("#age")).to_contain_text("last heard")
    mosquitto.start()
    device.status("online")
    device.say("state", state("lockout", rep=2), retain=True)
    expect(live.locator("#link")).to_have_text(LIVE, timeout=10_000)
    expect(live.locator("#phase")).to_have_text("Top")
    assert all("ERR_CONNECTION_REFUSED" in line for line in complaints.lines)
    complaints.lines.clear()


def test_a_line_that_swallows_everything_is_noticed(live: Page, mosquitto: Mosquitto) -> None:
    mosquitto.freeze()
    try:
        expect(live.locator("#link")).to_have_text("No signal")
        assert is_stale(live)
    finally:
        mosquitto.thaw()
    expect(live.locator("#link")).to_have_text(LIVE)


def test_a_phone_that_finds_its_network_again_dials_at_once(live: Page, device: Device) -> None:
    with live.expect_websocket(timeout=SOON_MS) as dialled:
        live.evaluate("window.dispatchEvent(new Event('online'))")
    assert dialled.value.url.startswith("ws://127.0.0.1:")
    device.say("state", state("lockout"), retain=True)
    expect(live.locator("#phase")).to_have_text("Top")
    device.say("cue", cue("Still here"))
    expect(live.locator("#cue")).to_have_text("Still here")


def test_a_page_that_comes_back_to_the_front_dials_a_dead_line_again(
    live: Page, mosquitto: Mosquitto
) -> None:
    mosquitto.freeze()
    try:
        expect(live.locator("#link")).to_have_text("No signal")
        with live.expect_websocket(timeout=SOON_MS):
            live.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    finally:
        mosquitto.thaw()
    expect(live.locator("#link")).to_have_text(LIVE)


# --- a hostile or broken outside ----------------------------------------------------------------


def test_markup_in_a_message_is_shown_as_text(live: Page, device: Device) -> None:
    device.say("state", state("ready", lifter=ATTACK), retain=True)
    device.say("cue", cue(ATTACK, id="attack"))
    end(device, 1, faults=[finished_rep(1)["faults"][0] | {"code": ATTACK}])
    expect(live.locator("#lifter")).to_contain_text(ATTACK)
    expect(live.locator("#cue")).to_have_text(ATTACK)
    expect(live.locator("#faults")).to_contain_text("<script>")
    expect(live.locator("body img, body script")).to_have_count(0)


def test_malformed_messages_are_counted_and_change_nothing(live: Page, device: Device) -> None:
    uneven = live_batches(1)[0] | {"x_m": [0.0]}
    broken = {
        "cue": [b"{", b"null", b"\xff\xfe", json.dumps(cue("", id="e")).encode()],
        "state": [b"[]", json.dumps(state("flying")).encode()],
        "live": [json.dumps(uneven).encode()],
        "rep/last": [b'{"id": "x", "rep": 1, "faults": "none"}'],
        "rep": [b'{"type": "constructor", "id": "x"}'],
        "status": [b"maybe"],
    }
    for name, payloads in broken.items():
        for payload in payloads:
            device.say_bytes(name, payload)
    device.say("preview", {"jpeg": "is not for this page"})
    expect(live.locator("#malformed")).to_have_text("Unreadable messages: 10")
    expect(live.locator("#link")).to_have_text(LIVE)
    device.say("cue", cue("Still works"))
    expect(live.locator("#cue")).to_have_text("Still works")
