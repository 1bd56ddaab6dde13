"""How long a sensor takes to read its rows out, one after the other. No device."""

from typing import Final

from shinline_pi.modes import Mode

GLOBAL: Final = frozenset({"imx296", "ov9281", "ov9282", "ov7251"})
"""Sensors that expose all rows at once."""

LINE_US: Final = {
    ("imx708", 1536): 5216 / 566.4,
    ("imx708", 2304): 7824 / 585.6,
    ("imx477", 1332): 6664 / 840.0,
    ("imx477", 2028): 12740 / 840.0,
    ("imx219", 640): 3448 / 182.4,
    ("imx219", 1640): 3448 / 182.4,
    ("imx219", 1920): 3448 / 182.4,
    ("imx219", 3280): 3448 / 182.4,
}
"""By sensor and width of the mode: pixels of a line with its pause, by pixels per microsecond, both
as in the sensor's driver in the Raspberry Pi kernel (``drivers/media/i2c``)."""


def readout_ms(model: str, mode: Mode, configured_ms: float) -> float:
    """Return how much later the last row is exposed than the first; 0 for a global shutter.

    A configured number goes before the table, except where there is nothing to read out. 0 too for
    a sensor that is in no table: then the rows of a picture differ by as much as nobody knows. So
    it is where the mode is faster than the table allows, as old drivers had it for the IMX219.

    Parameters
    ----------
    model
        As libcamera names it, such as ``imx708_wide``.
    configured_ms
        ``readout_ms`` of the configuration's ``[rig]``; 0 when not given.

    """
    sensor = model.partition("_")[0]
    if sensor in GLOBAL:
        return 0.0
    if configured_ms > 0.0:
        return configured_ms
    line_us = LINE_US.get((sensor, mode.width_px), 0.0)
    readout_us = (mode.height_px - 1) * line_us
    return readout_us / 1e3 if readout_us < 1e6 / mode.rate_hz else 0.0
