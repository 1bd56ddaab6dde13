"""The kernels that fit a print agree with their slow twins, and say what is printed."""

import math

import numpy as np
import pytest
import ring_print_twins as twin
from hypothesis import assume, given
from hypothesis import strategies as st
from ring_material import CENTRES, SEEDS, SIDE, SWINGS, Array, picture, quick, shape_of, work
from ring_scene import Target, scene

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline.vision import ring_kernels as k

ROLES = st.sampled_from(list(INNER_RATIO))
SIZES = st.floats(14.0, 60.0)
SHEET = 200
LEAST_INNER_PX = 1.4  # radius of the crest's white disc where D is 16 px
LEAST_RING_PX = 5.0
BESIDE = st.floats(-0.5, 0.5)


@quick
@given(x=st.floats(0.0, 400.0))
def test_bessel_functions(x: float) -> None:
    zero, one = twin.bessel(np.array([x]))[:, 0]
    assert k.bessel(x) == pytest.approx((zero, one), rel=1e-6, abs=1e-6)


@quick
@given(
    radius=st.floats(1.5, 40.0), soft=st.floats(0.03, 0.5), pace=st.floats(0.5, 1.0), seed=SEEDS
)  # fmt: skip
def test_a_blurred_disc_and_its_slopes(radius: float, soft: float, pace: float, seed: int) -> None:
    """Half a ring is at most the blur, as ``fit_profile`` sees to; radii lie off the middle."""
    blur = max(soft * radius, 0.5 * pace + 0.2)
    count = min(int(2.0 * radius / pace) + 4, k.RINGS)
    rings = np.zeros((k.RINGS, k.RING_COLUMNS))
    middles = (np.arange(count) + 0.5) * pace
    k.blurred_disc(radius, blur, pace, count, k.DISC_RIM, rings)
    off = np.random.default_rng(seed).uniform(-0.1, 0.1, count) * pace
    for shift, columns, slack in ((0.0 * off, 3, 6e-3), (off, 1, 8e-3)):
        rings[:count, k.RING_R] = middles + shift
        k.blurred_disc(radius, blur, pace, count, k.DISC_RIM, rings)
        found = rings[:count, k.DISC_RIM : k.DISC_RIM + columns].T
        expected = twin.blurred_disc(radius, blur, rings[:count, k.RING_R])[:columns]
        np.testing.assert_allclose(found, expected, atol=slack)


@quick
@given(
    seed=SEEDS, x=st.floats(-4.0, 80.0), y=CENTRES, r=st.floats(4.0, 40.0), q=SWINGS, s=SWINGS,
    pace=st.floats(0.5, 1.5),
)  # fmt: skip
def test_reading_a_profile(
    seed: int, x: float, y: float, r: float, q: float, s: float, pace: float
) -> None:
    """Also where the picture cuts it. No pixel is exactly between two rings: rounding decides."""
    pace = max(pace, k.E_PROFILE * r / (k.RINGS - 2)) * (1.0 + 1e-3 * math.sqrt(2.0))
    img, shape = picture(seed), shape_of(r, q, s)
    rings = np.full((k.RINGS, k.RING_COLUMNS), 7.0)
    count = k.read_profile(img.ravel(), SIDE, SIDE, x, y, shape, pace, rings)
    expected = twin.read_profile(img, x, y, shape, pace)
    assert count == expected.shape[1] <= k.RINGS
    np.testing.assert_allclose(rings[:count, :3].T, expected, atol=1e-6)


PRINTS = st.tuples(
    st.floats(0.6, 2.0), st.floats(3.0, 8.0), st.floats(11.0, 14.0), st.floats(18.0, 22.0),
    st.floats(-0.2, 0.8), st.floats(0.7, 1.3), st.floats(0.0, 0.8), st.floats(10.0, 60.0),
    st.floats(60.0, 200.0),
).map(np.array)  # fmt: skip


def wrong(p: Array, seed: int) -> Array:
    """Return a print a little different from this one."""
    return p * (1.0 + np.random.default_rng(seed).uniform(-0.05, 0.05, k.PROFILE))


def fill(rings: Array, p: Array, r: Array) -> None:
    """Write distances and the three blurred discs of a print."""
    rings[:, k.RING_R] = r
    discs = ((k.P_INNER, k.DISC_INNER), (k.P_RIM, k.DISC_RIM), (k.P_PAPER, k.DISC_PAPER))
    for edge, first in discs:
        rings[:, first : first + 3] = twin.blurred_disc(p[edge], p[k.P_BLUR], r).T


