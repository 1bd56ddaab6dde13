"""Pictures that somebody still looks at, and the memory below them."""

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from shinline.types import U8Image


class Lent:
    """Keeps a closed camera's memory for as long as somebody still holds a view of it.

    Whoever asked for a frame has the one before in hand, and memory that is looked at cannot be
    unmapped: the allocator would fail half-way and leave its buffers behind for good.
    """

    def __init__(self) -> None:
        self._last: Callable[[], Any] = lambda: None
        self._kept: list[tuple[Callable[[], Any], Any]] = []

    def note(self, luma: U8Image) -> None:
        """Remember the array that maps the buffer, which every slice of the picture leads to."""
        root: Any = luma
        while isinstance(root.base, np.ndarray):
            root = root.base
        self._last = weakref.ref(root)

    def keep(self, allocator: object) -> None:
        """Hold on to the allocator until the last picture is gone."""
        self._kept.append((self._last, allocator))
        self.settle()

    def settle(self) -> None:
        """Let go of the allocators that nobody looks at any more."""
        self._kept = [(view, allocator) for view, allocator in self._kept if view() is not None]
