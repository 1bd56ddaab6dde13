"""What is said between sets, before a pull, and to a lifter who asks."""

import pytest
from judged import finished
from talk import BAD, GOOD, HIPS, OK, PLAN, UNKNOWN, Talk, verdict

from shinline.coach.speaker import Stage
from shinline.config import Config, Words
from shinline.types import NS_PER_S, FaultVerdict, Moment, Severity


def test_a_silent_set_is_announced() -> None:
    talk = Talk()
    talk.said(OK)
    cue = talk.set_over(next_mode="test")
    assert cue is not None
    assert (cue.text, cue.severity, cue.moment) == (
        "Next set: no cues.",
        Severity.INFO,
        Moment.BETWEEN,
    )


def test_a_fault_that_came_again_and_again_goes_before_the_announcement() -> None:
    talk = Talk()
    talk.said(BAD, BAD)
    cue = talk.set_over(repeated=("hips_shoot_up",), next_mode="test")
    assert cue is not None and cue.code == "hips_shoot_up"


LOW, NEAR = verdict("hips_low_start"), verdict("setup_gap", value=0.0, threshold=0.005)


def test_before_a_pull_one_thing_is_said_until_the_bar_is_lifted() -> None:
    talk = Talk()
    first = talk.speaker.before((LOW, NEAR), 0, PLAN)
    assert first is not None
    assert (first.code, first.moment, first.rep_id) == ("hips_low_start", Moment.BEFORE, "")
    assert talk.speaker.before((NEAR,), 30 * NS_PER_S, PLAN) is None
    talk.speaker.lifted()
    assert talk.speaker.before((NEAR,), 31 * NS_PER_S, PLAN) is not None


@pytest.mark.parametrize(("after_s", "told"), [(19.9, False), (20.1, True)])
def test_the_same_is_not_said_before_the_next_pull_within_twenty_seconds(
    after_s: float, told: bool
) -> None:
    talk = Talk()
    talk.speaker.before((LOW,), 0, PLAN)
    talk.speaker.lifted()
    again = talk.speaker.before((LOW,), round(after_s * NS_PER_S), PLAN)
    assert (again is not None) is told


def test_a_set_up_without_a_fault_is_not_spoken_of() -> None:
    talk = Talk()
    mention = verdict("hips_low_start", Severity.WARN)
    assert talk.speaker.before((mention,), 0, PLAN) is None
    assert talk.speaker.before((), 0, PLAN) is None
    assert talk.speaker.before((LOW,), 1, PLAN) is not None  # nothing was used up by that


@pytest.mark.parametrize(
    ("faults", "code", "text"),
    [
        ((GOOD, HIPS), "hips_shoot_up", "Push the floor away."),
        ((GOOD, verdict("knee_loop", Severity.WARN)), "knee_loop", "Straight line, up the wall."),
        ((UNKNOWN, GOOD), "bar_forward", "Good line, 8 mm."),
        ((verdict("knee_loop", Severity.GOOD),), "knee_loop", "Nothing to change."),
        ((verdict("knee_loop", Severity.GOOD), GOOD), "bar_forward", "Good line, 8 mm."),
        ((UNKNOWN,), "marker_lost", "Nothing could be judged."),
        ((), "marker_lost", "Nothing could be judged."),
    ],
)
def test_who_asks_is_answered(faults: tuple[FaultVerdict, ...], code: str, text: str) -> None:
    talk = Talk()
    talk.speaker.stage = Stage.SUMMARY
    cue = talk.speaker.now(finished(7, faults=faults), 5)
    assert (cue.code, cue.text, cue.rep_id, cue.t_ns) == (code, text, "s-0007", 5)


def test_words_are_the_lifters() -> None:
    words = Words(language="de", said={"cues.hips_shoot_up": "Den Boden wegdrücken."})
    cue = Talk(Config(words=words)).rep(HIPS)
    assert cue is not None and cue.text == "Den Boden wegdrücken."
