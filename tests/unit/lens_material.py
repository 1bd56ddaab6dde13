"""Views of the lens chart whose lens is known, as points or as rendered pictures."""

from dataclasses import replace

import cv2
import numpy as np

from shinline.types import FloatArray, U8Image
from shinline_cal.lens import find
from shinline_cal.lens.board import places_m
from shinline_cal.lens.find import View
from shinline_cal.lens.model import project
from shinline_cal.lens.render import Shot, Studio
from shinline_cal.lens.scenes import Camera, random_pose, random_shots, seen_from

NARROW = Camera(np.array([820.0, 820.0, 481.0, 268.0, -0.05, 0.02, 3e-4, -2e-4, 0.0]), (960, 540))
WIDE = Camera(np.array([620.0, 620.0, 476.0, 273.0, 0.005, -0.026, 2e-4, -3e-4, 0.0]), (960, 540))
"""The second draws like the Camera Module 3 Wide in its cropped mode."""

NOISE_PX = 0.02


def view(
    camera: Camera,
    pose: FloatArray,
    name: str = "view",
    rng: np.random.Generator | None = None,
    noise_px: float = NOISE_PX,
    bow_m: float = 0.0,
) -> View:
    """Return the corners that a camera sees, without a picture; the chart may bulge."""
    ids, px = seen_from(camera, pose)
    if bow_m:
        places = places_m().copy()
        places[:, 2] -= bow_m * (1.0 - (places[:, 0] / 0.12 - 1.0) ** 2)
        points = places @ cv2.Rodrigues(pose[:3])[0].T + pose[3:]
        px = project(camera.theta, points[:, :2] / points[:, 2:])[ids]
    px = px + (rng.normal(0.0, noise_px, px.shape) if rng is not None else 0.0)
    return find._view(name, ids, px, 0.5, find._outline(ids, px))


def views(camera: Camera, count: int, seed: int, bow_m: float = 0.0) -> list[View]:
    """Return views of a chart held in every part of the picture, tilted, near and far."""
    rng = np.random.default_rng(seed)
    return [view(camera, random_pose(camera, rng), f"v{n}", rng, bow_m=bow_m) for n in range(count)]


def longer(camera: Camera, share: float) -> Camera:
    """Return the camera after its focus moved: its focal length grew by a share."""
    theta = camera.theta.copy()
    theta[:2] *= 1.0 + share
    return replace(camera, theta=theta)


def studio(camera: Camera) -> Studio:
    return Studio(camera.theta, *camera.size_px)


def pictures(
    camera: Camera, count: int, seed: int, bad_share: float = 0.0, bow_m: float = 0.0
) -> list[U8Image]:
    """Return rendered pictures of a hand-held chart, a share of them spoiled."""
    shots = random_shots(camera, count, bad_share, np.random.default_rng(seed), bow_m)
    room = studio(camera)
    return [room.take(shot, n) for n, shot in enumerate(shots)]


def pose_of(
    distance_m: float = 0.35,
    tilt_rad: tuple[float, float, float] = (0.0, 0.0, 0.0),
    aim: tuple[float, float] = (0.0, 0.0),
) -> FloatArray:
    """Return a pose with the chart's middle at a ray, turned about x, y and z."""
    turn = np.array(tilt_rad)
    middle = cv2.Rodrigues(turn)[0] @ np.array([0.12, 0.09, 0.0])
    return np.concatenate([turn, distance_m * np.array([*aim, 1.0]) - middle])


def frontal(camera: Camera, **changes: float) -> U8Image:
    """Return one picture of the whole chart, slightly tilted."""
    pose = pose_of(0.42, (0.25, -0.2, 0.1))
    return studio(camera).take(replace(Shot(pose), **changes))
