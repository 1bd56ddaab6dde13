"""A marker held still at two marks of a ruler: the distance between the rests is the scale.

Rests are found by themselves. Going to and fro several times shows how well it repeats; moves that
are not about as long as the stated distance are listed and left out.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import atan2, degrees, hypot, sqrt
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.verify.fit import Known, spread
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.tables import TableError

REST_S: Final = 0.6
WINDOW_S: Final = 0.3
SAME_PLACE: Final = 0.15
"""Rests nearer than so much of the distance are one place."""

LIKE: Final = 0.3
"""A move whose length is within so much of the distance is one between the two marks."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A stretch in which the marker lay still: samples, and its mean place."""

    first: int
    last: int
    x_m: float
    y_m: float
    sd_m: float


@dataclass(frozen=True, slots=True)
class Move:
    """From one rest to the next: length in metres, and its lean from the plumb line."""

    length_m: float
    lean_deg: float
    used: bool


@dataclass(frozen=True, slots=True)
class Ruled:
    """All moves between the two marks; ``scale`` is measured over true length."""

    rests: list[Rest]
    moves: list[Move]
    distance: Known
    measured: Known
    scale: Known
    lean_deg: Known
    level: bool
    """The move was more across than up: ``lean_deg`` is then its angle from level, up positive."""
    dof: float


def measure(path: MarkerPath, distance: Known) -> Ruled:
    """Find the rests and measure the moves between them.

    Raises
    ------
    TableError
        There are no two rests about so far apart; the message lists the moves that there are.

    """
    rests = find_rests(path, SAME_PLACE * distance.value)
    pairs = list(pairwise(rests))
    lengths = [hypot(b.x_m - a.x_m, b.y_m - a.y_m) for a, b in pairs]
    used = [abs(length / distance.value - 1.0) < LIKE for length in lengths]
    if not any(used):
        there = ", ".join(f"{1000 * length:.0f} mm" for length in lengths) or "none"
        raise TableError(
            f"{path.source}: expected a move of about {1000 * distance.value:.0f} mm between two"
            f" rests of at least {REST_S} s; moves found: {there}"
        )
    chosen = [pair for pair, use in zip(pairs, used, strict=True) if use]
    level = float(np.median([abs(b.x_m - a.x_m) > abs(b.y_m - a.y_m) for a, b in chosen])) > 0.5
    leans = np.array([_lean(a, b, level) for a, b in chosen])
    measured = _mean(np.array(lengths)[used], _rest_error(chosen))
    lean_floor = degrees(_rest_error(chosen) / distance.value)
    return Ruled(
        rests=rests,
        moves=[
            Move(length, _lean(a, b, level), use)
            for (a, b), length, use in zip(pairs, lengths, used, strict=True)
        ],
        distance=distance,
        measured=measured,
        scale=measured.over(distance),
        lean_deg=_mean(leans, lean_floor),
        level=level,
        dof=float(max(1, len(chosen) - 1)) if len(chosen) > 1 else 30.0,
    )


def find_rests(path: MarkerPath, apart_m: float) -> list[Rest]:
    """Return the stretches at rest; neighbours nearer than ``apart_m`` count as one."""
    rests: list[Rest] = []
    for first, last in _still(path):
        here = _rest(path, first, last)
        if rests and hypot(here.x_m - rests[-1].x_m, here.y_m - rests[-1].y_m) < apart_m:
            rests[-1] = _rest(path, rests[-1].first, last)
        else:
            rests.append(here)
    return rests


def _still(path: MarkerPath) -> list[tuple[int, int]]:
    """Mark samples whose surroundings move no more than the noise does."""
    n = path.t_s.size
    half = max(2, round(0.5 * WINDOW_S * path.rate_hz))
    noise = hypot(_noise(path.x_m), _noise(path.y_m))
    speeds = np.full(n, np.inf)
    for i in range(half, n - half):
        a, b = i - half, i + half
        before = path.x_m[a:i].mean(), path.y_m[a:i].mean()
        after = path.x_m[i:b].mean(), path.y_m[i:b].mean()
        speeds[i] = hypot(after[0] - before[0], after[1] - before[1])
    quiet = speeds < max(5.0 * noise * sqrt(2.0 / half), 0.002)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(int)))
    runs = [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in runs if path.t_s[b] - path.t_s[a] >= REST_S - WINDOW_S]


def _noise(values: FloatArray) -> float:
    """Noise of single samples from third differences, in which slow motion vanishes."""
    return spread(np.diff(values, n=3)) / sqrt(20.0)


def _rest(path: MarkerPath, first: int, last: int) -> Rest:
    x, y = path.x_m[first : last + 1], path.y_m[first : last + 1]
    return Rest(
        first, last, float(np.median(x)), float(np.median(y)), hypot(float(x.std()), float(y.std()))
    )


def _rest_error(pairs: list[tuple[Rest, Rest]]) -> float:
    """Return the standard deviation of one move in metres.

    Half of a rest's own spread stands for its slow wander, which no averaging removes.
    """
    return float(np.mean([hypot(a.sd_m, b.sd_m) for a, b in pairs])) / 2.0


def _mean(values: FloatArray, floor_sd: float) -> Known:
    """Mean of the moves; its sd from their spread, not below what the rests themselves allow."""
    n = values.size
    own = float(values.std(ddof=1)) if n > 1 else 0.0
    return Known(float(values.mean()), max(own, floor_sd) / sqrt(n))


def _lean(a: Rest, b: Rest, level: bool) -> float:
    right, up = b.x_m - a.x_m, b.y_m - a.y_m
    if level:
        return degrees(atan2(up if right > 0 else -up, abs(right)))
    return degrees(atan2(right if up > 0 else -right, abs(up)))
