"""How exactly, how surely and how rightly targets are found, condition by condition."""

import numpy as np
import pytest
from numba import config
from ring_scene import Target, clutter, scene

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline.vision.ring import PRINTED, detect_image

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")

FRAMES = 3
TABLE = [
    # D px, noise, blur / D, tilt deg, largest RMS error per axis in px
    (20, 2, 0.00, 0, 0.012),
    (20, 5, 0.00, 20, 0.027),
    (20, 10, 0.00, 0, 0.030),
    (20, 5, 0.25, 20, 0.040),
    (20, 10, 0.25, 20, 0.045),
    (28, 2, 0.25, 20, 0.016),
    (28, 10, 0.25, 0, 0.030),
    (40, 2, 0.00, 0, 0.005),
    (40, 5, 0.00, 0, 0.010),
    (40, 10, 0.00, 0, 0.020),
    (40, 2, 0.25, 20, 0.016),
    (40, 10, 0.00, 20, 0.040),
    (40, 5, 0.25, 20, 0.035),
    (80, 2, 0.00, 0, 0.005),
    (80, 10, 0.00, 0, 0.015),
    (80, 2, 0.00, 20, 0.008),
    (80, 10, 0.25, 0, 0.025),
    # Two edges that perspective moves apart, each smeared and noisy: short of the 0.05 px
    # that all other conditions keep.
    (80, 5, 0.25, 20, 0.070),
    (40, 10, 0.25, 20, 0.065),
    (80, 10, 0.25, 20, 0.120),
]
SHOWN = (Role.BAR, Role.KNEE, Role.ANKLE)


def random_targets(
    rng: np.random.Generator, d_px: float, blur: float, tilt_deg: float
) -> dict[Role, Target]:
    """Place targets of the bar and its two nearest neighbours in ratio, apart from one another."""
    slots = ((0.22, 0.30), (0.74, 0.30), (0.50, 0.70))
    return {
        role: Target(
            8.5 * d_px * slot[0] + rng.uniform(-3.0, 3.0),
            6.5 * d_px * slot[1] + rng.uniform(-3.0, 3.0),
            d_px * rng.uniform(1.0, 1.1),
            INNER_RATIO[role],
            tilt_deg=tilt_deg,
            axis_deg=rng.uniform(0.0, 180.0),
            blur_px=blur * d_px,
            blur_deg=rng.uniform(0.0, 180.0),
        )
        for role, slot in zip(SHOWN, slots, strict=True)
    }


@pytest.mark.parametrize("role", PRINTED)
@pytest.mark.parametrize("d_px", [24.0, 40.0, 100.0])
def test_every_role_s_target_is_known_by_its_name(role: Role, d_px: float) -> None:
    x = 1.1 * d_px + 20.3
    side = round(2.2 * d_px) + 41
    rows = detect_image(scene([Target(x, x, d_px, INNER_RATIO[role])], (side, side), 3.0))
    assert rows["role"].tolist() == [role]
    assert np.hypot(rows["x_px"][0] - x, rows["y_px"][0] - x) < 0.03


@pytest.mark.parametrize(("d_px", "noise", "blur", "tilt_deg", "limit_px"), TABLE)
def test_every_target_is_found_by_its_name_and_to_a_fraction_of_a_pixel(
    d_px: int, noise: float, blur: float, tilt_deg: float, limit_px: float
) -> None:
    errors = []
    for seed in range(FRAMES):
        rng = np.random.default_rng([d_px, seed])
        truth = random_targets(rng, d_px, blur, tilt_deg)
        shape = (max(480, int(6.5 * d_px)), max(640, int(8.5 * d_px)))
        rows = detect_image(scene(list(truth.values()), shape, noise, seed))
        assert [Role(role) for role in rows["role"]] == list(SHOWN)
        for row, target in zip(rows, truth.values(), strict=True):
            errors.append((row["x_px"] - target.x_px, row["y_px"] - target.y_px))
    assert np.abs(errors).max() < 5.0 * limit_px
    assert np.sqrt(np.mean(np.square(errors))) <= limit_px


