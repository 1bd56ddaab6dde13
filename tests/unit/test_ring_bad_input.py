"""Input that is odd or broken gives the same rows, or an error that says what was expected."""

import numpy as np
import pytest
from numba import config
from ring_scene import Target, scene

from shinline.types import DETECTION, WINDOW, Role
from shinline.vision.ring import RingDetector

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")

NONE = np.zeros(0, WINDOW)
TARGET = Target(60.3, 50.6, 32.0)
PICTURE = scene([TARGET, Target(60.0, 130.0, 30.0, 0.24)], (190, 120), 3.0)
WINDOWS = np.array([(Role.BAR, 61.0, 50.0, 16.0, 8.0)], WINDOW)


def rows_of(luma: np.ndarray, windows: np.ndarray = NONE, room: int = 8) -> np.ndarray:
    """Return the rows of a new detector."""
    out = np.zeros(room, DETECTION)
    return out[: RingDetector().detect(luma, 5, windows, out)]


@pytest.mark.parametrize(
    "luma",
    [
        np.dstack([PICTURE] * 3), PICTURE[None], PICTURE.astype(np.uint16), PICTURE.astype(float),
        PICTURE.astype(np.float32) / 255.0, PICTURE.astype(np.int8), PICTURE > 99,
        PICTURE.astype(complex), PICTURE.astype(int), PICTURE.astype(object), np.uint8(7),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=[
        "colour", "stack", "uint16", "double", "single", "signed", "bool", "complex", "integers",
        "object", "one number", "empty colour",
    ],
)  # fmt: skip
def test_what_is_no_8_bit_grey_picture_is_refused_by_its_shape_and_type(luma: np.ndarray) -> None:
    expected = rf"\(H, W\) uint8, not .*{luma.dtype}"
    with pytest.raises(ValueError, match=expected):
        rows_of(luma)
    detector = RingDetector()
    out = np.zeros(8, DETECTION)
    detector.detect(PICTURE, 5, NONE, out)
    with pytest.raises(ValueError, match=expected):  # also once a good one has been seen
        detector.detect(luma, 5, NONE, out)
    assert detector.detect(PICTURE, 5, NONE, out) == 2  # and no harm is done


def views() -> dict[str, np.ndarray]:
    """Return the same picture laid out in memory in odd ways."""
    guarded = PICTURE.copy()
    guarded.setflags(write=False)
    odd = np.zeros(PICTURE.size + 1, np.uint8)[1:].reshape(PICTURE.shape)
    odd[:] = PICTURE
    return {
        "columns first": np.asfortranarray(PICTURE),
        "read only": guarded,
        "backwards": np.ascontiguousarray(PICTURE[::-1, ::-1])[::-1, ::-1],
        "transposed": np.ascontiguousarray(PICTURE.T).T,
        "one plane of colour": np.dstack([PICTURE] * 3)[:, :, 1],
        "part of a larger one": np.pad(PICTURE, ((3, 9), (5, 2)))[3:-9, 5:-2],
        "no even address": odd,
        "a subclass": PICTURE.view(np.ma.MaskedArray),
    }


@pytest.mark.parametrize("name", views())
@pytest.mark.parametrize("windows", [NONE, WINDOWS], ids=["searched", "followed"])
def test_how_a_picture_lies_in_memory_does_not_matter(name: str, windows: np.ndarray) -> None:
    luma = views()[name]
    before = np.array(luma)
    found = rows_of(luma, windows)
    assert len(found) == 2
    np.testing.assert_array_equal(found, rows_of(PICTURE, windows))
    np.testing.assert_array_equal(luma, before)


@pytest.mark.parametrize(
    "shape", [(0, 5), (5, 0), (0, 0), (1, 1), (1, 700), (700, 1), (3, 4), (33, 8)]
)  # fmt: skip
@pytest.mark.parametrize("windows", [NONE, WINDOWS], ids=["searched", "followed"])
def test_a_picture_too_small_for_a_target_holds_none(
    shape: tuple[int, int], windows: np.ndarray
) -> None:
    noise = np.random.default_rng(2).integers(0, 256, shape).astype(np.uint8)
    for luma in (np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8), noise):
        assert len(rows_of(luma, windows)) == 0


@pytest.mark.parametrize("kind", ["black", "white", "noise", "faint noise", "two greys", "ramp"])
def test_nothing_is_followed_in_a_picture_of_nothing(kind: str) -> None:
    rng = np.random.default_rng(4)
    shape = (190, 120)
    pictures = {
        "black": np.zeros(shape),
        "white": np.full(shape, 255),
        "noise": rng.integers(0, 256, shape),
        "faint noise": 128 + rng.integers(-6, 7, shape),
        "two greys": 255 * rng.integers(0, 2, shape),
        "ramp": np.add.outer(np.arange(190), np.arange(120)) // 2,
    }
    for r in (3.0, 8.0, 16.0, 30.0):
        windows = np.array([(role, 60.0, 80.0, r, 20.0) for role in range(7)], WINDOW)
        assert len(rows_of(pictures[kind].astype(np.uint8), windows)) == 0


