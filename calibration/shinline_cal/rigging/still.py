"""Markers that keep still: the bar on the floor, and a marker that hangs on a string."""

from math import hypot, sqrt
from typing import Final

import numpy as np

from shinline.config import Marker
from shinline.types import NS_PER_S, FloatArray, Rows
from shinline_cal.rigging.evidence import ObservationError, Place, Plumb, Rest, say
from shinline_cal.verify.fit import chain_factor

FEWEST: Final = 15
LEAST_S: Final = 0.5
STILL: Final = 0.06
"""Of the marker's radius: 2.4 mm of an 80-mm marker."""

OTHER: Final = 0.8
"""What is seen so many radii off is another marker."""

LEAST_RATIO: Final = 0.8
"""A card turned by 37 degrees."""

LEAST_SPAN_M: Final = 0.25
MEDIAN_SD: Final = 1.25
PLACE_SD_PX: Final = 0.02
"""What paper, light and the lens's own shape do to a centre from one place to another."""

SIZE_REL_SD: Final = 0.0004
SMALL_PX: Final = 0.5
"""... and to a size; it grows as the marker gets small: 0.13 % at 20 px of diameter. Measured on
the benchmark's pictures."""

_NAMES: Final = ("x_px", "y_px", "r_px", "axis_ratio", "contrast")
_MARKER_M: Final = Marker().diameter_m


def sound(rows: Rows, what: str) -> Rows:
    """Return the rows in order of time; ``what`` is the key of the marker's name.

    Raises
    ------
    ObservationError
        There are too few, or they hold what is no number.

    """
    if len(rows) < FEWEST:
        raise ObservationError(say("too_few", what=(what,), n=f"{len(rows)}", least=f"{FEWEST}"))
    for name in _NAMES:
        if not np.isfinite(rows[name]).all():
            raise ObservationError(say("no_number", what=(what,), name=name))
    if not (rows["r_px"] > 0.0).all():
        raise ObservationError(say("no_radius", what=(what,)))
    return rows[np.argsort(rows["t_ns"], kind="stable")]


def rest(rows: Rows) -> Rest:
    """Look at the bar that lies still: DETECTION rows of one marker.

    Raises
    ------
    ObservationError
        Too few, not still, two of them, or no numbers.

    """
    rows = sound(rows, "calibrate.what_bar")
    seconds = float(np.ptp(rows["t_ns"])) / NS_PER_S
    if seconds < LEAST_S:
        raise ObservationError(say("bar_short", s=f"{seconds:.1f}", least=f"{LEAST_S}"))
    only_one(rows)
    radius = float(np.median(rows["r_px"]))
    off = _off(rows) / radius
    share = float((off > STILL).mean())
    if share > 0.05 or _crept(rows) > STILL:
        raise ObservationError(say("bar_moves", percent=f"{100 * share:.0f}", share=f"{STILL:g}"))
    return place(rows[off <= STILL])


def faces_camera(rows: Rows) -> None:
    """Raise ObservationError for a card that is turned so far that its size says little."""
    ratio = float(np.median(rows["axis_ratio"]))
    if ratio < LEAST_RATIO:
        raise ObservationError(
            say("turned_away", percent=f"{100 * ratio:.0f}", least=f"{100 * LEAST_RATIO:.0f}")
        )


def place(rows: Rows) -> Place:
    """Return where a marker is that keeps still, by medians; the sds hold systematic parts too."""
    radius = float(np.median(rows["r_px"]))
    x_sd, y_sd, r_sd, q_sd = (_median_sd(rows[n]) for n in ("x_px", "y_px", "r_px", "axis_ratio"))
    return Place(
        x_px=float(np.median(rows["x_px"])),
        y_px=float(np.median(rows["y_px"])),
        sd_px=sqrt(0.5 * (x_sd**2 + y_sd**2) + PLACE_SD_PX**2),
        r_px=radius,
        r_rel_sd=hypot(r_sd / radius, size_rel_sd(radius)),
        axis_ratio=float(np.median(rows["axis_ratio"])),
        ratio_sd=q_sd,
        contrast=float(np.median(rows["contrast"])),
        seen=len(rows),
        from_ns=int(rows["t_ns"][0]),
        to_ns=int(rows["t_ns"][-1]),
    )


def size_rel_sd(r_px: float) -> float:
    """Return what noise does not show of a size's uncertainty."""
    return hypot(SIZE_REL_SD, SMALL_PX / (2.0 * r_px) ** 2)


