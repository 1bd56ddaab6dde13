"""How often something took how long: counts in buckets that grow with what they count.

Everything is allocated beforehand: counting costs the loop some tenths of a microsecond, and
an hour takes as much memory as a second.
"""

from array import array
from typing import Final

_SHARE_BITS: Final = 4
"""Sixteen buckets from each power of two to the next: a bucket is at most 6 % wide."""

_MOST_NS: Final = (1 << 62) - 1
_BUCKETS: Final = (63 - _SHARE_BITS) << _SHARE_BITS


class Histogram:
    """Counts of nanoseconds; what is above 2**62 (146 years) counts as that."""

    def __init__(self) -> None:
        self.counts = array("q", bytes(8 * _BUCKETS))
        self.total = 0
        self.most_ns = 0

    def add(self, ns: int) -> None:
        """Count one; less than nothing counts as nothing."""
        if ns > self.most_ns:
            self.most_ns = ns = min(ns, _MOST_NS)
        elif ns < 0:
            ns = 0
        shift = ns.bit_length() - _SHARE_BITS - 1
        index = ns if shift <= 0 else (shift << _SHARE_BITS) + (ns >> shift)
        self.counts[index] += 1
        self.total += 1

    def percentile_ns(self, percentile: float) -> int:
        """Return what that share of all did not exceed: their bucket's end, or the most."""
        left = percentile / 100.0 * self.total
        for index, count in enumerate(self.counts):
            left -= count
            if count and left <= 1e-9:
                return min(upper_ns(index), self.most_ns)
        return self.most_ns

    def shares(self, edges_ns: tuple[int, ...]) -> list[float]:
        """Return the share below each edge, of what was not below the one before; then the rest.

        A bucket belongs where its end is: an edge is as exact as the buckets are.
        """
        sums = [0] * (len(edges_ns) + 1)
        for index, count in enumerate(self.counts):
            if count:
                sums[sum(upper_ns(index) > edge for edge in edges_ns)] += count
        return [each / self.total for each in sums] if self.total else [0.0] * len(sums)


def upper_ns(index: int) -> int:
    """Return the largest value that is counted in a bucket."""
    shift = max(0, (index >> _SHARE_BITS) - 1)
    return ((index - (shift << _SHARE_BITS) + 1) << shift) - 1
