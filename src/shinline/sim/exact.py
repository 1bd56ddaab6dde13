"""One rep's exact motion, for measuring: where everything is, and the events that windows hang on.

Positions are the stickers' true centres and the bar's true axis in the sagittal plane.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from shinline.sim.curves import bounds_s
from shinline.sim.pose import Body, solve_pose, upright
from shinline.sim.stickers import sticker_centres
from shinline.sim.timeline import Segment, Timeline
from shinline.types import BoolArray, FloatArray, Role

STEP_S: Final = 0.001
SET_STEP_S: Final = 0.005
_LONGEST_SET_UP_S: Final = 15.0
_QUIET_MPS, _QUIET_S = 0.05, 0.2
_KNEE_AT: Final = 0.48


@dataclass(frozen=True)
class Motion:
    """Everything that moves, at evenly spaced instants: (n,) times, (n, 2) positions, metres."""

    t_s: FloatArray
    bar: FloatArray
    speed_mps: FloatArray
    hip: FloatArray
    shoulder: FloatArray
    knee: FloatArray
    ankle: FloatArray
    mid_back: FloatArray
    crest: FloatArray

    def part(self, chosen: slice) -> "Motion":
        """Return a stretch of it."""
        return Motion(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def motion_at(timeline: Timeline, t_s: FloatArray) -> Motion:
    """Return where everything is at evenly spaced instants (n,)."""
    sample = timeline.sample(t_s)
    pose = sample.pose(timeline.body)
    bar = np.stack([sample.x_m, sample.y_m], axis=1)
    roles = (Role.HIP, Role.SHOULDER, Role.KNEE, Role.ANKLE, Role.MID_BACK, Role.CREST)
    places = (sticker_centres(timeline.body, pose, role)[:, :2] for role in roles)
    return Motion(sample.t_s, bar, sample.vy_mps, *places)


def trunk_deg(motion: Motion) -> FloatArray:
    """Return the trunk's angle above horizontal (n,)."""
    along = motion.shoulder - motion.hip
    return np.asarray(np.rad2deg(np.arctan2(along[:, 1], np.abs(along[:, 0]))))


def bend_deg(motion: Motion) -> FloatArray:
    """Return the angle by which the line hip - mid-back - shoulder bends, + when rounded."""
    lower, upper = motion.mid_back - motion.hip, motion.shoulder - motion.mid_back
    turn = np.arctan2(lower[:, 1], lower[:, 0]) - np.arctan2(upper[:, 1], upper[:, 0])
    return np.asarray(np.rad2deg(np.mod(turn + np.pi, 2.0 * np.pi) - np.pi))


def backward_deg(motion: Motion) -> FloatArray:
    """Return how far the line crest - shoulder leans behind vertical (n,)."""
    up = motion.shoulder - motion.crest
    return np.asarray(np.rad2deg(np.arctan2(-up[:, 0], up[:, 1])))


def line_x_m(low: FloatArray, high: FloatArray, y_m: FloatArray) -> FloatArray:
    """Return x of the line through two joints (n, 2) at heights (n,)."""
    share = (y_m - low[:, 1]) / (high[:, 1] - low[:, 1])
    return np.asarray(low[:, 0] + share * (high[:, 0] - low[:, 0]))


def held(values: FloatArray, dwell_s: float, step_s: float = STEP_S) -> float:
    """Return the highest level that evenly spaced values (n,) keep for a time, n >= 1."""
    count = min(len(values), 1 + round(dwell_s / step_s))
    windows = np.lib.stride_tricks.sliding_window_view(values, count)
    return float(np.max(np.min(windows, axis=1)))


