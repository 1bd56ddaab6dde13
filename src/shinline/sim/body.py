"""The lifter's size: segment lengths from stature, and from what tells lifters apart.

Lengths are fractions of stature after Drillis and Contini. The arm comes out of the range of
motion: a lifter who stands straight holds the bar exactly ``0.436 H - 0.225 m`` above its rest.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shinline.sim.pose import BACK_TRAVEL_M as BACK_TRAVEL_M
from shinline.sim.pose import PLATE_RADIUS_M as PLATE_RADIUS_M
from shinline.sim.pose import STYLES as STYLES
from shinline.sim.pose import Body as Body
from shinline.sim.pose import Pose as Pose
from shinline.sim.pose import arm_reach_m, elbow_ahead_m
from shinline.sim.pose import solve_pose as solve_pose

_ROM_PER_STATURE: Final = 0.436
_ANKLE_HEIGHT, _SHANK, _THIGH, _TRUNK = 0.039, 0.246, 0.245, 0.288
_HIP_HALF_WIDTH: Final = 0.052
_SHOULDER_HALF_WIDTH: Final = 0.112
_FOREARM_RATIO: Final = 0.46  # elbow to grip, of the whole arm
_KNEES_AT_ARMS: Final = ("conventional", "blocks", "romanian")
_NEAR_ARMS_M: Final = 0.028  # how far a good lifter's knees are from the arms at most
_FLATTEST_RAD, _STEEPEST_RAD = float(np.deg2rad(16.0)), float(np.deg2rad(60.0))
_FLATTER_RAD: Final = float(np.deg2rad(12.0))
_STANDING_LEG: Final = 0.9995  # of its full length: a locked knee is not quite a singularity


@dataclass(frozen=True, slots=True)
class Proportions:
    """What tells lifters of one stature apart: lengths as ratios of the usual ones."""

    arm_ratio: float = 1.0
    trunk_ratio: float = 1.0
    leg_ratio: float = 1.0


_USUAL: Final = Proportions()


def rom_m(stature_m: float, style: str) -> float:
    """Return the bar's range of motion: 0.436 H - 0.225 m, and 0.80 of it for sumo."""
    return STYLES[style].rom_ratio * (_ROM_PER_STATURE * stature_m - PLATE_RADIUS_M)


def make_body(
    stature_m: float, style: str, lengths: Proportions = _USUAL, raised_m: float = 0.0
) -> Body:
    """Size a lifter, whose bar rests ``raised_m`` above where plates on the floor hold it.

    Sumo shortens the lift by its stance: the feet stand so wide that straight legs end where the
    shorter range of motion ends. Longer or shorter limbs change the range of motion, and the
    trunk's angle at the start so that the knees bend as they do in the usual lifter.
    """
    usual = _usual_body(stature_m, style)
    body = usual if lengths == _USUAL else _reshaped(usual, lengths)
    if raised_m == 0.0:
        return body
    x, y, z = body.ankle
    ankle = (x, y - raised_m, z)
    return replace(body, rom_m=body.rom_m - raised_m, ankle=ankle, raised_m=raised_m)


def _usual_body(stature_m: float, style: str) -> Body:
    shape = STYLES[style]
    leg_m = _STANDING_LEG * (_SHANK + _THIGH) * stature_m
    hip_half_m = _HIP_HALF_WIDTH * stature_m
    lost_m = rom_m(stature_m, "conventional") - rom_m(stature_m, style)
    spread_m = float(np.sqrt(leg_m**2 - (leg_m - lost_m) ** 2))
    stance_m = max(shape.stance_half_m, hip_half_m + spread_m)
    ankle = (-shape.ankle_behind_bar_m, _ANKLE_HEIGHT * stature_m - PLATE_RADIUS_M, stance_m)
    arm_m = _arm_length_m(stature_m, style, leg_m, ankle)
    return Body(
        stature_m=stature_m,
        rom_m=rom_m(stature_m, style),
        shank_m=_SHANK * stature_m,
        thigh_m=_THIGH * stature_m,
        trunk_m=_TRUNK * stature_m,
        arm_m=arm_m,
        forearm_m=_FOREARM_RATIO * arm_m,
        ankle=ankle,
        hip_half_m=hip_half_m,
        shoulder_half_m=_SHOULDER_HALF_WIDTH * stature_m,
        grip_half_m=shape.grip_half_m,
        shape=shape,
        style=style,
    )


