"""``shinline calibrate rig --source``: the steps on the terminal, with the camera running."""

from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from shinline.app import openers
from shinline.app.calibrations import folder as usual_folder
from shinline.app.plugins import CommandError
from shinline.config import Config
from shinline.types import FrameSource
from shinline_cal.live import RigCalibrator

SKIP: Final = "s"


def guide(config: Config, name: str, folder: Path | None, console: Console) -> None:
    """Walk through the steps, and save what stands up to the checks.

    Raises
    ------
    CommandError
        A step was given up, the camera ended, or the checks do not agree.

    """
    source, _ = openers.opener(config, name, None, lambda _what, _share: None)()
    where = folder if folder is not None else usual_folder(config)
    calibrator = RigCalibrator(config, getattr(source, "identity", None), where)
    try:
        for step in calibrator.steps():
            if step["state"] == "done":
                console.print(f"[green]seen before[/] {step['title']}: {step['text']}")
                continue
            _one(calibrator, source, step, console)
        told = calibrator.command("save", "", {})
    except ValueError as problem:
        raise CommandError(str(problem)) from None
    finally:
        calibrator.close()
        source.close()
    console.print(f"[bold green]{told['text']}[/]")


def _one(
    calibrator: RigCalibrator,
    source: FrameSource,
    step: dict[str, Any],
    console: Console,
) -> None:
    console.print(f"[bold]{step['title']}[/]: {step['text']}")
    asked = "Press Enter to begin" + (f", or {SKIP} to leave it out" if step["optional"] else "")
    answer = click.prompt(asked, default="", show_default=False)
    if step["optional"] and answer.strip().lower() == SKIP:
        calibrator.command("skip", step["id"], {})
        return
    calibrator.command("start", step["id"], {})
    now = _watch(calibrator, source, step["id"], console)
    if now["state"] == "failed":
        raise CommandError(f"{step['title']}: {now['text']}")
    console.print(f"  [green]{now['text']}[/]")


def _watch(
    calibrator: RigCalibrator, source: FrameSource, step: str, console: Console
) -> dict[str, Any]:
    """Feed the calibrator until the step is done or given up; return how it stands then."""
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        while True:
            now = next(one for one in calibrator.steps() if one["id"] == step)
            if now["state"] != "active":
                return now
            bar.update(task, completed=now["progress"], description=now["text"])
            frame = source.read()
            if frame is None:
                raise CommandError(f"{source.name} has ended in the middle of {now['title']!r}")
            calibrator.offer(frame)
