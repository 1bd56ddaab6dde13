"""Whatever the stature, the style and the faults: a body stays a body."""

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shinline.sim import RepPlan, Scenario, build
from shinline.sim.body import make_body, solve_pose
from shinline.sim.curves import Pull, pull_with_mean
from shinline.sim.scenario import Style

STATURES = st.floats(1.55, 2.00)
STYLES: st.SearchStrategy[Style] = st.sampled_from(["conventional", "sumo"])


@settings(max_examples=25, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(
    stature_m=STATURES,
    style=STYLES,
    forward_m=st.floats(0.0, 0.12),
    hips_deg=st.floats(0.0, 8.0),
    loop_m=st.floats(0.0, 0.08),
    short_m=st.floats(0.0, 0.06),
)
def test_hands_hold_the_bar_segments_keep_their_length_and_feet_stay(
    stature_m: float, style: Style, forward_m: float, hips_deg: float, loop_m: float, short_m: float
) -> None:
    faults = {
        "bar_forward": forward_m,
        "hips_shoot_up": hips_deg,
        "short_lockout": short_m,
    }
    plan = RepPlan(mean_velocity_mps=0.3, faults=faults, then="drop")
    other = RepPlan(mean_velocity_mps=0.3, faults={"knee_loop": loop_m})
    recording = build(Scenario(stature_m=stature_m, style=style, reps=(plan, other)))
    body, pose, sample = recording.body, recording.truth_pose, recording.truth_sample
    for a, b, length_m in (
        (pose.ankle, pose.knee, body.shank_m),
        (pose.knee, pose.hip, body.thigh_m),
        (pose.shoulder, pose.hand, body.arm_m),
    ):
        assert np.max(np.abs(np.linalg.norm(a - b, axis=1) - length_m)) < 1e-6
    trunk_m = np.hypot(*(pose.shoulder - pose.hip)[:, :2].T)
    assert np.max(np.abs(trunk_m - body.trunk_m)) < 1e-9
    assert np.ptp(pose.ankle, axis=0).max() == 0.0
    held = np.array([recording.timeline.segments[i].hand_from is None for i in sample.segment])
    bar_xy = np.stack([sample.x_m, sample.y_m], axis=1)
    assert np.array_equal(pose.hand[held, :2], bar_xy[held])
    joints = (pose.knee, pose.hip, pose.shoulder, pose.elbow, pose.hand)
    assert all(np.all(np.isfinite(joint)) for joint in joints)


@given(stature_m=STATURES, style=STYLES)
def test_a_lifter_at_lockout_stands_upright_with_straight_legs(
    stature_m: float, style: Style
) -> None:
    body = make_body(stature_m, style)
    pose = solve_pose(body, np.array([[-0.035, body.rom_m]]), np.zeros(1))
    assert np.rad2deg(pose.trunk_rad[0]) == 90.0
    leg_m = float(np.linalg.norm(pose.hip[0] - pose.ankle[0]))
    assert leg_m > 0.999 * (body.shank_m + body.thigh_m)


@given(stature_m=STATURES, style=STYLES)
def test_knees_and_trunk_open_steadily_in_a_good_pull(stature_m: float, style: Style) -> None:
    body = make_body(stature_m, style)
    height_m = np.linspace(0.0, body.rom_m, 60)
    hand_xy = np.stack([np.zeros(60), height_m], axis=1)
    pose = solve_pose(body, hand_xy, np.zeros(60))
    leg_m = np.linalg.norm(pose.hip - pose.ankle, axis=1)
    assert np.all(np.diff(leg_m) > -0.004 * stature_m)
    assert np.all(np.diff(pose.trunk_rad) >= 0.0)
    assert np.all(np.diff(pose.shoulder[:, 1]) > 0.0)


@settings(deadline=None)
@given(
    rom_m=st.floats(0.3, 0.7),
    mean_mps=st.floats(0.05, 1.2),
    sticking=st.floats(0.0, 0.9),
    given_mps=st.floats(0.0, 0.5),
)
def test_a_pull_goes_up_all_the_way_and_ends_at_rest(
    rom_m: float, mean_mps: float, sticking: float, given_mps: float
) -> None:
    pull = pull_with_mean(rom_m, mean_mps, sticking, given_mps)
    assert isinstance(pull, Pull)
    t_s = np.linspace(0.0, pull.duration_s, 500)
    y_m, vy_mps = pull.at(t_s)
    assert y_m[0] == 0.0
    assert abs(y_m[-1] - rom_m) < 1e-9
    assert np.all(vy_mps >= 0.0)
    assert abs(vy_mps[0] - given_mps) < 1e-9
    assert vy_mps[-1] == 0.0
