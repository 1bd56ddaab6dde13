"""Render scenes with a marker in them, and their exact truth.

Nothing here is shared with the renderers of the simulator or of the tests. The detector's limits
were set while looking at these pictures: recall and false bars measured on them are optimistic.
A target lies on a plane that a pinhole camera sees tilted
about a random axis; its edges are drawn with exact cover on a grid finer than the pixels, smeared
along a straight line (the motion during the exposure), blurred by the lens (Gaussian, standard
deviation 0.7 px) and averaged over the pixels. Truth is where the target's centre is seen at
mid-exposure.
"""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from statistics import NormalDist
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from shinline.app.bench import draw_kernels as k
from shinline.app.bench.backdrop import PSF_SD_PX, Backdrop, Picture, draw_backdrop
from shinline.app.bench.carrier import add_cover, add_glare, lay_carrier
from shinline.app.bench.pose import Pose, focal_px, plane_from_image
from shinline.geometry.target import INNER_RATIO, PAPER_RATIO
from shinline.types import FloatArray, Role, Rows, U8Image

LARGE_PX: Final = 60.0
"""From this size, 4 samples per pixel and direction place a target as well as 6 do below."""

BACKDROPS: Final = 24
"""Gyms drawn for each size of picture; each is used as it is and mirrored."""

SHOT_LEVEL: Final = 128.0
"""The grey level at which read and shot noise are equal."""

TRUTH: Final = np.dtype(
    [("role", "u1"), ("x_px", "<f8"), ("y_px", "<f8"), ("r_px", "<f8"), ("axis", "<f8")]
)
"""One row per marker: centre at mid-exposure, the disc's radius, cosine of its tilt."""

TAGS: Final = {"aruco": cv2.aruco.DICT_4X4_50, "april": cv2.aruco.DICT_APRILTAG_36h11}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a scene is like. The first role's marker comes first in the truth."""

    name: str
    d_px: float = 40.0
    tilt_deg: float = 0.0
    blur_px: float = 0.0
    noise: float = 2.0
    width: int = 1456
    height: int = 1088
    roles: tuple[Role, ...] = (Role.BAR,)
    white: float = 215.0  # paper; above 255 it saturates
    black: float = 30.0
    target: str = "ring"  # or a key of TAGS
    plates: int | None = None  # in the backdrop; None: 6 to 14
    clutter: bool = True
    glare: float = 0.0  # diameter of the saturated spot on the marker / D
    covered: float = 0.0  # share of the black disc behind a leg or a hand
    outside: float | None = None  # share of D beyond the picture's edge; below 0, of paper within
    mirror: bool = False
    jpeg: int = 0  # quality; 0: not compressed

    def small(self) -> "Condition":
        """Return the same at 640 x 480."""
        return replace(self, width=640, height=480)


CONDITIONS: Final = (
    Condition("clean", noise=0.0),
    Condition("base"),
    Condition("noise5", noise=5.0),
    Condition("noise10", noise=10.0),
    Condition("blur5", blur_px=5.0),
    Condition("blur10", blur_px=10.0),
    Condition("blur20", blur_px=20.0),
    Condition("tilt15", tilt_deg=15.0),
    Condition("tilt30", tilt_deg=30.0),
    Condition("d12", d_px=12.0),
    Condition("d20", d_px=20.0),
    Condition("d80", d_px=80.0),
    Condition("d80t30", d_px=80.0, tilt_deg=30.0),
    Condition("gym", tilt_deg=20.0, blur_px=10.0, noise=5.0),
    Condition("gymS", d_px=20.0, tilt_deg=20.0, blur_px=5.0, noise=5.0),
)
"""The survey's conditions."""

HARD: Final = (
    Condition("photocopy", white=150.0, black=95.0),
    Condition("glare", glare=0.4),
    Condition("covered 10 %", covered=0.10),
    Condition("covered 25 %", covered=0.25),
    Condition("saturated", white=300.0),
    Condition("paper cut", outside=-0.15),
    Condition("disc cut", outside=0.1),
    Condition("mirror", mirror=True),
    Condition("jpeg 50", jpeg=50),
)
"""What the survey left out: one trouble each, otherwise as ``base``."""

