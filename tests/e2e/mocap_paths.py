"""Bar paths that were measured, as motions before a simulated camera, and their repetitions.

Like the recordings, the paths are not part of the project: ``../shared/mocap`` beside it, or the
folder that ``SHINLINE_MOCAP`` names. Repetitions are bounded and measured here by the published
definitions (docs/numbers.md), with SciPy and without the product's smoother, bounds or numbers.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.interpolate import Akima1DInterpolator, CubicHermiteSpline, CubicSpline, PPoly
from scipy.signal import butter, sosfiltfilt

from shinline.app.bench.lifts.motion import TrueRep
from shinline.config import Config, Marker
from shinline.engine import Engine
from shinline.types import DETECTION, FRAME, NS_PER_S, Event, FloatArray, Rep, RepEvent, Role

DEFAULT = Path(__file__).parents[2] / ".." / "shared" / "mocap"
MOCAP = Path(os.environ.get("SHINLINE_MOCAP") or DEFAULT)
STICKERS = ("plate-stickers-6-reps", "plate-stickers-3-reps")
POOR = "poor-tracker-6-reps"
VICON = "vicon-knots"

Curve = Callable[[FloatArray], FloatArray]
"""From instants (n,) to x, y and vy as rows (3, n)."""

CUTOFF_HZ = 6.0
TWICE = 0.802
"""Two passes of a second-order filter lower its cut-off to so much of it."""

EVEN_HZ = 120.0
DENSE_S = 0.0005
SLOW_MPS, RISEN_M, HIGH_SHARE = 0.03, 0.010, 0.90
FLOOR_SHARE = 0.25
"""Below so much of its greatest height a slow bar lies on the floor."""

STILL_S = 1.5
STOP_S = 0.3
"""A Vicon trial ends while its bar is held; so soon after the last knot it is at rest here."""

REST_S = 1.0  # in which every recording begins with a bar at rest
GAP_S = 0.05
"""Samples farther apart than this have one missing between them."""

RING = Config(marker=Marker(kind="ring", diameter_m=0.08, facing="right"))
R_PX = 20.0
M_PER_PX = 0.08 / (2.0 * R_PX)
NOISE_PX = 0.1


@dataclass(frozen=True)
class Measured:
    """A path with its true repetitions, in place of the benchmark's ``Motion`` before its cameras.

    ``curve`` returns x, y and vy as rows (3, n) at any instants; x toward the toes, the bar's
    rest at the origin. ``sway`` is how far the bar comes toward the camera at the top, in
    standard deviations of the camera's condition: no path here says anything of that direction.
    """

    name: str
    duration_s: float
    reps: tuple[TrueRep, ...]
    curve: Curve
    hidden: tuple[tuple[float, float], ...] = ()
    sway: float = 0.0
    nudged_s: float | None = None

    def at(self, t_s: FloatArray) -> FloatArray:
        x_m, y_m, vy_mps = self.curve(np.clip(t_s, 0.0, self.duration_s))
        up = np.clip(y_m / max(rep.rom_m for rep in self.reps), 0.0, 1.0)
        return np.stack([x_m, y_m, vy_mps, self.sway * up, np.zeros_like(up)])


def columns(name: str, folder: Path = MOCAP) -> dict[str, FloatArray]:
    """Return every column of a file by its name; what is not there is NaN."""
    lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    head, *body = [line.split(",") for line in lines if not line.startswith("#")]
    rows = np.array([[float(v or "nan") for v in line] for line in body])
    return dict(zip(head, rows.T, strict=True))


def table(name: str, folder: Path = MOCAP) -> FloatArray:
    """Return t_s, x_m and y_m of every sample that has them, (n, 3)."""
    named = columns(name, folder)
    rows = np.stack([named[n] for n in ("t", "x", "height")], axis=1)
    return np.asarray(rows[np.isfinite(rows).all(axis=1)])


def gym_set(name: str, folder: Path = MOCAP) -> Measured:
    """Return a set that was tracked in a gym; between its samples it is a local cubic.

    Where the tracker missed a sticker (when the plates strike, mostly) its circle is centimetres
    off: that is no bar path, and the bar counts as hidden.
    """
    named = columns(name, folder)
    whole = named["n_markers"] == named["n_markers"].max()
    t_s = named["t"][whole] - named["t"][0]
    place = np.stack([named["x"], named["height"]], axis=1)[whole]
    path = Akima1DInterpolator(t_s, place - np.median(place[t_s < REST_S], axis=0), method="makima")
    duration_s = float(t_s[-1])
    curve = _curve(path)
    wide = np.flatnonzero(np.diff(t_s) > GAP_S)
    hidden = tuple((float(t_s[i]) + 1e-6, float(t_s[i + 1])) for i in wide)
    reps = true_reps(filtered(curve, duration_s), duration_s)
    return Measured(name, duration_s, reps, curve, hidden)


def below_cutoff(raw: Measured) -> Measured:
    """Return the filtered path as a motion of its own, of which the truth is exact."""
    curve = filtered(raw.curve, raw.duration_s)
    return replace(raw, curve=curve, reps=true_reps(curve, raw.duration_s))


def filtered(curve: Curve, duration_s: float, cutoff_hz: float = CUTOFF_HZ) -> Curve:
    """Return a path after a zero-lag fourth-order Butterworth filter, as in validity studies."""
    t_s = np.arange(0.0, duration_s + 1.0 / EVEN_HZ, 1.0 / EVEN_HZ)
    sections = butter(2, cutoff_hz / TWICE, fs=EVEN_HZ, output="sos")
    place = sosfiltfilt(sections, curve(np.minimum(t_s, duration_s))[:2], axis=1)
    return _curve(CubicSpline(t_s, place.T))


def _curve(path: PPoly) -> Curve:
    """Return x, y and vy of a piecewise polynomial of x and y."""

    def curve(at_s: FloatArray) -> FloatArray:
        return np.stack([*path(at_s).T, path(at_s, 1)[:, 1]])

    return curve


def vicon_ends(folder: Path = MOCAP) -> list[Measured]:
    """Return both ends of the bar of each trial, exact as they are defined here.

    The file's times are seconds, heights and forward distances millimetres, each knot a pair of
    samples: its mean is the knot, its slope the speed there. Between knots runs a cubic Hermite
    curve. Where that would dig into the floor before lift-off, the bar lies until it can rise
    without.
    """
    trials = json.loads((folder / f"{VICON}.json").read_text(encoding="utf-8"))
    return [
        _vicon_end(f"{name}, {side}", trial["knots"], side)
        for name, trial in trials.items()
        if name != "note"
        for side in ("left", "right")
    ]


def _vicon_end(name: str, knots: list[dict[str, float]], side: str) -> Measured:
    names = ("t_s", f"{side}_end_forward_mm", f"{side}_end_height_mm")
    pairs = np.array([[knot[n] for n in names] for knot in knots]).reshape(-1, 2, 3)
    pairs[:, :, 1:] *= 1e-3
    mean, step = pairs.mean(axis=1), np.diff(pairs, axis=1)[:, 0]
    t_s, place, speed = mean[:, 0], mean[:, 1:] - mean[0, 1:], step[:, 1:] / step[:, :1]
    moving = int(np.argmax(speed[:, 1] > SLOW_MPS))
    speed[:moving] = 0.0
    rise_s = 3.0 * (place[moving, 1] - place[moving - 1, 1]) / speed[moving, 1]
    left_s, end_s = t_s[moving] - rise_s, t_s[-1] + STOP_S
    left = [place[moving, 0] - rise_s * speed[moving, 0], place[moving - 1, 1]]
    stop, still = place[-1] + speed[-1] * STOP_S / 3.0, [0.0, 0.0]
    t_s = np.r_[t_s[0] - STILL_S, t_s[:moving], left_s, t_s[moving:], end_s, end_s + STILL_S]
    place = np.vstack([place[0], place[:moving], left, place[moving:], stop, stop])
    slope = np.vstack(
        [still, speed[:moving], [speed[moving, 0], 0.0], speed[moving:], still, still]
    )
    path = CubicHermiteSpline(t_s - t_s[0], place, slope)
    curve, duration_s = _curve(path), float(t_s[-1] - t_s[0])
    return Measured(name, duration_s, true_reps(curve, duration_s), curve)


def true_reps(curve: Curve, duration_s: float) -> tuple[TrueRep, ...]:
    """Apply the published definitions; what rises above half the greatest height is a rep."""
    t_s = np.arange(0.0, duration_s, DENSE_S)
    x_m, y_m, vy_mps = curve(t_s)
    high = np.concatenate([[False], y_m > 0.5 * y_m.max(), [False]])
    ups, downs = (np.flatnonzero(np.diff(high.astype(int)) == sign) for sign in (1, -1))
    reps = []
    for since, up, down in zip([0, *downs[:-1]], ups, downs, strict=True):
        top = up + int(np.argmax(y_m[up:down]))
        before = y_m[since:up]
        lies = (np.abs(vy_mps[since:up]) < SLOW_MPS) & (before < FLOOR_SHARE * y_m[top])
        level_m = float(np.median(before[lies]))
        risen = since + int(np.flatnonzero(before <= level_m + RISEN_M)[-1])
        first = int(np.flatnonzero(vy_mps[: risen + 1] < SLOW_MPS)[-1])
        enough_m = y_m[first] + HIGH_SHARE * (y_m[top] - y_m[first])
        last = first + int(np.argmax((y_m >= enough_m)[first:] & (vy_mps < SLOW_MPS)[first:]))
        pull = slice(first, last + 1)
        rom_m, took_s = float(y_m[last] - y_m[first]), float(t_s[last] - t_s[first])
        side_m = x_m[pull] - x_m[first]
        reps.append(
            TrueRep(
                start_s=float(t_s[first]),
                lockout_s=float(t_s[last]),
                end_s=float(t_s[down - 1]),
                rom_m=rom_m,
                mean_velocity_mps=rom_m / took_s,
                peak_velocity_mps=float(vy_mps[pull].max()),
                drift_forward_m=float(side_m.max()),
                drift_backward_m=float(-side_m.min()),
            )
        )
    return tuple(reps)


def straight_reps(rows: FloatArray) -> list[Rep]:
    """Look at samples (n, 3) as they are, through a camera without distortion, and count."""
    random = np.random.default_rng(1)
    engine = Engine(RING, "m")
    events: list[Event] = []
    head, row = np.zeros(1, FRAME)[0], np.zeros(1, DETECTION)
    for t_s, x_m, y_m in rows:
        noise = NOISE_PX * random.normal(size=2)
        head["t_ns"] = row["t_ns"] = round(t_s * NS_PER_S)
        row["role"], row["r_px"], row["quality"] = Role.BAR, R_PX, 1.0
        row["x_px"] = 500.0 + x_m / M_PER_PX + noise[0]
        row["y_px"] = 800.0 - y_m / M_PER_PX + noise[1]
        row["var_x_px2"] = row["var_y_px2"] = NOISE_PX**2
        events += engine.advance(head, row)
    events += engine.finish()
    return [e.rep for e in events if isinstance(e, RepEvent) and e.rep is not None]
