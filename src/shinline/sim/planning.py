"""What is worked out of a scenario before its reps are laid out: endings, speeds, set positions."""

from typing import Final

import numpy as np

from shinline.sim.pose import Body, arm_reach_m, elbow_ahead_m, solve_pose
from shinline.sim.scenario import Scenario
from shinline.sim.shapes import PullShape, SetShape

HANG: Final = 0.36
"""Share of the range at which the bar turns in a Romanian deadlift, below the knee."""
_DIP_AT: Final = 0.43  # of the range: where a bar sinks that does so, just below the knee
_STOPS: Final = (0.58, 0.85)  # of the range: between which a bar stops that hitches
_HIPS_STAY: Final = 0.5  # share of the shoulder's way back that the hips do not go along with
_SPLAY_RADPM: Final = 5.0
_MOST_SPLAY_RAD: Final = 1.0
_SIT_RADPM: Final = 6.0


def endings(scenario: Scenario) -> list[tuple[str, float]]:
    """Return how each rep ends and how long the bar then lies.

    A rep that is to begin with a bounce decides it for the one before; all reps of a Romanian
    deadlift but the last end hanging.
    """
    found: list[tuple[str, float]] = []
    for index, rep in enumerate(scenario.reps):
        following = scenario.reps[index + 1] if index + 1 < len(scenario.reps) else None
        if following is not None and "bounce" in following.faults:
            found.append(("bounce", following.faults["bounce"]))
        elif following is not None and scenario.style == "romanian":
            found.append(("hang", 0.0))
        else:
            found.append((rep.then, 0.0 if rep.then == "bounce" else rep.rest_s))
    return found


def speeds_mps(scenario: Scenario) -> list[float]:
    """Return each rep's mean velocity: asked for, or what is left of the fastest one's."""
    own = [rep.mean_velocity_mps for rep in scenario.reps if "velocity_loss" not in rep.faults]
    fastest_mps = max(own, default=0.0)
    return [
        fastest_mps * (1.0 - rep.faults["velocity_loss"])
        if "velocity_loss" in rep.faults
        else rep.mean_velocity_mps
        for rep in scenario.reps
    ]


def stations_m(shape: PullShape, rom_m: float) -> tuple[float, ...]:
    """Return the heights at which the bar turns or stops on its way up, the top last."""
    heights: list[float] = []
    if shape.dip_m > 0.0:
        heights += [_DIP_AT * rom_m, _DIP_AT * rom_m - shape.dip_m]
    first, last = _STOPS if shape.stops > 1 else (_STOPS[0], _STOPS[0])
    heights += [float(share) * rom_m for share in np.linspace(first, last, shape.stops)]
    return (*heights, rom_m)


def set_up_rad(body: Body, set_up: SetShape) -> tuple[float, float, float]:
    """Return how the set position departs from a good one: trunk flatter, arms, knees out (rad)."""
    flatter_rad = arm_rad = splay_rad = 0.0
    usual = solve_pose(body, np.zeros((1, 2)), np.zeros(1))
    trunk_start_rad = float(usual.trunk_rad[0])
    if set_up.trunk_deg is not None:
        flatter_rad += trunk_start_rad - float(np.deg2rad(set_up.trunk_deg))
    if set_up.shoulder_behind_m is not None:
        ahead_m = float(usual.shoulder[0, 0])
        reach_m = arm_reach_m(body)
        arm_rad = float(
            np.arcsin(-set_up.shoulder_behind_m / reach_m) - np.arcsin(ahead_m / reach_m)
        )
        back_m = ahead_m + set_up.shoulder_behind_m
        level = np.cos(trunk_start_rad) - _HIPS_STAY * back_m / body.trunk_m
        flatter_rad += trunk_start_rad - float(np.arccos(np.clip(level, -0.5, 1.0)))
    if set_up.elbow_ahead_m is not None:
        more_m = set_up.elbow_ahead_m - elbow_ahead_m(usual)
        splay_rad = min(_MOST_SPLAY_RAD, max(0.0, more_m * _SPLAY_RADPM))
        flatter_rad += min(0.0, more_m * _SIT_RADPM)
    return flatter_rad, arm_rad, splay_rad
