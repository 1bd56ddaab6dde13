"""What the meter says of the last seconds, and of the whole session."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline.app.histogram import Histogram, upper_ns
from shinline.app.meter import BUSY, INTERVAL, LATENCY, Meter

MS = 1_000_000


def filled(frames: int, rate_hz: float = 100.0) -> Meter:
    meter = Meter()
    for i in range(frames):
        stages = MS, 2 * MS, (3 if i % 10 else 13) * MS
        meter.add(round(i * 1e9 / rate_hz), i % 2 == 0, 8 * MS, stages)
    return meter


def test_before_the_first_frame_there_are_no_figures() -> None:
    stats = Meter().stats(3)
    assert (stats.rate_hz, stats.dropped, stats.tracked_ratio) == (0.0, 3, None)
    assert stats.stage_us == {}
    assert Meter().busy_ms(95.0) == 0.0


@pytest.mark.parametrize("frames", [2, 300, 2500, 5000])
def test_the_last_seconds_count(frames: int) -> None:
    meter = filled(frames)
    stats = meter.stats(0)
    assert stats.rate_hz == pytest.approx(100.0)
    assert stats.tracked_ratio == pytest.approx(0.5, abs=0.01)
    assert stats.latency_p50_ms == 8.0
    assert stats.stage_us["detect"] == 1000.0
    assert meter.frames == frames


def test_a_slow_frame_in_ten_shows_in_the_95th_percentile_only() -> None:
    meter = filled(500)
    assert meter.busy_ms(50.0) == pytest.approx(6.0)
    assert meter.busy_ms(95.0) == pytest.approx(16.0)


def test_a_clock_that_was_set_back_leaves_only_what_came_since() -> None:
    meter = filled(400)
    for i in range(10):
        meter.add(i * 10 * MS, True, 8 * MS, (MS, MS, MS))
    assert meter.stats(0).tracked_ratio is not None
    assert meter.stats(0).rate_hz > 0.0


def test_the_session_s_histograms_count_every_frame() -> None:
    meter = filled(5000)
    histograms = meter.histograms
    assert histograms[LATENCY].total == 5000
    assert histograms[INTERVAL].total == 4999
    assert histograms[INTERVAL].percentile_ns(50.0) == pytest.approx(10 * MS, rel=0.07)
    assert histograms[BUSY].percentile_ns(50.0) == pytest.approx(6 * MS, rel=0.07)
    assert histograms[BUSY].percentile_ns(95.0) == pytest.approx(16 * MS, rel=0.07)


@given(st.lists(st.integers(-(10**3), 2**62 - 1), min_size=1, max_size=200))
def test_a_percentile_is_at_most_a_bucket_above_the_true_one(values: list[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert histogram.total == len(values)
    counted = sorted(max(0, value) for value in values)
    for percentile in (50.0, 90.0, 100.0):
        true = counted[int(np.ceil(percentile / 100.0 * len(counted))) - 1]
        assert true <= histogram.percentile_ns(percentile) <= true * 1.07 + 1


@given(st.integers(0, 2**62 - 1))
def test_a_bucket_holds_what_is_counted_in_it(value: int) -> None:
    histogram = Histogram()
    histogram.add(value)
    (index,) = [i for i, count in enumerate(histogram.counts) if count]
    assert value <= upper_ns(index)
    assert index == 0 or value > upper_ns(index - 1)


def test_shares_add_up_and_know_their_edges() -> None:
    histogram = Histogram()
    for value in (1, 1, 100, 10_000):
        histogram.add(value)
    assert histogram.shares((10, 1000)) == [0.5, 0.25, 0.25]
    assert Histogram().shares((10,)) == [0.0, 0.0]


def test_an_absurd_gap_between_stamps_is_counted_and_no_error() -> None:
    histogram = Histogram()
    histogram.add(2**63)
    assert histogram.percentile_ns(100.0) == 2**62 - 1
