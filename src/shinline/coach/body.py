"""The lifter's stickers over a lift: where they were, how surely, and the angles between them.

All paths are PATH rows at the same times as the bar's. Through a calibrated view each sticker is at
its own depth (``placed``); without one the metres are those of the bar's plane, in which angles and
ratios hold and distances between a sticker and the bar do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import atan2, degrees, hypot
from typing import Final

import numpy as np

from shinline.geometry.middle import median
from shinline.types import NS_PER_S, FloatArray, Role, Rows

MAX_GAP_S: Final = 0.10
"""A sticker that was out of sight for longer within a window was not seen there."""

QUIET_S: Final = 0.2
QUIET_SEARCH_S: Final = 1.5
QUIET_MPS: Final = 0.05
LEAST_LENGTH_M: Final = 0.05


@dataclass(frozen=True, slots=True)
class Point:
    """A place, metres; ``sd_m`` of each coordinate, depth included where it was found by size.

    ``noise_m`` is what of that changes from one moment to the next.
    """

    x_m: float
    y_m: float
    sd_m: float
    noise_m: float = 0.0


Points = Mapping[Role, Point]


@dataclass(frozen=True, slots=True)
class Body:
    """What was seen of the lifter; a role that was never seen is not in ``paths``.

    ``rel_sd`` is how unsure a sticker's distance from the camera is, by its size in the picture:
    it moves the sticker along its ray, toward or away from ``axis_m``, where the lens is opposite.
    ``aside_sd_m`` is by how much all of them may be to the side of the bar, because it is not known
    well enough from where the camera looks.
    """

    paths: Mapping[Role, Rows] = field(default_factory=dict)
    placed: bool = False
    rel_sd: Mapping[Role, float] = field(default_factory=dict)
    axis_m: tuple[float, float] = (0.0, 0.0)
    aside_sd_m: float = 0.0

    def missing(self, roles: tuple[Role, ...], window: slice) -> str:
        """Name the first of some roles that was out of sight within a window; empty if none was."""
        for role in roles:
            rows = self.paths.get(role)
            if rows is None or longest_gap_s(rows[window]) > MAX_GAP_S:
                return f"the {name_of(role)} marker was out of sight"
        return ""

    def point(self, role: Role, window: slice) -> Point | None:
        """Return the mean place over the rows of a window in which a role was seen."""
        rows = self.paths.get(role)
        if rows is None:
            return None
        rows = rows[window][~rows[window]["coasting"]]
        if not len(rows):
            return None
        x_m, y_m = float(rows["x_m"].mean()), float(rows["y_m"].mean())
        return Point(x_m, y_m, self.sd_m(role, x_m, median(rows["sd_m"])))

    def points(self, window: slice) -> dict[Role, Point]:
        """Return the mean places of all roles seen in a window."""
        found = {role: self.point(role, window) for role in self.paths}
        return {role: point for role, point in found.items() if point is not None}

    def moved_sd_m(self, role: Role, window: slice) -> float:
        """Return how unsure it is how far a sticker went within a window, by its distance."""
        rows = self.paths[role][window]
        went_m = float(np.hypot(np.ptp(rows["x_m"]), np.ptp(rows["y_m"])))
        return self.rel_sd.get(role, 0.0) * went_m

    def sd_m(self, role: Role, x_m: float, noise_m: float) -> float:
        """Return how unsure a sticker's place along x is, its depth included."""
        return hypot(noise_m, self.rel_sd.get(role, 0.0) * (x_m - self.axis_m[0]))


def name_of(role: Role) -> str:
    """Return the role in words."""
    return role.name.lower().replace("_", "-")


def longest_gap_s(rows: Rows) -> float:
    """Return the longest time without a measurement in PATH rows, their ends included."""
    if len(rows) == 0:
        return float("inf")
    seen = rows["t_ns"][~rows["coasting"]]
    ends = np.concatenate(([rows["t_ns"][0]], seen, [rows["t_ns"][-1]]))
    return float(np.diff(ends).max()) / NS_PER_S


def quiet(body: Body, start: int) -> slice | None:
    """Find the last stretch of QUIET_S before row ``start`` in which hip and shoulder hold still.

    That is the set position. None when there was none within QUIET_SEARCH_S.
    """
    hip, shoulder = body.paths.get(Role.HIP), body.paths.get(Role.SHOULDER)
    if hip is None or shoulder is None:
        return None
    t = hip["t_ns"]
    fast = np.maximum(speed_mps(hip), speed_mps(shoulder))
    stop = min(start, len(t) - 1)
    for last in range(stop, -1, -1):
        if t[stop] - t[last] > QUIET_SEARCH_S * NS_PER_S:
            break
        first = int(np.searchsorted(t, t[last] - round(QUIET_S * NS_PER_S)))
        if t[last] - t[first] < 0.8 * QUIET_S * NS_PER_S:
            break
        if float(fast[first : last + 1].max()) < QUIET_MPS:
            return slice(first, last + 1)
    return None


def speed_mps(rows: Rows) -> FloatArray:
    """Return the speed (n,) of PATH rows."""
    speed: FloatArray = np.hypot(rows["vx_mps"], rows["vy_mps"])
    return speed


def trunk_deg(hip: Rows, shoulder: Rows) -> FloatArray:
    """Return the trunk's angle (n,) above the horizontal, for either facing."""
    across = np.abs(shoulder["x_m"] - hip["x_m"])
    angle: FloatArray = np.degrees(np.arctan2(shoulder["y_m"] - hip["y_m"], across))
    return angle


def trunk_of(hip: Point, shoulder: Point) -> float:
    """Return the trunk's angle above the horizontal, degrees."""
    return degrees(atan2(shoulder.y_m - hip.y_m, abs(shoulder.x_m - hip.x_m)))


def line_sd_deg(a: Point, b: Point) -> float:
    """Return how unsure the angle of the line between two places is, degrees."""
    length = max(hypot(b.x_m - a.x_m, b.y_m - a.y_m), LEAST_LENGTH_M)
    return degrees(atan2(hypot(a.sd_m, b.sd_m), length))


def behind_deg(lower: Point, upper: Point) -> float:
    """Return by how much a line leans behind the vertical, degrees; x is toward the toes."""
    return degrees(atan2(lower.x_m - upper.x_m, upper.y_m - lower.y_m))


def knee_deg(hip: Point, knee: Point, ankle: Point) -> float:
    """Return the angle at the knee, 180 for a straight leg."""
    thigh = (hip.x_m - knee.x_m, hip.y_m - knee.y_m)
    shank = (ankle.x_m - knee.x_m, ankle.y_m - knee.y_m)
    dot = thigh[0] * shank[0] + thigh[1] * shank[1]
    cross = thigh[0] * shank[1] - thigh[1] * shank[0]
    return degrees(atan2(abs(cross), dot))
