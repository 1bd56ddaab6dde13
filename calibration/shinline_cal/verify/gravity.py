"""Gravity where the test is done, and how well it is known."""

from math import radians, sin, sqrt
from typing import Final

from shinline_cal.verify.fit import Known

STANDARD_MPS2: Final = 9.80665
ANYWHERE: Final = (9.780, 9.833)
"""Sea level, from the equator to the poles."""

_LOCAL_SD_MPS2: Final = 3e-4
"""What mountains and the rock below add to the formula: tenths of mm/s^2 as a rule."""


def gravity(latitude_deg: float | None, height_m: float = 0.0) -> Known:
    """Return g by latitude and height (WGS 84, free air), or the standard value if unknown.

    Without a latitude its standard deviation is that of anywhere on Earth: 0.16 %.
    """
    if latitude_deg is None:
        return Known(STANDARD_MPS2, (ANYWHERE[1] - ANYWHERE[0]) / sqrt(12.0))
    s2 = sin(radians(latitude_deg)) ** 2
    surface = 9.7803253359 * (1.0 + 0.00193185265241 * s2) / sqrt(1.0 - 0.00669437999014 * s2)
    return Known(surface - 3.086e-6 * height_m, _LOCAL_SD_MPS2)
