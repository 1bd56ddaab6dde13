"""Hips and shoulders early in the pull, from paths without noise."""

import numpy as np
import pytest
from lifts import Body, Script, exact_path

from shinline.coach.hips import measure_hips
from shinline.types import NS_PER_S, HipNumbers, Rows

REST_S = 1.0
ROM_M = 0.52
SCRIPT = Script().rest(REST_S).move(1.4, ROM_M).rest(1.0)


def _paths(body: Body, script: Script = SCRIPT) -> tuple[Rows, Rows, Rows]:
    bar = exact_path(script, 0.0, script.duration_s)
    hip, shoulder = bar.copy(), bar.copy()
    h_x, h_y, s_x, s_y = body.at(bar["y_m"])
    for rows, x, y in ((hip, h_x, h_y), (shoulder, s_x, s_y)):
        rows["x_m"], rows["y_m"] = x, y
        rows["vx_mps"] = np.gradient(x, bar["t_ns"] / NS_PER_S)
        rows["vy_mps"] = np.gradient(y, bar["t_ns"] / NS_PER_S)
    return bar, hip, shoulder


def _measure(paths: tuple[Rows, Rows, Rows]) -> HipNumbers | str:
    bar, hip, shoulder = paths
    return measure_hips(bar, hip, shoulder, round(1.07 * REST_S * NS_PER_S), ROM_M)


@pytest.mark.parametrize("drop_deg", [0.0, 3.0, 9.0])
@pytest.mark.parametrize("set_deg", [20.0, 35.0, 50.0])
def test_the_drop_of_the_trunk_is_the_bodys(drop_deg: float, set_deg: float) -> None:
    hips = _measure(_paths(Body(set_deg=set_deg, drop_deg=drop_deg)))
    assert isinstance(hips, HipNumbers)
    assert hips.trunk_drop_deg == pytest.approx(drop_deg, abs=0.05)


def test_a_held_trunk_rises_one_to_one() -> None:
    hips = _measure(_paths(Body()))
    assert isinstance(hips, HipNumbers)
    assert hips.rise_ratio == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("rom_m", "height_m"), [(0.60, 0.120), (0.32, 0.080)])
def test_they_are_watched_until_120_mm_or_a_quarter_of_the_range(
    rom_m: float, height_m: float
) -> None:
    script = Script().rest(REST_S).move(1.6, rom_m).rest(1.0)
    bar, hip, shoulder = _paths(Body(), script)
    hips = measure_hips(bar, hip, shoulder, round(1.05 * REST_S * NS_PER_S), rom_m)
    assert isinstance(hips, HipNumbers)
    assert hips.shoulder_rise_m == pytest.approx(height_m, abs=0.006)


def test_hips_that_shoot_up_rise_more_than_the_shoulders() -> None:
    """1 + L (sin 35 - sin 26) / rise, by the geometry of a stiff trunk."""
    hips = _measure(_paths(Body(drop_deg=9.0)))
    assert isinstance(hips, HipNumbers)
    extra_m = 0.5 * (np.sin(np.radians(35.0)) - np.sin(np.radians(26.0)))
    assert hips.rise_ratio == pytest.approx(1.0 + extra_m / hips.shoulder_rise_m, abs=0.02)


def test_either_facing_gives_the_same() -> None:
    bar, hip, shoulder = _paths(Body(drop_deg=6.0))
    mirrored = hip.copy(), shoulder.copy()
    for rows in mirrored:
        rows["x_m"] *= -1.0
        rows["vx_mps"] *= -1.0
    assert _measure((bar, *mirrored)) == _measure((bar, hip, shoulder))


def test_shoulders_that_hardly_rise_give_no_ratio() -> None:
    bar, hip, shoulder = _paths(Body())
    shoulder["y_m"] = shoulder["y_m"][0] + 0.3 * (shoulder["y_m"] - shoulder["y_m"][0])
    hips = _measure((bar, hip, shoulder))
    assert isinstance(hips, HipNumbers)
    assert hips.rise_ratio is None


@pytest.mark.parametrize(("which", "name"), [(1, "hip"), (2, "shoulder")])
def test_a_marker_out_of_sight_is_the_reason(which: int, name: str) -> None:
    paths = _paths(Body(drop_deg=9.0))
    paths[which]["coasting"][130:150] = True
    assert _measure(paths) == f"the {name} marker was out of sight"


def test_a_lifter_who_never_holds_still_has_no_set_position() -> None:
    bar, hip, shoulder = _paths(Body())
    hip["vy_mps"] += 0.2
    assert _measure((bar, hip, shoulder)) == "no quiet set position before the pull"
