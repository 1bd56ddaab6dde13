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
from shinline.types import NS_PER_S, CueEvent, Event, Moment, RepEvent, RepKind, Severity

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


def test_a_report_of_a_camera_that_stayed_does_not_speak_of_it() -> None:
    lines = printed(lambda console: print_reps(console, [REP], "1 rep", camera=[AGREES]))
    assert [line for line in lines if "camera" in line] == []


def test_the_last_alarm_is_told_even_when_no_rep_followed_it() -> None:
    later = replace(MOVED, text="The camera stands farther away.")
    assert camera_line([REP], [MOVED, AGREES, later]) == f"camera moved: {later.text}"
    assert camera_line([MARKED], []) == "camera moved before 1 of 1 rep (numbers kept)"


def analysis() -> Analysis:
    return Analysis(Path("lift.mp4"), CONFIG, 60.0, reps=[REP, MARKED], camera=[MOVED, AGREES])


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
