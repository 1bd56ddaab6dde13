"""A plate or a small weight that swings on a string: three checks that do not mix.

The period needs no scale: it checks the time base (or g). The radius of the arc needs no clock: it
checks the scale against the string's length. The direction in which the swing is symmetric is the
plumb line.

The model is the pendulum of finite amplitude with linear damping: amplitude A falls by exp(-t/tau),
the rate is w (1 - A^2/16 + A^4/1024) and the swing holds a third harmonic of -A^3/192 (Nayfeh and
Mook, Nonlinear Oscillations, 1979, ch. 2). A is the amplitude of the fundamental; in terms of the
largest angle the same series is the better known period 1 + A^2/16 + 11 A^4/3072. All parameters
are fitted at once to both coordinates.
"""

from dataclasses import dataclass
from math import degrees, pi, sqrt
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.verify.fit import Fit, Known, curve, linear, spread
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.tables import TableError

FEWEST_SWINGS: Final = 3.0
"""Whole periods."""

LARGEST_DEG: Final = 35.0
SMALLEST_DEG: Final = 3.0
STRAY_SDS: Final = 6.0
FEW_STRAYS: Final = 0.95
"""Left out are at most one sighting in twenty: more would be another motion."""

EVEN: Final = 0.06
"""Half periods that agree within so much belong to one free swing."""


@dataclass(frozen=True, slots=True)
class Swing:
    """What was fitted to one free swing.

    Attributes
    ----------
    first, last
        Samples of the path that were used.
    period
        Of small swings, s: the effect of the amplitude is taken out.
    radius
        Pivot to marker, m, as measured.
    lean_deg
        Of the plumb line; positive leans to the right at its upper end.
    amplitude_deg, decay_s
        At the beginning, and the time in which it falls to 37 %.
    length
        Of the string-and-weight's equivalent simple pendulum, m, from the ruler.
    time_ratio, scale, g
        Measured over true period and length; and gravity by the period and the ruler.
    sd_m
        Spread of the residuals.

    """

    first: int
    last: int
    period: Known
    radius: Known
    lean_deg: Known
    amplitude_deg: float
    decay_s: float
    swings: float
    length: Known
    time_ratio: Known
    scale: Known
    g: Known
    sd_m: float
    fit: Fit
    dof: float


def measure(path: MarkerPath, string: Known, g: Known, bob_diameter_m: float = 0.0) -> Swing:
    """Fit the longest free swing of a path.

    Parameters
    ----------
    path
        Sightings of the weight's middle.
    string
        From the pivot to the middle of the weight, m.
    g
        Local gravity.
    bob_diameter_m
        Of a disc that swings in its own plane and turns with the string, such as a plate hung by
        its rim; 0 for a weight that is small against the string.

    Raises
    ------
    TableError
        There is no such swing; the message says why.

    """
    first, last = _free_swing(path)
    t = path.t_s[first : last + 1]
    x, y = path.x_m[first : last + 1], path.y_m[first : last + 1]
    try:
        fit = _fitted(t - t[0], x, y, string.value)
    except (ValueError, np.linalg.LinAlgError):
        raise TableError(f"{path.source}: the swing is no pendulum's; {_ADVICE}") from None
    _plausible(path, fit)
    rate = fit.known(6)
    period = Known(2 * pi / rate.value, 2 * pi * rate.sd / rate.value**2)
    gyration = bob_diameter_m**2 / 8.0  # of a disc about its axis, squared
    length = Known(string.value + gyration / string.value, string.sd)
    true = 2 * pi * sqrt(length.value / g.value)
    true_sd = true * 0.5 * sqrt(length.relative**2 + g.relative**2)
    by_period = 4 * pi**2 * length.value / period.value**2
    return Swing(
        first=first,
        last=last,
        period=period,
        radius=fit.known(2),
        lean_deg=fit.known(3).scaled(-degrees(1.0)),
        amplitude_deg=degrees(abs(float(fit.values[4]))),
        decay_s=1.0 / float(fit.values[5]) if fit.values[5] > 0.0 else float("inf"),
        swings=float(t[-1] - t[0]) / period.value,
        length=length,
        time_ratio=period.over(Known(true, true_sd)),
        scale=fit.known(2).over(string),
        g=Known(by_period, by_period * sqrt(length.relative**2 + 4 * period.relative**2)),
        sd_m=fit.sd,
        fit=fit,
        dof=float(fit.residuals.size - fit.values.size),
    )


def _fitted(t: FloatArray, x: FloatArray, y: FloatArray, length_m: float) -> Fit:
    """Fit the model; sightings that stray from it are left out, and it is fitted again."""
    fit = _curve(t, x, y, _start(t, x, y, length_m))
    off = np.hypot(*np.split(fit.residuals, 2))
    keep = off <= STRAY_SDS * max(spread(fit.residuals), 1e-5)
    if keep.all() or keep.mean() < FEW_STRAYS:
        return fit
    return _curve(t[keep], x[keep], y[keep], fit.values)


def _curve(t: FloatArray, x: FloatArray, y: FloatArray, start: FloatArray) -> Fit:
    return curve(lambda p: arc(p, t), start, np.concatenate([x, y]), n_chains=2)


