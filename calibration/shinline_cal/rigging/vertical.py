"""The vertical where the bar is: how it moves with the seven numbers, and how sure it is.

A camera's roll is not what makes a bar drift: beside the middle of the picture a camera that looks
down makes plumb lines lean as well, and both errors go together. What counts is the direction in
which a lift straight up is seen to go, from where the bar lies.
"""

from math import atan2, degrees, sqrt
from typing import Final

import numpy as np

from shinline.config import Lens
from shinline.types import FloatArray
from shinline_cal.rigging import bundle
from shinline_cal.rigging.evidence import Evidence
from shinline_cal.rigging.optics import Camera, camera, on_plane, placed, project

UNKNOWN_FOCAL: Final = 0.9
"""Focal length over the picture's width where no lens is configured, and its relative sd."""

UNKNOWN_FOCAL_SD: Final = 0.35
UNKNOWN_K1_SD: Final = 0.10
ROM_M: Final = 0.55
CONTRADICTS_SDS: Final = 3.5
"""An observation contradicts all others when it moves the vertical by more of its sds; chance does
so once in two thousand."""

UNCONFIRMED_DEG: Final = 1.0
"""A vertical that nothing confirms counts as no surer than a camera that was levelled by eye."""

GRAVITY_GROUPS: Final = ("plumb", "swing", "fall", "edge", "roll")


def lens_of(evidence: Evidence) -> Lens:
    """Return the lens, or what is believed of one that nobody knows."""
    if evidence.lens.fx_px > 0.0:
        return evidence.lens
    focal = UNKNOWN_FOCAL * max(evidence.width_px, evidence.height_px)
    return Lens(
        fx_px=focal,
        fy_px=focal,
        cx_px=0.5 * (evidence.width_px - 1),
        cy_px=0.5 * (evidence.height_px - 1),
        focal_rel_sd=UNKNOWN_FOCAL_SD,
        centre_sd_px=0.02 * evidence.width_px,
        k1_sd=UNKNOWN_K1_SD,
    )


def lean_by(evidence: Evidence, lens: Lens, values: FloatArray) -> FloatArray:
    """Return how the vertical at the bar's place moves with the seven numbers, degrees each (7,).

    With a lens: the lean on the lifting plane of the straight line between two pixels, from where
    the bar lies to where a lift straight up ends. Without one, pixels are all there is: the lean of
    a vertical in the picture.
    """
    rest = evidence.rests[-1]
    radius_m = 0.5 * evidence.marker_diameter_m
    see = camera(lens, values)
    bar = placed(see, rest.x_px, rest.y_px, rest.r_px, radius_m)
    top_px = project(see.lens, bar + ROM_M * see.up)
    known = evidence.lens.fx_px > 0.0

    def lean(moved: FloatArray) -> float:
        now = camera(lens, moved)
        there = placed(now, rest.x_px, rest.y_px, rest.r_px, radius_m)
        if not known:
            return lean_deg(now, there)
        side, up = on_plane(now, there, top_px)
        return degrees(atan2(float(side), float(up)))

    steps = np.diag(bundle.STEPS)
    return np.array(
        [(lean(values + s) - lean(values - s)) / (2.0 * s[i]) for i, s in enumerate(steps)]
    )


def lean_deg(see: Camera, bar: FloatArray) -> float:
    """Return the lean of a lift straight up in the picture, positive to the right."""
    ends = project(see.lens, np.stack([bar, bar + ROM_M * see.up]))
    return degrees(atan2(float(ends[1, 0] - ends[0, 0]), float(ends[0, 1] - ends[1, 1])))


def undetected_deg(fitted: bundle.Bundle, by: FloatArray) -> float:
    """Return what a gross error in one observation may do to the vertical, unseen by all others.

    A third of it, to stand beside standard deviations. What moves the vertical by more than
    ``CONTRADICTS_SDS`` of the difference to what the others say is found out (Baarda, "A testing
    procedure for use in geodetic networks", 1968). One observation alone can be wrong by anything.
    """
    here = float(by @ fitted.covariance @ by)
    worst = 0.0
    for part in fitted.parts:
        if part.name.split()[0] in GRAVITY_GROUPS:
            _, rest = fitted.without(part)
            worst = max(worst, float(by @ rest @ by) - here)
    return min(CONTRADICTS_SDS / 3.0 * sqrt(worst), UNCONFIRMED_DEG)
