"""The bar's height as exact functions of time: every curve gives height and velocity.

All times are seconds from the curve's own start, heights metres above the bar's rest.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from shinline.sim.shapes import USUAL_RISE, smooth
from shinline.types import FloatArray

GRAVITY_MPS2: Final = 9.81
STILL_MPS: Final = 0.03
"""A bar slower than this is at rest: bounds lift-off and lockout."""
LIFTED_M: Final = 0.010
LOCKOUT_SHARE: Final = 0.90

_GRID: Final = np.linspace(0.0, 1.0, 4001)
_FALL, _DIP_AT, _DIP_WIDTH = 0.22, 0.47, 0.13
_GIVEN_S: Final = 0.25  # in which the speed of a rebound is used up
_HALVINGS: Final = 36
_GIVEN_SHARE: Final = 0.3  # of the pull, at most, if that is shorter
_RISES: Final = (USUAL_RISE, 0.25, 0.30, 0.36, 0.42, 0.50)
_JERK_S, _JERK_STEPS, _SMOOTH_MPS2 = 0.3, 75, 2.5
_SPIKE_RISE_S, _SPIKE_FALL_S = 0.11, 0.30
_DIP_S: Final = 0.35  # in which a bar sinks that goes down on its way up


class Curve(Protocol):
    """Height and velocity over time; ``duration_s`` is when the next curve takes over."""

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        ...

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height (m) and vertical velocity (m/s)."""
        ...


@dataclass(frozen=True, slots=True)
class Rest:
    """The bar stays where it is."""

    y_m: float
    duration_s: float

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        return np.full_like(t_s, self.y_m), np.zeros_like(t_s)


@dataclass(frozen=True, slots=True)
class Hump:
    """Up by ``height_m`` and back to where it was, once."""

    y_m: float
    height_m: float
    duration_s: float

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        phase = np.pi * t_s / self.duration_s
        rate = np.pi / self.duration_s
        height = self.y_m + self.height_m * np.sin(phase) ** 2
        return height, self.height_m * rate * np.sin(2.0 * phase)


@dataclass(frozen=True, slots=True)
class Flight:
    """Free flight, thrown upward at ``speed_mps`` from ``y_m`` until it is back at the floor."""

    y_m: float
    speed_mps: float

    @property
    def duration_s(self) -> float:
        """How long it takes to come back to the floor."""
        return (self.speed_mps + self.impact_mps) / GRAVITY_MPS2

    @property
    def impact_mps(self) -> float:
        """Speed at which it meets the floor."""
        return float(np.sqrt(self.speed_mps**2 + 2.0 * GRAVITY_MPS2 * self.y_m))

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        velocity = self.speed_mps - GRAVITY_MPS2 * t_s
        return self.y_m + 0.5 * (self.speed_mps + velocity) * t_s, velocity


@dataclass(frozen=True, slots=True)
class Descent:
    """Lowered from ``y_m`` to the floor, which it meets at ``impact_mps``.

    A quintic without acceleration at its ends; it falls all the way as long as the impact is not
    faster than 2.4 times the mean.
    """

    y_m: float
    impact_mps: float
    duration_s: float

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        u = t_s / self.duration_s
        end = self.impact_mps * self.duration_s / self.y_m
        gone = smooth(u) + end * u**3 * (u * (7.0 - 3.0 * u) - 4.0)
        rate = 30.0 * (u * (1.0 - u)) ** 2 + end * u**2 * (u * (28.0 - 15.0 * u) - 12.0)
        return self.y_m * (1.0 - gone), -self.y_m / self.duration_s * rate


@functools.lru_cache(maxsize=64)
def _speed_shape(sticking: float, rise: float) -> tuple[FloatArray, FloatArray]:
    """Return the pull's speed over its normalised time and the distance gone, both unscaled.

    One push off the floor, a loss of speed near the knee, a second push, and a soft end.
    """
    dip = 1.0 - sticking * np.exp(-(((_GRID - _DIP_AT) / _DIP_WIDTH) ** 2))
    speed = smooth(_GRID / rise) * smooth((1.0 - _GRID) / _FALL) * dip
    steps = 0.5 * (speed[1:] + speed[:-1]) * np.diff(_GRID)
    return speed, np.concatenate([[0.0], np.cumsum(steps)])


