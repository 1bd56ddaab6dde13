"""What the piece of a picture that is not room is doing: standing at the bar, or bent over it.

A back is told from its upper contour: from the rump, a little before the rearmost point of the
pelvis, to the neck, as one straight line. Where clothes look like the wall the contour has holes,
and a cap, hair or somebody behind bulge over it: of such points few may lie off the line, else only
the side is told on which the body's mass is.
"""

from dataclasses import dataclass, replace
from math import atan, cos, degrees, hypot, pi, sin, sqrt
from typing import Final

import numpy as np

from shinline.types import Bar, FloatArray, IntArray, Posture, Role
from shinline.vision import backdrop_kernels as k
from shinline.vision.trunk import LOWEST_M, Zone

TALL_M, TALL_PX = 1.02, 3
"""Over the bar's axis: who bends is lower, but for a head."""

UPRIGHT_M, WIDE_M = 0.18, 0.60
"""The highest part of who stands is over the middle of the rest, and all of it is no wider."""

WIDTH_SHARES: Final = (0.03, 0.97)
OVER_M: Final = 0.45
"""Who stands no farther from the bar stands over it."""

BACKSIDE_M, SIDES_APART, BACK_M2 = -0.22, 2.5, 0.008
"""Behind that there is so much more of the body, and at least so much, on the pelvis' side ..."""

HEAD_M: Final = 0.65
"""... below where a head may be."""

REAR_SHARE: Final = 0.02
BOX_SHARES: Final = (0.02, 0.98)
AT_BAR_M, LOW_M = 0.36, 0.36
"""Arms and legs come down to the bar so near it."""

MOST_FILLED, OVER_BAR_M = 0.70, 0.05
"""Between legs, arms and trunk there is room to be seen, and something is straight over the bar: a
box is no lifter (who fills 0.39 to 0.60 of what is around, in simulated pictures)."""

HIPS_M: Final = (0.10, 0.75)
JOINT_M, SHOULDER_M = 0.06, (0.03, 0.095)
"""The hip joint is so far before the rearmost point; the shoulder's so far along the contour from
where that is over the bar, and so far under it (simulated lifters of all statures and clothes:
within 0.01 m, and 0.05 and 0.02 m)."""

RUMP_M, NECK_M = 0.08, 0.06
"""The contour of the back begins so far before the rearmost point, and ends so far before the
bar."""

LEAST_SHOULDER_M: Final = 0.46
"""No shoulder is nearer over the bar: straight arms hang from it, of the shortest lifters too. What
is lower is a thigh, under a shirt that looks like the wall."""

LEAST_BACK_M, LEAST_USED, MOST_ROUGH_M = 0.20, 0.6, 0.025
WORST_M, LINE_ROUNDS = 0.05, 4
STEEPEST_DEG: Final = 68.0
BLUR_SD_M, PLACE_SD_M = 0.004, 0.015
DEPENDENT: Final = 6.0
"""Neighbouring columns tell much the same: so many count as one."""


@dataclass(frozen=True, slots=True)
class Silhouette:
    """What is seen before the room, in pixels of the frame.

    ``place`` is the rearmost point of the pelvis of who bends, the middle of who stands, the bar
    where nobody is. ``sign`` is +1 for toes to the right, 0 unknown. ``line_rad`` is the direction
    from the pelvis to the neck along the upper contour of the back, counter-clockwise from the
    picture's right, ``line_sd_rad`` how unsure it is, ``length_px`` how far it is along that
    from the rearmost point to the top of the shoulders. ``known`` is the share of the room that is.
    """

    t_ns: int
    posture: Posture
    place: tuple[float, float]
    known: float
    place_sd_px: float = 0.0
    sign: float = 0.0
    line_rad: float = 0.0
    line_sd_rad: float = 0.0
    length_px: float = 0.0
    hip_px: tuple[float, float] = (0.0, 0.0)
    """About where the hip joint is, of who bends."""

    shoulder_px: tuple[float, float] | None = None
    """The shoulder joint; None, as all else of the line, where the contour was not seen."""

    def joints(self, zone: Zone, bar: Bar) -> tuple[FloatArray, FloatArray | None]:
        """Return hip and shoulder in pixels of a zone."""
        hip, shoulder = (
            None if at is None else (np.array(at) - bar.scene_px - (zone.left, zone.top) + 0.5)
            for at in (self.hip_px, self.shoulder_px)
        )
        assert hip is not None  # noqa: S101  (only a shoulder may be)
        middle = None if shoulder is None else shoulder / zone.factor - 0.5
        return hip / zone.factor - 0.5, middle


