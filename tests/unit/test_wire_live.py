"""Live batches: the whole path of a rep, each sample once, at times that the batch tells truly."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinline.types import STATE, Phase, Role
from shinline.wire.live import PRE_ROLL_NS, UNEVEN, Batch, LiveBatcher

FRAME_60_NS = 16_666_667


def exact(t_ns: int) -> str:
    """Stand in for UTC text; what a batch says is then easy to read back."""
    return str(t_ns)


def states(t_ns: int, coasting: bool = False, role: Role = Role.BAR) -> np.ndarray[Any, Any]:
    row = np.zeros(1, STATE)
    row["t_ns"], row["role"], row["coasting"] = t_ns, role, coasting
    row["x_m"], row["y_m"], row["vy_mps"] = 0.01234567, t_ns * 1e-10, 0.5004
    row["var_x_m2"], row["var_y_m2"] = 0.001**2, 0.002**2
    return row


def run(times_ns: list[int], coasting: set[int] | None = None) -> list[Batch]:
    """Pull through all these times, then idle."""
    batcher = LiveBatcher(exact)
    batches = batcher.phase(Phase.PULL)
    for t_ns in times_ns:
        batches += batcher.add(states(t_ns, t_ns in (coasting or set())))
    return batches + batcher.phase(Phase.IDLE)


def told_times_ns(batch: Batch) -> list[float]:
    spacing_ns = batch.live.dt_ms * 1e6
    return [int(batch.live.t0) + i * spacing_ns for i in range(len(batch.live.x_m))]


def test_a_batch_says_where_the_bar_is() -> None:
    (batch,) = run([0])
    live = batch.live
    assert (live.x_m, live.y_m, live.vy_mps) == ((0.01235,), (0.0,), (0.5,))
    assert live.sd_m == 0.002
    assert (live.dt_ms, live.coasting) == (0.0, False)


@pytest.mark.parametrize(("rate_hz", "batches_per_s"), [(24, 12), (30, 15), (60, 20), (120, 20)])
def test_batches_come_at_ten_to_thirty_a_second(rate_hz: int, batches_per_s: int) -> None:
    times_ns = [round(i * 1e9 / rate_hz) for i in range(rate_hz * 10)]
    assert len(run(times_ns)) == pytest.approx(batches_per_s * 10, abs=2)


def test_nothing_is_sent_while_nothing_is_lifted() -> None:
    batcher = LiveBatcher(exact)
    for phase in (Phase.IDLE, Phase.READY, Phase.FLOOR):
        assert batcher.phase(phase) == []
        assert [batcher.add(states(i * FRAME_60_NS)) for i in range(100)] == [[]] * 100


def test_the_first_batch_reaches_back_to_before_the_phase_changed() -> None:
    batcher = LiveBatcher(exact)
    times_ns = [i * FRAME_60_NS for i in range(120)]
    for t_ns in times_ns[:100]:
        batcher.add(states(t_ns))
    batcher.phase(Phase.PULL)
    (first,) = batcher.add(states(times_ns[100]))
    reach_ns = first.t_ns - int(first.live.t0)
    assert PRE_ROLL_NS <= reach_ns <= PRE_ROLL_NS + 2 * FRAME_60_NS


def test_a_recording_that_starts_over_starts_over() -> None:
    batcher = LiveBatcher(exact)
    batcher.phase(Phase.PULL)
    times_ns = [i * FRAME_60_NS for i in range(60)]
    first, second = ([b for t in times_ns for b in batcher.add(states(t))] for _ in range(2))
    assert "0" in [batch.live.t0 for batch in second]
    assert len(second) >= len(first)


def test_other_markers_are_no_bar() -> None:
    batcher = LiveBatcher(exact)
    batcher.phase(Phase.PULL)
    assert batcher.add(states(10**9, role=Role.HIP)) == []


def test_a_missing_frame_ends_a_batch() -> None:
    batcher = LiveBatcher(exact)
    for frame in (0, 1, 2, 3, 4, 6):
        batcher.add(states(frame * FRAME_60_NS))
    batcher.phase(Phase.PULL)
    _, after_the_gap = batcher.add(states(7 * FRAME_60_NS))
    assert told_times_ns(after_the_gap) == pytest.approx(
        [6 * FRAME_60_NS, 7 * FRAME_60_NS], abs=1_000
    )


def test_coasting_is_true_of_a_whole_batch() -> None:
    times_ns = [i * FRAME_60_NS for i in range(60)]
    blind = set(times_ns[20:31])
    batches = run(times_ns, blind)
    for batch in batches:
        first = times_ns.index(int(batch.live.t0))
        said = {t in blind for t in times_ns[first : first + len(batch.live.x_m)]}
        assert said == {batch.live.coasting}


@settings(deadline=None)  # the machine may be busy; nothing here is about time
@given(
    frame_ns=st.integers(2_000_000, 60_000_000),
    missed=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    jitter=st.lists(st.floats(-0.05, 0.05), min_size=60, max_size=60),
)
def test_every_sample_is_told_once_at_its_own_time(
    frame_ns: int, missed: list[int], jitter: list[float]
) -> None:
    """Also where frames are missing: there a batch ends rather than lie about its spacing."""
    frames = np.cumsum([1 + count for count in missed])
    times_ns = [int((n + j) * frame_ns) for n, j in zip(frames, jitter, strict=False)]
    unread = iter(times_ns)
    for batch in run(times_ns):
        slack_ns = UNEVEN * batch.live.dt_ms * 1e6 + 1_000 * len(batch.live.x_m)
        for told_ns in told_times_ns(batch):
            assert abs(told_ns - next(unread)) <= slack_ns
    assert list(unread) == []
