"""Hip and shoulder motion without stickers: from the lifter's outline, or a pose network.

Both give a series of places of hip and shoulder, in the picture, at times of their own: the outline
against the picture just before lift-off and only around a pull, a network all the time. Judged is
what judges stickers (:mod:`shinline.coach.hips`), against the quiet set position, with more doubt:
clothes slide, a back bends, and where exactly the joints are is not known.

What is not seen in the picture's plane is not known either. Without a calibrated view the metres
are those of the bar's plane, and a lifter behind it looks smaller: angles and the ratio of hip to
shoulder hold, the ratio of hip to bar is that of the picture.
"""

from collections import deque
from dataclasses import dataclass, replace
from math import hypot, inf, sqrt
from typing import Final

import numpy as np

from shinline.coach.windows import crossing
from shinline.geometry.plane import Plane
from shinline.types import NS_PER_S, FloatArray, HipNumbers, Role, Rows

OUTLINE, POSE = "outline", "pose"
SOURCES: Final = {
    OUTLINE: (Role.HIP_OUTLINE, Role.SHOULDER_OUTLINE),
    POSE: (Role.HIP_POSE, Role.SHOULDER_POSE),
}
"""Where evidence without stickers comes from, the better one first."""

MOST_SIGHTINGS: Final = 1024
WINDOW_M, WINDOW_SHARE = 0.120, 0.25
THIRD: Final = 1.0 / 3.0
MIN_SHOULDER_RISE_M: Final = 0.065
"""80 mm of a shoulder that looks smaller behind the bar."""

QUIET_S, LEAST_QUIET_S, SEARCH_S = 0.2, 0.15, 1.5
QUIET_M, QUIET_DEG = 0.012, 2.0
TURN_S: Final = 0.5
MAX_GAP_S: Final = 0.2
TURN_REL_SD: Final = 0.1
FALLBACK_SD_DEG: Final = {OUTLINE: 1.0, POSE: 3.0}
"""By how much the turn of what is seen differs from that of the trunk, however well it is seen:
clothes and skin slide; a network's joints wander."""

DOUBT: Final = 2.0
"""Patches that share a shirt agree more than they are right."""

BEHIND_M: Final = 1.0
"""The lifter's middle, behind the plane of the bar's end."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Hip and shoulder in one picture, and the standard deviation of their line, rad.

    Pixels, as if a hand-held camera had not moved.
    """

    t_ns: int
    hip_px: tuple[float, float]
    shoulder_px: tuple[float, float]
    turn_sd_rad: float
    bend_px: float
    quality: float


