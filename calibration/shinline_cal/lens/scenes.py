"""Lenses such as people have, and a chart held by a person: drawn by lot, for tests and figures."""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from shinline.types import FloatArray, IntArray
from shinline_cal import chart
from shinline_cal.lens.board import places_m
from shinline_cal.lens.find import FEWEST_CORNERS
from shinline_cal.lens.model import one_to_one, project, unproject
from shinline_cal.lens.render import Shot

Size = tuple[int, int]

MODES: Final[tuple[tuple[Size, tuple[float, float], float], ...]] = (
    ((1536, 864), (1650.0, 1750.0), 0.03),
    ((1536, 864), (950.0, 1020.0), 0.05),
    ((1280, 800), (800.0, 1000.0), 0.30),
    ((1280, 950), (1800.0, 2000.0), 0.10),
    ((640, 480), (450.0, 600.0), 0.15),
)
"""Size of the picture, focal lengths in px, and how strong the distortion k1 may be."""

CENTRE_SHARE: Final = 0.01
TILT_RAD: Final = 0.6
HANG_OVER: Final = 0.35


@dataclass(frozen=True, slots=True)
class Camera:
    """A lens (9,) and the size of its pictures."""

    theta: FloatArray
    size_px: Size


def random_camera(rng: np.random.Generator) -> Camera:
    """Draw a camera whose lens is one to one all over the picture."""
    while True:
        size_px, focals, strength = MODES[rng.integers(len(MODES))]
        focal = rng.uniform(*focals)
        middle = (np.array(size_px) - 1) / 2 + rng.normal(0.0, CENTRE_SHARE, 2) * size_px[0]
        k1 = rng.uniform(-1.0, 0.3) * strength
        bend = [k1, rng.uniform(-0.3, 0.5) * abs(k1), *rng.normal(0.0, 5e-4, 2), 0.0]
        theta = np.array([focal, focal, *middle, *bend])
        if one_to_one(theta, *size_px):
            return Camera(theta, size_px)


def random_pose(camera: Camera, rng: np.random.Generator) -> FloatArray:
    """Draw a pose (6,) in which the chart is seen well enough, at times cut by the border."""
    while True:
        low, high = -HANG_OVER * 0.5, 1.0 + HANG_OVER * 0.5
        aim = rng.uniform(low, high, 2) * np.array(camera.size_px)
        ray = unproject(camera.theta, np.clip(aim, 0, np.array(camera.size_px) - 1)[None])[0]
        tilt = rng.uniform(-TILT_RAD, TILT_RAD, 2)
        turn = (
            cv2.Rodrigues(np.array([*tilt, 0.0]))[0]
            @ (cv2.Rodrigues(np.array([0.0, 0.0, rng.uniform(-0.5, 0.5)]))[0])
        )
        wide_m = chart.COLUMNS * chart.SQUARE_M
        depth_m = camera.theta[0] * wide_m / (rng.uniform(0.35, 0.9) * camera.size_px[0])
        middle = np.array([wide_m, chart.ROWS * chart.SQUARE_M, 0.0]) / 2
        place = depth_m * np.array([*ray, 1.0]) - turn @ middle
        pose = np.concatenate([cv2.Rodrigues(turn)[0].ravel(), place])
        if len(seen_from(camera, pose)[0]) >= FEWEST_CORNERS + 4:
            return pose


def seen_from(camera: Camera, pose: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the corners (n,) that fall well into the picture at a pose, and where (n, 2)."""
    points = places_m() @ cv2.Rodrigues(pose[:3])[0].T + pose[3:]
    pixels = project(camera.theta, points[:, :2] / points[:, 2:])
    margin = 8.0
    inside = ((pixels > margin) & (pixels < np.array(camera.size_px) - margin)).all(axis=1)
    ids = np.flatnonzero(inside & (points[:, 2] > 0.05))
    return ids, pixels[ids]


def random_shots(
    camera: Camera, count: int, bad_share: float, rng: np.random.Generator, bow_m: float = 0.0
) -> list[Shot]:
    """Draw shots of which a share is spoiled: out of focus, or moved while it was taken."""
    shots = []
    for n in range(count):
        pose, noise = random_pose(camera, rng), rng.uniform(1.5, 4.0)
        shot = Shot(pose, blur_px=rng.uniform(0.0, 0.7), noise=noise, bow_m=bow_m)
        if n < round(bad_share * count):
            shot = _spoiled(shot, n, rng)
        shots.append(shot)
    return [shots[n] for n in rng.permutation(count)]


def _spoiled(shot: Shot, number: int, rng: np.random.Generator) -> Shot:
    """Return a shot out of focus, or of a chart that moved: smeared and drawn askew."""
    if number % 2:
        return replace(shot, blur_px=rng.uniform(1.5, 3.0))
    x, y = rng.normal(0.0, 3.0, 2)
    return replace(shot, smear_px=(x, y), skew_px=(2.0 * x, 2.0 * y))
