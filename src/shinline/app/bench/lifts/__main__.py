"""How well repetitions are found and measured, on a population of lifts with exact truth.

``python -m shinline.app.bench.lifts --reps 1000`` prints the table for each condition.
``--judge`` draws from the ranges and seeds that nothing was tuned on: look at it last.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shinline.app.bench.lifts.figures import figures
from shinline.app.bench.lifts.kinds import KINDS
from shinline.app.bench.lifts.population import Outcome, examine
from shinline.app.bench.lifts.ranges import CONDITIONS, JUDGING, TUNING
from shinline.app.bench.plots import draw_lifts

_MET = {True: "yes", False: "NO", None: ""}


def numbers_table(outcome: Outcome) -> Table:
    """Return how far off the numbers are, beside the goals."""
    title = f"{outcome.condition.name}: {len(outcome.found)} repetitions with numbers"
    table = Table(title=title, title_justify="left")
    for name in ("", "value", "goal", "met", "best published"):
        table.add_column(name, justify="left" if not name else "right")
    for line in figures(outcome):
        value = f"{line.value:.4f}" if line.unit in ("m/s", "") else f"{line.value:.2f}"
        said = f"{value} {line.unit}".strip()
        table.add_row(line.name, said, line.goal, _MET[line.met], line.published)
    return table


def kinds_table(outcomes: list[Outcome]) -> Table:
    """Return what was found of each kind, all conditions together."""
    table = Table(title="Repetitions by kind, all conditions", title_justify="left")
    for name in ("kind", "true", "found", "invented", "wrong", "precision", "recall", "F1"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    totals = {kind: Outcome(outcomes[0].condition) for kind in outcomes[0].counts}
    totals["all"] = Outcome(outcomes[0].condition)
    for outcome in outcomes:
        for kind, count in outcome.counts.items():
            totals[kind].counts[outcome.condition.name] = count
        totals["all"].counts[outcome.condition.name] = outcome.whole
    for kind, total in totals.items():
        c = total.whole
        shares = (f"{share:.4f}" for share in (c.precision, c.recall, c.f1))
        table.add_row(kind, *map(str, (c.true, c.found, c.invented, c.wrong)), *shares)
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m shinline.app.bench.lifts", description=__doc__)
    names = [condition.name for condition in CONDITIONS]
    parser.add_argument("--reps", type=int, default=1000, help="under each condition, about")
    parser.add_argument("--judge", action="store_true", help="ranges and seeds kept for judging")
    parser.add_argument("--condition", choices=names, action="append", help="only this one")
    parser.add_argument("--kind", choices=[k.name for k in KINDS], action="append")
    parser.add_argument("--said", type=int, default=10, help="how many misses to name")
    parser.add_argument(
        "--plot", type=Path, help="write the errors as a picture (needs matplotlib)"
    )
    asked = parser.parse_args()
    console = Console(width=120)
    ranges = JUDGING if asked.judge else TUNING
    kinds = tuple(kind for kind in KINDS if not asked.kind or kind.name in asked.kind)
    chosen = [c for c in CONDITIONS if not asked.condition or c.name in asked.condition]
    with Console(stderr=True).status("") as status:
        outcomes = [
            examine(ranges, condition, asked.reps, kinds, progress=status.update)
            for condition in chosen
        ]
    for outcome in outcomes:
        if outcome.found:
            console.print(numbers_table(outcome))
    console.print(kinds_table(outcomes))
    for line in [said for outcome in outcomes for said in outcome.said][: asked.said]:
        console.print(line, highlight=False)
    if asked.plot:
        draw_lifts(asked.plot, outcomes)


if __name__ == "__main__":
    main()