def plumb(rows: Rows, diameter_m: float = _MARKER_M) -> Plumb:
    """Find where a marker on a string hung still: DETECTION rows of a role, one marker or two.

    Raises
    ------
    ObservationError
        It hung at one place only, the places are too near each other, or it never hung still.

    """
    rows = sound(rows, "calibrate.what_hung")
    radius = float(np.median(rows["r_px"]))
    parts = _still_parts(rows, radius)
    for part in parts:
        faces_camera(part)
    places = [place(part) for part in parts]
    apart = _different(places, radius)
    if not apart:
        raise ObservationError(say("never_still"))
    if len(apart) < 2:
        raise ObservationError(say("one_place"))
    span = max(hypot(a.x_px - b.x_px, a.y_px - b.y_px) for a in apart for b in apart)
    span_m = span * diameter_m / (2.0 * radius)
    if span_m < LEAST_SPAN_M:
        raise ObservationError(
            say("places_near", cm=f"{100 * span_m:.0f}", least=f"{100 * LEAST_SPAN_M:.0f}")
        )
    return Plumb(tuple(apart))


def _still_parts(rows: Rows, radius: float) -> list[Rows]:
    """Part sightings into those of each marker (two may be seen at once), then by stillness."""
    found = []
    for track in _tracks(rows, radius):
        start = 0
        for stop in range(1, len(track) + 1):
            if stop < len(track) and _near(track, start, stop, radius):
                continue
            part = track[start:stop]
            if len(part) >= FEWEST and np.ptp(part["t_ns"]) >= LEAST_S * NS_PER_S:
                found.append(part)
            start = stop
    return sorted(found, key=lambda part: int(part["t_ns"][0]))


def _near(track: Rows, start: int, stop: int, radius: float) -> bool:
    """Tell whether the next sighting is where the last second's were."""
    recent = track[max(start, stop - 60) : stop]
    off = hypot(
        float(track["x_px"][stop] - recent["x_px"].mean()),
        float(track["y_px"][stop] - recent["y_px"].mean()),
    )
    return off < 0.5 * STILL * radius


def _tracks(rows: Rows, radius: float) -> list[Rows]:
    """Part the sightings of two markers that are seen in the same pictures."""
    times, counts = np.unique(rows["t_ns"], return_counts=True)
    if (counts > 1).mean() < 0.5:
        return [rows]
    middle = 0.5 * (rows["y_px"].min() + rows["y_px"].max())
    if np.ptp(rows["y_px"]) < 2.0 * radius or len(times) < FEWEST:
        return [rows]
    return [rows[rows["y_px"] > middle], rows[rows["y_px"] <= middle]]


def _different(places: list[Place], radius: float) -> list[Place]:
    """Return the places that are apart, each where it was seen longest."""
    kept: list[Place] = []
    for here in sorted(places, key=lambda p: -p.seen):
        if all(hypot(here.x_px - p.x_px, here.y_px - p.y_px) > OTHER * radius for p in kept):
            kept.append(here)
    return sorted(kept, key=lambda p: p.from_ns)


def only_one(rows: Rows) -> None:
    """Raise ObservationError when sightings jump between two places."""
    radius = float(np.median(rows["r_px"]))
    jumps = np.hypot(np.diff(rows["x_px"]), np.diff(rows["y_px"])) > OTHER * radius
    twice = len(np.unique(rows["t_ns"])) < 0.9 * len(rows)
    if twice or jumps.sum() >= 4:
        raise ObservationError(say("two_things"))


def _off(rows: Rows) -> FloatArray:
    return np.asarray(
        np.hypot(rows["x_px"] - np.median(rows["x_px"]), rows["y_px"] - np.median(rows["y_px"]))
    )


def _crept(rows: Rows) -> float:
    """Return how far it went between the first and the last third, in radii."""
    third = max(1, len(rows) // 3)
    first, last = rows[:third], rows[-third:]
    way = [float(np.median(last[n]) - np.median(first[n])) for n in ("x_px", "y_px")]
    return hypot(*way) / float(np.median(rows["r_px"]))


def _median_sd(values: FloatArray) -> float:
    """Return a median's standard deviation; sightings that hang together count less."""
    off = values - np.median(values)
    return MEDIAN_SD * float(values.std()) * sqrt(chain_factor(off) / values.size)
