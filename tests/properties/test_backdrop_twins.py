"""The backdrop's kernels do what their slow twins do, and what they are for."""

import backdrop_twins as twins
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline.vision import backdrop_kernels as k

SEEDS = st.integers(0, 2**31)


def room(seed: int, rows: int = 40, columns: int = 61) -> tuple[np.random.Generator, np.ndarray]:
    """A room of blocks of different grey."""
    rng = np.random.default_rng(seed)
    blocks = rng.uniform(30.0, 190.0, (rows // 8 + 1, columns // 8 + 1))
    return rng, np.kron(blocks, np.ones((8, 8)))[:rows, :columns].copy()


@given(SEEDS, st.floats(0.6, 1.3), st.floats(-20.0, 20.0))
def test_the_light_is_found_whatever_a_third_of_the_picture_shows(
    seed: int, gain: float, offset: float
) -> None:
    rng, mean = room(seed, 60, 90)
    picture = gain * mean + offset + rng.normal(0.0, 1.0, mean.shape)
    picture[:, :30] = 40.0
    image = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    age = np.ones(mean.shape, np.int64)
    found, levels = np.zeros(2), np.zeros((4096, 2))
    share = k.light(image, mean, age, levels, found)
    assert share > 0.55
    assert found[0] * mean[:, 31:] + found[1] == pytest.approx(
        gain * mean[:, 31:] + offset, abs=4.0
    )
    again, near = twins.light_of(twins.samples(image, mean, age), 1.0, 0.0)
    k._fit(levels, len(twins.samples(image, mean, age)), 1.0, 0.0, found)
    if near > 0.0:
        assert found == pytest.approx(again, rel=1e-6, abs=1e-6)


@given(SEEDS)
def test_nothing_is_known_of_the_light_where_nothing_is_known(seed: int) -> None:
    _, mean = room(seed)
    age = np.zeros(mean.shape, np.int64)
    found = np.zeros(2)
    assert k.light(mean.astype(np.uint8), mean, age, np.zeros((4096, 2)), found) == -1.0
    assert found.tolist() == [1.0, 0.0]


@given(SEEDS)
def test_what_is_room_and_what_is_not(seed: int) -> None:
    rng, mean = room(seed)
    image = np.clip(mean + rng.normal(0.0, 8.0, mean.shape), 0, 255).astype(np.uint8)
    spread, age = rng.uniform(0.0, 20.0, mean.shape), rng.integers(0, 3, mean.shape)
    lit, mask, gone = twins.compare(image, (1.1, -7.0), mean, spread, age)
    out = np.zeros(mean.shape, np.uint8)
    assert k.compare(image, 1.1, -7.0, mean, spread, age, out) == pytest.approx(gone)
    assert mean == pytest.approx(lit)
    assert np.array_equal(out, mask)


@given(SEEDS, st.floats(0.02, 0.6))
def test_shapes_are_tidied_and_numbered(seed: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    size = tuple(rng.integers(3, 36, 2))
    mask = np.where(rng.random(size) < density, k.OTHER, k.ROOM).astype(np.uint8)
    near = (rng.random(size) < 0.9).astype(np.uint8)
    shape = np.zeros(size, np.uint8)
    k.tidy(mask, near, shape)
    assert np.array_equal(shape, twins.tidy(mask, near))
    dots = (rng.random(size) < 0.4 * density).astype(np.uint8)
    for each in (shape, dots):
        label = np.zeros(size, np.int64)
        count = k.grow(each, np.zeros(each.size + 1, np.int64), label)
        expected, numbered = twins.grow(each)
        assert count == expected
        assert np.array_equal(label, numbered)


@given(SEEDS)
def test_pieces_are_described(seed: int) -> None:
    rng, mean = room(seed)
    image = rng.integers(0, 256, mean.shape).astype(np.uint8)
    age, stay = rng.integers(0, 9, mean.shape), rng.integers(0, 4, mean.shape)
    before = rng.integers(0, 3, mean.shape).astype(np.uint8)
    _, label = twins.grow((rng.random(mean.shape) < 0.06).astype(np.uint8))
    out = np.zeros((int(label.max()) + 1, 9))
    k.pieces_of(image, mean, age, stay, label, before, 5, out)
    assert out[1:] == pytest.approx(twins.pieces_of(image, mean, age, stay, label, before, 5)[1:])
    levels = np.array([30, 12, 25])
    columns = np.zeros((mean.shape[1], 6), np.int64)
    k.profile(label, 1, levels, columns)
    assert np.array_equal(columns, twins.profile(label, 1, levels))


@given(SEEDS, st.floats(-1.2, 1.2))
def test_a_line_is_fitted_to_an_upper_edge_with_holes(seed: int, slope: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-0.4, 0.0, 45))
    y = 0.5 + slope * x + rng.normal(0.0, 0.002, 45)
    y[rng.choice(45, 9, replace=False)] -= rng.uniform(0.1, 0.3, 9)
    out = np.zeros(4)
    share = k.line(x, y, 4, 0.05, out)
    expected, fitted = twins.line(x, y, 4, 0.05)
    assert share == expected
    assert out == pytest.approx(fitted, rel=1e-6, abs=1e-9)
    assert out[2] == pytest.approx(slope, abs=0.25)
    assert k.line(x[:2], y[:2], 4, 0.05, out) == 0.0


def test_what_rests_is_learned_and_what_comes_later_waits() -> None:
    """Pixels: one that is learned, one that is hidden later, one that flickers, one never seen."""
    waits = np.array([0, 3, 10, 4, -1], np.int64)
    mode = np.array([[2, 2, 2, 0, 4, 3]], np.uint8)
    mean, spread, rival = (np.zeros(mode.shape) for _ in range(3))
    age, stay = (np.zeros(mode.shape, np.int64) for _ in range(2))
    mask = np.zeros(mode.shape, np.uint8)

    def look(*levels: int) -> None:
        image = np.array([levels], np.uint8)
        k.compare(image, 1.0, 0.0, mean, spread, age, mask)
        k.learn(image, mode, mask, waits, mean, spread, age, rival, stay)

    for n in range(6):
        look(100, 100, 60 + 40 * (n % 2), 100, 100, 100)
    assert (age > 0).tolist() == [[True, True, False, False, True, True]]
    for _ in range(9):
        look(100, 180, 90, 100, 180, 180)
    assert mean[0, 1] == 100.0
    assert mean[0, 5] == 180.0, "what something has left is learned at once"
    look(100, 180, 90, 100, 180, 180)
    assert mean[0, 1] == 180.0
    for _ in range(30):
        look(100, 180, 90, 100, 180, 180)
    assert mean[0, 4] == 100.0, "not while the lifter moves"
    assert age[0, 0] == 44, "one for each look from the third on"


def test_pixels_are_marked_by_their_piece() -> None:
    label = np.array([[0, 1, 2, 7]], np.int64)
    mask = np.array([[1, 2, 2, 2]], np.uint8)
    near = np.array([[1, 1, 0, 1]], np.uint8)
    mode, before, sure = (np.full((1, 4), 9, np.uint8) for _ in range(3))
    sure[:] = 0
    modes, entered = np.array([2, 4, 3], np.uint8), np.array([0, 1, 0], np.uint8)
    k.mark(label, 1, modes, entered, near, mask, mode, before, sure)
    assert mode.tolist() == [[2, 4, 9, 2]]
    assert before.tolist() == [[0, 2, 1, 0]]
    assert sure.tolist() == [[0, 1, 0, 0]]


@given(SEEDS)
def test_what_is_certain_is_counted_on_either_side(seed: int) -> None:
    rng = np.random.default_rng(seed)
    age, sure = rng.integers(0, 9, (9, 12)), rng.integers(0, 2, (9, 12)).astype(np.uint8)
    shape, over = (rng.integers(0, n, (9, 12)).astype(np.uint8) for n in (2, 3))
    out = np.zeros((2, 4))
    k.surely(age, sure, shape, over, 5, out)
    for side in (1, 2):
        here = over == side
        certain = (sure[here] > 0) | (age[here] >= 5)
        assert out[side - 1, :3].tolist() == [here.sum(), certain.sum(), (age[here] > 0).sum()]
    assert out[0, 3] == shape[over > 0].sum()
