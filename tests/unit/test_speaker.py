"""When something is said: one cue, less and less of it, at once what is severe, never in a test."""

from dataclasses import replace

import pytest
from talk import (
    BAD,
    DROPPED,
    FORWARD,
    GOOD,
    HIPS,
    LOOP,
    MUTED,
    OK,
    PLAN,
    REP_S,
    ROUNDED,
    SEVERE,
    SLOW,
    STOPPED,
    TECHNIQUE,
    TEST,
    UNKNOWN,
    Talk,
    verdict,
)

from shinline.coach.speaker import Stage
from shinline.config import Coach, Config
from shinline.types import NS_PER_S, FaultVerdict, Moment, Plan, Severity

# --- fading ------------------------------------------------------------------------------


def test_at_first_every_faulty_repetition_is_told() -> None:
    talk = Talk()
    assert talk.said(BAD, BAD, (FORWARD,), BAD) == [
        "hips_shoot_up",
        "hips_shoot_up",
        "bar_forward",
        "hips_shoot_up",
    ]
    assert talk.speaker.stage is Stage.EVERY


def test_after_three_inside_in_a_row_only_what_comes_back_is_told() -> None:
    talk = Talk()
    talk.said(OK, OK, OK)
    assert talk.speaker.stage is Stage.FADED
    assert talk.said(BAD, BAD) == ["", "hips_shoot_up"]  # two of the last three


def test_two_others_do_not_make_a_fault_come_back() -> None:
    talk = Talk()
    talk.said(OK, OK, OK)
    assert talk.said((HIPS,), (FORWARD,), (LOOP,), (HIPS,)) == [""] * 4
    assert talk.said((HIPS,)) == ["hips_shoot_up"]


def test_one_in_between_does_not_hide_what_comes_back() -> None:
    talk = Talk()
    talk.said(OK, OK, OK)
    assert talk.said((HIPS,), (FORWARD,), (HIPS,)) == ["", "", "hips_shoot_up"]


def test_after_three_more_inside_nothing_is_told_until_the_set_is_over() -> None:
    talk = Talk()
    talk.said(*[OK] * 6)
    assert talk.speaker.stage is Stage.SUMMARY
    assert talk.said(BAD, BAD, BAD) == ["", "", ""]
    told = talk.set_over(repeated=("hips_shoot_up",))
    assert told is not None
    assert (told.code, told.moment) == ("hips_shoot_up", Moment.BETWEEN)


def test_in_the_next_set_what_comes_back_is_told_again() -> None:
    talk = Talk()
    talk.said(*[OK] * 6)
    talk.set_over()
    assert talk.speaker.stage is Stage.FADED
    assert talk.said(BAD, BAD) == ["", "hips_shoot_up"]


def test_a_fault_in_between_begins_the_count_of_three_anew() -> None:
    talk = Talk()
    talk.said(OK, OK, BAD, OK, OK)
    assert talk.speaker.stage is Stage.EVERY
    talk.said(OK)
    assert talk.speaker.stage is Stage.FADED


def test_a_repetition_of_which_nothing_was_judged_counts_neither_way() -> None:
    talk = Talk()
    talk.said(OK, OK, (UNKNOWN,), ())
    assert talk.speaker.stage is Stage.EVERY
    talk.said(OK)
    assert talk.speaker.stage is Stage.FADED


def test_a_mention_is_inside_and_not_told() -> None:
    talk = Talk()
    mention = (verdict("bar_forward", Severity.WARN),)
    assert talk.said(mention, mention, mention) == [""] * 3
    assert talk.speaker.stage is Stage.FADED


def test_effort_does_not_count_as_form() -> None:
    talk = Talk(plan=TECHNIQUE)
    talk.said((GOOD, SLOW), (GOOD, SLOW), (GOOD, SLOW))
    assert talk.speaker.stage is Stage.FADED


