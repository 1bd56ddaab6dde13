"""The lifter of a scenario, with the bar's path drawn along the legs as a good one keeps it."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shinline.sim.body import Proportions, make_body
from shinline.sim.exact import line_x_m
from shinline.sim.planning import HANG
from shinline.sim.pose import Body, Posture, solve_pose
from shinline.sim.scenario import Scenario
from shinline.sim.timeline import Segment, evaluate
from shinline.types import FloatArray, Phase

_LOOSE_M: Final = 0.0195
"""How much further from the legs than at the start the bar of a good pull gets at most."""
_LEAST_WAY_M: Final = 0.24
_BOWS_M: Final = np.linspace(0.0, 0.15, 61)
_HEIGHTS: Final = 121


def body_of(scenario: Scenario) -> Body:
    """Size the lifter of a scenario.

    Raises
    ------
    ValueError
        Blocks so high that little is left to lift: the bar would start above the knee.

    """
    lengths = Proportions(scenario.arm_ratio, scenario.trunk_ratio, scenario.leg_ratio)
    raised_m = scenario.block_m if scenario.style == "blocks" else 0.0
    body = make_body(scenario.stature_m, scenario.style, lengths, raised_m)
    if body.rom_m < _LEAST_WAY_M:
        most_m = body.rom_m + raised_m - _LEAST_WAY_M
        raise ValueError(
            f"block_m: expected at most {most_m:.2f} for this lifter, got {raised_m:g}"
        )
    if scenario.style == "trap_bar":
        return body  # nothing is ahead of the legs
    hangs = (False, True) if scenario.style == "romanian" else (False,)
    return replace(body, bow_m=max(_bow_m(body, hanging) for hanging in hangs))


@dataclass(frozen=True, slots=True)
class _Climb:
    """The bar at every height of its way in turn."""

    base_m: float
    top_m: float
    duration_s: float = 1.0

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.base_m + (self.top_m - self.base_m) * t_s, np.ones_like(t_s)


def _bow_m(body: Body, hangs: bool) -> float:
    """Return the smallest bow that keeps the bar at the legs, or the one that does so best."""
    loose_m = []
    for bow_m in _BOWS_M:
        loose_m.append(_loose_m(replace(body, bow_m=bow_m), hangs))
        if loose_m[-1] <= _LOOSE_M:
            break
    return float(_BOWS_M[int(np.argmin(loose_m))])


def _loose_m(body: Body, hangs: bool) -> float:
    """Return how much further from shank or thigh the bar gets than at the start."""
    base_m = HANG * body.rom_m if hangs else 0.0
    climb = _Climb(base_m, body.rom_m)
    pull = Segment(0.0, Phase.PULL, climb, x_to=-body.shape.back_m, by_height=True, hinged=hangs)
    rows = evaluate(pull, body, np.linspace(0.0, 0.9, _HEIGHTS))
    pose = solve_pose(body, rows[4:6].T, rows[6], Posture(*rows[6:]))
    shank_m = line_x_m(pose.ankle, pose.knee, rows[1])
    thigh_m = line_x_m(pose.knee, pose.hip, rows[1])
    below = rows[1] < pose.knee[:, 1]
    gap_m = rows[0] - np.where(below, shank_m, thigh_m)
    return float(np.max(gap_m - np.where(below, gap_m[0], gap_m[-1])))