def levels(zone: Zone) -> IntArray:
    """Return the rows (4,) that part a body by height: for ``profile``, and of :data:`TALL_M`."""
    heights_m = np.array([LOWEST_M, HEAD_M, LOW_M, TALL_M])
    return np.rint(zone.y - heights_m / zone.m).astype(np.int64)


def read(
    columns: IntArray, tall_row: int, top_row: int, zone: Zone, bar: Bar, t_ns: int, known: float
) -> Silhouette | None:
    """Tell what a body does by its columns (W, 6), as ``profile`` describes it; None: unclear.

    ``tall_row`` is that of :data:`TALL_M`, ``top_row`` the uppermost that is in the picture.
    """
    tops, count = columns[:, 0], columns[:, 1]
    there = np.flatnonzero(tops >= 0)
    high = there[tops[there] <= max(top_row + 2, tall_row)]
    middle = float(there @ count[there]) / float(count.sum())
    if len(high) >= TALL_PX and abs(float(high.mean()) - middle) * zone.m < UPRIGHT_M:
        first, last = _columns_at(count, WIDTH_SHARES)
        if abs(middle - zone.x) * zone.m > OVER_M or (last - first) * zone.m > WIDE_M:
            return None
        place = frame_px(zone, middle, 0.5 * zone.rows, bar)
        return Silhouette(t_ns, Posture.STANDS, place, known)
    if (tops[there] <= top_row + 2).sum() >= TALL_PX:
        return None
    bends = _bends(columns, zone, bar)
    if bends is None:
        return None
    sign, hip_m = bends
    per_m = zone.factor / zone.m
    seen = Silhouette(
        t_ns,
        Posture.BENDS,
        _seen_px(zone, sign, hip_m, bar),
        known,
        PLACE_SD_M * per_m,
        sign,
        0.0 if sign > 0.0 else pi,
        hip_px=_seen_px(zone, sign, (hip_m[0] + JOINT_M, hip_m[1]), bar),
    )
    return _with_line(seen, columns, zone, bar, hip_m)


def _bends(columns: IntArray, zone: Zone, bar: Bar) -> tuple[float, tuple[float, float]] | None:
    """Return the side the toes point to and the rearmost point (m) of who bends over the bar."""
    _, _, trunk, under_head, row_sum, at_bar = columns.T
    right_m = (np.arange(zone.columns) - zone.x) * zone.m
    sides = [int(under_head[side * right_m < BACKSIDE_M].sum()) for side in (1.0, -1.0)]
    sign = 1.0 if sides[0] > sides[1] else -1.0
    if max(sides) * zone.m**2 < BACK_M2 or max(sides) < SIDES_APART * min(sides):
        return None
    if (bar.sign and bar.sign != sign) or not at_bar[np.abs(right_m) < AT_BAR_M].any():
        return None
    if _is_box(columns, zone) or not trunk[np.abs(right_m) < OVER_BAR_M].all():
        return None
    rear = _columns_at(trunk if sign > 0.0 else trunk[::-1], (REAR_SHARE,))[0]
    rear = rear if sign > 0.0 else zone.columns - 1 - rear
    near = slice(max(0, rear - 1), rear + 2)
    above_m = (zone.y - float(row_sum[near].sum()) / float(trunk[near].sum())) * zone.m
    if not HIPS_M[0] < above_m < HIPS_M[1]:
        return None
    return sign, (sign * float(right_m[rear]), above_m)


def _is_box(columns: IntArray, zone: Zone) -> bool:
    """Tell whether a piece fills what is around it."""
    trunk = columns[:, 2]
    first, last = _columns_at(trunk, BOX_SHARES)
    top = int(columns[columns[:, 0] >= 0, 0].min())
    high = zone.y - LOWEST_M / zone.m - top
    return float(trunk.sum()) > MOST_FILLED * (last - first + 1) * high


