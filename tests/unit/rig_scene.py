"""A camera in a gym for the tests of the rig's solver: exact, or with a detector's noise."""

from functools import cache
from math import pi

import numpy as np

from shinline.config import Lens
from shinline.types import FloatArray, Rows
from shinline_cal.rigging import observe, world
from shinline_cal.rigging.evidence import Evidence
from shinline_cal.rigging.solve import Solution, solve
from shinline_cal.rigging.world import Marker, Mount

LENS = Lens(
    fx_px=1700.0, fy_px=1700.0, cx_px=1150.0, cy_px=650.0, k1=0.02, k2=-0.01,
    focal_rel_sd=0.005, centre_sd_px=4.0, k1_sd=0.005,
)  # fmt: skip
WIDTH, HEIGHT = 2304, 1296
MARKER = Marker(0.08)


def mount(
    roll_deg: float = 2.0,
    pitch_deg: float = -3.0,
    azimuth_deg: float = 8.0,
    eye: tuple[float, float, float] = (0.3, 0.6, 3.4),
    lens: Lens = LENS,
) -> Mount:
    return Mount(lens, WIDTH, HEIGHT, np.array(eye), roll_deg, pitch_deg, azimuth_deg)


def rows(
    where: Mount,
    places: FloatArray,
    seed: int = 0,
    rate_hz: float = 60.0,
    from_s: float = 0.0,
    normal: FloatArray | None = None,
    still: bool = False,
) -> Rows:
    """The bar's marker at world points (n, 3), one picture each."""
    t_s = from_s + np.arange(len(places)) / rate_hz
    facing = world.facing(0.0, 0.0) if normal is None else normal
    return world.rows_of(where, np.random.default_rng(seed), t_s, places, facing, MARKER, still)


def lying(
    where: Mount, n: int = 60, seed: int = 0, at: tuple[float, float, float] = (0, 0, 0)
) -> Rows:
    return rows(where, np.tile(np.array(at, float), (n, 1)), seed, still=True)


def hanging(
    where: Mount,
    seed: int = 0,
    aside_m: float = 0.1,
    span_m: float = 0.7,
    lean: tuple[float, float] = (0.0, 0.0),
    places: int = 2,
) -> Rows:
    """A card that hangs still at some places of a string, and moves from one to the next."""
    line = world.vertical(*lean)
    heights = np.linspace(0.05, 0.05 + span_m, places)
    path = []
    for i, height in enumerate(heights):
        path += [height] * 60
        if i + 1 < places:
            path += list(np.linspace(height, heights[i + 1], 42)[1:-1])
    foot = np.array([aside_m, 0.0, 0.05])
    return rows(where, foot + np.array(path)[:, None] * line, seed)


def swinging(
    where: Mount,
    seed: int = 0,
    length_m: float = 0.8,
    angle_deg: float = 12.0,
    seconds: float = 8.0,
    lean: tuple[float, float] = (0.0, 0.0),
    heading_rad: float = 0.1,
    aside_m: float = 0.1,
) -> Rows:
    _, path = world.swinging(
        length_m, angle_deg * pi / 180.0, heading_rad, 0.02, world.vertical(*lean), seconds
    )
    return rows(where, np.array([aside_m, 0.1 + length_m, 0.05]) + path, seed)


def falling(where: Mount, seed: int = 0, g: float = world.G, seconds: float = 0.36) -> Rows:
    t = np.arange(int(60 * seconds)) / 60.0
    held = np.zeros(15)
    drop = np.concatenate([held, 0.5 * g * t * t])
    path = np.array([0.1, 0.8, 0.05]) - drop[:, None] * np.array([0.0, 1.0, 0.0])
    return rows(where, path, seed)


def rolling(where: Mount, seed: int = 0, way_m: float = 0.4, off_m: float = 0.0) -> Rows:
    way = np.linspace(0.0, way_m, 120)
    turn = way / 0.225
    path = np.stack(
        [way + off_m * np.sin(turn), off_m * (np.cos(turn) - 1.0), np.zeros_like(way)], axis=1
    )
    return rows(where, path, seed)


HERE = mount()


@cache
def evidence(seed: int = 0) -> Evidence:
    return seen_from(HERE, seed)


def seen_from(where: world.Mount, seed: int) -> Evidence:
    return Evidence(
        lens=LENS,
        width_px=WIDTH,
        height_px=HEIGHT,
        marker_diameter_m=0.08,
        plate_diameter_m=0.45,
        rests=(observe.rest(lying(where, seed=seed)),),
        plumbs=(observe.plumb(hanging(where, seed)),),
        swings=(observe.swing(swinging(where, seed)),),
        rolls=(observe.rolled(rolling(where, seed)),),
    )


@cache
def solution(seed: int = 0) -> Solution:
    return solve(evidence(seed))
