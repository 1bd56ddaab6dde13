"""What counts as evidence of a floor, and what does not."""

import numpy as np
import pytest
from lifts import Script

from shinline.coach.floor import SAME_FLOOR_M, Floor
from shinline.types import NS_PER_S


def _floor(script: Script, rate_hz: float = 60.0, noise_m: float = 3e-4, seed: int = 1) -> Floor:
    floor = Floor()
    random = np.random.default_rng(seed)
    for t_s in np.arange(0.0, script.duration_s, 1.0 / rate_hz):
        y = float(script.at(np.array([t_s]))[1][0]) + noise_m * random.normal()
        floor.update(round(t_s * NS_PER_S), y)
    return floor


HELD = Script().move(0.25, -0.05, ease=lambda u: u)
"""A bar first seen in motion: the beginning of the recording shows no floor."""


def test_a_bar_that_lies_still_shows_a_floor() -> None:
    assert _floor(HELD.rest(0.8)).supports(-0.05)


def test_a_recording_that_begins_with_a_still_bar_shows_a_floor() -> None:
    assert _floor(Script().rest(0.15).move(1.0, 0.4)).supports(0.0)


def test_a_bar_in_motion_shows_none() -> None:
    assert _floor(HELD.move(1.0, 0.4).move(1.0, -0.4)).levels_m == []


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0])
def test_a_bar_that_strikes_shows_a_floor(rate_hz: float) -> None:
    assert _floor(HELD.move(0.5, 0.4).drop(0.4).move(0.5, 0.4), rate_hz).supports(-0.05)


@pytest.mark.parametrize("sink_mps", [0.006, 0.010, 0.020])
@pytest.mark.parametrize("seed", range(3))
def test_a_bar_that_sinks_on_a_chest_shows_none(sink_mps: float, seed: int) -> None:
    pause = HELD.move(1.0, -0.3).move(1.5, -1.5 * sink_mps, ease=lambda u: u).move(1.0, 0.3)
    assert _floor(pause, seed=seed).levels_m == []


def test_a_controlled_turn_shows_none() -> None:
    """A squat turns around without a stop that only a floor can give."""
    assert _floor(HELD.move(1.0, -0.5).move(1.0, 0.5).move(1.0, -0.5)).levels_m == []


def test_one_mistracked_picture_does_not_unsettle_a_floor() -> None:
    floor = Floor()
    floor.update(0, 1.0)  # the beginning is elsewhere
    for i in range(1, 50):
        floor.update(i * NS_PER_S // 60, 0.03 if i % 12 == 0 else 0.0)
    assert floor.supports(0.0)


def test_a_level_is_withdrawn_when_the_bar_goes_well_below_it() -> None:
    floor = _floor(Script().rest(0.8).move(1.0, -SAME_FLOOR_M - 0.05))
    assert not floor.supports(0.0)


def test_levels_close_together_are_one_floor() -> None:
    floor = _floor(Script().rest(0.8).move(1.0, 0.5).move(1.0, -0.45).rest(0.8))
    assert len(floor.levels_m) == 1


def test_levels_outlive_a_lost_marker() -> None:
    floor = _floor(Script().rest(0.8))
    floor.forget()
    assert floor.supports(0.0)


def test_what_is_seen_after_a_loss_is_not_the_beginning() -> None:
    floor = Floor()
    floor.forget()
    for i in range(12):
        floor.update(i * NS_PER_S // 60, 0.0)
    assert floor.levels_m == []
