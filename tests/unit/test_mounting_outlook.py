"""What the camera will see of a lift, against a simulated camera that sees it."""

from dataclasses import replace
from math import hypot

import msgspec
import numpy as np
import pytest
from mounting_material import RIG, circle_of, scene, scene_of, seen, simulated

from shinline.app.mounting.outlook import MARGIN, look_ahead
from shinline.config import Config, Lift, Lifter
from shinline.sim.body import BACK_TRAVEL_M, PLATE_RADIUS_M, rom_m
from shinline.sim.stage import bar_end_m
from shinline.sim.stickers import sticker_centres
from shinline.sim.visibility import Visibility
from shinline.types import Facing, Role

MOUNTS = [
    {},
    {"distance_m": 2.2, "height_m": 0.4, "azimuth_deg": 15.0},
    {"distance_m": 5.5, "height_m": 1.4, "pitch_deg": 4.0, "focal_px": 1800.0},
    {"roll_deg": 4.0, "azimuth_deg": -18.0, "k1": -0.08},
    {"pitch_deg": -6.0, "roll_deg": -5.0, "focal_px": 900.0},
]


@pytest.mark.parametrize("mount", MOUNTS, ids=str)
def test_with_lens_and_rig_the_ghost_is_where_the_plate_will_be(mount: dict[str, float]) -> None:
    recording = simulated(**mount)
    look = look_ahead(scene_of(recording, known=True))
    end_m = bar_end_m(recording.scenario)
    up_m = rom_m(1.78, "conventional")
    places = ((0.0, 0.0, end_m), (-BACK_TRAVEL_M, up_m, end_m))
    assert look.ghost is not None
    for ghost, place in zip((look.ghost.floor, look.ghost.lockout), places, strict=True):
        x, y, r = circle_of(recording, place, PLATE_RADIUS_M)
        assert hypot(ghost.x_px - x, ghost.y_px - y) < 0.5
        assert ghost.plate_r_px == pytest.approx(r, rel=0.02)  # a large disc is no small one


@pytest.mark.parametrize("mount", MOUNTS, ids=str)
def test_distance_and_height_are_those_of_the_camera(mount: dict[str, float]) -> None:
    recording = simulated(**mount)
    look = look_ahead(scene_of(recording, known=True))
    setup = recording.scenario.camera
    flat = setup.distance_m * np.cos(np.deg2rad(setup.azimuth_deg))
    assert look.distance_m == pytest.approx(flat, rel=0.003)
    assert look.camera_m == pytest.approx(setup.height_m, abs=0.01)


def test_without_them_a_square_mount_is_foreseen_to_a_few_pixels() -> None:
    recording = simulated()
    look = look_ahead(scene_of(recording, known=False))
    place = (-BACK_TRAVEL_M, rom_m(1.78, "conventional"), bar_end_m(recording.scenario))
    x, y, _ = circle_of(recording, place, PLATE_RADIUS_M)
    assert look.ghost is not None
    assert hypot(look.ghost.lockout.x_px - x, look.ghost.lockout.y_px - y) < 3.0
    assert (look.distance_m, look.camera_m) == (None, None)


def test_a_known_roll_turns_the_ghost_even_without_a_lens() -> None:
    recording = simulated(roll_deg=5.0)
    known = scene_of(recording, known=True)
    look = look_ahead(replace(known, lens=None))
    place = (-BACK_TRAVEL_M, rom_m(1.78, "conventional"), bar_end_m(recording.scenario))
    x, _, _ = circle_of(recording, place, PLATE_RADIUS_M)
    level = look_ahead(replace(known, lens=None, rig=None))
    assert look.ghost is not None
    assert level.ghost is not None
    assert abs(look.ghost.lockout.x_px - x) < 4.0 < abs(level.ghost.lockout.x_px - x)


def test_a_lifter_who_faces_left_ends_on_the_other_side() -> None:
    right = look_ahead(scene(lens=None)).ghost
    left = look_ahead(scene(lens=None, facing=Facing.LEFT)).ghost
    none = look_ahead(scene(lens=None, rig=None, facing=Facing.UNKNOWN)).ghost
    assert right is not None
    assert left is not None
    assert none is not None
    assert right.lockout.x_px < right.floor.x_px
    assert none.lockout.x_px == none.floor.x_px
    assert left.lockout.x_px > right.lockout.x_px


def test_the_floor_is_where_the_bar_rested_and_not_where_it_is() -> None:
    lifted = scene(seen(y_px=380.0), lens=None, rig=None, rest_px=(479.5, 490.0))
    resting = scene(seen(y_px=490.0), lens=None, rig=None)
    one, other = look_ahead(lifted).ghost, look_ahead(resting).ghost
    assert one is not None
    assert other is not None
    assert one.floor.y_px == pytest.approx(other.floor.y_px)
    assert one.lockout.y_px == pytest.approx(other.lockout.y_px)


