"""Least squares with honest standard deviations: residuals that hang together widen them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.verify.quantiles import t_quantile

_STEP: Final = 1e-6
_ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class Known:
    """A number and its standard deviation, in the same unit."""

    value: float
    sd: float

    def over(self, other: "Known") -> "Known":
        """Return the quotient of two independent numbers."""
        value = self.value / other.value
        return Known(value, abs(value) * sqrt(self.relative**2 + other.relative**2))

    def scaled(self, factor: float) -> "Known":
        """Return it in another unit."""
        return Known(self.value * factor, self.sd * abs(factor))

    @property
    def relative(self) -> float:
        """Standard deviation over value."""
        return self.sd / abs(self.value)


def interval(known: Known, dof: float) -> tuple[float, float]:
    """Return the 95 % interval of a number whose sd rests on ``dof`` degrees of freedom."""
    half = t_quantile(0.975, max(1.0, dof)) * known.sd
    return known.value - half, known.value + half


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (p,), their covariance (p, p), the residuals (n,) and their spread."""

    values: FloatArray
    covariance: FloatArray
    residuals: FloatArray
    sd: float

    def known(self, index: int) -> Known:
        """Return one coefficient with its standard deviation."""
        return Known(
            float(self.values[index]), sqrt(max(0.0, float(self.covariance[index, index])))
        )


def linear(design: FloatArray, y: FloatArray) -> Fit:
    """Fit ``y`` (n,) = ``design`` (n, p) @ values.

    The covariance assumes residuals of one size that form a chain (each tied to the one before);
    with independent residuals this is ordinary least squares.

    Raises
    ------
    ValueError
        There are no more samples than coefficients, or the columns are not independent.

    """
    n, p = design.shape
    scale = np.sqrt((design * design).mean(axis=0))
    if n <= p or not scale.all():
        raise ValueError(f"{n} samples are too few for {p} coefficients")
    q, r = np.linalg.qr(design / scale)
    if float(np.abs(np.diag(r)).min()) < 1e-10 * float(np.abs(np.diag(r)).max()):
        raise ValueError("the samples do not determine the coefficients")
    inverse = np.linalg.inv(r)
    values = inverse @ (q.T @ y)
    rest = y - (design / scale) @ values
    sd = sqrt(float(rest @ rest) / (n - p))
    covariance = inverse @ inverse.T * sd * sd * chain_factor(rest, p)
    return Fit(values / scale, covariance / np.outer(scale, scale), rest, sd)


def chain_factor(rest: FloatArray, p: int = 0) -> float:
    """Return by how much residuals that hang together inflate a variance; 1 if they do not.

    ``(1 + r) / (1 - r)`` of the correlation r of neighbours, which after fitting ``p``
    coefficients is too low by about ``(1 + p) / n``. A correlation that chance makes as well
    counts as none.
    """
    n = len(rest)
    power = float(rest @ rest)
    if n < 8 or power == 0.0:
        return 1.0
    r = float(rest[1:] @ rest[:-1]) / power + (1.0 + p) / n
    if r < 2.0 / sqrt(n):
        return 1.0
    r = min(r, 0.95)
    return (1.0 + r) / (1.0 - r)


def curve(
    model: Callable[[FloatArray], FloatArray], start: FloatArray, y: FloatArray, n_chains: int = 1
) -> Fit:
    """Fit ``y`` (n,) = model(values) by damped Gauss-Newton steps from ``start`` (p,).

    ``y`` is made of ``n_chains`` equally long series one after the other (x, then y of a path).

    Raises
    ------
    ValueError
        It does not settle.

    """
    values = start.astype(float).copy()
    rest = y - model(values)
    damping = 1e-4
    for _ in range(_ROUNDS):
        jacobian = _jacobian(model, values)
        square = jacobian.T @ jacobian
        step = np.linalg.solve(square + damping * np.diag(np.diag(square)), jacobian.T @ rest)
        with np.errstate(over="ignore", invalid="ignore"):  # a step too far is taken back
            better = y - model(values + step)
        if float(better @ better) <= float(rest @ rest):
            small = np.abs(step) <= 1e-10 * np.maximum(1e-6, np.abs(values))
            values, rest, damping = values + step, better, 0.3 * damping
            if small.all():
                break
        else:
            damping *= 10.0
            if damping > 1e8:
                break
    if not np.isfinite(rest).all():
        raise ValueError("the curve could not be fitted")
    n, p = y.size, values.size
    sd = sqrt(float(rest @ rest) / (n - p))
    jacobian = _jacobian(model, values)
    factor = max(chain_factor(part, p) for part in np.split(rest, n_chains))
    covariance = np.linalg.inv(jacobian.T @ jacobian) * sd * sd * factor
    return Fit(values, np.asarray(covariance, np.float64), rest, sd)


def _jacobian(model: Callable[[FloatArray], FloatArray], at: FloatArray) -> FloatArray:
    columns = []
    for i in range(at.size):
        step = _STEP * max(1e-3, abs(float(at[i])))
        move = np.zeros_like(at)
        move[i] = step
        columns.append((model(at + move) - model(at - move)) / (2.0 * step))
    return np.column_stack(columns)


def spread(values: FloatArray) -> float:
    """Return a standard deviation that a few wild values do not move (1.4826 x MAD)."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
