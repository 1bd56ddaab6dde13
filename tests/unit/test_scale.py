"""Metres per pixel from the first sightings, and how sure they are."""

import numpy as np
import pytest
from lifts import DIAMETER_M, R_PX, RING, SCALE_M_PER_PX

from shinline.geometry.scale import SCALE_FRAMES, fix_scale
from shinline.types import DETECTION, BarPrior, Rows


def _bars(r_px: object = R_PX, ratio: float = 1.0, count: int = SCALE_FRAMES) -> Rows:
    rows = np.zeros(count, DETECTION)
    rows["r_px"], rows["axis_ratio"], rows["x_px"] = r_px, ratio, np.arange(count)
    return rows


def test_the_scale_is_the_markers_diameter_over_that_in_the_picture() -> None:
    sight = fix_scale(list(_bars()), RING, None, -1.0)
    assert sight is not None
    assert sight.plane.scale_m_per_px == pytest.approx(SCALE_M_PER_PX)
    assert sight.plane.scale_m_per_px == pytest.approx(DIAMETER_M / (2.0 * R_PX))
    assert (sight.plane.forward, sight.plane.origin_x_px) == (-1.0, 0.0)
    assert sight.scale_rel_sd == RING.rig.scale_rel_sd
    assert sight.tilt == 0.0


@pytest.mark.parametrize("bars", [_bars(count=SCALE_FRAMES - 1), _bars([20.0] * 7 + [21.0])])
def test_too_few_or_unequal_sightings_fix_nothing(bars: Rows) -> None:
    assert fix_scale(list(bars), RING, None, 1.0) is None


def test_radii_that_scatter_make_the_scale_less_sure() -> None:
    sight = fix_scale(list(_bars(R_PX + 0.2 * np.resize([-1.0, 1.0], SCALE_FRAMES))), RING, None, 1)
    assert sight is not None
    assert sight.scale_rel_sd == RING.rig.scale_rel_sd
    assert sight.scatter == pytest.approx(1.25 * 0.01 / np.sqrt(SCALE_FRAMES), rel=1e-6)


def test_an_ellipse_tells_how_oblique_the_view_is() -> None:
    sight = fix_scale(list(_bars(ratio=np.cos(np.radians(10.0)))), RING, None, 1.0)
    assert sight is not None
    assert sight.tilt == pytest.approx(np.sin(np.radians(10.0)))


def test_a_priors_radius_is_believed() -> None:
    sight = fix_scale(list(_bars(count=1)), RING, BarPrior(0.0, 0.0, 40.0), 1.0)
    assert sight is not None
    assert sight.plane.scale_m_per_px == pytest.approx(0.5 * SCALE_M_PER_PX)
