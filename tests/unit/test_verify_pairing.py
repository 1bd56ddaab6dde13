"""Reps of two devices: paired by time or place, never by value; what is left over is counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline_cal.verify.pairing import Counts, RepRow, by_time, count, pair

SESSION = np.array([0.0, 3.1, 6.5, 9.4, 150.0, 152.9, 156.4, 301.2, 304.0, 307.3, 310.1])


def rows(sets: dict[str, int], times: list[float] | None = None) -> list[RepRow]:
    reps = [(name, rep + 1) for name, n in sets.items() for rep in range(n)]
    at = times or [None] * len(reps)
    return [RepRow(name, rep, t) for (name, rep), t in zip(reps, at, strict=True)]


@given(
    offset_s=st.floats(-40_000, 40_000),
    ours_lost=st.sets(st.integers(0, 10), max_size=3),
    theirs_lost=st.sets(st.integers(0, 10), max_size=3),
    seed=st.integers(0, 99),
)
def test_any_offset_and_missed_reps_are_found(
    offset_s: float, ours_lost: set[int], theirs_lost: set[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mine = [i for i in range(11) if i not in ours_lost]
    yours = [i for i in range(11) if i not in theirs_lost]
    heard = SESSION + offset_s + rng.normal(0.0, 0.05, 11)
    result = by_time(SESSION[mine], heard[yours], None, 1.0)
    found = {(mine[i], yours[j]) for i, j in result.pairs}
    assert found == {(i, i) for i in range(11) if i not in ours_lost | theirs_lost}
    assert result.offset_s == pytest.approx(offset_s, abs=0.2)
    assert [mine[i] for i in result.only_ours] == sorted(theirs_lost - ours_lost)
    assert [yours[j] for j in result.only_theirs] == sorted(ours_lost - theirs_lost)


def test_a_ghost_rep_is_left_over() -> None:
    theirs = np.sort(np.append(SESSION, 80.0)) + 5.0
    result = by_time(SESSION, theirs, None, 1.0)
    assert result.only_theirs == [4]
    assert count(result, 11, 12) == Counts(both=11, only_ours=0, only_theirs=1)


def test_reps_like_clockwork_are_called_ambiguous() -> None:
    ours = 3.0 * np.arange(6)
    result = by_time(ours, ours[1:] + 100.0, None, 1.0)
    assert {round(value) for value in (result.offset_s or 0.0, *result.rivals_s)} == {100, 103}
    named = by_time(ours, ours[1:] + 100.0, 100.0, 1.0)
    assert named.rivals_s == ()
    assert named.only_ours == [0]


def test_times_outside_of_the_tolerance_do_not_pair() -> None:
    result = by_time(np.array([0.0, 10.0]), np.array([2.0, 12.0]), 0.0, 1.0)
    assert result.pairs == []
    assert (result.only_ours, result.only_theirs) == ([0, 1], [0, 1])


def test_each_rep_is_used_once() -> None:
    """Two of ours near one of theirs: the nearer one has it, and the other is left over."""
    result = by_time(np.array([0.0, 0.7, 9.0]), np.array([0.2, 9.1]), 0.0, 1.0)
    assert result.pairs == [(0, 0), (2, 1)]
    assert result.only_ours == [1]
    turned = by_time(np.array([0.2, 9.1]), np.array([0.0, 0.7, 9.0]), 0.0, 1.0)
    assert turned.pairs == [(0, 0), (1, 2)]
    assert turned.only_theirs == [1]


def test_nothing_on_one_side() -> None:
    result = by_time(np.array([]), SESSION, None, 1.0)
    assert (result.pairs, result.only_theirs) == ([], list(range(11)))


def test_values_have_no_say() -> None:
    """Reps whose values fit perfectly in another order are paired by time all the same."""
    ours = [RepRow("1", i + 1, t, {"mean_velocity_mps": v}) for i, (t, v) in enumerate(
        [(0.0, 0.3), (4.0, 0.5), (9.0, 0.7)])]  # fmt: skip
    theirs = [RepRow("1", i + 1, t, {"mean_velocity_mps": v}) for i, (t, v) in enumerate(
        [(0.0, 0.7), (4.0, 0.3), (9.0, 0.5)])]  # fmt: skip
    assert pair(ours, theirs).pairs == [(0, 0), (1, 1), (2, 2)]


def test_by_place_where_the_counts_are_the_same() -> None:
    result = pair(rows({"1": 2, "2": 3}), rows({"a": 2, "b": 3}))
    assert result.by == "place"
    assert result.pairs == [(i, i) for i in range(5)]
    assert not result.at_best


def test_a_set_whose_counts_differ_is_not_paired() -> None:
    """Nobody knows which of the three was missed; the counts say at best."""
    result = pair(rows({"1": 2, "2": 3}), rows({"1": 2, "2": 2}))
    assert result.pairs == [(0, 0), (1, 1)]
    assert result.uncertain_sets == ("set 2: 3 of ours, 2 of theirs",)
    assert result.at_best
    assert count(result, 5, 4) == Counts(both=4, only_ours=1, only_theirs=0)


def test_a_missing_set_leaves_nothing_to_pair_by() -> None:
    result = pair(rows({"1": 2, "2": 3}), rows({"1": 3}))
    assert result.pairs == []
    assert result.uncertain_sets == ("2 sets of ours, 1 of theirs",)
    assert count(result, 5, 3) == Counts(3, 2, 0)


def test_place_can_be_asked_for_and_time_needs_times() -> None:
    timed = rows({"1": 2}, [0.0, 3.0])
    assert pair(timed, timed, by="place").by == "place"
    with pytest.raises(ValueError, match="theirs has none"):
        pair(timed, rows({"1": 2}), by="time")


def test_precision_recall_and_f1() -> None:
    counts = Counts(both=8, only_ours=2, only_theirs=1)
    assert counts.precision == pytest.approx(0.8)
    assert counts.recall == pytest.approx(8 / 9)
    assert counts.f1 == pytest.approx(2 * 0.8 * (8 / 9) / (0.8 + 8 / 9))
    assert Counts(0, 0, 0).f1 is None
