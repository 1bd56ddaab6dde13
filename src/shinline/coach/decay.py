"""Form that decays over a set: a fault's value that grows from repetition to repetition."""

from typing import Final

import numpy as np

from shinline.coach.faults.table import CARDS
from shinline.types import Rep, Severity

LEAST_REPS: Final = 4
SURE_SDS: Final = 2.0
"""Growth over the set beyond so many of its standard deviations is not chance ..."""

LEAST_SHARE: Final = 0.5
"""... and matters from so much of the threshold on."""

GROWING: Final = tuple(card.code for card in CARDS if card.growing)


def growth(values: list[tuple[float, float]]) -> tuple[float, float]:
    """Return by how much (value, sd) pairs grow from the first to the last, and how surely.

    A straight line through them; its standard deviation is that of the pairs or, where that is
    more, the one that their scatter shows.
    """
    y = np.array([value for value, _ in values])
    sds = np.array([sd for _, sd in values])
    n = np.arange(y.size) - 0.5 * (y.size - 1)
    spread = float((n * n).sum())
    slope = float((n * y).sum()) / spread
    misfit = y - y.mean() - slope * n
    scatter = float(np.sqrt((misfit**2).sum() / max(y.size - 2, 1)))
    one = float(np.sqrt((sds**2).mean()))
    return slope * (y.size - 1), max(one, scatter) / spread**0.5 * (y.size - 1)


def decays(reps: list[Rep]) -> tuple[str, ...]:
    """Return the codes whose value grew over these repetitions, and is worth mentioning by now."""
    return tuple(code for code in GROWING if _decays(reps, code))


def _decays(reps: list[Rep], code: str) -> bool:
    judged = [v for rep in reps for v in rep.faults if v.code == code and v.assessed]
    if len(judged) < LEAST_REPS or judged[-1].severity is Severity.GOOD:
        return False
    if not reps[-1].faults or judged[-1] not in reps[-1].faults:
        return False
    pairs = [(v.value, v.sd) for v in judged if v.value is not None and v.sd is not None]
    grown, sd = growth(pairs)
    return grown > SURE_SDS * sd and grown > LEAST_SHARE * judged[-1].threshold
