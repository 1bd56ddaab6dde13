"""Draw printed targets and clutter on small pictures, with exact truth.

Everything is drawn at ``OVER`` x resolution and averaged, so edges have their analytic coverage;
a target is projected through a pinhole camera of focal length ``FOCAL_PX`` that looks at the
picture's centre.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Image = NDArray[np.float64]

OVER = 8
FOCAL_PX = 764.0
PSF_SD_PX = 0.7


@dataclass(frozen=True)
class Target:
    """A printed target: where its centre is seen, how large, how tilted about which axis."""

    x_px: float
    y_px: float
    d_px: float
    ratio: float = 0.41
    tilt_deg: float = 0.0
    axis_deg: float = 0.0
    paper: float = 1.6
    blur_px: float = 0.0
    blur_deg: float = 0.0
    white: float = 200.0
    black: float = 30.0
    core: float | None = None  # grey of the inner disc, the paper's where None


def distance(target: Target, x: Image, y: Image) -> Image:
    """Return the distance from the target's centre, on its plane, in units of its diameter."""
    axis = np.deg2rad(target.axis_deg)
    tilt = np.deg2rad(target.tilt_deg)
    along = np.array([np.cos(axis), np.sin(axis), 0.0])
    across = np.array([-np.sin(axis) * np.cos(tilt), np.cos(axis) * np.cos(tilt), np.sin(tilt)])
    normal = np.cross(along, across)
    ray_x = x / FOCAL_PX
    ray_y = y / FOCAL_PX
    centre = np.array([target.x_px / FOCAL_PX, target.y_px / FOCAL_PX, 1.0])
    depth = (normal @ centre) / (normal[0] * ray_x + normal[1] * ray_y + normal[2])
    a = depth * (ray_x * along[0] + ray_y * along[1] + along[2]) - along @ centre
    b = depth * (ray_x * across[0] + ray_y * across[1] + across[2]) - across @ centre
    return np.sqrt(a * a + b * b) * (FOCAL_PX / target.d_px)


def _smear(picture: Image, length: float, degrees: float) -> Image:
    """Average along a line of ``length`` fine pixels."""
    if length <= 0.0:
        return picture
    half = int(np.ceil(0.5 * length)) + 2
    line = np.zeros((2 * half + 1, 2 * half + 1))
    for shift in np.linspace(-0.5 * length, 0.5 * length, 8 * half + 1):
        x = half + shift * np.cos(np.deg2rad(degrees))
        y = half + shift * np.sin(np.deg2rad(degrees))
        left, top = int(x), int(y)
        fx, fy = x - left, y - top
        line[top : top + 2, left : left + 2] += np.outer([1 - fy, fy], [1 - fx, fx])
    line /= line.sum()
    return np.asarray(cv2.filter2D(picture, -1, line, borderType=cv2.BORDER_CONSTANT))


def paste(picture: Image, target: Target) -> None:
    """Draw one target over ``picture`` in place, blurred, covering what is under its paper."""
    height, width = picture.shape
    left, top, grey, cover = _printed(target, height, width)
    side = len(grey)
    y0, y1 = max(top, 0), min(top + side, height)
    x0, x1 = max(left, 0), min(left + side, width)
    if y0 >= y1 or x0 >= x1:
        return
    cut = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    picture[y0:y1, x0:x1] = picture[y0:y1, x0:x1] * (1.0 - cover[cut]) + grey[cut]


