"""The engine's eye: a picture becomes the rows that the engine eats. Owns all that sees.

What is seen of the lifter without stickers is only looked for when the bar was seen, in as few
pictures as it takes, and last: it never takes a row from the markers, and when pictures are lost it
is the first to go without.
"""

from typing import Final

import numpy as np

from shinline.config import Config
from shinline.geometry.plane import Plane
from shinline.geometry.shutter import date_rows
from shinline.types import (
    DETECTION,
    FRAME,
    NS_PER_S,
    Bar,
    BarPrior,
    BodySight,
    BodyWatch,
    Detector,
    Facing,
    Frame,
    Role,
    Rows,
    Watch,
)

MAX_DETECTIONS: Final = 10
MAX_BODY_ROWS: Final = 12
LEAST_OFTEN_NS: Final = NS_PER_S // 10
"""However many pictures are lost, the body is looked at so often."""


class Eye:
    """Look at pictures with a detector, a watch over the camera, and one over the body.

    Any of them may be None; without a detector there is nothing to look with.
    """

    def __init__(
        self,
        config: Config,
        prior: BarPrior | None,
        detector: Detector | None,
        watch: Watch | None,
        body: BodyWatch | None,
    ) -> None:
        self._config, self._prior = config, prior
        self._detector, self._watch, self._body = detector, watch, body
        self._rows = np.zeros(MAX_DETECTIONS + MAX_BODY_ROWS, DETECTION)
        self._head = np.zeros(1, FRAME)
        self._seq = self._body_ns = 0

    @property
    def searched(self) -> bool:
        """Whether the detector looked over the whole of the last picture."""
        return bool(getattr(self._detector, "searched", False))

    def look(
        self, frame: Frame, windows: Rows, plane: Plane | None, facing: Facing, resting: bool
    ) -> tuple[np.void, Rows]:
        """Return the FRAME row and the DETECTION rows of a picture, until the next call.

        ``windows`` says where markers are expected, ``resting`` that no bar is being lifted.
        """
        if self._detector is None:
            raise ValueError("an engine without a detector can only be fed detections")
        luma, t_ns, rows = frame.luma, frame.t_ns, self._rows
        count = self._detector.detect(luma, t_ns, windows, rows[:MAX_DETECTIONS])
        date_rows(rows[:count], luma.shape[0], self._config.rig.readout_ms)
        if self._watch is not None and resting:
            count += self._watch.look(luma, t_ns, rows[count:MAX_DETECTIONS])
        if self._body is not None and self._has_time(frame) and self._body.due(t_ns):
            bar = self._bar(rows[:count], plane, facing)
            if bar is not None:
                self._body_ns = t_ns
                count += self._body.look(luma, t_ns, bar, rows[count:])
        self._seq = frame.seq
        head: np.void = self._head[0]
        head["seq"], head["t_ns"] = frame.seq, t_ns
        head["exposure_us"], head["detections"] = frame.exposure_us, count
        return head, rows[:count]

    def sights(self) -> tuple[BodySight, ...]:
        """Return what was last seen of a lifter without stickers, to be drawn."""
        return () if self._body is None else self._body.sights()

    def _has_time(self, frame: Frame) -> bool:
        """Tell whether no picture was lost before this one, or the body has waited too long."""
        lost = frame.seq > self._seq + 1
        return not (lost and 0 <= frame.t_ns - self._body_ns <= LEAST_OFTEN_NS)

    def _bar(self, rows: Rows, plane: Plane | None, facing: Facing) -> Bar | None:
        """Return the bar among the rows of a picture.

        None when it was not seen; and when hip and shoulder wear stickers, which tell more.
        """
        if plane is not None:
            m_per_px = plane.scale_m_per_px
        elif self._prior is not None:
            m_per_px = 0.5 * self._config.marker.plate_diameter_m / self._prior.r_px
        else:
            return None
        found, scene_px, stickers = None, (0.0, 0.0), 0
        for row in rows:
            stickers += row["role"] == Role.HIP or row["role"] == Role.SHOULDER
            if row["role"] == Role.BAR and found is None:
                found = float(row["x_px"]), float(row["y_px"])
            elif row["role"] == Role.SCENE:
                scene_px = float(row["x_px"]), float(row["y_px"])
        if found is None or stickers > 1:
            return None
        sign = 0.0 if facing is Facing.UNKNOWN else facing.sign
        return Bar(*found, m_per_px, sign, scene_px)
