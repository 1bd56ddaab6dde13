"""The Raspberry Pi AI Camera: a pose network on its sensor (IMX500), read from the metadata.

picamera2 loads the network onto the sensor before the camera is configured, and gives its answers
as arrays. No picture is looked at here.
"""

import importlib
import logging
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from shinline.app.body.decode import decode, find_head
from shinline.app.body.joints import NearSide, body_points
from shinline.app.body.layouts import LAYOUTS, Layout
from shinline.app.body.letterbox import Letterbox
from shinline.app.body.network import model_file
from shinline.config import Config, ConfigError
from shinline.types import NS_PER_S, BodyPoints, FloatArray, FrameSource
from shinline_pi.silence import CameraError

_LOG = logging.getLogger(__name__)

MODEL: Final = "imx500"
"""Of the camera, as libcamera calls it, and the name of the body source."""

ANSWER: Final = "CnnOutputTensor"
"""In a frame's metadata: all numbers of the network's answer, where it has one."""

SENSOR_PX: Final = 4056, 3040
"""Of the whole sensor, in whose pixels the crops are."""

TAG_APART: Final = 1.0
"""Joints whose tags differ by more belong to two people (Newell, Associative Embedding)."""

MAP_STRIDE: Final = 2
"""Pixels of the input to a cell of the maps that HigherHRNet's answers count in."""


PERIOD_NS: Final = NS_PER_S // 10
"""No answer is read sooner after the one before: each costs the loop up to a millisecond."""

MOST_NUMBERS: Final = 10_000
"""In an answer. libcamera hands each over by itself: whole heat maps would hold every frame up."""


def open_body(config: Config, source: FrameSource | None) -> "AiCamera":
    """Return what the open camera's sensor answers: the entry point ``imx500``.

    Raises
    ------
    ConfigError
        The source is no AI Camera.

    """
    sensor = getattr(source, "body", None)
    if not isinstance(sensor, AiCamera):
        what = "a recording" if source is None else source.name
        raise ConfigError(
            f"body.source 'imx500' is the network on the sensor of a Raspberry Pi AI Camera: it "
            f"needs --source picamera with that camera, and cannot be had from {what}"
        )
    return sensor


class AiCamera:
    """Reads the joints out of the metadata of an AI Camera's frames; a body sensor.

    Parameters
    ----------
    config
        Names the network, an ``.rpk`` file made for this sensor.
    devices
        picamera2's module of that name, or what behaves like it; None: it is imported.

    Raises
    ------
    ConfigError
        The model is missing or not configured.
    CameraError
        The network cannot be loaded onto the sensor.

    """

    def __init__(self, config: Config, devices: Any = None) -> None:
        path = model_file(config)
        try:
            devices = devices or importlib.import_module("picamera2.devices.imx500")
            self._device: Any = devices.IMX500(os.fspath(path.absolute()))
        except ImportError as problem:
            raise CameraError(
                f"the AI Camera's tools cannot be loaded ({problem}); on Raspberry Pi OS: "
                "sudo apt install imx500-all python3-picamera2"
            ) from None
        except (RuntimeError, OSError, ValueError, KeyError) as problem:
            raise CameraError(f"body.model: {path}: the AI Camera refuses it: {problem}") from None
        self.camera_num = int(self._device.camera_num)
        columns, rows = self._device.config.get("input_tensor_size", (0, 0))
        if not (columns and rows):
            raise ConfigError(f"body.model: {path}: does not say the size of its input")
        self._where = str(Path(path))
        self._input_px = int(rows), int(columns)
        self._layout: Layout = LAYOUTS[config.body.layout]
        self._points = config.body.points
        self._side = NearSide(config.marker.facing, self._layout)
        self._found: BodyPoints | None = None
        self._due_ns = 0
        self.problem = ""
        """Why its answers cannot be read; empty: they can."""

    def note(self, metadata: dict[str, Any], t_ns: int, size_px: tuple[int, int]) -> None:
        """Take the sensor's answer out of a frame's metadata; many frames bring none.

        ``t_ns`` is the frame's, ``size_px`` the width and height of its picture.
        """
        self._found = None
        early = self._due_ns - PERIOD_NS <= t_ns < self._due_ns
        if self.problem or early or not metadata.get(ANSWER):
            return
        self._due_ns = t_ns + PERIOD_NS
        try:
            count = len(metadata[ANSWER])
            if count > MOST_NUMBERS:
                raise ValueError(
                    f"{self._where}: answers with {count} numbers; expected at most "
                    f"{MOST_NUMBERS}: a network that ends with its own post-processing"
                )
            outputs = self._device.get_outputs(metadata, add_batch=True)
            table = self._table([np.asarray(each, np.float32) for each in outputs or ()])
        except ValueError as problem:  # a ConfigError is one; the bar is followed all the same
            self.problem = str(problem)
            _LOG.warning("the AI Camera's answers are not used: %s", problem)
            return
        box = _seen_through(metadata, self._device.config.get("roi"), self._input_px, size_px)
        self._found = body_points(table, self._side.of(table), box, t_ns)

    def body_in_frame(self) -> BodyPoints | None:
        """Return what was found in the last frame; once."""
        found, self._found = self._found, None
        return found

    def close(self) -> None:
        """Keep the network: the camera may be opened again with it."""

    def _table(self, outputs: list[Any]) -> FloatArray:
        joints = self._layout.count
        shapes = [tuple(each.shape) for each in outputs]
        people = shapes[0][1] if shapes and len(shapes[0]) == 3 else 0
        if people and shapes == [(1, people, joints)] * 3:
            side = self._layout.right, self._layout.left
            pairs = [(each.hip, each.shoulder) for each in side]
            tags, places, sure = (each[0].astype(np.float64) for each in outputs)
            return one_person(tags, places, sure, pairs, self._input_px)
        head = find_head(list(shapes), joints, self._points, self._where)
        return decode(outputs[head.number], head.kind, self._input_px)


