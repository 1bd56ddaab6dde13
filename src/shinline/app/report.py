"""What the terminal shows of finished reps: a table, and below it what was judged."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shinline.types import NS_PER_S, CameraEvent, FaultVerdict, Rep, Severity

DASH: Final = "-"
UNITS: Final = {
    "m": (1000.0, 0, " mm"),
    "deg": (1.0, 0, "°"),
    "s": (1.0, 2, " s"),
    "m/s": (1.0, 2, " m/s"),
    "m/s2": (1.0, 1, " m/s²"),
    "ratio": (100.0, 0, " %"),
    "stops": (1.0, 0, " stops"),
}
"""How a verdict's value is shown: factor, digits, unit."""

STYLES: Final = {
    Severity.STOP: "bold red",
    Severity.FAULT: "bold red",
    Severity.WARN: "yellow",
}
"""Verdicts that are worth a word; of the others there are many."""

COLUMNS: Final = (
    "rep",
    "start\ns",
    "ROM\ncm",
    "mean\nm/s",
    "±\nm/s",
    "peak\nm/s",
    "up\ns",
    "fwd\nmm",
    "seen",
    "style",
)


def rep_table(reps: Iterable[Rep], title: str, zero_ns: int = 0) -> Table:
    """Build the table of finished reps; start times count from ``zero_ns``."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in COLUMNS:
        table.add_column(heading, justify="left" if heading == "style" else "right", no_wrap=True)
    for rep in reps:
        table.add_row(*_row(rep, zero_ns))
    return table


def _row(rep: Rep, zero_ns: int) -> list[str]:
    return [
        str(rep.rep),
        f"{(rep.start_ns - zero_ns) / NS_PER_S:.2f}",
        f"{100 * rep.rom_m:.1f}",
        _number(rep.mean_velocity_mps, 1, 3),
        _number(rep.mean_velocity_sd_mps, 1, 3),
        _number(rep.peak_velocity_mps, 1, 2),
        _number(rep.concentric_s, 1, 2),
        _number(rep.drift_forward_m, 1000, 0),
        f"{rep.tracked_ratio:.0%}",
        rep.style.value.replace("_", " "),
    ]


def print_reps(
    console: Console,
    reps: list[Rep],
    title: str,
    zero_ns: int = 0,
    camera: Sequence[CameraEvent] = (),
) -> None:
    """Print the table, below it what was judged of each rep, and whether the camera moved."""
    console.print(rep_table(reps, title, zero_ns) if reps else title)
    for rep in reps:
        console.print(Text(f"rep {rep.rep}: ") + faults_text(rep) + marks_text(rep))
    for line in unjudged_lines(reps):
        console.print(Text(line, style="dim"))
    if moved := camera_line(reps, camera):
        console.print(Text(moved, style="yellow"))


def camera_line(reps: Sequence[Rep], camera: Sequence[CameraEvent]) -> str:
    """Say in one line that the camera moved, and of which reps; empty when it did not."""
    marked = sum("camera_moved" in rep.marks for rep in reps)
    alarms = [event for event in camera if event.changed]
    if not (marked or alarms):
        return ""
    share = f" before {marked} of {counted(len(reps))} (numbers kept)" if marked else ""
    why = f": {alarms[-1].text}" if alarms else ""
    return f"camera moved{share}{why}"


def marks_text(rep: Rep) -> Text:
    """Name what a rep's numbers are to be read with, after what was judged of it."""
    return Text("".join(f" · {code.replace('_', ' ')}" for code in rep.marks), style="yellow")


def _number(value: float | None, factor: float, digits: int) -> str:
    return DASH if value is None else f"{factor * value:.{digits}f}"


def faults_text(rep: Rep) -> Text:
    """Say what was found, how much was fine, and of how much nothing is known."""
    if not rep.valid:
        return Text("not judged: " + "; ".join(rep.notes), style="yellow")
    parts = [_fault_words(fault) for fault in rep.faults if fault.severity in STYLES]
    judged = sum(fault.assessed for fault in rep.faults)
    if judged > len(parts):
        parts.append((f"{judged - len(parts)} fine", "green"))
    if len(rep.faults) > judged:
        parts.append((f"{len(rep.faults) - judged} not judged", "dim"))
    text = Text()
    for part in parts:
        text.append(" · " if text.plain else "").append(*part)
    return text


def unjudged_lines(reps: Sequence[Rep]) -> list[str]:
    """Say once for all reps what was not judged, and why: silence would read as "all fine"."""
    reasons: dict[tuple[str, str], list[int]] = {}
    for rep in reps:
        for fault in rep.faults:
            if rep.valid and not fault.assessed:
                reasons.setdefault((fault.code, fault.reason), []).append(rep.rep)
    groups: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for (code, reason), numbers in reasons.items():
        groups.setdefault((reason, tuple(numbers)), []).append(code.replace("_", " "))
    everyone = tuple(rep.rep for rep in reps if rep.valid)
    lines = []
    for (reason, those), codes in groups.items():
        which = "" if those == everyone else f" in rep {', '.join(map(str, those))}"
        lines.append(f"not judged{which}: {', '.join(codes)} ({reason})")
    return lines


def _fault_words(fault: FaultVerdict) -> tuple[str, str]:
    name = fault.code.replace("_", " ")
    if fault.value is None:
        return name, STYLES[fault.severity]
    factor, digits, unit = UNITS.get(fault.unit, (1.0, 2, f" {fault.unit}"))
    value = f"{factor * fault.value:.{digits}f}{unit}"
    least = "≥ " if "at_least" in fault.details else ""
    return f"{name} {least}{value}", STYLES[fault.severity]


def counted(reps: int) -> str:
    """Return "1 rep", "2 reps"."""
    return f"{reps} rep" if reps == 1 else f"{reps} reps"
