"""Slow twins of the agreement statistics: other formulas, library fits, and plain loops."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def limits(a: Array, b: Array) -> tuple[float, float]:
    """Return the limits of agreement by the variances of both: var(a) + var(b) - 2 cov."""
    variance = np.var(a, ddof=1) + np.var(b, ddof=1) - 2.0 * np.cov(a, b)[0, 1]
    middle = np.mean(a) - np.mean(b)
    half = stats.norm.ppf(0.975) * np.sqrt(variance)
    return float(middle - half), float(middle + half)


def ccc(a: Array, b: Array) -> float:
    """Return Lin's concordance as one minus the expected square distance over that by chance."""
    n = len(a)
    apart = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / n
    by_chance = sum((x - y) ** 2 for x in a for y in b) / n**2
    return float(1.0 - apart / by_chance)


def icc_a1(a: Array, b: Array) -> float:
    """Return ICC(A,1) from the variance components of a two-way table, by loops."""
    table = [list(pair) for pair in zip(a, b, strict=True)]
    n, k = len(table), 2
    grand = sum(map(sum, table)) / (n * k)
    rows = sum(k * (sum(row) / k - grand) ** 2 for row in table) / (n - 1)
    columns = [sum(row[j] for row in table) / n for j in range(k)]
    raters = sum(n * (value - grand) ** 2 for value in columns) / (k - 1)
    rest = sum(
        (table[i][j] - sum(table[i]) / k - columns[j] + grand) ** 2
        for i in range(n)
        for j in range(k)
    ) / ((n - 1) * (k - 1))
    subject, rater = (rows - rest) / k, (raters - rest) / n
    return float(subject / (subject + rater + rest))


def see(ours: Array, theirs: Array) -> float:
    """Return the standard error of estimate by the correlation."""
    n, r = len(ours), stats.pearsonr(ours, theirs).statistic
    return float(np.std(theirs, ddof=1) * np.sqrt((1.0 - r**2) * (n - 1) / (n - 2)))


def orthogonal_slope(x: Array, y: Array) -> float:
    """Return the slope of the first principal axis, by a singular value decomposition."""
    _, _, axes = np.linalg.svd(np.column_stack([x - np.mean(x), y - np.mean(y)]))
    return float(axes[0, 1] / axes[0, 0])


def jackknifed_slope_half_width(x: Array, y: Array) -> float:
    """Return half the 95 % interval of the orthogonal slope, leaving out each pair in turn."""
    n, whole = len(x), orthogonal_slope(x, y)
    parts = [orthogonal_slope(np.delete(x, i), np.delete(y, i)) for i in range(n)]
    pseudo = [n * whole - (n - 1) * part for part in parts]
    return float(stats.t.ppf(0.975, n - 2) * np.std(pseudo, ddof=1) / np.sqrt(n))


def between_and_within(d: Array, sets: list[int]) -> tuple[float, float]:
    """Return the variance components of a one-way layout by pairs: no sums of squares.

    Half the mean square difference of two values of one set is the variance within; that of two
    sets estimates between plus within. Equal to the analysis of variance for equal sets only.
    """
    same, other = [], []
    for i, j in combinations(range(len(d)), 2):
        (same if sets[i] == sets[j] else other).append(0.5 * (d[i] - d[j]) ** 2)
    return float(np.mean(other) - np.mean(same)), float(np.mean(same))
