"""Each kernel that measures ring targets agrees with its slow twin, and with what is true."""

import numpy as np
import pytest
import ring_measure_twins as twin
from hypothesis import assume, given
from hypothesis import strategies as st
from ring_material import CENTRES, RADII, SEEDS, SIDE, SWINGS, Array, picture, quick, shape_of, work
from ring_scene import Target, scene
from ring_twins import major_radius

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline.vision import ring_kernels as k

SPLITS = st.floats(0.5, 0.9)
RAMP = np.arange(k.ACROSS, dtype=np.float32)


def reach_of(shape: Array) -> tuple[int, int, int]:
    """Return (bound, m, distance between rows) as ``balance`` chooses them."""
    bound = int(k.E_WINDOW * major_radius(shape)) + 1
    m = bound + 1
    return bound, m, (2 * m + 16) // 16 * 16 + 48


def block() -> np.ndarray:
    """Return memory of a patch's size."""
    return np.zeros(k.PATCH, np.float32)


def laid_out(patch: Array, across: int) -> np.ndarray:
    """Return a patch as ``resample`` leaves it."""
    flat = block()
    rows = flat[: (len(patch) + 1) * across].reshape(-1, across)
    rows[1:, : len(patch)] = patch
    return flat


def inner_part(flat: np.ndarray, bound: int, across: int) -> np.ndarray:
    """Cut rows -1 to bound + 1, columns -bound - 1 to bound + 1 from what ``fold`` writes."""
    rows = flat[: (bound + 3) * across].reshape(bound + 3, across)
    return rows[:, k.MARGIN - 1 : k.MARGIN + 2 * bound + 2]


class Folded:
    """A patch of a random picture, folded, with the twin's list of its pairs."""

    def __init__(self, patch: Array, shape: Array) -> None:
        self.shape = shape
        self.bound, self.m, self.across = reach_of(shape)
        self.patch = patch.astype(np.float32).astype(float)
        self.same, self.other = block(), block()
        self.flat = laid_out(self.patch, self.across)
        k.fold(self.flat, self.m, self.across, self.bound, self.same, self.other)
        self.pairs = twin.pairs(self.patch, shape)

    def avoid(self, *edges: float) -> None:
        """Leave out a shape with a pair so near to an edge that rounding puts it on one side."""
        e = np.sqrt(self.pairs.e2)
        assume(all(np.abs(e - edge).min() > 1e-5 for edge in edges))

    def weigh(self) -> Array:
        out = np.zeros(k.T_SUMS)
        acc = np.full(k.T_SUMS * k.ACROSS, 9.0, np.float32)
        k.weigh(self.same, self.other, RAMP, self.across, self.bound, self.shape, acc, out)
        return out

    def weigh_inner(self, split: float) -> Array:
        out = np.zeros(k.I_SUMS)
        acc = np.full(k.T_SUMS * k.ACROSS, 9.0, np.float32)
        inside = min(int(split * major_radius(self.shape)) + 1, self.bound)
        k.weigh_inner(
            self.same, self.other, RAMP, self.across, self.bound, inside, split,
            self.shape, acc, out,
        )  # fmt: skip
        return out


def assert_sums(sums: Array, terms: Array) -> None:
    """Compare sums of singles with their terms, which may cancel."""
    slack = 1e-5 * np.abs(terms).sum(axis=1) + 1e-3
    assert (np.abs(sums - terms.sum(axis=1)) <= slack).all()


@quick
@given(seed=SEEDS, x=CENTRES, y=CENTRES, m=st.integers(3, 30))
def test_resampling(seed: int, x: float, y: float, m: int) -> None:
    raw, rows, patch = block(), block(), block()
    across = (2 * m + 16) // 16 * 16 + 48
    img = picture(seed)
    power = k.resample(img.ravel(), SIDE, x, y, m, raw, rows, patch, across)
    side = 2 * m + 1
    found = patch[across : (side + 1) * across].reshape(side, across)[:, :side]
    np.testing.assert_allclose(found, twin.resample(img, x, y, m), atol=1e-3)
    assert power == pytest.approx(twin.smoothing(x, y), rel=1e-5)


