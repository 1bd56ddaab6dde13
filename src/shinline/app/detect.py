"""``shinline detect``: markers in single pictures."""

from collections.abc import Iterable
from math import sqrt
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from shinline.types import Role, U8Image
from shinline.vision.plate import FOUND_SUPPORT, PlateFinder
from shinline.vision.ring import detect_image

MOST_PLATES: Final = 8


def detect_files(images: Iterable[Path], marker: str) -> list[dict[str, Any]]:
    """Return one entry per picture, in the form of ``--json``.

    Raises
    ------
    OSError
        A file is missing or is no picture.

    """
    return [{"file": str(path), "detections": _detect(read_luma(path), marker)} for path in images]


def read_luma(path: Path) -> U8Image:
    """Read a picture's luma.

    Raises
    ------
    OSError
        The file is missing or is no picture.

    """
    data = np.frombuffer(path.read_bytes(), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    if picture is None:
        raise OSError(f"{path}: is no picture; expected a file such as .png or .jpg")
    return np.asarray(picture, np.uint8)


def _detect(luma: U8Image, marker: str) -> list[dict[str, Any]]:
    if marker == "plate":
        rims = PlateFinder(*luma.shape).candidates(luma, MOST_PLATES)
        return [
            _entry(i, "bar", r.x_px, r.y_px, r.r_px, r.var_x_px2 + r.var_y_px2)
            for i, r in enumerate(rim for rim in rims if rim.support >= FOUND_SUPPORT)
        ]
    return [
        _entry(
            i,
            Role(int(row["role"])).name.lower(),
            float(row["x_px"]),
            float(row["y_px"]),
            float(row["r_px"]),
            float(row["var_x_px2"] + row["var_y_px2"]),
        )
        for i, row in enumerate(detect_image(luma))
    ]


def _entry(
    number: int, role: str, x_px: float, y_px: float, r_px: float, variance: float
) -> dict[str, Any]:
    """``sd_px`` is per axis, the root mean square of the two."""
    return {
        "x_px": x_px,
        "y_px": y_px,
        "r_px": r_px,
        "sd_px": sqrt(0.5 * variance),
        "role": role,
        "id": number,
    }