def _arm_length_m(
    stature_m: float, style: str, leg_m: float, ankle: tuple[float, float, float]
) -> float:
    """Return the arm that lets an upright lifter hold the bar at the top of its range.

    The hip stands under the shoulder, whose distance behind the bar depends on the arm: two
    rounds of substitution settle it to a micrometre.
    """
    shape = STYLES[style]
    sideways_m = ankle[2] - _HIP_HALF_WIDTH * stature_m
    across_m = shape.grip_half_m - _SHOULDER_HALF_WIDTH * stature_m
    reach_m = 0.38 * stature_m
    for _ in range(8):
        hip_x_m = -shape.back_m + reach_m * np.sin(shape.arm_top_rad)
        leg_up_m = np.sqrt(leg_m**2 - sideways_m**2 - (hip_x_m - ankle[0]) ** 2)
        shoulder_y_m = ankle[1] + leg_up_m + _TRUNK * stature_m
        reach_m = (shoulder_y_m - rom_m(stature_m, style)) / np.cos(shape.arm_top_rad)
    return float(np.hypot(reach_m, across_m))


def _reshaped(usual: Body, lengths: Proportions) -> Body:
    """Return the lifter with other limbs, the range of motion and the start that they give."""
    body = replace(
        usual,
        shank_m=lengths.leg_ratio * usual.shank_m,
        thigh_m=lengths.leg_ratio * usual.thigh_m,
        trunk_m=lengths.trunk_ratio * usual.trunk_m,
        arm_m=lengths.arm_ratio * usual.arm_m,
        forearm_m=lengths.arm_ratio * usual.forearm_m,
    )
    reach_m = arm_reach_m(body)
    leg_m = _STANDING_LEG * (body.shank_m + body.thigh_m)
    sideways_m = body.ankle[2] - body.hip_half_m
    hip_x_m = -body.shape.back_m + reach_m * np.sin(body.shape.arm_top_rad)
    leg_up_m = np.sqrt(leg_m**2 - sideways_m**2 - (hip_x_m - body.ankle[0]) ** 2)
    shoulder_y_m = body.ankle[1] + leg_up_m + body.trunk_m
    top_m = float(shoulder_y_m - reach_m * np.cos(body.shape.arm_top_rad))
    body = replace(body, rom_m=top_m)
    return _bent_alike(body, _leg_share(usual, _start(usual)))


def _start(body: Body) -> Pose:
    return solve_pose(body, np.zeros((1, 2)), np.zeros(1))


def _leg_share(body: Body, pose: Pose) -> float:
    """Return how long the bent leg is at the start, of its full length."""
    return float(np.linalg.norm(pose.hip[0] - pose.ankle[0])) / (body.shank_m + body.thigh_m)


def _bent_alike(body: Body, share: float) -> Body:
    """Return the lifter whose trunk starts at the angle that bends the legs to this share.

    It starts steeper where the knees would stay behind the arms, flatter where they would be ahead.
    """
    flattest_rad = min(_FLATTEST_RAD, body.shape.trunk_rad - _FLATTER_RAD)
    steepest_rad = _STEEPEST_RAD
    for _ in range(30):
        middle_rad = 0.5 * (flattest_rad + steepest_rad)
        body = replace(body, shape=replace(body.shape, trunk_rad=float(middle_rad)))
        pose = _start(body)
        elbow_m = elbow_ahead_m(pose) if body.style in _KNEES_AT_ARMS else 0.0
        bent = _leg_share(body, pose) <= share and elbow_m < _NEAR_ARMS_M
        if not bent and elbow_m > -_NEAR_ARMS_M:
            flattest_rad = middle_rad
        else:
            steepest_rad = middle_rad
    return body
