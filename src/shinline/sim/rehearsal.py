"""A camera being set up, over and over: a stand-in to rehearse a calibration with, in real time.

The scenes of :mod:`.setting_up` follow each other without end, so that every step of the assistant
finds what it asks for within a minute.
"""

from collections.abc import Iterator
from typing import Final

from shinline.sim.scenario import CameraSetup, Scenario
from shinline.sim.setting_up import set_up
from shinline.types import NS_PER_S, CameraIdentity, Frame

ORDER: Final = ("rest", "swing", "rest", "plumb", "rest", "roll")
CAMERA: Final = CameraSetup(
    width_px=640,
    height_px=480,
    focal_px=870.0,
    distance_m=3.0,
    height_m=0.8,
    roll_deg=1.2,
    pitch_deg=1.0,
    azimuth_deg=6.0,
    rate_hz=20.0,
)
IDENTITY: Final = CameraIdentity("simulated", "simulated", CAMERA.width_px, CAMERA.height_px)


def rehearse(rounds: int | None = None) -> Iterator[Frame]:
    """Yield the frames of all scenes in turn, for ever or so many ``rounds``."""
    scenes = [set_up(name, Scenario(camera=CAMERA)) for name in ORDER]
    period_ns = round(NS_PER_S / CAMERA.rate_hz)
    seq, done = 0, 0
    while rounds is None or done < rounds:
        for scene in scenes:
            for frame in scene.frames():
                yield Frame(seq, seq * period_ns, frame.exposure_us, frame.luma)
                seq += 1
        done += 1
