"""What is done to a picture happens to the detection, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config
from ring_scene import Target, scene

from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, WINDOW, Role
from shinline.vision.ring import PRINTED, RingDetector, detect_image

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")

SIDE = 110
LAST = SIDE - 1
SURE = [role for role in PRINTED if role not in (Role.HIP, Role.MID_BACK)]
"""The search misses some targets of thin rings, so that there would be nothing to compare."""

few = settings(max_examples=15, deadline=None)
offsets_px = st.floats(-1.5, 1.5)


def targets(roles: tuple[Role, ...] | list[Role] = PRINTED) -> st.SearchStrategy[Target]:
    """Return targets of these roles in the middle of a picture."""
    return st.builds(
        lambda role, d_px, x, y, tilt, axis: Target(
            x, y, d_px, INNER_RATIO[role], tilt_deg=tilt, axis_deg=axis
        ),
        st.sampled_from(roles),
        st.floats(26.0, 44.0),
        st.floats(52.0, 58.0),
        st.floats(52.0, 58.0),
        st.floats(0.0, 15.0),
        st.floats(0.0, 180.0),
    )


def role_of(target: Target) -> Role:
    """Return whose target this is."""
    return next(role for role, ratio in INNER_RATIO.items() if ratio == target.ratio)


def found(picture: np.ndarray) -> np.void:
    """Return the one detection of a picture that is searched."""
    rows = detect_image(np.ascontiguousarray(picture))
    assert len(rows) == 1
    return rows[0]


def followed(picture: np.ndarray, target: Target, x_px: float, y_px: float) -> np.void:
    """Return the one detection where it is predicted at (x_px, y_px)."""
    role = role_of(target)
    near = np.array([(role, x_px, y_px, 0.52 * target.d_px, 6.0)], WINDOW)
    out = np.zeros(2, DETECTION)
    assert RingDetector((role,)).detect(np.ascontiguousarray(picture), 0, near, out) == 1
    return out[0]


def assert_same(row: np.void, other: np.void, x_px: float, y_px: float, within: float) -> None:
    """Compare two detections of one target, the second expected at (x_px, y_px)."""
    assert row["role"] == other["role"]
    assert other["x_px"] == pytest.approx(x_px, abs=within)
    assert other["y_px"] == pytest.approx(y_px, abs=within)
    assert other["r_px"] == pytest.approx(row["r_px"], rel=0.005)


# --- where it is followed: every role, to a thousandth of a pixel -------------------------------


@few
@given(target=targets(), off_x=offsets_px, off_y=offsets_px)
def test_mirrors_and_transposition(target: Target, off_x: float, off_y: float) -> None:
    picture = scene([target], (SIDE, SIDE), 3.0)
    x, y = target.x_px + off_x, target.y_px + off_y
    row = followed(picture, target, x, y)
    for changed, there, expected in (
        (picture[:, ::-1], (LAST - x, y), (LAST - row["x_px"], row["y_px"])),
        (picture[::-1], (x, LAST - y), (row["x_px"], LAST - row["y_px"])),
        (picture.T, (y, x), (row["y_px"], row["x_px"])),
    ):
        assert_same(row, followed(changed, target, *there), *expected, 1e-3)


@few
@given(target=targets(), dx=st.integers(0, 12), dy=st.integers(0, 12), off=offsets_px)
def test_a_shift_by_whole_pixels(target: Target, dx: int, dy: int, off: float) -> None:
    picture = scene([target], (SIDE, SIDE), 3.0)
    moved = np.pad(picture, ((dy, 0), (dx, 0)), mode="edge")
    x, y = target.x_px + off, target.y_px - off
    row = followed(picture, target, x, y)
    other = followed(moved, target, x + dx, y + dy)
    assert_same(row, other, row["x_px"] + dx, row["y_px"] + dy, 1e-3)


@few
@given(target=targets(), off=offsets_px)
def test_twice_the_light(target: Target, off: float) -> None:
    dim = scene([target], (SIDE, SIDE), 3.0) // 2
    x, y = target.x_px + off, target.y_px - off
    row, other = (followed(each, target, x, y) for each in (dim, 2 * dim))
    assert_same(row, other, row["x_px"], row["y_px"], 1e-3)
    assert other["contrast"] == pytest.approx(2.0 * row["contrast"], rel=1e-6)


# --- changes that a single picture may answer by another decision ------------------------------


@few
@given(target=targets(), off_x=offsets_px, off_y=offsets_px)
def test_where_it_was_predicted_does_not_matter(target: Target, off_x: float, off_y: float) -> None:
    """But for a rim's shift that is just evident, or just not: a few hundredths of a pixel."""
    picture = scene([target], (SIDE, SIDE), 3.0)
    row = followed(picture, target, target.x_px, target.y_px)
    other = followed(picture, target, target.x_px + off_x, target.y_px + off_y)
    assert_same(row, other, row["x_px"], row["y_px"], 0.05)


