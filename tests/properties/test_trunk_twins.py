"""Each trunk kernel agrees with its slow twin on small random pictures."""

import numpy as np
import trunk_twins as twins
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from shinline.vision import trunk_kernels as k

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]

QUICK = settings(max_examples=20, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
SIDES = st.integers(1, 40)
NOISE = 4.0
ROWS, COLUMNS = 44, 52
EDGE = k.HALF + 1
PIXELS = (2 * k.HALF + 1) ** 2


def _rough(seed: int, rows: int = ROWS, columns: int = COLUMNS, blur: float = 1.2) -> Bytes:
    """Noise of a few pixels' size, with a flat corner."""
    random = np.random.default_rng(seed)
    image = ndimage.gaussian_filter(random.normal(size=(rows, columns)), blur)
    image = 128.0 + 50.0 * image / max(float(image.std()), 1e-9)
    image[: rows // 3, : columns // 3] = 90.0
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def _pose(seed: int, size: float = 1.0) -> Array:
    random = np.random.default_rng(seed)
    return size * random.uniform(-1.0, 1.0, 5) * np.array([6.0, 6.0, 0.3, 0.06, 2.0])


def _axis(seed: int) -> Array:
    angle = np.random.default_rng(seed).uniform(-np.pi, np.pi)
    return np.array([26.0, 22.0, np.cos(angle), np.sin(angle), 30.0, 0.0])


def _places(seed: int, count: int = 30) -> NDArray[np.int64]:
    random = np.random.default_rng(seed)
    return random.integers(EDGE, [COLUMNS - EDGE, ROWS - EDGE], (count, 2))


def _prepared(image: Bytes, places: NDArray[np.int64]) -> tuple[Array, Array, Array]:
    n = len(places)
    levels, slopes, form = (
        np.full((n, PIXELS), 9.0),
        np.full((n, PIXELS, 2), 9.0),
        np.full((n, 4), 9.0),
    )
    k.prepare(image, places, levels, slopes, form)
    return levels, slopes, form


@settings(max_examples=30, deadline=None)
@given(
    seed=SEEDS,
    height=SIDES,
    width=SIDES,
    rows=st.integers(1, 12),
    columns=st.integers(1, 12),
    left=st.integers(-50, 50),
    top=st.integers(-50, 50),
    factor=st.integers(1, 5),
)
def test_crop_averages_and_repeats_the_pictures_edge(
    seed: int, height: int, width: int, rows: int, columns: int, left: int, top: int, factor: int
) -> None:
    """At edges, corners and wholly outside, for any size; rounded, ties either way."""
    luma = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    out = np.full((rows, columns), 77, np.uint8)
    k.crop(luma, left, top, factor, out)
    exact = twins.crop(luma, left, top, factor, rows, columns)
    assert float(np.abs(out - exact).max()) <= 0.5 + 1e-6


@QUICK
@given(seed=SEEDS, x=st.integers(EDGE, COLUMNS - 1 - EDGE), y=st.integers(EDGE, ROWS - 1 - EDGE))
def test_variance_and_what_differs_leave_the_mean_level_out(seed: int, x: int, y: int) -> None:
    a, b = _rough(seed), _rough(seed + 1)
    before, after = twins.patch(a, x, y), twins.patch(b, x, y)
    np.testing.assert_allclose(k.variance(a, x, y), before.var(), atol=1e-8)
    np.testing.assert_allclose(k.differ(a, b, x, y), (before - after).var(), atol=1e-8)
    lighter = np.clip(a, 0, 200)
    assert k.differ(lighter, lighter + np.uint8(30), x, y) == 0.0


@QUICK
@given(
    seed=SEEDS,
    stride=st.integers(1, 6),
    moved=st.sampled_from([-1e9, 0.13, 0.257, 1.01]),
    most=st.integers(1, 60),
)
def test_choose_counts_all_and_writes_as_many_as_fit(
    seed: int, stride: int, moved: float, most: int
) -> None:
    image = _rough(seed)
    now = np.where(np.arange(COLUMNS) < COLUMNS // 2, image, _rough(seed + 1))
    allowed = (np.random.default_rng(seed).random((ROWS, COLUMNS)) < 0.7).astype(np.uint8)
    places = np.full((most, 2), -1, np.int64)
    count = k.choose(image, now, allowed, stride, NOISE, moved, places)
    expected = twins.choose(image, now, allowed, stride, NOISE, moved)
    assert count == len(expected)
    assert [tuple(place) for place in places[:count].tolist()] == expected[:most]
    assert (places[count:] == -1).all()


@QUICK
@given(seed=SEEDS)
def test_prepare_takes_levels_slopes_and_structure(seed: int) -> None:
    image, places = _rough(seed), _places(seed)
    found = _prepared(image, places)
    for one, expected in zip(found, twins.prepare(image, places), strict=True):
        np.testing.assert_allclose(one, expected, atol=1e-8)


@QUICK
@given(seed=SEEDS)
def test_a_pose_carries_points_and_tells_how_they_move(seed: int) -> None:
    pose, axis = _pose(seed), _axis(seed)
    points = np.random.default_rng(seed).uniform(0.0, 50.0, (20, 2))
    # at the ends of the bend its slope jumps: no small step tells it there
    along = (points - axis[:2]) @ axis[2:4]
    points = points[np.abs(np.abs(2.0 * along / axis[4]) - np.sqrt(1.5)) > 1e-3]
    expected, moves = twins.carried(pose, axis, points), twins.slopes_at(pose, axis, points)
    root = np.random.default_rng(seed).normal(size=(5, 5))
    spread = root @ root.T
    at, slope = np.empty(2), np.empty((2, 5))
    for n, (x, y) in enumerate(points):
        k.carried(pose, axis, x, y, at)
        k.slopes_at(pose, axis, x, y, slope)
        np.testing.assert_allclose(at, expected[n], atol=1e-9)
        np.testing.assert_allclose(slope, moves[n], atol=1e-6)
        covariance = moves[n] @ spread @ moves[n].T
        got = k.carried_spread(pose, spread, axis, x, y)
        np.testing.assert_allclose(got, covariance[[0, 0, 1], [0, 1, 1]], rtol=1e-5, atol=1e-4)


@QUICK
@given(along=st.floats(-100.0, 100.0), length=st.floats(1.0, 100.0))
def test_the_bend_is_a_parabola_that_ends(along: float, length: float) -> None:
    expected = float(twins.bulge(np.array(along), length))
    np.testing.assert_allclose(k.bulge(along, length), expected, atol=1e-12)
    assert -5.0 / 6.0 - 1e-12 <= expected <= 2.0 / 3.0


@QUICK
@given(seed=SEEDS, size=st.sampled_from([0.0, 0.3, 1.0, 4.0]))
def test_misfits_are_those_of_the_interpolated_picture(seed: int, size: float) -> None:
    """Also where patches leave the picture, and where one is out of use."""
    image, now, places = _rough(seed), _rough(seed + 1), _places(seed)
    now[ROWS // 2 :] = image[ROWS // 2 :]
    pose, axis = _pose(seed, size), _axis(seed)
    levels, slopes, form = _prepared(image, places)
    weights = np.ones(len(places))
    weights[0] = -1.0
    pull, misfit = np.full((len(places), 2), 7.0), np.full(len(places), 7.0)
    k.misfits(
        now, places, levels, slopes, form, weights, pose, axis, NOISE, pull, misfit
    )  # fmt: skip
    expected, pulls = twins.misfits(now, places, levels, slopes, form, pose, axis, NOISE)
    assert misfit[0] == 7.0
    np.testing.assert_allclose(misfit[1:], expected[1:], atol=1e-8)
    np.testing.assert_allclose(pull[1:], pulls[1:], atol=1e-8)


@QUICK
@given(seed=SEEDS)
def test_what_fits_at_home_is_what_fits_without_any_motion(seed: int) -> None:
    image, now, places = _rough(seed), _rough(seed + 1), _places(seed)
    now[ROWS // 2 :] = image[ROWS // 2 :]
    levels, slopes, form = _prepared(image, places)
    weights, static = np.ones(len(places)), np.full(len(places), 7.0)
    weights[0] = -1.0
    k.at_home(now, places, levels, form, weights, NOISE, static)
    still, axis = np.zeros(5), _axis(seed)
    expected, _ = twins.misfits(now, places, levels, slopes, form, still, axis, NOISE)
    assert static[0] == 7.0
    np.testing.assert_allclose(static[1:], expected[1:], atol=1e-8)


@QUICK
@given(seed=SEEDS)
def test_normal_equations_are_those_of_all_pixels(seed: int) -> None:
    image, places = _rough(seed), _places(seed)
    pose, axis, random = _pose(seed), _axis(seed), np.random.default_rng(seed)
    _, slopes, form = _prepared(image, places)
    weights = random.uniform(-0.5, 1.0, len(places))
    groups, pull = random.integers(0, 4, len(places)), random.normal(size=(len(places), 2))
    groups[0] = 3
    matrix, vectors = np.full((5, 5), 9.0), np.full((4, 5), 9.0)
    k.normal(places, form, weights, groups, pose, axis, NOISE, pull, matrix, vectors)
    expected = twins.normal(places, slopes, form, weights, groups, pose, axis, NOISE, pull)
    np.testing.assert_allclose(matrix, expected[0], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(vectors, expected[1], rtol=1e-5, atol=1e-4)


@QUICK
@given(seed=SEEDS, moved=st.booleans(), worst=st.floats(0.1, 2.0))
def test_patches_that_fit_at_rest_are_room_once_the_trunk_has_moved(
    seed: int, moved: bool, worst: float
) -> None:
    random = np.random.default_rng(seed)
    misfit, static = random.uniform(0.0, 1.5, (2, 12))
    weights = random.uniform(-0.3, 1.0, 12)
    expected, mean = twins.weigh(misfit, static, moved, worst, weights)
    got = k.weigh(misfit, static, moved, worst, weights)
    np.testing.assert_allclose(weights, expected, atol=1e-12)
    np.testing.assert_allclose(got, mean, atol=1e-12)


@QUICK
@given(seed=SEEDS, small=st.floats(1e-3, 1.0))
def test_invert_is_numpys(seed: int, small: float) -> None:
    root = np.random.default_rng(seed).normal(size=(5, 5))
    matrix, inverse = root @ root.T + small * np.eye(5), np.full((5, 5), 9.0)
    assert k.invert(matrix, inverse)
    np.testing.assert_allclose(inverse @ matrix, np.eye(5), atol=1e-6)
    np.testing.assert_allclose(inverse, np.linalg.inv(matrix), rtol=1e-6, atol=1e-6)


def test_what_has_no_inverse_is_refused() -> None:
    inverse = np.zeros((5, 5))
    assert not k.invert(np.zeros((5, 5)), inverse)
    assert not k.invert(np.diag([1.0, 1.0, -1.0, 1.0, 1.0]), inverse)
    assert not k.invert(np.full((5, 5), np.nan), inverse)


@QUICK
@given(seed=SEEDS, rounds=st.integers(0, 8))
def test_align_goes_the_way_of_its_twin(seed: int, rounds: int) -> None:
    image = _rough(seed, blur=2.0)
    now = np.roll(image, (1, 2), axis=(0, 1))
    places, axis = _places(seed, 40), _axis(seed)
    places = places[np.all((places > 8) & (places < [COLUMNS - 9, ROWS - 9]), axis=1)]
    places = places[[k.variance(image, x, y) > 4.0 * NOISE for x, y in places]]
    levels, slopes, form = _prepared(image, places)
    n = len(places)
    groups = (np.arange(n) % 5).astype(np.int64)
    prior = np.array([1e6, 1e6, 1e6, 0.03, 1.5])
    pose, weights, spread = np.zeros(5), np.ones(n), np.full((5, 5), 9.0)
    vectors = np.zeros((5, 5))
    misfit = k.align(
        now, places, levels, slopes, form, weights, groups, pose, axis, NOISE, prior, rounds,
        np.zeros(n), np.zeros(n), np.zeros((n, 2)), vectors, spread,
    )  # fmt: skip
    expected = twins.align(
        now, places, levels, slopes, form, groups, np.zeros(5), axis, NOISE, prior, rounds
    )
    np.testing.assert_allclose(pose, expected[0], atol=1e-5)
    np.testing.assert_allclose(weights, expected[1], atol=1e-5)
    np.testing.assert_allclose(spread, expected[2], rtol=1e-4, atol=1e-8)
    np.testing.assert_allclose(misfit, expected[3], atol=1e-6)
