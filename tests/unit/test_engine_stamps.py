"""Time stamps that lie cost numbers, never their truth; what is seen again begins anew."""

import numpy as np
import pytest
from lifts import Camera, Script, Session, dead_stops, film, lift, play, single, truth

from shinline.engine import CLOCK_FRAMES
from shinline.motion.smooth import jumps
from shinline.types import NS_PER_S, MarkerEvent, Rows

Frames = list[tuple[np.void, Rows]]
RATE_HZ = 60.0
MID_PULL_S = 1.5 + 0.65


def _shifted(frames: Frames, from_s: float, by_s: float) -> Frames:
    """Let the clock jump once: all later stamps are off by as much."""
    for head, rows in frames:
        if head["t_ns"] - Camera().t0_ns >= from_s * NS_PER_S:
            head["t_ns"] += round(by_s * NS_PER_S)
            rows["t_ns"] = head["t_ns"]
    return frames


def _speeds(session: Session) -> list[float]:
    return [rep.mean_velocity_mps for rep in session.reps if rep.mean_velocity_mps is not None]


@pytest.mark.parametrize("by_s", [-30.0, -1.0, -0.2, -0.08, 0.08, 0.15, 0.4, 3.0, 1000.0])
def test_a_clock_that_jumps_in_mid_pull_gives_no_speed_and_spares_the_other_reps(
    by_s: float,
) -> None:
    session = play(_shifted(film(dead_stops(3), Camera()), MID_PULL_S, by_s))
    true = truth(dead_stops(1), 1.0, 3.4)
    assert len(_speeds(session)) == 2
    assert _speeds(session) == pytest.approx([true.mean_mps] * 2, abs=0.01)
    assert len(session.reps) + len(session.voids) >= 3  # each part of the torn one is told


@pytest.mark.parametrize("by_s", [-30.0, -0.3, 0.3, 30.0])
def test_a_clock_that_jumps_while_the_bar_lies_costs_no_rep(by_s: float) -> None:
    session = play(_shifted(film(dead_stops(3), Camera()), 5.3, by_s))
    assert [rep.valid for rep in session.reps] == [True] * 3


@pytest.mark.parametrize("by_s", [0.0, -0.05, -3.0])
def test_one_stamp_that_repeats_or_goes_back_is_skipped(by_s: float) -> None:
    frames = film(dead_stops(2), Camera())
    at = round(MID_PULL_S * RATE_HZ)
    for i in (at, at + 20):
        frames[i][0]["t_ns"] = frames[i - 1][0]["t_ns"] + round(by_s * NS_PER_S)
    session = play(frames)
    assert [rep.valid for rep in session.reps] == [True] * 2
    assert _speeds(session)[0] == pytest.approx(_speeds(session)[1], abs=0.005)


def test_a_clock_that_is_set_back_is_believed_after_a_few_pictures() -> None:
    session = play(_shifted(film(single(), Camera()), 0.5, -40.0))
    first, lost, again = session.of(MarkerEvent)[:3]
    assert (first.seen, lost.seen, again.seen) == (True, False, True)
    back_ns = Camera().t0_ns + round((0.5 - 40.0 + CLOCK_FRAMES / RATE_HZ) * NS_PER_S)
    assert again.t_ns == pytest.approx(back_ns, abs=3 * NS_PER_S / RATE_HZ)
    assert [rep.valid for rep in session.reps] == [True]


def test_a_bar_found_again_in_a_slow_pull_has_no_speed() -> None:
    """It moves at 0.1 m/s when it comes back into sight: it was on its way already."""
    script = Script().rest(1.5).move(5.0, 0.5).rest(1.0).move(1.0, -0.5).rest(1.5)
    session = lift(script.hide(2.2, 3.2))
    assert _speeds(session) == []
    assert len(session.reps) + len(session.voids) >= 1


def test_a_bar_found_again_where_it_hardly_moves_has_no_speed() -> None:
    """It comes back into sight at a standstill of 0.2 s a hand above the floor, then goes on up."""
    script = Script().rest(1.5).move(0.8, 0.15).rest(0.9).move(1.0, 0.37).rest(1.0)
    session = lift(script.move(1.0, -0.52).rest(1.5).hide(1.9, 3.0))
    assert _speeds(session) == []
    assert len(session.reps) + len(session.voids) >= 1


def _line(t_s: np.ndarray, at: int, step_m: float) -> np.ndarray:
    y_m = 0.4 * t_s
    y_m[at:] += step_m
    return y_m


@pytest.mark.parametrize(("step_m", "found"), [(0.0, []), (0.02, [30]), (-0.02, [30])])
def test_a_step_of_the_track_is_found_where_it_is(step_m: float, found: list[int]) -> None:
    t_s = np.arange(60) / RATE_HZ
    noise = 2e-4 * np.random.default_rng(1).standard_normal(60)
    assert np.flatnonzero(jumps(t_s, _line(t_s, 30, step_m) + noise)).tolist() == found


def test_one_sample_astray_is_no_jump() -> None:
    t_s = np.arange(60) / RATE_HZ
    y_m = _line(t_s, 60, 0.0)
    y_m[30] += 0.02
    assert not jumps(t_s, y_m).any()


def test_a_gap_in_even_motion_is_no_jump() -> None:
    t_s = np.delete(np.arange(60) / RATE_HZ, slice(25, 32))
    assert not jumps(t_s, 0.4 * t_s + 0.5 * t_s**2).any()


def test_too_few_samples_show_no_jump() -> None:
    t_s = np.arange(7) / RATE_HZ
    assert not jumps(t_s, _line(t_s, 3, 1.0)).any()
