"""A camera that moved: the phone page keeps saying so, the review page says of which reps."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from browser import DESKTOP, PHONE, PHONE_SIDEWAYS
from pages_access import BOOK
from pages_broker import Device
from pages_data import (
    ALARM,
    MemoryCatalogue,
    calibration,
    cue,
    finished_rep,
    moved_session,
    session,
    state,
)
from pages_live import LIVE, end, lift, served
from playwright.sync_api import Page, expect

from shinline.web.state import WebState

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}
MOVED = ["camera_moved"]
ATTACK = "<img src=x onerror=alert(1)>"

# How far anything reaches beyond the screen or its own box.
OVERFLOW = """
() => {
  const page = document.scrollingElement;
  const inside = [...document.querySelectorAll("dd, dt, #cue, .phase, #notice")];
  const lowest = document.querySelector("main").getBoundingClientRect().bottom;
  return Math.max(page.scrollWidth - innerWidth, page.scrollHeight - innerHeight,
                  lowest - innerHeight,
                  ...inside.map((node) => node.scrollWidth - node.clientWidth));
}
"""


# --- the phone page -----------------------------------------------------------------------------


def test_the_banner_says_the_alarm_in_its_own_words_until_all_agree_again(
    live: Page, device: Device
) -> None:
    notice = live.locator("#notice")
    device.say("calibration", calibration(None), retain=True)
    device.say("calibration", calibration(False, ALARM), retain=True)
    expect(notice).to_have_text(f"Camera moved. {ALARM}")
    expect(notice.locator(".icon")).to_have_attribute("data-shape", "camera")
    expect(notice).to_have_attribute("role", "status")
    device.say("calibration", calibration(True), retain=True)
    expect(notice).to_be_empty()
    device.say("calibration", calibration(False, "The camera leans."), retain=True)
    expect(notice).to_have_text("Camera moved. The camera leans.")
    device.say("calibration", calibration(None), retain=True)  # new metres
    expect(notice).to_be_empty()


def test_the_banner_says_that_no_picture_comes_before_anything_else(
    live: Page, device: Device
) -> None:
    notice = live.locator("#notice")
    device.say("calibration", calibration(False, ALARM), retain=True)
    expect(notice).to_contain_text(ALARM)
    device.say("info", {"camera_ok": False}, retain=True)
    expect(notice).to_have_text("No picture. The camera is being started again. Check its cable.")
    device.say("info", {"camera_ok": True}, retain=True)
    expect(notice).to_contain_text(ALARM)


def test_a_page_opened_later_shows_the_banner_too(phone: Page, url: str, device: Device) -> None:
    device.say("calibration", calibration(False, ALARM), retain=True)
    phone.goto(url)
    expect(phone.locator("#link")).to_have_text(LIVE)
    expect(phone.locator("#notice")).to_contain_text(ALARM)


def test_other_problems_of_the_calibration_raise_no_banner(live: Page, device: Device) -> None:
    """An unmeasured roll is always there: a banner that never goes is not read."""
    for floor_ok in (None, True):
        device.say("calibration", calibration(floor_ok), retain=True)
        device.say("cue", cue(f"floor_ok {floor_ok}"))
        expect(live.locator("#cue")).to_have_text(f"floor_ok {floor_ok}")
        expect(live.locator("#notice")).to_be_empty()


def test_the_banner_leads_to_where_the_camera_is_set_up_again(live: Page, device: Device) -> None:
    device.say("calibration", calibration(False, ALARM), retain=True)
    live.locator("#notice").get_by_role("link").tap()
    expect(live).to_have_url(re.compile("/mount$"))


def test_an_alarm_without_words_is_an_alarm_all_the_same(live: Page, device: Device) -> None:
    device.say("calibration", calibration(False), retain=True)
    expect(live.locator("#notice")).to_contain_text("Camera moved. The bar at rest")


def test_markup_and_nonsense_in_the_calibration_do_no_harm(live: Page, device: Device) -> None:
    device.say("calibration", calibration(False, ATTACK), retain=True)
    expect(live.locator("#notice")).to_contain_text(ATTACK)
    expect(live.locator("img")).to_have_count(0)
    device.say("calibration", calibration(None) | {"floor_ok": "no"}, retain=True)
    expect(live.locator("#malformed")).to_have_text("Unreadable messages: 1")
    expect(live.locator("#notice")).to_contain_text(ATTACK)


def test_a_cue_that_belongs_to_no_rep_is_shown(live: Page, device: Device) -> None:
    message = cue("Put it back.", code="camera_moved", severity="warn", moment="between", rep_id="")
    device.say("cue", message)
    expect(live.locator("#cue")).to_have_text("Put it back.")
    expect(live.locator("#severity")).to_have_text("Watch")
    expect(live.locator("#malformed")).to_be_empty()


def test_a_marked_rep_says_so_in_word_and_shape_and_keeps_its_numbers(
    live: Page, device: Device
) -> None:
    device.say("state", state("ready", rep=5), retain=True)
    end(device, 4, marks=MOVED)
    mark = live.locator("#faults li").first
    expect(mark).to_have_text("Camera movednumbers in doubt")
    expect(mark.locator(".icon")).to_have_attribute("data-shape", "camera")
    expect(live.locator("#speed")).to_have_text("0.38")
    expect(live.locator("#faults li").nth(1)).to_have_text("Bar drifts forward26 mm · watch")
    end(device, 5)
    expect(live.locator("#speed")).to_have_text("0.31")
    expect(live.locator("#faults .mark")).to_have_count(0)


def test_a_mark_of_a_newer_device_is_spelled_out(live: Page, device: Device) -> None:
    end(device, 4, marks=["lens_fogged"])
    expect(live.locator("#faults li").first).to_have_text("lens foggedread with care")


@pytest.mark.parametrize("alarm", [ALARM, 4 * ALARM], ids=["usual", "long"])
def test_the_banner_covers_nothing_on_any_screen(live: Page, device: Device, alarm: str) -> None:
    device.say("calibration", calibration(False, alarm), retain=True)
    lift(device, 4)
    end(device, 4, marks=MOVED)
    device.say("cue", cue("Drag the bar up your legs."))
    expect(live.locator("#path .last .up")).to_be_attached()
    live.keyboard.press("Shift")  # the page for a hand, not the one that is read from afar
    expect(live.locator("body")).to_have_attribute("data-view", "near")
    for viewport in (PHONE, PHONE_SIDEWAYS, SMALL, DESKTOP):
        live.set_viewport_size(viewport)  # type: ignore[arg-type]
        expect(live.locator("#notice")).to_be_visible()
        assert live.evaluate(OVERFLOW) <= 0, viewport
        boxes = [live.locator(name).bounding_box() for name in ("#notice", "#panel")]
        notice, panel = (box for box in boxes if box is not None)
        assert notice["y"] + notice["height"] <= panel["y"], viewport
        assert panel["height"] >= 0.30 * viewport["height"], viewport
        picture = live.locator("#path").bounding_box()
        assert picture is not None
        assert picture["height"] >= 70, viewport


# --- the review page ----------------------------------------------------------------------------


def moved_twice() -> dict[str, Any]:
    """Build a session whose second alarm comes when the bar rests after the rep it marks."""
    reps = [finished_rep(n, marks=MOVED if n in (2, 4) else []) for n in range(1, 6)]
    ends = {rep["rep"]: datetime.fromisoformat(rep["end"]) for rep in reps}
    a_second = timedelta(seconds=1)
    events = [
        {"t": (ends[1] + a_second).isoformat(), "changed": ["roll"], "text": "It leans."},
        {"t": (ends[2] + a_second).isoformat(), "changed": [], "text": "It is back."},
        {"t": (ends[4] + a_second).isoformat(), "changed": ["height"], "text": "It sank."},
    ]
    return session(id="twice", sets=[{"set": 1, "reps": reps}], camera_events=events)


@pytest.fixture(scope="module")
def review_url() -> Iterator[str]:
    wordless = moved_session(id="wordless", camera_events=[])
    catalogue = MemoryCatalogue(session(), moved_session(), wordless, moved_twice())
    state = WebState("bay1", None, "1.2.3", catalogue, access=BOOK)
    with served(state) as server:
        yield f"http://127.0.0.1:{server.port}/review"


def test_marked_reps_are_told_apart_and_keep_their_numbers(phone: Page, review_url: str) -> None:
    phone.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    phone.goto(f"{review_url}/moved")
    rows = phone.get_by_label("Reps").first.locator("tbody tr")
    expect(rows).to_have_count(5)
    marked = [rows.nth(i).locator("a.mark").all_inner_texts() for i in range(5)]
    assert marked == [[], [], *[["Camera moved"]] * 3]
    expect(rows.nth(2).locator("a.mark .icon")).to_have_attribute("data-shape", "camera")
    assert rows.nth(3).locator("td").all_inner_texts()[:3] == ["56.4", "0.380 ± 0.008", "0.59"]
    heads = phone.get_by_label("Verdicts").first.locator("thead th").all_inner_texts()
    assert [text.split("\n") for text in heads[2:4]] == [["Rep 2"], ["Rep 3", "Camera moved"]]
    expect(phone.locator(".set").nth(1).locator(".mark, .mark-note")).to_have_count(0)


def test_the_reason_is_in_text_and_one_hover_or_tap_away(phone: Page, review_url: str) -> None:
    phone.goto(f"{review_url}/moved")
    note = phone.locator(".mark-note")
    expect(note).to_contain_text(f"Rep 3, 4, 5. {ALARM}")
    expect(note).to_contain_text("The numbers are kept")
    link = phone.locator("a.mark").nth(1)
    assert (link.get_attribute("title") or "").startswith(ALARM)
    link.tap()
    expect(phone.locator(".mark-note:target")).to_be_in_viewport()
    assert phone.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_each_rep_is_told_the_alarm_that_marked_it(phone: Page, review_url: str) -> None:
    phone.goto(f"{review_url}/twice")
    reasons = phone.locator(".mark-note p")
    expect(reasons.nth(1)).to_have_text("Rep 2. It leans.")
    expect(reasons.nth(2)).to_have_text("Rep 4. It sank.")


def test_a_mark_whose_alarm_was_not_kept_is_explained_in_general(
    phone: Page, review_url: str
) -> None:
    phone.goto(f"{review_url}/wordless")
    expect(phone.locator(".mark-note")).to_contain_text("no longer agrees with the floor")


def test_reps_from_before_there_were_marks_have_none(phone: Page, review_url: str) -> None:
    assert "marks" not in finished_rep(1)
    phone.goto(f"{review_url}/{session()['id']}")
    expect(phone.locator(".set")).to_have_count(2)
    expect(phone.locator(".mark, .mark-note")).to_have_count(0)
