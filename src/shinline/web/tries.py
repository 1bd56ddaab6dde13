"""How often somebody may try a pairing code."""

from collections.abc import Callable
from typing import Final

BURST: Final = 5
PER_S: Final = 2.0
"""All together: so many at once, and then so many a second."""

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
"""One address waits so long after its second wrong code, twice as long after each further one."""

MOST_DOUBLINGS: Final = 10
"""By then the pause is the longest one, and 2.0 ** 1024 would be an error."""

MOST_ADDRESSES: Final = 256


class Tries:
    """Counts wrong codes, all together and by address. Not safe from several threads.

    ``now_s`` is a clock that never goes back.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._left = float(BURST)
        self._filled_s = now_s()
        self._wrong: dict[str, tuple[int, float]] = {}

    def pause_s(self, address: str) -> float:
        """Return how long an address has to wait before its next try; 0: it may try now."""
        now_s = self._now_s()
        self._left = min(float(BURST), self._left + PER_S * (now_s - self._filled_s))
        self._filled_s = now_s
        _, until_s = self._wrong.get(address, (0, 0.0))
        everybody_s = max(0.0, (1.0 - self._left) / PER_S)
        return max(everybody_s, until_s - now_s)

    def wrong(self, address: str) -> None:
        """Note a wrong code."""
        self._left = max(0.0, self._left - 1.0)
        count = self._wrong.pop(address, (0, 0.0))[0] + 1
        doublings = min(count - 2, MOST_DOUBLINGS)
        pause_s = 0.0 if count < 2 else min(FIRST_PAUSE_S * 2.0**doublings, LONGEST_PAUSE_S)
        while len(self._wrong) >= MOST_ADDRESSES:
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong[address] = (count, self._now_s() + pause_s)

    def right(self, address: str) -> None:
        """Forget what an address did wrong."""
        self._wrong.pop(address, None)
