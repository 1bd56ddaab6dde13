"""Draw the static gym behind the lifter: everything that resembles a marker and is none.

Plates with hubs, racks with rows of holes, lamps, writing, a spectator's shirt. Half of the plates
carry a true bullseye. What would pass for a printed target is never drawn: see ``is_legal``.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from shinline.geometry.target import INNER_RATIO

Picture = NDArray[np.float32]
Canvas = NDArray[np.uint8]
Rng = np.random.Generator

OVER: Final = 2
"""The clutter is drawn this much larger and then reduced: its edges need to be soft, not exact."""

SHIFT: Final = 4
"""Fractional bits of the coordinates given to OpenCV."""

WORDS: Final = ("IRON", "BARBELL", "20 KG", "25", "STRENGTH", "GYM", "EXIT", "LIFT", "OOO", "NO. 8")
SLOPE: Final = 0.15
PSF_SD_PX: Final = 0.7


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A picture without noise, and the light on it: offset, slope along x, slope along y."""

    picture: Picture
    light: NDArray[np.float64]


LENS_PX: Final = 5.0
"""A disc narrower than this is so smeared that only its area times its brightness is seen."""


@dataclass(frozen=True, slots=True)
class Bullseye:
    """White paper, a black disc ``d_px`` wide, a bright centre: ratios to the disc, and greys."""

    d_px: float
    ratio: float
    paper: float
    centre: float
    white: float
    black: float


def is_legal(b: Bullseye) -> bool:
    """Tell whether a bullseye is a marker as printed, and so no decoy.

    It is when its white centre / black disc is within 0.06 of a role's ratio, and its white paper
    is at least 1.5 black discs wide, and its centre is as bright as the paper (within a fifth of
    the contrast). All that is drawn as a decoy breaks at least one of the three. A surface as
    bright as the paper, on which the paper lies, counts as paper. Of a centre that the lens
    smears, what counts is the width of a white one that sends as much light: both make the same
    picture.
    """
    ratio, centre = b.ratio, b.centre
    if ratio * b.d_px < LENS_PX:
        ratio *= max(0.0, (centre - b.black) / (b.white - b.black)) ** 0.5
        centre = b.white
    near = any(abs(ratio - legal) <= 0.06 for legal in INNER_RATIO.values())
    return near and b.paper >= 1.5 and abs(centre - b.white) <= 0.2 * (b.white - b.black)


def draw_backdrop(
    width: int, height: int, seed: int, plates: int | None = None, clutter: bool = True
) -> Backdrop:
    """Draw a gym; ``plates`` counts them (6 to 14 where None); without clutter, wall and floor."""
    rng = np.random.default_rng([width, height, seed])
    canvas = _room(width * OVER, height * OVER, rng)
    if clutter:
        _furnish(canvas, rng, plates)
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    small *= _texture(width, height, rng)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), PSF_SD_PX), np.float32)
    turn = rng.uniform(0.0, 2.0 * np.pi)
    reach = 0.5 * np.hypot(width, height)
    slope = SLOPE / reach * np.array([np.cos(turn), np.sin(turn)])
    light = np.array([1.0 - slope @ (0.5 * width, 0.5 * height), *slope])
    shade = light[0] + light[1] * np.arange(width) + light[2] * np.arange(height)[:, None]
    return Backdrop(np.asarray(small * shade, np.float32), light)


def _furnish(canvas: Canvas, rng: Rng, plates: int | None) -> None:
    height, width = canvas.shape
    for _ in range(rng.integers(1, 4)):
        _upright(canvas, rng)
    for _ in range(rng.integers(2, 5)):
        _lamp(canvas, rng)
    _spectator(canvas, rng)
    for _ in range(rng.integers(5, 10)):
        _writing(canvas, rng)
    for _ in range(rng.integers(3, 7)):
        _logo(canvas, rng)
    count = int(rng.integers(6, 15)) if plates is None else plates
    for i in range(count):
        x = rng.uniform(0.0, width)
        y = rng.uniform(0.25 * height, height)
        _plate(canvas, rng, (x, y), bullseye=i % 2 == 0)


def _room(width: int, height: int, rng: Rng) -> Canvas:
    """Return a wall with panels over a floor with joints."""
    canvas = np.full((height, width), rng.integers(80, 190), np.uint8)
    for x in np.arange(rng.uniform(0, 300), width, rng.uniform(250, 700)):
        cv2.line(canvas, (int(x), 0), (int(x), height), int(rng.integers(50, 210)), 3)
    floor = int(height * rng.uniform(0.68, 0.88))
    canvas[floor:] = rng.integers(35, 110)
    for x in np.arange(0, width, rng.uniform(200, 500)):
        lean = int(rng.uniform(-60, 60))
        cv2.line(canvas, (int(x), floor), (int(x) + lean, height), 30, 2, cv2.LINE_AA)
    return canvas


