"""Whether the mounting page can be believed: kept verdicts, lost devices, hostile messages."""

from typing import Any

import pytest
from mount_data import steps, usable
from mount_standin import StandIn
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ATTACK = "<img src=x onerror=alert(1)>"


def test_a_verdict_that_was_kept_is_not_shown_before_the_device_answers(
    phone: Page, mount_url: str, standin: StandIn
) -> None:
    standin.is_mute = True
    phone.goto(mount_url)
    expect(phone.locator("#verdict")).to_have_text("Asking the camera")
    expect(phone.locator("#verdict")).to_have_text("No answer")
    expect(phone.locator("#preview-note")).to_have_text("The device did not answer. Try again.")
    expect(phone.locator("#save")).to_be_disabled()
    standin.is_mute = False
    expect(phone.locator("#verdict")).to_have_text("Ready")  # it asks again by itself
    expect(phone.locator("#preview-note")).to_be_empty()


def test_a_device_that_has_gone_takes_its_verdict_along(mounting: Page, standin: StandIn) -> None:
    standin.status("offline")
    expect(mounting.locator("#verdict")).to_have_text("Camera is off")
    expect(mounting.locator("#panel")).to_have_attribute("data-verdict", "none")
    expect(mounting.locator("#next")).to_be_hidden()
    expect(mounting.locator("#restart")).to_be_disabled()


WRONG: dict[str, Any] = {
    "verdict": "splendid",
    "width_px": 0,
    "height_px": "tall",
    "headline": "x" * 5000,
    "reasons": [1],
    "checks": [{"code": "marker"}],
    "level": {"known": True, "roll_deg": None, "roll_sd_deg": None, "pitch_deg": None},
    "markers": [{"role": "bar", "x_px": 1e300, "y_px": 1, "r_px": 1, "state": "good"}],
    "ghost": {"floor": {}, "lockout": {}, "inside": True},
    "zones": [{"role": "hip", "points_px": [[0, 0], [1, None], [2, 2]], "text": ""}],
    "steps": [steps()[0], steps()[0]],
    "step_ready": "yes",
    "stale": "roll",
    "reasons_said": [{"key": 3, "values": {}}],
    "problem": {},
}


def test_messages_of_a_wrong_shape_change_nothing_and_are_counted(
    mounting: Page, standin: StandIn
) -> None:
    for field, value in WRONG.items():
        standin.say("mount", usable() | {field: value})
    standin.say_bytes("mount", b'{"verdict": NaN')
    standin.say_bytes("mount", b"\xff\xfe")
    standin.say("response/calibrate", {"status": "maybe"})
    count = len(WRONG) + 3
    expect(mounting.locator("#malformed")).to_have_text(f"Unreadable messages: {count}")
    expect(mounting.locator("#verdict")).to_have_text("Ready")


def bomb(width: int, height: int) -> bytes:
    """Make the head of a JPEG that says it is huge."""
    sides = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return b"\xff\xd8\xff\xc0\x00\x0b\x08" + sides + b"\x01\x01\x11\x00" + bytes(64)


NO_PICTURES = {
    "no jpeg": (b"GIF89a" + bytes(64), 0),
    "a bomb": (bomb(60000, 60000), 0),
    "no width": (bomb(0, 10), 0),
    "torn": (b"\xff\xd8\xff", 0),
    "no content": (bomb(960, 717), 1),
}


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_counted_and_not_unpacked(
    mounting: Page, standin: StandIn, kind: str
) -> None:
    """Only what has a modest size in its head is unpacked, and that may be broken too."""
    payload, unpacked = NO_PICTURES[kind]
    mounting.evaluate("""() => {
        const real = window.createImageBitmap;
        window.unpacked = 0;
        window.createImageBitmap = (...all) => { window.unpacked += 1; return real(...all); };
    }""")
    standin.say_bytes("preview", payload)
    expect(mounting.locator("#malformed")).to_have_text("Unreadable messages: 1")
    expect(mounting.locator("#picture-age")).to_have_text("No picture yet")
    assert mounting.evaluate("window.unpacked") == unpacked


def test_markup_stays_text_wherever_it_comes_from(mounting: Page, standin: StandIn) -> None:
    text = usable()
    attacked = text | {
        "headline": ATTACK, "reasons": [ATTACK], "stale": [ATTACK], "problem": ATTACK,
        "checks": [one | {"title": ATTACK, "text": ATTACK} for one in text["checks"]],
        "markers": [one | {"role": ATTACK} for one in text["markers"]],
        "zones": [one | {"role": ATTACK, "text": ATTACK} for one in text["zones"]],
        "steps": [one | {"title": ATTACK, "text": ATTACK} for one in steps("failed", "done")],
    }  # fmt: skip
    attacked["reasons_said"] = [{"key": "", "values": {"name": ATTACK}}]
    standin.show(attacked)
    expect(mounting.locator("#because")).to_have_text(ATTACK)
    expect(mounting.locator("#problem")).to_have_text(ATTACK)
    expect(mounting.locator("#overlay .seen text").first).to_contain_text(ATTACK)
    expect(mounting.locator("img")).to_have_count(0)
