"""The bar rolled along the floor, and a plate turned in place: direction of the plane, and axis."""

from dataclasses import dataclass
from math import hypot, sqrt
from typing import Final

import numpy as np

from shinline.config import Marker
from shinline.types import FloatArray, Rows
from shinline_cal.rigging.evidence import ObservationError, Roll, say
from shinline_cal.rigging.groups import ratio_sd
from shinline_cal.rigging.optics import mean_radius
from shinline_cal.rigging.still import PLACE_SD_PX, only_one, size_rel_sd, sound
from shinline_cal.verify.fit import linear

LEAST_WAY_M: Final = 0.25
PLACES: Final = 8
STRAIGHT: Final = 0.12
"""Of the way: a bar whose middle leaves a straight line by more was not rolled on the floor."""

LEAST_TURN_RAD: Final = 1.0
_MARKER_M: Final = Marker().diameter_m


def rolled(rows: Rows, diameter_m: float = _MARKER_M) -> Roll:
    """Look at the bar's marker while the bar is rolled along the floor: DETECTION rows.

    Raises
    ------
    ObservationError
        It was not rolled far enough, not straight, or there were two.

    """
    rows = sound(rows, "calibrate.what_bar")
    only_one(rows)
    places = np.column_stack([rows["x_px"], rows["y_px"]])
    middle = np.median(places, axis=0)
    _, _, axes = np.linalg.svd(places - middle, full_matrices=False)
    along, aside = (places - middle) @ axes[0], (places - middle) @ axes[1]
    by_m = diameter_m / (2.0 * float(np.median(rows["r_px"])))
    way_m = float(np.ptp(along)) * by_m
    if way_m < LEAST_WAY_M:
        raise ObservationError(
            say("rolled_short", cm=f"{100 * way_m:.0f}", least=f"{100 * LEAST_WAY_M:.0f}")
        )
    bent = float(np.ptp(aside)) / float(np.ptp(along))
    if bent > STRAIGHT:
        raise ObservationError(say("rolled_bent", percent=f"{100 * bent:.0f}"))
    return _binned(rows, along)


def _binned(rows: Rows, along: FloatArray) -> Roll:
    """Average over short stretches of the way, so that the places where it lingered count once."""
    edges = np.linspace(along.min(), along.max(), PLACES + 1)
    index = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, PLACES - 1)
    used = [i for i in range(PLACES) if (index == i).sum() > 0]
    if len(used) < 6:
        raise ObservationError(say("rolled_fast", n=f"{len(used)}"))
    size = mean_radius(rows["r_px"], rows["axis_ratio"])
    columns = (rows["x_px"], rows["y_px"], size, rows["axis_ratio"])
    means = np.array([[v[index == i].mean() for v in columns] for i in used])
    count = float(np.median([(index == i).sum() for i in used]))
    sizes = size / np.polyval(np.polyfit(along, size, 2), along) - 1.0
    order = slice(None) if means[-1, 0] > means[0, 0] else slice(None, None, -1)
    x, y, r, ratio = means[order].T
    return Roll(
        x_px=x.copy(),
        y_px=y.copy(),
        r_px=r.copy(),
        axis_ratio=ratio.copy(),
        sd_px=2.0 * PLACE_SD_PX,
        r_rel_sd=hypot(1.5 * size_rel_sd(float(np.median(r))), float(sizes.std()) / sqrt(count)),
        ratio_sd=2.0 * ratio_sd(float(np.median(r))),
    )


@dataclass(frozen=True, slots=True)
class Spin:
    """A circle about the axis, in pixels: its middle, radius, and RMS misfit."""

    x_px: float
    y_px: float
    off_axis_px: float
    sd_px: float
    residual_px: float


def spun(rows: Rows) -> Spin:
    """Find the axis about which a marker was turned in place: DETECTION rows of one marker.

    ``sd_px`` is that of the middle. A circle seen at an angle is fitted as one: its middle holds,
    its radius comes out between the half axes.

    Raises
    ------
    ObservationError
        It was not turned by a sixth of a turn, or it did not turn in place.

    """
    rows = sound(rows, "calibrate.what_turned")
    x, y = rows["x_px"], rows["y_px"]
    reach = float(np.hypot(np.ptp(x), np.ptp(y)))
    radius = float(np.median(rows["r_px"]))
    if reach < 0.02 * radius:
        return Spin(float(x.mean()), float(y.mean()), 0.0, PLACE_SD_PX, reach)
    x0, y0 = float(x.mean()), float(y.mean())
    u, v = (x - x0) / reach, (y - y0) / reach
    try:
        fit = linear(np.column_stack([u, v, np.ones_like(u)]), u * u + v * v)
    except ValueError:
        raise ObservationError(say("turned_little")) from None
    a, b, c = fit.values
    off = sqrt(max(0.0, c + 0.25 * (a * a + b * b)))
    turn = np.unwrap(np.arctan2(v - 0.5 * b, u - 0.5 * a))
    if np.ptp(turn) < LEAST_TURN_RAD:
        raise ObservationError(say("turned_little"))
    misfit = float(np.std(np.hypot(u - 0.5 * a, v - 0.5 * b) - off))
    if misfit > 0.25 * off:
        raise ObservationError(say("turned_moved"))
    sd = 0.5 * reach * hypot(fit.known(0).sd, fit.known(1).sd) / sqrt(2.0)
    return Spin(
        x_px=x0 + 0.5 * a * reach,
        y_px=y0 + 0.5 * b * reach,
        off_axis_px=off * reach,
        sd_px=hypot(sd, PLACE_SD_PX),
        residual_px=misfit * reach,
    )
