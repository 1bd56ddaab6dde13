"""The review page in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from browser import DESKTOP, PHONE, Complaints, until
from pages_access import BOOK
from pages_data import (
    ADVICE,
    REPS,
    ROM_M,
    WORDS,
    MemoryCatalogue,
    coached_session,
    fault,
    finished_rep,
    session,
)
from pages_live import served
from playwright.sync_api import Page, expect

from shinline.journal.errors import JournalError
from shinline.web.state import WebState

pytestmark = pytest.mark.browser

NOTHING = "\N{EN DASH}"
ATTACK = "<img src=x onerror=alert(1)>"

# Every path of the first set: its extent in millimetres and its scale on the screen.
PATHS = """
() => [...document.querySelectorAll(".set:first-of-type .trace")].map((trace) => {
  const box = trace.querySelector(".up").getBBox();
  const matrix = trace.getScreenCTM();
  return { right: box.x + box.width, height: box.height, xScale: matrix.a, yScale: matrix.d,
           ink: getComputedStyle(trace.querySelector(".up")).stroke };
})
"""

# Some pixel of the first chart has the colour of a bar.
INKED = """
(() => {
  const canvas = document.querySelector(".chart canvas");
  if (!canvas) return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === 0x2c && data[i + 1] === 0x6f && data[i + 2] === 0xa8) return true;
  }
  return false;
})()
"""


class PartialCatalogue(MemoryCatalogue):
    """A journal that has lost one path, and cannot be listed at all."""

    def path(self, rep_id: str) -> dict[str, list[float]]:
        if rep_id.endswith("-3"):
            raise KeyError(rep_id)
        if rep_id.endswith("-4"):
            return {"t_s": [], "x_m": [], "y_m": [], "vy_mps": []}
        return super().path(rep_id)

    def sessions(self) -> list[dict[str, Any]]:
        raise JournalError("the disk is gone")


def hostile_session() -> dict[str, Any]:
    rep = finished_rep(1, style=ATTACK)
    rep["faults"][1] |= {"code": ATTACK, "reason": ATTACK}
    sets = [{"set": 1, "reps": [rep]}]
    return session(id="hostile/../id", lifter=ATTACK, source=ATTACK, sets=sets)


def address(catalogue: MemoryCatalogue, ws_port: int | None = None) -> Iterator[str]:
    state = WebState("bay1", ws_port, "1.2.3", catalogue, WORDS, access=BOOK)
    with served(state) as server:
        yield f"http://127.0.0.1:{server.port}/review"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    empty = session(id="empty", lifter="Ben", sets=[])
    rep = finished_rep(1, faults=[], valid=False, notes=["the bar was out of sight for 0.45 s"])
    unsure = session(id="unsure", sets=[{"set": 1, "reps": [rep]}])
    yield from address(
        MemoryCatalogue(
            session(), empty, hostile_session(), unsure, coached_session(), outlined_session()
        )
    )


@pytest.fixture(scope="module")
def empty_url() -> Iterator[str]:
    yield from address(MemoryCatalogue(), ws_port=9001)


@pytest.fixture(scope="module")
def partial_url() -> Iterator[str]:
    yield from address(PartialCatalogue(session()))


@pytest.fixture
def opened(phone: Page, url: str) -> Page:
    phone.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    phone.goto(f"{url}/{session()['id']}")
    expect(phone.locator(".set")).to_have_count(2)
    return phone


def cells(page: Page, table: str, row: int) -> list[str]:
    rows = page.get_by_label(table).first.locator("tbody tr")
    return rows.nth(row).locator("td").all_inner_texts()


def test_the_list_leads_to_a_session(phone: Page, url: str) -> None:
    phone.goto(url)
    card = phone.locator(".card").first
    expect(card).to_contain_text("14 Mar 2026")
    expect(card).to_contain_text("Anna · Conventional · 142.5 kg")
    expect(card).to_contain_text("2 sets · 8 reps")
    card.click()
    expect(phone.locator("h1")).to_have_text("14 Mar 2026, 17:30")
    phone.get_by_role("link", name="All sessions").click()
    expect(phone.locator(".card")).to_have_count(6)


def test_the_paths_of_a_set_are_overlaid_in_true_proportion(opened: Page) -> None:
    drawn = opened.evaluate(PATHS)
    assert len(drawn) == len(REPS)
    for path, (forward_m, _) in zip(drawn, REPS, strict=True):
        assert path["xScale"] == pytest.approx(path["yScale"], rel=1e-3)
        assert path["height"] == pytest.approx(1000 * ROM_M, abs=1.0)
        assert path["right"] == pytest.approx(1000 * forward_m, abs=1.0)
    assert len({path["ink"] for path in drawn}) == len(REPS)
    expect(opened.locator(".set").first.locator(".plumb")).to_have_attribute("x1", "0")


def test_the_table_holds_the_numbers_of_each_rep(opened: Page) -> None:
    assert cells(opened, "Reps", 3) == [
        "56.4", "0.380 ± 0.008", "0.59", "1.47", "26 ± 3", "Touch and go", "99 %",
    ]  # fmt: skip
    expect(opened.locator("h2").first).to_contain_text("fastest 0.49 m/s · last 0.31 m/s")


def test_verdicts_carry_value_limit_and_what_was_not_judged(opened: Page) -> None:
    forward = [cell.split() for cell in cells(opened, "Verdicts", 0)]
    sure = ["90", "%", "sure"]
    assert forward[0] == ["8", "mm", "fine", *sure]
    assert forward[3] == ["26", "mm", "watch", *sure]
    assert forward[4] == ["34", "mm", "fix", *sure]
    expect(opened.get_by_label("Verdicts").first.locator("tbody th").first).to_contain_text(
        "limit 20 mm"
    )
    for cell in cells(opened, "Verdicts", 1):
        assert cell.split("\n") == ["not judged", "the hip marker was out of sight"]


def outlined_session() -> dict[str, Any]:
    """Return a set without stickers, and a rep in it without a set position."""
    reps = [finished_rep(n) for n in (1, 2, 3)]
    for rep, ratio, bend_m, source in zip(
        reps, (0.73, 0.72, 0.84), (0.004, -0.002, None), ("outline", "pose", "outline"), strict=True
    ):
        unseen = "no quiet set position before the pull" if bend_m is None else ""
        rep["hip"] = {
            "source": source,
            "to_bar_ratio": ratio,
            "back_bend_m": bend_m,
            "reason": unseen,
        }
        seen = {"details": {"without_stickers": 1.0}, "reason": unseen}
        value = 6.0 if bend_m is not None else None
        rep["faults"] = [fault("hips_shoot_up", value, "deg", 5.0, **seen)]
    return session(id="outlined", sets=[{"set": 1, "reps": reps}])


def test_what_stands_on_the_outline_says_so_and_what_it_showed_besides(
    phone: Page, url: str
) -> None:
    phone.goto(f"{url}/outlined")
    expect(phone.locator(".set")).to_have_count(1)
    verdicts = [cell.split("\n") for cell in cells(phone, "Verdicts", 0)]
    assert verdicts[0][-1] == "seen from your outline, no stickers"
    assert verdicts[1][-1] == "seen by a pose network, no stickers"
    assert verdicts[2] == ["not judged", "no quiet set position before the pull"]
    assert cells(phone, "Seen without stickers", 0) == ["0.73", "0.72", "0.84"]
    bends = [cell.split("\n") for cell in cells(phone, "Seen without stickers", 1)]
    assert bends == [["4 mm"], ["-2 mm"], [NOTHING, "no quiet set position before the pull"]]


def test_a_set_with_stickers_shows_no_outline(opened: Page) -> None:
    expect(opened.get_by_label("Seen without stickers")).to_have_count(0)


def test_a_rep_without_verdicts_is_not_judged_and_says_why(phone: Page, url: str) -> None:
    phone.goto(f"{url}/unsure")
    expect(phone.get_by_label("Verdicts").locator("td").first).to_contain_text("not judged")
    expect(phone.get_by_label("Verdicts").locator("td").first).to_contain_text("out of sight")
    expect(phone.get_by_label("Reps").locator("tbody th")).to_contain_text("not judged")


def test_a_rep_lights_up_everywhere_when_it_is_pointed_at_or_tapped(opened: Page) -> None:
    picked = opened.locator(".trace.picked")
    opened.get_by_label("Reps").first.locator("tbody tr").nth(1).hover()
    expect(picked).to_have_attribute("data-key", "sample-1-2")
    opened.get_by_role("button", name="Rep 4").first.click()
    opened.locator("h1").hover()
    expect(picked).to_have_attribute("data-key", "sample-1-4")
    expect(opened.locator("td.picked")).to_have_count(2)
    opened.get_by_role("button", name="Rep 4").first.click()
    opened.locator("h1").hover()
    expect(picked).to_have_count(0)


def test_the_speeds_are_charted_and_spoken(opened: Page) -> None:
    spoken = ", ".join(f"rep {n}: {v:.2f} metres per second" for n, (_, v) in enumerate(REPS, 1))
    expect(opened.locator(".chart").first).to_have_attribute("aria-label", spoken)
    until(opened, INKED)


def test_a_session_fits_a_phone_and_wide_tables_scroll_in_their_frames(
    phone: Page, url: str
) -> None:
    phone.set_viewport_size(PHONE)  # type: ignore[arg-type]
    phone.goto(f"{url}/{session()['id']}")
    expect(phone.locator(".chart canvas")).to_have_count(2)
    assert phone.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    button = phone.get_by_role("button", name="Rep 1").bounding_box()
    assert button is not None
    assert min(button["width"], button["height"]) >= 44
    phone.get_by_role("button", name="Rep 3").first.tap()
    expect(phone.locator(".trace.picked")).to_have_attribute("data-key", "sample-1-3")


def test_markup_in_the_journal_is_shown_as_text(phone: Page, url: str) -> None:
    phone.goto(url)
    phone.locator(".card").nth(2).click()
    expect(phone.locator("#subtitle")).to_contain_text(ATTACK)
    expect(phone.get_by_label("Verdicts")).to_contain_text(ATTACK)
    expect(phone.locator("img")).to_have_count(0)


def test_an_empty_journal_and_an_empty_session_say_so(
    phone: Page, url: str, empty_url: str
) -> None:
    phone.goto(f"{url}/empty")
    expect(phone.locator("#content")).to_contain_text("No rep was finished")
    expect(phone.get_by_role("link", name="Live")).to_be_hidden()
    phone.goto(empty_url)
    expect(phone.locator("#content")).to_contain_text("No sessions yet")
    expect(phone.get_by_role("link", name="Live")).to_be_visible()


def test_what_cannot_be_loaded_is_said_in_words(
    phone: Page, url: str, partial_url: str, complaints: Complaints
) -> None:
    phone.goto(f"{url}/nobody")
    expect(phone.locator("#content")).to_contain_text("there is no session 'nobody'")
    phone.goto(partial_url)
    expect(phone.locator("#content")).to_contain_text("the disk is gone")
    expect(phone.get_by_role("button", name="Try again")).to_be_visible()
    assert all("404" in line or "503" in line for line in complaints.lines)
    complaints.lines.clear()


def test_a_rep_whose_path_was_lost_is_named_and_the_others_are_drawn(
    phone: Page, partial_url: str, complaints: Complaints
) -> None:
    phone.goto(f"{partial_url}/{session()['id']}")
    expect(phone.locator(".set").first).to_contain_text("No path kept: rep 3, 4")
    expect(phone.locator(".set").first.locator(".trace")).to_have_count(3)
    complaints.lines.clear()


# --- the coach ------------------------------------------------------------------------------------


@pytest.fixture
def coached(phone: Page, url: str) -> Page:
    phone.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    phone.goto(f"{url}/coached")
    expect(phone.locator(".set")).to_have_count(1)
    return phone


def test_what_to_work_at_is_first_and_what_nobody_judged_last(coached: Page) -> None:
    heads = coached.get_by_label("Verdicts").locator("tbody th").all_inner_texts()
    assert [head.split("\n")[0] for head in heads] == [
        "Bar drifts forward",
        "Not all the way up",
        "Let down in a hurry",
        "Bar swings round the knee",
        "Back changes shape",
        "Hips rise first",
    ]
    for cell in cells(coached, "Verdicts", 4):
        assert cell.split("\n") == ["not judged", "the mid-back marker was out of sight"]


def test_a_limit_is_told_of_each_rep_only_where_they_differ(coached: Page) -> None:
    differ, same = cells(coached, "Verdicts", 1), cells(coached, "Verdicts", 2)
    assert [cell.split("\n")[2] for cell in differ] == [
        f"limit {mm} mm · 90 % sure" for mm in (20, 20, 21, 21, 21)
    ]
    assert {cell.split("\n")[2] for cell in same} == {"90 % sure"}
    heads = coached.get_by_label("Verdicts").locator("tbody th")
    expect(heads.nth(1)).to_contain_text("limit 20 mm / 21 mm")
    expect(heads.nth(2)).to_contain_text("limit 1.80 m/s")


def test_an_own_baseline_is_named_where_it_was_in_force_and_nowhere_else(coached: Page) -> None:
    heads = coached.get_by_label("Verdicts").locator("tbody th")
    expect(heads.nth(0)).to_contain_text("own baseline 11 mm ± 4 mm, 24 good reps")
    expect(heads.nth(1)).not_to_contain_text("own")


def test_advice_comes_with_its_reason(coached: Page) -> None:
    items = coached.locator(".advice li")
    assert [text.split("\n") for text in items.all_inner_texts()] == [
        [ADVICE["text"], ADVICE["reason"]],
        ["Grew from rep to rep", "Bar drifts forward"],
        ["Next set: no cues", "A set without cues shows what has stayed."],
    ]
    rows = coached.get_by_label("Reps").locator("tbody th").all_inner_texts()
    assert ["called good" in row for row in rows] == [True, False, False, False, False]
    assert "called poor" in rows[4]


def test_the_weeks_of_one_lifter_and_lift_are_counted_for_each_hundred(
    phone: Page, url: str
) -> None:
    phone.set_viewport_size(PHONE)  # type: ignore[arg-type]
    phone.goto(url)
    groups = phone.locator(".weeks-of")
    expect(groups.locator("summary")).to_have_text(["Anna · Conventional", "Ben · Sumo"])
    anna = groups.first
    expect(anna.locator("thead th")).to_have_text(
        ["Week of", "Bar drifts forward", "Hips rise first"]
    )
    first = anna.locator("tbody tr").first
    expect(first.locator("th")).to_have_text("2 Feb24 reps")
    expect(first.locator("td")).to_have_text(["38of 24", "not judged"])
    expect(anna.locator(".chart canvas")).to_have_count(2)
    spoken = anna.locator(".chart").first.get_attribute("aria-label")
    assert spoken is not None
    assert spoken.startswith("Forward drift, mm. 2 Feb: 31, 9 Feb: 27")
    assert phone.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
