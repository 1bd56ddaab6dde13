"""Following predictions, economy of search, and input that is no picture of a target."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import config
from ring_scene import Target, scene

from shinline.types import DETECTION, WINDOW, Role
from shinline.vision import ring
from shinline.vision.ring import BODY_EVERY, RingDetector, detect_image

NONE = np.zeros(0, WINDOW)
slow = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")


def look(
    detector: RingDetector, luma: np.ndarray, windows: np.ndarray = NONE
) -> dict[Role, np.void]:
    """Return what one call of ``detect`` found, by role."""
    out = np.zeros(8, DETECTION)
    count = detector.detect(luma, 123, windows, out)
    assert (out["t_ns"][:count] == 123).all()
    return {Role(row["role"]): row for row in out[:count]}


def window(role: Role, x: float, y: float, r: float, reach: float) -> np.ndarray:
    """Return one WINDOW row."""
    return np.array([(role, x, y, r, reach)], WINDOW)


class Count:
    """Counts whole-picture searches of a detector."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looks = 0
        original = ring.k.look

        def counted(*arguments: object) -> tuple[int, bool]:
            rows, everywhere = original(*arguments)
            self.looks += everywhere
            return rows, everywhere

        monkeypatch.setattr(ring.k, "look", counted)


@slow
def test_a_prediction_that_is_a_little_off_is_followed_without_a_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = scene([Target(60.4, 50.7, 32.0)], (110, 120), 3.0)
    count = Count(monkeypatch)
    found = look(RingDetector((Role.BAR,)), picture, window(Role.BAR, 62.5, 49.0, 15.0, 8.0))
    assert np.hypot(found[Role.BAR]["x_px"] - 60.4, found[Role.BAR]["y_px"] - 50.7) < 0.04
    assert count.looks == 0


@slow
def test_a_target_elsewhere_in_its_window_is_found_without_a_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = scene([Target(100.0, 90.0, 32.0)], (200, 240), 3.0)
    count = Count(monkeypatch)
    for dx, dy in ((-40.0, 10.0), (30.0, 30.0), (0.0, -45.0)):
        near = window(Role.BAR, 100.0 + dx, 90.0 + dy, 17.0, 60.0)
        found = look(RingDetector((Role.BAR,)), picture, near)
        assert found[Role.BAR]["x_px"] == pytest.approx(100.0, abs=0.05)
    assert count.looks == 0


@slow
def test_a_bar_outside_its_window_is_searched_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = scene([Target(180.0, 120.0, 32.0)], (200, 240), 3.0)
    count = Count(monkeypatch)
    found = look(RingDetector(), picture, window(Role.BAR, 60.0, 60.0, 16.0, 20.0))
    assert found[Role.BAR]["x_px"] == pytest.approx(180.0, abs=0.05)
    assert count.looks == 1


@slow
def test_a_body_target_in_the_bar_s_window_is_not_the_bar() -> None:
    picture = scene([Target(60.0, 60.0, 40.0, 0.62)], (120, 120), 3.0)
    found = look(RingDetector(), picture, window(Role.BAR, 60.0, 60.0, 20.0, 10.0))
    assert list(found) == [Role.HIP]


@slow
def test_missing_body_targets_are_searched_ever_more_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = scene([Target(60.0, 60.0, 40.0)], (120, 120), 3.0)
    detector = RingDetector()
    count = Count(monkeypatch)
    looked = []
    for frame in range(400):
        assert Role.BAR in look(detector, picture, window(Role.BAR, 60.0, 60.0, 20.0, 5.0))
        if count.looks > len(looked):
            looked.append(frame)
    assert looked[0] == 0
    waits = np.diff(looked).tolist()
    assert waits[:2] == [BODY_EVERY[0], 2 * BODY_EVERY[0]]
    assert waits == sorted(waits)
    assert waits[-1] == BODY_EVERY[1]


