"""The population of lifts is what it says, is judged rightly, and the product does well on it."""

from dataclasses import replace

import numpy as np
import pytest

from shinline.app.bench.lifts import __main__ as command
from shinline.app.bench.lifts.figures import figures, scaled
from shinline.app.bench.lifts.filming import DIAMETER_M, Film, film
from shinline.app.bench.lifts.kinds import KINDS, Kind, play
from shinline.app.bench.lifts.motion import DENSE_S, Motion
from shinline.app.bench.lifts.population import REPS, Outcome, examine, session
from shinline.app.bench.lifts.pulls import Draw
from shinline.app.bench.lifts.ranges import CONDITIONS, JUDGING, TUNING
from shinline.app.bench.lifts.score import Count, Said, is_wrong, run, score
from shinline.types import NS_PER_S, RepKind

PLANE = CONDITIONS[0]
BY_NAME = {kind.name: kind for kind in KINDS}
DEAD_STOP = BY_NAME["dead stop"]


def _motion(kind: Kind, number: int = 0) -> Motion:
    return play(kind, Draw(TUNING, np.random.default_rng(number)), REPS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_motion_has_no_jumps_and_its_speed_is_the_slope_of_its_height(kind: Kind) -> None:
    motion = _motion(kind)
    t_s = np.arange(0.0, motion.duration_s, DENSE_S)
    x_m, y_m, vy_mps, _, bend_m = motion.at(t_s)
    assert np.max(np.abs(np.diff(x_m))) < 0.002
    assert np.max(np.abs(np.diff(bend_m))) < 0.001
    slope = np.diff(y_m) / DENSE_S
    off = np.abs(slope - 0.5 * (vy_mps[1:] + vy_mps[:-1]))
    assert np.percentile(off, 99.5) < 1e-4  # but where plates strike the floor
    assert np.max(np.abs(slope)) < 4.0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_true_repetitions_follow_the_published_definitions(kind: Kind) -> None:
    motion = _motion(kind, 3)
    assert len(motion.reps) == (REPS - 2 if kind.name == "failed" else REPS)
    for true in motion.reps:
        t_s = np.linspace(true.start_s, true.lockout_s, 2001)
        x_m, y_m, vy_mps, _, _ = motion.at(t_s)
        assert y_m[-1] - y_m[0] == pytest.approx(true.rom_m, abs=1e-6)
        assert vy_mps.max() == pytest.approx(true.peak_velocity_mps, rel=1e-3)
        assert x_m.max() - x_m[0] == pytest.approx(true.drift_forward_m, abs=1e-5)
        if kind.name != "bounce":  # which begins at the speed that the floor gives back
            assert vy_mps[0] == pytest.approx(0.03, abs=2e-3)
        assert vy_mps[-1] == pytest.approx(0.03, abs=2e-3)
        top_m = y_m[0] + 0.9 * true.rom_m
        assert np.all(vy_mps[(y_m > top_m + 0.005)] > 0.028)


def test_slack_moves_the_end_of_the_bar_and_not_the_plates() -> None:
    motion = _motion(BY_NAME["slack"], 1)
    t_s = np.linspace(0.0, motion.reps[0].start_s - 0.1, 500)
    assert np.max(np.abs(motion.at(t_s)[4])) > 0.0005
    assert np.max(np.abs(motion.at(t_s)[1])) == 0.0


def test_noise_is_what_the_rows_claim() -> None:
    still = Draw(TUNING, np.random.default_rng(4))
    filmed = film(_motion(DEAD_STOP), DEAD_STOP, PLANE, still)
    lying = filmed.rows[:50]
    for axis in ("x", "y"):
        claimed = np.sqrt(lying[f"var_{axis}_px2"][0])
        assert np.std(lying[f"{axis}_px"]) == pytest.approx(claimed, rel=0.35)


def test_the_camera_is_off_by_no_more_than_it_is_told() -> None:
    """A lift of known height has that height in metres, within the sd of the scale."""
    for number in range(6):
        motion, filmed = session(TUNING, DEAD_STOP, PLANE, number)
        shift_s = filmed.rows["t_ns"] / NS_PER_S - filmed.shift_s
        true = motion.reps[0]
        ends = [int(np.argmin(np.abs(shift_s - t))) for t in (true.start_s, true.lockout_s)]
        rise_px = float(-np.diff(filmed.rows["y_px"][ends])[0])
        scale = 0.5 * DIAMETER_M / float(np.median(filmed.rows["r_px"][:8]))
        assert rise_px * scale == pytest.approx(true.rom_m, rel=0.02)


def test_the_same_session_is_the_same_and_judging_is_another() -> None:
    one, again = (session(TUNING, DEAD_STOP, PLANE, 0) for _ in range(2))
    np.testing.assert_array_equal(one[1].rows, again[1].rows)
    judged = session(JUDGING, DEAD_STOP, PLANE, 0)
    other_camera = session(TUNING, DEAD_STOP, PLANE, 0, camera=1)
    assert one[0].reps[0] != judged[0].reps[0]
    assert one[0].reps == other_camera[0].reps
    assert TUNING.seed != JUDGING.seed
    assert not np.array_equal(one[1].rows["x_px"][:20], other_camera[1].rows["x_px"][:20])


def _said(kind: Kind = DEAD_STOP) -> tuple[Motion, Film, Said]:
    motion, filmed = session(TUNING, kind, PLANE, 0)
    return motion, filmed, run(filmed)


def test_a_missed_an_invented_and_a_wrong_repetition_are_counted() -> None:
    motion, filmed, said = _said()
    ends = [i for i, (_, e) in enumerate(said.reps) if e.kind is RepKind.END]
    assert score(motion, filmed, DEAD_STOP, said).count == Count(true=5, found=5)
    missing = Said(said.reps[: ends[0]] + said.reps[ends[0] + 1 :])
    assert score(motion, filmed, DEAD_STOP, missing).count == Count(true=5, found=4)
    fewer = replace(motion, reps=motion.reps[1:])
    assert score(fewer, filmed, DEAD_STOP, said).count == Count(true=4, found=4, invented=1)
    lied = replace(motion.reps[0], mean_velocity_mps=motion.reps[0].mean_velocity_mps + 0.1)
    wrong = replace(motion, reps=(lied, *motion.reps[1:]))
    scored = score(wrong, filmed, DEAD_STOP, said)
    assert scored.count == Count(true=5, found=5, wrong=1)
    assert is_wrong(*scored.found[0])


def test_a_nudge_that_is_noticed_too_late_or_without_cause_is_counted() -> None:
    kind = BY_NAME["nudged camera"]
    motion, filmed = session(TUNING, kind, PLANE, 1)
    said = run(filmed)
    count = score(motion, filmed, kind, said).count
    assert (count.nudges, count.noticed, count.false_alarms) == (1, 1, 0)
    unmarked = [
        (at_s, event if event.rep is None else replace(event, rep=replace(event.rep, marks=())))
        for at_s, event in said.reps
    ]
    count = score(motion, filmed, kind, Said(unmarked, said.camera)).count
    assert (count.nudges, count.noticed) == (1, 0)
    calm = replace(motion, nudged_s=None)
    count = score(calm, filmed, kind, said).count
    marked = sum(bool(event.rep and event.rep.marks) for _, event in said.reps)
    assert marked > 0
    assert (count.nudges, count.false_alarms) == (0, 1 + marked)


def test_a_clock_that_jumps_in_a_lift_is_no_moved_camera() -> None:
    """Here it jumps ahead near a top: what was before is gone, and nothing lies there."""
    kind = BY_NAME["bad time stamps"]
    motion, filmed = session(TUNING, kind, PLANE, 14)
    assert score(motion, filmed, kind, run(filmed)).count.false_alarms == 0


def test_f1_is_the_harmonic_mean() -> None:
    count = Count(true=10, found=8, invented=4)
    assert count.precision == pytest.approx(8 / 12)
    assert count.recall == pytest.approx(0.8)
    assert count.f1 == pytest.approx(2 / (12 / 8 + 1 / 0.8))


def test_a_small_run_meets_the_goals_of_the_numbers() -> None:
    kinds = tuple(BY_NAME[name] for name in ("dead stop", "grinder", "slack", "dropped"))
    outcome = examine(TUNING, PLANE, 40, kinds, twins_every=2)
    assert outcome.whole.f1 == 1.0
    assert outcome.whole.wrong == 0
    assert len(outcome.found) == 40
    by_name = {line.name: line for line in figures(outcome)}
    for name in ("mean velocity, RMSE", "mean velocity, bias", "peak velocity, RMSE"):
        assert by_name[name].met, by_name[name]
    assert by_name["drift, 95 % within"].value < 4.0
    assert np.max(np.abs(scaled(outcome.found, "mean_velocity_sd_mps"))) < 5.0


def test_the_command_prints_a_table_and_names_what_went_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["lifts", "--reps", "5", "--condition", "plane", "--kind", "dropped"]
    monkeypatch.setattr("sys.argv", asked)
    command.main()
    said = capsys.readouterr().out
    assert "mean velocity, RMSE" in said
    assert "dropped" in said
    assert "grinder" not in said


def test_an_outcome_of_nothing_counts_nothing() -> None:
    assert Outcome(PLANE).whole == Count()
