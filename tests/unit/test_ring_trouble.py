"""Targets in trouble: hidden in part, shone upon, bent by the camera, mistaken for another."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numba import config
from ring_scene import Image, Target, bullseye, develop, disc, glare, limb, paste, scene, texture

from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, WINDOW, Role
from shinline.vision.ring import PRINTED, RingDetector, detect_image

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")

SHEET = (160, 160)
BAR = INNER_RATIO[Role.BAR]
TURNS = range(0, 360, 30)


def deep(*values: float) -> object:
    """Mark what lies between two that are tried each time."""
    return pytest.param(*values, marks=pytest.mark.deep)


def look(
    detector: RingDetector, luma: np.ndarray, role: Role | None = None, near: Target | None = None
) -> np.ndarray:
    """Return the rows of one picture; with a window for ``role`` a little beside ``near``."""
    windows = np.zeros(0, WINDOW)
    if role is not None and near is not None:
        expected = (role, near.x_px + 1.5, near.y_px - 1.0, 0.5 * near.d_px, 8.0)
        windows = np.array([expected], WINDOW)
    out = np.zeros(8, DETECTION)
    return out[: detector.detect(luma, 0, windows, out)]


def error_of(row: np.void, target: Target) -> tuple[float, float]:
    """Return how far a row's centre is off, in px and in its own standard deviations."""
    off = np.array([row["x_px"] - target.x_px, row["y_px"] - target.y_px])
    spread = [[row["var_x_px2"], row["cov_xy_px2"]], [row["cov_xy_px2"], row["var_y_px2"]]]
    return float(np.hypot(*off)), float(np.sqrt(off @ np.linalg.solve(spread, off)))


def followed(
    target: Target, role: Role, seed: int, over: Callable[[Image], None]
) -> tuple[float, float] | None:
    """Follow into a picture with something drawn over the target; return its error."""
    detector = RingDetector((role,))
    assert len(look(detector, scene([target], SHEET, 2.0, seed))) == 1
    rows = look(detector, scene([target], SHEET, 2.0, seed, over=over), role, target)
    return error_of(rows[0], target) if len(rows) else None


def assert_mostly_followed(
    errors: list[tuple[float, float] | None], least: float, most_px: float = 0.15
) -> None:
    """Check that most are found, and that no row lies about its centre."""
    found = np.array([each for each in errors if each is not None])
    assert len(found) >= least * len(errors)
    assert found[:, 0].max() < most_px, "px"
    assert found[:, 1].max() < 4.0, "standard deviations"


@pytest.mark.parametrize("d_px", [20.0, deep(28.0), deep(36.0), 44.0])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.2])
@pytest.mark.parametrize("grey", [25.0, 90.0, 170.0, 220.0])
def test_behind_a_leg_a_target_is_followed_and_its_centre_is_right(
    d_px: float, share: float, grey: float
) -> None:
    target = Target(80.3, 79.6, d_px)
    errors = [
        followed(target, Role.BAR, turn, limb(target, share, turn + 7.0, grey)) for turn in TURNS
    ]
    assert_mostly_followed(errors, 0.7, 0.25)


@pytest.mark.parametrize("d_px", [28.0, 44.0])
@pytest.mark.parametrize(("share", "least"), [(0.02, 0.9), (0.1, 0.9), (0.2, 0.6)])
@pytest.mark.parametrize("grey", [25.0, 90.0, 170.0])
def test_behind_a_hand_a_target_is_followed_and_its_centre_is_right(
    d_px: float, share: float, least: float, grey: float
) -> None:
    target = Target(80.3, 79.6, d_px)
    errors = [
        followed(target, Role.BAR, turn, limb(target, share, turn + 7.0, grey, 0.4))
        for turn in TURNS
    ]
    assert_mostly_followed(errors, least)


@pytest.mark.parametrize("d_px", [24.0, 32.0, 46.0])
@pytest.mark.parametrize("sd", [0.04, 0.08])
def test_a_reflection_on_the_ring_hides_no_target_that_is_followed(d_px: float, sd: float) -> None:
    target = Target(80.3, 79.6, d_px)
    errors = []
    for turn in np.deg2rad(TURNS):
        reach = 0.36 * d_px
        spot = glare(80.3 + reach * np.cos(turn), 79.6 + reach * np.sin(turn), sd * d_px)
        errors.append(followed(target, Role.BAR, 1, spot))
    assert_mostly_followed(errors, 0.9)


@pytest.mark.parametrize("role", PRINTED)
@pytest.mark.parametrize("d_px", [28.0, 36.0, 46.0])
def test_a_camera_that_bends_grey_leaves_roles_what_they_are(role: Role, d_px: float) -> None:
    for seed in range(4):
        target = Target(80.0 + 0.3 * seed, 79.6, d_px, INNER_RATIO[role])
        rows = detect_image(scene([target], SHEET, 2.0, seed, gamma=2.2))
        assert rows["role"].tolist() == [role]
        assert error_of(rows[0], target)[0] < 0.05


@pytest.mark.parametrize("d_px", [28.0, 36.0, 46.0])
@pytest.mark.parametrize("role", [Role.BAR, Role.ANKLE])
def test_after_one_still_picture_a_bending_camera_s_targets_are_followed_in_movement(
    role: Role, d_px: float
) -> None:
    """In pictures 1280 px wide: only what is seen squarely teaches how grey is bent."""
    shape = (160, 1280)
    target = Target(640.3, 79.6, d_px, INNER_RATIO[role])
    for seed, degrees in enumerate((0.0, 40.0, 90.0, 130.0)):
        detector = RingDetector((role,))
        assert len(look(detector, scene([target], shape, 2.0, seed, gamma=2.2))) == 1
        moving = replace(target, blur_px=0.2 * d_px, blur_deg=degrees)
        rows = look(detector, scene([moving], shape, 2.0, seed, gamma=2.2), role, moving)
        assert rows["role"].tolist() == [role]
        assert error_of(rows[0], moving)[0] < 0.15


