"""The phone page as a thing on a phone: its settings, its languages, its screen."""

from collections.abc import Iterator

import pytest
from accessibility import faults, tabbed
from browser import PHONE, PHONE_SIDEWAYS, Complaints, new_context, until
from pages_alert import set_to
from pages_broker import Device
from pages_data import cue, state
from pages_live import LIVE, end
from playwright.sync_api import Browser, Page, expect

from shinline.app.words import SHIPPED, shipped

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}
MAGNIFIED = {"width": 320, "height": 256}


@pytest.fixture
def own(live: Page) -> Iterator[Page]:
    """Give a page whose settings are forgotten afterwards."""
    yield live
    live.evaluate("localStorage.removeItem('shinline.settings')")


def open_menu(page: Page) -> None:
    page.locator("#menu").tap()
    expect(page.locator("#settings")).to_be_visible()


def with_a_rep(page: Page, device: Device) -> None:
    end(device, 4)
    device.say("info", {"not_observable": ["asymmetry"]}, retain=True)
    expect(page.locator("#good")).to_be_visible()


# --- the settings -------------------------------------------------------------------------------


def test_what_is_set_stays_set(own: Page) -> None:
    open_menu(own)
    own.locator("#set-sound").uncheck()
    own.locator("#set-load_unit").select_option("lb")
    own.locator("#set-hand").select_option("left")
    own.reload()
    expect(own.locator("#link")).to_have_text(LIVE)
    expect(own.locator("body")).to_have_attribute("data-hand", "left")
    open_menu(own)
    expect(own.locator("#set-sound")).not_to_be_checked()
    expect(own.locator("#set-load_unit")).to_have_value("lb")


DAMAGED = ("{", "null", "[]", '"x"', '{"volume": 7, "language": "xx"}')


def test_damaged_settings_are_as_at_first(own: Page) -> None:
    read = """async (kept) => {
        localStorage.setItem('shinline.settings', kept);
        return (await import('/static/js/settings.js?' + Math.random())).settings();
    }"""
    for kept in DAMAGED:
        found = own.evaluate(read, kept)
        assert (found["volume"], found["language"], found["sound"]) == (1, "", True), kept


def test_a_setting_that_is_not_allowed_is_refused(own: Page) -> None:
    refused = """async () => {
        const { setSetting, settings } = await import('/static/js/settings.js');
        try {
            setSetting('volume', 2);
        } catch (error) {
            return [error.message, settings().volume];
        }
    }"""
    assert own.evaluate(refused) == ["volume cannot be 2", 1]


def test_the_sheet_closes_by_button_key_and_ground_and_returns_the_focus(own: Page) -> None:
    closings = (
        lambda: own.locator("#settings-close").tap(),
        lambda: own.keyboard.press("Escape"),
    )
    for close in closings:
        open_menu(own)
        close()
        expect(own.locator("#settings")).to_be_hidden()
        assert own.evaluate("document.activeElement.id") == "menu"


def test_a_hand_finds_its_buttons_on_its_own_side(own: Page) -> None:
    middle = PHONE["width"] / 2
    for hand, is_right in (("right", True), ("left", False)):
        set_to(own, hand=hand)
        expect(own.locator("body")).to_have_attribute("data-hand", hand)
        for name in ("menu", "feedback"):
            box = own.locator(f"#{name}").bounding_box()
            assert box is not None
            assert (box["x"] + box["width"] / 2 > middle) is is_right, (hand, name)


def test_each_sound_can_be_heard_before_it_counts(own: Page) -> None:
    open_menu(own)
    own.evaluate("""() => {
        window.hz = new Set();
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...when) {
            window.hz.add(Math.round(this.frequency.value));
            return start.apply(this, when);
        };
    }""")
    own.locator("#settings").get_by_role("button", name="Stop").tap()
    until(own, "window.hz.has(1000) && window.hz.has(1500)")


# --- languages ----------------------------------------------------------------------------------


def test_a_phone_speaks_its_own_language_though_the_device_speaks_another(
    own: Page, device: Device
) -> None:
    open_menu(own)
    own.locator("#set-language").select_option("de")
    expect(own.locator("#settings-title")).to_have_text("Einstellungen")
    expect(own.locator("html")).to_have_attribute("lang", "de")
    own.keyboard.press("Escape")
    device.say("state", state("pull"), retain=True)
    expect(own.locator("#phase")).to_have_text("Zieh")
    device.say("cue", cue("Push the floor away.", code="hips_shoot_up", id="a"))
    expect(own.locator("#cue")).to_have_text(shipped("de").said["cues.hips_shoot_up"])
    device.say("cue", cue("Good line, 14 mm.", code="bar_forward", severity="good", id="b"))
    expect(own.locator("#cue")).to_have_text(
        shipped("de").said["cues.praise"].replace("{mm}", "14")
    )
    device.say("cue", cue("Said by nobody's table.", id="c"))
    expect(own.locator("#cue")).to_have_text("Said by nobody's table.")
    device.status("offline")
    expect(own.locator("#link")).to_have_text("Kamera ist aus")


