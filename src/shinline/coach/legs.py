"""The legs behind the plate: a frozen ankle, learnt lengths, and the knee between them.

The plate hides ankle and knee for much of a pull. The foot does not move in it, so the ankle is
where it is seen with the bar high; the knee is where the two circles around ankle and hip meet, on
the side of the toes. Learnt anew from each repetition, in the plane of the lifter's side.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot
from typing import Final

import numpy as np

from shinline.coach.body import Body, Point, Points
from shinline.geometry.middle import median
from shinline.types import FloatArray, Role, Rows

LEAST_ROWS: Final = 8
MOMENTS: Final = 50
LEAST_MOMENTS: Final = 3
LENGTH_SD_M: Final = 0.004
"""Of a segment between two stickers: skin moves, and the leg turns a little out of the plane."""

TRUNK_SD_M: Final = 0.003
WORST: Final = 0.9
"""The share of the misfits that counts: a shape that changes does so at one end of the lift."""

HIP_LINE_SD_M: Final = 0.035
"""A knee that is not quite straight is off the line from ankle to hip by half of that."""

UNFIT: Final = 0.02
"""Shank and thigh that make a leg longer or shorter than it is by so much were not seen well."""

BENT: Final = 0.01
"""A leg that is shorter by so much than it was once is not straight."""

STRAIGHT_SD: Final = 0.007
"""Of both segments together, by where the hip must be of a lifter who stands upright."""

SHANK_SHARE: Final = 0.501
"""Shank of both segments (Drillis and Contini: 0.246 and 0.245 of the stature) ..."""

SHARE_SD: Final = 0.015
"""... and by how much people differ in that."""

SHAFT_M: Final = 0.014
SHIN_M: Final = 0.045
"""From the line ankle-knee to the front of the shin. It is taken as this for everybody."""


@dataclass(frozen=True, slots=True)
class Legs:
    """What is known of a lifter's legs; None where it is not.

    ``reach_m``: distance of ankle and hip with legs straight. ``standing``: ankle and knee, or
    ankle and hip, of the lifter standing with the bar, legs straight.
    """

    shank_m: float | None = None
    thigh_m: float | None = None
    reach_m: float | None = None
    ankle: Point | None = None
    standing: tuple[Point, Point] | None = None


class Lengths:
    """Learn the lengths of shank and thigh from moments in which both ends are seen."""

    def __init__(self) -> None:
        self._shank_m: deque[float] = deque(maxlen=MOMENTS)
        self._thigh_m: deque[float] = deque(maxlen=MOMENTS)

    def forget(self) -> None:
        """Somebody else lifts."""
        self._shank_m.clear()
        self._thigh_m.clear()

    def look(self, points: Points) -> None:
        """Take in the places of one moment, each at its own depth."""
        knee = points.get(Role.KNEE)
        if knee is None:
            return
        for lengths, role in ((self._shank_m, Role.ANKLE), (self._thigh_m, Role.HIP)):
            other = points.get(role)
            if other is not None:
                lengths.append(hypot(other.x_m - knee.x_m, other.y_m - knee.y_m))

    def complete(self, legs: Legs) -> Legs:
        """Return the legs with the lengths that are not known of them."""
        return replace(
            legs,
            shank_m=legs.shank_m or _middle(self._shank_m),
            thigh_m=legs.thigh_m or _middle(self._thigh_m),
        )


def _middle(lengths: deque[float]) -> float | None:
    return median(lengths) if len(lengths) >= LEAST_MOMENTS else None


def learn(body: Body, standing: slice, before: Legs) -> Legs:
    """Learn from a lift whose rows ``standing`` are those with the bar at the top.

    What was not seen stays as it was ``before``, but for the place of the foot, which may have
    moved meanwhile.
    """
    whole = slice(None)
    ankle, knee = body.point(Role.ANKLE, standing), body.point(Role.KNEE, standing)
    reach_m = _reach_m(body, standing, ankle)
    longest_m = max(reach_m or 0.0, before.reach_m or 0.0) or None
    straight = reach_m is None or longest_m is None or reach_m > (1.0 - BENT) * longest_m
    upper = knee or _standing_hip(body, standing)
    seen = None if ankle is None or upper is None else (ankle, upper)
    return Legs(
        shank_m=_shank_m(body, ankle) or before.shank_m,
        thigh_m=_length_m(body, Role.KNEE, Role.HIP, whole) or before.thigh_m,
        reach_m=longest_m,
        ankle=ankle,
        standing=seen if straight else before.standing,
    )


def _standing_hip(body: Body, standing: slice) -> Point | None:
    """Return the hip of a lifter who stands: a straight leg has its knee on the line to it."""
    hip = body.paths.get(Role.HIP)
    if hip is None:
        return None
    x, y, _ = hip_over(body, standing, len(hip[standing]))
    known = np.isfinite(x)
    if not known.any():
        return None
    return Point(float(x[known].mean()), float(y[known].mean()), HIP_LINE_SD_M)


def _length_m(body: Body, a: Role, b: Role, window: slice) -> float | None:
    one, other = body.paths.get(a), body.paths.get(b)
    if one is None or other is None:
        return None
    both = ~one["coasting"][window] & ~other["coasting"][window]
    if int(both.sum()) < LEAST_ROWS:
        return None
    apart = np.hypot(one["x_m"] - other["x_m"], one["y_m"] - other["y_m"])[window][both]
    return median(apart)


def _shank_m(body: Body, ankle: Point | None) -> float | None:
    """Return how far the knee is from the ankle, which stays, wherever the knee is seen."""
    knee = body.paths.get(Role.KNEE)
    if knee is None or ankle is None:
        return None
    seen = knee[~knee["coasting"]]
    if len(seen) < LEAST_ROWS:
        return None
    return median(np.hypot(seen["x_m"] - ankle.x_m, seen["y_m"] - ankle.y_m))


def _reach_m(body: Body, standing: slice, ankle: Point | None) -> float | None:
    """Return the length of the straight leg: the hip, which is hidden, is below the shoulder.

    Upright within 10 degrees: the hip is lower by 1 % of the trunk at the most, and what it is to
    the side hardly changes its distance from the ankle.
    """
    trunk_m = _length_m(body, Role.HIP, Role.SHOULDER, slice(None))
    shoulder = body.point(Role.SHOULDER, standing)
    if trunk_m is None or shoulder is None or ankle is None:
        return None
    return hypot(shoulder.x_m - ankle.x_m, shoulder.y_m - trunk_m - ankle.y_m)


@dataclass(frozen=True, slots=True)
class Segments:
    """Shank and thigh, m, and the ways in which both may be off by a standard deviation."""

    shank_m: float
    thigh_m: float
    ways: tuple[tuple[float, float], ...]


def segments(legs: Legs) -> Segments | None:
    """Return the lengths as far as they are known, or follow from a straight leg."""
    both_m, shank_m, thigh_m = legs.reach_m, legs.shank_m, legs.thigh_m
    if shank_m is not None and thigh_m is not None:
        fits = both_m is None or abs(shank_m + thigh_m - both_m) < UNFIT * both_m
        if fits:
            sds = ((LENGTH_SD_M, 0.0), (0.0, LENGTH_SD_M))
            return Segments(shank_m, thigh_m, sds)
    if both_m is None:
        return None
    both_sd_m = STRAIGHT_SD * both_m
    if legs.shank_m is not None:
        sds = ((LENGTH_SD_M, -LENGTH_SD_M), (0.0, both_sd_m))
        return Segments(legs.shank_m, both_m - legs.shank_m, sds)
    split_m = SHARE_SD * both_m
    sds = ((split_m, -split_m), (0.5 * both_sd_m, 0.5 * both_sd_m))
    return Segments(SHANK_SHARE * both_m, (1.0 - SHANK_SHARE) * both_m, sds)


def gap_at(line: tuple[Point, Point], x_m: float, y_m: float) -> float:
    """Return the gap from the shin's front to the bar's shaft, m; negative: the shin is in it."""
    low, high = line
    share = (y_m - low.y_m) / (high.y_m - low.y_m)
    return x_m - SHAFT_M - (low.x_m + share * (high.x_m - low.x_m) + SHIN_M)


@dataclass(frozen=True, slots=True)
class Leg:
    """The leg over n rows: knee and hip (n,), NaN where they are not known.

    ``hip_sd_m`` is how well a hidden hip is where the rest of the trunk has it.
    """

    knee_x_m: FloatArray
    knee_y_m: FloatArray
    hip_x_m: FloatArray
    hip_y_m: FloatArray
    hip_sd_m: float
    ankle: Point

    def gap_m(self, bar: Rows) -> tuple[FloatArray, FloatArray]:
        """Return the horizontal distance (n,) from the leg's line to the bar: shank, thigh.

        Each is NaN where the bar is not at that height.
        """
        x, y, a = bar["x_m"], bar["y_m"], self.ankle
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (y - a.y_m) / (self.knee_y_m - a.y_m)
            shank = x - (a.x_m + share * (self.knee_x_m - a.x_m))
            share = (y - self.knee_y_m) / (self.hip_y_m - self.knee_y_m)
            thigh = x - (self.knee_x_m + share * (self.hip_x_m - self.knee_x_m))
            low = y < self.knee_y_m
        known = np.isfinite(self.knee_x_m)
        return np.where(low & known, shank, np.nan), np.where(~low & known, thigh, np.nan)


Solve = Callable[[Point, Segments | None], Leg]


def solver(body: Body, window: slice) -> Solve:
    """Return what finds the leg over a window for given lengths and ankle."""
    knee = body.paths.get(Role.KNEE)

    def solve(ankle: Point, lengths: Segments | None) -> Leg:
        count = len(range(*window.indices(len(next(iter(body.paths.values()))))))
        hip_x, hip_y, hip_sd_m = hip_over(body, window, count)
        knee_x, knee_y = _seen(knee, window, count)
        if lengths is not None:
            hidden = np.isnan(knee_x)
            x, y = _meet(ankle, lengths.shank_m, hip_x, hip_y, lengths.thigh_m)
            knee_x, knee_y = np.where(hidden, x, knee_x), np.where(hidden, y, knee_y)
        return Leg(knee_x, knee_y, hip_x, hip_y, hip_sd_m, ankle)

    return solve


def hip_over(body: Body, window: slice, count: int) -> tuple[FloatArray, FloatArray, float]:
    """Return where the hip is over a window (count,), NaN where it is not known, and how surely.

    Where it is hidden it is where the rest of the trunk has it, which moves as one: how the hip
    lies to the line from another place of the trunk to the shoulder is learnt where all are seen.
    A trunk that changes its shape does not, and shows it where all are seen.
    """
    hip, shoulder = body.paths.get(Role.HIP), body.paths.get(Role.SHOULDER)
    x, y = _seen(hip, window, count)
    if hip is None or shoulder is None:
        return x, y, TRUNK_SD_M
    sd_m = TRUNK_SD_M
    for role in (Role.MID_BACK, Role.CREST):
        other = body.paths.get(role)
        if other is None:
            continue
        all_seen = ~hip["coasting"] & ~shoulder["coasting"] & ~other["coasting"]
        if int(all_seen.sum()) < LEAST_ROWS:
            continue
        along, across = _frame(other, shoulder)
        dx, dy = hip["x_m"] - other["x_m"], hip["y_m"] - other["y_m"]
        u = median((dx * along + dy * across)[all_seen])
        v = median((dy * along - dx * across)[all_seen])
        there = np.isnan(x) & ~(other["coasting"] | shoulder["coasting"])[window]
        off_m = np.hypot(dx - (u * along - v * across), dy - (u * across + v * along))[all_seen]
        along, across = along[window], across[window]
        x = np.where(there, other["x_m"][window] + u * along - v * across, x)
        y = np.where(there, other["y_m"][window] + u * across + v * along, y)
        if there.any():
            sd_m = max(sd_m, float(np.quantile(off_m, WORST)))
    return x, y, sd_m


def _frame(low: Rows, high: Rows) -> tuple[FloatArray, FloatArray]:
    """Return the unit vector (n,) from one path to another, its x and y."""
    dx, dy = high["x_m"] - low["x_m"], high["y_m"] - low["y_m"]
    length = np.maximum(np.hypot(dx, dy), 1e-6)
    return dx / length, dy / length


def _seen(rows: Rows | None, window: slice, count: int) -> tuple[FloatArray, FloatArray]:
    if rows is None:
        return np.full(count, np.nan), np.full(count, np.nan)
    hidden = rows["coasting"][window]
    return (
        np.where(hidden, np.nan, rows["x_m"][window]),
        np.where(hidden, np.nan, rows["y_m"][window]),
    )


def _meet(
    ankle: Point, shank_m: float, hip_x: FloatArray, hip_y: FloatArray, thigh_m: float
) -> tuple[FloatArray, FloatArray]:
    """Return where the circles round ankle and hip meet, on the side of the toes (n,).

    A leg that is longer than both segments is straight.
    """
    dx, dy = hip_x - ankle.x_m, hip_y - ankle.y_m
    apart = np.maximum(np.hypot(dx, dy), 1e-6)
    along = (apart**2 + shank_m**2 - thigh_m**2) / (2.0 * apart)
    along = np.clip(along, -shank_m, shank_m)
    across = np.sqrt(np.maximum(shank_m**2 - along**2, 0.0))
    ux, uy = dx / apart, dy / apart
    return ankle.x_m + along * ux + across * uy, ankle.y_m + along * uy - across * ux


def ways_off(ankle: Point, lengths: Segments | None) -> list[tuple[Point, Segments | None]]:
    """Return ankle and lengths as they would be if one thing were off by a standard deviation."""
    sd_y = min(ankle.sd_m, LENGTH_SD_M)
    off: list[tuple[Point, Segments | None]] = [
        (replace(ankle, x_m=ankle.x_m + ankle.sd_m), lengths),
        (replace(ankle, y_m=ankle.y_m + sd_y), lengths),
    ]
    if lengths is not None:
        off += [
            (ankle, replace(lengths, shank_m=lengths.shank_m + a, thigh_m=lengths.thigh_m + b))
            for a, b in lengths.ways
        ]
    return off


def gap_sd_m(line: tuple[Point, Point], y_m: float) -> float:
    """Return how unsure :func:`gap_at` is by the two stickers."""
    low, high = line
    share = (y_m - low.y_m) / (high.y_m - low.y_m)
    return hypot((1.0 - share) * low.sd_m, share * high.sd_m)
