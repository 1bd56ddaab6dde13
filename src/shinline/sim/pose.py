"""The lifter's pose: where the joints are when the hands hold the bar.

Scene frame: metres, x toward the toes, y up, z toward the camera; the origin is the bar's axis
where it first rests, in the sagittal plane of the lifter. Both sides of the body do the same, so
the near side (z > 0) is solved and the far one is its mirror image.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import FloatArray

PLATE_RADIUS_M: Final = 0.225
"""Height of the bar's axis above the floor: the radius of a 450 mm plate."""

BACK_TRAVEL_M: Final = 0.035
"""How far behind its start the bar ends at lockout: it follows the straightening legs."""

_GRIP_HALF_WIDTH_M: Final = 0.27
_LONGEST_LEG: Final = (0.994, 0.9998)  # in mid pull and at lockout, of its full length
_TRUNK_EXPONENT: Final = 2.1  # the trunk's angle hardly changes below the knee, then hips extend
_UPRIGHT_RAD: Final = np.pi / 2.0


@dataclass(frozen=True, slots=True)
class StyleShape:
    """What tells one way of deadlifting from another (angles in radians).

    ``trunk_rad`` is the trunk's angle above horizontal at the start; ``arm_*_rad`` the arm's
    angle from vertical, positive with the shoulder ahead of the bar. ``trunk_exponent`` tells how
    late on the way up the trunk opens, ``back_m`` how far behind its start the bar ends.
    """

    rom_ratio: float
    ankle_behind_bar_m: float
    stance_half_m: float
    toe_out_rad: float
    trunk_rad: float
    arm_start_rad: float
    arm_top_rad: float
    trunk_exponent: float = _TRUNK_EXPONENT
    back_m: float = BACK_TRAVEL_M
    grip_half_m: float = _GRIP_HALF_WIDTH_M


def _shape(
    ratio: float, ankle_m: float, stance_m: float, *angles_deg: float, **rest: float
) -> StyleShape:
    angles_rad = (float(np.deg2rad(a)) for a in angles_deg)
    return StyleShape(ratio, ankle_m, stance_m, *angles_rad, **rest)


STYLES: Final = {
    "conventional": _shape(1.00, 0.105, 0.16, 14.0, 27.0, 8.0, -8.0),
    "sumo": _shape(0.80, 0.085, 0.35, 42.0, 40.0, 3.0, -7.0),
    "trap_bar": _shape(1.00, 0.050, 0.16, 14.0, 38.0, 2.0, -3.0, back_m=0.015, grip_half_m=0.32),
    "blocks": _shape(1.00, 0.095, 0.16, 14.0, 27.0, 8.0, -8.0),
    "romanian": _shape(1.00, 0.105, 0.14, 10.0, 27.0, 8.0, -8.0),
    "stiff_leg": _shape(1.00, 0.105, 0.14, 10.0, 2.0, 8.0, -8.0, trunk_exponent=1.3),
}


@dataclass(frozen=True, slots=True)
class Body:
    """Segment lengths and fixed points of one lifter, in metres.

    ``ankle`` is the near ankle; the half widths are the distances of the near hip, shoulder and
    grip from the sagittal plane. ``raised_m`` is how high blocks hold the bar, ``bow_m`` how far
    behind the usual path the bar is drawn to stay at the legs.
    """

    stature_m: float
    rom_m: float
    shank_m: float
    thigh_m: float
    trunk_m: float
    arm_m: float
    forearm_m: float
    ankle: tuple[float, float, float]
    hip_half_m: float
    shoulder_half_m: float
    grip_half_m: float
    shape: StyleShape
    style: str
    raised_m: float = 0.0
    bow_m: float = 0.0

    @property
    def floor_m(self) -> float:
        """Height of the floor in the scene frame: blocks put it further below the bar."""
        return -(PLATE_RADIUS_M + self.raised_m)


