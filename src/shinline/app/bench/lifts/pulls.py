"""Ways up and down, drawn at random: the curves that the sessions are made of."""

from dataclasses import dataclass

import numpy as np

from shinline.app.bench.lifts.motion import Chain, Speeds, Stage
from shinline.app.bench.lifts.ranges import Ranges, Span, ramp
from shinline.sim.curves import Curve, Descent, Flight, Rest
from shinline.sim.faults import Bulge

NODES = 2001
GIVEN_S = 0.25  # in which the speed of a rebound is used up
RISE_S_PER_MPS = 0.45
FALL_S_PER_MPS = 0.30
"""Nobody accelerates a heavy bar by more than about 6 m/s^2, nor slows it down by more than g."""

SHORTEST = 1.1
"""A stroke lasts so many times what its beginning and its end need; a short one is slower."""


@dataclass(slots=True)
class Draw:
    """Draws numbers from spans."""

    ranges: Ranges
    rng: np.random.Generator

    def __call__(self, span: Span) -> float:
        """Return one number of the span."""
        return float(self.rng.uniform(*span))

    def chance(self, share: float) -> bool:
        """Return True in so many cases of one."""
        return bool(self.rng.random() < share)

    def normal(self, sd: float) -> float:
        """Return a number around 0, cut at three standard deviations."""
        return sd * float(np.clip(self.rng.standard_normal(), -3.0, 3.0))


def stroke(
    draw: Draw,
    from_m: float,
    to_m: float,
    mean_mps: float,
    given_mps: float = 0.0,
    dying: float = 0.0,
) -> Speeds:
    """Return a way up (or down) with its own rise, fall and dips of speed.

    ``dying``: over so much of the time at least the speed falls to nothing.
    """
    r = draw.ranges
    way_m = to_m - from_m
    rise_s = max(draw(r.rise_s), RISE_S_PER_MPS * mean_mps)
    fall_s = max(draw(r.fall_s), FALL_S_PER_MPS * mean_mps)
    duration_s = max(abs(way_m) / mean_mps, SHORTEST * (rise_s + fall_s))
    rise, fall = rise_s / duration_s, max(fall_s / duration_s, dying)
    u = np.linspace(0.0, 1.0, NODES)
    up, down = (r.ramps[int(draw.rng.integers(len(r.ramps)))] for _ in range(2))
    speed = ramp(up, u / rise) * ramp(down, (1.0 - u) / fall)
    for _ in range(round(draw(r.dips))):
        at, width = draw((0.15, 0.85)), draw((0.06, 0.2))
        speed = speed * (1.0 - draw(r.dip_depth) * np.exp(-(((u - at) / width) ** 2)))
    given = given_mps * (1.0 - ramp("quintic", u * duration_s / GIVEN_S))
    step_s = duration_s / (NODES - 1)
    gone_m = float(np.sum(0.5 * (given[1:] + given[:-1]))) * step_s
    scale = (way_m - gone_m) / (float(np.sum(0.5 * (speed[1:] + speed[:-1]))) * step_s)
    return Speeds(from_m, duration_s, scale * speed + given)


def chain(draw: Draw, turns: list[tuple[float, float, float]]) -> Curve:
    """Return strokes to (height, mean speed, rest after it), from the floor on."""
    curves: list[Curve] = []
    at_m = 0.0
    for to_m, mean_mps, rest_s in turns:
        curves.append(stroke(draw, at_m, to_m, mean_mps))
        curves.append(Rest(to_m, rest_s))
        at_m = to_m
    return Chain(tuple(curve for curve in curves if curve.duration_s > 0.0))


def speed_of(draw: Draw, grinder: bool = False) -> float:
    """Draw the mean speed of a pull."""
    return draw(draw.ranges.grind_mps if grinder else draw.ranges.speed_mps)


def take_slack(stage: Stage, draw: Draw) -> None:
    """Bend the bar before the plates leave, sometimes let go and take it again."""
    for _ in range(int(draw.rng.integers(1, 3))):
        stage.add(Rest(0.0, draw((0.15, 0.7))), bend_to=draw(draw.ranges.bend_m))
        stage.rest(draw((0.0, 0.5)))
        if draw.chance(0.4):
            stage.add(Rest(0.0, draw((0.15, 0.5))), bend_to=0.0)
            stage.rest(draw((0.2, 0.8)))


def way_up(stage: Stage, draw: Draw, curve: Curve, top_m: float, hold_s: float) -> tuple[int, int]:
    """Pull and stand; return which pieces that was."""
    r = draw.ranges
    first = len(stage.pieces)
    bulge = Bulge(draw(r.bulge_m), 0.0, draw((0.15, 0.4)), draw((0.6, 0.9)))
    stage.add(
        curve,
        x_to=stage.x_m - draw(r.back_m),
        range_m=top_m,
        bulges=(bulge,) if draw.chance(0.8) else (),
        sway=draw.normal(1.0),
    )
    settle_m = draw((-0.006, 0.004)) if draw.chance(0.5) else 0.0
    if abs(settle_m) > 0.001:
        stage.rest(draw((0.1, 0.3)), top_m)
        stage.add(stroke(draw, top_m, top_m + settle_m, draw((0.004, 0.012))))
    stage.rest(hold_s, top_m + (settle_m if abs(settle_m) > 0.001 else 0.0))
    return first, len(stage.pieces)


def lower(stage: Stage, draw: Draw, impact_mps: float, longest_s: float = 9.0) -> float:
    """Lower the bar to the floor; return when it touched."""
    top_m = stage.pieces[-1].at_end_m
    duration_s = min(draw(draw.ranges.lower_s), 1.9 * top_m / impact_mps, longest_s)
    floor_m = stage.x_m + draw((0.0, 0.04))
    down = Descent(top_m, impact_mps, duration_s)
    stage.add(down, x_to=floor_m, range_m=top_m, backward=True)
    return stage.t_s


def set_down(stage: Stage, draw: Draw) -> float:
    """Lower it to a dead stop with what plates do; return when it first touched."""
    impact_mps = draw((0.2, 0.9))
    touch_s = lower(stage, draw, impact_mps)
    stage.hop(impact_mps, draw(draw.ranges.restitution))
    stage.add(Rest(0.0, 0.3), bend_to=0.0)
    return touch_s


def let_go(stage: Stage, draw: Draw) -> float:
    """Drop it from where it is; return when it first touched."""
    fall = Flight(stage.pieces[-1].at_end_m, 0.0)
    stage.add(fall, x_to=stage.x_m, range_m=fall.y_m, backward=True)
    touch_s = stage.t_s
    stage.hop(fall.impact_mps, draw(draw.ranges.restitution))
    stage.add(Rest(0.0, 0.3), x_to=stage.x_m + draw((-0.05, 0.05)), bend_to=0.0)
    return touch_s