class Sightings:
    """What was seen of a lifter without stickers in the last pulls; one for each source."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[Sighting]] = {
            name: deque(maxlen=MOST_SIGHTINGS) for name in SOURCES
        }

    def take(self, rows: Rows) -> bool:
        """Take in DETECTION rows of a frame; whether any of them was of this kind."""
        if not len(rows) or int(rows["role"].max()) < Role.HIP_OUTLINE:
            return False
        there = False
        scene = next((row for row in rows if row["role"] == Role.SCENE), None)
        scene_px = (0.0, 0.0) if scene is None else (float(scene["x_px"]), float(scene["y_px"]))
        for name, (hip_role, shoulder_role) in SOURCES.items():
            back = {int(row["t_ns"]): row for row in rows if row["role"] == Role.BACK_LINE}
            shoulders = {int(row["t_ns"]): row for row in rows if row["role"] == shoulder_role}
            for hip in rows:
                if hip["role"] != hip_role or int(hip["t_ns"]) not in shoulders:
                    continue
                there = True
                shoulder = shoulders[int(hip["t_ns"])]
                line = back.get(int(hip["t_ns"])) if name == OUTLINE else None
                if line is not None and line["axis_ratio"] == 0.0:
                    self._seen[name].clear()  # the anchor of another pull
                self._seen[name].append(_sighting(hip, shoulder, line, scene_px))
        return there

    def clear(self) -> None:
        """Forget everything (the clock was set back)."""
        for seen in self._seen.values():
            seen.clear()

    def between(self, first_ns: int, last_ns: int) -> dict[str, list[Sighting]]:
        """Return what each source saw in a stretch of time, in its order."""
        return {
            name: sorted(
                (one for one in seen if first_ns <= one.t_ns <= last_ns), key=lambda one: one.t_ns
            )
            for name, seen in self._seen.items()
        }

    def last(self) -> Sighting | None:
        """Return what the outline showed last."""
        seen = self._seen[OUTLINE]
        return seen[-1] if seen else None


def ahead_of_hips_m(rows: Rows, plane: Plane) -> float:
    """Return how far the bar is ahead of the outline's hip, along the plane; 0 where not seen.

    Both are taken as if on the plane of the bar's end, from the first such rows of a frame, which
    are those of its own picture.
    """
    both = (Role.BAR, Role.HIP_OUTLINE)
    seen = {int(row["role"]): row for row in rows[::-1] if row["role"] in both}
    if len(seen) < 2:
        return 0.0
    bar, hip = (seen[role] for role in both)
    bar_m, _ = plane.plane_from_image(float(bar["x_px"]), float(bar["y_px"]))
    hip_m, _ = plane.plane_from_image(float(hip["x_px"]), float(hip["y_px"]))
    return bar_m - hip_m


def _sighting(
    hip: np.void, shoulder: np.void, line: np.void | None, scene_px: tuple[float, float]
) -> Sighting:
    length = hypot(hip["x_px"] - shoulder["x_px"], hip["y_px"] - shoulder["y_px"])
    if line is None:
        across = sum(float(row["var_x_px2"] + row["var_y_px2"]) / 2.0 for row in (hip, shoulder))
        sd_rad = sqrt(across) / max(length, 1.0)
    else:
        sd_rad = float(line["axis_ratio"])
    return Sighting(
        int(hip["t_ns"]),
        (float(hip["x_px"]) - scene_px[0], float(hip["y_px"]) - scene_px[1]),
        (float(shoulder["x_px"]) - scene_px[0], float(shoulder["y_px"]) - scene_px[1]),
        sd_rad,
        0.0 if line is None else float(line["contrast"]),
        float(hip["quality"]),
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """The same as arrays (n,), in metres; ``angle_deg`` of the trunk above the horizontal."""

    t_s: FloatArray
    hip_m: FloatArray
    shoulder_m: FloatArray
    angle_deg: FloatArray
    sd_deg: FloatArray
    bend_m: FloatArray


def measure_sightings(
    sightings: dict[str, list[Sighting]], bar: Rows, start_ns: int, rom_m: float, plane: Plane
) -> HipNumbers | str:
    """Compare hips and shoulders at the set position and early in the pull.

    ``bar`` are PATH rows, up to now. Returns the reason as text where there is no evidence; where
    only the set position is missing, numbers with that reason, compared with lift-off, and where it
    was lost too early, up to then: what the trunk has lost by them it has lost at least.
    """
    reason = NOT_SEEN
    for name, seen in sightings.items():
        if len(seen) < LEAST_SEEN:
            continue
        numbers = _measure(name, _series(seen, start_ns, plane), bar, start_ns, rom_m)
        if not isinstance(numbers, str):
            return numbers
        reason = numbers
    return reason


NOT_SEEN: Final = "no stickers, and the outline of the back was not seen"
NO_SET: Final = "no quiet set position before the pull"
LOST: Final = "the outline of the back was lost in the pull"
LEAST_SEEN: Final = 4


def _series(seen: list[Sighting], start_ns: int, plane: Plane) -> _Series:
    hip, shoulder = (
        np.array([plane.plane_from_image(*getattr(one, name)) for one in seen])
        for name in ("hip_px", "shoulder_px")
    )
    if plane.view is not None:
        hip, shoulder = (
            np.stack(plane.behind(place[:, 0], place[:, 1], BEHIND_M), axis=1)
            for place in (hip, shoulder)
        )
    along = shoulder - hip
    angle = np.degrees(np.arctan2(along[:, 1], np.abs(along[:, 0])))
    m_per_px = np.hypot(*along.T) / np.array(
        [hypot(s.hip_px[0] - s.shoulder_px[0], s.hip_px[1] - s.shoulder_px[1]) for s in seen]
    )
    return _Series(
        np.array([(one.t_ns - start_ns) / NS_PER_S for one in seen]),
        hip,
        shoulder,
        angle,
        np.degrees([one.turn_sd_rad for one in seen]),
        m_per_px * np.array([one.bend_px for one in seen]),
    )


def _measure(name: str, seen: _Series, bar: Rows, start_ns: int, rom_m: float) -> HipNumbers | str:
    t_s = (bar["t_ns"] - start_ns) / NS_PER_S
    rise_m = bar["y_m"] - float(np.interp(0.0, t_s, bar["y_m"]))
    pull = t_s >= 0.0
    height_m = min(WINDOW_M, WINDOW_SHARE * rom_m)
    end_s = crossing(t_s[pull], rise_m[pull], height_m)
    if end_s is None:
        return LOST
    numbers = HipNumbers(
        None, None, None, None, None, source=name, to_bar_ratio=_to_bar(seen, t_s, rise_m, rom_m)
    )
    within = np.append(0.0, seen.t_s[(seen.t_s > 0.0) & (seen.t_s < end_s + MAX_GAP_S)])
    holes = np.flatnonzero(np.diff(within) > MAX_GAP_S)
    last_s = float(within[holes[0]] if holes.size else within[-1])
    if last_s <= 0.0:
        return replace(numbers, reason=LOST) if numbers.to_bar_ratio is not None else LOST
    lost = last_s < end_s - MAX_GAP_S / 4.0
    end_s = min(end_s, last_s) if lost else end_s
    still = _quiet(seen) or _turning(seen)
    reason = LOST if lost else ""
    if still is None:
        off = int(np.argmin(np.abs(seen.t_s)))
        if abs(float(seen.t_s[off])) > LATE_S:
            return replace(numbers, reason=NO_SET)
        still, reason = slice(off, off + 1), NO_SET
    return replace(_compare(numbers, seen, still, end_s), reason=reason)


def _to_bar(seen: _Series, t_s: FloatArray, rise_m: FloatArray, rom_m: float) -> float | None:
    """Return how far the hip rose over how far the bar did, from lift-off to a third of its way."""
    after = t_s >= 0.0
    third_s = crossing(t_s[after], rise_m[after], THIRD * rom_m)
    if third_s is None or seen.t_s[0] > LATE_S or seen.t_s[-1] < third_s - LATE_S:
        return None
    off, third = (float(np.interp(at, seen.t_s, seen.hip_m[:, 1])) for at in (0.0, third_s))
    return (third - off) / (THIRD * rom_m)


LATE_S: Final = 0.05


def _quiet(seen: _Series) -> slice | None:
    """Find the last stretch before lift-off in which the lifter held still: the set position."""
    before = int(np.searchsorted(seen.t_s, 0.0, side="right"))
    for last in range(before - 1, 0, -1):
        if seen.t_s[last] < -SEARCH_S:
            break
        first = int(np.searchsorted(seen.t_s, seen.t_s[last] - QUIET_S - 1e-6))
        if seen.t_s[last] - seen.t_s[first] < LEAST_QUIET_S:
            continue
        rows = slice(first, last + 1)
        moved_m = np.ptp([seen.hip_m[rows], seen.shoulder_m[rows]], axis=1)
        if float(moved_m.max()) < QUIET_M and float(np.ptp(seen.angle_deg[rows])) < QUIET_DEG:
            return rows
    return None


def _turning(seen: _Series) -> slice | None:
    """Find where the hips were lowest before lift-off: the set position of who dives and pulls.

    They must have been seen to come down to it.
    """
    before = np.flatnonzero((seen.t_s > -TURN_S) & (seen.t_s <= LATE_S))
    if len(before) < LEAST_SEEN:
        return None
    lowest = int(before[np.argmin(seen.hip_m[before, 1])])
    first = int(np.searchsorted(seen.t_s, seen.t_s[lowest] - TURN_S))
    came_m = float(seen.hip_m[first:lowest, 1].max(initial=-inf) - seen.hip_m[lowest, 1])
    return slice(max(first, lowest - 1), lowest + 2) if came_m > QUIET_M else None


def _compare(numbers: HipNumbers, seen: _Series, still: slice, end_s: float) -> HipNumbers:
    """Compare the set position with the pull, up to the end of the window."""
    after = slice(still.stop - 1, None)
    t_s, angle = seen.t_s[after], _middle_of_three(seen.angle_deg[after])
    within = np.append(t_s[t_s < end_s], min(end_s, float(t_s[-1])))
    lost = float(seen.angle_deg[still].mean()) - np.interp(within, t_s, angle)
    drop_deg = max(0.0, float(lost.max()))
    noise_deg = DOUBT * float(np.median(seen.sd_deg[after]))
    if numbers.source == POSE:  # which tells how far off it is, not how much it varies
        noise_deg = DOUBT * float(np.std(seen.angle_deg[still]))

    def rise(place: FloatArray) -> float:
        return float(np.interp(end_s, t_s, place[after, 1]) - place[still, 1].mean())

    hip_m, shoulder_m = rise(seen.hip_m), rise(seen.shoulder_m)
    enough = shoulder_m >= MIN_SHOULDER_RISE_M
    bend_m = float(np.interp(end_s, t_s, seen.bend_m[after]) - seen.bend_m[still].mean())
    return replace(
        numbers,
        trunk_drop_deg=drop_deg,
        trunk_drop_sd_deg=hypot(noise_deg, FALLBACK_SD_DEG[numbers.source], TURN_REL_SD * drop_deg),
        hip_rise_m=hip_m,
        shoulder_rise_m=shoulder_m,
        rise_ratio=hip_m / shoulder_m if enough else None,
        back_bend_m=bend_m if numbers.source == OUTLINE else None,
    )


def _middle_of_three(values: FloatArray) -> FloatArray:
    """Return (n,) values with single outliers taken out."""
    if len(values) < 3:
        return values
    padded = np.concatenate((values[:1], values, values[-1:]))
    middle: FloatArray = np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)
    return middle
