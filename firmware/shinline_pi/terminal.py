"""The twin of the panel on a terminal: the indicator named ``terminal`` prints what would show.

It has no button; the panel with simulated pins has one.
"""

import sys
from contextlib import ExitStack

from shinline.app.indicators import Ask
from shinline.config import Config
from shinline_pi.colours import Colour
from shinline_pi.panel import Panel, Trouble
from shinline_pi.signals import Signal


class Printer:
    """Prints each signal once, in a line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._standing: Signal | None = None

    def stand(self, signal: Signal) -> None:
        """Print what is shown from now on."""
        if signal is not self._standing:
            self._standing = signal
            self._print(signal)

    def once(self, signal: Signal, matters: bool = True) -> None:
        """Print what is shown once."""
        self._print(signal)

    def _print(self, signal: Signal) -> None:
        colour = "" if signal.colour is Colour.OFF else f"{signal.colour.value}, "
        said = f"simulated {self._name}: {colour}{signal.name} ({signal.meaning})"
        print(said, file=sys.stderr, flush=True)


def open_indicator(_config: Config, ask: Ask) -> Panel:
    """Open a panel of which nothing is wired, and everything is told."""
    return Panel(ask, Printer("light"), Printer("buzzer"), Trouble(), ExitStack())
