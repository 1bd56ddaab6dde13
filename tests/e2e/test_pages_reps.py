"""The repetitions of a set on the phone: table, labels, loss, paths, and the card between sets."""

from typing import Any

import pytest
from browser import PHONE, PHONE_SIDEWAYS, Complaints, until
from pages_broker import Device
from pages_data import cue, finished_rep, state
from pages_live import LIVE, end, lift
from pages_rules import faults
from playwright.sync_api import Page, expect
from set_data import Desk, answer_from, lift_set, summary
from set_live import NAMELESS, OVERFLOW, SMALL, TOO_SMALL, set_to

pytestmark = pytest.mark.browser

NOTHING = "\N{EN DASH}"


def end_set_of(device: Device, count: int, **more: Any) -> None:
    """Publish ends of repetitions without their paths, then where the set stands."""
    for number in range(1, count + 1):
        end(device, number)
    device.say("state", state("floor", rep=count, velocity_loss_limit=0.2, **more), retain=True)


def rows(page: Page) -> list[list[str]]:
    found = page.locator("#reps-sheet tbody tr:not(.opened)")
    return [row.locator("th, td").all_inner_texts() for row in found.all()]


def open_reps(page: Page) -> None:
    page.locator("#open-reps").click()
    expect(page.locator("#reps-sheet tbody tr").first).to_be_visible()


def plain(text: str) -> str:
    return " ".join(text.split())


def test_each_repetition_has_a_row_with_its_worst_verdict(ready: Page, device: Device) -> None:
    end_set_of(device, 4)
    expect(ready.locator("#open-reps .chip")).to_have_count(4)
    open_reps(ready)
    expect(ready.locator("#reps-title")).to_have_text("Set 1")
    first, second, _, fourth = [[plain(cell) for cell in row] for row in rows(ready)]
    assert first == ["1", "0.46 ± 0.01", "56.1", "8 ± 3", "fine"]
    assert second[0] == "2 best"
    assert fourth[-1] == "watch Bar drifts forward"
    icons = ready.locator("#reps-sheet tbody .worst .icon")
    expect(icons.nth(3)).to_have_attribute("data-shape", "triangle")
    expect(ready.locator("#reps-sheet .best").first).to_have_text("Fastest without a fault: Rep 2")


def test_what_is_missing_or_unmeasured_is_a_dash_with_its_reason(
    ready: Page, device: Device, complaints: Complaints
) -> None:
    note = "the bar was out of sight for 0.45 s"
    end(device, 1, mean_velocity_mps=None, notes=[note], valid=False, faults=[])
    end(device, 3, id="other-9-3")
    device.say("state", state("floor", rep=3), retain=True)
    expect(ready.locator("#open-reps .chip")).to_have_count(1)  # another session: only the newest
    end(device, 2, id="other-9-2", mean_velocity_mps=None, notes=[note])
    open_reps(ready)
    missing, unmeasured, _ = [[plain(cell) for cell in row] for row in rows(ready)]
    assert missing == ["1", f"{NOTHING} Not received by this phone"]
    assert unmeasured[1] == f"{NOTHING} {note}"
    complaints.lines.clear()  # the journal has no paths of that session


def test_a_set_survives_a_reload_in_its_middle(
    ready: Page, device: Device, desk: Desk, set_url: str
) -> None:
    device.say("rep/last", finished_rep(3), retain=True)
    device.say("state", state("floor", rep=3), retain=True)
    ready.reload()
    expect(ready.locator("#open-reps .chip")).to_have_count(3)
    open_reps(ready)
    assert [row[0].split()[0] for row in rows(ready)] == ["1", "2", "3"]
    expect(ready.locator(".label-mark")).to_have_text("Good rep")  # as the journal has it
    expect(ready.locator("#path .up")).to_have_count(3)


def test_a_repetition_that_was_none_leaves_the_table(ready: Page, device: Device) -> None:
    end_set_of(device, 2)
    expect(ready.locator("#open-reps .chip")).to_have_count(2)
    device.say("rep", {"type": "void", "id": "sample-1-2", "after": {}, "reason": "too short"})
    device.say("state", state("floor", rep=1), retain=True)
    expect(ready.locator("#open-reps .chip")).to_have_count(1)


def test_at_technique_no_speed_is_shown(ready: Page, device: Device) -> None:
    end_set_of(device, 3, mode="technique")
    expect(ready.locator("#open-reps .chip")).to_have_count(3)
    expect(ready.locator(".strip-loss")).to_be_hidden()
    open_reps(ready)
    heads = ready.locator("#reps-sheet thead th").all_inner_texts()
    assert [plain(head) for head in heads] == ["Rep", "Height cm", "Forward mm", "Verdict"]
    expect(ready.locator("#reps-sheet .loss")).to_be_hidden()
    expect(ready.locator("#reps-sheet .best").first).to_have_text("Straightest: Rep 1")
    assert "m/s" not in ready.locator("#reps-sheet").inner_text()


