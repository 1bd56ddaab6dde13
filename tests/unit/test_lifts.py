"""What changes from lift to lift, and what does not."""

import pytest
from fault_cases import BODY
from judged import PULL, Pull

from shinline.coach.faults.table import CARDS
from shinline.coach.lifts import LIFTS
from shinline.config import Coach
from shinline.types import Role

ALL = tuple(card.code for card in CARDS)
SET_UP = {"setup_gap", "elbows_to_knees", "bar_rolled", "hips_high_start", "hips_low_start"}
OFF = {
    "conventional": set(),
    "sumo": {"setup_gap", "elbows_to_knees", "bar_leaves_legs"},
    "trap_bar": {"setup_gap", "elbows_to_knees", "hips_low_start", "bar_leaves_legs"},
    "blocks": {"elbows_to_knees"},
    "romanian": SET_UP
    | {"hips_shoot_up", "rounding", "yank", "bounce", "lowering", "bar_leaves_legs"},
    "stiff_leg": {"hips_high_start", "hips_low_start", "elbows_to_knees"},
}
"""Faults that make no sense in a lift: a wide stance hides the leg, a trap bar has no shin before
it, a bar that hangs has no floor."""


def test_all_six_lifts_are_told() -> None:
    assert set(LIFTS) == set(OFF)
    assert [lift.name for lift in LIFTS.values()] == list(LIFTS)


@pytest.mark.parametrize("lift", OFF)
def test_a_repetition_is_judged_by_what_applies_to_its_lift(lift: str) -> None:
    """What does not apply has no verdict at all: neither good nor unknown."""
    shown = [verdict.code for verdict in Pull(PULL, BODY, lift=lift).rep().faults]
    assert shown == [code for code in ALL if code not in OFF[lift]]


@pytest.mark.parametrize("lift", OFF)
def test_only_the_start_has_other_thresholds(lift: str) -> None:
    general, own = Coach(), LIFTS[lift].coach(Coach())
    changed = {
        name for name in Coach.__struct_fields__ if getattr(general, name) != getattr(own, name)
    }
    assert all(name.startswith("start_") for name in changed)
    assert changed == set(LIFTS[lift].changes)


def test_a_lifters_own_settings_stay_where_the_lift_says_nothing() -> None:
    mine = Coach(bar_forward_fault_m=0.05, start_trunk_deg=14.0)
    assert LIFTS["sumo"].coach(mine).bar_forward_fault_m == 0.05
    assert LIFTS["sumo"].coach(mine).start_trunk_deg == 20.0
    assert LIFTS["conventional"].coach(mine) == mine


def test_a_bar_hangs_in_the_romanian_alone() -> None:
    assert [name for name, lift in LIFTS.items() if lift.hangs] == ["romanian"]


@pytest.mark.parametrize("lift", OFF)
def test_each_lift_rises_by_a_share_of_the_conventional_one(lift: str) -> None:
    ratios = {"sumo": 0.80, "blocks": 0.75, "romanian": 0.80}
    assert LIFTS[lift].rom_ratio == ratios.get(lift, 1.0)


def test_cards_tell_what_they_need() -> None:
    """Bar alone: never the hips nor the legs."""
    bar_only = {card.code for card in CARDS if not card.markers}
    assert bar_only == {
        "bar_rolled",
        "bar_forward",
        "knee_loop",
        "reversal",
        "hitch",
        "short_lockout",
        "yank",
        "bounce",
        "lowering",
        "velocity_loss",
    }
    shown = {v.code: v for v in Pull(PULL).rep().faults}
    for card in CARDS:
        if card.markers:
            assert Role.BAR not in card.markers
            assert not shown[card.code].assessed, card.code
