"""The set-up on the phone: steps, the ready light, asking; and the page that teaches the steps."""

from typing import Any

import pytest
from browser import PHONE, until
from pages_access import BOOK
from pages_broker import PLATFORM, Device, Mosquitto
from pages_data import WORDS, MemoryCatalogue, cue, fault, finished_rep, setup, state
from pages_live import end, served
from playwright.sync_api import Page, expect

from shinline.app.words import with_words
from shinline.config import Coach, Config
from shinline.web.state import WebState
from shinline.wire.payloads import NOT_OBSERVABLE

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 640}
SEEN = ("done", "done", "check_yourself", "now", "waiting")
INFO = {"schema": 1, "seq": 1, "not_observable": [*NOT_OBSERVABLE]}


def steps(page: Page) -> list[tuple[str, str]]:
    cells = page.locator("#steps li")
    shapes = [cell.locator(".icon").get_attribute("data-shape") for cell in cells.all()]
    words = cells.locator(".state").all_inner_texts()
    return [(str(shape), word) for shape, word in zip(shapes, words, strict=True)]


def test_each_step_has_a_shape_and_a_word(live: Page, device: Device) -> None:
    device.say("setup", setup(None, SEEN), retain=True)
    expect(live.locator("#steps")).to_be_visible()
    assert steps(live) == [
        ("tick", "Done"),
        ("tick", "Done"),
        ("eye", "Check yourself"),
        ("dot", "Now"),
        ("ring", "To do"),
    ]
    expect(live.locator("#steps b").first).to_have_text("Bend down")
    expect(live.locator("#phase")).to_have_text("Ready")  # the phase: there is no light yet
    expect(live.locator("#phase-icon")).to_have_attribute("data-shape", "dot")


def test_the_light_is_a_big_shape_and_a_word_and_names_what_is_wrong(
    live: Page, device: Device
) -> None:
    device.say("setup", setup(True, SEEN), retain=True)
    expect(live.locator("#phase-icon")).to_have_attribute("data-shape", "tick")
    expect(live.locator("#phase")).to_have_text("Ready")
    checks = [fault("hips_low_start", 0.04, "m", 0.02), fault("setup_gap", None, "m", 0.065)]
    device.say("setup", setup(False, SEEN, checks), retain=True)
    expect(live.locator("#phase")).to_have_text("Not yet")
    expect(live.locator("#phase-icon")).to_have_attribute("data-shape", "triangle")
    expect(live.locator("#wrong")).to_have_text("Hips low at the start")
    size = live.evaluate("parseFloat(document.querySelector('#phase').style.fontSize)")
    assert size >= 50


def test_the_set_up_leaves_when_the_pull_begins_and_gives_way_to_a_cue(
    live: Page, device: Device
) -> None:
    device.say("setup", setup(False, SEEN), retain=True)
    device.say("cue", cue("Bar over your laces.", moment="before"))
    expect(live.locator("#cue")).to_have_text("Bar over your laces.")
    expect(live.locator("#steps")).to_be_hidden()
    device.say("state", state("pull", rep=1), retain=True)
    expect(live.locator("#phase")).to_have_text("Pull")
    expect(live.locator("#steps")).to_be_hidden()


def test_nothing_is_shown_of_a_set_up_that_nobody_sees(live: Page, device: Device) -> None:
    device.say("setup", setup(None, ("waiting",) * 5), retain=True)
    device.say("state", state("floor", rep=2), retain=True)
    expect(live.locator("#phase")).to_have_text("Floor")
    expect(live.locator("#steps")).to_be_hidden()


def test_a_set_up_of_another_shape_is_no_message(live: Page, device: Device) -> None:
    device.say("setup", setup(None, SEEN) | {"steps": [{"code": "jump", "state": "now"}]})
    expect(live.locator("#malformed")).to_have_text("Unreadable messages: 1")