# --- labels ---------------------------------------------------------------------------------------


LABELS = {"good": "Good rep", "bad": "Needs work", "failed": "Missed", "false": "Not a rep"}


def test_any_repetition_can_be_called_what_it_was(ready: Page, device: Device, desk: Desk) -> None:
    end_set_of(device, 2)
    open_reps(ready)
    ready.locator(".rep-open").first.click()
    for count, (label, word) in enumerate(LABELS.items(), start=1):
        ready.locator(".labels").get_by_role("button", name=word).click()
        expect(ready.locator('.labels [aria-pressed="true"]')).to_have_text(word)
        asked = desk.device.asked("label_rep", count)
        assert (asked["rep_id"], asked["label"]) == ("sample-1-1", label)
        expect(ready.locator("tbody tr").first.locator(".label-mark")).to_have_text(word)
    verdict = ready.locator("tbody .worst b").first
    expect(verdict).to_have_text("Not judged", ignore_case=True)  # what was no rep is not fine


def test_a_label_of_another_phone_is_shown_and_a_refusal_in_place(
    ready: Page, device: Device, desk: Desk
) -> None:
    def refuse(transaction: object) -> None:
        answer = {
            "status": "error",
            "data": {},
            "error": "no repetition",
            "transaction": transaction,
        }
        device.say("response/label_rep", answer)

    device.on_request("label_rep", refuse)
    end_set_of(device, 1)
    open_reps(ready)
    ready.locator(".rep-open").first.click()
    ready.get_by_role("button", name="Missed").click()
    expect(ready.locator(".labels .answer")).to_have_text("The device refused: no repetition")
    label = {"rep_id": "sample-1-1", "label": "good"}
    device.say(*answer_from("other", "label_rep", label))
    expect(ready.locator('.labels [aria-pressed="true"]')).to_have_text("Good rep")
    expect(ready.locator("#good")).to_have_attribute("aria-pressed", "true")
    expect(ready.locator("#set-news")).to_be_empty()


# --- how much slower ------------------------------------------------------------------------------


LOSSES = [
    (0.05, "Going well", "tick"),
    (0.16, "Near the limit", "triangle"),
    (0.201, "Over the limit: set done", "octagon"),
]
FILLED = """
(() => {
  const [track, fill] = document.querySelectorAll('.loss-track, .loss-fill');
  return fill.clientWidth / track.clientWidth;
})()
"""


def test_the_loss_is_a_bar_a_word_and_a_shape_beside_its_limit(ready: Page, device: Device) -> None:
    end_set_of(device, 3)
    open_reps(ready)
    for loss, word, shape in LOSSES:
        end(device, 3, mean_velocity_mps=0.49 * (1 - loss))
        expect(ready.locator(".loss-head b")).to_have_text(word)
        expect(ready.locator(".loss-head .icon")).to_have_attribute("data-shape", shape)
        expect(ready.locator(".loss-value")).to_have_text(f"{100 * loss:.0f} %")
        assert ready.evaluate(FILLED) == pytest.approx(loss / 0.4, abs=0.01)
    assert ready.evaluate("document.querySelector('.loss-limit').style.left") == "50%"
    foot = "fastest: Rep 2, 0.49 m/s · last: Rep 3, 0.39 m/s · limit 20 %"
    expect(ready.locator(".loss-foot")).to_have_text(foot)


def test_what_people_called_no_rep_slows_nobody_down(ready: Page, device: Device) -> None:
    """The device's own figure still counts it: it is taken only for what this phone lacks."""
    end_set_of(device, 4, velocity_loss=0.22)
    open_reps(ready)
    value, foot = ready.locator(".loss-value"), ready.locator(".loss-foot")
    expect(value).to_have_text("22 %")
    label = {"rep_id": "sample-1-4", "label": "false"}
    device.say(*answer_from("other", "label_rep", label))
    expect(value).to_have_text("10 %")
    expect(foot).to_contain_text("last: Rep 3, 0.44 m/s")
    device.say("state", state("floor", rep=7, velocity_loss=0.41), retain=True)
    expect(value).to_have_text("41 %")
    expect(foot).to_have_text("")  # which reps that stands on is not known here


# --- the paths ------------------------------------------------------------------------------------


