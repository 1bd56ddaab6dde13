"""The mounting page in a real browser, on a real broker, with a stand-in for the device.

The stand-in says what a device would say and measures nothing: what passes here is the page.
"""

import re
from typing import Any

import cv2
import numpy as np
import pytest
from browser import DESKTOP, PHONE, Complaints, until
from mount_data import (
    CHECKS,
    HEIGHT_PX,
    WIDTH_PX,
    check,
    level,
    not_ready,
    picture_with_disc,
    plain_picture,
    ready,
    steps,
    usable,
    with_checks,
)
from mount_live import THUMB
from mount_standin import StandIn
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}

# The middle of the drawn element and of the picture's left upper corner, in pixels of the screen.
ON_SCREEN = """
(selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  const picture = document.querySelector("#preview").getBoundingClientRect();
  return { x: box.x + box.width / 2 - picture.x, y: box.y + box.height / 2 - picture.y,
           width: box.width, pictureWidth: picture.width, pictureHeight: picture.height };
}
"""

GREY = """
() => {
  const preview = document.querySelector("#preview");
  const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  copy.drawImage(preview, preview.width / 2, preview.height / 2, 1, 1, 0, 0, 1, 1);
  return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
"""

TOO_SMALL = """
() => [...document.querySelectorAll("button, a.button, summary, input")]
  .filter((node) => node.checkVisibility())
  .filter((node) => { const box = node.getBoundingClientRect();
                      return box.width < 48 || box.height < 48; })
  .map((node) => node.textContent || node.id)
"""


# --- the verdict --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mount", "verdict", "shape", "because"),
    [
        (ready(), "Ready", "tick", ""),
        (usable(), "Usable", "triangle", "The camera leans 0.6 degrees."),
        (not_ready(), "Not ready", "diamond", "No marker is seen."),
    ],
    ids=["ready", "usable", "not ready"],
)
def test_there_is_one_verdict_in_colour_shape_and_word(
    mounting: Page, standin: StandIn, mount: dict[str, Any], verdict: str, shape: str, because: str
) -> None:
    standin.show(mount)
    expect(mounting.locator("#verdict")).to_have_text(verdict)
    expect(mounting.locator("#verdict-icon")).to_have_attribute("data-shape", shape)
    expect(mounting.locator("#because")).to_have_text(because)
    expect(mounting.locator("#panel")).to_have_attribute("data-verdict", mount["verdict"])
    expect(mounting.locator("#spoken")).to_contain_text(verdict)
    assert mounting.evaluate("parseFloat(getComputedStyle(verdict.parentNode).fontSize)") >= 40


def test_a_figure_that_flickers_is_not_spoken_again(mounting: Page, standin: StandIn) -> None:
    standin.show(usable())
    expect(mounting.locator("#spoken")).to_contain_text("0.6 degrees")
    standin.show(usable(reasons=["The camera leans 0.7 degrees."]))
    expect(mounting.locator("#because")).to_contain_text("0.7 degrees")
    expect(mounting.locator("#spoken")).to_contain_text("0.6 degrees")
    standin.show(usable(reasons=["It is dark."]))
    expect(mounting.locator("#spoken")).to_have_text("Usable: It is dark.")


def test_the_way_on_is_what_is_to_be_put_right_then_the_steps_then_saving_then_the_lift(
    mounting: Page, standin: StandIn
) -> None:
    none_yet = with_checks(check("calibration", "bad", "None yet."))
    way = mounting.locator("#next")
    for mount, words, href in (
        (not_ready(), "Fix: Marker", "#checks-section"),
        (usable(steps=steps("done"), checks=none_yet), "Next: Marker on a string", "#calibrate"),
        (usable(steps=steps("done", "done"), checks=none_yet), "Next: Save", "#save"),
        (ready(), "Go and lift", "/"),
    ):
        standin.show(mount)
        expect(way).to_have_text(words)
        expect(way).to_have_attribute("href", href)


# --- the picture --------------------------------------------------------------------------------


def test_a_preview_is_drawn_and_says_how_old_it_is(mounting: Page, standin: StandIn) -> None:
    age = mounting.locator("#picture-age")
    expect(age).to_have_text("No picture yet")
    standin.picture(plain_picture(200))
    expect(age).to_have_text(re.compile(r"^[01]\.\d s old$"))
    assert mounting.evaluate(GREY) == pytest.approx([200] * 3, abs=2)
    standin.picture(plain_picture(60))
    until(mounting, f"({GREY})()[0] < 70")
    expect(age).to_have_text("Picture stopped 2 s ago")
    expect(mounting.locator("#frame")).to_have_attribute("data-stopped", "true")


