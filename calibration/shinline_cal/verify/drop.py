"""A thing that falls: the quadratic of its path is gravity, in size and direction.

What falls freely accelerates at g straight down. The size of the measured acceleration over g is
the scale error (metres measured per metre), if the time base is right: a clock that runs fast by
e makes it 2e smaller. Its direction is the plumb line, and so the roll that is left.

Free fall is found by the path itself: a stretch whose short quadratic fits all have a vertical
acceleration near g. It is then grown sample by sample for as long as the next samples lie where
the fit says, and one sample is given back at either end, because a release or an impact within an
exposure shows in no residual.
"""

from dataclasses import dataclass, field
from math import atan2, degrees, hypot, pi, sqrt
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.verify.fit import Fit, Known, linear, spread
from shinline_cal.verify.gravity import STANDARD_MPS2
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.quantiles import chi_square_95
from shinline_cal.verify.tables import TableError

WINDOW_S: Final = 0.12
FEWEST: Final = 8
SHORTEST_S: Final = 0.15
TOLERANCE: Final = 0.25
"""A short fit within so much of g (and three of its standard deviations) may be free fall."""

GATE_SDS: Final = 4.0
AIR_KG_PER_M3: Final = 1.2
SPHERE_DRAG: Final = 0.5


@dataclass(frozen=True, slots=True)
class Fall:
    """One free fall: samples ``first`` to ``last`` of the path, and what was fitted to them."""

    first: int
    last: int
    t_s: FloatArray
    fit_x: Fit
    fit_y: Fit
    pull: Known
    """Size of the acceleration, m/s^2."""
    lean_deg: Known
    """Direction of the plumb line: positive leans to the right at its upper end."""
    height_m: float
    speed_mps: float
    """Greatest speed within the stretch."""


@dataclass(frozen=True, slots=True)
class Body:
    """What falls, for its drag in air; None for something heavy and compact."""

    mass_kg: float
    diameter_m: float

    @property
    def drag_per_m(self) -> float:
        """Deceleration over the square of the speed, 1/m, of a sphere."""
        area = pi * self.diameter_m**2 / 4.0
        return 0.5 * AIR_KG_PER_M3 * SPHERE_DRAG * area / self.mass_kg


@dataclass(frozen=True, slots=True)
class Drops:
    """All falls of a recording together.

    ``scale`` is measured over true length; its standard deviation holds the fits, the spread
    between falls and what is not known of g. ``dof`` are the degrees of freedom behind it.
    """

    falls: list[Fall]
    g: Known
    pull: Known
    scale: Known
    lean_deg: Known
    dof: float
    speed_rmse_mps: float | None = None
    speed_slope: Known | None = None
    drag_ratio: float = 0.0
    notes: list[str] = field(default_factory=list)


def measure(path: MarkerPath, g: Known, body: Body | None = None) -> Drops:
    """Find every free fall of a path and measure gravity in it.

    Raises
    ------
    TableError
        There is none; the message says what the path looks like instead.

    """
    falls = [_measured(path, run, body) for run in find_falls(path, g.value)]
    if not falls:
        raise TableError(_none_found(path, g.value))
    pull, dof = _together([fall.pull for fall in falls], [len(fall.t_s) - 3 for fall in falls])
    lean, _ = _together([fall.lean_deg for fall in falls], [len(fall.t_s) - 3 for fall in falls])
    rmse, slope = _published_speed(path, falls, g)
    peak = max(fall.speed_mps for fall in falls)
    return Drops(
        falls=falls,
        g=g,
        pull=pull,
        scale=pull.over(g),
        lean_deg=lean,
        dof=dof,
        speed_rmse_mps=rmse,
        speed_slope=slope,
        drag_ratio=0.0 if body is None else body.drag_per_m * peak**2 / g.value,
    )


def find_falls(path: MarkerPath, g_mps2: float) -> list[slice]:
    """Return the stretches of free fall, each as a slice of samples."""
    found: list[slice] = []
    for first, last in _free_runs(path, g_mps2):
        run = _grown(path, first, last)
        if found and run.start < found[-1].stop:
            continue
        if _is_fall(path, run, g_mps2):
            found.append(run)
    return found