def test_inside_means_the_whole_plate_and_a_margin() -> None:
    lift = look_ahead(scene(lens=None, rig=None))
    assert lift.ghost is not None
    assert lift.ghost.inside
    reach_px = lift.ghost.floor.plate_r_px
    edge_px = 719.0 - MARGIN * 720.0 - reach_px
    for y_px, inside in ((edge_px - 0.1, True), (edge_px + 0.1, False)):
        look = look_ahead(scene(seen(y_px=y_px), lens=None, rig=None))
        assert look.ghost is not None
        assert look.ghost.inside is inside
    beyond = look_ahead(scene(seen(y_px=719.0 - reach_px + 30.0), lens=None, rig=None))
    assert beyond.margin < 0.0
    assert beyond.core_inside
    assert not look_ahead(scene(seen(y_px=705.0), lens=None, rig=None)).core_inside


def test_a_sumo_lifter_lifts_less_and_blocks_count_as_the_floor() -> None:
    def rise(style: str) -> float:
        config = Config(lifter=Lifter(stature_m=1.78), lift=Lift(style=style))  # type: ignore[arg-type]
        return look_ahead(scene(config=config)).rom_m

    assert rise("sumo") == pytest.approx(0.8 * rise("conventional"))
    assert rise("blocks") == rise("conventional") == pytest.approx(0.436 * 1.78 - 0.225)


def test_nothing_is_foreseen_of_a_bar_that_is_not_seen() -> None:
    look = look_ahead(scene(markers={}))
    assert (look.ghost, look.zones, look.distance_m) == (None, (), None)


@pytest.mark.parametrize("stature_m", [1.2, 1.6, 2.0, 2.3])
@pytest.mark.parametrize("style", ["conventional", "sumo", "blocks"])
def test_every_lifter_has_zones_that_can_be_drawn(stature_m: float, style: str) -> None:
    config = Config(lifter=Lifter(stature_m=stature_m), lift=Lift(style=style))  # type: ignore[arg-type]
    for facing in (Facing.LEFT, Facing.RIGHT):
        for zone in look_ahead(scene(config=config, facing=facing)).zones:
            assert 3 <= len(zone.points_px) <= 64
            assert np.all(np.isfinite(zone.points_px))


@pytest.mark.parametrize("azimuth_deg", [-60.0, 60.0])
@pytest.mark.parametrize("pitch_deg", [-45.0, 45.0])
def test_no_calibration_is_so_odd_that_nonsense_is_drawn(
    azimuth_deg: float, pitch_deg: float
) -> None:
    rig = msgspec.structs.replace(RIG, azimuth_deg=azimuth_deg, pitch_deg=pitch_deg, roll_deg=45.0)
    for x_px, y_px in ((5.0, 5.0), (955.0, 715.0), (480.0, 360.0)):
        look = look_ahead(scene(seen(x_px=x_px, y_px=y_px), rig=rig))
        circles = () if look.ghost is None else (look.ghost.floor, look.ghost.lockout)
        for circle in circles:
            assert max(abs(circle.x_px), abs(circle.y_px), circle.plate_r_px) < 20_000.0
        for zone in look.zones:
            assert np.all(np.abs(zone.points_px) < 20_000.0)


def test_where_the_facing_is_not_known_no_zone_is_claimed() -> None:
    assert look_ahead(scene(facing=Facing.UNKNOWN)).zones == ()
    assert "ankle" in {zone.role for zone in look_ahead(scene()).zones}


def test_what_the_zones_say_of_the_hip_is_what_a_camera_sees() -> None:
    """Over many mounts: hidden at lockout or not, by the simulated scene's own geometry."""
    agree, hidden = 0, 0
    grid = [
        (stature, height, azimuth)
        for stature in (1.6, 1.95)
        for height in (0.3, 0.8, 1.4)
        for azimuth in (-40.0, -25.0, 0.0, 20.0)
    ]
    for stature, height, azimuth in grid:
        recording = simulated(stature_m=stature, height_m=height, azimuth_deg=azimuth)
        zones = look_ahead(scene_of(recording, known=True)).zones
        told = any(zone.role == "hip" and zone.said[0].key.endswith("_top") for zone in zones)
        hips = sticker_centres(recording.body, recording.truth_pose, Role.HIP)
        top = np.argsort(recording.truth_sample.y_m)[-5:]
        visible = Visibility(recording).of(Role.HIP, hips, 0.03)[top]
        agree += told == (float(np.mean(visible)) < 0.5)
        hidden += told
    assert 6 <= hidden <= len(grid) - 6
    assert agree >= len(grid) - 2
