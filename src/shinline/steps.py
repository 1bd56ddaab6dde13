"""Work for which a frame has no time: a part of it is done with each of the frames after it.

How far it is depends on the frames alone, never on a clock: the same frames do the same.
"""

from collections.abc import Generator
from typing import TypeVar

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
