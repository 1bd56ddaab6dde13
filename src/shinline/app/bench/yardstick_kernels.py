"""The yardsticks of the benchmark: reading a frame once, and how fast bytes are compared."""

import numpy as np

from shinline.kernel import kernel
from shinline.types import IntArray, U8Image


@kernel
def read_once(words: IntArray) -> int:
    """Sum a frame seen as 64-bit words: as fast as memory can be read."""
    total = 0
    for i in range(words.size):
        total += words[i]
    return total


@kernel
def compare_bytes(row: U8Image, times: int, best: U8Image) -> None:
    """Keep in ``best`` how far each byte exceeds the largest of eight others, ``times`` over.

    A search for bright spots with a dark ring, in one dimension: nine loads, nine comparisons and
    one difference for each vector of bytes. ``row`` is 16 bytes longer than ``best``.
    """
    count = best.size
    for turn in range(times):
        at = turn % 8
        centre = row[at + 4 : at + 4 + count]
        a = row[at : at + count]
        b = row[at + 1 : at + 1 + count]
        c = row[at + 2 : at + 2 + count]
        d = row[at + 3 : at + 3 + count]
        e = row[at + 5 : at + 5 + count]
        f = row[at + 6 : at + 6 + count]
        g = row[at + 7 : at + 7 + count]
        h = row[at + 8 : at + 8 + count]
        for i in range(count):
            dark = max(max(max(a[i], b[i]), max(c[i], d[i])), max(max(e[i], f[i]), max(g[i], h[i])))
            above = np.uint8(max(centre[i], dark) - dark)  # the type keeps the vectors full
            best[i] = max(best[i], above)
