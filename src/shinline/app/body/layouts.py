"""Which number of a pose network is which joint: two tables that networks are trained with."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Side:
    """The numbers of one side's joints."""

    hip: int
    shoulder: int
    knee: int
    ankle: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How many joints there are, and which those of the lifter's two sides are."""

    count: int
    left: Side
    right: Side


LAYOUTS: Final = {
    "coco17": Layout(17, Side(11, 5, 13, 15), Side(12, 6, 14, 16)),
    "blazepose33": Layout(33, Side(23, 11, 25, 27), Side(24, 12, 26, 28)),
}
"""By the names of the configuration: COCO's keypoints (MoveNet, HRNet and most others), and those
of BlazePose (MediaPipe)."""