def test_the_paths_of_the_set_are_drawn_with_the_last_against_the_best(
    ready: Page, device: Device
) -> None:
    lift_set(device, 4)
    expect(ready.locator("#path .trace")).to_have_count(4)
    expect(ready.locator("#path .trace.older")).to_have_count(2)
    expect(ready.locator("#path .trace.best")).to_have_attribute("data-key", "sample-1-2")
    expect(ready.locator("#path .trace.last")).to_have_attribute("data-key", "sample-1-4")
    expect(ready.locator(".legend .best")).to_have_text("Fastest without a fault: Rep 2")
    expect(ready.locator("#path .drift text")).to_have_text("+26 mm")
    set_to(ready, "drift_unit", "in")
    expect(ready.locator("#path .drift text")).to_have_text("+1.0 in")
    lift(device, 5, share=0.6)
    expect(ready.locator("#path .trace.current")).to_be_attached()
    until(ready, "document.querySelector('#path .trace:last-child').classList.contains('current')")
    assert ready.locator("#path .drift").count() == 1


def test_all_lengths_follow_the_lifters_unit_and_numbers_the_lifters_language(
    ready: Page, device: Device
) -> None:
    """56.3 cm are 22.2 in, and 26 mm of drift 1.0 in."""
    lift_set(device, 4)
    open_reps(ready)
    row = ready.locator('#reps-sheet [data-rep="sample-1-4"]')
    row.click()
    opened = ready.locator("#reps-sheet .opened .faults")
    expect(opened).to_contain_text("26 mm")
    set_to(ready, "drift_unit", "in")
    set_to(ready, "language", "de")
    expect(opened).to_contain_text("1,0 in")
    assert [plain(cell) for cell in rows(ready)[3]][2:4] == ["22,2", "1,0 ± 0,1"]
    ready.keyboard.press("Escape")
    for name, title, value in (("rom", "Höhe in", "22,2"), ("drift", "Vor in", "1,0")):
        expect(ready.locator(f"#{name}-name")).to_have_text(title)
        expect(ready.locator(f"#{name}")).to_have_text(value)
    expect(ready.locator("#faults")).to_contain_text("1,0 in")
    set_to(ready, "drift_unit", "mm")
    expect(ready.locator("#faults")).to_contain_text("26 mm")


# --- between two sets -----------------------------------------------------------------------------


def rest(device: Device, **more: Any) -> None:
    end_set_of(device, 5)
    device.say("set/last", summary(**more), retain=True)
    device.say("state", state("idle", rep=0, set=2), retain=True)


def test_the_card_sums_the_set_up_and_is_rated_once(
    ready: Page, device: Device, desk: Desk
) -> None:
    rest(device)
    card = ready.locator("#set-card")
    expect(card.locator("h2")).to_have_text("Set 1: Anna · Conventional · 142.5 kg")
    expect(card.locator(".sum")).to_have_text("5 reps · 712.5 kg moved · 37 % slower")
    expect(card.locator(".advice b")).to_have_text(summary()["advice"][0]["text"])
    card.get_by_role("button", name="8.5").click()
    expect(card.locator('.rates [aria-pressed="true"]')).to_have_text("8.5")
    assert desk.device.asked("rate_set")["rpe"] == 8.5
    ready.reload()
    expect(card).to_be_visible()
    expect(card.locator(".rating")).to_be_hidden()
    card.get_by_role("button", name="Close").click()
    expect(card).to_be_hidden()
    ready.reload()
    expect(ready.locator("#link")).to_have_text(LIVE)
    expect(ready.locator("#open-reps .chip")).to_have_count(5)
    expect(card).to_be_hidden()


