"""What the shape of a round marker says of the azimuth: by how much, not to which side.

A marker turned away by an angle looks narrower by its cosine, whichever way it is turned. Seen
from the side of the picture the two ways differ a little, and other observations differ by a lot;
so all azimuths that fit are kept, as peaks with a width, until those have spoken.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import degrees, hypot, radians
from typing import Final

import numpy as np

from shinline.config import Lens
from shinline.types import FloatArray
from shinline_cal.rigging.evidence import Place
from shinline_cal.rigging.groups import ASKEW_SD, ratio_sd
from shinline_cal.rigging.optics import AZIMUTH, PITCH, camera, disc, rays, view_of

WIDEST_DEG: Final = 45.0
STEP_DEG: Final = 0.25
LEAST_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Peak:
    """An azimuth that the shape allows: its mean, width and share of what is believed."""

    azimuth_deg: float
    sd_deg: float
    share: float


def ratios(lens: Lens, values: FloatArray, place: Place, grid_deg: FloatArray) -> FloatArray:
    """Return the axis ratios (n,) of the bar's marker at a place, by azimuth (n,)."""
    eye = view_of(lens, values).lens
    ray = rays(eye, np.array([place.x_px, place.y_px]))
    moved = values.copy()
    moved[AZIMUTH] = 0.0
    square = camera(lens, moved)
    turn = np.radians(grid_deg)[:, None]
    right = np.cos(turn) * square.right + np.sin(turn) * square.out
    _, found = disc(eye, np.broadcast_to(ray, (grid_deg.size, 3)), right, square.up)
    return found


def peaks(lens: Lens, values: FloatArray, place: Place, pitch_sd_deg: float) -> list[Peak]:
    """Return the azimuths that fit a marker's axis ratio, the likeliest first.

    ``values`` (7,) are those found without it; ``pitch_sd_deg`` is how unsure their pitch is, which
    changes the shape as a paper glued askew does.
    """
    grid = np.arange(-WIDEST_DEG, WIDEST_DEG + 0.5 * STEP_DEG, STEP_DEG)
    here = ratios(lens, values, place, grid)
    nodded = values.copy()
    nodded[PITCH] += 1.0
    by_deg = np.abs(ratios(lens, nodded, place, grid) - here)
    sd = np.hypot(
        hypot(ratio_sd(place.r_px), place.ratio_sd), by_deg * hypot(degrees(ASKEW_SD), pitch_sd_deg)
    )
    likely = np.exp(-0.5 * ((here - place.axis_ratio) / sd) ** 2) / sd
    reach = np.arange(-4.0, 4.0 + 0.5 * STEP_DEG, STEP_DEG)
    blur = np.exp(-0.5 * (radians(1.0) * reach / ASKEW_SD) ** 2)
    likely = np.convolve(likely, blur / blur.sum(), mode="same")
    total = float(likely.sum())
    if not total > 1e-12:
        return []
    found = [_peak(grid, likely, part, total) for part in _parts(likely)]
    return sorted((p for p in found if p.share > LEAST_SHARE), key=lambda p: -p.share)


def _parts(likely: FloatArray) -> list[slice]:
    """Part a curve at its valleys; one less than halfway down from the lower top is none."""
    inner = np.arange(1, likely.size - 1)
    tops = inner[(likely[inner] >= likely[inner - 1]) & (likely[inner] > likely[inner + 1])]
    edges = [0]
    for left, right in pairwise(tops):
        valley = left + int(np.argmin(likely[left : right + 1]))
        if likely[valley] < 0.5 * min(likely[left], likely[right]):
            edges.append(valley)
    edges.append(likely.size)
    return [slice(a, b) for a, b in pairwise(edges)]


def _peak(grid: FloatArray, likely: FloatArray, part: slice, total: float) -> Peak:
    weight = likely[part]
    share = float(weight.sum())
    if share <= 0.0:
        return Peak(0.0, WIDEST_DEG, 0.0)
    mean = float(weight @ grid[part]) / share
    sd = float(np.sqrt(weight @ (grid[part] - mean) ** 2 / share))
    return Peak(mean, max(sd, STEP_DEG), share / total)
