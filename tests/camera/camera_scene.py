"""What the virtual camera is shown: pictures that say which they are, and a lift with its truth.

The bottom rows of a picture hold its number: sixteen cells, black for 0 and white for 1, the
highest first.
"""

import shutil
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from shinline.sim import Scenario, build
from shinline.sim.recording import Recording
from shinline.sim.scenario import CameraSetup, RepPlan
from shinline.types import NS_PER_S, U8Image

CELLS: Final = 16
CELL_ROWS: Final = 16
FRAMES: Final = Path("/scene/frames")
DESCRIPTION: Final = Path("/usr/share/libcamera/pipeline/virtual/virtual.yaml")
"""Compiled into libcamera: there is one, and it is read whenever the cameras are listed."""

LIFT_SIZE: Final = (640, 400)
LIFT_RATE_HZ: Final = 50.0
BEFORE_S: Final = 1.5
AFTER_S: Final = 1.2


def number(luma: U8Image, number_: int) -> None:
    """Write a number into the bottom of a picture."""
    cell = luma.shape[1] // CELLS
    for place in range(CELLS):
        bit = number_ >> (CELLS - 1 - place) & 1
        luma[-CELL_ROWS:, place * cell : (place + 1) * cell] = 235 if bit else 20


def number_of(luma: U8Image) -> int:
    """Read the number of a picture."""
    cell = luma.shape[1] // CELLS
    strip = luma[-CELL_ROWS + 4 : -4, : cell * CELLS].reshape(-1, CELLS, cell)
    bits = strip[:, :, 4:-4].mean(axis=(0, 2)) > 128.0
    return int("".join("1" if bit else "0" for bit in bits), 2)


def show(name: str, size: tuple[int, int], pictures: list[U8Image]) -> None:
    """Make the virtual camera show these pictures, over and over."""
    shutil.rmtree(FRAMES, ignore_errors=True)
    FRAMES.mkdir(parents=True)
    for index, picture in enumerate(pictures):
        assert picture.shape[::-1] == size
        cv2.imwrite(str(FRAMES / f"{index}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 100])
    _describe(name, size, f'frames:\n    path: "{FRAMES}/"')


def show_bars(name: str, size: tuple[int, int]) -> None:
    """Make the virtual camera show upright bars, which cost it the least."""
    _describe(name, size, 'test_pattern: "bars"')


def _describe(name: str, size: tuple[int, int], content: str) -> None:
    DESCRIPTION.parent.mkdir(parents=True, exist_ok=True)
    DESCRIPTION.write_text(
        f"""%YAML 1.1
---
"{name}":
  supported_formats:
  - width: {size[0]}
    height: {size[1]}
    frame_rates:
    - 30
    - 120
  {content}
  location: "CameraLocationExternal"
  model: "{name}"
"""
    )


def few(size: tuple[int, int], count: int) -> list[U8Image]:
    """Return pictures of a grey slope, each with its number."""
    slope = np.linspace(30.0, 220.0, size[0]).astype(np.uint8)
    pictures = [np.tile(slope, (size[1], 1)) for _ in range(count)]
    for index, picture in enumerate(pictures):
        number(picture, index)
    return pictures


def lift() -> Recording:
    """Return one repetition whose bar swings away from the lifter, as a short film."""
    return build(
        Scenario(
            reps=(RepPlan(mean_velocity_mps=0.5, lockout_s=0.5, faults={"bar_forward": 0.12}),),
            settle_s=BEFORE_S,
            camera=CameraSetup(
                width_px=LIFT_SIZE[0],
                height_px=LIFT_SIZE[1],
                focal_px=620.0,
                distance_m=2.6,
                rate_hz=LIFT_RATE_HZ,
                exposure_s=0.001,
            ),
        )
    )


def film(recording: Recording, liftoff_s: float, touchdown_s: float) -> list[U8Image]:
    """Render what is about the lift itself, each picture with its number in the recording.

    libcamera keeps all pictures in memory, unpacked three times.
    """
    t_s = (recording.stamps_ns - recording.stamps_ns[0]) / NS_PER_S
    wanted = np.flatnonzero((t_s > liftoff_s - BEFORE_S) & (t_s < touchdown_s + AFTER_S))
    pictures = [recording.frame(int(seq)).luma for seq in wanted]
    for seq, picture in zip(wanted, pictures, strict=True):
        number(picture, int(seq))
    return pictures