COVERED = """() => {
  const boxes = [...document.querySelectorAll("main > :not(.unseen), .top")]
    .map((node) => [node.id || node.className, node.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && box.height > 0);
  return boxes.flatMap(([name, a], i) => boxes.slice(i + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
                       && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => `${name} and ${other}`));
}"""
FOCUS = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return document.activeElement.contains(top);
}"""


def test_the_card_covers_neither_a_cue_nor_what_has_the_focus(ready: Page, device: Device) -> None:
    rest(device, t_capture="2026-03-14T20:00:00Z")
    expect(ready.locator("#set-card")).to_be_visible()
    device.say("cue", cue("Rest two minutes.", severity="info", ttl_ms=60_000))
    expect(ready.locator("#cue")).to_have_text("Rest two minutes.")
    for viewport in (PHONE, PHONE_SIDEWAYS, SMALL, {"width": 360, "height": 360}):
        ready.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert ready.evaluate(COVERED) == [], viewport
        panel = ready.locator("#panel").bounding_box()
        assert panel is not None
        assert panel["height"] >= 0.2 * viewport["height"], viewport
        ready.locator("#menu").focus()
        for _ in range(ready.locator(".set-card button:visible").count() + 4):
            ready.keyboard.press("Tab")
            if ready.evaluate("document.activeElement === document.body"):
                continue  # past the last one
            assert ready.evaluate(FOCUS), (
                viewport,
                ready.evaluate("document.activeElement.outerHTML"),
            )


@pytest.mark.parametrize(
    ("name", "load_kg"), [("Same again", 142.5), ("+2.5 kg", 145.0), ("10 %", 127.5)]
)
def test_the_next_set_is_one_touch_away(
    ready: Page, device: Device, desk: Desk, name: str, load_kg: float
) -> None:
    rest(device, t_capture=f"2026-03-14T17:{load_kg}")
    ready.locator("#set-card").get_by_role("button", name=name).click()
    expect(ready.locator("#set-card")).to_be_hidden()
    assert (desk.plan.load_kg, desk.plan.lifter, desk.plan.target_reps) == (load_kg, "Anna", 5)


def test_the_card_leaves_when_somebody_lifts_or_begins_a_set(ready: Page, device: Device) -> None:
    rest(device, mode="technique", t_capture="2026-03-14T18:00:00Z")
    card = ready.locator("#set-card")
    expect(card.locator(".sum")).to_have_text("5 reps · 712.5 kg moved")  # no speeds at technique
    device.say("state", state("pull", rep=1, set=2), retain=True)
    expect(card).to_be_hidden()
    device.say("state", state("idle", rep=0, set=2), retain=True)
    expect(card).to_be_visible()
    device.say(*answer_from("other", "rate_set", {"rpe": 9}))
    expect(card.locator('.rates [aria-pressed="true"]')).to_have_text("9")
    plan = {
        "plan": {
            "lifter": "Ben",
            "lift": "sumo",
            "load_kg": 90,
            "target_reps": 3,
            "target_rpe": None,
            "mode": "standard",
        }
    }
    device.say(*answer_from("other", "start_set", plan))
    expect(card).to_be_hidden()


def test_the_sum_of_another_sessions_set_is_not_this_ones(ready: Page, device: Device) -> None:
    device.say("set/last", summary(t_capture="2026-03-14T17:29:00Z"), retain=True)
    end_set_of(device, 2)  # they began after it
    expect(ready.locator("#open-reps .chip")).to_have_count(2)
    expect(ready.locator("#set-card")).to_be_hidden()
    open_reps(ready)
    expect(ready.locator("#reps-title")).to_have_text("Set 1")


def test_a_lifters_sets_of_today_are_summed_up(ready: Page) -> None:
    script = """async () => {
        const { setsOf, tonnageOf } = await import('/static/js/set-today.js');
        const set = (day, hour, tonnage_kg, lifter = 'Anna') =>
            ({ start: new Date(2026, 2, day, hour).toISOString(), tonnage_kg, lifter });
        const sets = [set(14, 18, 500), set(13, 23, 9), set(14, 0, 712.5), set(14, 9, 80, 'Ben'),
                      { start: 'never', tonnage_kg: 1, lifter: 'Anna' }];
        const today = setsOf(new Date(2026, 2, 14, 12), 'Anna', sets);
        return [today.map((set) => set.tonnage_kg), tonnageOf(today)];
    }"""
    assert ready.evaluate(script) == [[712.5, 500], 1212.5]


def test_sheets_and_card_fit_every_screen_thumb_and_language(ready: Page, device: Device) -> None:
    rest(device, t_capture="2026-03-14T19:00:00Z")
    expect(ready.locator("#set-card")).to_be_visible()
    for language in ("en", "de", "es"):
        set_to(ready, "language", language)
        for viewport in (PHONE, PHONE_SIDEWAYS, SMALL):
            ready.set_viewport_size(viewport)  # type: ignore[arg-type]
            assert ready.evaluate(OVERFLOW, "#set-card") == [], (language, viewport)
            assert ready.evaluate(TOO_SMALL, "#set-card") == []
    ready.locator("#set-card").get_by_role("button", name="Todas").click()
    ready.locator(".rep-open").first.click()
    for language in ("en", "de", "es"):
        set_to(ready, "language", language)
        for viewport in (PHONE, PHONE_SIDEWAYS, SMALL):
            ready.set_viewport_size(viewport)  # type: ignore[arg-type]
            assert ready.evaluate(OVERFLOW, "#reps-sheet") == [], (language, viewport)
            assert ready.evaluate(TOO_SMALL, "#reps-sheet") == []
            assert faults(ready) == [], (language, viewport)
    assert ready.evaluate(NAMELESS, "#reps-sheet") + ready.evaluate(NAMELESS, "#set-card") == []