@dataclass(frozen=True, slots=True)
class Posture:
    """Departures from the pose that the hands ask for, each (n,).

    ``trunk_drop_rad`` is how much flatter the trunk is, ``arm_rad`` how much further ahead of the
    hands the arm holds the shoulder, ``foot_m`` how far the feet stand from their usual place,
    ``splay_rad`` how much further out the knees point, ``round_rad`` how much the back bends.
    """

    trunk_drop_rad: FloatArray
    arm_rad: FloatArray
    foot_m: FloatArray
    splay_rad: FloatArray
    round_rad: FloatArray


@dataclass(frozen=True, slots=True)
class Pose:
    """Joint centres of the near side, each (n, 3) in the scene frame, and the trunk's angle.

    ``round_rad`` (n,) is how much the back bends more than at rest.
    """

    ankle: FloatArray
    knee: FloatArray
    hip: FloatArray
    shoulder: FloatArray
    elbow: FloatArray
    hand: FloatArray
    trunk_rad: FloatArray
    round_rad: FloatArray


def arm_reach_m(body: Body) -> float:
    """Return the arm's length as the side view shows it."""
    return float(np.sqrt(body.arm_m**2 - (body.grip_half_m - body.shoulder_half_m) ** 2))


def upright(count: int) -> Posture:
    """Return the posture of n instants that departs from nothing."""
    none = np.zeros(count)
    return Posture(none, none, none, none, none)


def solve_pose(
    body: Body, hand_xy: FloatArray, trunk_drop_rad: FloatArray, posture: Posture | None = None
) -> Pose:
    """Place the body so that the hands are where they are.

    Parameters
    ----------
    hand_xy : (n, 2)
        Grip centre in the sagittal plane, metres; heights outside the range of motion are posed
        like its nearer end.
    trunk_drop_rad : (n,)
        How much flatter the trunk is than this height asks for.
    posture : Posture, optional
        Further departures; its own ``trunk_drop_rad`` is not looked at.

    Returns
    -------
    Pose
        Segment lengths are those of ``body`` and the ankle stays put. Where straight legs could
        not reach, the shoulders come forward over the bar and the trunk keeps its angle.

    """
    posture = posture or upright(len(hand_xy))
    progress = _progress(body, hand_xy[:, 1])
    angle_rad = trunk_rad(body, hand_xy[:, 1]) - trunk_drop_rad
    trunk_xy = body.trunk_m * np.stack([np.cos(angle_rad), np.sin(angle_rad)], axis=1)
    ankle = np.broadcast_to(np.array(body.ankle), (len(hand_xy), 3))
    if np.any(posture.foot_m):
        ankle = ankle + posture.foot_m[:, None] * np.array([1.0, 0.0, 0.0])
    shoulder_xy = _shoulder(body, hand_xy, ankle[:, :2], (progress, posture.arm_rad), trunk_xy)
    hip = _lift(shoulder_xy - trunk_xy, body.hip_half_m)
    shoulder = _lift(shoulder_xy, body.shoulder_half_m)
    hand = _lift(hand_xy, body.grip_half_m)
    return Pose(
        ankle=ankle,
        knee=_knee(body, ankle, hip, posture.splay_rad),
        hip=hip,
        shoulder=shoulder,
        elbow=hand + (shoulder - hand) * (body.forearm_m / body.arm_m),
        hand=hand,
        trunk_rad=angle_rad,
        round_rad=posture.round_rad,
    )


def _progress(body: Body, hand_y_m: FloatArray) -> FloatArray:
    """Return how far up the hands are, of the way from plates on the floor to lockout."""
    return np.clip((hand_y_m + body.raised_m) / (body.rom_m + body.raised_m), 0.0, 1.0)


def trunk_rad(body: Body, hand_y_m: FloatArray) -> FloatArray:
    """Return the trunk's angle above horizontal (rad) in a good pull, from the hands' height."""
    start_rad = body.shape.trunk_rad
    progress = _progress(body, hand_y_m)
    return start_rad + (_UPRIGHT_RAD - start_rad) * progress**body.shape.trunk_exponent


