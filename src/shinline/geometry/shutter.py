"""When the rows of a picture were exposed."""

from typing import Final

import numpy as np

from shinline.types import NS_PER_S, Rows

MOST_LATE_S: Final = 0.05
"""No row of a picture is exposed farther from its middle; a row that says so has no own time."""


def late_by_s(row: np.void, t_ns: int) -> float:
    """Return how much later than the middle of the picture a DETECTION row was exposed."""
    late_s = (int(row["t_ns"]) - t_ns) / NS_PER_S
    return late_s if abs(late_s) <= MOST_LATE_S else 0.0


def date_rows(rows: Rows, height_px: int, readout_ms: float) -> None:
    """Give DETECTION rows the time at which a rolling shutter exposed them, in place.

    They come with the middle of the picture's time.
    """
    if readout_ms > 0.0:
        share = rows["y_px"] / (height_px - 1) - 0.5
        rows["t_ns"] += np.rint(share * readout_ms * 1e6).astype(np.int64)