@few
@given(target=targets())
def test_a_shift_by_a_quarter_pixel(target: Target) -> None:
    there = replace(target, x_px=target.x_px + 0.25, y_px=target.y_px - 0.25)
    row, other = (
        followed(scene([each], (SIDE, SIDE)), each, each.x_px, each.y_px)
        for each in (target, there)
    )
    assert_same(row, other, row["x_px"] + 0.25, row["y_px"] - 0.25, 0.04)


@few
@given(target=targets(), gain=st.floats(0.4, 1.2), offset=st.floats(0.0, 12.0))
def test_another_exposure(target: Target, gain: float, offset: float) -> None:
    picture = scene([target], (SIDE, SIDE), 2.0)
    row = followed(picture, target, target.x_px, target.y_px)
    exposed = np.rint(np.clip(gain * picture + offset, 0, 255)).astype(np.uint8)
    other = followed(exposed, target, target.x_px, target.y_px)
    assert_same(row, other, row["x_px"], row["y_px"], 0.05)
    assert other["contrast"] == pytest.approx(gain * row["contrast"], rel=0.03)


@few
@given(target=targets(SURE), dx=st.integers(0, 12), dy=st.integers(0, 12))
def test_what_is_searched_is_what_is_followed(target: Target, dx: int, dy: int) -> None:
    picture = np.pad(scene([target], (SIDE, SIDE), 3.0), ((dy, 0), (dx, 0)), mode="edge")
    row = followed(picture, target, target.x_px + dx, target.y_px + dy)
    assert_same(row, found(picture), row["x_px"], row["y_px"], 0.05)


# --- and how much it is in the mean -----------------------------------------------------------


def many(tilt_deg: float) -> list[Target]:
    """Return four targets of each role, always the same."""
    rng = np.random.default_rng(8)
    return [
        Target(
            *rng.uniform(52.0, 58.0, 2), rng.uniform(26.0, 44.0), ratio,
            tilt_deg=tilt_deg, axis_deg=rng.uniform(0.0, 180.0),
        )
        for ratio in INNER_RATIO.values()
        for _ in range(4)
    ]  # fmt: skip


def moved_px(target: Target, other: np.ndarray, by_px: float) -> float:
    """Return how far another picture's detection is from where it should be, without noise."""
    row = followed(scene([target], (SIDE, SIDE)), target, target.x_px, target.y_px)
    there = followed(other, target, target.x_px + by_px, target.y_px - by_px)
    return float(np.hypot(there["x_px"] - row["x_px"] - by_px, there["y_px"] - row["y_px"] + by_px))


def rms(values: list[float]) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


@pytest.mark.parametrize(("tilt_deg", "limit_px"), [(0.0, 0.003), (15.0, 0.006)])
def test_a_quarter_pixel_is_a_quarter_pixel(tilt_deg: float, limit_px: float) -> None:
    errors = []
    for target in many(tilt_deg):
        there = replace(target, x_px=target.x_px + 0.25, y_px=target.y_px - 0.25)
        errors.append(moved_px(target, scene([there], (SIDE, SIDE)), 0.25))
    assert rms(errors) < limit_px


def sloped(picture: np.ndarray, target: Target, slope: float) -> np.ndarray:
    """Let the light grow by ``slope`` of itself over a radius, toward the lower right."""
    rows, columns = np.indices(picture.shape)
    far = (0.8 * (columns - target.x_px) + 0.6 * (rows - target.y_px)) / (0.5 * target.d_px)
    lit: np.ndarray = np.rint(np.clip(picture * (1.0 + slope * far), 0, 255)).astype(np.uint8)
    return lit


SLOPES = [
    # tilt deg, growth of light over a radius, largest RMS movement in px
    (0.0, 0.01, 0.004),
    (0.0, 0.03, 0.010),
    (0.0, 0.05, 0.025),
    (15.0, 0.01, 0.006),
    # A steep slope and the shift of a tilted rim look much the same.
    (15.0, 0.03, 0.040),
]


@pytest.mark.parametrize(("tilt_deg", "slope", "limit_px"), SLOPES)
def test_a_slope_of_the_light_moves_nothing(tilt_deg: float, slope: float, limit_px: float) -> None:
    errors = []
    for target in many(tilt_deg):
        lit = sloped(scene([target], (SIDE, SIDE)), target, slope)
        errors.append(moved_px(target, lit, 0.0))
    assert rms(errors) < limit_px
