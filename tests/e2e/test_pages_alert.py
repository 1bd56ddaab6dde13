"""A cue is seen, heard, felt and spoken at once and from one message, or not at all."""

from typing import Any

import numpy as np
import pytest
from browser import PHONE, Complaints, until
from pages_alert import arm, heard, listen, pass_time, set_to, tones
from pages_broker import Device, Mosquitto
from pages_data import cue, setup, state
from pages_live import LIVE
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SOUNDS = {"good": [988, 1480], "fault": [98, 118], "stop": [1000, 1500]}
FADE = "() => document.querySelector('#panel').getAnimations().length"


@pytest.fixture
def armed(live: Page) -> Page:
    listen(live)
    arm(live)
    return live


# --- sound --------------------------------------------------------------------------------------


def test_a_page_says_that_it_is_silent_until_a_touch_opens_the_loudspeaker(live: Page) -> None:
    listen(live)
    expect(live.locator("#arm")).to_have_text("Tap to turn the sound on")
    live.locator("#arm").tap()
    expect(live.locator("#arm")).to_be_hidden()
    expect(live.locator("#sound-note")).to_contain_text("silent switch")
    assert set(SOUNDS["good"]) <= set(tones(live))  # the test sound


def test_each_severity_that_matters_has_a_sound_of_its_own(armed: Page, device: Device) -> None:
    for severity, wanted in SOUNDS.items():
        armed.evaluate("window.heard = []")
        device.say("cue", cue(f"Say {severity}", severity=severity))
        expect(armed.locator("#cue")).to_have_text(f"Say {severity}")
        others = {hz for name, each in SOUNDS.items() if name != severity for hz in each}
        assert set(wanted) <= set(tones(armed)), severity
        assert not others & set(tones(armed)), severity


def test_what_does_not_matter_yet_is_silent(armed: Page, device: Device) -> None:
    for severity in ("info", "warn"):
        device.say("cue", cue(f"Say {severity}", severity=severity))
        expect(armed.locator("#cue")).to_have_text(f"Say {severity}")
    assert tones(armed) == []
    assert heard(armed, "shake") == []
    expect(armed.locator("body")).to_have_attribute("data-flash", "")


def test_a_cue_that_is_not_shown_is_not_heard_either(armed: Page, device: Device) -> None:
    old: dict[str, dict[str, Any]] = {"late": {"latency_ms": 4100}, "told": {"expired": True}}
    for name, more in old.items():
        device.say("cue", cue(name, id=name, ttl_ms=4000, **more))
    device.say("state", state("floor", rep=9), retain=True)
    expect(armed.locator("#rep")).to_have_text("9")  # so the cues have arrived as well
    assert armed.evaluate("window.heard") == []
    expect(armed.locator("#cue")).to_have_text("")


def test_a_cue_sounds_once_though_it_comes_twice(armed: Page, device: Device) -> None:
    for _ in range(2):
        device.say("cue", cue("Once", id="once"))
    device.say("state", state("floor", rep=8), retain=True)
    expect(armed.locator("#rep")).to_have_text("8")
    assert len(tones(armed)) == 2 * len(SOUNDS["fault"])  # two voices of each tone


def test_sound_can_be_switched_off_and_the_page_then_asks_for_nothing(
    armed: Page, device: Device
) -> None:
    set_to(armed, sound=False)
    device.say("cue", cue("Quiet", severity="stop"))
    expect(armed.locator("#cue")).to_have_text("Quiet")
    assert tones(armed) == []
    expect(armed.locator("#arm")).to_be_hidden()


def test_a_loudspeaker_that_was_taken_away_is_told_and_given_back_by_a_touch(armed: Page) -> None:
    armed.evaluate("""async () => {
        const real = AudioContext.prototype.resume;
        window.contexts = [];
        AudioContext.prototype.resume = function () {
            window.contexts.push(this);
            return real.call(this);
        };
    }""")
    # No script can take the loudspeaker as a call does; to suspend it is what a page sees of that.
    armed.evaluate("""async () => {
        const { createSpeaker } = await import('/static/js/speaker.js');
        window.second = createSpeaker(() => {});
        await window.second.arm();
        await window.contexts[0].suspend();
    }""")
    assert armed.evaluate("window.second.state()") == "interrupted"
    assert armed.evaluate("window.second.play('stop')") is False
    armed.locator("#link").tap()
    until(armed, "window.second.state() === 'armed'")


