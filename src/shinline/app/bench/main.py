"""Run the benchmark and say what came out."""

import json
from dataclasses import asdict
from pathlib import Path

import cv2
from rich.console import Console

from shinline.app.bench.about import machine
from shinline.app.bench.figures import Figures, measure
from shinline.app.bench.goals import goals
from shinline.app.bench.measure import without_nan
from shinline.app.bench.plots import draw_accuracy, draw_growth
from shinline.app.bench.report import print_figures, stages_table
from shinline.app.bench.stages import measure_stages


def run_clip(clip: Path, console: Console) -> None:
    """Measure the loop on a recording of a plate and print it.

    Raises
    ------
    VideoError
        ``clip`` is no recording.
    """
    cv2.setNumThreads(1)
    with console.status("compiling and decoding"):
        about, lines = measure_stages(clip)
    console.print("; ".join(f"{name} {said}" for name, said in machine().items()))
    console.print(stages_table(about, lines))


def run_bench(
    frames: int, quick: bool, hour: bool, out: Path, as_json: bool, console: Console
) -> None:
    """Measure everything, print tables or JSON, and write the plots into the folder ``out``."""
    cv2.setNumThreads(1)
    messages = Console(stderr=True)
    with messages.status("the loop") as status:
        about, lines = measure_stages(None)
        figures = measure(frames, quick, hour, status.update)
    reached = goals(figures)
    if as_json:
        plain = figures.plain()
        plain["stages"] = [asdict(line) for line in lines]
        plain["goals"] = [without_nan(asdict(goal)) | {"met": goal.met} for goal in reached]
        console.out(json.dumps(plain, allow_nan=False), highlight=False)
    else:
        console.print(stages_table(about, lines))
        print_figures(console, figures, reached)
    if not quick:
        _draw(out, figures, messages)


def _draw(out: Path, figures: Figures, messages: Console) -> None:
    out.mkdir(parents=True, exist_ok=True)
    try:
        draw_growth(out / "growth.png", figures.growth)
        draw_accuracy(out / "accuracy.png", figures.results, figures.peer_results)
    except ImportError:
        messages.print("matplotlib: not installed, no plots")
        return
    messages.print(f"plots: {out / 'growth.png'}, {out / 'accuracy.png'}")
