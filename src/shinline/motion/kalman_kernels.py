"""Kernels of the constant-acceleration model: one axis, state (position, velocity, acceleration).

The jerk is white noise of density ``q`` (m^2/s^5). Time steps are whatever the sensor says; the
process noise is integrated exactly over each, so dropped frames and irregular rates need nothing
special. Matrices are written out as scalars: at three states that is both faster and easier to
read than loops. Source of the model: Bar-Shalom, Estimation with Applications, section 6.2.
"""

import numpy as np

from shinline.kernel import kernel
from shinline.types import FloatArray


@kernel
def predict(mean: FloatArray, cov: FloatArray, dt_s: float, q: float) -> None:
    """Advance one axis by ``dt_s`` in place; ``mean`` (3,), ``cov`` (3, 3) symmetric."""
    h = 0.5 * dt_s * dt_s
    p, v, a = mean[0], mean[1], mean[2]
    mean[0], mean[1] = p + dt_s * v + h * a, v + dt_s * a
    pp, pv, pa = cov[0, 0], cov[0, 1], cov[0, 2]
    vv, va, aa = cov[1, 1], cov[1, 2], cov[2, 2]
    pa_new = pa + dt_s * va + h * aa
    va_new = va + dt_s * aa
    pv_new = pv + dt_s * (vv + pa) + (h + dt_s * dt_s) * va + dt_s * h * aa
    pp_new = (
        pp + 2.0 * dt_s * pv + dt_s * dt_s * vv + 2.0 * h * pa + 2.0 * h * dt_s * va + h * h * aa
    )
    vv_new = vv + 2.0 * dt_s * va + dt_s * dt_s * aa
    d2, d3 = dt_s * dt_s, dt_s * dt_s * dt_s
    cov[0, 0] = pp_new + q * d3 * d2 / 20.0
    cov[0, 1] = cov[1, 0] = pv_new + q * d2 * d2 / 8.0
    cov[0, 2] = cov[2, 0] = pa_new + q * d3 / 6.0
    cov[1, 1] = vv_new + q * d3 / 3.0
    cov[1, 2] = cov[2, 1] = va_new + q * d2 / 2.0
    cov[2, 2] = aa + q * dt_s


@kernel
def update(mean: FloatArray, cov: FloatArray, measured: float, variance: float) -> None:
    """Take in one position measurement in place (Joseph-free: the gain is scalar and exact)."""
    total = cov[0, 0] + variance
    innovation = measured - mean[0]
    g0, g1, g2 = cov[0, 0] / total, cov[0, 1] / total, cov[0, 2] / total
    mean[0] += g0 * innovation
    mean[1] += g1 * innovation
    mean[2] += g2 * innovation
    c0, c1, c2 = cov[0, 0], cov[0, 1], cov[0, 2]
    cov[0, 0] = c0 * variance / total
    cov[0, 1] = cov[1, 0] = c1 * variance / total
    cov[0, 2] = cov[2, 0] = c2 * variance / total
    cov[1, 1] -= g1 * c1
    cov[1, 2] = cov[2, 1] = cov[1, 2] - g1 * c2
    cov[2, 2] -= g2 * c2


@kernel
def jolt(cov: FloatArray, dt_s: float, speed_var: float, acceleration_var: float) -> None:
    """Let speed and acceleration jump at an unknown instant of the last ``dt_s``, in place.

    The jump of the speed is spread evenly over the interval, hence the thirds and halves.
    """
    cov[0, 0] += speed_var * dt_s * dt_s / 3.0
    cov[0, 1] += speed_var * dt_s / 2.0
    cov[1, 0] = cov[0, 1]
    cov[1, 1] += speed_var
    cov[2, 2] += acceleration_var


@kernel
def misfit(
    t_s: FloatArray,
    measured: FloatArray,
    variance: FloatArray,
    q: float,
    blow: FloatArray,
    jolts: FloatArray,
) -> float:
    """Return how badly a jerk density fits (n,) samples of one axis: -2 log likelihood, robust.

    Samples without a finite ``variance`` are skipped, and none counts more than ``blow[0]``
    standard deviations. A sample farther above its prediction than that, of a bar that falls
    faster than ``blow[2]`` m/s, shows a blow: plates strike the floor. ``jolts`` (n,) gets the
    variance that each gives the speed, 0 elsewhere, and ``blow[1]`` is what it gives the
    acceleration; :func:`smooth_axis` wants to know.
    """
    mean, cov = np.zeros(3), np.zeros((3, 3))
    cov[0, 0], cov[1, 1], cov[2, 2] = 0.01, 9.0, 900.0
    total = 0.0
    last = -1
    for i in range(t_s.size):
        jolts[i] = 0.0
        if not np.isfinite(variance[i]):
            continue
        if last < 0:
            mean[0] = measured[i]
        else:
            dt_s = t_s[i] - t_s[last]
            predict(mean, cov, dt_s, q)
            spread = cov[0, 0] + variance[i]
            off = measured[i] - mean[0]
            total += min(off * off / spread, blow[0] * blow[0]) + np.log(spread)
            if mean[1] < -blow[2] and off > blow[0] * np.sqrt(spread):
                jolts[i] = off * off / (dt_s * dt_s)
                jolt(cov, dt_s, jolts[i], blow[1])
        update(mean, cov, measured[i], variance[i])
        last = i
    return total


