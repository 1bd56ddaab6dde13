"""The view for who stands at the bar: one number and one word, and how large they are."""

import math
from typing import Any

import pytest
from browser import PHONE, PHONE_SIDEWAYS
from pages_alert import arm, seen_from_afar, set_to
from pages_broker import Device
from pages_data import calibration, cue, fault, finished_rep, setup, state
from pages_live import end
from playwright.sync_api import Page, expect

from shinline.app.words import SHIPPED, shipped

pytestmark = pytest.mark.browser

# How high the capital letters of a text are on the screen, in CSS pixels.
CAPITALS = """(id) => {
  const node = document.getElementById(id);
  const style = getComputedStyle(node);
  const brush = document.createElement("canvas").getContext("2d");
  brush.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const tall = style.transform === "none" ? 1 : new DOMMatrix(style.transform).d;
  return brush.measureText("H").actualBoundingBoxAscent * tall;
}"""

AFAR_MM = 4000.0
DIAGONAL_IN = 6.0


def angle_deg(height_px: float) -> float:
    """Return the visual angle at 4 m of so many CSS pixels on a phone with a 6-inch screen.

    Its 390 x 844 pixels have a diagonal of 929.7, so one is 6 * 25.4 / 929.7 = 0.164 mm. At 4 m
    0.4 degrees are 2 * 4000 * tan(0.2 deg) = 27.9 mm, which are 170 of them: nearly half the height
    of a screen held sideways. Normal eyes make out letters of 5 minutes of arc, 0.083 degrees.
    """
    pixel_mm = DIAGONAL_IN * 25.4 / math.hypot(*PHONE.values())
    return math.degrees(2 * math.atan(0.5 * height_px * pixel_mm / AFAR_MM))


WORDS = ("slack", "pull", "lockout", "lowering", "floor", "ready")


def test_number_and_word_are_read_from_four_metres(live: Page, device: Device) -> None:
    """The number has at least 30 % of the screen's height; a word 0.4 degrees held sideways.

    Held upright the width of the screen limits a word: 0.3 degrees are left of it, 18 minutes of
    arc. The fonts of a phone are narrower than the one of this test, and its letters higher.
    """
    device.say("state", state("ready", rep=2), retain=True)
    end(device, 2)
    expect(live.locator("#speed")).to_have_text("0.49")
    seen_from_afar(live)
    for language in SHIPPED:
        set_to(live, language=language)
        for viewport, least_deg in ((PHONE, 0.3), (PHONE_SIDEWAYS, 0.4)):
            live.set_viewport_size(viewport)  # type: ignore[arg-type]
            for phase in WORDS:
                device.say("state", state(phase, rep=4), retain=True)
                word = shipped(language).said[f"phases.{phase}"]
                expect(live.locator("#phase")).to_have_text(word)
                speed = "0.49" if language == "en" else "0,49"
                number = "4" if phase in ("pull", "lockout", "lowering") else speed
                expect(live.locator("#number")).to_have_text(number)
                assert live.evaluate(CAPITALS, "number") >= 0.3 * viewport["height"]
                assert angle_deg(live.evaluate(CAPITALS, "phase")) >= least_deg, (word, viewport)


PRESENT = ("speed", "drift", "rom")


@pytest.mark.parametrize("other", [{"lifter": "Ben"}, {"set": 2}, {"rep": 1}])
def test_the_last_rep_of_another_lifter_or_set_is_not_this_ones(
    live: Page, device: Device, other: dict[str, Any]
) -> None:
    device.say("state", state("ready", rep=2), retain=True)
    end(device, 2)
    expect(live.locator("#speed")).to_have_text("0.49")
    device.say("state", state("ready", **{"rep": 2} | other), retain=True)
    for name in PRESENT:
        expect(live.locator(f"#{name}")).to_have_text("\N{EN DASH}")
    seen_from_afar(live)
    expect(live.locator("#number")).to_have_text(str(other.get("rep", 2)))


def test_before_the_first_rep_of_a_set_there_is_no_number(live: Page, device: Device) -> None:
    end(device, 2)
    device.say("state", state("ready", rep=0), retain=True)
    expect(live.locator("#rom")).to_have_text("\N{EN DASH}")
    seen_from_afar(live)
    expect(live.locator("#number")).to_be_empty()


FAR = """async (times) => (await import('/static/js/cue-view.js')).isFar(times)"""


TIMES = {  # now, touched and lifting since, in seconds
    "just touched": (19, 0, None, False),
    "left alone": (21, 0, None, True),
    "lifting": (6, 0, 5, True),
    "touched while lifting": (6, 5.5, 5, False),
}


def test_the_far_view_comes_with_the_pull_or_when_nobody_touches_the_phone(live: Page) -> None:
    for name, (now_s, touched_s, lifting_s, far) in TIMES.items():
        lifting_ms = None if lifting_s is None else 1000 * lifting_s
        times = {"now_ms": 1000 * now_s, "touched_ms": 1000 * touched_s, "lifting_ms": lifting_ms}
        assert live.evaluate(FAR, times) is far, name


def test_a_pull_shows_its_number_and_a_touch_brings_the_buttons(live: Page, device: Device) -> None:
    expect(live.locator("body")).to_have_attribute("data-view", "near")
    device.say("state", state("pull", rep=3), retain=True)
    expect(live.locator("body")).to_have_attribute("data-view", "far")
    expect(live.locator("#number")).to_have_text("3")
    expect(live.locator("#unit")).to_have_text("")
    assert live.locator("#panel").bounding_box() == {"x": 0, "y": 0, **PHONE}
    live.locator("#phase").tap()
    expect(live.locator("body")).to_have_attribute("data-view", "near")
    live.get_by_role("button", name="Mute").tap()
    assert device.asked("mute")["on"] is True


