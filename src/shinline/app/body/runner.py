"""The body source beside the loop: newest pictures only, and never in its way.

What it answers becomes DETECTION rows of the roles HIP_POSE and SHOULDER_POSE among those of the
next frame, with the time of the picture they are of. The journal keeps them with all the engine
ate, so that a replay needs no network.
"""

import logging
import threading
import time
from collections.abc import Callable
from math import isfinite
from typing import Final

import numpy as np

from shinline.app.body.letterbox import small_copy
from shinline.app.body.opening import open_body
from shinline.config import Config
from shinline.types import (
    DETECTION,
    NS_PER_S,
    BodyPicture,
    BodyPoints,
    BodySensor,
    BodySource,
    Frame,
    FrameSource,
    Keypoint,
    Role,
    Rows,
)

_LOG = logging.getLogger(__name__)

RATE_HZ: Final = 10.0
"""Pictures looked at at most: the first 120 mm of a pull take a third of a second or more."""

SHARE: Final = 0.5
"""Of one core at most, over a picture and the pause after it."""

REST_NS: Final = NS_PER_S
"""How long no picture is looked at after the loop has lost a frame."""

CLOSE_S: Final = 2.0
"""How long a picture in work is waited for at the end."""

ROOM: Final = 64
"""Rows of one frame, the engine's own included."""


def rows_of(points: BodyPoints, out: Rows) -> int:
    """Write hip and shoulder as DETECTION rows and return how many; not what is no number.

    ``var_*`` is the whole uncertainty of the place, ``residual`` the standard deviation (px) of the
    part that is another in each picture, ``quality`` the network's confidence.
    """
    count = 0
    for role, seen in ((Role.HIP_POSE, points.hip), (Role.SHOULDER_POSE, points.shoulder)):
        if seen is None or not _sound(seen):
            continue
        row = out[count]
        row["t_ns"], row["role"], row["x_px"], row["y_px"] = points.t_ns, role, seen.x_px, seen.y_px
        row["var_x_px2"] = row["var_y_px2"] = seen.sd_px**2
        row["cov_xy_px2"] = row["r_px"] = row["contrast"] = 0.0
        row["axis_ratio"], row["residual"], row["quality"] = 1.0, seen.grain_px, seen.confidence
        count += 1
    return count


def _sound(seen: Keypoint) -> bool:
    numbers = seen.x_px, seen.y_px, seen.sd_px, seen.grain_px, seen.confidence
    return all(isfinite(number) for number in numbers) and seen.sd_px > 0.0


class Joiner:
    """Adds a body source's rows to those of the picture that the engine has just looked at."""

    def __init__(self) -> None:
        self._rows = np.zeros(ROOM, DETECTION)

    def join(self, head: np.void, rows: Rows, points: BodyPoints | None) -> Rows:
        """Return the rows for the engine, whose number in ``head`` follows.

        They are overwritten by the next call.
        """
        if points is None or len(rows) > ROOM - 2:
            return rows
        count = len(rows)
        self._rows[:count] = rows
        count += rows_of(points, self._rows[count:])
        head["detections"] = count
        return self._rows[:count]