def test_the_page_fits_a_narrow_phone_with_everything_on_it(live: Page, device: Device) -> None:
    live.set_viewport_size(NARROW)  # type: ignore[arg-type]
    device.say("setup", setup(False, ("check_yourself",) * 5, [fault("rounding", 20, "deg", 12)]))
    expect(live.locator("#steps")).to_be_visible()
    overflow = """() => Math.max(...[...document.querySelectorAll('#steps li, #phase, .asks')].map(
        (node) => Math.max(node.scrollWidth - node.clientWidth, node.scrollHeight -
                           node.clientHeight)), document.scrollingElement.scrollHeight -
                           innerHeight)"""
    assert live.evaluate(overflow) <= 0
    for name in ("Feedback now", "Mute"):
        box = live.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def answering(device: Device, verb: str, data: dict[str, Any], error: str = "") -> None:
    """Answer the next request of a verb, as the device does."""
    status = "error" if error else "ok"

    def answer(transaction: Any) -> None:
        body = {"schema": 1, "seq": 1, "status": status, "data": data, "error": error}
        device.say(f"response/{verb}", body | {"transaction": transaction})

    device.on_request(verb, answer)


def test_feedback_that_is_not_there_says_why(live: Page, device: Device) -> None:
    answering(device, "feedback_now", {"code": None, "reason": "no repetition yet"})
    live.get_by_role("button", name="Feedback now").tap()
    expect(live.locator("#answer")).to_have_text("no repetition yet")


def test_mute_asks_for_the_other_of_what_is(live: Page, device: Device) -> None:
    answering(device, "mute", {"on": True})
    live.get_by_role("button", name="Mute").tap()
    until(live, "true")
    assert device.asked("mute")["on"] is True
    device.say("state", state("ready", muted=True), retain=True)
    expect(live.locator("#mute")).to_have_text("Unmute")
    expect(live.locator("#mute")).to_have_attribute("aria-pressed", "true")
    expect(live.locator("#lifter")).to_contain_text("muted")
    live.get_by_role("button", name="Unmute").tap()
    assert device.asked("mute", 2)["on"] is False


def test_a_rep_is_called_good_when_the_device_has_taken_it(live: Page, device: Device) -> None:
    expect(live.locator("#good")).to_be_hidden()
    end(device, 3)
    answering(device, "label_rep", {}, "no repetition 'sample-1-3'")
    button = live.get_by_role("button", name="Good rep")
    button.tap()
    expect(live.locator("#answer")).to_have_text("no repetition 'sample-1-3'")
    expect(button).to_have_attribute("aria-pressed", "false")
    answering(device, "label_rep", {"rep_id": "sample-1-3", "label": "good"})
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")
    asked = device.asked("label_rep", 2)
    assert (asked["rep_id"], asked["label"]) == ("sample-1-3", "good")
    end(device, 4)
    expect(button).to_have_attribute("aria-pressed", "false")


def test_in_technique_mode_no_speed_is_shown(live: Page, device: Device) -> None:
    faults = [
        fault("velocity_loss", 0.3, "ratio", 0.2),
        fault("lowering", 2.0, "m/s", 1.8),
        fault("knee_loop", 0.002, "m", 0.02),
        fault("bar_forward", 0.05, "m", 0.02),
    ]
    device.say("state", state("floor", rep=3, mode="technique"), retain=True)
    end(device, 3, mode="technique", faults=faults)
    expect(live.locator("#faults li")).to_have_count(2)
    expect(live.locator("#speed")).to_be_hidden()
    said = live.locator("body").inner_text()
    assert "m/s" not in said
    assert "slower" not in said
    expect(live.locator("#lifter")).to_contain_text("technique")


