"""Whether the camera still looks where it looked: the room against the first picture.

A camera that turns about its own axis gives the bar a drift that it does not have, a centimetre for
a degree, and nothing that is seen of the bar tells of it. The room does. It is compared twice a
second at most, and not at all while a bar is being lifted. A frame gets a small part of the work:
the picture is made small at once, and compared, some blocks at a time, with the frames after it.
"""

from typing import Final

import numpy as np

from shinline.steps import Pending, Steps
from shinline.types import Role, Rows, U8Image
from shinline.vision.steady import SceneMotion, Shift

EVERY_NS: Final = 500_000_000
REACH_PX: Final = 3
FAR_PX: Final = 14
"""Of the decimated picture: how far is looked when the room is not where it was last."""

POOR_SHARE: Final = 0.5
FADE: Final = 0.95
"""When so much less of the room than usual agrees, it may have turned: about its middle a turned
picture looks as it did. Then nothing is said unless a search finds more. What is usual fades, a
look at a time."""

SEARCHES: Final = 4
SEARCH_AGAIN: Final = 16
"""After so many searches in vain, which take ten times as long, only every so many looks."""


STRANGE: Final = 10
"""After so many looks in which the room is not that of the calibration, the session's own first
picture counts: somebody has moved the furniture."""


class CameraWatch:
    """Compare the room with the picture of the calibration, or else with the first that is given.

    ``room`` is that picture (H, W), None where there is none.
    """

    def __init__(self, room: U8Image | None = None) -> None:
        self._scene: SceneMotion | None = None
        self._room = room
        self._strange = 0
        self._shape: tuple[int, ...] = ()
        self._looked_ns = 0
        self._failed = 0
        self._usual = 0.0
        self._work: Pending[Shift] | None = None

    @property
    def looking(self) -> bool:
        """Whether a look has begun of which more steps are due."""
        return self._work is not None

    def look(self, luma: U8Image, t_ns: int, out: Rows) -> int:
        """Write at most one DETECTION row of the role CAMERA and return how many.

        Its ``x_px`` and ``y_px`` are how far the middle of the picture has shifted, ``residual`` by
        what angle (rad, clockwise) it has turned, ``axis_ratio`` how much larger it has become, and
        ``quality`` the share of the room in which that is seen. It comes some frames after the
        picture of which it tells, whose time is its ``t_ns``. None where too little agrees: a
        bare wall, or somebody who fills the picture. A picture of another size is a new first one.
        """
        if self._work is not None and luma.shape == self._shape:
            return self._go_on(self._work, t_ns, out)
        middle = 0.5 * (luma.shape[1] - 1), 0.5 * (luma.shape[0] - 1)
        scene = self._scene
        if scene is None or luma.shape != self._shape or self._strange == STRANGE:
            scene = self._begin(luma, middle)
        elif 0 <= t_ns - self._looked_ns < EVERY_NS:
            return 0
        self._looked_ns = t_ns
        scene.take(luma)
        self._work = Pending(self._compare(scene, middle))
        return 0

    def _go_on(self, work: Pending[Shift], t_ns: int, out: Rows) -> int:
        """Do what is due; write the row when that was the last of it."""
        if not work.go_on(t_ns):
            return 0
        self._work = None
        return self._tell(work.result, out)

    def _compare(self, scene: SceneMotion, middle: tuple[float, float]) -> Steps[Shift]:
        """Compare the picture that was taken; return how far its middle has shifted, if known."""
        moved = yield from scene.compare(*middle)
        poor = moved is None or scene.share < POOR_SHARE * self._usual
        if poor and (self._failed < SEARCHES or self._failed % SEARCH_AGAIN == 0):
            farther = yield from scene.search(*middle, FAR_PX)
            moved = farther or moved
            poor = moved is None or scene.share < POOR_SHARE * self._usual
        self._failed = self._failed + 1 if poor else 0
        if self._room is not None:
            self._strange = self._strange + 1 if poor else 0
            self._room = self._room if poor else None  # it is this room: that is settled
        self._usual = max(scene.share, FADE * self._usual)
        return None if poor else moved

    def _tell(self, moved: Shift, out: Rows) -> int:
        scene = self._scene
        if moved is None or scene is None or not len(out):
            return 0
        row = out[0]
        for name in out.dtype.names or ():
            row[name] = 0
        row["t_ns"], row["role"] = self._looked_ns, Role.CAMERA
        row["x_px"], row["y_px"] = moved
        row["axis_ratio"], row["residual"] = 1.0 + scene.zoom, np.arctan(scene.turn)
        row["quality"] = scene.share
        return 1

    def _begin(self, luma: U8Image, middle: tuple[float, float]) -> SceneMotion:
        """Begin with the calibration's picture, if there is one of this size."""
        room = self._room if not self._strange else None
        scene = self._scene = SceneMotion(luma.shape[0], luma.shape[1], REACH_PX)
        self._shape, self._failed, self._usual, self._strange = luma.shape, 0, 0.0, 0
        self._room = room if room is not None and room.shape == luma.shape else None
        if self._room is not None:
            scene.update(self._room, *middle)
        return scene
