"""The hand-written Kalman kernels agree with filterpy and with one dense least-squares solution."""

import motion_twins as twins
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinline.motion import kalman_kernels as k
from shinline.motion.smooth import BLOW, FIRST, JERK_DENSITIES, MIN_SD_M, STILL_MPS

QUICK = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
steps_s = st.floats(1e-4, 0.5)
lates_s = st.floats(-0.05, 0.05)
densities = st.floats(0.1, 100.0)


def _state(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    root = random.normal(size=(3, 3)) * np.array([[0.01], [0.3], [3.0]])
    return random.normal(size=3), root @ root.T + np.diag([1e-7, 1e-4, 1e-2])


@QUICK
@given(seed=seeds, dt_s=steps_s, q=densities)
def test_predict_is_filterpys_with_the_noise_integrated_exactly(
    seed: int, dt_s: float, q: float
) -> None:
    mean, cov = _state(seed)
    expected_mean, expected_cov = twins.predict(mean, cov, dt_s, q)
    k.predict(mean, cov, dt_s, q)
    np.testing.assert_allclose(mean, expected_mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(cov, expected_cov, rtol=1e-9, atol=1e-9)


@QUICK
@given(seed=seeds, measured=st.floats(-2.0, 2.0), sd_m=st.floats(1e-4, 0.1), late_s=lates_s)
def test_update_is_filterpys_joseph_form(
    seed: int, measured: float, sd_m: float, late_s: float
) -> None:
    mean, cov = _state(seed)
    expected_mean, expected_cov = twins.update(mean, cov, measured, sd_m**2, late_s)
    k.update(mean, cov, measured, sd_m**2, late_s)
    np.testing.assert_allclose(mean, expected_mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(cov, expected_cov, rtol=1e-9, atol=1e-9)


@QUICK
@given(seed=seeds, first_s=steps_s, second_s=steps_s, q=densities)
def test_two_steps_are_one_step_of_their_sum(
    seed: int, first_s: float, second_s: float, q: float
) -> None:
    """So a dropped frame needs nothing special."""
    mean, cov = _state(seed)
    whole_mean, whole_cov = mean.copy(), cov.copy()
    k.predict(mean, cov, first_s, q)
    k.predict(mean, cov, second_s, q)
    k.predict(whole_mean, whole_cov, first_s + second_s, q)
    np.testing.assert_allclose(mean, whole_mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(cov, whole_cov, rtol=1e-9, atol=1e-9)


@QUICK
@given(
    seed=seeds,
    n=st.integers(1, 14),
    q=st.floats(JERK_DENSITIES[FIRST], 100.0),
    sd_m=st.floats(MIN_SD_M, 5e-3),
    blows=st.booleans(),
)
def test_smoother_is_the_exact_posterior_on_irregular_times_with_gaps(
    seed: int, n: int, q: float, sd_m: float, blows: bool
) -> None:
    """Within a thousandth of a standard deviation, for what the product hands to it.

    With less noise or jerk the diffuse start costs the first covariances their digits.
    """
    random = np.random.default_rng(seed)
    t_s = np.cumsum(random.uniform(0.004, 0.12, n))
    measured = 0.3 * np.sin(2.0 * t_s) + sd_m * random.normal(size=n)
    variance = np.where(random.random(n) < 0.3, np.inf, sd_m**2)
    means, covs = np.zeros((n, 3)), np.zeros((n, 3, 3))
    jolts = np.where(random.random(n) < 0.2, random.uniform(0.5, 4.0, n), 0.0) * blows
    late_s = random.uniform(-0.02, 0.02, n)
    still = np.where(random.random(n) < 0.3, STILL_MPS**2, np.inf)
    k.smooth_axis(t_s, measured, variance, late_s, still, q, BLOW, jolts, means, covs)
    expected_means, expected_covs = twins.smooth_axis(
        t_s, measured, variance, late_s, still, q, BLOW, jolts
    )
    scale = np.sqrt(np.abs(np.diagonal(expected_covs, axis1=1, axis2=2)))
    assert np.all(np.abs(means - expected_means) <= 1e-3 * scale)
    relative = np.abs(covs - expected_covs) / (scale[:, :, None] * scale[:, None, :])
    assert relative.max() < 0.03


@QUICK
@given(seed=seeds, q=densities, fall_mps=st.floats(0.05, 3.0), sd_m=st.floats(MIN_SD_M, 5e-3))
def test_misfit_and_jolts_are_those_of_filterpy(
    seed: int, q: float, fall_mps: float, sd_m: float
) -> None:
    """A bar falls, strikes and lies; some samples are missing."""
    random = np.random.default_rng(seed)
    t_s = np.cumsum(random.uniform(0.008, 0.04, 20))
    measured = np.maximum(fall_mps * (t_s[12] - t_s), 0.0) + sd_m * random.normal(size=20)
    variance = np.where(random.random(20) < 0.2, np.inf, sd_m**2)
    variance[0] = sd_m**2
    jolts = np.full(20, 9.0)
    late_s = random.uniform(-0.005, 0.005, 20)
    found = k.misfit(t_s, measured, variance, late_s, q, BLOW, jolts)
    expected, expected_jolts = twins.misfit(t_s, measured, variance, late_s, q, BLOW)
    np.testing.assert_allclose(jolts, expected_jolts, rtol=1e-4)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-3)


@QUICK
@given(seed=seeds)
def test_small_matrix_helpers_are_those_of_linear_algebra(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, 3, 3))
    symmetric = a @ a.T + np.eye(3)
    out = np.zeros((3, 3))
    k._multiply(a, b, out)
    np.testing.assert_allclose(out, a @ b, rtol=1e-12, atol=1e-12)
    k._inverse(symmetric, out)
    np.testing.assert_allclose(out, np.linalg.inv(symmetric), rtol=1e-9, atol=1e-12)
