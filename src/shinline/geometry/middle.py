"""The median of few numbers, which the core asks for some hundred times in a repetition."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def median(values: ArrayLike) -> float:
    """Return the median of (n,) numbers; NaN where one of them is, or there are none.

    To the last bit that of numpy, whose preparations take ten times as long as the work.
    """
    array: np.ndarray[Any, Any] = np.asarray(values)
    size = array.size
    if size == 0:
        return float("nan")
    half = size // 2
    ordered = np.partition(array, (half - 1 + size % 2, half, size - 1))
    last = float(ordered[-1])  # whatever is no number is sorted behind all that are
    if last != last:
        return last
    return 0.5 * (float(ordered[half - 1 + size % 2]) + float(ordered[half]))
