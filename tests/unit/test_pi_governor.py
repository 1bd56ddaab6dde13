"""Fewer frames when the machine cannot, more when it can again, and no dithering between them."""

import itertools

import pytest

from shinline.app.caretaker import Load
from shinline.app.machine import Health
from shinline_pi.governor import CALM_S, COOL_EVERY_S, Governor

LOOK_S = 5.0
WELL = Health(55.0, 0)
HOT = Health(82.0, 0x4)
WEAK = Health(55.0, 0x1)


class Machine:
    """A machine that needs so many milliseconds for a frame, and a camera with some rates."""

    def __init__(
        self, frame_ms: float, full_hz: float = 120.0, only: tuple[float, ...] = ()
    ) -> None:
        self.frame_ms = frame_ms
        self.health = WELL
        self.lifting = False
        self.now_s = 0.0
        self.rate_hz = full_hz
        self.governor = Governor(full_hz)
        self.rates: list[float] = []
        self._only = only

    def run(self, seconds: float) -> "Machine":
        for _ in range(round(seconds / LOOK_S)):
            self.now_s += LOOK_S
            wanted_hz = self.governor.judge(self._load(), self.health, self.now_s)
            self.rate_hz = max((r for r in self._only if r <= wanted_hz), default=wanted_hz)
            self.governor.settle(self.rate_hz)
            self.rates.append(self.rate_hz)
        return self

    def _load(self) -> Load:
        possible_hz = min(self.rate_hz, 1000.0 / self.frame_ms)
        dropped = round((self.rate_hz - possible_hz) * LOOK_S)
        return Load(round(possible_hz * LOOK_S), dropped, self.frame_ms, self.lifting)


def test_a_machine_that_keeps_up_is_left_alone() -> None:
    machine = Machine(frame_ms=3.0).run(600)
    assert set(machine.rates) == {120.0}
    assert machine.governor.slowed == ""


@pytest.mark.parametrize(
    ("frame_ms", "settles_hz"),
    [(9.0, 90.0), (14.0, 60.0), (19.0, 45.0), (25.0, 30.0), (80.0, 30.0)],
)
def test_one_that_cannot_gets_what_it_can(frame_ms: float, settles_hz: float) -> None:
    machine = Machine(frame_ms).run(50)
    assert machine.rate_hz == settles_hz
    assert machine.governor.slowed == "load"
    assert machine.governor.at_bottom is (settles_hz == 30.0)


def test_one_bad_look_decides_nothing() -> None:
    machine = Machine(frame_ms=3.0).run(20)
    for _ in range(20):
        machine.frame_ms = 20.0
        machine.run(LOOK_S)
        machine.frame_ms = 3.0
        machine.run(LOOK_S)
    assert set(machine.rates) == {120.0}


def test_a_calm_minute_brings_it_back_step_by_step() -> None:
    machine = Machine(frame_ms=14.0).run(50)
    machine.frame_ms = 3.0
    machine.run(CALM_S - LOOK_S)
    assert machine.rate_hz == 60.0
    machine.run(2 * LOOK_S)
    assert machine.rate_hz == 90.0
    machine.run(CALM_S + 2 * LOOK_S)
    assert machine.rate_hz == 120.0
    assert machine.governor.slowed == ""


def test_it_does_not_rise_in_mid_lift() -> None:
    machine = Machine(frame_ms=14.0).run(50)
    machine.frame_ms, machine.lifting = 3.0, True
    machine.run(10 * CALM_S)
    assert machine.rate_hz == 60.0
    machine.lifting = False
    machine.run(LOOK_S)
    assert machine.rate_hz == 90.0


def test_it_does_not_rise_to_what_would_not_fit() -> None:
    machine = Machine(frame_ms=9.0).run(3600)
    assert set(machine.rates[4:]) == {90.0}


def test_a_rise_that_was_taken_back_makes_the_next_one_wait_longer() -> None:
    """A load that shows only when it is asked for: cheap at 90, too much at 120."""
    machine = Machine(frame_ms=9.0).run(20)
    rises = []
    for _ in range(720):
        machine.frame_ms = 3.0 if machine.rate_hz == 90.0 else 9.0
        before_hz = machine.rate_hz
        machine.run(LOOK_S)
        if machine.rate_hz > before_hz:
            rises.append(machine.now_s)
    gaps = [b - a for a, b in itertools.pairwise(rises)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 8 * CALM_S
    assert len(rises) < 10


@pytest.mark.parametrize(("health", "reason"), [(HOT, "heat"), (WEAK, "power")])
def test_heat_and_a_weak_supply_take_half_at_the_most(health: Health, reason: str) -> None:
    machine = Machine(frame_ms=3.0)
    machine.health = health
    machine.run(LOOK_S)
    assert machine.rate_hz == 120.0
    machine.run(LOOK_S)
    assert machine.rate_hz == 90.0
    machine.run(COOL_EVERY_S)
    assert machine.rate_hz == 60.0
    machine.run(600)
    assert machine.rate_hz == 60.0
    assert machine.governor.slowed == reason
    machine.health = WELL
    machine.run(3 * CALM_S)
    assert machine.rate_hz == 120.0
    assert machine.governor.slowed == ""


def test_a_hot_machine_that_cannot_keep_up_goes_down_further_and_says_heat() -> None:
    machine = Machine(frame_ms=25.0)
    machine.health = HOT
    machine.run(120)
    assert machine.rate_hz == 30.0
    assert machine.governor.slowed == "heat"


def test_rates_that_a_camera_does_not_have_are_passed_over_both_ways() -> None:
    machine = Machine(frame_ms=14.0, only=(120.0, 60.0, 40.0, 30.0)).run(30)
    assert machine.rates == [120.0, 60.0, 60.0, 60.0, 60.0, 60.0]
    machine.frame_ms = 3.0
    machine.run(CALM_S + 2 * LOOK_S)
    assert machine.rate_hz == 120.0
    assert machine.governor.slowed == ""


@pytest.mark.parametrize("full_hz", [30.0, 25.0])
def test_a_slow_camera_is_not_made_slower(full_hz: float) -> None:
    machine = Machine(frame_ms=100.0, full_hz=full_hz).run(60)
    assert set(machine.rates) == {full_hz}
    assert machine.governor.slowed == ""


def test_a_source_that_says_nothing_decides_nothing() -> None:
    governor = Governor(120.0)
    for look in range(10):
        assert governor.judge(Load(0, 0, 0.0, False), WELL, LOOK_S * look) == 120.0