RATE_HZ = 16000
PLAY = """async ([name, rate]) => {
  const { playInto, lengthOf } = await import('/static/js/sounds.js');
  const context = new OfflineAudioContext(1, Math.ceil(rate * lengthOf(name)), rate);
  playInto(context, name, 1, 0);
  return Array.from((await context.startRendering()).getChannelData(0));
}"""


def test_a_sound_is_loud_where_a_phone_is_loudest_and_never_clipped(live: Page) -> None:
    """At least a third of its power lies between 1 and 3 kHz."""
    for name in SOUNDS:
        samples = np.array(live.evaluate(PLAY, [name, RATE_HZ]))
        assert 0.15 < np.sqrt(np.mean(samples**2)) < np.abs(samples).max() <= 1.0, name
        assert 0.3 < samples.size / RATE_HZ < 1.5, name
        power = np.abs(np.fft.rfft(samples)) ** 2
        hz = np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
        assert power[(hz > 950) & (hz < 3050)].sum() > 0.33 * power.sum(), name


# --- flash, vibration, speech -------------------------------------------------------------------


def test_a_fault_fills_the_screen_for_a_moment_and_a_touch_ends_it(
    armed: Page, device: Device
) -> None:
    device.say("cue", cue("Push"))
    expect(armed.locator("body")).to_have_attribute("data-flash", "fault")
    assert armed.locator("#panel").bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert armed.evaluate(FADE) == 1
    period_ms = armed.evaluate(
        "document.querySelector('#panel').getAnimations()[0].effect.getTiming().duration"
    )
    assert 1000 / period_ms <= 3  # what WCAG 2.3.1 allows in a second
    armed.locator("#cue").tap()
    expect(armed.locator("body")).to_have_attribute("data-flash", "")
    expect(armed.locator("body")).to_have_attribute("data-view", "near")
    expect(armed.locator("#cue")).to_have_text("Push")


def test_who_asks_for_less_motion_gets_the_colour_without_the_flashing(
    armed: Page, device: Device
) -> None:
    armed.emulate_media(reduced_motion="reduce")
    device.say("cue", cue("Stop there", severity="stop"))
    expect(armed.locator("body")).to_have_attribute("data-flash", "stop")
    assert armed.evaluate(FADE) == 0
    assert armed.locator("#panel").bounding_box() == {"x": 0, "y": 0, **PHONE}
    armed.emulate_media(reduced_motion="no-preference")


def test_flash_and_vibration_can_be_switched_off(armed: Page, device: Device) -> None:
    device.say("cue", cue("One", severity="stop"))
    expect(armed.locator("#cue")).to_have_text("One")
    assert heard(armed, "shake") == [[400, 100, 400, 100, 400]]
    set_to(armed, flash=False, vibration=False)
    device.say("cue", cue("Two", severity="stop"))
    expect(armed.locator("#cue")).to_have_text("Two")
    expect(armed.locator("body")).to_have_attribute("data-flash", "")
    assert len(heard(armed, "shake")) == 1


def test_a_cue_is_spoken_for_who_wants_it_and_only_by_a_voice_on_the_phone(
    armed: Page, device: Device
) -> None:
    device.say("cue", cue("Push the floor away.", id="a", severity="warn"))
    expect(armed.locator("#cue")).to_have_text("Push the floor away.")
    set_to(armed, speech=True)
    device.say("cue", cue("Quiet plates.", id="b", severity="warn"))
    until(armed, "window.heard.some(([kind]) => kind === 'says')")
    assert heard(armed, "says") == [["Quiet plates."]]
    script = "async (l) => (await import('/static/js/voice.js')).voiceFor(l)?.name ?? null"
    assert [armed.evaluate(script, language) for language in ("en", "de")] == ["test", None]


