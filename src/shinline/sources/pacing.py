"""Frames handed out at their own speed: what a file and a simulation have in common.

At real speed a recording behaves like a camera: a frame cannot be had before the moment its
exposure would have ended, and a reader that is late gets the newest frame while the ones it missed
are counted. Otherwise every frame is handed out as soon as it is asked for.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, Protocol, runtime_checkable

from shinline.types import NS_PER_S, CameraIdentity, Frame

_NS_PER_HALF_US: Final = 500


@runtime_checkable
class Reel(Protocol):
    """Frames in order, the next of which can be dated and skipped without being made.

    A producer that can do this (a renderer knows when its next frame is exposed) lets a late
    reader catch up for nothing; a plain iterator has to make the frames that are thrown away.
    """

    def due_ns(self, ahead: int = 0) -> int | None:
        """Return when the exposure of the next frame (or one ``ahead`` of it) ends; None: no more.

        On the clock of the frames' own ``t_ns``.
        """
        ...

    def take(self) -> Frame:
        """Return the next frame and step past it."""
        ...

    def skip(self) -> None:
        """Step past the next frame."""
        ...

    def close(self) -> None:
        """Let go of whatever makes the frames."""
        ...


def exposure_end_ns(frame: Frame) -> int:
    """Return the earliest instant at which the frame can exist, on the clock of its t_ns."""
    return frame.t_ns + frame.exposure_us * _NS_PER_HALF_US


class _IteratorReel:
    """A plain iterator of frames, some of them held back to be dated."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames
        self._held: deque[Frame] = deque()

    def due_ns(self, ahead: int = 0) -> int | None:
        while len(self._held) <= ahead:
            frame = next(self._frames, None)
            if frame is None:
                return None
            self._held.append(frame)
        return exposure_end_ns(self._held[ahead])

    def take(self) -> Frame:
        return self._held.popleft() if self._held else next(self._frames)

    def skip(self) -> None:
        self.take()

    def close(self) -> None:
        close = getattr(self._frames, "close", None)  # generators have one, other iterators not
        if close is not None:
            close()


class PacedFrames:
    """A :class:`~shinline.types.FrameSource` over frames that exist or can be made at any time.

    Parameters
    ----------
    frames : Iterator of Frame, or Reel
        In the order of time. ``t_ns`` counts from any origin; only differences are used when
        ``realtime`` is set.
    width_px, height_px, rate_hz
        Nominal size and rate (> 0). A frame is late when it is older than one nominal period.
    realtime : bool
        True: ``Frame.t_ns`` is moved onto ``clock``, the first frame being due at the first
        ``read``, so that ``now_ns() - t_ns`` is a latency. False: frames pass unchanged, none is
        dropped, and ``now_ns`` is the last frame's time plus what its reader has spent since.
    identity
        Of the camera, where it has one.
    clock, sleep
        Monotonic nanoseconds, and a function that sleeps for about so many seconds.

    """

    def __init__(
        self,
        frames: Iterator[Frame] | Reel,
        name: str,
        width_px: int,
        height_px: int,
        rate_hz: float,
        realtime: bool,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
        identity: CameraIdentity | None = None,
    ) -> None:
        if not rate_hz > 0.0:
            raise ValueError(f"rate_hz: expected a number > 0, got {rate_hz}")
        self.name = name
        self.width_px = width_px
        self.height_px = height_px
        self.rate_hz = self.full_hz = rate_hz
        self.dropped = 0
        self.identity = identity
        self._reel = frames if isinstance(frames, Reel) else _IteratorReel(frames)
        self._realtime = realtime
        self._clock = clock
        self._sleep = sleep
        self._period_ns = round(NS_PER_S / rate_hz)
        self._shift_ns: int | None = None  # clock minus the frames' own time, once started
        self._last_ns = 0
        self._handed_ns = clock()
        self._each = 1
        self._closed = False

    def read(self) -> Frame | None:
        """Return the newest frame, waiting for it when there is none yet; None at the end."""
        if self._closed:
            return None
        self._leave_out(self._each - 1)
        if self._reel.due_ns() is None:
            return None
        frame = self._read_paced() if self._realtime else self._reel.take()
        self._last_ns, self._handed_ns = frame.t_ns, self._clock()
        return frame

    def now_ns(self) -> int:
        """Return the present time on the clock of ``Frame.t_ns``."""
        now_ns = self._clock()
        return now_ns if self._realtime else self._last_ns + now_ns - self._handed_ns

    def close(self) -> None:
        """End the source: every later ``read`` returns None. Closing twice does no harm."""
        if not self._closed:
            self._closed = True
            self._reel.close()

    def take_each(self, count: int) -> float:
        """Hand out only each ``count``-th frame from now on; return the rate this makes.

        What is left out on purpose is not counted as dropped.
        """
        self._each = count
        self.rate_hz = self.full_hz / count
        self._period_ns = round(NS_PER_S / self.rate_hz)
        return self.rate_hz

    def _leave_out(self, count: int) -> None:
        for _ in range(count):
            if self._reel.due_ns() is None:
                return
            self._reel.skip()

    def _read_paced(self) -> Frame:
        if self._shift_ns is None:
            self._shift_ns = self._late_ns()
        self._skip_late()
        while (early_ns := -self._late_ns()) > 0:
            self._sleep(early_ns / NS_PER_S)
        frame = self._reel.take()
        return replace(frame, t_ns=frame.t_ns + self._shift_ns)

    def _late_ns(self, ahead: int = 0) -> int:
        """Return how long ago a frame was due; negative: it is not due yet, or there is none."""
        due_ns = self._reel.due_ns(ahead)
        return -1 if due_ns is None else self._clock() - due_ns - (self._shift_ns or 0)

    def _skip_late(self) -> None:
        """Drop frames whose successor is due as well, for as long as dropping catches up.

        When making a frame takes longer than its period, throwing it away only makes things
        worse: then the reader gets what there is, and its age tells the truth.
        """
        late_ns = self._late_ns()
        while late_ns > self._period_ns and self._late_ns(ahead=self._each) >= 0:
            self._leave_out(self._each)
            self.dropped += 1
            before_ns, late_ns = late_ns, self._late_ns()
            if late_ns >= before_ns:
                return
