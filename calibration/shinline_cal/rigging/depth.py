"""How far behind the bar's end each body marker is, from how large it looks.

A joint half a metre behind the bar reads 12 to 23 % short on the bar's plane. Its marker's printed
size tells how far away it is, to a centimetre or two; a leg does not move toward the camera by as
much during a set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np

from shinline.types import FloatArray, Role, Rows
from shinline_cal.rigging.evidence import Place
from shinline_cal.rigging.optics import Camera, placed, rays
from shinline_cal.rigging.still import size_rel_sd

FEWEST: Final = 15
PRINT_REL_SD: Final = 0.003
BEHIND_M: Final = (-0.15, 1.3)
"""Limbs are not in front of the bar's end, nor farther behind than the bar is long."""

MEDIAN_SD: Final = 1.25
MAD_SD: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Behind:
    """How far behind the bar's end plane a marker is, along the plane's normal."""

    away_m: float
    sd_m: float


def behind(
    see: Camera,
    bar: Place,
    bar_diameter_m: float,
    rows: Rows,
    diameters_m: Mapping[Role, float],
    print_rel_sd: float = PRINT_REL_SD,
) -> dict[Role, Behind]:
    """Return for each role how far behind the bar's end its marker is, where that can be told.

    Parameters
    ----------
    see
        The calibrated camera.
    bar, bar_diameter_m
        The bar's marker at rest, and its size.
    rows
        DETECTION rows of all roles, in any order; of the bar's none are used.
    diameters_m
        As printed, by role.
    print_rel_sd
        Of a printed size; sheets of one printer are off together, which takes most of it away.

    """
    end = placed(see, bar.x_px, bar.y_px, bar.r_px, 0.5 * bar_diameter_m)
    found: dict[Role, Behind] = {}
    for role, diameter_m in diameters_m.items():
        mine = rows[rows["role"] == int(role)]
        mine = mine[np.isfinite(mine["r_px"]) & (mine["r_px"] > 0.0)]
        if role is Role.BAR or len(mine) < FEWEST:
            continue
        depths = _depths(see, mine, 0.5 * diameter_m) - float(end @ see.out)
        middle = float(np.median(depths))
        scatter = MAD_SD * float(np.median(np.abs(depths - middle)))
        radius = float(np.median(mine["r_px"]))
        turned = _turned_rel_sd(see, mine)
        size = hypot(print_rel_sd, hypot(size_rel_sd(radius), hypot(bar.r_rel_sd, turned)))
        far = abs(float(end @ see.out) + middle)
        sd = hypot(MEDIAN_SD * scatter / np.sqrt(len(mine)), size * far)
        if BEHIND_M[0] - 3.0 * sd <= -middle <= BEHIND_M[1] + 3.0 * sd:
            found[role] = Behind(-middle, sd)
    return found


def _depths(see: Camera, rows: Rows, radius_m: float) -> FloatArray:
    """Return where each sighting is along the plane's normal, m; negative in front of the lens."""
    return np.array(
        [
            placed(see, float(r["x_px"]), float(r["y_px"]), float(r["r_px"]), radius_m) @ see.out
            for r in rows
        ]
    )


def _turned_rel_sd(see: Camera, rows: Rows) -> float:
    """Return what a marker turned on a limb does to its longer axis, off the optical axis."""
    pixels = np.column_stack([rows["x_px"], rows["y_px"]])
    ray = rays(see.lens, np.median(pixels, axis=0))
    off_axis = float(np.hypot(ray[0], ray[1]))
    return 0.5 * min(0.5 * off_axis**2, max(0.0, 1.0 - float(np.median(rows["axis_ratio"]))))
