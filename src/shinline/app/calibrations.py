"""Calibrations in use: where they are kept, and how a rig file is read.

The product does not import its calibration tools (they import it). Like cameras they arrive by
name, as entry points of the group ``shinline.calibrators``: ``file`` is a function
``read(path, config, camera)``; for the other see :mod:`shinline.app.mounting.plugin`.
"""

import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from shinline.config import Config, ConfigError
from shinline.types import CameraIdentity

GROUP: Final = "shinline.calibrators"
READER: Final = "file"
CHECKOUT: Final = Path("calibration")


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
    for point in entry_points(group=GROUP, name=READER):
        read: Callable[[Path, Config, CameraIdentity], Config] = point.load()
        return read(path, config, camera)
    raise ConfigError(f"{path}: the calibration tools that read it are not installed")
