"""A camera looks at a motion: FRAME and DETECTION rows as a detector would report them.

The bar's end is projected through a pinhole camera that stands a little otherwise than the product
is told. Noise has the covariance that the rows claim; movement during the exposure adds to it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec.structs import replace

from shinline.app.bench.lifts.kinds import Kind
from shinline.app.bench.lifts.motion import Motion
from shinline.app.bench.lifts.pulls import Draw
from shinline.app.bench.lifts.ranges import Condition
from shinline.config import Config, Marker, Rig
from shinline.sim.body import PLATE_RADIUS_M
from shinline.sim.camera import Camera, place_camera
from shinline.sim.scenario import CameraSetup
from shinline.types import DETECTION, FRAME, NS_PER_S, Facing, FloatArray, IntArray, Role, Rows

DIAMETER_M: Final = 0.08
LOCKING_PX: Final = 0.01
"""How far a centre is drawn toward the middle of its pixel."""

SMEAR_SHARE: Final = 0.1
"""Of the movement during an exposure, as a standard deviation along it."""

NUDGE_S: Final = 0.25
"""A camera that is knocked against stands still again after at most so long."""

OUTLIERS: Final = 0.001
SHORTEST_S: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Film:
    """What the product gets of a session: its rows and its configuration."""

    config: Config
    heads: Rows
    rows: Rows
    times_s: FloatArray
    """When each frame was exposed, in the motion's own time."""

    shift_s: float
    """What is to be taken from a time stamp to have that time."""

    lies_s: tuple[float, ...] = ()
    """When the time stamps went wrong."""


def film(motion: Motion, kind: Kind, condition: Condition, draw: Draw) -> Film:
    """Look at a motion."""
    t_s, seq = _instants(motion, condition, draw)
    facing = Facing.RIGHT if draw.chance(0.5) else Facing.LEFT
    setup, aim = _setup(condition, draw)
    camera = place_camera(setup, facing, aim, -PLATE_RADIUS_M)
    seen = np.ones(len(t_s), bool)
    for since_s, until_s in motion.hidden:
        seen &= (t_s < since_s) | (t_s >= until_s)
    rows = _rows(motion.at(t_s), camera, condition, draw)
    if motion.nudged_s is not None:
        moved = _rows(
            motion.at(t_s),
            place_camera(_nudged(setup, draw), facing, aim, -PLATE_RADIUS_M),
            condition,
            draw,
        )
        share = np.clip((t_s - motion.nudged_s) / draw((0.001, NUDGE_S)), 0.0, 1.0)
        for name in ("x_px", "y_px", "r_px"):
            rows[name] += share * (moved[name] - rows[name])
    if kind.outliers:
        _spoil(rows, draw)
    stamps_s = t_s + condition.stamp_sd_s * np.clip(draw.rng.standard_normal(len(t_s)), -3.0, 3.0)
    zero_s = draw((1.0, 1000.0))
    stamps = np.round((_in_order(stamps_s) + zero_s) * NS_PER_S).astype(np.int64)
    lies: tuple[int, ...] = ()
    if kind.stamps:
        stamps, lies = _lie(stamps, draw)
    rows["t_ns"] = stamps
    heads = np.zeros(len(t_s), FRAME)
    heads["seq"], heads["t_ns"], heads["detections"] = seq, stamps, seen
    heads["exposure_us"] = round(1e6 * condition.exposure_s)
    rig = Rig(roll_sd_deg=condition.roll_sd_deg, scale_rel_sd=condition.scale_rel_sd)
    marker = Marker(
        kind="ring", diameter_m=DIAMETER_M, facing="right" if facing is Facing.RIGHT else "left"
    )
    lies_s = tuple(float(t_s[at]) for at in lies)
    return Film(Config(marker=marker, rig=rig), heads, rows[seen], t_s, zero_s, lies_s)


def _instants(motion: Motion, condition: Condition, draw: Draw) -> tuple[FloatArray, IntArray]:
    """Return when the frames are exposed, and their numbers; dropped ones leave a hole."""
    from_s = max([0.0, *(until for since, until in motion.hidden if since < 0.0)])
    ends_s = [since for since, until in motion.hidden if until > motion.duration_s]
    until_s = min([motion.duration_s, *ends_s])
    seq = np.arange(int((until_s - from_s) * condition.rate_hz))
    t_s = from_s + (seq + draw.rng.random()) / condition.rate_hz
    jitter_s = condition.jitter_s * np.clip(draw.rng.standard_normal(len(t_s)), -3.0, 3.0)
    kept = draw.rng.random(len(t_s)) >= condition.drop_ratio
    return (t_s + jitter_s)[kept], seq[kept]


