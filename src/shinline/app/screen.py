"""The live line on the terminal, and the events above it."""

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from shinline.app.meter import Meter
from shinline.app.report import marks_text
from shinline.engine import Engine
from shinline.types import (
    CameraEvent,
    CueEvent,
    Event,
    Phase,
    PhaseEvent,
    Plan,
    PlanEvent,
    RepEvent,
    RepKind,
    Role,
    SetEvent,
    Severity,
)

REFRESH_S: Final = 0.1

WORDS: Final[dict[Phase, str]] = {
    Phase.IDLE: "waiting for the bar",
    Phase.READY: "ready",
    Phase.SLACK: "slack",
    Phase.PULL: "pull",
    Phase.LOCKOUT: "top",
    Phase.LOWERING: "down",
    Phase.FLOOR: "floor",
}

STYLES: Final[dict[Severity, str]] = {
    Severity.FAULT: "bold red",
    Severity.STOP: "bold white on red",
    Severity.WARN: "yellow",
    Severity.GOOD: "green",
    Severity.INFO: "dim",
}


class Screen:
    """Use it in a ``with`` statement; without a terminal it prints events only."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._phase = Phase.IDLE
        self._next_s = 0.0

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

    def warn(self, text: str) -> None:
        """Print a problem; safe from any thread."""
        self._console.print(Text(text, style="yellow"))

    def event(self, event: Event) -> None:
        """Print what a lifter would want to know."""
        if isinstance(event, PhaseEvent):
            self._phase = event.phase
        elif isinstance(event, CueEvent):
            self._console.print(Text(f"  cue  {event.text}", style=STYLES[event.severity]))
        elif isinstance(event, PlanEvent):
            self._console.print(Text(f"  plan {plan_words(event.plan)}", style="dim"))
        elif isinstance(event, SetEvent):
            for advice in event.advice:
                self._console.print(Text(f"  try  {advice.text} ({advice.reason})"))
        elif isinstance(event, CameraEvent):
            style = STYLES[Severity.WARN if event.changed else Severity.GOOD]
            self._console.print(Text(f"  camera  {event.text}", style=style))
        elif isinstance(event, RepEvent) and event.kind is RepKind.VOID:
            self._console.print(Text(f"  not a rep: {event.reason}", style="dim"))
        elif isinstance(event, RepEvent) and event.rep is not None:
            rep = event.rep
            speed = rep.mean_velocity_mps
            text = "speed not judged" if speed is None else f"{speed:.2f} m/s"
            line = Text(f"  rep {rep.rep}: {100 * rep.rom_m:.0f} cm, {text}")
            self._console.print(line + marks_text(rep))

    def line(self, engine: Engine, meter: Meter, dropped: int) -> None:
        """Refresh the live line, at most ten times a second."""
        now_s = time.monotonic()
        if now_s < self._next_s or not self._live.is_started:
            return
        self._next_s = now_s + REFRESH_S
        bar = engine.states[Role.BAR]
        speed = float(bar["vy_mps"])
        latency = meter.latency_ms(50.0)
        self._live.update(
            Text(
                f"{WORDS[self._phase]:<20} rep {engine.rep_number}   {speed:+.2f} m/s   "
                f"latency {latency or 0.0:.1f} ms   dropped {dropped}"
            ),
            refresh=True,
        )


def plan_words(plan: Plan) -> str:
    """Say who lifts what, in one line."""
    parts = [plan.lifter, plan.lift.replace("_", " "), f"{plan.load_kg:g} kg"]
    if plan.target_reps:
        parts.append(f"{plan.target_reps} reps")
    if plan.target_rpe is not None:
        parts.append(f"RPE {plan.target_rpe:g}")
    if plan.mode != "standard":
        parts.append(f"{plan.mode} mode")
    return " · ".join([*parts, "muted"] if plan.muted else parts)