BY_NAME: Final = {condition.name: condition for condition in (*CONDITIONS, *HARD)}


@dataclass(frozen=True, slots=True)
class Scene:
    """A frame and what is in it.

    ``mirrored`` holds the reflection of a marker: it looks like a marker, only dimmer, smaller and
    softer. It must not be chosen before the marker itself, but reporting it is no error.
    """

    luma: U8Image
    truth: Rows
    mirrored: Rows
    poses: tuple[Pose, ...]


def render(condition: Condition, seed: int) -> Scene:
    """Render a scene; equal arguments give equal scenes, and equal poses for every ``target``."""
    rng = np.random.default_rng([zlib.crc32(condition.name.encode()), seed])
    index, turned = int(rng.integers(BACKDROPS)), bool(rng.integers(2))
    poses = _poses(condition, rng)
    stage = _reflected(_gym(condition, index), turned)
    return _render(condition, stage, poses, rng, int(rng.integers(2**62)))


def render_sequence(
    condition: Condition, seed: int, frames: int, period: int = 54, stroke_px: float = 174.0
) -> Iterator[Scene]:
    """Render a lift: every marker goes up and down by ``stroke_px`` in ``period`` frames.

    The defaults are +-0.3 m within 0.9 s at 60 frames a second, seen from 3 m: up to 20 px per
    frame. The shutter is open for an eighth of the time, and tilt stays as it is.
    """
    rng = np.random.default_rng([zlib.crc32(condition.name.encode()), seed])
    index, turned = int(rng.integers(BACKDROPS)), bool(rng.integers(2))
    rest = _poses(replace(condition, height=condition.height - round(2.0 * stroke_px)), rng)
    drawing = int(rng.integers(2**32))
    for i in range(frames):
        phase = 2.0 * math.pi * i / period
        blur = 0.125 * stroke_px * 2.0 * math.pi / period * abs(math.cos(phase))
        y = stroke_px * (1.0 + math.sin(phase))
        poses = [replace(p, y_px=p.y_px + y, blur_px=blur, blur_deg=90.0) for p in rest]
        look = np.random.default_rng(drawing)  # the same plate in every frame
        stage = _reflected(_gym(condition, index), turned)
        yield _render(condition, stage, poses, look, int(rng.integers(2**62)))


def _render(
    condition: Condition,
    stage: tuple[Picture, FloatArray],
    poses: list[Pose],
    rng: np.random.Generator,
    noise_seed: int,
) -> Scene:
    """Lay the markers over a copy of the room and expose it."""
    picture, light = stage
    mirrored = np.zeros(0, TRUTH)
    if condition.mirror:
        mirrored = _lay_reflection(picture, condition, poses, light, rng)
    for role, pose in zip(condition.roles, poses, strict=True):
        lay_carrier(picture, pose, light, rng, plate=role is Role.BAR)
    for role, pose in zip(condition.roles, poses, strict=True):
        lay_target(picture, condition, role, pose, light)
    _trouble(picture, condition, poses[0], rng)
    luma = develop(picture, condition.noise, noise_seed)
    truth = np.concatenate([_row(r, p) for r, p in zip(condition.roles, poses, strict=True)])
    return Scene(_compressed(luma, condition.jpeg), truth, mirrored, tuple(poses))


def render_empty(
    seed: int, width: int = 1456, height: int = 1088, noise: float = 2.0, plates: int | None = None
) -> Scene:
    """Render a scene without any marker, on a gym of its own: a moving plate with a metal hub."""
    rng = np.random.default_rng([zlib.crc32(b"empty"), seed])
    gym = draw_backdrop(width, height, int(rng.integers(10**9, 2 * 10**9)), plates)
    picture = gym.picture
    condition = Condition("empty", width=width, height=height, blur_px=float(rng.uniform(0, 10)))
    pose = _poses(condition, rng)[0]
    lay_carrier(picture, pose, gym.light, rng, plate=True)
    luma = develop(picture, noise, int(rng.integers(2**62)))
    return Scene(luma, np.zeros(0, TRUTH), np.zeros(0, TRUTH), (pose,))


