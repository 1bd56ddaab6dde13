"""How well hips that shoot up are seen without stickers, in rendered pictures of known truth.

Lifters, clothes, rooms and cameras are drawn anew for each scene; of ten scenes six are ordinary,
three hard and one shows a bar that rises with nobody at it. ``--judge`` draws from seeds and
ranges that nothing was tuned on: look at it last. ``--scene N`` plays one and tells all about it.
"""

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shinline.app.bench.faults.figures import Share
from shinline.app.bench.hips.figures import Line, judged_of, line, lines, reasons
from shinline.app.bench.hips.judging import Order, Played, examine
from shinline.app.bench.hips.kinds import NOBODY, ORDINARY
from shinline.app.bench.hips.plot import draw
from shinline.app.bench.hips.population import ABOVE_DEG, BELOW_DEG
from shinline.app.bench.measure import without_nan
from shinline.app.progress import progress_bars

WIDTH = 150
GOALS = (
    f"Goals in ordinary scenes: assessed 0.90, bias 1 deg, sd 2.5 deg, sensitivity 0.90 at "
    f"{ABOVE_DEG:g} deg, specificity 0.97 at {BELOW_DEG:g} deg, 68 % within 1 sd, 95 % within 2. "
    f"Called: sensitivity among all, assessed or not. Turn and rise of the hips: told minus true."
)


def main() -> None:
    """Print the tables."""
    asked = _arguments()
    console = Console(width=WIDTH)
    numbers = list(range(asked.scenes)) if asked.scene is None else [asked.scene]
    order = Order(asked.judge, asked.stickers, asked.video)
    with progress_bars(Console(stderr=True)) as progress:
        played = examine(order, numbers, asked.jobs, progress)
    if asked.scene is not None:
        _show(console, played[0])
    judged = judged_of(played)
    by_group = lines(played, lambda each: each.group)
    console.print(table("Hips that shoot up, by group", [*by_group, line("all", judged)]))
    console.print(table("By kind of scene", lines(played, lambda each: each.kind)))
    if silent := reasons(played):
        console.print(reasons_table(silent))
    console.print(nobody_table(played))
    console.print(_cost(played), highlight=False)
    if asked.json:
        asked.json.write_text(json.dumps(document(played), indent=1) + "\n", encoding="utf-8")
    if asked.plot:
        draw(asked.plot, judged)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shinline.app.bench.hips", description=__doc__)
    parser.add_argument("--scenes", type=int, default=60, help="how many (default 60)")
    parser.add_argument("--scene", type=int, help="only this one, by its number, with all details")
    parser.add_argument("--judge", action="store_true", help="ranges and seeds kept for judging")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--stickers", action="store_true", help="hip and shoulder wear one")
    parser.add_argument("--video", type=int, metavar="CRF", help="compress pictures by x264 first")
    parser.add_argument("--json", type=Path, help="write every verdict and the figures")
    parser.add_argument("--plot", type=Path, help="write errors against truth (needs matplotlib)")
    return parser.parse_args()


def table(title: str, found: list[Line]) -> Table:
    """Return a table of lines."""
    result = Table(title=title, title_justify="left", caption=GOALS, caption_justify="left")
    for name in ("scenes", "reps", "found", "assessed", "turn, bias", "sd", "in 1 sd", "in 2 sd",
                 "sensitivity", "specificity", "called", "rise, bias", "sd"):  # fmt: skip
        result.add_column(name, justify="left" if name == "scenes" else "right")
    for each in found:
        result.add_row(
            each.name, str(each.reps), _short(each.found), _short(each.assessed),
            _number(each.bias_deg, "+.2f", "deg"), _number(each.sd_deg, ".2f", "deg"),
            *(_short(share) for share in each.within),
            str(each.sensitivity), str(each.specificity), str(each.told),
            _number(each.rise_bias_mm, "+.0f", "mm"), _number(each.rise_sd_mm, ".0f", "mm"),
        )  # fmt: skip
    return result


def _short(share: Share) -> str:
    return f"{share.value:.2f}" if share.of else "-"


def _number(value: float, form: str, unit: str) -> str:
    return "-" if math.isnan(value) else f"{value:{form}} {unit}"


def reasons_table(silent: list[tuple[str, str, int]]) -> Table:
    """Return why there was no verdict."""
    result = Table(title="Not assessed", title_justify="left")
    for name in ("scenes", "times", "reason"):
        result.add_column(name)
    for group, reason, count in silent:
        result.add_row(group, str(count), reason)
    return result


def nobody_table(played: list[Played]) -> Table:
    """Return what was said of hips where there was nobody, which has to be nothing."""
    title = "A bar that rises with nobody at it: verdicts on hips (must be 0)"
    result = Table(title=title, title_justify="left")
    for name in ("scene", "scenes", "reps", "verdicts", "outline rows"):
        result.add_column(name, justify="left" if name == "scene" else "right")
    empty = [each for each in played if each.group == NOBODY]
    for kind in dict.fromkeys(each.kind for each in empty):
        mine = [each for each in empty if each.kind == kind]
        reps = sum(judged.found for each in mine for judged in each.judged)
        counts = (len(mine), reps, sum(e.verdicts for e in mine), sum(e.outlines for e in mine))
        result.add_row(kind, *map(str, counts))
    return result


def _cost(played: list[Played]) -> str:
    frames = sum(each.frames for each in played)
    render_s, engine_s = (sum(getattr(p, n) for p in played) for n in ("render_s", "engine_s"))
    return (
        f"{len(played)} scenes, {frames} pictures; rendering took {1e3 * render_s / frames:.0f} ms "
        f"each, the product {1e3 * engine_s / frames:.1f} ms (with its first compilation)"
    )


def _show(console: Console, each: Played) -> None:
    console.print(each.words, highlight=False)
    for judged in each.judged:
        console.print(judged, highlight=False)


def document(played: list[Played]) -> dict[str, object]:
    """Return everything as data for JSON."""
    groups = [asdict(each) for each in lines(played, lambda each: each.group)]
    kinds = [asdict(each) for each in lines(played, lambda each: each.kind)]
    nobody = sum(each.verdicts for each in played if each.group == NOBODY)
    shown = {
        "groups": groups,
        "kinds": kinds,
        "verdicts_on_nobody": nobody,
        "ordinary": ORDINARY,
        "scenes": [asdict(each) for each in played],
    }
    cleaned: dict[str, object] = without_nan(shown)
    return cleaned


if __name__ == "__main__":
    main()
