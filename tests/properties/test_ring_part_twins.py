"""The kernels that measure what is hidden in part agree with their twins, and with what is true."""

import numpy as np
import pytest
import ring_print_twins as twin
import ring_twins
from hypothesis import assume, given
from hypothesis import strategies as st
from ring_material import CENTRES, RADII, SEEDS, SIDE, SWINGS, Array, picture, quick, shape_of, work
from ring_scene import Target, scene

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline.vision import ring_kernels as k

ROLES = st.sampled_from(list(INNER_RATIO))
SHEET = 120
WHITE, BLACK, MIDDLE = 200.0, 30.0, 115.0
TARGETS = st.builds(
    Target, st.floats(58.0, 62.0), st.floats(58.0, 62.0), st.floats(20.0, 48.0),
    st.sampled_from(list(INNER_RATIO.values())),
)  # fmt: skip


def some_rays(seed: int, share: float) -> Array:
    """Return which rays agree, at random."""
    return (np.random.default_rng(seed).random(k.RAYS) < share).astype(float)


@quick
@given(seed=SEEDS, share=st.floats(0.0, 1.0))
def test_rays_that_disagree_on_one_side_only(seed: int, share: float) -> None:
    agrees = some_rays(seed, share)
    assert k.one_sided(agrees) == twin.one_sided(agrees)
    assert k.one_sided(np.tile(agrees[: k.RAYS // 2], 2)) == 0


@quick
@given(seed=SEEDS, share=st.floats(0.0, 1.0))
def test_the_neighbours_of_what_disagrees_are_taken_out(seed: int, share: float) -> None:
    agrees = some_rays(seed, share)
    expected = twin.shrink(agrees)
    assert k.shrink(agrees, np.zeros(k.RAYS)) == expected.sum()
    np.testing.assert_array_equal(agrees, expected)


@quick
@given(seed=SEEDS, share=st.floats(0.0, 1.0))
def test_a_quantile_of_a_ring(seed: int, share: float) -> None:
    assume(abs(share * (k.RAYS - 1) % 1.0 - 0.5) > 1e-9)  # half-way between two, either is right
    ring = np.random.default_rng(seed).integers(0, 20, k.RAYS).astype(float)
    before = ring.copy()
    assert k.quantile(ring, np.full(k.RAYS, -9.0), share) == twin.quantile(ring, share)
    np.testing.assert_array_equal(ring, before)


@quick
@given(
    seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS, slack=st.floats(0.0, 6.0),
    middle=st.integers(40, 200),
)  # fmt: skip
def test_where_the_edge_crosses_the_rays(
    seed: int, x: float, y: float, r: float, q: float, s: float, slack: float, middle: int
) -> None:
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    img, level = picture(seed), middle + 0.3719
    w.shape[:], w.guess[:2] = shape_of(r, q, s), (x, y)
    assert k.edge_points(img.ravel(), SIDE, SIDE, w, level, slack)
    expected = twin.edge_points(img, x, y, level, slack, ring_twins.trace(w.shape))
    np.testing.assert_allclose(w.rays[[k.EDGE_X, k.EDGE_Y]], expected, atol=1e-6)


@quick
@given(x=st.floats(0.0, 20.0), y=st.floats(0.0, 90.0))
def test_an_edge_that_may_leave_the_picture_is_not_looked_for(x: float, y: float) -> None:
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.shape[:], w.guess[:2] = shape_of(18.0, 0.0, 0.0), (x, y)
    assert not k.edge_points(np.zeros(SIDE * SIDE, np.uint8), SIDE, SIDE, w, 99.0, 1.0)


def scattered(seed: int, r: float, q: float, s: float, scatter: float) -> tuple[k.Work, Array]:
    """Return memory that knows a shape, and points near another one, a little beside it."""
    rng = np.random.default_rng(seed)
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.shape[:], w.guess[:2] = shape_of(r, q, s), (36.0, 35.0)
    true = shape_of(r * rng.uniform(0.95, 1.05), q + 0.05, s - 0.04)
    centre = w.guess[:2] + rng.uniform(-0.05, 0.05, 2) * r
    edge = ring_twins.trace(true) + rng.normal(0.0, scatter, k.RAYS)
    w.rays[[k.EDGE_X, k.EDGE_Y]] = centre[:, None] + edge * ring_twins.DIRECTIONS
    w.rays[k.AGREES] = some_rays(seed, 0.9)
    return w, np.r_[centre, true]


@quick
@given(
    seed=SEEDS, r=RADII, q=SWINGS, s=SWINGS, scatter=st.floats(0.0, 0.3),
    first=st.integers(0, k.RAYS - 1), length=st.integers(0, k.HIDDEN_ARC),
)  # fmt: skip
def test_a_step_of_the_edge(
    seed: int, r: float, q: float, s: float, scatter: float, first: int, length: int
) -> None:
    w, _ = scattered(seed, r, q, s, scatter)
    rays = np.arange(k.RAYS)
    chosen = (w.rays[k.AGREES] > 0.0) & ((rays - first) % k.RAYS >= length)
    if np.flatnonzero(chosen).size:
        w.rays[k.EDGE_X, np.flatnonzero(chosen)[0]] = np.nan  # a ray without an edge
        chosen[np.flatnonzero(chosen)[0]] = False
    assume(chosen.sum() >= k.LEAST_RAYS)
    points = w.rays[[k.EDGE_X, k.EDGE_Y]][:, chosen]
    expected, inverse, left = twin.edge_step(points, w.guess[:2].copy(), w.shape.copy())
    variance = k.edge_step(w, first, first + length)
    assert variance == pytest.approx(left, rel=1e-4, abs=1e-9)
    np.testing.assert_allclose(np.r_[w.guess[:2], w.shape], expected, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(w.right[:2, 1:3], inverse, rtol=1e-4, atol=1e-9)


@quick
@given(seed=SEEDS, r=RADII, q=SWINGS, s=SWINGS, first=st.integers(0, k.RAYS - 1))
def test_an_ellipse_is_recovered_from_a_part_of_its_edge(
    seed: int, r: float, q: float, s: float, first: int
) -> None:
    w, true = scattered(seed, r, q, s, 0.0)
    w.rays[k.AGREES] = 1.0
    for _ in range(6):
        assert k.edge_step(w, first, first + k.HIDDEN_ARC) >= 0.0
    np.testing.assert_allclose(np.r_[w.guess[:2], w.shape], true, rtol=1e-6, atol=1e-6)


def test_too_few_points_give_no_step() -> None:
    w, _ = scattered(1, 12.0, 0.0, 0.0, 0.0)
    w.rays[k.AGREES] = np.arange(k.RAYS) < k.LEAST_RAYS - 1
    assert np.isnan(k.edge_step(w, 0, 0))


def outlined(img: Array, target: Target, off: tuple[float, float]) -> k.Work | None:
    """Return memory after the edge was followed from a place beside the truth."""
    w = work(img)
    r = 0.5 * target.d_px
    w.guess[:2] = target.x_px + off[0] * r, target.y_px + off[1] * r
    w.shape[:] = shape_of(r, 0.0, 0.0)
    w.rays[k.AGREES] = 1.0
    return w if k.outline(img.ravel(), SHEET, SHEET, w, MIDDLE) else None


def assert_centre(row: Array, target: Target, far: float = 0.15) -> None:
    """Check the centre in pixels and in units of what is said of its doubt."""
    error = row[[k.X, k.Y]] - [target.x_px, target.y_px]
    spread = np.array([[row[k.VAR_X], row[k.COV_XY]], [row[k.COV_XY], row[k.VAR_Y]]])
    assert np.hypot(*error) < max(far, 3.0 * np.sqrt(np.trace(spread)))
    assert error @ np.linalg.solve(spread, error) < 16.0


BESIDE = st.tuples(*[st.floats(-0.08, 0.08)] * 2)
GREYS = st.floats(10.0, 240.0)
TURNS = st.floats(0.0, 360.0)


@quick
@given(target=TARGETS, seed=SEEDS, off=BESIDE)
def test_the_outline_of_what_is_not_hidden(
    target: Target, seed: int, off: tuple[float, float]
) -> None:
    w = outlined(scene([target], (SHEET, SHEET), 2.0, seed), target, off)
    assert w is not None
    assert_centre(w.row, target)


def part(img: Array, role: Role, x: float, y: float, r: float, reach: float = 4.0) -> k.Work | None:
    """Return memory after a target was followed by its edge."""
    w = work(img)
    height, width = img.shape
    w.settings[k.FRAME_NOISE] = 2.0
    good = k.follow_part(img.ravel(), height, width, w, int(role), x, y, r, reach)
    return w if good else None


@quick
@given(seed=SEEDS, role=ROLES, r=st.floats(8.0, 24.0))
def test_nothing_is_followed_where_nothing_is_printed(seed: int, role: Role, r: float) -> None:
    empty = scene([], (SHEET, SHEET), 2.0, seed)
    assert part(empty, role, 60.0, 60.0, r) is None
    assert part(picture(seed, SHEET, SHEET), role, 60.0, 60.0, r) is None
    black = scene([Target(60.0, 60.0, 2.0 * r, 0.0)], (SHEET, SHEET), 2.0, seed)
    assert part(black, role, 60.0, 60.0, r) is None  # a disc without a white middle


@quick
@given(role=ROLES, reach=st.floats(0.0, 6.0), x=st.floats(54.0, 66.0), r=st.floats(15.0, 26.0))
def test_what_is_followed_is_within_reach_and_of_the_size_expected(
    role: Role, reach: float, x: float, r: float
) -> None:
    img = scene([Target(60.0, 60.0, 40.0, INNER_RATIO[role])], (SHEET, SHEET), 2.0)
    w = part(img, role, x, 60.0, r, reach)
    if w is None:
        assert reach < abs(x - 60.0) + 0.2 or not 0.9 * r < 20.0 < 1.1 * r or abs(x - 60.0) > 2.0
    else:
        assert abs(x - 60.0) < reach + 0.2
        assert 0.83 * r < 20.0 < 1.2 * r