@lru_cache(64)
def _printed(target: Target, height: int, width: int) -> tuple[int, int, Image, Image]:
    """Return a target as it is seen in a picture of this size: where, its grey, its cover.

    It is kept, because many pictures show the same target: to draw it costs more than to find it.
    """
    half = int(np.ceil(0.5 * target.paper * target.d_px + 0.5 * target.blur_px + 3))
    cx = round(target.x_px)
    cy = round(target.y_px)
    top, left = cy - half, cx - half
    side = 2 * half + 1
    fine = (np.arange(side * OVER) + 0.5) / OVER - 0.5
    middle_x = 0.5 * (width - 1)
    middle_y = 0.5 * (height - 1)
    seen = replace(target, x_px=target.x_px - middle_x, y_px=target.y_px - middle_y)
    r = distance(seen, fine[None, :] + left - middle_x, fine[:, None] + top - middle_y)
    core = target.white if target.core is None else target.core
    cover = (r < 0.5 * target.paper).astype(float)
    grey = cover * target.white
    grey[r < 0.5] = target.black
    grey[r < 0.5 * target.ratio] = core
    grey = _smear(grey, target.blur_px * OVER, target.blur_deg)
    cover = _smear(cover, target.blur_px * OVER, target.blur_deg)
    return left, top, _coarse(grey, side), _coarse(cover, side)


def _coarse(fine: Image, side: int) -> Image:
    """Average the fine pixels of each pixel."""
    return fine.reshape(side, OVER, side, OVER).mean(axis=(1, 3))


def develop(
    picture: Image, rng: np.random.Generator, noise: float = 0.0, gamma: float = 1.0
) -> NDArray[np.uint8]:
    """Apply the optics' blur, the camera's response, noise and 8-bit rounding."""
    seen = gaussian_filter(picture, PSF_SD_PX, mode="nearest")
    if gamma != 1.0:
        seen = 255.0 * (np.clip(seen, 0.0, 255.0) / 255.0) ** (1.0 / gamma)
    seen = seen + rng.normal(0.0, noise, seen.shape) if noise else seen
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8)


def texture(shape: tuple[int, int], rng: np.random.Generator, mean: float, swing: float) -> Image:
    """Return a background with structure of all sizes, and a slope of light across it."""
    total = np.zeros(shape)
    for size in (1, 3, 9, 27):
        layer = gaussian_filter(rng.normal(size=shape), size, mode="wrap")
        total += layer / layer.std()
    slope = np.linspace(-0.15, 0.15, shape[1]) * rng.choice([-1.0, 1.0])
    return (mean + swing * total / 2.0) * (1.0 + slope)


@lru_cache(64)
def _wall(shape: tuple[int, int], swing: float, seed: int) -> tuple[Image, Any]:
    """Return the background of a scene, and where its random numbers go on; kept as well."""
    rng = np.random.default_rng(seed)
    return texture(shape, rng, 90.0, swing), rng.bit_generator.state


def scene(
    targets: list[Target],
    shape: tuple[int, int] = (240, 320),
    noise: float = 0.0,
    seed: int = 0,
    swing: float = 12.0,
    gamma: float = 1.0,
    over: Callable[[Image], None] | None = None,
) -> NDArray[np.uint8]:
    """Return a picture of the targets on a textured background; ``over`` draws across them."""
    wall, state = _wall(shape, swing, seed)
    picture = wall.copy()
    rng = np.random.default_rng()
    rng.bit_generator.state = state
    for target in targets:
        paste(picture, target)
    if over is not None:
        over(picture)
    return develop(picture, rng, noise, gamma)


# --- things that lie across a target ----------------------------------------------------------


def limb(
    target: Target, share: float, degrees: float, grey: float, end: float = np.inf
) -> Callable[[Image], None]:
    """Return what draws a straight limb over this share of the black disc.

    It lies on the side of ``degrees`` and reaches to ``end`` diameters from the centre: a leg goes
    on, of a hand the other side is seen.
    """
    at = np.linspace(-0.5, 0.5, 2001)
    strips = np.sqrt(0.25 - at**2)
    area = np.cumsum(strips) / strips.sum()
    near = np.interp(np.interp(end, at, area) - share, area, at) * target.d_px
    return lambda picture: _band(picture, target, near, end * target.d_px, degrees, grey)


def _band(
    picture: Image, target: Target, near: float, far: float, degrees: float, grey: float
) -> None:
    """Draw a band across the picture, between two distances from the target's centre."""
    rows, columns = np.indices(picture.shape)
    along = (columns - target.x_px) * np.cos(np.deg2rad(degrees))
    along += (rows - target.y_px) * np.sin(np.deg2rad(degrees))
    cover = np.clip(along - near + 0.5, 0.0, 1.0) * np.clip(far - along + 0.5, 0.0, 1.0)
    picture[:] = picture * (1.0 - cover) + grey * cover


