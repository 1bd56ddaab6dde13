"""A profile gives the field of view its maker states, in the mode that the product chooses."""

import numpy as np
import pytest

from shinline_cal.lens import model
from shinline_cal.lens.file import LensError
from shinline_cal.lens.profiles import Profile, default_size, nominal, profiles
from shinline_pi import modes

RATES = {
    "imx708": {(1536, 864): 120.1, (2304, 1296): 56.0, (4608, 2592): 14.4},
    "imx477": {(1332, 990): 120.1, (2028, 1080): 50.0, (2028, 1520): 40.0, (4056, 3040): 10.0},
    "imx296": {(1456, 1088): 60.4},
    "imx219": {(640, 480): 103.3, (1640, 1232): 41.9, (1920, 1080): 47.6, (3280, 2464): 21.2},
    "ov9281": {(640, 400): 309.8, (1280, 720): 171.8, (1280, 800): 143.7},
}
"""Frames per second of the sensors' modes, as picamera2 lists them."""


def field_deg(profile: Profile) -> float:
    """Return the angle that the pixels of the stated field span, distortion included."""
    ray = np.linspace(0.0, 3.0, 30001)
    drawn = profile.focal_px * ray * (1.0 + profile.k1 * ray**2 + profile.k2 * ray**4)
    assert profile.field_px is not None
    edge = ray[np.argmax(drawn >= 0.5 * profile.field_px)]
    return float(2.0 * np.degrees(np.arctan(edge)))


STATED = [name for name, profile in profiles().items() if profile.field_deg is not None]


@pytest.mark.parametrize("name", STATED)
def test_the_focal_length_gives_the_stated_field(name: str) -> None:
    profile = profiles()[name]
    assert field_deg(profile) == pytest.approx(profile.field_deg, rel=0.03)


def test_only_a_module_sold_with_any_lens_has_no_stated_field() -> None:
    assert set(profiles()) - set(STATED) == {"ov9281"}


@pytest.mark.parametrize("name", profiles())
def test_the_picture_is_the_one_that_the_product_takes(name: str) -> None:
    profile = profiles()[name]
    rates = RATES[name.split("_")[0]]
    assert {mode.size_px for mode in profile.modes} == set(rates)
    listed = [{"size": size, "bit_depth": 10, "fps": rate} for size, rate in rates.items()]
    chosen = modes.choose(listed)
    assert chosen is not None
    assert default_size(name) == chosen.output_px
    for mode in profile.modes:
        assert mode.output_px == modes.Mode(*mode.size_px, 10, 1.0).output_px


@pytest.mark.parametrize("name", profiles())
def test_every_picture_has_a_lens_that_draws_each_ray_once(name: str) -> None:
    for mode in profiles()[name].modes:
        for size in (mode.size_px, mode.output_px):
            lens = nominal(name, *size)
            assert lens.source == "nominal"
            assert model.one_to_one(model.theta_of(lens.lens), *size)
            assert abs(lens.cx_px - 0.5 * (size[0] - 1)) < 2.0
            assert abs(lens.cy_px - 0.5 * (size[1] - 1)) < 2.0


def test_a_cropped_mode_shows_less_and_not_smaller() -> None:
    """1536 of the Camera Module 3 are the middle 3072 of 4608: two pixels in one."""
    cropped, whole = nominal("imx708", 1536, 864), nominal("imx708", 4608, 2592)
    assert cropped.fx_px == pytest.approx(whole.fx_px / 2)
    assert nominal("imx708", 2304, 1296).fx_px == pytest.approx(cropped.fx_px)


def test_the_filter_makes_no_difference() -> None:
    one, other = nominal("imx708_wide", 1536, 864), nominal("imx708_wide_noir", 1536, 864)
    assert (one.fx_px, other.camera) == (other.fx_px, "imx708_wide_noir")


def test_an_unknown_profile_or_size_says_what_there_is() -> None:
    with pytest.raises(LensError, match=r"no profile 'imx999'; there are: imx708, imx708_wide"):
        nominal("imx999", 640, 480)
    with pytest.raises(LensError, match=r"640 x 480 pixels; there are: 1536 x 864"):
        nominal("imx708", 640, 480)
