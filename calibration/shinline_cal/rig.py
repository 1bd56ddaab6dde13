"""Rig files: how one camera stands, measured once and kept as ``<serial>.toml``.

A rig file belongs to one camera in one mode. What it says goes into the configuration of a
session, and with it into the session's record, so that a later calibration changes no old numbers.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from shinline import config as configuration
from shinline.config import Config, ConfigError
from shinline_cal.files import reason, replace, toml_value

SidePx = Annotated[int, Meta(ge=16, le=16384)]
ResidualPx = Annotated[float, Meta(ge=0.0, le=100.0)]


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
    residuals_px
        RMS misfit of each fit behind the numbers, by its name; empty for values set by hand.
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
    residuals_px: dict[str, ResidualPx] = {}
    notes: Annotated[str, Meta(max_length=2000)] = ""


def load(path: Path) -> Rig:
    """Read a rig file.

    Raises
    ------
    RigError
        The file is missing, is no TOML, has an unknown or lacks a known key, or a value is out of
        its range, infinite or not a number.

    """
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as problem:
        raise RigError(f"{path}: {reason(problem)}") from None


def save(path: Path, rig: Rig) -> None:
    """Write a rig file in one step: after a power cut there is the old file or the new one.

    Raises
    ------
    RigError
        A value is out of its range, or the file cannot be written. An older file is untouched.

    """
    try:
        text = _toml(rig)
        _parsed(text)  # the ranges are checked where they are checked when loading
        replace(path, text.encode())
    except (OSError, UnicodeEncodeError, msgspec.DecodeError) as problem:
        raise RigError(f"{path}: {reason(problem)}") from None


def apply(rig: Rig, config: Config, width_px: int, height_px: int) -> Config:
    """Return the configuration with the rig's roll and uncertainties.

    Parameters
    ----------
    rig, config
        Neither is changed.
    width_px, height_px
        Size of the frames that the camera delivers now.

    Raises
    ------
    RigError
        The rig was calibrated in another mode.

    """
    if (width_px, height_px) != (rig.width_px, rig.height_px):
        raise RigError(
            f"rig {rig.serial} was calibrated at {rig.width_px} x {rig.height_px} pixels, and the "
            f"camera delivers {width_px} x {height_px}: calibrate in this mode, or run in that one"
        )
    pose = configuration.Rig(
        roll_deg=rig.roll_deg, roll_sd_deg=rig.roll_sd_deg, scale_rel_sd=rig.scale_rel_sd
    )
    return msgspec.structs.replace(config, rig=pose)


def _parsed(text: str) -> Rig:
    return msgspec.toml.decode(text, type=Rig)


def _toml(rig: Rig) -> str:
    fields = msgspec.structs.asdict(rig)
    residuals = fields.pop("residuals_px")
    lines = [f"{name} = {toml_value(value)}" for name, value in fields.items()]
    lines += ["", "[residuals_px]"]
    lines += [f"{toml_value(name)} = {toml_value(value)}" for name, value in residuals.items()]
    return "\n".join(lines) + "\n"