@kernel
def _inverse(m: FloatArray, out: FloatArray) -> None:
    """Invert a symmetric positive 3 x 3 matrix by cofactors."""
    c00 = m[1, 1] * m[2, 2] - m[1, 2] * m[1, 2]
    c01 = m[0, 2] * m[1, 2] - m[0, 1] * m[2, 2]
    c02 = m[0, 1] * m[1, 2] - m[0, 2] * m[1, 1]
    scale = 1.0 / (m[0, 0] * c00 + m[0, 1] * c01 + m[0, 2] * c02)
    out[0, 0] = c00 * scale
    out[0, 1] = out[1, 0] = c01 * scale
    out[0, 2] = out[2, 0] = c02 * scale
    out[1, 1] = (m[0, 0] * m[2, 2] - m[0, 2] * m[0, 2]) * scale
    out[1, 2] = out[2, 1] = (m[0, 1] * m[0, 2] - m[0, 0] * m[1, 2]) * scale
    out[2, 2] = (m[0, 0] * m[1, 1] - m[0, 1] * m[0, 1]) * scale


@kernel
def smooth_axis(
    t_s: FloatArray,
    measured: FloatArray,
    variance: FloatArray,
    q: float,
    blow: FloatArray,
    jolts: FloatArray,
    means: FloatArray,
    covs: FloatArray,
) -> None:
    """Rauch-Tung-Striebel smoother of one axis over (n,) samples.

    A sample whose ``variance`` is not finite was not seen and only marks a time. ``jolts`` (n,)
    and ``blow`` are those of :func:`misfit`: where a jolt is not 0, speed and acceleration may
    have jumped between the sample before and this one. ``means`` (n, 3)
    and ``covs`` (n, 3, 3) get the smoothed estimates. The start is diffuse: 0.1 m, 3 m/s, 30 m/s^2
    around the first sample that was seen.
    """
    n = t_s.size
    before_mean, before_cov = np.empty((n, 3)), np.empty((n, 3, 3))
    mean, cov = np.zeros(3), np.zeros((3, 3))
    cov[0, 0], cov[1, 1], cov[2, 2] = 0.01, 9.0, 900.0
    for i in range(n):
        if np.isfinite(variance[i]):
            mean[0] = measured[i]
            break
    for i in range(n):
        if i > 0:
            predict(mean, cov, t_s[i] - t_s[i - 1], q)
            if jolts[i] > 0.0:
                jolt(cov, t_s[i] - t_s[i - 1], jolts[i], blow[1])
        before_mean[i] = mean
        before_cov[i] = cov
        if np.isfinite(variance[i]):
            update(mean, cov, measured[i], variance[i])
        means[i] = mean
        covs[i] = cov
    inverse, gain, carried = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3))
    for i in range(n - 2, -1, -1):
        dt = t_s[i + 1] - t_s[i]
        _inverse(before_cov[i + 1], inverse)
        for r in range(3):
            c0, c1, c2 = covs[i, r, 0], covs[i, r, 1], covs[i, r, 2]
            carried[r, 0] = c0 + dt * c1 + 0.5 * dt * dt * c2
            carried[r, 1] = c1 + dt * c2
            carried[r, 2] = c2
        _multiply(carried, inverse, gain)
        for r in range(3):
            for c in range(3):
                means[i, r] += gain[r, c] * (means[i + 1, c] - before_mean[i + 1, c])
        for r in range(3):
            for c in range(3):
                carried[r, c] = 0.0
                for k in range(3):
                    carried[r, c] += gain[r, k] * (covs[i + 1, k, c] - before_cov[i + 1, k, c])
        for r in range(3):
            for c in range(3):
                for k in range(3):
                    covs[i, r, c] += carried[r, k] * gain[c, k]


@kernel
def _multiply(a: FloatArray, b: FloatArray, out: FloatArray) -> None:
    """Write the product of two 3 x 3 matrices into ``out`` (no BLAS: replay is bit-exact)."""
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]
