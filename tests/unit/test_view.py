"""Through a calibrated view, metres are metres: whatever the mount, lens and depth."""

from math import radians

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifts import RING, Body, Script, play, truth
from mounts import SLANTED, Mount

from shinline.config import Lens, Rig
from shinline.geometry.doubt import doubt, view_of, ways
from shinline.geometry.lens import Lens as Drawing
from shinline.geometry.plane import Plane, plane_at, singular
from shinline.geometry.scale import mean_radius
from shinline.sim.scenario import CameraSetup
from shinline.types import DETECTION, FRAME, NS_PER_S, Facing, FloatArray, Role, Rows

RADIUS_M = 0.04
BODY_Z_M = -0.8
LIFT = Script().rest(1.5).move(1.2, dy=0.52, bulge=0.04).rest(1.0).move(1.0, dy=-0.52).rest(1.0)


def _row(
    mount: Mount, role: Role, t_ns: int, place: tuple[float, float, float], r_m: float
) -> Rows:
    row = np.zeros(1, DETECTION)
    row["x_px"], row["y_px"], row["r_px"], row["axis_ratio"] = mount.disc(*place, r_m)
    row["t_ns"], row["role"], row["contrast"], row["quality"] = t_ns, role, 150.0, 1.0
    row["var_x_px2"] = row["var_y_px2"] = 0.05**2
    return row


def _filmed(mount: Mount, body: Body | None = None) -> list[tuple[np.void, Rows]]:
    """See the lift through the mount, without noise."""
    frames = []
    t_s: FloatArray = np.arange(0.0, LIFT.duration_s, 1.0 / 30.0)
    for i, (x, y) in enumerate(zip(*LIFT.at(t_s), strict=True)):
        t_ns = round((1.0 + t_s[i]) * NS_PER_S)
        rows = [_row(mount, Role.BAR, t_ns, (x, y, 0.0), RADIUS_M)]
        if body is not None:
            hip_x, hip_y, shoulder_x, shoulder_y = (float(v[0]) for v in body.at(np.array([y])))
            rows.append(_row(mount, Role.HIP, t_ns, (hip_x, hip_y, BODY_Z_M), 0.025))
            rows.append(_row(mount, Role.SHOULDER, t_ns, (shoulder_x, shoulder_y, BODY_Z_M), 0.025))
        head = np.zeros(1, FRAME)[0]
        head["seq"], head["t_ns"], head["detections"] = i, t_ns, len(rows)
        frames.append((head, np.concatenate(rows)))
    return frames


@st.composite
def mounts(draw: st.DrawFn) -> Mount:
    lens = draw(st.sampled_from([(1739.0, 0.0), (1105.0, -0.05), (650.0, -0.12)]))
    setup = CameraSetup(
        width_px=1456,
        height_px=1088,
        focal_px=lens[0],
        k1=lens[1],
        distance_m=draw(st.floats(2.0, 5.0)),
        height_m=draw(st.floats(0.3, 1.5)),
        azimuth_deg=draw(st.floats(-20.0, 20.0)),
        pitch_deg=draw(st.floats(-6.0, 6.0)),
        roll_deg=draw(st.floats(-5.0, 5.0)),
    )
    return Mount(setup, draw(st.sampled_from([Facing.LEFT, Facing.RIGHT])))


@given(mount=mounts(), x=st.floats(-0.3, 0.3), y=st.floats(0.0, 0.7), z=st.floats(-1.0, 0.0))
@settings(deadline=None)
def test_the_plane_undoes_what_the_camera_does(mount: Mount, x: float, y: float, z: float) -> None:
    view = view_of(mount.config.rig, mount.config.lens)
    assert view is not None
    # A tiny disc, for the plane's scale is that of a disc without size.
    plane = plane_at(view, *mount.disc(0.0, 0.0, 0.0, 1e-4)[:3], 1e-4, mount.facing.sign)
    x_px, y_px, r_px, ratio = mount.disc(x, y, 0.0, 1e-4)
    np.testing.assert_allclose(plane.plane_from_image(x_px, y_px), (x, y), atol=2e-6)
    np.testing.assert_allclose(plane.image_from_plane(x, y), (x_px, y_px), atol=2e-3)
    most, seen_ratio = plane.disc(x, y)
    np.testing.assert_allclose((1e-4 * most, seen_ratio), (r_px, ratio), rtol=1e-4)
    x_px, y_px, r_px, _ = mount.disc(x, y, z, 1e-4)
    on_plane = plane.plane_from_image(x_px, y_px)
    np.testing.assert_allclose(plane.away_m(*on_plane, r_px, 1e-4), -z, atol=1e-3)
    behind = plane.behind(*(np.array([v]) for v in on_plane), -z)
    np.testing.assert_allclose(np.ravel(behind), (x, y), atol=2e-6)
    np.testing.assert_allclose(plane.image_of(x, y, -z), (x_px, y_px), atol=2e-3)


