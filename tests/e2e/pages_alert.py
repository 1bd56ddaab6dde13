"""What a page does beside its picture, made audible to a test: nothing of it is in the product."""

from typing import Any

from browser import until
from playwright.sync_api import Page, expect

SPY = """
() => {
  window.heard = [];
  const tell = (...what) => window.heard.push(what);
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    tell("tone", Math.round(this.frequency.value));
    return start.apply(this, when);
  };
  navigator.vibrate = (pattern) => tell("shake", ...pattern);
  const voice = { lang: "en-GB", localService: true, name: "test" };
  const abroad = { lang: "de-DE", localService: false, name: "from the net" };
  speechSynthesis.getVoices = () => [voice, abroad];
  speechSynthesis.speak = (words) => tell("says", words.text);
  Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice", { set() {} });
}
"""


def listen(page: Page) -> None:
    """Keep a list of what is heard and felt from now on."""
    page.evaluate(SPY)


def arm(page: Page) -> None:
    """Open the loudspeaker as a lifter does, and forget the test sound."""
    page.locator("#arm").tap()
    expect(page.locator("#arm")).to_be_hidden()
    page.evaluate("window.heard = []")


def tones(page: Page) -> list[int]:
    """Return the frequencies that were played, in Hz."""
    return [what[1] for what in page.evaluate("window.heard ?? []") if what[0] == "tone"]


def heard(page: Page, kind: str) -> list[list[Any]]:
    """Return what was heard of a kind: shake, says."""
    return [what[1:] for what in page.evaluate("window.heard ?? []") if what[0] == kind]


def set_to(page: Page, **settings: Any) -> None:
    """Set this phone as its sheet of settings does."""
    script = """async (wanted) => {
        const { setSetting } = await import('/static/js/settings.js');
        for (const [name, value] of Object.entries(wanted)) setSetting(name, value);
    }"""
    page.evaluate(script, settings)


def pass_time(page: Page, seconds: float) -> None:
    """Let this phone's monotonic clock go on at once, as it does while the phone sleeps."""
    page.evaluate(
        """(ms) => {
        const before = performance.now.bind(performance);
        performance.now = () => before() + ms;
    }""",
        1000 * seconds,
    )


def seen_from_afar(page: Page) -> None:
    """Leave a phone alone for so long that it shows what is read from afar."""
    pass_time(page, 21)
    until(page, "document.body.dataset.view === 'far' && document.body.dataset.stale === 'false'")
