"""The shape of one repetition: how it departs from a good one, in the simulator's own terms.

The faults' table writes these shapes, the builder lays them out in time, and the timeline turns
them into positions.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import FloatArray

USUAL_RISE: Final = 0.20
"""Share of a pull's time in which the bar gets up to speed."""


def smooth(x: FloatArray) -> FloatArray:
    """Return 0 below 0, 1 above 1 and a quintic between, flat to second order at both ends."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * x * (x * (6.0 * x - 15.0) + 10.0)


@dataclass(frozen=True, slots=True)
class Bulge:
    """A forward excursion of the bar: from nothing over ``size_m`` at ``peak`` back to nothing.

    ``start``, ``peak`` and ``end`` are fractions of the range of motion. The body goes along with
    the bar, or stays where it is and only the arms swing.
    """

    size_m: float
    start: float
    peak: float
    end: float
    body_stays: bool = False

    def at(self, progress: FloatArray) -> FloatArray:
        """Return the excursion in metres."""
        rise = smooth((progress - self.start) / (self.peak - self.start))
        fall = smooth((progress - self.peak) / (self.end - self.peak))
        return self.size_m * (rise - fall)


@dataclass(frozen=True, slots=True)
class SetShape:
    """How the lifter stands at the bar before the pull, where that departs from a good one.

    ``trunk_deg`` is the trunk's angle above horizontal, ``shoulder_behind_m`` how far the shoulder
    is behind the bar, ``elbow_ahead_m`` how far the knee is to be drawn back under the arm (by
    turning the knees out; negative: pushed forward by sitting lower). None leaves them alone.
    """

    trunk_deg: float | None = None
    shoulder_behind_m: float | None = None
    elbow_ahead_m: float | None = None


@dataclass(frozen=True, slots=True)
class PullShape:
    """How one rep departs from a good one.

    ``short_m`` is missing from the top, ``trunk_drop_deg`` the trunk's loss of angle in the first
    part of the pull, ``drop_share`` the share of that part in which it is lost, ``impact_mps`` the
    speed at which the bar meets the floor after lowering, ``gap_m`` the distance from the standing
    shin to the bar, ``roll_m`` how far the bar rolls between set-up and pull, ``round_deg`` how
    much the back bends, ``lean_deg`` how far the trunk leans back at the top, ``dip_m`` how far the
    bar sinks before it goes on, ``stops`` how often it stands still above the knee, ``spike_mps``
    the extra speed of a jerked start, ``rise_share`` the share of the pull's time in which the bar
    gets up to speed.
    """

    bulges: tuple[Bulge, ...] = ()
    short_m: float = 0.0
    trunk_drop_deg: float = 0.0
    drop_share: float = 1.0
    impact_mps: float | None = None
    set_up: SetShape = SetShape()
    gap_m: float | None = None
    roll_m: float = 0.0
    round_deg: float = 0.0
    lean_deg: float = 0.0
    dip_m: float = 0.0
    stops: int = 0
    spike_mps: float = 0.0
    rise_share: float = USUAL_RISE
