"""How a camera looks at the lifting plane: its lens, and three angles against gravity and plane.

The plane's frame: x to the right in the picture of a square view, y up along gravity, z out of the
plane toward the camera, along the bar. The camera's frame: x right, y down, z forward.
"""

from dataclasses import dataclass
from math import cos, sin

from shinline.geometry.lens import Lens

Matrix = tuple[float, float, float, float, float, float, float, float, float]
"""3 x 3, row by row."""


@dataclass(frozen=True, slots=True)
class View:
    """A lens, and where it is turned.

    ``roll_rad`` is positive when a plumb line leans to the right at its upper end in the picture,
    ``pitch_rad`` when the camera looks up, ``azimuth_rad`` when it stands to the right (toward
    the picture's right) of the plane's normal through what it looks at.
    """

    lens: Lens
    roll_rad: float
    pitch_rad: float
    azimuth_rad: float

    @property
    def rotation(self) -> Matrix:
        """The camera's axes in the plane's frame: rows right, down, forward."""
        cr, sr = cos(self.roll_rad), sin(self.roll_rad)
        cp, sp = cos(self.pitch_rad), sin(self.pitch_rad)
        ca, sa = cos(self.azimuth_rad), sin(self.azimuth_rad)
        down = (-sa * sp, -cp, -ca * sp)  # before the roll
        return (
            cr * ca - sr * down[0], -sr * down[1], -cr * sa - sr * down[2],
            cr * down[0] + sr * ca, cr * down[1], cr * down[2] - sr * sa,
            -sa * cp, sp, -ca * cp,
        )  # fmt: skip

    @property
    def up(self) -> tuple[float, float, float]:
        """Against gravity, in the camera's frame."""
        rotation = self.rotation
        return rotation[1], rotation[4], rotation[7]