def test_the_picture_is_asked_for_at_once_and_again_when_the_device_comes_back(
    mounting: Page, standin: StandIn
) -> None:
    assert standin.wait_for("preview") == {"on": True}
    asked = standin.count("preview")
    standin.status("offline")
    expect(mounting.locator("#verdict")).to_have_text("Camera is off")
    standin.status("online")
    standin.wait_for("preview", asked + 1)
    expect(mounting.locator("#verdict")).to_have_text("Ready")


def test_what_is_drawn_lies_where_the_device_saw_it(mounting: Page, standin: StandIn) -> None:
    """Pixel (0, 0) is the middle of the first pixel."""
    place = {"x_px": 700.1, "y_px": 800.2, "r_px": 60.0}
    marker = {"role": "bar", **place, "error_mm": 0.8, "state": "good", "text": "Seen."}
    plate = {"x_px": 1100.0, "y_px": 300.0, "plate_r_px": 150.0}
    ghost = {"floor": plate | {"y_px": 850.0}, "lockout": plate, "inside": True}
    square = [[10.0, 20.0], [210.0, 20.0], [210.0, 120.0], [10.0, 120.0]]
    zone = {"role": "hip", "points_px": square, "text": "Hidden here."}
    standin.show(ready(markers=[marker], ghost=ghost, zones=[zone]))
    expect(mounting.locator("#legend")).to_contain_text("hides a marker: hip")
    expect(mounting.locator("#fine-checks [data-code=body] .advice")).to_contain_text(
        "Hidden here."
    )
    standin.picture(plain_picture(90))
    expect(mounting.locator("#preview")).to_be_visible()
    for selector, x_px, y_px, width_px in (
        (".seen circle", 700.1, 800.2, 2.5 * 60.0),
        (".ghost:not(:last-child) circle", 1100.0, 300.0, 300.0),
        (".zone polygon", 110.0, 70.0, 200.0),
    ):
        drawn = mounting.evaluate(ON_SCREEN, f"#overlay {selector}")
        scale = drawn["pictureWidth"] / WIDTH_PX
        assert drawn["pictureHeight"] == pytest.approx(scale * HEIGHT_PX, abs=1.0)
        assert drawn["x"] == pytest.approx((x_px + 0.5) * scale, abs=1.0), selector
        assert drawn["y"] == pytest.approx((y_px + 0.5) * scale, abs=1.0), selector
        assert drawn["width"] == pytest.approx(width_px * scale, abs=4.0), selector
    expect(mounting.locator("#overlay .seen text")).to_have_text("bar ± 0.8 mm")
    expect(mounting.locator("#overlay .ghost text")).to_have_text(["at the top", "at the start"])


def test_the_overlay_and_the_picture_agree_on_the_screen(mounting: Page, standin: StandIn) -> None:
    """A disc in the picture is drawn where its marker's ring is: to a pixel of the phone."""
    x_px, y_px, r_px = 1003.3, 402.7, 60.0
    marker = {"role": "bar", "x_px": x_px, "y_px": y_px, "r_px": 1.6 * r_px, "state": "good"}
    standin.show(ready(markers=[marker], ghost=None, zones=[], level=level(None)))
    expect(mounting.locator("#overlay .seen")).to_have_count(1)
    standin.picture(picture_with_disc(x_px, y_px, r_px))
    expect(mounting.locator("#preview")).to_be_visible()
    ring = mounting.evaluate(ON_SCREEN, "#overlay .seen circle")
    shot = mounting.locator("#frame").screenshot()
    grey = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_GRAYSCALE).astype(float)
    ys, xs = np.mgrid[: grey.shape[0], : grey.shape[1]] + 0.5
    weight = grey * (np.hypot(xs - ring["x"], ys - ring["y"]) < 0.8 * ring["width"] / 2)
    assert weight.sum() > 200 * np.pi * (r_px * ring["pictureWidth"] / WIDTH_PX) ** 2
    assert float((xs * weight).sum() / weight.sum()) == pytest.approx(ring["x"], abs=0.5)
    assert float((ys * weight).sum() / weight.sum()) == pytest.approx(ring["y"], abs=0.5)


def test_the_plumb_line_leans_as_the_camera_makes_it_lean(mounting: Page, standin: StandIn) -> None:
    """Positive roll: a plumb line leans to the right at its upper end."""
    standin.show(ready(level=level(2.0)))
    line = mounting.locator("#overlay .plumb")
    expect(mounting.locator("#level-words")).to_have_text("fine, off by 2.0° ± 0.1°")
    x1, x2 = (float(line.get_attribute(name) or "nan") for name in ("x1", "x2"))
    assert (x1 - x2) / HEIGHT_PX == pytest.approx(0.0349, abs=2e-4)
    standin.show(usable(level=level(-0.6, 0.1)))
    expect(mounting.locator("#level-words")).to_have_text("left side high by 0.6° ± 0.1°")
    assert float(mounting.locator("#level .bubble").get_attribute("cx") or "nan") < 0
    standin.show(not_ready())
    expect(mounting.locator("#level-words")).to_have_text("not known yet")
    expect(mounting.locator("#level.unknown")).to_be_attached()
    expect(mounting.locator("#level .bubble")).to_have_count(0)
    expect(line).to_have_count(0)


