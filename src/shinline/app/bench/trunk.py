"""What it costs to follow the trunk of a lifter without stickers, look by look."""

import time
from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from shinline.app.bench.measure import Line, line
from shinline.types import DETECTION, NS_PER_S, Bar, FloatArray, U8Image
from shinline.vision.trunk import HIP_M, SHOULDER_M
from shinline.vision.trunk_watch import TrunkWatch

WIDTH, HEIGHT, WIDE_M = 1456, 1088, 2.5
RATE_HZ: Final = 30
REST_S, PULL_S = 1.6, 0.5
RISE_MPS: Final = 0.5
TURN_RADPM: Final = 0.35
"""How much flatter the back gets, for each metre of bar."""

BAR_PX: Final = (900.0, 900.0)
THICK_M: Final = 0.22
NOISE: Final = 2.0
REPEATS: Final = 8
ROWS: Final = 12
GOAL_US: Final = 1000.0

AT_REST, IN_PULL = "a look at rest", "a look in the pull"

Look = tuple[U8Image, int, Bar]


def scenes(turn_radpm: float = TURN_RADPM) -> Iterator[Look]:
    """Paint a textured trunk before a textured room: at rest, then rising with the bar."""
    rng = np.random.default_rng(9)
    room = 120.0 + _texture(rng, 40, 25.0) + _texture(rng, 12, 8.0)
    clothes = 110.0 + _texture(rng, 20, 30.0) + _texture(rng, 9, 15.0)
    m = WIDE_M / WIDTH
    hip, shoulder = (
        (BAR_PX[0] + ahead / m, BAR_PX[1] - above / m) for ahead, above in (HIP_M, SHOULDER_M)
    )
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    ends = [(round(x), round(y)) for x, y in (hip, shoulder)]
    cv2.line(mask, ends[0], ends[1], 255, round(THICK_M / m))
    middle = 0.5 * (hip[0] + shoulder[0]), 0.5 * (hip[1] + shoulder[1])
    for n in range(round((REST_S + PULL_S) * RATE_HZ)):
        t_s = n / RATE_HZ
        rise_m = RISE_MPS * max(0.0, t_s - REST_S)
        place = cv2.getRotationMatrix2D(middle, -np.degrees(turn_radpm * rise_m), 1.0)
        place[1, 2] -= 0.85 * rise_m / m
        share = cv2.warpAffine(mask, place, (WIDTH, HEIGHT)) / 255.0
        luma = room + share * (cv2.warpAffine(clothes, place, (WIDTH, HEIGHT)) - room)
        luma += rng.normal(0.0, NOISE, luma.shape)
        bar = Bar(BAR_PX[0], BAR_PX[1] - rise_m / m, m, 1.0)
        yield np.clip(np.rint(luma), 0, 255).astype(np.uint8), round(t_s * NS_PER_S), bar


def _texture(rng: np.random.Generator, grain_px: int, levels: float) -> FloatArray:
    small = rng.normal(0.0, levels, (HEIGHT // grain_px, WIDTH // grain_px))
    return np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))


def measure_trunk(repeats: int = REPEATS) -> list[Line]:
    """Follow the same pull again and again; return what looks cost at rest and in the pull.

    Among those in the pull are the first, which chooses what is followed, and the one that chooses
    again: they happen once a repetition and are what the 95th percentile is of.
    """
    looks = list(scenes())
    lifted = next(n for n, (_, _, bar) in enumerate(looks) if bar.y_px < BAR_PX[1])
    _follow(looks)  # compiles
    took = [_follow(looks) for _ in range(repeats)]
    rest, pull = ([ns for each in took for ns in each[part]] for part in _parts(lifted))
    return [line(AT_REST, rest), line(IN_PULL, pull)]


def _parts(lifted: int) -> tuple[slice, slice]:
    return slice(1, lifted), slice(lifted, None)


def _follow(looks: list[Look]) -> list[int]:
    """Return how many nanoseconds each look took.

    Raises
    ------
    RuntimeError
        The trunk was not followed, and nothing was measured.

    """
    watch, out = TrunkWatch(), np.zeros(ROWS, DETECTION)
    spent, rows = [], 0
    for look in looks:
        began = time.perf_counter_ns()
        rows += watch.look(*look, out)
        spent.append(time.perf_counter_ns() - began)
    if not rows:
        raise RuntimeError("the trunk was not followed: nothing was measured")
    return spent