@dataclass(frozen=True)
class RepMotion:
    """One rep, looked at when something asks; ``None`` for what it has not."""

    timeline: Timeline
    number: int

    @property
    def body(self) -> Body:
        """Whose rep it is."""
        return self.timeline.body

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The rep's own stretches of time."""
        return self.timeline.of_rep(self.number)

    @cached_property
    def way(self) -> Motion:
        """From the pull's beginning until the rep's last segment ends."""
        first, last = self.segments[0], self.segments[-1]
        return motion_at(self.timeline, np.arange(first.start_s, last.end_s, STEP_S))

    @cached_property
    def rise_m(self) -> FloatArray:
        """Height above the start, over ``way``."""
        return np.asarray(self.way.bar[:, 1] - self.way.bar[self.start, 1])

    @cached_property
    def _bounds(self) -> tuple[int, int, float, float]:
        way = self.way
        start_s, lockout_s = bounds_s(way.t_s, way.bar[:, 1] - way.bar[0, 1], way.speed_mps)
        start = int(np.searchsorted(way.t_s, start_s))
        return start, int(np.searchsorted(way.t_s, lockout_s)), start_s, lockout_s

    @property
    def start(self) -> int:
        """The first row of ``way`` after lift-off."""
        return self._bounds[0]

    @property
    def lockout(self) -> int:
        """The first row of ``way`` after lockout."""
        return min(self._bounds[1], len(self.way.t_s) - 1)

    @property
    def start_s(self) -> float:
        """The instant of lift-off."""
        return self._bounds[2]

    @cached_property
    def mean_mps(self) -> float:
        """The mean velocity, as a finished rep defines it."""
        _, _, start_s, lockout_s = self._bounds
        heights = self.timeline.sample(np.array([start_s, lockout_s])).y_m
        return float((heights[1] - heights[0]) / (lockout_s - start_s))

    @property
    def rom_m(self) -> float:
        """The rise between lift-off and lockout."""
        return float(self.rise_m[self.lockout])

    @property
    def top_m(self) -> float:
        """The highest rise, beyond the lockout's too."""
        return float(np.max(self.rise_m))

    def first(self, rise_m: float) -> int:
        """Return the first instant that high."""
        return int(np.argmax(self.rise_m >= rise_m))

    @property
    def knee(self) -> int:
        """The row at which the bar passes the knee, 48 % up."""
        return self.first(_KNEE_AT * self.rom_m)

    @property
    def early(self) -> int:
        """The row at which the first part of the pull ends: 120 mm, or a quarter of the way."""
        return self.first(min(0.120, 0.25 * self.rom_m))

    @property
    def hangs(self) -> bool:
        """Whether the bar is off the floor already when the rep begins."""
        return bool(self.way.bar[0, 1] > 0.0)

    @cached_property
    def before(self) -> Motion:
        """From the end of the rep before (or 15 s earlier at most) until the start."""
        end_s = self.timeline.of_rep(self.number - 1)[-1].end_s if self.number > 1 else 0.0
        begin_s = max(end_s, self.start_s - _LONGEST_SET_UP_S)
        count = max(0, int((self.start_s - begin_s) / SET_STEP_S))
        t_s = self.start_s - SET_STEP_S * np.arange(count, -1, -1, dtype=np.float64)
        return motion_at(self.timeline, t_s)

    @cached_property
    def set_stretch(self) -> tuple[int, int] | None:
        """The rows of ``before`` between which the lifter is still for the last time."""
        motion = self.before
        if self.hangs or len(motion.t_s) < 2:
            return None
        fastest = np.maximum(step_mps(motion.hip), step_mps(motion.shoulder))
        still = (fastest < _QUIET_MPS) & (np.abs(motion.speed_mps[1:]) < _QUIET_MPS)
        still &= self._at_bar()[1:]
        return last_stretch(still, _QUIET_S)

    def _at_bar(self) -> BoolArray:
        """Tell in which rows of ``before`` the hands hold the bar (n,)."""
        index = self.timeline.sample(self.before.t_s).segment
        return np.array([self.timeline.segments[int(i)].hand_from is None for i in index])

    @cached_property
    def set_position(self) -> Motion | None:
        """The one instant of the set position."""
        if self.set_stretch is None:
            return None
        last = self.set_stretch[1]
        return self.before.part(slice(last, last + 1))

    @cached_property
    def standing(self) -> Motion:
        """The lifter standing straight on this rep's feet."""
        sample = self.timeline.sample(np.array([self.start_s]))
        foot_m = sample.posture.foot_m
        hand_xy = np.array([[foot_m[0] - self.body.shape.back_m, self.body.rom_m]])
        posture = replace(upright(1), foot_m=foot_m)
        pose = solve_pose(self.body, hand_xy, np.zeros(1), posture)
        roles = (Role.HIP, Role.SHOULDER, Role.KNEE, Role.ANKLE, Role.MID_BACK, Role.CREST)
        places = (sticker_centres(self.body, pose, role)[:, :2] for role in roles)
        return Motion(sample.t_s, hand_xy, np.zeros(1), *places)

    @cached_property
    def gap_m(self) -> FloatArray:
        """From the shank's line to the bar below the knee, from the thigh's above, over ``way``."""
        way = self.way
        height_m = way.bar[:, 1]
        shank_m = line_x_m(way.ankle, way.knee, height_m)
        thigh_m = line_x_m(way.knee, way.hip, height_m)
        return np.asarray(way.bar[:, 0] - np.where(self.below_knee, shank_m, thigh_m))

    @property
    def below_knee(self) -> BoolArray:
        """Tell in which rows the bar is below the knee."""
        return np.asarray(self.way.bar[:, 1] < self.way.knee[:, 1])


def step_mps(place: FloatArray) -> FloatArray:
    """Return the speed over each step of the set-up (n - 1,)."""
    return np.asarray(np.hypot(*np.diff(place, axis=0).T) / SET_STEP_S)


def last_stretch(still: BoolArray, least_s: float) -> tuple[int, int] | None:
    """Return the first and last row of the last stretch that is still for long enough."""
    edges = np.diff(np.concatenate([[0], still.astype(np.int64), [0]]))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    long_enough = np.flatnonzero((ends - begins) * SET_STEP_S >= least_s - 1e-9)
    if not long_enough.size:
        return None
    last = int(long_enough[-1])
    return int(begins[last]), int(ends[last])