def glare(x: float, y: float, sd: float) -> Callable[[Image], None]:
    """Return what draws the reflection of a lamp, far brighter than paper."""

    def draw(picture: Image) -> None:
        rows, columns = np.indices(picture.shape)
        picture += 600.0 * np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2) / sd**2)

    return draw


# --- things that are no target ----------------------------------------------------------------


def disc(picture: Image, x: float, y: float, r: float, grey: float) -> None:
    """Draw a disc with edges one pixel wide."""
    rows, columns = np.indices(picture.shape)
    cover = np.clip(r - np.hypot(columns - x, rows - y) + 0.5, 0.0, 1.0)
    picture *= 1.0 - cover
    picture += grey * cover


def hub(picture: Image, x: float, y: float, d: float, rng: np.random.Generator) -> None:
    """Draw a dark plate with a bright hub and a sleeve in it: a bullseye without paper."""
    disc(picture, x, y, 4.5 * d, rng.uniform(20.0, 50.0))
    disc(picture, x, y, 0.36 * d, rng.uniform(150.0, 230.0))
    disc(picture, x, y, 0.3 * d, rng.uniform(20.0, 60.0))
    disc(picture, x, y, rng.uniform(0.1, 0.2) * d, rng.uniform(180.0, 250.0))


def bullseye(picture: Image, x: float, y: float, d: float, ratio: float, paper: float) -> None:
    """Draw a white-black-white bullseye of any proportions."""
    disc(picture, x, y, 0.5 * paper * d, 210.0)
    disc(picture, x, y, 0.5 * d, 30.0)
    disc(picture, x, y, 0.5 * ratio * d, 210.0)


def upright(picture: Image, x: int, pitch: int, d: float) -> None:
    """Draw a rack upright with a column of holes, each with a bright edge of metal."""
    picture[:, x - 2 * int(d) : x + 2 * int(d)] = 170.0
    for y in range(pitch // 2, picture.shape[0], pitch):
        disc(picture, x, y, 0.5 * d, 25.0)
        disc(picture, x - 0.05 * d, y, 0.25 * d, 120.0)


def text(picture: Image, rng: np.random.Generator, count: int) -> None:
    """Draw strokes, boxes and letter O shapes, dark on bright, the size of writing."""
    height, width = picture.shape
    for _ in range(count):
        x = rng.uniform(20, width - 20)
        y = rng.uniform(20, height - 20)
        size = rng.uniform(4, 16)
        kind = rng.integers(3)
        if kind == 0:
            disc(picture, x, y, size, 30.0)
            disc(picture, x, y, rng.uniform(0.72, 0.9) * size, 200.0)
        else:
            wide, high = (size, 0.25 * size) if kind == 1 else (0.25 * size, size)
            picture[int(y) : int(y + high) + 1, int(x) : int(x + wide) + 1] = 25.0


def clutter(shape: tuple[int, int], rng: np.random.Generator, noise: float) -> NDArray[np.uint8]:
    """Return a picture full of things that resemble a target and hold none."""
    picture = texture(shape, rng, 120.0, rng.uniform(5.0, 40.0))
    height, width = shape
    upright(picture, int(rng.uniform(40, width - 40)), int(rng.uniform(30, 60)), rng.uniform(8, 20))
    for _ in range(4):
        d = rng.uniform(14.0, 60.0)
        hub(picture, rng.uniform(0, width), rng.uniform(0, height), d, rng)
    for _ in range(4):  # bullseyes: too little paper, or a ratio that nobody has
        d = rng.uniform(14.0, 60.0)
        ratio, paper = (0.41, 1.12) if rng.uniform() < 0.5 else (rng.choice([0.08, 0.85]), 1.6)
        bullseye(picture, rng.uniform(0, width), rng.uniform(0, height), d, ratio, paper)
    text(picture, rng, 30)
    return develop(picture, rng, noise)
