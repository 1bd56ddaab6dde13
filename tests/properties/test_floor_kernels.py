"""The floor's kernels find the levels that plain Python finds, at the same samples."""

import floor_twins
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinline.coach import floor_kernels as k
from shinline.coach.floor import Floor
from shinline.types import NS_PER_S


def _heights(random: np.random.Generator) -> np.ndarray:
    """Rests, pulls, drops, racks and trembling holds, in any order."""
    parts = [np.zeros(0)]
    level = 0.0
    for _ in range(random.integers(2, 7)):
        n = int(random.integers(5, 60))
        to = level + random.choice([0.0, 0.0, 0.4, -0.4, -0.1, 0.12])
        ease = np.linspace(0.0, 1.0, n) ** random.choice([1.0, 2.0])
        parts.append(level + (to - level) * ease)
        level = to
    noise = random.choice([1e-5, 3e-4, 2e-3])
    whole = np.concatenate(parts)
    return np.asarray(whole + noise * random.normal(size=whole.size))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_floors_are_those_of_plain_python(seed: int) -> None:
    random = np.random.default_rng(seed)
    floor, plain = Floor(), floor_twins.Floor()
    t_ns = 0
    for y_m in _heights(random):
        t_ns += int(random.integers(4_000_000, 40_000_000))
        if random.random() < 0.01:
            floor.forget()
            plain.forget()
        assert floor.update(t_ns, float(y_m)) == plain.update(t_ns, float(y_m))
        assert floor.levels_m == plain.levels_m


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=40))
def test_the_ordered_copy_stays_ordered(values: list[float]) -> None:
    ordered = np.zeros(len(values))
    for n, value in enumerate(values):
        k.put_in(ordered, n, value)
    assert ordered.tolist() == sorted(values)
    assert k.median(np.array(values)) == sorted(values)[len(values) // 2]
    k.take_out(ordered, len(values), values[0])
    assert ordered[:-1].tolist() == sorted(values[1:])


def test_more_samples_than_there_is_room_for_push_the_oldest_out() -> None:
    """At 2,000 pictures a second half a second does not fit; it goes on without a floor."""
    floor = Floor()
    for i in range(3000):
        floor.update(i * NS_PER_S // 2000, 0.2)
    assert floor.levels_m == [0.2]  # that of the beginning


def test_slope_is_that_of_a_line() -> None:
    times = np.array([0, 10_000_000, 25_000_000, 60_000_000])
    assert k.slope_mps(times, 0.5 - 1.5 * times / NS_PER_S) == pytest.approx(-1.5)
