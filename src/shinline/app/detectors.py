"""Which detector serves which marker, and the throw-away run that compiles its kernels."""

from math import pi
from typing import Final

import numpy as np

from shinline.config import Config
from shinline.engine import Engine
from shinline.geometry.target import INNER_RATIO, PAPER_RATIO
from shinline.types import NS_PER_S, BarPrior, Detector, Frame, Role, U8Image, Watch
from shinline.vision.plate import PlateDetector
from shinline.vision.ring import RingDetector
from shinline.vision.watch import CameraWatch

WARM_SIDE_PX: Final = 480
WARM_RATE_HZ: Final = 30


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


def warm_up(config: Config) -> None:
    """Compile every kernel of the loop before the first real frame is due.

    Lifts a drawn marker by half a metre and lays it down again, through an engine that is thrown
    away. Compiled kernels are kept on disk, so only the first start of a release takes long.
    """
    engine = Engine(config, "warm-up", None, make_detector(config, None), make_watch(None))
    for seq in range(4 * WARM_RATE_HZ):
        s = seq / WARM_RATE_HZ
        rise = 0.5 * (1.0 - np.cos(2.0 * pi * min(max(s - 1.0, 0.0), 2.0) / 2.0))
        luma = _drawn(config.marker.kind, 340.0 - 200.0 * rise)
        engine.feed(Frame(seq, round(s * NS_PER_S), 1000, luma))
    engine.finish()


def _drawn(kind: str, y_px: float) -> U8Image:
    """Draw a ring target, or a plain dark plate, with soft edges on a grey ground."""
    picture = np.full((WARM_SIDE_PX, WARM_SIDE_PX), 120, np.uint8)
    circles = [(90.0, 40.0)]
    if kind == "ring":
        ratio = INNER_RATIO[Role.BAR]
        circles = [(20.0 * PAPER_RATIO, 230.0), (20.0, 30.0), (20.0 * ratio, 230.0)]
    x_px = WARM_SIDE_PX / 2 - 0.3
    reach = circles[0][0] + 1.0  # only here is anything drawn: the whole took longer than to look
    top, left = int(max(y_px - reach, 0.0)), int(x_px - reach)
    part = picture[top : int(y_px + reach) + 1, left : int(x_px + reach) + 1]
    rows, columns = np.indices(part.shape, np.float64)
    distance = np.hypot(columns + left - x_px, rows + top - y_px)
    values = part.astype(np.float64)
    for radius, level in circles:
        values += np.clip(radius - distance + 0.5, 0.0, 1.0) * (level - values)
    part[:] = np.rint(values)
    return picture
