"""The phone page as a thing on a phone: its settings, its languages, its screen."""

import pytest
from browser import PHONE, PHONE_SIDEWAYS, Complaints, until
from pages_alert import set_to
from pages_broker import Device
from pages_data import cue, state
from pages_live import LIVE, end
from pages_rules import faults, tabbed
from playwright.sync_api import Page, expect

from shinline.app.words import SHIPPED, shipped

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}
MAGNIFIED = {"width": 320, "height": 256}


def open_menu(page: Page) -> None:
    page.locator("#menu").tap()
    expect(page.locator("#settings")).to_be_visible()


def with_a_rep(page: Page, device: Device) -> None:
    end(device, 4)
    device.say("info", {"not_observable": ["asymmetry"]}, retain=True)
    expect(page.locator("#good")).to_be_visible()


# --- the settings -------------------------------------------------------------------------------


def test_what_is_set_stays_set(live: Page) -> None:
    open_menu(live)
    live.locator("#set-sound").uncheck()
    live.locator("#set-load_unit").select_option("lb")
    live.locator("#set-hand").select_option("left")
    live.reload()
    expect(live.locator("#link")).to_have_text(LIVE)
    expect(live.locator("body")).to_have_attribute("data-hand", "left")
    open_menu(live)
    expect(live.locator("#set-sound")).not_to_be_checked()
    expect(live.locator("#set-load_unit")).to_have_value("lb")


DAMAGED = ("{", "null", "[]", '"x"', '{"volume": 7, "language": "xx"}')


def test_damaged_settings_are_as_at_first(live: Page) -> None:
    read = """async (kept) => {
        localStorage.setItem('shinline.settings', kept);
        return (await import('/static/js/settings.js?' + Math.random())).settings();
    }"""
    for kept in DAMAGED:
        found = live.evaluate(read, kept)
        assert (found["volume"], found["language"], found["sound"]) == (1, "", True), kept


def test_a_setting_that_is_not_allowed_is_refused(live: Page) -> None:
    refused = """async () => {
        const { setSetting, settings } = await import('/static/js/settings.js');
        try {
            setSetting('volume', 2);
        } catch (error) {
            return [error.message, settings().volume];
        }
    }"""
    assert live.evaluate(refused) == ["volume cannot be 2", 1]


def test_the_sheet_closes_by_button_key_and_ground_and_returns_the_focus(live: Page) -> None:
    closings = (
        lambda: live.locator("#settings-close").tap(),
        lambda: live.keyboard.press("Escape"),
    )
    for close in closings:
        open_menu(live)
        close()
        expect(live.locator("#settings")).to_be_hidden()
        assert live.evaluate("document.activeElement.id") == "menu"


def test_a_hand_finds_its_buttons_on_its_own_side(live: Page) -> None:
    middle = PHONE["width"] / 2
    for hand, is_right in (("right", True), ("left", False)):
        set_to(live, hand=hand)
        expect(live.locator("body")).to_have_attribute("data-hand", hand)
        for name in ("menu", "feedback"):
            box = live.locator(f"#{name}").bounding_box()
            assert box is not None
            assert (box["x"] + box["width"] / 2 > middle) is is_right, (hand, name)


def test_each_sound_can_be_heard_before_it_counts(live: Page) -> None:
    open_menu(live)
    live.evaluate("""() => {
        window.hz = new Set();
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...when) {
            window.hz.add(Math.round(this.frequency.value));
            return start.apply(this, when);
        };
    }""")
    live.locator("#settings").get_by_role("button", name="Stop").tap()
    until(live, "window.hz.has(1000) && window.hz.has(1500)")


# --- languages ----------------------------------------------------------------------------------


def test_a_phone_speaks_its_own_language_though_the_device_speaks_another(
    live: Page, device: Device
) -> None:
    open_menu(live)
    live.locator("#set-language").select_option("de")
    expect(live.locator("#settings-title")).to_have_text("Einstellungen")
    expect(live.locator("html")).to_have_attribute("lang", "de")
    live.keyboard.press("Escape")
    device.say("state", state("pull"), retain=True)
    expect(live.locator("#phase")).to_have_text("Zieh")
    device.say("cue", cue("Push the floor away.", code="hips_shoot_up", id="a"))
    expect(live.locator("#cue")).to_have_text(shipped("de").said["cues.hips_shoot_up"])
    device.say("cue", cue("Good line, 14 mm.", code="bar_forward", severity="good", id="b"))
    expect(live.locator("#cue")).to_have_text(
        shipped("de").said["cues.praise"].replace("{mm}", "14")
    )
    device.say("cue", cue("Said by nobody's table.", id="c"))
    expect(live.locator("#cue")).to_have_text("Said by nobody's table.")
    device.status("offline")
    expect(live.locator("#link")).to_have_text("Kamera ist aus")


TEXTS = """() => {
  const labelled = [...document.querySelectorAll("[aria-label]")];
  const texts = labelled.map((node) => node.getAttribute("aria-label"));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
  return texts.filter(Boolean);
}"""
SAME = {"English", "Deutsch", "Español", "kg", "lb", "mm", "in", "m/s", "Live", "Start"}


