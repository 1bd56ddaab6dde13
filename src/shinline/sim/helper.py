"""The person who puts plates on: walks in on the camera's side, crouches at the bar's end, goes."""

from dataclasses import replace
from typing import Final

import numpy as np

from shinline.sim.body import make_body
from shinline.sim.figure import Points, figure_points
from shinline.sim.pose import BACK_TRAVEL_M, Body, solve_pose
from shinline.sim.shapes import smooth
from shinline.types import FloatArray

ARRIVED: Final = 0.35
LEAVES: Final = 0.65
"""Shares of the helper's time between which the hands are at the bar."""

_DEPTH_M: Final = 1.02
_WALK_M: Final = 2.6
_STEPS: Final = 4.0
_STRIDE_M: Final = 0.17
_WALKING_CROUCH_M: Final = 0.09
_BEHIND_BAR_M: Final = 0.16
_CROUCH_SHARE: Final = 0.12  # of the helper's time, to get down or up


def helper_body(raised_m: float = 0.0) -> Body:
    """Size the helper, who stands on the same floor as a lifter whose bar is on blocks."""
    return make_body(1.82, "conventional", raised_m=raised_m)


def helper_points(body: Body, done: float, bar_xy: FloatArray) -> tuple[Points, Points]:
    """Return the points of the near and of the far leg's side, in the scene frame.

    ``done`` is the share of the helper's time that has passed.
    """
    away = _away(done)
    swing_m = _STRIDE_M * np.sin(2.0 * np.pi * _STEPS * away) * min(1.0, 6.0 * away)
    down = _down(done)
    height_m = body.rom_m - _WALKING_CROUCH_M
    hand = np.array([[-BACK_TRAVEL_M * (1.0 - down), height_m + down * (bar_xy[1] - height_m)]])
    shift = np.array([bar_xy[0] - _BEHIND_BAR_M - _WALK_M * away, 0.0, _DEPTH_M])
    near = _side(body, hand, swing_m, shift)
    far = _side(body, hand, -swing_m, shift * np.array([1.0, 1.0, 0.0]))
    behind = np.array([1.0, 1.0, -1.0])
    return near, {name: point * behind + shift * (1.0 - behind) / 2 for name, point in far.items()}


def _away(done: float) -> float:
    """Return the share of the way that lies between the helper and the bar."""
    coming, going = (done / ARRIVED, (1.0 - done) / (1.0 - LEAVES))
    return float(1.0 - smooth(np.array(min(coming, going) / 0.7)))


def _down(done: float) -> float:
    """Return how far the helper has crouched, 0 .. 1."""
    since = min(done - ARRIVED, LEAVES - done) + _CROUCH_SHARE
    return float(smooth(np.array(since / _CROUCH_SHARE)))


def _side(body: Body, hand_xy: FloatArray, swing_m: float, shift: FloatArray) -> Points:
    x, y, z = body.ankle
    stepping = replace(body, ankle=(x + swing_m, y + max(0.0, 0.25 * swing_m), z))
    pose = solve_pose(stepping, hand_xy, np.zeros(1))
    return {name: point + shift for name, point in figure_points(stepping, pose, 0).items()}
