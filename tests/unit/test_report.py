"""What a terminal shows of a camera that moved: a plain line, and every number as it was."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from wire_material import AGREES, CONFIG, MOVED, REP

from shinline.app.analyze import Analysis, print_analysis
from shinline.app.overlay import words
from shinline.app.report import camera_line, print_reps
from shinline.app.screen import Screen
from shinline.types import (
    NS_PER_S,
    Advice,
    CueEvent,
    Event,
    FaultVerdict,
    Moment,
    RepEvent,
    RepKind,
    SetEvent,
    Severity,
)

MARKED = replace(REP, rep=3, marks=("camera_moved",))
CUE = CueEvent(
    MOVED.t_ns, "c1", "camera_moved", Severity.WARN, Moment.BETWEEN, "Check the camera.", "", 9000
)


def printed(say: Callable[[Console], None]) -> list[str]:
    stream = io.StringIO()
    say(Console(file=stream, width=200))
    return stream.getvalue().splitlines()


def test_a_rep_after_the_camera_moved_is_named_in_the_report_and_keeps_its_numbers() -> None:
    reps = [REP, MARKED]
    lines = printed(lambda console: print_reps(console, reps, "2 reps", camera=[MOVED]))
    verdicts = [line for line in lines if line.startswith("rep ")]
    assert verdicts == [
        "rep 2: bar forward 34 mm",
        "rep 3: bar forward 34 mm · camera moved",
    ]
    assert lines[-1] == f"camera moved before 1 of 2 reps (numbers kept): {MOVED.text}"
    (first, second) = (line.split() for line in lines if "touch and go" in line)
    assert first[1:] == second[1:]


def verdict(code: str, severity: Severity, reason: str = "") -> FaultVerdict:
    value = None if reason else 0.02
    return FaultVerdict(code, severity, value, 0.001, "m", 0.03, 0.9, not reason, reason)


def test_what_is_wrong_is_told_of_each_rep_and_what_is_unknown_once_for_all() -> None:
    common = (
        verdict("hitch", Severity.GOOD),
        verdict("yank", Severity.INFO),
        verdict("setup_gap", Severity.INFO, "no ankle"),
        verdict("bar_leaves_legs", Severity.INFO, "no ankle"),
    )
    late = verdict("lean_back", Severity.INFO, "no crest")
    one = replace(REP, rep=1, faults=(verdict("bar_forward", Severity.FAULT), *common))
    two = replace(REP, faults=(verdict("knee_loop", Severity.WARN), *common, late))
    bad = replace(REP, rep=3, valid=False, notes=("lost",))
    lines = printed(lambda console: print_reps(console, [one, two, bad], "3 reps"))
    assert lines[-5:] == [
        "rep 1: bar forward 20 mm · 2 fine · 2 not judged",
        "rep 2: knee loop 20 mm · 2 fine · 3 not judged",
        "rep 3: not judged: lost",
        "not judged: setup gap, bar leaves legs (no ankle)",
        "not judged in rep 2: lean back (no crest)",
    ]


def test_a_report_of_a_camera_that_stayed_does_not_speak_of_it() -> None:
    lines = printed(lambda console: print_reps(console, [REP], "1 rep", camera=[AGREES]))
    assert [line for line in lines if "camera" in line] == []


def test_the_last_alarm_is_told_even_when_no_rep_followed_it() -> None:
    later = replace(MOVED, text="The camera stands farther away.")
    assert camera_line([REP], [MOVED, AGREES, later]) == f"camera moved: {later.text}"
    assert camera_line([MARKED], []) == "camera moved before 1 of 1 rep (numbers kept)"


def analysis() -> Analysis:
    advice = (Advice("bar_forward", "Keep it close.", "It went away twice."),)
    ended = SetEvent(9, 1, 2, 0.4, 0.3, 0.1, {"bar_forward": 2}, 0.01, advice=advice)
    given = {"reps": [REP, MARKED], "camera": [MOVED, AGREES], "sets": [ended]}
    return Analysis(Path("lift.mp4"), CONFIG, 60.0, **given)  # type: ignore[arg-type]


def test_the_analysis_says_what_to_try_and_why() -> None:
    lines = printed(lambda console: print_analysis(console, analysis()))
    assert "to try: Keep it close. (It went away twice.)" in lines
    (told,) = analysis().to_json()["sets"]
    assert (told["reps"], told["advice"][0]["code"]) == (2, "bar_forward")


def test_the_analysis_prints_the_line_and_writes_marks_and_alarms() -> None:
    lines = printed(lambda console: print_analysis(console, analysis()))
    assert [line for line in lines if line.startswith("camera moved before 1 of 2 reps")] != []
    told = analysis().to_json()
    assert [rep["marks"] for rep in told["reps"]] == [[], ["camera_moved"]]
    assert told["camera_events"] == [
        {"t_s": 5.0, "changed": ["height", "tilt"], "text": MOVED.text, "evidence": MOVED.evidence},
        {"t_s": 9.0, "changed": [], "text": AGREES.text, "evidence": {}},
    ]


def test_the_overlay_says_it_for_as_long_as_it_is_so() -> None:
    told = [words(t_s, None, analysis()) for t_s in (4.9, 5.0, 8.9, 9.0)]
    assert [any("camera moved: height, tilt" in line for line in each) for each in told] == [
        False,
        True,
        True,
        False,
    ]


def test_the_terminal_tells_of_it_while_it_happens() -> None:
    marked = RepEvent(6 * NS_PER_S, RepKind.END, MARKED.id, 1, 3, MARKED)
    events: list[Event] = [MOVED, CUE, marked, AGREES]

    def say(console: Console) -> None:
        with Screen(console) as screen:
            for event in events:
                screen.event(event)

    assert printed(say) == [
        f"  camera  {MOVED.text}",
        "  cue  Check the camera.",
        "  rep 3: 55 cm, 0.37 m/s · camera moved",
        f"  camera  {AGREES.text}",
    ]
