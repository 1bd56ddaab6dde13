"""The simulated camera: a device of equal rank, fed by whoever renders the frames."""

from collections.abc import Iterator

from shinline.sources.pacing import PacedFrames, Reel
from shinline.types import CameraIdentity, Frame


def open_source(
    frames: Iterator[Frame] | Reel,
    width_px: int,
    height_px: int,
    rate_hz: float,
    realtime: bool = True,
    name: str = "simulation",
    identity: CameraIdentity | None = None,
) -> PacedFrames:
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
    return PacedFrames(frames, name, width_px, height_px, rate_hz, realtime, identity=identity)