BROKEN = [np.nan, np.inf, -np.inf, -1.0, -1e9, 0.0, 1e9, 1e38, 1e-38]
FIELDS = [name for name in WINDOW.names if name != "role"]


@pytest.mark.parametrize("value", BROKEN)
@pytest.mark.parametrize("field", FIELDS)
def test_a_broken_window_does_not_change_what_is_found(field: str, value: float) -> None:
    """The bar is searched everywhere instead, and the other window is served."""
    bad = WINDOWS.copy()
    bad[field] = value
    shoulder = np.array([(Role.SHOULDER, 61.0, 129.0, 15.0, 6.0)], WINDOW)
    for windows in (np.r_[bad, shoulder], np.r_[shoulder, bad]):
        found = rows_of(PICTURE, windows)
        assert found["role"].tolist() == [Role.BAR, Role.SHOULDER]
        assert found["x_px"] == pytest.approx([60.3, 60.0], abs=0.05)
        assert found["y_px"] == pytest.approx([50.6, 130.0], abs=0.05)


@pytest.mark.parametrize("value", BROKEN)
@pytest.mark.parametrize("field", FIELDS)
def test_a_broken_window_alone_gives_a_right_row_or_none(field: str, value: float) -> None:
    """Where nothing is searched everywhere: the shoulder's window, after a look around."""
    detector = RingDetector()
    out = np.zeros(8, DETECTION)
    detector.detect(PICTURE, 5, NONE, out)
    windows = np.array([WINDOWS[0], (Role.SHOULDER, 61.0, 129.0, 15.0, 6.0)], WINDOW)
    windows[field][1] = value
    found = out[: detector.detect(PICTURE, 5, windows, out)]
    assert found["role"].tolist() in ([Role.BAR], [Role.BAR, Role.SHOULDER])
    assert found["y_px"] == pytest.approx([50.6, 130.0][: len(found)], abs=0.05)


@pytest.mark.parametrize("x", [-500.0, -20.0, 140.0, 4000.0])
@pytest.mark.parametrize("y", [-500.0, 80.0, 4000.0])
def test_a_window_outside_the_picture_does_not_change_what_is_found(x: float, y: float) -> None:
    away = np.array([(Role.BAR, x, y, 16.0, 8.0)], WINDOW)
    found = rows_of(PICTURE, away)
    assert found["role"].tolist() == [Role.BAR, Role.SHOULDER]
    np.testing.assert_array_equal(found, rows_of(PICTURE))


def test_every_role_number_may_stand_in_a_window() -> None:
    """A number that is no role, or one without a target, is passed over."""
    windows = np.array([(role, 61.0, 50.0, 16.0, 8.0) for role in range(256)], WINDOW)
    found = rows_of(PICTURE, windows)
    assert found["role"].tolist() == [Role.BAR, Role.SHOULDER]


def test_the_same_window_many_times_gives_the_same_row_once() -> None:
    expected = rows_of(PICTURE, WINDOWS)
    np.testing.assert_array_equal(rows_of(PICTURE, np.repeat(WINDOWS, 300)), expected)


@pytest.mark.deep
def test_windows_laid_out_in_odd_ways_are_read_all_the_same() -> None:
    expected = rows_of(PICTURE, WINDOWS)
    spread = np.zeros(4, WINDOW)
    spread[::2] = WINDOWS
    guarded = WINDOWS.copy()
    guarded.setflags(write=False)
    for windows in (spread[::2], guarded, np.repeat(WINDOWS, 2)[::-1]):
        np.testing.assert_array_equal(rows_of(PICTURE, windows), expected)


@pytest.mark.parametrize("room", [0, 1, 2, 3])
@pytest.mark.parametrize("windows", [NONE, WINDOWS], ids=["searched", "followed"])
def test_no_row_is_written_beyond_the_room_there_is(room: int, windows: np.ndarray) -> None:
    whole = np.zeros(6, DETECTION)
    whole["x_px"] = -7.0
    count = RingDetector().detect(PICTURE, 5, windows, whole[1 : 1 + room])
    assert count == min(room, 2)
    written = whole["x_px"] != -7.0
    assert written.tolist() == [1 <= i <= count for i in range(6)]


def test_a_broken_picture_in_between_leaves_later_rows_as_they_were() -> None:
    """Black, white and noise between two good pictures: the target is found again at once."""
    detector = RingDetector((Role.BAR,))
    out = np.zeros(8, DETECTION)
    noise = np.random.default_rng(3).integers(0, 256, PICTURE.shape).astype(np.uint8)
    for broken in (np.zeros_like(PICTURE), np.full_like(PICTURE, 255), noise):
        assert detector.detect(broken, 5, WINDOWS, out) == 0
        assert detector.detect(PICTURE, 5, WINDOWS, out) == 1
        assert np.hypot(out["x_px"][0] - 60.3, out["y_px"][0] - 50.6) < 0.05