def test_who_reaches_a_button_by_keyboard_sees_it(live: Page, device: Device) -> None:
    device.say("state", state("pull", rep=3), retain=True)
    expect(live.locator("body")).to_have_attribute("data-view", "far")
    live.keyboard.press("Tab")
    expect(live.locator("body")).to_have_attribute("data-view", "near")


def test_between_pulls_the_number_is_the_last_speed_but_never_for_technique(
    live: Page, device: Device
) -> None:
    figure = "async (m) => (await import('/static/js/cue-figure.js')).figureOf(m)"
    last = {"rep": finished_rep(2)}
    for more, text in (({}, "0.49"), ({"mode": "technique"}, "4")):
        model = {"state": state("ready", rep=4, **more), "last": last}
        assert live.evaluate(figure, model)["text"] == text
    assert live.evaluate(figure, {"state": state("idle"), "last": None})["text"] == ""


def test_before_the_pull_what_to_do_takes_the_place_of_the_number(
    live: Page, device: Device
) -> None:
    device.say("state", state("ready", rep=2), retain=True)
    end(device, 2)
    seen_from_afar(live)
    expect(live.locator("#number")).to_have_text("0.49")
    low = fault("hips_low_start", 0.04, "m", 0.02)
    device.say("setup", setup(False, ("done", "done", "done", "now", "waiting"), [low]))
    expect(live.locator("#wrong")).to_have_text("Hips low at the start")
    expect(live.locator("#wrong")).to_be_visible()
    expect(live.locator("#number")).to_be_hidden()
    expect(live.locator("#steps")).to_be_hidden()


def test_a_cue_has_the_whole_screen_and_its_shape_and_word(live: Page, device: Device) -> None:
    seen_from_afar(live)
    device.say("cue", cue("Quiet plates.", severity="warn"))
    expect(live.locator("#cue")).to_have_text("Quiet plates.")
    expect(live.locator("#severity")).to_have_text("Watch")
    expect(live.locator("#severity-icon")).to_have_attribute("data-shape", "triangle")
    expect(live.locator("#number")).to_be_hidden()
    assert live.locator("#panel").bounding_box() == {"x": 0, "y": 0, **PHONE}


def test_a_page_that_cannot_be_believed_says_so_from_afar_without_an_old_number(
    live: Page, device: Device
) -> None:
    end(device, 2)
    seen_from_afar(live)
    device.status("offline")
    expect(live.locator("#phase")).to_have_text("Camera is off")
    expect(live.locator("#number")).to_be_hidden()
    assert live.evaluate(CAPITALS, "phase") > 40


def test_the_far_view_can_be_switched_off(live: Page, device: Device) -> None:
    set_to(live, distance=False)
    device.say("state", state("pull", rep=3), retain=True)
    expect(live.locator("#phase")).to_have_text("Pull")
    expect(live.locator("body")).to_have_attribute("data-view", "near")


def test_a_tap_that_leaves_the_far_view_presses_nothing_below_it(
    live: Page, device: Device
) -> None:
    box = live.locator("#mute").bounding_box()
    assert box is not None
    live.evaluate("""() => {
        window.pressed = 0;
        document.querySelector('#mute').addEventListener('click', () => (window.pressed += 1));
    }""")
    device.say("state", state("pull", rep=3), retain=True)
    expect(live.locator("body")).to_have_attribute("data-view", "far")
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch = live.context.new_cdp_session(live)
    for pressed in (0, 1):  # the second touch is meant for what is seen
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        live.wait_for_timeout(150)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        live.wait_for_timeout(100)
        expect(live.locator("body")).to_have_attribute("data-view", "near")
        assert live.evaluate("window.pressed") == pressed
    live.locator("#mute").press("Enter")
    assert live.evaluate("window.pressed") == 2


@pytest.mark.parametrize("viewport", [PHONE, PHONE_SIDEWAYS], ids=["upright", "sideways"])
def test_from_afar_it_is_seen_that_a_cue_will_not_be_heard_or_numbers_are_in_doubt(
    live: Page, device: Device, viewport: Any
) -> None:
    note, shape = live.locator("#far-note"), live.locator("#far-note-icon")
    live.set_viewport_size(viewport)
    expect(note).to_be_hidden()  # near, there is a button for it
    seen_from_afar(live)
    expect(note).to_have_text("No sound")
    for more, mark, word in (
        ({"muted": True}, "dash", "Cues off"),
        ({"muted": False}, "silent", "No sound"),
    ):
        device.say("state", state("ready", rep=2, **more), retain=True)
        expect(note).to_have_text(word)
        expect(shape).to_have_attribute("data-shape", mark)
    device.say("calibration", calibration(False, "It was moved."), retain=True)
    expect(note).to_have_text("Camera moved")
    end(device, 2)
    expect(live.locator("#number")).to_have_text("0.49")
    assert live.evaluate(CAPITALS, "number") >= 0.3 * viewport["height"]
    below = note.bounding_box()
    figure = live.locator(".figure").bounding_box()
    assert below is not None
    assert figure is not None
    assert 0.1 * min(viewport.values()) <= below["height"] <= figure["height"] / 4
    inner = live.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.figure')).paddingTop)"
    )
    assert below["y"] + below["height"] <= figure["y"] + inner + 1
    device.say("cue", cue("Quiet plates.", severity="warn"))
    expect(note).to_be_hidden()


def test_a_loudspeaker_that_is_open_or_switched_off_needs_no_note(live: Page) -> None:
    arm(live)
    seen_from_afar(live)
    expect(live.locator("#number")).to_be_attached()
    expect(live.locator("#far-note")).to_be_hidden()
    live.reload()
    set_to(live, sound=False)
    seen_from_afar(live)
    expect(live.locator("#far-note")).to_be_hidden()
