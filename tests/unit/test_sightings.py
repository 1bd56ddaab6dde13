"""Rows of hips and shoulders without stickers become sightings: in order, and each once."""

from dataclasses import replace

import numpy as np
import pytest
from lifts import SCALE_M_PER_PX

from shinline.coach.outline import OUTLINE, POSE, Sighting, Sightings, ahead_of_hips_m
from shinline.geometry.plane import Plane
from shinline.types import DETECTION, NS_PER_S, Role, Rows

PLANE = Plane(SCALE_M_PER_PX, 640.0, 900.0)
SD_RAD = 0.004


def _row(role: Role, t_ns: int, x_px: float = 0.0, y_px: float = 0.0, **more: float) -> Rows:
    row = np.zeros(1, DETECTION)
    row["role"], row["t_ns"], row["x_px"], row["y_px"] = role, t_ns, x_px, y_px
    for name, value in more.items():
        row[name] = value
    return row


def _trio(t_ns: int, x_px: float = 0.0, sd_rad: float = SD_RAD) -> list[Rows]:
    return [
        _row(Role.HIP_OUTLINE, t_ns, x_px, 50.0, quality=0.7),
        _row(Role.SHOULDER_OUTLINE, t_ns, x_px + 40.0, 20.0),
        _row(Role.BACK_LINE, t_ns, axis_ratio=sd_rad, contrast=1.5),
    ]


def _between(sightings: Sightings, name: str = OUTLINE) -> list[Sighting]:
    return sightings.between(0, NS_PER_S)[name]


def test_older_pictures_that_come_later_are_put_in_their_place() -> None:
    sightings = Sightings()
    assert sightings.take(np.concatenate([*_trio(30), *_trio(10)]))
    assert sightings.take(np.concatenate([*_trio(40), *_trio(20)]))
    assert [one.t_ns for one in _between(sightings)] == [10, 20, 30, 40]
    assert [one.t_ns for one in sightings.between(15, 30)[OUTLINE]] == [20, 30]
    first = _between(sightings)[0]
    assert first == Sighting(10, (0.0, 50.0), (40.0, 20.0), SD_RAD, 1.5, 0.7)


def test_another_anchor_ends_what_was_seen_before_it() -> None:
    sightings = Sightings()
    sightings.take(np.concatenate(_trio(10)))
    sightings.take(np.concatenate([*_trio(90), *_trio(80, sd_rad=0.0), *_trio(70)]))
    assert [one.t_ns for one in _between(sightings)] == [70, 80]


def test_half_a_body_and_markers_are_not_taken_for_one() -> None:
    sightings = Sightings()
    assert not sightings.take(np.zeros(0, DETECTION))
    assert not sightings.take(_row(Role.BAR, 10))
    assert not sightings.take(_row(Role.HIP_OUTLINE, 10))
    other = [_row(Role.HIP_OUTLINE, 10), _row(Role.SHOULDER_OUTLINE, 11)]
    assert not sightings.take(np.concatenate(other))
    assert sightings.last() is None


def test_a_camera_held_in_the_hand_does_not_move_the_lifter() -> None:
    sightings = Sightings()
    for t_ns, shake_px in ((10, 0.0), (20, 7.0)):
        rows = [*_trio(t_ns, 100.0 + shake_px), _row(Role.SCENE, t_ns, shake_px, 0.0)]
        sightings.take(np.concatenate(rows))
    assert {one.hip_px for one in _between(sightings)} == {(100.0, 50.0)}
    assert {one.shoulder_px for one in _between(sightings)} == {(140.0, 20.0)}


def test_a_network_s_doubt_is_that_of_its_joints() -> None:
    sightings = Sightings()
    spread = {"var_x_px2": 4.0, "var_y_px2": 4.0}
    rows = [_row(Role.HIP_POSE, 10, 0.0, 50.0, **spread), _row(Role.SHOULDER_POSE, 10, 40.0, 20.0)]
    assert sightings.take(np.concatenate(rows))
    (one,) = _between(sightings, POSE)
    assert one.turn_sd_rad == pytest.approx(2.0 / 50.0)
    assert _between(sightings) == []


def test_when_the_clock_was_set_back_all_is_forgotten() -> None:
    sightings = Sightings()
    sightings.take(np.concatenate(_trio(10)))
    sightings.clear()
    assert _between(sightings) == []
    assert sightings.last() is None


def test_how_far_the_bar_is_ahead_of_the_hips_is_told_of_the_frames_own_picture() -> None:
    rows = [_row(Role.BAR, 30, 140.0), *_trio(30, 40.0), *_trio(10, 90.0)]
    ahead_m = ahead_of_hips_m(np.concatenate(rows), PLANE)
    assert ahead_m == pytest.approx(100.0 * SCALE_M_PER_PX)
    assert ahead_of_hips_m(np.concatenate(rows), replace(PLANE, forward=-1.0)) == -ahead_m
    assert ahead_of_hips_m(np.concatenate(rows[1:]), PLANE) == 0.0
    assert ahead_of_hips_m(rows[0], PLANE) == 0.0
