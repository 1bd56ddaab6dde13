"""Simulated pins that stay as they were driven when their process is killed, as a Pi's do.

``GPIOZERO_MOCK_PIN_CLASS=lastingpin`` makes gpiozero's mock factory use them. Every change is a
line of a file: the process, the pin, the state.
"""

import os
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockPin

LOG = Path("/var/lib/shinline/pins")


class LastingPin(MockPin):
    """A pin that begins as the last process left it."""

    def __init__(self, factory: Any, info: Any) -> None:
        super().__init__(factory, info)
        lines = LOG.read_text().splitlines() if LOG.exists() else []
        states = [line.split()[2] for line in lines if line.split()[1] == info.name]
        self._state = states[-1:] == ["1"]

    def _change_state(self, value: bool) -> bool:
        changed: bool = super()._change_state(value)
        if changed:
            with LOG.open("a") as log:
                log.write(f"{os.getpid()} {self.info.name} {int(value)}\n")
        return changed
