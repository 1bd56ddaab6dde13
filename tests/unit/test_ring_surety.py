"""How sure the centre of a tilted target is: searched once, followed, and predicted badly."""

from dataclasses import replace

import numpy as np
import pytest
from numba import config
from ring_scene import Target, scene

from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, WINDOW, Role, Rows
from shinline.vision import ring_kernels as k
from shinline.vision.ring import RingDetector, detect_image

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")

SHAPE = (240, 320)
NONE = np.zeros(0, WINDOW)


def window(x: float, y: float, r: float, reach: float) -> Rows:
    """Return one prediction of the bar."""
    rows = np.zeros(1, WINDOW)
    rows[["role", "x_px", "y_px", "r_px", "reach_px"]] = (Role.BAR, x, y, r, reach)
    return rows


def tilted(rng: np.random.Generator, d_px: float, tilt_deg: float, blur: float = 0.0) -> Target:
    """Return a target near the middle of the picture, leaning in any direction."""
    return Target(
        160.0 + rng.uniform(-20.0, 20.0), 120.0 + rng.uniform(-15.0, 15.0), d_px,
        tilt_deg=tilt_deg, axis_deg=rng.uniform(0.0, 180.0),
        blur_px=blur * d_px, blur_deg=rng.uniform(0.0, 180.0),
    )  # fmt: skip


def in_sds(row: np.void, target: Target) -> np.ndarray:
    """Return the error of both coordinates in standard deviations."""
    off = np.array([row["x_px"] - target.x_px, row["y_px"] - target.y_px])
    return off / np.sqrt([row["var_x_px2"], row["var_y_px2"]])


@pytest.mark.parametrize(
    ("d_px", "noise", "tilts_deg", "blur"),
    [(40.0, 3.0, (0, 30), 0.0), (60.0, 6.0, (0, 12), 0.0), (36.0, 4.0, (10, 30), 0.2)],
)
def test_two_thirds_of_the_errors_lie_within_one_standard_deviation(
    d_px: float, noise: float, tilts_deg: tuple[float, float], blur: float
) -> None:
    """Whatever the tilt, also one too small to be seen on the outline."""
    errors = []
    for seed in range(60):
        rng = np.random.default_rng([int(d_px), seed])
        target = tilted(rng, d_px, rng.uniform(*tilts_deg), blur)
        errors.append(in_sds(detect_image(scene([target], SHAPE, noise, seed))[0], target))
    inside = np.abs(errors)
    assert 0.55 <= np.mean(inside < 1.0) <= 0.85
    assert np.mean(inside < 2.0) >= 0.85  # tilts that hardly show leave tails
    assert inside.max() < 6.0


@pytest.mark.deep
def test_what_is_learnt_of_the_tilt_while_following_leaves_the_centre_where_it_is() -> None:
    """The mean error of a lift's frames is what noise leaves of it, not a share of the shift."""
    means = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        target = tilted(rng, 40.0, 30.0)
        detector, out, windows = RingDetector(), np.zeros(8, DETECTION), NONE
        errors = []
        for frame in range(16):
            picture = scene([target], SHAPE, 2.0, 100 * seed + frame)
            assert detector.detect(picture, frame, windows, out) == 1
            windows = window(target.x_px, target.y_px, float(out["r_px"][0]), 6.0)
            errors.append((out["x_px"][0] - target.x_px, out["y_px"][0] - target.y_px))
        means.append(np.mean(errors[4:], axis=0))
        assert np.abs(means[-1]).max() < 0.012
    assert np.sqrt(np.mean(np.square(means))) < 0.005


@pytest.mark.parametrize("off", [0.0, 0.25, 0.5, 0.6])
def test_a_target_predicted_beside_its_place_is_measured_whole(off: float) -> None:
    """Not as one that is hidden in part: that knows nothing of perspective."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        target = tilted(rng, 40.0, 25.0)
        way = rng.uniform(0.0, 2.0 * np.pi)
        place = target.x_px + 20.0 * off * np.cos(way), target.y_px + 20.0 * off * np.sin(way)
        out = np.zeros(8, DETECTION)
        detector = RingDetector()
        picture = scene([target], SHAPE, 2.0, seed)
        assert detector.detect(picture, 0, window(*place, 20.0, 20.0), out) == 1
        assert detector.work().claims[0, k.HIDDEN] == 0.0
        assert np.abs(in_sds(out[0], target)).max() < 4.0
        assert np.hypot(out["x_px"][0] - target.x_px, out["y_px"][0] - target.y_px) < 0.03


def test_the_tilt_that_does_not_show_is_of_the_size_of_the_edge_s_scatter() -> None:
    for d_px, noise in ((30.0, 4.0), (60.0, 8.0)):
        unseen, seen = [], []
        for seed in range(30):
            target = tilted(np.random.default_rng(seed), d_px, 0.0)
            picture = scene([target], SHAPE, noise, seed)
            detector = RingDetector()
            detector.detect(picture, 0, NONE, np.zeros(8, DETECTION))
            w = detector.work()
            w.guess[:] = target.x_px, target.y_px, 0.5 * d_px, 200.0, 30.0
            assert k.locate(picture.ravel(), *SHAPE, w.guess, 0, k.TRIES, w.rays, w.shape)
            curve = w.rays[k.CURVE]
            harmonic = abs(np.mean(curve * np.exp(2j * np.arange(k.RAYS) * 2 * np.pi / k.RAYS)))
            seen.append(2.0 * harmonic / curve.mean())
            contrast = w.guess[3] - w.guess[4]
            unseen.append(k.unseen_tilt(w.shape, 2.0 * noise**2, contrast, 1.0))
        assert 0.5 < np.sqrt(np.mean(np.square(seen))) / np.mean(unseen) < 2.0


@pytest.mark.parametrize("role", [Role.SHOULDER, Role.CREST, Role.HIP])
def test_a_small_white_disc_that_moves_is_found_at_once(role: Role) -> None:
    """Its blurred middle is darker than paper: the first fit of the edge takes it for white."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        target = replace(tilted(rng, 44.0, 15.0, 0.2), ratio=INNER_RATIO[role])
        rows = detect_image(scene([target], SHAPE, 3.0, seed))
        assert rows["role"].tolist() == [role]
