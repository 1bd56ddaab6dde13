"""What is measured is judged: a clean print is a target, and no one fault is excused."""

import numpy as np
import ring_measure_twins as twin
from hypothesis import given
from hypothesis import strategies as st
from ring_material import SEEDS, SIDE, Array, quick, work

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline.vision import ring_kernels as k


def ideal(inner: float, r: float) -> Array:
    """Return the measurement of a clean print."""
    row = np.zeros(k.COLUMNS)
    row[[k.R, k.AXIS_RATIO, k.CONTRAST, k.QUALITY]] = r, 1.0, 160.0, 1.0
    row[[k.NOISE, k.RATIO, k.PAPER_LOW, k.PAPER_END]] = 1.0, inner, 1.0, 1.0
    core_px2 = (inner * r) ** 2
    row[k.CORE] = twin.core_of(inner * r)
    row[k.EDGES] = max(1.0 - 1.1 * k.EDGE_VARIANCE_PX2 / core_px2, 0.3)
    return row


WORSE = {
    k.NOISE: 90.0, k.R: 3.0, k.AXIS_RATIO: 0.2, k.QUALITY: 0.1, k.RESIDUAL: 0.9, k.PAPER_LOW: 0.1,
    k.PAPER_END: 0.1, k.SPREAD: 0.5, k.CORE: -1.0, k.EDGES: 0.0,
}  # fmt: skip


@quick
@given(inner=st.sampled_from(list(INNER_RATIO.values())), r=st.floats(16.0, 80.0))
def test_a_clean_print_is_a_target_and_no_one_fault_is_excused(inner: float, r: float) -> None:
    assert k.is_target(ideal(inner, r), inner, 0.0, 1.0)
    for column, value in WORSE.items():
        row = ideal(inner, r)
        row[column] = value
        assert not k.is_target(row, inner, 1.0, 1.0)


@quick
@given(seed=SEEDS, inner=st.sampled_from(list(INNER_RATIO.values())), share=st.floats(0.0, 0.3))
def test_what_is_followed_is_judged_more_mildly(seed: int, inner: float, share: float) -> None:
    rng = np.random.default_rng(seed)
    row = ideal(inner, 20.0)
    for column, value in WORSE.items():
        row[column] += share * rng.random() * (value - row[column])
    mild, severe = k.is_target(row, inner, 1.0, 9.0), k.is_target(row, inner, 0.0, 9.0)
    assert mild or not severe


@quick
@given(role=st.sampled_from(list(INNER_RATIO)), off=st.floats(-0.025, 0.025))
def test_a_target_is_named_by_the_nearest_ratio(role: Role, off: float) -> None:
    """And is worth less the farther off it is; half a class away it is nobody's."""
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.settings[k.FRAME_NOISE] = 1.0
    w.row[:] = ideal(INNER_RATIO[role], 24.0)
    assert k.named(w, 0.0) == role
    best = w.row[k.SCORE]
    w.row[k.RATIO] += off
    assert k.named(w, 0.0) == role == w.row[k.ROLE]
    assert w.row[k.SCORE] < best or abs(off) < 1e-9
    w.row[k.RATIO] = 0.9
    assert k.named(w, 0.0) == -1
