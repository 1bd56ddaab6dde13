"""Calibrations in use: where they are kept, and the tool that makes them, if it is installed.

The product does not import its calibration tools (they import it). Like cameras they arrive by
name: an entry point of the group ``shinline.calibrators``, a function
``make(config, camera, folder)`` that returns a :class:`Calibrator`.
"""

import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from shinline import config as configuration
from shinline.config import Config, ConfigError
from shinline.types import CameraIdentity, FrameSource, Rows, U8Image

GROUP: Final = "shinline.calibrators"
NAME: Final = "rig"
READER: Final = "file"
CHECKOUT: Final = Path("calibration")


class Calibrator(Protocol):
    """Knows how the camera stands, and finds it out anew when asked to."""

    stale: tuple[str, ...]
    """Steps that a camera which has moved made worthless."""

    version: int
    """Goes up when another calibration is in force."""

    problem: str
    """Why none is, or what went wrong last; for a lifter."""

    rig: configuration.Rig | None
    lens: configuration.Lens | None
    room: U8Image | None
    """The room as it looked then, (H, W)."""

    @property
    def step_ready(self) -> bool:
        """Whether all that is needed was seen."""
        ...

    @property
    def wants_picture(self) -> bool:
        """Whether the next picture is to be handed over."""
        ...

    def applied(self, config: Config) -> Config:
        """Return a configuration with the calibration in force, if there is one."""
        ...

    def steps(self) -> list[dict[str, Any]]:
        """Return the steps as the phone shows them."""
        ...

    def offer(self, head: np.void, rows: Rows, size_px: tuple[int, int]) -> None:
        """Take in a FRAME row and its DETECTION rows; quick when no step is active."""
        ...

    def take_picture(self, luma: U8Image) -> None:
        """Keep a picture of the room."""
        ...

    def command(self, action: str, step: str, values: dict[str, float]) -> dict[str, Any]:
        """Do what the phone asks; ValueError says in plain words why it cannot be done."""
        ...

    def cancel(self) -> None:
        """Leave the active step."""
        ...

    def moved(self, changed: tuple[str, ...]) -> None:
        """Learn that the camera has moved, and by what that was seen."""
        ...

    def close(self) -> None:
        """End what runs in the background."""
        ...


def folder(config: Config) -> Path:
    """Return where calibrations are kept: as configured, in a checkout, else with the data."""
    if config.calibration.folder:
        return Path(config.calibration.folder).expanduser()
    if (CHECKOUT / "rigs").is_dir():
        return CHECKOUT
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "shinline" / "calibration"


def from_file(path: Path, config: Config, camera: CameraIdentity) -> Config:
    """Return a configuration with what a rig file says of a camera.

    Raises
    ------
    ConfigError
        The file cannot be read or is another mount's, or nothing is installed that reads it.

    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if READER not in found:
        raise ConfigError(f"{path}: the calibration tools that read it are not installed")
    read: Callable[[Path, Config, CameraIdentity], Config] = found[READER].load()
    return read(path, config, camera)


def calibrator(config: Config, source: FrameSource) -> Calibrator | None:
    """Return the calibrator for a source's camera; None where the tools are not installed."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if NAME not in found:
        return None
    camera: CameraIdentity | None = getattr(source, "identity", None)
    made: Calibrator = found[NAME].load()(config, camera, folder(config))
    return made