@pytest.mark.parametrize(("d_px", "tilt_deg"), [(24, 0), (40, 0), (40, 20), (80, 20), (180, 0)])
def test_radius_is_the_disc_s_own_and_the_axis_ratio_the_cosine_of_the_tilt(
    d_px: int, tilt_deg: float
) -> None:
    side = 2 * d_px + 20
    target = Target(0.5 * side, 0.5 * side, d_px, tilt_deg=tilt_deg, axis_deg=35.0)
    row = detect_image(scene([target], (side, side), 2.0))[0]
    assert row["r_px"] == pytest.approx(0.5 * d_px, rel=0.005)
    assert row["axis_ratio"] == pytest.approx(np.cos(np.deg2rad(tilt_deg)), abs=0.01)


@pytest.mark.parametrize("levels", [(250.0, 5.0), (120.0, 60.0), (60.0, 25.0)])
def test_contrast_and_black_on_white_of_any_exposure(levels: tuple[float, float]) -> None:
    white, black = levels
    target = Target(60.3, 58.8, 36.0, white=white, black=black)
    row = detect_image(scene([target], (120, 120), 2.0, swing=4.0))[0]
    assert row["contrast"] == pytest.approx(white - black, rel=0.05)
    assert np.hypot(row["x_px"] - 60.3, row["y_px"] - 58.8) < 0.04


def test_the_covariance_is_of_the_size_of_the_errors() -> None:
    """Mean squared error in units of its covariance: 1 if exact; below is on the safe side."""
    distances = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, y = 50.0 + rng.uniform(-1.0, 1.0, 2)
        row = detect_image(scene([Target(x, y, 32.0)], (100, 100), 6.0, seed))[0]
        error = np.array([row["x_px"] - x, row["y_px"] - y])
        spread = [[row["var_x_px2"], row["cov_xy_px2"]], [row["cov_xy_px2"], row["var_y_px2"]]]
        distances.append(0.5 * error @ np.linalg.solve(spread, error))
    assert 0.3 < np.mean(distances) < 1.6


@pytest.mark.deep
def test_clutter_holds_no_target() -> None:
    found = []
    for seed in range(30):
        rng = np.random.default_rng([7, seed])
        found += detect_image(clutter((360, 480), rng, rng.uniform(0.0, 10.0))).tolist()
    assert found == []


def test_a_target_in_clutter_is_found_all_the_same() -> None:
    for seed in range(4):
        target = Target(100.0 + seed, 90.0, 40.0)
        rng = np.random.default_rng([9, seed])
        picture = clutter((360, 480), rng, 4.0)
        window = np.s_[40:140, 50:150]
        picture[window] = scene([target], (140, 150), 4.0, seed)[window]
        rows = detect_image(picture)
        assert rows["role"].tolist() == [Role.BAR]
        assert rows["x_px"][0] == pytest.approx(target.x_px, abs=0.05)


@pytest.mark.parametrize("ratio", [0.08, 0.70, 0.80])
def test_a_ratio_beyond_the_classes_is_nobody_s(ratio: float) -> None:
    assert len(detect_image(scene([Target(60.0, 60.0, 44.0, ratio)], (120, 120), 3.0))) == 0


@pytest.mark.parametrize(
    "target",
    [
        Target(60.0, 60.0, 40.0, paper=1.15),
        Target(60.0, 60.0, 40.0, ratio=0.55, core=115.0),
        Target(60.0, 60.0, 40.0, white=140.0, core=250.0, ratio=0.41),
        Target(60.0, 60.0, 40.0, white=30.0, black=200.0),
    ],
    ids=["hub without paper", "grey disc of the same weight", "lamp in a ring", "negative"],
)  # fmt: skip
def test_what_resembles_a_bar_target_is_none(target: Target) -> None:
    assert len(detect_image(scene([target], (120, 120), 3.0, swing=3.0))) == 0


def test_two_bars_are_both_reported_the_better_one_first() -> None:
    strong = Target(60.0, 60.0, 40.0)
    weak = Target(180.0, 60.0, 40.0, white=150.0, black=60.0)
    for pair in ([strong, weak], [weak, strong]):
        rows = detect_image(scene(pair, (120, 240), 3.0))
        assert rows["x_px"].tolist() == pytest.approx([60.0, 180.0], abs=0.05)


def test_of_two_targets_of_a_body_role_the_better_one_is_kept() -> None:
    strong = Target(60.0, 60.0, 40.0, 0.24)
    weak = Target(180.0, 60.0, 40.0, 0.24, white=150.0, black=60.0)
    for pair in ([strong, weak], [weak, strong]):
        rows = detect_image(scene(pair, (120, 240), 3.0))
        assert rows["x_px"].tolist() == pytest.approx([60.0], abs=0.05)
