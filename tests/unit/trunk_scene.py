"""A bent trunk painted before a room, pictures of a pull, and what a trunk watch says of them.

Painted for a lifter whose toes point to the right, and turned round in the picture for the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from lifts import min_jerk
from numpy.typing import NDArray
from scipy import ndimage

from shinline.types import DETECTION, NS_PER_S, Bar, Role, Rows
from shinline.vision.trunk_watch import TrunkWatch

Array = NDArray[np.float64]
Luma = NDArray[np.uint8]

M_PER_PX = 0.009
ROWS, COLUMNS = 150, 210
BAR_X, BAR_Y = 107.0, 131.0
HIP_M, SHOULDER_M = np.array([-0.30, 0.42]), np.array([0.0, 0.62])
BEFORE_M, AFTER_M, HALF_M = 0.14, 0.10, 0.11
"""How far the trunk goes on behind the hip and past the shoulder, and half its thickness."""

PLATE_M = 0.225
PERIOD_NS = NS_PER_S // 30
BEGAN_NS = 10 * NS_PER_S
SET_S, UP_S, RISE_M, TURNED_M = 0.8, 1.5, 0.32, 0.10
WIDEST = 24
"""Rows that a watch may write at once."""


@dataclass(frozen=True)
class Picture:
    """One picture, where the bar was in it, and how far it had risen."""

    t_ns: int
    luma: Luma
    bar: Bar
    rise_m: float


@dataclass(frozen=True)
class Pull:
    """A pull in front of a camera: by how much the trunk turns, where it is, what it looks like."""

    turn_deg: float = 0.0
    forward: float = 1.0
    lifter: bool = True
    contrast: float = 35.0
    walks_mps: float = 0.0
    shakes: bool = False
    """The whole picture goes down with what is taken for a bar that rises: the camera was hit."""

    noise: float = 1.5


@cache
def _texture(seed: int, grain_px: float) -> Array:
    image = np.random.default_rng(seed).normal(size=(ROWS, COLUMNS))
    image = ndimage.gaussian_filter(image, grain_px)
    return np.asarray(image / image.std())


def turn_rad(pull: Pull, rise_m: float) -> float:
    """Return how far the trunk has turned, clockwise as painted, when the bar has risen so far."""
    share = min_jerk(np.clip(np.array([rise_m / TURNED_M]), 0.0, 1.0))
    return float(np.radians(pull.turn_deg) * share[0])


def paint(pull: Pull, rise_m: float, pulled_s: float, seed: int) -> Luma:
    """Paint the room, the trunk before it, and the plate before that."""
    y_px, x_px = np.mgrid[:ROWS, :COLUMNS].astype(np.float64)
    picture = 120.0 + pull.contrast * _texture(1, 3.0)
    x_m, y_m = (x_px - BAR_X) * M_PER_PX, (BAR_Y - y_px) * M_PER_PX
    if pull.lifter:
        angle = turn_rad(pull, rise_m)
        c, s = np.cos(angle), np.sin(angle)
        dx = x_m - SHOULDER_M[0] - pull.walks_mps * pulled_s
        dy = y_m - SHOULDER_M[1] - rise_m
        dx, dy = c * dx - s * dy, s * dx + c * dy  # back to the set position
        along = (SHOULDER_M - HIP_M) / np.hypot(*(SHOULDER_M - HIP_M))
        length = float((SHOULDER_M - HIP_M) @ along)
        a, b = dx * along[0] + dy * along[1], dy * along[0] - dx * along[1]
        on_it = (a > -length - BEFORE_M) & (a < AFTER_M) & (np.abs(b) < HALF_M)
        at = [50.0 - b[on_it] / M_PER_PX, 100.0 + a[on_it] / M_PER_PX]
        cloth = ndimage.map_coordinates(_texture(2, 1.7), at, order=1, mode="reflect")
        picture[on_it] = 120.0 - 0.3 * pull.contrast + pull.contrast * cloth
    if pull.shakes:
        picture = ndimage.shift(picture, (-rise_m / M_PER_PX, 0.0), order=1, mode="nearest")
    plate = np.hypot(x_m, y_m - rise_m) < PLATE_M
    picture[plate] = 40.0
    picture += pull.noise * np.random.default_rng(seed).normal(size=picture.shape)
    return np.ascontiguousarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8))


@cache
def film(pull: Pull, known: bool = True) -> tuple[Picture, ...]:
    """Film the set position and the pull; ``known``: which way the lifter faces."""
    sign = pull.forward if known else 0.0
    if pull.forward < 0.0:
        return tuple(turned_round(one, sign) for one in film(replace(pull, forward=1.0)))
    pictures = []
    for n in range(round((SET_S + UP_S) * 30)):
        pulled_s = max(0.0, n / 30 - SET_S)
        rise_m = RISE_M * float(min_jerk(np.array(min(pulled_s / UP_S, 1.0))))
        bar = Bar(BAR_X, BAR_Y - rise_m / M_PER_PX, M_PER_PX, sign)
        luma = paint(pull, rise_m, pulled_s, seed=n)
        pictures.append(Picture(BEGAN_NS + n * PERIOD_NS, luma, bar, rise_m))
    return tuple(pictures)


def turned_round(one: Picture, sign: float) -> Picture:
    """The same in a mirror."""
    bar = replace(one.bar, x_px=COLUMNS - 1 - one.bar.x_px, sign=sign)
    return replace(one, luma=np.ascontiguousarray(one.luma[:, ::-1]), bar=bar)


def enlarged(one: Picture, times: int = 2) -> Picture:
    """The same by a camera with more pixels."""
    bar = one.bar
    x_px, y_px = ((v + 0.5) * times - 0.5 for v in (bar.x_px, bar.y_px))
    larger = replace(bar, x_px=x_px, y_px=y_px, m_per_px=bar.m_per_px / times)
    return replace(one, luma=np.kron(one.luma, np.ones((times, times), np.uint8)), bar=larger)


def later(pictures: Iterable[Picture], by_s: float) -> list[Picture]:
    """The same at another time."""
    return [replace(one, t_ns=one.t_ns + round(by_s * NS_PER_S)) for one in pictures]


def watched(pictures: Iterable[Picture], watch: TrunkWatch | None = None) -> list[Rows]:
    """Return the DETECTION rows that a watch writes for each picture."""
    watch = TrunkWatch() if watch is None else watch
    said = []
    for one in pictures:
        out = np.zeros(WIDEST, DETECTION)
        assert watch.due(one.t_ns)
        said.append(out[: watch.look(one.luma, one.t_ns, one.bar, out)])
    return said


def turns_deg(said: list[Rows], since_ns: int = 0) -> dict[int, float]:
    """Return the trunk's turn at each time it was told, clockwise in the picture."""
    rows = np.concatenate(said)
    rows = rows[(rows["role"] == Role.BACK_LINE) & (rows["t_ns"] >= since_ns)]
    return {int(row["t_ns"]): float(np.degrees(row["residual"])) for row in rows}
