"""Use the ring detector as the engine does: fresh, or with predictions of where markers are."""

from typing import Final

import numpy as np

from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, WINDOW, Detector, Role, Rows, U8Image
from shinline.vision.ring import RingDetector

SMALLEST_D_PX: Final = 11.0
QUICK_D_PX: Final = 24.0
"""The smallest diameter looked for: of the full search, and of the quick one."""

PREDICTION_SD_PX: Final = 2.0
REACH_PX: Final = 8.0
REACH_RADII: Final = 0.8
"""How far from its prediction a marker may be: what the engine allows at least, and 4 sd."""

FRAME_NS: Final = 16_666_667
MOST_ROWS: Final = 16
NO_WINDOWS: Final = np.zeros(0, WINDOW)


def ring_detector(
    smallest_d_px: float = SMALLEST_D_PX, roles: tuple[Role, ...] = tuple(INNER_RATIO)
) -> Detector:
    """Return a detector that has seen nothing yet."""
    return RingDetector(roles, MOST_ROWS, smallest_d_px=smallest_d_px)


def detect(detector: Detector, luma: U8Image, windows: Rows, seq: int = 0) -> Rows:
    """Return the rows found in the ``seq``-th frame of a recording."""
    out = np.zeros(MOST_ROWS, DETECTION)
    return out[: detector.detect(luma, seq * FRAME_NS, windows, out)]


def predicted(truth: Rows, rng: np.random.Generator) -> Rows:
    """Return windows whose centres are off by ``PREDICTION_SD_PX`` per axis, sizes known."""
    windows = _around(truth)
    for name in ("x_px", "y_px"):
        windows[name] = truth[name] + rng.normal(0.0, PREDICTION_SD_PX, len(truth))
    return windows


def _around(rows: Rows) -> Rows:
    """Return windows around rows with a role, a centre and a radius."""
    windows = np.zeros(len(rows), WINDOW)
    for name in ("role", "x_px", "y_px", "r_px"):
        windows[name] = rows[name]
    windows["reach_px"] = REACH_RADII * rows["r_px"] + REACH_PX
    return windows


class Predictor:
    """Predicts each role's marker from its last two detections, at constant velocity."""

    def __init__(self) -> None:
        self._last = np.zeros(0, DETECTION)
        self._before = np.zeros(0, DETECTION)

    def take(self, found: Rows) -> None:
        """Take in a frame's detections."""
        self._before, self._last = self._last, found

    def windows(self) -> Rows:
        """Return where the next frame's markers should be; those seen in one frame stay."""
        rows = self._last.copy()
        for row in rows:
            for before in self._before[self._before["role"] == row["role"]][:1]:
                for name in ("x_px", "y_px"):
                    row[name] += row[name] - before[name]
        return _around(rows)