@dataclass(frozen=True, slots=True)
class Pull:
    """The bar goes up by ``rom_m``, entering at ``given_mps`` when it rebounds from the floor.

    ``spike_mps`` is the extra speed that a jerk gives it at the start, and which it loses again.

    Heights between the 4001 nodes come from the parabola that has the nodes' heights and speeds,
    so velocity is the exact derivative of height at every instant.
    """

    rom_m: float
    duration_s: float
    sticking: float
    given_mps: float = 0.0
    spike_mps: float = 0.0
    rise_share: float = USUAL_RISE

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        height, velocity = self._table()
        place = np.clip(t_s / self.duration_s, 0.0, 1.0) * (len(_GRID) - 1)
        node = np.minimum(place.astype(np.int64), len(_GRID) - 2)
        part = place - node
        step_s = self.duration_s / (len(_GRID) - 1)
        speed = velocity[node] + part * (velocity[node + 1] - velocity[node])
        return height[node] + 0.5 * (velocity[node] + speed) * part * step_s, speed

    def _table(self) -> tuple[FloatArray, FloatArray]:
        extra = (self.given_mps, self.spike_mps, self.rise_share)
        return _pull_table(self.rom_m, self.duration_s, self.sticking, *extra)


@dataclass(frozen=True, slots=True)
class Raised:
    """Another curve, ``base_m`` higher: what starts or ends above the floor."""

    curve: Curve
    base_m: float

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.curve.duration_s

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        y_m, vy_mps = self.curve.at(t_s)
        return y_m + self.base_m, vy_mps


@dataclass(frozen=True, slots=True)
class Chain:
    """Pulls one after the other, each from where the last one ended; they may go down."""

    pulls: tuple[Pull, ...]

    @property
    def rom_m(self) -> float:
        """How high it ends above its start."""
        return sum(pull.rom_m for pull in self.pulls)

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return sum(pull.duration_s for pull in self.pulls)

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        y_m, vy_mps = self.pulls[0].at(t_s)
        start_s, base_m = self.pulls[0].duration_s, self.pulls[0].rom_m
        for pull in self.pulls[1:]:
            y_here_m, v_here_mps = pull.at(t_s - start_s)
            here = t_s > start_s
            y_m = np.where(here, base_m + y_here_m, y_m)
            vy_mps = np.where(here, v_here_mps, vy_mps)
            start_s, base_m = start_s + pull.duration_s, base_m + pull.rom_m
        return y_m, vy_mps


@functools.lru_cache(maxsize=64)
def _pull_table(
    rom_m: float,
    duration_s: float,
    sticking: float,
    given_mps: float,
    spike_mps: float,
    rise_share: float,
) -> tuple[FloatArray, FloatArray]:
    """Return height and velocity at the nodes; the rebound's share of the way is not pulled."""
    speed, gone = _speed_shape(sticking, rise_share)
    given = given_mps * (1.0 - smooth(_GRID / min(_GIVEN_SHARE, _GIVEN_S / duration_s)))
    if spike_mps > 0.0:
        t_s = _GRID * duration_s
        fall_s = min(_SPIKE_FALL_S, 0.6 * duration_s)
        spike = smooth(t_s / _SPIKE_RISE_S) * (1.0 - smooth((t_s - _SPIKE_RISE_S) / fall_s))
        given = given + spike_mps * spike
    given_gone = np.concatenate([[0.0], np.cumsum(0.5 * (given[1:] + given[:-1]))]) * _GRID[1]
    pulled_m = rom_m - given_gone[-1] * duration_s
    height = pulled_m * gone / gone[-1] + given_gone * duration_s
    return height, pulled_m / (duration_s * gone[-1]) * speed + given


def bounds_s(t_s: FloatArray, y_m: FloatArray, vy_mps: FloatArray) -> tuple[float, float]:
    """Return lift-off and lockout of one rep, from a dense curve that holds its highest point.

    Lift-off is the last instant before the bar has risen 10 mm at which it was slower than
    0.03 m/s upward (the curve's beginning, when it never was). Lockout is the first instant, 90 %
    of the way from there to the highest point, at which it falls below that speed. Crossings are
    interpolated between samples.
    """
    risen = int(np.argmax(y_m >= LIFTED_M))
    slow = np.flatnonzero(vy_mps[:risen] < STILL_MPS)
    first = int(slow[-1]) if slow.size else 0
    start_s = _crossing_s(t_s, vy_mps, first) if slow.size else float(t_s[0])
    top_m = float(np.max(y_m))
    near = y_m >= y_m[first] + LOCKOUT_SHARE * (top_m - y_m[first])
    last = int(np.argmax(near & (vy_mps < STILL_MPS) & (np.arange(len(t_s)) > risen)))
    return start_s, _crossing_s(t_s, vy_mps, last - 1)