class BodyRunner:
    """Shows pictures to a body source in a thread of its own, or asks one that needs none.

    Calls come from the loop's thread, and none of them waits.

    Parameters
    ----------
    source
        None: there is none, and nothing is done.
    clock
        Nanoseconds that go forward, for the budget.

    Attributes
    ----------
    looked, answered
        Pictures shown to the source, and those in which it saw somebody.
    given_up
        Pictures that were due and not shown: the one before was in work, or the loop was late.
    problem
        Why the source is not asked any more; empty: it is.

    """

    def __init__(
        self,
        source: BodySource | BodySensor | None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._source = source
        self._clock = clock
        self._joiner = Joiner()
        self._turn = threading.Condition()
        self._picture: BodyPicture | None = None
        self._answer: BodyPoints | None = None
        self._busy = self._closed = False
        self._due_ns = self._rest_ns = self._dropped = 0
        self.looked = self.answered = self.given_up = 0
        self.problem = ""
        self._thread: threading.Thread | None = None
        if source is not None and not isinstance(source, BodySensor):
            self._thread = threading.Thread(
                target=self._work, args=(source,), name="body", daemon=True
            )
            self._thread.start()

    def join(self, head: np.void, rows: Rows) -> Rows:
        """Add what was found since the last frame to a frame's rows, for the engine."""
        if self._source is None:
            return rows
        if isinstance(self._source, BodySensor):
            answer = self._source.body_in_frame()
            self.answered += answer is not None
        else:
            answer, self._answer = self._answer, None
        return self._joiner.join(head, rows, answer)

    def offer(self, frame: Frame, dropped: int) -> None:
        """Show the newest picture if there is time; ``dropped`` counts the camera's lost frames."""
        if self._thread is None or self.problem:
            return
        late, self._dropped = dropped > self._dropped, dropped
        if late:
            self._rest_ns = frame.t_ns + REST_NS
        if frame.t_ns < self._due_ns - NS_PER_S:  # a recording began again, or a clock was set back
            self._due_ns = self._rest_ns = frame.t_ns
        if frame.t_ns < self._due_ns:
            return
        self._due_ns = frame.t_ns + round(NS_PER_S / RATE_HZ)
        if self._busy or frame.t_ns < self._rest_ns:
            self.given_up += 1
            return
        self._busy = True
        picture = small_copy(frame)
        with self._turn:
            self._picture = picture
            self._turn.notify()

    def close(self) -> None:
        """End the thread; what is still in work is waited for a moment, and lost."""
        with self._turn:
            self._closed = True
            self._turn.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_S)
            if self._thread.is_alive():  # it ends with the program; its network is left to it
                _LOG.warning("the body source is still at its last picture and is left behind")
                return
        if self._source is not None:
            self._source.close()

    def __enter__(self) -> "BodyRunner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def summary(self) -> str:
        """What came of it, in a line; empty where there is no source."""
        if self._source is None:
            return ""
        if self._thread is None:
            return f"body source: {self.answered} answers"
        stopped = f"; stopped: {self.problem}" if self.problem else ""
        return (
            f"body source: {self.looked} pictures looked at, somebody seen in {self.answered}, "
            f"{self.given_up} given up{stopped}"
        )

    def _work(self, source: BodySource) -> None:
        while True:
            with self._turn:
                while self._picture is None and not self._closed:
                    self._turn.wait()
                picture, self._picture = self._picture, None
                if self._closed or picture is None:
                    return
            began_ns = self._clock()
            try:
                points = source.look(picture)
            except Exception as problem:  # noqa: BLE001  (a stranger's code; the loop goes on)
                self.problem = f"{type(problem).__name__}: {problem}"
                _LOG.warning("the body source is not asked any more: %s", self.problem)
                return
            self.looked += 1
            self.answered += points is not None
            self._answer = points
            spent_s = (self._clock() - began_ns) / NS_PER_S
            with self._turn:
                if self._turn.wait_for(lambda: self._closed, spent_s * (1.0 / SHARE - 1.0)):
                    return
            self._busy = False


def run_beside(config: Config, source: FrameSource) -> BodyRunner:
    """Start what the configuration asks for.

    Raises
    ------
    ConfigError
        The body source cannot be used.

    """
    return BodyRunner(open_body(config, source))


class InTurn:
    """Shows a body source every n-th picture of a recording and waits: the same rows each time."""

    def __init__(self, config: Config, rate_hz: float) -> None:
        opened = open_body(config, None)
        self._source = None if isinstance(opened, BodySensor) else opened
        self._every = max(1, round(rate_hz / RATE_HZ))
        self._count = 0
        self._joiner = Joiner()

    def join(self, frame: Frame, head: np.void, rows: Rows) -> Rows:
        """Add what the source sees in this very picture, if it is one of those shown to it."""
        due = self._count % self._every == 0
        self._count += 1
        if self._source is None or not due:
            return rows
        return self._joiner.join(head, rows, self._source.look(small_copy(frame)))

    def close(self) -> None:
        """Let go of the source."""
        if self._source is not None:
            self._source.close()