def test_another_lifter_hears_every_faulty_repetition_again() -> None:
    talk = Talk()
    talk.said(*[OK] * 6)
    talk.speaker.new_lifter()
    assert talk.speaker.stage is Stage.EVERY
    assert talk.said(BAD) == ["hips_shoot_up"]
    talk.said(OK, OK)
    assert talk.speaker.stage is Stage.EVERY  # what was inside before was somebody else's


# --- always, never -----------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.EVERY, Stage.FADED, Stage.SUMMARY])
@pytest.mark.parametrize("fault", [SEVERE, DROPPED], ids=["severe", "dropped"])
def test_what_is_severe_is_told_at_once_at_any_stage(stage: Stage, fault: FaultVerdict) -> None:
    talk = Talk()
    talk.speaker.stage = stage
    assert talk.said((fault, GOOD)) == [fault.code]


def test_an_ordinary_rounding_fades_as_all_else() -> None:
    talk = Talk()
    talk.speaker.stage = Stage.SUMMARY
    assert talk.said((ROUNDED, GOOD)) == [""]


@pytest.mark.parametrize("plan", [TEST, MUTED], ids=["test", "muted"])
def test_in_a_test_and_muted_nothing_is_said(plan: Plan) -> None:
    talk = Talk(plan=plan)
    assert talk.said(BAD, OK, (SEVERE,), (DROPPED,), (SLOW, GOOD)) == [""] * 5
    assert talk.rep(HIPS, decays=("hips_shoot_up",)) is None
    assert talk.speaker.before((verdict("hips_low_start"),), talk.t_ns, plan) is None


def test_a_test_counts_what_it_does_not_tell() -> None:
    talk = Talk(plan=TEST)
    talk.said(OK, OK, OK)
    assert talk.speaker.stage is Stage.FADED


def test_a_muted_set_ends_silently_and_a_test_with_its_summary() -> None:
    for plan, told in ((MUTED, None), (TEST, "hips_shoot_up")):
        talk = Talk(plan=plan)
        talk.said(BAD, BAD)
        cue = talk.set_over(repeated=("hips_shoot_up",))
        assert (None if cue is None else cue.code) == told


# --- one cue -----------------------------------------------------------------------------


def test_of_several_faults_one_is_told() -> None:
    talk = Talk()
    assert talk.said((LOOP, FORWARD, HIPS, GOOD)) == ["hips_shoot_up"]
    assert talk.said((LOOP, FORWARD, SEVERE, HIPS)) == ["rounding"]


@pytest.mark.parametrize(("after_s", "told"), [(2.9, ""), (3.1, "hips_shoot_up")])
def test_the_same_words_are_not_said_again_within_three_seconds(after_s: float, told: str) -> None:
    talk = Talk()
    talk.rep(HIPS)
    cue = talk.rep(HIPS, after_s=after_s)
    assert (cue.code if cue else "") == told


def test_other_words_may_be_said_at_once() -> None:
    talk = Talk()
    talk.rep(HIPS)
    cue = talk.rep(FORWARD, after_s=1.0)
    assert cue is not None and cue.code == "bar_forward"


def test_a_stop_above_the_knees_is_told_when_the_set_is_over() -> None:
    talk = Talk()
    assert talk.said((STOPPED,), (STOPPED,)) == ["", ""]
    cue = talk.set_over()
    assert cue is not None
    assert (cue.code, cue.text) == ("hitch", "One smooth pull; lower the load.")


def test_what_was_told_of_one_repetition_only_is_not_told_again_after_the_set() -> None:
    talk = Talk()
    talk.said(BAD, OK, OK)
    assert talk.set_over() is None


def test_a_cue_has_an_id_of_its_own_its_repetition_and_its_numbers() -> None:
    talk = Talk(Config(coach=Coach(cue_ttl_ms=5000)))
    first, second = talk.rep(HIPS), talk.rep(FORWARD)
    assert first is not None and second is not None
    assert (first.id, second.id) == ("s-cue-0001", "s-cue-0002")
    assert (first.rep_id, second.rep_id) == ("s-0001", "s-0002")
    assert (first.t_ns, first.ttl_ms) == (round(REP_S * NS_PER_S), 5000)
    assert first.evidence["value"] == 8.0
    assert (first.moment, first.severity) == (Moment.AFTER, Severity.FAULT)
    assert first.text == "Push the floor away."


