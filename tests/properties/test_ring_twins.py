"""Each ring kernel agrees with its slow twin."""

import numpy as np
import pytest
import ring_twins as twin
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from ring_scene import Target, scene

from shinline.vision import ring_kernels as k
from shinline.vision.ring import _offsets, _scratch

SIDE = 72
CENTRES = st.floats(34.0, 38.0)
RADII = st.floats(8.0, 16.0)
SWINGS = st.floats(-0.25, 0.25)
SEEDS = st.integers(0, 2**16)
quick = settings(max_examples=25, deadline=None)


def picture(seed: int) -> np.ndarray:
    """Return a smooth random picture."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (SIDE // 4, SIDE // 4))
    return np.kron(coarse, np.ones((4, 4))).astype(np.uint8)


def shape_of(r: float, q: float, s: float) -> np.ndarray:
    """Return an ellipse of about this radius; q and s bend it."""
    return np.array([1.0, q, s]) / r**2


@quick
@given(img=hnp.arrays(np.uint8, st.tuples(st.integers(0, 13), st.integers(0, 18))))
def test_halving(img: np.ndarray) -> None:
    out = np.zeros((img.shape[0] // 2, img.shape[1] // 2), np.uint8)
    k.halve(img, out)
    np.testing.assert_array_equal(out, twin.halve(img, *out.shape))


@quick
@given(seed=SEEDS, d_px=st.floats(5.0, 16.0), cut=st.integers(0, 60))
def test_score_and_its_size(seed: int, d_px: float, cut: int) -> None:
    img = np.ascontiguousarray(picture(seed)[: SIDE - cut, : SIDE - cut // 2])
    best = np.zeros(img.shape, np.uint8)
    which = np.zeros(img.shape, np.uint8)
    low, high = np.zeros((2, img.shape[1]), np.uint8)
    sizes = (d_px, 1.3 * d_px)
    for i, size in enumerate(sizes):
        k.ring_score(img, _offsets(size), i, low, high, best, which)
    scores = np.stack([twin.ring_score(img, _offsets(size)) for size in sizes])
    np.testing.assert_array_equal(best, scores.max(axis=0))
    np.testing.assert_array_equal(which, scores.argmax(axis=0))


@quick
@given(best=hnp.arrays(np.uint8, (12, 15), elements=st.integers(0, 6)), room=st.integers(1, 40))
def test_peaks(best: np.ndarray, room: int) -> None:
    out = np.zeros((room, 2), np.int64)
    count = k.peaks(best, np.zeros(256, np.int64), out)
    assert [tuple(row) for row in out[:count].tolist()] == twin.peaks(best, room)


@quick
@given(seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS, e=st.floats(0.6, 1.4))
def test_ring_level(seed: int, x: float, y: float, r: float, q: float, s: float, e: float) -> None:
    img = picture(seed)
    out = np.zeros(7)
    k.ring_level(img, x, y, shape_of(r, q, s), e, np.zeros(64), out)
    np.testing.assert_allclose(out, twin.ring_level(img, x, y, shape_of(r, q, s), e), atol=1e-9)


@quick
@given(seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS, dark=st.floats(0.0, 200.0))
def test_rim(seed: int, x: float, y: float, r: float, q: float, s: float, dark: float) -> None:
    img = picture(seed)
    shape = shape_of(r, q, s)
    white = np.array([150.0, 20.0, -10.0, 0.0, 0.0, 0.0, 0.0])
    radii = np.zeros(64)
    k.rim(img, x, y, shape, white, dark, radii)
    middle = 0.5 * (150.0 + 20.0 * np.cos(twin.ANGLES) - 10.0 * np.sin(twin.ANGLES) + dark)
    span = (k.E_SCAN_FROM, k.E_SCAN_TO)
    expected = twin.rim(img, x, y, shape, middle, span)
    same = np.isclose(radii, expected, atol=1e-6, equal_nan=True)
    assert same.mean() > 0.9  # a sample that meets the level exactly may fall on either side


@quick
@given(r=RADII, q=SWINGS, s=SWINGS, missing=st.integers(0, 12))
def test_shape_is_recovered_from_its_own_radii(r: float, q: float, s: float, missing: int) -> None:
    true = shape_of(r, q, s)
    radii = twin.radii_of(true)
    radii[:missing] = np.nan
    shape = true.copy()
    share, dx, dy, scatter = k.fit_shape(radii, 0.1, shape)
    assert share == 1.0 - missing / 64
    np.testing.assert_allclose([dx, dy, scatter], 0.0, atol=1e-9)
    np.testing.assert_allclose(shape, true, rtol=1e-6, atol=1e-12)


@quick
@given(seed=SEEDS, x=CENTRES, y=CENTRES, m=st.integers(3, 30))
def test_resampling(seed: int, x: float, y: float, m: int) -> None:
    work = _scratch()
    power = k.resample(picture(seed), x, y, m, work.rows, work.patch)
    side = 2 * m + 1
    np.testing.assert_allclose(
        work.patch[:side, :side], twin.resample(picture(seed), x, y, m), atol=1e-9
    )
    dot = np.zeros((SIDE, SIDE), np.uint8)
    dot[35, 36] = 1  # its image holds every weight once
    k.resample(dot, x, y, 20, work.rows, work.patch)
    assert power == pytest.approx((work.patch[:41, :41] ** 2).sum(), rel=1e-9)


@quick
@given(seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS, split=st.floats(0.5, 0.9))
def test_mirror_equations(
    seed: int, x: float, y: float, r: float, q: float, s: float, split: float
) -> None:
    shape = shape_of(r, q, s)
    m = 30
    patch = twin.resample(picture(seed), x, y, m)
    sums = np.zeros((2, 18))
    k.mirror_sums(patch, m, shape, split, sums)
    form, columns, d = twin.mirror_columns(patch, shape, k.E_WINDOW)
    design = np.zeros((6, form.size))
    inner = 0.17
    design[:2] = columns[:2]
    design[2:4] = columns[:2] * np.where(form < split**2, inner, 1.0)
    design[4:] = columns[2:]
    a = np.zeros((6, 6))
    b = np.zeros((6, 3))
    k.equations(sums, inner, a, b)
    np.testing.assert_allclose(a, design @ design.T, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(b[:, 0], -design @ d, rtol=1e-9, atol=1e-6)
    assert sums[:, 15].sum() == d.size
    assert sums[:, 14].sum() == pytest.approx(d @ d)


@quick
@given(seed=SEEDS, n=st.integers(1, 6))
def test_solving(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n))
    a = root @ root.T + np.eye(n)
    b = rng.normal(size=(n, 3))
    expected = np.linalg.solve(a, b)
    assert k.solve(a.copy(), b)
    np.testing.assert_allclose(b, expected, rtol=1e-9, atol=1e-12)


def test_a_singular_matrix_is_refused() -> None:
    assert not k.solve(np.ones((3, 3)), np.ones((3, 1)))


@quick
@given(x=CENTRES, y=CENTRES, ratio=st.floats(0.2, 0.7), q=SWINGS, edge=st.floats(0.6, 0.9))
def test_inner_disc(x: float, y: float, ratio: float, q: float, edge: float) -> None:
    img = scene([Target(x, y, 30.0, ratio)], (SIDE, SIDE), 4.0)
    patch = twin.resample(img, x, y, 30)
    white = np.array([200.0, 3.0, -2.0, 0.0, 0.0, 0.0, 0.0])
    shape = shape_of(15.0, q, 0.1)
    out = np.zeros(3)
    k.inner_disc(patch, 30, shape, white, 30.0, edge, out)
    expected = twin.inner_disc(patch, shape, white, 30.0, edge, k.E_PAPER)
    np.testing.assert_allclose(out, expected, rtol=1e-9)
