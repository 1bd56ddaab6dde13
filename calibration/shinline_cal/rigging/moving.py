"""Markers that move as nobody moves them: on a string, or in the air."""

from itertools import pairwise
from math import degrees, hypot, pi, sqrt
from typing import Final

import numpy as np

from shinline.config import Marker
from shinline.types import NS_PER_S, BoolArray, FloatArray, Rows
from shinline_cal.rigging.evidence import Fall, ObservationError, Swing, say
from shinline_cal.rigging.optics import mean_radius
from shinline_cal.rigging.pendulum import GRAVITY_MPS2
from shinline_cal.rigging.still import faces_camera, size_rel_sd, sound
from shinline_cal.verify.fit import chain_factor

LEAST_PERIODS: Final = 2.0
SMALLEST_DEG: Final = 4.0
LARGEST_DEG: Final = 35.0
EVEN: Final = 0.08
"""Half periods of one free swing agree within so much."""

GROWS: Final = 1.04
FADES: Final = 0.75
"""Each turn of a free swing is no wider than so many times the one before, and no narrower."""

MOST_SIGHTINGS: Final = 64
STRAY: Final = 0.06
"""Of the amplitude: a path that strays so far from a pendulum's is none."""

FALL_WINDOW_S: Final = 0.10
FALL_LEAST_S: Final = 0.15
FALL_FEWEST: Final = 6
FALL_RANGE: Final = (0.5, 1.7)
"""Of gravity, by the marker's size: markers whose size is wrong fall as well."""

NOISE_PX: Final = 0.01
_MARKER_M: Final = Marker().diameter_m


