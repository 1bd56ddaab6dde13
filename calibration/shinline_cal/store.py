"""Where the calibrations of a device are kept: one folder, with files named by the camera.

``rigs/<serial>.toml`` is in force; ``rigs/<serial>.png`` is the room as it looked then, and
``rigs/<serial>.steps/`` what was seen in each step; ``lenses/<serial>.toml`` is the lens.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np

from shinline import config as configuration
from shinline.types import DETECTION, CameraIdentity, Rows, U8Image
from shinline_cal import rig as rigs
from shinline_cal.files import name_of, replace
from shinline_cal.lens import file as lenses
from shinline_cal.lens.profiles import nominal


@dataclass(frozen=True, slots=True)
class Store:
    """The files of one camera, below ``folder``."""

    folder: Path
    serial: str

    @property
    def rig_path(self) -> Path:
        """The rig file."""
        return self.folder / "rigs" / f"{self.serial}.toml"

    @property
    def room_path(self) -> Path:
        """The room's picture."""
        return self.rig_path.with_suffix(".png")

    @property
    def lens_path(self) -> Path:
        """The lens file."""
        return self.folder / "lenses" / f"{self.serial}.toml"

    def steps_path(self, step: str) -> Path:
        """Return the file of what was seen in a step."""
        return self.rig_path.with_suffix(".steps") / f"{step}.npz"

    def rig(self) -> rigs.Rig | None:
        """Read the rig file; None when there is none.

        Raises
        ------
        RigError
            There is one that cannot be read.

        """
        return rigs.load(self.rig_path) if self.rig_path.exists() else None

    def room(self) -> U8Image | None:
        """Read the room's picture; None when there is none, or it cannot be read."""
        if not self.room_path.exists():
            return None
        luma = cv2.imread(str(self.room_path), cv2.IMREAD_GRAYSCALE)
        return None if luma is None else np.asarray(luma, np.uint8)

    def save(self, rig: rigs.Rig, room: U8Image | None) -> None:
        """Put a rig in force, with the room's picture.

        Raises
        ------
        RigError
            It cannot be written; the old one stays in force.

        """
        rigs.save(self.rig_path, rig)
        if room is None:
            self.room_path.unlink(missing_ok=True)
            return
        _, png = cv2.imencode(".png", room)
        try:
            replace(self.room_path, png.tobytes())
        except OSError as problem:
            raise rigs.RigError(f"{self.room_path}: {problem.strerror}") from None

    def lens(self, camera: CameraIdentity, profile: str = "") -> tuple[lenses.LensFile | None, str]:
        """Return the lens to be used with a camera, and why it is no better one.

        The measured one, else the maker's figures of a ``profile`` (the camera's model, if empty),
        else none.
        """
        size_px = (camera.width_px, camera.height_px)
        why = "the lens was not measured"
        if self.lens_path.exists():
            try:
                found = lenses.load(self.lens_path)
                lenses.to_config(
                    found, *size_px, camera.model, camera.lens_position, mode=camera.mode
                )
            except lenses.LensError as problem:
                why = str(problem)
            else:
                return found, ""
        try:
            return nominal(profile or camera.model, *size_px), why
        except lenses.LensError as problem:
            return None, f"{why}, and {problem}"


def store(folder: Path, camera: CameraIdentity | None) -> Store:
    """Return the store of a camera; one that does not say who it is shares a name with others."""
    return Store(folder, name_of(camera))


def save_step(path: Path, rows: Rows, about: dict[str, Any]) -> None:
    """Keep what was seen in a step; a disk that is full costs the resuming, nothing else."""
    kept = io.BytesIO()
    text = msgspec.json.encode(about).decode()
    np.savez_compressed(kept, rows=rows, about=np.array(text))
    replace(path, kept.getvalue())


def load_step(path: Path) -> tuple[Rows, dict[str, Any]] | None:
    """Read what was seen in a step; None when it was not kept or cannot be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            rows, text = kept["rows"], str(kept["about"])
        if rows.dtype != DETECTION:  # of another version
            return None
        return rows, msgspec.json.decode(text, type=dict[str, Any])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, msgspec.DecodeError):
        return None


def section(lens: lenses.LensFile | None) -> configuration.Lens:
    """Return a lens as the configuration holds it; an empty one where there is none."""
    if lens is None:
        return configuration.Lens()
    names = configuration.Lens.__struct_fields__
    return configuration.Lens(**{name: getattr(lens, name) for name in names})
