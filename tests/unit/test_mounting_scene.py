"""What the last second is boiled down to, and what is read off the marker."""

from dataclasses import replace

import numpy as np
import pytest
from mounting_material import rows, scene, seen

from shinline.app.mounting.scene import Window, light_on
from shinline.types import NS_PER_S, Role, U8Image

FRAME_NS = NS_PER_S // 60


def marker(paper: int, black: int, x_px: float = 100.0) -> U8Image:
    luma = np.full((200, 200), 120, np.uint8)
    grid = np.mgrid[:200, :200]
    away = np.hypot(grid[1] - x_px, grid[0] - 100.0) / 20.0
    for share, level in ((1.6, paper), (1.0, black), (0.41, paper)):
        luma[away < share] = level
    return luma


def test_a_resting_marker_is_its_median_and_its_scatter() -> None:
    window = Window()
    radii = [13.0, 13.1, 12.9, 13.0, 13.2]
    for n, r_px in enumerate(radii):
        window.add(n * FRAME_NS, rows(seen(r_px=r_px)))
    told = window.seen()[Role.BAR]
    assert told.r_px == 13.0
    assert told.r_rel_sd == pytest.approx(np.std(radii) / 13.0)
    assert (told.share, told.still, told.sd_px) == (1.0, True, pytest.approx(0.01))


def test_a_moving_one_is_where_it_was_last_and_tells_no_scatter() -> None:
    window = Window()
    for n in range(10):
        window.add(n * FRAME_NS, rows(seen(y_px=490.0 - 5.0 * n)))
    told = window.seen()[Role.BAR]
    assert (told.y_px, told.r_rel_sd, told.contrast_rel_sd) == (445.0, None, None)


def test_a_marker_that_comes_and_goes_is_counted_by_frames() -> None:
    window = Window()
    for n in range(20):
        window.add(n * FRAME_NS, rows(*([seen()] if n % 4 else [])))
    assert window.seen()[Role.BAR].share == 0.75


def test_of_two_bars_the_first_counts_in_every_frame() -> None:
    window = Window()
    for n in range(5):
        window.add(n * FRAME_NS, rows(seen(), seen(x_px=100.0, r_px=30.0), seen(Role.HIP)))
    found = window.seen()
    assert list(found) == [Role.BAR, Role.HIP]
    assert (found[Role.BAR].x_px, found[Role.BAR].share) == (479.5, 1.0)


def test_only_the_last_second_counts_and_a_clock_set_back_begins_anew() -> None:
    window = Window()
    window.add(0, rows(seen(Role.KNEE)))
    for n in range(70):
        window.add(n * FRAME_NS + 1, rows(seen()))
    assert list(window.seen()) == [Role.BAR]
    window.add(5, rows(seen(Role.HIP)))
    assert list(window.seen()) == [Role.HIP]
    assert Window().seen() == {}


def test_what_no_marker_can_be_is_left_out() -> None:
    window = Window()
    odd = [seen(x_px=float("nan")), seen(Role.HIP, r_px=0.0), seen(Role.SCENE), seen(Role.CAMERA)]
    window.add(0, rows(*odd))
    assert window.seen() == {}


def test_paper_and_black_are_read_off_the_print() -> None:
    there = rows(seen(x_px=100.0, y_px=100.0, r_px=20.0))
    told = light_on(marker(230, 30), there)
    assert told is not None
    assert (told.paper, told.black, told.burnt_share) == (230.0, 30.0, 0.0)
    burnt = light_on(marker(255, 40), there)
    assert burnt is not None
    assert burnt.burnt_share == 1.0


def test_a_marker_at_the_edge_or_out_of_sight_tells_no_light() -> None:
    cut = rows(seen(x_px=2.0, y_px=2.0, r_px=20.0))
    assert light_on(marker(230, 30, 2.0), cut) is None
    assert light_on(marker(230, 30), rows(seen(Role.HIP, x_px=100.0, y_px=100.0))) is None
    assert light_on(marker(230, 30), rows()) is None


def test_a_scene_knows_its_scale_by_what_is_followed() -> None:
    one = scene(seen(r_px=20.0))
    assert one.m_per_px == 0.002
    blind = replace(one, markers={})
    assert blind.m_per_px is None
    assert scene(lens=None).view is None
    assert scene(rig=None).view is None