def _in_order(stamps_s: FloatArray) -> FloatArray:
    least_s = SHORTEST_S * np.arange(len(stamps_s))
    return np.asarray(np.maximum.accumulate(stamps_s - least_s) + least_s)


def _setup(condition: Condition, draw: Draw) -> tuple[CameraSetup, FloatArray]:
    """Choose how the camera stands, not quite as it was meant to, and what it is aimed at."""
    distance_m, height_m = draw(draw.ranges.distance_m), draw(draw.ranges.height_m)
    setup = CameraSetup(
        width_px=1456,
        height_px=1088,
        focal_px=draw(draw.ranges.marker_px) * distance_m / DIAMETER_M,
        distance_m=distance_m,
        height_m=height_m,
        azimuth_deg=condition.azimuth_deg * (1.0 if draw.chance(0.5) else -1.0),
        pitch_deg=draw.normal(condition.pitch_sd_deg),
        roll_deg=draw.normal(condition.roll_sd_deg),
    )
    aim = np.array([draw(draw.ranges.aim_m), height_m - PLATE_RADIUS_M, 0.0])  # level
    return setup, aim


def _nudged(setup: CameraSetup, draw: Draw) -> CameraSetup:
    """Tip the camera, or move it nearer or farther away; it turns about its own axis as well."""
    sign = 1.0 if draw.chance(0.5) else -1.0
    roll_deg = setup.roll_deg + draw.normal(1.0)
    if draw.chance(0.5):
        pitch_deg = setup.pitch_deg + sign * draw(draw.ranges.nudge_deg)
        return replace(setup, pitch_deg=pitch_deg, roll_deg=roll_deg)
    distance_m = setup.distance_m * (1.0 + sign * draw(draw.ranges.nudge_share))
    return replace(setup, distance_m=distance_m, roll_deg=roll_deg)


def _rows(at: FloatArray, camera: Camera, condition: Condition, draw: Draw) -> Rows:
    """Return one DETECTION row per instant, without its time."""
    x_m, y_m, vy_mps, sway, bend_m = at
    centres = np.stack([x_m, y_m + bend_m, condition.sway_sd_m * sway], axis=1)
    pixels = camera.project(centres)
    marker_m = 0.5 * DIAMETER_M * (1.0 + draw.normal(condition.scale_rel_sd))
    radius_px = marker_m * camera.focal_px / camera.depth_m(centres)
    noise_px = draw(draw.ranges.noise_px) * condition.noisier
    smear_px = np.abs(vy_mps) * condition.exposure_s * radius_px / marker_m
    sd_y_px = np.hypot(noise_px, SMEAR_SHARE * smear_px)
    rng, n = draw.rng, len(x_m)
    rows = np.zeros(n, DETECTION)
    rows["role"], rows["contrast"], rows["quality"] = Role.BAR, 150.0, 1.0
    rows["x_px"] = pixels[:, 0] + noise_px * rng.standard_normal(n)
    rows["y_px"] = pixels[:, 1] + sd_y_px * rng.standard_normal(n)
    for name in ("x_px", "y_px"):
        rows[name] -= LOCKING_PX * np.sin(2.0 * np.pi * rows[name])
    rows["var_x_px2"], rows["var_y_px2"] = noise_px**2, sd_y_px**2
    rows["r_px"] = radius_px + 0.7 * noise_px * rng.standard_normal(n)
    rows["axis_ratio"] = np.cos(np.deg2rad(condition.azimuth_deg))
    return rows


def _spoil(rows: Rows, draw: Draw) -> None:
    """Put one detection in a thousand, and a few more so that every film has some, elsewhere."""
    wild = draw.rng.random(len(rows)) < OUTLIERS
    wild[draw.rng.integers(0, len(rows), 3)] = True
    count = int(wild.sum())
    rows["x_px"][wild] = draw.rng.uniform(0.0, 1456.0, count)
    rows["y_px"][wild] = draw.rng.uniform(0.0, 1088.0, count)


def _lie(stamps: IntArray, draw: Draw) -> tuple[IntArray, tuple[int, ...]]:
    """Let the clock repeat itself, go back, or jump, at a few frames of the film; tell which."""
    told = stamps.copy()
    lies = tuple(int(at) for at in draw.rng.integers(30, len(told) - 30, 3))
    for at in lies:
        how = int(draw.rng.integers(4))
        if how == 0:
            told[at] = told[at - 1]
        elif how == 1:
            told[at] = told[at - 1] - round(draw((0.001, 0.5)) * NS_PER_S)
        else:
            jump_s = draw((-20.0, -0.05)) if how == 2 else draw((0.05, 20.0))
            told[at:] += round(jump_s * NS_PER_S)
    return told, lies
