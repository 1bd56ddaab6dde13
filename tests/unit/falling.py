"""Paths whose physics is known exactly: falls, swings, moves along a ruler, rests."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from shinline_cal.verify.paths import MarkerPath

Array = NDArray[np.float64]
G = 9.81


@dataclass(frozen=True)
class View:
    """How a camera spoils a true path: wrong scale, lean, clock, and noise."""

    scale: float = 1.0
    lean_deg: float = 0.0
    clock: float = 1.0
    noise_m: float = 0.0005
    seed: int = 0

    def of(self, t_s: Array, x_m: Array, y_m: Array) -> MarkerPath:
        rng = np.random.default_rng(self.seed)
        a = np.radians(self.lean_deg)
        x, y = x_m * np.cos(a) + y_m * np.sin(a), -x_m * np.sin(a) + y_m * np.cos(a)
        return MarkerPath(
            self.clock * t_s,
            self.scale * x + rng.normal(0.0, self.noise_m, t_s.size),
            self.scale * y + rng.normal(0.0, self.noise_m, t_s.size),
            "simulated",
        )


def drop(
    view: View, heights_m: tuple[float, ...] = (1.0,), rate_hz: float = 60.0, drag_per_m: float = 0
) -> MarkerPath:
    """Hold, let go, strike the floor, bounce to a tenth, rest; and again for each height."""
    rng = np.random.default_rng(1000 + view.seed)
    period_s = 3.0
    t = np.arange(0.0, period_s * len(heights_m), 1.0 / rate_hz) + rng.uniform(0, 1.0 / rate_hz)
    y = np.zeros(t.size)
    for k, height in enumerate(heights_m):
        s = t - period_s * k
        y = np.where((s >= 0) & (s < period_s), _one_drop(s, height, drag_per_m), y)
    return view.of(t, np.zeros(t.size), y)


def _one_drop(s: Array, height_m: float, drag_per_m: float) -> Array:
    release = 1.0
    fallen = _fallen(s - release, drag_per_m)
    landed = float(s[np.argmax(fallen >= height_m)])
    up = np.sqrt(2.0 * G * 0.1 * height_m)
    after = s - landed
    bounce = np.maximum(0.0, up * after - 0.5 * G * after**2)
    return np.where(s < release, height_m, np.where(s < landed, height_m - fallen, bounce))


def _fallen(s: Array, drag_per_m: float) -> Array:
    s = np.maximum(s, 0.0)
    if drag_per_m == 0:
        return 0.5 * G * s**2
    return np.log(np.cosh(np.sqrt(G * drag_per_m) * s)) / drag_per_m


def swing(
    view: View,
    length_m: float = 1.0,
    amplitude_deg: float = 15.0,
    duration_s: float = 20.0,
    rate_hz: float = 60.0,
    damping: float = 0.01,
) -> MarkerPath:
    """Integrate a damped pendulum of any amplitude; the pivot is the origin."""
    t = np.arange(0.0, duration_s, 1.0 / rate_hz)
    solved = solve_ivp(
        lambda _, u: [u[1], -G / length_m * np.sin(u[0]) - 2.0 * damping * u[1]],
        (0.0, duration_s),
        [np.radians(amplitude_deg), 0.0],
        t_eval=t,
        rtol=1e-9,
        atol=1e-11,
    )
    return view.of(t, length_m * np.sin(solved.y[0]), -length_m * np.cos(solved.y[0]))


def to_and_fro(
    view: View, distance_m: float = 0.5, moves: int = 4, level: bool = False
) -> MarkerPath:
    """Rest 1.5 s at either mark, moving between them in 1 s."""
    s = np.linspace(0.0, 1.0, 60)
    glide = distance_m * s**2 * (3.0 - 2.0 * s)
    parts = [np.zeros(90)]
    for k in range(moves):
        parts += [glide, np.full(90, distance_m)] if k % 2 == 0 else [glide[::-1], np.zeros(90)]
    place = np.concatenate(parts)
    t = np.arange(place.size) / 60.0
    still = np.zeros(place.size)
    return view.of(t, place, still) if level else view.of(t, still, place)


def rest(view: View, duration_s: float = 60.0, drift_mps: float = 0.0) -> MarkerPath:
    t = np.arange(0.0, duration_s, 1.0 / 60.0)
    return view.of(t, np.zeros(t.size), drift_mps * t)
