"""What the simulator refuses, and what it then says."""

import msgspec
import pytest

from shinline.sim import FAULTS, CameraSetup, RepPlan, Roll, Scenario, from_json, parse_fault


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"bar_backward": 0.04}, "bar_forward"),  # names the codes it knows
        ({"bar_forward": 4.0}, r"0 \.\. 0\.12 m"),
        ({"bar_forward": -0.01}, r"0 \.\. 0\.12 m"),
        ({"hips_shoot_up": float("nan")}, r"0 \.\. 15 deg"),
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
