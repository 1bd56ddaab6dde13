"""Bar paths that were measured in a gym or by Vicon, as numbers, through the engine."""

from collections.abc import Callable

import mocap_table
import numpy as np
import pytest
from mocap_paths import (
    MOCAP,
    POOR,
    STICKERS,
    Measured,
    below_cutoff,
    gym_set,
    straight_reps,
    table,
    true_reps,
    vicon_ends,
)

from shinline.app.bench.lifts.kinds import KINDS, play
from shinline.app.bench.lifts.pulls import Draw
from shinline.app.bench.lifts.ranges import JUDGING
from shinline.types import FloatArray

FILMS = 3

needs_paths = pytest.mark.skipif(
    not MOCAP.is_dir(), reason=f"no bar paths in {MOCAP}; set SHINLINE_MOCAP to their folder"
)


@pytest.mark.parametrize("seed", range(4))
def test_the_reference_measures_exact_lifts_exactly(seed: int) -> None:
    """On the benchmark's dead-stop lifts, whose truth comes from their pieces."""
    motion = play(KINDS[0], Draw(JUDGING, np.random.default_rng(seed)), 3)
    found = true_reps(lambda t_s: motion.at(t_s)[:3], motion.duration_s)
    assert len(found) == len(motion.reps) == 3
    for mine, theirs in zip(found, motion.reps, strict=True):
        assert mine.start_s == pytest.approx(theirs.start_s, abs=0.001)
        assert mine.lockout_s == pytest.approx(theirs.lockout_s, abs=0.001)
        assert mine.rom_m == pytest.approx(theirs.rom_m, abs=0.0001)
        assert mine.mean_velocity_mps == pytest.approx(theirs.mean_velocity_mps, abs=0.001)
        assert mine.peak_velocity_mps == pytest.approx(theirs.peak_velocity_mps, abs=0.001)
        assert mine.drift_forward_m == pytest.approx(theirs.drift_forward_m, abs=0.0001)
        assert mine.drift_backward_m == pytest.approx(theirs.drift_backward_m, abs=0.0001)


@pytest.mark.clips
@needs_paths
@pytest.mark.parametrize("name", STICKERS)
def test_a_good_tracker_gives_every_rep_with_its_numbers(name: str) -> None:
    """Sample by sample as it was tracked, centimetres off where a sticker was missed."""
    reps, true = straight_reps(table(name)), gym_set(name).reps
    assert len(reps) == len(true) == int(name.split("-")[2])
    for rep, expected in zip(reps, true, strict=True):
        assert rep.valid
        assert 0.48 < rep.rom_m < 0.53
        assert rep.mean_velocity_mps == pytest.approx(expected.mean_velocity_mps, abs=0.01)
        assert rep.peak_velocity_mps == pytest.approx(expected.peak_velocity_mps, abs=0.02)
        assert rep.drift_forward_m == pytest.approx(expected.drift_forward_m, abs=0.005)
        assert rep.drift_backward_m == pytest.approx(expected.drift_backward_m, abs=0.005)


def _errors(paths: list[Measured]) -> dict[str, FloatArray]:
    """Return the errors of films by a camera in the plane, all of whose reps are found."""
    found = mocap_table.errors(paths, mocap_table.PLANE, FILMS)
    assert found.count.found == found.count.true == FILMS * sum(len(p.reps) for p in paths)
    assert found.count.wrong == found.count.invented == 0
    return found.numbers()


@pytest.mark.clips
@needs_paths
@pytest.mark.parametrize(
    "paths",
    [lambda: [below_cutoff(gym_set(name)) for name in STICKERS], vicon_ends],
    ids=["gym, filtered", "vicon"],
)
def test_the_goals_are_met_on_measured_movement_of_exact_truth(
    paths: Callable[[], list[Measured]],
) -> None:
    """The goals of ``python -m shinline.app.bench.lifts`` for a camera in the plane."""
    off = _errors(paths())
    assert abs(np.mean(off[mocap_table.MEAN])) <= 0.002
    assert np.sqrt(np.mean(off[mocap_table.MEAN] ** 2)) <= 0.005
    assert np.sqrt(np.mean(off[mocap_table.PEAK] ** 2)) <= 0.02
    for name, within_mm in ((mocap_table.ROM, 4.0), (mocap_table.DRIFT, 3.0)):
        assert abs(np.mean(off[name])) <= 1.0
        assert np.percentile(np.abs(off[name]), 95.0) <= within_mm


@pytest.mark.clips
@needs_paths
def test_a_measured_set_agrees_with_the_filter_of_validity_studies() -> None:
    """The goals that validity studies of devices are held to, the reference being no truth."""
    off = _errors([gym_set("plate-stickers-3-reps")])
    assert abs(np.mean(off[mocap_table.MEAN])) <= 0.01
    assert np.max(np.abs(off[mocap_table.MEAN])) <= 0.03
    assert np.sqrt(np.mean(off[mocap_table.PEAK] ** 2)) <= 0.03
    for name, bias_mm, within_mm in ((mocap_table.ROM, 5.0, 15.0), (mocap_table.DRIFT, 3.0, 10.0)):
        assert abs(np.mean(off[name])) <= bias_mm
        assert np.max(np.abs(off[name])) <= within_mm


@pytest.mark.clips
@needs_paths
def test_a_poor_tracker_gives_every_rep_and_no_absurd_number() -> None:
    reps = straight_reps(table(POOR))
    assert len(reps) == 6
    for rep in reps:
        assert rep.peak_velocity_mps is None or rep.peak_velocity_mps < 1.3
        assert rep.rom_m < 0.85
