"""The marker benchmark runs, and judges rightly what it is shown."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from numba import config

from shinline.app.bench import peers, stages, startup
from shinline.app.bench.accuracy import Tally, evaluate
from shinline.app.bench.figures import Figures
from shinline.app.bench.goals import Goal, goals
from shinline.app.bench.looking import MOST_ROWS, Predictor, predicted
from shinline.app.bench.measure import cold, line, one_core, rounds_when_cold
from shinline.app.bench.scenes import TRUTH, Condition, Scene
from shinline.app.bench.timing import ACQUIRE, READ, Timing
from shinline.cli import main
from shinline.types import DETECTION, Role, Rows

compiled = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")
BASE = Condition("base")


def marks(*places: tuple[float, float]) -> Rows:
    return np.array([(Role.BAR, x, y, 20.0, 1.0) for x, y in places], TRUTH)


def seen(*places: tuple[float, float], role: Role = Role.BAR) -> Rows:
    rows = np.zeros(len(places), DETECTION)
    rows["role"], rows["r_px"] = role, 20.0
    for row, (x, y) in zip(rows, places, strict=True):
        row["x_px"], row["y_px"] = x, y
        row["var_x_px2"] = row["var_y_px2"] = 0.01
    return rows


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> Tally:
    monkeypatch.setattr(
        "shinline.app.bench.accuracy.centre_bound", lambda *_: np.diag([0.04, 0.04])
    )
    return Tally()


def scene(truth: Rows, mirrored: Rows | None = None) -> Scene:
    nothing = marks() if mirrored is None else mirrored
    return Scene(np.zeros((8, 8), np.uint8), truth, nothing, (None,))  # type: ignore[arg-type]


def test_a_hit_is_counted_with_its_error_and_its_ratio_to_the_bound(tally: Tally) -> None:
    tally.count(BASE, scene(marks((100.0, 50.0))), seen((100.3, 50.0)))
    result = tally.result(BASE, "acquire")
    assert (result.recall, result.wrong_first, result.false_bars) == (1.0, 0, 0)
    assert result.rms_px == pytest.approx(0.3 / math.sqrt(2.0))
    assert result.ratio == pytest.approx(result.rms_px / 0.2)
    assert result.inside == 0.5  # 0.3 px off along x at a stated 0.1 px; exact along y


def test_a_decoy_before_the_marker_is_a_wrong_first_choice_and_a_false_bar(tally: Tally) -> None:
    tally.count(BASE, scene(marks((100.0, 50.0))), seen((300.0, 50.0), (100.0, 50.0)))
    result = tally.result(BASE, "acquire")
    assert (result.recall, result.wrong_first, result.false_bars) == (1.0, 1, 1)


def test_a_marker_seen_twice_is_one_hit_and_one_false_bar(tally: Tally) -> None:
    tally.count(BASE, scene(marks((100.0, 50.0))), seen((100.0, 50.0), (101.0, 50.0)))
    result = tally.result(BASE, "acquire")
    assert (result.recall, result.wrong_first, result.false_bars) == (1.0, 0, 1)


def test_the_mirror_image_is_no_error_unless_it_comes_first(tally: Tally) -> None:
    both = scene(marks((100.0, 50.0)), marks((300.0, 50.0)))
    tally.count(BASE, both, seen((100.0, 50.0), (300.0, 50.0)))
    assert (tally.wrong_first, tally.false_bars) == (0, 0)
    tally.count(BASE, both, seen((300.0, 50.0), (100.0, 50.0)))
    assert (tally.wrong_first, tally.false_bars) == (1, 0)


def test_a_miss_and_another_role_at_the_place_are_no_hit(tally: Tally) -> None:
    tally.count(BASE, scene(marks((100.0, 50.0))), seen())
    tally.count(BASE, scene(marks((100.0, 50.0))), seen((100.0, 50.0), role=Role.HIP))
    result = tally.result(BASE, "acquire")
    assert (result.recall, result.wrong_first, result.false_bars) == (0.0, 0, 0)
    assert math.isnan(result.rms_px)


def test_predictions_are_off_by_two_pixels_and_within_reach() -> None:
    truth = marks(*[(100.0, 50.0)] * 4000)
    windows = predicted(truth, np.random.default_rng(0))
    assert np.std(windows["x_px"] - 100.0) == pytest.approx(2.0, rel=0.05)
    off = np.hypot(windows["x_px"] - 100.0, windows["y_px"] - 50.0)
    assert np.all(off < windows["reach_px"])


def test_the_predictor_goes_on_at_constant_velocity_and_forgets_the_lost() -> None:
    predictor = Predictor()
    assert len(predictor.windows()) == 0
    predictor.take(seen((10.0, 20.0)))
    predictor.take(seen((12.0, 25.0)))
    window = predictor.windows()[0]
    assert (window["x_px"], window["y_px"]) == (14.0, 30.0)
    predictor.take(seen())
    assert len(predictor.windows()) == 0


def timing(name: str, scene_name: str, us: float) -> Timing:
    return Timing(name, 1456, 1088, scene_name, us, us, 1.0)


def test_a_cost_is_judged_by_its_worst_scene() -> None:
    figures = Figures({})
    figures.timings = [
        *(timing(READ, name, 50.0) for name in ("clean", "gym")),
        timing(ACQUIRE, "clean", 200.0),
        timing(ACQUIRE, "gym", 500.0),
    ]
    goal = goals(figures)[0]
    assert goal.value == 10.0
    assert goal.met is False


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    assert {goal.met for goal in goals(Figures({}))} == {None}
    assert Goal("", True, 1.0, 1.0).met is True
    assert Goal("", False, 1.0, 0.999).met is False


def test_frames_are_copied_until_they_exceed_the_last_cache() -> None:
    frames = [np.full((64, 64), i, np.uint8) for i in range(3)]
    copies = cold(frames)
    assert len(copies) == 3 * rounds_when_cold(64 * 64, 3)
    assert [int(c[0, 0]) for c in copies[:4]] == [0, 1, 2, 0]
    assert copies[0] is not frames[0]


def test_a_line_without_measurements_has_no_numbers() -> None:
    assert math.isnan(line("nothing", []).median_us)
    with one_core():
        assert line("three", [1000, 2000, 9000]).median_us == 2.0


@compiled
def test_single_frames_and_lifts_are_judged_with_the_real_detector() -> None:
    condition = replace(BASE, name="small", width=400, height=400, d_px=32.0)
    for mode in ("acquire", "track", "follow"):
        result = evaluate(condition, 3, mode)  # type: ignore[arg-type]
        assert result.recall == 1.0, mode
        assert result.rms_px < 0.05
        assert result.wrong_first == 0


def test_a_peer_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: float) -> peers.Find:
        raise ImportError

    peer = peers.Peer("absent", "ring", absent)
    assert peers.judge(peer, BASE, 1) is None
    assert peers.time_peer(peer, BASE, 1) is None


def test_the_diagonals_of_a_square_cross_at_its_centre_in_perspective() -> None:
    matrix = np.array([[1.1, 0.2, 30.0], [-0.1, 0.9, 40.0], [0.002, 0.001, 1.0]])
    square = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]]) * [10.0, 10.0, 1.0]
    corners = square @ matrix.T
    centre = matrix @ [0.0, 0.0, 1.0]
    assert peers._crossing(corners[:, :2] / corners[:, 2:]) == pytest.approx(centre[:2] / centre[2])


@compiled
def test_the_command_measures_every_part_and_prints_it_as_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stages, "FRAMES", 40)
    monkeypatch.setattr(startup, "STARTS", 1)
    monkeypatch.setattr(peers, "PEERS", peers.PEERS[:1])
    run = CliRunner().invoke(main, ["bench", "--quick", "--frames", "1", "--json"])
    assert run.exit_code == 0, run.output
    said = json.loads(run.stdout)
    assert {row["name"] for row in said["timings"]} >= {READ, ACQUIRE}
    assert {row["condition"] for row in said["results"]} == {"base", "gym"}
    assert all(row["recall"] == 1.0 for row in said["results"])
    assert said["start_s"] > 0.0
    assert [goal["met"] for goal in said["goals"]].count(None) >= 8  # a quick run states little
    assert len(said["stages"]) == 9
    assert len(Role) <= MOST_ROWS
