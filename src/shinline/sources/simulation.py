"""The simulated camera: a device of equal rank, fed by whoever renders the frames."""

from collections.abc import Iterator
from math import ceil

from shinline.sources.pacing import PacedFrames, Reel
from shinline.types import CameraIdentity, Frame


class SimulatedCamera(PacedFrames):
    """Frames handed out at their own speed, or, when asked to, only each second, third, ... one."""

    def slow_to(self, rate_hz: float) -> float:
        """Deliver at most so many frames a second, evenly; return how many there will be.

        See :class:`shinline.app.caretaker.Slowable`.
        """
        return self.take_each(max(1, ceil(self.full_hz / rate_hz - 1e-6)))


def open_source(
    frames: Iterator[Frame] | Reel,
    width_px: int,
    height_px: int,
    rate_hz: float,
    realtime: bool = True,
    name: str = "simulation",
    identity: CameraIdentity | None = None,
) -> SimulatedCamera:
    """Open rendered frames as a camera.

    Parameters
    ----------
    frames
        Rendered on demand, in the order of time. A renderer that offers
        :class:`~shinline.sources.pacing.Reel` is not asked to render frames nobody will see.
    width_px, height_px, rate_hz
        Nominal size and rate of the frames.
    realtime
        Behave like a camera (newest frame only), or hand out every frame at once.
    name
        What the source is called in messages and records.
    identity
        Of the camera it stands for, where a calibration is to belong to it.

    """
    return SimulatedCamera(frames, name, width_px, height_px, rate_hz, realtime, identity=identity)
