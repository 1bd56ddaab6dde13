"""Signals can be told apart by their rhythm alone, none flickers, and the right one is shown."""

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from shinline import config as configuration
from shinline.app.indicators import Answer, Loop, News
from shinline.types import (
    CameraEvent,
    CueEvent,
    MarkerEvent,
    Moment,
    Phase,
    PhaseEvent,
    Role,
    SetupEvent,
    Severity,
)
from shinline_pi import button, signals
from shinline_pi.signals import CUES, SOUNDS, STANDING, Signal, Standing, light_of, sound_of

LIGHTS = [*STANDING, *CUES.values()]
HEARD = [*SOUNDS.values(), signals.DONE, signals.SET_ON, signals.SET_OFF, signals.REFUSED]


def cue(severity: Severity) -> CueEvent:
    return CueEvent(1, "c", "hitch", severity, Moment.AFTER, "words", "r", 4000)


def rhythm(signal: Signal) -> tuple[tuple[bool, float], ...]:
    """Return the steps from the first flash on, each as a share of a tenth of a second."""
    return tuple((is_on, round(length_s, 2)) for is_on, length_s in signal.steps)


def flashes(signal: Signal) -> list[float]:
    """Return when the signal goes on, over ten seconds of it."""
    at_s, starts = 0.0, []
    while at_s < 10.0:
        for is_on, length_s in signal.steps:
            starts += [at_s] if is_on else []
            at_s += length_s
    return starts


@pytest.mark.parametrize(
    ("one", "other"), list(combinations(LIGHTS, 2)), ids=lambda signal: signal.name
)
def test_no_two_lights_share_a_rhythm(one: Signal, other: Signal) -> None:
    """By the number of flashes in a period or by a length that differs by a third or more."""
    if len(one.steps) != len(other.steps):
        return
    lengths = np.array([[s for _, s in each.steps] for each in (one, other)])
    ratio = lengths.max(axis=0) / lengths.min(axis=0)
    assert ratio.max() > 1.3, f"{one.name} and {other.name} differ by colour only"


@pytest.mark.parametrize("signal", LIGHTS, ids=lambda signal: signal.name)
def test_no_light_flashes_more_than_three_times_in_a_second(signal: Signal) -> None:
    starts = np.array(flashes(signal))
    most = max(int(np.sum((starts >= start) & (starts < start + 1.0 - 1e-9))) for start in starts)
    assert most <= 3


def test_sounds_differ_and_all_end_in_silence() -> None:
    assert len({rhythm(signal) for signal in HEARD}) == len(HEARD)
    assert all(sum(length_s for _, length_s in signal.steps) < 2.0 for signal in HEARD)
    assert all(signal.steps[0][0] for signal in HEARD)


RUNNING: list[News] = [Loop.RUNNING]
SEEN: list[News] = [*RUNNING, MarkerEvent(1, Role.BAR, True)]


@pytest.mark.parametrize(
    ("news", "shown"),
    [
        ([], signals.STARTING),
        (RUNNING, signals.LOOKING),
        (SEEN, signals.WATCHING),
        ([*SEEN, MarkerEvent(1, Role.HIP, False)], signals.WATCHING),
        ([*SEEN, MarkerEvent(1, Role.BAR, False)], signals.LOOKING),
        ([*SEEN, SetupEvent(1, (), True)], signals.READY),
        ([*SEEN, SetupEvent(1, (), False)], signals.FIX),
        ([*SEEN, SetupEvent(1, (), False), PhaseEvent(1, Phase.PULL, 1, 1)], signals.READY),
        ([*SEEN, PhaseEvent(1, Phase.PULL, 1, 1), PhaseEvent(2, Phase.FLOOR, 1, 1)],
         signals.WATCHING),
        ([*SEEN, SetupEvent(1, (), True), CameraEvent(1, ("tilt",), "")], signals.MOVED),
        ([*SEEN, CameraEvent(1, ("tilt",), ""), CameraEvent(2, (), "")], signals.WATCHING),
        ([*SEEN, SetupEvent(1, (), True), Loop.STALLED], signals.STALLED),
        ([*SEEN, Loop.STALLED, Loop.RUNNING], signals.WATCHING),
        ([*SEEN, cue(Severity.STOP), Answer("mute")], signals.WATCHING),
    ],
)  # fmt: skip
def test_the_light_stands_at_the_worst_that_is_true(news: list[News], shown: Signal) -> None:
    standing = Standing()
    for each in news:
        standing.take(each)
    assert standing.signal is shown


def test_a_cue_lights_by_its_severity_and_only_what_matters_sounds() -> None:
    lit = {each: light_of(cue(each)) for each in Severity}
    assert lit.pop(Severity.INFO) is None
    assert len({signal.name for signal in lit.values() if signal}) == 4
    sounding = {each for each in Severity if sound_of(cue(each))}
    assert sounding == {Severity.GOOD, Severity.FAULT, Severity.STOP}
    assert sound_of(PhaseEvent(1, Phase.PULL, 1, 1)) is None


def test_what_was_asked_for_at_the_button_is_acknowledged_by_a_sound() -> None:
    assert sound_of(Answer("start_set")) == (signals.SET_ON, False)
    assert sound_of(Answer("end_set")) == (signals.SET_OFF, False)
    assert sound_of(Answer("feedback_now")) == (signals.DONE, False)
    assert sound_of(Answer("start_set", "under way")) == (signals.REFUSED, False)


DOCS = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mark", "table"), [("signals", signals.light_table), ("sounds", signals.sound_table)]
)
def test_the_tables_of_the_page_are_those_in_force(mark: str, table: Callable[[], str]) -> None:
    """They are made by ``python -m shinline_pi.signals``."""
    assert f"<!-- {mark} -->\n\n{table()}\n" in DOCS


def test_the_settings_in_the_page_are_accepted() -> None:
    block = re.search(r"```toml\n(.*?)```", DOCS, re.S)
    assert block
    assert configuration.parse(block.group(1)).indicators.lamp_pin == 18
    assert f"press of\n{button.LONG_S} s and more" in DOCS
    assert f"bounce for {1000 * button.SETTLE_S:.0f} ms" in DOCS
