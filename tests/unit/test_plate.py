"""The plate's rim, found and followed in drawn pictures."""

import numpy as np
import pytest
from plate_scene import Box, Luma, Plate, compiled_only, draw, static

from shinline.types import DETECTION, WINDOW, BarPrior, Role, Rows
from shinline.vision.plate import PlateDetector

pytestmark = compiled_only

AWAY = Plate(140.3, 180.7, 52.4)
NOWHERE = np.zeros(0, WINDOW)


def _detect(luma: Luma, detector: PlateDetector | None = None, windows: Rows = NOWHERE) -> Rows:
    out = np.zeros(8, DETECTION)
    return out[: (detector or PlateDetector()).detect(luma, 7, windows, out)]


def _window(x_px: float, y_px: float, r_px: float, reach_px: float = 12.0) -> Rows:
    windows = np.zeros(1, WINDOW)
    windows[0] = (Role.BAR, x_px, y_px, r_px, reach_px)
    return windows


def _off_px(row: np.void, plate: Plate) -> float:
    return float(np.hypot(row["x_px"] - plate.x_px, row["y_px"] - plate.y_px))


SCENES = {
    "free": ((), AWAY),
    "legs in front": ((Box(150, 0, 190, 330, 200.0), Box(215, 0, 240, 330, 90.0)), AWAY),
    "a leg over the middle": ((Box(125, 0, 158, 330, 210.0),), AWAY),
    "cut by the left edge": ((), Plate(28.6, 200.2, 52.4)),
    "cut by the lower edge": ((), Plate(150.4, 322.8, 52.4)),
    "light on dark": ((), Plate(150.4, 200.2, 40.7, 215.0)),
    "small": ((), Plate(150.4, 200.2, 24.3)),
    "large": ((), Plate(150.4, 180.2, 92.6)),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_plate_is_found_within_half_a_pixel(name: str) -> None:
    boxes, plate = SCENES[name]
    (row,) = _detect(draw([plate], boxes))
    assert _off_px(row, plate) < 0.5
    assert row["r_px"] == pytest.approx(plate.r_px, abs=1.0)
    assert row["role"] == Role.BAR
    assert row["t_ns"] == 7


@pytest.mark.parametrize("noise", [0.0, 6.0, 12.0])
def test_noise_costs_little(noise: float) -> None:
    (row,) = _detect(draw([AWAY], noise=noise))
    assert _off_px(row, AWAY) < 0.5


def test_the_claimed_variance_is_that_of_the_error() -> None:
    """Within a factor of five either way; the tracker multiplies what is claimed too small."""
    rows = [_detect(draw([AWAY], noise=6.0, seed=seed))[0] for seed in range(12)]
    errors = np.array([[r["x_px"] - AWAY.x_px, r["y_px"] - AWAY.y_px] for r in rows])
    claimed = np.array([[r["var_x_px2"], r["var_y_px2"]] for r in rows])
    ratio = (errors**2).mean() / claimed.mean()
    assert ratio < 5.0


def test_a_hidden_side_makes_the_centre_less_sure_across_it() -> None:
    (free,) = _detect(draw([AWAY]))
    (cut,) = _detect(draw([Plate(20.6, 180.7, 52.4)]))
    assert cut["var_x_px2"] > 2.0 * free["var_x_px2"]


@pytest.mark.parametrize(
    "luma",
    [
        static(),
        np.zeros((360, 300), np.uint8),
        np.full((360, 300), 255, np.uint8),
        draw([], [Box(100, 0, 140, 330, 60.0), Box(180, 0, 200, 330, 220.0)]),
    ],
    ids=["noise", "black", "white", "straight things"],
)
def test_where_there_is_no_plate_none_is_found(luma: Luma) -> None:
    assert len(_detect(luma)) == 0


@pytest.mark.parametrize("shape", [(1, 1), (0, 0), (3, 500), (63, 63)])
def test_a_picture_too_small_for_a_plate_shows_none(shape: tuple[int, int]) -> None:
    assert len(_detect(np.zeros(shape, np.uint8))) == 0


def test_the_smallest_pictures_do_no_harm() -> None:
    assert len(_detect(np.zeros((64, 64), np.uint8))) == 0
    assert len(_detect(static((64, 2000)))) <= 1


def test_rows_may_be_strided() -> None:
    luma = draw([AWAY])
    padded = np.zeros((360, 512), np.uint8)
    padded[:, 100:400] = luma
    every_other = np.repeat(luma, 2, axis=1)[:, ::2]
    for view in (padded[:, 100:400], every_other, np.asfortranarray(luma)):
        assert _detect(view)[0] == _detect(luma)[0]


@pytest.mark.parametrize(
    "luma",
    [
        np.zeros((100, 100)),
        np.zeros((100, 100, 3), np.uint8),
        np.zeros((100, 100), np.uint16),
        np.zeros(100, np.uint8),
    ],
    ids=["float", "colour", "16 bit", "a line"],
)
def test_other_than_8_bit_luma_is_a_programmers_mistake(luma: Luma) -> None:
    with pytest.raises(ValueError, match="uint8"):
        _detect(luma)


def test_a_plate_is_followed_up_and_down() -> None:
    detector = PlateDetector()
    place = AWAY
    (row,) = _detect(draw([place]), detector)
    errors = []
    for step in range(12):
        lower = 9.0 * np.sin(step)
        place = Plate(140.3 + 0.3 * step, 180.7 + lower, 52.4)
        windows = _window(float(row["x_px"]), float(row["y_px"]), 52.4, 25.0)
        (row,) = _detect(draw([place], seed=step), detector, windows)
        errors.append(_off_px(row, place))
    assert max(errors) < 0.5


def test_a_hand_across_the_rim_does_not_bend_it() -> None:
    detector = PlateDetector()
    _detect(draw([AWAY]), detector)
    hand = (Box(130, 115, 175, 150, 190.0),)
    (row,) = _detect(draw([AWAY], hand), detector, _window(140.0, 181.0, 52.4))
    assert _off_px(row, AWAY) < 0.5
    assert row["axis_ratio"] > 0.97


def test_of_two_equal_plates_the_one_in_the_window_is_followed() -> None:
    twin = Plate(250.0, 180.0, 40.0)
    mine = Plate(90.0, 180.0, 40.0)
    detector = PlateDetector(BarPrior(90.0, 180.0, 40.0))
    _detect(draw([mine]), detector)
    (row,) = _detect(draw([mine, twin]), detector, _window(92.0, 183.0, 40.0))
    assert _off_px(row, mine) < 0.5


def test_a_plate_that_left_is_not_followed() -> None:
    detector = PlateDetector()
    _detect(draw([AWAY]), detector)
    assert len(_detect(draw([]), detector, _window(140.0, 181.0, 52.4))) == 0


@pytest.mark.parametrize(
    "windows",
    [
        _window(np.nan, 10.0, 52.4),
        _window(1e7, -1e7, 52.4),
        _window(140.0, 180.0, 52.4, np.inf),
        _window(-40.0, -40.0, 52.4, 5.0),
    ],
    ids=["not a number", "far outside", "endless reach", "just outside"],
)
def test_a_senseless_window_finds_nothing_and_does_no_harm(windows: Rows) -> None:
    detector = PlateDetector()
    _detect(draw([AWAY]), detector)
    assert len(_detect(draw([AWAY]), detector, windows)) == 0


def test_a_prior_chooses_the_plate_of_its_size_and_column() -> None:
    mine, larger = Plate(90.0, 240.0, 40.0), Plate(220.0, 120.0, 70.0)
    luma = draw([mine, larger])
    (guessed,) = _detect(luma)
    (told,) = _detect(luma, PlateDetector(BarPrior(90.0, 200.0, 40.0)))
    assert _off_px(guessed, larger) < 0.5
    assert _off_px(told, mine) < 0.5


def test_a_picture_of_another_size_is_looked_at_afresh() -> None:
    detector = PlateDetector()
    _detect(draw([AWAY]), detector)
    other = Plate(200.0, 150.0, 45.0)
    (row,) = _detect(draw([other], shape=(300, 420)), detector)
    assert _off_px(row, other) < 0.5
