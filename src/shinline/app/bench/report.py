"""Print the figures as tables."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from shinline.app.bench import trunk
from shinline.app.bench.accuracy import Result
from shinline.app.bench.figures import Confusion, Figures
from shinline.app.bench.goals import Goal
from shinline.app.bench.measure import Line
from shinline.app.bench.motion_costs import Motion, Replayed, Work
from shinline.app.bench.narrow import RULE, Narrow
from shinline.app.bench.peers import PeerResult
from shinline.app.bench.timing import READ, Timing


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i else "left")
    return table


def stages_table(about: str, lines: list[Line]) -> Table:
    """Return what each stage of the loop costs; the first line is the limit."""
    table = _table(f"The loop, {about}", ("stage", "median us", "p95 us", "x reading the frame"))
    for line in lines:
        ratio = line.median_us / lines[0].median_us
        table.add_row(line.name, f"{line.median_us:.1f}", f"{line.p95_us:.1f}", f"{ratio:.2f}")
    return table


def print_figures(console: Console, figures: Figures, goals: Iterable[Goal]) -> None:
    """Print every table, the goals last."""
    console.print("; ".join(f"{name} {said}" for name, said in figures.machine.items()))
    for width in dict.fromkeys(row.width for row in figures.timings):
        own = [row for row in figures.timings if row.width == width]
        peers = [row for row in figures.peer_timings if row.width == width]
        for scene in dict.fromkeys(row.scene for row in own):
            console.print(_costs_table([row for row in (*own, *peers) if row.scene == scene]))
        console.print(_versus_table(own, peers))
        console.print(_results_table(f"{width} px wide", figures.results, width))
    if figures.hard:
        console.print(_results_table("one trouble each", figures.hard, figures.hard[0].width))
    for name, confusion in figures.confusions.items():
        console.print(_confusion_table(name, confusion))
    for kind in dict.fromkeys(result.target for result in figures.peer_results):
        console.print(_peers_table([r for r in figures.peer_results if r.target == kind]))
    for name in figures.missing_peers:
        console.print(f"{name}: not installed")
    for table in motion_tables(figures.motion) if figures.motion else []:
        console.print(table)
    if figures.trunk:
        console.print(_trunk_table(figures.trunk))
    if figures.narrow:
        console.print(_narrow_table(figures.narrow))
        console.print(RULE)
    console.print(_goals_table(figures, goals))


def _costs_table(rows: list[Timing]) -> Table:
    """Return the costs on one kind of scene."""
    first = rows[0]
    title = f"One core, cold frames, {first.width} x {first.height}, {first.scene}"
    table = _table(title, ("", "median us", "p95 us", "x reading", "markers found"))
    limit = _pick(rows, READ, first.scene)
    for row in rows:
        found = "" if row is limit else f"{row.found:.2f}"
        ratio = row.median_us / limit.median_us
        table.add_row(row.name, f"{row.median_us:.1f}", f"{row.p95_us:.1f}", f"{ratio:.2f}", found)
    return table


def _pick(rows: list[Timing], name: str, scene: str) -> Timing:
    return next(row for row in rows if row.name == name and row.scene == scene)


def _versus_table(own: list[Timing], peers: list[Timing]) -> Table:
    """Return how many times as long each peer takes, scene by scene."""
    scenes = list(dict.fromkeys(row.scene for row in own))
    names = list(dict.fromkeys(row.name for row in own if row.name != READ))
    title = f"How many times as long peers take, {own[0].width} px wide ({', '.join(scenes)})"
    table = _table(title, ["", *names])
    for peer in dict.fromkeys(row.name for row in peers):
        cells = [
            "  ".join(
                f"{_pick(peers, peer, s).median_us / _pick(own, name, s).median_us:.0f}"
                for s in scenes
            )
            for name in names
        ]
        table.add_row(peer, *cells)
    return table


def _results_table(title: str, results: list[Result], width: int) -> Table:
    counts = "frames", "recall", "wrong first", "false bars"
    errors = "RMS px", "bound px", "RMS / bound", "inside 1 sd"
    table = _table(f"Recall and accuracy, {title}", ("condition", "mode", *counts, *errors))
    for r in results:
        if r.width == width:
            counted = str(r.frames), f"{r.recall:.3f}", str(r.wrong_first), str(r.false_bars)
            pixels = _number(r.rms_px, 4), _number(r.bound_px, 4)
            ratios = _number(r.ratio, 2), _number(r.inside, 2)
            table.add_row(r.condition, r.mode, *counted, *pixels, *ratios)
    return table


def _number(value: float, digits: int) -> str:
    return "-" if not math.isfinite(value) else f"{value:.{digits}f}"


def _confusion_table(name: str, confusion: Confusion) -> Table:
    roles = list(confusion)
    seen = [role.name.lower() for role in roles]
    table = _table(f"Seen as, {name}", ["marker of", *seen, "not seen"])
    for role, row in confusion.items():
        table.add_row(role.name.lower(), *(str(row[each]) for each in (*roles, None)))
    return table


def _peers_table(results: list[PeerResult]) -> Table:
    names = list(dict.fromkeys(r.name for r in results))
    title = f"Peers ({results[0].target}): recall, RMS px; {results[0].frames} frames each"
    table = _table(title, ["condition", *names])
    for condition in dict.fromkeys(r.condition for r in results):
        row = {r.name: r for r in results if r.condition == condition}
        cells = [f"{row[n].recall:.2f}  {_number(row[n].rms_px, 3)}" for n in names]
        table.add_row(condition, *cells)
    false = [np.mean([r.false_per_frame for r in results if r.name == name]) for name in names]
    table.add_row("false per frame", *(f"{mean:.1f}" for mean in false))
    return table


def _narrow_table(narrow: Narrow) -> Table:
    headings = "", "scene", "median us", "Pi 5 us (estimate)", "Pi 4 us (estimate)"
    table = _table("With 128-bit vectors, 1456 x 1088", headings)
    for row in narrow.rows:
        figures = row.median_us, narrow.pi5_us(row), narrow.pi4_us(row)
        table.add_row(row.name, row.scene, *(f"{value:.0f}" for value in figures))
    return table


def motion_tables(motion: Motion) -> list[Table]:
    """Return what it costs to get from detections to repetitions."""
    return [_works_table(motion.works), _replay_table(motion.replayed)]


def _trunk_table(lines: list[Line]) -> Table:
    title = f"The trunk without stickers, {trunk.WIDTH} x {trunk.HEIGHT}, {trunk.RATE_HZ} Hz"
    table = _table(title, ("", "median us", "p95 us", "median / 1 ms", "p95 / 1 ms"))
    for each in lines:
        ratios = (f"{us / trunk.GOAL_US:.2f}" for us in (each.median_us, each.p95_us))
        table.add_row(each.name, f"{each.median_us:.0f}", f"{each.p95_us:.0f}", *ratios)
    return table


def _works_table(works: list[Work]) -> Table:
    title = "Motion: from detections to repetitions, one core"
    table = _table(title, ("", "median us", "p95 us", "x ours", "what it does"))
    for i, work in enumerate(works):
        if i == 0 or work.part != works[i - 1].part:
            table.add_section()
            table.add_row(f"[bold]{work.part}[/]")
        times = _number(work.median_us, 1), _number(work.p95_us, 1)
        table.add_row(work.name, *times, _number(work.ratio, 2), work.does)
    table.columns[-1].justify = "left"
    return table


def _replay_table(r: Replayed) -> Table:
    what = f"{r.minutes:.0f} min, {r.frames} frames, {r.markers} markers, {r.reps} reps"
    hour = "s an hour, measured" if r.measured_hour else "s an hour, extrapolated"
    table = _table(f"Replay of {what}; median of {r.runs}", ("", "us a frame", hour))
    rows = (
        ("everything compared (replay.check)", r.check_us),
        ("alone, the engine", r.engine_us),
        ("alone, frames read from the journal", r.reading_us),
        ("alone, events read and compared", r.comparing_us),
    )
    for name, us in rows:
        hour_s = us / r.check_us * r.hour_s
        table.add_row(name, f"{us:.2f}", f"{hour_s:.2f}")
    return table


def _goals_table(figures: Figures, goals: Iterable[Goal]) -> Table:
    frames = max((r.frames for r in figures.results), default=0)
    title = f"Goals ({frames} frames a condition, {figures.empty} without a marker)"
    table = _table(title, ("", "measured", "goal", "reached"))
    for goal in goals:
        sign = "<=" if goal.most else ">="
        reached = {True: "yes", False: "no", None: "not measured"}[goal.met]
        table.add_row(goal.name, _number(goal.value, 4), f"{sign} {goal.limit:.4g}", reached)
    return table
