"""Who is at the bar while it rests, by the lifter's silhouette: BODY rows.

They come about five times a second where the room behind the lifter is known, and not at all where
it is not: no row is no evidence of nobody.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, sin
from statistics import median
from typing import Final

import numpy as np

from shinline.geometry.plane import Plane
from shinline.types import NS_PER_S, Posture, Role, Rows

MOST: Final = 256
AGREE: Final = 3
"""So many looks in a row must agree on which way a lifter faces."""

FRESH_NS: Final = NS_PER_S
BEFORE_NS, LATEST_NS, LEAST = 3 * NS_PER_S // 2, 7 * NS_PER_S // 10, 3
"""At least so many looks in so long before lift-off, the last of them no earlier, are evidence."""

STILL_DEG: Final = 3.0
CONTOUR_SD_DEG: Final = 3.2
"""By how much the upper contour of a back differs from the line of hip and shoulder (simulated
lifters of all statures, styles and clothes; the mean difference is less than a degree)."""


@dataclass(frozen=True, slots=True)
class Stance:
    """A look at the platform, pixels of the frame.

    ``sign`` is +1 for toes to the right, 0 where nobody bends; ``line_rad`` and ``line_sd_rad`` are
    of the back's upper contour, counter-clockwise from the picture's right, None where not seen.
    """

    t_ns: int
    posture: Posture
    place_px: tuple[float, float]
    sign: float
    line_rad: float | None
    line_sd_rad: float
    length_px: float


class Stances:
    """What was seen of late."""

    def __init__(self) -> None:
        self._seen: deque[Stance] = deque(maxlen=MOST)

    def take(self, rows: Rows) -> None:
        """Take in DETECTION rows of a frame."""
        if not len(rows) or int(rows["role"].max()) < Role.BODY:
            return
        self._seen.extend(_stance(row) for row in rows if row["role"] == Role.BODY)

    def clear(self) -> None:
        """Forget everything (the clock was set back)."""
        self._seen.clear()

    def between(self, first_ns: int, last_ns: int) -> tuple[Stance, ...]:
        """Return what was seen in a stretch of time."""
        return tuple(one for one in self._seen if first_ns <= one.t_ns <= last_ns)

    def now(self, t_ns: int) -> Stance | None:
        """Return the last look, None when it was too long ago."""
        last = next(reversed(self._seen), None)
        return last if last is not None and 0 <= t_ns - last.t_ns < FRESH_NS else None

    def facing(self, t_ns: int) -> float:
        """Return the side the toes point to, by who bends over the bar: +1 right, 0 unknown."""
        last = [one for one in _newest(self._seen, AGREE) if 0 <= t_ns - one.t_ns < FRESH_NS]
        agree = len(last) == AGREE and len({one.sign for one in last}) == 1
        return last[0].sign if agree else 0.0


def _newest(seen: deque[Stance], count: int) -> Iterator[Stance]:
    return (one for one, _ in zip(reversed(seen), range(count), strict=False))


def _stance(row: np.void) -> Stance:
    posture = Posture(int(row["contrast"]))
    way_rad = float(row["residual"])
    sign = 0.0 if posture is not Posture.BENDS else 1.0 if cos(way_rad) > 0.0 else -1.0
    return Stance(
        int(row["t_ns"]),
        posture,
        (float(row["x_px"]), float(row["y_px"])),
        sign,
        way_rad if row["axis_ratio"] > 0.0 else None,
        float(row["axis_ratio"]),
        float(row["r_px"]),
    )


def _before(seen: tuple[Stance, ...], start_ns: int) -> list[Stance]:
    """Return the looks just before lift-off, none where they are too few or too old."""
    last = [one for one in seen if start_ns - BEFORE_NS <= one.t_ns <= start_ns]
    enough = len(last) >= LEAST and start_ns - last[-1].t_ns <= LATEST_NS
    return last if enough else []


def nobody(seen: tuple[Stance, ...], start_ns: int) -> bool:
    """Tell whether the platform was seen to be empty just before lift-off."""
    last = _before(seen, start_ns)
    return bool(last) and all(one.posture is Posture.NOBODY for one in last)


def back_angle(seen: tuple[Stance, ...], start_ns: int, plane: Plane) -> tuple[float, float] | None:
    """Return the trunk's angle above the horizontal in the set position and its sd, degrees."""
    last = _before(seen, start_ns)[-LEAST:]
    if len(last) < LEAST or any(one.line_rad is None for one in last):
        return None
    angles = [_above_deg(one, plane) for one in last]
    if max(angles) - min(angles) > STILL_DEG or len({one.sign for one in last}) > 1:
        return None
    sd_deg = degrees(median(one.line_sd_rad for one in last))
    return median(angles), hypot(sd_deg, CONTOUR_SD_DEG)


def _above_deg(one: Stance, plane: Plane) -> float:
    """Return a contour's angle above the horizontal, on the plane of the bar."""
    assert one.line_rad is not None  # noqa: S101  (looked at before)
    x, y = one.place_px
    along = one.length_px * cos(one.line_rad), one.length_px * sin(one.line_rad)
    rear, neck = plane.plane_from_image(x, y), plane.plane_from_image(x + along[0], y - along[1])
    ahead_m, above_m = abs(neck[0] - rear[0]), neck[1] - rear[1]
    return degrees(atan2(above_m, ahead_m))
