"""The phone page in a real browser, on a real broker, with messages shaped as the wire has them."""

import json
from collections.abc import Iterator

import pytest
from browser import DESKTOP, PHONE, PHONE_SIDEWAYS, Complaints, until
from pages_broker import PLATFORM, Device, Mosquitto, find_mosquitto
from pages_data import (
    REPS,
    ROM_M,
    MemoryCatalogue,
    cue,
    finished_rep,
    live_batches,
    session,
    state,
)
from playwright.sync_api import Page, expect

from shinline.types import Phase
from shinline.web.server import create_app, serve
from shinline.web.state import WebState

pytestmark = pytest.mark.browser

LIVE = "Live"
NOTHING = "\N{EN DASH}"
ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>"

# Where the drawn pull starts, ends and is foremost: in millimetres and in pixels on the screen.
PULL_ON_SCREEN = """
() => {
  const path = document.querySelector("#path .up");
  const box = path.getBBox();
  const matrix = path.getScreenCTM();
  return { width: box.width, height: box.height, right: box.x + box.width,
           xScale: matrix.a, yScale: matrix.d, skew: Math.abs(matrix.b) + Math.abs(matrix.c) };
}
"""

OVERFLOW = """
() => {
  const page = document.scrollingElement;
  const clipped = [...document.querySelectorAll("dd, dt, #cue, .phase, .severity")];
  return Math.max(page.scrollWidth - innerWidth, page.scrollHeight - innerHeight,
                  ...clipped.map((node) => node.scrollWidth - node.clientWidth));
}
"""


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    executable = find_mosquitto()
    if executable is None:
        pytest.skip("no mosquitto on this machine: install it (Debian: apt install mosquitto)")
    broker = Mosquitto(executable, tmp_path_factory.mktemp("broker"))
    yield broker
    broker.thaw()
    broker.kill()


