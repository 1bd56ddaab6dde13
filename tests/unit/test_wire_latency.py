"""The way of a cue from the camera to the screen, by the device's clock alone."""

import pytest

from shinline.wire.latency import KEPT, LATEST_MS, PHONES_MAX, REMEMBERED, CueClock

MS = 1_000_000


def test_every_station_counts_from_the_capture_of_the_deciding_frame() -> None:
    clock = CueClock()
    clock.decided("a", 1000 * MS, 1003 * MS)
    clock.handed("a", 1004 * MS)
    assert clock.shown("a", 17.0, 1030 * MS)
    assert clock.figures() == {
        "decided_p50_ms": 3.0,
        "decided_p95_ms": 3.0,
        "handed_p50_ms": 4.0,
        "handed_p95_ms": 4.0,
        "shown_p50_ms": 30.0,
        "shown_p95_ms": 30.0,
    }


def test_where_no_cue_was_given_or_none_shown_there_is_no_figure() -> None:
    clock = CueClock()
    assert clock.figures() == {}
    clock.decided("a", 0, MS)
    assert set(clock.figures()) == {"decided_p50_ms", "decided_p95_ms"}
    assert clock.screens == 0


def test_the_median_and_the_slow_ones_are_told_apart() -> None:
    clock = CueClock()
    for number, lag_ms in enumerate([*[10] * 9, 110]):
        clock.decided(str(number), 0, lag_ms * MS)
    assert clock.figures()["decided_p50_ms"] == 10.0
    assert clock.figures()["decided_p95_ms"] == pytest.approx(65.0)


@pytest.mark.parametrize(
    ("cue", "page_ms", "now_ms", "why"),
    [
        ("b", 5.0, 50, "nobody gave that cue"),
        ("a", 51.0, 50, "longer in the page than there was time"),
        ("a", 5.0, LATEST_MS + 1, "a phone that slept"),
        ("a", 5.0, -1, "before it was captured"),
    ],
)
def test_what_cannot_be_true_is_not_counted(
    cue: str, page_ms: float, now_ms: float, why: str
) -> None:
    clock = CueClock()
    clock.decided("a", 0, MS)
    assert not clock.shown(cue, page_ms, round(now_ms * MS)), why
    assert clock.screens == 0


def test_several_phones_show_a_cue_but_not_a_thousand() -> None:
    clock = CueClock()
    clock.decided("a", 0, MS)
    assert [clock.shown("a", 1.0, 20 * MS) for _ in range(PHONES_MAX + 1)].count(False) == 1
    assert clock.screens == PHONES_MAX


def test_nothing_grows_over_a_long_day() -> None:
    clock = CueClock()
    for number in range(3 * KEPT):
        clock.decided(str(number), 0, MS)
        clock.shown(str(number), 0.0, 2 * MS)
    assert clock.screens == KEPT
    assert not clock.shown(str(3 * KEPT - REMEMBERED - 1), 0.0, 2 * MS)
    assert clock.shown(str(3 * KEPT - REMEMBERED), 0.0, 2 * MS)
