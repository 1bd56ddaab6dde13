"""How costs grow: with pixels, with markers, with clutter."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shinline.app.bench.looking import (
    MOST_ROWS,
    NO_WINDOWS,
    QUICK_D_PX,
    SMALLEST_D_PX,
    ring_detector,
)
from shinline.app.bench.measure import cold, one_core, read_time, spent
from shinline.app.bench.peers import PEERS
from shinline.app.bench.scenes import BY_NAME, Condition, render
from shinline.app.bench.timing import follow_lift
from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, U8Image

SIZES: Final = ((480, 360), (640, 480), (960, 720), (1456, 1088), (1920, 1440))
PLATES: Final = (0, 5, 10, 20, 40)


@dataclass(frozen=True, slots=True)
class Point:
    """A median cost at one place of a curve."""

    curve: str
    x: float
    median_us: float


def measure_growth(frames: int) -> dict[str, list[Point]]:
    """Return the curves by what grows: "megapixels", "markers" or "plates"."""
    return {
        "megapixels": [p for size in SIZES for p in _pixels(size, frames)],
        "markers": [_markers(count, frames) for count in range(1, len(INNER_RATIO) + 1)],
        "plates": [p for plates in PLATES for p in _plates(plates, frames)],
    }


def _pixels(size: tuple[int, int], frames: int) -> list[Point]:
    condition = replace(BY_NAME["base"], width=size[0], height=size[1])
    lumas = [render(condition, seed).luma for seed in range(frames)]
    tagged = [render(replace(condition, target="aruco"), seed).luma for seed in range(frames)]
    aruco = PEERS[0]
    x = size[0] * size[1] / 1e6
    with one_core():
        limit = Point("read once", x, read_time(cold(lumas)).median_us)
        peer = Point(aruco.name, x, spent("", aruco.make(condition.d_px), tagged).median_us)
    return [limit, *_searches(lumas, x), peer]


def _searches(lumas: list[U8Image], x: float) -> list[Point]:
    out = np.zeros(MOST_ROWS, DETECTION)
    points = []
    for name, smallest in (("all sizes", SMALLEST_D_PX), ("D >= 24 px", QUICK_D_PX)):
        detector = ring_detector(smallest)
        detector.detect(lumas[0], 0, NO_WINDOWS, out)
        with one_core():
            cost = spent("", lambda f, d=detector: d.detect(f, 0, NO_WINDOWS, out), cold(lumas))  # type: ignore[misc]
        points.append(Point(f"acquire, {name}", x, cost.median_us))
    return points


def _markers(count: int, frames: int) -> Point:
    """Follow the first ``count`` roles in a lift, all in one call."""
    condition = Condition("markers", d_px=46.0, roles=tuple(INNER_RATIO)[:count])
    return Point("follow", count, follow_lift("", condition, frames)[0].median_us)


def _plates(plates: int, frames: int) -> list[Point]:
    condition = replace(BY_NAME["base"], plates=plates)
    return _searches([render(condition, seed).luma for seed in range(frames)], plates)