@pytest.fixture(scope="module")
def url(mosquitto: Mosquitto) -> Iterator[str]:
    state = WebState(PLATFORM, mosquitto.ws_port, "1.2.3", MemoryCatalogue(session()))
    with serve(create_app(state), "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.port}/"


@pytest.fixture
def device(mosquitto: Mosquitto) -> Iterator[Device]:
    device = Device(mosquitto.port)
    device.status("online")
    device.say("state", state("ready"), retain=True)
    device.say_bytes("rep/last", b"", retain=True)
    yield device
    device.close()


@pytest.fixture
def live(phone: Page, url: str, device: Device) -> Page:
    phone.goto(url)
    expect(phone.locator("#link")).to_have_text(LIVE)
    return phone


def lift(device: Device, number: int, share: float = 1.0) -> None:
    device.say("state", state("pull", rep=number), retain=True)
    device.say("rep", {"type": "new", "id": f"sample-1-{number}", "after": {}})
    for batch in live_batches(number, share, size=6):
        device.say("live", batch)


def end(device: Device, number: int, **more: object) -> None:
    rep = finished_rep(number, **more)
    device.say("rep", {"type": "end", "id": rep["id"], "after": rep})
    device.say("rep/last", rep, retain=True)


def is_stale(page: Page) -> bool:
    return page.locator("body").get_attribute("data-stale") == "true"


def shown(page: Page, path: str) -> float:
    value: float = page.evaluate(path)
    return value


# --- the cue ------------------------------------------------------------------------------------


def test_a_cue_fills_a_third_of_the_screen_and_says_how_serious_it_is(
    live: Page, device: Device
) -> None:
    device.say("cue", cue("Drag the bar up your legs."))
    expect(live.locator("#cue")).to_have_text("Drag the bar up your legs.")
    expect(live.locator("#severity")).to_have_text("Fix")
    expect(live.locator("#severity-icon")).to_have_attribute("data-shape", "diamond")
    box = live.locator("#cue").bounding_box()
    assert box is not None
    assert box["height"] >= 0.30 * PHONE["height"]
    assert shown(live, "document.querySelector('#cue').scrollHeight") <= box["height"] + 1
    assert shown(live, "parseFloat(document.querySelector('#cue').style.fontSize)") >= 50


def test_a_cue_leaves_when_its_time_is_over(live: Page, device: Device) -> None:
    device.say("cue", cue("Push", ttl_ms=1000, id="short"))
    expect(live.locator("#cue")).to_have_text("Push")
    expect(live.locator("#cue")).to_have_text("")
    expect(live.locator("#panel")).to_have_attribute("data-severity", "none")


def test_a_cues_time_runs_from_its_arrival_less_what_it_spent_in_the_device(live: Page) -> None:
    shown_at = """async ([cue, now_ms]) => {
        const m = await import('/static/js/model.js');
        const model = m.createModel();
        m.take(model, 'cue', cue, 5000, false);
        return m.currentCue(model, now_ms) !== null;
    }"""
    message = cue("Push", ttl_ms=4000, latency_ms=300)
    shown = [live.evaluate(shown_at, [message, now_ms]) for now_ms in (5000, 8699, 8700)]
    assert shown == [True, True, False]


def test_a_cue_that_is_already_too_old_is_never_shown(live: Page, device: Device) -> None:
    live.evaluate("""() => new MutationObserver(() => {
        window.said = (window.said ?? '') + document.querySelector('#cue').textContent;
    }).observe(document.querySelector('#cue'), { childList: true })""")
    device.say("cue", cue("Waited too long", ttl_ms=4000, latency_ms=4100))
    device.say("cue", cue("Fresh"))
    expect(live.locator("#cue")).to_have_text("Fresh")
    assert live.evaluate("window.said") == "Fresh"


def test_a_retained_cue_is_of_unknown_age_and_not_shown(
    phone: Page, url: str, device: Device
) -> None:
    device.say("cue", cue("From last week"), retain=True)
    phone.goto(url)
    expect(phone.locator("#lifter")).to_contain_text("Anna")
    expect(phone.locator("#link")).to_have_text(LIVE)
    device.say_bytes("cue", b"", retain=True)
    device.say("cue", cue("New", id="new"))
    expect(phone.locator("#cue")).to_have_text("New")


def test_a_cue_delivered_twice_does_not_live_longer(live: Page, device: Device) -> None:
    device.say("cue", cue("Once", ttl_ms=700, id="twice"))
    expect(live.locator("#cue")).to_have_text("Once")
    expect(live.locator("#cue")).to_have_text("")
    device.say("cue", cue("Once", id="twice"))
    device.say("state", state("pull", rep=7))
    expect(live.locator("#rep")).to_have_text("7")
    expect(live.locator("#cue")).to_have_text("")


# --- the bar path -------------------------------------------------------------------------------


def test_the_path_of_the_rep_under_way_is_drawn_in_true_proportion(
    live: Page, device: Device
) -> None:
    lift(device, 5)
    expect(live.locator("#path .current .up")).to_be_attached()
    until(live, "document.querySelector('#path .up').getBBox().height > 555")
    drawn = live.evaluate(PULL_ON_SCREEN)
    assert drawn["xScale"] == pytest.approx(drawn["yScale"], rel=1e-3)
    assert drawn["skew"] == pytest.approx(0.0, abs=1e-9)
    # Lift-off is the last sample below 0.03 m/s, which the bar passes a few mm above the floor.
    assert drawn["height"] == pytest.approx(1000 * ROM_M, abs=2.0)
    assert drawn["right"] == pytest.approx(1000 * REPS[4][0], abs=1.0)
    expect(live.locator("#path .current .drift text")).to_have_text("+34 mm")


def test_the_last_rep_stays_while_the_next_one_is_drawn(live: Page, device: Device) -> None:
    lift(device, 3)
    end(device, 3)
    lift(device, 4, share=0.4)
    expect(live.locator("#path .last .up")).to_be_attached()
    expect(live.locator("#path .current .head")).to_be_attached()
    expect(live.locator("#path .plumb")).to_be_attached()


def test_a_rep_that_was_none_leaves_no_trace(live: Page, device: Device) -> None:
    lift(device, 3, share=0.4)
    expect(live.locator("#path .current .up")).to_be_attached()
    void = {"type": "void", "id": "sample-1-3", "after": {}, "reason": "too short"}
    device.say("rep", void)
    expect(live.locator("#path .up")).to_have_count(0)


def test_a_page_opened_late_takes_the_last_path_from_the_journal(
    phone: Page, url: str, device: Device
) -> None:
    device.say("rep/last", finished_rep(4), retain=True)
    phone.goto(url)
    expect(phone.locator("#path .last .up")).to_be_attached()
    drawn = phone.evaluate(PULL_ON_SCREEN)
    assert drawn["height"] == pytest.approx(1000 * ROM_M, abs=1.0)
    assert drawn["right"] == pytest.approx(1000 * REPS[3][0], abs=1.0)


# --- numbers and verdicts -----------------------------------------------------------------------


def test_the_last_reps_numbers_are_shown(live: Page, device: Device) -> None:
    device.say("state", state("floor", rep=4), retain=True)
    end(device, 4)
    for name, text in {"speed": "0.38", "drift": "26", "rom": "56.4", "rep": "4"}.items():
        expect(live.locator(f"#{name}")).to_have_text(text)
    expect(live.locator("#target")).to_have_text("of 5")


def test_what_was_not_assessed_is_not_judged_and_never_fine(live: Page, device: Device) -> None:
    end(device, 1)
    items = live.locator("#faults li")
    expect(items.nth(0)).to_have_text("Bar drifts forward8 mm · fine")
    expect(items.nth(1)).to_have_text("Hips rise firstnot judged")


def test_a_number_that_could_not_be_measured_is_a_dash(live: Page, device: Device) -> None:
    end(device, 2, mean_velocity_mps=None, drift_forward_m=None)
    expect(live.locator("#rom")).to_have_text("56.2")
    expect(live.locator("#speed")).to_have_text(NOTHING)
    expect(live.locator("#drift")).to_have_text(NOTHING)


PHASES = {
    "idle": ("Waiting for the bar", "ring"),
    "ready": ("Ready", "dot"),
    "slack": ("Get tight", "half"),
    "pull": ("Pull", "up"),
    "lockout": ("Top", "square"),
    "lowering": ("Down", "down"),
    "floor": ("Floor", "bar"),
}


def test_every_phase_is_a_word_and_a_shape(live: Page, device: Device) -> None:
    assert set(PHASES) == {phase.value for phase in Phase}
    for phase, (word, shape) in PHASES.items():
        device.say("state", state(phase), retain=True)
        expect(live.locator("#phase")).to_have_text(word)
        expect(live.locator("#phase-icon")).to_have_attribute("data-shape", shape)


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
    expect(live.locator("#link")).to_have_text("Bar not seen")
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
    with live.expect_websocket() as dialled:
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
        with live.expect_websocket():
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


# --- sizes --------------------------------------------------------------------------------------

SMALL = {"width": 320, "height": 568}


def test_everything_fits_every_screen(live: Page, device: Device) -> None:
    lift(device, 4)
    end(device, 4)
    device.say("cue", cue("Drag the bar up your legs."))
    expect(live.locator("#path .last .up")).to_be_attached()
    for viewport in (PHONE, PHONE_SIDEWAYS, SMALL, DESKTOP):
        live.set_viewport_size(viewport)  # type: ignore[arg-type]
        expect(live.locator("#cue")).to_be_visible()
        assert live.evaluate(OVERFLOW) <= 0, viewport
        panel = live.locator("#panel").bounding_box()
        assert panel is not None
        assert panel["height"] >= 0.30 * viewport["height"], viewport


def test_targets_are_large_enough_for_a_thumb(live: Page) -> None:
    box = live.get_by_role("link", name="Past lifts").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44


def test_the_cue_is_spoken_by_a_screen_reader(live: Page) -> None:
    expect(live.locator("#cue")).to_have_attribute("aria-live", "assertive")


def test_lift_off_is_where_the_contract_puts_it(live: Page) -> None:
    """The last instant below 0.03 m/s before the bar has risen 10 mm."""
    trace = {"y_m": [0.0, 0.001, 0.002, 0.006, 0.013], "vy_mps": [0.0, 0.02, 0.05, 0.3, 0.5]}
    script = "async (t) => (await import('/static/js/bar-path.js')).liftOffIndex(t)"
    assert live.evaluate(script, trace) == 1
    assert live.evaluate(script, {"y_m": [0.0, 0.009], "vy_mps": [0.0, 0.2]}) == -1