def one_person(
    tags: FloatArray,
    places: FloatArray,
    sure: FloatArray,
    pairs: list[tuple[int, int]],
    input_px: tuple[int, int],
) -> FloatArray:
    """Return the joints of the person whose hip and shoulder are surest, as ``decode`` does.

    HigherHRNet answers with the best peaks of each joint's map, (people, joints): a tag, the number
    of the map's cell, a confidence. Peaks of one person have like tags.
    """
    height, width = input_px[0] // MAP_STRIDE, input_px[1] // MAP_STRIDE
    best, tag = -1.0, 0.0
    for hip, shoulder in pairs:
        first = int(sure[:, hip].argmax())
        apart = np.abs(tags[:, shoulder] - tags[first, hip]) > TAG_APART
        both = float(sure[first, hip] + np.where(apart, 0.0, sure[:, shoulder]).max())
        if both > best:
            best, tag = both, float(tags[first, hip])
    sure = np.where(np.abs(tags - tag) > TAG_APART, 0.0, sure)
    chosen = sure.argmax(axis=0)
    every = np.arange(sure.shape[1])
    row, column = np.divmod(places[chosen, every].clip(0, height * width - 1), width)
    confidence = sure[chosen, every].clip(0.0, 1.0)
    across, down = ((v + 0.5) * MAP_STRIDE - 0.5 for v in (np.floor(column), np.floor(row)))
    grain = np.full(len(every), MAP_STRIDE * 12.0**-0.5)  # whole cells: nothing in between is told
    return np.column_stack([across, down, confidence, grain])


def _seen_through(
    metadata: dict[str, Any], roi: Any, input_px: tuple[int, int], size_px: tuple[int, int]
) -> Letterbox:
    """Return how the network's input lies in the picture: both are crops of the sensor.

    The network sees ``roi`` (the whole sensor unless it was told otherwise), stretched to its
    input; the picture shows ``ScalerCrop``. Both as (x, y, width, height) in the sensor's pixels.
    """
    left, top, wide, high = _rectangle(roi) or (0, 0, *SENSOR_PX)
    crop = _rectangle(metadata.get("ScalerCrop")) or (0, 0, *SENSOR_PX)
    crop_left, crop_top, crop_wide, crop_high = crop
    across = size_px[0] / crop_wide
    down = size_px[1] / crop_high
    rows, columns = input_px
    return Letterbox(
        (crop_left - left) * columns / wide,
        (crop_top - top) * rows / high,
        wide / columns * across,
        high / rows * down,
    )


def _rectangle(given: Any) -> tuple[int, int, int, int] | None:
    """Return libcamera's Rectangle, or four numbers, as four numbers; None for an empty one."""
    if given is None:
        return None
    x, y, width, height = given.to_tuple() if hasattr(given, "to_tuple") else given
    return (int(x), int(y), int(width), int(height)) if width and height else None
