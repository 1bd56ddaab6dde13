"""Pictures for the phone: made small, drawn into and encoded by a thread of their own.

The loop only copies a picture, at most five times a second, and never waits: while the thread is at
work on one, at most one more waits, and a newer one takes its place.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from shinline.app.body_drawing import Back, draw_sight
from shinline.types import NS_PER_S, Role, U8Image

WIDEST_PX: Final = 960
EVERY_NS: Final = NS_PER_S // 5
JPEG_QUALITY: Final = 70
GREEN: Final = (90, 220, 90)
BLUE: Final = (250, 190, 80)


@dataclass(frozen=True, slots=True)
class Mark:
    """A circle to be drawn, in pixels of the camera's picture."""

    role: Role
    x_px: float
    y_px: float
    r_px: float


Drawn = Mark | Back


class Previewer:
    """Encode what it is given, if it has time, and hand it to ``publish`` on its own thread.

    Use it in a ``with`` statement, or call :meth:`close`.
    """

    def __init__(self, publish: Callable[[bytes], None]) -> None:
        self._publish = publish
        self._turn = threading.Condition()  # guards everything below
        self._waiting: U8Image | None = None
        self._spare: U8Image | None = None
        self._marks: tuple[Drawn, ...] = ()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._taken_ns: int | None = None

    def offer(self, luma: U8Image, t_ns: int, marks: Callable[[], tuple[Drawn, ...]]) -> bool:
        """Take a copy of a borrowed picture if one is due; tell whether it was taken.

        ``marks`` is only asked then. Never waits: when the thread holds the lock (for the time of
        an assignment), this picture is skipped.
        """
        if self._taken_ns is not None and 0 <= t_ns - self._taken_ns < EVERY_NS:
            return False
        if not self._turn.acquire(blocking=False):
            return False
        try:
            picture = self._waiting if self._waiting is not None else self._spare
            if picture is None or picture.shape != luma.shape:
                picture = np.empty(luma.shape, np.uint8)
            np.copyto(picture, luma)
            self._waiting, self._marks, self._spare = picture, marks(), None
            self._taken_ns = t_ns
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="preview", daemon=True)
                self._thread.start()
            self._turn.notify()
        finally:
            self._turn.release()
        return True

    def close(self) -> None:
        """End the thread; what waits is not sent. Closing twice does no harm."""
        with self._turn:
            self._closed = True
            self._turn.notify()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> "Previewer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        while True:
            with self._turn:
                while self._waiting is None and not self._closed:
                    self._turn.wait()
                if self._closed or self._waiting is None:
                    return
                picture, marks, self._waiting = self._waiting, self._marks, None
            self._publish(encode(picture, marks))
            with self._turn:
                if self._spare is None:
                    self._spare = picture


def encode(luma: U8Image, marks: tuple[Drawn, ...]) -> bytes:
    """Return a JPEG, at most ``WIDEST_PX`` wide, with the marks drawn into it."""
    height, width = luma.shape
    share = min(1.0, WIDEST_PX / width)
    small: Any = luma
    if share < 1.0:
        size = WIDEST_PX, max(1, round(height * share))
        small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    picture = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    for mark in marks:
        if isinstance(mark, Back):
            draw_sight(picture, mark.sight, mark.path_px, weak=mark.weak, thick=2, share=share)
        else:
            _draw(picture, mark, share)
    ok, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not ok:
        raise RuntimeError("OpenCV cannot encode JPEG here")
    return bytes(data.tobytes())


def _draw(picture: Any, mark: Mark, share: float) -> None:
    """Draw a circle; pixel centres are whole numbers in both pictures. Who looks adds the words."""
    colour = GREEN if mark.role is Role.BAR else BLUE
    x, y = ((v + 0.5) * share - 0.5 for v in (mark.x_px, mark.y_px))
    radius = max(1, round(mark.r_px * share))
    cv2.circle(picture, (round(x), round(y)), radius, colour, 2, cv2.LINE_AA)