@quick
@given(seed=SEEDS, r=RADII, q=SWINGS, s=SWINGS)
def test_folding(seed: int, r: float, q: float, s: float) -> None:
    rng = np.random.default_rng(seed)
    shape = shape_of(r, q, s)
    bound, m, _ = reach_of(shape)
    folded = Folded(rng.uniform(0.0, 255.0, (2 * m + 1, 2 * m + 1)), shape)
    same, other = twin.fold(folded.patch.astype(np.float32))
    rows = slice(m - 1, m + bound + 2)
    for flat, expected in ((folded.same, same), (folded.other, other)):
        np.testing.assert_array_equal(inner_part(flat, bound, folded.across), expected[rows])


@quick
@given(seed=SEEDS, streams=st.integers(1, k.T_SUMS), count=st.integers(1, k.ACROSS // 16))
def test_collecting(seed: int, streams: int, count: int) -> None:
    acc = np.random.default_rng(seed).uniform(-1.0, 9.0, k.T_SUMS * k.ACROSS).astype(np.float32)
    out = np.zeros(streams)
    expected = twin.collect(acc, streams, 16 * count)
    k.collect(acc, streams, 16 * count, out)
    np.testing.assert_allclose(out, expected, rtol=1e-5)


@quick
@given(seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS, split=SPLITS)
def test_sums_over_the_pairs(
    seed: int, x: float, y: float, r: float, q: float, s: float, split: float
) -> None:
    shape = shape_of(r, q, s)
    folded = Folded(twin.resample(picture(seed), x, y, reach_of(shape)[1]), shape)
    folded.avoid(k.E_WINDOW, split)
    assert_sums(folded.weigh(), twin.weigh(folded.pairs))
    assert_sums(folded.weigh_inner(split), twin.weigh_inner(folded.pairs, split))


@quick
@given(seed=SEEDS, n=st.integers(1, 6))
def test_solving(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n))
    a = root @ root.T + np.eye(n)
    b = rng.normal(size=(n, 3))
    expected = twin.solve(a, b)
    assert k.solve(a.copy(), b)
    np.testing.assert_allclose(b, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("a", [np.ones((3, 3)), -np.eye(2), np.full((2, 2), np.nan)])
def test_a_matrix_that_is_not_positive_definite_is_refused(a: Array) -> None:
    assert not k.solve(a.copy(), np.ones((len(a), 1)))


class Equations:
    """Random pairs: gradients and differences, the first half of them of the inner edge."""

    def __init__(self, seed: int, shift: Array, inner: float, noise: float) -> None:
        rng = np.random.default_rng(seed)
        self.gradients = rng.normal(0.0, 20.0, (60, 2))
        self.inside = np.arange(60) < 30
        self.share = np.where(self.inside, inner, 1.0)
        centre, rim = shift[:2], shift[2:]
        self.d = -self.gradients @ centre - self.share * (self.gradients @ rim)
        self.d += rng.normal(0.0, noise, 60)
        self.t = np.zeros(k.T_SUMS)
        self.i = np.zeros(k.I_SUMS)
        for sums, chosen, at in (
            (self.t, self.inside | True, (k.T_XX, k.T_XY, k.T_YY, k.T_XD, k.T_YD)),
            (self.i, self.inside, (k.I_XX, k.I_XY, k.I_YY, k.I_XD, k.I_YD)),
        ):
            g, d = self.gradients[chosen], self.d[chosen]
            square = g.T @ g
            sums[list(at)] = square[0, 0], square[0, 1], square[1, 1], *(g.T @ d)
        self.t[k.T_DD], self.t[k.T_N], self.i[k.I_N] = self.d @ self.d, 60.0, 30.0


shifts = st.tuples(*[st.floats(-0.3, 0.3)] * 4).map(np.array)


@quick
@given(seed=SEEDS, shift=shifts, noise=st.floats(0.0, 5.0))
def test_the_first_step(seed: int, shift: Array, noise: float) -> None:
    e = Equations(seed, shift, 0.4, noise)
    expected, rest = twin.first_step(e.gradients, e.d)
    dx, dy, left = k.first_step(e.t)
    np.testing.assert_allclose([dx, dy], expected, atol=1e-9)
    assert left == pytest.approx(rest, rel=1e-6, abs=1e-8)


def test_edges_in_one_direction_only_give_no_first_step() -> None:
    t = np.zeros(k.T_SUMS)
    t[[k.T_XX, k.T_XY, k.T_YY, k.T_XD, k.T_N]] = 4.0, 2.0, 1.0, 1.0, 60.0
    assert np.isnan(k.first_step(t)).all()
    t[[k.T_XY, k.T_N]] = 0.0, 7.0  # nor do seven pairs
    assert np.isnan(k.first_step(t)).all()


def settle(
    e: Equations, inner: float, noise: float, width: tuple[float, float], axis: float,
    memory: Array, narrow: float = 1.0,
) -> tuple[Array, Array, float]:  # fmt: skip
    """Return solution, inverse and the d^2 that stays in all; the light is even."""
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.all_pairs[:], w.inner_pairs[:] = e.t, e.i
    w.shape[:] = shape_of(9.0, 0.0, 0.0)
    rest = k.settle(w, inner, 200.0, 30.0, noise, *width, axis, memory, narrow)
    return w.right[:4, 0].copy(), w.right[:4, 1:].copy(), rest * 56.0


@quick
@given(
    seed=SEEDS, shift=shifts, inner=st.floats(0.05, 0.5), noise=st.floats(0.2, 5.0),
    along=st.floats(0.01, 1.0), across=st.floats(0.01, 1.0), axis=st.floats(-3.2, 3.2),
    known=st.booleans(), narrow=st.floats(0.8, 1.0),
)  # fmt: skip
def test_settling(
    seed: int, shift: Array, inner: float, noise: float, along: float, across: float, axis: float,
    known: bool, narrow: float,
) -> None:  # fmt: skip
    e = Equations(seed, shift, inner, noise)
    memory = np.zeros(k.MEMORY)
    memory[[k.MEMORY_X, k.MEMORY_Y, k.MEMORY_VAR, k.MEMORY_R]] = 0.1, -0.05, 1e-3, 9.0 * known
    found, inverse, rest = settle(e, inner, noise, (along, across), axis, memory, narrow)
    sd = np.sqrt(noise)
    turn = np.array([[np.cos(axis), np.sin(axis)], [-np.sin(axis), np.cos(axis)]])
    width = np.sqrt(np.array([along, across]) ** 2 + 1e-8)
    width *= np.inf if known else 1.0  # what is known counts alone
    prior = np.r_[sd / width[:, None] * turn, known * narrow * sd / np.sqrt(1e-3) * np.eye(2)]
    wanted = np.r_[0.0, 0.0, known * sd / np.sqrt(1e-3) * memory[:2]]
    x, expected, left = twin.settle(e.gradients, e.d, e.share, prior, wanted)
    np.testing.assert_allclose(found, x, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(inverse, expected, rtol=1e-6, atol=1e-12)
    assert rest == pytest.approx(max(left, 0.0), rel=1e-6, abs=1e-6)


@quick
@given(seed=SEEDS, shift=shifts, inner=st.floats(0.05, 0.4))
def test_centre_and_rim_s_shift_are_told_apart_where_both_are_free(
    seed: int, shift: Array, inner: float
) -> None:
    e = Equations(seed, shift, inner, 0.0)
    found, _, rest = settle(e, inner, 1e-9, (1e3, 1e3), 0.0, np.zeros(k.MEMORY))
    np.testing.assert_allclose(found, shift, atol=1e-6)
    assert rest == pytest.approx(0.0, abs=1e-6)


@quick
@given(x=CENTRES, y=CENTRES, lean=st.floats(-0.02, 0.02), off=st.floats(-0.05, 0.05))
def test_a_slope_of_light_is_told_from_a_shift(x: float, y: float, lean: float, off: float) -> None:
    """What a fit to all pairs finds; blur takes a tenth from sums that know nothing of it."""
    img = scene([Target(x, y, 30.0)], (SIDE, SIDE), 0.0, swing=0.0).astype(float)
    columns = np.arange(SIDE) - x
    lit = img * (1.0 + lean / 15.0 * columns)
    shape = shape_of(15.0, 0.0, 0.0)
    folded = Folded(twin.resample(lit, x + off, y, reach_of(shape)[1]), shape)
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.all_pairs[:], w.inner_pairs[:] = folded.weigh(), folded.weigh_inner(0.7)
    w.shape[:] = shape
    k.settle(w, 0.17, 200.0, 30.0, 0.1, 0.0, 0.0, 0.0, np.zeros(k.MEMORY), 1.0)
    p = folded.pairs
    chosen = p.e2 <= k.E_WINDOW**2
    light = (np.stack([p.u, p.v]) * p.same).T[chosen]
    even = 0.1 / (k.USUAL_SLOPE**2 * shape[0])
    shift, slope = twin.settle_light(np.stack([p.gx, p.gy]).T[chosen], light, p.other[chosen], even)
    assert w.right[0, 0] == pytest.approx(shift[0], abs=0.2 * abs(lean) + 1e-3)
    assert w.right[4, 0] * 15.0 == pytest.approx(slope[0] * 15.0, abs=0.12 * abs(lean) + 5e-4)


def seen(x: float, y: float, d_px: float, ratio: float, shape: Array) -> Folded:
    """Return a target's patch, folded."""
    img = scene([Target(x, y, d_px, ratio)], (SIDE, SIDE), 3.0)
    return Folded(twin.resample(img, x, y, reach_of(shape)[1]), shape)


@quick
@given(x=CENTRES, y=CENTRES, ratio=st.floats(0.2, 0.7), q=st.floats(-0.1, 0.1), edge=SPLITS)
def test_the_inner_disc_and_the_edges(
    x: float, y: float, ratio: float, q: float, edge: float
) -> None:
    shape = shape_of(15.0, q, 0.05)
    folded = seen(x, y, 30.0, ratio, shape)
    folded.avoid(edge, k.E_WINDOW)
    t, i = folded.weigh(), folded.weigh_inner(edge)
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.shape[:] = shape
    w.inner_pairs[:] = i
    w.patch[:] = folded.flat
    dark = k.inner_disc(w, edge, 200.0, 40.0, folded.across, folded.m)
    found = (dark, w.row[k.RATIO], w.row[k.SPREAD], w.row[k.CORE])
    expected = twin.inner_disc(folded.patch, shape, 200.0, 40.0, edge)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)
    sharpness = k.edges(t, i, ratio, 5.0)
    assert sharpness == pytest.approx(twin.edges(folded.pairs, edge, ratio, 5.0), rel=1e-4)


@quick
@given(x=CENTRES, y=CENTRES, role=st.sampled_from(list(INNER_RATIO)))
def test_the_inner_disc_s_ratio_is_the_printed_one(x: float, y: float, role: Role) -> None:
    ratio = INNER_RATIO[role]
    folded = seen(x, y, 32.0, ratio, shape_of(16.0, 0.0, 0.0))
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.shape[:] = folded.shape
    split = 0.5 * (1.0 + ratio)
    w.inner_pairs[:] = folded.weigh_inner(split)
    w.patch[:] = folded.flat
    k.inner_disc(w, split, 200.0, 30.0, folded.across, folded.m)
    assert w.row[k.RATIO] == pytest.approx(ratio, abs=0.02)


@quick
@given(
    seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS, split=SPLITS,
    dark=st.floats(0.0, 80.0), white=st.floats(90.0, 250.0),
)  # fmt: skip
def test_a_glance(
    seed: int, x: float, y: float, r: float, q: float, s: float, split: float, dark: float,
    white: float,
) -> None:  # fmt: skip
    img = picture(seed)
    shape = shape_of(r, q, s)
    rows, columns = np.indices(img.shape)
    pairs = np.stack([columns - x, rows - y])
    form = np.array([[shape[0] + shape[1], shape[2]], [shape[2], shape[0] - shape[1]]])
    e = np.sqrt(np.einsum("i...,ij,j...->...", pairs, form, pairs))
    assume(min(np.abs(e - 1.0).min(), np.abs(e - split).min()) > 1e-9)
    w = work(img)
    w.shape[:] = shape
    w.guess[:] = x, y, r, white, dark
    found = k.glance(img.ravel(), SIDE, w, split, white, dark)
    expected = twin.glance(img, w.guess, shape, split, white, dark)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@quick
@given(r=st.floats(0.1, 30.0))
def test_the_middle_of_a_blurred_disc(r: float) -> None:
    assert k.core_of(r) == pytest.approx(twin.core_of(r), abs=1e-12)


@quick
@given(blur=st.floats(0.5, 6.0), contrast=st.floats(20.0, 220.0), radii=st.floats(5.0, 90.0))
def test_the_blur_of_the_edges(blur: float, contrast: float, radii: float) -> None:
    t = np.zeros(k.T_SUMS)
    t[k.T_XX] = t[k.T_YY] = 0.5 * twin.edge_blur(contrast, blur, radii)
    assert k.edge_blur(t, radii, contrast) == pytest.approx(blur, rel=1e-6)


@quick
@given(inner=st.floats(0.1, 0.7))
def test_what_a_small_disc_loses(inner: float) -> None:
    assert k.lost_core(inner) == pytest.approx(twin.lost_core(inner), abs=1e-12)
