"""What each step of a calibration takes, and what it refuses with which words."""

import cv2
import numpy as np
import pytest
from rig_scene import falling, hanging, lying, mount, rolling, rows, swinging

from shinline.types import DETECTION
from shinline_cal.rigging import observe
from shinline_cal.rigging.evidence import ObservationError

HERE = mount()


def test_a_bar_at_rest_is_where_it_is_projected() -> None:
    rest = observe.rest(lying(HERE))
    assert (rest.x_px, rest.y_px) == pytest.approx(tuple(HERE.pixels(np.zeros(3))), abs=0.06)
    assert 0.019 < rest.sd_px < 0.03
    assert rest.seen == 60


def test_a_rest_s_sd_shrinks_with_sightings_only_to_what_paper_and_light_do() -> None:
    few, many = observe.rest(lying(HERE, 40)), observe.rest(lying(HERE, 600))
    assert many.r_rel_sd < few.r_rel_sd
    assert many.r_rel_sd > 0.0004


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda r: r[:10], "in 10 pictures; at least 15"),
        (lambda r: r[:20], "0.3 s; 0.5 s are needed"),
        (lambda r: _with(r, "y_px", np.linspace(600, 660, len(r))), "The bar moves"),
        (lambda r: _with(r, "x_px", r["x_px"] + 300.0 * (np.arange(len(r)) % 2)), "Two things"),
        (lambda r: np.concatenate([r, _with(r, "x_px", r["x_px"] + 300.0)]), "Two things"),
        (
            lambda r: _with(r, "x_px", np.where(np.arange(len(r)) == 5, np.nan, r["x_px"])),
            "no number",
        ),
        (lambda r: _with(r, "r_px", np.zeros(len(r))), "radius of 0"),
    ],
)
def test_what_is_no_rest_is_refused(broken, words: str) -> None:
    with pytest.raises(ObservationError, match=words):
        observe.rest(broken(lying(HERE)))


def _with(given, name: str, values):
    changed = given.copy()
    changed[name] = values
    return changed


@pytest.mark.parametrize("count", [2, 3])
def test_a_string_s_places_are_found_by_themselves(count: int) -> None:
    plumb = observe.plumb(hanging(HERE, places=count))
    assert len(plumb.places) == count
    for place, height in zip(plumb.places, np.linspace(0.05, 0.75, count), strict=True):
        true = HERE.pixels(np.array([0.1, height, 0.05]))
        assert (place.x_px, place.y_px) == pytest.approx(tuple(true), abs=0.15)


def test_two_markers_on_one_string_are_two_places() -> None:
    low, high = lying(HERE, at=(0.1, 0.1, 0.0)), lying(HERE, at=(0.1, 0.7, 0.0))
    assert len(observe.plumb(np.concatenate([low, high])).places) == 2


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (lambda: hanging(HERE, span_m=0.15), "15 cm apart; at least 25 cm"),
        (lambda: lying(HERE), "one place only"),
        (lambda: swinging(HERE), "never hung still"),
        (lambda: np.zeros(0, DETECTION), "0 pictures"),
    ],
)
def test_what_is_no_plumb_line_is_refused(seen, words: str) -> None:
    with pytest.raises(ObservationError, match=words):
        observe.plumb(seen())


def test_a_free_swing_is_cut_out_of_what_comes_before_and_after() -> None:
    free = swinging(HERE, seconds=9.0)
    held = rows(HERE, np.tile([0.25, 0.15, 0.05], (60, 1)), 1)
    free["t_ns"] += held["t_ns"][-1] + 16_666_667
    swing = observe.swing(np.concatenate([held, free]))
    assert swing.period_s == pytest.approx(2 * np.pi * np.sqrt(0.8 / 9.81), rel=0.01)
    assert swing.t_s[-1] > 3.0 * swing.period_s
    assert swing.sd_px < 0.1


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (lambda: swinging(HERE, angle_deg=2.0), "swings 2 degrees"),
        (lambda: swinging(HERE, angle_deg=50.0, length_m=0.5), "swings 39 degrees"),
        (lambda: swinging(HERE, seconds=2.6), "periods; at least 2"),
        (lambda: rolling(HERE), "No free swing"),
    ],
)
def test_what_is_no_swing_is_refused(seen, words: str) -> None:
    with pytest.raises(ObservationError, match=words):
        observe.swing(seen())


