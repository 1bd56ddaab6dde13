"""When the rows of a picture were exposed."""

import numpy as np

from shinline.types import Rows


def date_rows(rows: Rows, height_px: int, readout_ms: float) -> None:
    """Give DETECTION rows the time at which a rolling shutter exposed them, in place.

    They come with the middle of the picture's time.
    """
    if readout_ms > 0.0:
        share = rows["y_px"] / (height_px - 1) - 0.5
        rows["t_ns"] += np.rint(share * readout_ms * 1e6).astype(np.int64)
