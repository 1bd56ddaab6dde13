"""Draw for each fault how often it is called, by its true size."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from shinline.app.bench.faults.codes import ABOVE, BELOW, CODES
from shinline.app.bench.faults.figures import called
from shinline.app.bench.faults.score import Judged

EDGES: Final = (0.0, 0.3, 0.5, 0.62, 0.72, 0.85, 0.95, 1.05, 1.15, 1.3, 1.42, 1.58, 1.8, 2.2)
ACROSS: Final = 4
Z: Final = 1.0
"""Bars are one standard deviation long, by Wilson's formula."""


def steps(judged: Sequence[Judged]) -> list[tuple[float, int, int]]:
    """Return for each bin of true sizes its mean size, how many were called, and of how many."""
    sizes = np.array([each.size for each in judged])
    told = np.array([called(each) for each in judged], bool)
    found = []
    for low, high in pairwise(EDGES):
        inside = (sizes >= low) & (sizes < high)
        if inside.any():
            count = int(inside.sum())
            found.append((float(sizes[inside].mean()), int(told[inside].sum()), count))
    return found


def interval(count: int, of: int) -> tuple[float, float]:
    """Return between what a share lies that was seen as ``count`` of ``of``."""
    share, spread = count / of, Z * Z / of
    middle = (share + 0.5 * spread) / (1.0 + spread)
    half = Z / (1.0 + spread) * math.sqrt(share * (1.0 - share) / of + 0.25 * spread / of)
    return middle - half, middle + half


def draw(path: Path, judged: Sequence[Judged]) -> None:
    """Write one panel for each fault that was judged.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plot

    own = {
        code: [each for each in judged if each.code == code and each.planted
               and each.verdict.assessed]
        for code in CODES
    }  # fmt: skip
    codes = [code for code, mine in own.items() if mine]
    down = max(1, math.ceil(len(codes) / ACROSS))
    figure, panels = plot.subplots(
        down, ACROSS, figsize=(15, 3.2 * down), sharex=True, sharey=True, layout="constrained",
        squeeze=False,
    )  # fmt: skip
    for axes, code in zip(panels.flat, codes, strict=False):
        for size, count, of in steps(own[code]):
            axes.plot([size, size], interval(count, of), "k-", linewidth=1.0)
            axes.plot(size, count / of, "ko", markersize=3.0 + math.log2(of))
        for at, style in ((BELOW, ":"), (1.0, "-"), (ABOVE, ":")):
            axes.axvline(at, color="0.6", linestyle=style)
        axes.set_title(f"{code} ({len(own[code])} judged)", fontsize="medium")
        axes.grid(alpha=0.3)
    for axes in panels.flat[len(codes) :]:
        axes.axis("off")
    for axes in panels.flat[max(0, len(codes) - ACROSS) : len(codes)]:  # the lowest of each column
        axes.set_xlabel("true size, 1 at the threshold")
        axes.tick_params(labelbottom=True)
    for axes in panels[:, 0]:
        axes.set_ylabel("share called")
    panels[0, 0].set(xlim=(0.0, 2.2), ylim=(-0.05, 1.05))
    figure.savefig(path, dpi=110)
    plot.close(figure)
