"""How well two methods agree, rep by rep, in the figures of the validity papers.

Differences are *ours minus theirs*. Sources: Bland and Altman 1986 (Lancet i:307) for bias and
limits; 1999 (Stat Methods Med Res 8:135) for their standard errors, for proportional bias and for
limits as ratios; 2007 (J Biopharm Stat 17:571) for repeated measurements; Lin 1989 (Biometrics
45:255, corrected 2000) for the CCC; McGraw and Wong 1996 for ICC(A,1); Hopkins 2000 (Sports Med
30:1) for SEE, typical error and CV; Linnet 1993 (Clin Chem 39:424) for the jackknifed Deming
slope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, exp, isfinite, sqrt, tanh
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.verify.quantiles import t_quantile

Z: Final = 1.96
FEWEST: Final = 3
"""Below so many pairs there is no spread to speak of, and nothing but the differences is told."""

WIDEST_LOG: Final = 5.0
"""Limits wider than a factor of 150 to a side say nothing."""

THIN: Final = 30
"""Below so many pairs the limits are called uncertain; their interval says by how much."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of n pairs; what cannot be told from so few is None.

    Units are those of the values, except for ratios: ``ccc``, ``icc``, ``pearson_r``, the slopes,
    ``cv_ratio`` and ``ratio_limits`` (ours / theirs).

    Attributes
    ----------
    proportional
        Slope of difference on mean; an interval without 0 means bias that changes with size.
    deming_slope
        Ours on theirs with equal errors in both; 1 for no proportional bias.
    see
        Spread of theirs about its regression on ours, n - 2 degrees of freedom.
    sem, sdc, cv_ratio
        ``sd / sqrt(2)``, ``1.96 sqrt(2) sem``, and ``sem`` over the grand mean. They are those of
        consistency: the bias is not in them.
    lower_sets, upper_sets
        Limits when the differences of one set hang together; None below two sets.
    growing
        Correlation of the size of a difference with the mean; its interval without 0 means that
        limits in percent describe the data better, and those are ``ratio_limits``.

    """

    n: int
    mean_ours: float | None = None
    mean_theirs: float | None = None
    bias: Estimate | None = None
    sd: float | None = None
    lower: Estimate | None = None
    upper: Estimate | None = None
    proportional: Estimate | None = None
    deming_slope: Estimate | None = None
    rmse: float | None = None
    mae: float | None = None
    see: float | None = None
    pearson_r: float | None = None
    ccc: Estimate | None = None
    icc: float | None = None
    sem: float | None = None
    sdc: float | None = None
    cv_ratio: float | None = None
    sets: int = 0
    bias_sets: Estimate | None = None
    lower_sets: float | None = None
    upper_sets: float | None = None
    growing: Estimate | None = None
    ratio_limits: tuple[float, float] | None = None


def agree(ours: FloatArray, theirs: FloatArray, sets: Sequence[object] = ()) -> Agreement:
    """Work out all figures of (n,) pairs; ``sets`` names the set of each pair.

    Raises
    ------
    ValueError
        The lengths differ, or a value is not finite.

    """
    n = len(ours)
    if len(theirs) != n or (sets and len(sets) != n):
        raise ValueError("ours, theirs and sets must be equally long")
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        raise ValueError("pairs must be finite; leave out what was not measured")
    if n < FEWEST:
        return Agreement(n)
    d, mean = ours - theirs, 0.5 * (ours + theirs)
    sd, grand = float(d.std(ddof=1)), float(mean.mean())
    t, middle = t_quantile(0.975, n - 1), float(d.mean())
    se, se_limit = sd / sqrt(n), sd * sqrt(1.0 / n + Z * Z / (2.0 * (n - 1)))
    low, high = middle - Z * sd, middle + Z * sd
    r = _correlation(ours, theirs)
    clustered = _by_sets(d, sets) if sets else _Clustered()
    return Agreement(
        n=n,
        mean_ours=float(ours.mean()),
        mean_theirs=float(theirs.mean()),
        bias=Estimate(middle, middle - t * se, middle + t * se),
        sd=sd,
        lower=Estimate(low, low - t * se_limit, low + t * se_limit),
        upper=Estimate(high, high - t * se_limit, high + t * se_limit),
        proportional=slope(mean, d),
        deming_slope=_deming(theirs, ours),
        rmse=float(np.sqrt((d * d).mean())),
        mae=float(np.abs(d).mean()),
        see=_see(ours, theirs),
        pearson_r=r,
        ccc=_ccc(ours, theirs, r),
        icc=_icc(ours, theirs),
        sem=sd / sqrt(2.0),
        sdc=Z * sd,
        cv_ratio=sd / sqrt(2.0) / grand if grand > 0.0 else None,
        sets=clustered.sets,
        bias_sets=clustered.bias,
        lower_sets=clustered.lower,
        upper_sets=clustered.upper,
        growing=_fisher(_correlation(mean, np.abs(d - middle)), n),
        ratio_limits=_ratio_limits(ours, theirs),
    )


def slope(x: FloatArray, y: FloatArray) -> Estimate | None:
    """Return the least-squares slope of ``y`` on ``x`` with its interval; None if x is constant."""
    n = len(x)
    dx = x - x.mean()
    sxx = float(dx @ dx)
    if n < FEWEST or sxx <= 1e-24 * max(1.0, float(np.abs(x).max())) ** 2:
        return None
    b = float(dx @ y) / sxx
    rest = y - y.mean() - b * dx
    half = t_quantile(0.975, n - 2) * sqrt(float(rest @ rest) / (n - 2) / sxx)
    return Estimate(b, b - half, b + half)


def _correlation(x: FloatArray, y: FloatArray) -> float | None:
    dx, dy = x - x.mean(), y - y.mean()
    product = float(dx @ dx) * float(dy @ dy)
    if product <= 1e-48:
        return None
    return float(np.clip((dx @ dy) / sqrt(product), -1.0, 1.0))


def _fisher(r: float | None, n: int) -> Estimate | None:
    if r is None or n < 4 or abs(r) >= 1.0:
        return None
    half = Z / sqrt(n - 3)
    return Estimate(r, tanh(atanh(r) - half), tanh(atanh(r) + half))


def _see(ours: FloatArray, theirs: FloatArray) -> float | None:
    fitted = slope(ours, theirs)
    if fitted is None:
        return None
    rest = theirs - theirs.mean() - fitted.value * (ours - ours.mean())
    return sqrt(float(rest @ rest) / (len(ours) - 2))


def _ccc(ours: FloatArray, theirs: FloatArray, r: float | None) -> Estimate | None:
    """Lin's concordance with 1/n moments; the interval by Fisher's z (Lin 1989, eq. 12)."""
    n = len(ours)
    sx, sy = float(ours.std()), float(theirs.std())
    shift = float(ours.mean() - theirs.mean())
    if r is None or n < 4:
        return None
    c = 2.0 * r * sx * sy / (sx * sx + sy * sy + shift * shift)
    if abs(r) < 1e-9 or abs(c) >= 1.0:
        return Estimate(c, c, c) if abs(c) >= 1.0 else None
    u2 = shift * shift / (sx * sy)
    spread = (1 - r * r) * c * c / ((1 - c * c) * r * r)
    spread += 2 * c**3 * (1 - c) * u2 / (r * (1 - c * c) ** 2)
    spread -= c**4 * u2 * u2 / (2 * r * r * (1 - c * c) ** 2)
    half = Z * sqrt(max(0.0, spread) / (n - 2))
    return Estimate(c, tanh(atanh(c) - half), tanh(atanh(c) + half))


def _icc(ours: FloatArray, theirs: FloatArray) -> float | None:
    """ICC(A,1): two-way random effects, absolute agreement, single measurement."""
    table = np.column_stack([ours, theirs])
    n, k = table.shape
    grand, rows, columns = table.mean(), table.mean(axis=1), table.mean(axis=0)
    ms_rows = k * float(((rows - grand) ** 2).sum()) / (n - 1)
    ms_columns = n * float(((columns - grand) ** 2).sum()) / (k - 1)
    rest = table - rows[:, None] - columns[None, :] + grand
    ms_rest = float((rest**2).sum()) / ((n - 1) * (k - 1))
    below = ms_rows + (k - 1) * ms_rest + k * (ms_columns - ms_rest) / n
    return (ms_rows - ms_rest) / below if below > 0.0 else None


def _deming(x: FloatArray, y: FloatArray) -> Estimate | None:
    """Orthogonal slope with a jackknife interval.

    What is left of a centred sum without one pair is the sum less ``n / (n - 1)`` of its product.
    """
    n = len(x)
    dx, dy = x - x.mean(), y - y.mean()
    whole = _orthogonal(*(np.array([value]) for value in (dx @ dx, dy @ dy, dx @ dy)))
    if n < 4 or whole is None:
        return None
    share = n / (n - 1)
    parts = _orthogonal(
        dx @ dx - share * dx * dx, dy @ dy - share * dy * dy, dx @ dy - share * dx * dy
    )
    if parts is None:
        return None
    value = float(whole[0])
    pseudo = n * value - (n - 1) * parts
    half = t_quantile(0.975, n - 2) * float(pseudo.std(ddof=1)) / sqrt(n)
    return Estimate(value, value - half, value + half) if isfinite(half) else None


def _orthogonal(sxx: FloatArray, syy: FloatArray, sxy: FloatArray) -> FloatArray | None:
    """Return slopes from centred sums of squares and products; None where one has no slope."""
    if (sxy <= 1e-12 * np.sqrt(np.maximum(sxx * syy, 0.0))).any() or (sxx * syy <= 0.0).any():
        return None
    return np.asarray((syy - sxx + np.sqrt((syy - sxx) ** 2 + 4.0 * sxy * sxy)) / (2.0 * sxy))


@dataclass(frozen=True, slots=True)
class _Clustered:
    sets: int = 0
    bias: Estimate | None = None
    lower: float | None = None
    upper: float | None = None


def _by_sets(d: FloatArray, sets: Sequence[object]) -> _Clustered:
    """One-way analysis of variance: spread between sets plus spread within them."""
    groups = [d[[name == s for s in sets]] for name in dict.fromkeys(sets)]
    k, n = len(groups), len(d)
    if k < 2 or n <= k:
        return _Clustered(k)
    sizes = np.array([len(g) for g in groups], float)
    means = np.array([g.mean() for g in groups])
    within = sum(float(((g - g.mean()) ** 2).sum()) for g in groups) / (n - k)
    among = float((sizes * (means - d.mean()) ** 2).sum()) / (k - 1)
    m0 = (n - float((sizes**2).sum()) / n) / (k - 1)
    between = max(0.0, (among - within) / m0)
    sd, middle = sqrt(between + within), float(d.mean())
    se = sqrt(between * float((sizes**2).sum()) / n**2 + within / n)
    half = t_quantile(0.975, k - 1) * se
    return _Clustered(
        k, Estimate(middle, middle - half, middle + half), middle - Z * sd, middle + Z * sd
    )


def _ratio_limits(ours: FloatArray, theirs: FloatArray) -> tuple[float, float] | None:
    """Return the limits of ours / theirs; None where a value is not positive, or nothing fits."""
    if (ours <= 0.0).any() or (theirs <= 0.0).any():
        return None
    logs = np.log(ours) - np.log(theirs)
    middle, half = float(logs.mean()), Z * float(logs.std(ddof=1))
    if half > WIDEST_LOG:
        return None
    return exp(middle - half), exp(middle + half)
