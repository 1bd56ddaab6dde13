"""Truth against physics: what the timeline says of itself, measured again from its samples."""

import numpy as np
import pytest

from shinline.sim import (
    CameraSetup,
    FalseStart,
    Loading,
    RepPlan,
    Roll,
    Scenario,
    build,
    truth,
    with_faults,
)
from shinline.sim.body import PLATE_RADIUS_M, rom_m
from shinline.sim.recording import Recording
from shinline.sim.scenario import Style
from shinline.sim.timeline import Sample
from shinline.sim.truth import rep_truth

DENSE_S = 0.001


def dense(recording: Recording) -> Sample:
    return recording.timeline.sample(np.arange(0.0, recording.timeline.duration_s, DENSE_S))


def at(recording: Recording, t_s: float) -> Sample:
    """What moves at a time told by the truth, which counts from the first frame."""
    return recording.timeline.sample(np.array([t_s + recording.t_s[0]]))


@pytest.mark.parametrize(
    ("stature_m", "conventional_m"), [(1.60, 0.47), (1.78, 0.55), (1.95, 0.63)]
)
def test_range_of_motion_is_the_published_models(stature_m: float, conventional_m: float) -> None:
    assert rom_m(stature_m, "conventional") == pytest.approx(conventional_m, abs=0.006)
    assert rom_m(stature_m, "sumo") == pytest.approx(0.8 * rom_m(stature_m, "conventional"))


@pytest.mark.parametrize("style", ["conventional", "sumo"])
@pytest.mark.parametrize("mean_mps", [0.05, 0.15, 0.45, 1.0])
def test_a_rep_has_the_mean_velocity_asked_for(style: Style, mean_mps: float) -> None:
    plan = RepPlan(mean_velocity_mps=mean_mps, sticking=0.5)
    rep = rep_truth(build(Scenario(style=style, reps=(plan,))))[0]
    assert rep["mean_velocity_mps"] == pytest.approx(mean_mps, rel=0.005)
    measured = rep["rom_m"] / (rep["lockout_s"] - rep["liftoff_s"])
    assert measured == pytest.approx(mean_mps, rel=0.005)


def test_bounds_of_a_rep_are_where_its_speed_crosses_the_rest_speed() -> None:
    recording = build(Scenario(reps=(RepPlan(sticking=0.9, mean_velocity_mps=0.12),)))
    rep = rep_truth(recording)[0]
    for instant_s in (rep["liftoff_s"], rep["lockout_s"]):
        assert at(recording, instant_s).vy_mps[0] == pytest.approx(0.03, abs=1e-4)
    rose_m = at(recording, rep["liftoff_s"]).y_m[0]
    assert rose_m < 0.010
    assert at(recording, rep["lockout_s"]).y_m[0] > 0.9 * rep["top_y_m"]


def test_a_sticking_point_slows_the_bar_near_the_knee_without_ending_the_rep() -> None:
    recording = build(Scenario(reps=(RepPlan(sticking=0.9, mean_velocity_mps=0.12),)))
    path = dense(recording)
    middle = (path.y_m > 0.15) & (path.y_m < 0.40) & (path.vy_mps > 0.0)
    slowest = np.argmin(np.where(middle, path.vy_mps, np.inf))
    assert path.vy_mps[slowest] < 0.03
    assert 0.35 < path.y_m[slowest] / recording.body.rom_m < 0.65


def test_velocity_is_the_derivative_of_height_and_nothing_jumps() -> None:
    reps = (
        RepPlan(then="touch_and_go", rest_s=0.4),
        RepPlan(then="bounce"),
        RepPlan(then="drop", faults={"short_lockout": 0.05}),
        RepPlan(before=(FalseStart(), Roll(dx_m=-0.03), Loading()), faults={"lowering": 2.0}),
        RepPlan(then="hold", faults={"bar_forward": 0.05, "hips_shoot_up": 10.0}),
    )
    path = dense(build(Scenario(reps=reps)))
    rose_m = np.diff(path.y_m)
    expected_m = 0.5 * (path.vy_mps[1:] + path.vy_mps[:-1]) * DENSE_S
    bounced = np.diff(path.vy_mps) > 0.1  # at an impact the velocity itself jumps
    assert np.max(np.abs(rose_m - expected_m)[~bounced]) < 5e-6
    assert np.count_nonzero(bounced) < 12
    assert np.max(np.abs(rose_m)) < 3.4 * DENSE_S  # free fall from lockout ends at 3.3 m/s
    for column in (path.x_m, path.turn_rad, path.hand_xy[:, 0], path.hand_xy[:, 1]):
        assert np.max(np.abs(np.diff(column))) < 3.4 * DENSE_S
    assert np.min(path.y_m) > -1e-9


def test_a_dropped_bar_falls_freely_and_hops() -> None:
    recording = build(Scenario(reps=(RepPlan(then="drop"),)))
    rep = rep_truth(recording)[0]
    path = dense(recording)
    t_s = path.t_s - recording.t_s[0]
    falls = (t_s < rep["touchdown_s"] - 0.01) & (t_s > rep["touchdown_s"] - 0.25)
    falling_mps2 = np.diff(path.vy_mps[falls]) / DENSE_S
    assert falling_mps2 == pytest.approx(-9.81, rel=1e-6)
    assert at(recording, rep["touchdown_s"]).y_m[0] == pytest.approx(0.0, abs=1e-5)
    hops = path.y_m[t_s > rep["touchdown_s"]]
    assert 0.02 < np.max(hops) < 0.12
    assert hops[-1] == 0.0


