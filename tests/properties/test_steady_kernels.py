"""The kernels that follow the room agree with their slow twins."""

import numpy as np
import steady_twins as twins
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from shinline.vision import steady_kernels as k

QUICK = settings(max_examples=20, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def _room(seed: int, rows: int = 40, columns: int = 46) -> NDArray[np.float64]:
    noise = np.random.default_rng(seed).normal(size=(rows, columns))
    return np.asarray(400.0 * gaussian_filter(noise, 1.5) + 100.0)


@QUICK
@given(seed=SEEDS, block=st.integers(4, 14))
def test_texture_is_the_smaller_eigenvalue(seed: int, block: int) -> None:
    image = _room(seed)
    out = np.zeros((40 // block, 46 // block))
    k.block_texture(image, block, out)
    np.testing.assert_allclose(out, twins.block_texture(image, block), rtol=1e-7, atol=1e-6)


@QUICK
@given(
    seed=SEEDS,
    guess=st.tuples(st.integers(-8, 8), st.integers(-8, 8)),
    moved=st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    reach=st.integers(1, 3),
)
def test_blocks_are_found_where_the_twin_finds_them(
    seed: int, guess: tuple[int, int], moved: tuple[int, int], reach: int
) -> None:
    reference = _room(seed)
    image = np.roll(reference, (guess[1] + moved[1], guess[0] + moved[0]), axis=(0, 1))
    image += np.random.default_rng(seed).normal(size=image.shape)
    corners = np.array([(i, j) for i in (0, 10, 20, 30) for j in (0, 12, 24, 36)], np.int64)
    costs, out = np.zeros((2 * reach + 1,) * 2), np.zeros((len(corners), 3))
    guesses = np.tile(np.array(guess[::-1], np.int64), (len(corners), 1))
    k.match_blocks(reference, image, corners, 10, guesses, reach, costs, out)
    for corner, row in zip(corners, out, strict=True):
        place = int(corner[0]), int(corner[1])
        expected = twins.match_block(reference, image, place, 10, guess, reach)
        assert (row[2] < 0.0) == (expected is None)
        if expected is not None:
            np.testing.assert_allclose(row, expected, atol=1e-6)


@QUICK
@given(seed=SEEDS, n=st.integers(0, 20), tolerance=st.floats(0.1, 2.0))
def test_the_shift_with_the_most_trust_is_chosen(seed: int, n: int, tolerance: float) -> None:
    random = np.random.default_rng(seed)
    moved = np.column_stack([random.normal(size=(n, 2)), random.uniform(-0.3, 1.0, n)])
    trust = random.uniform(0.1, 1.0, n)
    chosen = k.most_agreed(moved, trust, tolerance)
    totals = twins.agreement(moved, trust, tolerance)
    if not (moved[:, 2] >= 0.0).any():
        assert chosen == -1
    else:
        assert np.isclose(totals[chosen], totals.max())


@QUICK
@given(seed=SEEDS, n=st.integers(3, 20))
def test_the_similarity_is_a_weighted_least_squares_fit(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    places = random.uniform(-100.0, 100.0, (n, 2))
    moved = random.normal(size=(n, 3))
    use = np.where(random.random(n) < 0.3, 0.0, random.random(n))
    use[0] = 1.0
    motion = np.zeros(4)
    assert k.fit_similarity(places, moved, use, motion)
    expected = twins.fit_similarity(places, moved, use, k.STIFFNESS)
    np.testing.assert_allclose(motion, expected, rtol=1e-6, atol=1e-9)


@QUICK
@given(
    seed=SEEDS,
    turn=st.floats(-0.1, 0.1),
    zoom=st.floats(-0.05, 0.05),
    shift=st.tuples(*[st.floats(-10.0, 10.0)] * 2),
)
def test_a_turn_is_found_although_half_of_the_blocks_went_elsewhere(
    seed: int, turn: float, zoom: float, shift: tuple[float, float]
) -> None:
    random = np.random.default_rng(seed)
    places = random.uniform(-150.0, 150.0, (40, 2))
    x, y = places.T
    moved = np.zeros((40, 3))
    moved[:, 0] = shift[0] + zoom * x - turn * y
    moved[:, 1] = shift[1] + turn * x + zoom * y
    moved[20:, :2] += random.uniform(5.0, 30.0, (20, 2)) * random.choice([-1.0, 1.0], (20, 2))
    moved[:3, 2] = -1.0
    motion = np.zeros(4)
    agreed = k.likely_similarity(places, moved, np.ones(40), 0.5, 60.0, motion)
    assert agreed >= 17.0
    np.testing.assert_allclose(motion, [*shift, zoom, turn], atol=1e-6)


def test_no_turn_is_found_where_no_block_is() -> None:
    moved = np.full((10, 3), -1.0)
    places = np.random.default_rng(1).uniform(-150.0, 150.0, (10, 2))
    assert k.likely_similarity(places, moved, np.ones(10), 0.5, 60.0, np.zeros(4)) == 0.0
