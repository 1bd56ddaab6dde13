"""What happens when: the scenario laid out as segments, each an exact function of time."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shinline.sim.curves import Curve
from shinline.sim.pose import (
    PLATE_RADIUS_M,
    Body,
    Pose,
    Posture,
    arm_reach_m,
    solve_pose,
    trunk_rad,
)
from shinline.sim.shapes import Bulge, PullShape, smooth
from shinline.types import FloatArray, Phase

_BACK_FROM: Final = 0.30  # fraction of the range from where the bar follows the legs back
_DROP_WINDOW_M: Final = 0.12
_DROP_OVER: Final = 0.80  # fraction of the range at which the trunk has its angle back
_SET_UP_OVER: Final = 0.85  # ... at which nothing is left of how the lifter stood at the start
_ROUND: Final = (0.30, 0.66, 0.94)  # fractions: the back is bent most, still is, is straight again
_LEAN: Final = (0.905, 0.975)  # fractions of the rep's own top: the trunk begins to lean, has leant
_ARM_OF_LEAN: Final = 0.5  # the arms follow a trunk that leans back by half
_BOW: Final = {"stiff_leg": (0.0, 0.28, 1.0)}
_USUAL_BOW: Final = (0.04, 0.50, 1.0)
"""Fractions of the range where the bar begins to be drawn back, is furthest, and no longer is."""
_HINGE_RAD: Final = float(np.deg2rad(10.0))
_HINGE_BETWEEN: Final = (0.85, 0.30)  # fractions: from where down, and by where, it is that flatter


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time with one rule of motion.

    ``x_from`` .. ``x_to`` is passed over the segment's time, or over the height between
    ``_BACK_FROM`` of the range and the top when ``by_height``. ``hand_from`` .. ``hand_to`` moves
    the hands by themselves; without them they hold the bar. ``rep`` counts from 1, 0 belongs to
    none. ``helper`` tells whether somebody else stands at the bar, ``plates`` how many there are.
    ``set_up`` is how the lifter departs from a good set position: the trunk's angle missing, the
    arm's and the knees' in excess (rad). ``foot_from`` .. ``foot_to`` moves the feet. ``hinged``
    says that it is a Romanian deadlift's; ``low_m`` is where its rep begins or ends, 0 on the
    floor.
    """

    start_s: float
    phase: Phase
    curve: Curve
    rep: int = 0
    x_from: float = 0.0
    x_to: float = 0.0
    by_height: bool = False
    shape: PullShape = field(default_factory=PullShape)
    turn_from: float = 0.0
    spin_radps: float = 0.0
    rolls: bool = False
    hand_from: tuple[float, float] | None = None
    hand_to: tuple[float, float] | None = None
    helper: bool = False
    plates: int = 1
    set_up: tuple[float, float, float] = (0.0, 0.0, 0.0)
    foot_from: float = 0.0
    foot_to: float = 0.0
    hinged: bool = False
    low_m: float = 0.0

    @property
    def end_s(self) -> float:
        """When the next segment takes over."""
        return self.start_s + self.curve.duration_s


