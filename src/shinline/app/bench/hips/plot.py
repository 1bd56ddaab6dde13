"""Draw how far off the turn of the trunk is, against its truth, by kind of scene."""

from collections.abc import Sequence
from pathlib import Path

from shinline.app.bench.hips.figures import errors_deg
from shinline.app.bench.hips.judging import Judged
from shinline.app.bench.hips.kinds import HARD, ORDINARY


def draw(path: Path, judged: Sequence[Judged]) -> None:
    """Write one panel for ordinary scenes and one for hard ones.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plot

    figure, panels = plot.subplots(
        1, 2, figsize=(15, 6), sharex=True, sharey=True, layout="constrained"
    )
    for axes, group in zip(panels, (ORDINARY, HARD), strict=True):
        mine = [each for each in judged if each.group == group]
        for kind in dict.fromkeys(each.kind for each in mine):
            sure = [each for each in mine if each.kind == kind and each.assessed]
            axes.errorbar(
                [each.true_deg for each in sure],
                errors_deg(sure),
                yerr=[each.sd_deg or 0.0 for each in sure],
                fmt="o", ms=4, lw=0.8, alpha=0.8, label=f"{kind} ({len(sure)})",
            )  # fmt: skip
        silent = [each.true_deg for each in mine if not each.assessed]
        axes.plot(silent, [0.0] * len(silent), "x", color="0.6", label=f"silent ({len(silent)})")
        axes.axhspan(-2.5, 2.5, color="0.93", zorder=0)
        axes.axhline(0.0, color="0.3", lw=0.8)
        axes.set(title=f"{group} scenes", xlabel="true turn of the trunk, deg",
                 ylabel="told minus true, deg; bars: the told sd")  # fmt: skip
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plot.close(figure)