def patch_truth(condition: Condition, pose: Pose, side: int) -> Picture:
    """Return the noise-free marker on a dark plate, ``side`` pixels wide, not yet rounded.

    The pose's coordinates are the patch's own; perspective is that of a marker in the middle of
    the condition's picture.
    """
    picture = np.full((side, side), 40.0, np.float32)
    lay_target(picture, condition, condition.roles[0], pose, np.array([1.0, 0.0, 0.0]))
    return picture


# --- the parts of a scene ---------------------------------------------------------------------


def _gym(condition: Condition, index: int) -> Backdrop:
    return _pooled(condition.width, condition.height, index, condition.plates, condition.clutter)


@lru_cache(maxsize=2 * BACKDROPS)
def _pooled(width: int, height: int, index: int, plates: int | None, clutter: bool) -> Backdrop:
    return draw_backdrop(width, height, index, plates, clutter)


def _reflected(gym: Backdrop, turned: bool) -> tuple[Picture, FloatArray]:
    """Return a copy of the picture and its light, left and right exchanged where ``turned``."""
    light = gym.light.copy()
    if not turned:
        return gym.picture.copy(), light
    light[0] += (gym.picture.shape[1] - 1) * light[1]
    light[1] = -light[1]
    return np.ascontiguousarray(gym.picture[:, ::-1]), light


def _poses(condition: Condition, rng: np.random.Generator) -> list[Pose]:
    """Place the markers at random, whole and apart from one another."""
    poses: list[Pose] = []
    for _ in condition.roles:
        for _ in range(200):
            pose = _pose(condition, rng)
            apart = (math.hypot(pose.x_px - p.x_px, pose.y_px - p.y_px) for p in poses)
            if all(d > 2.4 * condition.d_px + condition.blur_px for d in apart):
                break
        poses.append(pose)
    if condition.outside is not None:
        edge = (0.5 - condition.outside) * condition.d_px
        poses[0] = replace(poses[0], x_px=edge)
    return poses


def _pose(condition: Condition, rng: np.random.Generator) -> Pose:
    margin = 0.5 * PAPER_RATIO * condition.d_px + 0.5 * condition.blur_px + 3.0
    x = rng.uniform(margin, condition.width - 1 - margin)
    y = rng.uniform(margin, condition.height - 1 - margin)
    turn = rng.uniform(0.0, 360.0, 3)
    return Pose(
        x, y, condition.d_px, condition.tilt_deg, turn[0], turn[1], condition.blur_px, turn[2]
    )


def _row(role: Role, pose: Pose) -> Rows:
    axis = math.cos(math.radians(pose.tilt_deg))
    return np.array([(role, pose.x_px, pose.y_px, 0.5 * pose.d_px, axis)], TRUTH)


def lay_target(
    picture: Picture,
    condition: Condition,
    role: Role,
    pose: Pose,
    light: FloatArray,
    psf_sd_px: float = PSF_SD_PX,
) -> None:
    """Draw the role's target, or the square tag of the same size, over ``picture``."""
    over = 4 if pose.d_px >= LARGE_PX else 6
    reach = pose.d_px * (0.55 * PAPER_RATIO if condition.target == "ring" else 1.2)
    half = reach + 0.5 * pose.blur_px + 5.0 * psf_sd_px + 1.0
    count = _good_size(2 * math.ceil(half) + 1, over)
    left, top = round(pose.x_px) - count // 2, round(pose.y_px) - count // 2
    centre = 0.5 * np.array([picture.shape[1] - 1, picture.shape[0] - 1])
    plane = plane_from_image(pose, focal_px(condition.width), centre)
    first = np.array([left, top]) - 0.5 + 0.5 / over - centre
    fine = np.empty((count * over, count * over, 2), np.float32)
    if condition.target == "ring":
        look = _look(role, pose.d_px, condition.white, condition.black)
        k.draw_ring(plane, first, 1.0 / over, look, fine)
    else:
        cells = _cells(condition.target)
        grey = condition.black + cells * (condition.white - condition.black)
        k.draw_tag(plane, first, 1.0 / over, grey, pose.d_px / (len(cells) - 4), fine)
    k.lay_over(_blurred(fine, pose, psf_sd_px, over), over, left, top, light, picture)


