"""What the simulator refuses, and what it then says."""

from pathlib import Path

import msgspec
import pytest

from shinline.app.simulate import fault_table, make_scenario
from shinline.sim import (
    FAULTS,
    CameraSetup,
    RepPlan,
    Roll,
    Scenario,
    build,
    from_json,
    parse_fault,
    with_faults,
)
from shinline.sim.scenario import Style


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"bar_backward": 0.04}, "bar_forward"),  # names the codes it knows
        ({"bar_forward": 4.0}, r"0 \.\. 0\.12 m"),
        ({"bar_forward": -0.01}, r"0 \.\. 0\.12 m"),
        ({"hips_shoot_up": float("nan")}, r"0 \.\. 20 deg"),
    ],
)
def test_a_bad_fault_is_refused_with_what_was_expected(faults: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RepPlan(faults=faults)


def test_a_fault_is_read_from_the_command_line() -> None:
    assert parse_fault("bar_forward=0.04") == ("bar_forward", 0.04)


@pytest.mark.parametrize("text", ["bar_forward", "bar_forward=", "bar_forward=much", "=0.04", ""])
def test_a_malformed_fault_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_fault(text)


def test_every_fault_takes_both_ends_of_its_range() -> None:
    for code, spec in FAULTS.items():
        for size in (spec.lowest, spec.highest):
            assert parse_fault(f"{code}={size}") == (code, size)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Scenario(stature_m=2.4), "stature_m"),
        (lambda: Scenario(style="squat"), "style"),  # type: ignore[arg-type]
        (lambda: RepPlan(mean_velocity_mps=0.0), "mean_velocity_mps"),
        (lambda: CameraSetup(rate_hz=1000.0), "rate_hz"),
        (lambda: CameraSetup(width_px=961), "width_px"),
        (lambda: Roll(dx_m=0.5), "dx_m"),
    ],
)
def test_an_option_out_of_range_is_refused_by_name(make, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=said):
        make()


def test_only_the_last_rep_may_be_held() -> None:
    with pytest.raises(ValueError, match="hold"):
        Scenario(reps=(RepPlan(then="hold"), RepPlan()))


def test_nothing_happens_between_a_bounce_and_its_rep() -> None:
    with pytest.raises(ValueError, match="bounce"):
        Scenario(reps=(RepPlan(then="bounce"), RepPlan(before=(Roll(),))))


def test_a_scenario_survives_json() -> None:
    scenario = Scenario(style="sumo", reps=(RepPlan(before=(Roll(),), faults={"lowering": 1.5}),))
    assert from_json(msgspec.json.encode(scenario)) == scenario


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "scenario"),
        (b'{"statures": 1.8}', "statures"),
        (b'{"reps": [{"faults": {"bar_forward": 9}}]}', "0 .. 0.12 m"),
        (b'{"camera": {"rate_hz": 1}}', "camera.rate_hz"),
    ],
)
def test_a_bad_scenario_file_is_refused_by_place(text: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_json(text)


@pytest.mark.parametrize(
    ("style", "faults", "said"),
    [
        ("trap_bar", {"setup_gap": 0.1}, "trap_bar has none"),
        ("conventional", {"hitch": 1.5}, "stops above the knee"),
    ],
)
def test_a_fault_that_a_lift_cannot_have_is_refused(
    style: Style, faults: dict[str, float], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Scenario(style=style, reps=(RepPlan(faults=faults),))


@pytest.mark.parametrize("code", ["bounce", "velocity_loss"])
def test_a_fault_of_the_set_needs_a_rep_before(code: str) -> None:
    with pytest.raises(ValueError, match="a rep before"):
        Scenario(reps=(RepPlan(faults={code: 0.2}),))
    with pytest.raises(ValueError, match="second rep"):
        with_faults(Scenario(reps=(RepPlan(),)), {code: 0.2})


def test_a_size_that_a_lifter_cannot_show_is_refused_with_the_nearest() -> None:
    fast = RepPlan(mean_velocity_mps=0.9, faults={"yank": 3.0})
    with pytest.raises(ValueError, match=r"fault yank: rep 1: expected at least [\d.]+ m/s2"):
        build(Scenario(reps=(fast,)))
    with pytest.raises(ValueError, match="fault yank"):  # ... on the command line, at once
        make_scenario(None, 1, ("yank=1",), {"mean_velocity_mps": 0.9}, {}, {}, {})


def test_feet_cannot_step_where_a_rep_begins_at_once() -> None:
    reps = (RepPlan(then="touch_and_go"), RepPlan(faults={"setup_gap": 0.1}))
    with pytest.raises(ValueError, match="setup_gap: rep 2: expected the gap of the rep before"):
        build(Scenario(reps=reps))


def test_blocks_above_the_knee_are_refused_with_what_is_left() -> None:
    with pytest.raises(ValueError, match=r"block_m: expected at most 0\.21"):
        build(Scenario(style="blocks", stature_m=1.55, block_m=0.25))


def test_a_romanian_deadlift_hangs_until_its_last_rep() -> None:
    with pytest.raises(ValueError, match="not to touch the floor"):
        Scenario(style="romanian", reps=(RepPlan(then="drop"), RepPlan()))
    with pytest.raises(ValueError, match="bar_rolled in the first one only"):
        Scenario(style="romanian", reps=(RepPlan(), RepPlan(faults={"bar_rolled": 0.03})))


@pytest.mark.parametrize(("choice", "count"), [("all", 6), ("hips", 2), ("bar", 0)])
def test_markers_are_chosen_by_a_word(choice: str, count: int) -> None:
    scenario = make_scenario(None, 1, (), {}, {}, {"markers": choice}, {"style": "blocks"})
    assert len(scenario.markers.roles) == count


def test_the_table_in_the_docs_is_the_one_that_is_used() -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text()
    assert fault_table() in text