@slow
def test_rows_are_capped_by_the_output_and_by_the_limit() -> None:
    targets = [Target(50.0, 60.0, 40.0), Target(150.0, 60.0, 40.0, 0.62)]
    picture = scene(targets, (120, 200), 3.0)
    assert len(look(RingDetector(), picture)) == 2
    assert list(look(RingDetector(max_markers=1), picture)) == [Role.BAR]
    assert RingDetector().detect(picture, 0, NONE, np.zeros(1, DETECTION)) == 1
    assert RingDetector().detect(picture, 0, NONE, np.zeros(0, DETECTION)) == 0
    assert list(look(RingDetector((Role.HIP,)), picture)) == [Role.HIP]


def test_a_role_without_printed_target_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "INNER_RATIO", {Role.BAR: 0.41})
    with pytest.raises(ValueError, match="KNEE"):
        RingDetector((Role.BAR, Role.KNEE))


@pytest.mark.parametrize(
    "luma", [np.zeros((40, 40)), np.zeros((4, 4, 3), np.uint8), np.zeros(9, np.uint8)]
)  # fmt: skip
def test_what_is_no_8_bit_luma_is_refused(luma: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        detect_image(luma)


@slow
def test_strides_and_protection_do_not_matter() -> None:
    picture = scene([Target(60.3, 50.6, 32.0)], (110, 120), 3.0)
    wide = np.zeros((220, 400), np.uint8)
    wide[::2, 10:370:3] = picture
    guarded = picture.copy()
    guarded.setflags(write=False)
    expected = detect_image(picture)
    assert len(expected) == 1
    views = [wide[::2, 10:370:3], np.asfortranarray(picture), guarded, picture[::-1].copy()[::-1]]
    for view in views:
        np.testing.assert_array_equal(detect_image(view), expected)


@slow
def test_the_same_frames_give_the_same_rows() -> None:
    picture = scene([Target(60.3, 50.6, 32.0), Target(60.0, 130.0, 30.0, 0.24)], (190, 120), 5.0)
    assert detect_image(picture).tobytes() == detect_image(picture.copy()).tobytes()


@slow
def test_a_detector_follows_a_change_of_picture_size() -> None:
    detector = RingDetector()
    for side in (120, 90, 160):
        found = look(detector, scene([Target(50.0, 44.0, 32.0)], (side, side), 2.0))
        assert found[Role.BAR]["x_px"] == pytest.approx(50.0, abs=0.05)


@pytest.mark.parametrize("shape", [(0, 0), (0, 7), (1, 1), (2, 3), (15, 400), (16, 16), (40, 33)])
def test_pictures_too_small_for_a_target_hold_none(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    for luma in (np.zeros(shape, np.uint8), rng.integers(0, 256, shape).astype(np.uint8)):
        assert len(detect_image(luma)) == 0


@slow
@pytest.mark.parametrize("kind", ["black", "white", "noise", "checks", "stripes"])
def test_pictures_of_nothing_hold_nothing(kind: str) -> None:
    rows, columns = np.indices((180, 240))
    pictures = {
        "black": np.zeros_like(rows),
        "white": np.full_like(rows, 255),
        "noise": np.random.default_rng(3).integers(0, 256, rows.shape),
        "checks": 255 * ((rows // 5 + columns // 5) % 2),
        "stripes": 255 * (columns // 7 % 2),
    }
    assert len(detect_image(pictures[kind].astype(np.uint8))) == 0


ODD = [
    (np.nan, 50.0, 16.0, 9.0), (60.0, np.inf, 16.0, 9.0), (60.0, 50.0, np.nan, 9.0),
    (60.0, 50.0, 16.0, np.nan), (60.0, 50.0, 0.0, 9.0), (60.0, 50.0, -4.0, 9.0),
    (60.0, 50.0, 16.0, -1.0), (-900.0, 50.0, 16.0, 9.0), (1e300, -1e300, 16.0, 9.0),
    (60.0, 50.0, 1e300, 9.0), (60.0, 50.0, 1e-300, 9.0), (119.0, 109.0, 16.0, 9.0),
    (0.0, 0.0, 16.0, 0.0),
]  # fmt: skip


@slow
@pytest.mark.parametrize("odd", ODD)
def test_a_window_that_makes_no_sense_does_no_harm(odd: tuple[float, ...]) -> None:
    picture = scene([Target(60.0, 50.0, 32.0)], (110, 120), 3.0)
    found = look(RingDetector(), picture, window(Role.BAR, *odd))
    assert found[Role.BAR]["x_px"] == pytest.approx(60.0, abs=0.05)


@slow
def test_windows_of_unknown_roles_are_ignored() -> None:
    picture = scene([Target(60.0, 50.0, 32.0)], (110, 120), 3.0)
    windows = np.array([(200, 60.0, 50.0, 16.0, 9.0), (3, 60.0, 50.0, 16.0, 9.0)], WINDOW)
    assert list(look(RingDetector(), picture, windows)) == [Role.BAR]


@slow
def test_a_target_is_found_up_to_the_border_of_its_paper_and_not_beyond() -> None:
    """1.42 radii and 5 px must be in view; what is cut gives nothing rather than a wrong centre."""
    for x, seen in ((30.0, True), (20.0, False), (10.0, False), (0.0, False)):
        rows = detect_image(scene([Target(x, 60.0, 32.0)], (120, 120), 2.0))
        assert len(rows) == seen
        if seen:
            assert rows["x_px"][0] == pytest.approx(x, abs=0.05)


BOUNDS = """
import numpy as np
from ring_scene import Target, scene
from shinline.types import DETECTION, WINDOW, Role
from shinline.vision.ring import RingDetector, detect_image

found = 0
for x, y in ((1, 20), (14, 20), (17, 17), (20, 43), (33.5, 12), (52, 30), (59, 60)):
    for width, height in ((61, 47), (60, 64), (97, 33)):
        picture = scene([Target(x, y, 16.0)], (height, width), 2.0)
        found += len(detect_image(picture))
        for reach in (0.0, 6.0, 40.0, 300.0):
            windows = np.array([(0, x, y, 8.0, reach), (2, 0.0, 0.0, 30.0, reach)], WINDOW)
            RingDetector().detect(picture, 0, windows, np.zeros(3, DETECTION))
rng = np.random.default_rng(0)
for shape in ((1, 1), (2, 3), (17, 90), (255, 257)):
    detect_image(rng.integers(0, 256, shape, dtype=np.uint8))
print(found)
"""


@slow
@pytest.mark.deep
def test_kernels_stay_inside_their_arrays(tmp_path: Path) -> None:
    """Near every border and in odd sizes, with the compiler's bounds checks on."""
    tests = Path(__file__).parent
    environment = os.environ | {
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_OPT": "1",  # where kernels read does not depend on it; compiling does
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(tests),
    }
    run = subprocess.run(
        [sys.executable, "-c", BOUNDS], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 4


@slow
def test_a_large_picture_with_eight_targets() -> None:
    picture = np.full((6000, 8000), 90, np.uint8)
    spots = [(900 * i + 400, 700 * i + 300) for i in range(8)]
    for i, (x, y) in enumerate(spots):
        side = 240
        picture[y - 120 : y + 120, x - 120 : x + 120] = scene(
            [Target(120.0, 120.0, 30.0 + 12.0 * i)], (side, side), 2.0
        )
    rows = RingDetector((Role.BAR,), max_markers=8)
    out = np.zeros(8, DETECTION)
    assert rows.detect(picture, 0, NONE, out) == 8
    assert sorted(out["x_px"]) == pytest.approx([x for x, _ in spots], abs=0.05)


@slow
def test_a_rolling_shutter_stamps_a_target_by_its_row() -> None:
    picture = scene([Target(60.0, 90.0, 32.0)], (121, 120), 2.0)
    out = np.zeros(1, DETECTION)
    assert RingDetector((Role.BAR,), row_ns=10_000.0).detect(picture, 1_000_000, NONE, out) == 1
    assert out["t_ns"][0] == pytest.approx(1_000_000 + 30 * 10_000, abs=500)
