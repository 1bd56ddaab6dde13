"""What finding and following markers costs on cold frames, one core.

``python -m shinline.app.bench.timing`` prints its figures as JSON, for comparison with another
build of the kernels.
"""

import argparse
import json
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np

from shinline.app.bench.accuracy import is_hit
from shinline.app.bench.looking import (
    FRAME_NS,
    MOST_ROWS,
    NO_WINDOWS,
    QUICK_D_PX,
    SMALLEST_D_PX,
    detect,
    predicted,
    ring_detector,
)
from shinline.app.bench.measure import Line, cold, comparing_ns, one_core, read_time, spent
from shinline.app.bench.scenes import BY_NAME, Condition, render, render_sequence
from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, Role, Rows, U8Image

FRAMES: Final = 40
MOST_FOLLOWED: Final = 5
SCENES: Final = ("clean", "gym")
READ: Final = "read the frame once"
ACQUIRE: Final = "acquire, all sizes"
QUICK: Final = "acquire, D >= 24 px"
FOLLOW_ONE: Final = "follow one marker"


@dataclass(frozen=True, slots=True)
class Timing:
    """One row of the table of costs.

    ``found`` is the share of markers that the timed kind of call found on these frames: a call
    that finds nothing is no measurement.
    """

    name: str
    width: int
    height: int
    scene: str
    median_us: float
    p95_us: float
    found: float


def conditions(width: int) -> list[Condition]:
    """Return the scenes that costs are measured on, at 1456 x 1088 or 640 x 480."""
    chosen = [BY_NAME[name] for name in SCENES]
    return [each.small() if width == 640 else each for each in chosen]


def followed_roles(count: int = MOST_FOLLOWED) -> tuple[Role, ...]:
    """Return the first roles that have a printed target, at most ``count``."""
    return tuple(INNER_RATIO)[:count]


def measure(condition: Condition, frames: int = FRAMES) -> list[Timing]:
    """Measure reading, searching and following on one kind of scene."""
    scenes = [render(condition, seed) for seed in range(frames)]
    lumas = [scene.luma for scene in scenes]
    truths = [scene.truth for scene in scenes]
    many = followed_roles()
    with one_core():
        lines = [(read_time(cold(lumas)), 1.0)]
        for name, smallest in ((ACQUIRE, SMALLEST_D_PX), (QUICK, QUICK_D_PX)):
            lines.append(_acquire(name, lumas, truths, smallest))
        lines.append(_follow(FOLLOW_ONE, condition, many[:1], frames))
        lines.append(_follow(f"follow {len(many)} markers", condition, many, frames))
    return [timing(condition, cost, found) for cost, found in lines]


def timing(condition: Condition, cost: Line, found: float) -> Timing:
    """Return the row of a cost that was measured on a condition."""
    size = condition.width, condition.height
    return Timing(cost.name, *size, condition.name, cost.median_us, cost.p95_us, found)


def _acquire(
    name: str, lumas: list[U8Image], truths: list[Rows], smallest_d_px: float
) -> tuple[Line, float]:
    """Search whole frames: no window for the bar makes every call a search of all of it."""
    detector = ring_detector(smallest_d_px)
    found = [detect(detector, luma, NO_WINDOWS) for luma in lumas]
    out = np.zeros(MOST_ROWS, DETECTION)
    cost = spent(name, lambda luma: detector.detect(luma, 0, NO_WINDOWS, out), cold(lumas))
    return cost, _share_found(found, truths)


def _follow(
    name: str, condition: Condition, roles: tuple[Role, ...], frames: int
) -> tuple[Line, float]:
    d_px = 46.0 if condition.width > 640 else 20.0
    return follow_lift(name, replace(condition, d_px=d_px, roles=roles), frames)


def follow_lift(name: str, condition: Condition, frames: int) -> tuple[Line, float]:
    """Measure the frames of a lift, every marker predicted; return the share found as well."""
    rng = np.random.default_rng(0)
    lift = list(render_sequence(condition, 0, frames, stroke_px=min(174, condition.height // 6)))
    windows = [predicted(scene.truth, rng) for scene in lift]
    detector = ring_detector(SMALLEST_D_PX, condition.roles)
    found = [detect(detector, scene.luma, windows[seq], seq) for seq, scene in enumerate(lift)]
    lumas = cold([scene.luma for scene in lift])
    calls = [
        (luma, (len(lift) + i) * FRAME_NS, windows[i % len(lift)]) for i, luma in enumerate(lumas)
    ]
    out = np.zeros(MOST_ROWS, DETECTION)
    with one_core():
        cost = spent(name, lambda call: detector.detect(*call, out), calls)
    return cost, _share_found(found, [scene.truth for scene in lift])


def _share_found(found: list[Rows], truths: list[Rows]) -> float:
    """Return the share of all markers that were found, each by its role."""
    hits = [
        any(row["role"] == mark["role"] and is_hit(row, mark) for row in rows)
        for rows, truth in zip(found, truths, strict=True)
        for mark in truth
    ]
    return float(np.mean(hits))


def main() -> None:
    """Print the costs as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--width", type=int, default=1456, choices=(1456, 640))
    asked = parser.parse_args()
    rows = [row for each in conditions(asked.width) for row in measure(each, asked.frames)]
    with one_core():
        comparing = comparing_ns()
    print(json.dumps({"comparing_ns": comparing, "rows": [asdict(row) for row in rows]}))


if __name__ == "__main__":
    main()
