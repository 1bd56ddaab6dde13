"""The terminal while views are collected, and what is said of the lens afterwards."""

from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from shinline_cal.lens import coverage as cover
from shinline_cal.lens.accept import Calibration
from shinline_cal.lens.collect import Collector, Taken
from shinline_cal.lens.find import Trouble
from shinline_cal.lens.fit import MODELS
from shinline_cal.lens.model import unproject

FULL: Final = 4
"""So many corners in a cell are plenty."""

BAR: Final = 40
SHADES: Final = ("bright_black", "yellow", "green")
WORDS: Final[dict[Trouble, str]] = {
    Trouble.UNSEEN: "without the chart",
    Trouble.MIRRORED: "mirrored",
    Trouble.FEW: "with too little of the chart",
    Trouble.DIM: "too dark",
    Trouble.BLURRED: "blurred",
    Trouble.MOVING: "in motion",
    Trouble.ALIKE: "like another",
    Trouble.SIZE: "of another size",
}


class Guide:
    """Shows what is covered and what to do next; use it in a ``with`` statement.

    Without a terminal it shows nothing: nobody is holding a chart.
    """

    def __init__(self, console: Console, wanted: int) -> None:
        self._console = console
        self._wanted = wanted
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _value: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, collector: Collector, taken: Taken) -> None:
        """Refresh."""
        if self._live.is_started:
            self._live.update(drawn(collector, taken, self._wanted), refresh=True)


def drawn(collector: Collector, taken: Taken, wanted: int) -> Group:
    """Return the coverage picture, the sentence and the progress bars."""
    count = len(collector.views)
    lines = [*_cells(collector), Text()]
    lines.append(Text(collector.sentence(), style="bold"))
    done = BAR * min(count, wanted) // wanted
    lines.append(Text("━" * done, style="green") + Text("━" * (BAR - done), style="bright_black"))
    lines.append(Text(f"{count} of {wanted} views"))
    if taken.share:
        lines.append(Text(f"{taken.share:.0%} of the input", style="dim"))
    lines.append(Text("Ctrl-C stops and keeps what is collected", style="dim"))
    return Group(*lines)


def _cells(collector: Collector) -> Iterator[Text]:
    if collector.size_px is None:
        return
    for row in cover.counts(collector.views, collector.size_px):
        line = Text("  ")
        for count in row:
            shade = SHADES[0 if count == 0 else 1 if count < FULL else 2]
            line.append("▒▒▒ " if count == 0 else "███ ", style=shade)
        yield line


def refusals(collector: Collector) -> list[str]:
    """Return one line for each still picture that was refused, a sum for those of a stream."""
    if not collector.refused:
        return []
    if not collector.streamed:
        return [f"{name}: {refusal.text}" for name, refusal in collector.refused]
    parts = [f"{count} {WORDS[trouble]}" for trouble, count in collector.troubles().items()]
    return [f"looked at {collector.looked} pictures; not used: {', '.join(parts)}"]


def report(console: Console, result: Calibration) -> None:
    """Say how good a lens is."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("view", "corners", "blur px", "RMS px", "held out px"):
        table.add_column(heading, justify="left" if heading == "view" else "right")
    blur = {view.name: view.blur_px for view in result.views}
    trial = result.trials[result.model]
    rows = zip(result.fit.corners, result.fit.solution.view_rms_px, trial.view_px, strict=True)
    for view, rms_px, unseen_px in rows:
        table.add_row(
            view.name,
            str(len(view.ids)),
            f"{blur[view.name]:.2f}",
            f"{rms_px:.3f}",
            f"{unseen_px:.3f}",
        )
    console.print(table)
    for line in summary(result):
        console.print(Text(line))
    for remark in result.remarks:
        console.print(Text(f"note: {remark}", style="yellow"))


def summary(result: Calibration) -> list[str]:
    """Return the figures of a lens in words."""
    theta, known = result.fit.solution.theta, result.spread
    fx, fy, cx, cy = theta[:4]
    others = ", ".join(
        f"{model} {result.trials[model].rms_px:.3f}" for model in MODELS if model != result.model
    )
    ends = np.array([[-0.5, cy], [result.size_px[0] - 0.5, cy]])
    field = np.degrees(np.ptp(np.arctan(unproject(theta, ends)[:, 0])))
    return [
        f"focal length {fx:.1f}, {fy:.1f} px ± {100 * known.focal_rel_sd:.2g} % "
        f"({field:.0f} degrees across)",
        f"optical centre {cx:.1f}, {cy:.1f} px ± {known.centre_sd_px:.1f} px",
        f"distortion {result.model}: "
        + ", ".join(f"{value:+.4f}" for value in theta[4:])
        + f" ± {known.k1_sd:.4f} r^2",
        f"residual {result.fit.solution.rms_px:.3f} px RMS; views that the fit did not see: "
        f"{result.held_out_px:.3f} px (other models: {others})",
        f"where it is known least, a point is unsure by {known.worst_px:.2f} px (1 sd); "
        f"{result.coverage:.0%} of the picture covered",
    ]