KNEE_SEEN = {
    "plain": {}, "tilted": {"tilt_deg": 25.0}, "moving": {"blur_px": 8.0, "blur_deg": 20.0},
    "fast": {"blur_px": 14.0, "blur_deg": 70.0}, "dull": {"white": 110.0, "black": 60.0},
}  # fmt: skip


@pytest.mark.parametrize("seen", KNEE_SEEN)
@pytest.mark.parametrize("d_px", [20.0, 32.0, 46.0])
def test_a_knee_is_not_the_bar_searched_or_where_the_bar_was_predicted(
    seen: str, d_px: float
) -> None:
    for seed in range(6):
        target = Target(80.3, 79.6, d_px, INNER_RATIO[Role.KNEE], **KNEE_SEEN[seen])
        img = scene([target], SHEET, 3.0, seed)
        assert Role.BAR not in look(RingDetector(), img, Role.BAR, target)["role"]
        assert Role.BAR not in detect_image(img)["role"]


@pytest.mark.parametrize("other", [Role.KNEE, Role.ANKLE, Role.HIP, Role.CREST])
def test_a_body_target_behind_a_leg_where_the_bar_was_predicted_is_not_the_bar(
    other: Role,
) -> None:
    for turn in TURNS:
        target = Target(80.3, 79.6, 36.0, INNER_RATIO[other])
        leg = limb(target, 0.12, turn, 90.0)
        img = scene([target], SHEET, 2.0, turn, over=leg)
        assert Role.BAR not in look(RingDetector(), img, Role.BAR, target)["role"]


def plate(seed: int, d_px: float, draw: Callable[[Image], None]) -> np.ndarray:
    """Return a picture of a dark plate with something drawn on it."""
    rng = np.random.default_rng(seed)
    picture = texture((200, 200), rng, 110.0, 8.0)
    disc(picture, 100.3, 99.6, 2.0 * d_px, 40.0)
    draw(picture)
    return develop(picture, rng, 2.0)


@pytest.mark.parametrize("d_px", [16.0, 22.0, 30.0, 44.0])
@pytest.mark.parametrize("paper", [1.15, 1.3])
def test_a_ring_with_too_little_paper_on_a_dark_plate_is_no_bar(d_px: float, paper: float) -> None:
    for seed in range(6):
        img = plate(seed, d_px, lambda p: bullseye(p, 100.3, 99.6, d_px, BAR, paper))
        assert Role.BAR not in detect_image(img)["role"]


@pytest.mark.parametrize("d_px", [16.0, 22.0, 30.0, 44.0])
@pytest.mark.parametrize("stroke", [0.1, 0.15, 0.2])
def test_a_letter_o_is_no_bar(d_px: float, stroke: float) -> None:
    """Neither printed on white paper nor painted in white on a dark plate."""

    def dark(picture: Image) -> None:
        disc(picture, 100.3, 99.6, 1.2 * d_px, 210.0)
        disc(picture, 100.3, 99.6, 0.5 * d_px, 30.0)
        disc(picture, 100.3, 99.6, (0.5 - stroke) * d_px, 210.0)

    def bright(picture: Image) -> None:
        disc(picture, 100.3, 99.6, 0.5 * d_px, 210.0)
        disc(picture, 100.3, 99.6, (0.5 - stroke) * d_px, 40.0)

    for draw in (dark, bright):
        for seed in range(4):
            assert Role.BAR not in detect_image(plate(seed, d_px, draw))["role"]


ENDS = [Target(60.3, 70.2, 34.0), Target(200.6, 90.4, 30.0)]


def test_two_bar_markers_give_two_rows() -> None:
    rows = look(RingDetector(), scene(ENDS, (160, 260), 3.0))
    assert rows["role"].tolist() == [Role.BAR, Role.BAR]
    assert sorted(rows["x_px"]) == pytest.approx([60.3, 200.6], abs=0.05)


def test_two_predicted_bar_markers_give_two_rows() -> None:
    windows = [(Role.BAR, end.x_px + 1.5, end.y_px - 1.0, 0.5 * end.d_px, 8.0) for end in ENDS]
    out = np.zeros(8, DETECTION)
    img = scene(ENDS, (160, 260), 3.0)
    count = RingDetector((Role.BAR,)).detect(img, 0, np.array(windows, WINDOW), out)
    assert sorted(out["x_px"][:count]) == pytest.approx([60.3, 200.6], abs=0.05)


@pytest.mark.parametrize("light", [300.0, 450.0, 900.0])
@pytest.mark.parametrize("d_px", [16.0, 24.0, 40.0])
def test_a_target_before_a_window_full_of_light_is_found(d_px: float, light: float) -> None:
    """What is brighter than white is cut off at 255, and blur makes the paper look smaller."""
    target = Target(80.3, 79.6, d_px)
    rng = np.random.default_rng(3)
    picture = np.full(SHEET, light)
    paste(picture, target)
    rows = detect_image(develop(picture, rng, 2.0))
    assert rows["role"].tolist() == [Role.BAR]
    assert error_of(rows[0], target)[0] < 0.05
