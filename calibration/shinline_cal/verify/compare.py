"""Two devices on the same reps, quantity by quantity.

Used for another make of device (the criterion, though it is no truth either) and for two cameras of
our own on one bar (repeatability: neither is the criterion).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.verify.agreement import THIN, Agreement, agree
from shinline_cal.verify.pairing import Pairing, RepRow


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value that is compared, and how it is shown."""

    name: str
    title: str
    unit: str
    factor: float
    digits: int


QUANTITIES: Final = (
    Quantity("mean_velocity_mps", "Mean velocity", "m/s", 1.0, 3),
    Quantity("peak_velocity_mps", "Peak velocity", "m/s", 1.0, 3),
    Quantity("rom_m", "Range of motion", "mm", 1000.0, 1),
    Quantity("concentric_s", "Time on the way up", "s", 1.0, 3),
    Quantity("drift_forward_m", "Drift forward", "mm", 1000.0, 1),
    Quantity("drift_backward_m", "Drift backward", "mm", 1000.0, 1),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One quantity over the paired reps that have it on both sides, in SI units.

    ``names`` says which rep each value is of, ``sets`` which set.
    """

    quantity: Quantity
    ours: FloatArray
    theirs: FloatArray
    names: list[str]
    sets: list[str]
    result: Agreement
    within: tuple[float, float] | None = None
    """Shares of differences within one and two of our own standard deviations."""

    def in_shown_unit(self) -> "Compared":
        """Return the same in the unit of the page, such as mm."""
        ours, theirs = self.quantity.factor * self.ours, self.quantity.factor * self.theirs
        return replace(self, ours=ours, theirs=theirs, result=agree(ours, theirs, self.sets))


@dataclass(frozen=True, slots=True)
class Sides:
    """What the two sides are called, and whether the second one is a criterion."""

    ours: str
    theirs: str
    criterion: bool


def compare(ours: Sequence[RepRow], theirs: Sequence[RepRow], pairing: Pairing) -> list[Compared]:
    """Compare every quantity that at least one pair has on both sides."""
    found = []
    for quantity in QUANTITIES:
        pairs = [
            (i, j)
            for i, j in pairing.pairs
            if quantity.name in ours[i].values and quantity.name in theirs[j].values
        ]
        if pairs:
            found.append(_compared(quantity, ours, theirs, pairs))
    return found


def _compared(
    quantity: Quantity,
    ours: Sequence[RepRow],
    theirs: Sequence[RepRow],
    pairs: list[tuple[int, int]],
) -> Compared:
    a = np.array([ours[i].values[quantity.name] for i, _ in pairs])
    b = np.array([theirs[j].values[quantity.name] for _, j in pairs])
    sets = [ours[i].group for i, _ in pairs]
    names = [f"set {ours[i].group}, rep {ours[i].rep}" for i, _ in pairs]
    within = None
    if quantity.name == "mean_velocity_mps" and len(pairs) >= THIN:
        sds = np.array([ours[i].values.get("mean_velocity_sd_mps", np.nan) for i, _ in pairs])
        if np.isfinite(sds).all() and (sds > 0).all():
            z = np.abs(a - b) / sds
            within = float((z <= 1).mean()), float((z <= 2).mean())
    return Compared(quantity, a, b, names, sets, agree(a, b, sets), within)
