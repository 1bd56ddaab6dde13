"""``shinline detect --explain``: draw what the ring detector saw at every stage."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from shinline.app.detect import read_luma
from shinline.app.lettering import write
from shinline.types import DETECTION, WINDOW, Role, U8Image
from shinline.vision import ring_kernels as k
from shinline.vision.ring import RingDetector

GOOD: Final = (60, 220, 60)
BAD: Final = (70, 70, 255)
CROP_PX: Final = 260
SCALE: Final = 0.4  # of the letters
Guess = tuple[float, float, float, str]


def explain(luma: U8Image, path: Path) -> None:
    """Write a picture: the frame with every guess and why it was refused, below it each target.

    Raises
    ------
    OSError
        ``path`` cannot be written.
    """
    detector = RingDetector()
    out = np.zeros(len(Role), DETECTION)
    rows = out[: detector.detect(luma, 0, np.zeros(0, WINDOW), out)]
    guesses = list(_guesses(detector, luma))
    frame = cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR)
    for x, y, r, reason in guesses:
        colour = BAD if reason else GOOD
        cv2.circle(frame, (round(x), round(y)), max(2, round(r)), colour, 1, cv2.LINE_AA)
        write(frame, reason or "a target", (round(x + r) + 3, round(y)), SCALE, colour)
    crops = [_crop(luma, row) for row in rows]
    _save(path, np.vstack([frame, *_tiled(crops, frame.shape[1])]))


def _guesses(detector: RingDetector, luma: U8Image) -> Iterator[Guess]:
    """Yield where the spokes agreed (x, y, r) and why it is no target, "" where it is one."""
    w = detector.work()
    height, width = luma.shape
    flat = np.ascontiguousarray(luma).reshape(-1)
    kept = k.find(flat, width, 0, 0, width, height, w.settings[k.SMALLEST_D], np.inf, w)
    for guess in w.guesses[:kept].copy():
        w.guess[:] = guess[:5]
        reason = _reason(w, flat, height, width)
        yield float(guess[0]), float(guess[1]), float(guess[2]), reason


def _reason(w: k.Work, flat: Any, height: int, width: int) -> str:
    if not k.spot(flat, height, width, w):
        return "no round target at a glance"
    if not k.measure(flat, height, width, w, 0.0, w.fresh):
        return "halves differ"
    if not k.plain(w.row, w.settings[k.FRAME_NOISE]):
        return "noise, paper or symmetry"
    return "" if k.printed(flat, height, width, w) >= 0 else "no print of ours"


def _crop(luma: U8Image, row: np.void) -> Any:
    """Return a target, enlarged, with its outline, centre and figures."""
    half = 1.8 * row["r_px"] + 4.0
    scale = 0.5 * CROP_PX / half
    place = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    place[:, 2] = 0.5 * CROP_PX - scale * np.array([row["x_px"], row["y_px"]])
    crop = cv2.cvtColor(cv2.warpAffine(luma, place, (CROP_PX, CROP_PX)), cv2.COLOR_GRAY2BGR)
    middle = (CROP_PX // 2, CROP_PX // 2)
    cv2.circle(crop, middle, round(scale * row["r_px"]), GOOD, 1, cv2.LINE_AA)
    cv2.drawMarker(crop, middle, BAD, cv2.MARKER_CROSS, 14, 1)
    sd_px = float(np.sqrt(0.5 * (row["var_x_px2"] + row["var_y_px2"])))
    said = (
        f"{Role(row['role']).name.lower()} {row['x_px']:.3f}, {row['y_px']:.3f}",
        f"r {row['r_px']:.2f}  sd {sd_px:.4f} px",
        f"axes {row['axis_ratio']:.2f}  quality {row['quality']:.2f}",
    )
    for i, text in enumerate(said):
        write(crop, text, (6, CROP_PX - 42 + 16 * i), SCALE, (255, 255, 255))
    return crop


def _tiled(crops: list[Any], width: int) -> list[Any]:
    """Return rows of crops, each as wide as the frame."""
    across = max(1, width // CROP_PX)
    rows = []
    for first in range(0, len(crops), across):
        row = np.zeros((CROP_PX, max(width, CROP_PX), 3), np.uint8)
        for i, crop in enumerate(crops[first : first + across]):
            row[:, i * CROP_PX : (i + 1) * CROP_PX] = crop
        rows.append(row[:, :width])
    return rows


def _save(path: Path, picture: Any) -> None:
    done, data = cv2.imencode(".png", picture)
    if not done:
        raise OSError(f"{path}: the picture could not be encoded")
    path.write_bytes(data.tobytes())


def explain_files(images: Iterable[Path], folder: Path) -> list[Path]:
    """Draw every picture into ``folder`` (made if need be); return the files written.

    Raises
    ------
    OSError
        A picture cannot be read, or the folder or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for image in images:
        path = folder / f"{image.stem}-explained.png"
        explain(read_luma(image), path)
        written.append(path)
    return written
