"""The phone page in a real browser, on a real broker, with messages shaped as the wire has them."""

import pytest
from browser import DESKTOP, PHONE, PHONE_SIDEWAYS, until
from pages_broker import Device
from pages_data import REPS, ROM_M, cue, fault, finished_rep, live_batches, state
from pages_live import LIVE, end, lift
from playwright.sync_api import Page, expect

from shinline.types import Phase

pytestmark = pytest.mark.browser

NOTHING = "\N{EN DASH}"

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
    assert live.evaluate("document.querySelector('#cue').scrollHeight") <= box["height"] + 1
    assert live.evaluate("parseFloat(document.querySelector('#cue').style.fontSize)") >= 50


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
    expect(phone.locator("#link")).to_have_text(LIVE)
    device.say("state", state("lockout"), retain=True)
    expect(phone.locator("#phase")).to_have_text("Top")  # what was retained came before this
    assert phone.locator("#cue").text_content() == ""
    device.say_bytes("cue", b"", retain=True)


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


def test_a_rep_seen_only_from_its_middle_is_not_drawn(live: Page, device: Device) -> None:
    for batch in live_batches(3)[20:]:
        device.say("live", batch)
    device.say("state", state("lockout", rep=3), retain=True)
    expect(live.locator("#phase")).to_have_text("Top")
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
    expect(items.nth(1)).to_have_text("Hips rise firstnot judged: the hip marker was out of sight")


def test_hips_that_were_seen_without_stickers_say_so(live: Page, device: Device) -> None:
    seen = fault("hips_shoot_up", 6.0, "deg", 5.0, details={"without_stickers": 1.0})
    end(device, 1, faults=[seen], hip={"source": "outline"})
    item = live.locator("#faults li").first
    expect(item).to_contain_text("Hips rise first")
    expect(item.locator("small")).to_have_text("seen from your outline, no stickers")


def test_a_rep_without_verdicts_is_not_judged_as_a_whole(live: Page, device: Device) -> None:
    end(device, 1, faults=[], valid=False, notes=["the bar was out of sight for 0.45 s"])
    expect(live.locator("#faults li")).to_have_text(
        "This repnot judged: the bar was out of sight for 0.45 s"
    )


def test_a_number_that_could_not_be_measured_is_a_dash(live: Page, device: Device) -> None:
    device.say("state", state("ready", rep=2), retain=True)
    end(device, 2, mean_velocity_mps=None, drift_forward_m=None)
    expect(live.locator("#rom")).to_have_text("56.2")
    expect(live.locator("#speed")).to_have_text(NOTHING)
    expect(live.locator("#drift")).to_have_text(NOTHING)


PHASES = {
    "idle": ("Waiting for the bar", "ring"),
    "ready": ("Ready", "dot"),
    "slack": ("Tight", "half"),
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
        until(live, f"({OVERFLOW.strip()})() <= 0")  # letters are fitted in the frame after
        panel = live.locator("#panel").bounding_box()
        assert panel is not None
        assert panel["height"] >= 0.30 * viewport["height"], viewport


def test_targets_are_large_enough_for_a_thumb(live: Page) -> None:
    live.get_by_role("button", name="Menu and settings").tap()
    for role, name in {"link": "Past lifts", "button": "Close"}.items():
        box = live.get_by_role(role, name=name).bounding_box()  # type: ignore[arg-type]
        assert box is not None
        assert min(box["width"], box["height"]) >= 48


def test_the_cue_is_spoken_by_a_screen_reader(live: Page) -> None:
    expect(live.locator("#cue")).to_have_attribute("aria-live", "assertive")


def test_lift_off_is_where_the_contract_puts_it(live: Page) -> None:
    """The last instant below 0.03 m/s before the bar has risen 10 mm."""
    trace = {"y_m": [0.0, 0.001, 0.002, 0.006, 0.013], "vy_mps": [0.0, 0.02, 0.05, 0.3, 0.5]}
    script = "async (t) => (await import('/static/js/bar-path.js')).liftOffIndex(t)"
    assert live.evaluate(script, trace) == 1
    assert live.evaluate(script, {"y_m": [0.0, 0.009], "vy_mps": [0.0, 0.2]}) == -1