def _texture(width: int, height: int, rng: Rng) -> Picture:
    """Return a factor near 1 with structure of all sizes, the larger the stronger (1/f)."""
    total = np.zeros((height, width), np.float32)
    for octave in range(7):
        step = 2**octave
        grain = rng.standard_normal((height // step + 2, width // step + 2), np.float32)
        total += cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
    total *= rng.uniform(0.02, 0.06) / float(total.std())
    return np.asarray(1.0 + total, np.float32)


# --- shapes -----------------------------------------------------------------------------------


def _disc(canvas: Canvas, centre: tuple[float, float], r: float, grey: float, tilt: Any) -> None:
    """Fill an ellipse; ``tilt`` is (axis ratio, direction in degrees)."""
    scale = 1 << SHIFT
    axes = (max(1, round(r * scale)), max(1, round(r * tilt[0] * scale)))
    at = (round(centre[0] * scale), round(centre[1] * scale))
    level = int(np.clip(grey, 0, 255))
    cv2.ellipse(canvas, at, axes, tilt[1], 0, 360, level, -1, cv2.LINE_AA, SHIFT)


def _text(canvas: Canvas, word: str, at: tuple[float, float], size: float, grey: float) -> None:
    thick = max(1, round(2.5 * size))
    place = (int(at[0]), int(at[1]))
    cv2.putText(canvas, word, place, cv2.FONT_HERSHEY_DUPLEX, size, int(grey), thick, cv2.LINE_AA)


def _bullseye(rng: Rng, d_px: float, around: NDArray[np.int64]) -> Bullseye:
    """Return one that is no legal marker; ``around`` are greys of the surface it will lie on."""
    while True:
        white, black = rng.uniform(140, 235), rng.uniform(15, 70)
        ratio, paper = rng.uniform(0.12, 0.85), rng.uniform(1.1, 2.4)
        centre = white if rng.uniform() < 0.6 else rng.uniform(0.5 * (white + black), 250.0)
        found = Bullseye(d_px, ratio, paper, centre, white, black)
        blends = np.mean(np.abs(around - white) <= 0.2 * (white - black)) >= 0.5
        if not is_legal(replace(found, paper=math.inf) if blends else found):
            return found


def _around(canvas: Canvas, at: tuple[float, float], r: float) -> NDArray[np.int64]:
    """Return the greys at 16 places of a circle."""
    turn = np.arange(16) * (np.pi / 8)
    x = np.clip(at[0] + r * np.cos(turn), 0, canvas.shape[1] - 1).astype(int)
    y = np.clip(at[1] + r * np.sin(turn), 0, canvas.shape[0] - 1).astype(int)
    return np.asarray(canvas[y, x], np.int64)


def draw_bullseye(canvas: Canvas, rng: Rng, at: tuple[float, float], tilt: Any) -> None:
    """Draw white-black-white: printed on, or a bright hub, the hole of the bar and a bright pin."""
    d_px = float(np.exp(rng.uniform(np.log(9.0), np.log(60.0))))
    d = OVER * d_px
    b = _bullseye(rng, d_px, _around(canvas, at, 0.72 * d))
    _disc(canvas, at, 0.5 * b.paper * d, b.white, tilt)
    if rng.uniform() < 0.4:  # turned metal: darker in two opposite directions
        across = tuple(round(v) for v in at)
        size = (max(1, round(0.5 * b.paper * d)), max(1, round(0.5 * b.paper * d * tilt[0])))
        turn = rng.uniform(0, 180)
        for side in (0.0, 180.0):
            span = (turn + side, turn + side + rng.uniform(20, 60))
            cv2.ellipse(canvas, across, size, tilt[1], *span, int(0.8 * b.white), -1, cv2.LINE_AA)
    _disc(canvas, at, 0.5 * d, b.black, tilt)
    _disc(canvas, at, 0.5 * b.ratio * d, b.centre, tilt)


def _plate(canvas: Canvas, rng: Rng, at: tuple[float, float], bullseye: bool) -> None:
    """Draw a weight plate: rim, groove, writing and a hub."""
    scale = OVER * (canvas.shape[1] / OVER / 1456.0) ** 0.5
    r = scale * rng.uniform(35, 130)
    tilt = (rng.uniform(0.8, 1.0), rng.uniform(0, 180))
    body = rng.uniform(18, 120)
    _disc(canvas, at, r, body + rng.uniform(-10, 50), tilt)
    _disc(canvas, at, rng.uniform(0.88, 0.97) * r, body, tilt)
    groove = rng.uniform(0.45, 0.7) * r
    _disc(canvas, at, groove, body + rng.uniform(-15, 30), tilt)
    _disc(canvas, at, 0.95 * groove, body, tilt)
    word = str(rng.choice(WORDS))
    _text(canvas, word, (at[0] - 0.5 * r, at[1] - 0.7 * r), r / 120, rng.uniform(120, 240))
    if bullseye:
        draw_bullseye(canvas, rng, at, tilt)
        return
    hub = scale * rng.uniform(8, 24)
    _disc(canvas, at, hub, rng.uniform(120, 220), tilt)
    _disc(canvas, at, rng.uniform(0.45, 0.8) * hub, rng.uniform(15, 70), tilt)


def _upright(canvas: Canvas, rng: Rng) -> None:
    """Draw a rack's post with its row of holes, each with a bright edge of metal."""
    height, width = canvas.shape
    x = int(rng.uniform(0, width))
    half = int(OVER * rng.uniform(14, 36))
    grey = rng.uniform(40, 200)
    cv2.rectangle(canvas, (x - half, 0), (x + half, height), int(grey), -1)
    cv2.line(canvas, (x - half, 0), (x - half, height), int(min(255, grey + 40)), 4)
    r = rng.uniform(0.2, 0.45) * half
    through = rng.uniform(10, 230)
    for y in np.arange(rng.uniform(0, 100), height, rng.uniform(3.2, 6.0) * r):
        _disc(canvas, (x, y), 1.25 * r, min(255.0, grey + 35), (1.0, 0.0))
        _disc(canvas, (x, y), r, 20, (1.0, 0.0))
        _disc(canvas, (x - 0.25 * r, y), 0.6 * r, through, (1.0, 0.0))


def _lamp(canvas: Canvas, rng: Rng) -> None:
    """Draw a lamp that saturates: a tube or a round one with a halo."""
    height, width = canvas.shape
    x, y = rng.uniform(0, width), rng.uniform(0, 0.2 * height)
    if rng.uniform() < 0.5:
        box = (int(x), int(y)), (int(x + OVER * rng.uniform(60, 250)), int(y + OVER * 10))
        cv2.rectangle(canvas, *box, 255, -1)
        return
    r = OVER * rng.uniform(8, 30)
    _disc(canvas, (x, y), 1.5 * r, 215, (0.7, 0.0))
    _disc(canvas, (x, y), r, 255, (0.7, 0.0))


def _writing(canvas: Canvas, rng: Rng) -> None:
    height, width = canvas.shape
    at = rng.uniform(0, width), rng.uniform(0, 0.8 * height)
    dark = rng.uniform() < 0.5
    grey = rng.uniform(10, 60) if dark else rng.uniform(190, 250)
    _text(canvas, str(rng.choice(WORDS)), at, OVER * rng.uniform(0.4, 2.5), grey)


def _logo(canvas: Canvas, rng: Rng) -> None:
    """Draw a sign: a ring, a triangle in a disc, or a bullseye."""
    height, width = canvas.shape
    at = rng.uniform(0, width), rng.uniform(0, 0.7 * height)
    r = OVER * rng.uniform(8, 45)
    paper, ink = rng.uniform(170, 245), rng.uniform(15, 80)
    kind = rng.integers(3)
    if kind == 0:
        draw_bullseye(canvas, rng, at, (1.0, 0.0))
        return
    _disc(canvas, at, r, ink, (1.0, 0.0))
    if kind == 1:
        _disc(canvas, at, rng.uniform(0.75, 0.92) * r, paper, (1.0, 0.0))
        return
    turn = rng.uniform(0, 2 * np.pi) + np.arange(3) * 2 * np.pi / 3
    corners = np.asarray(at) + 0.75 * r * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    cv2.fillPoly(canvas, [corners.astype(np.int32)], int(paper), cv2.LINE_AA)


def _spectator(canvas: Canvas, rng: Rng) -> None:
    """Draw somebody who watches, in a shirt with printed circles."""
    height, width = canvas.shape
    size = OVER * (width / OVER / 1456.0) * rng.uniform(45, 110)
    x, y = rng.uniform(0, width), rng.uniform(0.3, 0.6) * height
    skin, shirt = rng.uniform(70, 190), rng.uniform(30, 230)
    _disc(canvas, (x, y - 1.75 * size), 0.45 * size, skin, (0.8, 90.0))
    corner = (int(x - 0.8 * size), int(y - 1.2 * size))
    cv2.rectangle(canvas, corner, (int(x + 0.8 * size), int(y + 1.3 * size)), int(shirt), -1)
    for side in (-1, 1):
        _disc(canvas, (x + side * 0.95 * size, y), 1.1 * size, skin, (0.2, 90.0))
        _disc(canvas, (x + side * 0.4 * size, y + 2.5 * size), 1.4 * size, 45, (0.28, 90.0))
    for _ in range(rng.integers(2, 6)):
        at = x + rng.uniform(-0.6, 0.6) * size, y + rng.uniform(-0.9, 1.0) * size
        if rng.uniform() < 0.5:
            draw_bullseye(canvas, rng, at, (rng.uniform(0.75, 1.0), rng.uniform(0, 180)))
        else:
            _disc(canvas, at, rng.uniform(0.08, 0.25) * size, 255 - shirt, (1.0, 0.0))
