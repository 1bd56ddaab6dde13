"""The pages in the reader's language: nothing English is left, and long words find room."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from browser import until
from mount_standin import StandIn
from mounting_material import LENS, scene, seen
from pages_access import BOOK
from pages_broker import PLATFORM, Mosquitto
from pages_data import LANGUAGES, WORDS, MemoryCatalogue, coached_session, moved_session
from pages_live import served
from playwright.sync_api import Page, expect

from shinline.app.mounting.assess import Progress, assess
from shinline.app.words import tell
from shinline.config import Config, Rig, Words
from shinline.types import Role
from shinline.web.state import WebState
from shinline.wire.mount import Mount, Said, Step
from shinline_cal.steps import KINDS

NARROW = {"width": 320, "height": 640}
USUAL = {"width": 390, "height": 844}
TARGET_PX = 48

PAGES = {
    "mount": "mount",
    "learn": "learn",
    "sessions": "review",
    "session": "review/coached",
    "moved": "review/moved",
}

SAME = {
    "Shinline", "Anna", "Ben", "Sumo", "kg", "mm", "cm", "m", "s", "m/s", "ft", "in",
    "Live", "picamera",
}  # fmt: skip
"""What has no language: names, units, and a word that German has too."""

TEXTS = """() => {
  const found = new Set([document.title]);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { parentElement: at, textContent } = walk.currentNode;
    if (at.closest("script, style")) continue;
    found.add(textContent.trim());
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) found.add(node.getAttribute(name));
  }
  return [...found];
}"""


def bad_mount() -> Mount:
    """Return what a real device says of a mount that wants everything, and of its steps."""
    nominal = msgspec.structs.replace(LENS, focal_rel_sd=0.03, k1_sd=0.2)
    rig = Rig(roll_deg=3.0, roll_sd_deg=0.4, azimuth_deg=14.0, pitch_deg=9.0)
    bar = seen(r_px=9.0, y_px=640.0, contrast_rel_sd=0.08)
    markers = {Role.BAR: bar, Role.HIP: seen(Role.HIP, x_px=376.0, y_px=333.0)}
    given = scene(bar, lens=nominal, rig=rig, markers=markers, exposure_us=30_000)
    states: Any = ("done", "failed", "skipped", "todo")
    tasks = zip(KINDS, states, strict=True)
    steps = tuple(_step(kind.id, kind.task, kind.optional, state) for kind, state in tasks)
    return assess(given, Progress(steps, ready=False))


def _step(name: str, task: tuple[Said, ...], optional: bool, state: Any) -> Step:
    title = tell((Said(key=f"calibrate.title_{name}"),), Words())
    return Step(
        id=name, state=state, title=title, text=tell(task, Words()), said=task, optional=optional
    )


def told(mount: Mount) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(mount)
    return {"schema": 1, "seq": 1, **built}


@pytest.fixture(scope="module")
def site(mosquitto: Mosquitto) -> Iterator[str]:
    """A site whose device speaks English; its journal has everything that is shown of a set."""
    catalogue = MemoryCatalogue(coached_session(), moved_session())
    state = WebState(
        PLATFORM, mosquitto.ws_port, "1.2.3", catalogue, WORDS, access=BOOK, languages=LANGUAGES
    )
    with served(state) as server:
        yield f"http://127.0.0.1:{server.port}/"


@pytest.fixture
def speaker(mosquitto: Mosquitto) -> Iterator[StandIn]:
    device = StandIn(mosquitto.port)
    device.show(told(bad_mount()))
    yield device
    device.say_bytes("mount", b"", retain=True)
    device.close()


def opened(page: Page, site: str, name: str, language: str) -> Page:
    """Open a page in a language of the phone's own, everything that folds unfolded."""
    if not page.url.startswith(site):
        page.goto(f"{site}review")  # storage is the origin's
    kept = json.dumps(json.dumps({"language": language}))
    page.evaluate(f"localStorage.setItem('shinline.settings', {kept})")
    page.goto(site + PAGES[name])
    expect(page.locator("html")).to_have_attribute("lang", language)
    ready = {"mount": "#panel[data-verdict=not_ready]", "learn": "#steps b, #steps span"}
    expect(page.locator(ready.get(name, "#content[aria-busy=false]")).first).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    return page