def test_a_bounced_rep_begins_with_the_speed_of_its_rebound() -> None:
    recording = build(Scenario(reps=(RepPlan(then="bounce"), RepPlan())))
    first, second = rep_truth(recording)
    assert second["style"] == "bounce"
    assert second["liftoff_s"] - first["touchdown_s"] < 0.01
    assert at(recording, second["liftoff_s"] + 0.02).vy_mps[0] > 0.2


def test_touch_and_go_stays_on_the_floor_for_the_time_asked_for() -> None:
    recording = build(Scenario(reps=(RepPlan(then="touch_and_go", rest_s=0.4), RepPlan())))
    first, second = rep_truth(recording)
    assert second["style"] == "touch_and_go"
    assert second["liftoff_s"] - first["touchdown_s"] == pytest.approx(0.45, abs=0.06)


def test_a_held_bar_is_never_lowered() -> None:
    recording = build(Scenario(reps=(RepPlan(then="hold"),), tail_s=0.5))
    told = truth(recording)
    assert told["reps"][0]["touchdown_s"] is None
    assert told["frames"]["bar_y_m"][-1] == pytest.approx(told["reps"][0]["top_y_m"])
    assert told["frames"]["phase"][-1] == "lockout"


def test_rolling_turns_the_plate_without_slipping_and_moves_the_start_of_the_rep() -> None:
    recording = build(Scenario(reps=(RepPlan(), RepPlan(before=(Roll(dx_m=0.04),)))))
    path = dense(recording)
    phases = [recording.timeline.segments[i] for i in path.segment]
    rolling = np.array([segment.rolls for segment in phases])
    turned_rad = np.ptp(path.turn_rad[rolling])
    assert turned_rad == pytest.approx(0.04 / PLATE_RADIUS_M, rel=0.01)
    second = rep_truth(recording)[1]
    assert at(recording, second["liftoff_s"]).x_m[0] == pytest.approx(0.04, abs=1e-4)


def test_loading_lifts_one_end_a_little_and_is_no_rep() -> None:
    loading = Loading(lift_m=0.09, nudge_m=0.008)
    camera = CameraSetup(rate_hz=15.0)
    recording = build(Scenario(camera=camera, reps=(RepPlan(before=(loading,)),)))
    told = truth(recording)
    frames = told["frames"]
    idle = np.array([phase == "idle" for phase in frames["phase"]])
    assert len(told["reps"]) == 1
    hidden = 1.0 - np.mean(frames["shoulder_visible"])
    assert 0.0 < hidden < 0.5  # somebody stands in the way for a while
    assert np.max(np.array(frames["bar_y_m"])[idle]) == pytest.approx(0.09, abs=1e-3)
    assert frames["bar_x_m"][-1] == pytest.approx(0.008, abs=1e-6)


def test_a_false_start_rises_by_its_height_and_comes_back() -> None:
    recording = build(Scenario(reps=(RepPlan(before=(FalseStart(height_m=0.03),)),)))
    frames = truth(recording)["frames"]
    slack = np.array([phase == "slack" for phase in frames["phase"]])
    assert np.max(np.array(frames["bar_y_m"])[slack]) == pytest.approx(0.03, abs=1e-4)


@pytest.mark.parametrize("style", ["conventional", "sumo"])
@pytest.mark.parametrize("stature_m", [1.55, 1.78, 2.00])
def test_faults_have_the_size_asked_for(style: Style, stature_m: float) -> None:
    scenario = Scenario(stature_m=stature_m, style=style, reps=(RepPlan(),))
    asked = {"bar_forward": 0.04, "hips_shoot_up": 8.0}
    rep = rep_truth(build(with_faults(scenario, asked)))[0]
    assert rep["measured"]["bar_forward"] == pytest.approx(0.04, rel=0.03)
    assert rep["measured"]["hips_shoot_up"] == pytest.approx(8.0, rel=0.03)
    told = {fault["code"]: fault["value"] for fault in rep["faults"]}
    assert told == asked


@pytest.mark.parametrize("style", ["conventional", "sumo"])
def test_a_good_rep_has_no_faults(style: Style) -> None:
    rep = rep_truth(build(Scenario(style=style, reps=(RepPlan(),))))[0]
    assert rep["drift_forward_m"] < 0.001
    assert rep["trunk_drop_deg"] < 0.1
    assert rep["faults"] == []


def test_a_knee_loop_bulges_at_the_knee_and_nowhere_else() -> None:
    plain, looped = (
        build(Scenario(reps=(RepPlan(faults=faults),))) for faults in ({}, {"knee_loop": 0.03})
    )
    bulge_m = dense(looped).x_m - dense(plain).x_m
    height = dense(looped).y_m / looped.body.rom_m
    pulled = dense(looped).vy_mps > 0.0
    measured_m = [rep_truth(recording)[0]["measured"]["knee_loop"] for recording in (plain, looped)]
    assert measured_m[0] < 0.01  # a bar that begins to follow the legs back is a little curved
    assert measured_m[1] == pytest.approx(0.03, rel=0.03)
    assert np.max(bulge_m) == pytest.approx(measured_m[1] - measured_m[0], abs=0.003)
    assert np.max(np.abs(bulge_m[pulled & ((height < 0.28) | (height > 0.68))])) < 1e-9


def test_a_short_lockout_ends_below_the_top() -> None:
    rep = rep_truth(build(Scenario(reps=(RepPlan(faults={"short_lockout": 0.05}),))))[0]
    assert rep["top_y_m"] == pytest.approx(rom_m(1.78, "conventional") - 0.05, abs=1e-6)


def test_a_fast_lowering_meets_the_floor_at_its_speed() -> None:
    recording = build(Scenario(reps=(RepPlan(faults={"lowering": 2.0}),)))
    touchdown_s = rep_truth(recording)[0]["touchdown_s"]
    assert at(recording, touchdown_s - 1e-4).vy_mps[0] == pytest.approx(-2.0, abs=0.01)
