"""The trunk is found again where it went, and how unsure that is is true."""

from functools import cache

import numpy as np
import pytest
import trunk_twins as twins
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plate_scene import compiled_only
from scipy import ndimage

from shinline.coach.outline import DOUBT
from shinline.vision.trunk import Fit, Trunk

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]

pytestmark = compiled_only

ROWS, COLUMNS = 90, 110
AXIS = np.array([55.0, 45.0, 0.8, -0.6, 40.0, 0.0])
"""Hip low on the left, shoulder high on the right, 40 px apart."""

ALONG, ACROSS = AXIS[2:4], np.array([-AXIS[3], AXIS[2]])
BEND_SD_PX = 1.7


@cache
def _texture(seed: int) -> Array:
    random = np.random.default_rng(seed)
    image = ndimage.gaussian_filter(random.normal(size=(ROWS, COLUMNS)), 2.0)
    return np.asarray(128.0 + 35.0 * image / image.std())


def _places() -> NDArray[np.int64]:
    """A grid of patches on the trunk."""
    x, y = np.meshgrid(np.arange(20, COLUMNS - 20, 4), np.arange(20, ROWS - 20, 4))
    points = np.stack([x.ravel(), y.ravel()], axis=-1)
    off = points - AXIS[:2]
    return np.asarray(points[(np.abs(off @ ALONG) < 26.0) & (np.abs(off @ ACROSS) < 11.0)])


def _later(pose: Array) -> Array:
    """What the camera sees when the trunk is at a pose, before a room that stays."""
    y, x = np.mgrid[:ROWS, :COLUMNS].astype(np.float64)
    target = np.stack([x.ravel(), y.ravel()], axis=-1)
    source = target.copy()
    for _ in range(12):
        source += target - twins.carried(pose, AXIS, source)
    trunk = ndimage.map_coordinates(_texture(1), [source[:, 1], source[:, 0]], order=3)
    off = source - AXIS[:2]
    on_it = (np.abs(off @ ALONG) < 34.0) & (np.abs(off @ ACROSS) < 18.0)
    return np.where(on_it, trunk, _texture(2).ravel()).reshape(ROWS, COLUMNS)


@cache
def _before() -> Array:
    return _later(np.zeros(5))


def _camera(scene: Array, seed: int = 0, noise: float = 0.0) -> Bytes:
    random = np.random.default_rng(seed)
    return np.clip(np.rint(scene + noise * random.normal(size=scene.shape)), 0, 255).astype(
        np.uint8
    )


def _found(pose: Array, guess: Array, seed: int = 0, noise: float = 0.0) -> Fit:
    anchor = _camera(_before(), seed, noise)
    trunk = Trunk(anchor, _places(), AXIS, BEND_SD_PX)
    return trunk.fit(_camera(_later(pose), seed + 1, noise), guess, 12)


@settings(max_examples=12, deadline=None)
@given(
    x=st.floats(-6.0, 6.0),
    y=st.floats(-14.0, -4.0),
    turn_deg=st.floats(-12.0, 12.0),
    growth=st.floats(-0.03, 0.03),
    bend=st.floats(-1.5, 1.5),
)
def test_the_trunk_is_found_where_it_went(
    x: float, y: float, turn_deg: float, growth: float, bend: float
) -> None:
    """From a guess that is 3 px off and does not know of the turn."""
    pose = np.array([x, y, np.radians(turn_deg), growth, bend])
    fit = _found(pose, np.array([x + 2.0, y - 2.0, 0.0, 0.0, 0.0]))
    assert fit.share > 0.8
    np.testing.assert_allclose(fit.pose[:2], pose[:2], atol=0.25)
    np.testing.assert_allclose(np.degrees(fit.pose[2]), turn_deg, atol=0.4)
    np.testing.assert_allclose(fit.pose[3], growth, atol=0.012)
    np.testing.assert_allclose(fit.pose[4], bend, atol=0.4)


@pytest.mark.parametrize("noise", [3.0, 10.0])
def test_how_unsure_a_fit_is_is_true_within_a_factor_of_two(noise: float) -> None:
    """Over many noises of the camera, when doubted as the coach does."""
    pose = np.array([3.0, -9.0, np.radians(6.0), 0.0, 0.5])
    later, fits = _later(pose), []
    for seed in range(40):
        trunk = Trunk(_camera(_before(), 2 * seed, noise), _places(), AXIS, BEND_SD_PX)
        fits.append(trunk.fit(_camera(later, 2 * seed + 1, noise), pose.copy(), 6))
    scatter = np.std([fit.pose[:3] for fit in fits], axis=0)
    told = DOUBT * np.sqrt(np.mean([np.diag(fit.spread)[:3] for fit in fits], axis=0))
    np.testing.assert_array_less(0.5, told / scatter)
    np.testing.assert_array_less(told / scatter, 2.0)


@pytest.mark.parametrize(("gain", "level"), [(0.75, 10.0), (1.0, 40.0), (1.3, -30.0)])
def test_light_and_shutter_may_change(gain: float, level: float) -> None:
    pose = np.array([2.0, -8.0, np.radians(7.0), 0.0, 0.0])
    trunk = Trunk(_camera(_before()), _places(), AXIS, BEND_SD_PX)
    scene = 128.0 + gain * (_later(pose) - 128.0) + level
    fit = trunk.fit(_camera(scene), np.array([0.0, -8.0, 0.0, 0.0, 0.0]), 12)
    np.testing.assert_allclose(np.degrees(fit.pose[2]), 7.0, atol=0.4)
    assert fit.share > 0.8


def test_another_picture_holds_no_trunk() -> None:
    trunk = Trunk(_camera(_before()), _places(), AXIS, BEND_SD_PX)
    fit = trunk.fit(_camera(_texture(3)), np.zeros(5), 12)
    assert fit.share < 0.2
