"""A set is put together on the phone: by thumbs, in kilograms or pounds, beside other phones."""

import pytest
from browser import PHONE, PHONE_SIDEWAYS, new_context
from pages_broker import Device
from pages_live import LIVE
from pages_rules import faults
from playwright.sync_api import Browser, Page, expect
from set_data import ARABIC, EMOJI, LONG, RIVAL_PLAN, SCRIPT, Desk, answer_from
from set_live import NAMELESS, OVERFLOW, SMALL, TOO_SMALL, set_to

from shinline.types import Plan
from shinline.wire import inbox, requests

pytestmark = pytest.mark.browser

X = "\N{MULTIPLICATION SIGN}"


def choose(page: Page, field: str, text: str) -> None:
    page.locator(f".of-{field} .choice").filter(has_text=text).click()


def step(page: Page, field: str, which: str) -> None:
    page.locator(f".of-{field}").get_by_role("button", name=which).click()


def test_a_set_is_begun_without_a_keyboard(sheet: Page, desk: Desk) -> None:
    choose(sheet, "lifter", "Ben")
    expect(sheet.locator("#load")).to_have_value("102")  # his last one
    sheet.get_by_role("button", name="+10", exact=True).click()
    step(sheet, "reps", "less")
    for _ in range(5):
        step(sheet, "rpe", "more")
    choose(sheet, "lift", "Trap bar")
    choose(sheet, "mode", "Technique")
    sheet.get_by_role("button", name="Start set").click()
    expect(sheet.locator("#set-sheet")).to_be_hidden()
    assert desk.plan == Plan("Ben", "trap_bar", 112.0, 4, 8.0, "technique")
    expect(sheet.locator("#lifter")).to_contain_text("Ben · Trap bar · 112 kg")


def test_a_target_effort_can_be_taken_back(sheet: Page, desk: Desk) -> None:
    step(sheet, "rpe", "more")
    sheet.get_by_role("button", name="Start set").click()
    expect(sheet.locator("#set-sheet")).to_be_hidden()
    assert desk.plan.target_rpe == 6.0
    sheet.locator("#open-set").click()
    step(sheet, "rpe", "less")
    sheet.get_by_role("button", name="Start set").click()
    expect(sheet.locator("#set-sheet")).to_be_hidden()
    assert desk.plan.target_rpe is None


def test_a_load_can_be_corrected_without_a_new_set(sheet: Page, desk: Desk) -> None:
    only = sheet.get_by_role("button", name="Only the load")
    expect(only).to_be_hidden()
    sheet.locator("#load").fill("145,5")
    expect(only).to_be_visible()
    choose(sheet, "lift", "Sumo")
    expect(only).to_be_hidden()
    choose(sheet, "lift", "Conventional")
    only.click()
    expect(sheet.locator("#set-sheet")).to_be_hidden()
    assert (desk.plan.load_kg, desk.set, desk.counts["start_set"]) == (145.5, 1, 0)


def test_the_plates_are_drawn_with_their_colours_and_numbers(sheet: Page) -> None:
    side = sheet.locator(".plates .plate text")
    assert side.all_text_contents() == ["25", "25", "10", "1.25"]
    assert sheet.locator(".plates .plate").nth(0).get_attribute("class") == "plate red"
    drawing = sheet.locator(".plates")
    expect(drawing).to_have_attribute("aria-label", f"Each side: 2 {X} 25 + 10 + 1.25")
    sheet.get_by_role("button", name="15 kg").click()
    expect(sheet.locator(".per-side")).to_have_text(f"Each side: 2 {X} 25 + 10 + 2.5 + 1.25")
    sheet.locator("#load").fill("142.7")
    expect(sheet.locator(".per-side")).to_have_text(
        f"Each side: 2 {X} 25 + 10 + 2.5 + 1.25 · no plates for 0.2 kg"
    )
    sheet.locator("#load").fill("12")
    expect(sheet.locator(".per-side")).to_have_text("The bar alone weighs 15 kg")


