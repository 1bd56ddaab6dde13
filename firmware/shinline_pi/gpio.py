"""The Pi's pins through gpiozero, which comes with the system and only a device needs."""

import importlib
import warnings
from typing import Any, Final

NO_GPIOZERO: Final = (
    "gpiozero is not installed; expected: sudo apt install python3-gpiozero python3-lgpio"
)

NO_DRIVER: Final = (
    "nothing drives the pins here; expected: sudo apt install python3-lgpio, on a Raspberry Pi "
    "(GPIOZERO_PIN_FACTORY=mock simulates them elsewhere)"
)


def zero() -> Any:
    """Return gpiozero, with something that drives its pins.

    Raises
    ------
    RuntimeError
        It is not installed, or nothing drives the pins of this machine.

    """
    try:
        gpiozero = importlib.import_module("gpiozero")
    except ImportError:
        raise RuntimeError(NO_GPIOZERO) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # each driver that it tried before the one it has
            gpiozero.Device.ensure_pin_factory()
    except gpiozero.BadPinFactory:
        raise RuntimeError(NO_DRIVER) from None
    return gpiozero
