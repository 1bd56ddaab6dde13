"""The motion of a hand-held camera, from a drawn room with a lifter in it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from plate_scene import compiled_only
from scipy.ndimage import affine_transform, gaussian_filter

from shinline.vision.steady import SceneMotion

pytestmark = compiled_only

SHAPE = (240, 320)
BAR = (160.0, 150.0)
ROOM = 128.0 + 500.0 * gaussian_filter(np.random.default_rng(4).normal(size=SHAPE), 3.0)


def _seen(
    dx_px: float, dy_px: float, turn_deg: float = 0.0, lifter_y: int = 60
) -> NDArray[np.uint8]:
    """Shift the room and turn it about the picture's centre, with a lifter in front who moves."""
    centre = 0.5 * np.array(SHAPE)
    angle = np.radians(turn_deg)
    back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    offset = centre - back @ (centre + np.array([dy_px, dx_px]))
    picture = affine_transform(ROOM, back, offset, order=3, mode="reflect")
    picture[lifter_y : lifter_y + 120, 130:190] = 40.0
    noise = np.random.default_rng(1).normal(size=SHAPE)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def test_a_camera_that_holds_still_has_not_moved() -> None:
    scene = SceneMotion(*SHAPE)
    scene.update(_seen(0.0, 0.0), *BAR)
    assert scene.update(_seen(0.0, 0.0, lifter_y=40), *BAR) == pytest.approx((0.0, 0.0), abs=0.1)


def test_a_wandering_camera_is_followed_within_a_quarter_of_a_pixel() -> None:
    scene = SceneMotion(*SHAPE)
    scene.update(_seen(0.0, 0.0), *BAR)
    for step in range(1, 11):
        dx_px, dy_px = 1.3 * step, -0.9 * step
        moved = scene.update(_seen(dx_px, dy_px, lifter_y=60 - 2 * step), *BAR)
        assert moved is not None
        assert moved == pytest.approx((dx_px, dy_px), abs=0.25)


def test_a_turn_of_the_camera_moves_the_place_that_is_asked_for() -> None:
    """A degree moves a point 80 px from the middle by 1.4 px across the line to it."""
    scene = SceneMotion(*SHAPE)
    scene.update(_seen(0.0, 0.0), *BAR)
    scene.update(_seen(0.0, 0.0, 0.5), *BAR)
    moved = scene.update(_seen(0.0, 0.0, 1.0), 240.0, 120.0)
    assert moved is not None
    assert abs(moved[1]) == pytest.approx(80.0 * np.sin(np.radians(1.0)), abs=0.3)
    assert moved[0] == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize("grey", [0, 128])
def test_a_room_without_texture_says_nothing(grey: int) -> None:
    scene = SceneMotion(*SHAPE)
    blank = np.full(SHAPE, grey, np.uint8)
    assert scene.update(blank, *BAR) is None
    assert scene.update(blank, *BAR) is None


def test_a_cut_to_another_room_says_nothing() -> None:
    scene = SceneMotion(*SHAPE)
    scene.update(_seen(0.0, 0.0), *BAR)
    other = np.random.default_rng(9).integers(0, 256, SHAPE, dtype=np.uint8)
    assert scene.update(other, *BAR) is None