def test_the_bar_is_remembered_and_heavy_loads_fit(sheet: Page) -> None:
    sheet.get_by_role("button", name="15 kg").click()
    sheet.locator("#load").fill("600")
    texts = sheet.locator(".plates .plate text").all_text_contents()
    assert sum(map(float, texts)) == (600 - 15) / 2
    sheet.keyboard.press("Escape")
    sheet.locator("#open-set").click()
    expect(sheet.get_by_role("button", name="15 kg")).to_have_attribute("aria-pressed", "true")
    expect(sheet.locator("#load")).to_have_value("600")  # it was not sent: nothing is lost
    sheet.get_by_role("button", name="As it is now").click()
    expect(sheet.locator("#load")).to_have_value("142.5")


def test_pounds_are_shown_and_kilograms_are_sent(sheet: Page, desk: Desk) -> None:
    set_to(sheet, "load_unit", "lb")
    expect(sheet.locator("#load")).to_have_value("314")
    sheet.get_by_role("button", name="+5", exact=True).click()
    sheet.locator("#load").fill("315")
    expect(sheet.locator(".per-side")).to_have_text(f"Each side: 3 {X} 45")
    sheet.get_by_role("button", name="Start set").click()
    expect(sheet.locator("#set-sheet")).to_be_hidden()
    assert desk.plan.load_kg == 142.88
    expect(sheet.locator("#lifter")).to_contain_text("315 lb")


def test_a_load_is_written_as_the_language_writes_numbers(sheet: Page, desk: Desk) -> None:
    set_to(sheet, "language", "de")
    sheet.locator("#load").fill("77,5")
    expect(sheet.locator(".per-side")).to_have_text("Je Seite: 25 + 2,5 + 1,25")
    sheet.get_by_role("button", name="Satz beginnen").click()
    expect(sheet.locator("#set-sheet")).to_be_hidden()
    assert desk.plan.load_kg == 77.5
    sheet.locator("#open-set").click()
    expect(sheet.locator("#load")).to_have_value("77,5")


UNKNOWN = (
    "no repetition 'x-1'; expected the id of a finished one, of this session or of an earlier one"
)
REFUSALS = {
    inbox.TOO_MANY: "zu viele Anfragen; höchstens 20 je Sekunde",
    inbox.BUSY: "es warten schon 16 Anfragen; versuch es gleich noch einmal",
    "start_set: expected the bar on the floor; a repetition is under way": (
        "eine Wiederholung läuft; leg erst die Stange ab"
    ),
    UNKNOWN: "das Gerät kennt diese Wiederholung nicht",
}


@pytest.mark.parametrize("told", REFUSALS)
def test_a_refusal_is_told_in_the_lifters_language(sheet: Page, desk: Desk, told: str) -> None:
    def refuse(transaction: object) -> None:
        answer = {"status": "error", "data": {}, "error": told, "transaction": transaction}
        desk.device.say("response/start_set", answer)

    set_to(sheet, "language", "de")
    desk.device.on_request("start_set", refuse)
    expect(sheet.locator(".go")).to_have_text("Satz beginnen")
    sheet.locator(".go").click()
    answer = sheet.locator("#set-sheet .answer")
    expect(answer).to_have_text(f"Das Gerät hat abgelehnt: {REFUSALS[told]}")


def test_every_half_pound_comes_back_as_itself(ready: Page) -> None:
    script = """async () => {
        const u = await import('/static/js/units.js');
        const { kg, lb } = u.MASSES;
        const odd = [];
        for (let half = 0; half <= 2645; half += 1) {
            const sent = u.toKg(half / 2, lb);
            if (u.fromKg(sent, lb) !== half / 2 || sent > 600) odd.push(half / 2);
            if (Math.abs(sent * 100 - Math.round(sent * 100)) > 1e-9) odd.push(sent);
        }
        return { odd, most: [u.mostOf(kg), u.mostOf(lb)], share: u.shareOf(142.5, 0.9, kg),
                 read: ['142,5', ' 60 ', '600', '600.01', '-5', '1e2', '', '12a', 'NaN']
                   .map((text) => u.readMass(text, kg)) };
    }"""
    found = ready.evaluate(script)
    assert found["odd"] == []
    assert found["most"] == [600, 1322.5]
    assert found["share"] == 127.5
    assert found["read"] == [142.5, 60, 600, None, None, None, None, None, None]