def test_a_plate_that_leaves_the_picture_is_said_to_be_cut_off(
    mounting: Page, standin: StandIn
) -> None:
    floor = {"x_px": 728.0, "y_px": 700.0, "plate_r_px": 120.0}
    ghost = {"floor": floor, "lockout": floor | {"y_px": 60.0}, "inside": False}
    standin.show(usable(ghost=ghost))
    expect(mounting.locator("#overlay .ghost.outside text")).to_have_text("at the top: cut off")
    expect(mounting.locator("#overlay")).to_have_attribute("aria-label", re.compile("leaves the"))


def test_no_picture_of_another_shape_lies_under_the_overlay(
    mounting: Page, standin: StandIn
) -> None:
    standin.picture(plain_picture(200, (640, 640)))
    expect(mounting.locator("#malformed")).to_have_text("Unreadable messages: 1")
    expect(mounting.locator("#picture-age")).to_have_text("No picture yet")


# --- the checks ---------------------------------------------------------------------------------


def titles(page: Page, group: str) -> list[str]:
    return page.locator(f"{group} .title").all_text_contents()


def test_what_needs_a_hand_comes_first_and_not_known_is_never_fine(
    mounting: Page, standin: StandIn
) -> None:
    standin.show(
        usable(
            checks=with_checks(
                check("level", "fair", "It leans."),
                check("lens", "unknown", "Not measured."),
                check("light", "bad", "Too dark."),
            )
        )
    )
    expect(mounting.locator("#checks .title")).to_have_text(["Light", "Level"])
    assert titles(mounting, "#unknown-checks") == ["Lens"]
    assert len(titles(mounting, "#fine-checks")) == len(CHECKS) - 3
    row = mounting.locator("#checks li").first
    expect(row).to_contain_text("Lightfix")
    expect(row.locator(".icon")).to_have_attribute("data-shape", "diamond")
    unknown = mounting.locator("#unknown")
    expect(unknown).to_contain_text("1 not known yet")
    expect(unknown).not_to_contain_text("fine")


def test_a_tap_shows_the_value_its_doubt_and_what_to_change(
    mounting: Page, standin: StandIn
) -> None:
    standin.show(usable())
    row = mounting.locator("#checks li[data-code=level]")
    expect(row.locator(".value")).to_be_hidden()
    row.locator("summary").tap()
    expect(row.locator(".value")).to_have_text("Measured: 0.6° ± 0.1°")
    expect(row.locator(".error")).to_have_text("In your numbers: up to 5.8 mm.")
    expect(row.locator(".advice")).to_contain_text("Turn the camera on its mount")
    leaning = check("level", "bad", "It leans more.", value=1.2, sd=0.1)
    standin.show(usable(checks=with_checks(leaning)))
    expect(row.locator(".value")).to_have_text("Measured: 1.2° ± 0.1°")  # still open


# --- sizes and words ----------------------------------------------------------------------------


def test_it_fits_every_screen_and_every_target_fits_a_thumb(
    mounting: Page, standin: StandIn
) -> None:
    standin.show(not_ready(stale=["roll"], problem="The string was seen for too short a time."))
    expect(mounting.locator("#moved")).to_be_visible()
    for details in mounting.locator("details").all():
        details.evaluate("(node) => { node.open = true; }")
    for viewport in (THUMB, PHONE, SMALL, DESKTOP):
        mounting.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert mounting.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
        assert mounting.evaluate(TOO_SMALL) == [], viewport


def test_no_word_on_the_page_is_jargon(mounting: Page, standin: StandIn) -> None:
    stale = ["roll", "pitch", "azimuth", "focal", "scale"]
    standin.show(usable(stale=stale, steps=steps("failed", "todo")))
    expect(mounting.locator("#moved-text")).to_have_text(
        "The camera has moved. Redo: level, tilt, direction, lens, distance."
    )
    text = (mounting.locator("body").text_content() or "").lower()
    text = text.replace("roll the bar", "")
    assert re.findall(r"azimuth|\broll\b|pitch|yaw|extrinsic|focal|danger|unsafe|injur", text) == []


def test_the_cue_page_leads_here_and_this_page_back(
    mounting: Page, url: str, complaints: Complaints
) -> None:
    mounting.get_by_role("link", name="Live cues").tap()
    expect(mounting).to_have_url(url)
    expect(mounting.locator("#arm")).to_be_visible()  # the page is at work
    mounting.get_by_role("button", name="Menu and settings").tap()
    mounting.get_by_role("link", name="Set up camera").tap()
    expect(mounting).to_have_url(f"{url}mount")
    assert complaints.lines == []