@given(mount=mounts())
@settings(max_examples=12, deadline=None)
def test_a_lift_has_its_true_height_and_drift_whatever_the_mount(mount: Mount) -> None:
    (rep,) = play(_filmed(mount), mount.config).reps
    lift = truth(LIFT, 1.0, 3.5)
    assert rep.drift_forward_m is not None and rep.drift_backward_m is not None
    assert rep.rom_m == pytest.approx(lift.rom_m, abs=1e-3)
    assert rep.drift_forward_m == pytest.approx(0.04, abs=1e-3)
    assert rep.drift_backward_m < 5e-4
    assert rep.mean_velocity_mps == pytest.approx(lift.mean_mps, abs=3e-3)
    verdict = next(v for v in rep.faults if v.code == "bar_forward")
    assert (verdict.assessed, rep.marks) == (True, ())


def test_without_the_calibration_the_same_lift_is_off_by_centimetres() -> None:
    """What the calibration is for; and none of it is judged."""
    config = msgspec.structs.replace(RING, rig=Rig())
    (rep,) = play(_filmed(SLANTED), config).reps
    assert rep.drift_forward_m is not None
    assert abs(rep.drift_forward_m - 0.04) > 0.005 or (rep.drift_backward_m or 0.0) > 0.005
    verdict = next(v for v in rep.faults if v.code == "bar_forward")
    assert (verdict.assessed, verdict.severity.value) == (False, "info")
    assert "level the camera" in verdict.reason
    assert rep.marks == ("not_level",)


def test_markers_on_the_lifter_are_measured_at_their_own_depth() -> None:
    """They are 0.8 m behind the bar's end: on its plane a fifth of their way would be lost."""
    body = Body(drop_deg=6.0)
    frames = _filmed(SLANTED, body)
    (rep,) = play(frames, SLANTED.config).reps
    assert rep.hip is not None
    hip = [float(body.at(np.array([y]))[1][0]) for y in (0.0, 0.12)]
    shoulder = [float(body.at(np.array([y]))[3][0]) for y in (0.0, 0.12)]
    assert rep.hip.hip_rise_m == pytest.approx(hip[1] - hip[0], abs=4e-3)
    assert rep.hip.shoulder_rise_m == pytest.approx(shoulder[1] - shoulder[0], abs=4e-3)
    assert rep.hip.trunk_drop_deg == pytest.approx(6.0, abs=0.4)
    marker = msgspec.structs.replace(SLANTED.config.marker, body_diameter_m=0.15)
    config = msgspec.structs.replace(SLANTED.config, marker=marker)
    (other,) = play(frames, config).reps  # a print of another size: no lifter is there
    assert other.hip is not None and other.hip.shoulder_rise_m < 0.85 * rep.hip.shoulder_rise_m


def test_a_marker_beside_the_axis_makes_drift_and_height_less_sure() -> None:
    """By a tenth of the distance: plates turn by some six degrees in a pull."""
    frames = _filmed(SLANTED)
    (sure,) = play(frames, SLANTED.config).reps
    rig = msgspec.structs.replace(SLANTED.config.rig, off_axis_m=0.02)
    (unsure,) = play(frames, msgspec.structs.replace(SLANTED.config, rig=rig)).reps
    assert sure.drift_sd_m is not None and unsure.drift_sd_m is not None
    assert unsure.drift_sd_m == pytest.approx(np.hypot(sure.drift_sd_m, 0.002), rel=1e-6)
    assert (unsure.rom_m, unsure.drift_forward_m) == (sure.rom_m, sure.drift_forward_m)
    assert sure.mean_velocity_sd_mps is not None and unsure.mean_velocity_sd_mps is not None
    assert unsure.mean_velocity_sd_mps > sure.mean_velocity_sd_mps


