"""What was not seen is not judged: the reason is told, and nothing is called good."""

from collections.abc import Mapping

import pytest
from fault_cases import (
    BODY,
    CASES,
    LEG,
    Case,
    bar_forward,
    bounce,
    elbows_to_knees,
    hips_high_start,
    hips_low_start,
    knee_loop,
    lean_back,
    leaves_shank,
    lowering,
    rounding,
    setup_gap,
    short_lockout,
    tips,
    velocity_loss,
    yank,
)
from judged import Place, Pull, finished
from lifts import Floats

from shinline.coach.assemble import assemble
from shinline.coach.faults.table import CARDS
from shinline.coach.past import Past, Standing
from shinline.config import Config, Rig
from shinline.types import Role, Severity

SET, EARLY, TOP = (0.8, 1.2), (1.22, 1.35), (2.0, 3.8)
"""When the lifter is set, when the bar is on its first 0.12 m, and when it is at the top."""

AFTER = (1.8, 2.0)


def _not_assessed(pull: Pull, code: str, reason: str) -> None:
    verdict = pull.verdict(code)
    assert not verdict.assessed
    assert (verdict.severity, verdict.confidence) == (Severity.INFO, 0.0)
    assert reason in verdict.reason


def _without(body: Mapping[Role, Place], *roles: Role) -> dict[Role, Place]:
    return {role: place for role, place in body.items() if role not in roles}


HIDDEN = [
    ("elbows_to_knees", elbows_to_knees(0.0), Role.KNEE, SET, "the knee marker was out of sight"),
    ("elbows_to_knees", elbows_to_knees(0.0), Role.SHOULDER, SET, "the shoulder marker was"),
    ("hips_high_start", hips_high_start(25.0), Role.HIP, SET, "the hip marker was out of sight"),
    ("hips_high_start", hips_high_start(25.0), Role.SHOULDER, SET, "the shoulder marker was"),
    ("hips_low_start", hips_low_start(0.0), Role.SHOULDER, SET, "the shoulder marker was"),
    ("hips_low_start", hips_low_start(0.0), Role.HIP, SET, "the hip marker was out of sight"),
    ("hips_shoot_up", tips(0.5, 0.0), Role.HIP, EARLY, "the hip marker was out of sight"),
    ("hips_shoot_up", tips(0.5, 0.0), Role.SHOULDER, EARLY, "the shoulder marker was"),
    ("rounding", rounding(0.0), Role.HIP, EARLY, "the hip marker was out of sight"),
    ("rounding", rounding(0.0), Role.MID_BACK, EARLY, "the mid-back marker was out of sight"),
    ("rounding", rounding(0.0), Role.SHOULDER, EARLY, "the shoulder marker was out of sight"),
    ("lean_back", lean_back(0.0), Role.CREST, TOP, "the trunk was not seen at the top"),
    ("lean_back", lean_back(0.0), Role.SHOULDER, TOP, "the trunk was not seen at the top"),
    ("setup_gap", setup_gap(0.04), Role.ANKLE, TOP, "the leg was not seen while the lifter"),
    ("bar_leaves_legs", leaves_shank(0.0), Role.ANKLE, TOP, "the ankle was never seen with the"),
]


@pytest.mark.parametrize(("code", "pull", "role", "when", "reason"), HIDDEN)
def test_a_marker_that_is_out_of_sight_in_the_window_is_the_reason(
    code: str, pull: Pull, role: Role, when: tuple[float, float], reason: str
) -> None:
    assert pull.verdict(code).assessed
    _not_assessed(pull.but(hidden=((role, *when),)), code, reason)
    without = pull.but(body=_without(pull.body, role))
    assert not without.verdict(code).assessed
    assert without.verdict(code).severity is Severity.INFO


@pytest.mark.parametrize(("code", "pull", "role", "when", "reason"), HIDDEN)
def test_a_marker_that_is_out_of_sight_at_another_time_costs_nothing(
    code: str, pull: Pull, role: Role, when: tuple[float, float], reason: str
) -> None:
    verdict = pull.but(hidden=((role, *AFTER),)).verdict(code)
    assert verdict.assessed, verdict.reason
    assert verdict.value == pytest.approx(pull.verdict(code).value, abs=1e-3)


