"""Each kernel that finds and locates ring targets agrees with its slow twin."""

import inspect

import numpy as np
import pytest
import ring_measure_twins
import ring_print_twins
import ring_twins as twin
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from ring_material import CENTRES, RADII, SEEDS, SIDE, SWINGS, picture, quick, rays_of, shape_of
from ring_scene import Target, scene

from shinline.vision import ring_kernels as k

CHAINS = {
    "centre",
    "locate", "blackest", "promising", "balance", "measure", "still", "plain", "printed_role",
    "outline", "inner_edge", "follow_part", "fit_profile", "printed", "learn_response", "claim",
    "remember", "fetch", "follow", "gather", "find", "search", "write", "carve", "look",
    "look_in_window", "has", "spot", "aim", "whole",
    "unseen_tilt",
}  # fmt: skip
"""Kernels that order others, keep books or hold limits: tested by what the detector does."""


def test_every_kernel_that_computes_has_a_twin() -> None:
    functions = {
        name
        for name, item in vars(k).items()
        if inspect.isfunction(function := getattr(item, "py_func", item))
        and function.__module__ == k.__name__
    }
    assert "spokes" in functions
    assert functions - CHAINS <= {*vars(twin), *vars(ring_measure_twins), *vars(ring_print_twins)}


@quick
@given(
    img=hnp.arrays(np.uint8, st.tuples(st.integers(2, 13), st.integers(2, 18))),
    left=st.integers(0, 5),
    top=st.integers(0, 3),
)
def test_halving_a_part_of_a_picture(img: np.ndarray, left: int, top: int) -> None:
    """And nothing but that part of the padded picture is written."""
    height, width = img.shape[0] // 2, img.shape[1] // 2
    whole = np.full((20, 30), 77, np.uint8)
    whole[top : top + img.shape[0], left : left + img.shape[1]] = img
    padded = np.full((height + 2 * k.PAD, 64), 3, np.uint8)
    expected = padded.copy()
    expected[k.PAD : k.PAD + height, k.PAD : k.PAD + width] = twin.halve(img, height, width)
    sums = np.zeros(64, np.uint16)
    k.halve(whole.ravel(), top * 30 + left, 30, padded.ravel(), 64, height, width, sums)
    np.testing.assert_array_equal(padded, expected)


@quick
@given(height=st.integers(1, 9), width=st.integers(1, 30), seed=SEEDS)
def test_the_white_frame(height: int, width: int, seed: int) -> None:
    inner = picture(seed, height, width)
    stride = width + 2 * k.PAD + seed % 9
    framed = np.zeros((height + 2 * k.PAD, stride), np.uint8)
    framed[k.PAD : k.PAD + height, k.PAD : k.PAD + width] = inner
    k.frame_white(framed.ravel(), stride, height, width)
    np.testing.assert_array_equal(framed, twin.frame_white(inner, stride))


@quick
@given(seed=SEEDS, count=st.integers(1, 90))
def test_brighter_neighbours(seed: int, count: int) -> None:
    row = picture(seed, 1, count + k.PAD + 3)[0]
    out = np.zeros((3, count), np.uint8)
    k.brighter_neighbours(row, count, *out)
    for distance in (1, 2, 3):
        expected = twin.brighter_neighbours(row, distance)[k.PAD : k.PAD + count]
        np.testing.assert_array_equal(out[distance - 1], expected)


