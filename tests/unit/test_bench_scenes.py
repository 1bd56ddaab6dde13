"""The benchmark's pictures show what their truth says."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numba import config
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from shinline.app.bench.backdrop import Bullseye, draw_backdrop, is_legal
from shinline.app.bench.bound import centre_bound, sharp_edge_bound
from shinline.app.bench.carrier import chord
from shinline.app.bench.peers import PEERS, judge
from shinline.app.bench.pose import Pose, focal_px
from shinline.app.bench.scenes import (
    BY_NAME,
    CONDITIONS,
    HARD,
    TAGS,
    Condition,
    develop,
    patch_truth,
    render,
    render_empty,
    render_sequence,
)
from shinline.geometry.target import INNER_RATIO, PAPER_RATIO
from shinline.types import Role

compiled = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")

BASE = Condition("base")
PLATE = 40.0


def weights(pose: Pose, side: int) -> tuple[NDArray[np.float64], float, float]:
    """Return the picture without its plate, and its centre of mass."""
    drawn = patch_truth(BASE, pose, side).astype(np.float64) - PLATE
    rows, columns = np.indices(drawn.shape)
    total = drawn.sum()
    return drawn, float((columns * drawn).sum() / total), float((rows * drawn).sum() / total)


@compiled
@pytest.mark.parametrize("d_px", [12.0, 40.0, 80.0])
@pytest.mark.parametrize("blur_px", [0.0, 10.0])
def test_an_untilted_marker_balances_at_its_centre_however_it_moves(
    d_px: float, blur_px: float
) -> None:
    rng = np.random.default_rng(int(d_px + blur_px))
    side = int(2.2 * d_px + blur_px + 30) | 1
    for _ in range(4):
        x, y = side / 2 + rng.uniform(-1.0, 1.0, 2)
        pose = Pose(x, y, d_px, blur_px=blur_px, blur_deg=rng.uniform(0.0, 360.0))
        _, mean_x, mean_y = weights(pose, side)
        assert mean_x == pytest.approx(x, abs=1e-3)
        assert mean_y == pytest.approx(y, abs=1e-3)


@compiled
def test_motion_spreads_a_marker_along_its_way_only() -> None:
    side = 121
    still, moving = (Pose(60.0, 60.0, 40.0, blur_px=blur, blur_deg=30.0) for blur in (0.0, 12.0))
    along, across = [], []
    rows, columns = np.indices((side, side)) - 60.0
    turn = math.radians(30.0)
    for pose in (still, moving):
        drawn, _, _ = weights(pose, side)
        u = columns * math.cos(turn) + rows * math.sin(turn)
        v = rows * math.cos(turn) - columns * math.sin(turn)
        along.append((u**2 * drawn).sum() / drawn.sum())
        across.append((v**2 * drawn).sum() / drawn.sum())
    assert along[1] - along[0] == pytest.approx(12.0**2 / 12.0, rel=1e-2)
    assert across[1] == pytest.approx(across[0], abs=0.02)


def by_rays(pose: Pose, side: int, over: int = 12) -> NDArray[np.float64]:
    """Draw the bar's target ray by ray: the camera turned into the target's frame."""
    focal = focal_px(BASE.width)
    fine = (np.arange(side * over) + 0.5) / over - 0.5 - 0.5 * (side - 1)
    rays = np.stack([*np.meshgrid(fine, fine), np.full((side * over,) * 2, focal)], axis=-1)
    axis, tilt = math.radians(pose.axis_deg), math.radians(pose.tilt_deg)
    vector = tilt * np.array([math.cos(axis), math.sin(axis), 0.0])
    turn = cv2.Rodrigues(vector)[0]
    centre = np.array([pose.x_px, pose.y_px, 0.0]) - 0.5 * (side - 1)
    centre[2] = focal
    there, away = rays @ turn, centre @ turn  # the target's plane is z = away[2] in its own frame
    hit = there * (away[2] / there[..., 2])[..., None] - away
    r = np.hypot(hit[..., 0], hit[..., 1]) / (0.5 * pose.d_px)
    grey = np.where(r < INNER_RATIO[Role.BAR], BASE.white, BASE.black)
    grey = np.where(r >= 1.0, np.where(r < PAPER_RATIO, BASE.white, PLATE), grey)
    grey = gaussian_filter(grey, 0.7 * over)
    return np.asarray(grey.reshape(side, over, side, over).mean(axis=(1, 3)))


@pytest.mark.parametrize(("d_px", "tilt_deg"), [(12.0, 0.0), (12.0, 40.0), (20.0, 30.0)])
def test_a_tilted_marker_is_what_rays_through_a_pinhole_see(d_px: float, tilt_deg: float) -> None:
    side = 51
    pose = Pose(25.3, 24.6, d_px, tilt_deg, axis_deg=35.0)
    off = np.abs(patch_truth(BASE, pose, side) - by_rays(pose, side))
    assert off.max() < 2.0  # rays at 144 places of a pixel have steps of their own at edges
    assert off.mean() < 0.1


def test_the_bound_agrees_with_the_closed_form_of_sharp_edges() -> None:
    pose = Pose(0.2, 0.4, 24.0)
    numeric = math.sqrt(float(np.mean(np.diag(centre_bound(BASE, pose)))))
    noise = math.hypot(BASE.noise, math.sqrt(1.0 / 12.0))
    radii = np.array([0.5, 0.5 * INNER_RATIO[Role.BAR]]) * pose.d_px
    edge = math.sqrt(0.7**2 + 1.0 / 12.0)
    closed = sharp_edge_bound(BASE.white - BASE.black, noise, radii, edge)
    assert numeric == pytest.approx(closed, rel=0.3)


@compiled
def test_noise_blur_and_small_size_raise_the_bound() -> None:
    pose = Pose(0.0, 0.0, 40.0)
    least = [
        centre_bound(BASE, pose)[0, 0],
        centre_bound(replace(BASE, noise=5.0), pose)[0, 0],
        centre_bound(BASE, replace(pose, d_px=20.0))[0, 0],
        centre_bound(BASE, replace(pose, blur_px=10.0))[0, 0],
    ]
    assert least[0] < min(least[1:])


def test_half_of_the_noise_s_variance_grows_with_the_light() -> None:
    def variance(level: float) -> float:
        seen = develop(np.full((200, 200), level, np.float32), 8.0, 5)
        return float(np.var(seen)) - 1.0 / 12.0

    assert variance(128.0) == pytest.approx(64.0, rel=0.05)
    assert variance(192.0) / variance(64.0) == pytest.approx(2.5 / 1.5, rel=0.05)
    assert float(np.mean(develop(np.full((200, 200), 100.3, np.float32), 8.0, 6))) == pytest.approx(
        100.3, abs=0.2
    )


@compiled
def test_equal_seeds_give_equal_scenes_and_all_targets_the_same_pose() -> None:
    condition = replace(BASE, width=320, height=240, tilt_deg=20.0)
    first, again = render(condition, 3), render(condition, 3)
    assert np.array_equal(first.luma, again.luma)
    assert not np.array_equal(first.luma, render(condition, 4).luma)
    for target in TAGS:
        assert render(replace(condition, target=target), 3).poses == first.poses


@compiled
def test_every_condition_shows_its_markers_whole_and_in_the_frame() -> None:
    for condition in (*CONDITIONS, *HARD):
        small = condition.small()
        scene = render(small, 0)
        assert scene.luma.shape == (480, 640)
        assert list(scene.truth["role"]) == [Role.BAR]
        assert len(scene.mirrored) == (1 if condition.mirror else 0)
        margin = 0.5 * PAPER_RATIO * condition.d_px if condition.outside is None else 0.0
        assert margin <= scene.truth["x_px"][0] <= 639 - margin


@compiled
def test_all_roles_have_markers_that_do_not_touch() -> None:
    roles = tuple(INNER_RATIO)
    scene = render(replace(BY_NAME["d20"].small(), roles=roles), 1)
    assert tuple(scene.truth["role"]) == roles
    places = np.stack([scene.truth["x_px"], scene.truth["y_px"]], axis=1)
    gaps = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    assert gaps[~np.eye(len(roles), dtype=bool)].min() > PAPER_RATIO * 20.0


@compiled
def test_a_lift_moves_as_far_as_asked_and_blurs_as_it_moves() -> None:
    condition = replace(BASE, width=320, height=400, d_px=24.0)
    lift = list(render_sequence(condition, 0, 54, stroke_px=60.0))
    y = np.array([scene.truth["y_px"][0] for scene in lift])
    assert np.ptp(y) == pytest.approx(120.0, abs=1.0)
    speed = np.abs(np.gradient(y))[1:-1]
    blur = np.array([scene.poses[0].blur_px for scene in lift])[1:-1]
    assert np.abs(blur - 0.125 * speed).max() < 0.05


@compiled
def test_what_covers_a_marker_covers_the_share_of_its_disc_that_was_asked() -> None:
    for share in (0.1, 0.25, 0.5):
        seen = np.random.default_rng(0).uniform(-1.0, 1.0, (200_000, 2))
        seen = seen[np.hypot(seen[:, 0], seen[:, 1]) <= 1.0]
        assert np.mean(seen[:, 0] > chord(share)) == pytest.approx(share, abs=0.01)


def test_a_printed_marker_is_no_decoy_and_what_differs_is() -> None:
    for ratio in INNER_RATIO.values():
        printed = Bullseye(40.0, ratio, PAPER_RATIO, 200.0, 200.0, 40.0)
        assert is_legal(printed)
        assert not is_legal(replace(printed, paper=1.3))
        assert is_legal(replace(printed, centre=180.0))
        assert not is_legal(replace(printed, centre=120.0))
    assert not is_legal(Bullseye(40.0, 0.9, PAPER_RATIO, 200.0, 200.0, 40.0))


def test_a_small_grey_centre_counts_as_the_white_one_that_looks_the_same() -> None:
    ratio = INNER_RATIO[Role.BAR] / math.sqrt(0.6)
    grey = 40.0 + 0.6 * (200.0 - 40.0)
    assert is_legal(Bullseye(9.0, ratio, PAPER_RATIO, grey, 200.0, 40.0))
    assert not is_legal(Bullseye(60.0, ratio, PAPER_RATIO, grey, 200.0, 40.0))


@compiled
def test_clutter_can_be_had_in_any_amount() -> None:
    bare = draw_backdrop(320, 240, 0, clutter=False).picture
    full = draw_backdrop(320, 240, 0, plates=40).picture
    assert float(full.std()) > 1.5 * float(bare.std())
    assert len(render_empty(0, 320, 240).truth) == 0


@compiled
@pytest.mark.parametrize("peer", [PEERS[1], PEERS[4]], ids=lambda peer: peer.name)
def test_other_detectors_find_their_targets_where_truth_says(peer) -> None:  # type: ignore[no-untyped-def]
    """An independent check of the renderer: two methods that share nothing with ours."""
    result = judge(peer, replace(BASE, width=640, height=480), 4)
    assert result is not None
    assert result.recall == 1.0
    assert result.rms_px < 0.15
