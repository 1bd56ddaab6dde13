"""What the terminal says of plans and advice."""

from io import StringIO

from rich.console import Console
from wire_material import PLAN

from shinline.app.screen import Screen, plan_words
from shinline.types import Advice, Event, Plan, PlanEvent, SetEvent


def said(*events: Event) -> str:
    out = StringIO()
    screen = Screen(Console(file=out, width=120))
    with screen:
        for event in events:
            screen.event(event)
    return out.getvalue()


def test_a_plan_is_told_with_what_was_given_and_no_more() -> None:
    told = "Ben · trap bar · 150 kg · 3 reps · RPE 8.5 · technique mode · muted"
    assert plan_words(PLAN) == told
    assert told in said(PlanEvent(1, PLAN, 2))
    assert plan_words(Plan("Ada", "sumo", 142.5)) == "Ada · sumo · 142.5 kg"


def test_advice_comes_with_its_reason() -> None:
    advice = (Advice("lower_load", "Take 5 % off.", "It came twice."),)
    assert "Take 5 % off. (It came twice.)" in said(
        SetEvent(1, 1, 3, None, None, None, {}, None, advice=advice)
    )
