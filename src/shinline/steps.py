"""Work for which a frame has no time: a part of it is done with each of the frames after it.

How far it is depends on the frames alone, never on a clock: the same frames do the same.
"""

from collections.abc import Generator
from typing import Final, Generic, TypeVar

STEP_NS: Final = 8_000_000
"""A step is due so often; of a slow camera's frames each does several. Work then takes as long with
any camera, a step a frame with one of 120 frames a second."""

MOST: Final = 5
"""Steps that one frame does at most, those of a camera of 24 frames a second."""

T = TypeVar("T")
Steps = Generator[None, None, T]
"""A generator that yields after each step; what it returns is what comes of the work."""


def done(steps: Steps[T]) -> T:
    """Do all of it at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


class Pending(Generic[T]):
    """Work that goes on with the frames; ``result`` is what came of it, None before its end."""

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps
        self._last_ns: int | None = None
        self.result: T | None = None

    def go_on(self, t_ns: int) -> bool:
        """Do what is due with a frame of that time, a step at least; tell whether that was all."""
        since_ns = 0 if self._last_ns is None else t_ns - self._last_ns
        self._last_ns = t_ns
        for _ in range(min(max(1, since_ns // STEP_NS), MOST)):
            try:
                next(self._steps)
            except StopIteration as end:
                self.result = end.value
                return True
        return False