@pytest.fixture
def forgetful(phone: Page) -> Iterator[Page]:
    """A phone whose choice of a language ends with the test."""
    yield phone
    if phone.url.startswith("http"):
        phone.evaluate("localStorage.removeItem('shinline.settings')")


def words_of(page: Page) -> set[str]:
    texts: list[str] = page.evaluate(TEXTS)
    return {text for text in texts if text and re.search(r"[^\W\d_]{2}", text)}


def is_bare(text: str) -> bool:
    """Tell whether a text is nothing but names, numbers and units."""
    left = re.sub(r"\S*\d\S*|[^\w\s/]", " ", text)
    return all(word in SAME for word in left.split())


@pytest.mark.parametrize("name", list(PAGES))
def test_no_english_is_left_on_a_page_of_another_language(
    forgetful: Page, site: str, speaker: StandIn, name: str
) -> None:
    """What stands there in English and in German, or Spanish, was never translated."""
    english = words_of(opened(forgetful, site, name, "en"))
    assert len(english) > 12
    for language in ("de", "es"):
        both = english & words_of(opened(forgetful, site, name, language))
        assert sorted(text for text in both if not is_bare(text)) == []


WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((node) => !node.closest(".scroller, .unseen, svg") && node.getClientRects().length)
  .filter((node) => {
    const { left, right } = node.getBoundingClientRect();
    return left < -1 || right > innerWidth + 1 || node.scrollWidth > node.clientWidth + 1;
  })
  .filter((node) => getComputedStyle(node).display !== "inline")
  .map((node) => `${node.tagName} ${node.id} ${node.className}: ${node.textContent.slice(0, 40)}`)
"""

CHARTS_FIT = """[...document.querySelectorAll(".chart canvas")]
  .every((canvas) => canvas.clientWidth <= canvas.closest(".chart").clientWidth)"""

SMALL = """() => [...document.querySelectorAll("a, button, summary, input")]
  .filter((node) => node.getClientRects().length && getComputedStyle(node).display !== "inline")
  .map((node) => [node.getBoundingClientRect(), node])
  .filter(([{ width, height }]) => width < TARGET || height < TARGET)
  .map(([{ width, height }, node]) => `${node.outerHTML.slice(0, 60)}: ${width} x ${height}`)
""".replace("TARGET", str(TARGET_PX - 0.5))


NAMELESS = """() => [...document.querySelectorAll("a, button, summary, input, [role=img]")]
  .filter((node) => node.getClientRects().length && !node.labels?.length)
  .filter((node) => !(node.getAttribute("aria-label") ?? node.textContent.trim()))
  .map((node) => node.outerHTML.slice(0, 80))
"""


@pytest.mark.parametrize("name", list(PAGES))
def test_long_words_find_room_and_every_control_is_large_and_has_a_name(
    forgetful: Page, site: str, speaker: StandIn, name: str
) -> None:
    page = opened(forgetful, site, name, "de")
    for size in (NARROW, USUAL):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, CHARTS_FIT)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(WIDE) == []
        assert page.evaluate(SMALL) == []
    assert page.evaluate(NAMELESS) == []


def test_what_the_device_says_is_said_again_in_the_phones_language(
    forgetful: Page, site: str, speaker: StandIn
) -> None:
    """Sentence by sentence and with its figures, which a German reads with a comma."""
    page = opened(forgetful, site, "mount", "de")
    german = LANGUAGES["de"]
    mount = bad_mount()
    expect(page.locator("#because")).to_have_text(tell(mount.reasons_said[:1], german))
    for check in mount.checks:
        row = page.locator(f"[data-code={check.code}] .text")
        expect(row).to_have_text(tell(check.said, german))
    expect(page.locator("[data-code=level] .text")).to_contain_text("3,0 ± 0,4 Grad")
    failed = page.locator("[data-step=plumb] .text")
    expect(failed).to_have_text(tell(KINDS[1].task, german))


def test_what_the_device_has_no_key_for_is_said_as_it_came(
    forgetful: Page, site: str, speaker: StandIn
) -> None:
    mount = bad_mount()
    newer = [
        msgspec.structs.replace(c, said=(Said(key="check.of_tomorrow"),)) for c in mount.checks
    ]
    speaker.show(told(msgspec.structs.replace(mount, checks=tuple(newer))))
    page = opened(forgetful, site, "mount", "es")
    expect(page.locator("[data-code=level] .text")).to_have_text(mount.checks[1].text)
    assert Config().words.said == {}  # and the device was told no words at all: it spoke English