def test_the_ready_light_has_a_tone_for_who_wants_one(armed: Page, device: Device) -> None:
    states = ("done",) * 5
    for wanted in (False, True):
        set_to(armed, ready_tone=wanted)
        for ready in (False, True, True):
            device.say("setup", setup(ready, states))
            expect(armed.locator("body")).to_have_attribute("data-light", "yes" if ready else "no")
        assert tones(armed) == ([1320, 1320] if wanted else [])


# --- the echo -----------------------------------------------------------------------------------


def test_the_device_is_told_once_how_long_a_cue_took_to_be_seen(live: Page, device: Device) -> None:
    device.say("cue", cue("Seen", id="seen-1"))
    shown = device.asked("shown")
    assert shown["id"] == "seen-1"
    assert 0 < shown["page_ms"] < 2000
    assert live.locator("#cue").text_content() == "Seen"
    device.say("cue", cue("Seen", id="seen-1"))
    device.say("cue", cue("Too late", id="late", ttl_ms=4000, latency_ms=5000))
    device.say("cue", cue("Next", id="seen-2"))
    assert device.asked("shown", 2)["id"] == "seen-2"


def test_a_fault_is_seen_over_an_open_sheet_and_what_is_covered_is_not_said_to_be_seen(
    live: Page, device: Device
) -> None:
    live.locator("#menu").click()
    expect(live.locator("dialog[open]")).to_have_count(1)
    device.say("cue", cue("Only heard", severity="warn", id="covered"))
    expect(live.locator("#cue")).to_have_text("Only heard")
    expect(live.locator("dialog[open]")).to_have_count(1)
    device.say("cue", cue("Seen at once", severity="fault", id="uncovered"))
    expect(live.locator("dialog[open]")).to_have_count(0)
    assert device.asked("shown")["id"] == "uncovered"


def test_the_latency_that_the_device_measured_is_on_the_page(live: Page, device: Device) -> None:
    device.say("stats", {"rate_hz": 60.0, "shown_p50_ms": 17.6, "shown_p95_ms": 23.2})
    expect(live.locator("#latency")).to_have_text(
        "Cue on screen: half of them within 18 ms, 19 of 20 within 23 ms"
    )
    device.say("stats", {"rate_hz": 60.0, "shown_p50_ms": None, "shown_p95_ms": None})
    expect(live.locator("#latency")).to_have_text("")


@pytest.mark.parametrize(
    ("slowed", "words"),
    [
        ("load", "Only 40 pictures a second: the device has too much to do"),
        ("heat", "Only 40 pictures a second: the device is too hot"),
        ("power", "Only 40 pictures a second: the device's power supply is too weak"),
    ],
)
def test_a_device_that_was_slowed_down_says_why(
    live: Page, device: Device, slowed: str, words: str
) -> None:
    device.say("stats", {"rate_hz": 39.96, "slowed": slowed})
    expect(live.locator("#slowed")).to_have_text(words)
    device.say("stats", {"rate_hz": 120.0, "slowed": ""})
    expect(live.locator("#slowed")).to_have_text("")


# --- sleep and clocks ---------------------------------------------------------------------------


def test_a_cue_that_came_while_the_page_did_not_run_is_neither_shown_nor_heard(
    armed: Page, device: Device
) -> None:
    freeze = "const until = Date.now() + 1800; while (Date.now() < until);"  # shorter is no sleep
    armed.evaluate(f"() => {{ setTimeout(() => {{ {freeze} }}, 0); }}")
    device.say("cue", cue("Slept through", id="slept"))
    device.say("state", state("floor", rep=6), retain=True)
    expect(armed.locator("#rep")).to_have_text("6")
    assert armed.evaluate("window.heard") == []
    expect(armed.locator("#cue")).to_have_text("")
    device.say("cue", cue("Awake", id="awake"))
    expect(armed.locator("#cue")).to_have_text("Awake")


