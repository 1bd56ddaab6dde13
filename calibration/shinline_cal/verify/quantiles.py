"""Quantiles which NumPy does not have, and SciPy is not installed on a device."""

from math import exp, fabs, lgamma, log, log1p, sqrt
from typing import Final

_TINY: Final = 1e-300
_MOST_TERMS: Final = 400
_TOLERANCE: Final = 1e-14


def t_cdf(t: float, dof: float) -> float:
    """Return the probability that a t-distributed number with ``dof`` > 0 is below ``t``."""
    tail = 0.5 * incomplete_beta(0.5 * dof, 0.5, dof / (dof + t * t))
    return 1.0 - tail if t > 0.0 else tail


def t_quantile(p: float, dof: float) -> float:
    """Return the ``p``-quantile, 0 < p < 1, by bisection to the last bits.

    Raises
    ------
    ValueError
        ``p`` or ``dof`` is out of its range.

    """
    if not (0.0 < p < 1.0 and dof > 0.0):
        raise ValueError(f"t_quantile needs 0 < p < 1 and dof > 0, not p={p}, dof={dof}")
    if p < 0.5:
        return -t_quantile(1.0 - p, dof)
    low, high = 0.0, 1.0
    while t_cdf(high, dof) < p:
        high *= 2.0
    while high - low > 1e-13 * max(1.0, high):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if t_cdf(middle, dof) < p else (low, middle)
    return 0.5 * (low + high)


def chi_square_95(dof: int) -> float:
    """Return the 95 % quantile of chi-square within 3 % (Wilson and Hilferty 1931)."""
    spread = 2.0 / (9.0 * dof)
    return float(dof * (1.0 - spread + 1.6448536 * sqrt(spread)) ** 3)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), 0 <= x <= 1.

    By its continued fraction (Abramowitz and Stegun 26.5.8), on the side where it converges fast.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction from its front (Lentz's method)."""
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d)
            c = _away_from_zero(1.0 + term / c)
            value *= d * c
        if fabs(d * c - 1.0) < _TOLERANCE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if fabs(value) > _TINY else _TINY


def wilson(hits: int, trials: int, z: float = 1.959963984540054) -> tuple[float, float] | None:
    """Return Wilson's 95 % interval of a share, None for no trials."""
    if trials == 0:
        return None
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    half /= 1 + z * z / trials
    return max(0.0, middle - half), min(1.0, middle + half)
