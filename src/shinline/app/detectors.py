"""Which detector serves which marker, and the throw-away run that compiles its kernels."""

from math import pi
from typing import Final

import numpy as np

from shinline.config import Config
from shinline.engine import Engine
from shinline.geometry.target import INNER_RATIO, PAPER_RATIO
from shinline.types import NS_PER_S, BarPrior, BodyWatch, Detector, Frame, Role, U8Image, Watch
from shinline.vision.plate import PlateDetector
from shinline.vision.ring import RingDetector
from shinline.vision.trunk_watch import TrunkWatch
from shinline.vision.watch import CameraWatch

WARM_SIDE_PX: Final = 480
WARM_RATE_HZ: Final = 30
WARM_REST_PX, WARM_RISE_PX = 340, 200
"""Where the marker lies, and how far it is lifted."""

WARM_BACK_PX, WARM_GREY = (110, 240), 25.0
"""What moves behind it like the back of a lifter: from where to where, and its contrast."""


def make_detector(config: Config, prior: BarPrior | None) -> Detector:
    """Return the detector for the configured kind of marker."""
    if config.marker.kind == "plate":
        return PlateDetector(prior)
    return RingDetector()


def make_watch(prior: BarPrior | None, room: U8Image | None = None) -> Watch | None:
    """Return what watches a camera that stands; one held in hand needs no telling that it moves.

    ``room`` is the picture of its calibration, where there is one.
    """
    return None if prior is not None and prior.handheld else CameraWatch(room)


def make_body() -> BodyWatch:
    """Return what follows a lifter without stickers."""
    return TrunkWatch()


def warm_up(config: Config) -> None:
    """Compile every kernel of the loop before the first real frame is due.

    Lifts a drawn marker by half a metre and lays it down again, through an engine that is thrown
    away. Compiled kernels are kept on disk, so only the first start of a release takes long.
    """
    detector, watch = make_detector(config, None), make_watch(None)
    engine = Engine(config, "warm-up", None, detector, watch, make_body())
    tall = _drawn(config.marker.kind, WARM_SIDE_PX + WARM_RISE_PX, WARM_REST_PX)
    for seq in range(4 * WARM_RATE_HZ):
        s = seq / WARM_RATE_HZ
        rise = 0.5 * (1.0 - np.cos(2.0 * pi * min(max(s - 1.0, 0.0), 2.0) / 2.0))
        luma = tall[round(WARM_RISE_PX * rise) :][:WARM_SIDE_PX]  # moved, not drawn again
        engine.feed(Frame(seq, round(s * NS_PER_S), 1000, luma))
        engine.sights()
    engine.finish()


def _drawn(kind: str, height_px: int, y_px: float) -> U8Image:
    """Draw a ring target, or a plain dark plate, with soft edges on a grey ground."""
    rows, columns = np.mgrid[0:height_px, 0:WARM_SIDE_PX].astype(np.float64)
    distance = np.hypot(columns - WARM_SIDE_PX / 2 + 0.3, rows - y_px)
    picture = np.full(distance.shape, 120.0)
    near, far = WARM_BACK_PX
    back = (distance > near) & (distance < far) & (columns < WARM_SIDE_PX / 2)
    picture += back * WARM_GREY * np.sin(rows / 5.0) * np.sin(columns / 7.0)
    circles = [(90.0, 40.0)]
    if kind == "ring":
        ratio = INNER_RATIO[Role.BAR]
        circles = [(20.0 * PAPER_RATIO, 230.0), (20.0, 30.0), (20.0 * ratio, 230.0)]
    for radius, level in circles:
        inside = np.clip(radius - distance + 0.5, 0.0, 1.0)
        picture += inside * (level - picture)
    return np.rint(picture).astype(np.uint8)
