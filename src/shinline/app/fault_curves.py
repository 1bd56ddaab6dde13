"""Faults that show in a curve: what is drawn beside the lifter, and what of it is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.sim.exact import RepMotion
from shinline.types import FloatArray

TIME: Final = "time, s"


@dataclass(frozen=True)
class Curve:
    """What is drawn beside the lifter: names of the axes, and points (n, 2) of a repetition.

    ``mark`` picks two places, (2, 2), between which is what is measured.
    """

    across: str
    up: str
    points: Callable[[RepMotion], FloatArray]
    mark: Callable[[FloatArray], FloatArray]


def _pull(rep: RepMotion) -> slice:
    return slice(rep.start, rep.lockout + 1)


def _path(rep: RepMotion) -> FloatArray:
    bar = rep.way.bar[_pull(rep)] - rep.way.bar[rep.start]
    return np.stack([1000.0 * bar[:, 0], 100.0 * bar[:, 1]], axis=1)


def _gap_grows(rep: RepMotion) -> FloatArray:
    high = rep.first(0.9 * rep.rom_m)
    rows = slice(rep.start, high + 1)
    below = rep.below_knee[rows]
    more = rep.gap_m[rows] - np.where(below, rep.gap_m[rep.start], rep.gap_m[high])
    return np.stack([1000.0 * more, 100.0 * rep.rise_m[rows]], axis=1)


def _height(rep: RepMotion) -> FloatArray:
    rows = _pull(rep)
    return np.stack([rep.way.t_s[rows] - rep.start_s, 100.0 * rep.rise_m[rows]], axis=1)


def _speed(rep: RepMotion) -> FloatArray:
    rows = _pull(rep)
    return np.stack([rep.way.t_s[rows] - rep.start_s, rep.way.speed_mps[rows]], axis=1)


def _first_speed(rep: RepMotion) -> FloatArray:
    speed = _speed(rep)
    return speed[speed[:, 0] <= 0.30]


def _around_floor(rep: RepMotion) -> FloatArray:
    t_s = rep.start_s + np.linspace(-1.3, 0.5, 361)
    sample = rep.timeline.sample(t_s)
    return np.stack([t_s - rep.start_s, 100.0 * np.maximum(sample.y_m, 0.0)], axis=1)


def _down(rep: RepMotion) -> FloatArray:
    end_s = float(rep.way.t_s[-1])
    rows = rep.way.t_s > end_s - 0.8
    return np.stack([rep.way.t_s[rows] - end_s, -rep.way.speed_mps[rows]], axis=1)


def _means(rep: RepMotion) -> FloatArray:
    means = [RepMotion(rep.timeline, n).mean_mps for n in range(1, rep.number + 1)]
    return np.stack([np.arange(1.0, rep.number + 1), np.array(means)], axis=1)


def _from_zero(points: FloatArray) -> FloatArray:
    most = points[int(np.argmax(points[:, 0]))]
    return np.array([[0.0, most[1]], most])


def _from_chord(points: FloatArray) -> FloatArray:
    rise = points[:, 1] / points[-1, 1]
    low, high = int(np.argmax(rise >= 0.30)), int(np.argmax(rise >= 0.65))
    part = points[low : high + 1]
    chord = np.interp(part[:, 1], part[[0, -1], 1], part[[0, -1], 0])
    at = int(np.argmax(part[:, 0] - chord))
    return np.array([[chord[at], part[at, 1]], part[at]])


def _fall(points: FloatArray) -> FloatArray:
    most = np.maximum.accumulate(points[:, 1])
    at = int(np.argmax(most - points[:, 1]))
    return np.array([[points[at, 0], most[at]], points[at]])


def _stops(points: FloatArray) -> FloatArray:
    slow = points[
        (points[:, 1] < 0.03) & (points[:, 0] > 0.1) & (points[:, 0] < points[-1, 0] - 0.1)
    ]
    ends: FloatArray = slow[[0, -1]]
    return ends


def _steepest(points: FloatArray) -> FloatArray:
    later = np.interp(points[:, 0] + 0.075, points[:, 0], points[:, 1])
    early = points[:, 0] <= 0.075
    at = int(np.argmax(np.where(early, later - points[:, 1], 0.0)))
    return np.array([points[at], [points[at, 0] + 0.075, later[at]]])


def _on_floor(points: FloatArray) -> FloatArray:
    lies: FloatArray = points[points[:, 1] < 0.05][[0, -1]]
    return lies


def _last(points: FloatArray) -> FloatArray:
    return np.array([[points[-1, 0], 0.0], points[-1]])


def _from_best(points: FloatArray) -> FloatArray:
    return np.array([[points[-1, 0], points[:, 1].max()], points[-1]])


CURVES: Final[dict[str, Curve]] = {
    "bar_forward": Curve("forward, mm", "height, cm", _path, _from_zero),
    "bar_leaves_legs": Curve("more gap, mm", "height, cm", _gap_grows, _from_zero),
    "knee_loop": Curve("forward, mm", "height, cm", _path, _from_chord),
    "reversal": Curve(TIME, "height, cm", _height, _fall),
    "hitch": Curve(TIME, "speed, m/s", _speed, _stops),
    "yank": Curve(TIME, "speed, m/s", _first_speed, _steepest),
    "bounce": Curve(TIME, "height, cm", _around_floor, _on_floor),
    "lowering": Curve(TIME, "speed down, m/s", _down, _last),
    "velocity_loss": Curve("repetition", "mean speed, m/s", _means, _from_best),
}