def _look(role: Role, d_px: float, white: float, black: float) -> FloatArray:
    radii = 0.5 * d_px * np.array([INNER_RATIO[role], 1.0, PAPER_RATIO])
    return np.array([*radii, white, black, white])


@cache
def _cells(target: str) -> FloatArray:
    """Return a square tag's cells, 0 black and 1 white, with two cells of paper around it."""
    dictionary = cv2.aruco.getPredefinedDictionary(TAGS[target])
    side = dictionary.markerSize + 2
    bits = cv2.aruco.generateImageMarker(dictionary, 7, side, borderBits=1)
    return np.pad(bits / 255.0, 2, constant_values=1.0)


@cache
def _good_size(least: int, over: int) -> int:
    """Return the next number of pixels whose samples make a fast Fourier transform."""
    size = least
    while cv2.getOptimalDFTSize(size * over) != size * over:
        size += 1
    return size


def _blurred(
    fine: NDArray[np.float32], pose: Pose, psf_sd_px: float, over: int
) -> NDArray[np.float32]:
    """Smear by the motion and blur by the lens."""
    spectrum = np.asarray(cv2.dft(fine, flags=cv2.DFT_COMPLEX_OUTPUT), np.float32)
    dx, dy = pose.streak_px
    lens = math.sqrt((psf_sd_px * over) ** 2 - (k.SOFT**2 - 1.0) / 12.0)  # the rest is in the edges
    k.blur_spectrum(spectrum, lens, dx * over, dy * over)
    return np.asarray(cv2.dft(spectrum, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE))


def _lay_reflection(
    picture: Picture,
    condition: Condition,
    poses: list[Pose],
    light: FloatArray,
    rng: np.random.Generator,
) -> Rows:
    """Draw the first marker as a mirror shows it: smaller, softer, at half to 0.7 the contrast."""
    size = condition.d_px * rng.uniform(0.55, 0.8)
    for _ in range(200):
        pose = _pose(replace(condition, d_px=size), rng)
        apart = (math.hypot(pose.x_px - p.x_px, pose.y_px - p.y_px) for p in poses)
        if all(d > 4.0 * condition.d_px for d in apart):
            break
    gain, veil = rng.uniform(0.5, 0.7), rng.uniform(10.0, 30.0)
    dim = replace(
        condition, white=veil + gain * condition.white, black=veil + gain * condition.black
    )
    role = condition.roles[0]
    lay_carrier(picture, pose, light, rng, plate=role is Role.BAR)
    lay_target(picture, dim, role, pose, light, math.hypot(PSF_SD_PX, 1.0))
    return _row(role, pose)


def _trouble(picture: Picture, condition: Condition, pose: Pose, rng: np.random.Generator) -> None:
    if condition.glare:
        add_glare(picture, pose, condition.glare, rng)
    if condition.covered:
        add_cover(picture, pose, condition.covered, rng)


@cache
def _normal_table() -> NDArray[np.float32]:
    """Return 65,536 equally likely values of the normal distribution, of variance 1."""
    values = np.array([NormalDist().inv_cdf((i + 0.5) / 65536) for i in range(65536)])
    return np.asarray(values / values.std(), np.float32)


def develop(picture: Picture, noise: float, seed: int) -> U8Image:
    """Add the sensor's noise, clip, and round to 8 bits."""
    luma = np.empty(picture.shape, np.uint8)
    k.expose(picture, noise, SHOT_LEVEL, seed, _normal_table(), luma)
    return luma


def _compressed(luma: U8Image, quality: int) -> U8Image:
    if not quality:
        return luma
    _, data = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