def _with_line(
    seen: Silhouette, columns: IntArray, zone: Zone, bar: Bar, hip_m: tuple[float, float]
) -> Silhouette:
    """Add the line of the back, where there is one."""
    tops = columns[:, 0]
    ahead_m = seen.sign * (np.arange(zone.columns) - zone.x) * zone.m
    back = (tops >= 0) & (ahead_m > hip_m[0] + RUMP_M) & (ahead_m < NECK_M)
    x = np.asarray(ahead_m[back], np.float64)
    y = np.asarray((zone.y - tops[back] + 0.5) * zone.m, np.float64)
    fitted = np.zeros(4)
    used = k.line(x, y, LINE_ROUNDS, WORST_M, fitted)
    middle, at, slope, rough = (float(value) for value in fitted)
    lies = used > LEAST_USED and rough < MOST_ROUGH_M and abs(degrees(atan(slope))) < STEEPEST_DEG
    if len(x) * zone.m < LEAST_BACK_M or not lies:
        return seen
    angle, neck_m, length_m = atan(slope), at - slope * middle, float(np.std(x))
    along_m = -hip_m[0] * cos(angle) + (neck_m - hip_m[1]) * sin(angle)
    joint_m = (
        SHOULDER_M[0] * cos(angle) + SHOULDER_M[1] * sin(angle),
        neck_m + SHOULDER_M[0] * sin(angle) - SHOULDER_M[1] * cos(angle),
    )
    if joint_m[1] < LEAST_SHOULDER_M:
        return seen
    return replace(
        seen,
        line_rad=angle if seen.sign > 0.0 else pi - angle,
        line_sd_rad=hypot(rough, BLUR_SD_M) * sqrt(DEPENDENT / len(x)) / length_m,
        length_px=along_m * zone.factor / zone.m,
        shoulder_px=_seen_px(zone, seen.sign, joint_m, bar),
    )


def _columns_at(count: IntArray, shares: tuple[float, ...]) -> list[int]:
    """Return the columns up to which so much of a piece lies."""
    upto = np.cumsum(count)
    return [int(np.searchsorted(upto, share * upto[-1], side="right")) for share in shares]


def _seen_px(
    zone: Zone, sign: float, place_m: tuple[float, float], bar: Bar
) -> tuple[float, float]:
    """Return where in the frame a place toward the toes and up from the bar is."""
    x, y = zone.point(place_m, sign)
    return frame_px(zone, float(x), float(y), bar)


def frame_px(zone: Zone, x: float, y: float, bar: Bar | None = None) -> tuple[float, float]:
    """Return where a place of the zone is in the frame; without a bar, in the room's first one."""
    aside = (0.0, 0.0) if bar is None else bar.scene_px
    return (
        zone.left + aside[0] + (x + 0.5) * zone.factor - 0.5,
        zone.top + aside[1] + (y + 0.5) * zone.factor - 0.5,
    )


def write(seen: Silhouette, row: np.void) -> None:
    """Write a row of the role BODY.

    ``contrast``: a :class:`~shinline.types.Posture`. ``x_px``, ``y_px`` and covariance:
    the rearmost point of the pelvis of who bends, the middle of who stands, else the bar. Of who
    bends: ``residual`` the direction of the back's upper contour from pelvis to neck (rad,
    counter-clockwise from the picture's right, so that its cosine's sign is the facing),
    ``axis_ratio`` its standard deviation (0: only the facing was seen), ``r_px`` the way along it
    from the rearmost point to the top of the shoulders. ``quality``: the share of the room that is
    known.
    """
    for name in row.dtype.names or ():
        row[name] = 0
    row["t_ns"], row["role"] = seen.t_ns, Role.BODY
    row["x_px"], row["y_px"] = seen.place
    row["var_x_px2"] = row["var_y_px2"] = seen.place_sd_px**2
    row["contrast"], row["quality"] = seen.posture, seen.known
    row["residual"], row["axis_ratio"] = seen.line_rad, seen.line_sd_rad
    row["r_px"] = seen.length_px
