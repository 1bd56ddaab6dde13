"""From smoothed paths to a rep, or to the reason why there was none."""

from dataclasses import replace

import numpy as np
import pytest
from lifts import LEVELLED, Script, exact_path

from shinline.coach.assemble import MAYBE_NULL, RepInput, assemble
from shinline.coach.body import Body
from shinline.types import NS_PER_S, Rep, RepStyle

REST_S = 1.0
SCRIPT = Script().rest(REST_S).move(1.4, 0.52).rest(0.8).move(1.0, -0.52)
FLOOR_NS = round((REST_S + 3.2) * NS_PER_S)


def _input(script: Script = SCRIPT, **changes: object) -> RepInput:
    bar = exact_path(script, 0.0, script.duration_s + 0.1)
    given = RepInput(
        id="s-0001",
        set=1,
        number=1,
        bottom_ns=round(REST_S * NS_PER_S),
        floor_ns=FLOOR_NS,
        in_air=False,
        previous_floor_ns=None,
        facing_known=True,
        bar=bar,
        body=Body(),
        jumps=np.zeros(len(bar), bool),
        scale_rel_sd=LEVELLED.rig.scale_rel_sd,
        tilt=0.0,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def _rep(given: RepInput) -> Rep:
    made = assemble(given, LEVELLED)
    assert not isinstance(made, str), made
    return made[0]


def test_a_plain_rep_is_valid_and_lacks_only_what_was_not_there() -> None:
    rep = _rep(_input())
    assert rep.valid
    assert rep.notes == ()
    assert rep.not_assessed == ("sticking_height_m", "floor_time_s", "hip")
    assert rep.style is RepStyle.DEAD_STOP


def test_not_assessed_names_exactly_the_values_that_are_none() -> None:
    for given in (_input(), _input(facing_known=False), _input(in_air=True)):
        rep = _rep(given)
        expected = tuple(name for name in MAYBE_NULL if getattr(rep, name) is None)
        assert rep.not_assessed == expected


def test_a_rep_begun_before_the_recording_has_no_speeds_and_no_verdicts() -> None:
    rep = _rep(_input(in_air=True))
    assert not rep.valid
    assert rep.notes == ("the rep began before the picture did",)
    assert rep.mean_velocity_mps is rep.peak_velocity_mps is rep.concentric_s is None
    assert rep.faults == ()


def test_without_a_facing_there_is_no_drift() -> None:
    rep = _rep(_input(facing_known=False))
    assert rep.valid
    assert rep.drift_forward_m is rep.drift_backward_m is rep.loop_m is None


def test_a_long_gap_makes_a_rep_invalid() -> None:
    rep = _rep(_input(SCRIPT.hide(1.5, 1.9)))
    assert not rep.valid
    assert any("not seen for 0.4" in note for note in rep.notes)


def test_an_impossible_speed_makes_a_rep_invalid() -> None:
    given = _input()
    given.bar["vy_mps"][200] = 2.6
    rep = _rep(given)
    assert not rep.valid
    assert rep.peak_velocity_mps is None


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script().rest(REST_S).move(0.8, 0.15).rest(3.0), "rose 0.15 m; a rep needs 0.20 m"),
        (Script().rest(REST_S).move(1.8, 1.10).rest(3.0), "more than a deadlift does"),
        (Script().rest(REST_S).move(0.25, 0.5).rest(3.0), "faster than a bar is lifted"),
        (Script().rest(REST_S).move(1.4, 0.5, dx=0.5).rest(3.0), "carried sideways"),
        (Script().rest(5.0), "did not come up"),
    ],
)
def test_what_cannot_be_a_deadlift_is_refused_in_words(script: Script, reason: str) -> None:
    said = assemble(_input(script), LEVELLED)
    assert isinstance(said, str)
    assert reason in said


def test_a_handful_of_pictures_is_no_rep() -> None:
    given = _input()
    assert assemble(replace(given, bar=given.bar[:7]), LEVELLED) == ("too few pictures of the lift")


@pytest.mark.parametrize(
    ("floor_s", "style"),
    [
        (0.10, RepStyle.BOUNCE),
        (0.24, RepStyle.BOUNCE),
        (0.26, RepStyle.TOUCH_AND_GO),
        (0.79, RepStyle.TOUCH_AND_GO),
        (0.81, RepStyle.DEAD_STOP),
    ],
)
def test_style_is_the_time_on_the_floor_before(floor_s: float, style: RepStyle) -> None:
    start_ns = _rep(_input()).start_ns
    rep = _rep(_input(previous_floor_ns=start_ns - round(floor_s * NS_PER_S)))
    assert rep.style is style
    assert rep.floor_time_s == pytest.approx(floor_s)


def test_a_bar_that_falls_freely_was_dropped() -> None:
    script = Script().rest(REST_S).move(1.4, 0.52).rest(0.8).drop(0.52)
    floor_ns = round((REST_S + 2.2 + np.sqrt(2 * 0.52 / 9.81)) * NS_PER_S)
    assert _rep(_input(script, floor_ns=floor_ns)).style is RepStyle.DROPPED


def test_a_rough_track_has_a_mean_velocity_but_no_peaks() -> None:
    given = _input()
    given.bar["sd_vy_mps"] = 0.05
    rep = _rep(given)
    assert rep.valid
    assert rep.mean_velocity_mps is not None
    assert rep.peak_velocity_mps is rep.peak_acceleration_mps2 is None
    assert {"peak_velocity_mps", "peak_acceleration_mps2"} <= set(rep.not_assessed)
