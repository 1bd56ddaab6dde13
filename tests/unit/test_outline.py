"""Hips and shoulders without stickers, from exact places at the times of some pictures."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from lifts import SCALE_M_PER_PX, Body, Floats, Script, exact_path, min_jerk, truth
from mounts import Mount

from shinline.coach.outline import (
    BEHIND_M,
    DOUBT,
    FALLBACK_SD_DEG,
    LOST,
    NO_SET,
    NOT_SEEN,
    OUTLINE,
    POSE,
    TURN_REL_SD,
    Sighting,
    measure_sightings,
)
from shinline.geometry.doubt import view_of
from shinline.geometry.plane import Plane, plane_at
from shinline.sim.scenario import CameraSetup
from shinline.types import NS_PER_S, HipNumbers

REST_S, ROM_M = 1.6, 0.52
SCRIPT = Script().rest(REST_S).move(1.4, ROM_M).rest(1.0)
PLANE = Plane(SCALE_M_PER_PX, 640.0, 900.0)
SD_RAD = 0.004

Places = Callable[[Floats, Floats], tuple[Floats, Floats, Floats, Floats]]
"""From times (s) and heights of the bar (n,) to hip x, y and shoulder x, y."""


def _start_ns(script: Script = SCRIPT) -> int:
    return round(truth(script, 0.5, script.duration_s).start_s * NS_PER_S)


def _of(body: Body) -> Places:
    return lambda t_s, y_m: body.at(y_m)


def _seen(
    places: Places,
    plane: Plane = PLANE,
    script: Script = SCRIPT,
    since_s: float = 0.2,
    until_s: float = 2.4,
    without: tuple[float, float] = (9.0, 9.0),
) -> list[Sighting]:
    """Thirty pictures a second between two times, but for some."""
    t_s = np.arange(since_s, until_s, 1.0 / 30.0)
    t_s = t_s[(t_s < without[0]) | (t_s >= without[1])]
    hip_x, hip_y, shoulder_x, shoulder_y = places(t_s, script.at(t_s)[1])
    return [
        Sighting(
            round(t_s[n] * NS_PER_S),
            plane.image_from_plane(hip_x[n], hip_y[n]),
            plane.image_from_plane(shoulder_x[n], shoulder_y[n]),
            SD_RAD,
            0.0,
            1.0,
        )
        for n in range(len(t_s))
    ]


def _measure(
    seen: list[Sighting],
    plane: Plane = PLANE,
    script: Script = SCRIPT,
    rom_m: float = ROM_M,
    name: str = OUTLINE,
) -> HipNumbers | str:
    bar = exact_path(script, 0.0, script.duration_s)
    return measure_sightings({name: seen}, bar, _start_ns(script), rom_m, plane)


def _numbers(seen: list[Sighting], **given: object) -> HipNumbers:
    hips = _measure(seen, **given)  # type: ignore[arg-type]
    assert isinstance(hips, HipNumbers), hips
    return hips


@pytest.mark.parametrize("drop_deg", [0.0, 3.0, 9.0])
@pytest.mark.parametrize("set_deg", [20.0, 35.0, 50.0])
def test_the_drop_of_the_trunk_is_the_bodys(drop_deg: float, set_deg: float) -> None:
    hips = _numbers(_seen(_of(Body(set_deg=set_deg, drop_deg=drop_deg))))
    assert hips.trunk_drop_deg == pytest.approx(drop_deg, abs=0.1)
    assert hips.source == OUTLINE
    assert hips.reason == ""


def test_what_is_seen_is_doubted_and_clothes_slide() -> None:
    hips = _numbers(_seen(_of(Body(drop_deg=6.0))))
    own_deg = np.hypot(DOUBT * np.degrees(SD_RAD), FALLBACK_SD_DEG[OUTLINE])
    expected = np.hypot(own_deg, TURN_REL_SD * hips.trunk_drop_deg)  # type: ignore[operator]
    assert hips.trunk_drop_sd_deg == pytest.approx(expected)


def test_hips_that_shoot_up_rise_more_than_the_shoulders() -> None:
    """1 + L (sin 35 - sin 26) / rise, by the geometry of a stiff trunk."""
    hips = _numbers(_seen(_of(Body(drop_deg=9.0))))
    extra_m = 0.5 * (np.sin(np.radians(35.0)) - np.sin(np.radians(26.0)))
    assert hips.shoulder_rise_m == pytest.approx(0.12, abs=0.002)
    assert hips.rise_ratio == pytest.approx(1.0 + extra_m / 0.12, abs=0.02)


@pytest.mark.parametrize(("rom_m", "height_m"), [(0.60, 0.120), (0.32, 0.080)])
def test_they_are_watched_until_120_mm_or_a_quarter_of_the_range(
    rom_m: float, height_m: float
) -> None:
    script = Script().rest(REST_S).move(1.6, rom_m).rest(1.0)
    hips = _numbers(_seen(_of(Body()), script=script), script=script, rom_m=rom_m)
    assert hips.shoulder_rise_m == pytest.approx(height_m, abs=0.002)


def test_what_comes_after_the_window_does_not_count() -> None:
    def late(t_s: Floats, y_m: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        hip_x, hip_y, shoulder_x, shoulder_y = Body().at(y_m)
        return (
            hip_x,
            hip_y + 0.08 * min_jerk(np.clip((y_m - 0.13) / 0.05, 0.0, 1.0)),
            *(
                shoulder_x,
                shoulder_y,
            ),
        )

    assert _numbers(_seen(late)).trunk_drop_deg == pytest.approx(0.0, abs=0.3)


def test_one_wild_picture_is_no_drop() -> None:
    seen = _seen(_of(Body()))
    n = next(i for i, one in enumerate(seen) if one.t_ns > _start_ns() + NS_PER_S // 5)
    seen[n] = replace(seen[n], hip_px=(seen[n].hip_px[0], seen[n].hip_px[1] - 40.0))
    assert _numbers(seen).trunk_drop_deg == pytest.approx(0.0, abs=0.1)


# --- the set position -----------------------------------------------------------------------------


def _diving(t_s: Floats, y_m: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Hips that come down by 15 cm until 0.1 s before lift-off, and shoot up 9 degrees then."""
    off_s = _start_ns() / NS_PER_S
    high_m = 0.15 * min_jerk(np.clip((off_s - 0.1 - t_s) / 0.8, 0.0, 1.0))
    hip_x, hip_y, shoulder_x, shoulder_y = Body(drop_deg=9.0).at(y_m)
    return hip_x, hip_y + high_m, shoulder_x, shoulder_y


