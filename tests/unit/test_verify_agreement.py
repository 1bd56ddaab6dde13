"""Agreement statistics: published examples, slow twins, and intervals that cover what they say."""

import agreement_twins as twins
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from shinline_cal.verify.agreement import Agreement, agree, slope
from shinline_cal.verify.quantiles import chi_square_95, t_cdf, t_quantile, wilson

Array = NDArray[np.float64]

WRIGHT = np.array(
    [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], float
)
MINI = np.array(
    [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], float
)
"""First readings of two peak flow meters, l/min: Bland and Altman 1986, Lancet i:307, table 1."""


def lifts(n: int, seed: int, noise: float = 0.02) -> tuple[Array, Array]:
    """Return speeds of two devices, n reps."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(0.15, 0.9, n)
    return true + rng.normal(0.0, noise, n), 1.01 * true + rng.normal(0.004, noise, n)


def test_the_example_of_bland_and_altman() -> None:
    """Mean -2.1, sd 38.8, r 0.94; 95 % interval of the bias -22.0 to 17.8."""
    a = agree(WRIGHT, MINI)
    assert a.bias is not None
    assert a.bias.value == pytest.approx(-2.1, abs=0.05)
    assert a.sd == pytest.approx(38.8, abs=0.05)
    assert (a.bias.low, a.bias.high) == (
        pytest.approx(-22.0, abs=0.06),
        pytest.approx(17.8, abs=0.06),
    )
    assert a.pearson_r == pytest.approx(0.94, abs=0.005)


def test_the_limits_of_bland_and_altman_and_their_intervals() -> None:
    """They print -79.7 (-114.3 to -45.1) and 75.5 (40.9 to 110.1), with 2 for 1.96 and 3 for 2.92.

    Their standard error of a limit is sqrt(3 s^2 / n); ours is that of their paper of 1999.
    """
    a = agree(WRIGHT, MINI)
    assert a.lower is not None
    assert a.upper is not None
    assert a.lower.value == pytest.approx(-79.7, abs=0.05 * 38.8)
    assert a.upper.value == pytest.approx(75.5, abs=0.05 * 38.8)
    assert a.lower.high - a.lower.low == pytest.approx(114.3 - 45.1, rel=0.02)
    assert a.upper.high - a.upper.low == pytest.approx(110.1 - 40.9, rel=0.02)


@pytest.mark.parametrize(("n", "seed"), [(4, 1), (12, 2), (60, 3), (300, 4)])
def test_every_figure_against_its_slow_twin(n: int, seed: int) -> None:
    ours, theirs = lifts(n, seed)
    a = agree(ours, theirs)
    assert a.lower is not None and a.upper is not None and a.ccc is not None
    assert a.bias is not None and a.deming_slope is not None and a.proportional is not None
    low, high = twins.limits(ours, theirs)
    assert (a.lower.value, a.upper.value) == (
        pytest.approx(low, abs=5e-6),
        pytest.approx(high, abs=5e-6),
    )
    bias = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert (a.bias.low, a.bias.high) == pytest.approx((bias.low, bias.high), rel=1e-9)
    assert a.ccc.value == pytest.approx(twins.ccc(ours, theirs), rel=1e-9)
    assert a.icc == pytest.approx(twins.icc_a1(ours, theirs), rel=1e-9)
    assert a.see == pytest.approx(twins.see(ours, theirs), rel=1e-6)
    assert a.deming_slope.value == pytest.approx(twins.orthogonal_slope(theirs, ours), rel=1e-5)
    half = a.deming_slope.high - a.deming_slope.value
    assert half == pytest.approx(twins.jackknifed_slope_half_width(theirs, ours), rel=1e-6)
    line = stats.linregress(0.5 * (ours + theirs), ours - theirs)
    half = stats.t.ppf(0.975, n - 2) * line.stderr
    assert a.proportional.value == pytest.approx(line.slope, rel=1e-7)
    assert a.proportional.high - a.proportional.value == pytest.approx(half, rel=1e-7)


def test_rmse_holds_bias_and_spread() -> None:
    ours, theirs = lifts(50, 9)
    a = agree(ours, theirs)
    assert a.bias is not None and a.sd is not None and a.rmse is not None
    assert a.rmse**2 == pytest.approx(a.bias.value**2 + a.sd**2 * 49 / 50)


def test_the_smallest_detectable_change_is_that_of_both_devices_noise() -> None:
    rng = np.random.default_rng(11)
    true = rng.uniform(0.2, 0.8, 20_000)
    a = agree(true + rng.normal(0, 0.01, true.size), true + rng.normal(0, 0.01, true.size))
    assert a.sem == pytest.approx(0.01, rel=0.03)
    assert a.sdc == pytest.approx(1.96 * np.sqrt(2) * 0.01, rel=0.03)
    assert a.cv_ratio == pytest.approx(0.01 / 0.5, rel=0.04)


def _mirrored(a: Agreement, b: Agreement) -> None:
    assert a.bias is not None and b.bias is not None
    assert a.lower is not None and b.upper is not None
    assert a.bias.value == pytest.approx(-b.bias.value, abs=1e-12)
    assert a.lower.low == pytest.approx(-b.upper.high, abs=1e-12)
    assert a.rmse == pytest.approx(b.rmse)
    assert a.icc == pytest.approx(b.icc, abs=1e-9)
    assert (a.ccc is None) == (b.ccc is None)


@given(n=st.integers(3, 30), seed=st.integers(0, 10_000), noise=st.floats(1e-4, 0.3))
def test_who_is_first_changes_signs_only(n: int, seed: int, noise: float) -> None:
    ours, theirs = lifts(n, seed, noise)
    _mirrored(agree(ours, theirs), agree(theirs, ours))


@given(factor=st.sampled_from([1e-3, 1.0, 1e3]), seed=st.integers(0, 1000))
def test_units_do_not_matter(factor: float, seed: int) -> None:
    ours, theirs = lifts(15, seed)
    a, b = agree(ours, theirs), agree(factor * ours, factor * theirs)
    assert a.sdc is not None and b.sdc is not None
    assert b.sdc == pytest.approx(factor * a.sdc)
    for x, y in (
        (a.ccc, b.ccc),
        (a.proportional, b.proportional),
        (a.deming_slope, b.deming_slope),
    ):
        assert x is not None and y is not None
        assert (x.value, x.low, x.high) == pytest.approx((y.value, y.low, y.high), rel=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_pairs_tell_nothing(n: int) -> None:
    assert agree(np.ones(n), np.ones(n)) == Agreement(n)


def test_equal_readings_agree_and_constant_ones_have_no_correlation() -> None:
    same = agree(np.array([0.3, 0.5, 0.6, 0.9]), np.array([0.3, 0.5, 0.6, 0.9]))
    assert same.bias is not None and same.ccc is not None
    assert (same.bias.value, same.sdc, same.ccc.value) == (0.0, 0.0, 1.0)
    flat = agree(np.full(5, 0.5), np.array([0.5, 0.6, 0.5, 0.6, 0.5]))
    assert flat.pearson_r is None
    assert flat.ccc is None
    assert flat.see is None
    assert flat.deming_slope is None


def test_what_is_not_finite_or_not_paired_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        agree(np.array([1.0, np.nan, 2.0]), np.ones(3))
    with pytest.raises(ValueError, match="equally long"):
        agree(np.ones(3), np.ones(4))


def test_sets_widen_the_limits_as_the_variance_components_say() -> None:
    rng = np.random.default_rng(3)
    sets = [s for s in range(12) for _ in range(5)]
    d = np.repeat(rng.normal(0.0, 0.03, 12), 5) + rng.normal(0.0, 0.01, 60)
    base = rng.uniform(0.2, 0.9, 60)
    a = agree(base + d, base, sets)
    between, within = twins.between_and_within(d, sets)
    assert a.upper_sets is not None and a.lower_sets is not None
    assert a.upper_sets - a.lower_sets == pytest.approx(
        2 * 1.96 * np.sqrt(between + within), rel=1e-9
    )
    assert a.bias is not None and a.bias_sets is not None
    assert a.bias_sets.high - a.bias_sets.low > 1.5 * (a.bias.high - a.bias.low)


def test_the_intervals_cover_what_they_say() -> None:
    """Of 400 trials of 20 reps, 95 % hold the true bias, limit, slope and concordance."""
    inside = np.zeros(4)
    rng = np.random.default_rng(17)
    spread, bias, sd_true = 0.2, 0.01, 0.02 * np.sqrt(2)
    concordance = 2 * spread**2 / (2 * (spread**2 + 0.02**2) + bias**2)
    for _ in range(400):
        true = rng.normal(0.6, spread, 20)
        ours = true + bias + rng.normal(0, 0.02, 20)
        a = agree(ours, true + rng.normal(0, 0.02, 20))
        assert a.bias and a.upper and a.deming_slope and a.ccc
        truths = (bias, bias + 1.96 * sd_true, 1.0, concordance)
        estimates = (a.bias, a.upper, a.deming_slope, a.ccc)
        inside += [e.low <= t <= e.high for e, t in zip(estimates, truths, strict=True)]
    share = inside / 400
    assert (share[[0, 2, 3]] > 0.92).all(), share
    assert share[1] > 0.90, share
    assert (share < 0.985).all(), share


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.25])
def test_the_interval_of_the_concordance_is_as_wide_as_it_scatters(shift: float) -> None:
    """Also with a bias as large as the spread of the values, where all terms of Lin's count."""
    rng = np.random.default_rng(23)
    found, halves = [], []
    for _ in range(500):
        true = rng.normal(0.6, 0.2, 40)
        ours, theirs = true + shift + rng.normal(0, 0.04, 40), true + rng.normal(0, 0.04, 40)
        ccc = agree(ours, theirs).ccc
        assert ccc is not None
        found.append(np.arctanh(ccc.value))
        halves.append(0.5 * (np.arctanh(ccc.high) - np.arctanh(ccc.low)))
    assert np.mean(halves) / 1.96 == pytest.approx(np.std(found), rel=0.12)