@dataclass(frozen=True, slots=True)
class Sample:
    """What moves, at n instants: metres, m/s, radians; each (n,) but ``hand_xy`` (n, 2)."""

    t_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    vy_mps: FloatArray
    turn_rad: FloatArray
    hand_xy: FloatArray
    posture: Posture
    segment: NDArray[np.int64]

    @property
    def trunk_drop_rad(self) -> FloatArray:
        """How much flatter the trunk is than the hands' height asks for."""
        return self.posture.trunk_drop_rad

    def pose(self, body: Body) -> Pose:
        """Return where the lifter's joints are."""
        return solve_pose(body, self.hand_xy, self.posture.trunk_drop_rad, self.posture)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Segments without gaps, from 0 to ``duration_s``."""

    body: Body
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        """How long the recording lasts."""
        return self.segments[-1].end_s

    def of_rep(self, rep: int) -> tuple[Segment, ...]:
        """Return the segments of one rep: its pull, lockout, and what follows down to the floor."""
        return tuple(s for s in self.segments if s.rep == rep)

    def helper_span_s(self, index: int) -> tuple[float, float] | None:
        """Return from when to when the helper seen in a segment is about; None: nobody is."""
        if not self.segments[index].helper:
            return None
        first = last = index
        while first > 0 and self.segments[first - 1].helper:
            first -= 1
        while last + 1 < len(self.segments) and self.segments[last + 1].helper:
            last += 1
        return self.segments[first].start_s, self.segments[last].end_s

    def sample(self, t_s: FloatArray) -> Sample:
        """Return the state at any instants; those outside the recording get its nearer end."""
        t_s = np.clip(t_s, 0.0, self.duration_s)
        starts_s = np.array([s.start_s for s in self.segments])
        index = np.searchsorted(starts_s, t_s, side="right") - 1
        rows = np.zeros((11, len(t_s)))
        for number in np.unique(index):
            chosen = index == number
            rows[:, chosen] = evaluate(self.segments[number], self.body, t_s[chosen])
        x_m, y_m, vy_mps, turn_rad = rows[:4]
        posture = Posture(*rows[6:])
        return Sample(t_s, x_m, y_m, vy_mps, turn_rad, rows[4:6].T, posture, index)


def evaluate(segment: Segment, body: Body, t_s: FloatArray) -> FloatArray:
    """Return x, y, vy, turn, hand x, hand y and the posture as rows."""
    local_s = t_s - segment.start_s
    y_m, vy_mps = segment.curve.at(local_s)
    done = local_s / segment.curve.duration_s
    progress = y_m / body.rom_m
    ease = (progress - _BACK_FROM) / (1.0 - _BACK_FROM) if segment.by_height else done
    x_m = segment.x_from + (segment.x_to - segment.x_from) * smooth(ease)
    for bulge in segment.shape.bulges:
        x_m = x_m + bulge.at(_way(segment, body, y_m))
    x_m = x_m - _bow_m(segment, body, y_m)
    turn_rad = segment.turn_from + segment.spin_radps * local_s
    if segment.rolls:
        turn_rad = turn_rad - (x_m - segment.x_from) / PLATE_RADIUS_M
    hand = _hand(segment, x_m, y_m, done)
    posture = _posture(segment, body, hand[1], done)
    return np.stack([x_m, y_m, vy_mps, turn_rad, *hand, *posture])


def _hand(
    segment: Segment, x_m: FloatArray, y_m: FloatArray, done: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if segment.hand_from is None or segment.hand_to is None:
        return x_m, y_m
    ease = smooth(done)
    (x0, y0), (x1, y1) = segment.hand_from, segment.hand_to
    return x0 + (x1 - x0) * ease, y0 + (y1 - y0) * ease


def _posture(
    segment: Segment, body: Body, hand_y_m: FloatArray, done: FloatArray
) -> tuple[FloatArray, ...]:
    """Return the rows of :class:`Posture`.

    What is wrong with the set position goes as the hands rise, and comes back as they sink.
    """
    flatter_rad, arm_rad, splay_rad = segment.set_up
    progress = hand_y_m / body.rom_m
    left = 1.0 - smooth(progress / _SET_UP_OVER)
    lean_rad = _lean_rad(segment, _way(segment, body, hand_y_m), done)
    drop_rad = _trunk_drop_rad(segment, body, hand_y_m) + flatter_rad * left
    drop_rad = drop_rad - lean_rad + _hinge_drop_rad(segment, body, hand_y_m)
    foot_m = segment.foot_from + (segment.foot_to - segment.foot_from) * smooth(done)
    arms_rad = arm_rad * left - _ARM_OF_LEAN * lean_rad
    behind_m = _bow_m(segment, body, hand_y_m)
    for bulge in segment.shape.bulges:
        if bulge.body_stays:
            behind_m = behind_m - bulge.at(_way(segment, body, hand_y_m))
    arms_rad = arms_rad + np.arcsin(behind_m / arm_reach_m(body))
    round_rad = _round_rad(segment, _way(segment, body, hand_y_m))
    return drop_rad, arms_rad, foot_m, splay_rad * left, round_rad


def _bow_m(segment: Segment, body: Body, y_m: FloatArray) -> FloatArray:
    """Return how far behind the usual path the bar is drawn, the shoulders staying where they are.

    Legs that are long for the trunk, or that a bowing lifter keeps straight, go back further than
    the usual path does; a good lifter draws the bar along them.
    """
    if body.bow_m == 0.0 or not segment.by_height:
        return np.zeros(y_m.shape)
    return Bulge(body.bow_m, *_BOW.get(body.style, _USUAL_BOW)).at(y_m / body.rom_m)


def _way(segment: Segment, body: Body, y_m: FloatArray) -> FloatArray:
    """Return how much of the rep's own way up has been made at these heights."""
    return np.asarray((y_m - segment.low_m) / (body.rom_m - segment.shape.short_m - segment.low_m))


def _trunk_drop_rad(segment: Segment, body: Body, y_m: FloatArray) -> FloatArray:
    """Return how much flatter the trunk is than a good pull's at this height.

    The size of the fault counts from the trunk's angle at the start, so what a good pull has
    gained by then is taken off as well, and what it gains on a start that was flatter already.
    """
    if segment.shape.trunk_drop_deg == 0.0:
        return np.zeros(y_m.shape)
    way_m = body.rom_m - segment.shape.short_m
    lost_by_m = segment.shape.drop_share * min(_DROP_WINDOW_M, 0.25 * way_m)
    gone = smooth((y_m - _DROP_WINDOW_M) / (_DROP_OVER * body.rom_m - _DROP_WINDOW_M))
    window = smooth(y_m / lost_by_m) * (1.0 - gone)
    gained_rad = trunk_rad(body, y_m) - trunk_rad(body, np.zeros(1))
    gained_rad = gained_rad + segment.set_up[0] * smooth(y_m / (_SET_UP_OVER * body.rom_m))
    lost_rad = float(np.deg2rad(segment.shape.trunk_drop_deg))
    return np.asarray(window * (lost_rad + gained_rad))


def _lean_rad(segment: Segment, way: FloatArray, done: FloatArray) -> FloatArray:
    """Return how far the trunk leans back: at the top of the rep, until the hands let go."""
    if segment.shape.lean_deg == 0.0:
        return np.zeros(way.shape)
    begins, leant = _LEAN
    lean = smooth((way - begins) / (leant - begins))
    if segment.hand_from is not None:
        lean = lean * (1.0 - smooth(done))
    return np.asarray(np.deg2rad(segment.shape.lean_deg) * lean)


def _round_rad(segment: Segment, way: FloatArray) -> FloatArray:
    """Return how much the back bends: most about the knee, not at all at the top."""
    bent, still, straight = _ROUND
    left = 1.0 - smooth((way - still) / (straight - still))
    return np.asarray(np.deg2rad(segment.shape.round_deg) * smooth(way / bent) * left)


def _hinge_drop_rad(segment: Segment, body: Body, hand_y_m: FloatArray) -> FloatArray:
    """Return how much flatter than in a pull from the floor a Romanian deadlift's trunk is.

    It is so at the bottom, where the legs stay straighter; from mid thigh on both are the same.
    """
    if not segment.hinged:
        return np.zeros(hand_y_m.shape)
    same, bottom = _HINGE_BETWEEN
    return np.asarray(_HINGE_RAD * smooth((same - hand_y_m / body.rom_m) / (same - bottom)))
