"""How surely, how exactly and how rightly the ring detector finds markers, by condition.

``python -m shinline.app.bench.accuracy --condition base --frames 50`` prints one condition.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import cv2
import numpy as np

from shinline.app.bench.bound import centre_bound
from shinline.app.bench.looking import (
    NO_WINDOWS,
    SMALLEST_D_PX,
    Predictor,
    detect,
    predicted,
    ring_detector,
)
from shinline.app.bench.scenes import (
    BY_NAME,
    Condition,
    Scene,
    render,
    render_empty,
    render_sequence,
)
from shinline.geometry.target import INNER_RATIO
from shinline.types import FloatArray, Role, Rows

Mode = Literal["acquire", "track", "follow"]
"""``acquire``: nothing is known. ``track``: where it is predicted is, of a marker never seen yet.

``follow``: a whole lift, with predictions from the detections before, as in use.
"""

LIFT: Final = 40
SETTLE: Final = 10
"""Frames of a lift that is followed, and how many of them come before the first that counts."""

BOUNDS: Final = 8
BOUND_EVERY: Final = 3
"""The bound is computed for so many scenes of a condition, one of every three."""


@dataclass(frozen=True, slots=True)
class Result:
    """One condition's figures.

    ``rms_px`` and ``bound_px`` are per axis, over the frames in which the marker was found;
    ``inside`` is the share of coordinates within one standard deviation of truth as the detector
    states it (0.68 where it is honest).
    """

    condition: str
    width: int
    mode: str
    frames: int
    recall: float
    rms_px: float
    bound_px: float
    inside: float
    wrong_first: int
    false_bars: int

    @property
    def ratio(self) -> float:
        """RMS error / Cramer-Rao bound."""
        return self.rms_px / self.bound_px


@dataclass(slots=True)
class Tally:
    """What came of the frames of one condition, whose first marker is the bar's."""

    frames: int = 0
    wrong_first: int = 0
    false_bars: int = 0
    errors_px: list[tuple[float, float]] = field(default_factory=list)
    sds_px: list[tuple[float, float]] = field(default_factory=list)
    bounds_px2: list[FloatArray] = field(default_factory=list)

    def count(self, condition: Condition, scene: Scene, found: Rows) -> None:
        """Judge the rows of one frame."""
        bars = found[found["role"] == Role.BAR]
        truth = scene.truth[0]
        hits = [row for row in bars if is_hit(row, truth)]
        mirrored = sum(any(is_hit(row, each) for each in scene.mirrored) for row in bars)
        if self.frames % BOUND_EVERY == 0 and len(self.bounds_px2) < BOUNDS:
            self.bounds_px2.append(np.diag(centre_bound(condition, scene.poses[0])))
        self.frames += 1
        self.wrong_first += bool(len(bars) and not is_hit(bars[0], truth))
        self.false_bars += len(bars) - mirrored - min(len(hits), 1)
        for row in hits[:1]:
            self.errors_px.append((row["x_px"] - truth["x_px"], row["y_px"] - truth["y_px"]))
            self.sds_px.append((math.sqrt(row["var_x_px2"]), math.sqrt(row["var_y_px2"])))

    def result(self, condition: Condition, mode: str) -> Result:
        """Return the figures; errors are not numbers where nothing was found."""
        errors = np.reshape(self.errors_px, (-1, 2))
        inside = np.abs(errors) <= np.reshape(self.sds_px, (-1, 2))
        return Result(
            condition=condition.name,
            width=condition.width,
            mode=mode,
            frames=self.frames,
            recall=len(errors) / self.frames,
            rms_px=float(np.sqrt(np.mean(errors**2))) if len(errors) else math.nan,
            bound_px=float(np.sqrt(np.mean(self.bounds_px2))),
            inside=float(np.mean(inside)) if len(errors) else math.nan,
            wrong_first=self.wrong_first,
            false_bars=self.false_bars,
        )


def is_hit(row: np.void, truth: np.void) -> bool:
    """Tell whether a detection is the marker: within 0.15 D of it, or 2 px if that is more."""
    off = math.hypot(row["x_px"] - truth["x_px"], row["y_px"] - truth["y_px"])
    return bool(off <= max(2.0, 0.3 * truth["r_px"]))