TEXTS = """() => {
  const labelled = [...document.querySelectorAll("[aria-label]")];
  const texts = labelled.map((node) => node.getAttribute("aria-label"));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
  return texts.filter(Boolean);
}"""
SAME = {"English", "Deutsch", "Español", "kg", "lb", "mm", "in", "m/s", "Live", "Start"}


def test_no_english_is_left_in_another_language(own: Page, device: Device) -> None:
    with_a_rep(own, device)
    open_menu(own)
    for language in ("de", "es"):
        set_to(own, language=language)
        title = shipped(language).said["screen.settings"]
        expect(own.locator("#settings-title")).to_have_text(title)
        words = shipped(language).said
        english = {text for key, text in shipped("en").said.items() if text != words[key]}
        left = english - set(words.values()) - SAME
        found = left & set(own.evaluate(TEXTS))
        assert not found, (language, found)


# --- the screen stays on ------------------------------------------------------------------------


def note(page: Page) -> str:
    open_menu(page)
    text = page.locator("#note-awake").text_content()
    page.keyboard.press("Escape")
    return text or ""


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
    chromium: Browser, url: str, device: Device
) -> None:
    context = new_context(chromium, PHONE, has_touch=True, is_mobile=True)
    context.add_init_script(f"({LOCKS})()")
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#link")).to_have_text(LIVE)
    until(page, "window.locks.length === 1")
    assert note(page) == "The screen stays on."
    page.evaluate("window.locks[0].release()")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(page, "window.locks.length >= 2 && !window.locks.at(-1).released")
    set_to(page, awake=False)
    until(page, "window.locks.at(-1).released")
    context.close()


NO_LOCK = ("undefined", "{ request: async () => { throw new DOMException('low battery'); } }")


@pytest.mark.parametrize("missing", NO_LOCK, ids=["plain http", "low battery"])
def test_without_a_lock_a_tiny_video_asks_the_phone_to_stay_on(
    chromium: Browser, url: str, device: Device, complaints: Complaints, missing: str
) -> None:
    """As on a plain http page, or with a low battery; the policy of the page allows the video."""
    context = new_context(chromium, PHONE, has_touch=True, is_mobile=True)
    context.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'wakeLock', {{ value: {missing} }});"
    )
    page = context.new_page()
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
        assert "not every phone" in note(page)
        set_to(page, awake=False)
        expect(page.locator("video")).to_have_count(0)
    assert complaints.lines == []
    context.close()


# --- for every hand, eye and ear ----------------------------------------------------------------


def test_the_page_and_its_sheet_are_accessible(own: Page, device: Device) -> None:
    with_a_rep(own, device)
    for language in SHIPPED:
        set_to(own, language=language)
        expect(own.locator("html")).to_have_attribute("lang", language)
        for viewport in (PHONE, PHONE_SIDEWAYS, SMALL, MAGNIFIED):
            own.set_viewport_size(viewport)  # type: ignore[arg-type]
            assert faults(own) == [], (language, viewport)
            own.locator("#menu").click()
            until(own, "document.querySelector('dialog[open]') !== null")
            assert faults(own) == [], (language, viewport)
            own.keyboard.press("Escape")


def test_every_severity_has_contrast(own: Page, device: Device) -> None:
    own.emulate_media(reduced_motion="reduce")
    for severity in ("good", "info", "warn", "fault", "stop"):
        device.say("cue", cue(f"Quiet {severity}", severity=severity))
        expect(own.locator("#cue")).to_have_text(f"Quiet {severity}")
        assert faults(own) == [], severity
    own.emulate_media(reduced_motion="no-preference")


def test_text_of_twice_the_size_hides_nothing(own: Page, device: Device) -> None:
    with_a_rep(own, device)
    own.evaluate("document.documentElement.style.fontSize = '32px'")
    own.set_viewport_size(SMALL)  # type: ignore[arg-type]
    assert faults(own) == []
    for name in ("feedback", "mute", "good", "menu"):
        own.locator(f"#{name}").scroll_into_view_if_needed()
        expect(own.locator(f"#{name}")).to_be_in_viewport()
    own.evaluate("document.documentElement.style.fontSize = ''")


def test_a_keyboard_reaches_everything_and_one_sees_where_it_is(own: Page, device: Device) -> None:
    with_a_rep(own, device)
    own.locator("body").focus()
    seen = tabbed(own, 8)
    ids = [one["id"] for one in seen]
    assert {"menu", "arm", "feedback", "mute", "good"} <= set(ids)
    order = [ids.index(name) for name in ("menu", "feedback", "mute", "good")]
    assert order == sorted(order)
    assert all(one["marked"] and one["inside"] for one in seen if one["id"] != "BODY"), seen


def test_little_is_spoken_by_itself(own: Page) -> None:
    spoken = own.evaluate("""() => [...document.querySelectorAll('[aria-live], [role=status]')]
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