def test_what_is_to_be_worked_at_comes_first_and_the_unjudged_is_never_among_the_fine(
    live: Page, device: Device
) -> None:
    faults = [
        fault("rounding", None, "deg", 12, reason="no mid-back marker"),
        fault("reversal", 0.0, "m", 0.008),
        fault("hitch", 3, "stops", 2),
    ]
    end(device, 3, faults=faults)
    expect(live.locator("#faults li")).to_have_count(3)
    texts = live.locator("#faults li").all_inner_texts()
    assert [text.replace("\n", " ") for text in texts] == [
        "Stops and starts 3\N{MULTIPLICATION SIGN} · fix",
        "Bar goes down on the way up 0 mm · fine",
        "Back changes shape not judged: no mid-back marker",
    ]


def test_what_one_camera_cannot_see_is_said_in_plain_words(live: Page, device: Device) -> None:
    device.say("info", INFO, retain=True)
    live.locator("#unseen summary").tap()
    expect(live.locator("#unseen")).to_contain_text(WORDS.said["unseen.why"])
    expect(live.locator("#unseen li")).to_have_count(5)
    expect(live.locator("#unseen")).to_contain_text("Knees falling inward")
    device.say_bytes("info", b"", retain=True)


# --- the page that teaches ------------------------------------------------------------------------


@pytest.fixture
def lesson(phone: Page, url: str, device: Device) -> Page:
    device.say("setup", setup(None, ("now", *["waiting"] * 4)), retain=True)
    phone.goto(f"{url}learn")
    expect(phone.locator("#link")).to_have_text("Live")
    return phone


def test_a_beginner_is_led_from_step_to_step_by_what_is_seen(lesson: Page, device: Device) -> None:
    expect(lesson.locator("h1")).to_have_text("Bend down")
    expect(lesson.locator("#text")).to_contain_text("push your hips back")
    expect(lesson.locator("#state-word")).to_have_text("Now")
    expect(lesson.locator(".drawing .about")).to_have_count(1)
    device.say("setup", setup(None, ("done", "check_yourself", *["waiting"] * 3)), retain=True)
    expect(lesson.locator("#state-word")).to_have_text("Done")
    expect(lesson.locator("h1")).to_have_text("Grab the bar")  # a moment later, by itself
    expect(lesson.locator("#state-word")).to_have_text("Check yourself")
    expect(lesson.locator("#state-icon")).to_have_attribute("data-shape", "eye")
    lesson.get_by_role("button", name="Next").tap()
    expect(lesson.locator("h1")).to_have_text("Shins to the bar")
    lesson.get_by_role("button", name="Pull: To do").tap()
    expect(lesson.locator("#count")).to_have_text("5 / 5")
    expect(lesson.get_by_role("button", name="Next")).to_be_disabled()
    assert lesson.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_without_a_device_every_step_is_ones_own_to_check(lesson: Page, device: Device) -> None:
    device.status("offline")
    expect(lesson.locator("#link")).to_have_text("Camera is off")
    expect(lesson.locator("#state-word")).to_have_text("Check yourself")


def test_another_language_is_spoken(phone: Page, device: Device, mosquitto: Mosquitto) -> None:
    words = with_words(Config(coach=Coach(language="es"))).words
    page = WebState(PLATFORM, mosquitto.ws_port, "1", MemoryCatalogue(), words, access=BOOK)
    device.say("setup", setup(False, SEEN, [fault("rounding", 20, "deg", 12)]), retain=True)
    phone.set_viewport_size(PHONE)  # type: ignore[arg-type]
    with served(page) as server:
        phone.goto(f"http://127.0.0.1:{server.port}/")
        expect(phone.locator("#phase")).to_have_text("Todavía no")
        expect(phone.locator("#wrong")).to_have_text("La espalda cambia de forma")
        expect(phone.get_by_role("button", name="Dímelo ahora")).to_be_visible()
        expect(phone.locator("html")).to_have_attribute("lang", "es")
        phone.goto("about:blank")


def test_a_finished_rep_of_an_older_device_is_shown_all_the_same(
    live: Page, device: Device
) -> None:
    rep = finished_rep(2)
    assert "mode" not in rep
    device.say("rep/last", rep, retain=True)
    expect(live.locator("#faults li")).to_have_count(2)