def test_plates_of_every_load_add_up(ready: Page) -> None:
    script = """async () => {
        const { BARS, loadedBar } = await import('/static/js/plates.js');
        const odd = [];
        for (const [unit, grain] of [['kg', 0.5], ['lb', 0.5]]) {
            for (const bar of BARS[unit]) {
                for (let load = bar; load <= 600; load += grain) {
                    const { side, left } = loadedBar(load, bar, unit);
                    const sum = bar + 2 * side.reduce((a, b) => a + b, 0) + left;
                    const most = unit === 'kg' ? 0 : 4.5;
                    if (sum !== load || left < 0 || left > most) odd.push([unit, bar, load, left]);
                }
            }
        }
        return odd;
    }"""
    assert ready.evaluate(script) == []


def test_a_load_that_cannot_be_stays_to_be_corrected(sheet: Page, desk: Desk) -> None:
    for load in ("2000", "-20", "NaN", "zwölf", ""):
        sheet.locator("#load").fill(load)
        sheet.get_by_role("button", name="Start set").click()
        expect(sheet.locator("#set-sheet .answer")).to_have_text("Expected a load from 0 to 600 kg")
        expect(sheet.locator("#load")).to_have_value(load)
        expect(sheet.locator("#load")).to_have_attribute("aria-invalid", "true")
    assert desk.counts["start_set"] == 0


def test_a_refusal_is_shown_in_place_and_nothing_is_lost(sheet: Page, desk: Desk) -> None:
    told = "start_set: expected the bar on the floor; a repetition is under way"

    def refuse(transaction: object) -> None:
        answer = {"status": "error", "data": {}, "error": told, "transaction": transaction}
        desk.device.say("response/start_set", answer)

    desk.device.on_request("start_set", refuse)
    sheet.locator("#load").fill("150")
    sheet.get_by_role("button", name="Start set").click()
    expect(sheet.locator("#set-sheet .answer")).to_have_text(f"The device refused: {told}")
    expect(sheet.locator("#load")).to_have_value("150")
    expect(sheet.locator("#set-sheet")).to_be_visible()


def test_silence_is_said_after_four_seconds_and_a_late_answer_as_well(
    sheet: Page, desk: Desk
) -> None:
    desk.device.on_request("start_set", lambda _: None)
    sheet.locator("#load").fill("150")
    sheet.get_by_role("button", name="Start set").click()
    answer = sheet.locator("#set-sheet .answer")
    expect(answer).to_have_text("No answer from the device. It may not have heard.")
    expect(sheet.locator("#load")).to_have_value("150")
    tag = desk.device.asked("start_set")["transaction"]
    plan = RIVAL_PLAN["plan"] | {"lifter": "Anna", "load_kg": 150.0}  # type: ignore[operator]
    late = {"status": "ok", "error": "", "data": {"set": 2, "plan": plan}, "transaction": tag}
    desk.device.say("response/start_set", late)
    expect(answer).to_have_text("The device has answered after all.")
    expect(sheet.locator("#set-news")).to_be_empty()  # this phone's own doing


def test_a_set_without_a_repetition_cannot_be_ended(sheet: Page) -> None:
    sheet.get_by_role("button", name="End set").click()
    expect(sheet.locator("#set-sheet .answer")).to_have_text(
        "No rep has been finished in this set."
    )


def test_any_name_is_text_and_is_taken_by_the_device(sheet: Page, desk: Desk) -> None:
    for name in (SCRIPT, ARABIC, EMOJI, "x" * 64):
        sheet.get_by_role("button", name="Somebody else").click()
        sheet.locator("#new-name").fill(f"  {name} ")
        sheet.get_by_role("button", name="Start set").click()
        expect(sheet.locator("#set-sheet")).to_be_hidden()
        assert desk.plan.lifter == name
        expect(sheet.locator("#lifter")).to_contain_text(name)
        sheet.locator("#open-set").click()
    assert "taken" not in sheet.title()


def test_a_name_too_long_is_refused_with_what_was_expected(sheet: Page, desk: Desk) -> None:
    sheet.get_by_role("button", name="Somebody else").click()
    sheet.locator("#new-name").fill(LONG)
    sheet.get_by_role("button", name="Start set").click()
    expect(sheet.locator("#name-problem")).to_have_text("Expected a name; characters at most: 64")
    assert desk.counts["start_set"] == 0


