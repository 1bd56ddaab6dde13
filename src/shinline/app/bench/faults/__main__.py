"""How often the coach is right, on a population of lifters whose faults are known exactly.

``python -m shinline.app.bench.faults --reps 150`` prints a line for each fault. ``--judge`` draws
from the ranges and seeds that nothing was tuned on: look at it last. ``--code X --session N``
plays one session again and shows all its verdicts beside the truth.
"""

import argparse
import math
from dataclasses import replace
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shinline.app.bench.faults.codes import ABOVE, BELOW, CODES
from shinline.app.bench.faults.curves import draw
from shinline.app.bench.faults.figures import (
    MOST_LATE_S,
    SENSITIVITY,
    SPECIFICITY,
    WITHIN,
    Delay,
    Line,
    Share,
    delays,
    line,
    missed,
    trust,
)
from shinline.app.bench.faults.population import Outcome, examine, score, session
from shinline.app.bench.faults.ranges import JUDGING, TUNING, Ranges
from shinline.app.bench.faults.scenarios import PLANTABLE
from shinline.app.bench.faults.score import Judged, run
from shinline.app.progress import progress_bars

WIDTH = 150
UNITS = {"m": (1e3, "mm"), "deg": (1.0, "deg"), "": (1.0, "")}
CAPTION = (
    f"Sensitivity: of true sizes {ABOVE} times the threshold and more that were assessed (goal "
    f"{SENSITIVITY}). Specificity: of those {BELOW} times and less (goal {SPECIFICITY}); "
    "elsewhere: the same in sessions about other faults. Errors of assessed values against the "
    "exact motion. Goal within 1 sd: 68 +- 4 %. A star marks a goal that is missed. No bounce is "
    f"larger than {CODES['bounce'].most} times: then there is no time on the floor."
)


def main() -> None:
    """Print the tables."""
    asked = _arguments()
    console = Console(width=WIDTH)
    half = replace(JUDGING if asked.judge else TUNING, slip_m=1e-3 * asked.slip)
    if asked.session is not None:
        return show(console, half, (asked.code or [PLANTABLE[0]])[0], asked.session)
    codes = tuple(code for code in PLANTABLE if not asked.code or code in asked.code)
    with progress_bars(Console(stderr=True)) as progress:
        outcomes = examine(half, codes, asked.reps, asked.processes, progress)
    judged = [each for outcome in outcomes for each in outcome.judged]
    lines = [line(code, judged) for code in codes]
    console.print(main_table(half, lines), reasons_table(lines), trust_table(outcomes))
    if late := delays(outcomes):
        console.print(delays_table(late))
    console.print(_whole(outcomes))
    for said in islice(misses(half, outcomes), asked.said):
        console.print(said, highlight=False)
    if asked.plot:
        draw(asked.plot, judged)
    return None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shinline.app.bench.faults",
                                     description=__doc__)  # fmt: skip
    parser.add_argument("--reps", type=int, default=150, help="about each fault (default 150)")
    parser.add_argument("--judge", action="store_true", help="ranges and seeds kept for judging")
    parser.add_argument("--code", choices=PLANTABLE, action="append", help="only this fault")
    parser.add_argument("--session", type=int, help="show the verdicts of one session of the code")
    parser.add_argument("--said", type=int, default=10, help="how many misses to name")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    parser.add_argument("--slip", type=float, default=0.0, metavar="MM",
                        help="let stickers slide with the skin, by one sd")  # fmt: skip
    parser.add_argument("--plot", type=Path, help="write the curves (needs matplotlib)")
    return parser.parse_args()


def main_table(half: Ranges, lines: list[Line]) -> Table:
    """Return the line of each fault, beside the goals."""
    table = Table(title=f"Faults, {half.name} half", title_justify="left", caption=CAPTION,
                  caption_justify="left")  # fmt: skip
    for name in ("fault", "n", "assessed", "sensitivity", "specificity", "elsewhere", "RMSE",
                 "bias", "1 sd", "2 sd", "68 % in"):  # fmt: skip
        table.add_column(name, justify="left" if name == "fault" else "right", no_wrap=True)
    for each in lines:
        gain, unit = UNITS.get(each.unit, (1.0, each.unit))
        table.add_row(
            each.code,
            str(each.n),
            _number(each.assessed.value, ".2f"),
            _marked(each.sensitivity, SENSITIVITY),
            _marked(each.specificity, SPECIFICITY),
            _marked(each.elsewhere, SPECIFICITY),
            _number(gain * each.rmse, ".2f", unit),
            _number(gain * each.bias, "+.2f"),
            _number(100 * each.within[0], ".0f", "%") + ("" if _inside(each.within[0]) else " *"),
            _number(100 * each.within[1], ".0f", "%"),
            _number(each.needed, ".1f", "sd"),
        )
    return table


