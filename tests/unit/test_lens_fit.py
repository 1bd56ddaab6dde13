"""The fit recovers a known lens, says how well, and refuses what it cannot know."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from lens_material import NARROW, WIDE, longer, pictures, pose_of, view, views

from shinline_cal.lens import accept, fit, model, spread
from shinline_cal.lens.accept import Calibration, calibrate
from shinline_cal.lens.collect import Collector, Taken
from shinline_cal.lens.find import Trouble
from shinline_cal.lens.fit import LensRefused, corners_of
from shinline_cal.lens.scenes import Camera, random_camera, random_pose

RICHEST = accept.RICHEST


def error_px(camera: Camera, result: Calibration) -> float:
    points = model.grid(*camera.size_px)
    away = model.displacement_px(camera.theta, result.fit.solution.theta, points)
    return float(np.hypot(*away.T).max())


def collected(camera: Camera, seed: int, bad_share: float = 0.0, bow_m: float = 0.0) -> Collector:
    collector = Collector()
    for n, luma in enumerate(pictures(camera, 18, seed, bad_share, bow_m)):
        collector.offer(Taken(f"p{n}", luma))
    return collector


@pytest.mark.parametrize("camera", [NARROW, WIDE], ids=["narrow", "wide"])
def test_a_lens_is_recovered_from_pictures_of_which_some_are_spoiled(camera: Camera) -> None:
    collector = collected(camera, seed=3, bad_share=0.15)
    assert collector.troubles()[Trouble.BLURRED] >= 1
    result = calibrate(collector.chosen(40), collector.size)
    theta = result.fit.solution.theta
    assert theta[:2] == pytest.approx(camera.theta[:2], rel=0.001)
    assert theta[2:4] == pytest.approx(camera.theta[2:4], abs=1.0)
    assert result.held_out_px < 0.1
    assert error_px(camera, result) < 0.3


@pytest.mark.deep
def test_a_sheet_that_bulges_is_made_good_and_told() -> None:
    collector = collected(NARROW, seed=4, bow_m=0.001)
    result = calibrate(collector.chosen(40), collector.size)
    assert result.fit.solution.theta[:2] == pytest.approx(NARROW.theta[:2], rel=0.001)
    assert any("not flat: it bulges by" in remark for remark in result.remarks)


def test_a_flat_one_is_not_called_bulging() -> None:
    for seed in range(2):
        result = calibrate(views(NARROW, 18, seed), NARROW.size_px)
        assert not any("not flat" in remark for remark in result.remarks)


def test_a_chart_bent_too_far_is_refused() -> None:
    with pytest.raises(LensRefused, match=r"not flat.*glue it to a board"):
        calibrate(views(NARROW, 18, 1, bow_m=0.008), NARROW.size_px)


def test_a_print_of_another_size_changes_nothing_of_the_lens() -> None:
    """The chart's size sets how far away it seems, and nothing else."""
    one = views(NARROW, 14, 2)
    corners = [corners_of(each) for each in one]
    smaller = [replace(each, board_m=0.97 * each.board_m) for each in corners]
    right, small = (fit.solve(each, NARROW.size_px, RICHEST) for each in (corners, smaller))
    assert small.theta == pytest.approx(right.theta, rel=1e-4, abs=1e-5)
    assert small.poses[:, 5] == pytest.approx(0.97 * right.poses[:, 5], rel=1e-3)


def test_the_noise_covariance_is_that_of_opencv() -> None:
    corners = [corners_of(each) for each in views(NARROW, 12, 5)]
    solution = fit.solve(corners, NARROW.size_px, RICHEST)
    boards = [each.board_m.astype(np.float32) for each in corners]
    pixels = [each.px.astype(np.float32) for each in corners]
    theirs = cv2.calibrateCameraExtended(boards, pixels, NARROW.size_px, np.eye(3), np.zeros(5))[5]
    ours = np.sqrt(np.diag(spread.noise_covariance(corners, solution, range(9))))
    assert ours == pytest.approx(theirs.ravel()[:9], rel=0.02)


def test_the_stated_uncertainty_covers_the_true_error() -> None:
    """Of 14 random cameras: within 2 sd nearly always, and no sd so large that it says nothing."""
    ratios = []
    for seed in range(14):
        rng = np.random.default_rng([11, seed])
        camera = random_camera(rng)
        seen = [view(camera, random_pose(camera, rng), f"v{n}", rng) for n in range(14)]
        result = calibrate(seen, camera.size_px)
        off = result.fit.solution.theta - camera.theta
        known = result.spread
        ratios.append([
            abs(off[:2].mean()) / camera.theta[0] / known.focal_rel_sd,
            np.abs(off[2:4]).max() / known.centre_sd_px,
            error_px(camera, result) / known.worst_px,
        ])  # fmt: skip
    z = np.array(ratios)
    assert (z < 2.0).mean() > 0.88
    assert (z < 4.0).all()
    assert np.median(z) > 0.25


def test_fewer_coefficients_are_used_when_the_views_carry_no_more() -> None:
    """A long lens without distortion: what is fitted beyond k1 must not harm unseen views."""
    rng = np.random.default_rng(0)
    theta = np.array([2600.0, 2600.0, 479.5, 269.5, 0.0, 0.0, 0.0, 0.0, 0.0])
    camera = Camera(theta, (960, 540))
    corners = [
        corners_of(view(camera, random_pose(camera, rng), f"v{n}", rng, noise_px=0.05))
        for n in range(9)
    ]
    chosen, trials = fit.choose(corners, camera.size_px)
    assert set(trials) == set(fit.MODELS)
    assert trials[chosen].rms_px <= 1.01 * min(trial.rms_px for trial in trials.values())
    held = [n for n in range(9) if n not in fit.free("k1")]
    assert (fit.solve(corners, camera.size_px, "k1").theta[held] == 0.0).all()


