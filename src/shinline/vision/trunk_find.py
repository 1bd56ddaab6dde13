"""Which patches are the trunk, and which way it goes: what is found out once in each pull."""

from dataclasses import dataclass, field
from math import cos, radians, sin
from typing import Final

import numpy as np

from shinline.types import FloatArray, U8Image
from shinline.vision import trunk_kernels as k
from shinline.vision.trunk import (
    BEND_SD_M,
    HIP_M,
    LEAST_PATCHES,
    MOST_CANDIDATES,
    MOST_PATCHES,
    SHOULDER_M,
    Fit,
    Trunk,
    Zone,
    chosen,
    trunk_mask,
)

BACKSIDE_M: Final = -0.22
SIDES_APART: Final = 2.0
"""So much more moves behind the bar, where the pelvis is, than before it, where a head may be."""

RIVAL_RAD_PER_M: Final = tuple(radians(turn) / 0.12 for turn in (9.0, 18.0, -7.0, 4.5, 13.5))
"""How fast a trunk may tip as the bar rises: what is tried beside what was found last."""

LEAST_AGREEING: Final = 0.25
"""Of all patches that moved, so many move with the trunk; a few always do with anything."""

AT_ONCE: Final = 4
RIVAL_ROUNDS: Final = 6
WITH_BAR: Final = 0.8
"""A shoulder rises about as far as the bar, and looks so much smaller behind it."""

BETTER: Final = 1.1
LEAST_WITH_BAR, MOST_WITH_BAR = 0.4, 1.6
ASIDE_M, ASIDE_SHARE = 0.05, 0.35
LIFTS_RAD, TIPS_RAD, TIPS_RAD_PER_M = radians(18.0), radians(8.0), radians(24.0) / 0.12
MOST_GROWTH: Final = 0.1
"""A trunk whose arms hold the bar goes up with it by so much of what it should, not far aside, and
tips neither up nor down by more. A thigh does."""

HIP_INSIDE_M: Final = 0.09
"""The hip joint is about so far before the rearmost point of the pelvis."""

REAR_PERCENT: Final = 4.0


@dataclass(slots=True)
class Rivals:
    """Other ways the trunk may have gone than the one found last.

    A fit only finds what is near its first guess, and before a trunk is known, arms and head that
    go straight up look like one. So trunks that hang from the same shoulder (x, y) and tip by
    other angles are tried, a few with each picture; the one that most of the trunk agrees with
    stays. ``sign`` is +1 for toes to the right.
    """

    shoulder: FloatArray
    sign: float
    _next: int = field(default=0)

    @property
    def tried(self) -> bool:
        """Whether the most different ones have been tried."""
        return self._next > AT_ONCE

    def better(self, trunk: Trunk, fit: Fit, image: U8Image, rise_m: float, m: float) -> Fit:
        """Return the fit, or a rival's that has more support; the trunk's weights are its.

        ``m`` is the size of a pixel.
        """
        support = trunk.support() if self.plausible(trunk, fit, rise_m, m) else 0.0
        best, weights = fit, trunk.weights.copy()
        for _ in range(AT_ONCE):
            rate = RIVAL_RAD_PER_M[self._next % len(RIVAL_RAD_PER_M)]
            self._next += 1
            rival = trunk.fit(image, self._guess(trunk, rate * rise_m, rise_m / m), RIVAL_ROUNDS)
            likely = self.plausible(trunk, rival, rise_m, m)
            if likely and trunk.support() > BETTER * support:
                best, support, weights = rival, trunk.support(), trunk.weights.copy()
        trunk.weights[:] = weights
        return best

    def plausible(self, trunk: Trunk, fit: Fit, rise_m: float, m: float) -> bool:
        """Tell whether a trunk of which straight arms hold the bar can go so."""
        at = np.empty(2)
        k.carried(fit.pose, trunk.axis, float(self.shoulder[0]), float(self.shoulder[1]), at)
        aside_m = abs(float(at[0] - self.shoulder[0])) * m
        up_m = float(self.shoulder[1] - at[1]) * m
        tips = self.sign * float(fit.pose[2])
        return (
            LEAST_WITH_BAR * WITH_BAR * rise_m < up_m < MOST_WITH_BAR * WITH_BAR * rise_m + ASIDE_M
            and aside_m < ASIDE_M + ASIDE_SHARE * rise_m
            and -LIFTS_RAD < tips < TIPS_RAD + TIPS_RAD_PER_M * rise_m
            and abs(float(fit.pose[3])) < MOST_GROWTH
        )

    def _guess(self, trunk: Trunk, tips_rad: float, rise_px: float) -> FloatArray:
        """Return the pose of a trunk that tips about the shoulder, which rises with the bar."""
        turn = self.sign * tips_rad
        c, s = cos(turn), sin(turn)
        x, y = self.shoulder - trunk.axis[:2]
        return np.array([x - c * x + s * y, y - s * x - c * y - WITH_BAR * rise_px, turn, 0.0, 0.0])


def begin(anchor: U8Image, now: U8Image, zone: Zone, sign: float) -> tuple[Trunk, float] | None:
    """Choose patches of the anchor for a first fit, and the side on which the lifter's back is.

    ``sign`` is +1 for toes to the right, 0 where that is not known. None where too little moved, or
    as much on either side.
    """
    signs = (sign,) if sign else (1.0, -1.0)
    found = [chosen(anchor, now, trunk_mask(zone, side), MOST_PATCHES) for side in signs]
    behind = [
        int((side * (places[:, 0] - zone.x) * zone.m < BACKSIDE_M).sum())
        for places, side in zip(found, signs, strict=True)
    ]
    best = int(np.argmax(behind))
    if behind[best] < SIDES_APART * (sum(behind) - behind[best]):
        return None
    if len(found[best]) < LEAST_PATCHES:
        return None
    return Trunk(anchor, found[best], zone.axis(signs[best]), BEND_SD_M / zone.m), signs[best]


def everything(anchor: U8Image, now: U8Image, zone: Zone, sign: float) -> Trunk | None:
    """Choose all patches that moved, to find by a fit which of them are the trunk's."""
    places = chosen(anchor, now, trunk_mask(zone, sign), MOST_CANDIDATES)
    if len(places) < LEAST_PATCHES:
        return None
    return Trunk(anchor, places, zone.axis(sign), BEND_SD_M / zone.m)


def agreeing(anchor: U8Image, every: Trunk) -> Trunk | None:
    """Keep of all patches those that moved with the trunk in the last fit."""
    used = every.used
    if len(used) < max(LEAST_PATCHES, LEAST_AGREEING * len(every.places)):
        return None
    fewer = np.ascontiguousarray(used[:: -(-len(used) // MOST_PATCHES)])
    return Trunk(anchor, fewer, every.axis, every.bend_px)


def joints_of(trunk: Trunk, zone: Zone, sign: float) -> tuple[FloatArray, FloatArray]:
    """Place hip and shoulder on the patches that moved as the trunk, decimated pixels."""
    used = trunk.used
    ahead = sign * (used[:, 0] - zone.x)
    hip_x = float(np.percentile(ahead, REAR_PERCENT)) + HIP_INSIDE_M / zone.m
    near = np.abs(ahead - hip_x) < HIP_INSIDE_M / zone.m
    hip_y = float(used[near, 1].mean()) if near.any() else zone.point(HIP_M, sign)[1]
    return np.array([zone.x + sign * hip_x, hip_y]), zone.point(SHOULDER_M, sign)
