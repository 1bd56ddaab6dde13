"""A marker that swings on a string, in space: a damped spherical pendulum.

The flat pendulum is that of :mod:`shinline_cal.verify.pendulum` (Nayfeh and Mook, 1979, ch. 2).
A push is never quite straight: the swing is a slim ellipse, whose axes turn by 3/8 of the product
of its half axes (as angles) for each radian of the swing (Olsson, American Journal of Physics 46,
1978). The weight keeps the string's length from the pivot, so its height follows from how far it
is aside; that height, not the way to the sides, is what shows the vertical.
"""

from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.rigging.evidence import Swing
from shinline_cal.rigging.optics import Camera, Cameras, on_plane, placed

NAMES: Final = (
    "x", "y", "z", "length", "amplitude", "direction", "width",
    "rate", "damping", "phase", "turn", "nod", "lean_right", "lean_out",
)  # fmt: skip
"""The lowest point (m, camera), the string (m), half axes (rad) and direction of the swing (rad,
from the plane's x to the camera), its rate (rad/s), damping (1/s), phase; how the card hangs and
the vertical leans (rad)."""

STEPS: Final = np.array([1e-5] * 3 + [1e-4] + [1e-5] * 3 + [1e-6, 1e-5] + [1e-5] * 5)
DIRECTION_SD: Final = 0.35
WIDTH_SD: Final = 0.05
"""Radians: a swing is pushed along the bar's path, and nearly straight."""

GRAVITY_MPS2: Final = 9.80665
TURN: Final = 10
LEAN: Final = 12


def points(see: Cameras, own: FloatArray, t_s: FloatArray) -> FloatArray:
    """Return where the marker is at (n,) times, for each of (K, k) unknowns: (K, n, 3)."""
    length, amplitude, direction, width, rate, damping, phase = own[:, 3:10].T[..., None]
    fading = np.exp(-damping * t_s)
    squares, fourths = _decayed(2.0 * damping, t_s), _decayed(4.0 * damping, t_s)
    far2 = amplitude * amplitude
    psi = phase + rate * (t_s - far2 * squares / 16.0 + far2 * far2 * fourths / 1024.0)
    a = amplitude * fading
    along = a * np.cos(psi) - a**3 / 192.0 * np.cos(3.0 * psi)
    across = width * fading * np.sin(psi)
    heading = direction + 0.375 * amplitude * width * rate * squares
    angle = np.hypot(along, across)
    share = np.sin(angle) / np.maximum(angle, 1e-12)
    side = length * share * (along * np.cos(heading) - across * np.sin(heading))
    out = length * share * (along * np.sin(heading) + across * np.cos(heading))
    rise = length * (1.0 - np.cos(angle))
    lean_right, lean_out = own[:, LEAN, None, None], own[:, LEAN + 1, None, None]
    up = see.up + lean_right * see.right + lean_out * see.out
    right = see.right - lean_right * see.up
    toward = see.out - lean_out * see.up
    moved = side[..., None] * right + out[..., None] * toward + rise[..., None] * up
    return np.asarray(own[:, None, :3] + moved)


def _decayed(damping: FloatArray, t_s: FloatArray) -> FloatArray:
    """Integral of exp(-damping t)."""
    slow = np.abs(damping) < 1e-9
    return np.asarray(np.where(slow, t_s, -np.expm1(-damping * t_s) / np.where(slow, 1.0, damping)))


def beliefs(own: FloatArray) -> FloatArray:
    """Return how far direction and width (K, 2) are from usual, over their standard deviations."""
    return np.asarray(own[:, 5:7] / (DIRECTION_SD, WIDTH_SD))


def guess(see: Camera, swing: Swing, radius_m: float) -> FloatArray:
    """Return a start: the lowest point on the lifting plane, and harmonics along its x."""
    r_px = float(np.median(swing.r_px))
    middle = np.array([np.median(swing.x_px), np.median(swing.y_px)])
    lowest = placed(see, float(middle[0]), float(middle[1]), r_px, radius_m)
    places = on_plane(see, lowest, np.column_stack([swing.x_px, swing.y_px]))
    rate = 2.0 * np.pi / swing.period_s
    waves = np.column_stack(
        [np.cos(rate * swing.t_s), np.sin(rate * swing.t_s), np.ones_like(swing.t_s)]
    )
    third = slice(0, max(12, swing.t_s.size // 3))
    cosine, sine, centre = np.linalg.lstsq(waves[third], places[third, 0], rcond=None)[0]
    length = GRAVITY_MPS2 / rate**2
    amplitude = float(np.hypot(cosine, sine)) / length
    damping = _damping(swing.t_s, places[:, 0] - centre, rate)
    lowest = lowest + centre * see.right
    start = [length, amplitude, 0.0, 0.0, rate * (1.0 + amplitude**2 / 16.0), damping]
    return np.concatenate([lowest, start, [np.arctan2(-sine, cosine)], np.zeros(4)])


def _damping(t_s: FloatArray, side: FloatArray, rate: float) -> float:
    """Return how fast the swing fades, 1/s, from its first and its last period."""
    period = 2.0 * np.pi / rate
    first = float(np.std(side[t_s < t_s[0] + period]))
    last = float(np.std(side[t_s > t_s[-1] - period]))
    spent = float(t_s[-1] - t_s[0]) - period
    if spent < period or not 0.0 < last < first:
        return 0.0
    return float(np.log(first / last)) / spent
