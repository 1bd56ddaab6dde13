"""The lens calibration beside OpenCV's own on the same pictures.

``python -m shinline_cal.lens.bench`` draws cameras and hand-held charts by lot, renders them, and
gives the same pictures to both. The peer is what OpenCV's tutorial for ChArUco boards does: all
corners of all pictures into ``calibrateCamera``. True lenses are known, so true errors are told.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import click
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from shinline.types import FloatArray, U8Image
from shinline_cal.lens import accept, model, scenes
from shinline_cal.lens.board import board, places_m
from shinline_cal.lens.collect import Collector, Taken
from shinline_cal.lens.find import FEWEST_CORNERS, View, look
from shinline_cal.lens.fit import Corners, LensRefused, corners_of, unseen_px
from shinline_cal.lens.render import Studio

PICTURES: Final = 24
FRESH: Final = 6
BAD_SHARE: Final = 0.15
PEER_CORNERS: Final = 6
"""OpenCV's own estimate of a pose needs four; its examples take views with more than that."""

QUANTITIES: Final = ("focal length", "optical centre", "distortion", "worst point")


@dataclass(slots=True)
class Tally:
    """Errors of many runs, by what they are of."""

    true_px: list[float] = field(default_factory=list)
    focal: list[float] = field(default_factory=list)
    held_out_px: list[float] = field(default_factory=list)
    exact_px: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Figures:
    """What a benchmark found: both tallies, errors over stated sds, refusals."""

    ours: Tally = field(default_factory=Tally)
    peer: Tally = field(default_factory=Tally)
    over_sd: list[list[float]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def measure(runs: int, seed: int, bow_m: float = 0.0, pictures: int = PICTURES) -> Figures:
    """Run both on the same random cameras and pictures."""
    found = Figures()
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        camera = scenes.random_camera(rng)
        studio = Studio(camera.theta, *camera.size_px)
        shots = scenes.random_shots(camera, pictures, BAD_SHARE, rng, bow_m)
        taken = [studio.take(shot, n) for n, shot in enumerate(shots)]
        fresh = scenes.random_shots(camera, FRESH, 0.0, rng)
        unseen = [studio.take(shot, pictures + n) for n, shot in enumerate(fresh)]
        exact = [_exact(camera, shot.pose) for shot in fresh]
        start = time.process_time()
        theta, took_s = peer(taken), time.process_time() - start
        plain = [_plain(each, FEWEST_CORNERS) for each in unseen]
        _note(found.peer, camera, theta, plain, exact, took_s)
        start = time.process_time()
        try:
            result = ours(taken)
        except LensRefused as problem:
            found.refused.append(f"run {run}: {problem}")
            continue
        took_s = time.process_time() - start
        theta = result.fit.solution.theta
        sharp = [corners_of(v) for v in map(look, unseen) if isinstance(v, View)]
        _note(found.ours, camera, theta, sharp, exact, took_s)
        found.over_sd.append(over_sd(camera, result))
    return found


def ours(pictures: Sequence[U8Image]) -> accept.Calibration:
    """Calibrate as the command does."""
    collector = Collector()
    for n, each in enumerate(pictures):
        collector.offer(Taken(f"{n}", each))
    return accept.calibrate(collector.chosen(2 * PICTURES), collector.size)


def peer(pictures: Sequence[U8Image]) -> FloatArray:
    """Calibrate as OpenCV's tutorial does; return the nine numbers."""
    seen = [view for view in map(_plain, pictures) if view is not None]
    boards = [view.board_m.astype(np.float32) for view in seen]
    pixels = [view.px.astype(np.float32) for view in seen]
    size = pictures[0].shape[::-1]
    start: FloatArray = np.eye(3)
    _, camera, bend, _, _ = cv2.calibrateCamera(boards, pixels, size, start, np.zeros(5))
    middle = np.asarray(camera, float)[[0, 1, 0, 1], [0, 1, 2, 2]]
    return np.concatenate([middle, np.ravel(bend)[:5]])


def over_sd(camera: scenes.Camera, result: accept.Calibration) -> list[float]:
    """Return true errors over stated standard deviations, in the order of QUANTITIES."""
    theta, known, true = result.fit.solution.theta, result.spread, camera.theta
    away = model.displacement_px(true, theta, model.grid(*camera.size_px))
    return [
        abs(theta[:2].mean() / true[:2].mean() - 1.0) / known.focal_rel_sd,
        float(np.abs(theta[2:4] - true[2:4]).max()) / known.centre_sd_px,
        _bend_error(camera, theta) / known.k1_sd,
        float(np.hypot(*away.T).max()) / known.worst_px,
    ]


def _bend_error(camera: scenes.Camera, theta: FloatArray) -> float:
    """Return the largest error of the radial bend over r^2, from a third of the picture outward."""
    rays = model.unproject(camera.theta, model.border(*camera.size_px))
    r2 = (np.hypot(*rays.T).max() * np.linspace(0.3, 1.0, 15)) ** 2
    bends = [t[4] * r2 + t[5] * r2**2 + t[8] * r2**3 for t in (theta, camera.theta)]
    return float((np.abs(bends[0] - bends[1]) / r2).max())


def _plain(picture: U8Image, fewest: int = PEER_CORNERS) -> Corners | None:
    """Return what OpenCV's detector finds, as it comes."""
    px, ids, _, _ = cv2.aruco.CharucoDetector(board()).detectBoard(picture)
    if ids is None or len(ids) < fewest:
        return None
    number = ids.ravel().astype(int)
    return Corners("", number, places_m()[number], px.reshape(-1, 2).astype(float))


def _exact(camera: scenes.Camera, pose: FloatArray) -> Corners:
    ids, px = scenes.seen_from(camera, pose)
    return Corners("", ids, places_m()[ids], px)


def _note(
    tally: Tally,
    camera: scenes.Camera,
    theta: FloatArray,
    unseen: Sequence[Corners | None],
    exact: Sequence[Corners],
    seconds: float,
) -> None:
    tally.seconds.append(seconds)
    away = model.displacement_px(camera.theta, theta, model.grid(*camera.size_px))
    tally.true_px.append(float(np.sqrt((away**2).sum(axis=1).mean())))
    tally.focal.append(abs(float(theta[:2].mean() / camera.theta[:2].mean()) - 1.0))
    seen = [view for view in unseen if view is not None]
    tally.held_out_px.append(_rms([unseen_px(theta, view) for view in seen]))
    tally.exact_px.append(_rms([unseen_px(theta, view) for view in exact]))


def _rms(values: Sequence[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def table(found: Figures, title: str) -> Table:
    """Return medians, 90th percentiles and the ratio of the medians."""
    out = Table(title=title)
    for heading in ("", "OpenCV median", "90 %", "Shinline median", "90 %", "ratio"):
        out.add_column(heading, justify="left" if not heading else "right")
    rows = (
        ("true error over the picture, px", "true_px", 1.0),
        ("true error of the focal length, %", "focal", 100.0),
        ("held out, corners as each finds them, px", "held_out_px", 1.0),
        ("held out, exact corners, px", "exact_px", 1.0),
        ("processor seconds", "seconds", 1.0),
    )
    for words, name, times in rows:
        peer_values, our_values = (times * np.array(getattr(t, name)) for t in
                                   (found.peer, found.ours))  # fmt: skip
        out.add_row(
            words,
            *(f"{np.percentile(values, q):.3f}" for values in (peer_values, our_values)
              for q in (50, 90)),
            f"{np.median(our_values) / np.median(peer_values):.2f}",
        )  # fmt: skip
    return out


def stated(found: Figures) -> Table:
    """Return how often the true error is within the stated uncertainty."""
    out = Table(title="true error within the stated sd (68 and 95 % if errors were normal)")
    for heading in ("", "1 sd", "2 sd", "largest, sd"):
        out.add_column(heading, justify="left" if not heading else "right")
    values = np.array(found.over_sd)
    for name, column in zip(QUANTITIES, values.T, strict=True):
        out.add_row(
            name, f"{(column < 1).mean():.0%}", f"{(column < 2).mean():.0%}", f"{column.max():.1f}"
        )
    return out


@click.command()
@click.option("--runs", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--seed", default=1, show_default=True, type=int)
def main(runs: int, seed: int) -> None:
    """Compare with OpenCV's own calibration on rendered pictures."""
    console = Console(highlight=False)
    for words, bow_m in (("a flat chart", 0.0), ("a sheet that bulges by 1 mm", 0.001)):
        found = measure(runs, seed, bow_m)
        console.print(
            table(found, f"{words}: {runs} cameras, {PICTURES} pictures each, {BAD_SHARE:.0%} bad")
        )
        if found.over_sd:
            console.print(stated(found))
        for line in found.refused:
            console.print(f"refused, {line}", markup=False)


if __name__ == "__main__":
    main()
