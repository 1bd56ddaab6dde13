"""What is measured is judged: a clean print is a target, and no one fault is excused."""

import numpy as np
import ring_measure_twins as twin
from hypothesis import assume, given
from hypothesis import strategies as st
from ring_material import SEEDS, SIDE, Array, quick, work

from shinline.geometry.target import INNER_RATIO
from shinline.types import Role
from shinline.vision import ring_kernels as k

ROLES = st.sampled_from(list(INNER_RATIO))
RADII = st.floats(16.0, 80.0)
FRAME_NOISE = 1.0


def ideal(inner: float, r: float) -> Array:
    """Return the measurement of a clean print on a dark thing."""
    row = np.zeros(k.COLUMNS)
    row[[k.R, k.AXIS_RATIO, k.CONTRAST, k.QUALITY]] = r, 1.0, 160.0, 1.0
    row[[k.NOISE, k.RATIO, k.PAPER_LOW, k.PAPER_END]] = 1.0, inner, 1.0, 1.0
    row[[k.FIT_RATIO, k.FIT_PAPER, k.FIT_OUTSIDE, k.FIT_CORE]] = inner, 1.6, 0.3, 1.0
    row[k.FIT_BLUR] = 1.0 / r
    core_px2 = (inner * r) ** 2
    row[k.CORE] = twin.core_of(inner * r)
    row[k.EDGES] = max(1.0 - 1.1 * k.EDGE_VARIANCE_PX2 / core_px2, 0.3)
    return row


def judged(role: Role, row: Array) -> tuple[bool, int, bool]:
    """Return what each judge says: is it plain, whose print, is it still this role's."""
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.row[:] = row
    plain = k.plain(w.row, FRAME_NOISE)
    printed = k.printed_role(w)
    return plain, printed, k.still(w, int(role))


ANY_ROLE = {
    k.NOISE: 90.0, k.R: 3.0, k.AXIS_RATIO: 0.2, k.QUALITY: 0.1, k.RESIDUAL: 0.9, k.PAPER_LOW: 0.1,
    k.PAPER_END: 0.1,
}  # fmt: skip
PRINT = {
    k.FIT_RATIO: 0.9, k.FIT_CORE: 0.5, k.FIT_PAPER: 1.3, k.FIT_REST: 0.2,
}  # fmt: skip
FOLLOWED = {
    k.RATIO: 0.9, k.NOISE: 90.0, k.R: 3.0, k.AXIS_RATIO: 0.2, k.QUALITY: 0.1, k.PAPER_LOW: 0.1,
    k.SPREAD: 0.5, k.CORE: -1.0, k.EDGES: 0.0,
}  # fmt: skip


@quick
@given(role=ROLES, r=RADII)
def test_a_clean_print_passes_every_judge(role: Role, r: float) -> None:
    assert judged(role, ideal(INNER_RATIO[role], r)) == (True, role, True)


@quick
@given(role=ROLES, r=RADII)
def test_no_one_fault_is_excused_by_the_judge_who_looks_at_it(role: Role, r: float) -> None:
    for judge, faults in enumerate((ANY_ROLE, PRINT, FOLLOWED)):
        for column, value in faults.items():
            row = ideal(INNER_RATIO[role], r)
            row[column] = value
            assert judged(role, row)[judge] in (False, -1), (judge, column)


@quick
@given(role=ROLES, r=RADII)
def test_a_lamp_in_a_ring_is_no_print_nor_followed(role: Role, r: float) -> None:
    row = ideal(INNER_RATIO[role], r)
    row[[k.CORE, k.FIT_CORE]] = 1.6
    _, printed, still = judged(role, row)
    assert printed == -1
    assert not still


@quick
@given(role=ROLES, r=RADII, outside=st.floats(0.9, 1.1))
def test_where_the_surroundings_are_as_bright_as_the_paper_its_rim_does_not_count(
    role: Role, r: float, outside: float
) -> None:
    row = ideal(INNER_RATIO[role], r)
    row[[k.FIT_PAPER, k.FIT_OUTSIDE]] = 1.2, outside
    assert judged(role, row)[1] == role


@quick
@given(seed=SEEDS, role=ROLES, share=st.floats(0.0, 0.3))
def test_what_is_followed_is_judged_more_mildly(seed: int, role: Role, share: float) -> None:
    """On the figures that both judges look at: quality, paper, noise, tilt, size."""
    rng = np.random.default_rng(seed)
    row = ideal(INNER_RATIO[role], 20.0)
    for column in ANY_ROLE:
        row[column] += share * rng.random() * (ANY_ROLE[column] - row[column])
    plain, _, still = judged(role, row)
    assert still or not plain


@quick
@given(role=ROLES, r=RADII, off=st.floats(-0.025, 0.025))
def test_a_print_has_the_nearest_ratio_s_role(role: Role, r: float, off: float) -> None:
    """And is worth less the farther off it is; half a class away it is nobody's."""
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    w.row[:] = ideal(INNER_RATIO[role], r)
    assert k.printed_role(w) == role == w.row[k.ROLE]
    best = w.row[k.SCORE]
    w.row[k.FIT_RATIO] += off
    assert k.printed_role(w) == role == w.row[k.ROLE]
    assert w.row[k.SCORE] < best or abs(off) < 1e-9
    w.row[k.FIT_RATIO] = 0.9
    assert k.printed_role(w) == -1


@quick
@given(role=ROLES, other=ROLES, r=RADII)
def test_a_target_of_another_role_is_not_still_this_one(role: Role, other: Role, r: float) -> None:
    _, printed, still = judged(role, ideal(INNER_RATIO[other], r))
    assert printed == other
    assert still == (role == other)


@quick
@given(ratio=st.floats(0.0, 1.0))
def test_the_nearest_role(ratio: float) -> None:
    w = work(np.zeros((SIDE, SIDE), np.uint8))
    off = np.sort([abs(each - ratio) for each in INNER_RATIO.values()])
    assume(off[1] - off[0] > 1e-9)  # half-way between two, either is right
    assert k.nearest_role(w, ratio) == twin.nearest_role(ratio)
