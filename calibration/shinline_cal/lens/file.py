"""Lens files: how one camera in one mode draws, kept as ``<serial>.toml``."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from shinline import config as configuration
from shinline.config import ConfigError, Distortion
from shinline.geometry.lens import Lens
from shinline_cal import files
from shinline_cal.lens.model import NAMES

DIOPTRES_APART: Final = 0.1
"""The focal length of a lens of 5 mm changes by 0.05 % when its focus moves by so much."""

SidePx = Annotated[int, Meta(ge=16, le=16384)]
FocalPx = Annotated[float, Meta(gt=0.0, le=100000.0)]
CentrePx = Annotated[float, Meta(ge=-10000.0, le=20000.0)]
ErrorPx = Annotated[float, Meta(ge=0.0, le=10000.0)]


class LensError(ConfigError):
    """The lens file cannot be read, written or used; the message names it and says why."""


class LensFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A camera's lens, measured on one day, or taken from its maker's figures.

    The constructor does not check ranges; :func:`load` and :func:`save` do.

    Attributes
    ----------
    serial
        Of the camera or the device it is part of; also the file's name.
    camera
        Model of the camera, such as ``imx708``.
    width_px, height_px
        The mode in which it was calibrated: another mode shows another part of the scene.
    mode
        What part of the sensor was read out, such as ``1536x864-10``; empty when not known.
    lens_position
        Where the focus stood, in dioptres; None when it cannot be moved.
    date
        Day of the calibration, as the device's own calendar had it.
    source
        ``calibrated`` from pictures of the chart, or ``nominal`` from the maker's figures.
    fx_px, fy_px, cx_px, cy_px, k1, k2, p1, p2, k3
        The lens, as :class:`shinline.geometry.lens.Lens` takes it.
    focal_rel_sd
        Standard deviation of the focal length over the focal length.
    centre_sd_px
        Standard deviation of each coordinate of the optical centre.
    k1_sd
        Of the distortion: a ray at the distance r from the axis is unsure by ``k1_sd`` r^3.
    worst_px
        Standard deviation of a point's place where in the picture it is largest, 0 when nominal.
    rms_px
        RMS residual of the fit, 0 when nominal.
    held_out_px
        RMS error at views that the fit did not see, 0 when nominal.
    views
        How many pictures it stands on, 0 when nominal.
    coverage
        Share of the picture in which the chart was seen.
    notes
        Anything a person should know.

    """

    serial: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
    camera: Annotated[str, Meta(min_length=1, max_length=64)]
    width_px: SidePx
    height_px: SidePx
    date: date
    source: Literal["calibrated", "nominal"]
    fx_px: FocalPx
    fy_px: FocalPx
    cx_px: CentrePx
    cy_px: CentrePx
    k1: Distortion
    k2: Distortion
    p1: Distortion
    p2: Distortion
    k3: Distortion
    focal_rel_sd: Annotated[float, Meta(ge=0.0, le=0.5)]
    centre_sd_px: Annotated[float, Meta(ge=0.0, le=1000.0)]
    k1_sd: Annotated[float, Meta(ge=0.0, le=2.0)]
    worst_px: ErrorPx = 0.0
    rms_px: ErrorPx = 0.0
    held_out_px: ErrorPx = 0.0
    views: Annotated[int, Meta(ge=0, le=100000)] = 0
    coverage: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    mode: Annotated[str, Meta(max_length=64)] = ""
    lens_position: Annotated[float, Meta(ge=0.0, le=100.0)] | None = None
    notes: Annotated[str, Meta(max_length=2000)] = ""

    @property
    def lens(self) -> Lens:
        """The lens itself."""
        return Lens(*(getattr(self, name) for name in NAMES))


def load(path: Path) -> LensFile:
    """Read a lens file.

    Raises
    ------
    LensError
        The file is missing, is no TOML, has an unknown or lacks a known key, or a value is out of
        its range, infinite or not a number.

    """
    return files.load(path, LensFile, LensError)


def save(path: Path, lens: LensFile) -> None:
    """Write a lens file in one step: after a power cut there is the old file or the new one.

    Raises
    ------
    LensError
        A value is out of its range, or the file cannot be written. An older file is untouched.

    """
    files.save(path, lens, LensError)


def to_config(
    lens: LensFile,
    width_px: int,
    height_px: int,
    camera: str = "",
    lens_position: float | None = None,
    serial: str = "",
    mode: str = "",
) -> configuration.Lens:
    """Return the configuration's section for a camera as it is now.

    Parameters
    ----------
    lens
        As loaded.
    width_px, height_px
        Size of the frames that the camera delivers now.
    camera, serial, mode
        The camera's model and serial and the sensor's mode; empty when they are not known.
    lens_position
        Where its focus stands, in dioptres; None when that is not known or it cannot be moved.

    Raises
    ------
    LensError
        The file is another camera's, or was made in another mode or with another focus.

    """
    what = f"the lens file of {lens.serial}"
    if serial and serial != lens.serial:
        raise LensError(f"{what} is not this camera's, which is {serial}: calibrate this one")
    if camera and camera != lens.camera:
        raise LensError(f"{what} is of a camera {lens.camera}, and this one is a {camera}")
    _same_picture(what, lens, (width_px, height_px), mode)
    _same_focus(what, lens, lens_position)
    names = (*NAMES, "focal_rel_sd", "centre_sd_px", "k1_sd")
    return configuration.Lens(**{name: getattr(lens, name) for name in names})


def _same_picture(what: str, lens: LensFile, size_px: tuple[int, int], mode: str) -> None:
    """Refuse another size, and another part of the sensor in a picture of the same size."""
    if size_px != (lens.width_px, lens.height_px):
        raise LensError(
            f"{what} was made at {lens.width_px} x {lens.height_px} pixels, and the camera "
            f"delivers {size_px[0]} x {size_px[1]}: calibrate in this mode, or run in that one"
        )
    if mode and lens.mode and mode != lens.mode:
        raise LensError(
            f"{what} was made in the sensor's mode {lens.mode}, and the camera is in {mode}: "
            "calibrate in this mode, or run in that one"
        )


def _same_focus(what: str, lens: LensFile, lens_position: float | None) -> None:
    if lens_position is None or lens.lens_position is None:
        return
    if abs(lens_position - lens.lens_position) > DIOPTRES_APART:
        raise LensError(
            f"{what} was made with the focus at {lens.lens_position:.2f} dioptres, and it now "
            f"stands at {lens_position:.2f}: a lens draws larger when it is focused nearer"
        )
