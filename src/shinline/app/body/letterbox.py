"""A picture laid whole into a network's input, and places in that input taken back."""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from shinline.types import BodyPicture, Frame, U8Image

STEP: Final = 4
"""A quarter of the camera's width: more than the networks for small machines take in."""

SMALLEST_PX: Final = 256
"""A picture is not reduced below so many pixels of its longer side."""

F32Array = NDArray[np.float32]

IMAGENET: Final = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of red, green and blue that networks are trained with."""


def small_copy(frame: Frame) -> BodyPicture:
    """Return a small copy of a frame; the borrowed picture itself is not kept."""
    height, width = frame.luma.shape
    step = max(1, min(STEP, max(height, width) // SMALLEST_PX))
    whole = frame.luma[: height - height % step, : width - width % step]
    small: Any = whole.copy() if step == 1 else None
    if small is None:
        size = whole.shape[1] // step, whole.shape[0] // step
        small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    return BodyPicture(frame.t_ns, small, step)


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture of some size lies in the input, and how large a pixel of the input is.

    ``x_px`` and ``y_px`` take a place in the input (its own pixels, whole numbers at their centres)
    back to the full picture.
    """

    left_px: float
    top_px: float
    across: float
    down: float
    """Full-size pixels to one of the input."""

    def x_px(self, x: float) -> float:
        """Take a column of the input back to the full picture."""
        return (x + 0.5 - self.left_px) * self.across - 0.5

    def y_px(self, y: float) -> float:
        """Take a row of the input back to the full picture."""
        return (y + 0.5 - self.top_px) * self.down - 0.5


def lay_in(picture: BodyPicture, input_px: tuple[int, int]) -> tuple[U8Image, Letterbox]:
    """Scale a picture into an input of (height, width) without bending it, black around it."""
    (height, width), (rows, columns) = input_px, picture.luma.shape
    share = min(height / rows, width / columns)
    tall, wide = max(1, round(rows * share)), max(1, round(columns * share))
    top, left = (height - tall) // 2, (width - wide) // 2
    how = cv2.INTER_AREA if share < 1.0 else cv2.INTER_LINEAR
    laid = np.zeros(input_px, np.uint8)
    laid[top : top + tall, left : left + wide] = cv2.resize(
        picture.luma, (wide, tall), interpolation=how
    )
    step = picture.step
    return laid, Letterbox(left, top, step * columns / wide, step * rows / tall)


def normalised(laid: U8Image, values: str, channels: int, first: bool) -> F32Array:
    """Return (1, H, W, channels), or channels ``first``, in the numbers that a network expects.

    The camera's brightness stands for every colour.
    """
    grey = laid.astype(np.float32)
    if values == "-1..1":
        grey = grey / 127.5 - 1.0
    elif values != "0..255":
        grey = grey / 255.0
    planes = np.repeat(grey[np.newaxis], channels, axis=0)
    if values == "imagenet":
        mean, spread = (np.array(each, np.float32)[:channels, None, None] for each in IMAGENET)
        planes = (planes - mean) / spread
    ordered = planes if first else np.moveaxis(planes, 0, -1)
    return np.ascontiguousarray(ordered[np.newaxis])