@pytest.mark.parametrize(("for_s", "assessed"), [(0.085, True), (0.112, False)])
def test_a_tenth_of_a_second_out_of_sight_is_allowed(for_s: float, assessed: bool) -> None:
    pull = tips(0.5, 2.0).but(hidden=((Role.HIP, 1.22, 1.22 + for_s),))
    assert pull.verdict("hips_shoot_up").assessed is assessed


@pytest.mark.parametrize("code", ["setup_gap", "elbows_to_knees", "hips_low_start"])
def test_distances_between_bar_and_body_need_a_calibrated_camera(code: str) -> None:
    pulls = {"setup_gap": setup_gap(0.04), "elbows_to_knees": elbows_to_knees(0.0)}
    pull = pulls.get(code, hips_low_start(0.0))
    _not_assessed(pull.but(placed=False), code, "calibrate the camera")


def test_the_gap_to_the_legs_needs_a_calibrated_camera() -> None:
    _not_assessed(leaves_shank(0.05).but(placed=False), "bar_leaves_legs", "calibrate the camera")


def test_angles_need_no_calibrated_camera() -> None:
    for code, pull in (
        ("hips_shoot_up", tips(0.7, 8.0)),
        ("rounding", rounding(15.0)),
        ("lean_back", lean_back(15.0)),
        ("hips_high_start", hips_high_start(5.0)),
    ):
        assert pull.but(placed=False).verdict(code).severity is Severity.FAULT, code


def test_without_a_facing_nothing_that_has_a_front_is_judged() -> None:
    have_a_front = {card.code for card in CARDS if card.faces}
    assert have_a_front == {
        "setup_gap",
        "elbows_to_knees",
        "hips_low_start",
        "bar_forward",
        "bar_leaves_legs",
        "knee_loop",
        "lean_back",
    }
    for case in CASES:
        size = [level for level in case.ladder if isinstance(level, float)][-1]
        verdict = case.make(size).but(facing_known=False).verdict(case.code)
        assert verdict.assessed is (case.code not in have_a_front), case
        if not verdict.assessed:
            assert verdict.reason == "which way the lifter faces is not known"


@pytest.mark.parametrize(("roll_sd_deg", "assessed"), [(0.25, True), (0.26, False)])
def test_a_camera_that_is_not_level_does_not_judge_a_bars_drift(
    roll_sd_deg: float, assessed: bool
) -> None:
    config = Config(rig=Rig(roll_sd_deg=roll_sd_deg))
    verdict = bar_forward(0.05).but(config=config).verdict("bar_forward")
    assert verdict.assessed is assessed
    assert assessed or "level the camera" in verdict.reason


def test_legs_of_which_only_the_ankle_is_seen_say_nothing() -> None:
    body = _without(LEG, Role.HIP, Role.KNEE)
    _not_assessed(leaves_shank(0.05).but(body=body), "bar_leaves_legs", "neither the hip nor the")


def test_a_knee_that_the_plate_hides_and_nobody_knows_the_legs_is_not_known() -> None:
    """Neither a length is learnt, nor how long the straight leg is: the shoulder is not seen."""
    body = _without(LEG, Role.KNEE, Role.SHOULDER)
    _not_assessed(leaves_shank(0.05).but(body=body), "bar_leaves_legs", "the leg was hidden behind")


def test_a_lifter_who_was_not_seen_standing_is_not_told_to_lean_back() -> None:
    pull = lean_back(20.0).but(past=Past(standing=Standing()))
    _not_assessed(pull, "lean_back", "was not seen standing before the set")


@pytest.mark.parametrize("role", [Role.HIP, Role.MID_BACK])
def test_another_place_of_the_trunk_stands_in_for_a_hidden_crest(role: Role) -> None:
    assert lean_back(10.0, role).verdict("lean_back").value == pytest.approx(10.0, abs=0.05)


