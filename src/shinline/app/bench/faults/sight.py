"""Which stickers a camera sees: the near plates and the near arm stand in the way.

The same rule as the simulator's pictures follow, for all instants at once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.sim.body import PLATE_RADIUS_M, Pose
from shinline.sim.camera import Camera
from shinline.sim.stickers import COLLAR_M
from shinline.types import BoolArray, FloatArray, Role

POINTS: Final = 16
_ANGLE: Final = np.arange(POINTS) * (2.0 * np.pi / POINTS)
CIRCLE: Final = np.stack([np.cos(_ANGLE), np.sin(_ANGLE), np.zeros(POINTS)], axis=1)

ARM: Final = (
    ("shoulder", "elbow", 0.0430, 0.0270),
    ("elbow", "hand", 0.0265, 0.0200),
)
"""Limbs from joint to joint, radii in fractions of stature."""

BEHIND_ARM: Final = (Role.HIP, Role.KNEE, Role.MID_BACK, Role.CREST)


@dataclass(frozen=True, slots=True)
class Scene:
    """What may stand in the way, at n instants: the bar (n, 2), the joints, the plates' face."""

    camera: Camera
    stature_m: float
    bar_xy: FloatArray
    pose: Pose
    face_m: float


def outlines_px(camera: Camera, centres: FloatArray, radius_m: float) -> FloatArray:
    """Return the outline (n, POINTS, 2) of discs that face the camera's side, in pixels."""
    return camera.project(centres[:, None, :] + radius_m * CIRCLE)


def seen(scene: Scene, role: Role, centres: FloatArray, radius_m: float) -> BoolArray:
    """Tell for each instant whether the whole disc (centres (n, 3)) is seen."""
    camera = scene.camera
    outlines = outlines_px(camera, centres, radius_m)
    size = np.array([camera.width_px, camera.height_px])
    visible = np.all((outlines > -0.5) & (outlines < size - 0.5), axis=(1, 2))
    if role is Role.BAR:
        return np.asarray(visible)
    rims = centres[:, None, :] + radius_m * CIRCLE
    for face_m in (COLLAR_M, scene.face_m):  # both faces of the plates: they are thick
        visible &= ~_behind_disc(scene, rims, face_m)
    if role in BEHIND_ARM:
        for limb in ARM:
            visible &= ~_behind_limb(scene, limb, outlines)
    return np.asarray(visible)


def _behind_disc(scene: Scene, points: FloatArray, face_m: float) -> BoolArray:
    """Tell whether the line of sight to any of the points (n, k, 3) goes through a plate."""
    camera = scene.camera
    flip = np.array([camera.mirror, 1.0, 1.0])
    place = camera.place * flip  # the lens, in the scene's own frame
    share = (face_m - place[2]) / (points[..., 2] - place[2])
    crossing = place[:2] + share[..., None] * (points[..., :2] - place[:2])
    away_m = np.linalg.norm(crossing - scene.bar_xy[:, None, :], axis=2)
    return np.asarray(np.any((away_m < PLATE_RADIUS_M) & (share > 0.0) & (share < 1.0), axis=1))


def _behind_limb(
    scene: Scene, limb: tuple[str, str, float, float], outlines: FloatArray
) -> BoolArray:
    """Tell whether a rounded limb covers any pixel of each outline (n, k, 2)."""
    start, end, start_radius, end_radius = limb
    ends_m = [getattr(scene.pose, name) for name in (start, end)]
    a, b = (scene.camera.project(each) for each in ends_m)
    a_px, b_px = (
        radius * scene.stature_m * scene.camera.focal_px / scene.camera.depth_m(each)
        for radius, each in zip((start_radius, end_radius), ends_m, strict=True)
    )
    line = (b - a)[:, None, :]
    from_a = outlines - a[:, None, :]
    length2 = np.maximum(np.sum(line * line, axis=2), 1e-9)
    along = np.clip(np.sum(from_a * line, axis=2) / length2, 0.0, 1.0)
    away_px = np.linalg.norm(from_a - along[..., None] * line, axis=2)
    return np.asarray(np.any(away_px < a_px[:, None] + along * (b_px - a_px)[:, None], axis=1))
