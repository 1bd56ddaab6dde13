"""What each flaw of a mount does to a position over one lift, in millimetres.

The error budget of one camera that sees a bar from the side. Every figure that the assistant shows
comes from these functions and from what was measured; lengths in metres, ``rom_m`` is the range of
motion of this lifter.
"""

from math import acos, cos, degrees, hypot, radians, sin, sqrt, tan
from typing import Final

MM: Final = 1000.0

PUT_DOWN_M: Final = 0.010
"""A bar's end is put down so much nearer or farther from one time to the next."""

SIDE_SHIFT_M: Final = 0.020
"""And goes so far along its own axis in a lift."""

EXCURSION_M: Final = 0.040
"""So far does a good lift go forth and back: what is foreshortened by a view at an angle."""

SPEED_MPS: Final = 2.0
"""Of a bar that is pulled very fast, or lowered briskly."""

SHARP_PX: Final = 0.7
"""The blur of a well-focused edge, as a standard deviation: optics and the pixel itself."""

RADIUS_REL_SD: Final = 0.0003
"""What paper, light and the lens do to a radius, however well it is measured."""

UNKNOWN_K1: Final = 0.1
"""The distortion that an unknown lens may have."""

UNKNOWN_FIELD: Final = 1.0
"""An unknown lens counts as having a focal length of so many picture widths, 53 degrees across."""


def lean(rom_m: float, roll_deg: float) -> float:
    """Return the false drift of an unknown roll: 9.6 mm a degree over 0.55 m."""
    return MM * rom_m * tan(radians(min(abs(roll_deg), 80.0)))


def put_down(rom_m: float, distance_m: float) -> float:
    """Return what another distance of the bar's end does to the range of motion."""
    return MM * rom_m * PUT_DOWN_M / distance_m


def parallax(off_axis_m: float, distance_m: float) -> float:
    """Return how far a bar seems to move that moves along the line of sight, off the axis."""
    return MM * abs(off_axis_m) * PUT_DOWN_M / distance_m


def squint(angle_deg: float) -> float:
    """Return what a view at an angle does: it foreshortens, and shows the bar's own shift."""
    angle = radians(min(abs(angle_deg), 90.0))
    return MM * (EXCURSION_M * (1.0 - cos(angle)) + SIDE_SHIFT_M * sin(angle))


def bend(rom_m: float, k1: float, ray: float) -> float:
    """Return what unknown distortion does, ``ray`` being the tangent of the widest angle used."""
    return MM * rom_m * abs(k1) * ray * ray


def marker(rom_m: float, m_per_px: float, sd_px: float, r_rel_sd: float | None) -> float:
    """Return how sure the height of a lift is: two centres, and a scale from the radius."""
    scale = rom_m * hypot(RADIUS_REL_SD, r_rel_sd or 0.0)
    return MM * hypot(sqrt(2.0) * sd_px * m_per_px, scale)


def blur_px(exposure_us: float, m_per_px: float) -> float:
    """Return how long the streak of a fast bar is: f v t / Z, and f / Z is pixels per metre."""
    return SPEED_MPS * exposure_us * 1e-6 / m_per_px


def blurred(m_per_px: float, sd_px: float, streak_px: float) -> float:
    """Return the centre's error in a streak. It stays where mid-exposure was; only noise grows.

    The Cramér-Rao bound of a disc's centre goes with the square root of the edge's blur.
    """
    edge_px = hypot(SHARP_PX, streak_px / sqrt(12.0))
    return MM * m_per_px * sd_px * sqrt(edge_px / SHARP_PX)


def scale(rom_m: float, rel_sd: float) -> float:
    """Return what a wrong scale does."""
    return MM * rom_m * rel_sd


def view_angle_deg(axis_ratio: float) -> float:
    """Return the angle at which a circle is seen, 0 .. 90, from its axes' ratio."""
    return degrees(acos(min(1.0, max(0.0, axis_ratio))))
