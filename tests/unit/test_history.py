"""The memory of measurements from which a finished rep is smoothed."""

import numpy as np

from shinline.motion import history as module
from shinline.motion.history import History
from shinline.types import NS_PER_S, Role


def _filled(frames: int, step_ns: int = 10_000_000) -> History:
    history = History()
    for i in range(frames):
        assert history.begin_frame(i * step_ns)
        history.put(Role.BAR, 0.0, 0.001 * i, 1e-6)
    return history


def test_a_time_that_does_not_go_forward_is_skipped() -> None:
    history = _filled(3)
    assert not history.begin_frame(20_000_000)
    assert not history.begin_frame(0)
    assert history.window(0, 10**12) == slice(0, 3)


def test_a_window_includes_both_of_its_ends() -> None:
    assert _filled(10).window(20_000_000, 50_000_000) == slice(2, 6)


def test_a_role_that_was_never_seen_coasts_throughout() -> None:
    history = _filled(20)
    path = history.smoothed(Role.HIP, history.window(0, 10**12))
    assert len(path) == 20
    assert path["coasting"].all()


def test_frames_without_a_sighting_coast() -> None:
    history = _filled(20)
    history.begin_frame(200_000_000)
    path = history.smoothed(Role.BAR, history.window(0, 10**12))
    np.testing.assert_array_equal(path["coasting"], [False] * 20 + [True])


def test_each_marker_has_its_own_place() -> None:
    history = _filled(20)
    history.put(Role.CREST, 9.0, 9.0, 1e-6)
    path = history.smoothed(Role.BAR, history.window(0, 10**12))
    assert path["y_m"].max() < 0.1
    assert not history.smoothed(Role.CREST, history.window(0, 10**12))["coasting"][-1]


def test_when_it_is_full_the_oldest_half_goes() -> None:
    history = _filled(module.CAPACITY + 1, step_ns=1000)
    kept = history.window(0, 10**12)
    assert kept == slice(0, module.CAPACITY // 2 + 1)
    newest = history.smoothed(Role.BAR, slice(kept.stop - 4, kept.stop))
    assert newest["t_ns"][-1] == module.CAPACITY * 1000
    np.testing.assert_allclose(newest["y_m"][-1], 0.001 * module.CAPACITY, atol=0.005)
    assert not newest["coasting"].any()


def test_clear_forgets_everything() -> None:
    history = _filled(5)
    history.clear()
    assert history.window(0, 10**12) == slice(0, 0)
    assert history.begin_frame(0)


def _wandering(step_m: float, stray_m: float = 0.0) -> np.ndarray:
    """Tell where a rough track jumped: half-way it steps aside, and a single sample is astray."""
    history, random = History(), np.random.default_rng(3)
    for i in range(80):
        history.begin_frame(i * NS_PER_S // 30)
        x_m = 0.006 * random.normal() + step_m * (i >= 40) + stray_m * (i == 20)
        history.put(Role.BAR, x_m, 0.01 * i, 1e-6)
    return np.flatnonzero(history.jumps(Role.BAR, history.window(0, 10**12)))


def test_a_step_aside_is_a_jump_however_rough_the_track() -> None:
    np.testing.assert_array_equal(_wandering(0.08), [40])


def test_noise_and_a_single_stray_are_none() -> None:
    assert _wandering(0.0).size == 0
    assert _wandering(0.0, 0.3).size == 0