def angle(
    amplitude: float, damping: float, rate: float, phase: float, t_s: FloatArray
) -> FloatArray:
    """Return the angle, rad, of a damped pendulum; ``rate`` is that of small swings, rad/s."""
    a = amplitude * np.exp(-damping * t_s)
    squares = _decayed(2.0 * damping, t_s) * amplitude**2
    fourths = _decayed(4.0 * damping, t_s) * amplitude**4
    psi = phase + rate * (t_s - squares / 16.0 + fourths / 1024.0)
    return a * np.cos(psi) - a**3 / 192.0 * np.cos(3.0 * psi)


def _decayed(damping: float, t_s: FloatArray) -> FloatArray:
    """Integral of exp(-damping t)."""
    if abs(damping) < 1e-9:
        return t_s
    return -np.expm1(-damping * t_s) / damping


def arc(p: FloatArray, t_s: FloatArray) -> FloatArray:
    """Return x then y of the weight: pivot, radius, lean, amplitude, damping, rate, phase."""
    x0, y0, radius, lean, amplitude, damping, rate, phase = p
    theta = angle(amplitude, damping, rate, phase, t_s) + lean
    return np.concatenate([x0 + radius * np.sin(theta), y0 - radius * np.cos(theta)])


_ADVICE: Final = (
    "let a weight hang on a string about 1 m long, pull it 10 to 20 degrees aside in the plane of"
    " the picture, let go without a push, and leave it alone for ten swings"
)


def _free_swing(path: MarkerPath) -> tuple[int, int]:
    """Return the longest stretch of even half periods, from its first to its last crossing."""
    x = path.x_m - _centre(path.x_m)
    reach = float(np.percentile(np.abs(x), 90))
    crossings = _crossings(x, 0.3 * reach)
    if len(crossings) < 2 * FEWEST_SWINGS + 1:
        raise TableError(
            f"{path.source}: {max(0, len(crossings) - 1) / 2:g} swings found; at least"
            f" {FEWEST_SWINGS:g} are needed: {_ADVICE}"
        )
    halves = np.diff(path.t_s[crossings])
    even = np.abs(halves / max(float(np.median(halves)), 1e-9) - 1.0) < EVEN + 1.5 / np.maximum(
        path.rate_hz * halves, 1.0
    )
    edges = np.flatnonzero(np.diff(np.concatenate([[False], even, [False]]).astype(int)))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    a, b = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    if b - a < 2 * FEWEST_SWINGS:
        raise TableError(
            f"{path.source}: only {(b - a) / 2:g} even swings in a row; at least {FEWEST_SWINGS:g}"
            f" are needed: {_ADVICE}"
        )
    return int(crossings[a]), int(crossings[b])


def _centre(x: FloatArray) -> float:
    """Middle between the turning points that most swings reach."""
    low, high = np.percentile(x, [5, 95])
    return 0.5 * float(low + high)


def _crossings(x: FloatArray, level: float) -> FloatArray:
    """Return the samples after which x passes 0, once it has been beyond ``level`` on each side."""
    side, last, found = 0, 0, []
    for i, value in enumerate(x):
        if abs(value) < level:
            continue
        now = 1 if value > 0 else -1
        if side and now != side:
            between = x[last : i + 1]
            found.append(last + int(np.argmin(np.abs(between))))
        side, last = now, i
    return np.array(found, int)


def _start(t: FloatArray, x: FloatArray, y: FloatArray, length_m: float) -> FloatArray:
    """Guess the parameters: a circle by linear least squares, a sine by the crossings."""
    cx, cy, radius = _circle(x, y, length_m)
    theta = np.arctan2(x - cx, cy - y)
    lean = 0.5 * float(theta.max() + theta.min())
    swing = theta - lean
    amplitude = float(np.percentile(np.abs(swing), 97))
    crossings = _crossings(swing, 0.3 * amplitude)
    half = float(np.median(np.diff(t[crossings]))) if len(crossings) > 1 else float(t[-1] - t[0])
    rate = pi / half
    wave = np.column_stack(
        [np.cos(rate * t[: 4 * len(t) // 5]), np.sin(rate * t[: 4 * len(t) // 5])]
    )
    cosine, sine = linear(wave, swing[: 4 * len(t) // 5]).values
    phase = float(np.arctan2(-sine, cosine))
    return np.array([cx, cy, radius, lean, amplitude, 0.01 * rate, rate, phase])


def _circle(x: FloatArray, y: FloatArray, length_m: float) -> tuple[float, float, float]:
    """Fit a circle (Kasa); where the arc is too flat for that, use the string's length."""
    design = np.column_stack([x, y, np.ones_like(x)])
    try:
        a, b, c = linear(design, x * x + y * y).values
        radius = sqrt(max(0.0, c + 0.25 * a * a + 0.25 * b * b))
    except ValueError:
        radius = 0.0
    if 0.5 * length_m < radius < 2.0 * length_m:
        return 0.5 * a, 0.5 * b, radius
    return _centre(x), float(y.min()) + length_m, length_m


def _plausible(path: MarkerPath, fit: Fit) -> None:
    amplitude = degrees(abs(float(fit.values[4])))
    size_m = abs(float(fit.values[4] * fit.values[2]))
    if not SMALLEST_DEG <= amplitude <= LARGEST_DEG:
        raise TableError(
            f"{path.source}: the swing is {amplitude:.1f} degrees to a side; {SMALLEST_DEG:g} to"
            f" {LARGEST_DEG:g} are expected: {_ADVICE}"
        )
    if fit.sd > 0.1 * size_m:
        raise TableError(
            f"{path.source}: the path strays {1000 * fit.sd:.0f} mm from a pendulum's; {_ADVICE}"
        )
