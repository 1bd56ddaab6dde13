"""Where stickers are on the lifter: every marker's place from the pose.

All are on the near side. Hip, shoulder, knee and ankle lie over their joints' centres, out toward
the camera by the body part's half thickness. The crest's lies over the top of the pelvis, 0.10 m
up the trunk's line from the hip and 0.02 m behind it. The mid-back's (about L1) lies on the
surface of the back, 45 % of the way from hip to shoulder, 0.058 of the stature behind the line
between them; a straight back keeps it there, so that the line hip - mid-back - shoulder bends by
the same angle all the time, and a rounded one pushes it out until it bends by that much more.
"""

from typing import Final

import numpy as np

from shinline.sim.pose import Body, Pose, solve_pose
from shinline.sim.scenario import MarkerSetup
from shinline.sim.timeline import Timeline
from shinline.types import FloatArray, Role

COLLAR_M: Final = 0.655
"""Where on the bar the first plate begins, from its middle."""
PLATE_THICKNESS_M: Final = 0.05
BAR_RADIUS_M: Final = 0.014
SHANK_RADIUS_M: Final = 0.045
"""From the ankle-knee line to the front of the shin."""

BODY_ROLES: Final = (
    Role.HIP,
    Role.SHOULDER,
    Role.KNEE,
    Role.ANKLE,
    Role.MID_BACK,
    Role.CREST,
)

UNDER_THE_ARMS: Final = tuple(role for role in BODY_ROLES if role is not Role.SHOULDER)
"""Stickers that an arm can come before."""

_OUT_M: Final = {Role.HIP: 0.105, Role.SHOULDER: 0.070, Role.KNEE: 0.060, Role.ANKLE: 0.045}
_MID_BACK_AT: Final = 0.45
_MID_BACK_BEHIND: Final = 0.058  # of stature
_MID_BACK_Z: Final = 0.055  # of stature: the edge of the back that a camera at the side sees
_CREST_UP_M, _CREST_BEHIND_M, _CREST_OUT_M = 0.10, 0.02, 0.075


def sticker_centres(body: Body, pose: Pose, role: Role) -> FloatArray:
    """Return the centre (n, 3) of a sticker, scene frame, metres."""
    if role is Role.MID_BACK:
        return _mid_back(body, pose)
    if role is Role.CREST:
        return _crest(pose)
    joint = getattr(pose, role.name.lower())
    return np.asarray(joint + np.array([0.0, 0.0, _OUT_M[role]]))


def printed(setup: MarkerSetup) -> tuple[Role, ...]:
    """Return the stickers that are on the lifter."""
    names = setup.roles if setup.body else ()
    return tuple(role for role in BODY_ROLES if role.name.lower() in names)


def bulge_m(body: Body, round_rad: FloatArray) -> FloatArray:
    """Return how much further than at rest a rounded back's middle is behind its line (n,)."""
    below_m, above_m = _MID_BACK_AT * body.trunk_m, (1.0 - _MID_BACK_AT) * body.trunk_m
    straight_m = _MID_BACK_BEHIND * body.stature_m
    bend_rad = np.arctan(straight_m / below_m) + np.arctan(straight_m / above_m)
    # tan(bend) = d (below + above) / (below above - d^2), solved for the distance d behind
    half_m = body.trunk_m / (2.0 * np.tan(bend_rad + round_rad))
    out_m = -half_m + np.sqrt(half_m**2 + below_m * above_m)
    return np.where(round_rad == 0.0, 0.0, out_m - straight_m)


def _along_and_behind(pose: Pose) -> tuple[FloatArray, FloatArray]:
    """Return unit vectors (n, 3) from hip to shoulder and out of the back, in the side view."""
    along = (pose.shoulder - pose.hip) * np.array([1.0, 1.0, 0.0])
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    return along, np.stack([-along[:, 1], along[:, 0], np.zeros(len(along))], axis=1)


def _mid_back(body: Body, pose: Pose) -> FloatArray:
    along, behind = _along_and_behind(pose)
    out_m = _MID_BACK_BEHIND * body.stature_m + bulge_m(body, pose.round_rad)
    middle = along * (_MID_BACK_AT * body.trunk_m) + behind * out_m[:, None]
    flat = pose.hip * np.array([1.0, 1.0, 0.0]) + middle
    return np.asarray(flat + np.array([0.0, 0.0, _MID_BACK_Z * body.stature_m]))


def _crest(pose: Pose) -> FloatArray:
    along, behind = _along_and_behind(pose)
    place = pose.hip + along * _CREST_UP_M + behind * _CREST_BEHIND_M
    return np.asarray(place + np.array([0.0, 0.0, _CREST_OUT_M]))


def markers_at(
    body: Body, timeline: Timeline, t_s: FloatArray, sleeve_m: float = 0.06
) -> dict[Role, FloatArray]:
    """Return where every sticker and the bar's end are, without noise.

    Parameters
    ----------
    t_s : (n,)
        Seconds from the beginning of the timeline.
    sleeve_m : float
        How far the bar's end stands out of the plate.

    Returns
    -------
    dict of Role to (n, 3)
        Metres in the scene frame: x toward the toes, y up, z toward the camera.

    """
    sample = timeline.sample(t_s)
    pose = sample.pose(body)
    end_m = np.full_like(sample.x_m, COLLAR_M + PLATE_THICKNESS_M + sleeve_m)
    found = {Role.BAR: np.stack([sample.x_m, sample.y_m, end_m], axis=1)}
    return found | {role: sticker_centres(body, pose, role) for role in BODY_ROLES}


def standing_gap_m(body: Body) -> float:
    """Return the gap from the standing lifter's shin to the bar where it first rests.

    From the bar's surface to the front of the shin, at the bar's height, feet in their usual place.
    """
    hand_xy = np.array([[-body.shape.back_m, body.rom_m]])
    pose = solve_pose(body, hand_xy, np.zeros(1))
    (ax, ay), (kx, ky) = pose.ankle[0, :2], pose.knee[0, :2]
    shank_m = ax + (0.0 - ay) / (ky - ay) * (kx - ax)
    return float(-BAR_RADIUS_M - (shank_m + SHANK_RADIUS_M))