def swing(rows: Rows, diameter_m: float = _MARKER_M) -> Swing:
    """Find the longest free swing of a marker on a string: DETECTION rows of one marker.

    Whether its period fits its length is found out later, in space: see :mod:`.checks`.

    Raises
    ------
    ObservationError
        There is none, it is too short, too wide or too narrow.

    """
    rows = sound(rows, "calibrate.what_swinging")
    faces_camera(rows)
    t = (rows["t_ns"] - rows["t_ns"][0]) / NS_PER_S
    side = _along(rows)
    first, last, period = _free_swing(t, side)
    rows, t = rows[first:last], t[first:last] - t[first]
    if t[-1] < LEAST_PERIODS * period:
        raise ObservationError(
            say("swing_short", n=f"{t[-1] / period:.1f}", least=f"{LEAST_PERIODS:g}"), SWING_ADVICE
        )
    amplitude_px = 0.5 * float(np.ptp(side[first:last]))
    radius = float(np.median(rows["r_px"]))
    length_m = GRAVITY_MPS2 * (period / (2.0 * pi)) ** 2
    angle = degrees(amplitude_px * diameter_m / (2.0 * radius) / length_m)
    if not SMALLEST_DEG <= angle <= LARGEST_DEG:
        raise ObservationError(
            say(
                "swing_angle",
                deg=f"{angle:.0f}",
                least=f"{SMALLEST_DEG:g}",
                most=f"{LARGEST_DEG:g}",
            ),
            SWING_ADVICE,
        )
    off = [_left_over(t, rows[name], 2.0 * pi / period) for name in ("x_px", "y_px")]
    rms = [float(np.sqrt((o * o).mean() * chain_factor(o))) for o in off]
    if max(rms) > STRAY * amplitude_px:
        raise ObservationError(
            say("swing_strays", percent=f"{100 * max(rms) / amplitude_px:.0f}"), SWING_ADVICE
        )
    step = max(1, -(-len(rows) // MOST_SIGHTINGS))
    size = mean_radius(rows["r_px"], rows["axis_ratio"])
    r_off = _left_over(t, size, 2.0 * pi / period)
    return Swing(
        t_s=t[::step].copy(),
        x_px=rows["x_px"][::step].copy(),
        y_px=rows["y_px"][::step].copy(),
        r_px=size[::step].copy(),
        sd_px=hypot(NOISE_PX, sqrt(0.5 * (rms[0] ** 2 + rms[1] ** 2))),
        r_rel_sd=max(3e-4, float(np.sqrt((r_off * r_off).mean() * chain_factor(r_off))) / radius),
        mean_rel_sd=size_rel_sd(radius),
        axis_ratio=float(np.median(rows["axis_ratio"])),
        period_s=period,
        amplitude_px=amplitude_px,
    )


SWING_ADVICE: Final = say("swing_advice")


def _along(rows: Rows) -> FloatArray:
    """Return the way along the swing's own direction, about its middle."""
    places = np.column_stack([rows["x_px"], rows["y_px"]])
    places = places - np.median(places, axis=0)
    _, _, axes = np.linalg.svd(places, full_matrices=False)
    side = places @ axes[0]
    return np.asarray(side - 0.5 * (np.percentile(side, 2) + np.percentile(side, 98)))


def _free_swing(t: FloatArray, side: FloatArray) -> tuple[int, int, float]:
    """Return the longest run of even half periods: first sample, end, period."""
    size = float(np.percentile(np.abs(side), 95))
    crossings = _crossings(side, 0.2 * size)
    turns = np.array([np.abs(side[a:b]).max() for a, b in pairwise(crossings)])
    at = np.array([_when(t, side, i) for i in crossings])
    halves = np.diff(at)
    best, start = (0, 0), 0
    for i in range(1, halves.size + 1):
        even = i < halves.size and _goes_on(halves, turns, start, i)
        if not even:
            if i - start > best[1] - best[0]:
                best = (start, i)
            start = i
    first, last = best
    if last - first < 2:
        raise ObservationError(say("swing_none"), SWING_ADVICE)
    period = 2.0 * float(at[last] - at[first]) / (last - first)
    return int(crossings[first]), int(crossings[last]), period


def _goes_on(halves: FloatArray, turns: FloatArray, start: int, i: int) -> bool:
    usual = float(np.median(halves[start:i]))
    return bool(abs(halves[i] / usual - 1.0) < EVEN and FADES < turns[i] / turns[i - 1] < GROWS)


def _crossings(side: FloatArray, least: float) -> list[int]:
    """Return the samples after which it has passed the middle, having been ``least`` to a side."""
    found, was, crossed = [], 0, 0
    for i, value in enumerate(side):
        if i and side[i - 1] * value <= 0.0:
            crossed = i
        now = int(np.sign(value)) if abs(value) > least else 0
        if now and was and now != was:
            found.append(crossed)
        was = now or was
    return found


def _when(t: FloatArray, side: FloatArray, i: int) -> float:
    """Return when it passed the middle before sample ``i``, between two samples."""
    before, after = float(side[i - 1]), float(side[i])
    share = before / (before - after) if before != after else 0.5
    return float(t[i - 1] + share * (t[i] - t[i - 1]))


def _left_over(t: FloatArray, values: FloatArray, rate: float) -> FloatArray:
    """Return what three harmonics that slowly fade and shift leave of a signal."""
    slow = t / t[-1] - 0.5
    columns = [np.ones_like(t), slow]
    for k in (1, 2, 3):
        for wave in (np.cos(k * rate * t), np.sin(k * rate * t)):
            columns += [wave, wave * slow, wave * slow * slow]
    design = np.column_stack(columns)
    return np.asarray(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])


def fall(rows: Rows, diameter_m: float = _MARKER_M) -> Fall:
    """Find the longest free fall of a marker: DETECTION rows of one marker.

    Raises
    ------
    ObservationError
        There is none, or it is too short.

    """
    rows = rows[np.argsort(rows["t_ns"], kind="stable")]
    if len(rows) < FALL_FEWEST:
        raise ObservationError(say("fall_few", n=f"{len(rows)}", least=f"{FALL_FEWEST}"))
    sound(np.resize(rows, max(len(rows), 64)), "calibrate.what_falling")
    t = (rows["t_ns"] - rows["t_ns"][0]) / NS_PER_S
    by_m = diameter_m / (2.0 * float(np.median(rows["r_px"])))
    pulls = _pulls(t, rows["x_px"] * by_m, rows["y_px"] * by_m)
    low, high = (share * GRAVITY_MPS2 for share in FALL_RANGE)
    first, last = _longest((pulls > low) & (pulls < high), t)
    inner = slice(first + 1, max(first + 1, last - 1))
    rows, t = rows[inner], t[inner]
    if len(rows) < FALL_FEWEST or t[-1] - t[0] < FALL_LEAST_S:
        fastest = float(np.nanmax(pulls, initial=0.0))
        raise ObservationError(
            say("fall_none", s=f"{FALL_LEAST_S}", g=f"{GRAVITY_MPS2:.1f}", most=f"{fastest:.1f}"),
            say("fall_advice"),
        )
    t = t - t[0]
    off = [rows[n] - np.polyval(np.polyfit(t, rows[n], 2), t) for n in ("x_px", "y_px")]
    freedom = len(t) / (len(t) - 3.0)
    rms = sqrt(0.5 * freedom * float((off[0] ** 2).mean() + (off[1] ** 2).mean()))
    size = mean_radius(rows["r_px"], rows["axis_ratio"])
    r_off = size / np.polyval(np.polyfit(t, size, 1), t) - 1.0
    return Fall(
        t_s=t,
        x_px=rows["x_px"].copy(),
        y_px=rows["y_px"].copy(),
        r_px=size,
        sd_px=hypot(2.0 * NOISE_PX, rms),
        r_rel_sd=hypot(0.001, float(r_off.std())),
        mean_rel_sd=size_rel_sd(float(np.median(rows["r_px"]))),
        axis_ratio=float(np.median(rows["axis_ratio"])),
    )


def _pulls(t: FloatArray, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
    """Return the size of the acceleration about each sample, m/s2; NaN where it cannot be told."""
    found = np.full(t.size, np.nan)
    window_s = max(FALL_WINDOW_S, 4.5 * float(np.median(np.diff(t))))  # five pictures, if slow
    for i in range(t.size):
        near = np.flatnonzero(np.abs(t - t[i]) <= 0.5 * window_s)
        if near.size >= 5 and np.ptp(t[near]) >= 0.6 * window_s:
            ax, ay = (2.0 * np.polyfit(t[near] - t[i], v[near], 2)[0] for v in (x_m, y_m))
            found[i] = hypot(ax, ay)
    return found


def _longest(good: BoolArray, t: FloatArray) -> tuple[int, int]:
    """Return the longest run of True, first and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(int), [0]])))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    if not runs:
        return 0, 0
    first, last = max(runs, key=lambda run: t[run[1] - 1] - t[run[0]])
    return int(first), int(last)
