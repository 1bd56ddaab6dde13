"""The command: measure, and print. Of the rest of the benchmark nothing is loaded with it."""

import sys

from rich.console import Console

from shinline.app.bench.device.main import measure_device
from shinline.app.bench.device.report import report
from shinline.config import Config


def run_device(source: str | None, minutes: float, idle: bool) -> None:
    """Measure this machine with its camera for some minutes, and print a report.

    Raises
    ------
    CommandError, OSError
        There is no such source, or its camera cannot be used.

    """
    messages = Console(stderr=True)
    with messages.status(f"the whole program, for {minutes:g} minutes"):
        measured = measure_device(Config(), source, minutes, idle)
    sys.stdout.write(report(measured))