# --- two phones -----------------------------------------------------------------------------------


def test_a_phone_is_told_what_another_one_did(
    ready: Page, desk: Desk, chromium: Browser, set_url: str
) -> None:
    context = new_context(chromium, PHONE)
    other = context.new_page()
    other.goto(set_url)
    expect(other.locator("#link")).to_have_text(LIVE)
    other.locator("#open-set").click()
    choose(other, "lifter", "Ben")
    other.get_by_role("button", name="Start set").click()
    news = "Changed on another phone: Ben · Sumo · 102 kg · 5 reps"
    expect(ready.locator("#set-news")).to_have_text(news)
    expect(other.locator("#set-sheet")).to_be_hidden()
    expect(other.locator("#set-news")).to_be_empty()
    expect(ready.locator("#lifter")).to_contain_text("Ben")
    context.close()


def test_of_two_at_once_the_last_counts_and_both_are_told(sheet: Page, desk: Desk) -> None:
    rival = answer_from("other", "start_set", RIVAL_PLAN)

    def first_theirs(transaction: object) -> None:
        desk.device.say(*rival)
        data = {"set": 3, "plan": RIVAL_PLAN["plan"] | {"load_kg": 90.0}}  # type: ignore[operator]
        ours = {"status": "ok", "error": "", "data": data, "transaction": transaction}
        desk.device.say("response/start_set", ours)

    desk.device.on_request("start_set", first_theirs)
    sheet.get_by_role("button", name="Start set").click()
    told = ": Ben · Conventional · 120 kg · 5 reps"
    expect(sheet.locator("#set-news")).to_have_text(
        "Another phone had just changed it; yours counts" + told
    )
    desk.device.say(*rival)
    expect(sheet.locator("#set-news")).to_have_text(
        "Another phone changed it right after you; theirs counts" + told
    )


def test_what_was_put_together_survives_another_phones_set(sheet: Page, device: Device) -> None:
    sheet.locator("#load").fill("150")
    device.say(*answer_from("other", "start_set", RIVAL_PLAN))
    expect(sheet.locator("#set-sheet .news")).to_contain_text("Changed on another phone: Ben")
    expect(sheet.locator("#load")).to_have_value("150")


# --- sizes and words ------------------------------------------------------------------------------


def test_the_sheet_fits_every_screen_and_every_thumb(sheet: Page) -> None:
    for viewport in (PHONE, PHONE_SIDEWAYS, SMALL):
        sheet.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert sheet.evaluate(OVERFLOW, "#set-sheet") == []
        assert sheet.evaluate(TOO_SMALL, "#set-sheet") == []
        assert faults(sheet) == [], viewport
    assert sheet.evaluate(NAMELESS, "#set-sheet") == []


def test_the_sheet_speaks_the_phones_language(sheet: Page) -> None:
    sheet.set_viewport_size(SMALL)  # type: ignore[arg-type]
    said = {"de": ("Satz beginnen", "Von Blöcken"), "es": ("Empezar serie", "Desde bloques")}
    for language, (start, lift) in said.items():
        set_to(sheet, "language", language)
        expect(sheet.locator("#set-sheet .go")).to_have_text(start)
        expect(sheet.locator(".of-lift .choice").nth(3)).to_have_text(lift)
        assert sheet.evaluate(OVERFLOW, "#set-sheet") == []


def test_the_page_offers_what_the_device_takes(ready: Page) -> None:
    script = "import('/static/js/set-plan.js').then((p) => [p.LIFTS, p.MODES, p.RPES])"
    lifts, modes, rpes = ready.evaluate(script)
    for lift in lifts:
        requests.parse("start_set", f'{{"lift": "{lift}"}}'.encode())
    for mode in modes:
        requests.parse("start_set", f'{{"mode": "{mode}"}}'.encode())
    for rpe in rpes:
        requests.parse("rate_set", f'{{"rpe": {rpe}}}'.encode())
    assert (len(lifts), len(modes), len(rpes)) == (6, 3, 9)