def test_a_view_that_does_not_agree_is_left_out_and_named() -> None:
    seen = views(NARROW, 16, 6)
    skewed = seen[5].px + np.stack([0.01 * seen[5].px[:, 1], 0.0 * seen[5].px[:, 0]], axis=1)
    seen[5] = type(seen[5])(
        "odd", seen[5].ids, tuple(skewed[:, 0]), tuple(skewed[:, 1]), 0.5, seen[5].outline_px
    )
    result = calibrate(seen, NARROW.size_px)
    assert set(result.fit.left_out) == {"odd"}
    assert any(remark.startswith("odd left out: its residual is") for remark in result.remarks)
    assert result.fit.solution.theta[0] == pytest.approx(NARROW.theta[0], rel=0.001)


def test_views_that_do_not_agree_at_all_are_refused() -> None:
    rng = np.random.default_rng(1)
    seen = [view(NARROW, random_pose(NARROW, rng), f"v{n}", rng, noise_px=3.0) for n in range(16)]
    with pytest.raises(
        LensRefused, match=r"views that the fit did not see are missed by .*does it hold still"
    ):
        calibrate(seen, NARROW.size_px)


@pytest.mark.parametrize("share", [0.01, -0.02])
def test_a_focus_that_moved_in_the_middle_is_told(share: float) -> None:
    rng = np.random.default_rng(7)
    both = (NARROW, longer(NARROW, share))
    seen = [view(both[n >= 9], random_pose(NARROW, rng), f"v{n}", rng) for n in range(18)]
    word = "longer" if share > 0 else "shorter"
    with pytest.raises(LensRefused, match=rf"from about v(8|9|10) on .* {word} than before"):
        calibrate(seen, NARROW.size_px)


def test_a_focus_that_hunts_is_told() -> None:
    rng = np.random.default_rng(8)
    seen = [
        view(longer(NARROW, rng.normal(0.0, 0.02)), random_pose(NARROW, rng), f"v{n}", rng)
        for n in range(18)
    ]
    with pytest.raises(LensRefused, match=r"differs by .* from view to view"):
        calibrate(seen, NARROW.size_px)


def test_too_few_views_are_refused() -> None:
    with pytest.raises(LensRefused, match=r"5 usable views .* 8 are the least"):
        calibrate(views(NARROW, 5, 1), NARROW.size_px)


def test_views_of_one_part_of_the_picture_are_refused_with_what_to_do() -> None:
    rng = np.random.default_rng(9)
    seen = [
        view(NARROW, pose_of(0.8, tuple(rng.uniform(-0.5, 0.5, 3)), (0.2, 0.1)), f"v{n}", rng)
        for n in range(12)
    ]
    with pytest.raises(LensRefused, match=r"of the picture only.*move the chart to the"):
        calibrate(seen, NARROW.size_px)


def test_a_chart_that_always_faces_the_camera_is_refused() -> None:
    """Without tilt a longer lens is the same as a chart nearer by."""
    rng = np.random.default_rng(10)
    aims = [(x, y) for x in (-0.35, 0.0, 0.35) for y in (-0.2, 0.0, 0.2)]
    seen = [
        view(NARROW, pose_of(0.4, (0.0, 0.0, rng.uniform(-0.2, 0.2)), aim), f"v{n}", rng)
        for n, aim in enumerate(aims * 2)
    ]
    with pytest.raises(LensRefused, match="leaves the focal length open: tilt it"):
        calibrate(seen, NARROW.size_px)


def test_a_stretched_picture_is_refused() -> None:
    theta = NARROW.theta.copy()
    theta[1] *= 1.03
    with pytest.raises(LensRefused, match="pixels are square: was the picture stretched"):
        calibrate(views(Camera(theta, NARROW.size_px), 16, 3), NARROW.size_px)


def test_a_picture_cut_to_one_side_is_refused() -> None:
    theta = NARROW.theta.copy()
    theta[2] -= 140.0
    with pytest.raises(LensRefused, match="was the picture cut to one side"):
        calibrate(views(Camera(theta, NARROW.size_px), 16, 3), NARROW.size_px)


def test_a_lens_that_turns_over_is_known_from_one_that_does_not() -> None:
    assert model.one_to_one(WIDE.theta, *WIDE.size_px)
    folded = NARROW.theta.copy()
    folded[4:6] = (-0.9, 0.0)
    assert not model.one_to_one(folded, *NARROW.size_px)


def test_points_without_a_ray_are_nan_and_not_something() -> None:
    folded = NARROW.theta.copy()
    folded[4:6] = (-2.0, 0.0)
    assert np.isnan(model.unproject(folded, np.array([[0.0, 0.0]]))).all()


def test_many_points_are_mapped_as_one_is() -> None:
    lens = model.lens_of(WIDE.theta)
    pixels = model.grid(*WIDE.size_px)[::7]
    rays = model.unproject(WIDE.theta, pixels)
    assert rays == pytest.approx(np.array([lens.ray_from_image(*each) for each in pixels]))
    assert model.project(WIDE.theta, rays) == pytest.approx(pixels)


def test_a_camera_that_only_turned_draws_as_before() -> None:
    """A shift of the optical centre is, nearly, a turn: little of it counts as an error."""
    shifted = NARROW.theta.copy()
    shifted[2] += 4.0
    away = model.displacement_px(NARROW.theta, shifted, model.grid(*NARROW.size_px))
    assert 0.0 < np.hypot(*away.T).max() < 1.5
