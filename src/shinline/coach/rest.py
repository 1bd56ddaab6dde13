"""The bar at rest: how it looks where it lies, now and when the camera was set up."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from shinline.config import Rig
from shinline.geometry.middle import median
from shinline.geometry.plane import Plane, plane_at
from shinline.types import NS_PER_S, FloatArray, IntArray

REST_S: Final = 0.6
"""So long before the lift the bar is looked at."""

LEAST_SEEN: Final = 8
LEAST_S: Final = 0.2
NEAR_M: Final = 0.003
"""What was seen farther than this from the middle of a rest does not belong to it."""

MEDIAN_SD: Final = 1.25
"""A median's standard deviation over a mean's."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How the bar looks where it lies: medians over the pictures of a rest, and their sds.

    ``contrast`` is in grey levels, 0 where it is not known.
    """

    x_m: float
    y_m: float
    r_px: float
    r_rel_sd: float
    axis_ratio: float
    ratio_sd: float
    contrast: float = 0.0


def read_rest(
    t_ns: IntArray,
    x_m: FloatArray,
    y_m: FloatArray,
    r_px: FloatArray,
    axis_ratio: FloatArray,
    contrast: FloatArray,
) -> Rest | None:
    """Look at the last sightings (n,) before a lift, in order; None when they show no rest."""
    last = slice(-LEAST_SEEN, None)
    if y_m.size < LEAST_SEEN:
        return None
    off_m = np.hypot(x_m - median(x_m[last]), y_m - median(y_m[last]))
    lies = off_m < NEAR_M
    count = int(lies.sum())
    if count < LEAST_SEEN or np.ptp(t_ns[lies]) < LEAST_S * NS_PER_S:
        return None
    r_px, axis_ratio = r_px[lies], axis_ratio[lies]
    radius = median(r_px)
    if radius <= 0.0:
        return None
    share = MEDIAN_SD / sqrt(count)
    return Rest(
        x_m=median(x_m[lies]),
        y_m=median(y_m[lies]),
        r_px=radius,
        r_rel_sd=share * float(r_px.std()) / radius,
        axis_ratio=min(1.0, max(0.0, median(axis_ratio))),
        ratio_sd=share * float(axis_ratio.std()),
        contrast=median(contrast[lies]),
    )


def as_set_up(rig: Rig, plane: Plane, radius_m: float) -> Rest | None:
    """Return how the bar should look by the rig, on the scale of now; None where it does not say.

    Through a view, what is kept is how high the lens stands above the bar: a bar that is put down
    nearer or farther away is seen elsewhere in the picture.
    """
    then = rig.rest
    if then.r_px <= 0.0:
        return None
    x_m, y_m = plane.plane_from_image(then.x_px, then.y_px)
    if plane.view is not None:
        seen = plane_at(plane.view, then.x_px, then.y_px, then.r_px, radius_m, plane.forward)
        y_m = plane.lens_m[1] - seen.lens_m[1]
    return Rest(x_m, y_m, then.r_px, 0.0, then.axis_ratio, 0.0, then.contrast)