def test_no_english_is_left_in_another_language(live: Page, device: Device) -> None:
    with_a_rep(live, device)
    open_menu(live)
    for language in ("de", "es"):
        set_to(live, language=language)
        title = shipped(language).said["screen.settings"]
        expect(live.locator("#settings-title")).to_have_text(title)
        words = shipped(language).said
        english = {text for key, text in shipped("en").said.items() if text != words[key]}
        left = english - set(words.values()) - SAME
        found = left & set(live.evaluate(TEXTS))
        assert not found, (language, found)


# --- the screen stays on ------------------------------------------------------------------------


def expect_note(page: Page, text: str) -> None:
    open_menu(page)
    expect(page.locator("#note-awake")).to_contain_text(text)
    page.keyboard.press("Escape")


LOCKS = """() => {
  window.locks = [];
  const take = WakeLock.prototype.request;
  WakeLock.prototype.request = async function (kind) {
    const lock = await take.call(this, kind);
    window.locks.push(lock);
    return lock;
  };
}"""


def test_the_screen_is_kept_on_and_again_after_the_page_was_away(
    new_tab: Page, url: str, device: Device
) -> None:
    page = new_tab
    page.add_init_script(f"({LOCKS})()")
    page.goto(url)
    expect(page.locator("#link")).to_have_text(LIVE)
    until(page, "window.locks.length === 1")
    expect_note(page, "The screen stays on.")
    page.evaluate("window.locks[0].release()")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(page, "window.locks.length >= 2 && !window.locks.at(-1).released")
    set_to(page, awake=False)
    until(page, "window.locks.at(-1).released")


NO_LOCK = ("undefined", "{ request: async () => { throw new DOMException('low battery'); } }")


@pytest.mark.parametrize("missing", NO_LOCK, ids=["plain http", "low battery"])
def test_without_a_lock_a_tiny_video_asks_the_phone_to_stay_on(
    new_tab: Page, url: str, device: Device, complaints: Complaints, missing: str
) -> None:
    """As on a plain http page, or with a low battery; the policy of the page allows the video."""
    page = new_tab
    page.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'wakeLock', {{ value: {missing} }});"
    )
    with complaints.watch(page):
        page.goto(url)
        expect(page.locator("video.awake")).to_be_attached()
        until(page, "document.querySelector('video').currentTime > 0.2")
        assert page.evaluate(
            "(({ paused, muted }) => [paused, muted])(document.querySelector('video'))"
        ) == [False, True]
        box = page.locator("video.awake").bounding_box()
        assert box is not None
        assert (box["x"] + box["width"], box["y"] + box["height"]) == tuple(PHONE.values())
        expect_note(page, "not every phone")
        set_to(page, awake=False)
        expect(page.locator("video")).to_have_count(0)
    assert complaints.lines == []


# --- for every hand, eye and ear ----------------------------------------------------------------


def test_the_page_and_its_sheet_are_accessible(live: Page, device: Device) -> None:
    with_a_rep(live, device)
    for language in SHIPPED:
        set_to(live, language=language)
        expect(live.locator("html")).to_have_attribute("lang", language)
        for viewport in (PHONE, PHONE_SIDEWAYS, SMALL, MAGNIFIED):
            live.set_viewport_size(viewport)  # type: ignore[arg-type]
            assert faults(live) == [], (language, viewport)
            live.locator("#menu").click()
            until(live, "document.querySelector('dialog[open]') !== null")
            assert faults(live) == [], (language, viewport)
            live.keyboard.press("Escape")


def test_every_severity_has_contrast(live: Page, device: Device) -> None:
    live.emulate_media(reduced_motion="reduce")
    for severity in ("good", "info", "warn", "fault", "stop"):
        device.say("cue", cue(f"Quiet {severity}", severity=severity))
        expect(live.locator("#cue")).to_have_text(f"Quiet {severity}")
        assert faults(live) == [], severity
    live.emulate_media(reduced_motion="no-preference")


def test_text_of_twice_the_size_hides_nothing(live: Page, device: Device) -> None:
    with_a_rep(live, device)
    live.evaluate("document.documentElement.style.fontSize = '32px'")
    live.set_viewport_size(SMALL)  # type: ignore[arg-type]
    assert faults(live) == []
    for name in ("feedback", "mute", "good", "menu"):
        live.locator(f"#{name}").scroll_into_view_if_needed()
        expect(live.locator(f"#{name}")).to_be_in_viewport()
    live.evaluate("document.documentElement.style.fontSize = ''")


def test_a_keyboard_reaches_everything_and_one_sees_where_it_is(live: Page, device: Device) -> None:
    with_a_rep(live, device)
    live.locator("body").focus()
    seen = tabbed(live, 8)
    ids = [one["id"] for one in seen]
    assert {"menu", "arm", "feedback", "mute", "good"} <= set(ids)
    order = [ids.index(name) for name in ("menu", "feedback", "mute", "good")]
    assert order == sorted(order)
    assert all(one["marked"] and one["inside"] for one in seen if one["id"] != "BODY"), seen


def test_little_is_spoken_by_itself(live: Page) -> None:
    spoken = live.evaluate("""() => [...document.querySelectorAll('[aria-live], [role=status]')]
        .map((node) => node.id || node.className).sort()""")
    assert sorted(set(spoken)) == [
        "answer",
        "cue",
        "link",
        "news",
        "notice",
        "set-news",
        "sound-note",
    ]