def quadratic(t_s: FloatArray, values: FloatArray) -> Fit:
    """Fit position, speed and *half* the acceleration about the middle of (n,) samples."""
    t = t_s - t_s.mean()
    return linear(np.column_stack([np.ones_like(t), t, t * t]), values)


def _is_fall(path: MarkerPath, run: slice, g_mps2: float) -> bool:
    """Check a grown stretch: noise at rest can look like g for a moment, but not for longer."""
    if run.stop - run.start < FEWEST:
        return False
    if path.t_s[run.stop - 1] - path.t_s[run.start] < SHORTEST_S:
        return False
    pull = quadratic(path.t_s[run], path.y_m[run]).known(2).scaled(-2.0)
    return abs(pull.value - g_mps2) < TOLERANCE * g_mps2 and pull.sd < 0.1 * g_mps2


def _free_runs(path: MarkerPath, g_mps2: float) -> list[tuple[int, int]]:
    """Return (first, end) of neighbouring short windows whose own quadratics fall with about g.

    A window across a release or an impact does not, and so parts a fall from the bounce after it.
    """
    ends = np.searchsorted(path.t_s, path.t_s + WINDOW_S, "right")
    ends = np.minimum(np.maximum(ends, np.arange(path.t_s.size) + 6), path.t_s.size)
    free = [_falls_freely(path, i, int(end), g_mps2) for i, end in enumerate(ends)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(int)))
    return [(int(a), int(ends[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _falls_freely(path: MarkerPath, first: int, end: int, g_mps2: float) -> bool:
    if end - first < 6 or path.t_s[end - 1] - path.t_s[first] > 2.0 * WINDOW_S:
        return False
    half = quadratic(path.t_s[first:end], path.y_m[first:end]).known(2)
    allowed = TOLERANCE * g_mps2 + min(3.0 * 2.0 * half.sd, 0.5 * g_mps2)
    return abs(2.0 * half.value + g_mps2) < allowed


def _grown(path: MarkerPath, first: int, last: int) -> slice:
    """Shrink a run to its sure core, then let it grow while the samples obey the core's fit."""
    third = max(0, (last - first - FEWEST) // 3)
    a, b = first + third, last - third
    for _ in range(path.t_s.size):
        fit = quadratic(path.t_s[a:b], path.y_m[a:b])
        if abs(fit.values[2]) < 0.25 * STANDARD_MPS2:  # half of what a fall has: it is none
            return slice(a, a)
        scale = max(fit.sd, spread(fit.residuals), 1e-5)
        left = a > 0 and _obeys(path, a - 1, fit, a, b, scale)
        right = b < path.t_s.size and _obeys(path, b, fit, a, b, scale)
        if not left and not right:
            break
        a, b = a - left, b + right
    fit = quadratic(path.t_s[a:b], path.y_m[a:b])
    hidden_s = sqrt(2.0 * GATE_SDS * max(fit.sd, 1e-5) / STANDARD_MPS2)
    a = max(a + 1, int(np.searchsorted(path.t_s, path.t_s[a] + hidden_s)))
    return slice(a, max(a, b - 1))


def _obeys(path: MarkerPath, i: int, fit: Fit, a: int, b: int, sd_m: float) -> bool:
    """Tell whether sample ``i`` lies where the fit of samples a to b continues."""
    edge = a if i < a else b - 1
    if abs(path.t_s[i] - path.t_s[edge]) > WINDOW_S:
        return False
    t = path.t_s[i] - path.t_s[a:b].mean()
    row = np.array([1.0, t, t * t])
    away = abs(float(path.y_m[i] - row @ fit.values))
    return away < GATE_SDS * sqrt(sd_m**2 + float(row @ fit.covariance @ row))


def _measured(path: MarkerPath, run: slice, body: Body | None) -> Fall:
    t_s = path.t_s[run]
    y_m = path.y_m[run]
    if body is not None:
        y_m = y_m - _drag_rise(t_s, y_m, body.drag_per_m)
    fit_x, fit_y = quadratic(t_s, path.x_m[run]), quadratic(t_s, y_m)
    ax, ay = fit_x.known(2).scaled(2.0), fit_y.known(2).scaled(2.0)
    size = hypot(ax.value, ay.value)
    sd = hypot(ax.value * ax.sd, ay.value * ay.sd) / size
    lean = degrees(atan2(-ax.value, -ay.value))
    lean_sd = degrees(hypot(ay.value * ax.sd, ax.value * ay.sd) / size**2)
    t = t_s - t_s.mean()
    speeds = fit_y.values[1] + 2.0 * fit_y.values[2] * t
    return Fall(
        first=run.start,
        last=run.stop - 1,
        t_s=t_s,
        fit_x=fit_x,
        fit_y=fit_y,
        pull=Known(size, sd),
        lean_deg=Known(lean, lean_sd),
        height_m=float(y_m.max() - y_m.min()),
        speed_mps=float(np.abs(speeds).max()),
    )


def _drag_rise(t_s: FloatArray, y_m: FloatArray, drag_per_m: float) -> FloatArray:
    """Return by how much drag held the body up, m at each sample, by the speeds of a first fit."""
    fit = quadratic(t_s, y_m)
    t = t_s - t_s.mean()
    speed = fit.values[1] + 2.0 * fit.values[2] * t
    push = -drag_per_m * speed * np.abs(speed)
    return _integral(t_s, _integral(t_s, push))


def _integral(t_s: FloatArray, values: FloatArray) -> FloatArray:
    steps = 0.5 * (values[1:] + values[:-1]) * np.diff(t_s)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _together(each: list[Known], dofs: list[int]) -> tuple[Known, float]:
    """Combine falls: weighted by their own sd, widened when they differ by more than chance.

    The spread between two or three falls says little about itself, so it takes over, with its few
    degrees of freedom, only where chance would exceed it once in twenty times.
    """
    weights = np.array([1.0 / max(k.sd, 1e-12) ** 2 for k in each])
    values = np.array([k.value for k in each])
    mean = float((weights * values).sum() / weights.sum())
    sd, dof = 1.0 / sqrt(float(weights.sum())), float(sum(dofs))
    if len(each) > 1:
        squares, free = float((weights * (values - mean) ** 2).sum()), len(each) - 1
        if squares > chi_square_95(free):
            sd, dof = sd * sqrt(squares / free), float(free)
    return Known(mean, sd), dof


def _published_speed(
    path: MarkerPath, falls: list[Fall], g: Known
) -> tuple[float | None, Known | None]:
    """Compare the speed that the source published with free fall's own line of slope g."""
    if path.vy_mps is None:
        return None, None
    errors, slopes, dofs = [], [], []
    for fall in falls:
        t = fall.t_s - fall.t_s.mean()
        vy = path.vy_mps[fall.first : fall.last + 1]
        errors.append(vy - (fall.fit_y.values[1] - g.value * t))
        slopes.append(linear(np.column_stack([np.ones_like(t), t]), vy).known(1).scaled(-1.0))
        dofs.append(len(t) - 2)
    rmse = float(np.sqrt(np.concatenate(errors) @ np.concatenate(errors) / sum(map(len, errors))))
    return rmse, _together(slopes, dofs)[0].over(g)


def _none_found(path: MarkerPath, g_mps2: float) -> str:
    """Say how fast the fastest stretch falls that would be long enough."""
    ends = np.searchsorted(path.t_s, path.t_s + SHORTEST_S, "right")
    pulls = [
        -2.0 * float(quadratic(path.t_s[i:end], path.y_m[i:end]).values[2])
        for i, end in enumerate(np.maximum(ends, np.arange(path.t_s.size) + FEWEST).tolist())
        if end <= path.t_s.size and path.t_s[end - 1] - path.t_s[i] < 3 * SHORTEST_S
    ]
    return (
        f"{path.source}: no free fall of at least {SHORTEST_S} s found; expected a stretch that"
        f" falls steadily with {g_mps2:.1f} m/s2 (the fastest here: {max(pulls, default=0.0):.1f})."
        " Let go of it from 0.5 m or higher, with nothing touching it, all the way in the picture"
    )
