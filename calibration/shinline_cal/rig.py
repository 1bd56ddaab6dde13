"""Rig files: how one camera stands, measured once and kept as ``<serial>.toml``.

A rig file belongs to one camera in one mode. What it says goes into the configuration of a
session, and with it into the session's record, so that a later calibration changes no old numbers.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from shinline import config as configuration
from shinline.config import Config, ConfigError, Lens, Rest, Way
from shinline.types import CameraIdentity
from shinline_cal import files

SidePx = Annotated[int, Meta(ge=16, le=16384)]
ResidualPx = Annotated[float, Meta(ge=0.0, le=100.0)]

FIXED_FOCUS: Final = -1.0
SAME_FOCUS: Final = 0.05
"""Dioptres: a step of the lens's motor is a tenth of that. At 2.5 m it is 30 cm of focus, and two
thousandths of the focal length."""

SAME_PRINT: Final = 0.05
"""A marker whose configured size differs by more from the measured one is another marker."""

_LEVEL: Final = configuration.Rig()


class RigError(ConfigError):
    """The rig file cannot be read, written or used; the message names it and says why."""


class Rig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One camera as it was mounted on one day.

    The constructor does not check ranges; :func:`load` and :func:`save` do.

    Attributes
    ----------
    serial
        Of the camera or the device it is part of; also the file's name.
    camera
        Model of the camera, such as ``imx708``.
    width_px, height_px
        The mode in which it was calibrated: another mode may show another part of the scene.
    date
        Day of the calibration, as the device's own calendar had it.
    roll_deg
        Positive when a plumb line leans to the right at its upper end in the picture.
    roll_sd_deg
        Standard deviation of the roll.
    scale_rel_sd
        Standard deviation of metres per pixel, divided by metres per pixel.
    mode
        What part of the sensor was read out, as the camera names it; empty: any.
    lens_position
        The focus, dioptres; negative where the lens cannot be moved by software.
    pitch_deg, azimuth_deg
        The other two angles of :class:`shinline.geometry.view.View`, and their sds. They count only
        where there is a lens.
    distance_m, camera_height_m
        From the lens to the lifting plane, and above the floor; 0 where not known. For people: the
        scale comes from the marker, each time anew.
    marker_diameter_m
        Of the bar marker's black disc as somebody measured it on the print; 0 where nobody did.
    off_axis_m
        How far from the bar's axis its marker sits, from how it went up and down while the bar was
        rolled, or round while its plate was turned; 0 where that was not seen.
    spread
        Ways in which the calibration may be wrong, see :class:`shinline.config.Rig`.
    lens
        Drawn through; without a focal length there is none.
    lens_source
        ``calibrated``, ``nominal`` or ``none``.
    rest
        How the bar looked where it lay.
    residuals_px
        RMS distance of what was seen from where the calibration has it, by the name of each
        observation; empty for values set by hand.
    notes
        Anything a person should know: lens, stand, light.

    """

    serial: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
    camera: Annotated[str, Meta(min_length=1, max_length=64)]
    width_px: SidePx
    height_px: SidePx
    date: date
    roll_deg: Annotated[float, Meta(ge=-45.0, le=45.0)]
    roll_sd_deg: Annotated[float, Meta(ge=0.0, le=45.0)]
    scale_rel_sd: Annotated[float, Meta(ge=0.0, le=0.5)]
    mode: Annotated[str, Meta(max_length=64)] = ""
    lens_position: Annotated[float, Meta(ge=-1.0, le=100.0)] = FIXED_FOCUS
    pitch_deg: Annotated[float, Meta(ge=-45.0, le=45.0)] = _LEVEL.pitch_deg
    pitch_sd_deg: Annotated[float, Meta(ge=0.0, le=45.0)] = _LEVEL.pitch_sd_deg
    azimuth_deg: Annotated[float, Meta(ge=-60.0, le=60.0)] = _LEVEL.azimuth_deg
    azimuth_sd_deg: Annotated[float, Meta(ge=0.0, le=45.0)] = _LEVEL.azimuth_sd_deg
    distance_m: Annotated[float, Meta(ge=0.0, le=100.0)] = 0.0
    camera_height_m: Annotated[float, Meta(ge=-5.0, le=10.0)] = 0.0
    marker_diameter_m: Annotated[float, Meta(ge=0.0, le=0.3)] = 0.0
    off_axis_m: Annotated[float, Meta(ge=0.0, le=0.2)] = 0.0
    spread: tuple[Way, ...] = ()
    lens_source: Literal["calibrated", "nominal", "none"] = "none"
    residuals_px: dict[str, ResidualPx] = {}
    lens: Lens = Lens()
    rest: Rest = Rest()
    notes: Annotated[str, Meta(max_length=2000)] = ""

    @property
    def residual_px(self) -> float | None:
        """The worst of ``residuals_px``; None where there is none."""
        return max(self.residuals_px.values(), default=None)