def test_a_spread_that_grows_is_noticed_and_told_in_percent() -> None:
    rng = np.random.default_rng(5)
    true = rng.uniform(0.1, 1.2, 200)
    a = agree(true * (1 + rng.normal(0, 0.05, 200)), true)
    assert a.growing is not None and a.ratio_limits is not None
    assert a.growing.low > 0.0
    assert a.ratio_limits == pytest.approx((np.exp(-1.96 * 0.05), np.exp(1.96 * 0.05)), rel=0.02)


@given(p=st.floats(1e-4, 1 - 1e-4), dof=st.floats(0.5, 2000))
def test_quantiles_of_t_are_those_of_scipy(p: float, dof: float) -> None:
    assert t_quantile(p, dof) == pytest.approx(stats.t.ppf(p, dof), rel=1e-8, abs=1e-7)


@given(t=st.floats(-50, 50), dof=st.floats(0.5, 500))
def test_probabilities_of_t_are_those_of_scipy(t: float, dof: float) -> None:
    assert t_cdf(t, dof) == pytest.approx(stats.t.cdf(t, dof), rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("dof", [1, 2, 3, 5, 10, 40])
def test_the_quantile_of_chi_square_is_near_scipys(dof: int) -> None:
    assert chi_square_95(dof) == pytest.approx(stats.chi2.ppf(0.95, dof), rel=0.025)


def test_a_quantile_outside_of_its_range_is_a_mistake() -> None:
    for p, dof in ((0.0, 3.0), (1.0, 3.0), (0.5, 0.0)):
        with pytest.raises(ValueError, match="t_quantile needs"):
            t_quantile(p, dof)


@pytest.mark.parametrize(("hits", "trials"), [(0, 5), (5, 5), (37, 38), (500, 589)])
def test_the_interval_of_a_share_is_wilsons(hits: int, trials: int) -> None:
    low, high = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    assert wilson(hits, trials) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert wilson(0, 0) is None


def test_no_slope_without_a_spread_in_x() -> None:
    assert slope(np.full(5, 0.5), np.arange(5.0)) is None
