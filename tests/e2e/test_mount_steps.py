"""The calibration on the mounting page: steps, answers, what a refresh keeps; with a stand-in."""

import pytest
from browser import new_context
from mount_data import FOUND, STILL, check, ready, steps, usable, with_checks
from mount_live import THUMB
from mount_standin import StandIn
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

NO_ANSWER = "The device did not answer. Try again."
SIZES = {"marker_diameter_mm": 80.5, "plate_diameter_mm": 450.0, "stature_m": 1.83}


def card(page: Page, step: str) -> Locator:
    return page.locator(f"[data-step={step}]")


def button(page: Page, step: str, name: str) -> Locator:
    return card(page, step).get_by_role("button", name=name)


@pytest.fixture
def fresh(mounting: Page, standin: StandIn) -> Page:
    """A page whose device has been calibrated in no way."""
    none_yet = with_checks(check("calibration", "bad", "None yet."))
    standin.show(usable(steps=steps(), step_ready=False, checks=none_yet))
    expect(button(mounting, "rest", "Start")).to_be_visible()
    return mounting


def test_only_the_step_that_is_next_lies_open_with_its_drawing(fresh: Page) -> None:
    expect(card(fresh, "rest").locator(".drawing")).to_be_visible()
    expect(card(fresh, "plumb").locator(".drawing")).to_be_hidden()
    expect(fresh.locator("#save")).to_be_disabled()
    expect(fresh.locator("#save-hint")).to_contain_text("Do the steps above first")


def test_a_step_goes_from_start_through_progress_to_its_result(
    fresh: Page, standin: StandIn
) -> None:
    button(fresh, "rest", "Start").tap()
    asked = standin.wait_for("calibrate")
    assert asked == {"action": "start", "step": "rest", "values": {}}
    expect(card(fresh, "rest")).to_have_attribute("data-state", "active")
    standin.step("rest", "active", 0.4)
    expect(card(fresh, "rest").locator("progress")).to_have_js_property("value", 40)
    card(fresh, "plumb").locator("summary").tap()
    expect(card(fresh, "plumb").locator(".drawing")).to_be_visible()
    expect(button(fresh, "plumb", "Start")).to_have_count(0)  # one at a time
    standin.step("rest", "done")
    expect(card(fresh, "rest")).to_contain_text(FOUND["rest"])
    expect(card(fresh, "rest").locator("details")).not_to_have_attribute("open", "")
    expect(button(fresh, "plumb", "Start")).to_be_visible()


def test_a_step_can_be_cancelled_done_again_and_skipped(fresh: Page, standin: StandIn) -> None:
    button(fresh, "rest", "Start").tap()
    button(fresh, "rest", "Cancel").tap()
    assert standin.wait_for("cancel") == {}
    expect(button(fresh, "rest", "Start")).to_be_visible()
    standin.step("rest", "done")
    card(fresh, "rest").locator("summary").tap()
    button(fresh, "rest", "Do again").tap()
    assert standin.wait_for("calibrate", 2)["action"] == "redo"
    standin.show(standin.mount | {"steps": steps("done", "done")})
    expect(button(fresh, "rest", "Cancel")).to_have_count(0)
    card(fresh, "roll").locator("summary").tap()
    button(fresh, "roll", "Skip").tap()
    assert standin.wait_for("calibrate", 3) == {"action": "skip", "step": "roll"}
    expect(card(fresh, "roll")).to_contain_text("Skipped")
    expect(button(fresh, "rest", "Skip")).to_have_count(0)  # only what is optional


def test_a_step_that_failed_says_why_and_offers_another_go(fresh: Page, standin: StandIn) -> None:
    standin.step("rest", "failed")
    expect(card(fresh, "rest")).to_contain_text(STILL)
    expect(button(fresh, "rest", "Do again")).to_be_visible()


def test_a_refresh_and_a_second_phone_see_the_same(
    fresh: Page, standin: StandIn, chromium: Browser, mount_url: str
) -> None:
    standin.step("rest", "done")
    standin.step("plumb", "active", 0.6)
    fresh.reload()
    second = new_context(chromium, THUMB)
    other = second.new_page()
    other.goto(mount_url)
    for page in (fresh, other):
        expect(card(page, "rest")).to_contain_text(FOUND["rest"])
        expect(card(page, "plumb").locator("progress")).to_have_js_property("value", 60)
        expect(button(page, "plumb", "Cancel")).to_be_visible()
    button(other, "plumb", "Cancel").click()
    expect(button(fresh, "plumb", "Start")).to_be_visible()
    expect(card(fresh, "plumb").locator(".note")).to_be_empty()  # the answer was not for us
    second.close()


def test_an_error_is_shown_where_it_belongs_until_the_step_goes_on(
    fresh: Page, standin: StandIn
) -> None:
    standin.refusal = "No marker is seen: the step needs one."
    button(fresh, "rest", "Start").tap()
    expect(card(fresh, "rest").locator(".note")).to_have_text(standin.refusal)
    standin.show(standin.mount | {"problem": standin.refusal, "reasons": ["So it is."]})
    expect(fresh.locator("#because")).to_have_text("So it is.")
    expect(fresh.locator("#problem")).to_be_hidden()  # said once, where it belongs
    standin.refusal = ""
    standin.step("rest", "active")
    expect(card(fresh, "rest").locator(".note")).to_be_empty()
    expect(fresh.locator("#problem")).to_be_visible()