def load(path: Path) -> Rig:
    """Read a rig file.

    Raises
    ------
    RigError
        The file is missing, is no TOML, has an unknown or lacks a known key, or a value is out of
        its range, infinite or not a number.

    """
    return files.load(path, Rig, RigError)


def save(path: Path, rig: Rig) -> None:
    """Write a rig file in one step: after a power cut there is the old file or the new one.

    Raises
    ------
    RigError
        A value is out of its range, or the file cannot be written. An older file is untouched.

    """
    files.save(path, rig, RigError)


def apply(rig: Rig, config: Config, camera: CameraIdentity) -> Config:
    """Return the configuration with what the rig knows of the camera.

    Parameters
    ----------
    rig, config
        Neither is changed.
    camera
        The camera as it runs now.

    Raises
    ------
    RigError
        The rig is another camera's, or was calibrated in another mode or focus.

    """
    problem = misfit(rig, camera)
    if problem:
        raise RigError(problem)
    pose = configuration.Rig(
        roll_deg=rig.roll_deg,
        roll_sd_deg=rig.roll_sd_deg,
        pitch_deg=rig.pitch_deg,
        pitch_sd_deg=rig.pitch_sd_deg,
        azimuth_deg=rig.azimuth_deg,
        azimuth_sd_deg=rig.azimuth_sd_deg,
        scale_rel_sd=rig.scale_rel_sd,
        readout_ms=config.rig.readout_ms,
        off_axis_m=rig.off_axis_m,
        spread=rig.spread,
        rest=rig.rest,
        name=f"{rig.serial}, {rig.date.isoformat()}",
    )
    marker = config.marker
    if abs(rig.marker_diameter_m / marker.diameter_m - 1.0) < SAME_PRINT:
        marker = msgspec.structs.replace(marker, diameter_m=rig.marker_diameter_m)
    return msgspec.structs.replace(config, rig=pose, lens=rig.lens, marker=marker)


def apply_file(path: Path, config: Config, camera: CameraIdentity) -> Config:
    """Return the configuration with what a rig file knows; the entry point ``file``.

    Raises
    ------
    RigError
        As :func:`load` and :func:`apply`, with the file's name.

    """
    rig = load(path)
    try:
        return apply(rig, config, camera)
    except RigError as problem:
        raise RigError(f"{path}: {problem}") from None


def misfit(rig: Rig, camera: CameraIdentity) -> str:
    """Say why the rig cannot be used with a camera; empty when it can."""
    whose = f"rig {rig.serial} ({rig.date.isoformat()})"
    if camera.serial and camera.serial != rig.serial:
        return f"{whose} belongs to another camera; this one is {camera.serial}: calibrate it"
    if (camera.width_px, camera.height_px) != (rig.width_px, rig.height_px):
        return (
            f"{whose} was calibrated at {rig.width_px} x {rig.height_px} pixels, and the camera "
            f"delivers {camera.width_px} x {camera.height_px}: calibrate in this mode, or run in "
            "that one"
        )
    if camera.model and camera.model != rig.camera:
        return f"{whose} was calibrated with a camera {rig.camera}, and this is a {camera.model}"
    if rig.mode and camera.mode and rig.mode != camera.mode:
        return (
            f"{whose} was calibrated in the sensor's mode {rig.mode}, and it runs in "
            f"{camera.mode}: another mode may show another part of the scene"
        )
    moved = camera.lens_position is not None and rig.lens_position >= 0.0
    if moved and abs(rig.lens_position - (camera.lens_position or 0.0)) > SAME_FOCUS:
        return (
            f"{whose} was calibrated with the lens focused at {rig.lens_position:.2f} dioptres, "
            f"and it stands at {camera.lens_position:.2f}: the lens was moved; focus it as it was, "
            "or calibrate again"
        )
    return ""
