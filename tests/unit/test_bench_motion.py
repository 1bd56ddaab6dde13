"""The benchmark's motion section compares like with like, and says all that it measured."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numba import config
from rich.console import Console

from shinline import replay
from shinline.app.bench import main as command
from shinline.app.bench import motion_costs, motion_peers
from shinline.app.bench.figures import Figures
from shinline.app.bench.goals import goals
from shinline.app.bench.measure import in_turn
from shinline.app.bench.motion_costs import (
    DOES,
    EACH,
    FILTERPY_SMOOTH,
    FILTERPY_TRACK,
    FIVE,
    SMOOTH,
    TRACK,
    Motion,
    Replayed,
    Work,
    in_metres,
    remembered,
)
from shinline.app.bench.motion_peers import Positions
from shinline.app.bench.report import motion_tables
from shinline.app.bench.training import PAUSE_S, REPS, SESSION, Training, keep, train
from shinline.cli import main
from shinline.engine import Engine
from shinline.journal.reader import Catalogue
from shinline.motion.smooth import JERK_DENSITIES
from shinline.types import NS_PER_S, FloatArray, RepEvent, RepKind, Rows, SetEvent

compiled = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")


def steady(training: Training) -> Training:
    """Return the same with a hundred times the noise claimed: nothing is taken for a blow."""
    rows = training.rows.copy()
    for name in ("var_x_px2", "var_y_px2"):
        rows[name] *= 1e4
    return replace(training, rows=rows)


def test_filterpy_follows_five_markers_to_the_same_states_as_the_engine() -> None:
    training = steady(train(FIVE, 3.0))
    engine = Engine(training.config, SESSION)
    states = []
    for head, rows in training.frames():
        engine.advance(head, rows)
        states.append(engine.states.copy())
    assert engine.plane is not None
    given = in_metres(training, engine.plane)
    take, filters = motion_peers.filterpy_tracks(given)
    assert len(filters) == 2 * len(FIVE)
    lifted = 0
    for i in range(1, len(states)):
        take(i)
        if i < 20:  # the engine has no scale yet; it catches up
            continue
        theirs = np.array([each.x[:, 0] for each in filters]).reshape(len(FIVE), 2, 3)
        spread = np.array([each.P[0, 0] for each in filters]).reshape(len(FIVE), 2)
        ours = states[i][list(FIVE)]
        for axis, names in enumerate((("x_m", "vx_mps", "ax_mps2"), ("y_m", "vy_mps", "ay_mps2"))):
            for k, name in enumerate(names):
                assert_same(ours[name], theirs[:, axis, k])
            assert_same(ours[("var_x_m2", "var_y_m2")[axis]], spread[:, axis])
        lifted += ours["vy_mps"][0] > 0.1
    assert lifted > 30  # a pull was among it


def assert_same(ours: FloatArray, theirs: FloatArray) -> None:
    """To a billionth of the largest value."""
    assert np.max(np.abs(ours - theirs)) <= 1e-9 * np.max(np.abs(ours))


def gentle(count: int = 300) -> Positions:
    """Return a bar that goes up and stays, two axes, uneven steps, three frames without it."""
    rng = np.random.default_rng(4)
    t_s = np.cumsum(1.0 / 60.0 + 0.002 * rng.uniform(-1.0, 1.0, count))
    share = np.clip((t_s - 1.0) / 2.5, 0.0, 1.0)
    up_m = 0.5 * share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
    values_m = np.stack([0.1 * up_m, up_m], axis=1) + 0.0003 * rng.standard_normal((count, 2))
    seen = ~np.isin(np.arange(count), (60, 150, 151))
    variances_m2 = np.full((count, 2), 0.0006**2)
    return Positions((t_s * NS_PER_S).astype(np.int64), values_m, variances_m2, seen)


def test_filterpy_smooths_a_pull_to_the_same_path_with_one_of_the_densities() -> None:
    """Of each axis; which density, the product finds out by itself."""
    given = gentle()
    path = remembered(given)()
    assert list(path["coasting"]) == list(~given.seen)
    tried = [motion_peers.filterpy_smooth(given, density) for density in JERK_DENSITIES]
    for axis, (place, speed) in enumerate((("x_m", "vx_mps"), ("y_m", "vy_mps"))):
        off = [
            max(
                np.max(np.abs(path[name] - theirs[axis, :, k])) / np.max(np.abs(path[name]))
                for k, name in enumerate((place, speed))
            )
            for theirs in tried
        ]
        assert min(off) < 1e-9
        assert sorted(off)[1] > 1e-4  # the others do not fit


def test_scipys_ways_see_the_same_pull() -> None:
    """Within what their lag and their low-pass make of it."""
    given = gentle()
    take = motion_peers.scipy_low_pass(given, 60.0)
    speeds = np.array([take(i)[1] for i in range(1, len(given.t_ns))])
    place, velocity = motion_peers.scipy_smooth(given, 60.0)
    path = remembered(given)()
    assert velocity[1].max() == pytest.approx(path["vy_mps"].max(), rel=0.03)
    t_s = (path["t_ns"] - path["t_ns"][0]) / NS_PER_S
    even_m = np.interp(np.arange(place.shape[1]) / 60.0, t_s, path["y_m"])
    assert np.max(np.abs(place[1] - even_m)) < 0.002
    late_s = np.average(t_s[1:], weights=speeds[:, 1]) - np.average(t_s, weights=path["vy_mps"])
    assert late_s == pytest.approx(0.070 + 0.5 / 60.0, abs=0.01)  # and half a step to differ over


@compiled
def test_the_repetition_that_is_smoothed_lasts_ten_seconds_and_has_gaps() -> None:
    given = motion_costs.ten_seconds()
    assert len(given.t_ns) == 600
    assert np.sum(~given.seen) == 6
    assert np.ptp(given.steps_s) > 1e-4
    assert np.sum(given.steps_s) == pytest.approx(10.0, abs=0.1)
    path: Rows = remembered(given)()
    assert np.ptp(path["y_m"]) > 0.4
    assert path["vy_mps"].max() > 0.2


def test_a_training_has_sets_and_pauses_and_every_marker_in_every_frame() -> None:
    training = train(FIVE, 240.0)
    assert 0 <= 240.0 * 60.0 - len(training.heads) < 5
    assert training.reps in range(REPS, 3 * REPS)
    assert set(training.heads["detections"].tolist()) == {5}
    assert training.rows["role"].reshape(-1, 5).tolist()[0] == list(FIVE)
    assert np.all(training.rows["t_ns"].reshape(-1, 5) == training.heads["t_ns"][:, None])
    heights = training.rows["y_px"][:: len(FIVE)]
    still = np.abs(heights - heights[0]) < 5.0
    assert still.sum() > PAUSE_S * 60.0


@compiled
def test_the_journal_of_a_training_is_a_real_one_and_replays_the_same(tmp_path: Path) -> None:
    training = train(FIVE[:2], 100.0)
    said = keep(training, tmp_path / "journal.sqlite3")
    ended = [e for e in said if isinstance(e, RepEvent) and e.kind is RepKind.END]
    assert len(ended) == training.reps >= 5
    assert any(isinstance(each, SetEvent) for each in said)
    report = replay.check(Catalogue(tmp_path / "journal.sqlite3"), SESSION)
    assert report.identical, report.first_difference
    assert (report.frames, report.events) == (len(training.heads), len(said))


@compiled
def test_a_replay_that_differs_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def advance(self, head: np.void, detections: Rows) -> list[object]:
            return []

        finish = list

    monkeypatch.setattr(motion_costs, "Engine", lambda *_: Silent())
    with pytest.raises(RuntimeError, match="only recorded"):
        motion_costs.replay(0.1, 1)


def test_contenders_are_measured_in_turn() -> None:
    order: list[tuple[str, int]] = []

    def noted(name: str) -> Callable[[int], object]:
        return lambda i: order.append((name, i))

    lines = in_turn({"a": noted("a"), "b": noted("b")}, range(1, 6), 3)
    assert [line.name for line in lines] == ["a", "b"]
    assert order == [(n, i) for part in ((1, 2, 3), (4, 5)) for n in "ab" for i in part]


@pytest.fixture(scope="module")
def measured() -> Motion:
    return motion_costs.measure_motion(quick=True, hour=False)


@compiled
def test_every_line_is_measured_and_shown(measured: Motion) -> None:
    assert [work.name for work in measured.works] == list(DOES)
    for work in measured.works:
        assert work.median_us > 0.0 or work.name == EACH  # a difference
        assert work.does == DOES[work.name]
    own = {work.name: work.median_us for work in measured.works}
    ratios = {work.name: work.ratio for work in measured.works}
    assert ratios[TRACK] == ratios[SMOOTH] == 1.0
    assert ratios[FILTERPY_SMOOTH] == own[FILTERPY_SMOOTH] / own[SMOOTH]
    said = shown(measured)
    assert all(name in said for name in DOES)
    assert "extrapolated" in said
    assert measured.replayed.reps >= 4


def shown(motion: Motion) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    for table in motion_tables(motion):
        console.print(table)
    return console.export_text()


def test_what_was_measured_for_an_hour_is_not_called_extrapolated() -> None:
    replayed = Replayed(60.0, 216_000, 180, 3, 1, 40.0, 38.0, 1.0, 1.0, 8.64, True)
    assert "s an hour, measured" in shown(Motion([], replayed))
    assert "s an hour, extrapolated" in shown(Motion([], replace(replayed, measured_hour=False)))


def test_a_missing_library_costs_its_lines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise ImportError

    monkeypatch.setattr(motion_peers, "filterpy_tracks", absent)
    works = {work.name: work for work in motion_costs.track(2.0)}
    assert works[FILTERPY_TRACK].does == "not installed"
    assert math.isnan(works[FILTERPY_TRACK].median_us)
    assert works[TRACK].median_us > 0.0


def test_the_goals_are_microseconds_milliseconds_and_an_hour() -> None:
    replayed = Replayed(6.0, 21_600, 18, 3, 3, 40.0, 38.0, 1.0, 1.0, 8.64, False)
    works = [Work("", TRACK, 12.0, 13.0, 1.0, ""), Work("", SMOOTH, 700.0, 800.0, 1.0, "")]
    figures = Figures({})
    figures.motion = Motion(works, replayed)
    live, rep, hour = goals(figures)[-3:]
    assert (live.value, live.limit, live.met) == (12.0, 10.0, False)
    assert (rep.value, rep.limit, rep.met) == (0.7, 5.0, True)
    assert (hour.value, hour.limit, hour.met) == (8.64, 10.0, True)
    assert "from 6 min" in hour.name


@compiled
def test_json_has_the_section(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], measured: Motion
) -> None:
    figures = Figures({})
    figures.motion = measured
    monkeypatch.setattr(command, "measure_stages", lambda _: ("", []))
    asked: list[tuple[bool, bool]] = []

    def measure(frames: int, quick: bool, hour: bool, tell: object) -> Figures:
        asked.append((quick, hour))
        return figures

    monkeypatch.setattr(command, "measure", measure)
    run = CliRunner().invoke(main, ["bench", "--quick", "--hour", "--json"])
    assert run.exit_code == 0, run.output
    assert asked == [(True, True)]
    said = json.loads(run.stdout)
    assert [work["name"] for work in said["motion"]["works"]] == list(DOES)
    assert said["motion"]["replayed"]["measured_hour"] is False
    assert said["motion"]["replayed"]["hour_s"] > 0.0
