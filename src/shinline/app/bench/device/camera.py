"""A simulated camera that costs next to nothing: stored markers on a still room, lifted for ever.

Rendering a frame takes far longer than the time between two, so a lift's markers are drawn
beforehand and laid into a picture when its turn comes. What is simulated: five markers of the usual
size that move as in a lift, a gym full of what looks like markers, the sensor's noise (which stays
the same from frame to frame), four buffers in turn. What is not: the camera, the bus, the picture
processor, light, and a lifter's body.
"""

import math
from typing import Final

import numpy as np

from shinline.app.bench.backdrop import draw_backdrop
from shinline.app.bench.pose import Pose
from shinline.app.bench.scenes import Condition, develop, lay_target
from shinline.sources.simulation import SimulatedCamera, open_source
from shinline.types import NS_PER_S, Frame, Role, U8Image

WIDTH_PX, HEIGHT_PX = 1456, 1088
RATE_HZ: Final = 120.0
EXPOSURE_US: Final = 1000
BUFFERS: Final = 4
ROOM: Final = 3
NOISE: Final = 2.0
PX_PER_M: Final = 575.0
BAR_D_PX: Final = 0.08 * PX_PER_M
BODY_D_PX: Final = 0.05 * PX_PER_M

REST_S, PULL_S, TOP_S = 4.0, 1.3, 0.8
PERIOD_S: Final = REST_S + 2.0 * PULL_S + TOP_S

PLACES: Final = {
    Role.BAR: (760.0, 850.0, 0.50),
    Role.HIP: (470.0, 520.0, 0.33),
    Role.SHOULDER: (700.0, 330.0, 0.46),
    Role.KNEE: (690.0, 690.0, 0.03),
    Role.ANKLE: (660.0, 940.0, 0.0),
}
"""Where each marker is while the bar lies on the floor, in px, and how far it rises, in m."""

_Patch = tuple[int, int, U8Image]
"""Top, left, and the picture to be laid there."""


def open_stored(lift: "StoredLift") -> SimulatedCamera:
    """Open a stored lift as a camera."""
    return open_source(lift, WIDTH_PX, HEIGHT_PX, lift.rate_hz, name="stored lift")


def rise(t_s: float) -> float:
    """Return how much of its way the bar has risen, 0 .. 1, at a time from a lift's beginning."""
    t_s %= PERIOD_S
    up_s = t_s - REST_S
    down_s = up_s - PULL_S - TOP_S
    s = min(max(up_s / PULL_S, 0.0), 1.0) - min(max(down_s / PULL_S, 0.0), 1.0)
    return s**3 * (10.0 - 15.0 * s + 6.0 * s * s)


class StoredLift:
    """Frames of one lift after another; a :class:`~shinline.sources.pacing.Reel`.

    Drawing them takes some seconds. ``count`` frames in all; not ``lifted``, the bar lies for ever.
    """

    def __init__(self, rate_hz: float, count: float = math.inf, lifted: bool = True) -> None:
        self.rate_hz = rate_hz
        self._period_ns = NS_PER_S / rate_hz
        self._count = count
        self._next = 0
        self._room = draw_backdrop(WIDTH_PX, HEIGHT_PX, ROOM)
        still = develop(self._room.picture, NOISE, seed=1)
        self._buffers = [still.copy() for _ in range(BUFFERS)]
        self._laid: list[list[_Patch]] = [[] for _ in range(BUFFERS)]
        self._still = still
        self._drawn: dict[tuple[Role, float], _Patch] = {}
        frames = round(PERIOD_S * rate_hz) if lifted else 1
        self._lift = [self._patches(rise(i / rate_hz)) for i in range(frames)]

    @property
    def pictures_mb(self) -> float:
        """How much memory the stored pictures take; a real camera's would not."""
        patches = sum(patch.nbytes for _, _, patch in self._drawn.values())
        return (patches + (BUFFERS + 1) * self._still.nbytes + self._room.picture.nbytes) / 1e6

    def due_ns(self, ahead: int = 0) -> int | None:
        """Return when the exposure of the next frame, or one ahead of it, ends; None: no more."""
        seq = self._next + ahead
        return None if seq >= self._count else round(seq * self._period_ns) + EXPOSURE_US * 500

    def take(self) -> Frame:
        """Lay the next frame's markers into the buffer whose turn it is."""
        seq = self._next
        self._next += 1
        luma, laid = self._buffers[seq % BUFFERS], self._laid[seq % BUFFERS]
        for top, left, patch in laid:
            height, width = patch.shape
            there = slice(top, top + height), slice(left, left + width)
            luma[there] = self._still[there]
        self._laid[seq % BUFFERS] = patches = self._lift[seq % len(self._lift)]
        for top, left, patch in patches:
            luma[top : top + patch.shape[0], left : left + patch.shape[1]] = patch
        return Frame(seq, round(seq * self._period_ns), EXPOSURE_US, luma)

    def skip(self) -> None:
        """Leave the next frame out."""
        self._next += 1

    def close(self) -> None:
        """Leave all the rest out."""
        self._count = 0

    def _patches(self, share: float) -> list[_Patch]:
        """Return every marker's picture with the bar that share of its way up, drawn once each."""
        found = []
        for role, (x_px, y_px, rise_m) in PLACES.items():
            y_px -= round(share * rise_m * PX_PER_M, 3)
            key = role, y_px
            if key not in self._drawn:
                self._drawn[key] = self._draw(role, x_px, y_px)
            found.append(self._drawn[key])
        return found

    def _draw(self, role: Role, x_px: float, y_px: float) -> _Patch:
        d_px = BAR_D_PX if role is Role.BAR else BODY_D_PX
        half = math.ceil(1.1 * d_px) + 6
        top, left = round(y_px) - half, round(x_px) - half
        there = slice(top, top + 2 * half + 1), slice(left, left + 2 * half + 1)
        picture = self._room.picture[there].copy()
        pose = Pose(x_px - left, y_px - top, d_px)
        lay_target(picture, Condition("device", d_px=d_px), role, pose, self._room.light)
        noise = self._still[there] - self._room.picture[there]
        luma = np.clip(np.rint(picture + noise), 0.0, 255.0).astype(np.uint8)
        return top, left, luma
