"""Switches off what a killed process left on: ``python -m shinline_pi.dark [CONFIG]``.

The kernel of Raspberry Pi OS leaves an output as it was when its process ends, so after SIGKILL a
buzzer may sound on and a lamp burn on until the next start. The service runs this at each of its
ends, before it is started again: it imports little, and nothing of the program.
"""

import sys
from pathlib import Path

from shinline import config as configuration
from shinline.config import Config, ConfigError
from shinline_pi import strip
from shinline_pi.gpio import zero

OUTPUTS = ("red_pin", "yellow_pin", "green_pin", "blue_pin", "buzzer_pin", "lamp_pin")


def dark(config: Config) -> None:
    """Drive every configured output low for a moment, and let go of it.

    Raises
    ------
    RuntimeError, OSError, gpiozero.GPIOZeroError
        A pin cannot be had: another process uses it, which then answers for it.

    """
    wired = config.indicators
    if wired.device != "gpio":
        return
    for pin in (getattr(wired, key) for key in OUTPUTS):
        if pin is not None:
            zero().DigitalOutputDevice(pin, initial_value=False).close()
    if wired.light == "strip":
        strip.Strip(strip.open_wire(), wired.strip_pixels).close()


def main(arguments: list[str]) -> str | None:
    """Do it; return what was in the way."""
    try:
        dark(configuration.load(Path(arguments[0])) if arguments else Config())
    except (ConfigError, RuntimeError, OSError) as problem:
        return f"shinline: {problem}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
