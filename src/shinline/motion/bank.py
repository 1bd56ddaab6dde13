"""The live estimate: one constant-acceleration filter per marker, all stepped by one call a frame.

Live values are for phases, windows and the path on a screen. They lag and overshoot (peak velocity
by 0.03 to 0.05 m/s), so nothing of a finished rep is published from them; see
:mod:`shinline.motion.smooth`.
"""

import numpy as np

from shinline.geometry.plane import Plane
from shinline.motion import kalman_kernels as k
from shinline.motion.history import History
from shinline.types import MARKERS, STATE, WINDOW, Role, Rows


class Bank:
    """The filters of all markers.

    ``states`` are their STATE rows, one for each of :data:`~shinline.types.MARKERS`: after a marker
    was hidden its published place goes over smoothly into what is seen again, and says how unsure
    it is meanwhile. A role that was never seen, or was lost, keeps its last row.
    """

    def __init__(self) -> None:
        count = len(MARKERS)
        self.states = np.zeros(count, STATE)
        self.states["role"], self.states["coasting"] = MARKERS, True
        self._view = np.zeros(11)
        self._plane = np.zeros(19)
        self._means = np.zeros((count, 2, 3))
        self._covs = np.zeros((count, 2, 3, 3))
        self._clocks = np.zeros((count, 4), np.int64)
        self._extras = np.zeros((count, 4))
        self._windows = np.zeros(count, WINDOW)

    def look_through(self, plane: Plane) -> None:
        """Take over how the camera sees the lifting plane."""
        lens = plane.lens
        self._view[k.FX :] = (
            lens.fx_px, lens.fy_px, lens.cx_px, lens.cy_px,
            lens.k1, lens.k2, lens.p1, lens.p2, lens.k3,
        )  # fmt: skip
        self._plane[:] = (*plane.plane_from_ray, *plane.ray_from_plane, plane.scale_m_per_px)

    def mirror(self) -> None:
        """Turn the x axis round: it has become known which way the lifter faces."""
        self._plane[:3] *= -1.0
        self._plane[k.INVERSE : k.SCALE : 3] *= -1.0
        self._means[:, 0] *= -1.0
        self._extras[:, k.AWAY_X] *= -1.0

    def step(
        self, t_ns: int, rows: Rows, history: History
    ) -> tuple[int, int, float, float, float, int]:
        """Take in the DETECTION rows of a frame; what was measured goes into ``history``.

        Returns which tracks were found or lost, as bits; whether the bar is lost (0), coasting (1)
        or seen (2); its height (m) and vertical speed (m/s); how far (m) its track jumped; and
        which of the rows is of the role CAMERA, -1 if none is.
        """
        return k.step(
            t_ns,
            rows,
            self._view,
            self._plane,
            self._means,
            self._covs,
            self._clocks,
            self._extras,
            self.states,
            history.table,
            history.at,
        )

    def windows(self, t_ns: int, least_radii: float) -> Rows:
        """Return where each marker is expected at ``t_ns``: WINDOW rows, in pixels."""
        count = k.expect(
            t_ns,
            self._view,
            self._plane,
            least_radii,
            self._means,
            self._clocks,
            self._extras,
            self._windows,
        )
        return self._windows[:count]

    def x_m(self, role: Role) -> float:
        """Return how far forward a marker is estimated to be."""
        return self._means.item(role, 0, 0)

    def alive(self, role: Role) -> bool:
        """Tell whether there is an estimate."""
        return self._clocks.item(role, k.ALIVE) == 1

    @property
    def scene_px(self) -> tuple[float, float]:
        """How far a hand-held camera's picture has moved."""
        return self._view.item(k.SCENE_X), self._view.item(k.SCENE_Y)

    def lose_all(self) -> list[Role]:
        """Forget every track; return those there were."""
        lost: list[Role] = [role for role in MARKERS if self.alive(role)]
        self._clocks[:, k.ALIVE] = 0
        return lost
