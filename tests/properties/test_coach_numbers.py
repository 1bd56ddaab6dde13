"""What a hold of a tenth of a second is, against every window tried by hand."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifts import Script, exact_path

from shinline.coach.bounds import find_bounds
from shinline.coach.numbers import measure
from shinline.coach.windows import sustained_max
from shinline.types import NS_PER_S

QUICK = settings(max_examples=40, deadline=None)


@QUICK
@given(
    steps=st.lists(st.floats(0.005, 0.06), min_size=1, max_size=25),
    seed=st.integers(0, 2**32 - 1),
    dwell_s=st.floats(0.02, 0.3),
)
def test_sustained_max_is_the_best_of_all_windows(
    steps: list[float], seed: int, dwell_s: float
) -> None:
    """Against every window of the dwell on a grid a hundred times finer than it."""
    t_s = np.cumsum(steps)
    values = np.random.default_rng(seed).normal(size=t_s.size)
    found = sustained_max(t_s, values, dwell_s)
    if t_s[-1] - t_s[0] <= dwell_s:
        assert found == values.min()
        return
    fine_s = np.union1d(np.arange(t_s[0], t_s[-1], dwell_s / 100.0), t_s)
    fine = np.interp(fine_s, t_s, values)
    best = max(
        float(fine[(fine_s >= begin_s) & (fine_s <= begin_s + dwell_s)].min())
        for begin_s in fine_s[fine_s <= t_s[-1] - dwell_s]
    )
    steepest = float(np.abs(np.diff(values) / np.diff(t_s)).max())
    assert (
        best - 0.05 * dwell_s * steepest - 1e-9 <= found <= best + 0.01 * dwell_s * steepest + 1e-9
    )


@QUICK
@given(
    up_s=st.floats(0.6, 6.0),
    rom_m=st.floats(0.22, 0.8),
    bulge_m=st.floats(-0.05, 0.05),
    rate_hz=st.floats(24.0, 120.0),
)
def test_numbers_of_a_rep_hang_together(
    up_s: float, rom_m: float, bulge_m: float, rate_hz: float
) -> None:
    script = Script().rest(1.0).move(up_s, rom_m, bulge=bulge_m).rest(1.0)
    assume(1.8 * rom_m / up_s > 0.08)
    path = exact_path(script, 0.0, script.duration_s, rate_hz)
    bounds = find_bounds(path, 5, None)
    assert bounds is not None
    n = measure(path, bounds, 1.0, 0.01)
    assert 0.85 * rom_m <= n.rom_m <= rom_m + 1e-9
    assert abs(n.mean_velocity_mps * n.concentric_s - n.rom_m) < 1e-9
    assert n.peak_velocity_mps >= n.mean_velocity_mps > 0.0
    start_m = float(script.at(np.array([bounds.start_ns / NS_PER_S]))[0][0])
    assert n.drift_forward_m <= max(0.0, max(0.0, bulge_m) - start_m) + 1e-4
    assert n.drift_backward_m <= max(0.0, start_m - min(0.0, bulge_m)) + 1e-4
    assert n.forward_to_knee_m <= n.drift_forward_m + 1e-12
    assert n.time_to_knee_s is not None
    assert 0.0 < n.time_to_knee_s < n.concentric_s
    assert n.tracked_ratio == 1.0
