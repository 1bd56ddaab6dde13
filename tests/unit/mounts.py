"""Cameras as they may be put up, and the calibration that would describe each exactly."""

from dataclasses import dataclass
from math import atan2, degrees

import msgspec
import numpy as np
from lifts import RING

from shinline.config import Config, Lens, Rig
from shinline.sim.camera import Camera, place_camera
from shinline.sim.scenario import CameraSetup
from shinline.types import Facing

FLOOR_M = -0.225


@dataclass(frozen=True)
class Mount:
    """A camera as it stands, and the calibration that would describe it exactly."""

    setup: CameraSetup
    facing: Facing = Facing.RIGHT

    @property
    def camera(self) -> Camera:
        return place_camera(self.setup, self.facing, np.array([0.0, 0.3, 0.0]), FLOOR_M)

    @property
    def pitch_deg(self) -> float:
        """The simulated camera is aimed at the bar first, and pitched from there."""
        rise_m = 0.3 - FLOOR_M - self.setup.height_m
        return self.setup.pitch_deg + degrees(atan2(rise_m, self.setup.distance_m))

    @property
    def config(self) -> Config:
        cx, cy = self.camera.centre_px
        lens = Lens(
            fx_px=self.setup.focal_px,
            fy_px=self.setup.focal_px,
            cx_px=cx,
            cy_px=cy,
            k1=self.setup.k1,
            focal_rel_sd=0.001,
            centre_sd_px=1.0,
            k1_sd=0.001,
        )
        rig = Rig(
            roll_deg=-self.setup.roll_deg,
            roll_sd_deg=0.05,
            pitch_deg=self.pitch_deg,
            pitch_sd_deg=0.2,
            azimuth_deg=self.setup.azimuth_deg * self.facing.sign,
            azimuth_sd_deg=0.3,
            scale_rel_sd=0.001,
        )
        marker = msgspec.structs.replace(RING.marker, facing=self.facing.value)
        return msgspec.structs.replace(RING, lens=lens, rig=rig, marker=marker)

    def disc(self, x_m: float, y_m: float, z_m: float, radius_m: float) -> tuple[float, ...]:
        """Return where a disc's centre is seen, its major semi-axis and axis ratio."""
        angle = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
        rim = np.stack(
            [x_m + radius_m * np.cos(angle), y_m + radius_m * np.sin(angle), np.full(64, z_m)],
            axis=-1,
        )
        seen = self.camera.project(rim)
        spread = seen - seen.mean(axis=0)
        least, most = np.sqrt(2.0 * np.linalg.eigvalsh(spread.T @ spread / 64))
        return (*self.camera.project(np.array([x_m, y_m, z_m])), most, least / most)


SLANTED = Mount(
    CameraSetup(
        width_px=1456,
        height_px=1088,
        focal_px=1739.0,
        distance_m=3.0,
        height_m=1.2,
        azimuth_deg=15.0,
        pitch_deg=3.0,
        roll_deg=1.0,
    )
)
"""One that stands high, to the side, and leans."""