def _marked(share: Share, goal: float) -> str:
    return str(share) + (" *" if share.of and share.value < goal else "")


def _number(value: float, form: str, unit: str = "") -> str:
    return "-" if math.isnan(value) else f"{value:{form}} {unit}".rstrip()


def _inside(share: float) -> bool:
    return not (share < WITHIN[0] or share > WITHIN[1])


def reasons_table(lines: list[Line]) -> Table:
    """Return why there was no verdict."""
    table = Table(title="Not assessed, the commonest reasons", title_justify="left")
    for name in ("fault", "times", "reason"):
        table.add_column(name)
    for each in lines:
        for i, (reason, count) in enumerate(each.reasons):
            table.add_row("" if i else each.code, f"{count} of {each.n}", reason)
    return table


def trust_table(outcomes: list[Outcome]) -> Table:
    """Return how often verdicts are right, by their confidence."""
    table = Table(title="Confidence of verdicts on planted faults", title_justify="left")
    for name in ("from", "to", "mean said", "right"):
        table.add_column(name, justify="right")
    for each in trust(outcomes):
        table.add_row(f"{each.low:.2f}", f"{each.high:.2f}", f"{each.said:.3f}", str(each.right))
    return table


def delays_table(delays: list[Delay]) -> Table:
    """Return how late faults are told in mid-lift."""
    title = (
        "Told in mid-lift, after the last picture needed (goal 50 ms; less than nothing: before)"
    )
    table = Table(title=title, title_justify="left")
    for name in ("fault", "n", "95 % within", "longest"):
        table.add_column(name, justify="left" if name == "fault" else "right")
    for each in delays:
        star = " *" if each.most_s > MOST_LATE_S else ""
        table.add_row(each.code, str(each.n), f"{1e3 * each.usual_s:.0f} ms",
                      f"{1e3 * each.most_s:.0f} ms{star}")  # fmt: skip
    return table


def _whole(outcomes: list[Outcome]) -> str:
    sessions = [scored for outcome in outcomes for scored in outcome.scored]
    reps, lost = sum(s.reps for s in sessions), sum(len(s.missed) for s in sessions)
    cues, late = sum(s.cues for s in sessions), sum(s.late_cues for s in sessions)
    return (
        f"{reps} repetitions, {lost} of them not found or not valid; {cues} cues after "
        f"repetitions, {late} of them not in the frame of the repetition's end"
    )


def misses(half: Ranges, outcomes: list[Outcome]) -> list[str]:
    """Return what went wrong, each with all that is needed to see it again; the worst first."""
    judge = "--judge " if half.name == JUDGING.name else ""
    worst: list[str] = []
    others: list[str] = []
    for outcome in outcomes:
        for scored in outcome.scored:
            others += [f"lost: {text}" for text in scored.missed]
            for each in scored.judged:
                wrong = missed(each)
                where = f"rep {each.rep} of {judge}--code {outcome.code} --session {each.session}"
                if wrong:
                    chosen = others if wrong == "far off" else worst
                    chosen.append(f"{wrong}: {_told(each)}; {where}")
    return worst + others


def _told(each: Judged) -> str:
    said = each.verdict
    return (
        f"{each.code} true {each.true:.4g} ({each.size:.2f} of the threshold), said "
        f"{said.value:.4g} +- {said.sd:.2g} {said.severity.value}"
    )


def show(console: Console, half: Ranges, code: str, number: int) -> None:
    """Print one session."""
    played = session(half, code, number)
    scored = score(code, number, played, run(played.film))
    scenario = played.recording.scenario
    who = f"stature {scenario.stature_m:.3f} m, {scenario.style}, facing {scenario.facing}"
    console.print(f"{who}, {played.film.looks}", highlight=False)
    for rep in scenario.reps:
        console.print(f"planted {rep.faults}", highlight=False)
    table = Table()
    for name in ("rep", "fault", "true", "size", "said", "sd", "severity", "confidence", "reason"):
        table.add_column(name)
    for each in scored.judged:
        said = each.verdict
        table.add_row(
            str(each.rep), each.code, f"{each.true:.4g}", f"{each.size:.2f}",
            "-" if said.value is None else f"{said.value:.4g}",
            "-" if said.sd is None else f"{said.sd:.2g}",
            said.severity.value, f"{said.confidence:.3f}", said.reason,
        )  # fmt: skip
    console.print(table)
    for text in (*scored.missed, *played.refused):
        console.print(text, highlight=False)


if __name__ == "__main__":
    main()
