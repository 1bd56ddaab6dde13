"""From a network's table of joints to those of the lifter's near side."""

from math import hypot
from typing import Final

from shinline.app.body.layouts import Layout, Side
from shinline.app.body.letterbox import Letterbox
from shinline.types import BodyPoints, FloatArray, Keypoint

LEAST_CONFIDENCE: Final = 0.3
"""Below it a joint counts as not seen: where such networks' own demonstrations draw nothing."""

SPREAD: Final = {"hip": 0.107, "shoulder": 0.079, "knee": 0.087, "ankle": 0.089}
"""How far people who mark joints by hand differ, over the root of the body's area: the constants of
COCO's keypoint evaluation. No network is better than those who taught it."""

ROOT_AREA_TRUNKS: Final = 1.6
"""The root of a standing body's area in a picture, in lengths from its hip to its shoulder."""

MEMORY: Final = 0.9
"""How much of what spoke for a side is kept from one picture to the next: sides do not flicker."""


class NearSide:
    """Remembers which side of the lifter the camera sees.

    Parameters
    ----------
    facing
        ``right``: toes point to the picture's right, so that the camera sees the right side;
        ``left``; or ``auto``: the side of which the network is surer, over the last pictures.
    """

    def __init__(self, facing: str, layout: Layout) -> None:
        self._layout = layout
        self._facing = facing
        self._right = 0.0

    def of(self, table: FloatArray) -> Side:
        """Take in a picture's (joints, 4) table of places and confidences."""
        left, right = self._layout.left, self._layout.right
        sure = table[:, 2]
        ahead = sure[right.hip] + sure[right.shoulder] - sure[left.hip] - sure[left.shoulder]
        self._right = MEMORY * self._right + float(ahead)
        if self._facing == "auto":
            return right if self._right >= 0.0 else left
        return right if self._facing == "right" else left


def body_points(
    table: FloatArray, side: Side, box: Letterbox, t_ns: int, least: float = LEAST_CONFIDENCE
) -> BodyPoints | None:
    """Take a side's joints back to the full picture; None without hip and shoulder.

    The spread of each is a share of the trunk's own length in the picture.
    """
    scale = max(box.across, box.down)
    places = {
        name: (box.x_px(float(x)), box.y_px(float(y)), float(grain) * scale, float(sure))
        for name, (x, y, sure, grain) in (
            (name, table[getattr(side, name)]) for name in ("hip", "shoulder", "knee", "ankle")
        )
        if sure >= least
    }
    if not {"hip", "shoulder"} <= places.keys():
        return None
    (hip_x, hip_y, *_), (shoulder_x, shoulder_y, *_) = places["hip"], places["shoulder"]
    area_px = ROOT_AREA_TRUNKS * hypot(hip_x - shoulder_x, hip_y - shoulder_y)
    joints = {
        name: Keypoint(x, y, hypot(SPREAD[name] * area_px, grain), grain, sure)
        for name, (x, y, grain, sure) in places.items()
    }
    return BodyPoints(t_ns, **joints)
