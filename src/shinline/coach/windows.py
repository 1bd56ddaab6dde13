"""Values over a stretch of time: what is kept for long, and when a height is passed."""

from typing import Final

import numpy as np

from shinline.types import FloatArray

STEP_SHARE: Final = 0.05
"""How finely windows of a dwell are laid, as a share of it."""


def sustained_max(t_s: FloatArray, values: FloatArray, dwell_s: float) -> float:
    """Return the highest level that (n,) values keep for ``dwell_s``, n >= 1.

    Between samples they go straight. A stretch shorter than the dwell counts as one window.
    """
    last_s = float(t_s[-1]) - dwell_s
    if last_s <= t_s[0]:
        return float(values.min())
    steps = 1 + int(np.ceil((last_s - float(t_s[0])) / (STEP_SHARE * dwell_s)))
    begins = np.linspace(float(t_s[0]), last_s, steps + 1)
    ends = begins + dwell_s
    first, stop = np.searchsorted(t_s, begins), np.searchsorted(t_s, ends, side="right")
    edges = np.stack([first, stop], axis=1).ravel()
    inner = np.minimum.reduceat(np.append(values, np.inf), edges)[::2]
    inner = np.where(first < stop, inner, np.inf)
    outer = np.minimum(np.interp(begins, t_s, values), np.interp(ends, t_s, values))
    return float(np.minimum(inner, outer).max())


def crossing(t_s: FloatArray, height: FloatArray, level: float) -> float | None:
    """Return the first instant at which (n,) heights reach a level, going straight between."""
    above = np.flatnonzero(height >= level)
    if not above.size:
        return None
    i = int(above[0])
    if i == 0:
        return float(t_s[0])
    share = (level - float(height[i - 1])) / float(height[i] - height[i - 1])
    return float(t_s[i - 1] + share * (t_s[i] - t_s[i - 1]))


def upto(t_s: FloatArray, values: FloatArray, end_s: float) -> tuple[FloatArray, FloatArray]:
    """Return times and values (n,) up to an instant, which is the last one."""
    before = t_s < end_s
    last = float(np.interp(end_s, t_s, values))
    return np.append(t_s[before], end_s), np.append(values[before], last)