def scored(seed: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a framed picture and what ``knights`` says of it."""
    stride = (width + k.LANES - 1) // k.LANES * k.LANES + k.LANES
    framed = twin.frame_white(picture(seed, height, width), stride)
    best = np.zeros((height, stride), np.uint8)
    lines = np.zeros((k.LINES, stride), np.uint8)
    k.knights(framed.ravel(), stride, height, lines, best.ravel())
    return framed, best


@quick
@given(seed=SEEDS, height=st.integers(1, 12), width=st.integers(1, 130))
def test_scores_of_the_knights(seed: int, height: int, width: int) -> None:
    framed, best = scored(seed, height, width)
    expected = twin.knights(framed)[k.PAD : k.PAD + height, k.PAD : k.PAD + width]
    np.testing.assert_array_equal(best[:, :width], expected)
    assert not best[:, width:].any()  # the frame is no place for a target


def peaks(seed: int, height: int, width: int) -> np.ndarray:
    """Return scores with many equal neighbours, and zeros beside them."""
    stride = (width + k.LANES - 1) // k.LANES * k.LANES + k.LANES
    best = np.zeros((height, stride), np.uint8)
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, k.LEAST_SCORE + 5, (height, width))
    best[:, :width] = np.where(rng.random(scores.shape) < rng.random(), scores, 0)
    return best


@quick
@given(seed=SEEDS, height=st.integers(1, 9), width=st.integers(1, 140), room=st.integers(0, 200))
def test_crests(seed: int, height: int, width: int, room: int) -> None:
    best = peaks(seed, height, width)
    out = np.zeros((room, 3), np.int64)
    lines = np.full((4, best.shape[1]), 255, np.uint8)
    count = k.crests(best.ravel(), best.shape[1], height, width, lines, out)
    expected = twin.crests(best)
    found = sorted((y, x, score) for x, y, score in out[:count].tolist())
    assert count == min(room, len(expected))
    assert len(set(found)) == count
    if count == len(expected):
        assert found == expected
    else:  # the first rows are listed in full, the last one in part
        last = found[-1][0] if found else -1
        assert [each for each in found if each[0] < last] == [e for e in expected if e[0] < last]
        assert set(found) <= set(expected)


@quick
@given(
    seed=SEEDS,
    x=st.integers(0, SIDE - 1),
    y=st.integers(0, SIDE - 1),
    least=st.integers(1, 40),
    reach=st.floats(2.5, 30.0),
    step=st.integers(1, 3),
)
def test_spokes_on_anything(seed: int, x: int, y: int, least: int, reach: float, step: int) -> None:
    agree_on_spokes(picture(seed), x, y, least, reach, step)


@quick
@given(
    x=st.floats(8.0, 63.0), y=st.floats(8.0, 63.0), d_px=st.floats(9.0, 30.0), dx=st.integers(-2, 2)
)
def test_spokes_on_targets(x: float, y: float, d_px: float, dx: int) -> None:
    img = scene([Target(x, y, d_px)], (SIDE, SIDE), 2.0)
    found = agree_on_spokes(img, int(x + 0.5) + dx, int(y + 0.5), 40, 1.5 * d_px, 1)
    margin = 0.8 * d_px
    if dx == 0 and margin < min(x, y) and max(x, y) < SIDE - 1 - margin:
        assert found is not None
        np.testing.assert_allclose(found[:3], [x, y, 0.5 * d_px], atol=0.6)


def agree_on_spokes(
    img: np.ndarray, x: int, y: int, least: int, reach: float, step: int
) -> np.ndarray | None:
    """Compare kernel and twin; return what both found."""
    guess = np.full(5, -1.0)
    spans = np.zeros((k.SPANS, 4))
    first = 11
    flat = np.r_[np.zeros(first, np.uint8), img.ravel()]
    height, width = img.shape
    good = k.spokes(flat, first, width, height, width, x, y, least, reach, step, guess, spans)
    expected = twin.spokes(img, x, y, least, reach, step)
    assert good == (expected is not None)
    if expected is None:
        return None
    np.testing.assert_allclose(guess, expected[0], rtol=1e-12)
    failed = np.isnan(expected[1][0])
    np.testing.assert_array_equal(np.isnan(spans[: k.SPAN_UNLIKE]).all(0), failed)
    assert not spans[k.SPAN_UNLIKE, failed].any()
    np.testing.assert_allclose(spans[:, ~failed], expected[1][:, ~failed], rtol=1e-12, atol=1e-12)
    return guess


@quick
@given(
    aside=st.floats(0.0, 1.5),
    contrast=st.floats(20.0, 200.0),
    spans=hnp.arrays(float, (3, 4), elements=st.floats(-3.0, 3.0)),
    unlike=st.floats(0.0, 2.0),
    failed=st.integers(-1, 3),
)
def test_regular_ends(
    aside: float, contrast: float, spans: np.ndarray, unlike: float, failed: int
) -> None:
    """Lengths near 9 px and middles near the centre, some of them outside the limits."""
    spans[0] += 9.0
    spans[2] *= unlike * contrast / 3.0
    if failed >= 0:
        spans[:2, failed] = np.nan
        spans[2, failed] = 0.0
    guess = np.array([20.0 + aside, 30.0, 4.5, contrast + 20.0, 20.0])
    assert k.regular(20, 30, guess, spans) == twin.regular(aside, contrast, spans)


@quick
@given(cx=st.floats(-0.8, 0.8), cy=st.floats(-0.8, 0.8), r=st.floats(3.0, 5.0))
def test_a_disc_has_regular_ends(cx: float, cy: float, r: float) -> None:
    """Seen from a place off its centre, but for what a chord's curve adds."""
    spans = np.zeros((3, 4))
    for line, unit in enumerate(twin.LINES / np.linalg.norm(twin.LINES, axis=1)[:, None]):
        along = unit @ (cx, cy)
        half = np.sqrt(r * r - (cx * cx + cy * cy - along * along))
        spans[:2, line] = 2.0 * half, 2.0 * along
    assert k.regular(0, 0, np.array([cx, cy, r, 200.0, 20.0]), spans)


@quick
@given(seed=SEEDS, x=st.floats(0.0, SIDE - 1.001), y=st.floats(0.0, SIDE - 1.001))
def test_a_sample_between_pixels(seed: int, x: float, y: float) -> None:
    img = picture(seed)
    expected = twin.sample(img, np.array([x]), np.array([y]))[0]
    assert k.sample(img.ravel(), SIDE, x, y) == pytest.approx(expected, abs=1e-9)


@quick
@given(
    x=st.floats(-5.0, 50.0) | st.just(np.nan) | st.just(np.inf),
    y=st.floats(-5.0, 50.0) | st.just(-np.inf),
    reach=st.floats(0.0, 20.0) | st.just(np.nan),
)
def test_what_is_in_view(x: float, y: float, reach: float) -> None:
    assert k.in_view(40, 31, x, y, reach) == twin.in_view(40, 31, x, y, reach)
    assert k.in_view(40, 31, 15.0, 15.0, 15.0)
    assert not k.in_view(40, 31, 15.0, 15.5, 15.0)


@quick
@given(r=RADII, q=st.floats(-1.4, 1.4), s=st.floats(-1.4, 1.4))
def test_figures_of_an_ellipse(r: float, q: float, s: float) -> None:
    """Also of a shape that is none: its longer semi-axis is infinite."""
    shape = shape_of(r, q, s)
    assert k.major_radius(*shape) == pytest.approx(twin.major_radius(shape), rel=1e-6)
    assert k.axis_ratio(*shape) == pytest.approx(twin.axis_ratio(shape), abs=1e-6)
    if np.hypot(q, s) < 0.9:
        rays = np.zeros((k.RAY_ROWS, k.RAYS))
        k.trace(shape, rays)
        np.testing.assert_allclose(rays[k.MODEL], twin.trace(shape), rtol=1e-12)


@quick
@given(seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS, e=st.floats(0.3, 1.4))
def test_reading_a_ring(
    seed: int, x: float, y: float, r: float, q: float, s: float, e: float
) -> None:
    rays = rays_of(shape_of(r, q, s))
    img = picture(seed)
    mean, swing = k.read_ring(img.ravel(), SIDE, x, y, e, rays, k.PAPER)
    grey, expected_mean, expected_swing = twin.read_ring(img, x, y, e, rays[k.MODEL])
    np.testing.assert_allclose(rays[k.PAPER], grey, atol=1e-9)
    assert (mean, swing) == pytest.approx((expected_mean, expected_swing), abs=1e-9)
    agrees = (np.random.default_rng(seed).random(k.RAYS) < 0.8).astype(float)
    for least in (0.0, 1.0):
        expected = twin.lowest_sector(grey, agrees, least)
        assert k.lowest_sector(rays[k.PAPER], agrees, least) == pytest.approx(expected, abs=1e-9)
    assert k.paper_ring(r) == pytest.approx(twin.paper_ring(r), rel=1e-12)


@quick
@given(
    seed=SEEDS, x=CENTRES, y=CENTRES, r=RADII, q=SWINGS, s=SWINGS,
    middle=st.integers(40, 200), slack=st.floats(0.0, 4.0), pace_px=st.floats(0.1, 1.2),
)  # fmt: skip
def test_the_rim(
    seed: int, x: float, y: float, r: float, q: float, s: float,
    middle: int, slack: float, pace_px: float,
) -> None:  # fmt: skip
    rays = rays_of(shape_of(r, q, s))
    img = picture(seed)
    level = middle + 0.3719  # no pixel's own grey: a tie may fall on either side
    k.rim(img.ravel(), SIDE, x, y, level, slack, pace_px, rays)
    expected = twin.rim(img, x, y, level, slack, pace_px, rays[k.MODEL])
    np.testing.assert_allclose(rays[k.RADIUS], expected, atol=1e-6)


@quick
@given(
    seed=SEEDS, r=RADII, q=SWINGS, s=SWINGS, scatter=st.floats(0.0, 0.1),
    missing=st.integers(0, 12), tolerance=st.floats(0.05, 0.35),
)  # fmt: skip
def test_fitting_a_shape(
    seed: int, r: float, q: float, s: float, scatter: float, missing: int, tolerance: float
) -> None:
    rng = np.random.default_rng(seed)
    rays = rays_of(shape_of(r, 0.0, 0.0))
    rays[k.RADIUS] = twin.trace(shape_of(r, q, s)) * (1.0 + scatter * rng.normal(size=k.RAYS))
    rays[k.RADIUS, :missing] = np.nan
    shape = np.zeros(3)
    share, dx, dy = k.fit_shape(rays, tolerance, shape)
    expected, shift, agrees = twin.fit_shape(rays[k.RADIUS], rays[k.MODEL], tolerance)
    np.testing.assert_array_equal(rays[k.AGREES], agrees)
    assert share == agrees.mean()
    np.testing.assert_allclose([dx, dy], shift, atol=1e-9)
    np.testing.assert_allclose(shape, expected, atol=1e-12)


@quick
@given(r=RADII, q=SWINGS, s=SWINGS, missing=st.integers(0, 12))
def test_a_shape_is_recovered_from_its_own_radii(
    r: float, q: float, s: float, missing: int
) -> None:
    true = shape_of(r, q, s)
    rays = rays_of(true)
    rays[k.RADIUS] = rays[k.MODEL]
    rays[k.RADIUS, :missing] = np.nan
    shape = np.zeros(3)
    share, dx, dy = k.fit_shape(rays, 0.1, shape)
    assert share == 1.0 - missing / k.RAYS
    np.testing.assert_allclose([dx, dy], 0.0, atol=1e-9)
    np.testing.assert_allclose(shape, true, rtol=1e-9, atol=1e-12)


@quick
@given(seed=SEEDS, dark=st.floats(0.0, 90.0), contrast=st.floats(5.0, 160.0))
def test_rays_agree_that_are_black_then_white(seed: int, dark: float, contrast: float) -> None:
    rng = np.random.default_rng(seed)
    rays = rng.uniform(0.0, 255.0, (k.RAY_ROWS, k.RAYS))
    rays[k.AGREES] = rng.random(k.RAYS) < 0.8
    white = dark + contrast
    expected = twin.agreement(rays[k.AGREES], rays[k.BLACK], rays[k.PAPER], white, dark)
    assert k.agreement(rays, white, dark) == pytest.approx(expected.mean(), abs=1e-12)
    np.testing.assert_array_equal(rays[k.AGREES], expected)


@quick
@given(
    x=CENTRES, y=CENTRES, d_px=st.floats(18.0, 30.0), ratio=st.floats(0.18, 0.62),
    dx=st.floats(-0.15, 0.15), dy=st.floats(-0.15, 0.15), scale=st.floats(0.9, 1.1),
)  # fmt: skip
def test_a_rough_guess_becomes_the_black_disc_s_edge(
    x: float, y: float, d_px: float, ratio: float, dx: float, dy: float, scale: float
) -> None:
    img = scene([Target(x, y, d_px, ratio)], (SIDE, SIDE), 2.0)
    r = 0.5 * d_px
    guess = np.array([x + dx * r, y + dy * r, scale * r, 195.0, 35.0])
    shape = np.zeros(3)
    rays = np.zeros((k.RAY_ROWS, k.RAYS))
    assert k.locate(img.ravel(), SIDE, SIDE, guess, 0, k.TRIES, rays, shape)
    np.testing.assert_allclose(guess[:3], [x, y, r], atol=0.15)
    assert guess[3] == pytest.approx(200.0, abs=6.0)
    assert k.major_radius(*shape) == pytest.approx(r, abs=0.2)


@quick
@given(seed=SEEDS, height=st.integers(2, 60), width=st.integers(1, 300), sd=st.floats(0.0, 12.0))
def test_the_noise_of_a_picture(seed: int, height: int, width: int, sd: float) -> None:
    rng = np.random.default_rng(seed)
    img = np.clip(128.0 + rng.normal(0.0, sd, (height, width)), 0, 255).astype(np.uint8)
    found = k.noise_of(img.ravel(), width, height, width, np.zeros(64, np.int64))
    assert found == pytest.approx(twin.noise_of(img, 64), rel=1e-9)


def test_the_noise_is_what_was_added_however_much_is_drawn() -> None:
    for sd in (2.0, 10.0):
        img = picture(5, 480, 640) * 0.0 + 120.0
        img[:200, :300] = picture(6, 200, 300)
        img += np.random.default_rng(7).normal(0.0, sd, img.shape)
        luma = np.clip(np.rint(img), 0, 255).astype(np.uint8)
        found = k.noise_of(luma.ravel(), 640, 480, 640, np.zeros(4096, np.int64))
        assert found == pytest.approx(sd, rel=0.12)


@quick
@given(seed=SEEDS, jump=st.sampled_from([1, -1, 7, -8]), least=st.integers(1, 120))
def test_a_walk_along_one_direction(seed: int, jump: int, least: int) -> None:
    line = np.random.default_rng(seed).integers(0, 256, 200).astype(np.uint8)
    line[100] = 255
    r, low = k.walk(line, 100, jump, 11, least)
    assert (r, low) == pytest.approx(twin.walk(line[100::jump][:12], least), abs=1e-9)
