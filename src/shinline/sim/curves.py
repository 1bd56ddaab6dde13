"""The bar's height as exact functions of time: every curve gives height and velocity.

All times are seconds from the curve's own start, heights metres above the bar's rest.
"""

import functools
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from shinline.sim.faults import smooth
from shinline.types import FloatArray

GRAVITY_MPS2: Final = 9.81
STILL_MPS: Final = 0.03
"""A bar slower than this is at rest: bounds lift-off and lockout."""
LIFTED_M: Final = 0.010
LOCKOUT_SHARE: Final = 0.90

_GRID: Final = np.linspace(0.0, 1.0, 4001)
_RISE, _FALL, _DIP_AT, _DIP_WIDTH = 0.20, 0.22, 0.47, 0.13
_GIVEN_S: Final = 0.25  # in which the speed of a rebound is used up
_HALVINGS: Final = 36
_GIVEN_SHARE: Final = 0.3  # of the pull, at most, if that is shorter


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
def _speed_shape(sticking: float) -> tuple[FloatArray, FloatArray]:
    """Return the pull's speed over its normalised time and the distance gone, both unscaled.

    One push off the floor, a loss of speed near the knee, a second push, and a soft end.
    """
    dip = 1.0 - sticking * np.exp(-(((_GRID - _DIP_AT) / _DIP_WIDTH) ** 2))
    speed = smooth(_GRID / _RISE) * smooth((1.0 - _GRID) / _FALL) * dip
    steps = 0.5 * (speed[1:] + speed[:-1]) * np.diff(_GRID)
    return speed, np.concatenate([[0.0], np.cumsum(steps)])


@dataclass(frozen=True, slots=True)
class Pull:
    """The bar goes up by ``rom_m``, entering at ``given_mps`` when it rebounds from the floor.

    Heights between the 4001 nodes come from the parabola that has the nodes' heights and speeds,
    so velocity is the exact derivative of height at every instant.
    """

    rom_m: float
    duration_s: float
    sticking: float
    given_mps: float = 0.0

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
        return _pull_table(self.rom_m, self.duration_s, self.sticking, self.given_mps)


@functools.lru_cache(maxsize=64)
def _pull_table(
    rom_m: float, duration_s: float, sticking: float, given_mps: float
) -> tuple[FloatArray, FloatArray]:
    """Return height and velocity at the nodes; the rebound's share of the way is not pulled."""
    speed, gone = _speed_shape(sticking)
    given = given_mps * (1.0 - smooth(_GRID / min(_GIVEN_SHARE, _GIVEN_S / duration_s)))
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


def mean_velocity_mps(pull: Pull) -> float:
    """Return the pull's mean velocity between lift-off and lockout."""
    t_s = np.linspace(0.0, pull.duration_s, len(_GRID))
    start_s, lockout_s = bounds_s(t_s, *pull.at(t_s))
    (low_m, high_m), _ = pull.at(np.array([start_s, lockout_s]))
    return float((high_m - low_m) / (lockout_s - start_s))


def pull_with_mean(rom_m: float, mean_mps: float, sticking: float, given_mps: float = 0.0) -> Pull:
    """Return the pull whose mean velocity, from lift-off to lockout, is the one asked for.

    Bisection on the duration: a longer pull is a slower one.
    """
    shortest_s, longest_s = 0.4 * rom_m / mean_mps, 6.0 * rom_m / mean_mps
    for _ in range(_HALVINGS):
        middle_s = 0.5 * (shortest_s + longest_s)
        if mean_velocity_mps(Pull(rom_m, middle_s, sticking, given_mps)) > mean_mps:
            shortest_s = middle_s
        else:
            longest_s = middle_s
    return Pull(rom_m, 0.5 * (shortest_s + longest_s), sticking, given_mps)