def test_a_fall_is_found_and_its_ends_are_left_out() -> None:
    fall = observe.fall(falling(HERE))
    assert 8 <= len(fall.t_s) <= 21
    pull_px = 2.0 * np.polyfit(fall.t_s, fall.y_px, 2)[0]
    assert pull_px * 0.04 / np.median(fall.r_px) == pytest.approx(9.81, rel=0.02)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (lambda: falling(HERE, g=2.0), "No free fall .*the most here: 2.0"),
        (lambda: falling(HERE, seconds=0.12), "No free fall"),
        (lambda: falling(HERE)[:5], "in 5 pictures"),
    ],
)
def test_what_is_no_fall_is_refused(seen, words: str) -> None:
    with pytest.raises(ObservationError, match=words):
        observe.fall(seen())


def test_a_rolled_bar_counts_each_stretch_of_its_way_once() -> None:
    roll = observe.rolled(rolling(HERE))
    assert roll.x_px.size == 8
    assert (np.diff(roll.x_px) > 0.0).all()


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (lambda: rolling(HERE, way_m=0.15), "rolled 15 cm; at least 25 cm"),
        (lambda: swinging(HERE, angle_deg=30.0), "left a straight line"),
    ],
)
def test_what_was_not_rolled_is_refused(seen, words: str) -> None:
    with pytest.raises(ObservationError, match=words):
        observe.rolled(seen())


def test_a_plate_turned_in_place_shows_its_axis() -> None:
    square = mount(0.0, 0.0, 0.0, (0.0, 0.0, 3.4))
    turn = np.linspace(0.0, 2.5, 100)
    path = 0.02 * np.stack([np.sin(turn), np.cos(turn), 0.0 * turn], axis=1)
    spin = observe.spun(rows(square, path))
    assert (spin.x_px, spin.y_px) == pytest.approx(tuple(square.pixels(np.zeros(3))), abs=0.1)
    assert spin.off_axis_px == pytest.approx(0.02 * 1700.0 / 3.4, rel=0.01)
    with pytest.raises(ObservationError, match="turned too little"):
        observe.spun(rows(square, path[:30]))


def _gym(lean_deg: float, noise: float = 3.0) -> np.ndarray:
    """A picture with two posts that lean, one lamp's shade and a bar across."""
    image = np.full((720, 960), 90.0)
    y, x = np.mgrid[0:720, 0:960]
    for at, width in ((200.0, 40.0), (700.0, 25.0)):
        off = x - at + (y - 360.0) * np.tan(np.radians(lean_deg))
        image += 80.0 * np.clip(0.5 + off, 0, 1) * np.clip(0.5 + width - off, 0, 1)
    image[400:410] -= 60.0
    image = cv2.GaussianBlur(image, (0, 0), 0.8) + np.random.default_rng(1).normal(
        0, noise, image.shape
    )
    return np.clip(image, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("lean", [-3.0, 0.0, 1.7])
def test_upright_edges_are_placed_to_hundredths_of_a_degree(lean: float) -> None:
    found = observe.edges(_gym(lean))
    assert len(found) == 2  # one for each post
    for edge in found:
        seen = np.degrees(np.arctan2(edge.x1_px - edge.x2_px, edge.y2_px - edge.y1_px))
        assert seen == pytest.approx(lean, abs=0.03)


def test_a_picture_without_uprights_is_refused() -> None:
    with pytest.raises(ObservationError, match="No straight upright edge"):
        observe.edges(np.full((480, 640), 100, np.uint8))
    with pytest.raises(ValueError, match="grey picture"):
        observe.edges(np.zeros((10, 10, 3), np.uint8))
