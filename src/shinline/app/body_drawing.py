"""Draw the trunk of a lifter without stickers as it was followed, to be believed or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import degrees, hypot
from typing import Any, Final

import cv2
import numpy as np

from shinline.app.lettering import write
from shinline.coach.faults.hips_shoot_up import UNSURE_SHARE
from shinline.coach.outline import DOUBT, FALLBACK_SD_DEG, OUTLINE
from shinline.config import Config
from shinline.types import NS_PER_S, BodySight, FloatArray, Role, Rows

PATCH: Final = (235, 200, 60)
BACK: Final = (80, 90, 255)
HIP: Final = (60, 210, 250)
WEAK: Final = (160, 160, 160)
LEAST_RISE_M: Final = 0.03
"""Of the bar, before the two rises are compared."""


def turn_sd_deg(sight: BodySight) -> float:
    """Return how unsure the turn of the back is, as the coach counts it."""
    return hypot(DOUBT * degrees(sight.sd_rad), FALLBACK_SD_DEG[OUTLINE])


def is_weak(sight: BodySight, config: Config) -> bool:
    """Tell whether the coach would not judge by it."""
    return not sight.holds or turn_sd_deg(sight) > UNSURE_SHARE * config.coach.hips_fault_deg


def hip_path(sights: Iterable[BodySight], sight: BodySight) -> FloatArray:
    """Return where the hip was (n, 2) in the same pull up to a sight, in order of time."""
    before = [
        (each.t_ns, *each.back_px[0])
        for each in sights
        if each.since_ns == sight.since_ns and each.t_ns <= sight.t_ns and each.holds
    ]
    return np.array(sorted(before)).reshape(-1, 3)[:, 1:]


@dataclass(frozen=True, slots=True)
class Back:
    """A sight to be drawn, with the hip's path (n, 2) up to it."""

    sight: BodySight
    path_px: FloatArray
    weak: bool


class HipTrail:
    """Where the hip was in the pull that is under way, from the rows as they come."""

    def __init__(self) -> None:
        self._hips: list[tuple[int, float, float]] = []

    def take(self, rows: Rows) -> None:
        """Take in the DETECTION rows of a frame."""
        for row in rows[rows["role"] >= Role.HIP_OUTLINE]:
            if row["role"] == Role.HIP_OUTLINE:
                self._hips.append((int(row["t_ns"]), float(row["x_px"]), float(row["y_px"])))
            elif row["role"] == Role.BACK_LINE and row["axis_ratio"] == 0.0:  # a pull's first row
                del self._hips[:-ROWS_AT_FIRST]

    def back(self, sights: tuple[BodySight, ...], t_ns: int, config: Config) -> tuple[Back, ...]:
        """Return what is to be drawn into a picture: nothing where it was not looked at."""
        if not sights or not 0 <= t_ns - sights[0].t_ns < FRESH_NS:
            return ()
        now = sights[0]
        hips = [hip for hip in sorted(self._hips) if hip[0] <= now.t_ns]
        path = np.array(hips).reshape(-1, 3)[:, 1:]
        return (Back(now, path, is_weak(now, config)),)


FRESH_NS: Final = NS_PER_S // 20
ROWS_AT_FIRST: Final = 2
"""The hip's, with the first row of a pull: that of the picture itself, and of lift-off."""


def draw_sight(
    picture: Any, sight: BodySight, path_px: FloatArray, *, weak: bool, thick: int, share: float = 1
) -> None:
    """Draw the patches that agreed, the back line and the hip's path; thin and grey where weak.

    ``share`` is the size of a pixel of the camera's picture in this one.
    """
    patch, back, hip = (WEAK,) * 3 if weak else (PATCH, BACK, HIP)
    if weak:
        thick = 1
    dot = max(1, round(0.7 * thick))
    for x, y in _placed(sight.patches_px, share):
        cv2.circle(picture, (int(x), int(y)), dot, patch, cv2.FILLED, cv2.LINE_AA)
    line = _placed(sight.back_px, share)
    cv2.polylines(picture, [line], False, back, thick if weak else 2 * thick, cv2.LINE_AA)
    if len(path_px) > 1:
        cv2.polylines(picture, [_placed(path_px, share)], False, hip, thick, cv2.LINE_AA)
    for end, ink in ((line[0], hip), (line[-1], back)):
        cv2.circle(picture, (int(end[0]), int(end[1])), 3 * thick, ink, thick, cv2.LINE_AA)


def _placed(places: FloatArray, share: float) -> Any:
    return np.rint((places + 0.5) * share - 0.5).astype(np.int32)


def sight_words(sight: BodySight, m_per_px: float, *, weak: bool) -> list[str]:
    """Return what was measured since the bar left the floor, in words for a picture."""
    if weak:
        return ["outline of the back: too unsure"]
    turn = degrees(sight.flatter_rad)
    way = "flatter" if turn >= 0.0 else "steeper"
    said = [f"back {abs(turn):.1f} +- {turn_sd_deg(sight):.1f} deg {way}"]
    hip_m, bar_m = sight.hip_rise_px * m_per_px, sight.bar_rise_px * m_per_px
    if bar_m >= LEAST_RISE_M:
        risen = f"hip {1e3 * hip_m:.0f} mm, bar {1e3 * bar_m:.0f} mm up"
        said.append(f"{risen}: hip/bar {hip_m / bar_m:.2f}")
    return said


def draw_words(picture: Any, lines: list[str], at: tuple[float, float], *, weak: bool) -> None:
    """Write lines below each other, the first one at a place, as large as the picture is."""
    scale = picture.shape[0] / 1000
    for i, text in enumerate(lines):
        place = round(at[0]), round(at[1] + 40 * i * scale)
        thick = 1 if weak else max(1, picture.shape[0] // 500)
        write(picture, text, place, scale, WEAK if weak else (240, 240, 240), thick)
