"""How far behind the bar's end body markers are."""

import numpy as np
import pytest
from rig_scene import lying, mount

from shinline.types import Role
from shinline_cal.rigging import observe, world
from shinline_cal.rigging.depth import behind
from shinline_cal.rigging.world import Marker

HERE = mount()


def _hip(away_m: float, diameter_m: float = 0.06, n: int = 60, seed: int = 1):
    places = np.array([-0.1, 0.5, -away_m]) + np.linspace(0, 0.3, n)[:, None] * np.array(
        [0, 1.0, 0]
    )
    marker = Marker(diameter_m, Role.HIP)
    rng = np.random.default_rng(seed)
    return world.rows_of(HERE, rng, np.arange(n) / 60.0, places, world.facing(0.0, 0.1), marker)


@pytest.mark.parametrize("away", [0.3, 0.65, 0.9])
def test_a_hip_s_depth_comes_out_within_its_sd(away: float) -> None:
    rest = observe.rest(lying(HERE))
    found = behind(HERE.see, rest, 0.08, _hip(away), {Role.HIP: 0.06})[Role.HIP]
    assert found.away_m == pytest.approx(away, abs=3.0 * found.sd_m)
    assert 0.003 < found.sd_m < 0.05


def test_sightings_gone_wrong_do_not_move_it() -> None:
    rest, rows = observe.rest(lying(HERE)), _hip(0.6)
    rows["r_px"][::7] *= 1.6
    rows["r_px"][3] = np.nan
    found = behind(HERE.see, rest, 0.08, rows, {Role.HIP: 0.06})[Role.HIP]
    assert found.away_m == pytest.approx(0.6, abs=3.0 * found.sd_m)


def test_what_cannot_be_is_not_told() -> None:
    rest = observe.rest(lying(HERE))
    sizes = {Role.HIP: 0.06, Role.KNEE: 0.06, Role.BAR: 0.08}
    assert behind(HERE.see, rest, 0.08, _hip(0.6)[:10], sizes) == {}  # too few
    assert behind(HERE.see, rest, 0.08, _hip(0.6, diameter_m=0.12), sizes) == {}  # in front
    assert set(behind(HERE.see, rest, 0.08, _hip(0.6), sizes)) == {Role.HIP}
