"""Draw the pictures of docs/lens.md: ``python tests/e2e/screenshots_lens.py docs/img``.

The chart is rendered; what is drawn of the calibration is what the command draws.
"""

import io
import sys
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from shinline.types import U8Image
from shinline_cal.files import replace
from shinline_cal.lens import screen
from shinline_cal.lens.accept import calibrate
from shinline_cal.lens.collect import Collector, Taken
from shinline_cal.lens.model import theta_of
from shinline_cal.lens.picture import picture
from shinline_cal.lens.profiles import nominal
from shinline_cal.lens.render import Shot, Studio
from shinline_cal.lens.scenes import Camera, random_shots

HOLDS = (
    ((0.0, 0.0, 0.0), (0.0, 0.0), 0.42),
    ((0.0, 0.0, 0.1), (-0.5, -0.25), 0.42),
    ((0.0, 0.0, -0.1), (0.52, 0.27), 0.42),
    ((0.0, -0.55, 0.0), (0.0, 0.0), 0.36),
    ((0.6, 0.0, 0.0), (0.0, 0.0), 0.36),
    ((0.1, 0.15, 0.05), (0.0, 0.0), 0.27),
)
"""Turns, where the chart's middle is seen, and how far away it is held."""

TILE = (384, 216)
GAP = 10


def camera() -> Camera:
    """Return a Camera Module 3 Wide as it may be."""
    lens = nominal("imx708_wide", 1536, 864)
    off = np.array([9.0, 9.0, 6.0, -4.0, 0.004, 0.001, 2e-4, -3e-4, 0.0])
    return Camera(theta_of(lens.lens) + off, (1536, 864))


def sheet(studio: Studio) -> U8Image:
    """Return six ways to hold the chart, side by side."""
    width, height = TILE
    out = np.full((2 * height + GAP, 3 * width + 2 * GAP), 255, np.uint8)
    for n, (turn, aim, far_m) in enumerate(HOLDS):
        middle = cv2.Rodrigues(np.array(turn))[0] @ np.array([0.12, 0.09, 0.0])
        pose = np.concatenate([turn, far_m * np.array([*aim, 1.0]) - middle])
        tile = cv2.resize(studio.take(Shot(pose, noise=0.0)), TILE, interpolation=cv2.INTER_AREA)
        y, x = n // 3 * (height + GAP), n % 3 * (width + GAP)
        out[y : y + height, x : x + width] = tile
    return out


def main(folder: Path) -> None:
    """Write the pictures; print the guide as it stands after nine views."""
    seen = camera()
    studio = Studio(seen.theta, *seen.size_px)
    cv2.imwrite(str(folder / "lens-views.png"), sheet(studio))
    collector = Collector()
    for n, shot in enumerate(random_shots(seen, 24, 0.1, np.random.default_rng(4))):
        taken = Taken(f"{n}", studio.take(shot, n))
        collector.offer(taken)
        if len(collector.views) == 9:
            console = Console(file=io.StringIO(), width=60)
            console.print(screen.drawn(collector, taken, 20))
            print(console.file.getvalue())  # type: ignore[attr-defined]
    result = calibrate(collector.chosen(40), collector.size)
    replace(folder / "lens-coverage.svg", picture(result).encode())
    screen.report(Console(), result)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