def _lift(xy_m: FloatArray, z_m: float) -> FloatArray:
    """Add the third coordinate to points of the sagittal plane."""
    return np.concatenate([xy_m, np.full((len(xy_m), 1), z_m)], axis=1)


def _shoulder(
    body: Body,
    hand_xy: FloatArray,
    ankle_xy: FloatArray,
    arm: tuple[FloatArray, FloatArray],
    trunk_xy: FloatArray,
) -> FloatArray:
    """Return the shoulder over the hand at the arm's usual angle, or where the legs still reach."""
    shape = body.shape
    progress, more_rad = arm
    ease = progress * progress
    arm_rad = shape.arm_start_rad + (shape.arm_top_rad - shape.arm_start_rad) * ease + more_rad
    reach_m = arm_reach_m(body)
    usual = hand_xy + reach_m * np.stack([np.sin(arm_rad), np.cos(arm_rad)], axis=1)

    bent, straight = _LONGEST_LEG
    longest = bent + (straight - bent) * progress**4
    leg_m = longest * (body.shank_m + body.thigh_m)
    leg_m = np.sqrt(leg_m**2 - (body.ankle[2] - body.hip_half_m) ** 2)
    centre = ankle_xy + trunk_xy  # a shoulder within leg_m of it has its hip near
    too_far = np.hypot(*(usual - centre).T) > leg_m
    return np.where(too_far[:, None], _meet(hand_xy, reach_m, centre, leg_m, usual), usual)


def _meet(
    a: FloatArray, a_m: float, b: FloatArray, b_m: FloatArray, near: FloatArray
) -> FloatArray:
    """Return where circles around a and b cross, the crossing nearer to a point (n, 2)."""
    apart = b - a
    apart_m = np.maximum(np.hypot(*apart.T), 1e-9)
    along_m = (apart_m**2 + a_m**2 - b_m**2) / (2.0 * apart_m)
    across_m = np.sqrt(np.maximum(a_m**2 - along_m**2, 0.0))
    unit = apart / apart_m[:, None]
    normal = np.stack([unit[:, 1], -unit[:, 0]], axis=1)
    side = np.sum((near - a) * normal, axis=1, keepdims=True)
    normal *= np.where(side < 0.0, -1.0, 1.0)
    return np.asarray(a + unit * along_m[:, None] + normal * across_m[:, None])


def _knee(body: Body, ankle: FloatArray, hip: FloatArray, splay_rad: FloatArray) -> FloatArray:
    """Return the knee between ankle and hip, bent toward the toes (law of cosines)."""
    line = hip - ankle
    line_m = np.linalg.norm(line, axis=1, keepdims=True)
    unit = line / line_m
    along_m = (line_m**2 + body.shank_m**2 - body.thigh_m**2) / (2.0 * line_m)
    across_m = np.sqrt(np.maximum(body.shank_m**2 - along_m**2, 0.0))
    if np.any(splay_rad):
        out_rad = body.shape.toe_out_rad + splay_rad
        toes = np.stack([np.cos(out_rad), np.zeros_like(out_rad), np.sin(out_rad)], axis=1)
        bend = toes - unit * np.sum(unit * toes, axis=1, keepdims=True)
    else:
        toe = np.array([np.cos(body.shape.toe_out_rad), 0.0, np.sin(body.shape.toe_out_rad)])
        bend = toe - unit * (unit @ toe)[:, None]
    bend /= np.linalg.norm(bend, axis=1, keepdims=True)
    return np.asarray(ankle + unit * along_m + bend * across_m)


def elbow_ahead_m(pose: Pose) -> float:
    """Return how far the arm passes ahead of the knee, at its height, in the first instant."""
    hand, shoulder, knee = pose.hand[0], pose.shoulder[0], pose.knee[0]
    share = (knee[1] - hand[1]) / (shoulder[1] - hand[1])
    return float(hand[0] + share * (shoulder[0] - hand[0]) - knee[0])