def test_a_place_that_was_not_seen_standing_does_not_stand_in() -> None:
    """Where the line to the shoulder leant before is another one's."""
    pull = lean_back(10.0, Role.HIP).but(past=lean_back(10.0).past)
    _not_assessed(pull, "lean_back", "the trunk was not seen at the top")


def test_a_first_repetition_has_no_floor_before_it_and_nothing_to_be_slower_than() -> None:
    _not_assessed(bounce(0.1).but(previous_floor_s=None), "bounce", "no repetition came before")
    _not_assessed(velocity_loss(0.5).but(past=Past()), "velocity_loss", "the first repetition")
    _not_assessed(bar_forward(0.0), "bar_rolled", "was not seen lying still before the set-up")


@pytest.mark.parametrize("earlier", [0, 1])
def test_fewer_than_two_repetitions_tell_no_usual_top(earlier: int) -> None:
    past = Past(reps=tuple(finished(n, rom_m=0.7) for n in range(earlier)))
    _not_assessed(short_lockout(0.1).but(past=past), "short_lockout", "two earlier repetitions")


def test_a_baseline_tells_the_usual_top_of_a_first_repetition() -> None:
    verdict = short_lockout(0.1).but(past=Past()).with_own("rom", 0.70, 0.004)
    shown = verdict.verdict("short_lockout")
    assert shown.assessed
    assert shown.threshold == pytest.approx(0.05 * 0.70)


@pytest.mark.parametrize(("rate_hz", "assessed"), [(50.0, True), (40.0, False)])
def test_a_jerk_needs_fifty_pictures_a_second(rate_hz: float, assessed: bool) -> None:
    verdict = yank(6.0).but(rate_hz=rate_hz).verdict("yank")
    assert verdict.assessed is assessed
    assert assessed or verdict.reason == "too few pictures a second"


def test_a_bar_that_bounced_was_not_jerked() -> None:
    _not_assessed(bounce(0.7), "yank", "the bar did not begin at rest")
    assert bounce(0.9).verdict("yank").assessed


def test_a_loop_needs_pictures_around_the_knees() -> None:
    _not_assessed(knee_loop(0.05).but(rate_hz=14.0), "knee_loop", "too few pictures around the")


def test_a_bar_that_was_not_seen_to_land_was_not_lowered_in_a_hurry() -> None:
    pull = lowering(2.5)
    _not_assessed(pull.but(changes={"floor_ns": None}), "lowering", "was not seen coming down")
    hidden = ((Role.BAR, pull.floor_s - 0.06, pull.floor_s - 0.02),)
    _not_assessed(pull.but(hidden=hidden), "lowering", "out of sight when it met the floor")


def test_a_lifter_who_never_holds_still_has_no_set_position() -> None:
    """The hips sway at more than 50 mm/s up to lift-off."""

    def swaying(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return -0.38 + 0.1 * t, y + 0.26

    body = {**BODY, Role.HIP: swaying}
    for code in ("hips_high_start", "hips_low_start", "hips_shoot_up"):
        _not_assessed(Pull(body=body), code, "no quiet set position before the pull")


@pytest.mark.parametrize("case", [case for case in CASES if case.code != "bounce"], ids=str)
def test_a_rough_track_judges_nothing(case: Case) -> None:
    """With an uncertainty that could carry any value across its threshold; but not of a time."""
    pull = case.make([level for level in case.ladder if isinstance(level, float)][-1])
    given = pull.given()
    for rows in (given.bar, *given.body.paths.values()):
        rows["sd_m"], rows["sd_vy_mps"] = 0.2, 2.0
    made = assemble(given, pull.config)
    assert not isinstance(made, str)
    verdict = next(v for v in made[0].faults if v.code == case.code)
    assert (verdict.assessed, verdict.severity) == (False, Severity.INFO)
    assert verdict.reason == next(card.noisy for card in CARDS if card.code == case.code)