def _rising(t_s: Floats, y_m: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Hips that never hold still: they come up all the time, and shoot up 9 degrees in the pull."""
    off_s = _start_ns() / NS_PER_S
    low_m = 0.15 * np.clip(off_s - t_s, 0.0, 2.0)
    hip_x, hip_y, shoulder_x, shoulder_y = Body(drop_deg=9.0).at(y_m)
    return hip_x, hip_y - low_m, shoulder_x, shoulder_y


def test_who_dives_and_pulls_is_compared_with_where_the_hips_turned() -> None:
    hips = _numbers(_seen(_diving, since_s=0.6))
    assert hips.reason == ""
    assert hips.trunk_drop_deg == pytest.approx(9.0, abs=0.5)


def test_hips_that_rise_before_the_bar_does_have_risen() -> None:
    """The quiet position is before that: 4 cm in the last 0.3 s count."""
    off_s = _start_ns() / NS_PER_S

    def early(t_s: Floats, y_m: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        hip_x, hip_y, shoulder_x, shoulder_y = Body().at(y_m)
        low_m = 0.04 * min_jerk(np.clip((off_s - t_s) / 0.3, 0.0, 1.0))
        return hip_x, hip_y - low_m, shoulder_x, shoulder_y

    hips = _numbers(_seen(early))
    assert hips.hip_rise_m - hips.shoulder_rise_m == pytest.approx(0.04, abs=0.003)  # type: ignore[operator]
    along, up = 0.5 * np.cos(np.radians(35.0)), 0.5 * np.sin(np.radians(35.0))
    lost_deg = np.degrees(np.arctan2(up + 0.04, along)) - 35.0
    assert hips.trunk_drop_deg == pytest.approx(lost_deg, abs=0.2)


def test_without_a_set_position_lift_off_tells_the_least_it_can_be() -> None:
    hips = _numbers(_seen(_rising))
    assert hips.reason == NO_SET
    assert hips.trunk_drop_deg == pytest.approx(9.0, abs=0.3)


def test_without_anything_about_lift_off_there_is_no_comparison() -> None:
    """Pictures begin 0.12 s late: the hip is not compared with the bar either."""
    seen = _seen(_of(Body(drop_deg=9.0)), since_s=_start_ns() / NS_PER_S + 0.12)
    hips = _numbers(seen)
    assert hips.reason == NO_SET
    assert hips.trunk_drop_deg is None
    assert hips.to_bar_ratio is None


# --- trouble --------------------------------------------------------------------------------------


def test_after_a_gap_in_the_pull_nothing_is_believed() -> None:
    """What the trunk had lost before the gap it has lost at least."""
    off_s = _start_ns() / NS_PER_S
    hips = _numbers(_seen(_of(Body(drop_deg=9.0)), without=(off_s + 0.1, off_s + 0.35)))
    assert hips.reason == LOST
    assert hips.trunk_drop_deg is not None
    assert hips.trunk_drop_deg < 1.0


def test_an_outline_that_ends_before_the_window_does_is_lost() -> None:
    seen = _seen(_of(Body()), until_s=_start_ns() / NS_PER_S + 0.2)
    hips = _measure(seen)
    assert isinstance(hips, HipNumbers)
    assert hips.reason == LOST


def test_a_pull_that_has_not_come_so_far_is_not_judged_yet() -> None:
    script = Script().rest(REST_S).move(1.4, 0.10).rest(1.0)
    assert _measure(_seen(_of(Body()), script=script), script=script) == LOST


@pytest.mark.parametrize("count", [0, 3])
def test_hardly_any_picture_is_none(count: int) -> None:
    assert _measure(_seen(_of(Body()))[:count]) == NOT_SEEN


# --- where from -----------------------------------------------------------------------------------


def test_the_outline_goes_before_a_network_and_the_network_before_nothing() -> None:
    bar = exact_path(SCRIPT, 0.0, SCRIPT.duration_s)
    outline, pose = _seen(_of(Body(drop_deg=3.0))), _seen(_of(Body(drop_deg=12.0)))
    both = measure_sightings({OUTLINE: outline, POSE: pose}, bar, _start_ns(), ROM_M, PLANE)
    lost = measure_sightings({OUTLINE: outline[:30], POSE: pose}, bar, _start_ns(), ROM_M, PLANE)
    assert isinstance(both, HipNumbers)
    assert isinstance(lost, HipNumbers)
    assert (both.source, lost.source) == (OUTLINE, POSE)
    assert both.trunk_drop_deg == pytest.approx(3.0, abs=0.1)
    assert lost.trunk_drop_deg == pytest.approx(12.0, abs=0.1)


def test_a_network_is_as_unsure_as_it_trembles_and_tells_of_no_bend() -> None:
    seen = _seen(_of(Body(drop_deg=12.0)))
    shaken = [
        replace(one, hip_px=(one.hip_px[0], one.hip_px[1] + 2.0 * (-1.0) ** n))
        for n, one in enumerate(seen)
    ]
    calm, shaky = _numbers(seen, name=POSE), _numbers(shaken, name=POSE)
    own_deg = np.hypot(FALLBACK_SD_DEG[POSE], TURN_REL_SD * 12.0)
    assert calm.trunk_drop_sd_deg == pytest.approx(own_deg, abs=0.01)
    trembles_deg = np.degrees(2.0 * SCALE_M_PER_PX * np.cos(np.radians(35.0)) / 0.5)
    expected = np.hypot(DOUBT * trembles_deg, own_deg)
    assert shaky.trunk_drop_sd_deg == pytest.approx(expected, rel=0.05)
    assert calm.back_bend_m is None


def test_the_bend_is_what_the_outline_gained_since_the_set_position() -> None:
    off_ns = _start_ns()
    seen = [replace(one, bend_px=4.0 if one.t_ns > off_ns else 1.0) for one in _seen(_of(Body()))]
    assert _numbers(seen).back_bend_m == pytest.approx(3.0 * SCALE_M_PER_PX, abs=1e-4)


# --- in the picture and in metres -----------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 0.8, 1.1])
def test_how_far_the_hip_rose_over_the_bar_until_a_third_of_the_way(share: float) -> None:
    def going(t_s: Floats, y_m: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        hip_x, _, shoulder_x, _ = Body().at(y_m)
        return hip_x, 0.45 + share * y_m, shoulder_x, 0.75 + 0.8 * y_m

    assert _numbers(_seen(going)).to_bar_ratio == pytest.approx(share, abs=0.02)
    third_s = float(
        np.interp(ROM_M / 3.0, SCRIPT.at(np.arange(0, 3, 0.01))[1], np.arange(0, 3, 0.01))
    )
    assert _numbers(_seen(going, until_s=third_s - 0.1)).to_bar_ratio is None


def test_who_faces_the_other_way_gives_the_same_numbers() -> None:
    mirrored = replace(PLANE, forward=-1.0)
    right, left = (_numbers(_seen(_diving, plane), plane=plane) for plane in (PLANE, mirrored))
    for name in ("trunk_drop_deg", "trunk_drop_sd_deg", "hip_rise_m", "rise_ratio", "to_bar_ratio"):
        assert getattr(left, name) == pytest.approx(getattr(right, name), rel=1e-9)


def test_a_facing_that_is_not_known_changes_nothing_either() -> None:
    """Pictures of one lifter through a plane that takes x for the picture's right."""
    mirrored = replace(PLANE, forward=-1.0)
    seen = _seen(_of(Body(drop_deg=7.0)), mirrored)
    known, unknown = _numbers(seen, plane=mirrored), _numbers(seen, plane=PLANE)
    assert unknown.trunk_drop_deg == pytest.approx(known.trunk_drop_deg, rel=1e-9)
    assert unknown.hip_rise_m == pytest.approx(known.hip_rise_m, rel=1e-9)


@pytest.mark.parametrize("azimuth_deg", [0.0, 6.0])
def test_a_calibrated_view_gives_metres_where_the_lifter_is(azimuth_deg: float) -> None:
    """A lifter a metre behind the bar's end looks smaller, by 3 m in 4 m; the angle holds."""
    mount = Mount(CameraSetup(1456, 1088, 1739.0, 3.0, 0.9, azimuth_deg, 2.0, 1.0))
    body = Body(drop_deg=9.0)
    seen = []
    for one in _seen(_of(body)):
        hip_x, hip_y, shoulder_x, shoulder_y = (
            float(v[0]) for v in body.at(SCRIPT.at(np.array([one.t_ns / NS_PER_S]))[1])
        )
        hip_px, shoulder_px = (
            mount.camera.project(np.array([x, y, -BEHIND_M]))
            for x, y in ((hip_x, hip_y), (shoulder_x, shoulder_y))
        )
        seen.append(replace(one, hip_px=tuple(hip_px), shoulder_px=tuple(shoulder_px)))
    view = view_of(mount.config.rig, mount.config.lens)
    assert view is not None
    x_px, y_px, r_px, _ = mount.disc(0.0, 0.0, 0.0, 0.04)
    known = _numbers(seen, plane=plane_at(view, x_px, y_px, r_px, 0.04))
    assert known.hip_rise_m == pytest.approx(_numbers(_seen(_of(body))).hip_rise_m, rel=0.02)
    assert known.trunk_drop_deg == pytest.approx(9.0, abs=0.3)
    if azimuth_deg == 0.0:
        flat = _numbers(seen, plane=Plane(0.04 / r_px, x_px, y_px, view.roll_rad))
        assert flat.hip_rise_m == pytest.approx(0.75 * known.hip_rise_m, rel=0.04)  # type: ignore[operator]
        assert flat.trunk_drop_deg == pytest.approx(9.0, abs=0.5)
