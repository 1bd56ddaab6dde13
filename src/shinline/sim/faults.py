"""Faults as inputs with a size: one row of a table and one small function each.

A fault changes a :class:`PullShape`, the description of one rep that the timeline draws; nothing
else in the simulator knows faults by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shinline.types import FloatArray


def smooth(x: FloatArray) -> FloatArray:
    """Return 0 below 0, 1 above 1 and a quintic between, flat to second order at both ends."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * x * (x * (6.0 * x - 15.0) + 10.0)


@dataclass(frozen=True, slots=True)
class Bulge:
    """A forward excursion of the bar: from nothing over ``size_m`` at ``peak`` back to nothing.

    ``start``, ``peak`` and ``end`` are fractions of the range of motion.
    """

    size_m: float
    start: float
    peak: float
    end: float

    def at(self, progress: FloatArray) -> FloatArray:
        """Return the excursion in metres."""
        rise = smooth((progress - self.start) / (self.peak - self.start))
        fall = smooth((progress - self.peak) / (self.end - self.peak))
        return self.size_m * (rise - fall)


@dataclass(frozen=True, slots=True)
class PullShape:
    """How one rep departs from a good one.

    ``short_m`` is missing from the top, ``trunk_drop_deg`` the trunk's loss of angle in the first
    part of the pull, ``impact_mps`` the speed at which the bar meets the floor after lowering.
    """

    bulges: tuple[Bulge, ...] = ()
    short_m: float = 0.0
    trunk_drop_deg: float = 0.0
    impact_mps: float | None = None


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One row: what the size of a fault means, and how it shapes the rep."""

    unit: str
    lowest: float
    highest: float
    meaning: str
    apply: Callable[[PullShape, float], PullShape]


def _bar_forward(shape: PullShape, size: float) -> PullShape:
    return replace(shape, bulges=(*shape.bulges, Bulge(size, 0.0, 0.25, 0.80)))


def _knee_loop(shape: PullShape, size: float) -> PullShape:
    return replace(shape, bulges=(*shape.bulges, Bulge(size, 0.28, 0.48, 0.68)))


def _hips_shoot_up(shape: PullShape, size: float) -> PullShape:
    return replace(shape, trunk_drop_deg=size)


def _short_lockout(shape: PullShape, size: float) -> PullShape:
    return replace(shape, short_m=size)


def _lowering(shape: PullShape, size: float) -> PullShape:
    return replace(shape, impact_mps=size)


FAULTS: Final = {
    "bar_forward": FaultSpec(
        "m", 0.0, 0.12, "forward drift, largest between lift-off and the knee", _bar_forward
    ),
    "hips_shoot_up": FaultSpec(
        "deg", 0.0, 15.0, "trunk angle lost over the first 120 mm of the pull", _hips_shoot_up
    ),
    "knee_loop": FaultSpec("m", 0.0, 0.08, "loop around the knees", _knee_loop),
    "short_lockout": FaultSpec("m", 0.0, 0.10, "missing from the top of the pull", _short_lockout),
    "lowering": FaultSpec("m/s", 0.8, 3.0, "speed at which the bar meets the floor", _lowering),
}
"""Code -> what its size means. ``lowering`` shapes reps that are lowered by hand."""


def check_faults(faults: Mapping[str, float]) -> None:
    """Refuse what the table does not know.

    Raises
    ------
    ValueError
        An unknown code, or a size out of its range; the message says what was expected.

    """
    for code, size in faults.items():
        spec = FAULTS.get(code)
        if spec is None:
            raise ValueError(f"fault {code!r}: expected one of {', '.join(FAULTS)}")
        if not spec.lowest <= size <= spec.highest:
            raise ValueError(
                f"fault {code}: expected {spec.lowest:g} .. {spec.highest:g} {spec.unit}"
                f" ({spec.meaning}), got {size:g}"
            )


def shape_of(faults: Mapping[str, float]) -> PullShape:
    """Return the shape of a rep with these faults; see :func:`check_faults` for what is refused."""
    check_faults(faults)
    shape = PullShape()
    for code, size in faults.items():
        shape = FAULTS[code].apply(shape, size)
    return shape


def parse_fault(text: str) -> tuple[str, float]:
    """Read ``code=size`` from a command line; refuses what :func:`check_faults` refuses."""
    code, _, number = text.partition("=")
    try:
        size = float(number)
    except ValueError:
        raise ValueError(f"fault {text!r}: expected CODE=SIZE, such as bar_forward=0.04") from None
    check_faults({code: size})
    return code, size
