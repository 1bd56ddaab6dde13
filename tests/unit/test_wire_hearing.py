"""When the device stops listening to requests, and when it listens again."""

import logging

import pytest

from shinline.wire.hearing import BURST, DEAF_S, LATE_S, PER_S, Hearing


class Bench:
    def __init__(self) -> None:
        self.s = 100.0
        self.told: list[bool] = []
        self.hearing = Hearing(lambda: self.s, self.told.append)

    def flood(self, count: int) -> int:
        return sum(self.hearing.admits() for _ in range(count))


def test_what_pages_ask_is_always_admitted() -> None:
    bench = Bench()
    for _ in range(1000):
        assert bench.hearing.admits()
        bench.hearing.look()
        bench.s += 1.0 / PER_S
    assert bench.told == []


def test_a_flood_ends_the_subscription_once_and_what_still_arrives_is_not_admitted() -> None:
    bench = Bench()
    assert bench.flood(10_000) == BURST
    assert bench.told == [False]


def test_it_is_tried_again_after_a_while_and_with_no_more_than_a_burst() -> None:
    bench = Bench()
    bench.flood(1000)
    bench.s += DEAF_S - 0.1
    bench.hearing.look()
    assert bench.told == [False]
    bench.s += 0.1
    bench.hearing.look()
    bench.hearing.look()
    assert bench.told == [False, True]
    assert bench.flood(1000) == BURST
    assert bench.told == [False, True, False]


def test_a_new_connection_that_listened_by_itself_is_told_to_stop_as_well() -> None:
    bench = Bench()
    bench.flood(1000)
    bench.s += LATE_S + 0.1
    assert bench.flood(1000) == 0
    assert bench.told == [False, False]


def test_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            bench.flood(1000)
            bench.s += DEAF_S
            bench.hearing.look()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "nobody is listened to for 5 s at a time" in caplog.text