def test_a_request_without_an_answer_says_so_and_can_be_made_again(
    fresh: Page, standin: StandIn
) -> None:
    standin.is_mute = True
    start = button(fresh, "rest", "Start")
    start.tap()
    expect(start).to_have_attribute("aria-busy", "true")
    start.tap()  # a second tap asks for nothing more
    expect(card(fresh, "rest").locator(".note")).to_have_text(NO_ANSWER)
    assert standin.count("calibrate") == 1
    standin.is_mute = False
    start.tap()
    expect(button(fresh, "rest", "Cancel")).to_be_visible()


def test_answers_to_other_phones_are_not_ours(fresh: Page, standin: StandIn) -> None:
    standin.is_mute = True
    button(fresh, "rest", "Start").tap()
    standin.wait_for("calibrate")
    for transaction in ("somebody-1", None):
        answer = {"status": "error", "data": {}, "error": "Theirs.", "transaction": transaction}
        standin.say("response/calibrate", answer)
    own = standin.requests[-1][1]["transaction"]
    wrong_verb = {"status": "error", "data": {}, "error": "Theirs.", "transaction": own}
    standin.say("response/cancel", wrong_verb)
    expect(card(fresh, "rest").locator(".note")).to_have_text(NO_ANSWER)
    expect(fresh.locator("#malformed")).to_be_empty()


def test_saving_tells_its_result_and_an_error_leaves_the_last_one_in_force(
    mounting: Page, standin: StandIn
) -> None:
    standin.refusal = "The floor and the string disagree by 1.2°. The last one stays in force."
    mounting.locator("#save").tap()
    assert standin.wait_for("calibrate") == {"action": "save"}
    expect(mounting.locator("#save-note")).to_have_text(standin.refusal)
    standin.refusal = ""
    mounting.locator("#save").tap()
    expect(mounting.locator("#save-note")).to_have_text("Saved. It is in force now.")


def test_starting_over_is_two_taps_away(mounting: Page, standin: StandIn) -> None:
    expect(mounting.locator("#restart")).to_be_hidden()
    mounting.get_by_text("Start over").tap()
    mounting.locator("#restart").tap()
    assert standin.wait_for("calibrate") == {"action": "restart"}


def test_a_camera_that_moved_is_one_tap_from_being_redone(mounting: Page, standin: StandIn) -> None:
    expect(mounting.locator("#moved")).to_be_hidden()
    standin.show(ready(stale=["roll", "direction"]))
    expect(mounting.locator("#moved-text")).to_have_text(
        "The camera has moved. Redo: level, direction."
    )
    mounting.locator("#recalibrate").tap()
    assert standin.wait_for("calibrate") == {"action": "recalibrate"}


def test_a_device_without_steps_says_so(mounting: Page, standin: StandIn) -> None:
    standin.show(ready(steps=[], step_ready=False))
    expect(mounting.locator("#no-steps")).to_be_visible()
    expect(mounting.locator("#save")).to_be_hidden()


# --- sizes --------------------------------------------------------------------------------------


def open_sizes(page: Page) -> None:
    page.get_by_text("Sizes of marker, plate and lifter").tap()


def test_sizes_go_to_the_device_with_the_step(fresh: Page, standin: StandIn) -> None:
    open_sizes(fresh)
    for name, value in SIZES.items():
        fresh.locator(f"#{name}").fill(str(value))
    expect(fresh.locator("#marker_diameter_mm-note")).to_have_text("= 3.17 in")
    expect(fresh.locator("#stature_m-note")).to_have_text("= 6 ft 0 in")
    button(fresh, "rest", "Start").tap()
    assert standin.wait_for("calibrate")["values"] == SIZES


def test_a_size_out_of_range_is_pointed_at_and_not_sent(fresh: Page, standin: StandIn) -> None:
    open_sizes(fresh)
    fresh.locator("#plate_diameter_mm").fill("45")
    fresh.get_by_text("Sizes of marker, plate and lifter").tap()
    button(fresh, "rest", "Start").tap()
    expect(fresh.locator("#plate_diameter_mm")).to_be_focused()
    expect(fresh.locator("#plate_diameter_mm-note")).to_have_text("Between 150 and 600 mm.")
    assert standin.count("calibrate") == 0


def test_sizes_that_the_device_holds_are_filled_in_and_typing_wins(
    fresh: Page, standin: StandIn
) -> None:
    standin.show(standin.mount | {"values": SIZES | {"stature_m": "tall"}})
    open_sizes(fresh)
    expect(fresh.locator("#marker_diameter_mm")).to_have_value("80.5")
    expect(fresh.locator("#stature_m")).to_have_value("")
    fresh.locator("#marker_diameter_mm").fill("120")
    standin.show(standin.mount | {"values": SIZES})
    expect(fresh.locator("#stature_m")).to_have_value("1.83")
    expect(fresh.locator("#marker_diameter_mm")).to_have_value("120")
