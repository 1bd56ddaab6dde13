"""Each plate kernel agrees with its slow twin on small random pictures."""

import numpy as np
import plate_twins as twins
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from shinline.vision import plate_kernels as k

Array = NDArray[np.float64]

QUICK = settings(max_examples=20, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
SIDES = st.integers(5, 40)


def _luma(seed: int, rows: int, columns: int) -> NDArray[np.uint8]:
    """Noise, smoothed or not, so that both flat and rough stretches occur."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (rows // 4 + 1, columns // 4 + 1))
    blocks = np.kron(coarse, np.ones((4, 4)))[:rows, :columns]
    return np.clip(blocks + random.normal(0.0, 4.0, (rows, columns)), 0, 255).astype(np.uint8)


def _gradient(seed: int, rows: int, columns: int) -> tuple[Array, Array]:
    return twins.gradient(_luma(seed, rows, columns).astype(np.float64), 3.0)


@QUICK
@given(seed=SEEDS, rows=SIDES, columns=SIDES, factor=st.integers(1, 5))
def test_box_decimate_averages_blocks(seed: int, rows: int, columns: int, factor: int) -> None:
    luma = _luma(seed, rows, columns)
    out = np.zeros((rows // factor, columns // factor))
    k.box_decimate(luma, factor, out)
    np.testing.assert_allclose(out, twins.box_decimate(luma, factor), rtol=1e-12)


@QUICK
@given(seed=SEEDS, rows=SIDES, columns=SIDES, soft=st.floats(0.5, 20.0))
def test_gradient_is_a_weighted_scharr(seed: int, rows: int, columns: int, soft: float) -> None:
    image = _luma(seed, rows, columns).astype(np.float64)
    gx, gy = np.full(image.shape, 9.0), np.full(image.shape, 9.0)
    k.gradient(image, soft, gx, gy)
    expected_x, expected_y = twins.gradient(image, soft)
    np.testing.assert_allclose(gx, expected_x, atol=1e-12)
    np.testing.assert_allclose(gy, expected_y, atol=1e-12)


@QUICK
@given(seed=SEEDS, rows=SIDES, columns=SIDES, floor=st.floats(0.1, 0.9))
def test_votes_fall_where_the_twin_puts_them(
    seed: int, rows: int, columns: int, floor: float
) -> None:
    gx, gy = _gradient(seed, rows, columns)
    radii = np.array([2.3, 5.1, 9.7])
    votes = np.full((3, rows, columns), 7.0)
    k.vote_circles(gx, gy, floor, radii, votes)
    np.testing.assert_allclose(votes, twins.vote_circles(gx, gy, floor, radii), atol=1e-12)


@QUICK
@given(seed=SEEDS, rows=SIDES, columns=SIDES)
def test_smooth_votes_sums_three_by_three(seed: int, rows: int, columns: int) -> None:
    votes = np.random.default_rng(seed).random((rows, columns))
    expected = twins.smooth_votes(votes)
    k.smooth_votes(votes, np.zeros_like(votes))
    np.testing.assert_allclose(votes, expected, rtol=1e-12)


@QUICK
@given(
    seed=SEEDS,
    x=st.floats(-10.0, 50.0),
    y=st.floats(-10.0, 50.0),
    radius=st.floats(2.0, 25.0),
    squeeze=st.floats(0.7, 1.3),
)
def test_circle_support_is_the_mean_radial_alignment_inside_the_picture(
    seed: int, x: float, y: float, radius: float, squeeze: float
) -> None:
    gx, gy = _gradient(seed, 40, 36)
    expected = twins.circle_support(gx, gy, x, y, radius, squeeze, k.RAYS)
    assert np.isclose(k.circle_support(gx, gy, x, y, radius, squeeze), expected, atol=1e-12)


@QUICK
@given(seed=SEEDS, reach=st.integers(0, 4), radius=st.floats(4.0, 12.0))
def test_score_offsets_finds_the_best_of_all_offsets(seed: int, reach: int, radius: float) -> None:
    gx, gy = _gradient(seed, 36, 36)
    best = np.zeros(4)
    k.score_offsets(gx, gy, 17.3, 18.6, radius, reach, best)
    scores = twins.score_offsets(gx, gy, 17.3, 18.6, radius, reach, k.RAYS)
    assert np.isclose(best[3], max(scores.values()), atol=1e-12)
    x, y, r, score = (float(v) for v in best)
    at_best = [s for key, s in scores.items() if np.allclose(key, (x, y, r))]
    assert len(at_best) == 1 and np.isclose(at_best[0], score, atol=1e-12)


@QUICK
@given(
    seed=SEEDS,
    centre=st.tuples(st.floats(-5.0, 45.0), st.floats(-5.0, 45.0)),
    radius=st.floats(3.0, 18.0),
    bulge=st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0)),
    band=st.floats(2.0, 12.0),
)
def test_ray_edges_lists_the_strongest_edges_of_every_ray(
    seed: int, centre: tuple[float, float], radius: float, bulge: tuple[float, float], band: float
) -> None:
    luma = _luma(seed, 40, 40)
    outline = np.array([*centre, radius, *bulge])
    edges = np.zeros((k.RAYS, k.EDGES_PER_RAY, 2))
    k.ray_edges(luma, outline, band, 4.0, np.zeros(24), edges)
    samples = min(2 * int(band) + 5, 24)
    expected = twins.ray_edges(luma, outline, samples, 4.0, k.RAYS, k.EDGES_PER_RAY)
    np.testing.assert_allclose(edges[:, :, 1], expected[:, :, 1], atol=1e-9)
    np.testing.assert_allclose(edges[:, :, 0], expected[:, :, 0], atol=1e-5)


@QUICK
@given(seed=SEEDS, count=st.integers(0, 8))
def test_keep_edge_keeps_the_strongest_in_order(seed: int, count: int) -> None:
    offered = np.random.default_rng(seed).random((count, 2)) + 0.1
    edges = np.zeros((1, k.EDGES_PER_RAY, 2))
    for distance, strength in offered:
        k._keep_edge(edges, 0, float(distance), float(strength))
    expected = offered[np.argsort(-offered[:, 1])][: k.EDGES_PER_RAY]
    np.testing.assert_array_equal(edges[0, : len(expected)], expected)
    assert not edges[0, len(expected) :].any()


@QUICK
@given(seed=SEEDS, n=st.integers(1, 5))
def test_solve_normal_solves_positive_systems(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    root = random.normal(size=(n, n))
    a, b = root @ root.T + 0.1 * np.eye(n), random.normal(size=n)
    expected = np.linalg.solve(a, b)
    assert k.solve_normal(a, b)
    np.testing.assert_allclose(b, expected, rtol=1e-7, atol=1e-9)


def test_solve_normal_refuses_a_singular_system() -> None:
    assert not k.solve_normal(np.ones((3, 3)), np.ones(3))


@QUICK
@given(
    seed=SEEDS,
    seen=st.floats(0.1, 1.0),
    noise_px=st.floats(0.01, 2.0),
    stiffness=st.floats(0.0, 40.0),
)
def test_fit_rim_is_a_weighted_least_squares_step(
    seed: int, seen: float, noise_px: float, stiffness: float
) -> None:
    random = np.random.default_rng(seed)
    edges = np.full((k.RAYS, k.EDGES_PER_RAY, 2), -1.0)
    visible = random.random(k.RAYS) < seen
    edges[visible, 0, 0] = 30.0 + noise_px * random.normal(size=visible.sum())
    edges[visible, 1, 0] = 34.0 + random.normal(size=visible.sum())
    edges[visible, :2, 1] = random.uniform(5.0, 50.0, (int(visible.sum()), 2))
    outline = np.array([100.0, 90.0, *(np.array([30.0, 0.0, 0.0]) + random.normal(size=3))])
    prior = np.array([0.0, 0.0, 30.5, 0.2, -0.3])
    pull = np.array([0.0, 0.0, stiffness, 30.0, 30.0])
    expected = twins.fit_rim(edges, outline, 5.0, pull, prior)
    report = np.zeros(6)
    scratch = np.zeros((5, 5)), np.zeros(5), np.zeros(5)
    done = k.fit_rim(edges, outline, 5.0, pull, prior, *scratch, report)
    assert done == (expected is not None)
    if expected is not None:
        np.testing.assert_allclose(outline, expected[0], rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(report, expected[1], rtol=1e-6, atol=1e-9)


@QUICK
@given(shift=st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)))
def test_fit_rim_converges_on_a_displaced_circle(shift: tuple[float, float]) -> None:
    """Exact edges of a true circle bring the outline to its centre and radius."""
    angle = 2.0 * np.pi * np.arange(k.RAYS) / k.RAYS
    outline = np.array([50.0, 50.0, 29.0, 0.0, 0.0])
    true = np.array([50.0 + shift[0], 50.0 + shift[1], 30.0])
    zeros, report = np.zeros(5), np.zeros(6)
    for _ in range(8):
        edges = np.full((k.RAYS, k.EDGES_PER_RAY, 2), -1.0)
        away = true[:2] - outline[:2]
        along = away[0] * np.cos(angle) + away[1] * np.sin(angle)
        edges[:, 0, 0] = along + np.sqrt(true[2] ** 2 - away @ away + along**2)
        edges[:, 0, 1] = 20.0
        scratch = np.zeros((5, 5)), np.zeros(5), np.zeros(5)
        assert k.fit_rim(edges, outline, 6.0, zeros, zeros, *scratch, report)
    np.testing.assert_allclose(outline[:3], true, atol=1e-6)