# --- praise ------------------------------------------------------------------------------


def test_a_straight_line_is_praised_in_the_first_clean_repetition_and_every_third() -> None:
    talk = Talk()
    assert talk.said(*[OK] * 7) == ["bar_forward", "", "", "bar_forward", "", "", "bar_forward"]


def test_praise_names_the_millimetres() -> None:
    cue = Talk().rep(GOOD)
    assert cue is not None
    assert (cue.text, cue.severity) == ("Good line, 8 mm.", Severity.GOOD)


def test_after_a_fault_the_next_clean_repetition_is_praised() -> None:
    talk = Talk()
    assert talk.said(OK, OK, BAD, OK) == ["bar_forward", "", "hips_shoot_up", "bar_forward"]


def test_each_set_has_its_praise() -> None:
    talk = Talk()
    talk.said(OK, OK)
    talk.set_over()
    assert talk.said(OK) == ["bar_forward"]


@pytest.mark.parametrize(
    "faults",
    [
        (UNKNOWN,),
        (verdict("bar_forward", Severity.WARN),),
        (verdict("bar_forward", Severity.INFO, assessed=False),),
        (verdict("knee_loop", Severity.GOOD),),
    ],
)
def test_what_was_not_seen_to_be_straight_is_not_praised(faults: tuple[FaultVerdict, ...]) -> None:
    assert Talk().said(faults) == [""]


def test_a_repetition_with_a_fault_that_is_not_told_is_not_praised() -> None:
    talk = Talk()
    talk.speaker.stage = Stage.SUMMARY
    assert talk.said(BAD) == [""]


# --- the set is done ---------------------------------------------------------------------


def test_lost_speed_suggests_to_end_the_set_once() -> None:
    talk = Talk()
    first, second = talk.rep(GOOD, SLOW), talk.rep(GOOD, SLOW)
    assert first is not None
    assert (first.code, first.text) == ("velocity_loss", "Set done. Rest.")
    assert first.severity is Severity.WARN  # a suggestion, not a fault
    assert second is None or second.code != "velocity_loss"
    talk.set_over()
    again = talk.rep(GOOD, SLOW)
    assert again is not None and again.code == "velocity_loss"


def test_technique_knows_no_speed() -> None:
    talk = Talk(plan=TECHNIQUE)
    assert talk.said((GOOD, SLOW)) == ["bar_forward"]
    assert talk.said((HIPS, SLOW)) == ["hips_shoot_up"]


def test_form_that_decays_suggests_it_too_and_comes_before_its_fault() -> None:
    for plan in (PLAN, TECHNIQUE):
        cue = Talk(plan=plan).rep(HIPS, decays=("hips_shoot_up",))
        assert cue is not None
        assert (cue.code, cue.text) == ("set_complete", "Set done. Rest.")
        assert cue.evidence["value"] == 8.0


def test_form_that_decays_is_told_once_a_set() -> None:
    talk = Talk()
    first = talk.rep(HIPS, decays=("hips_shoot_up",))
    again = talk.rep(FORWARD, decays=("hips_shoot_up",))
    assert first is not None and first.code == "set_complete"
    assert again is not None and again.code == "bar_forward"


def test_speed_that_is_only_a_mention_or_unsure_ends_no_set() -> None:
    for slow in (
        replace(SLOW, severity=Severity.WARN),
        replace(SLOW, severity=Severity.INFO, assessed=False),
    ):
        assert Talk().said((HIPS, slow)) == ["hips_shoot_up"]


def test_lost_speed_is_not_repeated_after_the_set() -> None:
    talk = Talk()
    talk.said((GOOD, SLOW), (GOOD, SLOW), (GOOD, SLOW))
    assert talk.set_over(repeated=("velocity_loss",)) is None