def _crossing_s(t_s: FloatArray, vy_mps: FloatArray, index: int) -> float:
    """Return where the speed crosses 0.03 m/s between a sample and its successor.

    A bar that was slow already when it came high enough is at lockout in that instant.
    """
    before, after = float(vy_mps[index]), float(vy_mps[index + 1])
    if before < STILL_MPS and after < STILL_MPS:
        return float(t_s[index + 1])
    share = (STILL_MPS - before) / (after - before)
    return float(t_s[index] + share * (t_s[index + 1] - t_s[index]))


def mean_velocity_mps(pull: Curve) -> float:
    """Return the pull's mean velocity between lift-off and lockout."""
    t_s = np.linspace(0.0, pull.duration_s, len(_GRID))
    start_s, lockout_s = bounds_s(t_s, *pull.at(t_s))
    (low_m, high_m), _ = pull.at(np.array([start_s, lockout_s]))
    return float((high_m - low_m) / (lockout_s - start_s))


@functools.lru_cache(maxsize=256)
def pull_with_mean(
    rom_m: float,
    mean_mps: float,
    sticking: float,
    given_mps: float = 0.0,
    spike_mps: float = 0.0,
    rise_share: float = USUAL_RISE,
) -> Pull:
    """Return the pull whose mean velocity, from lift-off to lockout, is the one asked for."""

    def lasting(duration_s: float) -> Pull:
        return Pull(rom_m, duration_s, sticking, given_mps, spike_mps, rise_share)

    return lasting(_lasting_s(lasting, rom_m, mean_mps))


def smooth_rise(make: Callable[[float], Curve]) -> Curve:
    """Return the curve that starts without a jerk, from what makes it of the share it rises in.

    The quickest whose mean acceleration over 0.075 s stays below 2.5 m/s2, or the slowest.
    """
    for share in _RISES:
        curve = make(share)
        speed = curve.at(np.arange(0.0, min(_JERK_S, curve.duration_s), 0.001))[1]
        gained_mps = float(np.max(speed[_JERK_STEPS:] - speed[:-_JERK_STEPS]))
        if gained_mps < 0.001 * _JERK_STEPS * _SMOOTH_MPS2:
            break
    return curve


@functools.lru_cache(maxsize=64)
def chain_with_mean(
    heights_m: tuple[float, ...],
    mean_mps: float,
    given_mps: float = 0.0,
    spike_mps: float = 0.0,
    rise_share: float = USUAL_RISE,
) -> Chain:
    """Return pulls to one height after the other whose mean velocity is the one asked for.

    Each begins and ends at rest. A way down takes its own time, the ways up share the rest.
    """
    ways_m = np.diff(heights_m, prepend=0.0)
    shares = np.where(ways_m > 0.0, np.maximum(ways_m, 0.0) ** 0.7, 0.0)
    shares = shares / np.sum(shares)

    def lasting(duration_s: float) -> Chain:
        return Chain(
            tuple(
                Pull(
                    float(way_m),
                    float(share) * duration_s if way_m > 0.0 else _DIP_S,
                    0.0,
                    given_mps if number == 0 else 0.0,
                    spike_mps if number == 0 else 0.0,
                    rise_share if number == 0 else USUAL_RISE,
                )
                for number, (way_m, share) in enumerate(zip(ways_m, shares, strict=True))
            )
        )

    return lasting(_lasting_s(lasting, float(heights_m[-1]), mean_mps))


def _lasting_s(make: Callable[[float], Curve], rom_m: float, mean_mps: float) -> float:
    """Return the duration that gives the mean velocity.

    Bisection on the duration: a longer pull is a slower one.
    """
    shortest_s, longest_s = 0.4 * rom_m / mean_mps, 6.0 * rom_m / mean_mps
    for _ in range(_HALVINGS):
        middle_s = 0.5 * (shortest_s + longest_s)
        if mean_velocity_mps(make(middle_s)) > mean_mps:
            shortest_s = middle_s
        else:
            longest_s = middle_s
    return 0.5 * (shortest_s + longest_s)