def test_a_phone_that_wakes_dials_anew_and_shows_what_is_true_now(
    live: Page, device: Device
) -> None:
    device.say("cue", cue("Before", ttl_ms=30000))
    expect(live.locator("#cue")).to_have_text("Before")
    with live.expect_websocket(timeout=4000):
        pass_time(live, 60)
    expect(live.locator("#cue")).to_have_text("")
    expect(live.locator("#link")).to_have_text(LIVE)


GAPS = """async ([steady_ms, wall_ms]) => {
  const { createSleepWatch } = await import('/static/js/sleep.js');
  const steady = performance.now, wall = Date.now;
  const at = [performance.now(), Date.now()];
  performance.now = () => at[0];
  Date.now = () => at[1];
  const watch = createSleepWatch();
  at[0] += steady_ms;
  at[1] += wall_ms;
  const found = [watch.gap_ms(), watch.tick(), watch.gap_ms()];
  Object.assign(performance, { now: steady.bind(performance) });
  Date.now = wall;
  return found;
}"""


SLEEPS = {
    "awake": (250, 250, 250),
    "the steady clock stops in sleep": (250, 60000, 60000),
    "the steady clock goes on in sleep": (60000, 60000, 60000),
    "the wall clock is set back": (250, -3600000, 250),
}


def test_the_longer_of_two_clocks_tells_how_long_a_phone_slept(live: Page) -> None:
    for name, (steady_ms, wall_ms, gap_ms) in SLEEPS.items():
        assert live.evaluate(GAPS, [steady_ms, wall_ms]) == [gap_ms, gap_ms, 0], name


def test_a_phones_clock_may_be_an_hour_off(phone_tab: Page, url: str, device: Device) -> None:
    """Neither an hour before nor after the device's: only differences of the phone's own count."""
    for hours in (-1, 1):
        page = phone_tab.context.new_page()
        page.add_init_script(
            f"const right = Date.now; Date.now = () => right.call(Date) + {hours} * 3600000;"
        )
        page.goto(url)
        expect(page.locator("#link")).to_have_text(LIVE)
        device.say("cue", cue("On time", id=f"skew{hours}", ttl_ms=900, latency_ms=200))
        expect(page.locator("#cue")).to_have_text("On time")
        expect(page.locator("#cue")).to_have_text("", timeout=3000)
        page.close()


def test_a_device_that_comes_back_on_another_port_is_found_without_a_touch(
    live: Page, mosquitto: Mosquitto, device: Device, complaints: Complaints
) -> None:
    told = {"platform": "bay1", "ws_port": mosquitto.ws_port, "version": "9.9.9"}
    live.route("**/api/info", lambda route: route.fulfill(json=told))
    with live.expect_navigation():
        live.evaluate("window.dispatchEvent(new Event('online'))")
    expect(live.locator("#link")).to_have_text(LIVE)
    live.unroute("**/api/info")
    complaints.lines.clear()


# --- what fails alone ---------------------------------------------------------------------------


def test_a_browser_that_keeps_nothing_and_a_part_that_fails_stop_no_cue(
    live: Page, device: Device, complaints: Complaints
) -> None:
    listen(live)
    arm(live)
    kept = live.evaluate("""async () => {
        for (const name of ['getItem', 'setItem', 'removeItem']) {
            Storage.prototype[name] = () => { throw new DOMException('no', 'SecurityError'); };
        }
        const { keep, recall } = await import('/static/js/store.js');
        keep('shinline.bar.kg', '15');
        const found = [recall('shinline.bar.kg')];
        keep('shinline.bar.kg', null);
        document.getElementById('notice').remove();
        return [...found, recall('shinline.bar.kg')];
    }""")
    assert kept == ["15", None]
    set_to(live, hand="left")
    device.say("cue", cue("Heard", severity="fault"))
    expect(live.locator("#cue")).to_have_text("Heard")
    assert set(SOUNDS["fault"]) <= set(tones(live))
    expect(live.locator("body")).to_have_attribute("data-hand", "left")
    assert len(complaints.lines) == 1
    assert "TypeError" in complaints.lines[0]
    complaints.lines.clear()
    live.reload()  # with its storage
    expect(live.locator("#link")).to_have_text(LIVE)
