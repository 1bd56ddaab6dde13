"""What of a marker is seen in a recording or in pictures: DETECTION rows for the calibration."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import msgspec
import numpy as np

from shinline.app.detectors import make_detector
from shinline.config import Config
from shinline.eye import MAX_DETECTIONS
from shinline.geometry.shutter import date_rows
from shinline.sources.video import VideoError, VideoFile
from shinline.types import DETECTION, NS_PER_S, WINDOW, BoolArray, Frame, Role, Rows, U8Image
from shinline_cal.rigging.evidence import ObservationError, Place
from shinline_cal.rigging.still import rest

Progress = Callable[[str, float], None]

STILL_S: Final = 1.0
"""Pictures without times are taken to be so far apart."""

SAME_PLACE: Final = 0.5
"""Of its radius: a bar that is still within so much of where it lay has not been moved."""

SAME_SIZE: Final = 0.05
PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".pgm", ".webp"})


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was seen of the bar's marker, in order of time, and the last whole picture.

    ``rows`` may hold several of one picture: two markers on one string. ``problem`` tells why a
    recording ended early.
    """

    rows: Rows
    width_px: int
    height_px: int
    picture: U8Image
    problem: str = ""


class Finder:
    """Find ring markers as the bar's in one picture after another, each anywhere in it.

    A marker that hangs, swings or falls beside one that lies is found too: the search is over the
    whole picture each time, for here nothing is in a hurry.
    """

    def __init__(self, config: Config) -> None:
        marker = msgspec.structs.replace(config.marker, kind="ring")
        self._config = msgspec.structs.replace(config, marker=marker)
        self._detector = make_detector(self._config, None)
        self._out = np.zeros(MAX_DETECTIONS, DETECTION)
        self._nowhere = np.zeros(0, WINDOW)

    def find(self, luma: U8Image, t_ns: int) -> Rows:
        """Return the rows of one picture."""
        count = self._detector.detect(luma, t_ns, self._nowhere, self._out)
        rows = self._out[:count]
        date_rows(rows, luma.shape[0], self._config.rig.readout_ms)
        bars: Rows = rows[rows["role"] == Role.BAR].copy()
        return bars


def look(paths: Iterable[Path], config: Config, progress: Progress) -> Seen:
    """Look through recordings and pictures of one mount, in the order given.

    Raises
    ------
    VideoError
        A file is neither, or they differ in size.

    """
    finder = Finder(config)
    found: list[Rows] = []
    picture: U8Image | None = None
    problem, t0_ns = "", 0
    for path in paths:
        video = None if path.suffix.lower() in PICTURES else VideoFile(path)
        pictures = iter([_read(path)]) if video is None else video.frames()
        count = 1 if video is None else video.info.frames_estimate
        last_ns = 0
        for number, frame in enumerate(pictures):
            if picture is not None and picture.shape != frame.luma.shape:
                raise VideoError(
                    f"{path}: {_size(frame.luma)} pixels, where those before have "
                    f"{_size(picture)}: all must be of one mount in one mode"
                )
            picture, last_ns = frame.luma, frame.t_ns
            found.append(finder.find(frame.luma, t0_ns + frame.t_ns))
            progress(f"looking at {path.name}", min(1.0, (number + 1) / count))
        problem = (video.problem if video is not None else "") or problem
        t0_ns += last_ns + round(STILL_S * NS_PER_S)
    if picture is None:
        raise VideoError("no picture was given: expected a recording or pictures")
    height, width = picture.shape
    return Seen(np.concatenate(found), width, height, picture.copy(), problem)


def apart_from(rows: Rows, lying: Place | None) -> Rows:
    """Return the rows without those of the bar that lies where it was seen at rest.

    A marker on a string is mostly seen beside the bar's own, which is of the same kind.
    """
    if lying is None or not rows.size:
        return rows
    left = rows[~_of(rows, lying)]
    return left if left.size else rows


def meanwhile(rows: Rows, lying: Place) -> Place | None:
    """Return how the bar lay while something else was looked at; None where it was not in view.

    It shows whether the camera was touched between the steps.
    """
    try:
        return rest(rows[_of(rows, lying)])
    except ObservationError:
        return None


def _of(rows: Rows, lying: Place) -> BoolArray:
    off_px = np.hypot(rows["x_px"] - lying.x_px, rows["y_px"] - lying.y_px)
    same = np.abs(rows["r_px"] / lying.r_px - 1.0) < SAME_SIZE
    return np.asarray((off_px < SAME_PLACE * lying.r_px) & same)


def _read(path: Path) -> Frame:
    luma = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if luma is None:
        raise VideoError(f"{path}: cannot be read as a picture")
    return Frame(0, 0, 0, np.asarray(luma, np.uint8))


def _size(luma: U8Image) -> str:
    return f"{luma.shape[1]} x {luma.shape[0]}"