def evaluate(
    condition: Condition,
    frames: int,
    mode: Mode = "acquire",
    smallest_d_px: float = SMALLEST_D_PX,
) -> Result:
    """Judge the detector on ``frames`` scenes of a condition."""
    if mode == "follow":
        return evaluate_lifts(condition, frames, smallest_d_px)
    return evaluate_modes(condition, frames, smallest_d_px)[mode == "track"]


def evaluate_modes(
    condition: Condition, frames: int, smallest_d_px: float = SMALLEST_D_PX
) -> list[Result]:
    """Judge acquiring and tracking on the same scenes, so that each is rendered once."""
    acquired, tracked = Tally(), Tally()
    for seed in range(frames):
        scene = render(condition, seed)
        windows = predicted(scene.truth, np.random.default_rng(seed))
        acquired.count(
            condition, scene, detect(ring_detector(smallest_d_px), scene.luma, NO_WINDOWS)
        )
        tracked.count(condition, scene, detect(ring_detector(smallest_d_px), scene.luma, windows))
    return [acquired.result(condition, "acquire"), tracked.result(condition, "track")]


def follow(
    condition: Condition, seed: int, smallest_d_px: float = SMALLEST_D_PX, frames: int = LIFT
) -> Iterator[tuple[Scene, Rows, Rows]]:
    """Follow one lift; yield each scene, the windows it was searched in and what was found."""
    detector, predictor = ring_detector(smallest_d_px), Predictor()
    stroke_px = min(174.0, 0.18 * condition.height)
    lift = render_sequence(condition, seed, frames, stroke_px=stroke_px)
    for seq, scene in enumerate(lift):
        windows = predictor.windows()
        found = detect(detector, scene.luma, windows, seq)
        predictor.take(found)
        yield scene, windows, found


def evaluate_lifts(
    condition: Condition, frames: int, smallest_d_px: float = SMALLEST_D_PX
) -> Result:
    """Judge whole lifts, from their ``SETTLE``-th frame on; motion alone blurs them."""
    tally = Tally()
    for seed in range(math.ceil(frames / (LIFT - SETTLE))):
        for i, (scene, _, found) in enumerate(follow(condition, seed, smallest_d_px)):
            if i >= SETTLE:
                moving = replace(condition, blur_px=scene.poses[0].blur_px)
                tally.count(moving, scene, found)
    return tally.result(condition, "follow")


def false_bars(frames: int, width: int = 1456, height: int = 1088) -> int:
    """Return how many bars are seen in so many scenes without any marker, each of another gym."""
    total = 0
    for seed in range(frames):
        noise = (0.0, 2.0, 5.0, 10.0)[seed % 4]
        scene = render_empty(seed, width, height, noise)
        found = detect(ring_detector(), scene.luma, NO_WINDOWS)
        total += int(np.sum(found["role"] == Role.BAR))
    return total


def confusion(condition: Condition, frames: int) -> dict[Role, dict[Role | None, int]]:
    """Return for each role how often its marker was seen as which role, None for not at all."""
    table: dict[Role, dict[Role | None, int]] = {}
    for role in INNER_RATIO:
        row = table[role] = dict.fromkeys([*INNER_RATIO, None], 0)
        single = replace(condition, roles=(role,))
        for seed in range(frames):
            scene = render(single, seed)
            found = detect(ring_detector(), scene.luma, NO_WINDOWS)
            seen = {Role(each["role"]) for each in found if is_hit(each, scene.truth[0])}
            for each in seen:
                row[each] += 1
            row[None] += not seen
    return table


def main() -> None:
    """Print the figures of one condition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--condition", default="base", choices=sorted(BY_NAME))
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--small", action="store_true", help="640 x 480 instead of 1456 x 1088")
    parser.add_argument("--follow", action="store_true", help="lifts as well as single frames")
    parser.add_argument("--smallest", type=float, default=SMALLEST_D_PX, help="smallest D in px")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    condition = BY_NAME[asked.condition].small() if asked.small else BY_NAME[asked.condition]
    results = evaluate_modes(condition, asked.frames, asked.smallest)
    if asked.follow:
        results.append(evaluate_lifts(condition, asked.frames, asked.smallest))
    for r in results:
        print(
            f"{r.condition} {r.mode}: recall {r.recall:.4f}, RMS {r.rms_px:.4f} px, "
            f"{r.ratio:.2f} x bound, inside 1 sd {r.inside:.2f}, wrong first {r.wrong_first}, "
            f"false bars {r.false_bars}, of {r.frames} frames"
        )


if __name__ == "__main__":
    main()