@quick
@given(p=PRINTS, seed=SEEDS, noise=st.floats(1.0, 30.0))
def test_a_step_of_the_profile(p: Array, seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    count, now = 46, wrong(p, seed)
    r = (np.arange(count) + 0.5) * 0.5
    pixels = rng.integers(0, 40, count).astype(float)
    seen = twin.greys(p, r) + rng.normal(0.0, 2.0, count)
    fill(w.rings[:count], now, r)
    w.rings[:count, k.RING_PIXELS], w.rings[:count, k.RING_GREY] = pixels, seen
    w.profile[k.P_NOW], w.profile[k.P_USUAL] = now, wrong(p, seed + 1)
    w.profile[k.P_SD] = 0.2 * p + 0.1
    usual, sd = w.profile[[k.P_USUAL, k.P_SD]]
    step, rest = twin.profile_step(now, np.stack([pixels, r, seen]), usual, sd, noise)
    assert k.profile_step(w, count, noise) == pytest.approx(rest, rel=1e-9)
    np.testing.assert_allclose(w.change[:, 0] / sd, step / sd, atol=1e-4)


def measured(img: np.ndarray, x: float, y: float, r: float) -> k.Work | None:
    """Return the memory of a detector that has located and measured a target here."""
    w = work(img)
    height, width = img.shape
    w.guess[:] = x, y, r, 190.0, 40.0
    flat = img.ravel()
    good = k.locate(flat, height, width, w.guess, 0, k.TRIES, w.rays, w.shape)
    return w if good and k.measure(flat, height, width, w, 0.41, w.fresh) else None


def fitted(target: Target, seed: int, bend: tuple[float, float] = (0.0, 0.02)) -> Array:
    """Return the measurement of a target on a dark sheet, with its fit."""
    img = scene([target], (SHEET, SHEET), 2.0, seed, swing=4.0)
    w = measured(img, target.x_px, target.y_px, 0.5 * target.d_px)
    assert w is not None
    assert k.fit_profile(img.ravel(), SHEET, SHEET, w, *bend)
    return w.row.copy()


@quick
@given(role=ROLES, d_px=SIZES, x=BESIDE, y=BESIDE, seed=SEEDS)
def test_the_print_of_every_role_is_what_was_printed(
    role: Role, d_px: float, x: float, y: float, seed: int
) -> None:
    inner_px = 0.5 * d_px * INNER_RATIO[role]  # a small disc's grey and size look alike
    assume(inner_px > LEAST_INNER_PX)
    row = fitted(Target(100.0 + x, 100.0 + y, d_px, INNER_RATIO[role]), seed)
    assert row[k.FIT_RATIO] == pytest.approx(INNER_RATIO[role], abs=0.01)
    assert row[k.FIT_PAPER] == pytest.approx(1.6, abs=0.02)
    assert row[k.FIT_CORE] == pytest.approx(1.0, abs=0.03 + 0.4 / inner_px**2)
    assert row[k.FIT_OUTSIDE] == pytest.approx(60.0 / 170.0, abs=0.15)
    assert row[k.FIT_BLUR] * 0.5 * d_px == pytest.approx(0.78, abs=0.12)  # optics and pixel


@quick
@given(
    d_px=st.floats(24.0, 60.0), ratio=st.floats(0.2, 0.7), paper=st.floats(1.35, 1.65),
    core=st.floats(150.0, 250.0), seed=SEEDS,
)  # fmt: skip
def test_the_print_of_any_bullseye_is_what_was_printed(
    d_px: float, ratio: float, paper: float, core: float, seed: int
) -> None:
    assume(0.5 * d_px * (1.0 - ratio) > LEAST_RING_PX)  # nor can a thin ring's grey and width
    row = fitted(Target(100.0, 100.0, d_px, ratio, paper=paper, core=core), seed)
    assert row[k.FIT_RATIO] == pytest.approx(ratio, abs=0.01)
    assert row[k.FIT_PAPER] == pytest.approx(paper, abs=0.02)
    assert row[k.FIT_CORE] == pytest.approx((core - 30.0) / 170.0, abs=0.03)


@quick
@given(role=ROLES, d_px=st.floats(14.0, 60.0), white=st.floats(120.0, 240.0), seed=SEEDS)
def test_a_print_has_its_role_in_any_light(
    role: Role, d_px: float, white: float, seed: int
) -> None:
    assume(0.5 * d_px * INNER_RATIO[role] > LEAST_INNER_PX)
    target = Target(100.0, 100.0, d_px, INNER_RATIO[role], white=white, black=0.15 * white)
    img = scene([target], (SHEET, SHEET), 2.0, seed, swing=4.0)
    w = measured(img, 100.0, 100.0, 0.5 * d_px)
    assert w is not None
    assert k.printed(img.ravel(), SHEET, SHEET, w) == role == w.row[k.ROLE]


def learned(gamma: float, d_px: float, seed: int, before: float) -> float:
    """Return the bend that is known after one clear picture."""
    target = Target(100.0, 100.0, d_px)
    img = scene([target], (SHEET, 1000), 1.0, seed, swing=4.0, gamma=gamma)
    w = measured(img, 100.0, 100.0, 0.5 * d_px)
    assert w is not None
    w.settings[k.BEND] = before
    k.learn_response(img.ravel(), *img.shape, w)
    return float(w.settings[k.BEND])


def test_a_tilted_or_smeared_print_teaches_nothing() -> None:
    for odd in ({"tilt_deg": 35.0}, {"blur_px": 8.0}):
        img = scene([Target(60.0, 60.0, 40.0, **odd)], (120, 1200), 1.0, gamma=2.2)
        w = measured(img, 60.0, 60.0, 20.0)
        assert w is not None
        w.settings[k.BEND] = 0.123
        k.learn_response(img.ravel(), *img.shape, w)
        assert w.settings[k.BEND] == 0.123