@pytest.mark.parametrize("index", range(7))
def test_doubt_is_what_each_way_of_being_wrong_does(index: int) -> None:
    """Each way alone: the places through the plane of a camera that really stands so."""
    config = SLANTED.config
    way = tuple((0.3, 0.4, 0.5, 0.01, 4.0, 5.0, 0.01)[i] if i == index else 0.0 for i in range(7))
    rig = msgspec.structs.replace(config.rig, spread=(way,))
    plane = Plane(0.002, 700.0, 800.0, view=view_of(rig, config.lens))
    lens = config.lens
    f = 1.0 + way[3]
    drawn = Drawing(
        lens.fx_px * f, lens.fy_px * f, lens.cx_px + way[4], lens.cy_px + way[5], lens.k1 + way[6]
    )
    view = view_of(rig, lens)
    assert view is not None
    other = type(view)(
        drawn,
        view.roll_rad + radians(way[0]),
        view.pitch_rad + radians(way[1]),
        view.azimuth_rad + radians(way[2]),
    )
    end = plane.image_from_plane(0.04, 0.5)
    off = np.subtract(Plane(0.002, 700.0, 800.0, view=other).plane_from_image(*end), (0.04, 0.5))
    found = doubt(plane, ways(rig, lens)).between((0.0, 0.0), (0.04, 0.5))
    np.testing.assert_allclose(found, np.abs(off), atol=1e-9)
    assert max(found) > 1e-5


def test_a_degree_of_roll_is_ten_millimetres_with_or_without_a_lens() -> None:
    """The error budget's figure: 9.6 mm over 0.55 m."""
    for lens in (Lens(), SLANTED.config.lens):
        rig = Rig(roll_deg=2.0, spread=((1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),))
        plane = Plane(0.002, 700.0, 800.0, radians(2.0), view=view_of(rig, lens))
        sd_x, _ = doubt(plane, ways(rig, lens)).between((0.0, 0.0), (0.0, 0.55))
        assert sd_x == pytest.approx(0.0096, abs=2e-4)


def test_doubts_about_the_roll_add_up_and_no_more_than_is_said() -> None:
    rig = Rig(roll_sd_deg=0.3, pitch_sd_deg=0.0, azimuth_sd_deg=0.0)
    lens = Lens(focal_rel_sd=0.0, centre_sd_px=0.0, k1_sd=0.0)
    assert ways(rig, lens) == ((0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),)
    total = np.sqrt(sum(way[0] ** 2 for way in ways(rig, lens, least_roll_sd_deg=0.5)))
    assert total == pytest.approx(0.5)
    assert ways(rig, lens, least_roll_sd_deg=0.2) == ways(rig, lens)


@given(st.tuples(*[st.floats(-3.0, 3.0)] * 4))
def test_singular_values_are_those_of_numpy(matrix: tuple[float, float, float, float]) -> None:
    expected = np.linalg.svd(np.reshape(matrix, (2, 2)), compute_uv=False)
    np.testing.assert_allclose(singular(*matrix), expected, atol=1e-12)


@pytest.mark.parametrize("mean", [False, True])
def test_the_scale_is_the_same_whether_an_outline_is_taken_for_round_or_oval(mean: bool) -> None:
    """Squarer than three degrees a detector calls it round, and gives its mean radius."""
    mount = Mount(msgspec.structs.replace(SLANTED.setup, azimuth_deg=3.0, height_m=0.9))
    frames = _filmed(mount)
    for _, rows in frames:
        if mean:
            rows["r_px"] = [mean_radius(r, q) for r, q in rows[["r_px", "axis_ratio"]].tolist()]
            rows["axis_ratio"] = 1.0
    (rep,) = play(frames, mount.config).reps
    assert rep.rom_m == pytest.approx(truth(LIFT, 1.0, 3.5).rom_m, abs=5e-4)
