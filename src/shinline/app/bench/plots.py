"""Draw the curves: how costs grow, accuracy beside the peers, errors of lifts."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shinline.app.bench.accuracy import Result
from shinline.app.bench.growth import Point
from shinline.app.bench.lifts.figures import SDS, drift, mean_velocity, scaled
from shinline.app.bench.lifts.population import Outcome
from shinline.app.bench.peers import PeerResult
from shinline.types import FloatArray

LABELS = {
    "megapixels": "megapixels of the frame",
    "markers": "markers followed in one call",
    "plates": "plates in the background, half of them with a bullseye",
}


def draw_growth(path: Path, growth: dict[str, list[Point]]) -> None:
    """Write one panel for each thing that grows.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    plot = _pyplot()
    figure, panels = plot.subplots(1, len(growth), figsize=(15, 4.5), layout="constrained")
    for axes, (what, points) in zip(panels, growth.items(), strict=True):
        for curve in dict.fromkeys(point.curve for point in points):
            chosen = [point for point in points if point.curve == curve]
            axes.plot([p.x for p in chosen], [p.median_us for p in chosen], "o-", label=curve)
        axes.set(xlabel=LABELS[what], ylabel="median time, us")
        axes.set_ylim(bottom=0.0)
        if what == "megapixels":
            axes.set(xscale="log", yscale="log")
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)
    plot.close(figure)


def draw_accuracy(path: Path, results: Sequence[Result], peers: Sequence[PeerResult]) -> None:
    """Write RMS error and recall by condition, ours and the peers'.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    plot = _pyplot()
    figure, (above, below) = plot.subplots(
        2, 1, figsize=(13, 9), sharex=True, layout="constrained", height_ratios=(2, 1)
    )
    names = list(dict.fromkeys(peer.condition for peer in peers))
    ours = {r.condition: r for r in results if r.mode == "acquire" and r.width == 1456}
    names = [name for name in names if name in ours]
    bounds = [ours[name].bound_px for name in names]
    above.plot(names, bounds, "k--", label="Cramer-Rao bound of the ring")
    above.plot(names, [ours[n].rms_px for n in names], "ko-", linewidth=2.5, label="shinline")
    below.plot(names, [ours[n].recall for n in names], "ko-", linewidth=2.5)
    for method in dict.fromkeys(peer.name for peer in peers):
        theirs = {p.condition: p for p in peers if p.name == method}
        (drawn,) = above.plot(names, [theirs[n].rms_px for n in names], ".-", label=method)
        below.plot(names, [theirs[n].recall for n in names], ".-", color=drawn.get_color())
    above.set(yscale="log", ylabel="RMS error per axis, px")
    below.set(ylabel="recall", ylim=(-0.03, 1.03))
    above.legend(ncols=3, fontsize="small")
    for axes in (above, below):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    plot.close(figure)


def draw_lifts(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write errors of mean velocity and drift against truth, and how honest their sds are.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    plot = _pyplot()
    figure, rows = plot.subplots(
        len(outcomes), 3, figsize=(15, 4 * len(outcomes)), layout="constrained", squeeze=False
    )
    for (left, middle, right), outcome in zip(rows, outcomes, strict=True):
        name = outcome.condition.name
        _errors(left, *mean_velocity(outcome.found), 1e3, "mean velocity", "m/s", "mm/s")
        _errors(middle, *drift(outcome.found), 1e3, "drift", "m", "mm")
        k = np.linspace(0.0, 3.0, 61)
        ideal = [math.erf(each / math.sqrt(2.0)) for each in k]
        right.plot(k, ideal, "k--", label="if the sd is right")
        for sd in SDS:
            off = np.abs(scaled(outcome.found, sd))
            right.plot(k, [float(np.mean(off <= each)) for each in k], label=sd)
        right.set(xlabel="standard deviations", ylabel="share of the errors within", title=name)
        right.legend(fontsize="small")
        for axes in (left, middle, right):
            axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plot.close(figure)


def _errors(
    axes: Any, true: FloatArray, error: FloatArray, gain: float, what: str, unit: str, small: str
) -> None:
    """Draw errors against truth, with their mean and where 95 % of a normal spread would lie."""
    axes.plot(true, gain * error, ".", markersize=2, alpha=0.4)
    middle, spread = gain * float(np.mean(error)), 1.96 * gain * float(np.std(error))
    for level, style in ((middle, "k-"), (middle - spread, "k:"), (middle + spread, "k:")):
        axes.axhline(level, color=style[0], linestyle=style[1:])
    title = f"{what}: bias {middle:+.2f}, limits of agreement +- {spread:.2f} {small}"
    axes.set(xlabel=f"true {what}, {unit}", ylabel=f"error, {small}", title=title)


def _pyplot() -> Any:
    """Import matplotlib only here: it is slow to load and not part of the product."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    return pyplot
