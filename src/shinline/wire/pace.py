"""How much somebody may send: so much at once, and so much a second after that."""


class Pace:
    """An allowance that is used up and grows back.

    Parameters
    ----------
    burst
        What may be used at once after a quiet time.
    per_s
        How fast it grows back.

    """

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = self._left = burst
        self._per_s = per_s
        self._at_s = 0.0

    def allows(self, now_s: float, cost: float = 1.0) -> bool:
        """Use up ``cost``; return False, and use nothing, when there is not that much left."""
        grown = self._left + (now_s - self._at_s) * self._per_s
        self._left, self._at_s = min(self._burst, grown), now_s
        if self._left < cost:
            return False
        self._left -= cost
        return True

    def full(self, now_s: float) -> bool:
        """Tell whether nothing was used for so long that it is forgotten."""
        return self._left + (now_s - self._at_s) * self._per_s >= self._burst
