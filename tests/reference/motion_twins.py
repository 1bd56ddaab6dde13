"""Slow twins of the motion kernels: library filters and one dense least-squares problem."""

from itertools import pairwise

import numpy as np
from filterpy.kalman import KalmanFilter
from numpy.typing import NDArray
from scipy.linalg import expm

Array = NDArray[np.float64]

DRIFT = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
START_COV = np.diag([0.01, 9.0, 900.0])


def transition(dt_s: float) -> Array:
    """State transition of constant acceleration, by the matrix exponential."""
    return np.asarray(expm(DRIFT * dt_s))


def process_noise(dt_s: float, q: float) -> Array:
    """Covariance that white jerk of density ``q`` adds, by Van Loan's block exponential."""
    block = np.zeros((6, 6))
    block[:3, :3], block[3:, 3:] = -DRIFT, DRIFT.T
    block[2, 5] = q
    power = expm(block * dt_s)
    return np.asarray(power[3:, 3:].T @ power[:3, 3:])


def _filter(mean: Array, cov: Array) -> KalmanFilter:
    twin = KalmanFilter(dim_x=3, dim_z=1)
    twin.x, twin.P = mean.reshape(3, 1).copy(), cov.copy()
    twin.H = np.array([[1.0, 0.0, 0.0]])
    return twin


def predict(mean: Array, cov: Array, dt_s: float, q: float) -> tuple[Array, Array]:
    """Return mean and covariance after ``dt_s``."""
    twin = _filter(mean, cov)
    twin.predict(F=transition(dt_s), Q=process_noise(dt_s, q))
    return twin.x[:, 0], twin.P


def sight(late_s: float) -> Array:
    """Row of the measurement: where the state will be ``late_s`` later."""
    return transition(late_s)[:1]


def update(
    mean: Array, cov: Array, measured: float, variance: float, late_s: float = 0.0
) -> tuple[Array, Array]:
    """Return mean and covariance after one position measurement (Joseph form)."""
    twin = _filter(mean, cov)
    twin.H = sight(late_s)
    twin.update(np.array([[measured]]), R=np.array([[variance]]))
    return twin.x[:, 0], twin.P


def jolt_noise(dt_s: float, speed_var: float, acceleration_var: float) -> Array:
    """Covariance of a jump of the speed, evenly likely at any instant, and of the acceleration."""
    when_s = np.linspace(0.0, dt_s, 20_001)
    left_s = 0.5 * (when_s[1:] + when_s[:-1])  # for which the new speed acts
    steps = np.stack([left_s, np.ones_like(left_s), np.zeros_like(left_s)])
    jump = speed_var * (steps @ steps.T) / left_s.size
    return np.asarray(jump + np.diag([0.0, 0.0, acceleration_var]))


def misfit(
    t_s: Array, measured: Array, variance: Array, late_s: Array, q: float, blow: Array
) -> tuple[float, Array]:
    """-2 log likelihood by filterpy, sample by sample, each clipped; and the jolts."""
    total, jolts = 0.0, np.zeros(t_s.size)
    seen = np.flatnonzero(np.isfinite(variance))
    mean, cov = np.array([measured[seen[0]], 0.0, 0.0]), START_COV
    for last, i in pairwise(seen):
        mean, cov = update(mean, cov, measured[last], variance[last], late_s[last])
        dt_s = float(t_s[i] - t_s[last])
        mean, cov = predict(mean, cov, dt_s, q)
        h = sight(late_s[i])
        sd = np.sqrt(float((h @ cov @ h.T)[0, 0]) + variance[i])
        off = measured[i] - float((h @ mean)[0])
        total += min(abs(off) / sd, blow[0]) ** 2 + 2.0 * np.log(sd)
        if mean[1] < -blow[2] and off / sd > blow[0]:
            jolts[last + 1 : i + 1] = (off / dt_s) ** 2 * np.diff(t_s[last : i + 1]) / dt_s
            cov = cov + jolt_noise(dt_s, (off / dt_s) ** 2, blow[1])
    return total, jolts


def smooth_axis(
    t_s: Array,
    measured: Array,
    variance: Array,
    late_s: Array,
    still: Array,
    q: float,
    blow: Array,
    jolts: Array,
) -> tuple[Array, Array]:
    """All states at once, as one whitened least-squares problem solved by QR; no recursion."""
    n = t_s.size
    seen = np.flatnonzero(np.isfinite(variance))
    first = np.array([measured[seen[0]] if seen.size else 0.0, 0.0, 0.0])
    rows, right = [np.zeros((3, n, 3))], [first / np.sqrt(np.diag(START_COV))]
    rows[0][:, 0, :] = np.diag(1.0 / np.sqrt(np.diag(START_COV)))
    for i in range(1, n):
        dt_s = float(t_s[i] - t_s[i - 1])
        noise = process_noise(dt_s, q)
        if jolts[i] > 0.0:
            noise = noise + jolt_noise(dt_s, jolts[i], blow[1])
        whiten = np.linalg.inv(np.linalg.cholesky(noise))
        row = np.zeros((3, n, 3))
        row[:, i - 1, :], row[:, i, :] = -whiten @ transition(dt_s), whiten
        rows.append(row)
        right.append(np.zeros(3))
    for i in map(int, seen):
        row = np.zeros((1, n, 3))
        row[0, i] = sight(late_s[i])[0] / np.sqrt(variance[i])
        rows.append(row)
        right.append(np.array([measured[i] / np.sqrt(variance[i])]))
    for i in map(int, np.flatnonzero(np.isfinite(still))):
        row = np.zeros((1, n, 3))
        row[0, i, 1] = 1.0 / np.sqrt(still[i])
        rows.append(row)
        right.append(np.zeros(1))
    orthogonal, upper = np.linalg.qr(np.concatenate(rows).reshape(-1, 3 * n))
    inverse = np.linalg.inv(upper)
    means = inverse @ (orthogonal.T @ np.concatenate(right))
    covs = (inverse @ inverse.T).reshape(n, 3, n, 3)
    return means.reshape(n, 3), np.array([covs[i, :, i, :] for i in range(n)])
