"""People about the room: they walk by behind, pause, stand near; the lifter walks in; a cat."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shinline.sim.body import make_body
from shinline.sim.camera import Camera
from shinline.sim.clothes import PLAIN, Dress, passer_dress
from shinline.sim.figure import Points, figure_points, paint_layer
from shinline.sim.paint import F32Image, paint_limb
from shinline.sim.pose import Body, solve_pose
from shinline.sim.shapes import smooth
from shinline.types import FloatArray

_STRIDE_M: Final = 0.28
_STEP_M: Final = 1.35  # two steps
_ARM_SWING_RAD: Final = 0.35
_TURNED: Final = np.array([-1.0, 1.0, 1.0])
_ACROSS: Final = np.array([1.0, 1.0, -1.0])
_EDGE_M: Final = 2.6  # beyond what the camera sees of the room
_BEHIND_M: Final = (-2.0, -0.95)
_WALKS_MPS: Final = (0.5, 1.5)
_PAUSES_S: Final = (0.5, 4.0)
_FIDGET_M, _FIDGET_S = 0.02, 3.7

_CAT_MPS: Final = 0.35
_CAT_LEVEL: Final = 40.0
_CAT_Z_M: Final = 0.40
_CAT_WAY_M: Final = 1.3


@dataclass(frozen=True, slots=True)
class Passer:
    """Somebody who crosses the room behind the lifter again and again, and pauses on the way."""

    body: Body
    dress: Dress
    z_m: float
    speed_mps: float
    pause_m: float
    pause_s: float
    since_s: float

    def place(self, t_s: float) -> tuple[float, float]:
        """Return the way gone (m, without end) and the x of an instant."""
        way_m = 2.0 * _EDGE_M
        cross_s = way_m / self.speed_mps + self.pause_s
        rounds, done_s = divmod(t_s + self.since_s, cross_s)
        before_s = self.pause_m / self.speed_mps
        walked_s = min(done_s, before_s) + max(0.0, done_s - before_s - self.pause_s)
        gone_m = self.speed_mps * walked_s
        x_m = gone_m - _EDGE_M
        return rounds * way_m + gone_m, x_m if rounds % 2 == 0 else -x_m

    def heads_back(self, t_s: float) -> bool:
        """Tell whether the way leads toward -x."""
        cross_s = 2.0 * _EDGE_M / self.speed_mps + self.pause_s
        return int((t_s + self.since_s) // cross_s) % 2 == 1


def passers(count: int, raised_m: float, rng: np.random.Generator) -> tuple[Passer, ...]:
    """Draw the people of a room, the farthest first."""
    found = []
    for _ in range(count):
        body = make_body(float(rng.uniform(1.58, 1.95)), "conventional", raised_m=raised_m)
        found.append(
            Passer(
                body=body,
                dress=passer_dress(int(rng.integers(64))),
                z_m=float(rng.uniform(*_BEHIND_M)),
                speed_mps=float(rng.uniform(*_WALKS_MPS)),
                pause_m=float(rng.uniform(0.6, 2.0 * _EDGE_M - 0.6)),
                pause_s=float(rng.uniform(*_PAUSES_S)),
                since_s=float(rng.uniform(0.0, 12.0)),
            )
        )
    return tuple(sorted(found, key=lambda passer: passer.z_m))


def walking(body: Body, gone_m: float, going: float = 1.0) -> tuple[Points, Points]:
    """Return the near and the far side's points of a person who walks in place, facing +x.

    ``gone_m`` is the way walked so far; ``going`` from 0 (stands) to 1 (strides).
    """
    phase = 2.0 * np.pi * gone_m / _STEP_M
    return tuple(_half(body, sign * np.sin(phase), sign * np.cos(phase), going)
                 for sign in (1.0, -1.0))  # type: ignore[return-value]  # fmt: skip


def _half(body: Body, swing: float, lift: float, going: float) -> Points:
    _, y, z = body.ankle
    stand_x = -body.shape.back_m
    ankle = (
        stand_x - 0.02 + going * _STRIDE_M * swing,
        y + going * 0.10 * max(0.0, lift),
        min(z, body.hip_half_m + 0.03),
    )
    stepping = replace(body, ankle=ankle)
    hand = np.array([[stand_x, body.rom_m - going * 0.05]])
    pose = solve_pose(stepping, hand, np.zeros(1))
    points = figure_points(stepping, pose, 0)
    angle = -going * _ARM_SWING_RAD * swing
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0.0], [np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]]
    )
    for name in ("elbow", "hand", "knuckle", "cuff"):
        points[name] = points["shoulder"] + turn @ (points[name] - points["shoulder"])
    return points


def paint_person(
    image: F32Image,
    camera: Camera,
    stature_m: float,
    sides: tuple[Points, Points],
    place: tuple[float, float, float],
    dress: Dress = PLAIN,
) -> None:
    """Paint a person from the far side to the near one at (x m, z m), facing ``place[2]`` (+-1)."""
    x_m, z_m, facing = place
    turn = _TURNED if facing < 0.0 else 1.0
    near, far = sides
    shift = np.array([x_m, 0.0, z_m])
    near = {name: point * turn + shift for name, point in near.items()}
    away = {name: point * turn * _ACROSS + shift for name, point in far.items()}
    paint_layer(image, camera, stature_m, away, "arm", dress)
    paint_layer(image, camera, stature_m, away, "leg", dress)
    paint_layer(image, camera, stature_m, near, "trunk", dress)
    paint_layer(image, camera, stature_m, near, "leg", dress)
    paint_layer(image, camera, stature_m, near, "arm", dress)


def paint_passer(image: F32Image, camera: Camera, passer: Passer, t_s: float) -> None:
    """Paint one of the people behind."""
    gone_m, x_m = passer.place(t_s)
    sides = walking(passer.body, gone_m)
    facing = -1.0 if passer.heads_back(t_s) else 1.0
    size = passer.body.stature_m
    paint_person(image, camera, size, sides, (x_m, passer.z_m, facing), passer.dress)


def paint_bystander(
    image: F32Image, camera: Camera, body: Body, place: tuple[float, float], t_s: float
) -> None:
    """Paint somebody who stands near, looks on and is not quite still."""
    sway_m = _FIDGET_M * np.sin(2.0 * np.pi * t_s / _FIDGET_S)
    sides = walking(body, 0.0, going=0.0)
    x_m, z_m = place
    facing = -1.0 if x_m > 0.0 else 1.0
    person = (x_m + float(sway_m), z_m, facing)
    paint_person(image, camera, body.stature_m, sides, person, passer_dress(3))


def walked_in(t_s: float, from_s: float, walk_s: float) -> float:
    """Return how far from the bar a lifter still is who comes in, m; 0 when there."""
    done = np.clip((t_s - from_s) / walk_s, 0.0, 1.0)
    ease = 0.7 * done + 0.3 * smooth(np.array(done))
    return float(_EDGE_M * (1.0 - ease))


# --- the cat -------------------------------------------------------------------------------------


def paint_cat(image: F32Image, camera: Camera, floor_m: float, t_s: float) -> None:
    """Paint a cat that crosses the platform there and back, and sits down on the way."""
    way_m = _CAT_MPS * t_s
    rounds, x_m = divmod(way_m, 2.0 * _CAT_WAY_M)
    forth = rounds % 2 == 0
    x_m = (x_m - _CAT_WAY_M) * (1.0 if forth else -1.0)
    ahead = 1.0 if forth else -1.0
    phase = 2.0 * np.pi * way_m / 0.30
    limbs = [
        ((-0.16, 0.20), (0.14, 0.20), 0.062, 0.055),
        ((0.14, 0.21), (0.22, 0.28), 0.045, 0.048),
    ]
    tail = 0.10 * np.sin(1.3 * t_s)
    limbs.append(((-0.17, 0.22), (-0.30, 0.38 + tail), 0.018, 0.012))
    for i, hip_m in enumerate((-0.13, -0.11, 0.11, 0.13)):
        foot_m = hip_m + 0.06 * np.sin(phase + 0.5 * np.pi * i)
        limbs.append(((hip_m, 0.19), (foot_m, 0.02), 0.026, 0.017))
    for a, b, a_m, b_m in limbs:
        ends = np.array([_cat_point(x_m, ahead, a, floor_m), _cat_point(x_m, ahead, b, floor_m)])
        (ax, ay), (bx, by) = camera.project(ends)
        ar, br = np.array([a_m, b_m]) * camera.focal_px / camera.depth_m(ends)
        paint_limb(image, ax, ay, ar, bx, by, br, False, _CAT_LEVEL)


def _cat_point(x_m: float, ahead: float, at: tuple[float, float], floor_m: float) -> FloatArray:
    return np.array([x_m + ahead * at[0], floor_m + at[1], _CAT_Z_M])
